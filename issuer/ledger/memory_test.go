package ledger_test

import (
	"testing"

	"github.com/postern-lock/postern/issuer/ledger"
	"github.com/postern-lock/postern/issuer/ledger/ledgertest"
)

func TestMemory(t *testing.T) {
	ledgertest.Run(t, func(*testing.T) ledger.Store { return ledger.NewMemory() })
}
