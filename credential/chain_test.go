package credential_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// The tests of this file draw grants at random, from few values, so that about
// as many are good as are not.

// pick returns one of the values.
func pick[T any](r *rand.Rand, values ...T) T { return values[r.IntN(len(values))] }

// drawEntry returns an entry whose conditions are often absent.
func drawEntry(r *rand.Rand) credential.Entry {
	e := credential.Entry{
		Target:        pick(r, credential.LockTarget(lockID), credential.LockTarget(lockID), credential.AreaTarget([]byte("FR")), credential.AreaTarget([]byte("DE"))),
		Actions:       pick(r, open, deliver, open|deliver, open|deliver),
		Delegation:    pick[uint8](r, 0, 1, 2, 2),
		PolicyVersion: pick[uint32](r, 0, 0, 0, 4, 5),
		Resource:      pick[uint8](r, 0, 0, 0, 1),
		Evidence:      pick[credential.Evidence](r, 0, 0, 0, 1, 2, 3),
		Uses:          pick(r, credential.Uses{}, credential.Uses{Count: 1 + uint8(r.IntN(255)), Starts: 1 + uint8(r.IntN(3))}),
	}
	if r.IntN(4) == 0 {
		e.Schedule = credential.Schedule{{Days: 1 << r.IntN(7), From: 0, Until: 1440}, {Days: credential.Friday, From: uint16(r.IntN(1000)), Until: 1440}}
	}
	return e
}

// drawClaims returns a grant for the key of 1 to 3 entries.
func drawClaims(r *rand.Rand, holder *testKey) credential.GrantClaims {
	c := credential.GrantClaims{
		Holder: holder.public, IssuedAt: issued, Expires: pick[credential.Time](r, begins+2, begins+4, expires, expires, expires),
		NotBefore: pick[credential.Time](r, 0, 0, 0, begins, begins+2),
	}
	if c.NotBefore >= c.Expires {
		c.NotBefore = 0
	}
	for range 1 + r.IntN(3) {
		c.Scope = append(c.Scope, drawEntry(r))
	}
	return c
}

// drawPlace returns a lock of the tests at some moment.
func drawPlace(r *rand.Rand) credential.Place {
	p := here
	p.Lock = pick(r, lockID, lockID, lockID, credential.LockID{})
	p.Resource = pick[uint8](r, 0, 1)
	p.Floor = begins + credential.Time(r.IntN(5))
	p.Moment.Evidence = credential.Evidence(r.IntN(4))
	if p.Moment.Evidence != credential.EvidenceFloor {
		p.Moment.Now = p.Floor + credential.Time(r.IntN(3))
	}
	return p
}

// signed returns the grant, signed by the key and parsed.
func signed(t testing.TB, c credential.GrantClaims, by *testKey) *credential.UnverifiedGrant {
	t.Helper()
	unsigned, err := credential.NewGrant(c, by.public)
	require.NoError(t, err)
	data, err := unsigned.WithSignature(make([]byte, 64))
	require.NoError(t, err)
	u, err := credential.ParseGrant(data)
	require.NoError(t, err)
	return u
}

// alone is a link that stands by itself: each of its entries as the only one of
// a grant without a parent.
type alone struct {
	claims  credential.GrantClaims
	entries []*credential.Grant
	tag     credential.Tag // of the link as it stands in the chain
}

// TestChainIsNoWiderThanItsLinks draws chains, and judges each entry of each
// link as if nothing stood above or below it.  A chain is good exactly where
// each link has an entry that is good by itself and may be passed on as far as
// the chain goes.
func TestChainIsNoWiderThanItsLinks(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 3))
	keys := []*testKey{edKey("signer"), edKey("subject"), edKey("guest"), edKey("other")}
	// The signatures are made up: what is tried here is what follows them.
	v := credential.Verifier{Known: func(credential.Fingerprint) bool { return true }}
	good, total := map[int]int{}, map[int]int{}
	for range 1500 {
		length := 1 + r.IntN(3)
		var chain *credential.Grant
		var links []alone
		for i := range length {
			c := drawClaims(r, keys[i+1])
			link := alone{claims: c}
			for _, e := range c.Scope {
				single := c
				single.Scope = []credential.Entry{e}
				g, err := v.OwnerGrant(signed(t, single, keys[0]), keys[0].public)
				require.NoError(t, err)
				link.entries = append(link.entries, g)
			}
			var err error
			if chain == nil {
				chain, err = v.OwnerGrant(signed(t, c, keys[0]), keys[0].public)
			} else {
				c.Parent = chain.Digest()
				chain, err = v.DelegatedGrant(signed(t, c, keys[i]), chain)
			}
			require.NoError(t, err)
			link.tag = chain.Tag()
			links = append(links, link)
		}
		for range 8 {
			place, action := drawPlace(r), pick(r, 0, open, deliver)
			want, counted := judgeAlone(links, action, place)
			p, err := chain.Judge(action, place)
			require.Equal(t, want, err == nil, "%v of %+v at %+v", action, links, place)
			total[length]++
			if err == nil {
				good[length]++
				require.Equal(t, counted, p.Counted)
			}
		}
	}
	for length := 1; length <= 3; length++ {
		share := float64(good[length]) / float64(total[length])
		require.True(t, 0.01 < share && share < 0.6, "of the chains of %d, %d of %d are good", length, good[length], total[length])
	}
}

// judgeAlone judges a chain by its links alone, and returns the uses that count.
func judgeAlone(links []alone, action credential.Actions, place credential.Place) (bool, []credential.Count) {
	var counted []credential.Count
	ends := ^credential.Time(0)
	for i, link := range links {
		n := slices.IndexFunc(link.entries, func(g *credential.Grant) bool {
			_, err := g.Judge(action, place)
			return err == nil && int(g.Scope()[0].Delegation) >= len(links)-1-i
		})
		if n < 0 {
			return false, nil
		}
		ends = min(ends, link.claims.Expires)
		if u := link.claims.Scope[n].Uses; action != 0 && u.Count != 0 {
			counted = append(counted, credential.Count{Grant: link.tag, Entry: uint8(n), Uses: u, Expires: ends})
		}
	}
	return true, counted
}

// TestStaleness holds how long anything outlives its end: by the floor or a
// stated time until the floor has reached it, by a live time or a clock not at
// all.  Each of the three ends in a chain counts alike.
func TestStaleness(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 2))
	ends := []credential.Reason{credential.ReasonAuthorityExpired, credential.ReasonExpired, credential.ReasonExpired}
	for which := range ends {
		end := func(i int) int64 {
			if i == which {
				return begins + 10
			}
			return expires
		}
		by, err := certify(edKey("signer"), func(f *forge) { f.claims, f.scope = set(f.claims, 4, num(end(0))), post() })
		require.NoError(t, err)
		g := below(t, judged(t, by, passes(1), lasting(issued, end(1))), lasting(issued, end(2)))
		for range 400 {
			place := here
			place.Floor = begins + credential.Time(r.IntN(20))
			place.Moment = credential.Moment{Evidence: credential.Evidence(r.IntN(4)), Now: begins + credential.Time(r.IntN(20))}
			over := place.Floor >= begins+10
			if place.Moment.Evidence >= credential.EvidenceLive {
				over = over || place.Moment.Now >= begins+10
			}
			want := credential.ReasonNone
			if over {
				want = ends[which]
			}
			for _, action := range []credential.Actions{0, open} {
				requireVerdict(t, want, g, action, place)
			}
		}
	}
}

// TestJudgeByTheMoment holds what a time besides the floor proves of the
// beginning and of the end.
func TestJudgeByTheMoment(t *testing.T) {
	const floor, stated, live, clock = credential.EvidenceFloor, credential.EvidenceStated, credential.EvidenceLive, credential.EvidenceClock
	g := judged(t, nil, func(f *forge) { f.claims = set(f.claims, 5, num(begins)) })
	for _, c := range []struct {
		name       string
		floor, now credential.Time
		evidence   credential.Evidence
		want       credential.Reason
	}{
		{"stated, at nbf", issued, begins, stated, credential.ReasonNotYetValid},
		{"live, just before nbf", issued, begins - 1, live, credential.ReasonNotYetValid},
		{"live, at nbf", issued, begins, live, 0},
		{"clock, at nbf", 0, begins, clock, 0},
		{"clock behind a floor at nbf", begins, begins - 9, clock, 0},
		{"clock without a time", issued, 0, clock, credential.ReasonNotYetValid},
		{"no evidence of a later time", issued, begins, floor, credential.ReasonNotYetValid},
		{"stated, at exp", begins, expires, stated, 0},
		{"live, just before exp", begins, expires - 1, live, 0},
		{"live, at exp", begins, expires, live, credential.ReasonExpired},
		{"clock, at exp", begins, expires, clock, credential.ReasonExpired},
		{"clock behind a floor at exp", expires, begins, clock, credential.ReasonExpired},
	} {
		t.Run(c.name, func(t *testing.T) {
			place := here
			place.Floor, place.Moment = c.floor, credential.Moment{Evidence: c.evidence, Now: c.now}
			requireVerdict(t, c.want, g, open, place)
		})
	}
}
