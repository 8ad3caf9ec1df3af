package holder_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// receiptOf is a receipt signed by the key with the name.
func receiptOf(t testing.TB, w *worldtest.World, name string, lock credential.LockID) []byte {
	t.Helper()
	u, err := credential.NewReceipt(credential.ReceiptClaims{
		Lock: lock, Floor: w.Now, Head: credential.LogHead{1}, Entry: &credential.LogEntry{
			Time: w.Now, Operation: credential.OperationOpen, Outcome: credential.LogStarted, Role: credential.RoleGuest,
			Who: credential.Tag{1}, Reference: credential.Reference{7: 1},
		},
	}, worldtest.Public(t, name))
	return sign(t, name, u, err)
}

// giving is a fake's answer with a receipt.
func giving(t *testing.T, receipt []byte) func(int, message.Request) []byte {
	return func(int, message.Request) []byte {
		return encode(t, message.Response{Outcome: credential.OutcomeOpened, Receipt: receipt})
	}
}

func TestReceiptIsVerified(t *testing.T) {
	w := worldtest.New(t)
	for _, known := range []bool{false, true} {
		f, p := newFake(t, w), w.NeighbourPhone(t)
		if known {
			know(t, w, p)
		}
		receipt := receiptOf(t, w, "lock", w.LockID)
		f.answer = giving(t, receipt)
		r, err := p.Do(t.Context(), f.link(), holder.Ask{Operation: credential.OperationOpen, Receipt: true})
		require.NoError(t, err)
		require.True(t, f.requests[0].Receipt)
		require.NotNil(t, r.Receipt)
		require.NoError(t, r.Receipt.Err)
		require.True(t, r.Receipt.Verified)
		require.Equal(t, receipt, r.Receipt.Bytes)
		require.Equal(t, credential.Reference{7: 1}, r.Receipt.Claims.Entry.Reference)
	}
}

func TestTapWithoutReceipt(t *testing.T) {
	w := worldtest.New(t)
	r := requireOpened(t, w, w.OwnerPhone(t), w.Link(), credential.OperationOpen)
	require.Nil(t, r.Receipt)
}

// TestReceiptThatIsNotTheLocks does not undo what the lock says in the channel.
func TestReceiptThatIsNotTheLocks(t *testing.T) {
	w := worldtest.New(t)
	spoilt := receiptOf(t, w, "lock", w.LockID)
	spoilt[len(spoilt)-1] ^= 1
	for name, c := range map[string]struct {
		receipt []byte
		reason  credential.Reason
	}{
		"another key":     {receiptOf(t, w, "another lock", w.LockID), credential.ReasonIssuerUnknown},
		"another lock":    {receiptOf(t, w, "lock", credential.LockID{1}), credential.ReasonLockIdentity},
		"spoilt":          {spoilt, credential.ReasonSignature},
		"nothing":         {[]byte{0x80}, credential.ReasonMalformed},
		"of another kind": {w.Post.Authority().Bytes(), credential.ReasonObjectType},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, w)
			f.answer = giving(t, c.receipt)
			r, err := w.NeighbourPhone(t).Open(t.Context(), f.link(), credential.OperationOpen)
			require.NoError(t, err)
			require.Equal(t, credential.OutcomeOpened, r.Outcome)
			require.ErrorIs(t, r.Receipt.Err, c.reason)
			require.False(t, r.Receipt.Verified)
			require.True(t, bytes.Equal(c.receipt, r.Receipt.Bytes))
		})
	}
}

// TestReceiptOfAnotherLockInAResumedTap shows even where the certificate is gone.
func TestReceiptOfAnotherLockInAResumedTap(t *testing.T) {
	w := worldtest.New(t)
	f, p := resumable(t, w)
	p.Locks = nil
	f.answer = giving(t, receiptOf(t, w, "lock", credential.LockID{1}))
	r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
	require.NoError(t, err)
	require.ErrorIs(t, r.Receipt.Err, credential.ReasonLockIdentity)
}

// TestReceiptOfAResumedTap is as good as what the phone remembers of the lock.
func TestReceiptOfAResumedTap(t *testing.T) {
	for name, c := range map[string]struct {
		forget   bool
		signer   string
		verified bool
		reason   error
	}{
		"remembered":              {false, "lock", true, nil},
		"remembered, another key": {false, "another lock", false, credential.ReasonIssuerUnknown},
		"forgotten":               {true, "lock", false, nil},
		"forgotten, another key":  {true, "another lock", false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			f, p := resumable(t, w)
			if c.forget {
				p.Locks = nil
			}
			f.answer = giving(t, receiptOf(t, w, c.signer, w.LockID))
			link := apdu.NewTracer(f.link())
			r, err := p.Open(t.Context(), link, credential.OperationOpen)
			require.NoError(t, err)
			require.Equal(t, 1, sent(link, wire.InsResume))
			require.Equal(t, c.verified, r.Receipt.Verified)
			if c.reason == nil {
				require.NoError(t, r.Receipt.Err)
			} else {
				require.ErrorIs(t, r.Receipt.Err, c.reason)
			}
			require.Equal(t, w.LockID, r.Receipt.Claims.Lock)
		})
	}
}
