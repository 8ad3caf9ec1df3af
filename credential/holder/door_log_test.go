package holder_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock"
)

// openTimes has the owner open the box so many times.
func openTimes(t *testing.T, w *worldtest.World, p *holder.Phone, n int) {
	t.Helper()
	for range n {
		requireOpened(t, w, p, w.Link(), credential.OperationOpen)
	}
}

// TestHistoryOfABox is read by whoever passes by, over its first hundred openings.
func TestHistoryOfABox(t *testing.T) {
	w := worldtest.New(t)
	owner := keeping(t, w, w.OwnerPhone(t), credential.OperationOpen) // 2 entries by now
	couriers := []*holder.Phone{w.NeighbourPhone(t), w.PostmanPhone(t), owner}
	keys := holder.LogKeys{w.LogKey}
	var h holder.History
	newest := 2
	for i, openings := range []int{0, 1, 13, 17, 64, 70} {
		openTimes(t, w, owner, openings)
		newest += openings
		courier := couriers[i%len(couriers)]
		r, err := courier.FetchLog(t.Context(), w.Link())
		require.NoError(t, err)
		require.Equal(t, credential.OutcomeDone, r.Outcome)
		require.Len(t, r.LogPages, 4)
		for _, page := range r.LogPages {
			require.Len(t, page, 792)
		}
		require.NoError(t, h.Take(r, keys))
		require.Equal(t, uint32(newest), h.Newest())
	}
	require.Equal(t, uint32(70-64), h.Gaps(), "what was overwritten before anybody came")
	lines := h.Lines(func(who credential.Tag) string { return who.String() })
	require.Len(t, lines, newest-6)
	require.Equal(t, credential.LogCommissioned, lines[0].Entry.Outcome)
	require.Equal(t, uint32(6), lines[len(lines)-64].Lost)

	clear, err := owner.ReadLog(t.Context(), w.Link())
	require.NoError(t, err)
	require.Len(t, clear.LogPages, 4)
	require.NoError(t, h.Take(clear, nil), "in clear it is the same log")
	require.Equal(t, uint32(newest), clear.State.Sequence)
}

// TestOldPagesOfABox come late, and fill the gap.
func TestOldPagesOfABox(t *testing.T) {
	w := worldtest.New(t)
	owner := keeping(t, w, w.OwnerPhone(t), credential.OperationOpen)
	keys := holder.LogKeys{w.LogKey}
	var late []holder.Result
	for range 3 {
		openTimes(t, w, owner, 60)
		r, err := w.NeighbourPhone(t).FetchLog(t.Context(), w.Link())
		require.NoError(t, err)
		late = append(late, r)
	}
	var h holder.History
	for _, i := range []int{2, 0, 1} {
		require.NoError(t, h.Take(late[i], keys))
	}
	require.Zero(t, h.Gaps())
	require.Len(t, h.Lines(nil), 182)
}

// TestLockThatLostItsMemory is found out: an older state of the flash was put back.
func TestLockThatLostItsMemory(t *testing.T) {
	w := worldtest.New(t)
	owner, keys := w.OwnerPhone(t), holder.LogKeys{w.LogKey}
	before := w.Flash.Clone()
	openTimes(t, w, owner, 3)
	r, err := owner.FetchLog(t.Context(), w.Link())
	require.NoError(t, err)
	var h holder.History
	require.NoError(t, h.Take(r, keys))

	w.Config.Flash = before
	w.PowerUp(t)
	r, err = owner.FetchLog(t.Context(), w.Link())
	require.NoError(t, err)
	require.ErrorIs(t, h.Take(r, keys), holder.ErrLogFellBack)
	_, err = w.NeighbourPhone(t).Open(t.Context(), w.Link(), credential.OperationOpen)
	require.NoError(t, err)
	r, err = w.PostmanPhone(t).FetchLog(t.Context(), w.Link())
	require.NoError(t, err)
	require.ErrorIs(t, h.Take(r, keys), holder.ErrLogAltered, "another entry has the number")
}

// TestPagesBehindAnOpening come in the tap that opened, by every kind of phone.
func TestPagesBehindAnOpening(t *testing.T) {
	w := worldtest.New(t)
	p := keeping(t, w, w.NeighbourPhone(t), credential.OperationOpen)
	var h holder.History
	for n, extended := range []bool{true, false} {
		p.Extended = extended
		link := apdu.NewTracer(w.Link())
		r, err := p.Do(t.Context(), link, holder.Ask{Operation: credential.OperationOpen, LogPages: 1})
		require.NoError(t, err)
		require.Equal(t, credential.OutcomeOpened, r.Outcome)
		require.Equal(t, 1, sent(link, wire.InsResume))
		require.Len(t, r.LogPages, 1)
		require.NoError(t, h.Take(r, holder.LogKeys{w.LogKey}))
		require.Equal(t, uint32(n+3), h.Newest(), "the page has the opening")
	}
}

func TestReadLogIsForWhoMay(t *testing.T) {
	w := worldtest.New(t)
	r, err := w.NeighbourPhone(t).ReadLog(t.Context(), w.Link())
	require.NoError(t, err)
	require.Equal(t, credential.ReasonAction, r.Reason)
	require.Equal(t, holder.AdviceWrongBox, r.Advice)
	c := w.GuestClaims()
	c.Scope[0].Actions = credential.ActionReadLog
	g, err := w.Owner.Grant(c)
	require.NoError(t, err)
	r, err = w.Phone(t, "neighbour", g).ReadLog(t.Context(), w.Link())
	require.NoError(t, err)
	require.Len(t, r.LogPages, 1)
	var h holder.History
	require.NoError(t, h.Take(r, nil))
	require.Equal(t, []int{1}, numbers(&h))
}

// TestReceiptsAtTheDoor verify, in full and resumed taps, and say what was done.
func TestReceiptsAtTheDoor(t *testing.T) {
	w := worldtest.New(t)
	twoSuites(t, w)
	guest := w.GuestClaims()
	for name, p := range map[string]*holder.Phone{
		"owner": w.OwnerPhone(t), "guest": w.NeighbourPhone(t), "guest with a P-256 key": p256Phone(t, w, "neighbour", &guest),
	} {
		t.Run(name, func(t *testing.T) {
			p.Slots = holder.NewSlots()
			for n, resumed := range []bool{false, true, true} {
				ask := holder.Ask{Operation: credential.OperationOpen, Receipt: true, Reference: credential.Reference{byte(n), 1}}
				link := apdu.NewTracer(w.Link())
				r, err := p.Do(t.Context(), link, ask)
				require.NoError(t, err)
				require.Equal(t, credential.OutcomeOpened, r.Outcome)
				require.Equal(t, resumed, sent(link, wire.InsResume) == 1)
				require.NotNil(t, r.Receipt)
				require.NoError(t, r.Receipt.Err)
				require.True(t, r.Receipt.Verified)
				claims := r.Receipt.Claims
				require.Equal(t, w.LockID, claims.Lock)
				require.Equal(t, uint32(2), claims.PolicyVersion)
				require.Equal(t, ask.Reference, claims.Entry.Reference)
				require.Equal(t, credential.LogStarted, claims.Entry.Outcome)
				require.Equal(t, r.State.Sequence, claims.Entry.Sequence, "the owner's to know alone")

				log := w.Lock.Log()
				var head credential.LogHead
				for _, entry := range log {
					head = head.Next(entry)
				}
				if name != "owner" {
					head = w.LogKey.Blind(head)
				}
				require.Equal(t, head, claims.Head, "the true numbers are bound in")
			}
		})
	}
}

// TestReceiptOfAnOpeningThatFailed says so.
func TestReceiptOfAnOpeningThatFailed(t *testing.T) {
	w := worldtest.New(t)
	w.Bolt.Motion = lock.Stuck
	r, err := w.NeighbourPhone(t).Do(t.Context(), w.Link(), holder.Ask{Operation: credential.OperationOpen, Receipt: true})
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeFailed, r.Outcome)
	require.True(t, r.Receipt.Verified)
	require.Equal(t, credential.LogFailed, r.Receipt.Claims.Entry.Outcome)
	require.Equal(t, credential.ReasonDrive, r.Receipt.Claims.Entry.Reason)
}

// TestReceiptOfAPhoneThatForgot the lock: nobody vouches for it yet.
func TestReceiptOfAPhoneThatForgot(t *testing.T) {
	w := worldtest.New(t)
	p := keeping(t, w, w.NeighbourPhone(t), credential.OperationOpen)
	p.Locks = nil
	r, err := p.Do(t.Context(), w.Link(), holder.Ask{Operation: credential.OperationOpen, Receipt: true})
	require.NoError(t, err)
	require.NoError(t, r.Receipt.Err)
	require.False(t, r.Receipt.Verified)
}
