// Package book is what an operator's service knows beside the ledger: whose a lock
// is, which signed requests it took, who brought which pages, who says that he
// delivered which policies, and receipts for the audit.  [NewMemory] keeps it in memory, package sqlstore beside the ledger.
package book

import (
	"context"
	"errors"

	"github.com/postern-lock/postern/credential"
)

// What a book says no to.
var (
	// ErrNobody says that no owner of the lock is known.
	ErrNobody = errors.New("book: no owner of the lock is known")
	// ErrOlder says that the book knows of an owner by a newer receipt, or of another
	// one by a receipt with the same number.
	ErrOlder = errors.New("book: a newer receipt says otherwise")
	// ErrSpent says that a nonce was used before.
	ErrSpent = errors.New("book: nonce was used before")
	// ErrQuota says that as many pages of one courier wait as may.
	ErrQuota = errors.New("book: as many pages of this courier wait as may")
)

// Owner is who a lock's receipt proved to be its owner.
type Owner struct {
	Key      credential.PublicKey
	Sequence uint32 // of the entry in that receipt
	// Reached is the greatest policy version that a receipt of the lock told, or
	// that a former owner left in the outbox.
	Reached uint32
	// Posted is the greatest version that this owner left in the outbox.
	Posted uint32
}

// Claim is what a device of the staff says: that a lock holds the policy with the
// tag, since it brought it there.
type Claim struct {
	Lock    credential.LockID
	Tag     credential.Tag // of the policy
	Courier credential.KeyID
}

// Receipt is a receipt for the audit, which verified when it came.
type Receipt struct {
	Number uint64 // rises by one in the order in which receipts came
	Came   credential.Time
	Lock   credential.LockID
	Digest [32]byte // SHA-256 over what was signed
	Object []byte   // the receipt, at most 512 bytes
	// Certificate is the lock's, at most 512 bytes.
	Certificate []byte
}

// MaxForget is how many receipts one Forget forgets, so that it holds nobody up.
const MaxForget = 256

// Book is what the service remembers beside its ledger.Store.  It is safe for
// concurrent use, by several processes too where its medium is shared; every call
// can be repeated, and with an error nothing was changed.
type Book interface {
	// Owner returns the lock's owner.  The error is ErrNobody where none is known.
	Owner(ctx context.Context, lock credential.LockID) (Owner, error)
	// Own notes the owner that a receipt proved, and returns what is known from now
	// on.  By a greater Sequence another key becomes the owner: then nothing is
	// Posted, and Reached is the greatest of both Reached and the former Posted.  The
	// same key keeps the greater of each number.  The error is ErrOlder.
	Own(ctx context.Context, lock credential.LockID, o Owner) (Owner, error)
	// Reach notes a policy version that a receipt told.  Of a lock without an owner
	// nothing is noted.
	Reach(ctx context.Context, lock credential.LockID, version uint32) error
	// Posting notes that the owner leaves a policy of the version.  The error is
	// ErrNobody where the key is no longer the owner's.
	Posting(ctx context.Context, lock credential.LockID, key credential.PublicKey, version uint32) error

	// Spend notes a nonce until a time, and forgets those whose time is before now.
	// The error is ErrSpent where it was noted before.
	Spend(ctx context.Context, nonce [32]byte, until, now credential.Time) error

	// Reserve notes who brings pages, by their digests, for at most so many of one
	// courier and lock; those that are noted already count once.  The error is ErrQuota,
	// and then none is noted.
	Reserve(ctx context.Context, lock credential.LockID, courier credential.KeyID, digests [][32]byte, most int) error
	// Retain forgets who brought any other pages of the lock than those with the
	// digests: those that wait.
	Retain(ctx context.Context, lock credential.LockID, digests [][32]byte) error

	// Claim notes what couriers say, all or none: of one courier and lock the last
	// policy that he named, and of one lock at most so many couriers.  Whoever comes
	// after these is not noted, which costs him nothing but that he is asked to
	// bring the policy again.  What was said of another policy of the lock is
	// forgotten.  Of a lock that the ledger does not know nothing need be noted.
	Claim(ctx context.Context, claims []Claim, most int) error
	// Claims returns what is noted of the locks, in no order.
	Claims(ctx context.Context, locks []credential.LockID) ([]Claim, error)
	// Settle forgets what was said of the locks, since it is known now.
	Settle(ctx context.Context, locks []credential.LockID) error

	// Keep keeps receipts, all or none.  One whose Digest is there already changes
	// nothing.  Numbers are given here.
	Keep(ctx context.Context, receipts []Receipt) error
	// Forget forgets receipts that came before a time, and those beyond the newest so
	// many: the oldest first, at most MaxForget of them.  It ends at the first one that
	// stays, so whoever reads Receipts and gets another number than the next one was
	// away for too long.  It returns how many it forgot; a number is never given
	// again.
	Forget(ctx context.Context, before credential.Time, most int) (int, error)
	// Receipts returns receipts with a greater number, ascending, at most limit of
	// them.
	Receipts(ctx context.Context, after uint64, limit int) ([]Receipt, error)
}
