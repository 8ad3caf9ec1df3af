package service

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/book"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/issuer/ledger"
)

// TestLogOfAFaultTellsNoKeyAndNoBox though the error of a store does.
func TestLogOfAFaultTellsNoKeyAndNoBox(t *testing.T) {
	f := &faulty{Store: ledger.NewMemory()}
	v := newTown(t, f, book.NewMemory())
	key := issuertest.Public(v.Key("postman"))
	for _, about := range []fmt.Stringer{v.LockID, key, credential.KeyIDOf(key), v.duty(1).ID} {
		f.err = fmt.Errorf("%w: more than 64 pages wait for %s", ledger.ErrFull, about)
		v.away(request{method: "GET", path: "/v1/staff/round", device: v.Key("postman")}, problemFull)
		require.Contains(t, v.log.String(), "pages wait for")
		require.NotContains(t, v.log.String(), about.String())
	}
}

// TestLogOfAFaultOfTheProgramTellsNoArguments: a stack as Go writes it has the bytes
// of an id that a function was given.
func TestLogOfAFaultOfTheProgramTellsNoArguments(t *testing.T) {
	v := newTown(t, broken{ledger.NewMemory()}, book.NewMemory())
	v.refused(request{method: "GET", path: "/v1/staff/round", device: v.Key("postman")}, problemInternal)
	require.Contains(t, v.log.String(), "service.broken.Held")
	require.NotContains(t, v.log.String(), "0x")
}
