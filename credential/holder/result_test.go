package holder_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock"
)

func TestEverybodyOpens(t *testing.T) {
	w := worldtest.New(t)
	for _, c := range []struct {
		name      string
		phone     *holder.Phone
		operation credential.Operation
		floor     credential.Time // the postman brings the time along
	}{
		{"owner", w.OwnerPhone(t), credential.OperationOpen, w.Now - 20*worldtest.Day},
		{"neighbour", w.NeighbourPhone(t), credential.OperationOpen, w.Now - 20*worldtest.Day},
		{"postman delivers", w.PostmanPhone(t), credential.OperationDeliver, w.Now},
		{"postman collects", w.PostmanPhone(t), credential.OperationCollect, w.Now},
		{"owner again", w.OwnerPhone(t), credential.OperationOpen, w.Now},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := requireOpened(t, w, c.phone, w.Link(), c.operation)
			require.Equal(t, credential.ReasonNone, r.Reason)
			want := holder.State{PolicyVersion: 1, Floor: c.floor}
			if c.phone.Grant == nil { // how often the box was opened is the owner's to know
				want.Sequence = uint32(1 + w.Bolt.Driven) // it was commissioned before
			}
			require.Equal(t, want, r.State)
		})
	}
}

func TestStatusMovesNothing(t *testing.T) {
	w := worldtest.New(t)
	for _, p := range []*holder.Phone{w.OwnerPhone(t), w.NeighbourPhone(t), w.PostmanPhone(t)} {
		r, err := p.Status(t.Context(), w.Link())
		require.NoError(t, err)
		require.Equal(t, credential.OutcomeDone, r.Outcome)
		require.Equal(t, holder.AdviceNone, r.Advice)
		requireUntouched(t, w)
	}
}

func TestBoltThatIsNotSeenToMove(t *testing.T) {
	for _, c := range []struct {
		name    string
		motion  lock.Motion
		outcome credential.Outcome
		reason  credential.Reason
		advice  holder.Advice
	}{
		{"no sensor", lock.Unseen, credential.OutcomeUnconfirmed, credential.ReasonNone, holder.AdviceLook},
		{"stuck", lock.Stuck, credential.OutcomeFailed, credential.ReasonDrive, holder.AdviceRepair},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := worldtest.New(t)
			w.Bolt.Motion = c.motion
			r, err := w.OwnerPhone(t).Open(t.Context(), w.Link(), credential.OperationOpen)
			require.NoError(t, err)
			require.Equal(t, c.outcome, r.Outcome)
			require.Equal(t, c.reason, r.Reason)
			require.Equal(t, c.advice, r.Advice)
			require.Equal(t, 1, w.Bolt.Driven)
			require.Equal(t, 1, starts(w))
		})
	}
}

func TestRefusalsCarryTheLocksReason(t *testing.T) {
	w := worldtest.New(t)
	round := func(change func(*credential.GrantClaims)) *holder.Phone {
		c := w.RoundClaims()
		change(&c)
		g, err := w.Post.Grant(c)
		require.NoError(t, err)
		return w.Phone(t, "postman", g)
	}
	for _, c := range []struct {
		name      string
		phone     *holder.Phone
		operation credential.Operation
		reason    credential.Reason
		advice    holder.Advice
	}{
		{"another street", round(func(c *credential.GrantClaims) { c.Scope[0].Target = credential.AreaTarget([]byte("FR69001")) }),
			credential.OperationDeliver, credential.ReasonTarget, holder.AdviceWrongBox},
		{"not allowed to open", w.PostmanPhone(t), credential.OperationOpen, credential.ReasonAction, holder.AdviceWrongBox},
		{"needs a newer policy", round(func(c *credential.GrantClaims) { c.Scope[0].PolicyVersion = 3 }),
			credential.OperationDeliver, credential.ReasonPolicyVersion, holder.AdviceAskOwner},
		{"begins tomorrow", round(func(c *credential.GrantClaims) { c.NotBefore = w.Now + 3600 }),
			credential.OperationDeliver, credential.ReasonNotYetValid, holder.AdviceWait},
		{"yesterday's, after today's floor", round(func(c *credential.GrantClaims) {
			c.IssuedAt, c.Expires = w.Now-worldtest.Day, w.Now-worldtest.Day/2
		}), credential.OperationDeliver, credential.ReasonExpired, holder.AdviceRenew},
		{"an operation of another version", w.OwnerPhone(t), 8, credential.ReasonOperationUnknown, holder.AdviceUpdate},
		{"no such operation", w.OwnerPhone(t), 255, credential.ReasonOperationUnknown, holder.AdviceUpdate},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := c.phone.Open(t.Context(), w.Link(), c.operation)
			require.NoError(t, err, "a refusal is the lock's answer and no error")
			require.Equal(t, credential.OutcomeRefused, r.Outcome)
			require.Equal(t, c.reason, r.Reason)
			require.Equal(t, c.advice, r.Advice)
			require.Equal(t, w.LockID, r.Lock)
			require.Zero(t, r.State, "a refusal tells no state")
			requireUntouched(t, w)
		})
	}
}

func TestOwnerOfAnotherLockLearnsNothing(t *testing.T) {
	w := worldtest.New(t)
	r, err := w.Phone(t, "stranger", nil).Open(t.Context(), w.Link(), credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonStatusWord, holder.AdviceAskIssuer)
	require.Equal(t, credential.ReasonOwnerUnknown, w.LastEvent().Reason)
	requireUntouched(t, w)
}

func TestStatusWordsEndTheTapWithoutASecondTry(t *testing.T) {
	for _, c := range []struct {
		name   string
		ins    byte
		status apdu.Status
		advice holder.Advice
		pairs  int
	}{
		{"not an application of this standard", wire.InsSelect, apdu.StatusNotFound, holder.AdviceTapAgain, 1},
		{"no random numbers at SELECT", wire.InsSelect, apdu.StatusFailure, holder.AdviceRepair, 1},
		{"HANDSHAKE-1 refused", wire.InsHandshake1, apdu.StatusRefused, holder.AdviceAskIssuer, 2},
		{"HANDSHAKE-1 out of order", wire.InsHandshake1, apdu.StatusOutOfOrder, holder.AdviceTapAgain, 2},
		{"HANDSHAKE-2 refused", wire.InsHandshake2, apdu.StatusRefused, holder.AdviceAskIssuer, 3},
		{"HANDSHAKE-2 failed", wire.InsHandshake2, apdu.StatusFailure, holder.AdviceRepair, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := worldtest.New(t)
			f := newFake(t, w)
			f.status = map[byte]apdu.Status{c.ins: c.status}
			link := f.link()
			r, err := w.OwnerPhone(t).Open(t.Context(), link, credential.OperationOpen)
			e := requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonStatusWord, c.advice)
			require.Contains(t, e.Detail, c.status.String())
			require.Equal(t, c.pairs, link.Cost().Pairs)
			require.Equal(t, link.Cost(), r.Cost)
		})
	}
}

// TestAdviceForEveryReason has a lock name every number of the registry and one
// beyond it.
func TestAdviceForEveryReason(t *testing.T) {
	advice := map[credential.Reason]holder.Advice{
		credential.ReasonMalformed:        holder.AdviceTapAgain,
		credential.ReasonLimit:            holder.AdviceUpdate,
		credential.ReasonObjectType:       holder.AdviceRenew,
		credential.ReasonAlgorithm:        holder.AdviceUpdate,
		credential.ReasonSignature:        holder.AdviceReport,
		credential.ReasonIssuerUnknown:    holder.AdviceUpdate,
		credential.ReasonAuthorityRight:   holder.AdviceRenew,
		credential.ReasonAuthorityExpired: holder.AdviceRenew,
		credential.ReasonGrantTooLong:     holder.AdviceRenew,
		credential.ReasonService:          holder.AdviceRenew,
		credential.ReasonTarget:           holder.AdviceWrongBox,
		credential.ReasonAction:           holder.AdviceWrongBox,
		credential.ReasonConditionUnknown: holder.AdviceUpdate,
		credential.ReasonNotYetValid:      holder.AdviceWait,
		credential.ReasonExpired:          holder.AdviceRenew,
		credential.ReasonPolicyVersion:    holder.AdviceAskOwner,
		credential.ReasonOperationUnknown: holder.AdviceUpdate,
		credential.ReasonSequence:         holder.AdviceAskIssuer,
		credential.ReasonState:            holder.AdviceAskIssuer,
		credential.ReasonDrive:            holder.AdviceAskIssuer,
		credential.ReasonPossession:       holder.AdviceReport,
		credential.ReasonChannel:          holder.AdviceTapAgain,
		credential.ReasonVersion:          holder.AdviceUpdate,
		credential.ReasonSuite:            holder.AdviceUpdate,
		credential.ReasonLockIdentity:     holder.AdviceReport,
		credential.ReasonOwnerUnknown:     holder.AdviceAskIssuer,
		credential.ReasonLink:             holder.AdviceTapAgain,
		credential.ReasonBusy:             holder.AdviceHold,
		credential.ReasonDowngrade:        holder.AdviceReport,
		credential.ReasonStatusWord:       holder.AdviceTapAgain,
		credential.ReasonDenied:           holder.AdviceAskIssuer,
		credential.ReasonBlocked:          holder.AdviceAskIssuer,
		credential.ReasonHours:            holder.AdviceHours,
		credential.ReasonUsesSpent:        holder.AdviceRenew,
		credential.ReasonEvidence:         holder.AdviceOnline,
		credential.ReasonResumption:       holder.AdviceAskIssuer,
		credential.ReasonDelegation:       holder.AdviceRenew,
		credential.ReasonNotAdmitted:      holder.AdviceAskIssuer,
		credential.ReasonResource:         holder.AdviceWrongBox,
		credential.ReasonTableFull:        holder.AdviceAskIssuer,
		credential.ReasonSuperseded:       holder.AdviceAskIssuer,
	}
	w := worldtest.New(t)
	p := w.OwnerPhone(t)
	for reason := credential.Reason(1); reason <= 50; reason++ {
		t.Run(reason.String(), func(t *testing.T) {
			want, known := advice[reason]
			if !known {
				want = holder.AdviceAskIssuer
				require.Greater(t, reason, credential.ReasonSuperseded, "a reason of this version has its row above")
			}
			f := newFake(t, w)
			f.answer = func(int, message.Request) []byte {
				return encode(t, message.Response{Outcome: credential.OutcomeRefused, Reason: reason})
			}
			r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
			require.NoError(t, err)
			require.Equal(t, credential.OutcomeRefused, r.Outcome)
			require.Equal(t, reason, r.Reason)
			require.Equal(t, want, r.Advice)
			f.answer = func(int, message.Request) []byte {
				return encode(t, message.Response{Outcome: credential.OutcomeFailed, Reason: reason})
			}
			r, err = p.Open(t.Context(), f.link(), credential.OperationOpen)
			require.NoError(t, err)
			require.Equal(t, credential.OutcomeFailed, r.Outcome)
			require.Equal(t, holder.AdviceRepair, r.Advice)
		})
	}
}

// TestAdviceForImpostorsNeverBlamesTheHolder looks at the last column of impostors:
// what would blame a grant blames the lock there.
func TestAdviceForImpostorsNeverBlamesTheHolder(t *testing.T) {
	for _, c := range impostors {
		require.Contains(t, []holder.Advice{holder.AdviceTapAgain, holder.AdviceUpdate, holder.AdviceReport, holder.AdviceWrongBox}, c.advice, c.name)
	}
}

func TestEveryAdviceHasWords(t *testing.T) {
	said := make(map[string]bool)
	for a := holder.AdviceNone; a <= holder.AdviceYours; a++ {
		require.NotContains(t, a.String(), "advice-")
		require.False(t, said[a.String()], "%v is said twice", a)
		said[a.String()] = true
	}
	require.Equal(t, "advice-200", holder.Advice(200).String())
}

func TestResponsesOfALaterVersion(t *testing.T) {
	for _, c := range []struct {
		name, plain string
		outcome     credential.Outcome
		advice      holder.Advice
	}{
		{"opened, with a field that is unknown", "A3 01 01 03 83 00 00 01 0B 43 010203", credential.OutcomeOpened, holder.AdviceNone},
		{"an outcome that is unknown", "A2 01 09 03 83 00 00 01", credential.OutcomeUnconfirmed, holder.AdviceLook},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := worldtest.New(t)
			f := newFake(t, w)
			f.answer = func(int, message.Request) []byte { return unhex(t, c.plain) }
			r, err := w.OwnerPhone(t).Open(t.Context(), f.link(), credential.OperationOpen)
			require.NoError(t, err)
			require.Equal(t, c.outcome, r.Outcome)
			require.Equal(t, c.advice, r.Advice)
			require.Len(t, f.requests, 1)
		})
	}
}

func TestWaitWithoutAHookEndsWithTheContext(t *testing.T) {
	w := worldtest.New(t)
	f := newFake(t, w)
	f.answer = func(int, message.Request) []byte {
		return encode(t, message.Response{Outcome: credential.OutcomePending, Wait: 10 * time.Second})
	}
	ctx, cancel := context.WithCancel(t.Context())
	p := w.OwnerPhone(t)
	p.Progress = func(holder.Progress) { cancel() }
	r, err := p.Open(ctx, f.link(), credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonBusy, holder.AdviceHold)
	require.True(t, errors.Is(err, context.Canceled))
}

func TestWaitWithoutAHookWaits(t *testing.T) {
	w := worldtest.New(t)
	f := newFake(t, w)
	f.answer = func(n int, _ message.Request) []byte {
		if n == 1 {
			return encode(t, message.Response{Outcome: credential.OutcomePending, Wait: time.Millisecond})
		}
		return encode(t, message.Response{Outcome: credential.OutcomeOpened})
	}
	r, err := w.OwnerPhone(t).Open(t.Context(), f.link(), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
	require.Len(t, f.requests, 2)
}
