package lock_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock"
)

// receipted asks for an operation and a receipt, and requires that the receipt
// verifies.
func receipted(t testing.TB, w *worldtest.World, p *holder.Phone, ask holder.Ask) (holder.Result, credential.ReceiptClaims) {
	t.Helper()
	w.PowerUp(t)
	ask.Receipt = true
	r, err := p.Do(t.Context(), w.Link(), ask)
	require.NoError(t, err)
	require.NotNil(t, r.Receipt, r.Outcome)
	require.NoError(t, r.Receipt.Err)
	require.True(t, r.Receipt.Verified)
	require.LessOrEqual(t, len(r.Receipt.Bytes), 198)
	require.Equal(t, w.LockID, r.Receipt.Claims.Lock)
	require.Equal(t, w.Lock.Floor(), r.Receipt.Claims.Floor)
	require.Equal(t, w.Lock.PolicyVersion(), r.Receipt.Claims.PolicyVersion)
	return r, r.Receipt.Claims
}

// headOf returns the head of the lock's log, which begins with its first entry.
func headOf(w *worldtest.World) (h credential.LogHead) {
	for _, e := range w.Lock.Log() {
		h = h.Next(e)
	}
	return h
}

// blind returns what stands for the head in the receipt of anybody but an owner.
func blind(t testing.TB, w *worldtest.World) credential.LogHead {
	t.Helper()
	key := edhoc.LogKey(w.LogKey.Bytes())
	b, err := key.Blind(headOf(w))
	require.NoError(t, err)
	return b
}

// TestReceiptOfADelivery bears the carrier's reference, and no number of the log.
func TestReceiptOfADelivery(t *testing.T) {
	w := worldtest.New(t)
	reference := credential.Reference{1, 2, 3}
	p := w.PostmanPhone(t)
	_, c := receipted(t, w, p, holder.Ask{Operation: credential.OperationDeliver, Reference: reference})
	entry := w.Openings()[0]
	require.Equal(t, uint32(2), entry.Sequence)
	require.Equal(t, reference, entry.Reference)
	entry.Sequence = 0
	require.Equal(t, &entry, c.Entry)
	require.Equal(t, blind(t, w), c.Head, "the owner can tell which head it is, and nobody else")
}

// TestWhatAReceiptTellsWhom asks for one in every way.
func TestWhatAReceiptTellsWhom(t *testing.T) {
	open := holder.Ask{Operation: credential.OperationOpen}
	owner := func(w *worldtest.World) *holder.Phone { return w.OwnerPhone(t) }
	neighbour := func(w *worldtest.World) *holder.Phone { return w.NeighbourPhone(t) }
	for name, c := range map[string]struct {
		phone    func(*worldtest.World) *holder.Phone
		ask      holder.Ask
		motion   lock.Motion
		sequence uint32 // of the entry; 0 hides it
		entry    bool
	}{
		"owner opens":                    {owner, open, lock.Moved, 3, true},
		"owner asks":                     {owner, holder.Ask{}, lock.Moved, 2, true},
		"owner's bolt sticks":            {owner, open, lock.Stuck, 4, true},
		"neighbour opens":                {neighbour, open, lock.Moved, 0, true},
		"neighbour opens without sensor": {neighbour, open, lock.Unseen, 0, true},
		"neighbour's bolt sticks":        {neighbour, open, lock.Stuck, 0, true},
		"neighbour asks":                 {neighbour, holder.Ask{}, lock.Moved, 0, false},
		"child opens": {func(w *worldtest.World) *holder.Phone {
			return passed(t, w, delegable(t, w, 1), "child", unchanged)
		}, open, lock.Moved, 0, true},
		"guest who reads the log": {func(w *worldtest.World) *holder.Phone {
			return guest(t, w, func(c *credential.GrantClaims) { c.Scope[0].Actions |= credential.ActionReadLog })
		}, holder.Ask{Operation: credential.OperationStatus}, lock.Moved, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			requireOpens(t, w, w.OwnerPhone(t))
			w.Bolt.Motion = c.motion
			_, claims := receipted(t, w, c.phone(w), c.ask)
			want := headOf(w)
			if c.sequence == 0 {
				want = blind(t, w)
			}
			require.Equal(t, want, claims.Head)
			if !c.entry {
				require.Nil(t, claims.Entry, "who came before is not theirs to know")
				return
			}
			require.Equal(t, c.sequence, claims.Entry.Sequence)
			entry := w.Lock.Log()[len(w.Lock.Log())-1]
			entry.Sequence = c.sequence
			require.Equal(t, entry, *claims.Entry)
		})
	}
}

// TestReceiptNamesThePolicy after it was handed over in the same tap.
func TestReceiptNamesThePolicy(t *testing.T) {
	w := worldtest.New(t)
	p := w.NeighbourPhone(t)
	document := w.Policy(t, func(c *credential.PolicyClaims) { c.Version = 9 })
	p.Documents = [][]byte{document}
	_, c := receipted(t, w, p, holder.Ask{})
	u, err := credential.ParsePolicy(document)
	require.NoError(t, err)
	require.Equal(t, uint32(9), c.PolicyVersion)
	require.Equal(t, u.Tag(), c.Policy)
}

// TestNoReceiptWhereNothingWasDone asks in vain.
func TestNoReceiptWhereNothingWasDone(t *testing.T) {
	w := worldtest.New(t)
	ask := holder.Ask{Operation: credential.OperationDeliver, Receipt: true}
	w.PowerUp(t)
	r, err := w.NeighbourPhone(t).Do(t.Context(), w.Link(), ask)
	require.NoError(t, err)
	require.Equal(t, credential.ReasonAction, r.Reason)
	require.Nil(t, r.Receipt)
	w.Flash.Fail = func() error { return errDark }
	ask.Operation = credential.OperationOpen
	r, err = w.NeighbourPhone(t).Do(t.Context(), w.Link(), ask)
	require.NoError(t, err)
	require.Equal(t, credential.ReasonState, r.Reason)
	require.Nil(t, r.Receipt)
}

// TestResumedTapGivesAReceipt costs one signature and nothing else.
func TestResumedTapGivesAReceipt(t *testing.T) {
	w := worldtest.New(t)
	p := resuming(w.NeighbourPhone(t))
	requireOpens(t, w, p)
	r, c := receipted(t, w, p, holder.Ask{Operation: credential.OperationOpen})
	require.Equal(t, 2, r.Cost.Pairs)
	require.NotNil(t, c.Entry)
	ops := w.Lock.Operations()
	require.Equal(t, uint64(1), ops.Total())
	require.Equal(t, uint64(1), ops.Ed25519Sign)
}

// TestReceiptInSuite2 is signed by the lock's P-256 key.
func TestReceiptInSuite2(t *testing.T) {
	w := worldtest.New(t)
	withSuite2(t, w)
	p := resuming(p256Neighbour(t, w, unchanged))
	for range 2 {
		r, _ := receipted(t, w, p, holder.Ask{Operation: credential.OperationOpen})
		u, err := credential.ParseReceipt(r.Receipt.Bytes)
		require.NoError(t, err)
		key, err := credential.NewPublicKey(p256(t, "lock").Public())
		require.NoError(t, err)
		require.Equal(t, credential.KeyIDOf(key), u.Signer())
	}
}

// TestReceiptIsShownToOthers verifies it by the lock's certificate alone.
func TestReceiptIsShownToOthers(t *testing.T) {
	w := worldtest.New(t)
	r, _ := receipted(t, w, w.PostmanPhone(t), holder.Ask{Operation: credential.OperationDeliver})
	certificate, err := credential.ParseLockCertificate(w.Config.Identities[0].Certificate)
	require.NoError(t, err)
	v := credential.Verifier{Roots: []credential.PublicKey{w.Scheme.PublicKey()}}
	c, err := v.LockCertificate(certificate, w.Maker.Authority())
	require.NoError(t, err)
	u, err := credential.ParseReceipt(r.Receipt.Bytes)
	require.NoError(t, err)
	_, err = v.Receipt(u, c)
	require.NoError(t, err)
	for i := range r.Receipt.Bytes {
		altered := bytes.Clone(r.Receipt.Bytes)
		altered[i] ^= 1
		if u, err := credential.ParseReceipt(altered); err == nil {
			_, err = v.Receipt(u, c)
			require.Error(t, err, "byte %d", i)
		}
	}
}
