package hsm_test

import (
	"crypto"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/hsm"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/issuertest"
)

// granting is an operator whose key is in the fake.
func granting(t *testing.T, key crypto.Signer) (*issuer.Operator, credential.GrantClaims) {
	t.Helper()
	w := issuertest.New("fake")
	c := w.PostClaims()
	c.Key = issuertest.Public(key)
	o, err := issuer.NewOperator(key, w.Certified(c))
	require.NoError(t, err)
	return o, w.RoundClaims(w.Key("postman"))
}

func TestOperatorGoesOnWhenTheTokenAnswersAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		_, key := open(t, f)
		post, claims := granting(t, key)
		before, err := post.Grant(claims)
		require.NoError(t, err)
		thaw := f.freeze("Sign")
		for range 3 {
			grant, err := post.Grant(claims)
			require.ErrorIs(t, err, hsm.ErrSilent)
			require.Nil(t, grant)
		}
		thaw()
		synctest.Wait()
		after, err := post.Grant(claims)
		require.NoError(t, err)
		require.Equal(t, before, after, "the same grant, not a second one")
	})
}

func TestSignatureOfATokenGoneMadIsNotHandedOn(t *testing.T) {
	f := newFake()
	_, key := open(t, f)
	post, claims := granting(t, key)
	f.mad = true
	grant, err := post.Grant(claims)
	require.ErrorIs(t, err, issuer.ErrKey)
	require.Nil(t, grant)
}
