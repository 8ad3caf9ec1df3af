package lock_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/issuer"
)

// coOwned has the owner name a co-owner.
func coOwned(t testing.TB, w *worldtest.World) {
	t.Helper()
	r := w.Hand(t, second(t, w, func(c *credential.PolicyClaims) {
		c.CoOwners = []credential.PublicKey{worldtest.Public(t, "co-owner")}
	}))
	require.Equal(t, []credential.Reason{credential.ReasonNone}, fates(r))
}

// guestOf returns a phone with the co-owner's grant.
func guestOf(t testing.TB, w *worldtest.World, name string, alter func(*credential.GrantClaims)) *holder.Phone {
	t.Helper()
	c := w.GuestClaims()
	alter(&c)
	return w.Phone(t, "neighbour", sign(t, name, c))
}

// TestCoOwner opens, sees the state whole, reads the log and grants, though the
// box is blocked for all others.
func TestCoOwner(t *testing.T) {
	w := worldtest.New(t)
	p := w.Phone(t, "co-owner", nil)
	_, err := tap(t, w, p, credential.OperationOpen)
	requireUnheard(t, err)
	coOwned(t, w)
	r, err := tap(t, w, p, credential.OperationOpen)
	requireOpened(t, r, err)
	require.Equal(t, uint32(2), r.State.Sequence)
	r, err = p.ReadLog(t.Context(), w.Link())
	require.NoError(t, err)
	require.Len(t, r.LogPages, 1)
	r, err = tap(t, w, guestOf(t, w, "co-owner", unchanged), credential.OperationOpen)
	requireOpened(t, r, err)

	w.Hand(t, w.Policy(t, func(c *credential.PolicyClaims) {
		c.Version, c.Least, c.Block = 3, 3, credential.BlockGuests|credential.BlockServices
		c.CoOwners = []credential.PublicKey{worldtest.Public(t, "co-owner")}
	}))
	r, err = tap(t, w, p, credential.OperationOpen)
	requireOpened(t, r, err)
	r, err = tap(t, w, guestOf(t, w, "co-owner", unchanged), credential.OperationOpen)
	requireRefused(t, credential.ReasonDenied, r, err)
	r, err = tap(t, w, guestOf(t, w, "co-owner", func(c *credential.GrantClaims) { c.Scope[0].PolicyVersion = 3 }), credential.OperationOpen)
	requireRefused(t, credential.ReasonBlocked, r, err)
}

// TestCoOwnerIsOneNoMore after a policy that does not name him: his key, his
// slot, his guests and their slots.  Everybody else's slots stay.
func TestCoOwnerIsOneNoMore(t *testing.T) {
	w := worldtest.New(t)
	coOwned(t, w)
	former := map[string]*holder.Phone{
		"co-owner": resuming(w.Phone(t, "co-owner", nil)), "his guest": resuming(guestOf(t, w, "co-owner", unchanged)),
	}
	still := map[string]*holder.Phone{"owner": resuming(w.OwnerPhone(t)), "neighbour": resuming(w.NeighbourPhone(t))}
	for _, phones := range []map[string]*holder.Phone{former, still} {
		for _, p := range phones {
			r, err := tap(t, w, p, credential.OperationOpen)
			requireOpened(t, r, err)
		}
	}
	w.Hand(t, w.Policy(t, func(c *credential.PolicyClaims) { c.Version = 3 }))
	driven := w.Bolt.Driven
	_, err := tap(t, w, former["co-owner"], credential.OperationOpen)
	requireUnheard(t, err)
	_, err = tap(t, w, former["his guest"], credential.OperationOpen)
	require.ErrorIs(t, err, credential.ReasonIssuerUnknown)
	require.Equal(t, driven, w.Bolt.Driven)
	for name, p := range still {
		r, err := tap(t, w, p, credential.OperationOpen)
		requireOpened(t, r, err)
		require.Equal(t, 2, r.Cost.Pairs, name)
	}
	w.Hand(t, w.Policy(t, func(c *credential.PolicyClaims) {
		c.Version, c.CoOwners = 4, []credential.PublicKey{worldtest.Public(t, "co-owner")}
	}))
	r, err := tap(t, w, former["co-owner"], credential.OperationOpen)
	requireOpened(t, r, err)
	require.Equal(t, 5, r.Cost.Pairs, "his slot does not come back with him")
}

// TestWhoLosesTheRightByWhatHeBrings is refused in the same tap, and told why,
// and again as often as he asks.
func TestWhoLosesTheRightByWhatHeBrings(t *testing.T) {
	for name, phone := range map[string]func(*worldtest.World) *holder.Phone{
		"co-owner":             func(w *worldtest.World) *holder.Phone { return w.Phone(t, "co-owner", nil) },
		"his guest":            func(w *worldtest.World) *holder.Phone { return guestOf(t, w, "co-owner", unchanged) },
		"co-owner who resumes": func(w *worldtest.World) *holder.Phone { return resuming(w.Phone(t, "co-owner", nil)) },
		"his guest who resumes": func(w *worldtest.World) *holder.Phone {
			return resuming(guestOf(t, w, "co-owner", unchanged))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			coOwned(t, w)
			p := phone(w)
			r, err := tap(t, w, p, credential.OperationOpen)
			requireOpened(t, r, err)
			three := w.Policy(t, func(c *credential.PolicyClaims) { c.Version = 3 })
			tokens := [][]byte{w.StatedTime(t, w.Now), w.StatedTime(t, w.Now+1), w.StatedTime(t, w.Now+2), w.StatedTime(t, w.Now+3)}
			r, err = tap(t, w, bringing(p, append([][]byte{three}, tokens...)...), credential.OperationOpen)
			requireRefused(t, credential.ReasonDenied, r, err)
			require.Len(t, r.Documents, 5, "in two requests")
			require.Equal(t, 1, w.Bolt.Driven)
			require.Equal(t, uint32(3), w.Lock.PolicyVersion())
			_, err = tap(t, w, p, credential.OperationOpen)
			require.Error(t, err)
		})
	}
}

// TestCoOwnerNamesNobody: his policy is not taken, and so nobody new comes
// in by it.
func TestCoOwnerNamesNobody(t *testing.T) {
	w := worldtest.New(t)
	coOwned(t, w)
	co, err := issuer.NewOwner(worldtest.Key("co-owner"))
	require.NoError(t, err)
	c := w.PolicyClaims()
	c.Version, c.CoOwners = 3, []credential.PublicKey{worldtest.Public(t, "friend")}
	b, err := co.Policy(c)
	require.NoError(t, err)
	r, err := tap(t, w, bringing(w.Phone(t, "co-owner", nil), b), credential.OperationOpen)
	requireOpened(t, r, err)
	require.Equal(t, []credential.Reason{credential.ReasonIssuerUnknown}, fates(r))
	_, err = tap(t, w, w.Phone(t, "friend", nil), credential.OperationOpen)
	requireUnheard(t, err)
}

// building is an operator under a building's own key.
type building struct {
	*issuer.Scheme
	certificate *credential.Authority
}

// anchored has the owner trust a building, and admit the service of its operator.
func anchored(t testing.TB, w *worldtest.World, version uint32) building {
	t.Helper()
	root, err := issuer.NewScheme(worldtest.Key("building"))
	require.NoError(t, err)
	c := w.PostClaims()
	c.Key, c.Services = worldtest.Public(t, "caretaker"), []credential.Service{credential.ServiceMaintenance}
	b, err := root.Certify(c)
	require.NoError(t, err)
	u, err := credential.ParseAuthority(b)
	require.NoError(t, err)
	v := credential.Verifier{Roots: []credential.PublicKey{root.PublicKey()}}
	a, err := v.Authority(u)
	require.NoError(t, err)
	r := w.Hand(t, w.Policy(t, func(c *credential.PolicyClaims) {
		c.Version, c.Anchors = version, []credential.PublicKey{root.PublicKey()}
		c.Services = append(c.Services, credential.Admission{Service: credential.ServiceMaintenance, Actions: credential.ActionOpen})
	}))
	require.Equal(t, []credential.Reason{credential.ReasonNone}, fates(r))
	return building{root, a}
}

// caretaker returns a phone with a grant of the building's operator.
func (b building) caretaker(t testing.TB, w *worldtest.World) *holder.Phone {
	t.Helper()
	c := w.RoundClaims()
	c.Scope[0].Actions = credential.ActionOpen
	p := w.Phone(t, "postman", sign(t, "caretaker", c))
	p.Authorities = [][]byte{b.certificate.Bytes()}
	return p
}

// TestAnchor has the operator of a building come while the owner trusts it, and
// after.  The lock holds the certificate by then, and a slot.
func TestAnchor(t *testing.T) {
	w := worldtest.New(t)
	b := anchored(t, w, 2)
	p := resuming(b.caretaker(t, w))
	r, err := tap(t, w, p, credential.OperationOpen)
	requireOpened(t, r, err)
	r, err = tap(t, w, p, credential.OperationOpen)
	requireOpened(t, r, err)
	require.Equal(t, 2, r.Cost.Pairs)

	without := w.Policy(t, func(c *credential.PolicyClaims) {
		c.Version = 3
		c.Services = []credential.Admission{{Service: credential.ServiceMaintenance, Actions: credential.ActionOpen}}
	})
	r, err = tap(t, w, bringing(p, without), credential.OperationOpen)
	requireRefused(t, credential.ReasonDenied, r, err)
	_, err = tap(t, w, p, credential.OperationOpen)
	requireUnheard(t, err)
	p.Authorities = nil
	_, err = tap(t, w, p, credential.OperationOpen)
	require.ErrorIs(t, err, credential.ReasonIssuerUnknown)
	require.Equal(t, 2, w.Bolt.Driven)
	anchored(t, w, 4)
	r, err = tap(t, w, p, credential.OperationOpen)
	requireOpened(t, r, err)
}

// TestAnchorBroughtByWhomItLetsIn is too late for the tap that brings it: nobody
// is heard before his signatures verify.
func TestAnchorBroughtByWhomItLetsIn(t *testing.T) {
	w := worldtest.New(t)
	other := worldtest.New(t)
	p := anchored(t, other, 2).caretaker(t, w)
	_, err := tap(t, w, bringing(p, second(t, w, func(c *credential.PolicyClaims) {
		c.Anchors = []credential.PublicKey{worldtest.Public(t, "building")}
	})), credential.OperationOpen)
	requireUnheard(t, err)
	require.Zero(t, w.Flash.Programmed)
}

// TestAnchorsListDeniesItsCertificates as a scheme's does.
func TestAnchorsListDeniesItsCertificates(t *testing.T) {
	w := worldtest.New(t)
	b := anchored(t, w, 2)
	list, err := b.Revoke(credential.RevocationClaims{IssuedAt: w.Now, Version: 1, Denied: []credential.Denial{
		{Tag: b.certificate.Tag(), Expires: b.certificate.Expires()},
	}})
	require.NoError(t, err)
	p := b.caretaker(t, w)
	r, err := tap(t, w, p, credential.OperationOpen)
	requireOpened(t, r, err)
	r, err = tap(t, w, bringing(p, list), credential.OperationOpen)
	requireRefused(t, credential.ReasonDenied, r, err)
	require.Equal(t, []credential.Reason{credential.ReasonNone}, fates(r))
}

// TestDeniedGrantLosesItsSlot goes by the tag of the grant, and no other slot
// ends.
func TestDeniedGrantLosesItsSlot(t *testing.T) {
	w := worldtest.New(t)
	denied, other := resuming(w.NeighbourPhone(t)), resuming(guest(t, w, func(c *credential.GrantClaims) { c.Expires++ }))
	for _, p := range []*holder.Phone{denied, other} {
		r, err := tap(t, w, p, credential.OperationOpen)
		requireOpened(t, r, err)
	}
	w.Hand(t, second(t, w, func(c *credential.PolicyClaims) { c.Denied = []credential.Tag{tagOf(t, denied)} }))
	r, err := tap(t, w, denied, credential.OperationOpen)
	requireRefused(t, credential.ReasonDenied, r, err)
	require.Equal(t, 5, r.Cost.Pairs, "two of them to find that there is no slot")
	r, err = tap(t, w, other, credential.OperationOpen)
	requireOpened(t, r, err)
	require.Equal(t, 2, r.Cost.Pairs)
	w.Hand(t, w.Policy(t, func(c *credential.PolicyClaims) { c.Version = 3 }))
	r, err = tap(t, w, denied, credential.OperationOpen)
	requireOpened(t, r, err)
	require.Equal(t, 5, r.Cost.Pairs, "a slot that ended does not come back")
}
