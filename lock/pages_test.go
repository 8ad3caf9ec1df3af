package lock_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// flood opens so often with one phone.
func flood(t testing.TB, w *worldtest.World, p *holder.Phone, times int) {
	t.Helper()
	for range times {
		requireOpens(t, w, p)
	}
}

// fetched has a phone take the whole log along, sealed.
func fetched(t testing.TB, w *worldtest.World, p *holder.Phone) [][]byte {
	t.Helper()
	w.PowerUp(t)
	r, err := p.FetchLog(t.Context(), w.Link())
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	return r.LogPages
}

// cleared has a phone read the whole log in clear.
func cleared(t testing.TB, w *worldtest.World, p *holder.Phone) holder.Result {
	t.Helper()
	w.PowerUp(t)
	r, err := p.ReadLog(t.Context(), w.Link())
	require.NoError(t, err)
	return r
}

// read returns what an owner's app makes of pages.
func read(t testing.TB, w *worldtest.World, pages ...[]byte) *holder.History {
	t.Helper()
	var h holder.History
	for _, p := range pages {
		if len(p) == wire.LimitLogPageBytes {
			require.NoError(t, h.AddClear(p))
			continue
		}
		require.NoError(t, h.Add(p, holder.LogKeys{w.LogKey}))
	}
	return &h
}

// entriesOf returns the entries of a history.
func entriesOf(h *holder.History) (all []credential.LogEntry) {
	for _, l := range h.Lines(nil) {
		all = append(all, l.Entry)
	}
	return all
}

// TestWhoReadsTheLogInClear asks for it as everybody.
func TestWhoReadsTheLogInClear(t *testing.T) {
	reads := func(c *credential.GrantClaims) { c.Scope[0].Actions |= credential.ActionReadLog }
	for name, c := range map[string]struct {
		phone func(*worldtest.World) *holder.Phone
		want  credential.Reason
	}{
		"owner":                  {func(w *worldtest.World) *holder.Phone { return w.OwnerPhone(t) }, credential.ReasonNone},
		"guest who may":          {func(w *worldtest.World) *holder.Phone { return guest(t, w, reads) }, credential.ReasonNone},
		"guest who may not":      {func(w *worldtest.World) *holder.Phone { return w.NeighbourPhone(t) }, credential.ReasonAction},
		"postman":                {func(w *worldtest.World) *holder.Phone { return w.PostmanPhone(t) }, credential.ReasonAction},
		"postman who would like": {func(w *worldtest.World) *holder.Phone { return postman(t, w, reads) }, credential.ReasonNotAdmitted},
		"child of one who may not": {func(w *worldtest.World) *holder.Phone {
			return hung(t, w, delegable(t, w, 1), "neighbour", "child", reads)
		}, credential.ReasonAction},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			flood(t, w, w.OwnerPhone(t), 40)
			p := c.phone(w)
			written := w.Flash.Programmed
			r := cleared(t, w, p)
			if c.want != credential.ReasonNone {
				require.Equal(t, credential.OutcomeRefused, r.Outcome)
				require.Equal(t, c.want, r.Reason)
				require.Empty(t, r.LogPages)
				return
			}
			require.Len(t, r.LogPages, 3)
			for _, page := range r.LogPages {
				require.Len(t, page, wire.LimitLogPageBytes)
			}
			h := read(t, w, r.LogPages...)
			require.Equal(t, w.Lock.Log(), entriesOf(h), "with the true numbers")
			require.Zero(t, h.Gaps())
			require.Equal(t, w.LockID, h.Lock)
			require.Equal(t, written, w.Flash.Programmed, "reading leaves no trace")
		})
	}
}

// TestAnybodyCarriesSealedPages has every visitor take the log along.
func TestAnybodyCarriesSealedPages(t *testing.T) {
	for name, phone := range map[string]func(*worldtest.World) *holder.Phone{
		"owner":     func(w *worldtest.World) *holder.Phone { return w.OwnerPhone(t) },
		"neighbour": func(w *worldtest.World) *holder.Phone { return w.NeighbourPhone(t) },
		"child":     func(w *worldtest.World) *holder.Phone { return passed(t, w, delegable(t, w, 1), "child", unchanged) },
		"postman":   func(w *worldtest.World) *holder.Phone { return w.PostmanPhone(t) },
	} {
		t.Run(name, func(t *testing.T) {
			for _, openings := range []int{0, 20, 70} {
				w := worldtest.New(t)
				flood(t, w, w.OwnerPhone(t), openings)
				p := phone(w)
				pages := fetched(t, w, p)
				require.Len(t, pages, wire.LimitLogPages, "how long the log is does not show")
				for _, page := range pages {
					require.Len(t, page, 792)
					require.False(t, bytes.Contains(page, w.LockID[:]))
				}
				require.Equal(t, w.Lock.Log(), entriesOf(read(t, w, pages...)))
				for i, page := range fetched(t, w, p) {
					require.NotEqual(t, pages[i], page, "nobody can tell whether anything happened meanwhile")
				}
			}
		})
	}
}

// TestPageComesWithAnOpening takes the newest page along with a delivery: it has
// the delivery in it.
func TestPageComesWithAnOpening(t *testing.T) {
	w := worldtest.New(t)
	p := w.PostmanPhone(t)
	w.PowerUp(t)
	r, err := p.Do(t.Context(), w.Link(), holder.Ask{Operation: credential.OperationDeliver, LogPages: 1, Receipt: true})
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
	require.Len(t, r.LogPages, 1)
	all := entriesOf(read(t, w, r.LogPages...))
	require.Equal(t, credential.OperationDeliver, all[len(all)-1].Operation)
	require.Equal(t, 1, w.Bolt.Driven)
}

// TestLogWithoutAKeyStaysAtHome asks a lock whose new owner has agreed none.
func TestLogWithoutAKeyStaysAtHome(t *testing.T) {
	w := worldtest.New(t)
	w.Transfer(t, "new owner", 2)
	require.Empty(t, fetched(t, w, w.PostmanPhone(t)))
	require.Len(t, cleared(t, w, w.Phone(t, "new owner", nil)).LogPages, 1)
}

// TestGuestWhoFloodsTheLog opens 65 times, so that the oldest entries go.  The
// owner sees the gap, and by whom.
func TestGuestWhoFloodsTheLog(t *testing.T) {
	w := worldtest.New(t)
	keys := holder.LogKeys{w.LogKey}
	var h holder.History
	require.NoError(t, h.Take(cleared(t, w, w.OwnerPhone(t)), keys))
	_, err := tap(t, w, w.PostmanPhone(t), credential.OperationDeliver)
	require.NoError(t, err)
	p := w.NeighbourPhone(t)
	flood(t, w, p, wire.LimitLogEntries+1)
	require.NoError(t, h.Take(cleared(t, w, w.OwnerPhone(t)), keys))
	require.Equal(t, uint32(2), h.Gaps(), "the delivery, and the first of the flood")
	lines := h.Lines(func(who credential.Tag) string {
		if who == tagOf(t, p) {
			return "neighbour"
		}
		return ""
	})
	require.Len(t, lines, 1+wire.LimitLogEntries)
	require.Equal(t, uint32(2), lines[1].Lost)
	for _, l := range lines[1:] {
		require.Equal(t, "neighbour", l.Name)
	}
}

// TestEveryVisitorMendsTheGap carries pages often enough.
func TestEveryVisitorMendsTheGap(t *testing.T) {
	w := worldtest.New(t)
	p := w.NeighbourPhone(t)
	var pages [][]byte
	for range 3 {
		flood(t, w, p, 40)
		pages = append(pages, fetched(t, w, w.PostmanPhone(t))...)
	}
	slices.Reverse(pages) // they come by whichever way, and late
	h := read(t, w, pages...)
	require.Zero(t, h.Gaps())
	require.Equal(t, uint32(121), h.Newest())
	require.Len(t, entriesOf(h), 121)
}

// TestPagesThatTheOwnerDoesNotTake are altered, of another lock, under an old
// key, or of a lock that fell back.
func TestPagesThatTheOwnerDoesNotTake(t *testing.T) {
	w := worldtest.New(t)
	old := w.LogKey
	flood(t, w, w.OwnerPhone(t), 3)
	sealedBefore := fetched(t, w, w.NeighbourPhone(t))[0]
	image := w.Flash.Clone()
	flood(t, w, w.OwnerPhone(t), 3)
	w.PowerUp(t)
	key, r, err := w.OwnerPhone(t).Rekey(t.Context(), w.Link())
	require.NoError(t, err)
	keys := holder.LogKeys{old}.After(key, r)
	sealed := fetched(t, w, w.NeighbourPhone(t))[0]
	inClear := cleared(t, w, w.OwnerPhone(t))

	var h holder.History
	require.NoError(t, h.Add(sealed, keys))
	require.ErrorIs(t, h.Add(sealedBefore, holder.LogKeys{key}), holder.ErrLogKey, "under the key of before")
	require.NoError(t, h.Add(sealedBefore, keys), "the key of before is kept")
	for i := range sealed {
		altered := bytes.Clone(sealed)
		altered[i] ^= 1
		require.ErrorIs(t, h.Add(altered, keys), holder.ErrLogKey)
	}
	page, err := credential.ParseLogPage(inClear.LogPages[0])
	require.NoError(t, err)
	page.Entries[2].Time++
	require.ErrorIs(t, h.AddClear(page.Encode()), holder.ErrLogAltered)
	page.Entries[2].Time--
	page.Lock[0]++
	require.ErrorIs(t, h.AddClear(page.Encode()), holder.ErrLogLock)
	require.NoError(t, h.Take(inClear, keys))

	*w.Flash = *image // as if the lock had lost the last three openings
	require.ErrorIs(t, h.Take(cleared(t, w, w.OwnerPhone(t)), keys), holder.ErrLogFellBack)
	require.Equal(t, uint32(7), h.Newest())
}

// TestTransferredLogBeginsAnew gives the lock away: numbers and head go on.
func TestTransferredLogBeginsAnew(t *testing.T) {
	w := worldtest.New(t)
	flood(t, w, w.OwnerPhone(t), 5)
	before := read(t, w, cleared(t, w, w.OwnerPhone(t)).LogPages...)
	former := w.LogKey
	w.Transfer(t, "new owner", 2)
	owner := w.Phone(t, "new owner", nil)
	w.PowerUp(t)
	key, _, err := owner.Rekey(t.Context(), w.Link())
	require.NoError(t, err)
	flood(t, w, owner, 2)

	h := read(t, w, cleared(t, w, owner).LogPages...)
	all := entriesOf(h)
	require.Len(t, all, 3)
	require.Equal(t, uint32(7), all[0].Sequence)
	require.Equal(t, credential.LogTransferred, all[0].Outcome)
	require.Equal(t, credential.Tag(credential.KeyIDOf(owner.Key.PublicKey())), all[0].Who)
	require.Zero(t, h.Gaps(), "what came before is no gap to the new owner")
	require.NoError(t, before.AddClear(cleared(t, w, owner).LogPages[0]), "the head binds what was wiped")
	sealed := fetched(t, w, owner)[0]
	require.ErrorIs(t, new(holder.History).Add(sealed, holder.LogKeys{former}), holder.ErrLogKey)
	require.NoError(t, new(holder.History).Add(sealed, holder.LogKeys{key}))
}

// TestTamperIsReportedOnceInAPowerUp has a sensor report again and again: one entry
// after another of the kind is one too many, so that a magnet at the sensor does
// not drive the night's visit out of the log.
func TestTamperIsReportedOnceInAPowerUp(t *testing.T) {
	w := worldtest.New(t)
	for n := range 3 {
		w.PowerUp(t)
		for range 4 {
			require.NoError(t, w.Lock.Tamper())
		}
		require.Len(t, w.Lock.Log(), 2*n+2)
		require.True(t, w.LastEvent().Tamper)
		w.PowerUp(t)
		require.NoError(t, w.Lock.Tamper())
		require.Len(t, w.Lock.Log(), 2*n+2)
		requireOpens(t, w, w.OwnerPhone(t))
	}
	e := w.Lock.Log()[5]
	require.Equal(t, credential.LogEntry{
		Sequence: 6, Time: made(w), Outcome: credential.LogTamper, Operation: credential.OperationStatus, Role: credential.RoleNone,
	}, e)
	require.Equal(t, w.Lock.Log(), entriesOf(read(t, w, fetched(t, w, w.NeighbourPhone(t))...)))
}

// TestTamperThatCannotBeWritten is written when the flash is well again.
func TestTamperThatCannotBeWritten(t *testing.T) {
	w := worldtest.New(t)
	w.Flash.CutPower(0, bytesDone(0))
	require.Error(t, w.Lock.Tamper())
	w.Flash.Restore()
	w.PowerUp(t)
	require.NoError(t, w.Lock.Tamper())
	require.Len(t, w.Lock.Log(), 2)
}

// TestLogSaysWhoWhenAndHow compares entries by every kind of visitor.
func TestLogSaysWhoWhenAndHow(t *testing.T) {
	w := worldtest.New(t)
	w.Config.Compartments = 3
	w.PowerUp(t)
	reference := credential.Reference{'p', 'a', 'r', 'c', 'e', 'l', 0, 7}
	owner, neighbour, post := w.OwnerPhone(t), w.NeighbourPhone(t), w.PostmanPhone(t)
	live, now := w.NeighbourPhone(t), w.Now+60
	live.Documents = [][]byte{w.StatedTime(t, now)}
	for _, c := range []struct {
		phone *holder.Phone
		ask   holder.Ask
	}{
		{owner, holder.Ask{Operation: credential.OperationOpen}},
		{neighbour, holder.Ask{Operation: credential.OperationOpen, Resource: 2}},
		{post, holder.Ask{Operation: credential.OperationDeliver, Resource: 3, Reference: reference}},
		{live, holder.Ask{Operation: credential.OperationOpen}},
	} {
		w.PowerUp(t)
		r, err := c.phone.Do(t.Context(), w.Link(), c.ask)
		require.NoError(t, err)
		require.Equal(t, credential.OutcomeOpened, r.Outcome, r.Reason)
	}
	open, deliver, started := credential.OperationOpen, credential.OperationDeliver, credential.LogStarted
	key := credential.Tag(credential.KeyIDOf(owner.Key.PublicKey()))
	require.Equal(t, []credential.LogEntry{
		{Sequence: 2, Time: made(w), Operation: open, Outcome: started, Role: credential.RoleOwner, Who: key},
		{Sequence: 3, Time: made(w), Operation: open, Outcome: started, Role: credential.RoleGuest, Who: tagOf(t, neighbour), Resource: 2},
		{
			Sequence: 4, Time: w.Now, Operation: deliver, Outcome: started, Role: credential.RoleOperator, Service: credential.ServicePost,
			Who: tagOf(t, post), Resource: 3, Reference: reference,
		},
		{
			Sequence: 5, Time: now, Evidence: credential.EvidenceStated, Operation: open, Outcome: started, Role: credential.RoleGuest,
			Who: tagOf(t, live),
		},
	}, entriesOf(read(t, w, cleared(t, w, owner).LogPages...))[1:])
}
