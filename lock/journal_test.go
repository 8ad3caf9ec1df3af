package lock

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// ram is a flash for tests inside the package; locktest.Flash cannot be
// imported from here.
type ram struct {
	size  int
	pages [][]byte
	left  int // operations until the power goes; negative: never
	torn  int // bytes of the operation in which it goes that are still done
}

var errPower = errors.New("power lost")

func newRAM(pages, size int) *ram {
	r := &ram{size: size, left: -1}
	for range pages {
		r.pages = append(r.pages, bytes.Repeat([]byte{0xFF}, size))
	}
	return r
}

func (r *ram) PageSize() int { return r.size }
func (r *ram) Pages() int    { return len(r.pages) }
func (r *ram) Read(page int, p []byte) error {
	copy(p, r.pages[page])
	return nil
}

func (r *ram) Erase(page int) error {
	return r.do(page, bytes.Repeat([]byte{0xFF}, r.size))
}

func (r *ram) Program(page int, p []byte) error {
	if !bytes.Equal(r.pages[page], bytes.Repeat([]byte{0xFF}, r.size)) {
		return errors.New("page is not erased")
	}
	return r.do(page, p)
}

// do writes the page, or only its first torn bytes where the power goes.
func (r *ram) do(page int, p []byte) error {
	if r.left == 0 {
		copy(r.pages[page][:r.torn], p)
		return errPower
	}
	r.left--
	copy(r.pages[page], p)
	return nil
}

func (r *ram) clone() *ram {
	c := &ram{size: r.size, left: -1}
	for _, p := range r.pages {
		c.pages = append(c.pages, bytes.Clone(p))
	}
	return c
}

// commits is a journal that only concatenates: its state is the list of all
// payloads.
type commits struct {
	*journal
	all []byte
}

func openCommits(f Flash) (*commits, error) {
	j, err := newJournal(f)
	if err != nil {
		return nil, err
	}
	c := &commits{journal: j}
	return c, j.load(func(p []byte) error {
		c.all = append(c.all, p...)
		return nil
	})
}

func (c *commits) add(p []byte) error {
	next := append(bytes.Clone(c.all), p...)
	if err := c.journal.add(p, len(c.all), slices.Values([][]byte{c.all})); err != nil {
		return err
	}
	c.all = next
	return nil
}

func formatted(t *testing.T, pages, size int) *ram {
	t.Helper()
	r := newRAM(pages, size)
	j, err := newJournal(r)
	require.NoError(t, err)
	require.NoError(t, j.write(0, 0, kindSnapshot, 0, slices.Values([][]byte{})))
	return r
}

func TestJournalKeepsWhatWasCommitted(t *testing.T) {
	for _, geometry := range [][2]int{{16, 128}, {32, 128}, {8, 256}, {4, 1024}, {64, 512}} {
		t.Run(fmt.Sprint(geometry), func(t *testing.T) {
			r := formatted(t, geometry[0], geometry[1])
			var want []byte
			for i := range 60 {
				c, err := openCommits(r)
				require.NoError(t, err)
				require.Equal(t, want, c.all)
				p := bytes.Repeat([]byte{byte(i)}, 1+i%7)
				require.NoError(t, c.add(p))
				want = append(want, p...)
			}
		})
	}
}

func TestJournalRefusesAGeometryThatItCannotUse(t *testing.T) {
	for _, geometry := range [][2]int{{16, 127}, {15, 128}, {0, 128}, {1, 128}, {16, 1 << 16}} {
		_, err := newJournal(newRAM(geometry[0], geometry[1]))
		require.ErrorIs(t, err, errGeometry, geometry)
	}
}

func TestJournalRefusesMoreThanABankHolds(t *testing.T) {
	c, err := openCommits(formatted(t, 4, 128))
	require.NoError(t, err)
	require.ErrorIs(t, c.add(make([]byte, 3*128)), errFull)
	require.NoError(t, c.add([]byte{1}))
}

func TestJournalWithoutAStateIsRefused(t *testing.T) {
	_, err := openCommits(newRAM(16, 128))
	require.ErrorIs(t, err, errNoState)

	damaged := formatted(t, 16, 128)
	damaged.pages[0][20] ^= 1
	damaged.pages[0][4] ^= 1
	_, err = openCommits(damaged)
	require.ErrorIs(t, err, errNoState)
}

// TestJournalSurvivesPowerCuts cuts the power at every flash operation of a
// series of commits that crosses both banks twice, with the operation done not
// at all, in part and nearly whole.  After each cut the journal must hold the
// state before the commit or after it, and go on working.
func TestJournalSurvivesPowerCuts(t *testing.T) {
	payloads := [][]byte{}
	for i := range 24 {
		payloads = append(payloads, bytes.Repeat([]byte{byte(i + 1)}, 3+13*(i%11)))
	}
	cuts := 0
	before := formatted(t, 48, 128)
	var state []byte
	for i, p := range payloads {
		for op := 0; ; op++ {
			finished := false
			for _, torn := range []int{0, 1, 9, 12, 60, 127} {
				r := before.clone()
				r.left, r.torn = op, torn
				c, err := openCommits(r)
				require.NoError(t, err)
				require.Equal(t, state, c.all)
				if err := c.add(p); err == nil {
					finished = true
					break
				}
				cuts++
				r.left = -1
				again, err := openCommits(r)
				require.NoError(t, err, "commit %d, operation %d, torn %d", i, op, torn)
				after := append(bytes.Clone(state), p...)
				if !bytes.Equal(again.all, after) {
					require.Equal(t, state, again.all, "commit %d, operation %d, torn %d", i, op, torn)
					require.NoError(t, again.add(p))
				}
				last, err := openCommits(r)
				require.NoError(t, err)
				require.Equal(t, after, last.all)
			}
			if finished {
				break
			}
		}
		c, err := openCommits(before)
		require.NoError(t, err)
		require.NoError(t, c.add(p))
		state = append(state, p...)
	}
	require.Greater(t, cuts, 200)
	t.Logf("%d power cuts", cuts)
}

func FuzzJournalLoad(f *testing.F) {
	j, _ := newJournal(newRAM(4, 128))
	j.encodePage(pageHeader{kind: kindSnapshot, pages: 1, number: 1, size: copy(j.page[journalHeader:], []byte{1, 0, 4, 0, 0, 0, 9})})
	f.Add(bytes.Clone(j.page))
	f.Fuzz(func(t *testing.T, content []byte) {
		r := newRAM(4, 128)
		for i := range r.pages {
			n := copy(r.pages[i], content)
			content = content[n:]
		}
		j, err := newJournal(r)
		require.NoError(t, err)
		var s state
		_ = j.load(s.apply)
	})
}

func TestStateRefusesRecordsThatItDoesNotWrite(t *testing.T) {
	for name, payload := range map[string][]byte{
		"unknown record":      {9, 0, 0},
		"cut off head":        {1, 0},
		"cut off value":       {1, 0, 4, 1, 2, 3},
		"short floor":         {1, 0, 3, 1, 2, 3},
		"short entry":         {4, 0, 1, 1},
		"empty authority":     {5, 0, 0},
		"short grant":         {6, 0, 2, 1, 2},
		"good, then not good": {1, 0, 4, 0, 0, 0, 1, 7, 0, 0},
	} {
		var s state
		require.ErrorIs(t, s.apply(payload), errRecord, name)
	}
}

func TestStateNeverFalls(t *testing.T) {
	s := state{floor: 10, policyVersion: 3, sequence: 7}
	low := state{floor: 9, policyVersion: 2, sequence: 6}
	require.NoError(t, s.apply(snapshotOf(&low)))
	require.Equal(t, state{floor: 10, policyVersion: 3, sequence: 7}, s)
}

func TestStateSnapshotHoldsEverything(t *testing.T) {
	var s state
	for i := range 70 {
		c := change{floor: 5, entry: &Entry{Sequence: uint32(i + 1), Operation: 2, Outcome: 1, Role: 3, Service: 1}}
		c.grant = &credential.Fingerprint{byte(i)}
		c.authority = &knownAuthority{credential.Fingerprint{byte(i)}, 6, []byte{byte(i)}}
		require.NoError(t, s.apply(c.encode()))
	}
	require.Len(t, s.log, 64)
	require.Len(t, s.authorities, 4)
	require.Len(t, s.grants, knownGrants)
	var again state
	require.NoError(t, again.apply(snapshotOf(&s)))
	require.Equal(t, s, again)
	require.Len(t, snapshotOf(&s), s.size())
}

// snapshotOf returns the snapshot of a state in one piece.
func snapshotOf(s *state) []byte {
	var b []byte
	for part := range s.records() {
		b = append(b, part...)
	}
	return b
}

// numbered is the payload of the i-th commit in the tests of damage: a floor
// that rises.
func numbered(i int) []byte { return change{floor: credential.Time(i)}.encode() }

// floorAfter powers up on the flash and returns the floor.
func floorAfter(r *ram) (credential.Time, error) {
	j, err := newJournal(r)
	if err != nil {
		return 0, err
	}
	var s state
	err = j.load(s.apply)
	return s.floor, err
}

// TestJournalDoesNotFallBackWhenAPageIsLost damages every page in turn, as age
// or a page that was written with too little power does.  What rises must not
// fall, but for the newest commit itself, which looks like one that was cut; or
// the lock must refuse to start.
func TestJournalDoesNotFallBackWhenAPageIsLost(t *testing.T) {
	const pages = 24
	r := formatted(t, pages, 128)
	j, err := newJournal(r)
	require.NoError(t, err)
	var s state
	require.NoError(t, j.load(s.apply))
	for i := 1; i <= 40; i++ {
		payload := numbered(i)
		require.NoError(t, j.add(payload, s.size(), s.records()))
		require.NoError(t, s.apply(payload))
		newest := j.bank*pages/2 + j.next - 1
		kept := 0
		for page := range pages {
			damaged := r.clone()
			damaged.pages[page][j.room()/2] ^= 0x10
			damaged.pages[page][5] ^= 0x01
			floor, err := floorAfter(damaged)
			switch {
			case err != nil:
				require.ErrorIs(t, err, errNoState, "after commit %d, page %d", i, page)
			case page == newest:
				require.GreaterOrEqual(t, floor, credential.Time(i-1), "after commit %d, page %d", i, page)
			default:
				require.Equal(t, credential.Time(i), floor, "after commit %d, page %d", i, page)
				kept++
			}
			if err == nil {
				requireGoesOn(t, damaged, floor)
			}
		}
		require.GreaterOrEqual(t, kept, pages-2)
	}
}

// requireGoesOn commits twice more on a flash that was damaged.
func requireGoesOn(t *testing.T, r *ram, floor credential.Time) {
	t.Helper()
	for i := range credential.Time(2) {
		j, err := newJournal(r)
		require.NoError(t, err)
		var s state
		require.NoError(t, j.load(s.apply))
		payload := numbered(int(floor + i + 1))
		require.NoError(t, j.add(payload, s.size(), s.records()))
		after, err := floorAfter(r)
		require.NoError(t, err)
		require.Equal(t, floor+i+1, after)
	}
}

// TestJournalNeverMixesTwoTries has the flash write a commit whole and report a
// failure, and the next commit of the same length cut after its first page.
func TestJournalNeverMixesTwoTries(t *testing.T) {
	r := formatted(t, 16, 128)
	c, err := openCommits(r)
	require.NoError(t, err)
	late := &lateFailure{ram: r, at: 4}
	c.journal.flash = late
	first := bytes.Repeat([]byte{0xAA}, 200)
	require.ErrorIs(t, c.add(first), errPower)
	c.journal.flash = r
	r.left, r.torn = 2, 0
	require.ErrorIs(t, c.add(bytes.Repeat([]byte{0xBB}, 200)), errPower)
	r.left = -1
	again, err := openCommits(r)
	require.NoError(t, err)
	require.Empty(t, again.all)
}

// lateFailure carries out operation at and reports that it failed.
type lateFailure struct {
	*ram
	at int
}

func (l *lateFailure) Erase(page int) error { return l.count(l.ram.Erase(page)) }
func (l *lateFailure) Program(page int, p []byte) error {
	return l.count(l.ram.Program(page, p))
}

func (l *lateFailure) count(err error) error {
	if l.at--; l.at == 0 {
		return errPower
	}
	return err
}
