package postern

import (
	"bytes"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/home"
)

// Transfer gives the lock to who asks, by a request link of the new owner's phone,
// and returns the policy that does it: for the lock, and for Accept on the new
// owner's phone.  Once it has arrived, every grant of this owner is over.
func (b *Box) Transfer(request string) ([]byte, error) {
	return decide(b, func(box *home.Box, now time.Time) ([]byte, error) {
		key, err := parseRequest(request)
		if err != nil {
			return nil, err
		}
		return box.Transfer(now, key)
	})
}

// TakeBack undoes a Transfer that the lock has not taken.
func (b *Box) TakeBack() (*Change, error) {
	return b.changed(func(box *home.Box, now time.Time) (home.Change, error) { return box.TakeBack(now) })
}

// Accept takes the lock over by the policy that Transfer returned.  Agree finishes
// it at the lock.
func (b *Box) Accept(transfer []byte) (*Change, error) {
	transfer = bytes.Clone(transfer)
	return b.changed(func(box *home.Box, now time.Time) (home.Change, error) { return box.Accept(now, transfer) })
}

// AddCoOwner names a co-owner, who asks by a request link; the change's policy is
// for Join on the co-owner's phone too.
func (b *Box) AddCoOwner(name, request string) (*Change, error) {
	return b.changed(func(box *home.Box, now time.Time) (home.Change, error) {
		key, err := parseRequest(request)
		if err != nil {
			return home.Change{}, err
		}
		return box.AddCoOwner(now, name, key)
	})
}

// RemoveCoOwner ends a co-ownership, and every grant that the co-owner signed.
func (b *Box) RemoveCoOwner(request string) (*Change, error) {
	return b.changed(func(box *home.Box, now time.Time) (home.Change, error) {
		key, err := parseRequest(request)
		if err != nil {
			return home.Change{}, err
		}
		return box.RemoveCoOwner(now, key)
	})
}

// Join makes this the box of a co-owner.  Owner is the request link, or the key as
// text, that came from the owner's own phone.
func (b *Box) Join(owner string, policy []byte) error {
	policy = bytes.Clone(policy)
	return b.mind(func(box *home.Box, _ time.Time) error {
		key, err := parseRequest(owner)
		if err != nil {
			return err
		}
		return box.Join(key, policy)
	})
}

// Pending are the policies that the lock is not known to hold: for guests and
// couriers to carry.
func (b *Box) Pending() *Blobs {
	return newBlobs(look(b, func(box *home.Box) [][]byte { return box.Pending() }))
}

// Lock is the id of the lock, 16 hexadecimal digits.
func (b *Box) Lock() string { return look(b, func(*home.Box) string { return b.lock.String() }) }

// Version is the highest version of a policy that this phone signed or saw.
func (b *Box) Version() int64 {
	return look(b, func(box *home.Box) int64 { return int64(box.Version()) })
}

// Held is the version of the policy that the lock was last known to hold.
func (b *Box) Held() int64 { return look(b, func(box *home.Box) int64 { return int64(box.Held()) }) }

// Behind reports whether the lock holds settings that this phone does not know, or may
// be given some: Learn or Heal comes first, after Restored Heal.
func (b *Box) Behind() bool { return look(b, func(box *home.Box) bool { return box.Behind() }) }

// Yours reports whether the lock is known to be the phone's.
func (b *Box) Yours() bool { return look(b, func(box *home.Box) bool { return box.Yours() }) }

// GivenTo is the public key, as text, that the lock was given to; nothing where it
// was given to nobody.
func (b *Box) GivenTo() string {
	return look(b, func(box *home.Box) string {
		key, _, ok := box.Heir()
		if !ok {
			return ""
		}
		text, _ := key.MarshalText()
		return string(text)
	})
}

// ResetFloor mends a lock that was told a time that is yet to come, so that it
// refuses everybody: its floor falls to now.  Every guest's pass ends with it and is
// signed anew.  Do it at the user's word alone.
func (b *Box) ResetFloor() (*Change, error) {
	return b.changed(func(box *home.Box, now time.Time) (home.Change, error) { return box.ResetFloor(now) })
}

// Restored says that the box is from an older backup than the last that was kept.  It is
// Behind then until Heal; Learn helps, and does not end it.  A co-owner's guests lapse.
func (b *Box) Restored() error {
	return b.mind(func(box *home.Box, _ time.Time) error { return box.Restored() })
}

// Learn takes over a policy of the owner's that this phone did not sign.  On a co-owner's
// phone guests whose grants it ends have no pass any more: show them, and grant again at
// the user's word.
func (b *Box) Learn(policy []byte) error {
	policy = bytes.Clone(policy)
	return b.mind(func(box *home.Box, _ time.Time) error { return box.Learn(policy) })
}

// Heal signs the settings anew above all that was signed in the time that this phone
// forgot.  Show the guests first: withdrawn are the ids of those who are among them
// and were withdrawn in that time; it can be null.
func (b *Box) Heal(withdrawn *Texts) (*Change, error) {
	return b.changed(func(box *home.Box, now time.Time) (home.Change, error) {
		var ids []credential.KeyID
		for _, guest := range withdrawn.strings() {
			id, err := parseID(guest)
			if err != nil {
				return home.Change{}, err
			}
			ids = append(ids, id)
		}
		return box.Heal(now, ids...)
	})
}
