package lock_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/worldtest"
)

// TestPolicyOfATimeBeyondTheOperator is brought by a postman whose certificate
// ends by it: he is told that, whether the lock held the certificate or not.
func TestPolicyOfATimeBeyondTheOperator(t *testing.T) {
	for _, held := range []bool{false, true} {
		w := worldtest.New(t)
		if held {
			r, err := tap(t, w, w.PostmanPhone(t), credential.OperationDeliver)
			requireOpened(t, r, err)
		}
		late := second(t, w, func(c *credential.PolicyClaims) { c.IssuedAt = w.Post.Authority().Expires() })
		r, err := tap(t, w, bringing(w.PostmanPhone(t), late), credential.OperationDeliver)
		requireRefused(t, credential.ReasonAuthorityExpired, r, err)
		require.Equal(t, []credential.Reason{credential.ReasonNone}, fates(r))
	}
}

// TestDocumentsTakeEffectInTheirOrder within one request.
func TestDocumentsTakeEffectInTheirOrder(t *testing.T) {
	none, denied, superseded := credential.ReasonNone, credential.ReasonDenied, credential.ReasonSuperseded
	killer := func(w *worldtest.World) []byte { return listBy(t, w, "scheme", 1, denying(w.Post.Authority().Tag())) }
	for name, c := range map[string]struct {
		documents func(*worldtest.World) [][]byte
		want      []credential.Reason
	}{
		"list that kills the signer of the next": {func(w *worldtest.World) [][]byte {
			return [][]byte{killer(w), w.StatedTime(t, w.Now), w.RevocationList(t, 1)}
		}, []credential.Reason{none, denied, denied}},
		"list that comes behind them": {func(w *worldtest.World) [][]byte {
			return [][]byte{w.StatedTime(t, w.Now), w.RevocationList(t, 1), killer(w)}
		}, []credential.Reason{none, none, none}},
		"transfer, and the former owner's next": {func(w *worldtest.World) [][]byte {
			return [][]byte{given(t, w, 2, asItIs), w.Policy(t, func(c *credential.PolicyClaims) { c.Version = 3 })}
		}, []credential.Reason{none, credential.ReasonIssuerUnknown}},
		"the former owner's next, and the transfer": {func(w *worldtest.World) [][]byte {
			return [][]byte{w.Policy(t, func(c *credential.PolicyClaims) { c.Version = 3 }), given(t, w, 2, asItIs)}
		}, []credential.Reason{none, superseded}},
		"anchor, and a list under it": {func(w *worldtest.World) [][]byte {
			anchor := second(t, w, func(c *credential.PolicyClaims) { c.Anchors = []credential.PublicKey{worldtest.Public(t, "building")} })
			return [][]byte{anchor, listBy(t, w, "building", 1, denying())}
		}, []credential.Reason{none, none}},
		"time, and a reset of the floor before it": {func(w *worldtest.World) [][]byte {
			return [][]byte{w.StatedTime(t, w.Now), second(t, w, func(c *credential.PolicyClaims) { c.IssuedAt, c.Reset = w.Now-7200, true }), w.StatedTime(t, w.Now-3600)}
		}, []credential.Reason{none, none, none}},
		"a bad one spoils no other": {func(w *worldtest.World) [][]byte {
			return [][]byte{policyBy(t, w, "thief", worldtest.Public(t, "thief")), second(t, w, asItIs), w.Policy(t, asItIs)}
		}, []credential.Reason{credential.ReasonIssuerUnknown, none, superseded}},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			require.Equal(t, c.want, asTheyAre(t, w, c.documents(w)...))
		})
	}
}

// TestDocumentsUnderAStatusWordAreNotTaken: those of a stranger's chain, and those
// beside the form missing.
func TestDocumentsUnderAStatusWordAreNotTaken(t *testing.T) {
	w := worldtest.New(t)
	document := [][]byte{second(t, w, asItIs)}
	v := visit(t, w, "postman", w.PostmanPhone(t).Grant)
	r, status := v.ask(message.Request{Operation: credential.OperationDeliver, Documents: document})
	require.Equal(t, apdu.StatusOK, status)
	require.Len(t, r.Missing, 1)
	require.Empty(t, r.Documents)
	require.Zero(t, w.Flash.Programmed)
	_, status = v.ask(message.Request{Operation: credential.OperationDeliver, Documents: document, Chain: [][]byte{w.NeighbourPhone(t).Grant, {0x80}}})
	require.Equal(t, apdu.StatusRefused, status)
	require.Equal(t, uint32(1), w.Lock.PolicyVersion())
	require.Zero(t, w.Flash.Programmed)
}

// TestBlockBetweenTwoRequestsOfATap is minded by the second.
func TestBlockBetweenTwoRequestsOfATap(t *testing.T) {
	w := worldtest.New(t)
	v := visit(t, w, "neighbour", w.NeighbourPhone(t).Grant)
	r, _ := v.ask(message.Request{})
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	block := second(t, w, func(c *credential.PolicyClaims) { c.Block = credential.BlockGuests })
	r, _ = v.ask(message.Request{Documents: [][]byte{block}})
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	r, _ = v.ask(message.Request{Operation: credential.OperationOpen})
	require.Equal(t, credential.ReasonBlocked, r.Reason)
	require.Zero(t, w.Bolt.Driven)
}

// TestOneOpeningInATap whatever comes with the second.
func TestOneOpeningInATap(t *testing.T) {
	w := worldtest.New(t)
	v := visit(t, w, "owner", nil)
	r, _ := v.ask(message.Request{Operation: credential.OperationOpen})
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
	_, status := v.ask(message.Request{Operation: credential.OperationOpen})
	require.Equal(t, apdu.StatusOutOfOrder, status)
	require.Equal(t, 1, w.Bolt.Driven)
	require.Len(t, w.Openings(), 1)
}

// TestGuestMakesHimselfNoOwner tries all that a guest with a good grant, the setup
// secret and a hand on the button could: only a bare key takes the lock.
func TestGuestMakesHimselfNoOwner(t *testing.T) {
	w := worldtest.New(t)
	w.Button = true
	v := visit(t, w, "neighbour", w.NeighbourPhone(t).Grant)
	for request, want := range map[*message.Request]credential.Reason{
		{Operation: credential.OperationConfigure, Proof: v.proof(worldtest.Setup)}:                        credential.ReasonOperationUnknown,
		{Operation: credential.OperationConfigure}:                                                         credential.ReasonAction,
		{Documents: [][]byte{policyBy(t, w, "neighbour", worldtest.Public(t, "neighbour"))}}:               credential.ReasonNone,
		{Operation: credential.OperationReadLog}:                                                           credential.ReasonAction,
		{Operation: credential.OperationConfigure, Log: true, Reference: credential.Reference{1}, Page: 1}: credential.ReasonOperationUnknown,
		{Operation: credential.OperationStatus, Proof: v.proof(worldtest.Setup)}:                           credential.ReasonOperationUnknown,
	} {
		r, status := v.ask(*request)
		require.Equal(t, apdu.StatusOK, status)
		require.Equal(t, want, r.Reason, "%v %+v", *request, r)
	}
	require.Zero(t, w.Flash.Programmed)
	r, err := tap(t, w, w.OwnerPhone(t), credential.OperationOpen)
	requireOpened(t, r, err)
}

// TestStrangersAtAnOwnedLockWriteNothing, with the button pressed or not, with
// whatever they bring along.
func TestStrangersAtAnOwnedLockWriteNothing(t *testing.T) {
	for _, button := range []bool{false, true} {
		w := worldtest.New(t)
		w.Button = button
		w.Bolt.Charges = []int{10, 10, 10}
		for _, phone := range []*holder.Phone{w.Phone(t, "stranger", nil), w.Phone(t, "neighbour", sign(t, "stranger", w.GuestClaims()))} {
			p := bringing(phone, second(t, w, asItIs), w.RevocationList(t, 1), w.StatedTime(t, w.Now))
			for _, operation := range []credential.Operation{credential.OperationStatus, credential.OperationOpen, credential.OperationReadLog} {
				_, err := tap(t, w, p, operation)
				require.Error(t, err)
			}
		}
		require.Zero(t, w.Flash.Programmed)
		require.Zero(t, w.Bolt.Driven)
	}
}
