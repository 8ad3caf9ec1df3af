package lock_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/issuer"
)

// chainOf returns the grants that hang above whoever the phone's holder passes
// on to.
func chainOf(p *holder.Phone) [][]byte { return append(slices.Clone(p.Parents), p.Grant) }

// linkClaims are the claims of a grant that somebody passes on: to open, for a
// day.
func linkClaims(t testing.TB, w *worldtest.World, to string) credential.GrantClaims {
	t.Helper()
	return credential.GrantClaims{
		Holder: worldtest.Public(t, to), IssuedAt: w.Now, Expires: w.Now + worldtest.Day,
		Scope: []credential.Entry{{Target: credential.LockTarget(w.LockID), Actions: credential.ActionOpen}},
	}
}

// passed has the phone's holder pass a right on, and returns the phone of who
// has it then.
func passed(t testing.TB, w *worldtest.World, from *holder.Phone, to string, alter func(*credential.GrantClaims)) *holder.Phone {
	t.Helper()
	c := linkClaims(t, w, to)
	alter(&c)
	g, err := holder.Delegate(from.Key, chainOf(from), c)
	require.NoError(t, err)
	p := w.Phone(t, to, g)
	p.Parents = chainOf(from)
	return p
}

// hung is passed past the checks of package holder: by whichever key, below
// whatever it has been given.
func hung(t testing.TB, w *worldtest.World, from *holder.Phone, by, to string, alter func(*credential.GrantClaims)) *holder.Phone {
	t.Helper()
	c := linkClaims(t, w, to)
	u, err := credential.ParseGrant(from.Grant)
	require.NoError(t, err)
	c.Parent = u.Digest()
	alter(&c)
	p := w.Phone(t, to, sign(t, by, c))
	p.Parents = chainOf(from)
	return p
}

// delegable returns the neighbour's phone with a grant below which so many links
// may hang.
func delegable(t testing.TB, w *worldtest.World, links uint8) *holder.Phone {
	t.Helper()
	return guest(t, w, func(c *credential.GrantClaims) { c.Scope[0].Delegation = links })
}

// liveAt gives the phone a network, by which the post tells it the time.
func liveAt(t testing.TB, w *worldtest.World, p *holder.Phone, at *credential.Time) *holder.Phone {
	t.Helper()
	s, err := issuer.NewTimeSource(worldtest.Key("post"), w.Post.Authority())
	require.NoError(t, err)
	p.Live = liveBy(s, at)
	return p
}

// requireOpens taps to open, and requires that the bolt moved.
func requireOpens(t testing.TB, w *worldtest.World, p *holder.Phone) holder.Result {
	t.Helper()
	before := w.Bolt.Driven
	r, err := tap(t, w, p, credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome, r.Reason)
	require.Equal(t, before+1, w.Bolt.Driven)
	return r
}

// requireRefused taps to open, and requires that it is refused for the reason.
func requireShut(t testing.TB, w *worldtest.World, p *holder.Phone, want credential.Reason) holder.Result {
	t.Helper()
	before := w.Bolt.Driven
	r, err := tap(t, w, p, credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeRefused, r.Outcome)
	require.Equal(t, want, r.Reason)
	require.Equal(t, before, w.Bolt.Driven)
	return r
}

// TestNeighboursChildOpensOnSaturdayOnce has an owner grant to a neighbour, who
// lets her child in on Saturday, once.
func TestNeighboursChildOpensOnSaturdayOnce(t *testing.T) {
	w := worldtest.New(t)
	saturday := credential.At(time.Date(2027, 3, 6, 9, 0, 0, 0, time.UTC))
	child := passed(t, w, delegable(t, w, 1), "child", func(c *credential.GrantClaims) {
		c.Expires = w.Now + 10*worldtest.Day
		c.Scope[0].Schedule = credential.Schedule{{Days: 1 << 5, From: 8 * 60, Until: 20 * 60}}
		c.Scope[0].Uses = credential.Uses{Count: 1, Starts: 2}
	})
	now := saturday - worldtest.Day
	liveAt(t, w, child, &now)
	requireShut(t, w, child, credential.ReasonHours)
	now = saturday
	requireOpens(t, w, child)
	requireShut(t, w, child, credential.ReasonUsesSpent)

	e := w.Openings()
	require.Len(t, e, 1)
	require.Equal(t, tagOf(t, child), e[0].Who, "the log names the leaf")
	require.Equal(t, credential.RoleGuest, e[0].Role)
	require.Equal(t, credential.EvidenceLive, e[0].Evidence)
	require.Equal(t, saturday, e[0].Time)
}

func TestHowManyLinksOpen(t *testing.T) {
	w := worldtest.New(t)
	neighbour := delegable(t, w, 2)
	child := passed(t, w, neighbour, "child", func(c *credential.GrantClaims) { c.Scope[0].Delegation = 1 })
	friend := passed(t, w, child, "friend", unchanged)
	for _, p := range []*holder.Phone{neighbour, child, friend} {
		requireOpens(t, w, p)
	}
	require.Equal(t, tagOf(t, friend), w.Openings()[2].Who)

	fourth := hung(t, w, friend, "friend", "fourth", unchanged)
	_, err := tap(t, w, fourth, credential.OperationOpen)
	require.ErrorIs(t, err, credential.ReasonDelegation, "the phone knows that no lock takes it")
	_, err = holder.Delegate(friend.Key, chainOf(friend), linkClaims(t, w, "fourth"))
	require.ErrorIs(t, err, credential.ReasonDelegation)
	w.PowerUp(t)
	r, status := call(t, w, fourth).asks(asking(fourth))
	require.Zero(t, r)
	requireToldNothing(t, w, status, credential.ReasonDelegation)
	require.Equal(t, 3, w.Bolt.Driven)
}

// TestLinksThatDoNotHold hangs links where they do not belong.  The phone is
// told a reason only where all signatures are good and all above the link is.
func TestLinksThatDoNotHold(t *testing.T) {
	for name, c := range map[string]struct {
		phone  func(*testing.T, *worldtest.World) *holder.Phone
		reason credential.Reason
		told   bool
	}{
		"a good one, to compare": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			return hung(t, w, delegable(t, w, 1), "neighbour", "child", unchanged)
		}, credential.ReasonNone, true},
		"below a grant without the condition": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			return hung(t, w, w.NeighbourPhone(t), "neighbour", "child", unchanged)
		}, credential.ReasonDelegation, true},
		"two below a grant for one": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			child := passed(t, w, delegable(t, w, 1), "child", unchanged)
			return hung(t, w, child, "child", "friend", unchanged)
		}, credential.ReasonDelegation, true},
		"two below grants that both allow one": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			child := hung(t, w, delegable(t, w, 1), "neighbour", "child", func(c *credential.GrantClaims) { c.Scope[0].Delegation = 1 })
			return hung(t, w, child, "child", "friend", unchanged)
		}, credential.ReasonDelegation, true},
		"issued before its parent": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			return hung(t, w, delegable(t, w, 1), "neighbour", "child", func(c *credential.GrantClaims) { c.IssuedAt-- })
		}, credential.ReasonDelegation, true},
		"issued after its parent's end": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			return hung(t, w, delegable(t, w, 1), "neighbour", "child", func(c *credential.GrantClaims) {
				c.IssuedAt += 31 * worldtest.Day
				c.Expires += 31 * worldtest.Day
			})
		}, credential.ReasonDelegation, true},
		"that names a service": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			p := hung(t, w, delegable(t, w, 1), "neighbour", "child", func(c *credential.GrantClaims) { c.Scope[0].PolicyVersion = 1 })
			p.Grant = resigned(t, "neighbour", p.Grant, "A1 05 01", "A1 07 01")
			return p
		}, credential.ReasonService, true},
		"signed by somebody else": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			return hung(t, w, delegable(t, w, 1), "stranger", "child", unchanged)
		}, credential.ReasonIssuerUnknown, false},
		"signed by the owner in the holder's place": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			return hung(t, w, delegable(t, w, 1), "owner", "child", unchanged)
		}, credential.ReasonIssuerUnknown, false},
		"altered": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			p := hung(t, w, delegable(t, w, 1), "neighbour", "child", unchanged)
			p.Grant[len(p.Grant)-1] ^= 1
			return p
		}, credential.ReasonSignature, false},
		"below an altered parent": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			p := hung(t, w, delegable(t, w, 1), "neighbour", "child", unchanged)
			p.Parents[0][len(p.Parents[0])-1] ^= 1
			return p
		}, credential.ReasonSignature, false},
		"below a link issued before its parent": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			child := hung(t, w, delegable(t, w, 2), "neighbour", "child", func(c *credential.GrantClaims) {
				c.IssuedAt--
				c.Scope[0].Delegation = 1
			})
			return hung(t, w, child, "child", "friend", unchanged)
		}, credential.ReasonDelegation, false},
		"below a grant that the operator may not give": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			c := w.RoundClaims()
			c.Holder, c.Expires = worldtest.Public(t, "neighbour"), c.IssuedAt+10*worldtest.Day
			c.Scope[0].Delegation = 1
			return hung(t, w, w.Phone(t, "neighbour", sign(t, "post", c)), "neighbour", "child", unchanged)
		}, credential.ReasonGrantTooLong, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			p := c.phone(t, w)
			w.PowerUp(t)
			written := w.Flash.Programmed
			request := asking(p)
			request.Chain = append(request.Chain, p.Authorities...)
			r, status := call(t, w, p).asks(request)
			switch {
			case c.reason == credential.ReasonNone:
				require.Equal(t, credential.OutcomeOpened, r.Outcome)
				return
			case c.told:
				require.Equal(t, credential.OutcomeRefused, r.Outcome)
				require.Equal(t, c.reason, r.Reason)
			case len(r.Missing) > 0:
				require.Equal(t, c.reason, w.LastEvent().Reason)
			default:
				requireToldNothing(t, w, status, c.reason)
			}
			require.Equal(t, written, w.Flash.Programmed)
			require.Zero(t, w.Bolt.Driven)
		})
	}
}

// TestLinkIsNotMovedUnderAnotherParent gives the neighbour two grants, and hangs
// a link of hers under the one for which it was not made.
func TestLinkIsNotMovedUnderAnotherParent(t *testing.T) {
	w := worldtest.New(t)
	short := guest(t, w, func(c *credential.GrantClaims) { c.Expires, c.Scope[0].Delegation = w.Now+2*worldtest.Day, 1 })
	long := delegable(t, w, 1)
	child := passed(t, w, short, "child", unchanged)
	moved := *child
	moved.Parents = chainOf(long)
	_, err := tap(t, w, &moved, credential.OperationOpen)
	require.ErrorIs(t, err, credential.ReasonDelegation, "the phone sees it")
	w.PowerUp(t)
	c := call(t, w, &moved)
	r, _ := c.asks(asking(&moved))
	require.Equal(t, []credential.KeyID{credential.KeyIDOf(short.Key.PublicKey())}, r.Missing, "the lock asks for the parent")
	r, _ = c.further(asking(child))
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
	require.Equal(t, 1, w.Bolt.Driven)
}

// TestParentsOfAnEarlierRequestAreNotKept brings a chain in pieces: a request
// after the form missing brings all of it.
func TestParentsOfAnEarlierRequestAreNotKept(t *testing.T) {
	w := worldtest.New(t)
	child := passed(t, w, delegable(t, w, 2), "child", func(c *credential.GrantClaims) { c.Scope[0].Delegation = 1 })
	friend := passed(t, w, child, "friend", unchanged)
	w.PowerUp(t)
	c := call(t, w, friend)
	bringing := func(chain ...[]byte) []credential.KeyID {
		request := opens
		request.Chain = chain
		send := c.further
		if c.channel == nil {
			send = c.asks
		}
		r, _ := send(request)
		require.Zero(t, w.Bolt.Driven)
		return r.Missing
	}
	ofChild := []credential.KeyID{credential.KeyIDOf(child.Key.PublicKey())}
	ofNeighbour := []credential.KeyID{credential.KeyIDOf(worldtest.Public(t, "neighbour"))}
	require.Equal(t, ofChild, bringing())
	require.Equal(t, ofNeighbour, bringing(friend.Parents[1]))
	require.Equal(t, ofChild, bringing(friend.Parents[0]), "the parent is asked for again")
	slices.Reverse(friend.Parents)
	r, _ := c.further(asking(friend))
	require.Equal(t, credential.OutcomeOpened, r.Outcome, "in whichever order")
}

// TestLinkGivesNoMoreThanItsParent makes a link wider than what is above it.
func TestLinkGivesNoMoreThanItsParent(t *testing.T) {
	day := worldtest.Day
	live := func(c *credential.GrantClaims) { c.Scope[0].Evidence = credential.EvidenceLive }
	for name, c := range map[string]struct {
		parent, link func(*credential.GrantClaims)
		operation    credential.Operation
		want         credential.Reason
	}{
		"action":  {unchanged, func(c *credential.GrantClaims) { c.Scope[0].Actions |= credential.ActionCollect }, credential.OperationCollect, credential.ReasonAction},
		"end":     {func(c *credential.GrantClaims) { c.Expires = c.IssuedAt + day/2 }, unchanged, credential.OperationOpen, credential.ReasonExpired},
		"begin":   {func(c *credential.GrantClaims) { c.NotBefore = c.IssuedAt + 2*day }, unchanged, credential.OperationOpen, credential.ReasonNotYetValid},
		"target":  {func(c *credential.GrantClaims) { c.Scope[0].Target = credential.LockTarget(credential.LockID{1}) }, unchanged, credential.OperationOpen, credential.ReasonTarget},
		"door":    {func(c *credential.GrantClaims) { c.Scope[0].Resource = 1 }, unchanged, credential.OperationOpen, credential.ReasonResource},
		"policy":  {func(c *credential.GrantClaims) { c.Scope[0].PolicyVersion = 2 }, unchanged, credential.OperationOpen, credential.ReasonPolicyVersion},
		"proof":   {live, unchanged, credential.OperationOpen, credential.ReasonEvidence},
		"hours":   {func(c *credential.GrantClaims) { c.Scope[0].Schedule = sundays }, unchanged, credential.OperationOpen, credential.ReasonHours},
		"of link": {unchanged, func(c *credential.GrantClaims) { c.NotBefore = c.IssuedAt + 2*day; c.Expires += 2 * day }, credential.OperationOpen, credential.ReasonNotYetValid},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			parent := guest(t, w, func(g *credential.GrantClaims) {
				g.Scope[0].Delegation = 1
				c.parent(g)
			})
			child := hung(t, w, parent, "neighbour", "child", c.link)
			now := w.Now + day
			switch c.want {
			case credential.ReasonExpired: // the postman of the next day has been here
				_, err := tap(t, w, postman(t, w, func(c *credential.GrantClaims) { c.IssuedAt += day / 2; c.Expires += day / 2 }), credential.OperationDeliver)
				require.NoError(t, err)
			case credential.ReasonHours:
				liveAt(t, w, child, &now)
			}
			driven := w.Bolt.Driven
			r, err := tap(t, w, child, c.operation)
			require.NoError(t, err)
			require.Equal(t, credential.OutcomeRefused, r.Outcome)
			require.Equal(t, c.want, r.Reason)
			require.Equal(t, driven, w.Bolt.Driven)
		})
	}
}

// TestEntryThatMayNotBePassedOnOpensForItsHolderAlone passes on the letter box
// and keeps the rest.
func TestEntryThatMayNotBePassedOnOpensForItsHolderAlone(t *testing.T) {
	w := worldtest.New(t)
	neighbour := guest(t, w, func(c *credential.GrantClaims) {
		c.Scope = append(c.Scope, c.Scope[0])
		c.Scope[1].Actions, c.Scope[1].Delegation = credential.ActionCollect, 1
	})
	child := hung(t, w, neighbour, "neighbour", "child", func(c *credential.GrantClaims) { c.Scope[0].Actions |= credential.ActionCollect })
	requireOpens(t, w, neighbour)
	requireShut(t, w, child, credential.ReasonDelegation)
	r, err := tap(t, w, child, credential.OperationCollect)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
}
