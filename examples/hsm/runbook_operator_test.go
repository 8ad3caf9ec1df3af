package hsm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/hsm"
)

const deliver = credential.OperationDeliver

// Runbook, "operator: a new key, planned".
func TestOperatorChangesKeyWithOverlap(t *testing.T) {
	w := newTown(t)
	b := w.box(t)
	old, oldCert := w.Post, w.Post.Authority()
	oldGrant := w.round(t, old, "postman", w.Now)
	knows := b.opens(t, w.phone(t, "postman", oldGrant, authorities(oldCert)), deliver)
	require.Equal(t, 3, b.opens(t, w.phone(t, "postman", oldGrant, authorities(oldCert)), deliver).Cost.Pairs)

	// The new key is certified, and granted with, while the old one still grants.
	neu := w.operator(t, "post 2", w.Scheme)
	newCert := neu.Authority()
	newGrant := w.round(t, neu, "colleague", w.Now)

	// A lock learns the new certificate from the first phone that brings it: one pair more, once.
	first := b.opens(t, w.phone(t, "colleague", newGrant, authorities(newCert)), deliver)
	require.Equal(t, knows.Cost.Pairs, first.Cost.Pairs, "as with the first key's first visit")
	second := b.opens(t, w.phone(t, "colleague", newGrant, authorities(newCert)), deliver)
	require.Equal(t, first.Cost.Pairs-1, second.Cost.Pairs)
	b.opens(t, w.phone(t, "postman", oldGrant, authorities(oldCert)), deliver) // both at once

	// A grant is withdrawn by the key that signed it, and by no other: so the old
	// key stays in its token until the last of its grants has ended.
	key := keyOf(t, w, "post 2")
	wrong := withdraw(t, key, newCert, w.Now, 1, oldGrant)
	b.hears(t, w.phone(t, "colleague", newGrant, authorities(newCert), wrong))
	b.opens(t, w.phone(t, "postman", oldGrant, authorities(oldCert)), deliver)
	right := withdraw(t, keyOf(t, w, "post"), oldCert, w.Now, 1, oldGrant)
	b.hears(t, w.phone(t, "colleague", newGrant, authorities(newCert, oldCert), right))
	b.refuses(t, w.phone(t, "postman", oldGrant, authorities(oldCert)), deliver, credential.ReasonDenied)
}

// Runbook, "operator: a new key, planned": the old key ends by itself.
func TestOldKeyEndsWithItsCertificate(t *testing.T) {
	w := newTown(t)
	b := w.box(t)
	old, oldCert := w.Post, w.Post.Authority()
	key := w.key(t, "post 2")
	c := w.claims(key)
	c.IssuedAt, c.Expires = w.Now+70*day, w.Now+160*day // ten days of both
	neu := operatorOf(t, key, certify(t, w.Scheme, c))

	last := oldCert.Expires() - 3600 // the last grant of the old key
	oldGrant := w.round(t, old, "postman", last)
	b.opens(t, w.phone(t, "postman", oldGrant, authorities(oldCert)), deliver)
	newGrant := w.round(t, neu, "colleague", oldCert.Expires())
	b.opens(t, w.phone(t, "colleague", newGrant, authorities(neu.Authority())), deliver)

	b.refuses(t, w.phone(t, "postman", oldGrant, authorities(oldCert)), deliver, credential.ReasonAuthorityExpired)
	_, err := old.Grant(w.roundClaims(oldCert.Expires() + 1))
	require.ErrorIs(t, err, credential.ReasonAuthorityExpired, "nor does package issuer sign with it any more")
}

// Runbook, "operator: the key is gone, nobody else has it".
func TestOperatorLosesKey(t *testing.T) {
	w := newTown(t)
	b := w.box(t)
	cert := w.Post.Authority()
	grant := w.round(t, w.Post, "postman", w.Now)
	b.opens(t, w.phone(t, "postman", grant, authorities(cert)), deliver)

	destroyKeys(t, w, "post")
	_, err := w.Post.Grant(w.RoundClaims(w.Key("colleague")))
	require.ErrorIs(t, err, hsm.ErrKey)

	// What was granted stays good: the round of the day goes on, and the colleague
	// is granted with a new key.
	neu := w.operator(t, "post 2", w.Scheme)
	newGrant := w.round(t, neu, "colleague", w.Now)
	b.opens(t, w.phone(t, "colleague", newGrant, authorities(neu.Authority())), deliver)
	b.opens(t, w.phone(t, "postman", grant, authorities(cert)), deliver)

	// But the operator can withdraw nothing of it any more.  Where it must be, the
	// scheme denies the old certificate, and with it all grants of that day.
	list := deny(t, w.Scheme, w.Now, 1, cert)
	b.hears(t, w.phone(t, "colleague", newGrant, authorities(neu.Authority()), list))
	b.refuses(t, w.phone(t, "postman", grant, authorities(cert)), deliver, credential.ReasonDenied)
	b.opens(t, w.phone(t, "colleague", newGrant, authorities(neu.Authority())), deliver)
}

// Runbook, "operator: the key is in other hands".
func TestOperatorKeyIsStolen(t *testing.T) {
	w := newTown(t)
	b := w.box(t)
	newest := w.Post.Authority()
	key := keyOf(t, w, "post") // the thief signs with it
	c := w.claims(key)
	c.IssuedAt, c.Expires = w.Now-60*day, w.Now+30*day
	earlier := certify(t, w.Scheme, c) // from before it was renewed, and still good
	honest := w.round(t, w.Post, "postman", w.Now)
	stolen := w.round(t, w.Post, "thief", w.Now)
	viaEarlier := authorities(earlier)
	b.opens(t, w.phone(t, "postman", honest, authorities(newest)), deliver)
	b.opens(t, w.phone(t, "thief", stolen, authorities(newest)), deliver)

	// New key, new certificate, the grants of the day again; the scheme's list goes
	// with every phone.  A box that nobody visited opens to the thief still.
	neu := w.operator(t, "post 2", w.Scheme)
	again := w.round(t, neu, "postman", w.Now)
	b.opens(t, w.phone(t, "thief", stolen, authorities(newest)), deliver)

	// The list must name every certificate of the key that still runs: one that is
	// forgotten is as good as the whole.
	half := deny(t, w.Scheme, w.Now, 1, newest)
	requireTaken(t, b.opens(t, w.phone(t, "postman", again, authorities(neu.Authority()), half), deliver))
	b.refuses(t, w.phone(t, "thief", stolen, authorities(newest)), deliver, credential.ReasonDenied)
	b.opens(t, w.phone(t, "thief", stolen, viaEarlier), deliver)

	whole := deny(t, w.Scheme, w.Now, 2, newest, earlier)
	requireTaken(t, b.opens(t, w.phone(t, "postman", again, authorities(neu.Authority()), whole), deliver))
	for _, with := range [][]*credential.Authority{authorities(newest), viaEarlier, authorities(newest, earlier)} {
		b.refuses(t, w.phone(t, "thief", stolen, with), deliver, credential.ReasonDenied)
		b.refuses(t, w.phone(t, "postman", honest, with), deliver, credential.ReasonDenied)
	}
	b.opens(t, w.phone(t, "postman", again, authorities(neu.Authority())), deliver)

	// Nor does the thief bring the older list back, or one of the operator's own.
	r := b.refuses(t, w.phone(t, "thief", stolen, authorities(newest), half), deliver, credential.ReasonDenied)
	for _, d := range r.Documents {
		require.NotEqual(t, credential.ReasonNone, d.Reason)
	}
	b.refuses(t, w.phone(t, "thief", stolen, authorities(newest)), deliver, credential.ReasonDenied)
}
