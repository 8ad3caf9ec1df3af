package holder

import (
	"context"
	"io"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
)

// Phone is what a holder opens locks with.  Key, Roots, Makers and Rand are
// mandatory.  A Phone may be used for many taps, one at a time, and may be
// copied.
type Phone struct {
	Key Key
	// Grant is the holder's grant; nil for an owner, whose bare key the lock
	// knows.
	Grant []byte
	// Parents are the 1 or 2 grants above Grant, the root's first, where
	// somebody passed it on; nil where an operator or an owner signed it.
	Parents [][]byte
	// Authorities are the certificates of the operator at the root of the grant,
	// which are sent only to a lock that says it lacks them, and of those who
	// signed Documents, which go along with these.
	Authorities [][]byte
	// Documents are handed over with what is asked: policies, to the lock that
	// they name and no other; revocation lists and time tokens, to every lock.  They
	// go in an order in which each can be judged, whatever their order here.
	// Result.Documents says what became of them: an app drops those that a lock
	// holds now.
	Documents [][]byte
	// Live, where it is not nil, fetches a time token over the nonce of a lock,
	// from an authority with the right time.  It is asked where a lock refuses for
	// want of one, and the lock is asked once more then; it has less than a
	// minute.  With an error the refusal stands.
	Live func(ctx context.Context, nonce [16]byte) ([]byte, error)

	// Roots are the keys of the schemes that the app trusts.
	Roots []credential.PublicKey
	// Makers are the certificates of the manufacturers, which the app ships.
	Makers [][]byte
	// Locks remembers locks; nil remembers none, and every tap is a first one.
	Locks Memory
	// Slots keeps the secrets with which known locks are opened in two pairs;
	// nil keeps none, and every tap is a full exchange.
	Slots Slots
	// Expect, where it is not zero, is the lock that the person chose: any
	// other one is refused before it is told anything.
	Expect credential.LockID

	Rand io.Reader // cryptographically strong, such as crypto/rand.Reader
	// Extended says that the NFC stack and the reader carry extended APDUs.
	// They are used only where the lock says that it takes them.
	Extended bool
	// Progress, where it is not nil, is told whenever the lock says that it is
	// still gathering energy.
	Progress func(Progress)
	// Wait, where it is not nil, waits in place of a timer.  An error of it
	// ends the tap.
	Wait func(context.Context, time.Duration) error

	parsed *credential.UnverifiedGrant // Grant as it was at the last tap
}

// check refuses a Phone that lacks what it needs.
func (p *Phone) check(t apdu.Transceiver) *Error {
	missing := ""
	switch {
	case t == nil:
		missing = "link to a lock"
	case p.Key == nil:
		missing = "Key"
	case p.Key.PublicKey().IsZero():
		missing = "public key in its Key"
	case p.Rand == nil:
		missing = "Rand"
	case len(p.Roots) == 0:
		missing = "Roots"
	case len(p.Makers) == 0:
		missing = "Makers"
	}
	if missing != "" {
		return ownFault("the Phone has no "+missing, AdviceUpdate, nil)
	}
	return nil
}

// wait lets the lock gather energy.
func (p *Phone) wait(ctx context.Context, d time.Duration) error {
	if p.Wait != nil {
		return p.Wait(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
