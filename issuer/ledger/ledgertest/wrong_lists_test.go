package ledgertest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

// relist lets every list pass f.
func relist(f func(c *credential.RevocationClaims)) func(*altered) {
	return func(a *altered) {
		next := a.list
		a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time, longest time.Duration) (credential.RevocationClaims, error) {
			c, err := next(ctx, signer, at, longest)
			f(&c)
			return c, err
		}
	}
}

// forgives returns no error where a call is refused for the reason.
func forgives(err, reason error) error {
	if errors.Is(err, reason) {
		return nil
	}
	return err
}

// drops leaves out of lists what is over: nothing of it is denied then.
func drops(a *altered) {
	next := a.list
	a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time, longest time.Duration) (credential.RevocationClaims, error) {
		c, err := next(ctx, signer, at, longest)
		c.Denied = slices.DeleteFunc(c.Denied, func(d credential.Denial) bool { return d.Expires <= at })
		return c, err
	}
}

const (
	named      = "lists deny what is withdrawn, ascending"
	over       = "lists name what is over while there is room, the newest first"
	outlived   = "lists deny what is older than the longest grant"
	history    = "lists deny ever more, and nothing that stands"
	bystanders = "raising least withdraws bystanders"
	falling    = "least never falls and is not in the future"
)

var wrongLists = []wrong{
	{"withdraws one by one", "withdraw refuses an unknown grant and changes nothing", func(a *altered) {
		withdraw := a.withdraw
		a.withdraw = func(ctx context.Context, at credential.Time, tags []credential.Tag) error {
			var errs []error
			for _, tag := range tags {
				errs = append(errs, withdraw(ctx, at, []credential.Tag{tag}))
			}
			return errors.Join(errs...)
		}
	}},
	{"passes over an unknown grant", "withdraw refuses an unknown grant and changes nothing", func(a *altered) {
		withdraw := a.withdraw
		a.withdraw = func(ctx context.Context, at credential.Time, tags []credential.Tag) error {
			return forgives(withdraw(ctx, at, tags), ledger.ErrUnknown)
		}
	}},
	{"withdraws again, later", "withdraw keeps the first time", func(a *altered) {
		withdraw := a.withdraw
		last := map[credential.Tag]credential.Time{}
		a.withdraw = func(ctx context.Context, at credential.Time, tags []credential.Tag) error {
			for _, tag := range tags {
				last[tag] = at
			}
			return withdraw(ctx, at, tags)
		}
		rewrite(a, func(r *ledger.Record) { r.Withdrawn = last[r.Tag] })
	}},
	{"withdraws since no time", "withdraw keeps the first time", func(a *altered) {
		withdraw := a.withdraw
		a.withdraw = func(ctx context.Context, at credential.Time, tags []credential.Tag) error {
			return withdraw(ctx, max(at, 1), tags)
		}
	}},
	{"gives each version twice", "lists count versions for each signer", relist(func(c *credential.RevocationClaims) { c.Version = (c.Version + 1) / 2 })},
	{"counts versions from 0", "lists count versions for each signer", relist(func(c *credential.RevocationClaims) { c.Version-- })},
	{"does not look at lists from elsewhere", "lists count versions for each signer", relist(func(c *credential.RevocationClaims) { c.Version %= 40 })},
	{"signs lists of another time", named, relist(func(c *credential.RevocationClaims) { c.IssuedAt++ })},
	{"does not sort lists", named, relist(func(c *credential.RevocationClaims) { slices.Reverse(c.Denied) })},
	{"denies the newest alone", named, relist(func(c *credential.RevocationClaims) { c.Denied = c.Denied[:min(1, len(c.Denied))] })},
	{"drops what is over", named, drops},
	{"drops what is over, over a long time", history, drops},
	{"names the oldest of what is over", over, func(a *altered) {
		next := a.list
		a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time, longest time.Duration) (credential.RevocationClaims, error) {
			c, err := next(ctx, signer, at, longest)
			for _, r := range mustRead(ctx, a) {
				for i, d := range c.Denied {
					if r.Withdrawn != 0 && d.Expires <= at && r.Expires < d.Expires {
						c.Denied[i] = credential.Denial{Tag: r.Tag, Expires: r.Expires}
						break
					}
				}
			}
			return c, err
		}
	}},
	{"is full of what is over", over, func(a *altered) {
		next := a.list
		a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time, longest time.Duration) (credential.RevocationClaims, error) {
			c, err := next(ctx, signer, at, longest)
			if n := len(mustRead(ctx, a)); n > 24 && len(c.Denied) == 24 && c.Denied[0].Expires <= at {
				return credential.RevocationClaims{}, ledger.ErrFull
			}
			return c, err
		}
	}},
	{"never raises least by itself", outlived, relist(func(c *credential.RevocationClaims) { c.Least = 0 })},
	{"raises least by one too many, over a long time", history, func(a *altered) {
		next := a.list
		a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time, longest time.Duration) (credential.RevocationClaims, error) {
			return next(ctx, signer, at, longest-4*time.Hour)
		}
	}},
	{"believes a clock that is ahead", outlived, func(a *altered) {
		next := a.list
		a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time, longest time.Duration) (credential.RevocationClaims, error) {
			c, err := next(ctx, signer, at, longest)
			c.Least = max(c.Least, ledger.Outlived(at, at, longest))
			return c, err
		}
	}},
	{"lets least fall with a longer grant", outlived, func(a *altered) {
		next := a.list
		a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time, longest time.Duration) (credential.RevocationClaims, error) {
			c, err := next(ctx, signer, at, longest)
			c.Least = ledger.Outlived(now, at, longest)
			return c, err
		}
	}},
	{"takes any time for the longest", outlived, func(a *altered) {
		next := a.list
		a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time, longest time.Duration) (credential.RevocationClaims, error) {
			return next(ctx, signer, at, max(longest, time.Second))
		}
	}},
	{"commits what a list denies by itself", outlived, func(a *altered) {
		commit := a.commit
		a.commit = func(ctx context.Context, at credential.Time, records []ledger.Record) ([]ledger.Record, error) {
			kept, err := commit(ctx, at, records)
			return kept, forgives(err, ledger.ErrClock)
		}
	}},
	{"names 23 grants", "lists name 24 grants and no more", func(a *altered) {
		next := a.list
		a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time, longest time.Duration) (credential.RevocationClaims, error) {
			c, err := next(ctx, signer, at, longest)
			if len(c.Denied) == 24 {
				return credential.RevocationClaims{}, ledger.ErrFull
			}
			return c, err
		}
	}},
	{"leaves out those for which there is no room", "lists name 24 grants and no more", func(a *altered) {
		next := a.list
		a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time, longest time.Duration) (credential.RevocationClaims, error) {
			c, err := next(ctx, signer, at, longest)
			return c, forgives(err, ledger.ErrFull)
		}
	}},
	{"makes lists of nobody", "lists need a clock and a signer", func(a *altered) {
		next := a.list
		a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time, longest time.Duration) (credential.RevocationClaims, error) {
			c, err := next(ctx, signer, at, longest)
			return c, forgives(err, ledger.ErrInvalid)
		}
	}},
	{"raises least with any clock", "lists need a clock and a signer", func(a *altered) {
		raise := a.raise
		a.raise = func(ctx context.Context, signer credential.KeyID, least, at credential.Time) (int, error) {
			n, err := raise(ctx, signer, least, at)
			return n, forgives(err, ledger.ErrClock)
		}
	}},
	{"forgets the least", bystanders, relist(func(c *credential.RevocationClaims) { c.Least = 0 })},
	{"counts none of the bystanders", bystanders, func(a *altered) {
		raise := a.raise
		a.raise = func(ctx context.Context, signer credential.KeyID, least, at credential.Time) (int, error) {
			_, err := raise(ctx, signer, least, at)
			return 0, err
		}
	}},
	{"raises least by one too many", bystanders, func(a *altered) {
		raise := a.raise
		a.raise = func(ctx context.Context, signer credential.KeyID, least, at credential.Time) (int, error) {
			return raise(ctx, signer, least+1, at)
		}
	}},
	{"withdraws bystanders since the least", bystanders, func(a *altered) {
		raise := a.raise
		a.raise = func(ctx context.Context, signer credential.KeyID, least, at credential.Time) (int, error) {
			return raise(ctx, signer, least, least)
		}
	}},
	{"does not tell bystanders", bystanders, func(a *altered) {
		rewrite(a, func(r *ledger.Record) { r.Bystander = false })
	}},
	{"takes every withdrawn one for a bystander", bystanders, func(a *altered) {
		rewrite(a, func(r *ledger.Record) { r.Bystander = r.Withdrawn != 0 })
	}},
	{"keeps a bystander that is named", "a bystander can be withdrawn by name", func(a *altered) {
		withdraw := a.withdraw
		a.withdraw = func(ctx context.Context, at credential.Time, tags []credential.Tag) error {
			for _, r := range mustRead(ctx, a) {
				if slices.Contains(tags, r.Tag) && r.Bystander {
					return nil
				}
			}
			return withdraw(ctx, at, tags)
		}
	}},
	{"lets least fall", falling, func(a *altered) {
		raise, next := a.raise, a.list
		var last credential.Time
		a.raise = func(ctx context.Context, signer credential.KeyID, least, at credential.Time) (int, error) {
			n, err := raise(ctx, signer, least, at)
			last = least
			return n, err
		}
		a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time, longest time.Duration) (credential.RevocationClaims, error) {
			c, err := next(ctx, signer, at, longest)
			c.Least = last
			return c, err
		}
	}},
	{"takes a least of the future", falling, func(a *altered) {
		raise := a.raise
		a.raise = func(ctx context.Context, signer credential.KeyID, least, at credential.Time) (int, error) {
			return raise(ctx, signer, min(least, at), at)
		}
	}},
	{"signs lists before their least", falling, func(a *altered) {
		next := a.list
		a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time, longest time.Duration) (credential.RevocationClaims, error) {
			c, err := next(ctx, signer, at, longest)
			c.IssuedAt = at
			return c, err
		}
	}},
}

// mustRead returns all records.
func mustRead(ctx context.Context, s ledger.Store) []ledger.Record {
	records, err := s.Since(ctx, 0, ledger.MaxNewest)
	if err != nil {
		panic(err)
	}
	return records
}
