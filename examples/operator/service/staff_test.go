package service

import (
	"crypto"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/issuer/ledger"
)

// wanted has the registered owner wait for the log.
func (v *town) wanted() {
	v.t.Helper()
	v.registered()
	v.done(request{method: "PUT", path: v.path("/log-wanted"), owner: v.Key("owner"), body: api.LogWanted{Wanted: true}})
}

// bringing is the request by which a device brings pages of the lock.
func (v *town) bringing(device crypto.Signer, pages ...api.Bytes) request {
	return request{method: "POST", path: "/v1/staff/pages", device: device,
		body: api.Logs{Logs: []api.Log{{Lock: api.Of(v.LockID), Pages: pages}}}}
}

// outcome is what became of the one part of a request.
func (v *town) outcome(q request) api.Outcome {
	v.t.Helper()
	o := ok[api.Outcomes](v, q).Outcomes
	require.Len(v.t, o, 1)
	return o[0]
}

// unkept sends a request of one part that is not kept, for the problem.
func (v *town) unkept(q request, want problem) {
	v.t.Helper()
	o := v.outcome(q)
	require.False(v.t, o.Kept)
	require.Equal(v.t, want.name, o.Problem.Name())
}

// fetched returns the pages that the owner fetches.
func (v *town) fetched() []api.Bytes {
	v.t.Helper()
	return ok[api.Pages](v, request{method: "GET", path: v.path("/pages"), owner: v.Key("owner")}).Pages
}

func TestRoundHasGrantsAndWhatToTakeAlong(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		postman := v.Key("postman")
		record := v.granted(postman)
		v.wanted()
		policy := v.version(3)
		ok[api.PolicyPosted](v, v.posting(policy))
		list := v.RevocationList(1)
		u := must(credential.ParseRevocationList(list))
		require.NoError(t, v.store.Post(t.Context(), ledger.Document{Signer: u.Signer(), Version: 1, Tag: u.Tag(), Bytes: list}))

		round := ok[api.Round](v, request{method: "GET", path: "/v1/staff/round", device: postman})
		require.Equal(t, []api.Bytes{record.Grant}, round.Grants)
		require.Len(t, round.Authorities, 1)
		require.Equal(t, []api.Bytes{list}, round.Lists)
		require.Equal(t, []api.LockID{api.Of(v.LockID)}, round.Logs)
		require.Len(t, round.Policies, 1)
		require.Equal(t, policy, round.Policies[0].Document)

		for range 2 { // the second time changes nothing
			require.Equal(t, 1, ok[api.Noted](v, v.saying(postman, policy)).Noted)
			v.carries(postman)
		}
	})
}

func TestDeviceWithoutADutyIsRefused(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		round := func(device crypto.Signer) request {
			return request{method: "GET", path: "/v1/staff/round", device: device}
		}
		postman := v.Key("postman")
		v.refused(round(postman), problemNotOnDuty)
		v.granted(postman)
		ok[api.Round](v, round(postman))
		v.refused(round(v.Key("other")), problemNotOnDuty)

		v.clock.pass(3 * 24 * time.Hour) // he may bring what he carried, and has no grant any more
		require.Empty(t, ok[api.Round](v, round(postman)).Grants)
		v.clock.pass(5 * 24 * time.Hour)
		v.refused(round(postman), problemNotOnDuty)
	})
}

func TestWithdrawnDeviceIsOut(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		postman := v.Key("postman")
		record := v.granted(postman)
		require.NoError(t, v.store.Withdraw(t.Context(), v.Now, []credential.Tag{record.Tag}))
		v.refused(request{method: "GET", path: "/v1/staff/round", device: postman}, problemNotOnDuty)
	})
}

func TestDeviceCannotTakeThePoliciesOfOtherRounds(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		postman := v.Key("postman")
		v.granted(postman)
		far := credential.LockID{0xfa}
		require.NoError(t, v.store.Place(t.Context(), []ledger.Box{{Lock: far, Area: []byte("FR13001001")}}))
		policy := v.Policy(func(c *credential.PolicyClaims) { c.Lock = far })
		u := must(credential.ParsePolicy(policy))
		require.NoError(t, v.store.Post(t.Context(), ledger.Document{Lock: far, Signer: u.Signer(), Version: 1, Tag: u.Tag(), Bytes: policy}))
		require.Zero(t, ok[api.Noted](v, v.saying(postman, policy)).Noted)
		require.Empty(t, must(v.book.Claims(t.Context(), []credential.LockID{far})))
		load, err := v.store.Outbox(t.Context(), []byte("FR13"))
		require.NoError(t, err)
		require.Len(t, load.Policies, 1)
	})
}

func TestPagesComeToTheOwnerAndAreForgottenWhenTaken(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		postman := v.Key("postman")
		v.granted(postman)
		v.unkept(v.bringing(postman, page(1)), problemNotOnRound)
		v.wanted()
		for range 2 { // the second delivery changes nothing
			require.True(t, v.outcome(v.bringing(postman, page(1), page(2))).Kept)
		}
		require.Equal(t, []api.Bytes{page(1), page(2)}, v.fetched())
		take := request{method: "DELETE", path: v.path("/pages"), owner: v.Key("owner"),
			body: api.PagesTaken{Digests: []api.Digest{api.Of(sha256.Sum256(page(1))), api.Of([32]byte{1})}}}
		for range 2 {
			v.done(take)
			require.Equal(t, []api.Bytes{page(2)}, v.fetched())
		}
		v.refused(v.bringing(postman, page(3), page(4)[:700]), problemMalformed)
	})
}

func TestOneDeviceCannotFillTheOwnersPlace(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		bad, good := v.Key("bad courier"), v.Key("good courier")
		v.granted(bad)
		v.granted(good)
		v.wanted()
		for i := range byte(courierPages / maxLogPages) {
			n := i * maxLogPages
			require.True(t, v.outcome(v.bringing(bad, page(n), page(n+1), page(n+2), page(n+3))).Kept)
		}
		v.unkept(v.bringing(bad, page(100)), problemQuota)
		require.True(t, v.outcome(v.bringing(bad, page(0))).Kept, "what he brought already changes nothing")
		require.True(t, v.outcome(v.bringing(good, page(200), page(201))).Kept)

		// The owner opens none of the forgeries, and drops them; honest pages survive.
		pages := v.fetched()
		require.Len(t, pages, courierPages+2)
		var forged []api.Digest
		for _, p := range pages[:courierPages] {
			forged = append(forged, api.Of(sha256.Sum256(p)))
		}
		v.done(request{method: "DELETE", path: v.path("/pages"), owner: v.Key("owner"), body: api.PagesTaken{Digests: forged}})
		require.Equal(t, []api.Bytes{page(200), page(201)}, v.fetched())
		require.True(t, v.outcome(v.bringing(bad, page(100))).Kept)
	})
}

func TestPagesBeyondTheLedgersBoundAreRefusedAndNotCounted(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		v.wanted()
		for i := range byte(ledger.MaxPages / courierPages) {
			device := v.Key(string(rune('a' + i)))
			v.granted(device)
			for j := range byte(courierPages / maxLogPages) {
				n := i*courierPages + j*maxLogPages
				require.True(t, v.outcome(v.bringing(device, page(n), page(n+1), page(n+2), page(n+3))).Kept)
			}
		}
		last := v.Key("last")
		v.granted(last)
		for range courierPages + 1 {
			v.unkept(v.bringing(last, page(250)), problemQuota)
		}
		pages := v.fetched()
		require.Len(t, pages, ledger.MaxPages)
		v.done(request{method: "DELETE", path: v.path("/pages"), owner: v.Key("owner"),
			body: api.PagesTaken{Digests: []api.Digest{api.Of(sha256.Sum256(pages[5]))}}})
		require.True(t, v.outcome(v.bringing(last, page(250))).Kept)
	})
}

func TestReceiptsAreKeptOnceAndForgeriesAreNot(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		postman := v.Key("postman")
		v.granted(postman)
		good := v.receipt(func(c *credential.ReceiptClaims) { c.Entry = nil })
		forged := append(api.Bytes(nil), good...)
		forged[len(forged)-1] ^= 1
		with := v.certificates()
		stranger := issuertest.New("another scheme")
		_, strange := stranger.Identity(0)
		body := api.Receipts{Receipts: []api.Receipt{
			{Receipt: good, Certificates: with},
			{Receipt: forged, Certificates: with},
			{Receipt: good, Certificates: []api.Bytes{strange}},
			{Receipt: good, Certificates: with},
		}}
		for range 2 {
			o := ok[api.Outcomes](v, request{method: "POST", path: "/v1/staff/receipts", device: postman, body: body}).Outcomes
			require.Len(t, o, 4)
			require.True(t, o[0].Kept)
			require.Equal(t, problemObject.name, o[1].Problem.Name())
			require.Equal(t, "signature", o[1].Problem.Reason)
			require.Equal(t, problemNotProved.name, o[2].Problem.Name())
			require.True(t, o[3].Kept)
		}
		kept, err := v.book.Receipts(t.Context(), 0, 10)
		require.NoError(t, err)
		require.Len(t, kept, 1)
		require.Equal(t, []byte(good), kept[0].Object)
		require.Equal(t, v.LockID, kept[0].Lock)
		require.Equal(t, []byte(with[0]), kept[0].Certificate)
	})
}

func TestLiveTimeIsSignedOverTheNonce(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		postman := v.Key("postman")
		v.granted(postman)
		nonce := [16]byte{1, 2, 3}
		answer := ok[api.Token](v, request{method: "POST", path: "/v1/staff/time", device: postman, body: api.Nonce{Nonce: nonce[:]}})
		u := must(credential.ParseTimeToken(answer.Token))
		require.Equal(t, credential.TimeClaims{Time: v.Now, Offset: 60, Live: true, Nonce: nonce}, u.Claims)
		authority := must(v.service.authority(answer.Authorities[0]))
		_, err := v.service.verifier.TimeToken(u, authority)
		require.NoError(t, err)
		v.refused(request{method: "POST", path: "/v1/staff/time", device: postman, body: api.Nonce{Nonce: nonce[:15]}}, problemMalformed)
	})
}

func TestOwnersPhoneGetsListsAndTheTime(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		v.registered()
		list := v.RevocationList(1)
		u := must(credential.ParseRevocationList(list))
		require.NoError(t, v.store.Post(t.Context(), ledger.Document{Signer: u.Signer(), Version: 1, Tag: u.Tag(), Bytes: list}))
		answer := ok[api.Documents](v, request{method: "GET", path: v.path("/documents"), owner: v.Key("owner")})
		require.Len(t, answer.Documents, 2)
		require.Equal(t, v.Now, must(credential.ParseTimeToken(answer.Documents[0])).Claims.Time)
		require.Equal(t, api.Bytes(list), answer.Documents[1])
	})
}

func TestClockThatJumpsBackSignsNothing(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		postman := v.Key("postman")
		v.granted(postman)
		ask := request{method: "POST", path: "/v1/staff/time", device: postman, body: api.Nonce{Nonce: make(api.Bytes, 16)}}
		ok[api.Token](v, ask)
		v.clock.pass(-time.Duration(ledger.ClockTolerance+1) * time.Second)
		v.refused(ask, problemClock)
		v.clock.pass(time.Second)
		ok[api.Token](v, ask)
	})
}
