package suite

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestKeyAsText(t *testing.T) {
	ed, _, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	keys := []any{ed}
	for range 8 { // both signs of y
		p, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(t, err)
		keys = append(keys, &p.PublicKey)
	}
	for _, k := range keys {
		key, err := FromCrypto(k)
		require.NoError(t, err)
		b, err := json.Marshal(map[string]PublicKey{"key": key})
		require.NoError(t, err)
		var again map[string]PublicKey
		require.NoError(t, json.Unmarshal(b, &again))
		require.Equal(t, key, again["key"])
	}
}

func TestKeyAsTextIsRefused(t *testing.T) {
	_, err := json.Marshal(PublicKey{})
	require.Error(t, err, "the zero key is no key")
	ed, _, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	key, err := NewEd25519(ed)
	require.NoError(t, err)
	good, err := key.MarshalText()
	require.NoError(t, err)
	for _, text := range []string{
		"", "ed25519", "ed25519:", string(good[:len(good)-1]), string(good) + "0", string(good) + "00",
		"p256:" + string(good[8:]), "P256:00", strings.ToUpper(string(good)), "ed25519:" + strings.ToUpper(string(good[8:])) + "AB",
		"ed25519:" + strings.Repeat("00", 32), "ed25519:01" + strings.Repeat("00", 31), // small order
		"p256:04" + strings.Repeat("11", 32), "p256:02" + strings.Repeat("ff", 32),
	} {
		k := key
		require.ErrorIs(t, k.UnmarshalText([]byte(text)), ErrKey, text)
		require.Equal(t, key, k, "a refused text changes nothing")
	}
}

func FuzzKeyText(f *testing.F) {
	f.Add([]byte("ed25519:" + strings.Repeat("00", 32)))
	f.Add([]byte("p256:02" + strings.Repeat("11", 32)))
	f.Fuzz(func(t *testing.T, text []byte) {
		var k PublicKey
		if k.UnmarshalText(text) != nil {
			return
		}
		again, err := k.MarshalText()
		require.NoError(t, err)
		require.Equal(t, string(text), string(again))
	})
}
