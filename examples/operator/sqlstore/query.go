package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"math/bits"
	"strconv"
	"strings"
)

// maxPiece is how many rows one statement is for.
const maxPiece = 128

// pieces cuts a batch into pieces whose lengths are powers of two, the longest
// first: so there are few texts of statements, and each is prepared once.
func pieces[T any](all []T) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for len(all) > 0 {
			n := min(maxPiece, 1<<(bits.Len(uint(len(all)))-1))
			if !yield(all[:n:n]) {
				return
			}
			all = all[n:]
		}
	}
}

// tuples returns rows of parameters, counted from the first one, which is the next
// one: "($2,$3),($4,$5)", or "(?,?),(?,?)".
func (d *dialect) tuples(first, rows, columns int) string {
	b := new(strings.Builder)
	for i := range rows * columns {
		switch {
		case i%columns > 0:
			b.WriteString(",")
		case i > 0:
			b.WriteString("),(")
		default:
			b.WriteString("(")
		}
		if d.counts {
			b.WriteString("?")
		} else {
			b.WriteString("$" + strconv.Itoa(first+i))
		}
	}
	return b.String() + ")"
}

// each runs a query and calls f for every row.
func each(ctx context.Context, tx *sql.Tx, query string, args []any, f func(*sql.Rows) error) (err error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// fixed scans a column of as many bytes as it has.
type fixed []byte

// Scan is for database/sql.
func (f fixed) Scan(value any) error {
	b, ok := value.([]byte)
	if !ok || len(b) != len(f) {
		return fmt.Errorf("the database holds %d bytes of type %T, want %d bytes", len(b), value, len(f))
	}
	copy(f, b)
	return nil
}
