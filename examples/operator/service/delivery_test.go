package service

import (
	"crypto"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/issuer/ledger"
)

// saying is the request by which a device says that it delivered policies.
func (v *town) saying(device crypto.Signer, policies ...api.Bytes) request {
	var body api.Deliveries
	for _, p := range policies {
		u := must(credential.ParsePolicy(p))
		body.Deliveries = append(body.Deliveries, api.Delivery{Lock: api.Of(u.Claims.Lock), Tag: api.Of(u.Tag())})
	}
	return request{method: "POST", path: "/v1/staff/deliveries", device: device, body: body}
}

// showing is the request by which a device brings receipts of the lock.
func (v *town) showing(device crypto.Signer, receipts ...api.Bytes) request {
	var body api.Receipts
	for _, r := range receipts {
		body.Receipts = append(body.Receipts, api.Receipt{Receipt: r, Certificates: v.certificates()})
	}
	return request{method: "POST", path: "/v1/staff/receipts", device: device, body: body}
}

// round fetches what a device is to take along.
func (v *town) round(device crypto.Signer) api.Round {
	v.t.Helper()
	return ok[api.Round](v, request{method: "GET", path: "/v1/staff/round", device: device})
}

// carries holds a device's round to the policies.
func (v *town) carries(device crypto.Signer, want ...api.Bytes) {
	v.t.Helper()
	var got []api.Bytes
	for _, p := range v.round(device).Policies {
		got = append(got, p.Document)
	}
	require.Equal(v.t, want, got)
}

// postman returns a device with a round of today, in the lock's area.
func (v *town) postman(n int) crypto.Signer {
	v.t.Helper()
	d := v.duty(n)
	d.Area, d.NotBefore = v.Area, v.Now
	require.Nil(v.t, v.lines(bodyOf(d))[0].Problem)
	return v.Key(fmt.Sprint("postman ", n))
}

// visit is a visit of a device to the lock, with all that its round has.
func (d *door) visit(device crypto.Signer) holder.Result {
	d.v.t.Helper()
	round := d.v.round(device)
	phone := d.phone(device, round.Grants[0])
	for _, a := range round.Authorities {
		phone.Authorities = append(phone.Authorities, a)
	}
	for _, p := range round.Policies {
		phone.Documents = append(phone.Documents, p.Document)
	}
	r, err := phone.Do(d.v.t.Context(), d.tap(), holder.Ask{Operation: credential.OperationDeliver, Receipt: true})
	require.NoError(d.v.t, err)
	return r
}

// TestLiarKeepsTheBlockFromNobody plays the attack and the honest case with a real
// lock: two devices that lie, one that brings the block and is refused by it, one
// that comes after, and the owner.
func TestLiarKeepsTheBlockFromNobody(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		d := newDoor(v)
		owner := v.Key("owner")
		phone := d.phone(owner, nil)
		_, _, err := phone.Commission(t.Context(), d.tap(), v.Setup)
		require.NoError(t, err)
		open := v.version(1)
		phone.Documents = [][]byte{open}
		mine := d.receipt(phone, credential.OperationStatus)
		known := ok[api.Ownership](v, v.registering(owner, mine, open))
		require.Zero(t, known.PolicySaid)
		block := api.Bytes(v.Policy(func(c *credential.PolicyClaims) { c.Version, c.Block = 2, credential.BlockServices }))
		ok[api.PolicyPosted](v, v.posting(block))

		// Two who were never there, one man with two devices for example, say that they
		// brought it.
		liar, accomplice, honest, late := v.postman(1), v.postman(2), v.postman(3), v.postman(4)
		for _, device := range []crypto.Signer{liar, accomplice} {
			require.Equal(t, 1, ok[api.Noted](v, v.saying(device, block)).Noted)
			v.carries(device)
		}
		v.carries(honest, block)
		// A receipt of before shows nothing, whoever brings it.
		require.True(t, v.outcome(v.showing(liar, mine)).Kept)
		v.carries(honest, block)
		known = ok[api.Ownership](v, v.registering(owner, mine, open))
		require.EqualValues(t, 1, known.PolicyVersion)
		require.EqualValues(t, 2, known.PolicySaid)

		// The honest one brings it, is refused by it, and has no receipt to show.
		refused := d.visit(honest)
		require.Equal(t, credential.ReasonBlocked, refused.Reason)
		require.Equal(t, credential.ReasonNone, refused.Documents[0].Reason, "the lock has it")
		require.Nil(t, refused.Receipt)
		ok[api.Noted](v, v.saying(honest, block))
		v.carries(honest)
		// Whoever comes after carries it once, in vain.
		v.carries(late, block)
		again := d.visit(late)
		require.Equal(t, credential.ReasonSuperseded, again.Documents[0].Reason)
		ok[api.Noted](v, v.saying(late, block))
		v.carries(late)
		v.carries(v.postman(5), block)

		// The owner's tap shows it: nobody carries it any more, and nobody has to be
		// believed.
		phone.Documents = nil
		shown := d.receipt(phone, credential.OperationOpen)
		known = ok[api.Ownership](v, v.registering(owner, shown, block))
		require.EqualValues(t, 2, known.PolicyVersion)
		require.Zero(t, known.PolicySaid)
		for n := range 6 {
			v.carries(v.postman(n))
		}
		claims, err := v.book.Claims(t.Context(), []credential.LockID{v.LockID})
		require.NoError(t, err)
		require.Empty(t, claims)

		// Without the block the next policy opens to its bringer, whose receipt shows it.
		unblocked := v.version(3)
		ok[api.PolicyPosted](v, v.posting(unblocked))
		v.carries(liar, unblocked)
		opened := d.visit(honest)
		require.Equal(t, credential.OutcomeOpened, opened.Outcome, opened.Reason)
		require.True(t, v.outcome(v.showing(honest, opened.Receipt.Bytes)).Kept)
		v.carries(liar)
		v.carries(late)
		require.EqualValues(t, 3, ok[api.Ownership](v, v.registering(owner, shown, block)).PolicyVersion)
	})
}

func TestReceiptShowsWhatArrived(t *testing.T) {
	policy := func(v *town) api.Bytes { return v.version(5) }
	tag := func(v *town) credential.Tag { return must(credential.ParsePolicy(policy(v))).Tag() }
	other, _ := issuertest.New("another").Identity(0)
	for name, c := range map[string]struct {
		says    func(*town, *credential.ReceiptClaims)
		by      crypto.Signer // nil for the lock
		arrived bool
	}{
		"the policy in force":      {func(v *town, c *credential.ReceiptClaims) { c.PolicyVersion, c.Policy = 5, tag(v) }, nil, true},
		"a greater version":        {func(_ *town, c *credential.ReceiptClaims) { c.PolicyVersion, c.Policy = 6, credential.Tag{1} }, nil, true},
		"a greater one, lost":      {func(_ *town, c *credential.ReceiptClaims) { c.PolicyVersion = 6 }, nil, true},
		"the version, lost":        {func(_ *town, c *credential.ReceiptClaims) { c.PolicyVersion = 5 }, nil, false},
		"the version, another one": {func(_ *town, c *credential.ReceiptClaims) { c.PolicyVersion, c.Policy = 5, credential.Tag{1} }, nil, false},
		"a smaller version":        {func(_ *town, c *credential.ReceiptClaims) { c.PolicyVersion, c.Policy = 4, credential.Tag{1} }, nil, false},
		"another lock": {func(v *town, c *credential.ReceiptClaims) {
			c.Lock, c.PolicyVersion, c.Policy = credential.LockID{7}, 5, tag(v)
		}, nil, false},
		"another signer": {func(v *town, c *credential.ReceiptClaims) { c.PolicyVersion, c.Policy = 5, tag(v) }, other, false},
	} {
		t.Run(name, func(t *testing.T) {
			v := inMemory(t)
			v.registered()
			postman, second := v.postman(1), v.postman(2)
			ok[api.PolicyPosted](v, v.posting(policy(v)))
			receipt := v.receipt(func(r *credential.ReceiptClaims) {
				r.Entry = nil
				c.says(v, r)
			})
			if c.by != nil {
				u := must(credential.ParseReceipt(receipt))
				receipt = signedBy(c.by, u.Claims)
			}
			ok[api.Outcomes](v, v.showing(postman, receipt))
			if c.arrived {
				v.carries(second)
				return
			}
			v.carries(second, policy(v))
		})
	}
}

// TestReceiptShowsNothingOfOtherLocks brings receipts of two genuine locks at once.
func TestReceiptShowsNothingOfOtherLocks(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		v.registered()
		postman := v.postman(1)
		policy := v.version(5)
		ok[api.PolicyPosted](v, v.posting(policy))
		other, key := credential.LockID{7}, v.Key("another lock")
		theirs := signedBy(key, credential.ReceiptClaims{Lock: other, Floor: v.Now, PolicyVersion: 900, Policy: must(credential.ParsePolicy(policy)).Tag()})
		with := v.LockCertificate(key, func(c *credential.LockClaims) { c.ID = other })
		for _, o := range ok[api.Outcomes](v, request{method: "POST", path: "/v1/staff/receipts", device: postman, body: api.Receipts{Receipts: []api.Receipt{
			{Receipt: v.receipt(func(c *credential.ReceiptClaims) { c.Entry = nil }), Certificates: v.certificates()},
			{Receipt: theirs, Certificates: []api.Bytes{with}},
		}}}).Outcomes {
			require.True(t, o.Kept)
		}
		v.carries(postman, policy)
	})
}

func TestWhatDevicesSayOfOneLockIsBounded(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		v.registered()
		policy := v.version(2)
		ok[api.PolicyPosted](v, v.posting(policy))
		for n := range maxClaims {
			ok[api.Noted](v, v.saying(v.postman(n), policy))
		}
		late := v.postman(maxClaims)
		ok[api.Noted](v, v.saying(late, policy))
		v.carries(late, policy)
		said := func() uint32 {
			return ok[api.Ownership](v, v.registering(v.Key("owner"), v.receipt(nil), nil)).PolicySaid
		}
		require.EqualValues(t, 2, said())
		newer := v.version(3)
		ok[api.PolicyPosted](v, v.posting(newer))
		require.Zero(t, said(), "nobody has brought the newer one")
		v.carries(v.postman(0), newer)
		ok[api.Noted](v, v.saying(late, newer))
		v.carries(late)
		require.Zero(t, ok[api.Noted](v, v.saying(late, policy)).Noted, "it is not in the outbox any more")
	})
}

// parcel is one for the lock, in the hands of a courier who has no round.
func (v *town) parcel(n byte) api.Parcel {
	return api.Parcel{
		ID: api.Of(ledger.DutyID{7, n}), Holder: issuertest.Public(v.Key("courier")), Lock: api.Of(v.LockID), Reference: api.Of(credential.Reference{5, n}),
		Expires: v.Now + ledger.MaxParcel - credential.Time(n), Action: api.Action(credential.OperationDeliver), Service: api.Service(credential.ServiceParcel), Offline: true,
	}
}

func TestCourierOfOneParcelCarriesForItsLock(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		v.wanted()
		policy, courier := v.version(1), v.Key("courier")
		ok[api.PolicyPosted](v, v.posting(policy))
		neighbour := credential.LockID{0xfb}
		require.NoError(t, v.store.Place(t.Context(), []ledger.Box{{Lock: neighbour, Area: v.Area}}))
		theirs := v.Policy(func(c *credential.PolicyClaims) { c.Lock = neighbour })
		u := must(credential.ParsePolicy(theirs))
		require.NoError(t, v.store.Post(t.Context(), ledger.Document{Lock: neighbour, Signer: u.Signer(), Version: 1, Tag: u.Tag(), Bytes: theirs}))
		require.NoError(t, v.store.WantLog(t.Context(), neighbour, true))

		parcel := ok[api.Issued](v, request{method: "POST", path: "/v1/parcels", device: v.Key("desk"), body: v.parcel(1)})
		ok[api.Issued](v, request{method: "POST", path: "/v1/parcels", device: v.Key("desk"), body: v.parcel(2)})
		round := v.round(courier)
		require.Contains(t, round.Grants, parcel.Grant)
		require.Equal(t, []api.LockID{api.Of(v.LockID)}, round.Logs, "and nobody else's")
		v.carries(courier, policy)

		require.Zero(t, ok[api.Noted](v, v.saying(courier, theirs)).Noted)
		require.Equal(t, 1, ok[api.Noted](v, v.saying(courier, policy)).Noted)
		v.carries(courier)
		require.True(t, v.outcome(v.bringing(courier, page(1))).Kept)
		require.Equal(t, []api.Bytes{page(1)}, v.fetched())
		elsewhere := v.bringing(courier, page(2))
		elsewhere.body = api.Logs{Logs: []api.Log{{Lock: api.Of(neighbour), Pages: []api.Bytes{page(2)}}}}
		v.unkept(elsewhere, problemNotOnRound)

		// With a round besides, each lock comes once.
		d := v.duty(9)
		d.Holder, d.Area, d.NotBefore = issuertest.Public(courier), v.Area, v.Now
		v.lines(bodyOf(d))
		v.carries(courier, theirs)
		require.Equal(t, []api.LockID{api.Of(v.LockID), api.Of(neighbour)}, v.round(courier).Logs)
	})
}

// TestParcelCourierBringsTheSettings to a real lock, with the grant of one parcel.
func TestParcelCourierBringsTheSettings(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		d := newDoor(v)
		phone := d.phone(v.Key("owner"), nil)
		_, _, err := phone.Commission(t.Context(), d.tap(), v.Setup)
		require.NoError(t, err)
		ok[api.Ownership](v, v.registering(v.Key("owner"), d.receipt(phone, credential.OperationStatus), nil))
		ok[api.PolicyPosted](v, v.posting(v.Policy(func(c *credential.PolicyClaims) {
			c.Services = append(c.Services, credential.Admission{Service: credential.ServiceParcel, Actions: credential.ActionDeliver})
		})))
		ok[api.Issued](v, request{method: "POST", path: "/v1/parcels", device: v.Key("desk"), body: v.parcel(1)})
		courier := v.Key("courier")
		result := d.visit(courier)
		require.Equal(t, credential.OutcomeOpened, result.Outcome, result.Reason)
		require.True(t, v.outcome(v.showing(courier, result.Receipt.Bytes)).Kept)
		v.carries(courier)
		require.Empty(t, must(v.store.OutboxOf(t.Context(), []credential.LockID{v.LockID})).Policies)
	})
}
