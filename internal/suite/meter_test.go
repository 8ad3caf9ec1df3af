package suite

import (
	"crypto"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMeterCountsEveryOperation(t *testing.T) {
	var m Meter
	for _, key := range []crypto.Signer{ed25519Private(t), p256Private(t)} {
		signer, err := NewSigner(key)
		require.NoError(t, err)
		signature, err := Sign(signer, nil, &m)
		require.NoError(t, err)
		require.NoError(t, Verify(signer.PublicKey(), nil, signature, &m))
		require.Error(t, Verify(signer.PublicKey(), []byte{1}, signature, &m), "a refusal costs as much")
		require.Error(t, Verify(signer.PublicKey(), nil, signature[1:], &m), "a wrong length costs nothing")
	}
	for _, c := range agreements {
		key, err := GenerateDH(c.curve, fixedRand(t, c.privateA), &m)
		require.NoError(t, err)
		_, err = key.Shared(unhex(t, c.publicB))
		require.NoError(t, err)
		_, err = key.Shared(nil)
		require.Error(t, err)
		key.Public()
	}
	want := Meter{X25519: 2, Ed25519Sign: 1, Ed25519Verify: 2, P256DH: 2, P256Sign: 1, P256Verify: 2}
	require.Equal(t, want, m)
	require.EqualValues(t, 10, m.Total())

	m.Add(&want)
	require.Equal(t, Meter{X25519: 4, Ed25519Sign: 2, Ed25519Verify: 4, P256DH: 4, P256Sign: 2, P256Verify: 4}, m)
	m.Add(nil)
	require.EqualValues(t, 20, m.Total())
	m.Reset()
	require.Equal(t, Meter{}, m)
}

func TestNilMeterCountsNothing(t *testing.T) {
	var m *Meter
	m.addDH(X25519)
	m.addSign(AlgEd25519)
	m.addVerify(AlgESP256)
	m.Add(&Meter{X25519: 1})
	m.Reset()
	require.Zero(t, m.Total())
}
