package lock_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock"
)

// vacant returns a world whose lock has no owner yet.
func vacant(t testing.TB) *worldtest.World {
	t.Helper()
	w := worldtest.New(t)
	require.NoError(t, lock.Format(w.Flash))
	w.PowerUp(t)
	w.Events, w.Flash.Programmed = nil, 0
	return w
}

// commission has the named one prove a setup secret.
func commission(t testing.TB, w *worldtest.World, name string, secret [16]byte) (holder.LogKey, holder.Result, error) {
	t.Helper()
	w.PowerUp(t)
	return w.Phone(t, name, nil).Commission(t.Context(), w.Link(), secret)
}

// requireUnheard requires that the lock answered with a status word alone.
func requireUnheard(t testing.TB, err error) {
	t.Helper()
	require.ErrorIs(t, err, credential.ReasonStatusWord)
	require.ErrorContains(t, err, "6982")
}

// requireRefused requires that the lock refused and said why.
func requireRefused(t testing.TB, want credential.Reason, r holder.Result, err error) {
	t.Helper()
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeRefused, r.Outcome)
	require.Equal(t, want, r.Reason)
}

// requireOpened requires that the lock opened.
func requireOpened(t testing.TB, r holder.Result, err error) {
	t.Helper()
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome, r.Reason)
}

var otherSecret = [16]byte{'s', 'e', 't', 'u', 'p', ' ', 's', 'e', 'c', 'r', 'e', 't', ' ', '1', '2', '9'}

// TestVacantLockWaitsForTheRightProof has everybody else come first.
func TestVacantLockWaitsForTheRightProof(t *testing.T) {
	for name, try := range map[string]func(*testing.T, *worldtest.World) error{
		"open by a bare key": func(t *testing.T, w *worldtest.World) error {
			_, err := tap(t, w, w.OwnerPhone(t), credential.OperationOpen)
			return err
		},
		"state by a bare key": func(t *testing.T, w *worldtest.World) error {
			_, err := w.OwnerPhone(t).Status(t.Context(), w.Link())
			return err
		},
		"log by a bare key": func(t *testing.T, w *worldtest.World) error {
			_, err := w.OwnerPhone(t).ReadLog(t.Context(), w.Link())
			return err
		},
		"configure without a proof": func(t *testing.T, w *worldtest.World) error {
			_, _, err := w.OwnerPhone(t).Rekey(t.Context(), w.Link())
			return err
		},
		"wrong secret": func(t *testing.T, w *worldtest.World) error {
			_, _, err := commission(t, w, "owner", otherSecret)
			return err
		},
		"secret of zeros": func(t *testing.T, w *worldtest.World) error {
			_, _, err := commission(t, w, "owner", [16]byte{})
			return err
		},
		"policy by a bare key": func(t *testing.T, w *worldtest.World) error {
			p := w.OwnerPhone(t)
			p.Documents = [][]byte{w.Policy(t, func(*credential.PolicyClaims) {})}
			_, err := p.Status(t.Context(), w.Link())
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := vacant(t)
			requireUnheard(t, try(t, w))
			require.Equal(t, credential.ReasonOwnerUnknown, w.LastEvent().Reason)
			require.True(t, w.Lock.Vacant())
			require.Zero(t, w.Flash.Programmed)
			require.Zero(t, w.Bolt.Driven)
			require.Empty(t, w.Lock.Log())
		})
	}
}

// TestGrantOfAnOwnerOpensNoVacantLock has the grant of somebody who is about to
// be the owner.
func TestGrantOfAnOwnerOpensNoVacantLock(t *testing.T) {
	w := vacant(t)
	_, err := tap(t, w, w.NeighbourPhone(t), credential.OperationOpen)
	require.ErrorIs(t, err, credential.ReasonIssuerUnknown)
	require.Zero(t, w.Flash.Programmed)
	require.Zero(t, w.Bolt.Driven)
}

// TestOperatorsStaffAsksAVacantLock and learns the state, opens nothing, and
// leaves no policy.
func TestOperatorsStaffAsksAVacantLock(t *testing.T) {
	w := vacant(t)
	p := w.PostmanPhone(t)
	r, err := p.Status(t.Context(), w.Link())
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	require.Equal(t, holder.State{Floor: w.Now}, r.State)

	p.Documents = [][]byte{w.Policy(t, func(*credential.PolicyClaims) {})}
	r, err = tap(t, w, p, credential.OperationDeliver)
	requireRefused(t, credential.ReasonNotAdmitted, r, err)
	require.Equal(t, []credential.Reason{credential.ReasonIssuerUnknown}, fates(r))
	require.True(t, w.Lock.Vacant())
	require.Zero(t, w.Lock.PolicyVersion())
	require.Zero(t, w.Bolt.Driven)
}

// fates returns what became of the documents.
func fates(r holder.Result) (list []credential.Reason) {
	for _, d := range r.Documents {
		list = append(list, d.Reason)
	}
	return list
}

func TestFirstOwner(t *testing.T) {
	w := vacant(t)
	key, r, err := commission(t, w, "owner", worldtest.Setup)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	require.Equal(t, w.LockID, r.Lock)
	require.Equal(t, holder.State{Floor: w.Now - 50*worldtest.Day, Sequence: 1}, r.State)
	require.Zero(t, w.Bolt.Driven)

	w.PowerUp(t)
	require.False(t, w.Lock.Vacant())
	require.Equal(t, []credential.LogEntry{{
		Sequence: 1, Time: w.Now - 50*worldtest.Day, Operation: credential.OperationConfigure, Outcome: credential.LogCommissioned,
		Role: credential.RoleOwner, Who: credential.Tag(credential.KeyIDOf(worldtest.Public(t, "owner"))),
	}}, w.Lock.Log())
	r, err = tap(t, w, w.OwnerPhone(t), credential.OperationOpen)
	requireOpened(t, r, err)
	r, err = tap(t, w, w.NeighbourPhone(t), credential.OperationOpen)
	requireOpened(t, r, err)
	r, err = tap(t, w, w.PostmanPhone(t), credential.OperationDeliver)
	requireRefused(t, credential.ReasonNotAdmitted, r, err)
	requireOpensPages(t, w, key, true)
}

// requireOpensPages has the neighbour take a page of the log along, and the key
// open it or not.
func requireOpensPages(t testing.TB, w *worldtest.World, key holder.LogKey, opens bool) {
	t.Helper()
	w.PowerUp(t)
	r, err := w.PostmanPhone(t).Do(t.Context(), w.Link(), holder.Ask{LogPages: 1})
	require.NoError(t, err)
	require.Len(t, r.LogPages, 1)
	_, err = holder.LogKeys{key}.Open(r.LogPages[0])
	if opens {
		require.NoError(t, err)
		return
	}
	require.ErrorIs(t, err, holder.ErrLogKey)
}

// TestVacantLockIsTakenOnce has a second one come with the secret, without the
// button, and with a lock that has none.
func TestVacantLockIsTakenOnce(t *testing.T) {
	for name, button := range map[string]func(*worldtest.World) func() bool{
		"button not pressed": func(w *worldtest.World) func() bool { return w.Config.Button },
		"no button":          func(*worldtest.World) func() bool { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			w.Config.Button = button(w)
			_, _, err := commission(t, w, "thief", worldtest.Setup)
			requireUnheard(t, err)
			require.Zero(t, w.Flash.Programmed)
			r, err := tap(t, w, w.OwnerPhone(t), credential.OperationOpen)
			requireOpened(t, r, err)
		})
	}
}

// TestButtonAloneIsNothing presses it, without the secret.
func TestButtonAloneIsNothing(t *testing.T) {
	w := worldtest.New(t)
	w.Button = true
	_, _, err := commission(t, w, "thief", otherSecret)
	requireUnheard(t, err)
	require.True(t, w.LastEvent().Tamper)
	_, err = tap(t, w, w.Phone(t, "thief", nil), credential.OperationOpen)
	requireUnheard(t, err)
	_, _, err = w.Phone(t, "thief", nil).Rekey(t.Context(), w.Link())
	requireUnheard(t, err)
	require.Zero(t, w.Flash.Programmed)
	require.Zero(t, w.Bolt.Driven)
}

// TestProofIsGoodInItsOwnTransaction brings one that was made in another.
func TestProofIsGoodInItsOwnTransaction(t *testing.T) {
	w := vacant(t)
	before := visit(t, w, "owner", nil).proof(worldtest.Setup)
	now := visit(t, w, "owner", nil)
	_, status := now.ask(message.Request{Operation: credential.OperationConfigure, Proof: before})
	require.Equal(t, apdu.StatusRefused, status)
	require.True(t, w.LastEvent().Tamper)
	require.True(t, w.Lock.Vacant())
	require.Zero(t, w.Flash.Programmed)
}

// TestEveryBitOfTheProofCounts alters one at a time.
func TestEveryBitOfTheProofCounts(t *testing.T) {
	w := vacant(t)
	for bit := range 128 {
		v := visit(t, w, "owner", nil)
		proof := v.proof(worldtest.Setup)
		proof[bit/8] ^= 1 << (bit % 8)
		_, status := v.ask(message.Request{Operation: credential.OperationConfigure, Proof: proof})
		require.Equal(t, apdu.StatusRefused, status, bit)
	}
	require.Zero(t, w.Flash.Programmed)
}

// TestProofGoesWithConfigureAlone sends a right one with everything else.
func TestProofGoesWithConfigureAlone(t *testing.T) {
	for operation := range credential.Operation(12) {
		if operation == credential.OperationConfigure {
			continue
		}
		w := vacant(t)
		v := visit(t, w, "owner", nil)
		_, status := v.ask(message.Request{Operation: operation, Proof: v.proof(worldtest.Setup)})
		require.Equal(t, apdu.StatusRefused, status, operation)
		require.True(t, w.Lock.Vacant())
		require.Zero(t, w.Flash.Programmed)
	}
}

// TestCommissioningPassesOverWhatIsForOwners sends along what only makes sense
// with an owner; a field of a later version ends it.
func TestCommissioningPassesOverWhatIsForOwners(t *testing.T) {
	w := vacant(t)
	v := visit(t, w, "owner", nil)
	r, status := v.ask(message.Request{
		Operation: credential.OperationConfigure, Proof: v.proof(worldtest.Setup), Receipt: true, Resource: 9, Page: 2,
		Reference: credential.Reference{1}, Chain: [][]byte{w.Post.Authority().Bytes()},
		Documents: [][]byte{w.Policy(t, func(*credential.PolicyClaims) {})},
	})
	require.Equal(t, apdu.StatusOK, status)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	require.Empty(t, r.Documents)
	require.NotEmpty(t, r.Receipt)
	require.Zero(t, w.Lock.PolicyVersion())
	r, status = v.ask(message.Request{Operation: credential.OperationOpen})
	require.Equal(t, apdu.StatusOK, status)
	require.Equal(t, credential.OutcomeOpened, r.Outcome, "the transaction is the owner's now")

	w = vacant(t)
	v = visit(t, w, "owner", nil)
	plain := message.Request{Operation: credential.OperationConfigure, Proof: v.proof(worldtest.Setup)}.Encode()
	_, status = v.say(append(append([]byte{plain[0] + 1}, plain[1:]...), 0x18, 0x63, 0x01)) // 99: 1
	require.Equal(t, apdu.StatusRefused, status)
	require.Zero(t, w.Flash.Programmed)
}

// TestCommissioningThatCannotBeWritten leaves the lock vacant.
func TestCommissioningThatCannotBeWritten(t *testing.T) {
	w := vacant(t)
	w.Flash.Fail = func() error { return context.DeadlineExceeded }
	key, r, err := commission(t, w, "owner", worldtest.Setup)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeFailed, r.Outcome)
	require.Equal(t, credential.ReasonState, r.Reason)
	require.True(t, key.IsZero())
	require.True(t, w.Lock.Vacant())
	w.Flash.Fail = nil
	_, r, err = commission(t, w, "owner", worldtest.Setup)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
}

// heard returns the commands of a commissioning.
func heard(t testing.TB, w *worldtest.World, name string) [][]byte {
	t.Helper()
	tracer := apdu.NewTracer(w.Link())
	_, r, err := w.Phone(t, name, nil).Commission(t.Context(), tracer, worldtest.Setup)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	var commands [][]byte
	for _, p := range tracer.Pairs() {
		commands = append(commands, bytes.Clone(p.Command))
	}
	return commands
}

// TestCopiedCommissioningGivesNothing plays one back: to another vacant lock, to
// the same lock, and to the same lock after a loss of power whose random source
// begins anew, with the button pressed.
func TestCopiedCommissioningGivesNothing(t *testing.T) {
	first := vacant(t)
	repeating(first, t)
	commands := heard(t, first, "owner")
	play := func(w *worldtest.World) {
		written := w.Flash.Programmed
		for _, c := range commands[:len(commands)-1] {
			require.Equal(t, apdu.StatusOK, status(t, w, c))
		}
		require.Equal(t, apdu.StatusRefused, status(t, w, commands[len(commands)-1]))
		require.Equal(t, written, w.Flash.Programmed)
	}

	other := vacant(t)
	other.Config.Rand = worldtest.Rand("other lock")
	other.PowerUp(t)
	play(other)
	require.True(t, other.Lock.Vacant())

	first.Button = true
	play(first)
	repeating(first, t)
	play(first)
	require.Len(t, first.Lock.Log(), 1)

	same := vacant(t)
	repeating(same, t)
	for _, c := range commands {
		require.Equal(t, apdu.StatusOK, status(t, same, c))
	}
	require.False(t, same.Lock.Vacant(), "the copy must be one that a lock would take")
}
