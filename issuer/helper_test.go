package issuer_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
)

const (
	now  credential.Time = 1_800_000_000
	hour credential.Time = 3600
	day                  = 24 * hour
)

var lockID = credential.LockID{1, 2, 3, 4, 5, 6, 7, 8}

// edKey and p256Key return private keys that derive from a name.
func edKey(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func p256Key(name string) *ecdsa.PrivateKey {
	scalar := sha256.Sum256([]byte(name))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
	if err != nil {
		panic(err)
	}
	return key
}

// remote is a key that does not show its private half, as in a hardware module.
type remote struct {
	public crypto.PublicKey
	sign   func(digest []byte, opts crypto.SignerOpts) ([]byte, error)
}

func (r remote) Public() crypto.PublicKey { return r.public }

func (r remote) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return r.sign(digest, opts)
}

// hide puts a key behind a remote one.
func hide(key crypto.Signer) remote {
	return remote{key.Public(), func(digest []byte, opts crypto.SignerOpts) ([]byte, error) { return key.Sign(nil, digest, opts) }}
}

func public(t testing.TB, key crypto.Signer) credential.PublicKey {
	t.Helper()
	k, err := credential.NewPublicKey(key.Public())
	require.NoError(t, err)
	return k
}

// postClaims are what the scheme says of the operator with the key.
func postClaims(t testing.TB, key crypto.Signer) credential.AuthorityClaims {
	return credential.AuthorityClaims{
		Key: public(t, key), IssuedAt: now, Expires: now + 90*day,
		Services: []credential.Service{credential.ServicePost, credential.ServicePress},
		Rights:   credential.RightIssue | credential.RightTime, LongestGrant: 84 * time.Hour,
	}
}

// makerClaims are what the scheme says of the maker with the key.
func makerClaims(t testing.TB, key crypto.Signer) credential.AuthorityClaims {
	return credential.AuthorityClaims{Key: public(t, key), IssuedAt: now, Expires: now + 90*day, Rights: credential.RightLock}
}

// certify has the scheme with the root key certify the claims, and verifies
// what it signed.
func certify(t testing.TB, root crypto.Signer, c credential.AuthorityClaims) *credential.Authority {
	t.Helper()
	scheme, err := issuer.NewScheme(root)
	require.NoError(t, err)
	data, err := scheme.Certify(c)
	require.NoError(t, err)
	u, err := credential.ParseAuthority(data)
	require.NoError(t, err)
	require.Equal(t, c, u.Claims)
	v := credential.Verifier{Roots: []credential.PublicKey{scheme.PublicKey()}}
	a, err := v.Authority(u)
	require.NoError(t, err)
	return a
}

// newPost returns an operator with the key.
func newPost(t testing.TB, key crypto.Signer) *issuer.Operator {
	t.Helper()
	o, err := issuer.NewOperator(key, certify(t, edKey("root"), postClaims(t, key)))
	require.NoError(t, err)
	return o
}

// roundClaims are a grant that an operator gives its staff for a day.
func roundClaims(t testing.TB) credential.GrantClaims {
	return credential.GrantClaims{
		Holder: public(t, edKey("postman")), IssuedAt: now + hour, NotBefore: now + 2*hour, Expires: now + 12*hour,
		Scope: []credential.Entry{
			{Target: credential.AreaTarget([]byte("FR75011042")), Actions: credential.ActionDeliver | credential.ActionCollect, Service: credential.ServicePost},
			{Target: credential.LockTarget(lockID), Actions: credential.ActionDeliver, Service: credential.ServicePress, PolicyVersion: 3},
		},
	}
}

// guestClaims are a grant that an owner gives a neighbour.
func guestClaims(t testing.TB) credential.GrantClaims {
	return credential.GrantClaims{
		Holder: public(t, p256Key("neighbour")), IssuedAt: now, Expires: now + 30*day,
		Scope: []credential.Entry{{Target: credential.LockTarget(lockID), Actions: credential.ActionOpen}},
	}
}

// requireReason holds that err has the reason, from package credential.
func requireReason(t testing.TB, err error, want credential.Reason) {
	t.Helper()
	var e *credential.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, want.String(), e.Reason.String(), err.Error())
}
