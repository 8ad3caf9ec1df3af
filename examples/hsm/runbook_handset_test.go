package hsm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/issuertest"
)

// Runbook, "handset of a postman".
func TestPostmansHandsetIsLost(t *testing.T) {
	w := newTown(t)
	b := w.box(t)
	post := authorities(w.Post.Authority())
	lost := w.round(t, w.Post, "lost handset", w.Now)
	b.opens(t, w.phone(t, "lost handset", lost, post), deliver)

	// The same round for the new handset, and the list that names the lost one's grant.
	again := w.round(t, w.Post, "new handset", w.Now)
	list := withdraw(t, keyOf(t, w, "post"), w.Post.Authority(), w.Now, 1, lost)
	requireTaken(t, b.opens(t, w.phone(t, "new handset", again, post, list), deliver))
	b.refuses(t, w.phone(t, "lost handset", lost, post), deliver, credential.ReasonDenied)

	// A box that nobody visited opens to it until the grant ends: with the first
	// visit of the next day.
	other := w.box(t)
	other.opens(t, w.phone(t, "lost handset", lost, post), deliver)
	tomorrow := w.round(t, w.Post, "new handset", w.Now+day)
	other.opens(t, w.phone(t, "new handset", tomorrow, post), deliver)
	other.refuses(t, w.phone(t, "lost handset", lost, post), deliver, credential.ReasonExpired)
}

// Runbook, "handset of a guest".
func TestGuestsHandsetIsLost(t *testing.T) {
	w := newTown(t)
	b := w.box(t)
	lost, again := w.Guest(w.Key("lost handset")), w.Guest(w.Key("new handset"))
	b.opens(t, w.phone(t, "lost handset", lost, nil), credential.OperationOpen)
	u, err := credential.ParseGrant(lost)
	require.NoError(t, err)
	denied := w.Policy(func(c *credential.PolicyClaims) {
		c.Version, c.IssuedAt, c.Denied = 2, w.Now, []credential.Tag{u.Tag()}
	})
	// Anybody brings it: here the postman.
	grant := w.round(t, w.Post, "postman", w.Now)
	requireTaken(t, b.opens(t, w.phone(t, "postman", grant, authorities(w.Post.Authority()), denied), deliver))
	b.refuses(t, w.phone(t, "lost handset", lost, nil), credential.OperationOpen, credential.ReasonDenied)
	b.opens(t, w.phone(t, "new handset", again, nil), credential.OperationOpen)
}

// Runbook, "handset of the owner": the setup secret and a hand on the button inside.
func TestOwnersHandsetIsLost(t *testing.T) {
	w := newTown(t)
	b := w.box(t)
	guest := w.Guest(w.Key("neighbour"))
	b.opens(t, w.phone(t, "neighbour", guest, nil), credential.OperationOpen)

	fresh := w.phone(t, "owner's new handset", nil, nil)
	_, r, err := fresh.Commission(t.Context(), b.field(t), w.Setup)
	require.ErrorIs(t, err, credential.ReasonStatusWord, "the secret alone is not enough")
	require.NotEqual(t, credential.OutcomeDone, r.Outcome)
	b.button = true
	_, r, err = fresh.Commission(t.Context(), b.field(t), w.Setup)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	b.button = false

	// The lost key opens nothing, signs nothing, and its guests are gone with it.
	for name, p := range map[string]*holder.Phone{"owner": w.owner(t), "guest": w.phone(t, "neighbour", guest, nil)} {
		t.Run("old "+name, func(t *testing.T) {
			driven := b.bolt.Driven
			r, _ := p.Open(t.Context(), b.field(t), credential.OperationOpen)
			require.Equal(t, credential.OutcomeRefused, r.Outcome)
			require.Equal(t, driven, b.bolt.Driven)
		})
	}
	b.opens(t, fresh, credential.OperationOpen)

	// Guests are granted again, from the version on that the lock has now.
	owner, err := issuer.NewOwner(w.Key("owner's new handset"))
	require.NoError(t, err)
	c := w.PolicyClaims()
	c.Version, c.IssuedAt = r.State.PolicyVersion+1, w.Now
	policy, err := owner.Policy(c)
	require.NoError(t, err)
	fresh.Documents = [][]byte{policy}
	b.hears(t, fresh)
	g := w.GuestClaims(w.Key("neighbour"))
	g.Holder = issuertest.Public(w.Key("neighbour"))
	g.Scope[0].PolicyVersion = c.Version
	again, err := owner.Grant(g)
	require.NoError(t, err)
	b.opens(t, w.phone(t, "neighbour", again, nil), credential.OperationOpen)
	grant := w.round(t, w.Post, "postman", w.Now)
	b.opens(t, w.phone(t, "postman", grant, authorities(w.Post.Authority())), deliver)
}
