package holder_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// only is a store of one slot, which may fail.
type only struct {
	id     holder.SlotID
	slot   holder.Slot
	has    bool
	fail   error
	stores []holder.Slot
}

func (o *only) Load(id holder.SlotID) (holder.Slot, bool) { return o.slot, o.has && o.id == id }

func (o *only) Store(id holder.SlotID, s holder.Slot) error {
	if o.fail != nil {
		return o.fail
	}
	o.id, o.slot, o.has = id, s, true
	o.stores = append(o.stores, s)
	return nil
}

func (o *only) Delete(holder.SlotID) error {
	o.has = false
	return nil
}

func TestSlotFollowsTheTaps(t *testing.T) {
	w := worldtest.New(t)
	p, store := w.OwnerPhone(t), &only{}
	p.Slots = store
	requireOpened(t, w, p, w.Link(), credential.OperationOpen)
	require.Equal(t, w.LockID, store.id.Lock)
	first := store.slot
	require.Equal(t, 32, first.Taps)
	require.Equal(t, credential.KeyIDOf(w.Scheme.PublicKey()), first.Scheme)

	requireOpened(t, w, p, w.Link(), credential.OperationOpen)
	require.Equal(t, 31, store.slot.Taps)
	require.NotEqual(t, first.Secret, store.slot.Secret)

	r, err := p.Status(t.Context(), w.Link())
	require.NoError(t, err)
	require.Equal(t, 2, r.Cost.Pairs)
	require.Equal(t, 31, store.slot.Taps, "a state costs no opening")
}

// TestStoreThatFails costs the next tap a full exchange and nothing else.
func TestStoreThatFails(t *testing.T) {
	w := worldtest.New(t)
	p, store := w.OwnerPhone(t), &only{}
	p.Slots = store
	requireOpened(t, w, p, w.Link(), credential.OperationOpen)
	store.fail = errors.New("full")
	r := requireOpened(t, w, p, w.Link(), credential.OperationOpen)
	require.Equal(t, 2, r.Cost.Pairs)
	store.fail = nil
	r = requireOpened(t, w, p, w.Link(), credential.OperationOpen)
	require.Equal(t, 5, r.Cost.Pairs)
	r = requireOpened(t, w, p, w.Link(), credential.OperationOpen)
	require.Equal(t, 2, r.Cost.Pairs)
}

// TestMakerThatIsNotTrustedAnyMore ends the slots of its locks.
func TestMakerThatIsNotTrustedAnyMore(t *testing.T) {
	w := worldtest.New(t)
	for name, forget := range map[string]func(*holder.Phone){
		"maker": func(p *holder.Phone) { p.Makers = [][]byte{w.Post.Authority().Bytes()} },
		"root":  func(p *holder.Phone) { p.Roots = []credential.PublicKey{worldtest.Public(t, "other scheme")} },
	} {
		p := w.OwnerPhone(t)
		p.Slots = holder.NewSlots()
		requireOpened(t, w, p, w.Link(), credential.OperationOpen)
		driven := w.Bolt.Driven
		forget(p)
		tr := apdu.NewTracer(w.Link())
		_, err := p.Open(t.Context(), tr, credential.OperationOpen)
		require.ErrorIs(t, err, credential.ReasonIssuerUnknown, name)
		require.Zero(t, sent(tr, wire.InsResume), name)
		require.Equal(t, driven, w.Bolt.Driven, name)
	}
}

// TestSwallowedAnswersOpenTwiceAtMost has somebody on the link put status words in
// the place of the lock's answers: RESUME and one full exchange are all that one
// call sends, and the phone does not say that nothing happened.
func TestSwallowedAnswersOpenTwiceAtMost(t *testing.T) {
	w := worldtest.New(t)
	p := w.OwnerPhone(t)
	p.Slots = holder.NewSlots()
	requireOpened(t, w, p, w.Link(), credential.OperationOpen)
	for range 4 {
		driven := w.Bolt.Driven
		link := &tampered{next: w.Link(), response: func(_ int, command, response []byte) ([]byte, error) {
			if ins := instruction(command); ins == wire.InsResume || ins == wire.InsHandshake2 {
				return []byte{0x69, 0x82}, nil
			}
			return response, nil
		}}
		r, err := p.Open(t.Context(), link, credential.OperationOpen)
		require.Error(t, err)
		require.Equal(t, credential.OutcomeUnconfirmed, r.Outcome)
		require.Equal(t, holder.AdviceLook, r.Advice)
		require.LessOrEqual(t, w.Bolt.Driven-driven, 2)
	}
}

// TestNoOtherTryAfterResume loses the link after a status word answered RESUME.
func TestNoOtherTryAfterResume(t *testing.T) {
	w := worldtest.New(t)
	p := w.OwnerPhone(t)
	p.Slots = holder.NewSlots()
	requireOpened(t, w, p, w.Link(), credential.OperationOpen)
	resumed, n := false, 0
	link := &tampered{next: w.Link(), response: func(_ int, command, response []byte) ([]byte, error) {
		if instruction(command) == wire.InsResume {
			resumed = true
			n++
			return []byte{0x69, 0x82}, nil
		}
		if resumed {
			return nil, errField
		}
		return response, nil
	}}
	r, err := p.Open(t.Context(), link, credential.OperationOpen)
	require.Error(t, err)
	require.Equal(t, credential.OutcomeUnconfirmed, r.Outcome)
	require.Equal(t, 1, n)
	require.Equal(t, 2, w.Bolt.Driven)
}

// TestReplacedLockThatHadASlot has a phone know the certificate of a lock and a
// slot of it, and meet the lock that took its place: it asks by value, and is
// not turned away for ever.
func TestReplacedLockThatHadASlot(t *testing.T) {
	w := worldtest.New(t)
	p, store := w.OwnerPhone(t), &only{}
	p.Slots = store
	requireOpened(t, w, p, w.Link(), credential.OperationOpen)
	replace(t, w)
	store.slot.Secret[0]++ // as good as a lock that has no slot
	tr := apdu.NewTracer(w.Link())
	requireOpened(t, w, p, tr, credential.OperationOpen)
	require.Equal(t, 1, sent(tr, wire.InsResume))
	require.Equal(t, []byte{byKid, byValue}, forms(tr))
	require.Equal(t, 3, sent(tr, wire.InsSelect))
}

// TestReplacedLockThatProvesNothing: what was asked by RESUME may have been done,
// and the phone says so also when the try by value fails.
func TestReplacedLockThatProvesNothing(t *testing.T) {
	w := worldtest.New(t)
	f, p := resumable(t, w)
	f.status = map[byte]apdu.Status{wire.InsResume: apdu.StatusRefused}
	f.idCred = func(bool) []byte { return unhex(t, "A1 04 48 FFFFFFFFFFFFFFFF") }
	link := f.link()
	r, err := p.Open(t.Context(), link, credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeUnconfirmed, credential.ReasonLockIdentity, holder.AdviceLook)
	require.Equal(t, 1, sent(link, wire.InsResume))
	require.Equal(t, 2, sent(link, wire.InsHandshake1))
}

// TestResumeIsSentOnce loses the link in the middle of a RESUME that takes
// several commands: nothing was carried out, and the person taps again.
func TestResumeIsSentOnce(t *testing.T) {
	w := worldtest.New(t)
	f, p := resumable(t, w)
	p.Extended = false
	p.Documents = [][]byte{policy(t, w, w.LockID, 1), policy(t, w, w.LockID, 2)}
	lost := false
	link := apdu.NewTracer(&tampered{next: f.link(), command: func(_ int, command []byte) ([]byte, error) {
		if command[0] == 0x90 && instruction(command) == wire.InsResume && !lost {
			lost = true
			return nil, errField
		}
		return command, nil
	}})
	r, err := p.Open(t.Context(), link, credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonLink, holder.AdviceTapAgain)
	require.Equal(t, 1, sent(link, wire.InsResume))
	require.Empty(t, f.requests)
}

func TestSlotThatCannotBeUsed(t *testing.T) {
	for name, change := range map[string]func(*holder.Slot){
		"no taps left":   func(s *holder.Slot) { s.Taps = 0 },
		"another maker":  func(s *holder.Slot) { s.Maker[0]++ },
		"another scheme": func(s *holder.Slot) { s.Scheme[0]++ },
	} {
		w := worldtest.New(t)
		p, store := w.OwnerPhone(t), &only{}
		p.Slots = store
		requireOpened(t, w, p, w.Link(), credential.OperationOpen)
		change(&store.slot)
		tr := apdu.NewTracer(w.Link())
		requireOpened(t, w, p, tr, credential.OperationOpen)
		require.Zero(t, sent(tr, wire.InsResume), name)
	}
}

// TestSlotOfAnotherSecret has the phone hold a secret that the lock does not:
// one status word, then the full exchange, in the same call.
func TestSlotOfAnotherSecret(t *testing.T) {
	w := worldtest.New(t)
	p, store := w.OwnerPhone(t), &only{}
	p.Slots = store
	requireOpened(t, w, p, w.Link(), credential.OperationOpen)
	store.slot.Secret[0]++
	tr := apdu.NewTracer(w.Link())
	requireOpened(t, w, p, tr, credential.OperationOpen)
	require.Equal(t, 1, sent(tr, wire.InsResume))
	require.Equal(t, 5, tr.Cost().Pairs)
	require.Equal(t, 2, w.Bolt.Driven)
	require.Equal(t, 32, store.slot.Taps, "the full exchange replaced it")
}

// TestGrantsHaveSlotsOfTheirOwn gives one phone two grants for the lock.
func TestGrantsHaveSlotsOfTheirOwn(t *testing.T) {
	w := worldtest.New(t)
	p := w.NeighbourPhone(t)
	p.Slots = holder.NewSlots()
	requireOpened(t, w, p, w.Link(), credential.OperationOpen)
	other := w.GuestClaims()
	other.Expires++
	g, err := w.Owner.Grant(other)
	require.NoError(t, err)
	q := *p
	q.Grant = g
	r := requireOpened(t, w, &q, w.Link(), credential.OperationOpen)
	require.Equal(t, 3, r.Cost.Pairs)
	for _, phone := range []*holder.Phone{p, &q} {
		r := requireOpened(t, w, phone, w.Link(), credential.OperationOpen)
		require.Equal(t, 2, r.Cost.Pairs)
	}
}

func TestSlotIsNotPrinted(t *testing.T) {
	s := holder.Slot{Secret: [32]byte{0xAB, 0xAB}, Taps: 2}
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%d", "%s"} {
		require.Equal(t, "holder.Slot", fmt.Sprintf(verb, s))
	}
}
