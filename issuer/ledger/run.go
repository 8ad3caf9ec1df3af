package ledger

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/postern-lock/postern/credential"
)

// run is one call of Issue.  Its fields belong to the caller's goroutine, but for
// what the workers share.
type run struct {
	r     *Rounds
	yield func(Record, error) bool

	workers  int // batches that may be under way; a machine's processors can change meanwhile
	batch    []Duty
	inBatch  map[DutyID]bool
	progress Progress
	flying   int // batches that have not come back
	hung     bool

	ctx    context.Context // of the workers
	cancel context.CancelFunc
	done   chan landed
	shared
}

// shared is what the workers of a run tell the caller's goroutine all the time.
type shared struct {
	steps   atomic.Int64 // signatures made, and calls of the store that ended
	signing atomic.Int32 // workers that wait for the key
}

// landed is a batch that came back.
type landed struct {
	results []result
	issued  int
	err     error // ends the run; then there are no results
}

// result is what became of a duty.
type result struct {
	record Record
	err    error
}

func (r *Rounds) begin(ctx context.Context, yield func(Record, error) bool) *run {
	ctx, cancel := context.WithCancel(ctx)
	workers := r.workers()
	return &run{
		r: r, yield: yield, workers: workers, ctx: ctx, cancel: cancel,
		inBatch: map[DutyID]bool{}, done: make(chan landed, workers),
	}
}

// take adds a duty to the batch.  It reports whether the run goes on.
func (f *run) take(d Duty) bool {
	if f.inBatch[d.ID] || len(f.batch) == f.r.batch() {
		if !f.launch() {
			return false
		}
	}
	f.batch = append(f.batch, d)
	f.inBatch[d.ID] = true
	return true
}

// launch sends the batch to a worker, when one is free.
func (f *run) launch() bool {
	if len(f.batch) == 0 {
		return true
	}
	for f.flying == f.workers {
		if !f.land() {
			return false
		}
	}
	at, err := now(f.r.Now)
	if err != nil {
		f.yield(Record{}, err)
		return false
	}
	w := worker{Rounds: f.r, shared: &f.shared, at: at, signer: credential.KeyIDOf(f.r.Operator.PublicKey()), duties: f.batch}
	f.batch = make([]Duty, 0, f.r.batch())
	clear(f.inBatch)
	f.flying++
	ctx, done := f.ctx, f.done
	go func() { done <- w.work(ctx) }()
	return true
}

// finish hands out all that is left.
func (f *run) finish() bool {
	if !f.launch() {
		return false
	}
	for f.flying > 0 {
		if !f.land() {
			return false
		}
	}
	return true
}

// land waits for a batch and hands it out.
func (f *run) land() bool {
	b, err := f.wait()
	if err == nil {
		err = b.err
	}
	if err != nil {
		f.yield(Record{}, err)
		return false
	}
	refused := 0
	for _, x := range b.results {
		if x.err != nil {
			refused++
		}
		if !f.yield(x.record, x.err) {
			return false
		}
	}
	f.progress.Issued += b.issued
	f.progress.Known += len(b.results) - b.issued - refused
	f.progress.Refused += refused
	if f.r.Progress != nil {
		f.r.Progress(f.progress)
	}
	return true
}

// wait returns the next batch that comes back, unless nothing moves for too long.
func (f *run) wait() (landed, error) {
	seen := f.steps.Load()
	timer := time.NewTimer(f.r.patience())
	defer timer.Stop()
	for {
		select {
		case b := <-f.done:
			f.flying--
			return b, nil
		case <-f.ctx.Done():
			return landed{}, fmt.Errorf("ledger: %w", f.ctx.Err())
		case <-timer.C:
			if n := f.steps.Load(); n != seen {
				seen = n
				timer.Reset(f.r.patience())
				continue
			}
			f.hung = true
			who := "store"
			if f.signing.Load() > 0 {
				who = "key"
			}
			return landed{}, fmt.Errorf("%w: of the %s for %s; issue the duties again when it is back, nothing is issued twice", ErrSilent, who, f.r.patience())
		}
	}
}

// end stops the workers and waits for those that listen.
func (f *run) end() {
	f.cancel()
	if f.hung {
		return
	}
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	for ; f.flying > 0; f.flying-- {
		select {
		case <-f.done:
		case <-timer.C:
			return
		}
	}
}
