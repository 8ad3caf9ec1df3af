package sqlstore_test

import (
	"testing"

	"github.com/postern-lock/postern/issuer/ledger"
	"github.com/postern-lock/postern/issuer/ledger/ledgertest"
)

func TestStore(t *testing.T) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			ledgertest.Run(t, func(t *testing.T) ledger.Store { return open(t, d.empty(t)) })
		})
	}
}
