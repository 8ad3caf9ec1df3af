package ledger

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// TestInForceReadsAllThatIs compares what is read of a part of the ledger with what is in
// force in the whole, for ledgers whose clocks differ as much as they may.
func TestInForceReadsAllThatIs(t *testing.T) {
	const longest = credential.Time(3600)
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 0))
		store, at := NewMemory(), credential.Time(1_800_000_000)
		n := random.IntN(400)
		var all []Record
		for i := range n {
			at += credential.Time(random.IntN(60))
			r := Record{
				Signer: credential.KeyID{1}, Holder: credential.KeyID{1},
				IssuedAt: at - credential.Time(random.IntN(int(ClockTolerance)+1)), Grant: []byte{1},
			}
			r.Expires = r.IssuedAt + longest
			if random.IntN(4) == 0 {
				r.Expires -= credential.Time(random.IntN(int(longest)))
			}
			binary.BigEndian.PutUint32(r.Duty[:], uint32(i+1))
			binary.BigEndian.PutUint32(r.Tag[:], uint32(i+1))
			kept, err := store.Commit(t.Context(), at, []Record{r})
			require.NoError(t, err)
			all = append(all, kept...)
		}
		for _, when := range append(moments(random, at, longest), 1, at+2*longest) {
			var want, got []uint64
			for _, r := range all {
				if when < r.Expires {
					want = append(want, r.Serial)
				}
			}
			window := inForce{store, time.Duration(longest) * time.Second, when}
			for r, err := range window.records(t.Context()) {
				require.NoError(t, err)
				got = append(got, r.Serial)
			}
			require.Equal(t, want, got, "seed %d at %s", seed, when)
		}
	}
}

// moments returns moments around those at which grants end.
func moments(random *rand.Rand, at, longest credential.Time) (some []credential.Time) {
	for range 50 {
		some = append(some, at+longest-credential.Time(random.IntN(int(4*longest))))
	}
	return some
}
