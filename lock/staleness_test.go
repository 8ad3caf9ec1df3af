package lock_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/worldtest"
)

// rounds returns how many random sequences to play.
func rounds(most int) int {
	if testing.Short() {
		return most / 8
	}
	return most
}

// TestGrantOutlivesItsEndByTheRoundAtMost plays random weeks: somebody honest
// comes every k days with the time, as a postman's grant or as a token, and the
// holder of a grant comes at any moment, with whatever old times he has kept.
// Beyond its end the grant opens for at most k - 1 whole days.
func TestGrantOutlivesItsEndByTheRoundAtMost(t *testing.T) {
	late := 0
	for seed := range rounds(64) {
		r := rand.New(rand.NewPCG(uint64(seed), 7))
		w := worldtest.New(t)
		k := 1 + r.IntN(6)
		every := credential.Time(k) * worldtest.Day
		start := w.Now
		ends := start + every + credential.Time(r.IntN(int(10*worldtest.Day)))
		mine := guest(t, w, func(c *credential.GrantClaims) { c.Expires = ends })
		var kept [][]byte
		next := start + credential.Time(r.IntN(int(every)))
		for now := start; now < ends+2*every; now += 1 + credential.Time(r.IntN(int(every/4))) {
			for ; next <= now; next += every {
				kept = append(kept, honest(t, w, r, next))
			}
			mine.Documents = nil
			if len(kept) > 0 && r.IntN(2) == 0 {
				mine.Documents = [][]byte{kept[r.IntN(len(kept))]}
			}
			result, err := tap(t, w, mine, credential.OperationOpen)
			require.NoError(t, err)
			if result.Outcome != credential.OutcomeOpened {
				require.Equal(t, credential.ReasonExpired, result.Reason)
				require.GreaterOrEqual(t, now, ends, "refused while it runs")
				continue
			}
			if now >= ends {
				late++
				require.LessOrEqual(t, int((now-ends)/worldtest.Day), k-1, "seed %d: a round of %d days", seed, k)
			}
		}
	}
	require.Positive(t, late, "the bound was never put to the test")
}

// honest has somebody bring the time, and returns a token of it.
func honest(t *testing.T, w *worldtest.World, r *rand.Rand, now credential.Time) []byte {
	t.Helper()
	token := w.StatedTime(t, now)
	if r.IntN(2) == 0 {
		w.Hand(t, token)
		return token
	}
	result, err := tap(t, w, postman(t, w, func(c *credential.GrantClaims) { c.IssuedAt, c.Expires = now, now+worldtest.Day/2 }), credential.OperationDeliver)
	requireOpened(t, result, err)
	return token
}

// TestLiveGrantOutlivesItsEndByAMinuteAtMost has the holder fetch a live time at
// any moment and hand it over as late as he likes, to a lock that nobody visits.
func TestLiveGrantOutlivesItsEndByAMinuteAtMost(t *testing.T) {
	late := 0
	for seed := range rounds(400) {
		r := rand.New(rand.NewPCG(uint64(seed), 11))
		w := worldtest.New(t)
		ends := w.Now + 600
		v := visit(t, w, "neighbour", guest(t, w, func(c *credential.GrantClaims) {
			c.Expires, c.Scope[0].Evidence = ends, credential.EvidenceLive
		}).Grant)
		selected := ends - credential.Time(r.IntN(90))
		fetched := selected + credential.Time(r.IntN(60))
		handed := fetched + credential.Time(r.IntN(60))
		asked := handed + credential.Time(r.IntN(60))
		token, err := source(t, w).Live(fetched, 60, v.selection.Nonce)
		require.NoError(t, err)
		w.Elapsed = time.Duration(handed-selected) * time.Second
		v.ask(message.Request{Documents: [][]byte{token}, Chain: [][]byte{w.Post.Authority().Bytes()}})
		w.Elapsed = time.Duration(asked-selected) * time.Second
		answer, _ := v.ask(message.Request{Operation: credential.OperationOpen})
		opens := fetched < ends && asked-selected <= 60
		require.Equal(t, opens, answer.Outcome == credential.OutcomeOpened, "seed %d: %v", seed, answer.Reason)
		if opens && asked >= ends {
			late++
			require.LessOrEqual(t, asked-ends, credential.Time(60))
		}
	}
	require.Positive(t, late, "the bound was never put to the test")
}

// passer is one who comes in TestWhatIsWrittenAndWhy.
type passer struct {
	name  string
	phone *holder.Phone
}

// passers are all kinds of visitors, most of whom are refused or not heard.
func passers(t *testing.T, w *worldtest.World) []passer {
	stolen := w.NeighbourPhone(t)
	stolen.Key = thief{stolen.Key}
	live := demanding(t, w, credential.EvidenceLive, nil)
	live.Live = func(_ context.Context, nonce [16]byte) ([]byte, error) { return source(t, w).Live(w.Now, 60, nonce) }
	return []passer{
		{"owner", w.OwnerPhone(t)},
		{"neighbour", resuming(w.NeighbourPhone(t))},
		{"guest once", guest(t, w, func(c *credential.GrantClaims) { c.Scope[0].Uses = credential.Uses{Count: 1, Starts: 1} })},
		{"guest by live time", live},
		{"guest of another lock", guest(t, w, elsewhere)},
		{"guest too early", guest(t, w, func(c *credential.GrantClaims) { c.NotBefore = w.Now + 20*worldtest.Day })},
		{"postman", resuming(w.PostmanPhone(t))},
		{"postman elsewhere", postman(t, w, func(c *credential.GrantClaims) { c.Scope[0].Target = credential.AreaTarget([]byte("DE")) })},
		{"stranger", w.Phone(t, "stranger", nil)},
		{"guest of a stranger", w.Phone(t, "neighbour", sign(t, "stranger", w.GuestClaims()))},
		{"thief of a grant", stolen},
	}
}

// papers are documents, good ones and others.
func papers(t *testing.T, w *worldtest.World, r *rand.Rand) (list [][]byte) {
	for range r.IntN(4) {
		version := uint32(1 + r.IntN(6))
		list = append(list, []func() []byte{
			func() []byte {
				return w.Policy(t, func(c *credential.PolicyClaims) {
					c.Version, c.IssuedAt = version, w.Now-worldtest.Day
					c.Block = []credential.Block{0, credential.BlockGuests, credential.BlockServices}[r.IntN(3)]
				})
			},
			func() []byte { return policyBy(t, w, "thief", worldtest.Public(t, "thief")) },
			func() []byte { return w.RevocationList(t, version) },
			func() []byte { return listBy(t, w, "stranger", version, denying()) },
			func() []byte { return w.StatedTime(t, w.Now-worldtest.Day+credential.Time(r.IntN(7200))) },
			func() []byte {
				u, err := credential.NewTimeToken(credential.TimeClaims{Time: w.Now + worldtest.Day}, worldtest.Public(t, "post"))
				return signed(t, "thief", u, err)
			},
		}[r.IntN(6)]())
	}
	return list
}

// TestWhatIsWrittenAndWhy lets everybody come in any order with any documents.
// Whenever a tap that did not open wrote to flash, a document was taken or the
// floor rose; strangers write nothing; and what stands in flash is what the lock
// goes by.
func TestWhatIsWrittenAndWhy(t *testing.T) {
	heard := map[string]int{}
	for seed := range rounds(24) {
		r := rand.New(rand.NewPCG(uint64(seed), 13))
		w := worldtest.New(t)
		all := passers(t, w)
		for range 25 {
			c := all[r.IntN(len(all))]
			c.phone.Documents = papers(t, w, r)
			operation := []credential.Operation{credential.OperationStatus, credential.OperationOpen, credential.OperationDeliver}[r.IntN(3)]
			before, written, driven := witnessed(w), w.Flash.Programmed, w.Bolt.Driven
			result, err := tap(t, w, c.phone, operation)
			after := witnessed(w)
			told := fmt.Sprintf("seed %d: %s: %s: %v %v %v", seed, c.name, operation, result.Outcome, result.Reason, err)
			taken := false
			for _, fate := range fates(result) {
				taken = taken || fate == credential.ReasonNone
			}
			wrote := w.Flash.Programmed > written
			switch {
			case err != nil:
				heard["nobody"]++
				require.False(t, wrote || taken, told)
			case w.Bolt.Driven > driven:
				heard["opened"]++
				require.True(t, wrote, told)
				require.Equal(t, before.sequence+1, after.sequence, told)
			default:
				heard["not opened"]++
				require.True(t, !wrote || taken || after.floor > before.floor, told)
				require.Equal(t, before.sequence, after.sequence, told)
			}
			after.requireAfter(t, before, told)
			w.PowerUp(t)
			require.Equal(t, after, witnessed(w), told)
		}
	}
	for _, kind := range []string{"nobody", "opened", "not opened"} {
		require.Positive(t, heard[kind], kind)
	}
}
