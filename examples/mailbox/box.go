package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/lock/locktest"
)

// Where the box hangs: country and postal code, then the round of the postman.
const (
	round     = "FR75011-07"
	nextRound = "FR75011-08" // of the next street
)

// Ids that the manufacturer has printed on three of its locks.
var (
	boxID   = credential.LockID{0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80}
	otherID = credential.LockID{0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66}

	lockerID = credential.LockID{0x77, 0x77, 0x77, 0x77, 0x77, 0x77, 0x77, 0x77}
)

// box is a letter box.  What it keeps without power is in config and flash; a
// lock.Lock exists only while a phone's field feeds it.
type box struct {
	config lock.Config
	flash  *locktest.Flash
	bolt   *locktest.Bolt

	poweredAt time.Time // of the simulation

	events []lock.Event // what the lock told its maker's code
	spent  []*lock.Lock // power-ups since forget, for their public-key operations
}

// newBox has the manufacturer build a lock with the id.  It has no owner yet: it
// becomes whose who can read the setup secret inside.
func newBox(p *parties, id credential.LockID) (*box, error) {
	b := &box{flash: locktest.NewFlash(), bolt: &locktest.Bolt{Motion: lock.Moved}}
	b.config = lock.Config{
		ID:             id,
		Area:           []byte(round),
		Roots:          []credential.PublicKey{p.scheme.PublicKey()},
		ExtendedLength: true,
		Flash:          b.flash,
		Actuator:       b.bolt,
		Rand:           rand.Reader,
		// An oscillator runs while the lock has power: not a clock, but it can
		// tell whether a minute has passed.
		Elapsed: func() time.Duration { return time.Since(b.poweredAt) },
		Observe: func(e lock.Event) { b.events = append(b.events, e) },
	}
	if _, err := rand.Read(b.config.Setup[:]); err != nil {
		return nil, err
	}
	// One key for each cipher suite.  The lock makes them itself, so nothing
	// secret is shared between two locks.
	ed25519Key, err := newKey()
	if err != nil {
		return nil, err
	}
	p256Key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	for _, key := range []crypto.Signer{ed25519Key, p256Key} {
		certificate, err := certifyLock(p, id, key)
		if err != nil {
			return nil, err
		}
		b.config.Identities = append(b.config.Identities, lock.Identity{Key: key, Certificate: certificate})
	}
	return b, lock.Format(b.flash) // once in the lock's life, at manufacture
}

// certifyLock has the manufacturer certify one of the lock's keys.
func certifyLock(p *parties, id credential.LockID, key crypto.Signer) ([]byte, error) {
	public, err := credential.NewPublicKey(key.Public())
	if err != nil {
		return nil, err
	}
	return p.maker.Certify(credential.LockClaims{
		Key:      public,
		IssuedAt: credential.At(at(movingIn, 0, 0).AddDate(0, -2, 0)),
		ID:       id,
		Profile:  1,
		Level:    1,
	})
}

// start is what the lock does when a field reaches it, or when it has power
// always: it starts from its flash, with an empty RAM.
func (b *box) start() (*lock.Lock, error) {
	l, err := lock.New(b.config)
	if err != nil {
		return nil, err
	}
	b.poweredAt = time.Now()
	b.spent = append(b.spent, l)
	return l, nil
}

// powerUp starts the lock in a phone's field.
func (b *box) powerUp() (*field, error) {
	l, err := b.start()
	if err != nil {
		return nil, err
	}
	return &field{link: apdu.Direct(l)}, nil
}

// operations sums the public-key operations since forget.
func (b *box) operations() credential.Meter {
	var sum credential.Meter
	for _, l := range b.spent {
		one := l.Operations()
		sum.Add(&one)
	}
	return sum
}

// forget begins to count anew.
func (b *box) forget() { b.events, b.spent = nil, nil }

// field is the phone's end of the link while its field feeds the lock: an
// apdu.Transceiver.  In an app this is IsoDep of Android, an ISO 7816 tag of
// Core NFC, or a PC/SC reader.
type field struct {
	link      apdu.Transceiver
	lostAfter int // the phone is pulled away when the lock has carried out so many commands; 0: it stays
	commands  int
	gone      bool
}

var errFieldLost = errors.New("the lock has left the field")

// Transceive sends a command to the lock.  When the phone is pulled away, the
// lock may have carried out the command whose answer never comes.
func (f *field) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	if f.gone {
		return nil, errFieldLost
	}
	response, err := f.link.Transceive(ctx, command)
	f.commands++
	if f.commands == f.lostAfter {
		f.gone = true
		return nil, errFieldLost
	}
	return response, err
}
