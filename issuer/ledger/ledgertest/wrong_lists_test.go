package ledgertest

import (
	"context"
	"errors"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

// relist lets every list pass f.
func relist(f func(c *credential.RevocationClaims)) func(*altered) {
	return func(a *altered) {
		next := a.list
		a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time) (credential.RevocationClaims, error) {
			c, err := next(ctx, signer, at)
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

const (
	named      = "lists deny what is withdrawn and not over, ascending"
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
	{"denies what is just over", named, func(a *altered) {
		next := a.list
		a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time) (credential.RevocationClaims, error) {
			c, err := next(ctx, signer, max(at, 1)-1)
			c.IssuedAt = max(at, c.Least)
			return c, err
		}
	}},
	{"leaves out what is over soon", named, func(a *altered) {
		next := a.list
		a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time) (credential.RevocationClaims, error) {
			c, err := next(ctx, signer, at+1)
			c.IssuedAt = max(at, c.Least)
			return c, err
		}
	}},
	{"names 23 grants", "lists name 24 grants and no more", func(a *altered) {
		next := a.list
		a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time) (credential.RevocationClaims, error) {
			c, err := next(ctx, signer, at)
			if len(c.Denied) == 24 {
				return credential.RevocationClaims{}, ledger.ErrFull
			}
			return c, err
		}
	}},
	{"leaves out those for which there is no room", "lists name 24 grants and no more", func(a *altered) {
		next := a.list
		a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time) (credential.RevocationClaims, error) {
			c, err := next(ctx, signer, at)
			return c, forgives(err, ledger.ErrFull)
		}
	}},
	{"makes lists of nobody", "lists need a clock and a signer", func(a *altered) {
		next := a.list
		a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time) (credential.RevocationClaims, error) {
			c, err := next(ctx, signer, at)
			return c, forgives(err, ledger.ErrInvalid)
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
		a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time) (credential.RevocationClaims, error) {
			c, err := next(ctx, signer, at)
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
		a.list = func(ctx context.Context, signer credential.KeyID, at credential.Time) (credential.RevocationClaims, error) {
			c, err := next(ctx, signer, at)
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
