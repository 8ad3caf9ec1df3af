package service

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/issuertest"
)

// posting is the request by which somebody leaves a policy.
func (v *town) posting(policy api.Bytes) request {
	return request{method: "POST", path: v.path("/policies"), owner: v.Key("owner"), body: api.PolicyUpload{Policy: policy}}
}

// version returns a policy of the owner with the version.
func (v *town) version(n uint32) api.Bytes {
	return v.Policy(func(c *credential.PolicyClaims) { c.Version = n })
}

func TestPolicyGoesToTheOutbox(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		v.registered()
		policy := v.version(2)
		u := must(credential.ParsePolicy(policy))
		for range 2 {
			posted := ok[api.PolicyPosted](v, v.posting(policy))
			require.Equal(t, api.PolicyPosted{Lock: api.Of(v.LockID), Version: 2, Tag: api.Of(u.Tag())}, posted)
		}
		load, err := v.store.Outbox(t.Context(), v.Area)
		require.NoError(t, err)
		require.Len(t, load.Policies, 1)
		require.Equal(t, []byte(policy), load.Policies[0].Bytes)
	})
}

func TestPolicyThatIsNotTheOwnersStaysOut(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		v.registered()
		other := v.Key("other")
		foreign := must(must(issuer.NewOwner(other)).Policy(credential.PolicyClaims{Lock: v.LockID, Version: 5, IssuedAt: v.Now}))
		forged := append(api.Bytes(nil), v.version(5)...)
		forged[len(forged)-1] ^= 1
		elsewhere := v.Policy(func(c *credential.PolicyClaims) { c.Lock = credential.LockID{9} })
		v.refused(v.posting(foreign), problemObject)
		v.refused(v.posting(forged), problemObject)
		v.refused(v.posting(elsewhere), problemMalformed)
		v.refused(v.posting(v.receipt(nil)), problemObject)
		q := v.posting(foreign)
		q.owner = other
		v.refused(q, problemNotOwner)
		load, err := v.store.Outbox(t.Context(), v.Area)
		require.NoError(t, err)
		require.Empty(t, load.Policies)
	})
}

func TestOlderPolicyIsToldWhatToExceed(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		v.registered()
		ok[api.PolicyPosted](v, v.posting(v.version(7)))
		require.EqualValues(t, 7, v.refused(v.posting(v.version(6)), problemSuperseded).Version)
		same := v.Policy(func(c *credential.PolicyClaims) { c.Version, c.Block = 7, credential.BlockGuests })
		require.EqualValues(t, 7, v.refused(v.posting(same), problemConflict).Version)
		ok[api.PolicyPosted](v, v.posting(v.version(8)))
	})
}

func TestFormerOwnerCannotBlockTheOutboxByAGreatVersion(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		v.registered()
		v.refused(v.posting(v.version(math.MaxUint32)), problemVersion)
		v.refused(v.posting(v.version(step+1)), problemVersion)
		ok[api.PolicyPosted](v, v.posting(v.version(step)))

		next := v.Key("next")
		reset := v.receipt(func(c *credential.ReceiptClaims) {
			c.Entry.Sequence, c.Entry.Outcome, c.Entry.Who, c.PolicyVersion = 9, credential.LogReset, whoOf(next), 1
			c.Policy = credential.Tag{}
		})
		o := ok[api.Ownership](v, v.registering(next, reset, nil))
		require.EqualValues(t, step, o.PolicyVersion)
		q := v.posting(must(must(issuer.NewOwner(next)).Policy(credential.PolicyClaims{Lock: v.LockID, Version: step + 1, IssuedAt: v.Now})))
		q.owner = next
		ok[api.PolicyPosted](v, q)
	})
}

func TestReceiptOfTheStaffRaisesTheVersionThatTheLockReached(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		v.registered()
		postman := v.Key("postman")
		v.granted(postman)
		v.refused(v.posting(v.version(step+5)), problemVersion)
		receipt := v.receipt(func(c *credential.ReceiptClaims) { c.Entry, c.PolicyVersion = nil, 5 })
		answer := ok[api.Outcomes](v, request{method: "POST", path: "/v1/staff/receipts", device: postman,
			body: api.Receipts{Receipts: []api.Receipt{{Receipt: receipt, Certificates: v.certificates()}}}})
		require.Equal(t, []api.Outcome{{Kept: true}}, answer.Outcomes)
		ok[api.PolicyPosted](v, v.posting(v.version(step+5)))
	})
}

func TestTransferGoesToTheOutboxAndTheNextOwnerFollows(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		v.registered()
		next := v.Key("next")
		ok[api.PolicyPosted](v, v.posting(v.Transfer(issuertest.Public(next), 4)))
		theirs := must(must(issuer.NewOwner(next)).Policy(credential.PolicyClaims{Lock: v.LockID, Version: 5, IssuedAt: v.Now}))
		q := v.posting(theirs)
		q.owner = next
		v.refused(q, problemNotOwner) // the lock is not theirs before the transfer has reached it
		load, err := v.store.Outbox(t.Context(), v.Area)
		require.NoError(t, err)
		require.EqualValues(t, 4, load.Policies[0].Version)

		taken := v.receipt(func(c *credential.ReceiptClaims) {
			c.Entry.Sequence, c.Entry.Outcome, c.Entry.Who = 20, credential.LogTransferred, whoOf(next)
			c.PolicyVersion = 4
		})
		ok[api.Ownership](v, v.registering(next, taken, nil))
		ok[api.PolicyPosted](v, q)
		v.refused(v.posting(v.version(6)), problemNotOwner)
	})
}

func TestPolicyForALockThatTheOperatorDoesNotKnow(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		v.LockID = credential.LockID{0xaa}
		v.registered()
		v.refused(v.posting(v.version(1)), problemUnknown)
	})
}
