package lock_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/issuer"
)

// given returns the owner's policy that gives the lock to the new owner.
func given(t testing.TB, w *worldtest.World, version uint32, alter func(*credential.PolicyClaims)) []byte {
	t.Helper()
	c := w.PolicyClaims()
	c.Version = version
	alter(&c)
	b, err := w.Owner.Transfer(c, worldtest.Public(t, "new owner"))
	require.NoError(t, err)
	return b
}

// heir returns the new owner, who signs.
func heir(t testing.TB) *issuer.Owner {
	t.Helper()
	o, err := issuer.NewOwner(worldtest.Key("new owner"))
	require.NoError(t, err)
	return o
}

// TestTransfer gives the lock away: everything of the former owner is dead, what
// never falls has not fallen, and the log begins with the transfer and goes on
// where it was.
func TestTransfer(t *testing.T) {
	w, phones := lived(t)
	before := witnessed(w)
	receipt, err := w.OwnerPhone(t).Do(t.Context(), w.Link(), holder.Ask{Receipt: true})
	require.NoError(t, err)
	w.Hand(t, given(t, w, 3, asItIs))
	w.PowerUp(t)
	require.Equal(t, risen{before.floor, before.sequence + 1, 3}, witnessed(w))
	require.Equal(t, []credential.LogEntry{{
		Sequence: before.sequence + 1, Time: before.floor, Operation: credential.OperationConfigure, Outcome: credential.LogTransferred,
		Role: credential.RoleOwner, Who: credential.Tag(credential.KeyIDOf(worldtest.Public(t, "new owner"))),
	}}, w.Lock.Log())

	requireAllOver(t, w, phones)
	r, err := tap(t, w, phones["counted postman"], credential.OperationDeliver)
	requireRefused(t, credential.ReasonUsesSpent, r, err)
	p := w.Phone(t, "new owner", nil)
	r, err = p.ReadLog(t.Context(), w.Link())
	require.NoError(t, err)
	page, err := credential.ParseLogPage(r.LogPages[0])
	require.NoError(t, err)
	require.Equal(t, receipt.Receipt.Claims.Head, page.Base, "the head goes on")
	r, err = tap(t, w, p, credential.OperationOpen)
	requireOpened(t, r, err)
}

// TestLogKeyEndsWithTheTransfer leaves the lock without one, until the new owner
// agrees it.
func TestLogKeyEndsWithTheTransfer(t *testing.T) {
	w := worldtest.New(t)
	w.Hand(t, given(t, w, 2, asItIs))
	p := w.PostmanPhone(t)
	r, err := p.Do(t.Context(), w.Link(), holder.Ask{LogPages: 1})
	require.NoError(t, err)
	require.Empty(t, r.LogPages)
	_, _, err = w.OwnerPhone(t).Rekey(t.Context(), w.Link())
	requireUnheard(t, err)
	key, r, err := w.Phone(t, "new owner", nil).Rekey(t.Context(), w.Link())
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	requireOpensPages(t, w, key, true)
	requireOpensPages(t, w, w.LogKey, false)
}

// TestWhatATransferForgetsOfSignatures is what was verified of grants, and
// nothing of certificates.
func TestWhatATransferForgetsOfSignatures(t *testing.T) {
	w := worldtest.New(t)
	p := w.PostmanPhone(t)
	for _, want := range []uint64{3, 1} {
		_, err := tap(t, w, p, credential.OperationDeliver)
		require.NoError(t, err)
		require.Equal(t, want, w.Lock.Operations().Ed25519Verify)
	}
	w.Hand(t, given(t, w, 2, asItIs))
	_, err := tap(t, w, p, credential.OperationDeliver)
	require.NoError(t, err)
	require.Equal(t, uint64(2), w.Lock.Operations().Ed25519Verify, "message_3 and the grant")
}

// TestTransferKeepsTheLists of operators and schemes.
func TestTransferKeepsTheLists(t *testing.T) {
	w := worldtest.New(t)
	p := w.PostmanPhone(t)
	w.Hand(t, w.RevocationList(t, 1, tagOf(t, p)), given(t, w, 2, asItIs))
	r, err := tap(t, w, p, credential.OperationDeliver)
	requireRefused(t, credential.ReasonDenied, r, err)
}

// TestTransferKeepsTheLostTime of counted grants whose accounts gave way.
func TestTransferKeepsTheLostTime(t *testing.T) {
	w := worldtest.New(t)
	round := func(ends credential.Time) *holder.Phone {
		return postman(t, w, func(c *credential.GrantClaims) {
			c.Expires = w.Now + ends
			c.Scope[0].Uses = credential.Uses{Count: 1, Starts: 1}
		})
	}
	for i := range credential.Time(32) {
		r, err := tap(t, w, round(3600+i), credential.OperationDeliver)
		requireOpened(t, r, err)
	}
	w.Hand(t, w.StatedTime(t, w.Now+7200))
	r, err := tap(t, w, round(10800), credential.OperationDeliver)
	requireOpened(t, r, err)
	w.Hand(t, given(t, w, 2, func(c *credential.PolicyClaims) { c.IssuedAt, c.Reset = w.Now, true }))
	require.Equal(t, w.Now, w.Lock.Floor())
	r, err = tap(t, w, round(3600-1), credential.OperationDeliver) // it never came while it ran
	requireRefused(t, credential.ReasonUsesSpent, r, err)
}

// TestTransferringPolicyKeepsNoDoorOpen has the former owner name himself and a
// building in it.  What else it says holds.
func TestTransferringPolicyKeepsNoDoorOpen(t *testing.T) {
	w := worldtest.New(t)
	b := anchored(t, worldtest.New(t), 2)
	settings := func(c *credential.PolicyClaims) {
		c.CoOwners = []credential.PublicKey{worldtest.Public(t, "owner"), worldtest.Public(t, "friend")}
		c.Anchors = []credential.PublicKey{b.PublicKey()}
		c.Services = append(c.Services, credential.Admission{Service: credential.ServiceMaintenance, Actions: credential.ActionOpen})
	}
	w.Hand(t, given(t, w, 2, settings))
	for range 2 { // from flash as well
		for _, name := range []string{"owner", "friend"} {
			_, err := tap(t, w, w.Phone(t, name, nil), credential.OperationOpen)
			requireUnheard(t, err)
			_, err = tap(t, w, guestOf(t, w, name, unchanged), credential.OperationOpen)
			require.ErrorIs(t, err, credential.ReasonIssuerUnknown)
		}
		_, err := tap(t, w, b.caretaker(t, w), credential.OperationOpen)
		requireUnheard(t, err)
		w.PowerUp(t)
	}
	r, err := tap(t, w, w.PostmanPhone(t), credential.OperationDeliver)
	requireOpened(t, r, err)

	c := w.PolicyClaims()
	c.Version = 3
	settings(&c)
	policy, err := heir(t).Policy(c)
	require.NoError(t, err)
	_, err = tap(t, w, bringing(w.Phone(t, "new owner", nil), policy), credential.OperationOpen)
	require.NoError(t, err)
	r, err = tap(t, w, w.Phone(t, "friend", nil), credential.OperationOpen)
	requireOpened(t, r, err) // the new owner's own word counts
}

// TestWhoBringsTheTransfer is anybody who is heard; the new owner is not yet.
func TestWhoBringsTheTransfer(t *testing.T) {
	w := worldtest.New(t)
	_, err := tap(t, w, bringing(w.Phone(t, "new owner", nil), given(t, w, 2, asItIs)), credential.OperationOpen)
	requireUnheard(t, err)
	require.Equal(t, uint32(1), w.Lock.PolicyVersion())
	require.Zero(t, w.Flash.Programmed)

	r, err := tap(t, w, bringing(w.NeighbourPhone(t), given(t, w, 2, asItIs)), credential.OperationOpen)
	requireRefused(t, credential.ReasonDenied, r, err)
	require.Equal(t, []credential.Reason{credential.ReasonNone}, fates(r))
	require.Zero(t, w.Bolt.Driven)
	r, err = tap(t, w, w.Phone(t, "new owner", nil), credential.OperationOpen)
	requireOpened(t, r, err)
}

// TestFormerOwnerInTheTapOfTheTransfer gets nothing more out of it, whatever he
// asks, also with the setup secret that he has kept, and with the button pressed
// by now.
func TestFormerOwnerInTheTapOfTheTransfer(t *testing.T) {
	for _, button := range []bool{false, true} {
		w := worldtest.New(t)
		v := visit(t, w, "owner", nil)
		r, status := v.ask(message.Request{Operation: credential.OperationOpen, Documents: [][]byte{given(t, w, 2, asItIs)}})
		require.Equal(t, apdu.StatusOK, status)
		require.Equal(t, credential.ReasonDenied, r.Reason)
		require.Equal(t, []credential.Reason{credential.ReasonNone}, r.Documents)
		w.Button = button
		written := w.Flash.Programmed
		for _, request := range []message.Request{
			{Operation: credential.OperationOpen},
			{Operation: credential.OperationReadLog},
			{Operation: credential.OperationConfigure},
			{Operation: credential.OperationConfigure, Proof: v.proof(worldtest.Setup)},
			{Receipt: true, Log: true},
		} {
			r, status = v.ask(request)
			require.Equal(t, apdu.StatusOK, status)
			require.Equal(t, message.Response{Outcome: credential.OutcomeRefused, Reason: credential.ReasonDenied}, r)
		}
		require.Equal(t, written, w.Flash.Programmed)
		require.Zero(t, w.Bolt.Driven)
		require.Len(t, w.Lock.Log(), 1)
	}
}

// TestFormerOwnerSignsNothingMore, and takes the lock back by the new one's word
// alone.
func TestFormerOwnerSignsNothingMore(t *testing.T) {
	w := worldtest.New(t)
	w.Hand(t, given(t, w, 2, asItIs))
	back := w.Policy(t, func(c *credential.PolicyClaims) { c.Version = 3 })
	p := w.PostmanPhone(t)
	r, err := tap(t, w, bringing(p, back, given(t, w, 4, asItIs)), credential.OperationDeliver)
	requireOpened(t, r, err)
	require.Equal(t, []credential.Reason{credential.ReasonIssuerUnknown, credential.ReasonIssuerUnknown}, fates(r))

	c := w.PolicyClaims()
	c.Version = 3
	again, err := heir(t).Transfer(c, worldtest.Public(t, "owner"))
	require.NoError(t, err)
	_, err = tap(t, w, bringing(p, again), credential.OperationDeliver)
	require.NoError(t, err)
	r, err = tap(t, w, w.OwnerPhone(t), credential.OperationOpen)
	requireOpened(t, r, err)
	_, err = tap(t, w, w.Phone(t, "new owner", nil), credential.OperationOpen)
	requireUnheard(t, err)
}

// TestTransferInAResumedTap is brought by a postman whose slot it wipes: he opens
// by his grant once more, and comes by a full exchange the next time.
func TestTransferInAResumedTap(t *testing.T) {
	w := worldtest.New(t)
	p := resuming(w.PostmanPhone(t))
	r, err := tap(t, w, p, credential.OperationDeliver)
	requireOpened(t, r, err)
	r, err = tap(t, w, bringing(p, given(t, w, 2, asItIs)), credential.OperationDeliver)
	requireOpened(t, r, err)
	require.Equal(t, 2, r.Cost.Pairs)
	guessed := new(edhoc.ResumptionSecret) // an empty slot's
	for range 2 {
		guessed, err = guessed.Next()
		require.NoError(t, err)
		require.False(t, bytes.Contains(dump(t, w), guessed[:8]), "a secret that everybody knows")
	}
	r, err = tap(t, w, p, credential.OperationDeliver)
	requireOpened(t, r, err)
	require.Equal(t, 5, r.Cost.Pairs)
}

// dump returns all that stands in the flash.
func dump(t testing.TB, w *worldtest.World) (all []byte) {
	t.Helper()
	for page := range w.Flash.Pages() {
		b := make([]byte, w.Flash.PageSize())
		require.NoError(t, w.Flash.Read(page, b))
		all = append(all, b...)
	}
	return all
}

// TestTransferWithTheFloorReset dates the entry by the floor that it leaves.
func TestTransferWithTheFloorReset(t *testing.T) {
	w := worldtest.New(t)
	w.Hand(t, w.StatedTime(t, w.Now))
	w.Hand(t, given(t, w, 2, func(c *credential.PolicyClaims) { c.IssuedAt, c.Reset = w.Now-worldtest.Day, true }))
	require.Equal(t, w.Now-worldtest.Day, w.Lock.Floor())
	require.Equal(t, w.Now-worldtest.Day, w.Lock.Log()[0].Time)
}

// TestTransferToAKeyThatCouldNotOpen is refused by a lock that lacks the key's
// cipher suite, and taken by one that has it.
func TestTransferToAKeyThatCouldNotOpen(t *testing.T) {
	for _, speaks := range []bool{false, true} {
		w := worldtest.New(t)
		want := credential.ReasonAlgorithm
		if speaks {
			withSuite2(t, w)
			want = credential.ReasonNone
		}
		key, err := credential.NewPublicKey(p256(t, "new owner").Public())
		require.NoError(t, err)
		c := w.PolicyClaims()
		c.Version = 2
		b, err := w.Owner.Transfer(c, key)
		require.NoError(t, err)
		r := w.Hand(t, b)
		require.Equal(t, []credential.Reason{want}, fates(r))
		r, err = tap(t, w, w.OwnerPhone(t), credential.OperationOpen)
		if !speaks {
			requireOpened(t, r, err)
			continue
		}
		requireUnheard(t, err)
	}
}
