package target

import (
	"cmp"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/lock/locktest"
)

// Features are what a reference lock has beside the core, resumption and counted
// uses, which it has always.
type Features struct {
	Extended     bool // extended length fields
	LiveTime     bool
	Clock        bool
	Compartments bool
	Suite2       bool
	Button       bool // inside the box
}

// AllFeatures are those of the richest lock.
func AllFeatures() Features { return Features{true, true, true, true, true, true} }

// Lock is the reference lock as a device, with every hook of level 2.
type Lock struct {
	features Features
	random   random

	config *lock.Config // nil until it is provisioned
	flash  *locktest.Flash
	lock   *lock.Lock // nil without power

	elapsed time.Duration // since the power came
	clock   shim.Clock
	pressed bool
	drive   shim.Drive
	moves   map[int]int
	reason  credential.Reason

	operations uint64 // of the memory, since provision
	cut        cut
}

// NewLock returns a reference lock with the features, whose random source is r.
func NewLock(f Features, r io.Reader) *Lock {
	return &Lock{features: f, random: random{good: r}}
}

// Hello returns what the lock says of itself.
func (l *Lock) Hello() shim.Hello {
	absent := func(v shim.Verb) bool {
		return v == shim.VerbClock && !l.features.Clock || v == shim.VerbAdvance && !l.features.LiveTime ||
			v == shim.VerbButton && !l.features.Button
	}
	return shim.Hello{
		Protocol: shim.Protocol, Role: shim.RoleLock, Product: "Postern reference lock", Version: "1",
		Verbs: slices.DeleteFunc(shim.Verbs(shim.RoleLock), absent),
	}
}

// Close lets go of the lock.
func (l *Lock) Close() error { return nil }

// Do carries out a request.
func (l *Lock) Do(ctx context.Context, r shim.Request) (any, error) {
	switch r := r.(type) {
	case shim.Provision:
		return &shim.Nothing{}, l.provision(r)
	case shim.Power:
		return &shim.Nothing{}, l.power(r.On)
	case shim.Transceive:
		return l.transceive(r.APDU), nil
	case shim.Meet:
		return &shim.Nothing{}, l.meet(ctx, r.Ask)
	case shim.Deselect:
		if l.lock != nil {
			l.lock.Reset()
		}
		return &shim.Nothing{}, nil
	case shim.Bolt:
		return l.driven(), nil
	case shim.Operations:
		return &shim.Counted{Flash: l.operations, Cut: l.cut.fired}, nil
	case shim.State:
		return l.state()
	case shim.Refusal:
		return &shim.Refused{Reason: int(l.reason)}, nil
	case shim.Tamper:
		if l.lock == nil {
			return nil, errNoPower
		}
		return &shim.Nothing{}, l.lock.Tamper()
	}
	return &shim.Nothing{}, l.set(r)
}

// errNoPower says that the suite asked for what needs power.
var errNoPower = errors.New("target: the lock has no power")

// set carries out a request that sets something.
func (l *Lock) set(r shim.Request) error {
	switch r := r.(type) {
	case shim.Drive:
		l.drive = r
	case shim.Button:
		l.pressed = r.Pressed
	case shim.Clock:
		l.clock = r
	case shim.Advance:
		l.elapsed += time.Duration(r.Milliseconds) * time.Millisecond
	case shim.Random:
		l.random.source = r.Source
	case shim.Cut:
		l.setCut(r)
	default:
		return fmt.Errorf("%w: %s", shim.ErrUnsupported, r.Verb())
	}
	return nil
}

// provision makes the lock anew.
func (l *Lock) provision(p shim.Provision) error {
	l.lock, l.flash = nil, locktest.NewFlash()
	if err := lock.Format(l.flash); err != nil {
		return err
	}
	l.operations, l.cut, l.moves, l.reason = 0, cut{}, map[int]int{}, 0
	l.clock, l.pressed, l.drive = shim.Clock{}, false, shim.Drive{Motion: shim.Moves, Percent: 100}
	l.random.source = shim.Good
	l.flash.Fail = l.operation
	c, err := l.made(p)
	l.config = c
	return err
}

// made returns the configuration of a new lock.
func (l *Lock) made(p shim.Provision) (*lock.Config, error) {
	c := &lock.Config{
		Area: p.Area, ExtendedLength: l.features.Extended, Flash: l.flash, Actuator: bolt{l}, Rand: &l.random,
		Observe: l.observe,
	}
	if copy(c.ID[:], p.Lock) != len(p.Lock) || copy(c.Setup[:], p.Setup) != len(p.Setup) {
		return nil, errors.New("target: lock id or setup secret of another length")
	}
	for _, b := range p.Roots {
		k, err := world.ParseCOSEKey(b)
		if err != nil {
			return nil, err
		}
		c.Roots = append(c.Roots, k)
	}
	for _, i := range p.Identities {
		if i.Suite == 2 && !l.features.Suite2 {
			continue
		}
		k, err := private(shim.Private{Suite: i.Suite, Private: i.Private})
		if err != nil {
			return nil, err
		}
		c.Identities = append(c.Identities, lock.Identity{Key: k, Certificate: i.Certificate})
	}
	for _, a := range p.Authorities {
		c.Authorities = append(c.Authorities, a)
	}
	if l.features.Compartments {
		c.Compartments = uint8(max(1, p.Compartments))
	}
	if l.features.LiveTime {
		c.Elapsed = func() time.Duration { return l.elapsed }
	}
	if l.features.Clock {
		c.Clock = l.now
	}
	if l.features.Button {
		c.Button = func() bool { return l.pressed }
	}
	return c, nil
}

// private returns a private key.
func private(p shim.Private) (crypto.Signer, error) {
	if p.Suite == 2 {
		return ecdsa.ParseRawPrivateKey(elliptic.P256(), p.Private)
	}
	if len(p.Private) != ed25519.SeedSize {
		return nil, fmt.Errorf("target: a seed of %d bytes", len(p.Private))
	}
	return ed25519.NewKeyFromSeed(p.Private), nil
}

// power switches the field.
func (l *Lock) power(on bool) error {
	if !on {
		l.lock, l.cut.dark = nil, false
		return nil
	}
	if l.lock != nil || l.cut.dark {
		return nil
	}
	if l.config == nil {
		return errors.New("target: the lock was not provisioned")
	}
	if l.cut.gone {
		l.flash.Restore()
		l.cut.gone = false
	}
	l.elapsed, l.reason = 0, 0
	var err error
	l.lock, err = lock.New(*l.config)
	return err
}

// transceive has the lock carry out a command.
func (l *Lock) transceive(command []byte) *shim.Answer {
	if l.lock == nil {
		return &shim.Answer{Silent: true}
	}
	response := l.lock.Process(command)
	if l.cut.dark {
		l.lock = nil
		return &shim.Answer{Silent: true}
	}
	return &shim.Answer{APDU: slices.Clone(response)}
}

// meet has the lock talk to a phone.
func (l *Lock) meet(ctx context.Context, ask shim.Ask) error {
	if l.lock == nil {
		return errNoPower
	}
	err := l.lock.Meet(ctx, transceiver(ask))
	if l.cut.dark {
		l.lock = nil
		return nil
	}
	if _, ok := errors.AsType[*lock.Error](err); ok {
		return nil // what the phone did, not the rig
	}
	return err
}

type transceiver shim.Ask

func (t transceiver) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	return t(ctx, command)
}

var _ apdu.Transceiver = transceiver(nil)

// driven lists the doors that were driven.
func (l *Lock) driven() *shim.Driven {
	d := &shim.Driven{Moves: []shim.Move{}}
	for resource, count := range l.moves {
		d.Moves = append(d.Moves, shim.Move{Resource: resource, Count: count})
	}
	slices.SortFunc(d.Moves, func(a, b shim.Move) int { return cmp.Compare(a.Resource, b.Resource) })
	return d
}

// state tells what stands in the memory.
func (l *Lock) state() (any, error) {
	if l.lock == nil {
		return nil, errNoPower
	}
	k := &shim.Kept{Vacant: l.lock.Vacant(), Floor: uint64(l.lock.Floor()), Policy: uint64(l.lock.PolicyVersion())}
	if log := l.lock.Log(); len(log) > 0 {
		k.Sequence = uint64(log[len(log)-1].Sequence)
	}
	return k, nil
}

// observe remembers the last refusal.
func (l *Lock) observe(e lock.Event) {
	if e.Outcome == credential.OutcomeRefused && !e.Document && !e.Asked {
		l.reason = e.Reason
	}
}

// now is the lock's clock.
func (l *Lock) now() (credential.Time, int16, bool) {
	if l.clock.Unix == nil {
		return 0, 0, false
	}
	return credential.Time(*l.clock.Unix), int16(*l.clock.Offset), true
}
