package audit_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/audit"
	"github.com/postern-lock/postern/credential/audit/audittest"
)

// forge returns a page that somebody made up around a true log: on a true base or a
// false one, with numbers that fit or do not, and with true and false entries.
func forge(t *testing.T, random *rand.Rand, b *audittest.Box) audit.Item {
	first := 1 + random.IntN(len(b.Entries))
	real, err := credential.ParseLogPage(b.Page(first, min(first+random.IntN(4), len(b.Entries))).Object)
	require.NoError(t, err)
	p := credential.LogPage{Lock: b.ID, Base: real.Base}
	if random.IntN(3) == 0 {
		p.Base = credential.LogHead{byte(1 + random.IntN(3))}
	}
	shift := uint32(0)
	if random.IntN(3) == 0 {
		shift = uint32(random.IntN(6))
	}
	for _, e := range real.Entries {
		e.Sequence += shift
		if random.IntN(3) == 0 {
			e.Resource = uint8(1 + random.IntN(3))
		}
		p.Entries = append(p.Entries, e)
	}
	if p.Entries[0].Sequence == 1 {
		p.Base = credential.LogHead{}
	}
	return audit.Item{Kind: audit.KindPage, Object: p.Encode()}
}

// TestForgedPagesAccuseNoLock: pages are signed by nobody, so none of them, in whatever
// order it comes, makes a receipt of an honest lock wrong, nor an entry that a receipt
// proves.
func TestForgedPagesAccuseNoLock(t *testing.T) {
	b := audittest.New(world(), 1)
	var receipts []audit.Item
	for range 12 {
		b.Write(nil)
		receipts = append(receipts, b.Receipt(), b.Blind())
	}
	heads := map[credential.LogHead]bool{}
	for _, r := range rows(t, config(world()), b.Pages()...) {
		heads[r.Claims.Head] = true
	}
	random := rand.New(rand.NewPCG(7, 8))
	c := config(world())
	wrong := 0
	for n := range 400 {
		c.Blinds = nil
		if n%2 == 0 {
			c.Blinds = blinds(b)
		}
		honest := pick(random, b, receipts)
		all := honest
		for range 1 + random.IntN(4) {
			all = append(all, forge(t, random, b))
		}
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		proved := map[credential.LogHead]bool{}
		for _, r := range rows(t, c, honest...) {
			proved[r.Claims.Head] = proved[r.Claims.Head] || r.Kind == entry && r.Verdict == audit.Verified
		}
		for _, r := range rows(t, c, all...) {
			if r.Kind == receipt {
				require.False(t, r.Verdict.Wrong(), "%+v", r)
			} else if proved[r.Claims.Head] {
				require.Equal(t, audit.Verified, r.Verdict, "%+v", r)
			} else if r.Verdict == audit.Verified {
				require.True(t, heads[r.Claims.Head], "%+v", r)
			} else if r.Verdict.Wrong() {
				wrong++
			}
		}
	}
	require.Positive(t, wrong)
}
