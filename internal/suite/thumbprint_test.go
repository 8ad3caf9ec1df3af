package suite

import (
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"
)

// RFC 9679, section 6: the example, a key of P-256.
func TestThumbprintRFC9679(t *testing.T) {
	key, err := NewP256(
		unhex(t, "65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d"),
		unhex(t, "1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c"))
	require.NoError(t, err)
	thumbprint := Thumbprint(key)
	require.Equal(t, unhex(t, "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec"), thumbprint[:])
	id := KeyID(key)
	require.Equal(t, unhex(t, "496bd8afadf307e5"), id[:])
}

func TestThumbprintOfEd25519(t *testing.T) {
	key := ed25519Key(t)
	input := append(unhex(t, "a3 0101 2006 215820"), key.X()...)
	require.Equal(t, sha256.Sum256(input), Thumbprint(key))
}

// A key has one thumbprint, however it was written.
func TestThumbprintOfCompressedKey(t *testing.T) {
	key, err := NewP256Compressed(unhex(t, p256Gx), true)
	require.NoError(t, err)
	require.Equal(t, Thumbprint(generator(t)), Thumbprint(key))
	negative, err := NewP256Compressed(unhex(t, p256Gx), false)
	require.NoError(t, err)
	require.NotEqual(t, Thumbprint(key), Thumbprint(negative))
}

func TestZeroKeyHasNoThumbprint(t *testing.T) {
	require.Zero(t, Thumbprint(PublicKey{}))
	require.Zero(t, KeyID(PublicKey{}))
}
