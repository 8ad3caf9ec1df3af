package audit_test

import (
	"crypto"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/audit"
	"github.com/postern-lock/postern/credential/audit/audittest"
	"github.com/postern-lock/postern/issuer/issuertest"
)

// config trusts the world's scheme and maker.
func config(w *issuertest.World) audit.Config {
	return audit.Config{Roots: w.Roots(), Makers: w.Makers()}
}

// items streams items.
func items(all ...audit.Item) iter.Seq2[audit.Item, error] {
	return func(yield func(audit.Item, error) bool) {
		for _, item := range all {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// auditor returns the Auditor of a Config that can be used.
func auditor(tb testing.TB, c audit.Config) *audit.Auditor {
	a, err := audit.New(c)
	require.NoError(tb, err)
	return a
}

// rows runs an audit that ends without an error.
func rows(tb testing.TB, c audit.Config, all ...audit.Item) []audit.Row {
	var rows []audit.Row
	for row, err := range auditor(tb, c).Run(items(all...)) {
		require.NoError(tb, err)
		rows = append(rows, row)
	}
	return rows
}

// only runs an audit that gives one row.
func only(tb testing.TB, c audit.Config, item audit.Item) audit.Row {
	all := rows(tb, c, item)
	require.Len(tb, all, 1)
	return all[0]
}

// found is a row in short.
type found struct {
	Kind     audit.Kind
	Item     uint64
	Sequence uint32
	Verdict  audit.Verdict
	Fault    audit.Fault
	Other    uint64
}

// short returns the rows in short.
func short(rows []audit.Row) []found {
	var all []found
	for _, r := range rows {
		f := found{r.Kind, r.Item, 0, r.Verdict, r.Fault, r.Other}
		if r.Claims.Entry != nil {
			f.Sequence = r.Claims.Entry.Sequence
		}
		all = append(all, f)
	}
	return all
}

// box returns a box with so many entries.
func box(w *issuertest.World, number, entries int) *audittest.Box {
	b := audittest.New(w, number)
	for range entries {
		b.Write(nil)
	}
	return b
}

// summary counts rows.
func summary(rows []audit.Row) audit.Summary {
	var s audit.Summary
	for _, r := range rows {
		s.Add(r)
	}
	return s
}

// blinds looks among the boxes for the log key.
func blinds(boxes ...*audittest.Box) func(credential.LockID, credential.LogHead) []credential.LogHead {
	return func(id credential.LockID, head credential.LogHead) []credential.LogHead {
		for _, b := range boxes {
			if b.ID == id {
				return []credential.LogHead{b.LogKey.Blind(head)}
			}
		}
		return nil
	}
}

// crypto0 is the option of signers that hash by themselves.
const crypto0 = crypto.Hash(0)

// world returns the scheme, the maker and everybody else.
func world() *issuertest.World { return issuertest.New("audit") }
