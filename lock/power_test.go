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
	name  string
	phone func(*worldtest.World) *holder.Phone // after whatever comes before the tap
	ask   holder.Ask
	// act is the tap, where it is not asking, and finish what the person does
	// after the cut, where it is not the same again.
	act, finish func(*holder.Phone, apdu.Transceiver) (holder.Result, error)
	want        credential.Outcome // of the finish
}

func (s scenario) play(t *testing.T, p *holder.Phone, link apdu.Transceiver) (holder.Result, error) {
	if s.act != nil {
		return s.act(p, link)
	}
	return p.Do(t.Context(), link, s.ask)
}

func (s scenario) repeat(t *testing.T, p *holder.Phone, link apdu.Transceiver) (holder.Result, error) {
	if s.finish != nil {
		return s.finish(p, link)
	}
	return s.play(t, p, link)
}

// scenarios returns the taps that are cut.
func scenarios(t *testing.T) []scenario {
	return append(openings(t), settings(t)...)
}

// openings are taps that drive the bolt, or try to.
func openings(t *testing.T) []scenario {
	open, deliver := holder.Ask{Operation: credential.OperationOpen}, holder.Ask{Operation: credential.OperationDeliver}
	owner := func(w *worldtest.World) *holder.Phone { return w.OwnerPhone(t) }
	return []scenario{
		{name: "owner", phone: owner, ask: open, want: credential.OutcomeOpened},
		{name: "neighbour", phone: func(w *worldtest.World) *holder.Phone { return w.NeighbourPhone(t) }, ask: open, want: credential.OutcomeOpened},
		{name: "postman's first visit", phone: func(w *worldtest.World) *holder.Phone { return w.PostmanPhone(t) }, ask: deliver, want: credential.OutcomeOpened},
		{name: "postman who keeps a slot", phone: func(w *worldtest.World) *holder.Phone { return keeping(w.PostmanPhone(t)) }, ask: deliver, want: credential.OutcomeOpened},
		{name: "resumed", phone: func(w *worldtest.World) *holder.Phone {
			p := keeping(w.NeighbourPhone(t))
			_, err := tap(t, w, p, credential.OperationOpen)
			require.NoError(t, err)
			return p
		}, ask: open, want: credential.OutcomeOpened},
		{name: "counted", phone: func(w *worldtest.World) *holder.Phone {
			return guest(t, w, func(c *credential.GrantClaims) { c.Scope[0].Uses = credential.Uses{Count: 2, Starts: 3} })
		}, ask: open, want: credential.OutcomeOpened},
		{name: "bolt that sticks", phone: func(w *worldtest.World) *holder.Phone {
			w.Bolt.Motion = lock.Stuck
			return w.OwnerPhone(t)
		}, ask: open, want: credential.OutcomeFailed},
		{name: "refused, and the floor rises", phone: func(w *worldtest.World) *holder.Phone {
			return postman(t, w, func(c *credential.GrantClaims) { c.Scope[0].Target = credential.AreaTarget([]byte("DE")) })
		}, ask: deliver, want: credential.OutcomeRefused},
		{name: "full memory", phone: func(w *worldtest.World) *holder.Phone {
			fill(t, w)
			return w.OwnerPhone(t)
		}, ask: open, want: credential.OutcomeOpened},
	}
}

// settings are taps that change whose lock it is and what the owner wants.
func settings(t *testing.T) []scenario {
	carrying := func(p *holder.Phone, documents ...[]byte) *holder.Phone {
		p.Documents = documents
		return p
	}
	commission := func(p *holder.Phone, link apdu.Transceiver) (holder.Result, error) {
		_, r, err := p.Commission(t.Context(), link, worldtest.Setup)
		return r, err
	}
	rekey := func(p *holder.Phone, link apdu.Transceiver) (holder.Result, error) {
		_, r, err := p.Rekey(t.Context(), link)
		return r, err
	}
	return []scenario{
		{name: "reset by the button", phone: func(w *worldtest.World) *holder.Phone {
			fill(t, w)
			w.Button = true
			return w.Phone(t, "new owner", nil)
		}, act: commission, finish: func(p *holder.Phone, link apdu.Transceiver) (holder.Result, error) {
			if r, err := rekey(p, link); err == nil && r.Outcome == credential.OutcomeDone {
				return r, nil
			}
			return commission(p, link)
		}, want: credential.OutcomeDone},
		{name: "log key agreed anew", phone: func(w *worldtest.World) *holder.Phone { return w.OwnerPhone(t) }, act: rekey, want: credential.OutcomeDone},
		{name: "policy by the neighbour", phone: func(w *worldtest.World) *holder.Phone {
			return carrying(w.NeighbourPhone(t), w.Policy(t, func(c *credential.PolicyClaims) { c.Version = 2 }))
		}, ask: holder.Ask{Operation: credential.OperationOpen}, want: credential.OutcomeOpened},
		{name: "transfer", phone: func(w *worldtest.World) *holder.Phone {
			fill(t, w)
			c := w.PolicyClaims()
			c.Version = 2
			b, err := w.Owner.Transfer(c, worldtest.Public(t, "new owner"))
			require.NoError(t, err)
			return carrying(w.PostmanPhone(t), b)
		}, ask: holder.Ask{Operation: credential.OperationDeliver}, want: credential.OutcomeOpened},
		{name: "revocation list and time", phone: func(w *worldtest.World) *holder.Phone {
			return carrying(w.NeighbourPhone(t), w.RevocationList(t, 1), w.StatedTime(t, w.Now))
		}, ask: holder.Ask{Operation: credential.OperationOpen}, want: credential.OutcomeOpened},
	}
}

// fill makes the lock's memory as full as openings can make it.
func fill(t *testing.T, w *worldtest.World) {
	t.Helper()
	for i := range 80 {
		p := w.OwnerPhone(t)
		if i < 40 {
			p = keeping(guest(t, w, func(c *credential.GrantClaims) {
				c.Expires += credential.Time(i)
				c.Scope[0].Uses = credential.Uses{Count: 2, Starts: 3}
			}))
		}
		_, err := tap(t, w, p, credential.OperationOpen)
		require.NoError(t, err)
	}
}

// TestPowerCutAtEveryFlashOperation plays every scenario again and again and cuts
// the power at every flash operation in it, in every way.  After each cut the
// lock must start, hold the state before the tap's commit or after it, never have
// driven the bolt without its log entry, and do what is asked when the person taps
// again.
func TestPowerCutAtEveryFlashOperation(t *testing.T) {
	cuts := 0
	for _, s := range scenarios(t) {
		w := worldtest.New(t)
		w.Config.Observe = nil
		p := s.phone(w)
		image, driven := w.Flash.Clone(), w.Bolt.Driven
		kept, keeps := p.Slots.(vault)
		before := cuts
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
		t.Logf("%s: %d power cuts", s.name, cuts-before)
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
	before, driven := witnessed(w), w.Bolt.Driven
	w.Flash.CutPower(operation, torn)
	_, err := s.play(t, p, darkness{w.Link(), w.Flash})
	if !w.Flash.Restore() {
		return false
	}
	require.Error(t, err, "%s: the answer cannot have come", s.name)

	w.PowerUp(t)
	between := witnessed(w)
	between.requireAfter(t, before, s.name)
	require.LessOrEqual(t, between.sequence, before.sequence+2, s.name)
	require.LessOrEqual(t, uint32(w.Bolt.Driven-driven), between.sequence-before.sequence, "%s: the bolt was driven without a log entry", s.name)
	for i, e := range w.Lock.Log() {
		require.Equal(t, w.Lock.Log()[0].Sequence+uint32(i), e.Sequence, s.name)
	}
	r, err := s.repeat(t, p, w.Link())
	require.NoError(t, err, "%s: operation %d", s.name, operation)
	require.Equal(t, s.want, r.Outcome, "%s: operation %d: %v", s.name, operation, r.Reason)
	witnessed(w).requireAfter(t, between, s.name)
	return true
}

// risen is what never falls.
type risen struct {
	floor             credential.Time
	sequence, version uint32
}

func witnessed(w *worldtest.World) risen {
	return risen{w.Lock.Floor(), newest(w), w.Lock.PolicyVersion()}
}

func (r risen) requireAfter(t *testing.T, before risen, name string) {
	t.Helper()
	require.GreaterOrEqual(t, r.floor, before.floor, name)
	require.GreaterOrEqual(t, r.sequence, before.sequence, name)
	require.GreaterOrEqual(t, r.version, before.version, name)
}

// newest returns the sequence number of the newest log entry.
func newest(w *worldtest.World) uint32 {
	log := w.Lock.Log()
	if len(log) == 0 {
		return 0
	}
	return log[len(log)-1].Sequence
}
