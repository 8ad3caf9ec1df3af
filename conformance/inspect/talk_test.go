package inspect

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/spec"
)

const (
	selects = "00a4040009f0504f535445524e0100"
	fci     = "6f20851e8401187d48102030405060708050000102030405060708090a0b0c0d0e0f9000"
)

func TestEveryByteOfASelect(t *testing.T) {
	var talk Talk
	require.Equal(t, `command SELECT
   0  00                        CLA: of ISO/IEC 7816-4
   1  a4                        INS: SELECT
   2  04                        P1: by name
   3  00                        P2
   4  09                        Lc: 9 bytes of data
   5  f0504f535445524e01          AID of the standard
  14  00                        Le: an answer of up to 256 bytes
nothing is wrong with it, as far as it shows by itself
`, talk.Command(unhex(t, selects)).String())
	require.Equal(t, `response 9000 ok
   0  6f20                        6F: answer to SELECT, file control information of 32 bytes
   2  851e                        85: proprietary element of 30 bytes
   4  84                          array of 4
   5  01                            version: 1
   6  187d                          capabilities: 125 (suite-2, resumption, live-time, uses, compartments, clock)
   8  481020304050607080            lock id: h'1020304050607080'
  17  50000102030405060708090a      nonce: h'000102030405060708090a0b0c0d0e0f'
      0b0c0d0e0f
  34  9000                      status word: 9000 ok
nothing is wrong with it, as far as it shows by itself
`, talk.Response(unhex(t, fci)).String())
}

func TestTalkKnowsWhatIsAnswered(t *testing.T) {
	var talk Talk
	share := strings.Repeat("ab", 32)
	f := talk.Command(unhex(t, "80100000"+"25"+"0000"+"5820"+share+"00"+"00"))
	for _, says := range []string{"METHOD: 0", "suites: 0 (x25519-ed25519)", "G_X: byte string of 32 bytes", "C_I: 0", "by kid"} {
		require.Contains(t, f.String(), says)
	}
	require.Contains(t, talk.Response(unhex(t, "5823"+share+"010203"+"9000")).String(), "CIPHERTEXT_2: encrypted, 3 bytes")
	require.Contains(t, talk.Response(unhex(t, "02820002"+"9000")).String(), "ERR_CODE: 2")
	require.Contains(t, talk.Command(unhex(t, "8012000012"+"450102030405"+"a1a2a3a4a5a6a7a8a9aaabac"+"00")).String(), "message_3: byte string of 5 bytes, encrypted")
	answer := talk.Response(unhex(t, "0102030405060708090a9000"))
	require.Contains(t, answer.String(), "sealed response: encrypted, 2 bytes")
	require.Contains(t, talk.Command(unhex(t, "8014000003010203"+"00")).String(), "3 bytes are too few for a sealed request")
	require.Contains(t, talk.Command(unhex(t, "8016000019"+strings.Repeat("0102030405060708", 3)+"0900")).String(), "resumption id")
}

func TestTalkJoins(t *testing.T) {
	var talk Talk
	require.Contains(t, talk.Command(unhex(t, "9014000005"+"0102030405")).String(), "link of a chain, from byte 0")
	talk.Response(unhex(t, "9000"))
	f := talk.Command(unhex(t, "8014000005"+"060708090a"+"00"))
	require.Contains(t, f.String(), "last link of a chain, from byte 5")
	require.Len(t, f.Joined, 1)
	require.Contains(t, f.String(), "the 10 bytes of the chain, joined\n   0  0102                        sealed request: encrypted, 2 bytes")
	require.Contains(t, talk.Response(unhex(t, "01020304056105")).String(), "piece of an answer, from byte 0")
	require.Contains(t, talk.Command(unhex(t, "80c0000005")).String(), "GET RESPONSE")
	f = talk.Response(unhex(t, "060708090a9000"))
	require.Contains(t, f.String(), "the 10 bytes of the answer, joined\n   0  0102                        sealed response: encrypted, 2 bytes")
	talk.Command(unhex(t, "9014000005"+"0102030405"))
	talk.Cut()
	require.Empty(t, talk.Command(unhex(t, "8014000009"+"060708090a01020304"+"00")).Joined)
}

// TestPlaintextsAreNamed decodes a request with a document and an answer to it.
func TestPlaintextsAreNamed(t *testing.T) {
	policy := objects(t)["policy"]
	f := Plain("request", append(unhex(t, "a2 0100 0481"), policy...))
	require.Empty(t, f.Faults)
	for _, says := range []string{"1: operation: 0 (status)", "4: documents: array of 1", "policy: array of 4", "typ: 65004 (policy)", "9: scope: byte string", "lock id: h'", "2: services: array of 1", "actions: "} {
		require.Contains(t, f.String(), says)
	}
	f = Plain("response", unhex(t, "a2 0104 0215"))
	require.Contains(t, f.String(), "1: outcome: 4 (refused)")
	require.Regexp(t, `2: reason: 21 \([a-z-]+\)`, f.String())
	require.Contains(t, Plain("request", unhex(t, "a1 01 1863")).String(), "99 (not in the registry operations)")
}

// TestGrantIsNamed finds the conditions of a grant.
func TestGrantIsNamed(t *testing.T) {
	f, err := Object(objects(t)["grant"])
	require.NoError(t, err)
	for _, says := range []string{"protected header: byte string", "1: alg: -19 (ed25519)", "4: exp: ", "8: cnf: map of 1", "-2: x: byte string of 32 bytes", "target: ", "actions: ", "signature: byte string of 64 bytes"} {
		require.Contains(t, f.String(), says)
	}
}

// TestShapesNameRegistries reads every registry that a shape names.
func TestShapesNameRegistries(t *testing.T) {
	seen := map[*shape]bool{}
	var walk func(s *shape)
	walk = func(s *shape) {
		if s == nil || seen[s] {
			return
		}
		seen[s] = true
		if s.registry != "" {
			rows, err := spec.Registry(s.registry)
			require.NoError(t, err, s.registry)
			require.NotEmpty(t, rows)
		}
		for _, e := range s.items {
			walk(e)
		}
		for _, e := range s.keys {
			walk(e)
		}
		walk(s.each)
		walk(s.holds)
	}
	for _, s := range shapes {
		walk(s)
	}
	for kind, s := range scopes {
		require.Contains(t, parsers, kind)
		walk(s)
	}
	require.Greater(t, len(seen), 50)
}
