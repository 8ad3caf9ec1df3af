package holder_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/issuer"
)

// Here and in the other files of this kind a true lock stands before the phone.

func TestChainsOpenTheDoor(t *testing.T) {
	for name, c := range map[string]struct {
		chain     func(*testing.T, *worldtest.World) (holder string, chain [][]byte)
		operation credential.Operation
		commands  int // REQUESTs behind HANDSHAKE-2
		role      credential.Role
	}{
		"two links": {func(t *testing.T, w *worldtest.World) (string, [][]byte) {
			return "cousin", chainTo(t, w, "cousin")
		}, credential.OperationOpen, 0, credential.RoleGuest},
		"three links": {func(t *testing.T, w *worldtest.World) (string, [][]byte) {
			return "friend", chainTo(t, w, "cousin", "friend")
		}, credential.OperationOpen, 0, credential.RoleGuest},
		"operator's, whom the lock does not know": {func(t *testing.T, w *worldtest.World) (string, [][]byte) {
			return "helper", postChain(t, w)
		}, credential.OperationDeliver, 1, credential.RoleOperator},
		"longer than a command": {func(t *testing.T, w *worldtest.World) (string, [][]byte) {
			claims := passed(t, w, "cousin")
			chain := [][]byte{root(t, w, overlong)}
			overlong(&claims)
			g, err := holder.Delegate(keyOf(t, "neighbour"), chain, claims)
			require.NoError(t, err)
			return "cousin", append(chain, g)
		}, credential.OperationOpen, 1, credential.RoleGuest},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			name, chain := c.chain(t, w)
			p := chained(t, w, name, chain)
			link := apdu.NewTracer(w.Link())
			requireOpened(t, w, p, link, c.operation)
			require.Equal(t, c.commands, sent(link, wire.InsRequest))
			leaf, err := credential.ParseGrant(p.Grant)
			require.NoError(t, err)
			entry := w.Openings()[0]
			require.Equal(t, leaf.Tag(), entry.Who, "the log names the leaf")
			require.Equal(t, c.role, entry.Role)
		})
	}
}

// overlong makes a grant of nearly 512 bytes out of its claims, with an entry at
// the end that a lock takes.
func overlong(c *credential.GrantClaims) {
	good := c.Scope[0]
	good.PolicyVersion = 1
	long(c)
	for i := range 3 {
		c.Scope[i].Target = credential.AreaTarget([]byte("DE10115-NORTH-07"))
	}
	c.Scope[3] = good
}

func TestChainResumes(t *testing.T) {
	w := worldtest.New(t)
	p := chained(t, w, "cousin", chainTo(t, w, "cousin"))
	p.Slots = holder.NewSlots()
	requireOpened(t, w, p, w.Link(), credential.OperationOpen)
	r := requireOpened(t, w, p, w.Link(), credential.OperationOpen)
	require.Equal(t, 2, r.Cost.Pairs)
}

// TestChainThatIsTooLongToResume asks each time, and is served each time.
func TestChainThatIsTooLongToResume(t *testing.T) {
	w := worldtest.New(t)
	p := chained(t, w, "friend", chainTo(t, w, "cousin", "friend"))
	p.Slots = holder.NewSlots()
	for range 2 {
		link := apdu.NewTracer(w.Link())
		requireOpened(t, w, p, link, credential.OperationOpen)
		require.Zero(t, sent(link, wire.InsResume))
	}
}

// TestWhoMaySayWhyAChainIsRefused: the leaf's holder is told what is wrong with the
// leaf, and nothing of the links above.
func TestWhoMaySayWhyAChainIsRefused(t *testing.T) {
	sneak := func(t *testing.T, from string, parent []byte, c credential.GrantClaims) []byte {
		u, err := credential.ParseGrant(parent)
		require.NoError(t, err)
		c.Parent = u.Digest()
		unsigned, err := credential.NewGrant(c, worldtest.Public(t, from))
		return sign(t, from, unsigned, err)
	}
	for name, late := range map[string]bool{"the leaf": false, "a link above": true} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			chain := [][]byte{root(t, w, nil)}
			middle, leaf := passed(t, w, "cousin"), passed(t, w, "friend")
			if bad := &leaf; late {
				bad = &middle
				bad.IssuedAt = w.GuestClaims().Expires + 1
				bad.Expires = bad.IssuedAt + 1
				leaf.IssuedAt, leaf.Expires = bad.IssuedAt, bad.Expires
			} else {
				bad.IssuedAt = w.Now - 1
			}
			chain = append(chain, sneak(t, "neighbour", chain[0], middle))
			chain = append(chain, sneak(t, "cousin", chain[1], leaf))
			r, err := chained(t, w, "friend", chain).Open(t.Context(), w.Link(), credential.OperationOpen)
			if late {
				requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonStatusWord, holder.AdviceAskIssuer)
			} else {
				require.NoError(t, err)
				require.Equal(t, credential.ReasonDelegation, r.Reason)
				require.Equal(t, holder.AdviceRenew, r.Advice)
			}
			requireUntouched(t, w)
		})
	}
}

// TestCountedGrantIsSpent, link by link.
func TestCountedGrantIsSpent(t *testing.T) {
	w := worldtest.New(t)
	chain := [][]byte{root(t, w, func(c *credential.GrantClaims) { c.Scope[0].Uses = credential.Uses{Count: 3, Starts: 1} })}
	claims := passed(t, w, "cousin")
	claims.Scope[0].Uses = credential.Uses{Count: 2, Starts: 1}
	g, err := holder.Delegate(keyOf(t, "neighbour"), chain, claims)
	require.NoError(t, err)
	above, below := w.Phone(t, "neighbour", chain[0]), chained(t, w, "cousin", append(chain, g))
	requireOpened(t, w, below, w.Link(), credential.OperationOpen)
	requireOpened(t, w, below, w.Link(), credential.OperationOpen)
	for _, p := range []*holder.Phone{below, above, above} {
		r, err := p.Open(t.Context(), w.Link(), credential.OperationOpen)
		require.NoError(t, err)
		if w.Bolt.Driven == 3 && r.Outcome == credential.OutcomeOpened {
			continue // the third of the root's
		}
		require.Equal(t, credential.ReasonUsesSpent, r.Reason)
		require.Equal(t, holder.AdviceRenew, r.Advice)
	}
	require.Equal(t, 3, w.Bolt.Driven)
}

// TestCertificatesUnderTwoRoots: the phone brings the one that ends last, and no other one
// by itself where the lock lacks the root above it: nobody vouches for a status word.
func TestCertificatesUnderTwoRoots(t *testing.T) {
	w := worldtest.New(t)
	next, err := issuer.NewScheme(worldtest.Key("next root"))
	require.NoError(t, err)
	c := w.PostClaims()
	c.Expires += worldtest.Day
	later, err := next.Certify(c)
	require.NoError(t, err)
	p := w.PostmanPhone(t)
	p.Authorities = append(p.Authorities, later)
	for range 2 {
		r, err := p.Open(t.Context(), w.Link(), credential.OperationDeliver)
		requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonStatusWord, holder.AdviceAskIssuer)
		require.Equal(t, 4, r.Cost.Pairs, "one try")
	}
	require.Zero(t, w.Bolt.Driven)
	w.Hand(t, w.Policy(t, func(c *credential.PolicyClaims) {
		c.Version, c.Anchors = 2, []credential.PublicKey{next.PublicKey()}
	}))
	requireOpened(t, w, p, w.Link(), credential.OperationDeliver)
}
