package home

import (
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/issuer"
)

// Box is the owner's side of one lock, in the owner's phone.  It has the owner's
// key sign, and knows what the owner wants of the lock, who the guests are, which
// policy the lock is known to hold, and what was read of the log.
//
// A method that signs does all that it says or, with an error, nothing: the new
// state is handed to the Keep function first, and what was signed is given out
// only when that has kept it.  After a crash the app loads what it kept, and Pending
// and Pass give everything out again.  A method that meets the lock, or reads what
// somebody brought, notes all that is true of it and says with an error what is not.
//
// A Box is not for concurrent use.
type Box struct {
	key     holder.Key
	signer  *issuer.Owner
	keep    Keep
	state   *state
	history holder.History
	logKeys holder.LogKeys
}

// Format keeps the log keys and the names out of what is printed, whatever the verb.
func (Box) Format(f fmt.State, _ rune) { fmt.Fprint(f, "home.Box") }

// Keep stores what an app must not forget of a Box, at the latest when it
// returns.  Parts that are nil have not changed.  Where it cannot store all of
// them at once, it stores Vault first.
type Keep func(Saved) error

// Saved is what an app keeps of a Box, in three parts.  Nothing of it leaves the
// phone but in the app's own backup.  It prints as its name alone.
type Saved struct {
	// State is JSON: the settings, the versions, the guests with their names.
	// It takes about 430 bytes for a guest, and 60 more for each renewal, of which the
	// last 512 are kept.
	State []byte
	// History is JSON: what was read of the log, about 175 bytes for an entry.
	History []byte
	// Vault has the log keys, as JSON, and is secret: whoever has it can read
	// what couriers carry.  It belongs where the phone keeps secrets.
	Vault []byte
}

// Format keeps the secrets and the names out of what is printed, whatever the
// verb.
func (Saved) Format(f fmt.State, _ rune) { fmt.Fprint(f, "home.Saved") }

// New returns the Box for a lock that the phone's key does not own yet, with the
// id on its label.  [Box.MoveIn] makes it the owner's; [Box.Accept] takes it from a
// former owner; [Box.Join] makes the key a co-owner's.  Nothing is kept before.
func New(key holder.Key, lock credential.LockID, keep Keep) (*Box, error) {
	if lock == (credential.LockID{}) {
		return nil, fmt.Errorf("%w: the id is missing; it stands on the label", ErrLock)
	}
	if keep == nil {
		return nil, fmt.Errorf("%w: there is no function for it", ErrKeep)
	}
	if key == nil || key.PublicKey().IsZero() {
		return nil, fmt.Errorf("%w: it is missing", ErrKey)
	}
	signer, err := issuer.OwnerBy(key)
	if err != nil {
		return nil, err
	}
	own := key.PublicKey()
	s := &state{Format: stateFormat, Lock: lock, Key: own, Owner: own}
	return &Box{key: key, signer: signer, keep: keep, state: s, history: holder.History{Lock: lock}}, nil
}

// Load returns the Box that the app kept.  The key is the one that it was kept
// with; [Succeed] is for another one.  A Vault or a History that is missing is
// empty: [Box.Agree] gets a new log key, and the log is read again as far as the
// lock still has it.
//
// An app that loads an older backup than its last state calls [Box.Restored].
//
// Errors: ErrState, ErrKey.
func Load(key holder.Key, saved Saved, keep Keep) (*Box, error) {
	s, err := parseState(saved.State)
	if err != nil {
		return nil, err
	}
	b, err := New(key, s.Lock, keep)
	if err != nil {
		return nil, err
	}
	if s.Key != b.state.Key {
		return nil, fmt.Errorf("%w: it is %s, the state is of %s", ErrKey, credential.KeyIDOf(b.state.Key), credential.KeyIDOf(s.Key))
	}
	b.state = s
	if b.history, err = parseHistory(saved.History, s.Lock); err != nil {
		return nil, err
	}
	b.logKeys, err = parseVault(saved.Vault)
	return b, err
}

// Succeed returns the Box for a new key of the same owner's, from what was kept
// under another one: the phone was lost, or gave way to a new one.  Guests and
// settings are there; every right has to be signed anew.  An app shows them to its user
// first: who was withdrawn, or a co-owner no more, since the backup is among them, and
// is left out by [Box.Withdraw] and [Box.RemoveCoOwner] before anything is signed.  Who
// had lapsed is withdrawn, and is granted again by [Box.Grant] alone.  The
// lock has to change hands then: by [Box.MoveIn] with the button pressed, or by a [Box.Transfer] of the
// former phone that [Box.Accept] takes.  The log keys are not taken over: whoever has the
// former phone may have them.
//
// Errors: ErrState; ErrKey where it is the same key, for Load.
func Succeed(key holder.Key, saved Saved, keep Keep) (*Box, error) {
	s, err := parseState(saved.State)
	if err != nil {
		return nil, err
	}
	b, err := New(key, s.Lock, keep)
	if err != nil {
		return nil, err
	}
	if s.Key == b.state.Key {
		return nil, fmt.Errorf("%w: it is the same one, use Load", ErrKey)
	}
	b.state.Settings, b.state.Guests, b.state.Book = s.Settings, s.Guests, s.Book
	b.state.forget(b.state.Key, s.Policy != nil)
	b.history, err = parseHistory(saved.History, s.Lock)
	return b, err
}

// Saved returns all three parts of what the app keeps.
func (b *Box) Saved() (Saved, error) {
	state, err := b.state.encode()
	if err != nil {
		return Saved{}, err
	}
	history, err := encodeHistory(&b.history)
	return Saved{State: state, History: history, Vault: encodeVault(b.logKeys)}, err
}

// Lock returns the id of the box's lock.
func (b *Box) Lock() credential.LockID { return b.state.Lock }

// Owner returns the key of the owner: the Box's own, but in a co-owner's phone.
func (b *Box) Owner() credential.PublicKey { return b.state.Owner }

// Yours reports whether the key owns or co-owns the lock, as far as this phone
// knows: whether it can grant.
func (b *Box) Yours() bool { return b.state.ready() == nil }

// Version returns the highest version of a policy that this phone signed, was
// given or saw; 0 where there is none.
func (b *Box) Version() uint32 { return b.state.Version }

// Held returns the version of the policy that the lock was last known to hold.
func (b *Box) Held() uint32 { return b.state.Held }

// Behind reports whether there are settings that this phone did not sign and has not
// learnt, as the lock told, or may be, as [Box.Restored] did.
func (b *Box) Behind() bool { return b.state.Behind }
