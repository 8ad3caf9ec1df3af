package postern_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"testing"

	"github.com/stretchr/testify/require"

	postern "github.com/postern-lock/postern/examples/mobile"
)

// TestPublicKeyForms reads each key in the forms that the platforms give, which are
// the same key, and refuses others.
func TestPublicKeyForms(t *testing.T) {
	s := newScene(t, false)
	text := func(key []byte) (string, error) {
		s.platform.Key = keyOf{func() ([]byte, error) { return key, nil }, nil}
		phone, err := postern.NewPhone(s.platform, s.trust)
		if err != nil {
			return "", err
		}
		return phone.PublicKey(), nil
	}
	info := func(key any) []byte {
		b, err := x509.MarshalPKIXPublicKey(key)
		require.NoError(t, err)
		return b
	}
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	point, err := p256.PublicKey.Bytes()
	require.NoError(t, err)
	ed, _, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	for _, forms := range [][2][]byte{{info(&p256.PublicKey), point}, {info(ed), ed}} {
		a, err := text(forms[0])
		require.NoError(t, err)
		b, err := text(forms[1])
		require.NoError(t, err)
		require.Equal(t, a, b)
		for n := range forms[0] {
			_, err := text(forms[0][:n])
			if n != ed25519.PublicKeySize { // which is the length of a key
				requireCode(t, postern.CodeKey, err)
			}
		}
		_, err = text(append(forms[0], 0))
		requireCode(t, postern.CodeKey, err)
	}
	off := append([]byte(nil), point...)
	off[64] ^= 1
	for name, key := range map[string][]byte{"P-384": info(&p384.PublicKey), "off the curve": off, "nothing": nil} {
		_, err := text(key)
		requireCode(t, postern.CodeKey, err)
		require.Error(t, err, name)
	}
}
