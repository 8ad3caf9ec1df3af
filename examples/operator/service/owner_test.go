package service

import (
	"crypto"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/issuertest"
)

func TestCommissioningProvesTheOwner(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		o := ok[api.Ownership](v, v.registering(v.Key("owner"), v.receipt(nil), nil))
		require.Equal(t, api.Ownership{Lock: api.Of(v.LockID), Key: issuertest.Public(v.Key("owner")), Sequence: 1}, o)
		again := ok[api.Ownership](v, v.registering(v.Key("owner"), v.receipt(nil), nil))
		require.Equal(t, o, again)
	})
}

// openedBy alters a receipt to one of an opening by a bare key, with a policy in force.
func openedBy(number uint32, who credential.Tag, policy api.Bytes) func(*credential.ReceiptClaims) {
	return func(c *credential.ReceiptClaims) {
		c.Entry.Sequence, c.Entry.Who, c.Entry.Outcome, c.Entry.Operation = number, who, credential.LogStarted, credential.OperationOpen
		if policy != nil {
			u := must(credential.ParsePolicy(policy))
			c.Policy, c.PolicyVersion = u.Tag(), u.Claims.Version
		}
	}
}

func TestPolicyInForceProvesTheOwner(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		policy := v.Policy(func(c *credential.PolicyClaims) { c.Version = 7 })
		receipt := v.receipt(openedBy(12, credential.Tag{1, 2, 3}, policy))
		o := ok[api.Ownership](v, v.registering(v.Key("owner"), receipt, policy))
		require.EqualValues(t, 12, o.Sequence)
		require.EqualValues(t, 7, o.PolicyVersion)
	})
}

func TestNewOwnerTakesThePlaceOfTheFormer(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		v.registered()
		former, next := v.Key("owner"), v.Key("next")
		transfer := v.receipt(func(c *credential.ReceiptClaims) {
			c.Entry.Sequence, c.Entry.Outcome, c.Entry.Who = 9, credential.LogTransferred, whoOf(next)
		})
		ok[api.Ownership](v, v.registering(next, transfer, nil))
		v.refused(v.registering(former, v.receipt(nil), nil), problemOlder)
		v.refused(v.registering(former, v.receipt(func(c *credential.ReceiptClaims) { c.Entry.Sequence = 9 }), nil), problemOlder)
		v.refused(request{method: "GET", path: v.path("/pages"), owner: former}, problemNotOwner)
		ok[api.Pages](v, request{method: "GET", path: v.path("/pages"), owner: next})
	})
}

func TestNobodyElseBecomesTheOwner(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		owner, other, lockKey := v.Key("owner"), v.Key("other"), v.Key("another lock")
		shared := v.Policy(func(c *credential.PolicyClaims) {
			c.Version, c.CoOwners = 3, []credential.PublicKey{issuertest.Public(other)}
		})
		older := v.Policy(func(c *credential.PolicyClaims) { c.Version = 2 })
		own := must(must(issuer.NewOwner(other)).Policy(credential.PolicyClaims{Lock: v.LockID, Version: 3, IssuedAt: v.Now}))
		elsewhere := v.Policy(func(c *credential.PolicyClaims) { c.Lock = credential.LockID{1} })
		altered := append(api.Bytes(nil), v.receipt(nil)...)
		altered[len(altered)-1] ^= 1
		for name, attack := range map[string]struct {
			receipt, policy api.Bytes
			want            problem
		}{
			"co-owner by her own opening":                  {receipt: v.receipt(openedBy(5, whoOf(other), shared)), want: problemNotProved},
			"co-owner with the policy in force":            {receipt: v.receipt(openedBy(5, whoOf(other), shared)), policy: shared, want: problemNotProved},
			"co-owner with a policy of her own":            {receipt: v.receipt(openedBy(5, whoOf(other), shared)), policy: own, want: problemNotProved},
			"somebody else's receipt":                      {receipt: v.receipt(nil), want: problemNotProved},
			"guest, whose receipt has no number":           {receipt: v.receipt(openedBy(0, whoOf(other), shared)), policy: shared, want: problemNotProved},
			"guest, whose receipt has no entry":            {receipt: v.receipt(func(c *credential.ReceiptClaims) { c.Entry = nil }), want: problemNotProved},
			"entry of a guest in the role of nobody's key": {receipt: v.receipt(func(c *credential.ReceiptClaims) { c.Entry.Role, c.Entry.Who = credential.RoleGuest, whoOf(other) }), want: problemNotProved},
			"receipt that was altered":                     {receipt: altered, want: problemObject},
			"receipt signed with another key":              {receipt: signedBy(lockKey, claimsFor(v, other)), want: problemNotProved},
			"receipt of another box":                       {receipt: v.receipt(func(c *credential.ReceiptClaims) { c.Lock[0]++; c.Entry.Who = whoOf(other) }), want: problemObject},
			"policy that is not the newest of the lock":    {receipt: v.receipt(func(c *credential.ReceiptClaims) { openedBy(5, whoOf(owner), older)(c); c.PolicyVersion = 3 }), policy: older, want: problemNotProved},
			"policy of another lock":                       {receipt: v.receipt(openedBy(5, whoOf(owner), elsewhere)), policy: elsewhere, want: problemNotProved},
			"no object":                                    {receipt: api.Bytes("receipt"), want: problemObject},
			"policy in the place of the receipt":           {receipt: shared, want: problemObject},
		} {
			t.Run(name, func(t *testing.T) {
				v := v.in(t)
				v.refused(v.registering(other, attack.receipt, attack.policy), attack.want)
				v.refused(request{method: "GET", path: v.path("/pages"), owner: other}, problemNotOwner)
			})
		}
	})
}

// claimsFor are the claims of a receipt by which the lock would be the key's.
func claimsFor(v *town, key crypto.Signer) credential.ReceiptClaims {
	return credential.ReceiptClaims{
		Lock: v.LockID, Floor: v.Now,
		Entry: &credential.LogEntry{
			Sequence: 100, Time: v.Now, Operation: credential.OperationConfigure, Outcome: credential.LogCommissioned,
			Role: credential.RoleOwner, Who: whoOf(key),
		},
	}
}

func TestManufacturerThatItsSchemeWithdrewProvesNothing(t *testing.T) {
	w := issuertest.New("town")
	maker := w.Maker.Authority()
	list := must(w.Scheme.Revoke(credential.RevocationClaims{IssuedAt: w.Now, Version: 1, Denied: []credential.Denial{{Tag: maker.Tag(), Expires: maker.Expires()}}}))
	v := inMemory(t, func(c *Config) { c.Lists, c.Makers = [][]byte{list}, nil })
	q := v.registering(v.Key("owner"), v.receipt(nil), nil)
	g := q.body.(api.Registration)
	g.Certificates = append(g.Certificates, maker.Bytes())
	q.body = g
	require.Equal(t, "denied", v.refused(q, problemObject).Reason)
}

func TestManufacturersCertificateCanComeAlong(t *testing.T) {
	v := inMemory(t, func(c *Config) { c.Makers = nil })
	q := v.registering(v.Key("owner"), v.receipt(nil), nil)
	v.refused(q, problemNotProved)
	g := q.body.(api.Registration)
	g.Certificates = append(g.Certificates, v.Maker.Authority().Bytes())
	q.body = g
	ok[api.Ownership](v, q)
}

func TestReceiptOfAnotherGenuineBoxProvesNothingOfThisOne(t *testing.T) {
	v := inMemory(t)
	key := v.Key("another lock")
	elsewhere := credential.LockID{0xbb}
	certificate := v.LockCertificate(key, func(c *credential.LockClaims) { c.ID = elsewhere })
	claims := claimsFor(v, v.Key("other"))
	claims.Lock = elsewhere
	g := api.Registration{Key: issuertest.Public(v.Key("other")), Receipt: signedBy(key, claims), Certificates: []api.Bytes{certificate}}
	v.refused(request{method: "PUT", path: v.path("/owner"), owner: v.Key("other"), body: g}, problemNotProved)
}
