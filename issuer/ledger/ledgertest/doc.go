// Package ledgertest has the tests that every store of a ledger has to pass.
package ledgertest
