package ledger

import (
	"crypto/sha256"
	"fmt"
	"iter"
	"slices"

	"github.com/postern-lock/postern/credential"
)

// Duty is what one holder is to do: a grant that is not signed yet.
type Duty struct {
	// ID names the duty for good: whoever asks for it again, after a crash for
	// example, gets the grant that was signed first.
	ID     DutyID
	Holder credential.PublicKey
	// NotBefore is when the duty begins; zero, or a time that has come, means when
	// the grant is signed.
	NotBefore credential.Time
	Expires   credential.Time    // end of the duty
	Scope     []credential.Entry // 1 to 4 entries; an empty scope is refused
	// Reference is the parcel that the grant is for; zero for a round.  It stands in
	// the ledger and not in the grant.
	Reference credential.Reference
}

// Each returns duties one by one, as [Rounds.Issue] reads them.
func Each(duties ...Duty) iter.Seq2[Duty, error] {
	return func(yield func(Duty, error) bool) {
		for _, d := range duties {
			if !yield(d, nil) {
				return
			}
		}
	}
}

// DutyError says why one duty got no grant.  The others are not touched by it.
type DutyError struct {
	Duty DutyID
	Err  error
}

// Error names the duty and the cause.
func (e *DutyError) Error() string { return fmt.Sprintf("ledger: duty %s: %v", e.Duty, e.Err) }

// Unwrap returns the cause.
func (e *DutyError) Unwrap() error { return e.Err }

// claims returns what the grant of the duty says when it is signed at the time.
func (d Duty) claims(at credential.Time) credential.GrantClaims {
	c := credential.GrantClaims{Holder: d.Holder, IssuedAt: at, Expires: d.Expires, Scope: d.Scope}
	if d.NotBefore > at {
		c.NotBefore = d.NotBefore
	}
	return c
}

// check holds a duty to the rules that a grant does not know: it has an id, and
// every area that it names is narrow enough.
func (d Duty) check(minArea int) error {
	if d.ID == (DutyID{}) {
		return invalid("the duty has no id")
	}
	for _, e := range d.Scope {
		if area, ok := e.Target.Area(); ok && len(area) < minArea {
			return invalid("the area %q is wider than a round, whose code has %d bytes or more", area, minArea)
		}
	}
	return nil
}

// spendable reports whether uses of the duty may be spent: it is for a parcel, or an
// entry of it is counted.  Another grant of it would give them again, so nobody is
// given one but at the operator's word, under a new id.
func (d Duty) spendable() bool {
	return d.Reference != (credential.Reference{}) ||
		slices.ContainsFunc(d.Scope, func(e credential.Entry) bool { return e.Uses != credential.Uses{} })
}

// DutyOf reads the duty back from its record.  NotBefore is zero where it had come when
// the grant was signed.
func DutyOf(r Record) (Duty, error) {
	u, err := credential.ParseGrant(r.Grant)
	switch {
	case err != nil:
		return Duty{}, fmt.Errorf("ledger: record %d: %w", r.Serial, err)
	case u.Tag() != r.Tag:
		return Duty{}, fmt.Errorf("ledger: record %d: the grant has the tag %s, and the record says %s", r.Serial, u.Tag(), r.Tag)
	}
	c := u.Claims
	return Duty{ID: r.Duty, Holder: c.Holder, NotBefore: c.NotBefore, Expires: c.Expires, Scope: c.Scope, Reference: r.Reference}, nil
}

// Again returns the duty of a record under the id that follows from it, for another
// holder or, where that is the zero key, the same one.  The id is the same whenever
// it is asked for, so that the duty is not issued twice, and [Rounds.Withdraw] and
// [Rounds.Replace] find it by the first one.  Uses of it that are counted can be used
// again.
func Again(r Record, holder credential.PublicKey) (Duty, error) {
	d, err := DutyOf(r)
	if err != nil {
		return Duty{}, err
	}
	d.ID = following(r)
	if !holder.IsZero() {
		d.Holder = holder
	}
	return d, nil
}

// following returns the id under which the duty of a record is issued again: the first
// 16 bytes of SHA-256 over "postern: again", the duty's id and the tag.
func following(r Record) DutyID {
	b := append([]byte("postern: again"), r.Duty[:]...)
	digest := sha256.Sum256(append(b, r.Tag[:]...))
	return DutyID(digest[:len(DutyID{})])
}

// tagOf returns the tag that the grant with the claims has when the key signs it
// (section 4.4), or the reason for which every lock would refuse it.
func tagOf(c credential.GrantClaims, key credential.PublicKey) (credential.Tag, error) {
	u, err := credential.NewGrant(c, key)
	if err != nil {
		return credential.Tag{}, err
	}
	digest := sha256.Sum256(u.ToBeSigned())
	return credential.Tag(digest[:len(credential.Tag{})]), nil
}

// fits refuses a record that is not of this duty as it is asked for now.
func (d Duty) fits(r Record) error {
	had, err := DutyOf(r)
	if err != nil {
		return err
	}
	then, err := tagOf(had.claims(r.IssuedAt), had.Holder)
	if err != nil {
		return err
	}
	now, err := tagOf(d.claims(r.IssuedAt), had.Holder)
	switch {
	case err != nil:
		return err
	case then != now || d.Reference != r.Reference:
		return fmt.Errorf("%w: the ledger has it with another holder, end, scope or reference, as record %d", ErrConflict, r.Serial)
	case r.Withdrawn != 0:
		return fmt.Errorf("%w: its grant was withdrawn at %s; issue it under another id", ErrSuperseded, r.Withdrawn)
	}
	return nil
}
