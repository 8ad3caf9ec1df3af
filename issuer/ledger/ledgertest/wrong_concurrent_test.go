package ledgertest

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

// meet returns a function in which the first n callers wait for each other, in the
// middle of what should be one step.  Later callers pass.
func meet(n int32) func() {
	var came atomic.Int32
	all := make(chan struct{})
	return func() {
		if came.Add(1) == n {
			close(all)
		}
		<-all
	}
}

var wrongConcurrent = []wrong{
	{"looks for the duty and commits in two steps", "concurrent commits of one duty agree on the first", func(a *altered) {
		find, commit, all := a.find, a.commit, meet(8)
		a.commit = func(ctx context.Context, at credential.Time, records []ledger.Record) ([]ledger.Record, error) {
			found, err := find(ctx, []ledger.DutyID{records[0].Duty})
			if err != nil {
				return nil, err
			}
			all()
			kept, err := commit(ctx, at, records)
			for i := range kept {
				if len(found) == 0 {
					kept[i].Tag, kept[i].Grant = records[i].Tag, records[i].Grant
				}
			}
			return kept, err
		}
	}},
	{"shows a record after later ones", "concurrent commits give serials without gaps to whoever reads on", func(a *altered) {
		since := a.since
		shown := map[uint64]bool{}
		a.since = func(ctx context.Context, serial uint64, limit int) ([]ledger.Record, error) {
			records, err := since(ctx, serial, limit)
			return slices.DeleteFunc(records, func(r ledger.Record) bool {
				hidden := r.Serial%2 == 0 && !shown[r.Serial]
				shown[r.Serial] = true
				return hidden
			}), err
		}
	}},
	{"counts versions in two steps", "concurrent lists never share a version", func(a *altered) {
		next := a.list
		var mu sync.Mutex
		var newest uint32
		all := meet(8)
		a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time, longest time.Duration) (credential.RevocationClaims, error) {
			c, err := next(ctx, signer, at, longest)
			mu.Lock()
			c.Version = newest + 1
			mu.Unlock()
			all()
			mu.Lock()
			newest = c.Version
			mu.Unlock()
			return c, err
		}
	}},
	{"reads what is withdrawn before it counts", "concurrent lists deny ever more", func(a *altered) {
		// The first four withdraw and read one after the other, and count in the
		// opposite order.
		next, withdraw := a.list, a.withdraw
		var came atomic.Int32
		turn, counted := make(chan struct{}, 1), [5]chan struct{}{}
		for i := range counted {
			counted[i] = make(chan struct{})
		}
		close(counted[4])
		a.withdraw = func(ctx context.Context, at credential.Time, tags []credential.Tag) error {
			turn <- struct{}{}
			return withdraw(ctx, at, tags)
		}
		a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time, longest time.Duration) (credential.RevocationClaims, error) {
			c, err := next(ctx, signer, at, longest)
			if err != nil {
				return c, err
			}
			k := came.Add(1) - 1
			<-turn
			if k < 4 {
				<-counted[k+1]
				defer close(counted[k])
			}
			later, err := next(ctx, signer, at, longest)
			c.Version = later.Version
			return c, err
		}
	}},
	{"withdraws a little later", "concurrent lists deny ever more", func(a *altered) {
		withdraw := a.withdraw
		var before []credential.Tag
		var mu sync.Mutex
		a.withdraw = func(ctx context.Context, at credential.Time, tags []credential.Tag) error {
			mu.Lock()
			defer mu.Unlock()
			err := withdraw(ctx, at, before)
			before = tags
			return err
		}
	}},
	{"looks for pages and keeps them in two steps", "concurrent couriers bring no page twice", func(a *altered) {
		pages := a.pages
		var mu sync.Mutex
		var kept [][]byte
		all := meet(6)
		a.bring = func(ctx context.Context, lock credential.LockID, brought [][]byte) error {
			mu.Lock()
			there := slices.Clone(kept)
			mu.Unlock()
			all()
			mu.Lock()
			defer mu.Unlock()
			for _, p := range brought {
				if !slices.ContainsFunc(there, func(t []byte) bool { return slices.Equal(t, p) }) {
					kept = append(kept, p)
				}
			}
			return nil
		}
		a.pages = func(ctx context.Context, lock credential.LockID) ([][]byte, error) {
			_, err := pages(ctx, lock)
			return slices.Clone(kept), err
		}
	}},
}
