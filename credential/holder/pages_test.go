package holder_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/worldtest"
)

// logOf is a log of n entries, number 1 first.
func logOf(n int) []credential.LogEntry {
	var entries []credential.LogEntry
	for i := range n {
		entries = append(entries, credential.LogEntry{
			Sequence: uint32(i + 1), Time: credential.Time(1000 + i), Operation: credential.OperationOpen,
			Outcome: credential.LogStarted, Role: credential.RoleGuest, Who: credential.Tag{7: byte(i)},
		})
	}
	return entries
}

// pageOf returns the page with the entries from first to last of a log; none
// where last is before first.
func pageOf(lock credential.LockID, log []credential.LogEntry, first, last int) credential.LogPage {
	p := credential.LogPage{Lock: lock}
	for _, e := range log[:max(first-1, 0)] {
		p.Base = p.Base.Next(e)
	}
	if first <= last {
		p.Entries = log[first-1 : last]
	}
	return p
}

// pagesOf returns the four pages that a lock gives out, the newest first.
func pagesOf(lock credential.LockID, log []credential.LogEntry) [][]byte {
	var pages [][]byte
	for n := range 4 {
		last := max(len(log)-16*n, 0)
		pages = append(pages, pageOf(lock, log, max(last-15, 1), last).Encode())
	}
	return pages
}

// withLog has a fake give out the pages of a log, and answer anything else with
// the outcome.
func withLog(t *testing.T, f *fake, pages [][]byte, seal bool, outcome credential.Outcome) {
	f.answer = func(_ int, r message.Request) []byte {
		if !r.Log && r.Operation != credential.OperationReadLog {
			return encode(t, message.Response{Outcome: outcome})
		}
		require.False(t, r.Log && r.Operation != credential.OperationStatus)
		page := pages[r.Page]
		if seal {
			var err error
			page, err = new(edhoc.LogKey).Seal(page, [16]byte{})
			require.NoError(t, err)
		}
		return encode(t, message.Response{Log: page})
	}
}

func TestWholeLogIsFetchedSealed(t *testing.T) {
	w := worldtest.New(t)
	for _, extended := range []bool{true, false} {
		f, p := newFake(t, w), w.NeighbourPhone(t)
		p.Extended = extended
		pages := pagesOf(w.LockID, logOf(3))
		withLog(t, f, pages, true, credential.OutcomeDone)
		r, err := p.FetchLog(t.Context(), f.link())
		require.NoError(t, err)
		require.Equal(t, credential.OutcomeDone, r.Outcome)
		require.Len(t, r.LogPages, 4, "nobody knows how many of them are empty")
		for i, sealed := range r.LogPages {
			page, err := holder.LogKeys{{}}.Open(sealed)
			require.NoError(t, err)
			require.Equal(t, pages[i], page)
		}
		require.Equal(t, []message.Request{
			{Log: true}, {Log: true, Page: 1, Paged: true}, {Log: true, Page: 2, Paged: true}, {Log: true, Page: 3, Paged: true},
		}, f.requests)
	}
}

// TestLogIsReadAsFarAsItGoes ends with the page that is not full.
func TestLogIsReadAsFarAsItGoes(t *testing.T) {
	w := worldtest.New(t)
	for entries, want := range map[int]int{0: 1, 1: 1, 15: 1, 16: 2, 17: 2, 32: 3, 63: 4, 64: 4, 100: 4} {
		f := newFake(t, w)
		pages := pagesOf(w.LockID, logOf(entries))
		withLog(t, f, pages, false, credential.OutcomeDone)
		r, err := w.OwnerPhone(t).ReadLog(t.Context(), f.link())
		require.NoError(t, err)
		require.Equal(t, pages[:want], r.LogPages, "%d entries", entries)
		for _, q := range f.requests {
			require.Equal(t, credential.OperationReadLog, q.Operation)
			require.False(t, q.Log)
		}
	}
}

func TestReadLogAsksForOnePageAtTheLeast(t *testing.T) {
	w := worldtest.New(t)
	f := newFake(t, w)
	withLog(t, f, pagesOf(w.LockID, logOf(64)), false, credential.OutcomeDone)
	r, err := w.OwnerPhone(t).Open(t.Context(), f.link(), credential.OperationReadLog)
	require.NoError(t, err)
	require.Len(t, r.LogPages, 1)
}

func TestLogIsNotReadByWhoMayNot(t *testing.T) {
	w := worldtest.New(t)
	f := newFake(t, w)
	f.answer = func(int, message.Request) []byte {
		return encode(t, message.Response{Outcome: credential.OutcomeRefused, Reason: credential.ReasonAction})
	}
	r, err := w.NeighbourPhone(t).ReadLog(t.Context(), f.link())
	require.NoError(t, err)
	require.Equal(t, credential.ReasonAction, r.Reason)
	require.Empty(t, r.LogPages)
	require.Len(t, f.requests, 1)
}

// TestPagesAreTakenAlongAfterAnOpening in the same channel.
func TestPagesAreTakenAlongAfterAnOpening(t *testing.T) {
	w := worldtest.New(t)
	for outcome, want := range map[credential.Outcome]int{credential.OutcomeOpened: 2, credential.OutcomeUnconfirmed: 2} {
		f := newFake(t, w)
		withLog(t, f, pagesOf(w.LockID, logOf(3)), true, outcome)
		r, err := w.NeighbourPhone(t).Do(t.Context(), f.link(), holder.Ask{Operation: credential.OperationOpen, LogPages: 2})
		require.NoError(t, err)
		require.Equal(t, outcome, r.Outcome)
		require.Len(t, r.LogPages, want)
		require.Equal(t, []message.Request{
			{Operation: credential.OperationOpen}, {Log: true}, {Log: true, Page: 1, Paged: true},
		}, f.requests)
	}
}

func TestNoPagesAfterARefusal(t *testing.T) {
	w := worldtest.New(t)
	f := newFake(t, w)
	f.answer = func(int, message.Request) []byte {
		return encode(t, message.Response{Outcome: credential.OutcomeRefused, Reason: credential.ReasonBlocked})
	}
	r, err := w.NeighbourPhone(t).Do(t.Context(), f.link(), holder.Ask{Operation: credential.OperationOpen, LogPages: 2})
	require.NoError(t, err)
	require.Equal(t, credential.ReasonBlocked, r.Reason)
	require.Len(t, f.requests, 1)
}

// TestLinkLostBehindAnOpening: the box is open, and the phone says so.
func TestLinkLostBehindAnOpening(t *testing.T) {
	w := worldtest.New(t)
	for lost := 4; lost <= 5; lost++ {
		f := newFake(t, w)
		withLog(t, f, pagesOf(w.LockID, logOf(3)), true, credential.OutcomeOpened)
		link := &tampered{next: f.link(), command: func(n int, c []byte) ([]byte, error) {
			if n >= lost {
				return nil, errField
			}
			return c, nil
		}}
		r, err := w.NeighbourPhone(t).Do(t.Context(), link, holder.Ask{Operation: credential.OperationOpen, LogPages: 4})
		require.NoError(t, err)
		require.Equal(t, credential.OutcomeOpened, r.Outcome)
		require.Equal(t, holder.AdviceNone, r.Advice)
		require.Len(t, r.LogPages, lost-4)
	}
}

// TestLinkLostWhileTheLogIsFetched is told, with the pages that came.
func TestLinkLostWhileTheLogIsFetched(t *testing.T) {
	w := worldtest.New(t)
	f := newFake(t, w)
	withLog(t, f, pagesOf(w.LockID, logOf(3)), true, credential.OutcomeDone)
	link := &tampered{next: f.link(), command: func(n int, c []byte) ([]byte, error) {
		if n == 5 {
			return nil, errField
		}
		return c, nil
	}}
	r, err := w.NeighbourPhone(t).FetchLog(t.Context(), link)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonLink, holder.AdviceTapAgain)
	require.Len(t, r.LogPages, 2)
	require.Equal(t, w.LockID, r.Lock)
}

func TestLockThatGivesNoPages(t *testing.T) {
	w := worldtest.New(t)
	for _, ask := range []holder.Ask{{LogPages: 3}, {Operation: credential.OperationOpen, LogPages: 3}, {Operation: credential.OperationReadLog}} {
		f := newFake(t, w)
		f.answer = func(int, message.Request) []byte { return encode(t, message.Response{}) }
		r, err := w.OwnerPhone(t).Do(t.Context(), f.link(), ask)
		require.NoError(t, err)
		require.Empty(t, r.LogPages)
	}
}

func TestAsksThatNoLockTakes(t *testing.T) {
	w := worldtest.New(t)
	for name, ask := range map[string]holder.Ask{
		"configure":      {Operation: credential.OperationConfigure},
		"fewer than no":  {LogPages: -1},
		"a fifth page":   {LogPages: 5},
		"too many in it": {Operation: credential.OperationReadLog, LogPages: 5},
	} {
		t.Run(name, func(t *testing.T) {
			link := apdu.NewTracer(w.Link())
			r, err := w.OwnerPhone(t).Do(t.Context(), link, ask)
			requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonNone, holder.AdviceUpdate)
			require.ErrorIs(t, err, holder.ErrPhone)
			require.Zero(t, link.Cost())
		})
	}
}

// TestPagesAreTheLocksToFill: whatever bytes come are handed on, for History to
// judge.
func TestPagesAreTheLocksToFill(t *testing.T) {
	w := worldtest.New(t)
	f := newFake(t, w)
	withLog(t, f, [][]byte{bytes.Repeat([]byte{1}, 768), bytes.Repeat([]byte{2}, 768), make([]byte, 768), bytes.Repeat([]byte{4}, 768)}, false, credential.OutcomeDone)
	r, err := w.OwnerPhone(t).ReadLog(t.Context(), f.link())
	require.NoError(t, err)
	require.Len(t, r.LogPages, 4)
}
