package ledger_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

// counted is a duty whose uses are counted, and that is for no parcel.
func (d *desk) counted(n int) ledger.Duty {
	duty := d.round(n)
	duty.Scope[0].Uses = credential.Uses{Count: 1, Starts: 1}
	return duty
}

// TestCountedDutyIsNotRefilled holds that nobody gets spent uses back by a handset that
// is lost, or by Least.
func TestCountedDutyIsNotRefilled(t *testing.T) {
	t.Run("lost", func(t *testing.T) {
		d := newDesk()
		d.issue(t, ledger.Each(d.counted(0)))
		d.pass(1)
		given, left, err := d.Lost(t.Context(), credential.KeyIDOf(d.postman), d.public("spare"))
		require.NoError(t, err)
		require.Empty(t, given)
		require.Len(t, left, 1)
	})
	t.Run("bystander", func(t *testing.T) {
		d := newDesk()
		d.issue(t, ledger.Each(d.counted(100)))
		d.issue(t, d.day(26))
		d.pass(1)
		for i := range 25 {
			require.NoError(t, d.Withdraw(t.Context(), id(i+1)))
		}
		_, count, err := d.Raise(t.Context())
		require.NoError(t, err)
		require.Equal(t, 2, count)
		d.pass(1)
		again := d.issue(t, d.Bystanders(t.Context()))
		require.Len(t, again, 1, "the round alone")
		first, err := ledger.Again(d.find(t, id(0)), credential.PublicKey{})
		require.NoError(t, err)
		require.Equal(t, first.ID, again[0].Duty)
	})
	t.Run("parts that overlap", func(t *testing.T) {
		d := newDesk()
		whole := d.counted(0)
		area, _ := whole.Scope[0].Target.Area()
		_, err := whole.Part(id(1), d.postman, area)
		require.ErrorIs(t, err, ledger.ErrInvalid)
	})
}

// TestIssueStaysBoundedWhenProcessorsGo holds that no more batches are under way than
// when Issue began: a machine can be given fewer processors at any time.
func TestIssueStaysBoundedWhenProcessorsGo(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	d := newDesk()
	d.Batch = 1
	read, handed, most := 0, 0, 0
	duties := func(yield func(ledger.Duty, error) bool) {
		for i := range 200 {
			if i == 4 {
				runtime.GOMAXPROCS(1)
			}
			read++
			most = max(most, read-handed)
			if !yield(d.round(i), nil) {
				return
			}
		}
	}
	for _, err := range d.Issue(t.Context(), duties) {
		require.NoError(t, err)
		handed++
	}
	require.LessOrEqual(t, most, 4+1+2, "5 under way, one that waits, one that is read")
}
