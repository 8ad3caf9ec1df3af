package home_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/credential/holder/home"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock/locktest"
)

var errField = errors.New("the field was lost")

// cut is a link that is lost at a command, on its way to the lock or on the way
// back, and stays lost.
type cut struct {
	next apdu.Transceiver
	left int // commands until then
	back bool
}

func (c *cut) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	if c.left--; c.left < 0 && !(c.left == -1 && c.back) {
		return nil, errField
	}
	response, err := c.next.Transceive(ctx, command)
	if c.left == -1 && c.back {
		return nil, errField
	}
	return response, err
}

// TestMoveInIsCutOff at each command, on each way: Agree, or MoveIn once more,
// makes the lock the phone's, whose log it can read then.
func TestMoveInIsCutOff(t *testing.T) {
	owned := 0
	for at := range 9 {
		for _, back := range []bool{false, true} {
			s := newStreet(t)
			b, on := s.newBox(t, "owner")
			_, _, _ = b.MoveIn(t.Context(), s.OwnerPhone(t), &cut{s.Link(), at, back}, worldtest.Setup, s.now)
			require.NotEmpty(t, on.saved.State, "what may have happened is kept")
			s.PowerUp(t)
			b, err := home.Load(key(t, "owner"), on.saved, on.keep)
			require.NoError(t, err)
			mine := len(s.Lock.Log()) > 0
			_, r, err := b.Agree(t.Context(), s.OwnerPhone(t), s.Link(), s.now)
			require.Equal(t, mine, err == nil, err)
			if mine {
				owned++
			} else {
				_, r, err = b.MoveIn(t.Context(), s.OwnerPhone(t), s.Link(), worldtest.Setup, s.now)
				require.NoError(t, err)
			}
			require.Equal(t, credential.OutcomeDone, r.Outcome)
			require.Empty(t, b.Pending())
			pass, err := b.Grant(s.now, "Anna", public("anna"), s.month())
			require.NoError(t, err)
			s.requireOpens(t, s.phoneWith(t, "anna", pass))
			s.visit(t, b, "owner")
			require.Equal(t, credential.LogCommissioned, b.Lines()[0].Entry.Outcome)
			require.Equal(t, "Anna", b.Lines()[1].Name)
		}
	}
	require.Positive(t, owned)
	require.Less(t, owned, 18)
}

// TestLockIsLeftAloneByAnAppThatCannotKeep what it becomes.
func TestLockIsLeftAloneByAnAppThatCannotKeep(t *testing.T) {
	s := newStreet(t)
	b, on := s.newBox(t, "owner")
	on.fail = errField
	_, _, err := b.MoveIn(t.Context(), s.OwnerPhone(t), s.Link(), worldtest.Setup, s.now)
	require.ErrorIs(t, err, home.ErrKeep)
	require.Empty(t, s.Lock.Log())
	on.fail = nil
	_, _, err = b.MoveIn(t.Context(), s.OwnerPhone(t), s.Link(), worldtest.Setup, time.Time{})
	require.ErrorIs(t, err, home.ErrTime)
	require.Empty(t, s.Lock.Log())
	_, _, err = b.MoveIn(t.Context(), nil, s.Link(), worldtest.Setup, s.now)
	require.ErrorIs(t, err, holder.ErrPhone)
	_, _, err = b.MoveIn(t.Context(), s.OwnerPhone(t), s.Link(), [16]byte{1}, s.now)
	require.ErrorIs(t, err, credential.ReasonStatusWord)
	require.Empty(t, s.Lock.Log())
	require.Zero(t, b.Version())
}

// TestMovingInTwice is refused by the lock, and changes nothing.
func TestMovingInTwice(t *testing.T) {
	s, b, _, _ := settled(t)
	before, err := b.Saved()
	require.NoError(t, err)
	_, r, err := b.MoveIn(t.Context(), s.OwnerPhone(t), s.Link(), worldtest.Setup, s.now)
	require.ErrorIs(t, err, credential.ReasonOperationUnknown)
	require.Equal(t, holder.AdviceYours, r.Advice)
	requireSame(t, before, b)
}

// TestVaultIsLost: the next key opens what the lock still has.
func TestVaultIsLost(t *testing.T) {
	s, _, on, k := settled(t)
	on.saved.Vault, on.saved.History = nil, nil
	b, err := home.Load(k, on.saved, on.keep)
	require.NoError(t, err)
	s.visit(t, b, "owner")
	require.Empty(t, b.Lines())
	change, _, err := b.Agree(t.Context(), s.OwnerPhone(t), s.Link(), s.now)
	require.NoError(t, err)
	require.Nil(t, change.Policy, "the settings are as they were")
	s.visit(t, b, "owner")
	require.Len(t, b.Lines(), 4)
}

// TestCouriersBring pages: good ones, altered ones, those of another box.
func TestCouriersBring(t *testing.T) {
	s, b, _, _ := settled(t)
	pass, err := b.Pass(id("anna"))
	require.NoError(t, err)
	anna := s.phoneWith(t, "anna", pass)
	s.requireOpens(t, anna)
	r, err := anna.FetchLog(t.Context(), s.Link())
	require.NoError(t, err)
	require.NotEmpty(t, r.LogPages)
	good := r.LogPages[0]

	altered := bytes.Clone(good)
	altered[100] ^= 1
	foreign, err := locktest.SealPage([32]byte{1}, locktest.Page(s.LockID, credential.LogHead{}), [16]byte{})
	require.NoError(t, err)
	otherBox := s.LockID
	otherBox[0]++
	wrong, err := locktest.SealPage(s.logKey(t, b), locktest.Page(otherBox, credential.LogHead{}, credential.LogEntry{Sequence: 1, Outcome: credential.LogTamper}), [16]byte{})
	require.NoError(t, err)
	before := len(b.Lines())
	err = b.Brought(altered, foreign, wrong, nil, good, good[1:])
	require.ErrorIs(t, err, holder.ErrLogKey)
	require.ErrorIs(t, err, holder.ErrLogLock)
	require.Len(t, b.Lines(), before+1, "the good one was taken")
	require.Equal(t, "Anna", b.Lines()[before].Name)

	lie, err := locktest.SealPage(s.logKey(t, b), locktest.Page(s.LockID, credential.LogHead{}, b.Lines()[0].Entry, b.Lines()[0].Entry), [16]byte{})
	require.NoError(t, err)
	require.Error(t, b.Brought(lie))
	other := b.Lines()[1].Entry
	other.Resource = 3
	lie, err = locktest.SealPage(s.logKey(t, b), locktest.Page(s.LockID, credential.LogHead{}.Next(b.Lines()[0].Entry), other), [16]byte{})
	require.NoError(t, err)
	require.ErrorIs(t, b.Brought(lie), holder.ErrLogAltered)
	require.Len(t, b.Lines(), before+1)
	require.NoError(t, b.Brought())
}

// logKey returns the log key out of a Box's vault.
func (s *street) logKey(t *testing.T, b *home.Box) [32]byte {
	t.Helper()
	saved, err := b.Saved()
	require.NoError(t, err)
	var keys [][]byte
	require.NoError(t, unmarshal(saved.Vault, &keys))
	return [32]byte(keys[0])
}

// TestOfflineForWeeks: what the lock overwrote meanwhile shows as lost.
func TestOfflineForWeeks(t *testing.T) {
	s, b, _, _ := settled(t)
	s.visit(t, b, "owner")
	before := b.Lines()
	pass, err := b.Pass(id("anna"))
	require.NoError(t, err)
	anna := s.phoneWith(t, "anna", pass)
	for range 70 {
		s.requireOpens(t, anna)
	}
	later := s.now.AddDate(0, 0, 21)
	renewed, err := b.Renew(later)
	require.NoError(t, err)
	require.Len(t, renewed, 1, "Ben's lease has run out meanwhile")
	s.requireOpens(t, s.phoneWith(t, "ben", renewed[0].Pass))
	s.visit(t, b, "owner")
	lines := b.Lines()
	require.Len(t, lines, len(before)+64)
	first := lines[len(before)]
	require.Equal(t, uint32(8), first.Lost)
	require.Equal(t, uint32(8), b.Missing())
	require.Contains(t, first.String(), "(8 lost) ")
	require.Contains(t, first.String(), "Anna, open: started")

	require.NoError(t, b.Erase(later.AddDate(1, 0, 0)))
	require.Len(t, b.Lines(), 1, "the newest entry binds what comes")
	s.visit(t, b, "owner")
	require.Len(t, b.Lines(), 64, "what the lock still has comes again")
}

// TestEveryVisitIsAnswered, also where the lock is to sign what it holds.
func TestEveryVisitIsAnswered(t *testing.T) {
	s, b, _, _ := settled(t)
	for _, operation := range []credential.Operation{credential.OperationOpen, credential.OperationStatus, credential.OperationOpen} {
		for _, unsure := range []bool{true, false} {
			if unsure {
				change, err := b.Block(s.now, 0)
				require.NoError(t, err)
				courier := s.OwnerPhone(t)
				courier.Documents = [][]byte{change.Policy}
				_, err = courier.Status(t.Context(), s.Link())
				require.NoError(t, err)
			}
			r, err := b.Visit(t.Context(), s.OwnerPhone(t), s.Link(), operation)
			require.NoError(t, err)
			require.Contains(t, []credential.Outcome{credential.OutcomeOpened, credential.OutcomeDone}, r.Outcome, r.Reason)
			require.Equal(t, unsure || operation == credential.OperationStatus, r.Receipt != nil)
			require.NotEmpty(t, r.LogPages)
			require.Empty(t, b.Pending())
		}
	}
}

// TestLockFellBack is found out by the next tap.
func TestLockFellBack(t *testing.T) {
	s := newStreet(t)
	b, _ := s.moveIn(t, "owner")
	s.visit(t, b, "owner")
	old := s.Flash.Clone()
	s.visit(t, b, "owner")
	s.visit(t, b, "owner")
	s.Config.Flash = old
	s.PowerUp(t)
	before := b.Lines()
	_, err := b.Visit(t.Context(), s.OwnerPhone(t), s.Link(), credential.OperationStatus)
	require.ErrorIs(t, err, holder.ErrLogFellBack)
	require.Equal(t, before, b.Lines())
}

// TestAnotherLockSaysNothing about this one.
func TestAnotherLockSaysNothing(t *testing.T) {
	s, b, on, _ := settled(t)
	kept := on.kept
	other := s.LockID
	other[0]++
	require.ErrorIs(t, b.Took(holder.Result{Lock: other, State: holder.State{PolicyVersion: 99, Floor: 1}}), home.ErrLock)
	require.NoError(t, b.Took(holder.Result{State: holder.State{PolicyVersion: 99, Floor: 1}}), "no lock has proved to be one")
	require.Equal(t, kept, on.kept)
	require.False(t, b.Behind())
}

// TestReceiptTellsThatAPolicyArrived, so that couriers need carry it no more.
func TestReceiptTellsThatAPolicyArrived(t *testing.T) {
	s, b, _, _ := settled(t)
	_, err := b.Block(s.now, credential.BlockServices)
	require.NoError(t, err)
	pass, err := b.Pass(id("anna"))
	require.NoError(t, err)
	r, err := s.phoneWith(t, "anna", pass).Do(t.Context(), s.Link(), holder.Ask{Operation: credential.OperationOpen, Receipt: true})
	require.NoError(t, err)
	require.Len(t, b.Pending(), 1, "nobody has told")
	require.NoError(t, b.BroughtReceipt(s.verified(t, r.Receipt.Bytes)))
	require.Empty(t, b.Pending())

	receipt := s.verified(t, r.Receipt.Bytes)
	require.False(t, b.Covers(receipt), "its entry has not been read")
	s.visit(t, b, "owner")
	require.True(t, b.Covers(receipt))
	c := r.Receipt.Claims
	c.Head[0]++
	require.False(t, b.Covers(s.signedReceipt(t, c)), "of a log that is not this one")
	c.Lock[0]++
	other := s.signedReceipt(t, c)
	require.ErrorIs(t, b.BroughtReceipt(other), home.ErrLock)
	require.False(t, b.Covers(other))
}

// TestPolicyIsHandedOverAgain to a lock that says it lost it.
func TestPolicyIsHandedOverAgain(t *testing.T) {
	s, b, _, _ := settled(t)
	require.Empty(t, b.Pending())
	lost := credential.ReceiptClaims{Lock: s.LockID, Floor: s.Now, PolicyVersion: b.Version()}
	require.NoError(t, b.BroughtReceipt(s.signedReceipt(t, lost)))
	require.Len(t, b.Pending(), 1)
	s.visit(t, b, "owner") // which finds that the lock holds it
	require.Empty(t, b.Pending())
	require.False(t, b.Behind())
}

// TestLockLosesItsPolicy with the flash that it stood in: a visit for the state finds
// out, and mends it.
func TestLockLosesItsPolicy(t *testing.T) {
	s := newStreet(t)
	b, _ := s.moveIn(t, "owner")
	pass, err := b.Grant(s.now, "Anna", public("anna"), s.month())
	require.NoError(t, err)
	_, err = b.Admit(s.now, credential.Admission{Service: credential.ServicePost, Actions: credential.ActionDeliver})
	require.NoError(t, err)
	policy := b.Pending()[0]
	s.visit(t, b, "owner")
	anna := s.phoneWith(t, "anna", pass)
	s.requireOpens(t, anna)
	damaged := 0
	for n := range s.Flash.Pages() {
		if page := s.Flash.Page(n); bytes.Contains(page, policy[len(policy)-80:len(policy)-40]) || bytes.Contains(page, policy[20:60]) {
			clear(page)
			damaged++
		}
	}
	require.Positive(t, damaged)
	s.PowerUp(t)
	s.requireRefused(t, anna, credential.ReasonBlocked)
	require.Empty(t, b.Pending(), "nobody has told")
	link := apdu.NewTracer(s.Link())
	r, err := b.Visit(t.Context(), s.OwnerPhone(t), link, credential.OperationStatus)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	require.True(t, r.Receipt.Verified)
	require.NotEmpty(t, r.LogPages)
	require.Equal(t, len(link.Pairs()), r.Cost.Pairs, "of both taps together")
	require.Empty(t, b.Pending())
	s.requireOpens(t, anna)
	require.False(t, b.Behind())
}

// verified returns a receipt that the street's lock signed.
func (s *street) verified(t *testing.T, receipt []byte) *credential.Receipt {
	t.Helper()
	v := credential.Verifier{Roots: s.Roots()}
	u, err := credential.ParseLockCertificate(s.Config.Identities[0].Certificate)
	require.NoError(t, err)
	certificate, err := v.LockCertificate(u, s.Maker.Authority())
	require.NoError(t, err)
	p, err := credential.ParseReceipt(receipt)
	require.NoError(t, err)
	r, err := v.Receipt(p, certificate)
	require.NoError(t, err)
	return r
}

// signedReceipt has the key of the street's lock sign any receipt of its own, or of
// a lock with the same key and another id.
func (s *street) signedReceipt(t *testing.T, c credential.ReceiptClaims) *credential.Receipt {
	t.Helper()
	object, err := locktest.Receipt(s.Config.Identities[0].Key, c)
	require.NoError(t, err)
	if c.Lock == s.LockID {
		return s.verified(t, object)
	}
	certificate := s.LockCertificate(s.Config.Identities[0].Key, func(l *credential.LockClaims) { l.ID = c.Lock })
	other := *s
	other.World = &worldtest.World{World: s.World.World, Config: s.Config}
	other.Config.Identities = append(other.Config.Identities[:0:0], other.Config.Identities[0])
	other.Config.Identities[0].Certificate = certificate
	return other.verified(t, object)
}

// TestVaultThatCannotBeKept: the lock is the phone's by then, the Box has the key,
// and Agree goes on where MoveIn stopped.
func TestVaultThatCannotBeKept(t *testing.T) {
	s := newStreet(t)
	full := errors.New("the vault is full")
	var on shelf
	b, err := home.New(key(t, "owner"), s.LockID, func(saved home.Saved) error {
		if saved.Vault != nil {
			return full
		}
		return on.keep(saved)
	})
	require.NoError(t, err)
	_, r, err := b.MoveIn(t.Context(), s.OwnerPhone(t), s.Link(), worldtest.Setup, s.now)
	require.ErrorIs(t, err, home.ErrKeep)
	require.ErrorIs(t, err, full)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	require.False(t, b.Yours())
	saved, err := b.Saved()
	require.NoError(t, err)
	require.Len(t, s.logKey(t, b), 32)

	b, err = home.Load(key(t, "owner"), saved, on.keep)
	require.NoError(t, err)
	_, _, err = b.Agree(t.Context(), s.OwnerPhone(t), s.Link(), s.now)
	require.NoError(t, err)
	require.True(t, b.Yours())
	require.Empty(t, b.Pending())
}

// TestFieldIsLostInAVisit at each command: nothing is believed that the lock did not
// say, and the next visit goes on.
func TestFieldIsLostInAVisit(t *testing.T) {
	s, b, _, _ := settled(t)
	_, err := b.Block(s.now, credential.BlockGuests)
	require.NoError(t, err)
	for at := range 5 {
		for _, back := range []bool{false, true} {
			version := b.Version()
			_, err := b.Visit(t.Context(), s.OwnerPhone(t), &cut{s.Link(), at, back}, credential.OperationOpen)
			if err != nil {
				require.ErrorIs(t, err, credential.ReasonLink)
			}
			s.PowerUp(t)
			require.Equal(t, version, b.Version())
			require.False(t, b.Behind())
		}
	}
	s.visit(t, b, "owner")
	require.Empty(t, b.Pending())
	require.NotEmpty(t, b.Lines())
}
