package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/postern-lock/postern/credential"
)

// Sizes that the standard sets.
const (
	maxArea   = 16  // bytes of an area code (section 4.7)
	maxGrant  = 512 // bytes of a grant (section 4.5)
	maxDenied = 24  // entries of a revocation list (section 18.8)
	maxScope  = 4   // entries of a grant (section 4.8)
)

// invalid is an ErrInvalid that names the rule.
func invalid(format string, a ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, a...))
}

// Check holds a record that is to be committed at the time to the rules of its
// form: it has all that a record has but what the store adds, its times are in
// order, and the grant has a possible size.  The grant is not read.
func (r Record) Check(at credential.Time) error {
	switch {
	case r.Duty == DutyID{}:
		return invalid("record without a duty")
	case r.Tag == credential.Tag{} || r.Signer == credential.KeyID{} || r.Holder == credential.KeyID{}:
		return invalid("record of duty %s: tag, signer or holder is missing", r.Duty)
	case r.Serial != 0 || r.Withdrawn != 0 || r.Bystander:
		return invalid("record of duty %s: serial and withdrawal are the store's to give", r.Duty)
	case r.IssuedAt == 0 || r.Expires <= r.IssuedAt:
		return invalid("record of duty %s: issued at %s, over at %s", r.Duty, r.IssuedAt, r.Expires)
	case r.IssuedAt > at:
		return invalid("record of duty %s: issued at %s, which is after the commit at %s", r.Duty, r.IssuedAt, at)
	case len(r.Grant) == 0 || len(r.Grant) > maxGrant:
		return invalid("record of duty %s: a grant of %d bytes, want 1 to %d", r.Duty, len(r.Grant), maxGrant)
	}
	return nil
}

// Check holds a document to what it says of itself: the bytes are a policy or a
// revocation list with this lock, signer, version and tag.  The signature is not
// verified: a policy by whomever must be before it comes here.
func (d Document) Check() error {
	lock, version, signer, tag, err := d.read()
	switch {
	case err != nil:
		return fmt.Errorf("%w: document: %w", ErrInvalid, err)
	case lock != d.Lock || version != d.Version || signer != d.Signer || tag != d.Tag:
		return invalid("document: is version %d for lock %s by %s with tag %s, and says version %d for %s by %s with %s",
			version, lock, signer, tag, d.Version, d.Lock, d.Signer, d.Tag)
	}
	return nil
}

// read decodes the object of a document.
func (d Document) read() (lock credential.LockID, version uint32, signer credential.KeyID, tag credential.Tag, err error) {
	if d.Lock == (credential.LockID{}) {
		u, err := credential.ParseRevocationList(d.Bytes)
		if err != nil {
			return lock, 0, signer, tag, err
		}
		return lock, u.Claims.Version, u.Signer(), u.Tag(), nil
	}
	u, err := credential.ParsePolicy(d.Bytes)
	if err != nil {
		return lock, 0, signer, tag, err
	}
	return u.Claims.Lock, u.Claims.Version, u.Signer(), u.Tag(), nil
}

// Checked returns the store behind the checks that every store owes, so that none
// writes them again: bounds and form of all arguments, and a context that is done.
// What reaches the store is within its bounds and, but for OutboxOf, never empty
// where it is a batch.
func Checked(s Store) Store { return checked{s} }

type checked struct{ s Store }

// alive refuses a context that is done.
func alive(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}

// several holds the length of a batch to its bound, and the context to be alive.
// An empty batch is done.
func several(ctx context.Context, what string, n, most int) (done bool, err error) {
	if err := alive(ctx); err != nil {
		return true, err
	}
	if n > most {
		return true, invalid("%d %s in one call, at most %d", n, what, most)
	}
	return n == 0, nil
}

// moment refuses a time that is missing, and a context that is done.
func moment(ctx context.Context, at credential.Time) error {
	if err := alive(ctx); err != nil {
		return err
	}
	if at == 0 {
		return invalid("the time is missing")
	}
	return nil
}

func (c checked) Find(ctx context.Context, duties []DutyID) ([]Record, error) {
	if done, err := several(ctx, "duties", len(duties), MaxBatch); done {
		return nil, err
	}
	return c.s.Find(ctx, duties)
}

func (c checked) Commit(ctx context.Context, at credential.Time, records []Record) ([]Record, error) {
	if done, err := several(ctx, "records", len(records), MaxBatch); done {
		return nil, err
	}
	duties := make(map[DutyID]bool, len(records))
	tags := make(map[credential.Tag]bool, len(records))
	for _, r := range records {
		switch err := r.Check(at); {
		case err != nil:
			return nil, err
		case duties[r.Duty]:
			return nil, invalid("duty %s comes twice", r.Duty)
		case tags[r.Tag]:
			return nil, invalid("duty %s has the grant of another: tag %s comes twice", r.Duty, r.Tag)
		}
		duties[r.Duty], tags[r.Tag] = true, true
	}
	return c.s.Commit(ctx, at, records)
}

func (c checked) Since(ctx context.Context, serial uint64, limit int) ([]Record, error) {
	if err := alive(ctx); err != nil {
		return nil, err
	}
	if limit < 1 || limit > MaxNewest {
		return nil, invalid("limit %d, want 1 to %d", limit, MaxNewest)
	}
	return c.s.Since(ctx, serial, limit)
}

func (c checked) Held(ctx context.Context, holder credential.KeyID, at credential.Time) ([]Record, error) {
	if err := moment(ctx, at); err != nil {
		return nil, err
	}
	return c.s.Held(ctx, holder, at)
}

func (c checked) Withdraw(ctx context.Context, at credential.Time, tags []credential.Tag) error {
	if done, err := several(ctx, "tags", len(tags), MaxBatch); done {
		return err
	}
	if err := moment(ctx, at); err != nil {
		return err
	}
	return c.s.Withdraw(ctx, at, tags)
}

func (c checked) NextList(ctx context.Context, signer credential.KeyID, at credential.Time, longest time.Duration) (credential.RevocationClaims, error) {
	if err := moment(ctx, at); err != nil {
		return credential.RevocationClaims{}, err
	}
	switch {
	case signer == credential.KeyID{}:
		return credential.RevocationClaims{}, invalid("the signer is missing")
	case longest < time.Second:
		return credential.RevocationClaims{}, invalid("a longest grant of %s would deny all that stands", longest)
	}
	return c.s.NextList(ctx, signer, at, longest)
}

func (c checked) RaiseLeast(ctx context.Context, signer credential.KeyID, least, at credential.Time) (int, error) {
	if err := moment(ctx, at); err != nil {
		return 0, err
	}
	switch {
	case signer == credential.KeyID{}:
		return 0, invalid("the signer is missing")
	case least > at:
		return 0, invalid("least %s is after the time %s", least, at)
	}
	return c.s.RaiseLeast(ctx, signer, least, at)
}
