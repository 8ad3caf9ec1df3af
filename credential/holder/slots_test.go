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
	require.Zero(t, first.Ahead)

	requireOpened(t, w, p, w.Link(), credential.OperationOpen)
	require.Equal(t, 31, store.slot.Taps)
	require.Zero(t, store.slot.Ahead)
	require.NotEqual(t, first.Secret, store.slot.Secret)
	noted := store.stores[len(store.stores)-2]
	require.Equal(t, holder.Slot{Secret: first.Secret, Ahead: 1, Taps: 32}, noted, "the step is noted before RESUME is sent")

	r, err := p.Status(t.Context(), w.Link())
	require.NoError(t, err)
	require.Equal(t, 2, r.Cost.Pairs)
	require.Equal(t, 31, store.slot.Taps, "a state costs no opening")
}

// TestSlotIsNotUsedWhereItCannotBeNoted has a store that fails: a phone that
// could not remember the step runs a full exchange.
func TestSlotIsNotUsedWhereItCannotBeNoted(t *testing.T) {
	w := worldtest.New(t)
	p, store := w.OwnerPhone(t), &only{}
	p.Slots = store
	requireOpened(t, w, p, w.Link(), credential.OperationOpen)
	store.fail = errors.New("full")
	r := requireOpened(t, w, p, w.Link(), credential.OperationOpen)
	require.Equal(t, 3, r.Cost.Pairs)
}

func TestSlotThatCannotBeUsed(t *testing.T) {
	for name, change := range map[string]func(*holder.Slot){
		"no taps left":   func(s *holder.Slot) { s.Taps = 0 },
		"too far apart":  func(s *holder.Slot) { s.Ahead = wire.LimitResumptionSteps },
		"negative steps": func(s *holder.Slot) { s.Ahead = -1 },
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
	s := holder.Slot{Secret: [32]byte{0xAB, 0xAB}, Ahead: 1, Taps: 2}
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%d", "%s"} {
		require.Equal(t, "holder.Slot", fmt.Sprintf(verb, s))
	}
}
