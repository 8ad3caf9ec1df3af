package sqlstore

import (
	"context"
	"database/sql"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/book"
)

// receipt holds the counter of receipts, and returns the number of the newest.
func (n notes) receipt(ctx context.Context, tx *sql.Tx) (number int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT receipt FROM book WHERE id = 1`+n.dialect.lock).Scan(&number)
	return number, err
}

func (n notes) Keep(ctx context.Context, receipts []book.Receipt) error {
	return n.change(ctx, "keep receipts", func(tx *sql.Tx) error {
		number, err := n.receipt(ctx, tx)
		if err != nil {
			return err
		}
		for _, r := range receipts {
			done, err := tx.ExecContext(ctx, `INSERT INTO receipts (number, digest, lock, object, certificate, came) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (digest) DO NOTHING`,
				number+1, r.Digest[:], r.Lock[:], r.Object, r.Certificate, int64(r.Came))
			if err != nil {
				return err
			}
			rows, err := done.RowsAffected()
			if err != nil {
				return err
			}
			number += rows
		}
		_, err = tx.ExecContext(ctx, `UPDATE book SET receipt = $1 WHERE id = 1`, number)
		return err
	})
}

func (n notes) Forget(ctx context.Context, before credential.Time, most int) (forgot int, err error) {
	err = n.change(ctx, "forget receipts", func(tx *sql.Tx) error {
		forgot = 0
		newest, err := n.receipt(ctx, tx)
		if err != nil {
			return err
		}
		last, ended := int64(0), false
		err = each(ctx, tx, `SELECT number, came FROM receipts ORDER BY number LIMIT $1`, []any{book.MaxForget}, func(rows *sql.Rows) error {
			var number int64
			var came credential.Time
			err := rows.Scan(&number, &came)
			if ended = ended || came >= before && newest-number < int64(most); !ended {
				last = number
				forgot++
			}
			return err
		})
		if err != nil || forgot == 0 {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM receipts WHERE number <= $1`, last)
		return err
	})
	if err != nil {
		return 0, err
	}
	return forgot, nil
}

func (n notes) Receipts(ctx context.Context, after uint64, limit int) (all []book.Receipt, err error) {
	err = n.look(ctx, "read receipts", func(tx *sql.Tx) error {
		all = nil
		return each(ctx, tx, `SELECT number, digest, lock, object, certificate, came FROM receipts WHERE number > $1 ORDER BY number LIMIT $2`,
			[]any{int64(min(after, 1<<62)), limit}, func(rows *sql.Rows) error {
				var r book.Receipt
				err := rows.Scan(&r.Number, fixed(r.Digest[:]), fixed(r.Lock[:]), &r.Object, &r.Certificate, &r.Came)
				all = append(all, r)
				return err
			})
	})
	return all, err
}
