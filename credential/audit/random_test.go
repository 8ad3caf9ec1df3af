package audit_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/audit"
	"github.com/postern-lock/postern/credential/audit/audittest"
)

// pick returns some of what a box could tell: receipts of some moments and pages of
// some windows.
func pick(random *rand.Rand, b *audittest.Box, receipts []audit.Item) []audit.Item {
	var all []audit.Item
	for range random.IntN(6) {
		from := 1 + random.IntN(len(b.Entries))
		all = append(all, b.Page(from, min(from+random.IntN(16), len(b.Entries))))
	}
	for range random.IntN(4) {
		all = append(all, receipts[random.IntN(len(receipts))])
	}
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// TestHonestLockIsNeverAccused whatever part of what it told is there, and an entry
// is verified exactly where a receipt is of its number or later and no entry between
// them is missing but the receipt's own.
func TestHonestLockIsNeverAccused(t *testing.T) {
	b, receipts := living(20)
	random := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		all := rows(t, config(world()), pick(random, b, receipts)...)
		read, signed := map[uint32]bool{}, map[uint32]bool{}
		for _, r := range all {
			read[r.Claims.Entry.Sequence] = read[r.Claims.Entry.Sequence] || r.Kind == entry
			signed[r.Claims.Entry.Sequence] = signed[r.Claims.Entry.Sequence] || r.Kind == receipt
		}
		for _, r := range all {
			require.False(t, r.Verdict.Wrong(), "%+v", r)
			if r.Kind != entry {
				require.Equal(t, read[r.Claims.Entry.Sequence], r.InLog || r.Verdict == audit.Duplicate && read[r.Claims.Entry.Sequence])
				continue
			}
			proved := false
			for n := r.Claims.Entry.Sequence; read[n] && !proved; n++ {
				proved = signed[n] || signed[n+1]
			}
			require.Equal(t, proved, r.Verdict == audit.Verified, "entry %d", r.Claims.Entry.Sequence)
		}
	}
}

// living returns a box that wrote so many entries, and its receipts to the owner.
func living(entries int) (*audittest.Box, []audit.Item) {
	b := audittest.New(world(), 1)
	var receipts []audit.Item
	for range entries {
		b.Write(nil)
		receipts = append(receipts, b.Receipt())
	}
	return b, receipts
}

// TestTwoLivesShow: of a lock that lived twice, rows that are wrong name another
// item, and no two entries with one number are both verified.
func TestTwoLivesShow(t *testing.T) {
	b, receipts := living(8)
	twin := b.Twin()
	var others []audit.Item
	for range 8 {
		b.Write(nil)
		receipts = append(receipts, b.Receipt())
		twin.Write(func(e *credential.LogEntry) { e.Resource = 9 })
		others = append(others, twin.Receipt())
	}
	random := rand.New(rand.NewPCG(5, 6))
	wrong := 0
	for range 100 {
		verified := map[uint32]credential.LogHead{}
		for _, r := range rows(t, config(world()), append(pick(random, b, receipts), pick(random, twin, others)...)...) {
			if r.Verdict.Wrong() || r.Verdict == audit.Duplicate {
				require.NotZero(t, r.Other)
				require.NotEqual(t, r.Item, r.Other)
			}
			switch {
			case r.Verdict.Wrong():
				wrong++
			case r.Verdict == audit.Verified:
				before, there := verified[r.Claims.Entry.Sequence]
				require.True(t, !there || before == r.Claims.Head)
				verified[r.Claims.Entry.Sequence] = r.Claims.Head
			}
		}
	}
	require.Positive(t, wrong)
}

// FuzzRun takes anything for a receipt and for a page: there is a row for every
// receipt, and nothing that is no receipt of the box is verified.
func FuzzRun(f *testing.F) {
	w := world()
	b := box(w, 1, 3)
	good := b.Receipt()
	f.Add(good.Object, b.Page(1, 3).Object, b.Certificate)
	f.Add([]byte{}, []byte{0x83}, []byte{0x84})
	a := auditor(f, config(w))
	f.Fuzz(func(t *testing.T, object, page, certificate []byte) {
		receipts := 0
		for r, err := range a.Run(items(
			audit.Item{Kind: audit.KindReceipt, Object: object, Certificates: [][]byte{certificate}},
			audit.Item{Kind: audit.KindPage, Object: page},
			audit.Item{Kind: audit.KindReceipt, Object: object, Certificates: [][]byte{b.Certificate}},
		)) {
			require.NoError(t, err)
			if r.Kind == receipt {
				receipts++
				certified := r.Item == 3 || string(certificate) == string(b.Certificate)
				require.Equal(t, certified && string(object) == string(good.Object), r.Verdict != audit.Refused)
			}
		}
		require.Equal(t, 2, receipts)
	})
}
