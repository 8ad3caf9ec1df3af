package lock_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// together returns how many bytes the grants of a phone's chain have.
func together(p *holder.Phone) (bytes int) {
	for _, g := range chainOf(p) {
		bytes += len(g)
	}
	return bytes
}

// long returns the phone of a child by a chain of two grants of exactly so many
// bytes, which entries for another street make up.
func long(t testing.TB, w *worldtest.World, bytes int) *holder.Phone {
	t.Helper()
	elsewhere := func(n int) credential.Entry {
		return credential.Entry{Target: credential.AreaTarget([]byte("elsewhere in the world")[:n]), Actions: credential.ActionOpen, Delegation: 1, PolicyVersion: 1 << 20}
	}
	neighbour := guest(t, w, func(c *credential.GrantClaims) {
		c.Scope[0].Delegation = 1
		c.Scope = append(c.Scope, elsewhere(16), elsewhere(16), elsewhere(16))
	})
	for n := 1; n <= 16; n++ {
		for m := 1; m <= 16; m++ {
			p := hung(t, w, neighbour, "neighbour", "child", func(c *credential.GrantClaims) {
				c.Scope = append(c.Scope, elsewhere(16), elsewhere(n), elsewhere(m))
			})
			if together(p) == bytes {
				return resuming(p)
			}
		}
	}
	t.Fatalf("no chain of %d bytes", bytes)
	return nil
}

// TestSlotOfAChain keeps a slot where the whole chain has at most 512 bytes.
func TestSlotOfAChain(t *testing.T) {
	for _, c := range []struct {
		name  string
		phone func(*worldtest.World) *holder.Phone
		bytes int
		again int // pairs of the next tap
	}{
		{"two links", func(w *worldtest.World) *holder.Phone {
			return resuming(passed(t, w, delegable(t, w, 1), "child", unchanged))
		}, 356, 2},
		{"two links at the bound", func(w *worldtest.World) *holder.Phone { return long(t, w, wire.LimitObjectBytes) }, 512, 2},
		{"two links over the bound", func(w *worldtest.World) *holder.Phone { return long(t, w, wire.LimitObjectBytes+1) }, 513, 3},
		{"three links", func(w *worldtest.World) *holder.Phone {
			child := passed(t, w, delegable(t, w, 2), "child", func(c *credential.GrantClaims) { c.Scope[0].Delegation = 1 })
			return resuming(passed(t, w, child, "friend", unchanged))
		}, 553, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := worldtest.New(t)
			p := c.phone(w)
			require.Equal(t, c.bytes, together(p))
			requireOpens(t, w, p)
			for range 2 {
				r := requireOpens(t, w, p)
				require.Equal(t, c.again, r.Cost.Pairs)
				ops := w.Lock.Operations()
				require.Equal(t, c.again == 2, ops.Total() == 0)
			}
			for _, e := range w.Openings() {
				require.Equal(t, tagOf(t, p), e.Who)
			}
		})
	}
}

// TestResumedChainIsJudgedAfresh ends the right of a chain between two taps, by
// any of its links.
func TestResumedChainIsJudgedAfresh(t *testing.T) {
	const day = worldtest.Day
	policy := func(alter func(*credential.PolicyClaims)) func(*testing.T, *worldtest.World, *holder.Phone) {
		return func(t *testing.T, w *worldtest.World, _ *holder.Phone) {
			w.Hand(t, w.Policy(t, func(c *credential.PolicyClaims) {
				c.Version = 2
				alter(c)
			}))
		}
	}
	for name, c := range map[string]struct {
		end   func(*testing.T, *worldtest.World, *holder.Phone)
		want  credential.Reason
		pairs int
	}{
		"the link has expired": {func(t *testing.T, w *worldtest.World, _ *holder.Phone) { later(t, w, w.Now+day) }, credential.ReasonExpired, 2},
		"the root's grant was denied": {func(t *testing.T, w *worldtest.World, p *holder.Phone) {
			u, err := credential.ParseGrant(p.Parents[0])
			require.NoError(t, err)
			policy(func(c *credential.PolicyClaims) { c.Denied = []credential.Tag{u.Tag()} })(t, w, p)
		}, credential.ReasonDenied, 2},
		"the link was denied, and its slot ended": {func(t *testing.T, w *worldtest.World, p *holder.Phone) {
			policy(func(c *credential.PolicyClaims) { c.Denied = []credential.Tag{tagOf(t, p)} })(t, w, p)
		}, credential.ReasonDenied, 5},
		"guests are blocked":            {policy(func(c *credential.PolicyClaims) { c.Block = credential.BlockGuests }), credential.ReasonBlocked, 2},
		"older grants were taken back":  {policy(func(c *credential.PolicyClaims) { c.Least = 2 }), credential.ReasonDenied, 2},
		"nothing that concerns anybody": {policy(func(*credential.PolicyClaims) {}), credential.ReasonNone, 2},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			p := resuming(passed(t, w, delegable(t, w, 1), "child", unchanged))
			requireOpens(t, w, p)
			c.end(t, w, p)
			if c.want == credential.ReasonNone {
				require.Equal(t, c.pairs, requireOpens(t, w, p).Cost.Pairs)
				return
			}
			require.Equal(t, c.pairs, requireShut(t, w, p, c.want).Cost.Pairs)
		})
	}
}

// TestSlotOfADriverEndsWithTheOperatorsCertificate has so many other operators
// come that the lock forgets the driver's.
func TestSlotOfADriverEndsWithTheOperatorsCertificate(t *testing.T) {
	w := worldtest.New(t)
	p := resuming(driver(t, w))
	deliver := func(p *holder.Phone) holder.Result {
		r, err := tap(t, w, p, credential.OperationDeliver)
		require.NoError(t, err)
		require.Equal(t, credential.OutcomeOpened, r.Outcome, r.Reason)
		return r
	}
	deliver(p)
	require.Equal(t, 2, deliver(p).Cost.Pairs)
	for n := range wire.LimitAuthorities {
		name := string(rune('A' + n))
		a, c := w.PostClaims(), w.RoundClaims()
		a.Key = worldtest.Public(t, name)
		other := w.Phone(t, "postman", sign(t, name, c))
		other.Authorities = [][]byte{w.Authority(t, a).Bytes()}
		deliver(other)
	}
	require.Equal(t, 6, deliver(p).Cost.Pairs, "RESUME, then a full exchange that brings the certificate")
	require.Equal(t, 2, deliver(p).Cost.Pairs)
}

// TestHolderOfAChainFromTwoPhones resumes with the slot of the phone that opened
// last: a credential has one.
func TestHolderOfAChainFromTwoPhones(t *testing.T) {
	w := worldtest.New(t)
	first := resuming(passed(t, w, delegable(t, w, 1), "child", unchanged))
	second := *first
	resuming(&second)
	requireOpens(t, w, first)
	requireOpens(t, w, &second)
	require.Equal(t, 5, requireOpens(t, w, first).Cost.Pairs)
	require.Equal(t, 5, requireOpens(t, w, &second).Cost.Pairs)
	require.Equal(t, 2, requireOpens(t, w, &second).Cost.Pairs)
}
