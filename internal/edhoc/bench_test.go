package edhoc

import (
	"crypto/rand"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/internal/suite"
)

// handshake returns a function that makes a whole run, both sides, with one
// request and one response in the channel.
func handshake(b *testing.B, id int) func() {
	f := newFixture(b, id, "kcwt")
	initiator := InitiatorConfig{Suites: []int{id}, Rand: rand.Reader}
	responder := f.responder()
	responder.Rand = rand.Reader
	knowsI, knowsR := knows(b, f.i), knows(b, f.r)
	request := make([]byte, 32)
	return func() {
		i1, message1, err := Start(initiator)
		require.NoError(b, err)
		r1, message2, err := Accept(message1, responder)
		require.NoError(b, err)
		i2, err := i1.ReadMessage2(message2, knowsR)
		require.NoError(b, err)
		message3, exporterI, err := i2.WriteMessage3(f.i)
		require.NoError(b, err)
		phone, err := NewChannel(exporterI, selectHash, true)
		require.NoError(b, err)
		sealed, err := phone.Seal(request)
		require.NoError(b, err)
		exporterR, err := r1.ReadMessage3(message3, knowsI)
		require.NoError(b, err)
		lock, err := NewChannel(exporterR, selectHash, false)
		require.NoError(b, err)
		opened, err := lock.Open(sealed)
		require.NoError(b, err)
		response, err := lock.Seal(opened)
		require.NoError(b, err)
		_, err = phone.Open(response)
		require.NoError(b, err)
	}
}

// operations returns a function that does the operations with public keys of the
// same run and nothing else: two key pairs, two agreements, two signatures, two
// verifications.
func operations(b *testing.B, id int) func() {
	cs, _ := cipherSuiteByID(id)
	signer := signerOf(b, id, "signer")
	message := make([]byte, 400)
	return func() {
		x, err := suite.GenerateDH(cs.curve, rand.Reader, nil)
		require.NoError(b, err)
		y, err := suite.GenerateDH(cs.curve, rand.Reader, nil)
		require.NoError(b, err)
		_, err = x.Shared(y.Public())
		require.NoError(b, err)
		_, err = y.Shared(x.Public())
		require.NoError(b, err)
		for range 2 {
			signature, err := signer.Sign(message)
			require.NoError(b, err)
			require.NoError(b, suite.Verify(signer.PublicKey(), message, signature, nil))
		}
	}
}

func BenchmarkHandshake(b *testing.B) {
	for _, id := range suiteIDs {
		b.Run(fmt.Sprintf("suite=%d", id), func(b *testing.B) {
			run := handshake(b, id)
			b.ReportAllocs()
			for b.Loop() {
				run()
			}
		})
	}
}

// BenchmarkHandshakeOverOperations does both in turn, so that what else runs on
// the machine slows both, and reports the quotient of the medians. It is to stay
// below 1.15.
func BenchmarkHandshakeOverOperations(b *testing.B) {
	for _, id := range suiteIDs {
		b.Run(fmt.Sprintf("suite=%d", id), func(b *testing.B) {
			run, operations := handshake(b, id), operations(b, id)
			var whole, raw []time.Duration
			for b.Loop() {
				whole = append(whole, timed(run))
				raw = append(raw, timed(operations))
			}
			b.ReportMetric(float64(median(whole))/float64(median(raw)), "handshake/operations")
		})
	}
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func BenchmarkParse(b *testing.B) {
	x := newFixture(b, 0, "kcwt").run(b)
	for name, parse := range map[string]func() error{
		"message_1": func() error { _, err := parseMessage1(x.message1); return err },
		"message_2": func() error { _, err := parseMessage2(x.message2); return err },
		"message_3": func() error { _, err := parseMessage3(x.message3); return err },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				require.NoError(b, parse())
			}
		})
	}
}

func BenchmarkChannel(b *testing.B) {
	phone, lock := channels(b)
	plaintext := make([]byte, 32)
	b.ReportAllocs()
	for b.Loop() {
		phone.out.next, lock.in.next = 0, 0
		ciphertext, err := phone.Seal(plaintext)
		require.NoError(b, err)
		_, err = lock.Open(ciphertext)
		require.NoError(b, err)
	}
}
