package edhoc

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// infoOf is info of EDHOC_KDF for an empty context and a length below 256.
func infoOf(label byte, length byte) string {
	if length < 24 {
		return string([]byte{label, 0x40, length})
	}
	return string([]byte{label, 0x40, 0x18, length})
}

// TestResumptionByTheFormulas computes chapter 15 anew with the standard library.
func TestResumptionByTheFormulas(t *testing.T) {
	secret := ResumptionSecret(bytes.Repeat([]byte{0x11}, 32))
	nonce := ResumptionNonce{1, 2, 3, 4, 5, 6, 7, 8}
	selectHash := bytes.Repeat([]byte{0x22}, 32)
	expand := func(prk []byte, label, length byte) []byte {
		b, err := hkdf.Expand(sha256.New, prk, infoOf(label, length), int(length))
		require.NoError(t, err)
		return b
	}
	prk, err := hkdf.Extract(sha256.New, secret[:], append(nonce[:], selectHash...))
	require.NoError(t, err)

	resumed, err := secret.Resume(nonce, selectHash)
	require.NoError(t, err)
	id, err := resumed.ID()
	require.NoError(t, err)
	require.Equal(t, expand(prk, 1, 8), id[:])
	next, err := secret.Next()
	require.NoError(t, err)
	require.Equal(t, expand(secret[:], 3, 32), next[:])

	want, err := newChannel(expand(prk, 2, 58), false)
	require.NoError(t, err)
	phone, err := resumed.Channel(true)
	require.NoError(t, err)
	sealed, err := phone.Seal([]byte{0xA1, 0x01, 0x01})
	require.NoError(t, err)
	plain, err := want.Open(sealed)
	require.NoError(t, err)
	require.Equal(t, []byte{0xA1, 0x01, 0x01}, plain)
}

// TestResumptionDependsOnEverything changes secret, nonce and SELECT hash, each
// alone: id and channel are others.
func TestResumptionDependsOnEverything(t *testing.T) {
	type input struct {
		secret ResumptionSecret
		nonce  ResumptionNonce
		hash   [32]byte
	}
	ids, seals := map[ResumptionID]bool{}, map[string]bool{}
	for _, in := range []input{{}, {secret: ResumptionSecret{1}}, {nonce: ResumptionNonce{1}}, {hash: [32]byte{1}}} {
		r, err := in.secret.Resume(in.nonce, in.hash[:])
		require.NoError(t, err)
		id, err := r.ID()
		require.NoError(t, err)
		c, err := r.Channel(true)
		require.NoError(t, err)
		sealed, err := c.Seal(nil)
		require.NoError(t, err)
		ids[id], seals[string(sealed)] = true, true
	}
	require.Len(t, ids, 4)
	require.Len(t, seals, 4)
}

func TestResumptionWantsAWholeHash(t *testing.T) {
	var s ResumptionSecret
	_, err := s.Resume(ResumptionNonce{}, make([]byte, 31))
	require.ErrorIs(t, err, ErrLocal)
	_, err = new(Exporter).Resumption(make([]byte, 31))
	require.ErrorIs(t, err, ErrLocal)
	_, err = new(Exporter).Resumption(make([]byte, 32))
	require.ErrorIs(t, err, ErrUsed)
}

func TestResumeDataOfEveryLength(t *testing.T) {
	whole := AppendResume(nil, ResumptionNonce{1}, ResumptionID{2})
	for n := range 64 {
		data := append(bytes.Clone(whole), make([]byte, 64)...)[:n]
		nonce, id, sealed, err := SplitResume(data)
		if n <= 24 {
			require.ErrorIs(t, err, ErrMalformed)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, ResumptionNonce{1}, nonce)
		require.Equal(t, ResumptionID{2}, id)
		require.Len(t, sealed, n-16)
	}
}

func TestResumptionSecretsAreNotPrinted(t *testing.T) {
	s := ResumptionSecret(bytes.Repeat([]byte{0xAB}, 32))
	r, err := s.Resume(ResumptionNonce{}, make([]byte, 32))
	require.NoError(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%s", "%d"} {
		require.NotContains(t, fmt.Sprintf(verb, s)+fmt.Sprintf(verb, &s), "ab")
		require.Equal(t, "edhoc.ResumptionSecret", fmt.Sprintf(verb, s))
		require.Equal(t, "edhoc.Resumed", fmt.Sprintf(verb, *r))
	}
}
