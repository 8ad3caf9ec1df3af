package lock

import (
	"errors"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/wire"
)

// Lock is one lock under power.  It is an [apdu.Processor] and serves one
// transaction at a time; it is not for concurrent use.
type Lock struct {
	config      Config
	identities  map[int]identity
	suites      []int                   // that the lock speaks, preferred first
	authorities []*credential.Authority // from manufacture
	ring        *ring
	state       *state
	card        *apdu.Card
	meter       credential.Meter
	tx          transaction
	reading     bool            // the lock is the reader (binding R)
	made        credential.Time // latest iat of the certificates from manufacture
	tampered    bool            // the maker's sensor was heard
}

// Format prepares the flash of a new lock: it erases whatever it held.  It
// belongs to manufacture alone, since it makes the lock forget its owner, its time
// floor and its log; after a loss of power it may be called again.  The error is
// ErrFlash, or that of the flash.
func Format(f Flash) error {
	r, err := newRing(f, needed)
	if err == nil {
		err = r.format()
	}
	if err != nil {
		return fmt.Errorf("lock: format: %w", err)
	}
	return nil
}

// New starts a lock: it checks the configuration and reads its state from
// flash, which [Format] has prepared once.  It does so at every power-up.  Errors:
// ErrConfig, ErrFlash, ErrUnformatted, or that of the flash.
func New(config Config) (*Lock, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	identities, err := config.identities()
	if err != nil {
		return nil, err
	}
	config.Area = slices.Clone(config.Area)
	config.Roots = slices.Clone(config.Roots)
	l := &Lock{config: config, identities: identities, suites: []int{wire.SuiteX25519Ed25519}, state: new(state)}
	if _, ok := identities[wire.SuiteP256Es256]; ok {
		l.suites = append(l.suites, wire.SuiteP256Es256)
	}
	if err := l.start(); err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	for _, i := range identities {
		l.made = max(l.made, i.issuedAt)
	}
	if err := l.takeAuthorities(); err != nil {
		return nil, err
	}
	l.state.floor = max(l.state.floor, l.made)
	l.config.Rand = &hedged{source: config.Rand, state: l.state, id: config.ID}
	l.card = apdu.NewCard(handler{l}, apdu.CardConfig{Extended: config.ExtendedLength})
	return l, nil
}

// takeAuthorities reads the authorities from manufacture.  They are trusted as
// the roots are, so their signatures are not verified at every power-up.  Like
// the lock's own certificates they prove a time that has passed, so that a new
// lock does not trust what ended before it was made.
func (l *Lock) takeAuthorities() error {
	v := credential.Verifier{Roots: l.config.Roots, Known: func(credential.Fingerprint) bool { return true }}
	for _, certificate := range l.config.Authorities {
		u, err := credential.ParseAuthority(certificate)
		if err != nil {
			return fmt.Errorf("%w: Authorities: %w", ErrConfig, err)
		}
		a, err := v.Authority(u)
		if err != nil {
			return fmt.Errorf("%w: Authorities: %w", ErrConfig, err)
		}
		l.authorities = append(l.authorities, a)
		l.made = max(l.made, a.IssuedAt())
	}
	return nil
}

// Process carries out one command APDU and returns the response APDU.
func (l *Lock) Process(command []byte) []byte { return l.card.Process(command) }

// Reset forgets the transaction: the field was lost.
func (l *Lock) Reset() { l.card.Reset() }

// ID returns the lock's id.
func (l *Lock) ID() credential.LockID { return l.config.ID }

// Log returns the log's entries, oldest first, at most 64.
func (l *Lock) Log() []credential.LogEntry {
	var log []credential.LogEntry
	for _, e := range l.state.entries(1, l.state.sequence) {
		log = append(log, e.entry)
	}
	return log
}

// Vacant reports whether the lock has no owner yet.
func (l *Lock) Vacant() bool { return l.state.owner.vacant() }

// PolicyVersion returns the version of the owner's policy in force, 0 where there
// was none yet.
func (l *Lock) PolicyVersion() uint32 { return l.state.version }

// Tamper has the maker's own sensor say that somebody tampers with the lock.  It
// writes a log entry, once while the lock has power, and none behind another one
// of the kind, so that nobody drives the rest out of the log by it.
func (l *Lock) Tamper() error {
	if newest := l.state.newest(); l.tampered || l.state.owner.vacant() || newest != nil && newest.entry.Outcome == credential.LogTamper {
		return nil
	}
	moment := l.moment(l.state.floor)
	err := l.commitLogged(new(change), credential.LogEntry{
		Time: moment.time(l.state.floor), Evidence: moment.Evidence, Outcome: credential.LogTamper,
	})
	l.tampered = err == nil
	l.observe(Event{Outcome: credential.OutcomeFailed, Tamper: true, Err: err})
	return err
}

// Floor returns the lock's time floor.
func (l *Lock) Floor() credential.Time { return l.state.floor }

// Operations returns the public-key operations since New.
func (l *Lock) Operations() credential.Meter { return l.meter }

// capabilities returns the bit mask of the registry capabilities.
func (l *Lock) capabilities() uint64 {
	c := uint64(wire.CapabilityResumption | wire.CapabilityUses)
	if _, ok := l.identities[wire.SuiteP256Es256]; ok {
		c |= wire.CapabilitySuite2
	}
	for bit, has := range map[uint64]bool{
		wire.CapabilityExtendedLength: l.config.ExtendedLength,
		wire.CapabilityLiveTime:       l.config.Elapsed != nil,
		wire.CapabilityCompartments:   l.config.Compartments > 0,
		wire.CapabilityClock:          l.config.Clock != nil,
	} {
		if has {
			c |= bit
		}
	}
	return c
}

// start reads the state from flash.
func (l *Lock) start() error {
	r, err := newRing(l.config.Flash, needed)
	if err != nil {
		return err
	}
	found, err := r.load(l.state.set)
	if err != nil {
		return err
	}
	l.ring, l.state.anchor = r, found.anchor
	if own := &l.state.owner; !own.vacant() && own.reset != found.anchor.resets {
		*own = owner{} // of somebody before: the newest has faded
	}
	if found.lost > 0 {
		l.observe(Event{Outcome: credential.OutcomeFailed, Reason: credential.ReasonState, Err: errFaded})
	}
	return nil
}

var errFaded = errors.New("lock: pages of the flash have faded; what stood in them alone is lost")

// commit writes a change to flash and then to the state in RAM.
func (l *Lock) commit(c change) error {
	if c.empty() {
		return nil
	}
	if c.resets == 0 {
		c.resets = l.state.resets
	}
	if err := l.ring.commit(c.anchor, c.records, l.state.get); err != nil {
		return err
	}
	l.state.anchor = l.state.raised(l.ring.anchor)
	for _, r := range c.records {
		if r.cell.kind == cellPolicy && len(r.value) > 0 && c.policy != nil {
			l.state.policy = c.policy
		} else if err := l.state.set(r.cell, r.value); err != nil {
			return err
		}
	}
	return nil
}

// observe tells the maker's code.
func (l *Lock) observe(e Event) {
	if l.config.Observe != nil {
		l.config.Observe(e)
	}
}
