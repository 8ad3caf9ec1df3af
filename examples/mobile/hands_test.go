package postern_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	postern "github.com/postern-lock/postern/examples/mobile"
)

// granted has the owner grant somebody with a new phone, and gives the phone its pass.
func granted(t testing.TB, s *scene, box *postern.Box, name string, terms *postern.Terms) *postern.Phone {
	t.Helper()
	phone := s.newPhone(t, false)
	pass, err := box.Grant(name, phone.RequestLink(), terms)
	require.NoError(t, err)
	require.NoError(t, phone.SetPass(pass))
	return phone
}

// requireVisit requires that the owner opens, and that nothing was found.
func requireVisit(t testing.TB, s *scene, box *postern.Box) {
	t.Helper()
	r, err := box.Visit(s.lock, postern.OperationOpen, nil)
	require.NoError(t, err)
	require.True(t, r.Opened(), r.Detail())
	require.Empty(t, r.Found(), r.FoundDetail())
}

func TestCoOwner(t *testing.T) {
	s, box := owned(t)
	partner := s.newPhone(t, true)
	change, err := box.AddCoOwner("Paul", partner.RequestLink())
	require.NoError(t, err)
	theirs, err := postern.NewBox(partner, box.Lock())
	require.NoError(t, err)
	require.NoError(t, theirs.Join(s.phone.PublicKey(), change.Policy()))
	require.True(t, theirs.Yours())
	requireVisit(t, s, box)
	requireVisit(t, s, theirs)
	_, err = theirs.Block(true, true)
	requireCode(t, postern.CodeCoOwner, err)

	guest := granted(t, s, theirs, "Zoe", terms(t, s))
	r, err := guest.Open(s.lock, postern.OperationOpen, nil)
	require.NoError(t, err)
	require.True(t, r.Opened(), r.Reason())
	change, err = theirs.Withdraw(guest.KeyID())
	require.NoError(t, err)
	require.Equal(t, 1, change.Deny().Len())
	_, err = box.Deny(change.Deny().At(0))
	require.NoError(t, err)
	requireVisit(t, s, box)
	r, err = guest.Open(s.lock, postern.OperationOpen, nil)
	require.NoError(t, err)
	require.Equal(t, "denied", r.Reason())

	_, err = box.RemoveCoOwner(partner.PublicKey())
	require.NoError(t, err)
	requireVisit(t, s, box)
	r, err = theirs.Visit(s.lock, postern.OperationOpen, nil)
	require.NoError(t, err)
	require.False(t, r.Opened())
}

func TestRestoredBackup(t *testing.T) {
	s, box := owned(t)
	granted(t, s, box, "Anna", terms(t, s))
	backup := newShelf()
	for name, b := range s.memory.all {
		require.NoError(t, backup.Store(name, b))
	}
	change, err := box.Block(true, false)
	require.NoError(t, err)
	requireVisit(t, s, box)

	s.memory.all = backup.all
	old, err := postern.LoadBox(s.phone, box.Lock())
	require.NoError(t, err)
	require.NoError(t, old.Restored())
	require.True(t, old.Behind())
	_, err = old.Block(false, false)
	requireCode(t, postern.CodeBehind, err)
	require.NoError(t, old.Learn(change.Policy()))
	require.True(t, old.Behind(), "nobody vouches that it is the newest")
	require.True(t, old.BlocksGuests())
	_, err = old.Renew()
	requireCode(t, postern.CodeBehind, err)

	withdrawn := postern.NewTexts()
	require.NoError(t, withdrawn.Add(old.Guests().At(0).ID()))
	_, err = old.Heal(withdrawn)
	require.NoError(t, err)
	require.False(t, old.Behind())
	require.True(t, old.Guests().At(0).Withdrawn())
	requireVisit(t, s, old)
}

func TestNewPhoneSucceeds(t *testing.T) {
	s, box := owned(t)
	granted(t, s, box, "Anna", terms(t, s))
	next := s.newPhone(t, false)
	policy, err := box.Transfer(next.RequestLink())
	require.NoError(t, err)
	theirs, err := postern.SucceedBox(next, box.Lock())
	require.NoError(t, err)
	require.Equal(t, 1, theirs.Guests().Len())
	change, err := theirs.Accept(policy)
	require.NoError(t, err)
	require.NotEmpty(t, change.Policy())
	_, err = box.Visit(s.lock, postern.OperationStatus, nil)
	require.NoError(t, err)
	r, err := theirs.Agree(s.lock, nil)
	require.NoError(t, err)
	require.Equal(t, postern.OutcomeDone, r.Outcome(), r.Detail())
	requireVisit(t, s, theirs)
}

func TestTransferIsTakenBack(t *testing.T) {
	s, box := owned(t)
	_, err := box.Transfer(s.newPhone(t, true).RequestLink())
	require.NoError(t, err)
	_, err = box.TakeBack()
	require.NoError(t, err)
	require.Empty(t, box.GivenTo())
	requireVisit(t, s, box)
}

func TestGuestsAreRenewedAndForgotten(t *testing.T) {
	s, box := owned(t)
	lease, err := postern.NewTerms(postern.ActionOpen, s.w.Now()+30*86400)
	require.NoError(t, err)
	require.NoError(t, lease.SetLease(86400))
	anna := granted(t, s, box, "Anna", lease)
	renewed, err := box.Renew()
	require.NoError(t, err)
	require.Zero(t, renewed.Len())
	change, err := box.ResetFloor()
	require.NoError(t, err)
	require.Equal(t, 1, change.Renewed().Len(), "the former pass ends with it")
	require.Equal(t, "Anna", change.Renewed().Guest(0).Name())
	pass, err := change.Renewed().Pass(0)
	require.NoError(t, err)
	require.NoError(t, anna.SetPass(pass))
	_, err = change.Renewed().Pass(1)
	requireCode(t, postern.CodeArgument, err)
	requireVisit(t, s, box)
	r, err := anna.Open(s.lock, postern.OperationOpen, nil)
	require.NoError(t, err)
	require.True(t, r.Opened(), r.Reason())

	requireCode(t, postern.CodeGuest, box.Forget(anna.KeyID()))
	_, err = box.Withdraw(anna.KeyID())
	require.NoError(t, err)
	require.NoError(t, box.Forget(anna.KeyID()))
	require.Zero(t, box.Guests().Len())
}

func TestLogIsNamedAndErased(t *testing.T) {
	s, box := owned(t)
	further, err := postern.NewTerms(postern.ActionOpen, s.w.Now()+86400)
	require.NoError(t, err)
	require.NoError(t, further.SetFurther(1))
	anna := granted(t, s, box, "Anna", further)
	son := s.newPhone(t, true)
	pass, err := anna.Delegate(son.RequestLink(), box.Lock(), terms(t, s))
	require.NoError(t, err)
	require.NoError(t, son.SetPass(pass))
	r, err := son.Open(s.lock, postern.OperationOpen, nil)
	require.NoError(t, err)
	require.True(t, r.Opened(), r.Reason())
	requireVisit(t, s, box)
	line := box.Lines().At(1)
	require.Equal(t, "unknown", line.Who())
	require.Equal(t, pass.Tag(), line.Tag())
	require.NoError(t, box.Name(line.Tag(), "Anna's son"))
	require.Equal(t, "Anna's son", box.Lines().At(1).Name())

	read, err := s.phone.ReadLog(s.lock, nil)
	require.NoError(t, err)
	require.Equal(t, postern.OutcomeDone, read.Outcome(), read.Detail())
	require.Len(t, read.LogPages().At(0), 768)

	before := box.Lines().Len()
	require.NoError(t, box.Erase(s.w.Now()+86400))
	require.Less(t, box.Lines().Len(), before)
}

// TestAlteredLogIsFound has a courier bring a page that somebody altered.
func TestAlteredLogIsFound(t *testing.T) {
	s, box := owned(t)
	courier := granted(t, s, box, "Anna", terms(t, s))
	r, err := courier.FetchLog(s.lock, nil)
	require.NoError(t, err)
	page := r.LogPages().At(0)
	page[100] ^= 1
	before := box.Lines().Len()
	require.Error(t, box.Brought(blobs(t, page)))
	require.Equal(t, before, box.Lines().Len())
	require.NoError(t, box.Brought(r.LogPages()))
}
