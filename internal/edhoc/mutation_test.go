package edhoc

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The tests of this file try every truncation, every extension by one byte and
// every change of one byte of each message: with all values of the byte in
// cipher suite 0, with each bit in cipher suite 2 and in short runs.

func changesFor(t *testing.T, f fixture, message []byte) [][]byte {
	t.Helper()
	return changesOf(message, f.suiteID == 0 && !testing.Short())
}

func TestEveryChangeOfMessage1(t *testing.T) {
	forEachSuite(t, func(t *testing.T, f fixture) {
		x := f.run(t)
		accepted := 0
		for _, changed := range changesFor(t, f, x.message1) {
			_, message2, err := Accept(changed, f.responder())
			if err == nil {
				accepted++
				_, err = x.initiator1().ReadMessage2(message2, knows(t, f.r))
			}
			require.Error(t, err, "%x", changed)
		}
		require.NotZero(t, accepted, "no change got as far as message_2")
	})
}

func TestEveryChangeOfMessage2(t *testing.T) {
	forEachSuite(t, func(t *testing.T, f fixture) {
		x := f.run(t)
		kinds := map[Kind]int{}
		for _, changed := range changesFor(t, f, x.message2) {
			i2, err := x.initiator1().ReadMessage2(changed, resolves(f.r.Cred, f.r.Signer.PublicKey()))
			require.Error(t, err, "%x", changed)
			require.Nil(t, i2)
			kinds[err.(*Error).Kind]++
		}
		require.NotZero(t, kinds[ErrMalformed])
		require.NotZero(t, kinds[ErrSignature])
	})
}

func TestEveryChangeOfMessage3(t *testing.T) {
	forEachSuite(t, func(t *testing.T, f fixture) {
		x := f.run(t)
		kinds := map[Kind]int{}
		for _, changed := range changesFor(t, f, x.message3) {
			exporter, err := x.responder1().ReadMessage3(changed, knows(t, f.i))
			require.Error(t, err, "%x", changed)
			require.Nil(t, exporter)
			kinds[err.(*Error).Kind]++
		}
		require.NotZero(t, kinds[ErrMalformed])
		require.NotZero(t, kinds[ErrDecrypt])
	})
}

// TestEveryChangeOfPlaintext3 is what the AEAD protects from: the changes are
// made before encryption, by an initiator that has the keys.
func TestEveryChangeOfPlaintext3(t *testing.T) {
	forEachSuite(t, func(t *testing.T, f fixture) {
		x := f.run(t)
		var plaintext []byte
		f.finish(t, x.i2, func(b []byte) []byte { plaintext = b; return b })
		for _, changed := range changesOf(plaintext, false) {
			ciphertext3, err := x.i2.prk3e2m.seal3(x.i2.th3, changed)
			require.NoError(t, err)
			m3 := message3{ciphertext3: ciphertext3}
			exporter, err := x.responder1().ReadMessage3(m3.encode(), resolves(f.i.Cred, f.i.Signer.PublicKey()))
			require.Error(t, err, "%x", changed)
			require.Nil(t, exporter)
		}
	})
}

func TestEveryParserRoundTrips(t *testing.T) {
	for form := range idCredForms {
		t.Run(form, func(t *testing.T) {
			f := newFixture(t, 0, form)
			x := f.run(t)
			m1, err := parseMessage1(x.message1)
			require.NoError(t, err)
			require.Equal(t, x.message1, m1.encode())
			m2, err := parseMessage2(x.message2)
			require.NoError(t, err)
			require.Equal(t, x.message2, m2.encode())
			m3, err := parseMessage3(x.message3)
			require.NoError(t, err)
			require.Equal(t, x.message3, m3.encode())
			f.answer(t, x.message1, func(b []byte) []byte {
				p, err := parsePlaintext2(b)
				require.NoError(t, err)
				require.Equal(t, f.r.IDCred, p.idCredR.header)
				require.Equal(t, b, p.encode())
				return b
			})
			f.finish(t, x.i2, func(b []byte) []byte {
				p, err := parsePlaintext3(b)
				require.NoError(t, err)
				require.Equal(t, f.i.IDCred, p.idCredI.header)
				require.Equal(t, b, p.encode())
				return b
			})
		})
	}
}
