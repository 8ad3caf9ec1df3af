package audit_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/audit"
	"github.com/postern-lock/postern/issuer/issuertest"
)

// street returns what some boxes told, by receipts and by pages that overlap.
func street(boxes int) []audit.Item {
	w := world()
	var all []audit.Item
	for n := range boxes {
		b := box(w, n, 10)
		all = append(all, b.Page(1, 8), b.Receipt())
		b.Write(nil)
		all = append(all, b.Page(3, 11), b.Receipt())
	}
	return all
}

// TestDuplicatesCountOnce, receipts as well as entries.
func TestDuplicatesCountOnce(t *testing.T) {
	all := street(3)
	s := summary(rows(t, config(world()), append(all, all...)...))
	require.Equal(t, uint64(6), s.Receipts[audit.Verified])
	require.Equal(t, uint64(6), s.Receipts[audit.Duplicate])
	require.Equal(t, uint64(33), s.Entries[audit.Verified])
	require.Equal(t, uint64(3*(2*17-11)), s.Retold)
	require.Zero(t, s.Wrong())
}

// TestOneOpeningCountsOnce, however many receipts the visitor asked for: a later time, or a
// policy that he brought, tells them apart.  What the owner asks for tells of the state.
func TestOneOpeningCountsOnce(t *testing.T) {
	w := world()
	b := box(w, 1, 2)
	c := config(w)
	all := []audit.Item{b.Blind(), b.Receipt()}
	b.Floor += 600
	all = append(all, b.Blind(), b.Receipt())
	b.PolicyVersion++
	all = append(all, b.Blind(), b.Receipt())
	b.Write(nil)
	all = append(all, b.Blind())
	verdicts := func(rows []audit.Row) (all []audit.Verdict) {
		for _, r := range rows {
			all = append(all, r.Verdict)
		}
		return all
	}
	want := []audit.Verdict{audit.Verified, audit.Verified, audit.Duplicate, audit.Verified, audit.Duplicate, audit.Verified, audit.Verified}
	require.Equal(t, want, verdicts(rows(t, c, all...)))
	c.Blinds = blinds(b)
	require.Equal(t, want, verdicts(rows(t, c, append(all, b.Pages()...)...))[:len(want)])
}

// TestForgedBeforeTheTrueOne does not make the true one a duplicate.
func TestForgedBeforeTheTrueOne(t *testing.T) {
	w := world()
	b := box(w, 1, 1)
	bad := forged(t, b, w)
	bad.Certificates = [][]byte{b.Certificate}
	require.Equal(t, []found{
		{receipt, 1, 0, audit.Refused, audit.FaultNone, 0},
		{receipt, 2, 1, audit.Verified, audit.FaultNone, 0},
		{receipt, 3, 1, audit.Duplicate, audit.FaultNone, 2},
	}, short(rows(t, config(w), bad, b.Receipt(), b.Receipt())))
}

// TestOrderDoesNotMatter, beside which of two that are the same is the first.
func TestOrderDoesNotMatter(t *testing.T) {
	w := world()
	b, twin := fork(w, 1)
	all := append(street(5), b.Page(1, 3), twin.Page(1, 3), twin.Receipt())
	type told struct {
		kind     audit.Kind
		lock     credential.LockID
		sequence uint32
		head     credential.LogHead
		verdict  audit.Verdict
		fault    audit.Fault
	}
	set := func(items []audit.Item) map[told]int {
		set := map[told]int{}
		for _, r := range rows(t, config(w), items...) {
			set[told{r.Kind, r.Lock, r.Claims.Entry.Sequence, r.Claims.Head, r.Verdict, r.Fault}]++
		}
		return set
	}
	want := set(all)
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		require.Equal(t, want, set(all))
	}
}

// TestSameRowsWithAnyNumberOfWorkers, in the same order.
func TestSameRowsWithAnyNumberOfWorkers(t *testing.T) {
	all := street(100)
	c := config(world())
	c.Workers = 1
	want := rows(t, c, all...)
	c.Workers = 7
	require.Equal(t, want, rows(t, c, all...))
}

// TestCertificatesAreVerifiedOnce, good ones and bad ones.
func TestCertificatesAreVerifiedOnce(t *testing.T) {
	w := world()
	a := auditor(t, config(w))
	var all []audit.Item
	bad := box(w, 9, 1)
	bad.Certificate[len(bad.Certificate)-1] ^= 1
	for n := range 5 {
		b := box(w, n, 0)
		for range 100 {
			b.Write(nil)
			all = append(all, b.Receipt(), bad.Receipt())
		}
	}
	for range a.Run(items(all...)) {
	}
	require.Equal(t, uint64(500+5+1), a.Verifications())
}

// TestLittleMemoryForCertificates costs time and no verdict.
func TestLittleMemoryForCertificates(t *testing.T) {
	all := street(50)
	c := config(world())
	want := rows(t, c, all...)
	c.Remember = 1
	require.Equal(t, want, rows(t, c, all...))
}

// TestCertificatesInUseStay while no more than half of what is remembered are, and one.
func TestCertificatesInUseStay(t *testing.T) {
	w := world()
	var all []audit.Item
	for range 5 {
		for n := range 11 {
			all = append(all, box(w, n, 1).Receipt())
		}
	}
	c := config(w)
	c.Remember, c.Workers = 20, 1
	a := auditor(t, c)
	for range a.Run(items(all...)) {
	}
	require.Equal(t, uint64(55+11), a.Verifications())
}

// TestCertificatesOfADatabase are asked for where none came along.
func TestCertificatesOfADatabase(t *testing.T) {
	w := world()
	b := box(w, 1, 1)
	item := b.Receipt()
	item.Certificates = nil
	var asked atomic.Int32
	c := config(w)
	c.Certificates = func(id credential.LockID, key credential.KeyID) [][]byte {
		asked.Add(1)
		require.Equal(t, b.ID, id)
		require.Equal(t, credential.KeyIDOf(issuertest.Public(b.Key)), key)
		return [][]byte{b.Certificate}
	}
	require.Equal(t, audit.Verified, only(t, c, item).Verdict)
	only(t, c, b.Receipt())
	require.Equal(t, int32(1), asked.Load())
}

// TestParts are together the whole, and nothing twice.
func TestParts(t *testing.T) {
	all := append(street(40), audit.Item{}, audit.Item{Kind: audit.KindPage})
	c := config(world())
	want := rows(t, c, all...)
	var parts []audit.Row
	for c.Parts = 3; c.Part < c.Parts; c.Part++ {
		parts = append(parts, rows(t, c, all...)...)
	}
	require.ElementsMatch(t, short(want), short(parts))
}

// ended runs an audit and returns the error at its end, behind which is nothing.
func ended(t *testing.T, c audit.Config, items func(func(audit.Item, error) bool)) (rows int, err error) {
	for _, e := range auditor(t, c).Run(items) {
		require.NoError(t, err, "nothing comes behind an error")
		if err = e; e == nil {
			rows++
		}
	}
	return rows, err
}

// TestLimit ends an audit that holds too much, and says what to do.
func TestLimit(t *testing.T) {
	c := config(world())
	c.Limit = 75
	for _, boxes := range []int{3, 4} { // 19 receipts and entries each
		n, err := ended(t, c, items(street(boxes)...))
		require.Equal(t, boxes == 4, errors.Is(err, audit.ErrLimit))
		if err != nil {
			require.ErrorContains(t, err, "audit in Parts")
			require.Zero(t, n)
		}
	}
}

// TestErrorOfTheItems ends the audit and comes out.
func TestErrorOfTheItems(t *testing.T) {
	gone := errors.New("the disk is gone")
	_, err := ended(t, config(world()), func(yield func(audit.Item, error) bool) {
		for _, item := range street(50) {
			if !yield(item, nil) {
				return
			}
		}
		yield(audit.Item{}, gone)
	})
	require.ErrorIs(t, err, gone)
}

// TestReaderThatStops at any row ends the audit, with nothing running behind it.
func TestReaderThatStops(t *testing.T) {
	all := street(100)
	for i := range all {
		if i%3 == 0 {
			all[i].Kind = audit.KindNone
		}
	}
	var running atomic.Int32
	c := config(world())
	c.Blinds = func(credential.LockID, credential.LogHead) []credential.LogHead {
		running.Add(1)
		defer running.Add(-1)
		return nil
	}
	for _, after := range []int{1, 50, 200, 500} {
		n := 0
		for range auditor(t, c).Run(items(all...)) {
			if n++; n == after {
				break
			}
		}
		require.Equal(t, after, n)
		require.Zero(t, running.Load())
	}
}

// TestNothing has no rows.
func TestNothing(t *testing.T) {
	require.Empty(t, rows(t, config(world())))
}

// TestJunkCostsLittle: who brings receipts with certificates that are not good, each
// another one, has each certificate verified and nothing else.
func TestJunkCostsLittle(t *testing.T) {
	w := world()
	good := box(w, 1, 1).Receipt()
	var all []audit.Item
	for n := range 50 {
		item := good
		item.Certificates = nil
		for c := range audit.MaxCertificates {
			bad := bytes.Clone(good.Certificates[0])
			bad[len(bad)-1-c] ^= byte(n + 1)
			item.Certificates = append(item.Certificates, bad)
		}
		all = append(all, item)
	}
	a := auditor(t, config(w))
	for r, err := range a.Run(items(all...)) {
		require.NoError(t, err)
		require.Equal(t, audit.Refused, r.Verdict)
		require.Equal(t, credential.ReasonSignature, r.Reason)
		require.Equal(t, audit.WhereCertificate, r.Where)
	}
	require.Equal(t, uint64(50*audit.MaxCertificates), a.Verifications())
}

// TestManyRunsAtOnce of one Auditor give what each gives alone.
func TestManyRunsAtOnce(t *testing.T) {
	all := street(20)
	want := rows(t, config(world()), all...)
	a := auditor(t, config(world()))
	var wg sync.WaitGroup
	got := make([][]audit.Row, 4)
	for i := range got {
		wg.Go(func() {
			for row := range a.Run(items(all...)) {
				got[i] = append(got[i], row)
			}
		})
	}
	wg.Wait()
	for _, rows := range got {
		require.Equal(t, want, rows)
	}
}
