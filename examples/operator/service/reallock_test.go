package service

import (
	"crypto"
	"crypto/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/lock/locktest"
)

// door is a lock that was built by the town's manufacturer, with the phones that
// come to it.
type door struct {
	v      *town
	config lock.Config
	locks  holder.Memory
}

func newDoor(v *town) *door {
	key, certificate := v.Identity(0)
	flash := locktest.NewFlash()
	require.NoError(v.t, lock.Format(flash))
	return &door{v: v, locks: holder.NewMemory(), config: lock.Config{
		ID: v.LockID, Area: v.Area, Identities: []lock.Identity{{Key: key, Certificate: certificate}},
		Roots: v.Roots(), Setup: v.Setup, ExtendedLength: true, Flash: flash, Actuator: &locktest.Bolt{Motion: lock.Moved},
		Rand: rand.Reader, Elapsed: func() time.Duration { return 0 },
	}}
}

// tap is a lock in the field of a phone.
func (d *door) tap() apdu.Transceiver {
	l, err := lock.New(d.config)
	require.NoError(d.v.t, err)
	return apdu.Direct(l)
}

// phone is one with the key, and perhaps a grant.
func (d *door) phone(key crypto.Signer, grant []byte) *holder.Phone {
	return &holder.Phone{
		Key: must(holder.NewKey(key)), Grant: grant, Roots: d.v.Roots(), Makers: d.v.Makers(), Locks: d.locks,
		Rand: rand.Reader, Extended: true,
	}
}

// receipt asks the lock for one.
func (d *door) receipt(p *holder.Phone, operation credential.Operation) api.Bytes {
	d.v.t.Helper()
	r, err := p.Do(d.v.t.Context(), d.tap(), holder.Ask{Operation: operation, Receipt: true})
	require.NoError(d.v.t, err)
	require.NotNil(d.v.t, r.Receipt, r.Reason)
	return r.Receipt.Bytes
}

func TestRealLockProvesItsOwners(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		d := newDoor(v)
		owner, next, partner := v.Key("owner"), v.Key("next"), v.Key("partner")
		phone := d.phone(owner, nil)
		key, _, err := phone.Commission(t.Context(), d.tap(), v.Setup)
		require.NoError(t, err)
		commissioned := d.receipt(phone, credential.OperationStatus)
		ok[api.Ownership](v, v.registering(owner, commissioned, nil))
		v.done(request{method: "PUT", path: v.path("/log-wanted"), owner: owner, body: api.LogWanted{Wanted: true}})

		// The policy goes by courier: the postman's device fetches it, and brings back
		// the log and a receipt.
		policy := v.Policy(func(c *credential.PolicyClaims) {
			c.IssuedAt, c.CoOwners = v.Now, []credential.PublicKey{issuertest.Public(partner)}
		})
		ok[api.PolicyPosted](v, v.posting(policy))
		v.lines(bodyOf(today(v)))
		postman := v.Key("postman")
		round := ok[api.Round](v, request{method: "GET", path: "/v1/staff/round", device: postman})
		courier := d.phone(postman, round.Grants[0])
		courier.Authorities = [][]byte{round.Authorities[0]}
		courier.Documents = [][]byte{round.Policies[0].Document}
		visit, err := courier.Do(t.Context(), d.tap(), holder.Ask{Operation: credential.OperationDeliver, Receipt: true, LogPages: 1})
		require.NoError(t, err)
		require.Equal(t, credential.OutcomeOpened, visit.Outcome, visit.Reason)
		ok[api.Noted](v, v.saying(postman, policy))
		require.True(t, v.outcome(v.bringing(postman, visit.LogPages[0])).Kept)
		require.True(t, v.outcome(request{method: "POST", path: "/v1/staff/receipts", device: postman,
			body: api.Receipts{Receipts: []api.Receipt{{Receipt: visit.Receipt.Bytes, Certificates: v.certificates()}}}}).Kept)
		var history holder.History
		for _, p := range v.fetched() {
			require.NoError(t, history.Add(p, holder.LogKeys{key}))
		}
		require.Equal(t, credential.ServicePost, history.Lines(nil)[1].Entry.Service)

		// Neither the postman's receipt nor the partner's proves anything of them.
		v.refused(v.registering(postman, visit.Receipt.Bytes, policy), problemNotProved)
		opened := d.receipt(d.phone(partner, nil), credential.OperationOpen)
		v.refused(v.registering(partner, opened, policy), problemNotProved)
		v.refused(v.registering(partner, opened, nil), problemNotProved)
		// It does prove, with the policy, whose the box is.
		o := ok[api.Ownership](v, v.registering(owner, opened, policy))
		require.EqualValues(t, 1, o.PolicyVersion)

		// The box changes hands.
		former := must(issuer.NewOwner(owner))
		transfer := must(former.Transfer(credential.PolicyClaims{Lock: v.LockID, Version: 2, IssuedAt: v.Now}, issuertest.Public(next)))
		phone.Documents = [][]byte{transfer}
		_, err = phone.Do(t.Context(), d.tap(), holder.Ask{Operation: credential.OperationStatus})
		require.NoError(t, err)
		theirs := d.receipt(d.phone(next, nil), credential.OperationStatus)
		ok[api.Ownership](v, v.registering(next, theirs, nil))
		v.refused(v.registering(owner, opened, policy), problemOlder)
		v.refused(v.registering(owner, theirs, transfer), problemNotProved)
		v.refused(request{method: "GET", path: v.path("/pages"), owner: owner}, problemNotOwner)
	})
}

// today is a round that has begun, in the lock's area.
func today(v *town) api.Duty {
	d := v.duty(1)
	d.Holder, d.Area, d.NotBefore = issuertest.Public(v.Key("postman")), v.Area, v.Now
	return d
}
