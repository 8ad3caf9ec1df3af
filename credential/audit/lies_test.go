package audit_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/audit"
	"github.com/postern-lock/postern/credential/audit/audittest"
	"github.com/postern-lock/postern/issuer/issuertest"
)

const (
	receipt = audit.KindReceipt
	entry   = audit.KindEntry
)

// TestHonestLog has every entry up to the receipt verified, and those behind it
// told.
func TestHonestLog(t *testing.T) {
	b := box(world(), 1, 2)
	signed := b.Receipt()
	b.Write(nil)
	require.Equal(t, []found{
		{receipt, 2, 2, audit.Verified, audit.FaultNone, 0},
		{entry, 1, 1, audit.Verified, audit.FaultNone, 0},
		{entry, 1, 2, audit.Verified, audit.FaultNone, 0},
		{entry, 1, 3, audit.Told, audit.FaultNone, 0},
	}, short(rows(t, config(world()), b.Page(1, 3), signed)))
}

// TestReceiptProvesAcrossPages, whatever their order, and by its own entry where
// the log ends right before it.
func TestReceiptProvesAcrossPages(t *testing.T) {
	w := world()
	b := box(w, 1, 40)
	all := rows(t, config(w), b.Page(20, 30), b.Receipt(), b.Page(31, 39), b.Page(4, 19))
	s := summary(all)
	require.Equal(t, uint64(36), s.Entries[audit.Verified])
	require.False(t, all[0].InLog)
	require.Equal(t, uint32(1), all[0].Missing, "the log ends before the receipt")
}

// TestBlindReceipt is found in the log by those who hold the log key, and nobody
// else.
func TestBlindReceipt(t *testing.T) {
	w := world()
	b := box(w, 1, 3)
	c := config(w)
	all := rows(t, c, b.Blind(), b.Page(1, 3))
	require.False(t, all[0].InLog)
	require.Equal(t, audit.Told, all[1].Verdict)
	c.Blinds = blinds(b)
	all = rows(t, c, b.Blind(), b.Page(1, 3))
	require.True(t, all[0].InLog)
	require.Equal(t, []found{
		{receipt, 1, 0, audit.Verified, audit.FaultNone, 0},
		{entry, 2, 1, audit.Verified, audit.FaultNone, 0},
		{entry, 2, 2, audit.Verified, audit.FaultNone, 0},
		{entry, 2, 3, audit.Verified, audit.FaultNone, 0},
	}, short(all))
}

// fork returns two boxes that went apart after so many entries, and wrote two more
// each.
func fork(w *issuertest.World, common int) (*audittest.Box, *audittest.Box) {
	b := box(w, 1, common)
	twin := b.Twin()
	for range 2 {
		b.Write(nil)
		twin.Write(func(e *credential.LogEntry) { e.Role, e.Service = credential.RoleGuest, credential.ServiceNone })
	}
	return b, twin
}

// versions returns a receipt with the policy version.
func versions(b *audittest.Box, version uint32) audit.Item {
	b = b.Twin()
	b.PolicyVersion = version
	return b.Receipt()
}

func TestLies(t *testing.T) {
	w := world()
	b, twin := fork(w, 1)
	other := b.Claims()
	other.Entry.Reference[0]++
	fallen, older := b.Twin(), box(w, 1, 1)
	fallen.PolicyVersion, older.PolicyVersion = 2, 3
	jump := credential.LogPage{Lock: b.ID, Base: twin.Head(), Entries: []credential.LogEntry{{Sequence: 9, Outcome: credential.LogTamper}}}
	for name, c := range map[string]struct {
		items []audit.Item
		want  []found
	}{
		"two logs of which no receipt knows": {[]audit.Item{b.Page(1, 3), twin.Page(1, 3)}, []found{
			{entry, 1, 1, audit.Told, audit.FaultNone, 0},
			{entry, 1, 2, audit.Disputed, audit.FaultFork, 2},
			{entry, 2, 2, audit.Disputed, audit.FaultFork, 1},
			{entry, 1, 3, audit.Disputed, audit.FaultFork, 2},
			{entry, 2, 3, audit.Disputed, audit.FaultFork, 1},
		}},
		"two logs of which a receipt proves one": {[]audit.Item{b.Page(1, 3), twin.Page(2, 3), twin.Receipt()}, []found{
			{receipt, 3, 3, audit.Verified, audit.FaultNone, 0},
			{entry, 1, 1, audit.Verified, audit.FaultNone, 0},
			{entry, 1, 2, audit.Refuted, audit.FaultFork, 3},
			{entry, 2, 2, audit.Verified, audit.FaultNone, 0},
			{entry, 1, 3, audit.Refuted, audit.FaultFork, 3},
			{entry, 2, 3, audit.Verified, audit.FaultNone, 0},
		}},
		"two logs that the lock signed both": {[]audit.Item{b.Page(2, 3), twin.Page(2, 3), b.Receipt(), twin.Receipt()}, []found{
			{receipt, 3, 3, audit.Disputed, audit.FaultFork, 4},
			{receipt, 4, 3, audit.Disputed, audit.FaultFork, 3},
			{entry, 1, 2, audit.Disputed, audit.FaultFork, 4},
			{entry, 2, 2, audit.Disputed, audit.FaultFork, 3},
			{entry, 1, 3, audit.Disputed, audit.FaultFork, 4},
			{entry, 2, 3, audit.Disputed, audit.FaultFork, 3},
		}},
		"two receipts for one number": {[]audit.Item{b.Receipt(), twin.Receipt()}, []found{
			{receipt, 1, 3, audit.Disputed, audit.FaultFork, 2},
			{receipt, 2, 3, audit.Disputed, audit.FaultFork, 1},
		}},
		"a receipt against a page": {[]audit.Item{b.Receipt(), twin.Page(3, 3)}, []found{
			{receipt, 1, 3, audit.Verified, audit.FaultNone, 0},
			{entry, 2, 3, audit.Refuted, audit.FaultFork, 1},
		}},
		"a receipt that does not follow from a page": {[]audit.Item{b.Page(1, 2), twin.Receipt()}, []found{
			{receipt, 2, 3, audit.Verified, audit.FaultNone, 0},
			{entry, 1, 1, audit.Told, audit.FaultNone, 0},
			{entry, 1, 2, audit.Refuted, audit.FaultFork, 2},
		}},
		"a receipt that does not follow from what another proves": {[]audit.Item{b.Page(1, 2), twin.Receipt(), b.Receipt()}, []found{
			{receipt, 2, 3, audit.Disputed, audit.FaultFork, 3},
			{receipt, 3, 3, audit.Disputed, audit.FaultFork, 2},
			{entry, 1, 1, audit.Verified, audit.FaultNone, 0},
			{entry, 1, 2, audit.Disputed, audit.FaultFork, 2},
		}},
		"what follows from a page that is refuted": {[]audit.Item{twin.Page(2, 3), box(w, 1, 2).Receipt()}, []found{
			{receipt, 2, 2, audit.Verified, audit.FaultNone, 0},
			{entry, 1, 2, audit.Refuted, audit.FaultFork, 2},
			{entry, 1, 3, audit.Refuted, audit.FaultFork, 2},
		}},
		"a page whose base is not the head before": {[]audit.Item{b.Page(1, 2), twin.Page(3, 3)}, []found{
			{entry, 1, 1, audit.Told, audit.FaultNone, 0},
			{entry, 1, 2, audit.Disputed, audit.FaultFork, 2},
			{entry, 2, 3, audit.Disputed, audit.FaultFork, 1},
		}},
		"a receipt with another entry than the log": {[]audit.Item{b.Page(3, 3), b.Sign(other)}, []found{
			{receipt, 2, 3, audit.Disputed, audit.FaultEntry, 1},
			{entry, 1, 3, audit.Told, audit.FaultNone, 0},
		}},
		"two receipts with one head and two entries": {[]audit.Item{b.Receipt(), b.Sign(other)}, []found{
			{receipt, 1, 3, audit.Disputed, audit.FaultEntry, 2},
			{receipt, 2, 3, audit.Disputed, audit.FaultEntry, 1},
		}},
		"a policy version that fell": {[]audit.Item{fallen.Receipt(), older.Receipt()}, []found{
			{receipt, 1, 3, audit.Disputed, audit.FaultPolicy, 2},
			{receipt, 2, 1, audit.Verified, audit.FaultNone, 0},
		}},
		"policy versions in any order at one number": {[]audit.Item{versions(b, 2), versions(b, 3), versions(b, 1)}, []found{
			{receipt, 1, 3, audit.Verified, audit.FaultNone, 0},
			{receipt, 2, 3, audit.Verified, audit.FaultNone, 0},
			{receipt, 3, 3, audit.Verified, audit.FaultNone, 0},
		}},
		"a policy version that fell from the highest of a number": {[]audit.Item{versions(box(w, 1, 2), 3), versions(box(w, 1, 2), 1), versions(b, 2)}, []found{
			{receipt, 1, 2, audit.Verified, audit.FaultNone, 0},
			{receipt, 2, 2, audit.Verified, audit.FaultNone, 0},
			{receipt, 3, 3, audit.Disputed, audit.FaultPolicy, 1},
		}},
		"a number that jumps": {[]audit.Item{twin.Page(3, 3), {Kind: audit.KindPage, Object: jump.Encode()}}, []found{
			{entry, 1, 3, audit.Told, audit.FaultNone, 0},
			{entry, 2, 9, audit.Disputed, audit.FaultSequence, 1},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, short(rows(t, config(w), c.items...)))
		})
	}
}

// TestTwoNumbersForABase disputes both, since nothing binds the number of a head
// whose entry nobody told.
func TestTwoNumbersForABase(t *testing.T) {
	w := world()
	b := box(w, 1, 2)
	page := credential.LogPage{Lock: b.ID, Base: credential.LogHead{1}, Entries: b.Entries[1:2]}
	again := page
	again.Entries = []credential.LogEntry{{Sequence: 9, Outcome: credential.LogTamper}}
	require.Equal(t, []found{
		{entry, 1, 2, audit.Disputed, audit.FaultSequence, 2},
		{entry, 2, 9, audit.Disputed, audit.FaultSequence, 1},
	}, short(rows(t, config(w), audit.Item{Kind: audit.KindPage, Object: page.Encode()}, audit.Item{Kind: audit.KindPage, Object: again.Encode()})))
}

// TestCutLog tells how many entries are missing, in the middle and up to a receipt.
func TestCutLog(t *testing.T) {
	w := world()
	b := box(w, 1, 12)
	all := rows(t, config(w), b.Page(1, 3), b.Page(8, 9), b.Receipt())
	require.Equal(t, uint32(3), all[0].Missing, "10, 11 and the receipt's own")
	require.Equal(t, audit.Verified, all[0].Verdict, "a log that ends is no lie")
	s := summary(all)
	require.Equal(t, uint64(4), s.Missing)
	require.Equal(t, uint64(5), s.Entries[audit.Told])
	require.Zero(t, s.Wrong())
}

// TestBeginning refuses a page that hides that something was before it, or says
// that something was before entry 1.
func TestBeginning(t *testing.T) {
	w := world()
	b := box(w, 1, 2)
	for _, page := range []credential.LogPage{
		{Lock: b.ID, Entries: b.Entries[1:]},
		{Lock: b.ID, Base: credential.LogHead{1}, Entries: b.Entries[:1]},
	} {
		row := only(t, config(w), audit.Item{Kind: audit.KindPage, Object: page.Encode()})
		require.Equal(t, audit.Refused, row.Verdict)
		require.Equal(t, audit.WhereLog, row.Where)
		require.Equal(t, credential.ReasonSequence, row.Reason)
		require.ErrorContains(t, row.Err, "base: is zero before entry 1")
	}
}

// TestPageCannotTaintWhatIsSigned, by a false number for a head that the lock signed
// or that what it signed rests on.
func TestPageCannotTaintWhatIsSigned(t *testing.T) {
	w := world()
	b := box(w, 1, 5)
	false9 := func(base credential.LogHead) audit.Item {
		p := credential.LogPage{Lock: b.ID, Base: base, Entries: []credential.LogEntry{{Sequence: 9, Outcome: credential.LogTamper}}}
		return audit.Item{Kind: audit.KindPage, Object: p.Encode()}
	}
	before, err := credential.ParseLogPage(b.Page(5, 5).Object)
	require.NoError(t, err)
	for name, lie := range map[string]audit.Item{"its head": false9(b.Head()), "the head before": false9(before.Base)} {
		for _, order := range [][]audit.Item{{lie, b.Page(5, 5), b.Receipt()}, {b.Receipt(), b.Page(5, 5), lie}, {lie, b.Receipt()}} {
			t.Run(name, func(t *testing.T) {
				for _, r := range rows(t, config(w), order...) {
					if r.Claims.Entry.Sequence == 9 {
						require.True(t, r.Verdict.Wrong() || name != "its head" && len(order) == 2)
						continue
					}
					require.Equal(t, audit.Verified, r.Verdict)
				}
			})
		}
	}
}

// TestLockThatJumps signed a log whose numbers do not follow one another.
func TestLockThatJumps(t *testing.T) {
	w := world()
	b := box(w, 1, 2)
	e := credential.LogEntry{Sequence: 9, Outcome: credential.LogTamper}
	p := credential.LogPage{Lock: b.ID, Base: b.Head(), Entries: []credential.LogEntry{e}}
	c := b.Claims()
	c.Head, c.Entry = b.Head().Next(e), &e
	require.Equal(t, []found{
		{receipt, 3, 9, audit.Disputed, audit.FaultSequence, 1},
		{entry, 1, 1, audit.Told, audit.FaultNone, 0},
		{entry, 1, 2, audit.Told, audit.FaultNone, 0},
		{entry, 2, 9, audit.Disputed, audit.FaultSequence, 1},
	}, short(rows(t, config(w), b.Page(1, 2), audit.Item{Kind: audit.KindPage, Object: p.Encode()}, b.Sign(c))))
}

// TestOneHeadWithTwoNumbers that the lock signed both.
func TestOneHeadWithTwoNumbers(t *testing.T) {
	w := world()
	b := box(w, 1, 2)
	c := b.Claims()
	c.Entry.Sequence = 7
	require.Equal(t, []found{
		{receipt, 1, 2, audit.Disputed, audit.FaultSequence, 2},
		{receipt, 2, 7, audit.Disputed, audit.FaultSequence, 1},
	}, short(rows(t, config(w), b.Receipt(), b.Sign(c))))
}

// TestRefutedEntryLacksNothing before it, since it is none of the log.
func TestRefutedEntryLacksNothing(t *testing.T) {
	w := world()
	b, twin := fork(w, 1)
	all := rows(t, config(w), b.Page(1, 1), twin.Page(3, 3), b.Receipt())
	require.Equal(t, []uint32{2, 0, 0}, []uint32{all[0].Missing, all[1].Missing, all[2].Missing})
	require.Equal(t, audit.Refuted, all[2].Verdict)
}

// TestNoBlind of a lock without a log key is looked for.
func TestNoBlind(t *testing.T) {
	w := world()
	b := box(w, 1, 1)
	c := config(w)
	c.Blinds = func(credential.LockID, credential.LogHead) []credential.LogHead { return make([]credential.LogHead, 1) }
	claims := b.Claims()
	claims.Head, claims.Entry.Sequence = credential.LogHead{}, 0
	all := rows(t, c, b.Page(1, 1), b.Sign(claims))
	require.False(t, all[0].InLog)
	require.Equal(t, audit.Verified, all[0].Verdict)
	require.Equal(t, audit.Told, all[1].Verdict)
}
