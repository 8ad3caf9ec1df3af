package sqlstore

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

// maxDenied is how many grants a revocation list names (section 18.8).
const maxDenied = 24

func (s *store) Withdraw(ctx context.Context, at credential.Time, tags []credential.Tag) error {
	return s.change(ctx, "withdraw grants", func(tx *sql.Tx) error {
		unknown := make(map[credential.Tag]bool)
		for _, tag := range tags {
			unknown[tag] = true
		}
		for piece := range pieces(tags) {
			args := []any{int64(at)}
			for i := range piece {
				args = append(args, piece[i][:])
			}
			err := each(ctx, tx, `UPDATE grants
				SET withdrawn = CASE WHEN withdrawn = 0 THEN $1 ELSE withdrawn END, bystander = 0
				WHERE tag IN `+s.dialect.tuples(2, 1, len(piece))+` RETURNING tag`, args, func(rows *sql.Rows) error {
				var tag credential.Tag
				err := rows.Scan(fixed(tag[:]))
				delete(unknown, tag)
				return err
			})
			if err != nil {
				return err
			}
		}
		for tag := range unknown {
			return fmt.Errorf("%w: grant %s", ledger.ErrUnknown, tag)
		}
		return nil
	})
}

func (s *store) NextList(ctx context.Context, signer credential.KeyID, at credential.Time, longest time.Duration) (claims credential.RevocationClaims, err error) {
	err = s.change(ctx, "reserve a list", func(tx *sql.Tx) error {
		claims, err = s.nextList(ctx, tx, signer, at, longest)
		return err
	})
	if err != nil {
		return credential.RevocationClaims{}, err
	}
	return claims, nil
}

func (s *store) nextList(ctx context.Context, tx *sql.Tx, signer credential.KeyID, at credential.Time, longest time.Duration) (c credential.RevocationClaims, err error) {
	now, err := s.counter(ctx, tx, false)
	if err != nil {
		return c, err
	}
	if err := now.behind(at); err != nil {
		return c, err
	}
	// The signer's row is held from here on: what the list before it denied was
	// committed, so this one denies it too.
	var version int64
	err = tx.QueryRowContext(ctx, `INSERT INTO lists (signer, version, least) VALUES ($1, 1, $2)
		ON CONFLICT (signer) DO UPDATE SET version = lists.version + 1,
			least = CASE WHEN excluded.least > lists.least THEN excluded.least ELSE lists.least END
		RETURNING version, least`, signer[:], int64(ledger.Outlived(now.newest, at, longest))).Scan(&version, &c.Least)
	if err != nil {
		return c, err
	}
	if version > math.MaxUint32 {
		return c, fmt.Errorf("%w: %s has no version left for a list", ledger.ErrFull, signer)
	}
	c.Version, c.IssuedAt = uint32(version), max(at, c.Least)
	// A grant that is not before the least ended after it, so that the index bounds
	// what is read.
	err = each(ctx, tx, `SELECT tag, expires FROM grants
		WHERE signer = $1 AND withdrawn > 0 AND bystander = 0 AND expires > $2 AND issued_at >= $2 ORDER BY expires DESC, tag LIMIT $3`,
		[]any{signer[:], int64(c.Least), maxDenied + 1}, func(rows *sql.Rows) error {
			var d credential.Denial
			err := rows.Scan(fixed(d.Tag[:]), &d.Expires)
			c.Denied = append(c.Denied, d)
			return err
		})
	if err == nil && len(c.Denied) > maxDenied && at < c.Denied[maxDenied].Expires {
		err = fmt.Errorf("%w: more than %d grants of %s are to be denied, a list names no more; raise Least", ledger.ErrFull, maxDenied, signer)
	}
	c.Denied = c.Denied[:min(len(c.Denied), maxDenied)]
	slices.SortFunc(c.Denied, func(a, b credential.Denial) int { return bytes.Compare(a.Tag[:], b.Tag[:]) })
	return c, err
}

func (s *store) RaiseLeast(ctx context.Context, signer credential.KeyID, least, at credential.Time) (stood int, err error) {
	err = s.change(ctx, "raise the least", func(tx *sql.Tx) error {
		stood = 0
		// Nobody commits an older grant meanwhile.
		now, err := s.counter(ctx, tx, true)
		if err != nil {
			return err
		}
		if err := now.behind(at); err != nil {
			return err
		}
		raised, err := tx.ExecContext(ctx, `INSERT INTO lists (signer, version, least) VALUES ($1, 0, $2)
			ON CONFLICT (signer) DO UPDATE SET least = excluded.least WHERE excluded.least > lists.least`, signer[:], int64(least))
		if err != nil {
			return err
		}
		if n, err := raised.RowsAffected(); err != nil || n == 0 {
			return err
		}
		withdrawn, err := tx.ExecContext(ctx, `UPDATE grants SET withdrawn = $1, bystander = 1
			WHERE signer = $2 AND issued_at < $3 AND expires > $1 AND withdrawn = 0`, int64(at), signer[:], int64(least))
		if err != nil {
			return err
		}
		n, err := withdrawn.RowsAffected()
		stood = int(n)
		return err
	})
	if err != nil {
		return 0, err
	}
	return stood, nil
}
