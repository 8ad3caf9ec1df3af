package lock_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock"
)

// comer is a holder of counted grants, and what became of their uses.
type comer struct {
	phone *holder.Phone
	// links are the counts that an opening of the phone counts against.
	links []*account
}

// account is a count as an onlooker keeps it.
type account struct {
	uses                       credential.Uses
	started, driven, confirmed int
}

// comers returns holders with every count and number of starts, and a chain of
// which both links count.
func comers(t testing.TB, w *worldtest.World, r *rand.Rand) (all []*comer) {
	t.Helper()
	var root credential.Uses
	for starts := uint8(1); starts <= 3; starts++ {
		uses := credential.Uses{Count: uint8(1 + r.IntN(8)), Starts: starts}
		p := guest(t, w, func(c *credential.GrantClaims) {
			c.Expires += credential.Time(starts)
			c.Scope[0].Uses, c.Scope[0].Delegation = uses, 1
		})
		root = uses
		all = append(all, &comer{resuming(p), []*account{{uses: uses}}})
	}
	last := all[len(all)-1]
	for _, name := range []string{"older", "younger"} {
		uses := credential.Uses{Count: uint8(1 + r.IntN(int(root.Count))), Starts: uint8(1 + r.IntN(3))}
		p := passed(t, w, last.phone, name, func(c *credential.GrantClaims) { c.Scope[0].Uses = uses })
		all = append(all, &comer{resuming(p), []*account{last.links[0], {uses: uses}}})
	}
	return all
}

// TestRandomTapsNeverOpenOftenerThanTheyMay has comers tap at random at a lock
// that loses its power at random: no count is confirmed oftener than it says, no
// use started oftener, and nobody is refused who has not had all uses begun.
func TestRandomTapsNeverOpenOftenerThanTheyMay(t *testing.T) {
	rounds := uint64(30)
	if testing.Short() {
		rounds = 4
	}
	cuts, refused := 0, 0
	for seed := range rounds {
		r := rand.New(rand.NewPCG(seed, 17))
		w := worldtest.New(t)
		all := comers(t, w, r)
		for range 60 {
			v := all[r.IntN(len(all))]
			cut, spent := v.taps(t, w, r)
			for _, a := range v.links {
				require.LessOrEqual(t, a.confirmed, int(a.uses.Count), "seed %d", seed)
				require.LessOrEqual(t, a.started, int(a.uses.Count)*int(a.uses.Starts), "seed %d", seed)
				require.LessOrEqual(t, a.driven, a.started, "seed %d", seed)
			}
			if cut {
				cuts++
			}
			if spent {
				refused++
				require.True(t, v.hadAll(), "seed %d: refused with a use left", seed)
			}
		}
	}
	require.Positive(t, cuts)
	require.Positive(t, refused)
	t.Logf("%d taps cut, %d refused", cuts, refused)
}

// hadAll reports whether every use of some link was begun.
func (v *comer) hadAll() bool {
	for _, a := range v.links {
		if a.started >= int(a.uses.Count) {
			return true
		}
	}
	return false
}

// taps taps once, with a bolt that may stick and power that may go.
func (v *comer) taps(t testing.TB, w *worldtest.World, r *rand.Rand) (cut, spent bool) {
	t.Helper()
	w.Bolt.Motion = []lock.Motion{lock.Moved, lock.Moved, lock.Unseen, lock.Stuck}[r.IntN(4)]
	w.PowerUp(t)
	entries, driven := newest(w), w.Bolt.Driven
	if r.IntN(2) == 0 {
		w.Flash.CutPower(r.IntN(12), bitsDone(uint64(r.IntN(9)), r.Uint64()))
	}
	result, err := v.phone.Open(t.Context(), darkness{w.Link(), w.Flash}, credential.OperationOpen)
	cut = w.Flash.Restore()
	require.True(t, cut == (err != nil), "%v", err)
	w.PowerUp(t)
	started := 0
	for _, e := range w.Lock.Log() {
		if e.Sequence > entries && e.Outcome == credential.LogStarted {
			started++
		}
	}
	require.LessOrEqual(t, started, 1)
	require.LessOrEqual(t, w.Bolt.Driven-driven, started, "the bolt was driven without a log entry")
	for _, a := range v.links {
		a.started += started
		a.driven += w.Bolt.Driven - driven
		if err == nil && (result.Outcome == credential.OutcomeOpened || result.Outcome == credential.OutcomeUnconfirmed) {
			a.confirmed++
		}
	}
	return cut, result.Reason == credential.ReasonUsesSpent
}
