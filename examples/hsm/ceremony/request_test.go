package main

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/issuertest"
)

// requests returns one of each kind of key.
func requests(t testing.TB) map[string][]byte {
	t.Helper()
	seed := issuertest.Seed("request")
	out := map[string][]byte{}
	for name, key := range map[string]crypto.Signer{"Ed25519": seed.Key("post"), "P-256": seed.P256("post")} {
		w := wish{
			key: issuertest.Public(key), rights: credential.RightIssue | credential.RightRevoke, longest: 84 * time.Hour, days: 90,
			services: []credential.Service{1, 3}, made: credential.At(time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC)),
		}
		b, err := w.sign(key)
		require.NoError(t, err)
		out[name] = b
	}
	return out
}

func TestRequestIsReadBack(t *testing.T) {
	for name, b := range requests(t) {
		t.Run(name, func(t *testing.T) {
			w, err := parseWish(b)
			require.NoError(t, err)
			body, err := w.body()
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(string(b), string(body)))
			require.Equal(t, []credential.Service{1, 3}, w.services)
			require.Less(t, len(b), 400)
		})
	}
}

func TestRequestThatWasAlteredIsRefused(t *testing.T) {
	for name, b := range requests(t) {
		t.Run(name, func(t *testing.T) {
			for i := range b {
				_, err := parseWish(b[:i])
				require.ErrorIs(t, err, errRequest, "cut to %d", i)
				for _, flip := range []byte{1, 0x20, 0x80} {
					altered := slices.Clone(b)
					altered[i] ^= flip
					_, err = parseWish(altered)
					require.ErrorIs(t, err, errRequest, "byte %d ^ %#x", i, flip)
				}
			}
			for _, more := range []string{"\n", " ", "x", strings.Repeat("x", mostFile)} {
				_, err := parseWish(append(slices.Clone(b), more...))
				require.ErrorIs(t, err, errRequest)
			}
		})
	}
}

// What the form alone does not show must be refused by the claims, signed or not.
func TestWishThatNobodyCouldCertifyIsNotSigned(t *testing.T) {
	key := issuertest.Seed("request").Key("post")
	good := wish{key: issuertest.Public(key), rights: credential.RightTime, days: 1, made: 1}
	_, err := good.sign(key)
	require.NoError(t, err)
	for name, spoil := range map[string]func(*wish){
		"no days":                 func(w *wish) { w.days = 0 },
		"too many days":           func(w *wish) { w.days = mostDays + 1 },
		"no rights":               func(w *wish) { w.rights = 0 },
		"rights of no registry":   func(w *wish) { w.rights = 1 << 20 },
		"services without issue":  func(w *wish) { w.services = []credential.Service{1} },
		"a longest without issue": func(w *wish) { w.longest = time.Hour },
		"services twice": func(w *wish) {
			w.rights, w.longest, w.services = credential.RightIssue, time.Hour, []credential.Service{1, 1}
		},
		"no key":                  func(w *wish) { w.key = credential.PublicKey{} },
		"no time":                 func(w *wish) { w.made = 0 },
		"an end beyond all times": func(w *wish) { w.made = 1<<32 - 1 },
	} {
		t.Run(name, func(t *testing.T) {
			w := good
			spoil(&w)
			_, err := w.sign(key)
			require.ErrorIs(t, err, errRequest)
		})
	}
}

func TestRequestByAnotherKeyIsRefused(t *testing.T) {
	seed := issuertest.Seed("request")
	for name, thief := range map[string]crypto.Signer{"of its kind": seed.Key("thief"), "of another kind": seed.P256("thief")} {
		t.Run(name, func(t *testing.T) {
			w := wish{key: issuertest.Public(seed.Key("post")), rights: credential.RightTime, days: 1, made: 1}
			_, err := w.sign(thief)
			require.ErrorIs(t, err, errStranger, "nor is it written")
			body, err := w.body()
			require.NoError(t, err)
			message, opts := body, crypto.SignerOpts(crypto.Hash(0))
			if name == "of another kind" {
				digest := sha256.Sum256(body)
				message, opts = digest[:], crypto.SHA256
			}
			signature, err := thief.Sign(rand.Reader, message, opts)
			require.NoError(t, err)
			_, err = parseWish(fmt.Appendf(body, "signature %x\n", signature))
			require.ErrorIs(t, err, errRequest)
			require.ErrorContains(t, err, "not by the key")
		})
	}
}

func FuzzParseWish(f *testing.F) {
	for _, b := range requests(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := parseWish(b)
		if err != nil {
			require.ErrorIs(t, err, errRequest)
			return
		}
		body, err := w.body()
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(string(b), string(body)))
	})
}
