package lock

import (
	"crypto"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// Config is what a lock is made of: what its manufacturer gives it for life, and
// its parts.  ID, Identities, Roots, Setup, Flash, Actuator and Rand are
// mandatory.  Whose lock it is, the lock learns by its setup secret and keeps in
// Flash.
type Config struct {
	ID   credential.LockID
	Area []byte // area code: country, postal code, round; at most 16 bytes
	// Identities are the lock's keys with their certificates, one for each
	// cipher suite that the lock speaks; the one for suite 0 is mandatory.
	Identities []Identity
	// Roots are the keys of the schemes whose authorities the lock trusts, 1 to 4.
	Roots []credential.PublicKey
	// Setup is the setup secret, 16 random bytes that are printed inside the box.
	// Whoever proves it becomes the owner of a vacant lock.
	Setup [wire.LimitSetupBytes]byte
	// Authorities are authority certificates that the lock knows from
	// manufacture, so that no phone need bring them.  They are trusted as
	// Roots are: their signatures are not verified again.
	Authorities [][]byte
	// ExtendedLength says that the NFC front end carries extended APDUs.
	ExtendedLength bool

	// Compartments is how many doors the lock has besides the main one, in a
	// parcel locker for example: they have the numbers from 1 on.
	Compartments uint8

	Flash    Flash
	Actuator Actuator
	Rand     io.Reader // cryptographically strong
	// Elapsed returns the time since the lock has power, by its own oscillator.
	// Without it, a lock takes no live time.
	Elapsed func() time.Duration
	// Clock returns the time of a clock that the maker trusts, and how many
	// minutes the region's local time is ahead of UTC.  Only powered locks have
	// one; where it does not know, it returns false.
	Clock func() (now credential.Time, offset int16, ok bool)
	// Button reports whether the button inside the box is pressed, with which
	// whoever proves the setup secret becomes the owner of a lock that has one.
	// Without it, only the owner can give the lock away.
	Button func() bool
	// Observe, where it is not nil, is told of every decision.
	Observe func(Event)
}

// Identity is one of the lock's keys, Ed25519 for suite 0 or P-256 for suite 2,
// and the manufacturer's certificate for it.
type Identity struct {
	Key         crypto.Signer
	Certificate []byte
}

// Actuator is the part that moves the bolt.
type Actuator interface {
	// Charge returns how much of the energy for one drive has been gathered,
	// in percent, and where that is under 100 the time after which it is worth
	// to ask again, at most ten seconds.
	Charge() (percent int, wait time.Duration)
	// Drive moves the bolt and returns what its sensor saw.  The log entry is
	// in flash when it is called.
	//
	// The resource is the compartment, 0 for the main door.
	Drive(operation credential.Operation, resource uint8) Motion
}

// Motion is what became of driving the bolt.
type Motion uint8

// What a sensor can say.  The zero value is the one that claims least.
const (
	Unseen Motion = iota // there is no sensor, or it cannot tell
	Moved                // the bolt moved
	Stuck                // the bolt did not move
)

// Event tells the maker's code what the lock decided.  It holds no key and
// nothing about a person.
type Event struct {
	// Asked says that the phone was asked for its issuer's certificate, and
	// nothing is decided yet: Outcome is pending.  Reason and Err then tell what the phone is not
	// told: that the grant bears the key id of an issuer whom the lock knows
	// and who did not sign it.
	Asked bool
	// Operation is what was asked.  It means nothing, and is status, where the
	// tap ended before a request was read: Role is zero then.
	Operation credential.Operation
	Outcome   credential.Outcome
	Reason    credential.Reason // exact, also where the phone was told nothing
	Role      credential.Role   // zero where no right was verified
	Service   credential.Service
	Who       credential.Tag // tag of the grant, or key id of an owner's bare key; zero where nobody is known
	Resource  uint8          // compartment, 0 for the main door
	Reference credential.Reference
	// Document says that the event is about a document that was handed over:
	// Reason is none where the lock took it.
	Document bool
	// Tamper says that somebody tried what no honest phone does: a signature of
	// a made-up key, or a wrong setup secret.
	Tamper bool
	Err    error // detail of a refusal, for the maker's own log
}

// ErrConfig says that a Config cannot make a lock.
var ErrConfig = errors.New("lock: configuration")

// check refuses a Config that lacks what a lock needs.
func (c *Config) check() error {
	var missing string
	switch {
	case c.ID == credential.LockID{}:
		missing = "ID"
	case len(c.Area) > wire.LimitAreaBytes:
		return fmt.Errorf("%w: Area has %d bytes, at most %d are allowed", ErrConfig, len(c.Area), wire.LimitAreaBytes)
	case len(c.Roots) == 0:
		missing = "Roots"
	case len(c.Roots) > wire.LimitRoots:
		return fmt.Errorf("%w: Roots has %d keys, at most %d are allowed", ErrConfig, len(c.Roots), wire.LimitRoots)
	case slices.Contains(c.Roots, credential.PublicKey{}):
		missing = "a key in Roots"
	case c.Setup == [wire.LimitSetupBytes]byte{}:
		missing = "Setup"
	case c.Flash == nil:
		missing = "Flash"
	case c.Actuator == nil:
		missing = "Actuator"
	case c.Rand == nil:
		missing = "Rand"
	default:
		return nil
	}
	return fmt.Errorf("%w: %s is missing", ErrConfig, missing)
}

// identity is an Identity that was checked.
type identity struct {
	signer      suite.Signer
	certificate []byte
	issuedAt    credential.Time
}

// identities returns the identities by cipher suite.
func (c *Config) identities() (map[int]identity, error) {
	all := make(map[int]identity)
	for _, i := range c.Identities {
		if i.Key == nil {
			return nil, fmt.Errorf("%w: an identity has no key", ErrConfig)
		}
		signer, err := suite.NewSigner(i.Key)
		if err != nil {
			return nil, fmt.Errorf("%w: identity: %w", ErrConfig, err)
		}
		cert, err := credential.ParseLockCertificate(i.Certificate)
		if err != nil {
			return nil, fmt.Errorf("%w: identity: %w", ErrConfig, err)
		}
		if cert.Claims.Key != signer.PublicKey() || cert.Claims.ID != c.ID {
			return nil, fmt.Errorf("%w: the certificate of an identity is for another key or another lock", ErrConfig)
		}
		s := suiteOf(signer.PublicKey())
		if _, twice := all[s]; twice {
			return nil, fmt.Errorf("%w: two identities for cipher suite %d", ErrConfig, s)
		}
		all[s] = identity{signer, cert.Bytes(), cert.Claims.IssuedAt}
	}
	if _, ok := all[wire.SuiteX25519Ed25519]; !ok {
		return nil, fmt.Errorf("%w: the identity for cipher suite 0 is missing", ErrConfig)
	}
	return all, nil
}
