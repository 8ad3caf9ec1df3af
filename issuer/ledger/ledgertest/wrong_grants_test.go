package ledgertest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

// rewrite lets every record that the store returns pass f.
func rewrite(a *altered, f func(r *ledger.Record)) {
	all := func(records []ledger.Record, err error) ([]ledger.Record, error) {
		for i := range records {
			f(&records[i])
		}
		return records, err
	}
	find, commit, since, held := a.find, a.commit, a.since, a.held
	a.find = func(ctx context.Context, duties []ledger.DutyID) ([]ledger.Record, error) {
		return all(find(ctx, duties))
	}
	a.commit = func(ctx context.Context, at credential.Time, records []ledger.Record) ([]ledger.Record, error) {
		return all(commit(ctx, at, records))
	}
	a.since = func(ctx context.Context, serial uint64, limit int) ([]ledger.Record, error) {
		return all(since(ctx, serial, limit))
	}
	a.held = func(ctx context.Context, holder credential.KeyID, at credential.Time) ([]ledger.Record, error) {
		return all(held(ctx, holder, at))
	}
}

// oneByOne commits the records of a batch one after the other.
func oneByOne(a *altered) {
	commit := a.commit
	a.commit = func(ctx context.Context, at credential.Time, records []ledger.Record) (kept []ledger.Record, err error) {
		for _, r := range records {
			k, err := commit(ctx, at, []ledger.Record{r})
			if err != nil {
				return nil, err
			}
			kept = append(kept, k...)
		}
		return kept, nil
	}
}

// forgiving returns what was given where a commit is refused for the reason.
func forgiving(reason error) func(*altered) {
	return func(a *altered) {
		commit := a.commit
		a.commit = func(ctx context.Context, at credential.Time, records []ledger.Record) ([]ledger.Record, error) {
			kept, err := commit(ctx, at, records)
			if errors.Is(err, reason) {
				return records, nil
			}
			return kept, err
		}
	}
}

var wrongGrants = []wrong{
	{"forgets the reference", "commit gives serials in order, and everything is kept", func(a *altered) {
		rewrite(a, func(r *ledger.Record) { r.Reference = credential.Reference{} })
	}},
	{"counts serials from 0", "commit gives serials in order, and everything is kept", func(a *altered) {
		rewrite(a, func(r *ledger.Record) { r.Serial-- })
	}},
	{"cuts times to 31 bits", "commit keeps extreme values", func(a *altered) {
		rewrite(a, func(r *ledger.Record) { r.Expires &= 1<<31 - 1 })
	}},
	{"trims zero bytes of grants", "commit keeps extreme values", func(a *altered) {
		rewrite(a, func(r *ledger.Record) {
			for len(r.Grant) > 0 && r.Grant[len(r.Grant)-1] == 0 {
				r.Grant = r.Grant[:len(r.Grant)-1]
			}
		})
	}},
	{"returns the second grant of a duty", "commit gives the record that a duty has already", func(a *altered) {
		commit := a.commit
		a.commit = func(ctx context.Context, at credential.Time, records []ledger.Record) ([]ledger.Record, error) {
			kept, err := commit(ctx, at, records)
			for i := range kept {
				kept[i].Tag, kept[i].Grant, kept[i].IssuedAt = records[i].Tag, records[i].Grant, records[i].IssuedAt
			}
			return kept, err
		}
	}},
	{"commits in the order of serials", "commit gives the record that a duty has already", func(a *altered) {
		commit := a.commit
		a.commit = func(ctx context.Context, at credential.Time, records []ledger.Record) ([]ledger.Record, error) {
			kept, err := commit(ctx, at, records)
			slices.SortFunc(kept, func(a, b ledger.Record) int { return cmp.Compare(a.Serial, b.Serial) })
			return kept, err
		}
	}},
	{"keeps a part of a bad batch", "commit refuses a bad record and changes nothing", oneByOne},
	{"keeps a part of a batch with a conflict", "commit refuses the tag of another duty and changes nothing", oneByOne},
	{"acknowledges a bad record", "commit refuses a bad record and changes nothing", forgiving(ledger.ErrInvalid)},
	{"acknowledges a conflict", "commit refuses the tag of another duty and changes nothing", forgiving(ledger.ErrConflict)},
	{"returns the caller's bytes", "commit shares no memory with its caller", func(a *altered) {
		given := map[ledger.DutyID][]byte{}
		commit := a.commit
		a.commit = func(ctx context.Context, at credential.Time, records []ledger.Record) ([]ledger.Record, error) {
			for _, r := range records {
				given[r.Duty] = r.Grant
			}
			return commit(ctx, at, records)
		}
		rewrite(a, func(r *ledger.Record) { r.Grant = given[r.Duty] })
	}},
	{"finds in the order of serials", "find keeps the order of the duties", func(a *altered) {
		find := a.find
		a.find = func(ctx context.Context, duties []ledger.DutyID) ([]ledger.Record, error) {
			found, err := find(ctx, duties)
			slices.SortFunc(found, func(a, b ledger.Record) int { return cmp.Compare(a.Serial, b.Serial) })
			return found, err
		}
	}},
	{"finds a duty once", "find keeps the order of the duties", func(a *altered) {
		find := a.find
		a.find = func(ctx context.Context, duties []ledger.DutyID) ([]ledger.Record, error) {
			seen := map[ledger.DutyID]bool{}
			return find(ctx, slices.DeleteFunc(slices.Clone(duties), func(d ledger.DutyID) bool {
				defer func() { seen[d] = true }()
				return seen[d]
			}))
		}
	}},
	{"reads on from the record itself", "since pages through all records", func(a *altered) {
		since := a.since
		a.since = func(ctx context.Context, serial uint64, limit int) ([]ledger.Record, error) {
			return since(ctx, max(serial, 1)-1, limit)
		}
	}},
	{"has no limit", "since pages through all records", func(a *altered) {
		since := a.since
		a.since = func(ctx context.Context, serial uint64, limit int) ([]ledger.Record, error) {
			return since(ctx, serial, max(min(limit, 1), min(limit, 3)*ledger.MaxBatch))
		}
	}},
	{"takes any limit", "since pages through all records", func(a *altered) {
		since := a.since
		a.since = func(ctx context.Context, serial uint64, limit int) ([]ledger.Record, error) {
			return since(ctx, serial, min(limit, ledger.MaxNewest))
		}
	}},
	{"has serials of 63 bits", "since pages through all records", func(a *altered) {
		since := a.since
		a.since = func(ctx context.Context, serial uint64, limit int) ([]ledger.Record, error) {
			return since(ctx, uint64(max(0, int64(serial))), limit)
		}
	}},
	{"holds what is just over", "held leaves out what is over, withdrawn or another's", func(a *altered) {
		held := a.held
		a.held = func(ctx context.Context, holder credential.KeyID, at credential.Time) ([]ledger.Record, error) {
			return held(ctx, holder, max(at, 1)-1)
		}
	}},
	{"holds what is withdrawn", "held leaves out what is over, withdrawn or another's", func(a *altered) {
		a.withdraw = func(context.Context, credential.Time, []credential.Tag) error { return nil }
	}},
	{"holds one signer's grants alone", "held leaves out what is over, withdrawn or another's", func(a *altered) {
		held := a.held
		a.held = func(ctx context.Context, holder credential.KeyID, at credential.Time) ([]ledger.Record, error) {
			records, err := held(ctx, holder, at)
			return slices.DeleteFunc(records, func(r ledger.Record) bool { return r.Signer != post }), err
		}
	}},
	{"holds the last of many", "held returns the first of many", func(a *altered) {
		held := a.held
		a.held = func(ctx context.Context, holder credential.KeyID, at credential.Time) ([]ledger.Record, error) {
			records, err := held(ctx, holder, at)
			return records[min(1, len(records)):], err
		}
	}},
	{"takes batches of any size", "batches are bounded, and empty ones do nothing", forgiving(ledger.ErrInvalid)},
	{"refuses an empty batch", "batches are bounded, and empty ones do nothing", func(a *altered) {
		bring := a.bring
		a.bring = func(ctx context.Context, lock credential.LockID, pages [][]byte) error {
			if len(pages) == 0 {
				return ledger.ErrInvalid
			}
			return bring(ctx, lock, pages)
		}
	}},
}

var wrongClock = []wrong{
	{"has no clock", "commit refuses a clock that is behind", forgiving(ledger.ErrClock)},
	{"has no tolerance", "commit refuses a clock that is behind", func(a *altered) {
		commit := a.commit
		var newest credential.Time
		a.commit = func(ctx context.Context, at credential.Time, records []ledger.Record) ([]ledger.Record, error) {
			if at < newest {
				return nil, ledger.ErrClock
			}
			newest = max(newest, at)
			return commit(ctx, at, records)
		}
	}},
	{"forgets the newest time for the last", "commit refuses a clock that is behind", func(a *altered) {
		commit := a.commit
		var last credential.Time
		a.commit = func(ctx context.Context, at credential.Time, records []ledger.Record) ([]ledger.Record, error) {
			if at+ledger.ClockTolerance < last {
				return nil, ledger.ErrClock
			}
			kept, err := commit(ctx, at, records)
			if errors.Is(err, ledger.ErrClock) {
				kept, err = records, nil
			}
			if err == nil {
				last = at
			}
			return kept, err
		}
	}},
	{"takes the time of a commit for that of issue", "commit refuses a clock that is behind", func(a *altered) {
		commit := a.commit
		var newest credential.Time
		a.commit = func(ctx context.Context, at credential.Time, records []ledger.Record) ([]ledger.Record, error) {
			if at+ledger.ClockTolerance < newest {
				return nil, ledger.ErrClock
			}
			newest = max(newest, at)
			return commit(ctx, at, records)
		}
	}},
	{"commits what is denied", "commit refuses what its signer denies", forgiving(ledger.ErrClock)},
	{"refuses a known duty whose grant is denied", "commit refuses what its signer denies", func(a *altered) {
		find, commit := a.find, a.commit
		a.commit = func(ctx context.Context, at credential.Time, records []ledger.Record) ([]ledger.Record, error) {
			for _, r := range records {
				if found, _ := find(ctx, []ledger.DutyID{r.Duty}); len(found) > 0 && found[0].Withdrawn != 0 {
					return nil, ledger.ErrClock
				}
			}
			return commit(ctx, at, records)
		}
	}},
	{"makes lists with any clock", "lists need a clock and a signer", func(a *altered) {
		next := a.list
		a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time, longest time.Duration) (credential.RevocationClaims, error) {
			c, err := next(ctx, signer, at, longest)
			if errors.Is(err, ledger.ErrClock) {
				err = nil
			}
			return c, err
		}
	}},
}
