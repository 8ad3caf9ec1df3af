package service

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/examples/operator/book"
	"github.com/postern-lock/postern/issuer/ledger"
)

// crossed is a store during whose Bring something else goes on as far as it can.
type crossed struct {
	ledger.Store
	meanwhile func()
}

func (c *crossed) Bring(ctx context.Context, lock credential.LockID, pages [][]byte) error {
	if do := c.meanwhile; do != nil {
		c.meanwhile = nil
		go do()
		synctest.Wait()
	}
	return c.Store.Bring(ctx, lock, pages)
}

// TestADeviceCannotRaceItselfPastItsPlace: where notes are counted anew while pages
// are on their way, those must not be forgotten.
func TestADeviceCannotRaceItselfPastItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &crossed{Store: ledger.NewMemory()}
		v := newTown(t, c, book.NewMemory())
		v.wanted()
		thief := v.Key("postman")
		v.granted(thief)
		pages := func(from byte) request {
			return v.bringing(thief, page(from), page(from+1), page(from+2), page(from+3))
		}
		for from := byte(0); from < courierPages-4; from += 4 {
			v.outcome(pages(from))
		}
		done := make(chan api.Outcome, 1)
		c.meanwhile = func() { done <- ok[api.Outcomes](v, pages(200)).Outcomes[0] }
		require.True(t, v.outcome(pages(100)).Kept)
		over := <-done
		require.False(t, over.Kept)
		require.Equal(t, http.StatusConflict, over.Problem.Status)
		require.Len(t, v.fetched(), courierPages)
	})
}
