package holder_test

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/edhoc"
)

// boxID is a lock whose log is read.
var boxID = credential.LockID{0xB0}

// requireReads adds the pages with the entries of a log from first to last each,
// and requires that they are good.
func requireReads(t *testing.T, h *holder.History, log []credential.LogEntry, spans ...[2]int) {
	t.Helper()
	for _, s := range spans {
		require.NoError(t, h.AddClear(pageOf(boxID, log, s[0], s[1]).Encode()), "%v", s)
	}
}

// numbers returns the numbers of the entries that were read.
func numbers(h *holder.History) (n []int) {
	for _, l := range h.Lines(nil) {
		n = append(n, int(l.Entry.Sequence))
	}
	return n
}

// TestPagesInAnyOrder makes one run of pages that meet, however they come.
func TestPagesInAnyOrder(t *testing.T) {
	log := logOf(70)
	spans := [][2]int{{1, 10}, {11, 26}, {20, 30}, {27, 27}, {28, 43}, {44, 59}, {55, 70}, {1, 0}, {30, 40}}
	for seed := range uint64(200) {
		var h holder.History
		r := rand.New(rand.NewPCG(seed, 0))
		for _, i := range r.Perm(len(spans)) {
			requireReads(t, &h, log, spans[i])
		}
		require.Equal(t, holder.History{Lock: boxID, Runs: []holder.Run{{Entries: log}}}, h)
		require.Equal(t, uint32(70), h.Newest())
		require.Zero(t, h.Gaps())
	}
}

func TestEntriesThatNobodyReadAreAGap(t *testing.T) {
	log := logOf(100)
	var h holder.History
	requireReads(t, &h, log, [2]int{1, 10}, [2]int{31, 46})
	require.Equal(t, uint32(20), h.Gaps())
	requireReads(t, &h, log, [2]int{60, 60})
	require.Equal(t, uint32(33), h.Gaps())
	lines := h.Lines(func(credential.Tag) string { return "" })
	require.Len(t, lines, 27)
	require.Equal(t, uint32(0), lines[0].Lost)
	require.Equal(t, uint32(20), lines[10].Lost)
	require.Equal(t, uint32(13), lines[26].Lost)

	requireReads(t, &h, log, [2]int{11, 26}, [2]int{27, 30}) // an older page, by a visitor who was slow
	require.Equal(t, uint32(13), h.Gaps())
	requireReads(t, &h, log, [2]int{45, 60})
	require.Zero(t, h.Gaps())
	require.Equal(t, holder.History{Lock: boxID, Runs: []holder.Run{{Entries: log[:60]}}}, h)
}

// TestLogThatBeganBeforeItWasRead has no gap: what was before was another's.
func TestLogThatBeganBeforeItWasRead(t *testing.T) {
	log := logOf(40)
	var h holder.History
	requireReads(t, &h, log, [2]int{30, 40})
	require.Zero(t, h.Gaps())
	require.Equal(t, uint32(0), h.Lines(nil)[0].Lost)
}

// TestAlteredEntriesShow changes one field of one entry that was read, and has the
// lock tell the rest rightly, with heads as they follow from it.
func TestAlteredEntriesShow(t *testing.T) {
	log := logOf(40)
	for name, change := range map[string]func(*credential.LogEntry){
		"time":      func(e *credential.LogEntry) { e.Time++ },
		"who":       func(e *credential.LogEntry) { e.Who[0] ^= 1 },
		"operation": func(e *credential.LogEntry) { e.Operation = credential.OperationDeliver },
		"outcome":   func(e *credential.LogEntry) { e.Outcome = credential.LogFailed },
		"reference": func(e *credential.LogEntry) { e.Reference[3] = 1 },
	} {
		for _, span := range [][2]int{{15, 30}, {20, 30}, {21, 30}, {12, 27}, {5, 20}, {20, 20}} {
			t.Run(name, func(t *testing.T) {
				var h holder.History
				requireReads(t, &h, log, [2]int{5, 20})
				before := h
				altered := logOf(40)
				change(&altered[19])
				require.ErrorIs(t, h.AddClear(pageOf(boxID, altered, span[0], span[1]).Encode()), holder.ErrLogAltered)
				require.Equal(t, before, h, "it leaves the History as it was")
				requireReads(t, &h, log, span)
			})
		}
	}
}

// TestEntriesAlteredBeforeThoseThatWereRead show by the head, even where no entry
// is common.
func TestEntriesAlteredBeforeThoseThatWereRead(t *testing.T) {
	log, altered := logOf(40), logOf(40)
	altered[2].Time++
	for _, span := range [][2]int{{21, 30}, {1, 9}, {1, 4}, {4, 9}} {
		var h holder.History
		requireReads(t, &h, log, [2]int{10, 20})
		err := h.AddClear(pageOf(boxID, altered, span[0], span[1]).Encode())
		if span == [2]int{1, 4} {
			require.NoError(t, err, "nothing says yet that they are not the ones")
			err = h.AddClear(pageOf(boxID, altered, 5, 9).Encode())
		} else if span == [2]int{4, 9} {
			require.ErrorIs(t, err, holder.ErrLogAltered)
		}
		require.ErrorIs(t, err, holder.ErrLogAltered, "%v", span)
	}
}

func TestLogThatFellBack(t *testing.T) {
	log := logOf(40)
	for _, c := range []struct {
		name   string
		result holder.Result
		fell   bool
	}{
		{"state behind", holder.Result{Lock: boxID, State: holder.State{Sequence: 29}}, true},
		{"state as before", holder.Result{Lock: boxID, State: holder.State{Sequence: 30}}, false},
		{"state ahead", holder.Result{Lock: boxID, State: holder.State{Sequence: 31}}, false},
		{"state that tells a guest nothing", holder.Result{Lock: boxID}, false},
		{"state of another lock", holder.Result{Lock: credential.LockID{1}, State: holder.State{Sequence: 1}}, false},
		{"pages behind", holder.Result{Lock: boxID, LogPages: pagesOf(boxID, log[:29])}, true},
		{"no pages any more", holder.Result{Lock: boxID, LogPages: pagesOf(boxID, nil)[:1]}, true},
		{"pages as before", holder.Result{Lock: boxID, LogPages: pagesOf(boxID, log[:30])}, false},
		{"pages ahead", holder.Result{Lock: boxID, LogPages: pagesOf(boxID, log)}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var h holder.History
			requireReads(t, &h, log, [2]int{15, 30})
			err := h.Take(holder.InClear(c.result), nil)
			if c.fell {
				require.ErrorIs(t, err, holder.ErrLogFellBack)
			} else {
				require.NoError(t, err)
			}
		})
	}
}

// TestSealedPagesAreOftenOld: a visitor who carried them for a month is no sign
// of anything.
func TestSealedPagesAreOftenOld(t *testing.T) {
	log := logOf(40)
	key := edhoc.LogKey{7}
	var sealed [][]byte
	for _, page := range pagesOf(boxID, log[:20]) {
		s, err := key.Seal(page, [16]byte{})
		require.NoError(t, err)
		sealed = append(sealed, s)
	}
	var h holder.History
	requireReads(t, &h, log, [2]int{25, 40})
	require.NoError(t, h.Take(holder.Result{Lock: boxID, LogPages: sealed}, holder.LogKeys{holder.NewLogKey(key)}))
	require.Equal(t, uint32(4), h.Gaps())
	require.Len(t, numbers(&h), 36)

	require.ErrorIs(t, h.Take(holder.Result{LogPages: sealed}, holder.LogKeys{holder.NewLogKey([32]byte{8})}), holder.ErrLogKey)
}

// TestOneBadPageDoesNotSpoilTheOthers of a Result.
func TestOneBadPageDoesNotSpoilTheOthers(t *testing.T) {
	pages := pagesOf(boxID, logOf(64))
	pages[1] = bytes.Repeat([]byte{0xFF}, 768)
	pages[2] = nil
	var h holder.History
	err := h.Take(holder.InClear(holder.Result{Lock: boxID, LogPages: pages}), nil)
	require.ErrorIs(t, err, credential.ReasonMalformed)
	require.Equal(t, uint32(32), h.Gaps())
	require.Len(t, h.Runs, 2)
}

// TestPageInClearThatSomebodyBrings is not believed, however well it fits: only the
// channel that it came in vouches for one.
func TestPageInClearThatSomebodyBrings(t *testing.T) {
	page := pageOf(boxID, logOf(20), 11, 20).Encode()
	var h holder.History
	require.ErrorIs(t, h.Add(page, holder.LogKeys{holder.NewLogKey([32]byte{7})}), holder.ErrLogKey)
	require.ErrorIs(t, h.Take(holder.Result{Lock: boxID, LogPages: [][]byte{page}}, nil), holder.ErrLogKey)
	require.Empty(t, h.Runs)
}

func TestPageOfAnotherLock(t *testing.T) {
	var h holder.History
	requireReads(t, &h, logOf(10), [2]int{1, 10})
	require.ErrorIs(t, h.AddClear(pageOf(credential.LockID{1}, logOf(20), 11, 20).Encode()), holder.ErrLogLock)
	require.ErrorIs(t, h.AddClear(pageOf(credential.LockID{1}, nil, 1, 0).Encode()), holder.ErrLogLock)
}

func TestNamesAreTheAppsOwn(t *testing.T) {
	log := logOf(3)
	log[1].Who = credential.Tag{}
	var h holder.History
	requireReads(t, &h, log, [2]int{1, 3})
	names := map[credential.Tag]string{log[0].Who: "the neighbour", {}: "nobody is asked about"}
	lines := h.Lines(func(tag credential.Tag) string { return names[tag] })
	require.Equal(t, []holder.Line{{Entry: log[0]}, {Entry: log[1]}, {Entry: log[2]}}, h.Lines(nil))
	require.Equal(t, []holder.Line{{Entry: log[0]}, {Entry: log[1]}, {Entry: log[2]}}, lines, "tag 0 is none")
	names[log[2].Who] = "the cousin"
	require.Equal(t, "the cousin", h.Lines(func(tag credential.Tag) string { return names[tag] })[2].Name)
}

// TestHistoryIsKeptAsJSON and goes on from there.
func TestHistoryIsKeptAsJSON(t *testing.T) {
	log := logOf(60)
	var h, again holder.History
	requireReads(t, &h, log, [2]int{1, 10}, [2]int{21, 36})
	text, err := json.Marshal(h)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &again))
	require.Equal(t, h, again)
	requireReads(t, &again, log, [2]int{37, 50}, [2]int{11, 20})
	require.Equal(t, log[:50], again.Runs[0].Entries)
}

// TestSpoiltHistory takes no page any more, and panics nowhere.
func TestSpoiltHistory(t *testing.T) {
	log := logOf(60)
	page := pageOf(boxID, log, 11, 26).Encode()
	for name, runs := range map[string][]holder.Run{
		"empty run":       {{}},
		"entry without":   {{Entries: []credential.LogEntry{{}}}},
		"gap in a run":    {{Entries: []credential.LogEntry{log[0], log[2]}}},
		"runs in a heap":  {{Base: pageOf(boxID, log, 40, 41).Base, Entries: log[39:41]}, {Entries: log[:2]}},
		"runs that cross": {{Entries: log[:9]}, {Base: pageOf(boxID, log, 6, 9).Base, Entries: log[5:9]}},
		"another base":    {{Base: credential.LogHead{1}, Entries: log[:10]}},
	} {
		t.Run(name, func(t *testing.T) {
			h := holder.History{Lock: boxID, Runs: runs}
			require.ErrorIs(t, h.AddClear(page), holder.ErrLogAltered)
		})
	}
	empty := holder.History{Lock: boxID, Runs: []holder.Run{{}, {Entries: log[:1]}, {}}}
	require.Zero(t, empty.Newest())
	require.Len(t, empty.Lines(nil), 1)
	require.Zero(t, empty.Gaps())
}

func TestGreatestNumbers(t *testing.T) {
	log := logOf(2)
	log[0].Sequence, log[1].Sequence = math.MaxUint32-1, math.MaxUint32
	var h holder.History
	for _, p := range []credential.LogPage{{Lock: boxID, Entries: log[:1]}, {Lock: boxID, Base: credential.LogHead{}.Next(log[0]), Entries: log[1:]}} {
		require.NoError(t, h.AddClear(p.Encode()))
	}
	require.Len(t, h.Runs, 1)
	requireReads(t, &h, logOf(1), [2]int{1, 1})
	require.Equal(t, uint32(math.MaxUint32-3), h.Gaps())
}

// FuzzHistory adds pages that a hostile lock makes up: those that are taken leave
// runs in order, which do not meet; the others leave all as it was.
func FuzzHistory(f *testing.F) {
	f.Add([]byte{0, 0, 1, 16, 0, 0, 0, 17, 16, 0, 0, 0, 40, 3, 0})
	f.Add([]byte{0, 1, 5, 2, 9, 1, 0, 6, 2, 9, 0, 0, 255, 255, 255})
	honest := logOf(300)
	f.Fuzz(func(t *testing.T, made []byte) {
		var h holder.History
		for ; len(made) >= 5; made = made[5:] {
			first, count := int(made[2])+1, int(made[3])%17
			p := pageOf(credential.LockID{made[0] % 2}, honest, first, first+count-1)
			p.Base[0] ^= made[1] % 2
			if count > 0 && made[4]%4 == 1 {
				p.Entries = append([]credential.LogEntry(nil), p.Entries...)
				p.Entries[int(made[4])%count].Time++
			}
			before, _ := json.Marshal(h)
			if h.AddClear(p.Encode()) != nil {
				after, _ := json.Marshal(h)
				require.Equal(t, before, after)
			}
			missing := uint32(0)
			for i, run := range h.Runs {
				require.NotEmpty(t, run.Entries)
				if i > 0 {
					above := h.Runs[i-1].Entries
					last := above[len(above)-1].Sequence
					require.Greater(t, run.Entries[0].Sequence, last+1)
					missing += run.Entries[0].Sequence - last - 1
				}
			}
			require.Equal(t, missing, h.Gaps())
		}
		_ = h.AddClear(made)
	})
}
