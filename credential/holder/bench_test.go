package holder_test

import (
	"crypto"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/worldtest"
)

// BenchmarkOpening measures full openings, both sides in this process, and in
// the same run the public-key operations alone that they are made of: x/raw is
// the one by the other.  All are medians, which other work on the machine hardly
// moves.
func BenchmarkOpening(b *testing.B) {
	for _, c := range []struct {
		name      string
		operation credential.Operation
		suite     suite.Algorithm
		phones    func(*worldtest.World) []*holder.Phone // take turns
	}{
		{"owner", credential.OperationOpen, suite.AlgEd25519, func(w *worldtest.World) []*holder.Phone {
			return []*holder.Phone{w.OwnerPhone(b)}
		}},
		{"owner-first-visit", credential.OperationOpen, suite.AlgEd25519, func(w *worldtest.World) []*holder.Phone {
			p := w.OwnerPhone(b)
			p.Locks = nil
			return []*holder.Phone{p}
		}},
		{"owner-P256", credential.OperationOpen, suite.AlgESP256, func(w *worldtest.World) []*holder.Phone {
			twoSuites(b, w)
			return []*holder.Phone{p256Phone(b, w, "owner", nil)}
		}},
		{"guest-new-grant", credential.OperationOpen, suite.AlgEd25519, func(w *worldtest.World) []*holder.Phone {
			return manyPhones(b, w, "neighbour", w.GuestClaims(), w.Owner.Grant)
		}},
		{"guest-grant-known", credential.OperationOpen, suite.AlgEd25519, func(w *worldtest.World) []*holder.Phone {
			return []*holder.Phone{w.NeighbourPhone(b)}
		}},
		{"postman-new-grant", credential.OperationDeliver, suite.AlgEd25519, func(w *worldtest.World) []*holder.Phone {
			return manyPhones(b, w, "postman", w.RoundClaims(), w.Post.Grant)
		}},
		{"postman-grant-known", credential.OperationDeliver, suite.AlgEd25519, func(w *worldtest.World) []*holder.Phone {
			return []*holder.Phone{w.PostmanPhone(b)}
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			w := worldtest.New(b)
			w.Config.Observe = nil
			w.PowerUp(b)
			phones := c.phones(w)
			open := func(turn int) {
				r, err := phones[turn%len(phones)].Open(b.Context(), w.Link(), c.operation)
				if err != nil || r.Outcome != credential.OutcomeOpened {
					b.Fatal(r.Outcome, r.Reason, err)
				}
			}
			for turn := range phones {
				open(turn) // what is learnt once is learnt now
			}
			before := w.Lock.Operations()
			open(0)
			raw := newRaw(b, c.suite, before, w.Lock.Operations())
			var opening, alone []time.Duration
			b.ReportAllocs()
			for b.Loop() {
				start := time.Now()
				open(len(opening))
				opening = append(opening, time.Since(start))
				start = time.Now()
				raw.run(b)
				alone = append(alone, time.Since(start))
			}
			b.ReportMetric(median(opening), "ns/op")
			b.ReportMetric(median(alone), "raw-ns/op")
			b.ReportMetric(median(opening)/median(alone), "x/raw")
		})
	}
}

// median returns the median in nanoseconds.
func median(all []time.Duration) float64 {
	slices.Sort(all)
	return float64(all[len(all)/2].Nanoseconds())
}

// manyPhones returns phones with grants of their own, more than the lock
// remembers, which share what they know of the lock.
func manyPhones(b *testing.B, w *worldtest.World, name string, c credential.GrantClaims, grant func(credential.GrantClaims) ([]byte, error)) []*holder.Phone {
	b.Helper()
	known := holder.NewMemory()
	var phones []*holder.Phone
	for range 20 {
		c.Expires++
		g, err := grant(c)
		require.NoError(b, err)
		p := w.Phone(b, name, g)
		p.Locks = known
		phones = append(phones, p)
	}
	return phones
}

// raw are the public-key operations of one opening, both sides together, on a
// key and a message of their own.
type raw struct {
	agreements uint64      // an ephemeral key and what is agreed with it
	curve      suite.Curve // of the agreements
	rand       io.Reader
	peer       []byte

	signers   map[suite.Algorithm]suite.Signer
	message   []byte
	signature map[suite.Algorithm][]byte
	sign      map[suite.Algorithm]uint64
	verify    map[suite.Algorithm]uint64
}

// newRaw takes the lock's operations from its meter and adds the phone's: an
// agreement, a signature, and three verifications, of the manufacturer's and
// the lock's certificate, both Ed25519, and of the lock's signature.
func newRaw(b *testing.B, alg suite.Algorithm, before, after credential.Meter) *raw {
	b.Helper()
	r := &raw{
		curve: suite.X25519, rand: worldtest.Rand("raw"), message: make([]byte, 120),
		signers:   make(map[suite.Algorithm]suite.Signer),
		signature: make(map[suite.Algorithm][]byte),
		sign:      map[suite.Algorithm]uint64{suite.AlgEd25519: after.Ed25519Sign - before.Ed25519Sign, suite.AlgESP256: after.P256Sign - before.P256Sign},
		verify:    map[suite.Algorithm]uint64{suite.AlgEd25519: after.Ed25519Verify - before.Ed25519Verify, suite.AlgESP256: after.P256Verify - before.P256Verify},
	}
	dh := after.X25519 - before.X25519
	if alg == suite.AlgESP256 {
		r.curve, dh = suite.P256, after.P256DH-before.P256DH
	}
	require.Equal(b, uint64(2), dh, "the lock makes an ephemeral key and agrees")
	r.agreements = 2
	r.sign[alg]++
	r.verify[suite.AlgEd25519] += 2
	r.verify[alg]++
	for a, key := range map[suite.Algorithm]crypto.Signer{suite.AlgEd25519: worldtest.Key("raw"), suite.AlgESP256: p256Key(b, "raw")} {
		var err error
		r.signers[a], err = suite.NewSigner(key)
		require.NoError(b, err)
		r.signature[a], err = r.signers[a].Sign(r.message)
		require.NoError(b, err)
	}
	k, err := suite.GenerateDH(r.curve, r.rand, nil)
	require.NoError(b, err)
	r.peer = k.Public()
	return r
}

// run carries them out.
func (r *raw) run(b *testing.B) {
	var fault error
	for range r.agreements {
		k, err := suite.GenerateDH(r.curve, r.rand, nil)
		fault = errors.Join(fault, err)
		_, err = k.Shared(r.peer)
		fault = errors.Join(fault, err)
	}
	for _, a := range []suite.Algorithm{suite.AlgEd25519, suite.AlgESP256} {
		for range r.sign[a] {
			_, err := r.signers[a].Sign(r.message)
			fault = errors.Join(fault, err)
		}
		for range r.verify[a] {
			fault = errors.Join(fault, suite.Verify(r.signers[a].PublicKey(), r.message, r.signature[a], nil))
		}
	}
	if fault != nil {
		b.Fatal(fault)
	}
}

// BenchmarkResumed measures resumed openings and full ones in the same run, both
// sides in this process: full/resumed is how many times as many taps a core
// carries out in the same time.
func BenchmarkResumed(b *testing.B) {
	w := worldtest.New(b)
	w.Config.Observe = nil
	w.PowerUp(b)
	resumed := w.NeighbourPhone(b)
	other := w.GuestClaims() // a full exchange would end the slot of the same grant
	other.Expires++
	g, err := w.Owner.Grant(other)
	require.NoError(b, err)
	full := w.Phone(b, "neighbour", g)
	resumed.Slots = holder.NewSlots()
	open := func(p *holder.Phone, pairs int) time.Duration {
		start := time.Now()
		r, err := p.Open(b.Context(), w.Link(), credential.OperationOpen)
		taken := time.Since(start)
		if err != nil || r.Outcome != credential.OutcomeOpened || pairs != 0 && r.Cost.Pairs != pairs {
			b.Fatal(r, err)
		}
		return taken
	}
	open(full, 0)
	open(resumed, 0)
	var long, short []time.Duration
	for b.Loop() {
		long = append(long, open(full, 3))
		short = append(short, open(resumed, 0)) // one in 33 is a full one: a slot ends
	}
	b.ReportMetric(median(short), "resumed-ns/op")
	b.ReportMetric(median(long), "full-ns/op")
	b.ReportMetric(median(long)/median(short), "full/resumed")
}
