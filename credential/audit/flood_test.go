package audit_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/audit"
)

// TestFloodOfForgedPagesHidesNoTrueOne: whoever brings many logs before the true one does
// not bring it into doubt, where a receipt tells what follows it.
func TestFloodOfForgedPagesHidesNoTrueOne(t *testing.T) {
	w := world()
	b := box(w, 1, 1)
	liar := b.Twin()
	b.Write(nil)
	honest := b.Page(1, 2)
	var all []audit.Item
	for i := range 200 {
		forged := liar.Twin()
		forged.Write(func(e *credential.LogEntry) { e.Who = credential.Tag{0xbb, byte(i)} })
		all = append(all, forged.Page(1, 2))
	}
	b.Write(nil)
	all = append(all, honest, b.Receipt())
	s := summary(rows(t, config(w), all...))
	require.Equal(t, uint64(2), s.Entries[audit.Verified])
	require.Equal(t, uint64(200), s.Entries[audit.Refuted])
	require.Equal(t, uint64(1), s.Receipts[audit.Verified])
}
