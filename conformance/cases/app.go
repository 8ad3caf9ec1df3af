package cases

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/lock/locktest"
)

// App is the app under test.  The suite is the lock, which is a Door.
type App struct {
	// Told is what the app told its user of the last tap, and Door is the lock as
	// that tap left it.
	Told shim.Told
	Door *Door

	t     *T
	doors int // that were tapped in this stage of the case, for their random numbers
}

// Door is the suite's lock for one tap: a locktest.Peer, which can be altered at
// every layer.  What it keeps of a slot goes on to the next tap.
type Door struct {
	*locktest.Peer
	// Live answers a request for a time token over the nonce; nil has no network.
	Live func(nonce []byte) ([]byte, error)
	// Lose reports whether the answer to the command is lost, the first of which
	// is number 1.
	Lose func(number int, command []byte) bool
	// Lax says that what the phone sends is not held against the standard: where
	// the fault makes it look wrong.
	Lax bool

	// Commands counts those that came, links of chains and GET RESPONSE included.
	Commands int
	// Nonces are those for which a time token was asked.
	Nonces [][]byte
	// At is when each whole command came.
	At []time.Time
}

// maxCommands bounds a tap: no phone that bounds its repeats comes near it.
const maxCommands = 400

// Install makes the app as if it was just installed with the key and grant of the
// neighbour, the owner's guest, altered.
func (a *App) Install(alter func(*shim.Install)) {
	i := shim.Install{
		Key: shim.Private{Private: world.Private(a.t.World.Key("neighbour"))}, Grant: a.t.Made(a.t.World.Guest(nil)),
		Roots: []shim.Hex{world.COSEKey(a.t.World.Scheme.PublicKey())}, Makers: []shim.Hex{a.t.World.Maker.Authority().Bytes()},
	}
	if alter != nil {
		alter(&i)
	}
	a.Door, a.doors = nil, 0
	ask[shim.Nothing](a.t, i)
}

// Own makes the app that of the lock's owner, altered.
func (a *App) Own(alter func(*shim.Install)) {
	a.Install(func(i *shim.Install) {
		i.Key.Private, i.Grant = world.Private(a.t.World.Key("owner")), nil
		if alter != nil {
			alter(i)
		}
	})
}

// Open is the usual tap: the operation open.
func (a *App) Open(set func(*Door)) Outcome {
	return a.Tap(shim.Tap{Operation: int(credential.OperationOpen)}, set)
}

// Tap holds the app to the door, which set alters, and returns what the app tells
// its user.  What the phone sends against the standard fails the case.
func (a *App) Tap(tap shim.Tap, set func(*Door)) Outcome {
	t := a.t
	t.inTime()
	d := a.door()
	if set != nil {
		set(d)
	}
	a.Door = d
	ctx, giveUp := context.WithCancelCause(t.ctx)
	defer giveUp(nil)
	tap.Ask = func(ctx context.Context, command []byte) ([]byte, error) {
		if d.Commands > 2*maxCommands { // it asks on, though the link is gone
			giveUp(errEndless)
		}
		return d.ask(ctx, t, command)
	}
	if d.Live != nil {
		tap.Live = func(_ context.Context, nonce []byte) ([]byte, error) {
			d.Nonces = append(d.Nonces, slices.Clone(nonce))
			return d.Live(nonce)
		}
	}
	reply, err := called[shim.Told](ctx, t, tap)
	if d.Commands > maxCommands {
		t.Failf("%v: more than %d commands", errEndless, maxCommands)
	}
	t.rig(err)
	a.Told = reply
	if d.Commands == 0 {
		t.Failf("the app reports %s and has sent the lock nothing", told(a.Told))
	}
	if d.repeats() {
		t.Failf("the phone sends the same HANDSHAKE-1 or RESUME twice in a tap, where each has a fresh key or nonce")
	}
	if a.Told.Believed && len(d.Requests()) == 0 {
		t.Failf("the app reports %s as the word of a lock that was asked nothing", told(a.Told))
	}
	if faults := d.Faults(); len(faults) > 0 && !d.Lax {
		t.Failf("the phone sends what is against the standard: %v", faults[0])
	}
	return told(a.Told)
}

// repeats reports whether two commands of the tap that hold something fresh are the
// same.
func (d *Door) repeats() bool {
	seen := map[string]bool{}
	for _, s := range d.Steps {
		if s.Command.INS != 0x10 && s.Command.INS != 0x16 {
			continue
		}
		if seen[string(s.Command.Data)] {
			return true
		}
		seen[string(s.Command.Data)] = true
	}
	return false
}

// door makes the lock for the next tap.
func (a *App) door() *Door {
	a.doors++
	f, err := a.t.World.Factory(3)
	a.t.OK(err)
	p := &locktest.Peer{
		ID: a.t.World.Lock, Rand: a.t.Rand(fmt.Sprintf("door %d", a.doors)), Alter: locktest.Alter{},
		State:        locktest.State{PolicyVersion: 1, Floor: a.t.World.Now},
		Capabilities: locktest.CapabilitySuite2 | locktest.CapabilityResumption | locktest.CapabilityLiveTime,
		Identities: map[int]locktest.Identity{
			0: {Key: a.t.World.Key("lock"), Certificate: f.Identities[0].Certificate},
			2: {Key: a.t.World.Key2("lock"), Certificate: f.Identities[1].Certificate},
		},
	}
	if a.Door != nil {
		p.Secret = a.Door.Secret
	}
	return &Door{Peer: p}
}

// errEndless says that an app does not give up.
var errEndless = errors.New("the tap does not come to an end")

// errGone says that the link is lost.
var errGone = errors.New("cases: the link is lost")

// ask is the door's end of the link.
func (d *Door) ask(ctx context.Context, t *T, command []byte) ([]byte, error) {
	d.Commands++
	if d.Commands > maxCommands || ctx.Err() != nil {
		return nil, errGone
	}
	d.At = append(d.At, time.Now())
	steps := len(d.Steps)
	response := d.Process(command)
	lost := response == nil || d.Lose != nil && d.Lose(d.Commands, command)
	if lost {
		response = nil
		d.Reset() // the field is lost with it
	}
	t.record(report.Exchange{Command: slices.Clone(command), Response: response, Silent: lost})
	if len(d.Steps) > steps && d.Steps[steps].Plain != nil {
		t.plain("request", d.Steps[steps].Plain)
		if len(response) > 2 {
			t.plain("response", d.Values()[locktest.Plaintext])
		}
	}
	if lost {
		return nil, errGone
	}
	return response, nil
}

// names are the commands by their instruction.
var names = map[byte]string{0xA4: "SELECT", 0x10: "HANDSHAKE-1", 0x12: "HANDSHAKE-2", 0x14: "REQUEST", 0x16: "RESUME"}

// Sent returns the names of the whole commands that came, in order.
func (d *Door) Sent() string {
	var all []string
	for _, s := range d.Steps {
		name, ok := names[s.Command.INS]
		if !ok {
			name = fmt.Sprintf("INS %02X", s.Command.INS)
		}
		all = append(all, name)
	}
	return strings.Join(all, " ")
}

// Sends fails the case unless just these commands came.
func (a *App) Sends(want ...string) {
	if got := a.Door.Sent(); !slices.Contains(want, got) {
		a.t.Failf("the phone sends %q, where %q is right", got, strings.Join(want, `" or "`))
	}
}

// Status puts a status word into the place of the answer to every command with
// the instruction.
func (d *Door) Status(ins byte, sw apdu.Status) {
	d.Answer = func(c apdu.Command, r *apdu.Response) {
		if c.INS == ins {
			r.Data, r.SW = nil, sw
		}
	}
}

// Says has the lock answer every request so.
func (d *Door) Says(r locktest.Response) {
	d.Respond = func(locktest.Request) locktest.Response { return r }
}

// itself begins the outcomes that are the phone's own word.
const itself = "by itself: "

// Reported is what a phone says without a lock's word that it believes: section
// 8.6.
func Reported(o credential.Outcome, r credential.Reason) Outcome { return itself + Said(o, r) }

// Fault is a phone's own word "refused" with the reason.
func Fault(r credential.Reason) Outcome { return Reported(credential.OutcomeRefused, r) }

// told returns what an app told, as an outcome.
func told(x shim.Told) Outcome {
	reason := known(x.Reason)
	o := Said(credential.Outcome(x.Outcome), reason)
	if !x.Believed {
		return itself + o
	}
	return o
}

// known returns a reason that an app gives.  No case asks for one over 255, and
// a greater one is not to pass for another.
func known(reason int) credential.Reason { return credential.Reason(min(reason, math.MaxUint8)) }
