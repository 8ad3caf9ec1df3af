package postern

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/credential/holder/home"
)

// Box is the owner's side of one lock, in the owner's phone: whom the owner lets
// in, who is blocked, what visitors are told, what the log says.  It needs no
// server.  What has to reach the lock goes with whoever goes there.
//
// Make one Box for a lock, and no second.  All but what only tells something blocks:
// it signs, for which the person may be asked, and stores.
//
// It keeps itself: the keys of the log in Vault, by the name box-keys- and the
// lock; guests with their names and what was read of the log in Memory, by
// box-state- and box-log-, of up to a few megabytes.  Whatever throws has changed
// nothing.  A Box can be used from every thread; a call waits for the one before it,
// which can be a tap.
type Box struct {
	phone *Phone
	lock  credential.LockID

	mu  sync.Mutex
	box *home.Box
}

// NewBox returns the box for a lock that is not the phone's yet, with the id on its
// label.  MoveIn makes it the owner's, Accept takes it from a former owner, and Join
// makes the phone's holder a co-owner.  One that is kept already is replaced.
func NewBox(phone *Phone, lock string) (*Box, error) {
	return makeBox(phone, lock, func(b *Box) (*home.Box, error) {
		return home.New(phone.phone.Key, b.lock, b.keep)
	})
}

// LoadBox returns the box that was kept.  After a backup was restored, call
// Restored.
func LoadBox(phone *Phone, lock string) (*Box, error) {
	return makeBox(phone, lock, func(b *Box) (*home.Box, error) {
		saved, err := b.saved()
		if err != nil {
			return nil, err
		}
		return home.Load(phone.phone.Key, saved, b.keep)
	})
}

// SucceedBox returns the box for the key of a new phone, from what was kept under
// another one: guests and settings are there, and the lock has to change hands, by
// MoveIn or Accept.
func SucceedBox(phone *Phone, lock string) (*Box, error) {
	return makeBox(phone, lock, func(b *Box) (*home.Box, error) {
		saved, err := b.saved()
		if err != nil {
			return nil, err
		}
		return home.Succeed(phone.phone.Key, saved, b.keep)
	})
}

func makeBox(phone *Phone, lock string, work func(*Box) (*home.Box, error)) (*Box, error) {
	return guarded(func() (*Box, error) {
		if phone == nil || phone.key == nil {
			return nil, argument("the Phone was not made with NewPhone")
		}
		if phone.platform.Vault == nil || phone.platform.Memory == nil || phone.platform.Clock == nil {
			return nil, argument("a Box needs Platform.Vault, Memory and Clock")
		}
		id, err := parseLock(lock)
		if err != nil {
			return nil, err
		}
		b := &Box{phone: phone, lock: id}
		b.box, err = work(b)
		return b, err
	})
}

// keep stores what the box must not forget: the secrets first.
func (b *Box) keep(s home.Saved) error {
	platform, lock := b.phone.platform, b.lock.String()
	for _, part := range []struct {
		store func(string, []byte) error
		name  string
		data  []byte
	}{
		{platform.Vault.Store, "box-keys-", s.Vault},
		{platform.Memory.Store, "box-state-", s.State},
		{platform.Memory.Store, "box-log-", s.History},
	} {
		if part.data == nil {
			continue
		}
		if err := part.store(part.name+lock, part.data); err != nil {
			return &fault{code: CodePlatform, detail: "not stored", err: err}
		}
	}
	return nil
}

// saved loads what keep stored.
func (b *Box) saved() (s home.Saved, err error) {
	platform, lock := b.phone.platform, b.lock.String()
	if s.Vault, err = platform.Vault.Load("box-keys-" + lock); err != nil {
		return s, &fault{code: CodePlatform, detail: "not loaded", err: err}
	}
	for name, part := range map[string]*[]byte{"box-state-": &s.State, "box-log-": &s.History} {
		if *part, err = platform.Memory.Load(name + lock); err != nil {
			return s, &fault{code: CodePlatform, detail: "not loaded", err: err}
		}
	}
	if len(s.State) == 0 {
		return s, &fault{code: CodeState, detail: "no box of the lock is kept"}
	}
	return s, nil
}

// Visit is an owner's ordinary tap: it asks for an operation, open or status, hands
// over what is pending, takes the log along and takes note of what the lock says.
// It blocks, and throws, as [Phone.Tap] does.
func (b *Box) Visit(tag Tag, operation string, stop *Stop) (*Result, error) {
	o, err := parseOperation(operation)
	if err != nil {
		return nil, err
	}
	return b.tap(tag, stop, func(ctx context.Context, phone *holder.Phone, t apdu.Transceiver, _ time.Time) (home.Change, holder.Result, error) {
		r, err := b.box.Visit(ctx, phone, t, o)
		return home.Change{}, r, err
	})
}

// MoveIn makes the phone's holder the owner of the lock in the field, by the setup
// secret of 16 bytes that is printed inside: of a vacant lock, or of any other with
// its inside button pressed.  It hands over the first policy.  Where [Result.Advice]
// is find-out, nobody knows whether the lock took it: Agree tells.
//
// It blocks, and throws, as [Phone.Tap] does, and where the box cannot be kept.
func (b *Box) MoveIn(tag Tag, secret []byte, stop *Stop) (*Result, error) {
	if len(secret) != 16 {
		return nil, argument("setup secret of %d bytes: want 16", len(secret))
	}
	setup := [16]byte(secret)
	return b.tap(tag, stop, func(ctx context.Context, phone *holder.Phone, t apdu.Transceiver, now time.Time) (home.Change, holder.Result, error) {
		return b.box.MoveIn(ctx, phone, t, setup, now)
	})
}

// Agree finds out whether the lock is the phone's, and agrees a new key of its log:
// after MoveIn whose answer was lost, after Accept, or when the vault was lost.  See
// [Box.MoveIn].
func (b *Box) Agree(tag Tag, stop *Stop) (*Result, error) {
	return b.tap(tag, stop, func(ctx context.Context, phone *holder.Phone, t apdu.Transceiver, now time.Time) (home.Change, holder.Result, error) {
		return b.box.Agree(ctx, phone, t, now)
	})
}

// tap carries out one tap of the owner's.
func (b *Box) tap(tag Tag, stop *Stop, work func(context.Context, *holder.Phone, apdu.Transceiver, time.Time) (home.Change, holder.Result, error)) (*Result, error) {
	if b == nil || b.box == nil {
		return nil, errBox
	}
	return b.phone.tap(tag, stop, func(ctx context.Context, phone *holder.Phone, t apdu.Transceiver) (*Result, error) {
		now, err := readClock(b.phone.platform.Clock)
		if err != nil {
			return nil, err
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		change, r, err := work(ctx, phone, t, now.Time())
		return ownResult(change, r, err)
	})
}

// ownResult tells apart what kept the tap from beginning, what went wrong in it, and
// what was found beside a good answer.
func ownResult(change home.Change, r holder.Result, err error) (*Result, error) {
	_, wrong := errors.AsType[*holder.Error](err)
	answered := r.Lock != (credential.LockID{})
	switch {
	case err == nil || wrong:
	case !answered:
		return nil, err
	case r.Outcome == credential.OutcomeRefused || r.Outcome == credential.OutcomeFailed:
		err = nil // the lock's own answer says it
	default:
		result := newResult(r, nil)
		result.change, result.found = &change, err
		return result, nil
	}
	result := newResult(r, err)
	result.change = &change
	return result, nil
}

var errBox = argument("the Box was not made with NewBox or LoadBox")

// decide has the owner decide something, at the time that the platform tells.
func decide[T any](b *Box, work func(box *home.Box, now time.Time) (T, error)) (T, error) {
	return guarded(func() (T, error) {
		var none T
		if b == nil || b.box == nil {
			return none, errBox
		}
		now, err := readClock(b.phone.platform.Clock)
		if err != nil {
			return none, err
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		return work(b.box, now.Time())
	})
}

// changed is decide where a policy is signed.
func (b *Box) changed(work func(box *home.Box, now time.Time) (home.Change, error)) (*Change, error) {
	return decide(b, func(box *home.Box, now time.Time) (*Change, error) {
		c, err := work(box, now)
		return &Change{c}, err
	})
}

// look returns what a box knows; of no box, the zero value.
func look[T any](b *Box, work func(*home.Box) T) (result T) {
	if b == nil || b.box == nil {
		return result
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return work(b.box)
}
