package ledger

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
)

// ErrSilent says that the key or the store gave no answer for as long as Patience
// allows.  What they may still finish is committed or not, and found when the
// duties are issued again.
var ErrSilent = errors.New("ledger: no answer")

// Rounds issues duties: the grants of a day for every round, or a few.  It is safe
// for concurrent use, and several of them can issue from one store, also the same
// duties.
type Rounds struct {
	Operator *issuer.Operator
	Store    Store
	Now      func() credential.Time // the issuer's clock
	// MinArea is how many bytes an area must have at the least, 1 to 16: the length of
	// the shortest code of a round, so that a slip opens no city.
	MinArea int

	// Workers is how many batches are under way at once; zero stands for one more than
	// there are processors, so that they are busy while a batch is handed out.  A
	// remote key or store is busier with more.
	Workers int
	// Batch is how many duties one commit holds, 1 to MaxBatch; zero stands for 256.
	// A key needs to sign them within ClockTolerance.
	Batch int
	// Longest is the longest time from issue to end of any grant in the store that may be
	// in force, by whichever key and certificate: after a change to a certificate with a
	// shorter one still that of the one before.  It bounds how far back Lost
	// reads; zero lets it read the whole ledger.
	Longest time.Duration
	// Patience is for how long no signature may be made and no call of the store
	// may end while there is work; zero stands for 30 seconds.  Issue ends after
	// Patience at the earliest, and twice that at the latest.
	Patience time.Duration
	// Progress, where it is not nil, is told after each batch, in the caller's
	// goroutine.
	Progress func(Progress)
}

// Progress tells how far Issue is.
type Progress struct {
	Issued  int // grants signed and committed now
	Known   int // grants that were there before
	Refused int // duties without a grant
}

// Issue signs a grant for each duty, commits it, and then hands out its record, with
// bounded memory: Workers batches of duties and records under way, and one that is read.
// Duties is read and records are handed out in the caller's goroutine, keys and store
// work in others; what duties yielded is not to be changed.  Records come in the order of the
// duties within a batch, and batches in any.
//
// A duty that has a record in the store gets that one: after a crash, or by another
// issuer at the same time, nothing is issued twice.  The record is compared with
// the duty, and is not handed out where it was withdrawn.
//
// An error of type [*DutyError] is about one duty, and the others go on: its cause is
// a credential.Error for a grant that the operator may not give or every lock would
// refuse, ErrInvalid for a duty without an id or with too wide an area, ErrConflict
// for an id or a grant that another duty has, ErrSuperseded for a duty whose grant was
// withdrawn.  Any other error is the last thing that comes: ErrClock, ErrSilent, an
// error of duties (what was read before is handed out first), of the key, of the
// store or of ctx.  Then, and when the caller breaks off, what is not handed out may
// be committed; whoever issues the same duties again gets it.  No goroutine of Issue
// is left a second later, but for those that a silent key or store holds, at most
// Workers for each call: see that it answers before the next one.
func (r *Rounds) Issue(ctx context.Context, duties iter.Seq2[Duty, error]) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		if err := r.check(); err != nil {
			yield(Record{}, err)
			return
		}
		run := r.begin(ctx, yield)
		defer run.end()
		for d, err := range duties {
			if err != nil {
				if run.finish() {
					yield(Record{}, fmt.Errorf("ledger: duties: %w", err))
				}
				return
			}
			if !run.take(d) {
				return
			}
		}
		run.finish()
	}
}

// check refuses rounds that lack something.
func (r *Rounds) check() error {
	switch {
	case r.Operator == nil || r.Store == nil || r.Now == nil:
		return invalid("rounds need an operator, a store and a clock")
	case r.MinArea < 1 || r.MinArea > maxArea:
		return invalid("MinArea is %d, want the length of the shortest code of a round, 1 to %d bytes", r.MinArea, maxArea)
	case r.Longest != 0 && r.Longest < r.Operator.Authority().LongestGrant():
		return invalid("Longest is %s, and the operator's certificate allows grants of %s", r.Longest, r.Operator.Authority().LongestGrant())
	case r.Batch < 0 || r.Batch > MaxBatch:
		return invalid("a batch of %d, want at most %d", r.Batch, MaxBatch)
	}
	return nil
}

// workers, batch and patience return what is set or its default.
func (r *Rounds) workers() int {
	if r.Workers > 0 {
		return r.Workers
	}
	return runtime.GOMAXPROCS(0) + 1
}

func (r *Rounds) batch() int {
	if r.Batch > 0 {
		return r.Batch
	}
	return 256
}

func (r *Rounds) patience() time.Duration { return patience(r.Patience) }

func patience(set time.Duration) time.Duration {
	if set > 0 {
		return set
	}
	return 30 * time.Second
}

// now asks the clock.
func now(clock func() credential.Time) (credential.Time, error) {
	at := clock()
	if at == 0 {
		return 0, fmt.Errorf("%w: it tells no time", ErrClock)
	}
	return at, nil
}
