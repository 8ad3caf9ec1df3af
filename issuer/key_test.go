package issuer_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
)

func TestKeysThatCannotBeUsed(t *testing.T) {
	p384, err := ecdsa.ParseRawPrivateKey(elliptic.P384(), slices.Repeat([]byte{1}, 48))
	require.NoError(t, err)
	mixed := slices.Clone(edKey("a"))
	copy(mixed[32:], edKey("b")[32:])
	torn := *p256Key("a")
	torn.PublicKey = p256Key("b").PublicKey
	for name, key := range map[string]crypto.Signer{
		"none":                             nil,
		"no Ed25519 key":                   ed25519.PrivateKey(nil),
		"no pointer to an Ed25519 key":     (*ed25519.PrivateKey)(nil),
		"a short Ed25519 key":              edKey("a")[:63],
		"an Ed25519 key of two halves":     mixed,
		"no P-256 key":                     (*ecdsa.PrivateKey)(nil),
		"an empty P-256 key":               new(ecdsa.PrivateKey),
		"a P-256 key of two halves":        &torn,
		"P-384":                            p384,
		"elsewhere, without a public half": remote{},
		"elsewhere, of another kind":       remote{public: "key"},
		"elsewhere, of small order":        remote{public: ed25519.PublicKey(make([]byte, 32))},
		"elsewhere, P-384":                 hide(p384),
	} {
		t.Run(name, func(t *testing.T) {
			authority := certify(t, edKey("root"), postClaims(t, edKey("post")))
			_, err := issuer.NewScheme(key)
			require.ErrorIs(t, err, issuer.ErrKey)
			_, err = issuer.NewOwner(key)
			require.ErrorIs(t, err, issuer.ErrKey)
			_, err = issuer.NewOperator(key, authority)
			require.ErrorIs(t, err, issuer.ErrKey)
			_, err = issuer.NewMaker(key, authority)
			require.ErrorIs(t, err, issuer.ErrKey)
			_, err = issuer.NewRevoker(key, authority)
			require.ErrorIs(t, err, issuer.ErrKey)
			_, err = issuer.NewTimeSource(key, authority)
			require.ErrorIs(t, err, issuer.ErrKey)
		})
	}
}

func TestCertificatesThatDoNotFit(t *testing.T) {
	post, maker := edKey("post"), edKey("maker")
	forPost := certify(t, edKey("root"), postClaims(t, post))
	forMaker := certify(t, edKey("root"), makerClaims(t, maker))
	for name, c := range map[string]struct {
		err    func() error
		detail string
	}{
		"operator without":                {func() error { _, err := issuer.NewOperator(post, nil); return err }, "missing"},
		"operator with an empty one":      {func() error { _, err := issuer.NewOperator(post, new(credential.Authority)); return err }, "is for the key"},
		"operator with another's":         {func() error { _, err := issuer.NewOperator(maker, forPost); return err }, "is for the key"},
		"operator with the right lock":    {func() error { _, err := issuer.NewOperator(maker, forMaker); return err }, "gives lock, not issue"},
		"maker without":                   {func() error { _, err := issuer.NewMaker(maker, nil); return err }, "missing"},
		"maker with another's":            {func() error { _, err := issuer.NewMaker(post, forMaker); return err }, "is for the key"},
		"revoker without":                 {func() error { _, err := issuer.NewRevoker(post, nil); return err }, "missing"},
		"revoker with another's":          {func() error { _, err := issuer.NewRevoker(maker, forPost); return err }, "is for the key"},
		"revoker with other rights":       {func() error { _, err := issuer.NewRevoker(post, forPost); return err }, "gives issue+time, not revoke"},
		"time source without":             {func() error { _, err := issuer.NewTimeSource(post, nil); return err }, "missing"},
		"time source with another's":      {func() error { _, err := issuer.NewTimeSource(maker, forPost); return err }, "is for the key"},
		"time source with the right lock": {func() error { _, err := issuer.NewTimeSource(maker, forMaker); return err }, "gives lock, not time"},
		"maker with the right issue":      {func() error { _, err := issuer.NewMaker(post, forPost); return err }, "gives issue+time, not lock"},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.err()
			require.ErrorIs(t, err, issuer.ErrKey)
			require.ErrorContains(t, err, c.detail)
		})
	}
}

// TestKeysThatFailToSign holds that a key that fails, or signs something else,
// gives no object away.
func TestKeysThatFailToSign(t *testing.T) {
	broken := errors.New("module is locked")
	returns := func(signature []byte, err error) func([]byte, crypto.SignerOpts) ([]byte, error) {
		return func([]byte, crypto.SignerOpts) ([]byte, error) { return signature, err }
	}
	signedBy := func(key crypto.Signer) func([]byte, crypto.SignerOpts) ([]byte, error) { return hide(key).sign }
	ed, p256 := edKey("owner").Public(), p256Key("owner").Public()
	for name, c := range map[string]struct {
		key   remote
		wraps error
	}{
		"Ed25519, an error":           {remote{ed, returns(nil, broken)}, broken},
		"Ed25519, nothing":            {remote{ed, returns(nil, nil)}, nil},
		"Ed25519, 63 bytes":           {remote{ed, returns(make([]byte, 63), nil)}, nil},
		"Ed25519, 65 bytes":           {remote{ed, returns(make([]byte, 65), nil)}, nil},
		"Ed25519, zeros":              {remote{ed, returns(make([]byte, 64), nil)}, issuer.ErrKey},
		"Ed25519, by another":         {remote{ed, signedBy(edKey("other"))}, issuer.ErrKey},
		"P-256, an error":             {remote{p256, returns(nil, broken)}, broken},
		"P-256, nothing":              {remote{p256, returns(nil, nil)}, nil},
		"P-256, not DER":              {remote{p256, returns(make([]byte, 64), nil)}, nil},
		"P-256, r and s of zero":      {remote{p256, returns([]byte{0x30, 6, 2, 1, 0, 2, 1, 0}, nil)}, nil},
		"P-256, r and s of one":       {remote{p256, returns([]byte{0x30, 6, 2, 1, 1, 2, 1, 1}, nil)}, issuer.ErrKey},
		"P-256, by another":           {remote{p256, signedBy(p256Key("other"))}, issuer.ErrKey},
		"P-256, an Ed25519 signature": {remote{p256, func(d []byte, _ crypto.SignerOpts) ([]byte, error) { return ed25519.Sign(edKey("owner"), d), nil }}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			owner, err := issuer.NewOwner(c.key)
			require.NoError(t, err)
			data, err := owner.Grant(guestClaims(t))
			require.Nil(t, data)
			require.ErrorContains(t, err, "unsigned grant")
			if c.wraps != nil {
				require.ErrorIs(t, err, c.wraps)
			}
		})
	}
}

// TestNothingIsSignedThatIsRefused holds that claims are checked before the key
// is asked, which may cost a person's finger on a sensor.
func TestNothingIsSignedThatIsRefused(t *testing.T) {
	key := edKey("post")
	asked := 0
	counting := hide(key)
	sign := counting.sign
	counting.sign = func(d []byte, o crypto.SignerOpts) ([]byte, error) { asked++; return sign(d, o) }
	operator := newPost(t, counting)
	claims := roundClaims(t)
	claims.Scope[0].Service = credential.ServiceWater
	_, err := operator.Grant(claims)
	requireReason(t, err, credential.ReasonService)
	require.Zero(t, asked)
	_, err = operator.Grant(roundClaims(t))
	require.NoError(t, err)
	require.Equal(t, 1, asked)
}

// TestZeroValuesSignNothing holds that an issuer that New did not make fails.
func TestZeroValuesSignNothing(t *testing.T) {
	_, err := new(issuer.Scheme).Certify(postClaims(t, edKey("post")))
	requireReason(t, err, credential.ReasonAlgorithm)
	_, err = new(issuer.Maker).Certify(credential.LockClaims{Key: public(t, edKey("lock")), IssuedAt: now})
	requireReason(t, err, credential.ReasonAlgorithm)
	_, err = new(issuer.Operator).Grant(roundClaims(t))
	requireReason(t, err, credential.ReasonAlgorithm)
	_, err = new(issuer.Owner).Grant(guestClaims(t))
	requireReason(t, err, credential.ReasonAlgorithm)
	require.True(t, new(issuer.Owner).PublicKey().IsZero())
	require.Nil(t, new(issuer.Operator).Authority())
}

// TestNoSecretIsPrinted prints issuers in every way and looks for the secret.
func TestNoSecretIsPrinted(t *testing.T) {
	key := edKey("post")
	seed := key.Seed()
	secrets := []string{hex.EncodeToString(seed[:4]), strings.Trim(fmt.Sprint(seed[:4]), "[]"), fmt.Sprintf("%#v", seed[:4])[len("[]byte{"):len("[]byte{0x00, 0x00")]}
	scheme, err := issuer.NewScheme(key)
	require.NoError(t, err)
	for _, v := range []any{newPost(t, key), *newPost(t, key), scheme, *scheme} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
			for _, secret := range secrets {
				require.NotContains(t, fmt.Sprintf(format, v), secret, format)
			}
		}
	}
}
