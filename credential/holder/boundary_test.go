package holder_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// flow is one way for a tap to go, over fresh parts for every try.
type flow struct {
	name      string
	operation credential.Operation
	make      func(t *testing.T) (*worldtest.World, *holder.Phone)
}

var flows = []flow{
	{"first visit of the owner", credential.OperationOpen, func(t *testing.T) (*worldtest.World, *holder.Phone) {
		w := worldtest.New(t)
		return w, w.OwnerPhone(t)
	}},
	{"guest, lock known", credential.OperationOpen, func(t *testing.T) (*worldtest.World, *holder.Phone) {
		w := worldtest.New(t)
		p := w.NeighbourPhone(t)
		know(t, w, p)
		return w, p
	}},
	{"guest, certificate in two pieces", credential.OperationOpen, func(t *testing.T) (*worldtest.World, *holder.Phone) {
		w := worldtest.New(t)
		recertify(t, w, credential.LockClaims{Key: worldtest.Public(t, "lock"), Profile: 1 << 20, Level: 1 << 20})
		return w, w.NeighbourPhone(t)
	}},
	{"postman, certificate missing", credential.OperationDeliver, func(t *testing.T) (*worldtest.World, *holder.Phone) {
		w := worldtest.New(t)
		return w, w.PostmanPhone(t)
	}},
	{"postman, certificate missing, short commands alone", credential.OperationDeliver, func(t *testing.T) (*worldtest.World, *holder.Phone) {
		w := worldtest.New(t)
		w.Config.ExtendedLength = false
		w.PowerUp(t)
		return w, longPostman(t, w)
	}},
	{"owner, gathering energy", credential.OperationOpen, func(t *testing.T) (*worldtest.World, *holder.Phone) {
		w := worldtest.New(t)
		w.Bolt.Charges = []int{10, 60}
		p := w.OwnerPhone(t)
		know(t, w, p)
		return w, p
	}},
	{"owner, lock replaced", credential.OperationOpen, func(t *testing.T) (*worldtest.World, *holder.Phone) {
		w := worldtest.New(t)
		p := w.OwnerPhone(t)
		know(t, w, p)
		replace(t, w)
		return w, p
	}},
}

// know has the phone learn the lock's certificate, which costs the lock nothing.
func know(t *testing.T, w *worldtest.World, p *holder.Phone) {
	t.Helper()
	require.NoError(t, p.Locks.Remember(w.LockID, holder.KnownLock{
		Certificates: [][]byte{w.Config.Identities[0].Certificate}, Version: 1,
	}))
}

// replace puts another cylinder with the same lock id in the box.
func replace(t *testing.T, w *worldtest.World) {
	t.Helper()
	w.Config.Identities[0].Key = worldtest.Key("second lock")
	recertify(t, w, credential.LockClaims{Key: worldtest.Public(t, "second lock")})
}

// recertify gives the lock another certificate.
func recertify(t *testing.T, w *worldtest.World, c credential.LockClaims) {
	t.Helper()
	c.ID, c.IssuedAt = w.LockID, w.Now
	certificate, err := w.Maker.Certify(c)
	require.NoError(t, err)
	w.Config.Identities[0].Certificate = certificate
	w.PowerUp(t)
}

// longPostman returns a postman's phone whose grant has four entries, so that
// HANDSHAKE-2 does not fit one short command.
func longPostman(t *testing.T, w *worldtest.World) *holder.Phone {
	t.Helper()
	c := w.RoundClaims()
	for _, area := range []string{"FR75011043", "FR75011044", "FR75011045"} {
		c.Scope = append(c.Scope, credential.Entry{Target: credential.AreaTarget([]byte(area)), Actions: credential.ActionDeliver})
	}
	g, err := w.Post.Grant(c)
	require.NoError(t, err)
	return w.Phone(t, "postman", g)
}

// stage is where a tap is when a command is sent.
type stage int

const (
	harmless stage = iota // nothing has been asked of the lock
	asked                 // the last command of a request, or the fetching of its answer
	between               // a link of a chain behind an answer that says that nothing happened
)

// stages tells for every command of a tap that went well where it stands.
func stages(t *testing.T, pairs []apdu.Pair) []stage {
	t.Helper()
	var all []stage
	handed, first := false, false
	for _, p := range pairs {
		c, err := apdu.ParseCommand(p.Command)
		require.NoError(t, err)
		switch c.INS {
		case wire.InsSelect, wire.InsHandshake1:
			handed, first = false, false
		case wire.InsHandshake2, wire.InsRequest:
			handed = c.CLA&0x10 == 0
			first = first || handed
		}
		switch {
		case handed:
			all = append(all, asked)
		case first:
			all = append(all, between)
		default:
			all = append(all, harmless)
		}
	}
	return all
}

// cut is a way to lose a command.
type cut struct {
	name      string
	delivered bool // the lock receives the command, the phone no answer
	field     bool // the lock loses its power
	cancelled bool // the context ends
	lasting   bool // nothing else goes through
}

var cuts = []cut{
	{"not delivered", false, false, false, false},
	{"not delivered, field lost", false, true, false, false},
	{"not delivered, phone taken away", false, true, false, true},
	{"no answer", true, false, false, false},
	{"no answer, field lost", true, true, false, false},
	{"no answer, phone taken away", true, true, false, true},
	{"given up before", false, false, true, false},
	{"given up after", true, false, true, false},
}

// cutter loses the command with the number at.
func (c cut) cutter(w *worldtest.World, at int, cancel func()) *tampered {
	l := &tampered{next: w.Link()}
	lose := func(n int) error {
		if c.cancelled && n == at {
			cancel()
		}
		if n < at || n > at && !c.lasting {
			return nil
		}
		if c.field {
			w.Lock.Reset()
		}
		if c.cancelled {
			return context.Canceled
		}
		return errField
	}
	if !c.delivered {
		l.command = func(n int, command []byte) ([]byte, error) { return command, lose(n) }
		return l
	}
	l.response = func(n int, _, response []byte) ([]byte, error) { return response, lose(n) }
	if c.lasting {
		l.command = func(n int, command []byte) ([]byte, error) {
			if n > at {
				return nil, errField
			}
			return command, nil
		}
	}
	return l
}

// TestLinkLostAtEveryCommand loses every command of every flow in every way.
func TestLinkLostAtEveryCommand(t *testing.T) {
	var seen []apdu.Pair
	for _, f := range flows {
		w, p := f.make(t)
		p.Wait = noWait
		tr := apdu.NewTracer(w.Link())
		requireOpened(t, w, p, tr, f.operation)
		seen = append(seen, tr.Pairs()...)
		all := stages(t, tr.Pairs())
		for n, c := range cuts {
			if testing.Short() && n%3 != 0 {
				continue
			}
			for i, at := range all {
				t.Run(fmt.Sprintf("%s/%s/%d", f.name, c.name, i+1), func(t *testing.T) {
					requireSafeLoss(t, f, c, i+1, at)
				})
			}
		}
	}
	for _, command := range []string{"00A4", "8010", "8012", "8014", "9012", "00C0"} {
		require.True(t, slices.ContainsFunc(seen, func(p apdu.Pair) bool {
			return bytes.HasPrefix(p.Command, unhex(t, command))
		}), "no flow has the command %s", command)
	}
}

// requireSafeLoss loses one command and requires what must come of it, then and
// at the next tap.
func requireSafeLoss(t *testing.T, f flow, c cut, number int, at stage) {
	w, p := f.make(t)
	p.Wait = noWait
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	link := c.cutter(w, number, cancel)
	r, err := p.Open(ctx, link, f.operation)

	require.LessOrEqual(t, w.Bolt.Driven, 1, "never two starts by one call")
	require.LessOrEqual(t, starts(w), 1)
	switch {
	case at == asked:
		requireFault(t, r, err, credential.OutcomeUnconfirmed, credential.ReasonLink, holder.AdviceLook)
		require.Equal(t, number, link.n, "nothing is sent after it")
	case at == harmless && !c.lasting && !c.cancelled:
		require.NoError(t, err, "the second try within the call")
		require.Equal(t, credential.OutcomeOpened, r.Outcome)
		require.Equal(t, 1, w.Bolt.Driven)
	default:
		requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonLink, holder.AdviceTapAgain)
		requireUntouched(t, w)
		if at == between || c.cancelled {
			require.Equal(t, number, link.n, "nothing is sent after it")
		}
	}
	if err != nil && c.cancelled {
		require.ErrorIs(t, err, context.Canceled)
	} else if err != nil {
		require.ErrorIs(t, err, errField)
	}
	if r.Outcome == credential.OutcomeUnconfirmed && !c.delivered {
		requireUntouched(t, w)
	}

	w.Lock.Reset()
	w.Bolt.Charges = nil
	requireOpened(t, w, p, w.Link(), f.operation)
}

// TestContextDoneBeforeTheTap sends nothing.
func TestContextDoneBeforeTheTap(t *testing.T) {
	w := worldtest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	tr := apdu.NewTracer(w.Link())
	r, err := w.OwnerPhone(t).Open(ctx, tr, credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonLink, holder.AdviceTapAgain)
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, tr.Cost())
}

// TestContextDoneAfterTheTap leaves the lock's answer as it is.
func TestContextDoneAfterTheTap(t *testing.T) {
	w := worldtest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	link := &tampered{next: w.Link(), response: func(n int, _, response []byte) ([]byte, error) {
		if n == 3 {
			cancel()
		}
		return response, nil
	}}
	r, err := w.OwnerPhone(t).Open(ctx, link, credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
}

// TestLostStatusIsNoOpening: a request for the state moves nothing, so there is
// nothing to look for.
func TestLostStatusIsNoOpening(t *testing.T) {
	w := worldtest.New(t)
	link := cut{delivered: true, field: true}.cutter(w, 3, nil)
	r, err := w.OwnerPhone(t).Status(t.Context(), link)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonLink, holder.AdviceTapAgain)
	require.Equal(t, 3, link.n)
}

// TestLostOperationOfAnotherVersion may have moved the bolt, for all that this
// version knows.
func TestLostOperationOfAnotherVersion(t *testing.T) {
	w := worldtest.New(t)
	link := cut{delivered: true}.cutter(w, 3, nil)
	r, err := w.OwnerPhone(t).Open(t.Context(), link, 9)
	requireFault(t, r, err, credential.OutcomeUnconfirmed, credential.ReasonLink, holder.AdviceLook)
}

// TestLinkLostTwice ends after the second try.
func TestLinkLostTwice(t *testing.T) {
	w := worldtest.New(t)
	link := &tampered{next: w.Link(), command: func(n int, command []byte) ([]byte, error) {
		if n == 2 || n == 4 {
			return nil, errField
		}
		return command, nil
	}}
	r, err := w.OwnerPhone(t).Open(t.Context(), link, credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonLink, holder.AdviceTapAgain)
	require.Equal(t, 4, link.n)
	requireUntouched(t, w)
}

// TestLinkLostAndLockReplaced has room for both second tries, in either order.
func TestLinkLostAndLockReplaced(t *testing.T) {
	for lost := 1; lost <= 4; lost++ {
		t.Run(fmt.Sprint(lost), func(t *testing.T) {
			w := worldtest.New(t)
			p := w.OwnerPhone(t)
			know(t, w, p)
			replace(t, w)
			requireOpened(t, w, p, cut{}.cutter(w, lost, nil), credential.OperationOpen)
		})
	}
}
