package holder_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/worldtest"
)

// TestPhoneOpensByAPass of three links, whose documents it hands over, and by no
// right of the phone's own.
func TestPhoneOpensByAPass(t *testing.T) {
	w := worldtest.New(t)
	c := w.GuestClaims()
	c.Scope[0].Delegation = 1
	root, err := w.Owner.Grant(c)
	require.NoError(t, err)
	neighbour := w.Phone(t, "neighbour", nil)
	son := w.GuestClaims()
	son.Holder = worldtest.Public(t, "son")
	link, err := holder.Delegate(neighbour.Key, [][]byte{root}, son)
	require.NoError(t, err)
	policy := w.Policy(t, func(c *credential.PolicyClaims) { c.Version = 2 })
	pass := credential.Pass{Chain: [][]byte{root, link}, Documents: [][]byte{policy}}

	p := w.Phone(t, "son", nil)
	q := p.With(pass)
	require.Nil(t, p.Grant, "the phone itself is as it was")
	require.Nil(t, p.Documents)
	r := requireOpened(t, w, q, w.Link(), credential.OperationOpen)
	require.Len(t, r.Documents, 1)
	require.Equal(t, credential.ReasonNone, r.Documents[0].Reason)

	_, err = neighbour.With(pass).Open(t.Context(), w.Link(), credential.OperationOpen)
	require.ErrorIs(t, err, credential.ReasonPossession, "a stolen pass is worth nothing")
	_, err = w.OwnerPhone(t).With(credential.Pass{}).Open(t.Context(), w.Link(), credential.OperationOpen)
	require.ErrorIs(t, err, credential.ReasonMalformed, "an empty one does not fall back to the bare key")
	require.Equal(t, 1, w.Bolt.Driven)
}

// TestManufacturerComesByThePass, and is believed under the phone's own roots alone.
func TestManufacturerComesByThePass(t *testing.T) {
	w := worldtest.New(t)
	grant, err := w.Owner.Grant(w.GuestClaims())
	require.NoError(t, err)
	p := w.Phone(t, "neighbour", nil)
	p.Makers, p.Authorities = nil, nil
	with := credential.Pass{Chain: [][]byte{grant}, Authorities: [][]byte{w.Maker.Authority().Bytes()}}
	requireOpened(t, w, p.With(with), w.Link(), credential.OperationOpen)

	p.Locks = holder.NewMemory()
	p.Roots = []credential.PublicKey{worldtest.Public(t, "another scheme")}
	_, err = p.With(with).Open(t.Context(), w.Link(), credential.OperationOpen)
	require.ErrorIs(t, err, credential.ReasonIssuerUnknown)
	p.Roots, p.Makers = w.Roots(), w.Makers()
	with.Authorities = [][]byte{w.Post.Authority().Bytes()}
	requireOpened(t, w, p.With(with), w.Link(), credential.OperationOpen)
}
