package lock_test

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/lock/locktest"
)

// tears returns the ways in which a page can be left.  A bit that is erased
// rises to one, a bit that is programmed falls to zero; a cut leaves some of them
// as they were, by their place or by chance.
func tears() []locktest.Torn {
	step, seeds := 8, uint64(4)
	if testing.Short() {
		step, seeds = 64, 1
	}
	all := []locktest.Torn{bytesDone(127), bytesDone(14), bytesDone(10)}
	for n := 0; n <= 128; n += step {
		all = append(all, bytesDone(n))
	}
	for of8 := range uint64(7) {
		for seed := range seeds {
			all = append(all, bitsDone(of8+1, seed))
		}
	}
	return all
}

// bytesDone changes the first n bytes.
func bytesDone(n int) locktest.Torn {
	return func(before, after []byte) []byte {
		copy(before, after[:n])
		return before
	}
}

// bitsDone changes so many of eight bits, always the same ones for a seed.
func bitsDone(of8, seed uint64) locktest.Torn {
	return func(before, after []byte) []byte {
		r := rand.New(rand.NewPCG(of8, seed))
		for i := range before {
			var mask byte
			for bit := range 8 {
				if r.Uint64N(8) < of8 {
					mask |= 1 << bit
				}
			}
			before[i] = before[i]&^mask | after[i]&mask
		}
		return before
	}
}

// darkness is a link to a lock that goes with the lock's power.
type darkness struct {
	next  apdu.Transceiver
	flash *locktest.Flash
}

var errDark = errors.New("field lost")

func (d darkness) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	response, err := d.next.Transceive(ctx, command)
	if d.flash.Read(0, make([]byte, 1)) != nil {
		return nil, errDark
	}
	return response, err
}

// scenario is a tap that writes to flash.
type scenario struct {
	name      string
	prepare   func(*worldtest.World)
	phone     func(*worldtest.World) *holder.Phone
	operation credential.Operation
	opens     bool
}

func scenarios(t *testing.T) []scenario {
	full := func(w *worldtest.World) {
		for range 120 {
			_, err := tap(t, w, w.OwnerPhone(t), credential.OperationOpen)
			require.NoError(t, err)
		}
	}
	return []scenario{
		{"owner", nil, func(w *worldtest.World) *holder.Phone { return w.OwnerPhone(t) }, credential.OperationOpen, true},
		{"neighbour", nil, func(w *worldtest.World) *holder.Phone { return w.NeighbourPhone(t) }, credential.OperationOpen, true},
		{"postman's first visit", nil, func(w *worldtest.World) *holder.Phone { return w.PostmanPhone(t) }, credential.OperationDeliver, true},
		{"postman who keeps a slot", nil, func(w *worldtest.World) *holder.Phone { return keeping(w.PostmanPhone(t)) }, credential.OperationDeliver, true},
		{"resumed", nil, func(w *worldtest.World) *holder.Phone {
			p := keeping(w.NeighbourPhone(t))
			_, err := tap(t, w, p, credential.OperationOpen)
			require.NoError(t, err)
			return p
		}, credential.OperationOpen, true},
		{"bolt that sticks", func(w *worldtest.World) { w.Bolt.Motion = lock.Stuck },
			func(w *worldtest.World) *holder.Phone { return w.OwnerPhone(t) }, credential.OperationOpen, false},
		{"refused, and the floor rises", nil, func(w *worldtest.World) *holder.Phone {
			return postman(t, w, func(c *credential.GrantClaims) { c.Scope[0].Target = credential.AreaTarget([]byte("DE")) })
		}, credential.OperationDeliver, false},
		{"long log", full, func(w *worldtest.World) *holder.Phone { return w.OwnerPhone(t) }, credential.OperationOpen, true},
		{"change of banks", func(w *worldtest.World) {
			p := w.OwnerPhone(t)
			for { // until the next commit needs a snapshot
				before := w.Flash.Clone()
				programmed := w.Flash.Programmed
				_, err := tap(t, w, p, credential.OperationOpen)
				require.NoError(t, err)
				if w.Flash.Programmed-programmed > 1000 {
					*w.Flash = *before
					w.Bolt.Driven--
					return
				}
			}
		}, func(w *worldtest.World) *holder.Phone { return w.OwnerPhone(t) }, credential.OperationOpen, true},
	}
}

// TestPowerCutAtEveryFlashOperation plays every scenario again and again and cuts
// the power at every flash operation in it, in every way.  After each cut the
// lock must start, hold the state before the tap's commit or after it, never have
// driven the bolt without its log entry, and open when the person taps again.
func TestPowerCutAtEveryFlashOperation(t *testing.T) {
	cuts := 0
	for _, s := range scenarios(t) {
		w := worldtest.New(t)
		w.Config.Observe = nil
		if s.prepare != nil {
			s.prepare(w)
		}
		p := s.phone(w)
		image, driven := w.Flash.Clone(), w.Bolt.Driven
		kept, keeps := p.Slots.(vault)
		for _, torn := range tears() {
			for operation := 0; ; operation++ {
				*w.Flash, w.Bolt.Driven = *image.Clone(), driven
				if keeps {
					p.Slots = maps.Clone(kept)
				}
				if !cutOnce(t, w, s, p, operation, torn) {
					require.Positive(t, operation, s.name)
					break
				}
				cuts++
			}
		}
	}
	t.Logf("%d power cuts, none broke the lock", cuts)
	if !testing.Short() {
		require.Greater(t, cuts, 2000)
	}
}

// vault is a store of slots that can be copied.
type vault map[holder.SlotID]holder.Slot

func (v vault) Load(id holder.SlotID) (holder.Slot, bool) { s, ok := v[id]; return s, ok }
func (v vault) Delete(id holder.SlotID) error             { delete(v, id); return nil }
func (v vault) Store(id holder.SlotID, s holder.Slot) error {
	v[id] = s
	return nil
}

// keeping gives a phone a vault.
func keeping(p *holder.Phone) *holder.Phone {
	p.Slots = vault{}
	return p
}

// cutOnce taps with one cut, and reports whether the tap came as far as the cut.
func cutOnce(t *testing.T, w *worldtest.World, s scenario, p *holder.Phone, operation int, torn locktest.Torn) bool {
	t.Helper()
	w.PowerUp(t)
	floor, sequence, driven := w.Lock.Floor(), newest(w), w.Bolt.Driven
	w.Flash.CutPower(operation, torn)
	_, err := p.Open(t.Context(), darkness{w.Link(), w.Flash}, s.operation)
	if !w.Flash.Restore() {
		return false
	}
	require.Error(t, err, "%s: the answer cannot have come", s.name)

	w.PowerUp(t)
	require.GreaterOrEqual(t, w.Lock.Floor(), floor, s.name)
	require.GreaterOrEqual(t, newest(w), sequence, s.name)
	require.LessOrEqual(t, newest(w), sequence+2, s.name)
	require.LessOrEqual(t, uint32(w.Bolt.Driven-driven), newest(w)-sequence, "%s: the bolt was driven without a log entry", s.name)
	for i, e := range w.Lock.Log() {
		require.Equal(t, w.Lock.Log()[0].Sequence+uint32(i), e.Sequence, s.name)
	}
	floor, sequence = w.Lock.Floor(), newest(w)
	r, err := p.Open(t.Context(), w.Link(), s.operation)
	require.NoError(t, err, "%s: operation %d", s.name, operation)
	require.Equal(t, s.opens, r.Outcome == credential.OutcomeOpened, s.name)
	require.GreaterOrEqual(t, w.Lock.Floor(), floor)
	require.GreaterOrEqual(t, newest(w), sequence)
	return true
}

// newest returns the sequence number of the newest log entry.
func newest(w *worldtest.World) uint32 {
	log := w.Lock.Log()
	if len(log) == 0 {
		return 0
	}
	return log[len(log)-1].Sequence
}
