package lock_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/issuer"
)

// lived returns a world whose lock has a past: a co-owner, openings by everybody,
// slots, counted grants of owner and post, and a list.
func lived(t testing.TB) (w *worldtest.World, phones map[string]*holder.Phone) {
	t.Helper()
	w = worldtest.New(t)
	w.Hand(t, w.Policy(t, func(c *credential.PolicyClaims) {
		c.Version = 2
		c.CoOwners = []credential.PublicKey{worldtest.Public(t, "co-owner")}
	}), w.RevocationList(t, 3))
	once := credential.Uses{Count: 1, Starts: 1}
	phones = map[string]*holder.Phone{
		"owner":         w.OwnerPhone(t),
		"co-owner":      w.Phone(t, "co-owner", nil),
		"neighbour":     w.NeighbourPhone(t),
		"counted guest": guest(t, w, func(c *credential.GrantClaims) { c.Scope[0].Uses = credential.Uses{Count: 200, Starts: 1} }),
		"co-owner's guest": w.Phone(t, "neighbour", sign(t, "co-owner", func() credential.GrantClaims {
			c := w.GuestClaims()
			c.Expires++
			return c
		}())),
		"counted postman": postman(t, w, func(c *credential.GrantClaims) { c.Scope[0].Uses = once }),
	}
	for _, name := range []string{"owner", "co-owner", "neighbour", "counted guest", "co-owner's guest", "counted postman"} {
		r, err := tap(t, w, resuming(phones[name]), operationOf(name))
		requireOpened(t, r, err)
	}
	return w, phones
}

func operationOf(name string) credential.Operation {
	if name == "counted postman" {
		return credential.OperationDeliver
	}
	return credential.OperationOpen
}

// requireAllOver requires that nobody but the counted postman is heard any more,
// and that he is not let off his count.
func requireAllOver(t testing.TB, w *worldtest.World, phones map[string]*holder.Phone) {
	t.Helper()
	driven, written := w.Bolt.Driven, w.Flash.Programmed
	for name, p := range phones {
		r, err := tap(t, w, p, operationOf(name))
		switch name {
		case "owner", "co-owner":
			requireUnheard(t, err)
		case "counted postman":
			require.NoError(t, err)
			require.Equal(t, credential.OutcomeRefused, r.Outcome)
			require.Equal(t, 5, r.Cost.Pairs, "2 for a slot that is none, 3 since the certificate is held")
		default:
			require.ErrorIs(t, err, credential.ReasonIssuerUnknown, name)
		}
	}
	require.Equal(t, driven, w.Bolt.Driven)
	require.Equal(t, written, w.Flash.Programmed)
}

// TestResetByTheButton makes the lock somebody else's: everything of the former
// owner is dead, and what never falls has not fallen.
func TestResetByTheButton(t *testing.T) {
	w, phones := lived(t)
	before := witnessed(w)
	w.Button = true
	key, r, err := commission(t, w, "new owner", worldtest.Setup)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	require.Equal(t, holder.State{PolicyVersion: 2, Floor: before.floor, Sequence: before.sequence + 1}, r.State)
	w.Button = false
	w.PowerUp(t)
	require.Equal(t, risen{before.floor, before.sequence + 1, 2}, witnessed(w))
	log := w.Lock.Log()
	require.Len(t, log, 1)
	require.Equal(t, credential.LogReset, log[0].Outcome)
	require.Equal(t, credential.Tag(credential.KeyIDOf(worldtest.Public(t, "new owner"))), log[0].Who)

	requireAllOver(t, w, phones)
	requireOpensPages(t, w, w.LogKey, false)
	requireOpensPages(t, w, key, true)
	r, err = tap(t, w, w.Phone(t, "new owner", nil), credential.OperationOpen)
	requireOpened(t, r, err)
}

// TestResetDropsThePolicy tries the one before, and one that the new owner signs
// below the version that the lock keeps.
func TestResetDropsThePolicy(t *testing.T) {
	w, phones := lived(t)
	w.Button = true
	_, _, err := commission(t, w, "new owner", worldtest.Setup)
	require.NoError(t, err)
	w.Button = false
	r, err := tap(t, w, phones["counted postman"], credential.OperationDeliver)
	requireRefused(t, credential.ReasonNotAdmitted, r, err)

	heir, err := issuer.NewOwner(worldtest.Key("new owner"))
	require.NoError(t, err)
	sign := func(version uint32) []byte {
		c := w.PolicyClaims()
		c.Version = version
		b, err := heir.Policy(c)
		require.NoError(t, err)
		return b
	}
	old := func(version uint32) []byte {
		return w.Policy(t, func(c *credential.PolicyClaims) { c.Version = version })
	}
	p := w.Phone(t, "new owner", nil)
	p.Documents = [][]byte{sign(1), sign(2), old(2), old(3), w.RevocationList(t, 3)}
	r, err = p.Status(t.Context(), w.Link())
	require.NoError(t, err)
	superseded := credential.ReasonSuperseded
	require.Equal(t, []credential.Reason{superseded, superseded, superseded, credential.ReasonIssuerUnknown, superseded}, fates(r))
	require.Equal(t, uint32(2), w.Lock.PolicyVersion())

	p.Documents = [][]byte{sign(3)}
	_, err = tap(t, w, p, credential.OperationStatus)
	require.NoError(t, err)
	r, err = tap(t, w, phones["counted postman"], credential.OperationDeliver)
	requireRefused(t, credential.ReasonUsesSpent, r, err)
}

// TestResetEndsTheAccountOfTheOwnersGrants fills the table of counted grants:
// the new owner's first one finds room, and a postman's account stays.
func TestResetEndsTheAccountOfTheOwnersGrants(t *testing.T) {
	w := worldtest.New(t)
	for i := range credential.Time(32) {
		r, err := tap(t, w, guest(t, w, func(c *credential.GrantClaims) {
			c.Expires += i
			c.Scope[0].Uses = credential.Uses{Count: 2, Starts: 1}
		}), credential.OperationOpen)
		requireOpened(t, r, err)
	}
	counted := func(name string) *holder.Phone {
		c := w.GuestClaims()
		c.Expires += 99
		c.Scope[0].PolicyVersion = w.Lock.PolicyVersion()
		c.Scope[0].Uses = credential.Uses{Count: 1, Starts: 1}
		return w.Phone(t, "neighbour", sign(t, name, c))
	}
	r, err := tap(t, w, counted("owner"), credential.OperationOpen)
	requireRefused(t, credential.ReasonTableFull, r, err)
	w.Button = true
	_, _, err = commission(t, w, "new owner", worldtest.Setup)
	require.NoError(t, err)
	r, err = tap(t, w, counted("new owner"), credential.OperationOpen)
	requireRefused(t, credential.ReasonDenied, r, err) // issued before the new owner's first policy
	first, err := issuer.NewOwner(worldtest.Key("new owner"))
	require.NoError(t, err)
	c := w.PolicyClaims()
	c.Version = w.Lock.PolicyVersion() + 1
	b, err := first.Policy(c)
	require.NoError(t, err)
	p := w.Phone(t, "new owner", nil)
	p.Documents = [][]byte{b}
	_, err = tap(t, w, p, credential.OperationStatus)
	require.NoError(t, err)
	r, err = tap(t, w, counted("new owner"), credential.OperationOpen)
	requireOpened(t, r, err)
}

// TestButtonDoesNotLetInWhoIsNoOwner has a guest and the owner come while it is
// pressed: nothing is different for them.
func TestButtonDoesNotLetInWhoIsNoOwner(t *testing.T) {
	w := worldtest.New(t)
	w.Button = true
	r, err := tap(t, w, w.NeighbourPhone(t), credential.OperationOpen)
	requireOpened(t, r, err)
	_, r, err = commission(t, w, "owner", worldtest.Setup)
	requireRefused(t, credential.ReasonOperationUnknown, r, err)
	require.Len(t, w.Lock.Log(), 2)
}

// TestWhoAgreesTheLogKey has everybody ask for configure without a proof.
func TestWhoAgreesTheLogKey(t *testing.T) {
	configure := message.Request{Operation: credential.OperationConfigure}
	for name, c := range map[string]struct {
		visitor func(*worldtest.World, map[string]*holder.Phone) *visitor
		outcome credential.Outcome
		reason  credential.Reason
	}{
		"owner": {func(w *worldtest.World, _ map[string]*holder.Phone) *visitor { return visit(t, w, "owner", nil) },
			credential.OutcomeDone, credential.ReasonNone},
		"co-owner": {func(w *worldtest.World, _ map[string]*holder.Phone) *visitor { return visit(t, w, "co-owner", nil) },
			credential.OutcomeRefused, credential.ReasonAction},
		"guest": {func(w *worldtest.World, p map[string]*holder.Phone) *visitor {
			return visit(t, w, "neighbour", p["neighbour"].Grant)
		}, credential.OutcomeRefused, credential.ReasonAction},
		"postman": {func(w *worldtest.World, p map[string]*holder.Phone) *visitor {
			return visit(t, w, "postman", p["counted postman"].Grant)
		}, credential.OutcomeRefused, credential.ReasonAction},
		"guest of another lock": {func(w *worldtest.World, _ map[string]*holder.Phone) *visitor {
			return visit(t, w, "neighbour", guest(t, w, elsewhere).Grant)
		}, credential.OutcomeRefused, credential.ReasonTarget},
		"owner who resumed": {func(w *worldtest.World, p map[string]*holder.Phone) *visitor {
			return returns(t, w, slotOf(t, w, p["owner"]))
		}, credential.OutcomeRefused, credential.ReasonOperationUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			w, phones := lived(t)
			v := c.visitor(w, phones)
			written, log := w.Flash.Programmed, len(w.Lock.Log())
			r, status := v.ask(configure)
			require.Equal(t, apdu.StatusOK, status)
			require.Equal(t, c.outcome, r.Outcome)
			require.Equal(t, c.reason, r.Reason)
			require.Len(t, w.Lock.Log(), log)
			if c.outcome == credential.OutcomeRefused {
				require.Equal(t, written, w.Flash.Programmed)
			}
			w.PowerUp(t)
			requireOpensPages(t, w, w.LogKey, c.outcome == credential.OutcomeRefused)
		})
	}
}

// elsewhere makes a guest's grant one for another lock.
func elsewhere(c *credential.GrantClaims) {
	c.Scope[0].Target = credential.LockTarget(credential.LockID{1})
}

// slotOf returns the slot that an owner's phone keeps, and powers the lock up.
func slotOf(t testing.TB, w *worldtest.World, p *holder.Phone) holder.Slot {
	t.Helper()
	kept := vault{}
	q := *p
	q.Slots = kept
	r, err := tap(t, w, &q, credential.OperationOpen)
	requireOpened(t, r, err)
	require.Len(t, kept, 1)
	for _, s := range kept {
		return s
	}
	return holder.Slot{}
}

// TestLogKeyAgreedAnew replaces the one before, for pages of the same log.
func TestLogKeyAgreedAnew(t *testing.T) {
	w, _ := lived(t)
	log := w.Lock.Log()
	key, r, err := w.OwnerPhone(t).Rekey(t.Context(), w.Link())
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	require.Equal(t, log, w.Lock.Log())
	requireOpensPages(t, w, w.LogKey, false)
	requireOpensPages(t, w, key, true)
	_, _, err = w.Phone(t, "stranger", nil).Rekey(t.Context(), w.Link())
	requireUnheard(t, err)
}

// TestProofSaysNothingToAnOwnerKey sends it by those who have the lock already.
func TestProofSaysNothingToAnOwnerKey(t *testing.T) {
	for _, name := range []string{"owner", "co-owner"} {
		w, _ := lived(t)
		w.Button = true
		log := w.Lock.Log()
		_, r, err := commission(t, w, name, worldtest.Setup)
		requireRefused(t, credential.ReasonOperationUnknown, r, err)
		require.Equal(t, log, w.Lock.Log())
	}
}
