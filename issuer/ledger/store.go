package ledger

import (
	"context"
	"encoding/hex"
	"errors"
	"time"

	"github.com/postern-lock/postern/credential"
)

// What a store says no to.  Every error of a [Store] wraps one of these, the
// context's, or the cause that its medium gave; with any error nothing was
// changed, but for a commit whose answer was lost: whoever asks again learns what
// became of it, since every call can be repeated.
var (
	// ErrClock says that the issuer's clock is behind what the store has seen: it
	// jumped back, or another issuer's is ahead.  Set it right and begin again.
	ErrClock = errors.New("ledger: clock is behind the ledger")
	// ErrUnknown says that the store has no such grant, list or lock.
	ErrUnknown = errors.New("ledger: not in the ledger")
	// ErrSuperseded says that the store has a newer document of the kind.
	ErrSuperseded = errors.New("ledger: superseded by a newer document")
	// ErrFull says that a bound is reached: a list of 24 denials that are not over, the pages that
	// are kept for one lock, or the medium itself.
	ErrFull = errors.New("ledger: full")
	// ErrConflict says that a number was used for other content, which is a fault
	// of the program or an attack.
	ErrConflict = errors.New("ledger: number was used for other content")
	// ErrInvalid says that what is to be stored breaks a rule of this package.
	ErrInvalid = errors.New("ledger: invalid")
)

// ClockTolerance is by how many seconds an issuer's clock may be behind the newest
// time in the store.  An issuer whose clock is ahead by more stops all others until
// they have caught up, so clocks are kept by more than one source.
const ClockTolerance credential.Time = 120

// Bounds of one call and of what is kept.
const (
	MaxBatch    = 1024 // records, duties, tags or deliveries of one call
	MaxPages    = 64   // sealed pages of the log that wait for one lock's owner, or of one call
	MaxBoxes    = 4096 // locks of one outbox, or locks or boxes of one call
	MaxNewest   = 4096 // records that Since and Held return
	SealedBytes = 792  // of one page of the log, sealed (section 19.4)
)

// Store remembers for all issuers of an operator.  It is safe for concurrent use,
// by several processes too where its medium is shared.
//
// A call that breaks a rule stated here, or one of those that [Checked] holds
// arguments to, has ErrInvalid.  What is returned and what was given may be
// changed by the caller afterwards: the store keeps copies.
type Store interface {
	Grants
	Lists
	Courier
}

// DutyID names a duty, by the operator's own numbers; it must tell nothing about
// a person.
type DutyID [16]byte

// String returns the id in hexadecimal.
func (id DutyID) String() string { return hex.EncodeToString(id[:]) }

// Record is a grant as the store keeps it.
type Record struct {
	// Serial is given by the store: it rises by one with each grant, without a
	// gap, in the order in which they were committed, from 1.
	Serial    uint64
	Duty      DutyID
	Tag       credential.Tag
	Signer    credential.KeyID // of the operator's key
	Holder    credential.KeyID
	IssuedAt  credential.Time
	Expires   credential.Time
	Reference credential.Reference // of the parcel that the grant is for; zero for a round
	Withdrawn credential.Time      // since when it no longer stands; zero while it does
	// Bystander says that RaiseLeast alone withdrew the grant, for its age: nobody
	// meant this one, and its holder may be given another.
	Bystander bool
	Grant     []byte // the object, at most 512 bytes; the store does not read it
}

// Grants is the part of a [Store] that remembers grants.
type Grants interface {
	// Find returns the records of those of the duties that have one, in the order
	// of the duties; a duty that is named twice gives its record twice.
	Find(ctx context.Context, duties []DutyID) ([]Record, error)
	// Commit keeps new records, all or none, and gives them serials in their order.
	// Where a duty has a record already, that one is returned in the place of
	// the new one, which is forgotten; so the result has as many records as were given.
	// At is the issuer's time, and no record's IssuedAt is after it.  Of one batch no
	// duty and no tag may come twice.
	//
	// Errors: ErrInvalid; ErrClock where at, or a record's IssuedAt, is
	// more than ClockTolerance behind the newest IssuedAt that was committed, or a new
	// record's IssuedAt is before the Least of its signer, so that every lock would
	// refuse it; ErrConflict where another duty has the tag.
	Commit(ctx context.Context, at credential.Time, records []Record) ([]Record, error)
	// Since returns records with a greater serial than the one given, ascending,
	// at most limit of them, which is 1 to MaxNewest: whoever reads on from the last
	// one misses none.
	Since(ctx context.Context, serial uint64, limit int) ([]Record, error)
	// Held returns the records of a holder that are neither over at the time (it is
	// before Expires) nor withdrawn, ascending by serial: the first MaxNewest of them.
	Held(ctx context.Context, holder credential.KeyID, at credential.Time) ([]Record, error)
}

// Lists is the part of a [Store] that remembers withdrawals.
type Lists interface {
	// Withdraw marks grants as withdrawn since the time, all or none.  One that is
	// withdrawn already keeps its time, and is no longer a bystander.  The error is
	// ErrUnknown where the store has no grant with a tag.
	Withdraw(ctx context.Context, at credential.Time, tags []credential.Tag) error
	// NextList reserves the next version of the signer's list, and returns what it
	// must say at that time.  No grant of the signer runs for longer than longest, a
	// second or more from issue to end: one that does, and stands, would be denied.
	//
	//   - Least is the latest of what the list before it had, what RaiseLeast was given
	//     and what [Outlived] returns; so it never falls.
	//   - Denied has the signer's grants that were withdrawn by name and are not before
	//     Least: all that are not over, and of those that are over as many as there is
	//     room for in 24, the one that ended last first, and of those that ended
	//     together the one with the smaller tag.
	//   - IssuedAt is at, or Least where that is later.
	//
	// No version is returned twice, whatever becomes of the list, and each is greater than
	// those of the signer's lists that were posted.  Of two versions the greater one
	// denies all that the smaller one does, over or not, as long as there is room: a lock
	// may have no proof of the end (section 16.7), and takes the newer list from anybody.
	// What is not over is denied whether there is room or not.
	//
	// Errors: ErrClock where at is more than ClockTolerance behind the newest IssuedAt
	// that was committed; ErrFull where more than 24 that are not over are to be denied,
	// or no version is left.
	NextList(ctx context.Context, signer credential.KeyID, at credential.Time, longest time.Duration) (credential.RevocationClaims, error)
	// RaiseLeast withdraws every grant of the signer that was issued before the time
	// least and is not over at the time at, without naming them: the lists from now
	// on have at the least this Least, and it never falls: an earlier one than before changes
	// nothing.  Least is not after at.  It returns how many grants it withdrew that
	// stood; these are withdrawn since at, as bystanders.  The error is ErrClock where at
	// is more than ClockTolerance behind the newest IssuedAt that was committed.
	RaiseLeast(ctx context.Context, signer credential.KeyID, least, at credential.Time) (int, error)
}

// Outlived returns the time before which nothing can have been issued that is not over
// at the time at, where no grant runs for longer than longest: a store's NextList raises
// Least to it.  It is behind the newest time of issue as well, so that a publisher
// whose clock is ahead denies nothing that stands.
func Outlived(newest, at credential.Time, longest time.Duration) credential.Time {
	return credential.Time(max(0, int64(min(newest, at))-int64(longest/time.Second)))
}

// Document is what couriers carry: a policy to one lock, or a revocation list
// to all of them.
type Document struct {
	Lock    credential.LockID // zero for a revocation list
	Signer  credential.KeyID
	Version uint32
	Tag     credential.Tag
	Bytes   []byte // the object, at most 768 bytes
}

// Box is a lock that an operator's rounds come by.
type Box struct {
	Lock credential.LockID
	Area []byte // the lock's own area code, 1 to 16 bytes of any value
}

// Load is what a courier takes along.
type Load struct {
	Lists    []Document          // for every lock: the newest list of each signer, ascending by signer
	Policies []Document          // each for the lock that it names, ascending by lock
	Logs     []credential.LockID // whose owners wait for the log, ascending
}

// Delivery says that a lock holds a document: it took it, or held it or a
// newer one already.
type Delivery struct {
	Lock credential.LockID
	Tag  credential.Tag // of the document
}

// Courier is the part of a [Store] that remembers what couriers carry.
type Courier interface {
	// Place tells where locks are, all or none; a lock that is known moves there.  Of
	// one call no lock may come twice.  A lock that is not known to the store gets no
	// documents and gives no log.
	Place(ctx context.Context, boxes []Box) error
	// Post leaves a document in the outbox.  A newer one of the same signer (list)
	// or of the same lock (policy) takes the place of the older; the same one again
	// changes nothing, also where it was delivered.
	//
	// Errors: ErrSuperseded where the store has, or had, a newer one; ErrConflict where
	// it has another one with the same version, by its tag; ErrUnknown where the lock
	// is not known; ErrInvalid.
	Post(ctx context.Context, d Document) error
	// Outbox returns what a courier should take to the locks whose area begins
	// with the prefix, of 1 to 16 bytes: the newest policy of each that is not delivered
	// yet, and all lists.  The error is ErrFull where more than MaxBoxes locks are in
	// the area.
	Outbox(ctx context.Context, area []byte) (Load, error)
	// OutboxOf returns the same for at most MaxBoxes locks, wherever they are: for one
	// that is named twice once, for one that is not known nothing, and for none of
	// them the lists alone.
	OutboxOf(ctx context.Context, locks []credential.LockID) (Load, error)
	// Delivered takes policies out of the outbox, so that no courier carries them any
	// more: call it for what a lock's receipt shows, not for what a courier says.  A
	// delivery of what is not in it, an older policy for example, changes nothing.
	Delivered(ctx context.Context, deliveries []Delivery) error
	// WantLog says that the lock's owner waits for its log, or no longer; pages that
	// were brought stay.  The error is ErrUnknown where the lock is not known.
	WantLog(ctx context.Context, lock credential.LockID, wanted bool) error
	// Bring leaves sealed pages of a lock's log for its owner, all or none: 792 bytes
	// each, at most MaxPages of them.  Pages that are there already change nothing.
	//
	// Errors: ErrUnknown where the lock is not known or nobody waits for its log;
	// ErrFull where more than MaxPages would be kept; ErrInvalid.
	Bring(ctx context.Context, lock credential.LockID, pages [][]byte) error
	// Pages returns the sealed pages that wait for the lock's owner, in the order
	// in which they came.  The error is ErrUnknown where the lock is not known.
	Pages(ctx context.Context, lock credential.LockID) ([][]byte, error)
	// Taken forgets pages, which the owner has now; one that is not there changes
	// nothing.  The error is ErrUnknown where the lock is not known.
	Taken(ctx context.Context, lock credential.LockID, pages [][]byte) error
}
