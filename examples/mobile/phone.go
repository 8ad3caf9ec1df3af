package postern

import (
	"context"
	"crypto/rand"
	"sync"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// Phone opens locks.  It can be used from every thread: taps take turns.
type Phone struct {
	platform Platform
	key      *hardware
	turn     chan struct{} // holds one while a tap is under way

	mu          sync.Mutex
	phone       holder.Phone // for the next tap, but for what follows
	pass        *Pass        // nil for the bare key
	documents   [][]byte
	authorities [][]byte // of those who signed documents
}

// NewPhone returns a phone with what the platform lends and whom the app trusts.
// It asks Key for its public half, and copies the fields of platform.
func NewPhone(platform *Platform, trust *Trust) (*Phone, error) {
	return guarded(func() (*Phone, error) {
		if platform == nil || trust == nil || len(trust.roots) == 0 {
			return nil, argument("NewPhone: want a Platform and a Trust")
		}
		p := &Phone{platform: *platform, turn: make(chan struct{}, 1)}
		var err error
		if p.key, err = newHardware(platform.Key); err != nil {
			return nil, err
		}
		key, err := p.key.holderKey()
		if err != nil {
			return nil, err
		}
		p.phone = holder.Phone{
			Key: key, Roots: trust.roots, Makers: trust.makers,
			Locks: holder.NewMemory(), Rand: rand.Reader, Extended: platform.Extended,
		}
		if platform.Memory != nil {
			p.phone.Locks = memoryLocks{platform.Memory}
		}
		if platform.Vault != nil {
			p.phone.Slots = vaultSlots{platform.Vault}
		}
		if live := platform.Live; live != nil {
			p.phone.Live = func(_ context.Context, nonce [16]byte) ([]byte, error) { return live.Fetch(nonce[:]) }
		}
		if progress := platform.Progress; progress != nil {
			p.phone.Progress = func(charge holder.Progress) { _ = progress.Charging(charge.Percent) }
		}
		return p, nil
	})
}

// PublicKey returns the phone's public key as text, under 100 letters: what an
// owner or an operator needs to grant.
func (p *Phone) PublicKey() string {
	if p.key == nil {
		return ""
	}
	text, _ := p.key.public.MarshalText()
	return string(text)
}

// KeyID returns the short name of the phone's key, 16 hexadecimal digits.
func (p *Phone) KeyID() string {
	if p.key == nil {
		return ""
	}
	return credential.KeyIDOf(p.key.public).String()
}

// RequestLink returns the link by which the phone's holder asks for a right, for a
// message or a square code; an owner's app grants to it.
func (p *Phone) RequestLink() string {
	if p.key == nil {
		return ""
	}
	return credential.RequestLink(p.key.public)
}

// SetPass sets what the next taps open with; null is the bare key, an owner's.
func (p *Phone) SetPass(pass *Pass) error {
	return attempt(func() error {
		if pass != nil && len(pass.pass.Chain) == 0 {
			return argument("SetPass: the pass is empty: make it with ParsePass")
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.pass = pass
		return nil
	})
}

// SetDocuments sets what the next taps hand over beside what the pass brings:
// policies, revocation lists and time tokens, which are for every lock that takes
// them.  Authorities are the certificates of those who signed them.  Both can be
// null.
func (p *Phone) SetDocuments(documents, authorities *Blobs) error {
	return attempt(func() error {
		signers := authorities.slices()
		for _, b := range signers {
			if _, err := credential.ParseAuthority(b); err != nil {
				return err
			}
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.documents, p.authorities = documents.slices(), signers
		return nil
	})
}

// Expect has the next taps refuse every other lock than the one with the id, of 16
// hexadecimal digits, before it is told anything.  Nothing expects none.
func (p *Phone) Expect(lock string) error {
	return attempt(func() error {
		var id credential.LockID
		if lock != "" {
			var err error
			if id, err = parseLock(lock); err != nil {
				return err
			}
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.phone.Expect = id
		return nil
	})
}

func parseLock(lock string) (credential.LockID, error) {
	id, err := credential.ParseLockID(lock)
	if err != nil || id == (credential.LockID{}) {
		return id, argument("lock id %.20q: want 16 hexadecimal digits", lock)
	}
	return id, nil
}

// begin waits for the phone's turn and returns the phone as it is set now.  The
// caller calls end when the tap is over.
func (p *Phone) begin(ctx context.Context) (phone *holder.Phone, end func(), err error) {
	if p == nil || p.turn == nil {
		return nil, nil, argument("the Phone was not made with NewPhone")
	}
	if ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	copied := p.phone
	copied.Documents, copied.Authorities = p.documents, p.authorities
	if p.pass != nil {
		p.pass.into(&copied)
	}
	return &copied, func() { <-p.turn }, nil
}

// link is the platform's tag as the library takes links.
type link struct{ tag Tag }

// Transceive sends one command.  Nothing can hasten what the platform waits for.
func (l link) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return l.tag.Transceive(command)
}

var _ apdu.Transceiver = link{}
