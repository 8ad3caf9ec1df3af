package hsm_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/issuertest"
)

// post has a scheme certify the key of the post.
func (w *town) post(t *testing.T, by *issuer.Scheme) *credential.Authority {
	t.Helper()
	return certify(t, by, w.claims(keyOf(t, w, "post")))
}

// endOfTime is the last moment and the last version that there are.
const endOfTime = math.MaxUint32

// farewell is a root's last list: it denies every certificate of the root that
// there is and can be, and no list of that root comes after it.
func farewell(t *testing.T, root *issuer.Scheme) []byte {
	t.Helper()
	list, err := root.Revoke(credential.RevocationClaims{IssuedAt: endOfTime, Version: endOfTime, Least: endOfTime})
	require.NoError(t, err)
	return list
}

// Runbook, "scheme root: a new one, planned": every box has the root in use and
// the next one from manufacture, so that old boxes and new ones share one.
func TestSchemeChangesRootWithOverlap(t *testing.T) {
	w := newTown(t)
	rootB, rootC := w.scheme(t, "scheme root B"), w.scheme(t, "scheme root C")
	a, b, c := w.Scheme.PublicKey(), rootB.PublicKey(), rootC.PublicKey()
	old, neu := w.box(t, a, b), w.box(t, b, c)

	underA := w.Post.Authority()
	grant := w.round(t, w.Post, "postman", w.Now)
	old.opens(t, w.phone(t, "postman", grant, authorities(underA)), deliver)
	neu.refuses(t, w.phone(t, "postman", grant, authorities(underA)), deliver, credential.ReasonStatusWord)

	// The operator's next certificate, for the same key, is under the root that all
	// boxes have; the grants stay.  Of two certificates phones bring the one that
	// ends last.
	claims := w.claims(keyOf(t, w, "post"))
	claims.IssuedAt, claims.Expires = w.Now-day, w.Now+90*day
	underB := certify(t, rootB, claims)
	for name, with := range map[string][]*credential.Authority{"B alone": authorities(underB), "both": authorities(underA, underB)} {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				old.opens(t, w.phone(t, "postman", grant, with), deliver)
				neu.opens(t, w.phone(t, "postman", grant, with), deliver)
			}
		})
	}

	// A box without the common root is what must not be: the phone brings the
	// certificate that ends last, and is refused without a reason.
	alone := w.box(t, a)
	alone.refuses(t, w.phone(t, "postman", grant, authorities(underA, underB)), deliver, credential.ReasonStatusWord)
	alone.opens(t, w.phone(t, "postman", grant, authorities(underA)), deliver) // an app that knows such a box can bring what fits
}

// Runbook, "scheme root: a new one, planned": a lock that outlives its two roots is
// handed from root to root by its owner's anchors.
func TestLockOutlivesItsRoots(t *testing.T) {
	w := newTown(t)
	rootB, rootC, rootD := w.scheme(t, "scheme root B"), w.scheme(t, "scheme root C"), w.scheme(t, "scheme root D")
	handed, left := w.box(t, w.Scheme.PublicKey(), rootB.PublicKey()), w.box(t, w.Scheme.PublicKey(), rootB.PublicKey())
	key := keyOf(t, w, "post")
	postman := func(root *issuer.Scheme, at credential.Time) *holder.Phone { // with a certificate of 90 days
		c := w.claims(key)
		c.IssuedAt, c.Expires = at, at+90*day
		a := certify(t, root, c)
		return w.phone(t, "postman", w.round(t, operatorOf(t, key, a), "postman", at), authorities(a))
	}
	anchor := func(version uint32, at credential.Time, root *issuer.Scheme) {
		handed.hears(t, w.owner(t, w.Policy(func(c *credential.PolicyClaims) {
			c.Version, c.IssuedAt, c.Anchors = version, at, []credential.PublicKey{root.PublicKey()}
		})))
	}
	for _, b := range []*box{handed, left} {
		b.opens(t, postman(rootB, w.Now), deliver)
	}
	// While B is in use the owner anchors C; when its turn has come, a lock without it
	// takes no staff any more.
	anchor(2, w.Now+80*day, rootC)
	second := w.Now + 90*day
	handed.opens(t, postman(rootC, second), deliver)
	left.refuses(t, postman(rootC, second), deliver, credential.ReasonStatusWord)

	// The next anchor takes the place of the one before.
	anchor(3, second+80*day, rootD)
	handed.refuses(t, postman(rootC, second+80*day), deliver, credential.ReasonStatusWord)
	handed.opens(t, postman(rootD, second+90*day), deliver)
}

// Runbook, "scheme root: gone, nobody else has it".
func TestSchemeLosesRoot(t *testing.T) {
	w := newTown(t)
	rootB := w.scheme(t, "scheme root B")
	two, one := w.box(t, w.Scheme.PublicKey(), rootB.PublicKey()), w.box(t)
	underA := w.Post.Authority()
	destroyKeys(t, w, "scheme root A")
	_, err := w.Scheme.Certify(w.PostClaims())
	require.Error(t, err)

	// Until the certificates end nothing changes at the boxes.
	grant := w.round(t, w.Post, "postman", w.Now)
	for _, b := range []*box{two, one} {
		b.opens(t, w.phone(t, "postman", grant, authorities(underA)), deliver)
	}
	// Then a box with a second root goes on with it, and one without waits for its owner.
	later := underA.Expires()
	c := w.claims(keyOf(t, w, "post"))
	c.IssuedAt, c.Expires = later-day, later+90*day
	underB := certify(t, rootB, c)
	o := operatorOf(t, keyOf(t, w, "post"), underB)
	grant = w.round(t, o, "postman", later)
	two.opens(t, w.phone(t, "postman", grant, authorities(underA, underB)), deliver)
	one.refuses(t, w.phone(t, "postman", grant, authorities(underA, underB)), deliver, credential.ReasonStatusWord)
	anchor := w.Policy(func(c *credential.PolicyClaims) {
		c.Version, c.IssuedAt, c.Anchors = 2, w.Now, []credential.PublicKey{rootB.PublicKey()}
	})
	one.hears(t, w.owner(t, anchor))
	one.opens(t, w.phone(t, "postman", grant, authorities(underA, underB)), deliver)
}

// Runbook, "scheme root: in other hands".
func TestSchemeRootIsStolen(t *testing.T) {
	w := newTown(t)
	rootB := w.scheme(t, "scheme root B")
	two, one := w.box(t, w.Scheme.PublicKey(), rootB.PublicKey()), w.box(t)
	last := farewell(t, w.Scheme) // signed at the ceremony of the root, and kept in a safe

	// Whoever has the root certifies whom he likes.
	thief := func(iat credential.Time) (*credential.Authority, []byte) {
		c := w.claims(w.Key("thief's operator"))
		c.IssuedAt, c.Expires = iat, iat+80*day
		a := certify(t, w.Scheme, c)
		return a, w.round(t, operatorOf(t, w.Key("thief's operator"), a), "thief", iat)
	}
	false1, stolen1 := thief(w.Now)
	for _, b := range []*box{two, one} {
		b.opens(t, w.phone(t, "thief", stolen1, authorities(false1)), deliver)
	}

	// Operators are certified under B, and the farewell of A goes with every phone.
	underB := w.post(t, rootB)
	neu := operatorOf(t, keyOf(t, w, "post"), underB)
	grant := w.round(t, neu, "postman", w.Now)
	requireTaken(t, two.opens(t, w.phone(t, "postman", grant, authorities(underB), last), deliver))
	two.refuses(t, w.phone(t, "thief", stolen1, authorities(false1)), deliver, credential.ReasonDenied)
	false2, stolen2 := thief(w.Now + 3600) // certified after the theft was noticed
	two.refuses(t, w.phone(t, "thief", stolen2, authorities(false2)), deliver, credential.ReasonDenied)
	for _, version := range []uint32{1, endOfTime} { // no list of the thief's undoes it
		list := deny(t, w.Scheme, w.Now, version)
		r := two.refuses(t, w.phone(t, "thief", stolen1, authorities(false1), list), deliver, credential.ReasonDenied)
		require.Equal(t, credential.ReasonSuperseded, r.Documents[0].Reason)
	}
	two.opens(t, w.phone(t, "postman", grant, authorities(underB)), deliver)

	// A box with A alone admits no service until its owner anchors B; the owner, who
	// brings the farewell along, opens all the time.
	one.hears(t, w.owner(t, last))
	one.refuses(t, w.phone(t, "thief", stolen2, authorities(false2)), deliver, credential.ReasonDenied)
	one.refuses(t, w.phone(t, "postman", grant, authorities(underB)), deliver, credential.ReasonStatusWord)
	one.opens(t, w.owner(t), credential.OperationOpen)
	one.hears(t, w.owner(t, w.Policy(func(c *credential.PolicyClaims) {
		c.Version, c.IssuedAt, c.Anchors = 2, w.Now, []credential.PublicKey{rootB.PublicKey()}
	})))
	one.opens(t, w.phone(t, "postman", grant, authorities(underB)), deliver)
	one.refuses(t, w.phone(t, "thief", stolen2, authorities(false2)), deliver, credential.ReasonDenied)
}

// The farewell leaves the thief no certificate: the one moment that it does not
// deny has none after it in which a certificate could end.
func TestFarewellLeavesNothing(t *testing.T) {
	w := newTown(t)
	c := w.claims(w.Key("thief's operator"))
	c.IssuedAt, c.Expires = endOfTime, endOfTime
	_, err := w.Scheme.Certify(c)
	require.ErrorIs(t, err, credential.ReasonMalformed)
	_, err = w.Scheme.Certify(credential.AuthorityClaims{
		Key: issuertest.Public(w.Key("thief")), IssuedAt: endOfTime - 1, Expires: endOfTime, Rights: credential.RightTime,
	})
	require.NoError(t, err, "it would be signed, and is denied: it was issued before the end")
}

// A farewell is a race: whoever comes first with the last version has the last
// word at that box.
func TestFarewellIsARace(t *testing.T) {
	w := newTown(t)
	b := w.box(t)
	grant := w.round(t, w.Post, "thief", w.Now)
	b.hears(t, w.phone(t, "thief", grant, authorities(w.Post.Authority()), deny(t, w.Scheme, w.Now, endOfTime)))
	r, err := w.owner(t, farewell(t, w.Scheme)).Status(t.Context(), b.field(t))
	require.NoError(t, err)
	require.Equal(t, credential.ReasonSuperseded, r.Documents[0].Reason)
	b.opens(t, w.phone(t, "thief", grant, authorities(w.Post.Authority())), deliver)
	b.hears(t, w.owner(t, w.Policy(func(c *credential.PolicyClaims) { // what is left: the owner admits no service
		c.Version, c.IssuedAt, c.Services = 2, w.Now, nil
	})))
	b.refuses(t, w.phone(t, "thief", grant, authorities(w.Post.Authority())), deliver, credential.ReasonNotAdmitted)
}
