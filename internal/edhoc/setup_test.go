package edhoc

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSetupProofByTheFormula computes it anew with the standard library.
func TestSetupProofByTheFormula(t *testing.T) {
	forEachSuite(t, func(t *testing.T, f fixture) {
		x := f.run(t)
		secret := bytes.Repeat([]byte{0x33}, 16)
		exported, err := x.exporterI.Export(32770, selectHash, 32)
		require.NoError(t, err)
		mac := hmac.New(sha256.New, secret)
		mac.Write(exported)

		phone, err := x.exporterI.SetupProof(selectHash, secret)
		require.NoError(t, err)
		require.Equal(t, mac.Sum(nil)[:16], phone)
		lock, err := x.exporterR.SetupProof(selectHash, secret)
		require.NoError(t, err)
		require.Equal(t, phone, lock)
	})
}

// TestSetupProofDependsOnEverything: a proof is worth nothing in another
// transaction, nor for another secret.
func TestSetupProofDependsOnEverything(t *testing.T) {
	one, other := newFixture(t, 0, "kid").run(t), newFixture(t, 0, "kccs").run(t)
	secret, hash := make([]byte, 16), make([]byte, 32)
	proofs := map[string]bool{}
	for _, c := range []struct {
		x            *transcript
		hash, secret []byte
	}{{one, hash, secret}, {other, hash, secret}, {one, selectHash, secret}, {one, hash, append([]byte{1}, secret[1:]...)}} {
		proof, err := c.x.exporterI.SetupProof(c.hash, c.secret)
		require.NoError(t, err)
		proofs[string(proof)] = true
	}
	require.Len(t, proofs, 4)
}

func TestSetupProofWantsAWholeHashAndSecret(t *testing.T) {
	x := newFixture(t, 0, "kid").run(t)
	for _, n := range []int{0, 15, 17} {
		_, err := x.exporterI.SetupProof(selectHash, make([]byte, n))
		requireFault(t, err, ErrLocal, "secret")
	}
	_, err := x.exporterI.SetupProof(make([]byte, 31), make([]byte, 16))
	requireFault(t, err, ErrLocal, "selectHash")
	_, err = new(Exporter).SetupProof(make([]byte, 32), make([]byte, 16))
	require.ErrorIs(t, err, ErrUsed)
}
