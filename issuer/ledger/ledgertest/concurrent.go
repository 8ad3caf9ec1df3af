package ledgertest

import (
	"sync/atomic"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/issuer/ledger"
)

func concurrentDuty(t tester, s ledger.Store) {
	const issuers, duties = 8, 4
	given := make([][]ledger.Record, issuers)
	together(t, issuers, func(i int) error {
		batch := records(0, duties, func(r *ledger.Record) { r.Tag[0] = byte(i + 1) })
		kept, err := s.Commit(t.Context(), now, batch)
		given[i] = kept
		return err
	})
	kept := all(t, s)
	require.Len(t, kept, duties)
	for _, g := range given {
		require.Equal(t, kept, g, "every issuer hands out the same")
	}
}

// concurrentSerials commits at once, while somebody reads on.
func concurrentSerials(t tester, s ledger.Store) {
	const issuers, commits, size = 6, 5, 3
	var done atomic.Int32
	var read []uint64
	var newest uint64
	together(t, issuers+1, func(i int) error {
		if i == issuers {
			for last := false; ; {
				page, err := s.Since(t.Context(), newest, 7)
				if err != nil || len(page) == 0 && last {
					return err
				}
				for _, r := range page {
					newest = r.Serial
					read = append(read, newest)
				}
				last = len(page) == 0 && done.Load() == issuers
			}
		}
		defer done.Add(1)
		for c := range commits {
			if _, err := s.Commit(t.Context(), now, records((i*commits+c)*size, size)); err != nil {
				return err
			}
		}
		return nil
	})
	require.Len(t, read, issuers*commits*size)
	for i, serial := range read {
		require.Equal(t, uint64(i)+1, serial)
	}
}

func concurrentPages(t tester, s ledger.Store) {
	place(t, s, "A")
	require.NoError(t, s.WantLog(t.Context(), lockID(0), true))
	together(t, 6, func(i int) error { return s.Bring(t.Context(), lockID(0), pages(i, 10)) })
	waiting, err := s.Pages(t.Context(), lockID(0))
	require.NoError(t, err)
	require.ElementsMatch(t, pages(0, 15), waiting)
}
