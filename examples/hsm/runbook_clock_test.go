package hsm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/issuertest"
)

// Runbook, "time source: the key is in other hands".
func TestTimeSourceKeyIsStolen(t *testing.T) {
	w := newTown(t)
	b := w.box(t)
	key := w.key(t, "clock")
	clock := certify(t, w.Scheme, credential.AuthorityClaims{
		Key: issuertest.Public(key), IssuedAt: w.Now - day, Expires: w.Now + 30*day, Rights: credential.RightTime,
	})
	source, err := issuer.NewTimeSource(key, clock)
	require.NoError(t, err)
	post := authorities(w.Post.Authority())
	grant := w.round(t, w.Post, "postman", w.Now)
	b.opens(t, w.phone(t, "postman", grant, post), deliver)

	// The thief states the last moment of the certificate: every grant of today is over.
	future, err := source.State(clock.Expires(), 60)
	require.NoError(t, err)
	thief := w.round(t, w.Post, "thief", w.Now) // any good right will do
	bring := func() {
		_, _ = w.phone(t, "thief", thief, authorities(w.Post.Authority(), clock), future).Status(t.Context(), b.field(t))
	}
	bring()
	require.Equal(t, clock.Expires(), b.lock.Floor(), "and no later")
	b.refuses(t, w.phone(t, "postman", grant, post), deliver, credential.ReasonExpired)
	b.opens(t, w.owner(t), credential.OperationOpen) // the owner needs no time

	reset := func(version uint32) []byte {
		return w.Policy(func(c *credential.PolicyClaims) { c.Version, c.IssuedAt, c.Reset = version, w.Now+60, true })
	}
	// A reset alone is undone by the next token.
	b.hears(t, w.owner(t, reset(2)))
	b.opens(t, w.phone(t, "postman", grant, post), deliver)
	bring()
	b.refuses(t, w.phone(t, "postman", grant, post), deliver, credential.ReasonExpired)

	// The scheme's list first, and then the reset: at the latest with the owner's phone.
	b.hears(t, w.owner(t, deny(t, w.Scheme, w.Now, 1, clock), reset(3)))
	require.Equal(t, w.Now+60, b.lock.Floor())
	bring()
	require.Equal(t, w.Now+60, b.lock.Floor())
	b.opens(t, w.phone(t, "postman", grant, post), deliver)

	// A source with a new key is heard again.
	newKey := w.key(t, "clock 2")
	newClock := certify(t, w.Scheme, credential.AuthorityClaims{
		Key: issuertest.Public(newKey), IssuedAt: w.Now, Expires: w.Now + 30*day, Rights: credential.RightTime,
	})
	source, err = issuer.NewTimeSource(newKey, newClock)
	require.NoError(t, err)
	token, err := source.State(w.Now+3600, 60)
	require.NoError(t, err)
	b.hears(t, w.phone(t, "postman", grant, authorities(w.Post.Authority(), newClock), token))
	require.Equal(t, w.Now+3600, b.lock.Floor())
}
