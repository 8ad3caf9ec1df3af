package home_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/credential/holder/home"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/issuer/issuertest"
)

// TestBoxIsSold: the former owner's phone never meets the lock again, a guest
// brings the policy.
func TestBoxIsSold(t *testing.T) {
	s := newStreet(t)
	b, on := s.moveIn(t, "owner")
	pass, err := b.Grant(s.now, "Anna", public("anna"), s.month())
	require.NoError(t, err)
	_, err = b.Admit(s.now, credential.Admission{Service: credential.ServicePost, Actions: credential.ActionDeliver})
	require.NoError(t, err)
	transfer, err := b.Transfer(s.now, public("buyer"))
	require.NoError(t, err)
	require.Equal(t, [][]byte{transfer}, b.Pending())
	require.Empty(t, claims(t, transfer).Services, "settings of a former owner bind nobody")
	_, err = b.Block(s.now, 0)
	require.ErrorIs(t, err, home.ErrGivenAway)
	_, err = b.Grant(s.now, "Ben", public("ben"), s.month())
	require.ErrorIs(t, err, home.ErrGivenAway)
	heir, arrived, ok := b.Heir()
	require.Equal(t, []any{public("buyer"), false, true}, []any{heir, arrived, ok})

	n, keepsNew := s.newBox(t, "buyer")
	first, err := n.Accept(s.now, transfer)
	require.NoError(t, err)
	require.Equal(t, [][]byte{transfer, first.Policy}, n.Pending())
	_, _, err = n.Agree(t.Context(), s.Phone(t, "buyer", nil), s.Link(), s.now)
	require.ErrorIs(t, err, credential.ReasonStatusWord, "the lock is the former owner's still")
	guest, err := n.Grant(s.now, "Cem", public("cem"), s.month())
	require.NoError(t, err, "while the policies are under way")

	carrier := s.phoneWith(t, "anna", pass)
	carrier.Documents = n.Pending()
	r, err := carrier.Status(t.Context(), s.Link())
	require.NoError(t, err)
	require.Len(t, r.Documents, 2)
	require.Equal(t, credential.ReasonNone, r.Documents[0].Reason)
	require.Equal(t, credential.ReasonNone, r.Documents[1].Reason)
	s.requireOpens(t, s.phoneWith(t, "cem", guest))
	r, err = s.phoneWith(t, "anna", pass).Status(t.Context(), s.Link())
	require.Error(t, err, "a former owner's guest is nobody's: %v", r.Outcome)

	_, r, err = n.Agree(t.Context(), s.Phone(t, "buyer", nil), s.Link(), s.now)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	s.visit(t, n, "buyer")
	require.Empty(t, n.Pending())
	lines := n.Lines()
	require.Equal(t, credential.LogTransferred, lines[0].Entry.Outcome)
	require.Equal(t, home.WhoYou, lines[0].Who)
	require.Equal(t, "Cem", lines[1].Name)
	again, err := home.Load(key(t, "buyer"), keepsNew.saved, keepsNew.keep)
	require.NoError(t, err)
	require.Empty(t, again.Pending())

	former, err := home.Load(key(t, "owner"), on.saved, on.keep)
	require.NoError(t, err)
	require.Equal(t, [][]byte{transfer}, former.Pending(), "nobody told the former owner")
}

// TestTransferIsTakenBack while it is under way, and not once it has arrived.
func TestTransferIsTakenBack(t *testing.T) {
	s := newStreet(t)
	b, _ := s.moveIn(t, "owner")
	_, err := b.TakeBack(s.now)
	require.ErrorIs(t, err, home.ErrGivenAway)
	transfer, err := b.Transfer(s.now, public("buyer"))
	require.NoError(t, err)
	change, err := b.TakeBack(s.now)
	require.NoError(t, err)
	require.Greater(t, claims(t, change.Policy).Version, claims(t, transfer).Version)
	s.visit(t, b, "owner")
	p := b.Phone(s.OwnerPhone(t))
	p.Documents = [][]byte{transfer}
	r, err := p.Status(t.Context(), s.Link())
	require.NoError(t, err)
	require.Equal(t, credential.ReasonSuperseded, r.Documents[0].Reason)

	_, err = b.Transfer(s.now, public("buyer"))
	require.NoError(t, err)
	r, err = b.Visit(t.Context(), s.OwnerPhone(t), s.Link(), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.ReasonDenied, r.Reason, "who brings it is the owner no more")
	_, arrived, ok := b.Heir()
	require.True(t, ok && arrived)
	require.Empty(t, b.Pending())
	_, err = b.TakeBack(s.now)
	require.ErrorIs(t, err, home.ErrGivenAway)
	_, _, err = b.Agree(t.Context(), s.OwnerPhone(t), s.Link(), s.now)
	require.ErrorIs(t, err, home.ErrGivenAway)
}

func TestTransferOfSomebodyElseIsRefused(t *testing.T) {
	s := newStreet(t)
	b, _ := s.moveIn(t, "owner")
	toBuyer, err := b.Transfer(s.now, public("buyer"))
	require.NoError(t, err)
	thief, on := s.newBox(t, "thief")
	accept := func(transfer []byte) error { _, err := thief.Accept(s.now, transfer); return err }
	require.ErrorIs(t, accept(toBuyer), home.ErrPolicy)
	require.ErrorIs(t, accept(toBuyer[1:]), home.ErrPolicy)
	require.ErrorIs(t, accept(s.Policy(t, func(c *credential.PolicyClaims) {})), home.ErrPolicy)
	require.ErrorIs(t, accept(s.Policy(t, func(c *credential.PolicyClaims) { c.Lock[0]++ })), home.ErrLock)
	require.Zero(t, on.kept)
	_, _, err = thief.MoveIn(t.Context(), s.Phone(t, "thief", nil), s.Link(), worldtest.Setup, s.now)
	require.ErrorIs(t, err, credential.ReasonStatusWord)
	require.Zero(t, thief.Version())
}

// TestPhoneIsLost: a new one takes over by the setup secret and the button, with
// the guests of the backup.
func TestPhoneIsLost(t *testing.T) {
	s := newStreet(t)
	b, on := s.moveIn(t, "owner")
	old, err := b.Grant(s.now, "Anna", public("anna"), s.month())
	require.NoError(t, err)
	_, err = b.AddCoOwner(s.now, "Dana", public("partner"))
	require.NoError(t, err)
	s.visit(t, b, "owner")

	after := new(shelf)
	n, err := home.Succeed(key(t, "new phone"), on.saved, after.keep)
	require.NoError(t, err)
	phone := s.Phone(t, "new phone", nil)
	_, r, err := n.MoveIn(t.Context(), phone, s.Link(), worldtest.Setup, s.now)
	require.ErrorIs(t, err, credential.ReasonStatusWord)
	require.Equal(t, holder.AdviceSecret, r.Advice)
	s.Button = true
	change, r, err := n.MoveIn(t.Context(), phone, s.Link(), worldtest.Setup, s.now)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	s.Button = false
	require.Equal(t, uint32(3), n.Version(), "above what the lock held")
	require.Empty(t, n.Pending())
	require.Equal(t, []credential.PublicKey{public("partner")}, n.Settings().CoOwners)

	require.Len(t, change.Renewed, 1)
	s.requireOpens(t, s.phoneWith(t, "anna", change.Renewed[0].Pass))
	s.visit(t, n, "new phone")
	_, err = s.phoneWith(t, "anna", old).Open(t.Context(), s.Link(), credential.OperationOpen)
	require.Error(t, err, "the lost phone's grants are over")
	_, err = b.Visit(t.Context(), s.OwnerPhone(t), s.Link(), credential.OperationOpen)
	require.Error(t, err, "and so is the lost phone")
	lines := n.Lines()
	require.Equal(t, "Anna", lines[len(lines)-2].Name)
}

// TestOwnerWithAP256Key, as a Secure Enclave or a Keystore has them.
func TestOwnerWithAP256Key(t *testing.T) {
	s := newStreet(t)
	b, _ := s.moveIn(t, "owner")
	k, err := holder.NewKey(issuertest.Seed("").P256("enclave"))
	require.NoError(t, err)
	transfer, err := b.Transfer(s.now, k.PublicKey())
	require.NoError(t, err)
	on := new(shelf)
	n, err := home.New(k, s.LockID, on.keep)
	require.NoError(t, err)
	require.False(t, n.Yours())
	_, err = n.Accept(s.now, transfer)
	require.NoError(t, err)
	require.True(t, n.Yours())
	pass, err := n.Grant(s.now, "Anna", issuertest.Public(issuertest.Seed("").P256("anna")), s.month())
	require.NoError(t, err)
	link, err := pass.Link()
	require.NoError(t, err)
	back, err := credential.ParsePassLink(link)
	require.NoError(t, err)
	require.Equal(t, pass, back)
	links, err := back.Links()
	require.NoError(t, err)
	_, err = new(credential.Verifier).OwnerGrant(links[0], k.PublicKey())
	require.NoError(t, err)
	again, err := home.Load(k, on.saved, on.keep)
	require.NoError(t, err)
	require.Equal(t, n.Pending(), again.Pending())
}

// TestStolenOwnersKeyIsARace that a transfer ends: no version that the former key gives
// comes after it, also where the thief came first with a greater one.
func TestStolenOwnersKeyIsARace(t *testing.T) {
	s, b, on, _ := settled(t)
	brings := func(policies ...[]byte) (holder.Result, error) {
		p := s.OwnerPhone(t)
		p.Documents = policies
		return p.Status(t.Context(), s.Link())
	}
	thiefs := func(version uint32) []byte {
		policy, err := s.Owner.Policy(credential.PolicyClaims{Lock: s.LockID, Version: version, IssuedAt: s.Now})
		require.NoError(t, err)
		return policy
	}
	held := b.Held() + 65536
	r, err := brings(thiefs(held))
	require.NoError(t, err)
	require.Equal(t, credential.ReasonNone, r.Documents[0].Reason)
	_, err = b.Visit(t.Context(), s.OwnerPhone(t), s.Link(), credential.OperationStatus)
	require.ErrorIs(t, err, home.ErrBehind)
	_, err = b.Heal(s.now)
	require.NoError(t, err)
	transfer, err := b.Transfer(s.now, public("new phone"))
	require.NoError(t, err)
	require.Less(t, claims(t, transfer).Version, held+65536)
	n, err := home.Succeed(key(t, "new phone"), on.saved, new(shelf).keep)
	require.NoError(t, err)
	first, err := n.Accept(s.now, transfer)
	require.NoError(t, err)
	require.Len(t, first.Renewed, 2)
	_, err = b.Visit(t.Context(), s.OwnerPhone(t), s.Link(), credential.OperationStatus)
	require.NoError(t, err)

	_, err = brings(thiefs(held + 65536))
	require.ErrorIs(t, err, credential.ReasonStatusWord, "the key is nobody's")
	_, _, err = n.Agree(t.Context(), s.Phone(t, "new phone", nil), s.Link(), s.now)
	require.NoError(t, err)
	anna := s.phoneWith(t, "anna", first.Renewed[0].Pass)
	anna.Documents = append(anna.Documents, thiefs(held+65536))
	r = s.requireOpens(t, anna)
	require.Equal(t, credential.ReasonIssuerUnknown, r.Documents[len(r.Documents)-1].Reason)
}
