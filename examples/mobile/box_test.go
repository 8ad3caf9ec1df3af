package postern_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	postern "github.com/postern-lock/postern/examples/mobile"
	"github.com/postern-lock/postern/examples/mobile/simulated"
)

// owned returns a scene whose phone has moved in.
func owned(t testing.TB) (*scene, *postern.Box) {
	t.Helper()
	s := newScene(t, true)
	box, err := postern.NewBox(s.phone, s.w.LockID())
	require.NoError(t, err)
	r, err := box.MoveIn(s.lock, s.w.Setup(), nil)
	require.NoError(t, err)
	require.Equal(t, postern.OutcomeDone, r.Outcome(), r.Detail())
	require.Empty(t, r.Found())
	require.NotEmpty(t, r.Change().Policy())
	return s, box
}

func terms(t testing.TB, s *scene) *postern.Terms {
	t.Helper()
	terms, err := postern.NewTerms(postern.ActionOpen, s.w.Now()+86400)
	require.NoError(t, err)
	return terms
}

// TestOwnersYear plays what an owner does: moves in, grants, blocks, withdraws, and
// reads with names what happened.
func TestOwnersYear(t *testing.T) {
	s, box := owned(t)
	anna := s.newPhone(t, true)
	pass, err := box.Grant("Anna", anna.RequestLink(), terms(t, s))
	require.NoError(t, err)
	link, err := pass.Link()
	require.NoError(t, err)
	pass, err = postern.ParsePass(link)
	require.NoError(t, err)
	require.NoError(t, anna.SetPass(pass))
	r, err := anna.Open(s.lock, postern.OperationOpen, nil)
	require.NoError(t, err)
	require.True(t, r.Opened(), r.Reason())

	change, err := box.Block(true, false)
	require.NoError(t, err)
	require.NotEmpty(t, change.Policy())
	require.True(t, box.BlocksGuests())
	require.False(t, box.BlocksServices())
	_, err = box.Notice(postern.NoticeAway, postern.InstructionHoldParcels, 0, s.w.Now()+86400, true, true)
	require.NoError(t, err)
	require.Equal(t, 1, box.Pending().Len())
	r, err = box.Visit(s.lock, postern.OperationOpen, nil)
	require.NoError(t, err)
	require.True(t, r.Opened(), r.Detail())
	require.Equal(t, box.Version(), box.Held())
	require.Zero(t, box.Pending().Len())

	r, err = anna.Open(s.lock, postern.OperationOpen, nil)
	require.NoError(t, err)
	require.Equal(t, "blocked", r.Reason())
	require.Equal(t, postern.NoticeAway, r.Notice().Kind())
	require.Equal(t, postern.InstructionHoldParcels, r.Notice().Instruction())

	require.Equal(t, 1, box.Guests().Len())
	guest := box.Guests().At(0)
	require.Equal(t, "Anna", guest.Name())
	require.Equal(t, anna.KeyID(), guest.ID())
	_, err = box.Withdraw(guest.ID())
	require.NoError(t, err)
	require.True(t, box.Guests().At(0).Withdrawn())
	_, err = box.Pass(guest.ID())
	requireCode(t, postern.CodeGuest, err)

	var texts []string
	for i := range box.Lines().Len() {
		line := box.Lines().At(i)
		texts = append(texts, line.Who()+" "+line.Name()+" "+line.Operation())
	}
	require.Equal(t, []string{"you  configure", "guest Anna open", "you  open"}, texts)
	require.Zero(t, box.Missing())

	again, err := postern.LoadBox(s.phone, s.w.LockID())
	require.NoError(t, err)
	require.Equal(t, box.Version(), again.Version())
	require.Equal(t, 3, again.Lines().Len())
	require.Equal(t, "Anna", again.Guests().At(0).Name())
}

func TestOwnerAdmitsThePost(t *testing.T) {
	s, box := owned(t)
	postman := s.newPhone(t, false)
	grant, err := s.w.Postman(postman.RequestLink())
	require.NoError(t, err)
	s.pass(t, postman, grant, s.w.Post())
	r, err := postman.Open(s.lock, postern.OperationDeliver, nil)
	require.NoError(t, err)
	require.Equal(t, "not-admitted", r.Reason())
	change, err := box.Admit(postern.ServicePost, postern.ActionDeliver)
	require.NoError(t, err)
	require.Equal(t, postern.ActionDeliver, box.Admits(postern.ServicePost))
	require.NoError(t, postman.SetDocuments(blobs(t, change.Policy()), nil))
	r, err = postman.Open(s.lock, postern.OperationDeliver, nil)
	require.NoError(t, err)
	require.True(t, r.Opened(), "the postman brings the policy: %s", r.Reason())

	courier, err := postman.FetchLog(s.lock, nil)
	require.NoError(t, err)
	require.NoError(t, box.Brought(courier.LogPages()))
	require.Equal(t, 2, box.Lines().Len())
	require.Equal(t, "staff", box.Lines().At(1).Who())
	require.Equal(t, postern.ServicePost, box.Lines().At(1).Service())
}

func TestLockChangesHands(t *testing.T) {
	s, box := owned(t)
	heir := s.newPhone(t, false)
	policy, err := box.Transfer(heir.RequestLink())
	require.NoError(t, err)
	require.Equal(t, heir.PublicKey(), box.GivenTo())
	_, err = box.Block(true, true)
	requireCode(t, postern.CodeGivenAway, err)

	theirs, err := postern.NewBox(heir, s.w.LockID())
	require.NoError(t, err)
	_, err = theirs.Block(true, true)
	requireCode(t, postern.CodeNotYours, err)
	_, err = theirs.Accept(policy)
	require.NoError(t, err)
	r, err := box.Visit(s.lock, postern.OperationStatus, nil)
	require.NoError(t, err)
	require.NotEqual(t, postern.CodeInternal, r.Code(), r.Detail())
	r, err = theirs.Agree(s.lock, nil)
	require.NoError(t, err)
	require.Equal(t, postern.OutcomeDone, r.Outcome(), r.Detail())
	r, err = theirs.Visit(s.lock, postern.OperationOpen, nil)
	require.NoError(t, err)
	require.True(t, r.Opened(), r.Detail())
	require.True(t, theirs.Yours())
}

func TestMoveInWithTheWrongSecret(t *testing.T) {
	s := newScene(t, true)
	box, err := postern.NewBox(s.phone, s.w.LockID())
	require.NoError(t, err)
	r, err := box.MoveIn(s.lock, make([]byte, 16), nil)
	require.NoError(t, err)
	require.Equal(t, postern.OutcomeRefused, r.Outcome())
	require.Equal(t, postern.AdviceSecret, r.Advice())
	_, err = box.MoveIn(s.lock, []byte("short"), nil)
	requireCode(t, postern.CodeArgument, err)
}

func TestBoxThatCannotBeKept(t *testing.T) {
	s := newScene(t, true)
	box, err := postern.NewBox(s.phone, s.w.LockID())
	require.NoError(t, err)
	s.memory.closed = true
	_, err = box.MoveIn(s.lock, s.w.Setup(), nil)
	requireCode(t, postern.CodePlatform, err)
	s.memory.closed = false
	r, err := box.MoveIn(s.lock, s.w.Setup(), nil)
	require.NoError(t, err, "the lock was not asked")
	require.Equal(t, postern.OutcomeDone, r.Outcome())
	version := box.Version()
	s.memory.closed = true
	_, err = box.Block(true, true)
	requireCode(t, postern.CodePlatform, err)
	require.Equal(t, version, box.Version())
	require.False(t, box.BlocksGuests())
}

// TestMoveInWhoseKeyIsLost has a vault that closes in mid-tap: the lock is taken, the
// Result says that it was not kept, and Agree heals it.
func TestMoveInWhoseKeyIsLost(t *testing.T) {
	s := newScene(t, true)
	box, err := postern.NewBox(s.phone, s.w.LockID())
	require.NoError(t, err)
	tag := tagFunc(func(command []byte) ([]byte, error) {
		s.vault.setClosed(true)
		return s.lock.Transceive(command)
	})
	r, err := box.MoveIn(tag, s.w.Setup(), nil)
	require.NoError(t, err)
	require.Equal(t, postern.OutcomeDone, r.Outcome(), r.Detail())
	require.Equal(t, postern.CodePlatform, r.Found())
	s.vault.setClosed(false)
	r, err = box.Agree(s.lock, nil)
	require.NoError(t, err)
	require.Equal(t, postern.OutcomeDone, r.Outcome(), r.Detail())
	require.Empty(t, r.Found())
	r, err = box.Visit(s.lock, postern.OperationOpen, nil)
	require.NoError(t, err)
	require.True(t, r.Opened())
	require.NotZero(t, box.Lines().Len())
}

func TestBoxSurvivesALostField(t *testing.T) {
	for _, after := range []bool{false, true} {
		s := newScene(t, true)
		box, err := postern.NewBox(s.phone, s.w.LockID())
		require.NoError(t, err)
		s.lock.LoseAt(3, after)
		r, err := box.MoveIn(s.lock, s.w.Setup(), nil)
		require.NoError(t, err)
		require.Equal(t, postern.AdviceFindOut, r.Advice(), r.Detail())
		r, err = box.Agree(s.lock, nil)
		require.NoError(t, err)
		require.Equal(t, after, r.Outcome() == postern.OutcomeDone, r.Detail())
		if !after {
			r, err = box.MoveIn(s.lock, s.w.Setup(), nil)
			require.NoError(t, err)
			require.Equal(t, postern.OutcomeDone, r.Outcome())
		}
	}
}

func TestNoBoxIsKept(t *testing.T) {
	s := newScene(t, true)
	_, err := postern.LoadBox(s.phone, s.w.LockID())
	requireCode(t, postern.CodeState, err)
	_, err = postern.NewBox(nil, s.w.LockID())
	requireCode(t, postern.CodeArgument, err)
	key, err := simulated.NewKey(false)
	require.NoError(t, err)
	phone, err := postern.NewPhone(&postern.Platform{Key: key}, s.trust)
	require.NoError(t, err)
	_, err = postern.NewBox(phone, s.w.LockID())
	requireCode(t, postern.CodeArgument, err)
}
