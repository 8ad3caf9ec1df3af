package service

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
)

// head returns a receipt of the lock that differs from those with other numbers.
func (v *town) head(n byte) api.Bytes {
	return v.receipt(func(c *credential.ReceiptClaims) { c.Entry, c.Head = nil, credential.LogHead{n} })
}

// numbers are those of the receipts that are kept.
func (v *town) numbers() (all []uint64) {
	v.t.Helper()
	kept, err := v.book.Receipts(v.t.Context(), 0, 100)
	require.NoError(v.t, err)
	for _, r := range kept {
		all = append(all, r.Number)
	}
	return all
}

// TestReceiptsAreForgottenWhereNoNewOnesCome, and not before their time.
func TestReceiptsAreForgottenWhereNoNewOnesCome(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		v.service.config.ReceiptsFor = 2 * time.Hour
		ok[api.Outcomes](v, v.showing(v.postman(1), v.head(1), v.head(2)))
		tick, ended := make(chan time.Time), make(chan struct{})
		ctx, stop := context.WithCancel(t.Context())
		go func() {
			defer close(ended)
			v.service.Prune(ctx, tick)
		}()
		ticks := func() { // who takes the second one is done with the first
			tick <- time.Time{}
			tick <- time.Time{}
		}
		v.clock.pass(2 * time.Hour)
		ticks()
		require.Equal(t, []uint64{1, 2}, v.numbers())
		v.clock.pass(-time.Hour) // the clock is wrong: nothing is forgotten by it, and it goes on
		ticks()
		v.clock.pass(time.Hour + time.Second)
		ticks()
		require.Empty(t, v.numbers())
		stop()
		<-ended
		require.Contains(t, v.log.String(), "old receipts stay")
	})
}

// TestReceiptsAreForgottenAtTheStart: one who starts again every half hour sees no tick.
func TestReceiptsAreForgottenAtTheStart(t *testing.T) {
	v := inMemory(t)
	v.service.config.ReceiptsFor = 2 * time.Hour
	ok[api.Outcomes](v, v.showing(v.postman(1), v.head(1)))
	v.clock.pass(2*time.Hour + time.Second)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		v.service.Prune(ctx, nil)
	}()
	require.Eventually(t, func() bool {
		kept, err := v.book.Receipts(ctx, 0, 100)
		return err == nil && len(kept) == 0
	}, 10*time.Second, time.Millisecond)
	stop()
	<-ended
}

func TestReceiptsAreKeptForATimeAndNoMoreThanTheBound(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		v.service.config.ReceiptsFor, v.service.config.ReceiptsMost = 2*time.Hour, 4
		postman := v.postman(1)
		show := func(receipts ...byte) {
			t.Helper()
			var all []api.Bytes
			for _, n := range receipts {
				all = append(all, v.head(n))
			}
			ok[api.Outcomes](v, v.showing(postman, all...))
		}
		show(1, 2)
		v.clock.pass(2 * time.Hour)
		show(3)
		require.Equal(t, []uint64{1, 2, 3}, v.numbers())
		v.clock.pass(time.Second)
		show(4)
		require.Equal(t, []uint64{3, 4}, v.numbers(), "two hours are over")
		show(5, 6, 7)
		require.Equal(t, []uint64{4, 5, 6, 7}, v.numbers(), "four are kept")
		show(7, 4)
		require.Equal(t, []uint64{4, 5, 6, 7}, v.numbers(), "the same again are no more")
	})
}
