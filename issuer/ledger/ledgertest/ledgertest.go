// Package ledgertest holds every [ledger.Store] to what the interface promises.
// A store's own tests call [Run], and add what is special to its medium.
package ledgertest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/issuer/ledger"
)

// Run holds stores to the interface, by one subtest for each behaviour.  Open
// returns an empty store each time, and closes it in a Cleanup of its test.
func Run(t *testing.T, open func(t *testing.T) ledger.Store) {
	for _, b := range behaviours {
		t.Run(b.name, func(t *testing.T) { b.test(t, open(t)) })
	}
}

// tester is the part of a testing.T that the behaviours need, so that they can be
// tried on wrong stores.
type tester interface {
	require.TestingT
	Helper()
	Context() context.Context
}

// behaviour is one thing that every store does.
type behaviour struct {
	name string
	test func(t tester, s ledger.Store)
}

// behaviours are all of them.
var behaviours = []behaviour{
	{"commit gives serials in order, and everything is kept", commitKeeps},
	{"commit keeps extreme values", commitKeepsExtremes},
	{"commit gives the record that a duty has already", commitGivesFirst},
	{"commit refuses a bad record and changes nothing", commitRefusesBad},
	{"commit refuses the tag of another duty and changes nothing", commitRefusesConflict},
	{"commit refuses a clock that is behind", commitRefusesClock},
	{"commit refuses what its signer denies", commitRefusesDenied},
	{"commit shares no memory with its caller", commitShares},
	{"concurrent commits of one duty agree on the first", concurrentDuty},
	{"concurrent commits give serials without gaps to whoever reads on", concurrentSerials},
	{"find keeps the order of the duties", findOrder},
	{"since pages through all records", sincePages},
	{"held leaves out what is over, withdrawn or another's", heldStanding},
	{"held returns the first of many", heldBound},
	{"batches are bounded, and empty ones do nothing", batches},
	{"a context that is done stops every call", contexts},

	{"withdraw keeps the first time", withdrawOnce},
	{"withdraw refuses an unknown grant and changes nothing", withdrawUnknown},
	{"lists count versions for each signer", listVersions},
	{"lists deny what is withdrawn, ascending", listDenies},
	{"lists name 24 grants and no more", listFull},
	{"lists name what is over while there is room, the newest first", listOver},
	{"lists deny what is older than the longest grant", listLeast},
	{"lists deny ever more, and nothing that stands", listHistory},
	{"lists need a clock and a signer", listArguments},
	{"raising least withdraws bystanders", leastBystanders},
	{"least never falls and is not in the future", leastFalls},
	{"a bystander can be withdrawn by name", leastNamed},
	{"concurrent lists never share a version", concurrentVersions},
	{"concurrent lists deny ever more", concurrentLists},

	{"a policy goes to its lock until it is delivered", policyCarried},
	{"post takes the newer, and the same again", postNewer},
	{"post refuses what is not what it says", postInvalid},
	{"post of a list serves every area", postLists},
	{"the outbox knows areas by every byte", outboxAreas},
	{"the outbox is bounded", outboxBounds},
	{"the outbox of locks has what is for them, and all lists", outboxOfLocks},
	{"the outbox of locks is bounded", outboxOfBounds},
	{"places are all or none, and locks move", placeMoves},
	{"deliveries of something else change nothing", deliveredOther},
	{"pages wait for the owner in their order", pagesWait},
	{"pages are refused where nobody waits", pagesUnknown},
	{"pages are bounded, all or none", pagesBounded},
	{"concurrent couriers bring no page twice", concurrentPages},
}
