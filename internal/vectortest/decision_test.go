package vectortest

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/lock/locktest"
	"github.com/postern-lock/postern/spec/vectors"
)

// readDecisions holds whole locks against an area of decisions: every step is a
// transaction over the card layer, with the exchange run by the holder's key.
func readDecisions(name string) func(*testing.T) {
	return func(t *testing.T) {
		p := newPlant(t)
		area[vectors.DecisionParams, vectors.DecisionTest]{
			name: name, check: p.check, common: (*vectors.DecisionTest).Common, flips: 4, unread: unreadInDecisions,
		}.run(t)
	}
}

// plant makes locks.
type plant struct {
	world *worldtest.World // for its maker
	locks map[string]*locktest.Flash
	ecdsa *ecdsa.PrivateKey // of suite 2
}

func newPlant(t *testing.T) *plant {
	scalar := sha256.Sum256([]byte("vectors: the lock's key of suite 2"))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
	if err != nil {
		t.Fatal(err)
	}
	return &plant{world: worldtest.New(t), locks: map[string]*locktest.Flash{}, ecdsa: key}
}

// device is a lock with its surroundings.
type device struct {
	config  lock.Config
	flash   *locktest.Flash
	lock    *lock.Lock
	seconds int
	clock   *vectors.DecisionClock
	button  bool
	event   lock.Event // the last
	charge  int
	bolt    string
	power   string
	driven  *int
}

func (p *plant) check(params vectors.DecisionParams, test vectors.DecisionTest) error {
	d, err := p.device(params)
	if err != nil {
		return err
	}
	reason := ""
	for i, step := range test.Steps {
		if step.Reset != nil {
			reason, err = "", d.reset(p, step)
		} else {
			reason, err = d.step(test.Objects, step)
		}
		if err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
	}
	return verdict(test.Test, reason)
}

// device returns a lock as commissioning left it.
func (p *plant) device(params vectors.DecisionParams) (*device, error) {
	d := &device{charge: 100}
	if err := p.configure(d, params); err != nil {
		return nil, err
	}
	id, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	if flash, ok := p.locks[string(id)]; ok {
		d.flash = flash.Clone()
		d.config.Flash = d.flash
		return d, d.start()
	}
	if err := errors.Join(lock.Format(d.flash), d.start()); err != nil {
		return nil, err
	}
	if err := d.commission(p, params.Owner); err != nil {
		return nil, err
	}
	if err := d.compare(vectors.DecisionState{Floor: params.Floor, Sequence: 1}); err != nil {
		return nil, err
	}
	p.locks[string(id)] = d.flash.Clone()
	return d, d.start()
}

func (p *plant) configure(d *device, params vectors.DecisionParams) error {
	if len(params.ID) != len(credential.LockID{}) {
		return errors.New("lock id")
	}
	d.flash = locktest.NewFlash()
	d.config = lock.Config{
		ID: credential.LockID(params.ID), Area: params.Area, Setup: worldtest.Setup, Flash: d.flash, Actuator: d,
		ExtendedLength: params.Capabilities&wire.CapabilityExtendedLength != 0, Compartments: uint8(params.Compartments),
		Button: func() bool { return d.button }, Observe: func(e lock.Event) {
			if !e.Document {
				d.event = e
			}
		},
	}
	if params.Capabilities&wire.CapabilityLiveTime != 0 {
		d.config.Elapsed = func() time.Duration { return time.Duration(d.seconds) * time.Second }
	}
	if params.Capabilities&wire.CapabilityClock != 0 {
		d.config.Clock = func() (credential.Time, int16, bool) {
			if d.clock == nil {
				return 0, 0, false
			}
			return credential.Time(d.clock.Time), int16(d.clock.Offset), true
		}
	}
	keys := []crypto.Signer{worldtest.Key("lock")}
	if params.Capabilities&wire.CapabilitySuite2 != 0 {
		keys = append(keys, p.ecdsa)
	}
	for _, key := range keys {
		public, err := credential.NewPublicKey(key.Public())
		if err != nil {
			return err
		}
		certificate, err := p.world.Maker.Certify(credential.LockClaims{Key: public, IssuedAt: credential.Time(params.Floor), ID: d.config.ID})
		if err != nil {
			return err
		}
		d.config.Identities = append(d.config.Identities, lock.Identity{Key: key, Certificate: certificate})
	}
	roots, err := publicKeys(params.Roots)
	if err != nil {
		return err
	}
	d.config.Roots = roots
	v := credential.Verifier{Roots: roots}
	for _, a := range params.Authorities {
		u, err := credential.ParseAuthority(a)
		if err != nil {
			return err
		}
		if _, err := v.Authority(u); err != nil { // which a lock leaves to its manufacturer
			return err
		}
		d.config.Authorities = append(d.config.Authorities, a)
	}
	return nil
}

// nonceLabel is what the generator hashes for the lock's random source.
const nonceLabel = "decision/nonce"

// start gives the lock power.
func (d *device) start() error {
	first := sha256.Sum256([]byte(nonceLabel))
	d.config.Rand = io.MultiReader(bytes.NewReader(first[:]), worldtest.Rand("vectors"))
	l, err := lock.New(d.config)
	d.lock = l
	return err
}

// privateKeyOf returns a key in memory by its algorithm.
func privateKeyOf(k vectors.PrivateKey) (crypto.Signer, error) {
	switch k.Alg {
	case wire.AlgEd25519:
		return privateKey(wire.SuiteX25519Ed25519, k.Private)
	case wire.AlgEsp256:
		return privateKey(wire.SuiteP256Es256, k.Private)
	}
	return nil, errors.New("algorithm of a key")
}

// commission makes the key the owner's by the setup secret.
func (d *device) commission(p *plant, k vectors.PrivateKey) error {
	signer, err := privateKeyOf(k)
	if err != nil {
		return err
	}
	key, err := holder.NewKey(signer)
	if err != nil {
		return err
	}
	phone := &holder.Phone{
		Key: key, Roots: []credential.PublicKey{p.world.Scheme.PublicKey()}, Makers: [][]byte{p.world.Maker.Authority().Bytes()},
		Rand: worldtest.Rand("phone"), Extended: true,
	}
	_, _, err = phone.Commission(context.Background(), apdu.Direct(d.lock), worldtest.Setup)
	return err
}

// reset has somebody become the owner of a lock that has one.
func (d *device) reset(p *plant, step vectors.DecisionStep) error {
	if step.State == nil {
		return errors.New("no state")
	}
	if err := d.start(); err != nil {
		return err
	}
	before := d.sequence()
	d.button = true
	err := d.commission(p, *step.Reset)
	d.button = false
	if err != nil {
		return err
	}
	return errors.Join(d.compareEntries(before, step.Entries), d.compare(*step.State), d.start(), d.compare(*step.State))
}

// Charge is the energy of the request.
func (d *device) Charge() (int, time.Duration) { return d.charge, time.Second }

// Drive notes the door, and may find that the power goes.
func (d *device) Drive(_ credential.Operation, resource uint8) lock.Motion {
	door := int(resource)
	d.driven = &door
	if d.power == "lost-after" {
		d.flash.CutPower(0, untouched)
	}
	switch d.bolt {
	case "stuck":
		return lock.Stuck
	case "unseen":
		return lock.Unseen
	}
	return lock.Moved
}

// untouched is a page after the power went before it was written.
func untouched(before, _ []byte) []byte { return before }

func (d *device) sequence() uint32 {
	log := d.lock.Log()
	if len(log) == 0 {
		return 0
	}
	return log[len(log)-1].Sequence
}

// compare holds what the lock keeps against the state.
func (d *device) compare(want vectors.DecisionState) error {
	have := vectors.DecisionState{Version: d.lock.PolicyVersion(), Floor: uint32(d.lock.Floor()), Sequence: d.sequence()}
	if have != want {
		return fmt.Errorf("state is %+v, not %+v", have, want)
	}
	return nil
}

// compareEntries holds the entries written since against those expected.
func (d *device) compareEntries(since uint32, want []vectors.Hex) error {
	var have []vectors.Hex
	for _, e := range d.lock.Log() {
		if e.Sequence > since {
			have = append(have, loggedEntry(e))
		}
	}
	if len(have) != len(want) {
		return fmt.Errorf("%d entries written, not %d", len(have), len(want))
	}
	for i := range have {
		if !bytes.Equal(have[i], want[i]) {
			return fmt.Errorf("entry %x, not %x", have[i], want[i])
		}
	}
	return nil
}

// loggedEntry encodes a log entry by section 19.1.
func loggedEntry(e credential.LogEntry) []byte {
	b := dcbor.AppendArray(nil, 11)
	for _, v := range []uint64{
		uint64(e.Sequence), uint64(e.Time), uint64(e.Evidence), uint64(e.Operation), uint64(e.Outcome), uint64(e.Reason), uint64(e.Role), uint64(e.Service),
	} {
		b = dcbor.AppendUint(b, v)
	}
	b = dcbor.AppendBytes(b, e.Who[:])
	b = dcbor.AppendUint(b, uint64(e.Resource))
	if e.Reference == (credential.Reference{}) {
		return dcbor.AppendBytes(b, nil)
	}
	return dcbor.AppendBytes(b, e.Reference[:])
}
