package holder_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/worldtest"
)

// keyOf returns the Key with the name.
func keyOf(t testing.TB, name string) holder.Key {
	t.Helper()
	k, err := holder.NewKey(worldtest.Key(name))
	require.NoError(t, err)
	return k
}

// root is the owner's grant to the neighbour, who may pass it on.
func root(t testing.TB, w *worldtest.World, change func(*credential.GrantClaims)) []byte {
	t.Helper()
	c := w.GuestClaims()
	c.Scope[0].Actions |= credential.ActionCollect
	c.Scope[0].Delegation = 2
	if change != nil {
		change(&c)
	}
	g, err := w.Owner.Grant(c)
	require.NoError(t, err)
	return g
}

// passed are the claims of a grant that is passed on to the named holder.
func passed(t testing.TB, w *worldtest.World, to string) credential.GrantClaims {
	t.Helper()
	return credential.GrantClaims{
		Holder: worldtest.Public(t, to), IssuedAt: w.Now, Expires: w.Now + worldtest.Day,
		Scope: []credential.Entry{{Target: credential.LockTarget(w.LockID), Actions: credential.ActionOpen, Delegation: 1}},
	}
}

// chainTo is a chain of the owner's grant to the neighbour and others from each to
// the next of those named.
func chainTo(t testing.TB, w *worldtest.World, names ...string) [][]byte {
	t.Helper()
	chain, from := [][]byte{root(t, w, nil)}, "neighbour"
	for _, to := range names {
		g, err := holder.Delegate(keyOf(t, from), chain, passed(t, w, to))
		require.NoError(t, err)
		chain, from = append(chain, g), to
	}
	return chain
}

// TestDelegatedGrantsAreThoseThatALockVerifies has a chain of every length
// verified and judged as a lock does.
func TestDelegatedGrantsAreThoseThatALockVerifies(t *testing.T) {
	w := worldtest.New(t)
	for _, names := range [][]string{{"cousin"}, {"cousin", "friend"}} {
		var v credential.Verifier
		var g *credential.Grant
		for i, data := range chainTo(t, w, names...) {
			u, err := credential.ParseGrant(data)
			require.NoError(t, err)
			if i == 0 {
				g, err = v.OwnerGrant(u, w.Owner.PublicKey())
			} else {
				g, err = v.DelegatedGrant(u, g)
			}
			require.NoError(t, err)
		}
		at := credential.Place{Lock: w.LockID, Floor: w.Now}
		_, err := g.Judge(credential.ActionOpen, at)
		require.NoError(t, err)
		_, err = g.Judge(credential.ActionCollect, at)
		require.ErrorIs(t, err, credential.ReasonAction, "a link narrows")
	}
}

func TestDelegateSetsTheParentItself(t *testing.T) {
	w := worldtest.New(t)
	c := passed(t, w, "cousin")
	c.Parent = [32]byte{1}
	g, err := holder.Delegate(keyOf(t, "neighbour"), [][]byte{root(t, w, nil)}, c)
	require.NoError(t, err)
	u, err := credential.ParseGrant(g)
	require.NoError(t, err)
	above, err := credential.ParseGrant(root(t, w, nil))
	require.NoError(t, err)
	require.Equal(t, above.Digest(), u.Claims.Parent)
}

func TestDelegateWithAP256Key(t *testing.T) {
	w := worldtest.New(t)
	key, err := holder.NewKey(p256Key(t, "neighbour"))
	require.NoError(t, err)
	chain := [][]byte{root(t, w, func(c *credential.GrantClaims) { c.Holder = key.PublicKey() })}
	g, err := holder.Delegate(key, chain, passed(t, w, "cousin"))
	require.NoError(t, err)
	var v credential.Verifier
	above, err := credential.ParseGrant(chain[0])
	require.NoError(t, err)
	parent, err := v.OwnerGrant(above, w.Owner.PublicKey())
	require.NoError(t, err)
	u, err := credential.ParseGrant(g)
	require.NoError(t, err)
	_, err = v.DelegatedGrant(u, parent)
	require.NoError(t, err)
}

// TestWhatNoLockWouldGiveIsNotPassedOn changes the root, or the claims.
func TestWhatNoLockWouldGiveIsNotPassedOn(t *testing.T) {
	w := worldtest.New(t)
	type change func(*credential.GrantClaims)
	area := func(code string) change {
		return func(c *credential.GrantClaims) { c.Scope[0].Target = credential.AreaTarget([]byte(code)) }
	}
	for _, c := range []struct {
		name         string
		above, below change
		reason       credential.Reason
	}{
		{"nothing to pass on", func(c *credential.GrantClaims) { c.Scope[0].Delegation = 0 }, nil, credential.ReasonDelegation},
		{"another action", nil, func(c *credential.GrantClaims) { c.Scope[0].Actions |= credential.ActionDeliver }, credential.ReasonAction},
		{"another lock", nil, func(c *credential.GrantClaims) { c.Scope[0].Target = credential.LockTarget(credential.LockID{1}) }, credential.ReasonTarget},
		{"another area", area("FR75"), area("FR33"), credential.ReasonTarget},
		{"no target", nil, func(c *credential.GrantClaims) { c.Scope[0].Target = credential.Target{} }, credential.ReasonTarget},
		{"every compartment", func(c *credential.GrantClaims) { c.Scope[0].Resource = 2 }, nil, credential.ReasonResource},
		{"another compartment", func(c *credential.GrantClaims) { c.Scope[0].Resource = 2 },
			func(c *credential.GrantClaims) { c.Scope[0].Resource = 3 }, credential.ReasonResource},
		{"longer", nil, func(c *credential.GrantClaims) { c.Expires = w.Now + 31*worldtest.Day }, credential.ReasonExpired},
		{"earlier", func(c *credential.GrantClaims) { c.NotBefore = w.Now + 100 }, nil, credential.ReasonExpired},
		{"issued before", nil, func(c *credential.GrantClaims) { c.IssuedAt = w.Now - 1 }, credential.ReasonDelegation},
		{"in a service's name", nil, func(c *credential.GrantClaims) { c.Scope[0].Service = credential.ServicePost }, credential.ReasonService},
		{"one good entry and another", nil, func(c *credential.GrantClaims) {
			c.Scope = append(c.Scope, credential.Entry{Target: credential.LockTarget(w.LockID), Actions: credential.ActionReturn})
		}, credential.ReasonAction},
		{"no action", nil, func(c *credential.GrantClaims) { c.Scope[0].Actions = 0 }, credential.ReasonMalformed},
		{"no holder", nil, func(c *credential.GrantClaims) { c.Holder = credential.PublicKey{} }, credential.ReasonAlgorithm},
		{"no scope", nil, func(c *credential.GrantClaims) { c.Scope = nil }, credential.ReasonLimit},
	} {
		t.Run(c.name, func(t *testing.T) {
			claims := passed(t, w, "cousin")
			if c.below != nil {
				c.below(&claims)
			}
			g, err := holder.Delegate(keyOf(t, "neighbour"), [][]byte{root(t, w, c.above)}, claims)
			var e *holder.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.reason, e.Reason, "%v", err)
			require.Nil(t, g)
		})
	}
}

// TestWhatALockMightGiveIsPassedOn: an area can hold the lock, entries together
// can allow what one alone does not, and conditions are the lock's to keep.
func TestWhatALockMightGiveIsPassedOn(t *testing.T) {
	w := worldtest.New(t)
	for name, c := range map[string]struct{ above, below func(*credential.GrantClaims) }{
		"a lock in an area": {func(c *credential.GrantClaims) { c.Scope[0].Target = credential.AreaTarget([]byte("FR75")) }, nil},
		"an area in an area": {func(c *credential.GrantClaims) { c.Scope[0].Target = credential.AreaTarget([]byte("FR75")) },
			func(c *credential.GrantClaims) { c.Scope[0].Target = credential.AreaTarget([]byte("FR75011")) }},
		"two entries together": {func(c *credential.GrantClaims) {
			more := c.Scope[0]
			more.Actions = credential.ActionReturn
			c.Scope = append(c.Scope, more)
		}, func(c *credential.GrantClaims) { c.Scope[0].Actions |= credential.ActionReturn }},
		"one compartment of all": {nil, func(c *credential.GrantClaims) { c.Scope[0].Resource = 3 }},
		"until the same end":     {nil, func(c *credential.GrantClaims) { c.Expires = w.Now + 30*worldtest.Day }},
		"hours of its own": {nil, func(c *credential.GrantClaims) {
			c.Scope[0].Schedule = credential.Schedule{{Days: credential.EveryDay, From: 0, Until: 60}}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			claims := passed(t, w, "cousin")
			if c.below != nil {
				c.below(&claims)
			}
			_, err := holder.Delegate(keyOf(t, "neighbour"), [][]byte{root(t, w, c.above)}, claims)
			require.NoError(t, err)
		})
	}
}

// TestEveryLinkAboveMustAllowAsManyBelow: the root's one link is used up.
func TestEveryLinkAboveMustAllowAsManyBelow(t *testing.T) {
	w := worldtest.New(t)
	chain := [][]byte{root(t, w, func(c *credential.GrantClaims) { c.Scope[0].Delegation = 1 })}
	child, err := holder.Delegate(keyOf(t, "neighbour"), chain, passed(t, w, "cousin"))
	require.NoError(t, err)
	_, err = holder.Delegate(keyOf(t, "cousin"), append(chain, child), passed(t, w, "friend"))
	require.ErrorIs(t, err, credential.ReasonDelegation)
}

func TestChainsToWhichNothingCanBeAdded(t *testing.T) {
	w := worldtest.New(t)
	three, other := chainTo(t, w, "cousin", "friend"), chainTo(t, w, "brother")
	stray := slices.Clone(three[:2])
	stray[1] = other[1]
	for _, c := range []struct {
		name, key string
		chain     [][]byte
		reason    credential.Reason
	}{
		{"none", "neighbour", nil, credential.ReasonPossession},
		{"another's", "friend", three[:2], credential.ReasonPossession},
		{"the longest", "friend", three, credential.ReasonDelegation},
		{"without its root", "cousin", three[1:2], credential.ReasonPossession},
		{"in another order", "neighbour", [][]byte{three[1], three[0]}, credential.ReasonPossession},
		{"an authority's certificate", "post", [][]byte{w.Post.Authority().Bytes()}, credential.ReasonObjectType},
		{"spoilt", "cousin", [][]byte{three[0], three[1][1:]}, credential.ReasonMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := holder.Delegate(keyOf(t, c.key), c.chain, passed(t, w, "uncle"))
			var e *holder.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.reason, e.Reason, "%v", err)
		})
	}
	_, err := holder.Delegate(nil, three[:1], passed(t, w, "uncle"))
	require.Error(t, err)
	_, err = holder.Delegate(keyOf(t, "brother"), stray, passed(t, w, "uncle"))
	require.NoError(t, err, "brother's grant hangs below the same root")
}

// signs is a Key that signs as a test says.
type signs struct {
	holder.Key
	sign func([]byte) ([]byte, error)
}

func (s signs) Sign(message []byte) ([]byte, error) { return s.sign(message) }

func TestDelegateWithAKeyThatDoesNotSign(t *testing.T) {
	w := worldtest.New(t)
	finger := errors.New("no finger")
	for name, sign := range map[string]func([]byte) ([]byte, error){
		"refused":         func([]byte) ([]byte, error) { return nil, finger },
		"another message": func([]byte) ([]byte, error) { return keyOf(t, "neighbour").Sign(nil) },
		"another key":     keyOf(t, "cousin").Sign,
		"too short":       func([]byte) ([]byte, error) { return make([]byte, 63), nil },
	} {
		t.Run(name, func(t *testing.T) {
			g, err := holder.Delegate(signs{keyOf(t, "neighbour"), sign}, [][]byte{root(t, w, nil)}, passed(t, w, "cousin"))
			require.ErrorIs(t, err, holder.ErrPhone)
			require.Equal(t, name == "refused", errors.Is(err, finger))
			require.Nil(t, g)
		})
	}
}
