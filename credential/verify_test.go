package credential_test

import (
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// parseGrant parses the grant that the hand made.
func parseGrant(t testing.TB, f *forge) *credential.UnverifiedGrant {
	t.Helper()
	u, err := credential.ParseGrant(f.bytes())
	require.NoError(t, err)
	return u
}

// operator returns the authority for the key with this scope, which runs from
// iat to exp of the tests.
func operator(t testing.TB, key *testKey, scope cbor) *credential.Authority {
	t.Helper()
	a, err := certify(key, scoped(scope))
	require.NoError(t, err)
	return a
}

// post is the scope of an operator with the service 1 and grants of an hour.
func post() cbor { return list(list(num(1)), num(1), num(3600)) }

func TestAuthorityNeedsARoot(t *testing.T) {
	root, other := edKey("root"), edKey("other")
	for name, c := range map[string]struct {
		signer *testKey
		spoil  func(*forge)
		roots  []credential.PublicKey
		reason credential.Reason
		checks uint64
	}{
		"no root":                {root, nil, nil, credential.ReasonIssuerUnknown, 0},
		"another root":           {root, nil, []credential.PublicKey{other.public}, credential.ReasonIssuerUnknown, 0},
		"no key for a root":      {root, nil, []credential.PublicKey{{}}, credential.ReasonIssuerUnknown, 0},
		"the right one":          {root, nil, []credential.PublicKey{root.public}, 0, 1},
		"among others":           {root, nil, []credential.PublicKey{other.public, {}, p256Key("root").public, root.public}, 0, 1},
		"the right one of P-256": {p256Key("root"), nil, []credential.PublicKey{root.public, p256Key("root").public}, 0, 1},
		"signed by another": {other, func(f *forge) { f.header = set(f.header, 4, bstr(root.id()...)) },
			[]credential.PublicKey{root.public, other.public}, credential.ReasonSignature, 1},
		"kid of another": {root, func(f *forge) { f.header = set(f.header, 4, bstr(other.id()...)) },
			[]credential.PublicKey{root.public}, credential.ReasonIssuerUnknown, 0},
		"kid of another, who is trusted": {root, func(f *forge) { f.header = set(f.header, 4, bstr(other.id()...)) },
			[]credential.PublicKey{root.public, other.public}, credential.ReasonSignature, 1},
		"kid zero, no key for a root": {root, func(f *forge) { f.header = set(f.header, 4, bstr(make([]byte, 8)...)) },
			[]credential.PublicKey{{}}, credential.ReasonIssuerUnknown, 0},
		"alg of the other kind": {root, func(f *forge) { f.header = set(f.header, 1, num(-9)) },
			[]credential.PublicKey{root.public}, credential.ReasonAlgorithm, 0},
		"signed by itself": {edKey("subject"), nil, []credential.PublicKey{root.public}, credential.ReasonIssuerUnknown, 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := authorityForge(c.signer, edKey("subject"))
			if c.spoil != nil {
				c.spoil(f)
			}
			u, err := credential.ParseAuthority(f.bytes())
			require.NoError(t, err)
			meter := new(credential.Meter)
			v := credential.Verifier{Roots: c.roots, Meter: meter}
			a, err := v.Authority(u)
			require.Equal(t, c.checks, meter.Total())
			if c.reason == credential.ReasonNone {
				require.NoError(t, err)
				return
			}
			require.Nil(t, a)
			requireReason(t, err, c.reason, "authority certificate: ")
		})
	}
}

func TestLockCertificateNeedsAMaker(t *testing.T) {
	maker, other := edKey("signer"), edKey("other")
	right := func(bits int64) cbor { return list(list(), num(bits), num(0)) }
	for name, c := range map[string]struct {
		spoil  func(*forge)
		key    *testKey // of the authority
		scope  cbor
		reason credential.Reason
	}{
		"the right one":               {nil, maker, right(8), 0},
		"with more rights":            {nil, maker, list(numlist(1), num(15), num(1)), 0},
		"another maker":               {nil, other, right(8), credential.ReasonIssuerUnknown},
		"maker without a right":       {nil, maker, post(), credential.ReasonAuthorityRight},
		"maker with the other rights": {nil, maker, list(numlist(1), num(7), num(1)), credential.ReasonAuthorityRight},
		"signed by another":           {func(f *forge) { f.key = other }, maker, right(8), credential.ReasonSignature},
		"at the maker's iat":          {iat(issued), maker, right(8), 0},
		"before the maker's iat":      {iat(issued - 1), maker, right(8), credential.ReasonAuthorityExpired},
		"at the maker's exp":          {iat(expires), maker, right(8), 0},
		"after the maker's exp":       {iat(expires + 1), maker, right(8), credential.ReasonAuthorityExpired},
	} {
		t.Run(name, func(t *testing.T) {
			f := lockForge(maker, edKey("subject"))
			if c.spoil != nil {
				c.spoil(f)
			}
			u, err := credential.ParseLockCertificate(f.bytes())
			require.NoError(t, err)
			cert, err := new(credential.Verifier).LockCertificate(u, operator(t, c.key, c.scope))
			if c.reason == credential.ReasonNone {
				require.NoError(t, err)
				return
			}
			require.Nil(t, cert)
			requireReason(t, err, c.reason, "")
		})
	}
	u, err := credential.ParseLockCertificate(lockForge(maker, edKey("subject")).bytes())
	require.NoError(t, err)
	_, err = new(credential.Verifier).LockCertificate(u, nil)
	requireReason(t, err, credential.ReasonIssuerUnknown, "missing")
}

func numlist(n ...int64) cbor {
	var items []cbor
	for _, v := range n {
		items = append(items, num(v))
	}
	return list(items...)
}

// iat sets the time of issue.
func iat(v int64) func(*forge) { return func(f *forge) { f.claims = set(f.claims, 6, num(v)) } }

// lasting sets iat and exp of a grant.
func lasting(from, to int64) func(*forge) {
	return func(f *forge) { f.claims = set(set(f.claims, 6, num(from)), 4, num(to)) }
}

// inService makes a grant of entries in the name of these services; zero leaves
// the condition out.
func inService(services ...int64) func(*forge) {
	return func(f *forge) {
		var entries []cbor
		for _, s := range services {
			if s == 0 {
				entries = append(entries, lockEntry())
			} else {
				entries = append(entries, lockEntry(dict(pair{num(7), num(s)})))
			}
		}
		f.scope = list(entries...)
	}
}

func TestOperatorGrant(t *testing.T) {
	key := edKey("signer")
	several := list(numlist(1, 2, 300), num(1), num(3600))
	for name, c := range map[string]struct {
		spoil  func(*forge)
		by     *testKey
		scope  cbor
		reason credential.Reason
	}{
		"good":                           {nil, key, post(), 0},
		"another authority":              {nil, edKey("other"), post(), credential.ReasonIssuerUnknown},
		"alg of the other kind":          {func(f *forge) { f.header = set(f.header, 1, num(-9)) }, key, post(), credential.ReasonAlgorithm},
		"signed by another":              {func(f *forge) { f.key = edKey("other") }, key, post(), credential.ReasonSignature},
		"no right issue":                 {nil, key, list(list(), num(2|4|8), num(0)), credential.ReasonAuthorityRight},
		"issued at the authority's iat":  {lasting(issued, expires), key, post(), 0},
		"issued before":                  {lasting(issued-1, expires-1), key, post(), credential.ReasonAuthorityExpired},
		"issued at the authority's exp":  {lasting(expires, expires+3600), key, post(), 0},
		"issued after":                   {lasting(expires+1, expires+3600), key, post(), credential.ReasonAuthorityExpired},
		"as long as may be":              {lasting(issued+10, expires+10), key, post(), 0},
		"a second too long":              {lasting(issued, expires+1), key, post(), credential.ReasonGrantTooLong},
		"long counts from iat, not nbf":  {func(f *forge) { lasting(issued, expires+1)(f); f.claims = set(f.claims, 5, num(expires)) }, key, post(), credential.ReasonGrantTooLong},
		"far too long":                   {lasting(issued, 1<<32-1), key, post(), credential.ReasonGrantTooLong},
		"names its only service":         {inService(1), key, post(), 0},
		"names a foreign service":        {inService(2), key, post(), credential.ReasonService},
		"names no service of several":    {inService(0), key, several, credential.ReasonService},
		"names the first of several":     {inService(1), key, several, 0},
		"names the last of several":      {inService(300), key, several, 0},
		"names a foreign one of several": {inService(3), key, several, credential.ReasonService},
		"each entry names its own":       {inService(1, 2, 300, 1), key, several, 0},
		"the last entry names none":      {inService(1, 2, 300, 0), key, several, credential.ReasonService},
		"the last entry names a foreign": {inService(0, 1, 0, 2), key, post(), credential.ReasonService},
	} {
		t.Run(name, func(t *testing.T) {
			f := grantForge(key, edKey("subject"))
			if c.spoil != nil {
				c.spoil(f)
			}
			by := operator(t, c.by, c.scope)
			g, err := new(credential.Verifier).OperatorGrant(parseGrant(t, f), by)
			if c.reason == credential.ReasonNone {
				require.NoError(t, err)
				require.Same(t, by, g.Authority())
				return
			}
			require.Nil(t, g)
			requireReason(t, err, c.reason, "")
		})
	}
	_, err := new(credential.Verifier).OperatorGrant(parseGrant(t, grantForge(key, edKey("subject"))), nil)
	requireReason(t, err, credential.ReasonIssuerUnknown, "missing")
}

// TestOperatorGrantNamesTheFirstFault gives a grant all the faults of section
// 4.8.1 and takes them away, the first one first.
func TestOperatorGrantNamesTheFirstFault(t *testing.T) {
	key := edKey("signer")
	f := grantForge(key, edKey("subject"))
	inService(9)(f)
	lasting(1, 1<<32-1)(f)
	noRight := operator(t, key, list(list(), num(8), num(0)))
	by := operator(t, key, post())
	judge := func(a *credential.Authority) error {
		_, err := new(credential.Verifier).OperatorGrant(parseGrant(t, f), a)
		return err
	}
	f.key = edKey("other")
	requireReason(t, judge(noRight), credential.ReasonSignature, "")
	f.key = key
	requireReason(t, judge(noRight), credential.ReasonAuthorityRight, "")
	requireReason(t, judge(by), credential.ReasonAuthorityExpired, "")
	lasting(issued, 1<<32-1)(f)
	requireReason(t, judge(by), credential.ReasonGrantTooLong, "")
	lasting(issued, expires)(f)
	requireReason(t, judge(by), credential.ReasonService, "")
	inService(1)(f)
	require.NoError(t, judge(by))
}

func TestOwnerGrant(t *testing.T) {
	owner := edKey("signer")
	for name, c := range map[string]struct {
		spoil  func(*forge)
		owner  credential.PublicKey
		reason credential.Reason
	}{
		"good":                      {nil, owner.public, 0},
		"as long as may be":         {lasting(1, 1<<32-1), owner.public, 0},
		"no owner":                  {nil, credential.PublicKey{}, credential.ReasonIssuerUnknown},
		"no owner, kid zero":        {func(f *forge) { f.header = set(f.header, 4, bstr(make([]byte, 8)...)) }, credential.PublicKey{}, credential.ReasonIssuerUnknown},
		"another owner":             {nil, edKey("other").public, credential.ReasonIssuerUnknown},
		"alg of the other kind":     {func(f *forge) { f.header = set(f.header, 1, num(-9)) }, owner.public, credential.ReasonAlgorithm},
		"signed by another":         {func(f *forge) { f.key = edKey("other") }, owner.public, credential.ReasonSignature},
		"names a service":           {inService(1), owner.public, credential.ReasonService},
		"names one in the last row": {inService(0, 0, 0, 1), owner.public, credential.ReasonService},
	} {
		t.Run(name, func(t *testing.T) {
			f := grantForge(owner, edKey("subject"))
			if c.spoil != nil {
				c.spoil(f)
			}
			g, err := new(credential.Verifier).OwnerGrant(parseGrant(t, f), c.owner)
			if c.reason == credential.ReasonNone {
				require.NoError(t, err)
				require.Nil(t, g.Authority())
				return
			}
			require.Nil(t, g)
			requireReason(t, err, c.reason, "grant: ")
		})
	}
}

// TestAllowsRefusesTimesThatAreNoGrants holds that a grant that ends before it
// begins does not pass for a short one.
func TestAllowsRefusesTimesThatAreNoGrants(t *testing.T) {
	a, err := certify(edKey("signer"), func(f *forge) {
		f.claims = []pair{{num(4), num(1<<32 - 1)}, {num(6), num(1)}}
		f.scope = post()
	})
	require.NoError(t, err)
	for _, c := range []credential.GrantClaims{
		{},
		{IssuedAt: 1<<32 - 1, Expires: 10},
		{IssuedAt: issued, Expires: issued},
		{IssuedAt: issued, NotBefore: issued, Expires: issued + 1},
	} {
		requireReason(t, a.Allows(c), malformed, "grant: ")
	}
	require.NoError(t, a.Allows(credential.GrantClaims{IssuedAt: issued, Expires: issued + 3600}))
}

// scheduledForge is a grant with a schedule.
func scheduledForge(key *testKey) *forge {
	f := grantForge(key, edKey("subject"))
	conditioned(pair{num(1), always})(f)
	return f
}

// TestClaimsAreForReadingAlone holds that nobody gets more than what was signed
// by changing the claims of a parsed object, before or after it is verified.
func TestClaimsAreForReadingAlone(t *testing.T) {
	key := edKey("signer")
	f := authorityForge(edKey("root"), key)
	v := credential.Verifier{Roots: []credential.PublicKey{edKey("root").public}}
	for _, late := range []bool{false, true} {
		ua, err := credential.ParseAuthority(f.bytes())
		require.NoError(t, err)
		ug := parseGrant(t, scheduledForge(key))
		change := func() {
			for i := range ug.Claims.Scope[0].Schedule {
				ug.Claims.Scope[0].Schedule[i] = credential.Window{Days: 1, Until: 1}
			}
			ug.Claims.Parent[0] = 1
			ua.Claims.Services[0] = 7
			ua.Claims.Rights, ua.Claims.LongestGrant, ua.Claims.Expires, ua.Claims.Key = 15, time.Hour*24*365, 1<<32-1, edKey("other").public
			ug.Claims.Scope[0] = credential.Entry{Target: credential.AreaTarget([]byte{1}), Actions: 127}
			ug.Claims.Expires, ug.Claims.Holder = 1<<32-1, edKey("other").public
		}
		if !late {
			change()
		}
		a, err := v.Authority(ua)
		require.NoError(t, err)
		g, err := v.OwnerGrant(ug, key.public)
		require.NoError(t, err)
		change()
		require.Equal(t, []credential.Service{1, 300}, a.Services())
		require.Equal(t, credential.RightIssue|credential.RightTime, a.Rights())
		require.Equal(t, 10*time.Minute, a.LongestGrant())
		require.EqualValues(t, expires, a.Expires())
		require.Equal(t, key.public, a.Key())
		require.EqualValues(t, expires, g.Expires())
		require.Equal(t, edKey("subject").public, g.Holder())
		scope := []credential.Entry{{Target: credential.LockTarget(lockID), Actions: 3, Schedule: credential.Schedule{{Days: credential.EveryDay, Until: 1440}}}}
		require.Equal(t, scope, g.Scope())
		require.Nil(t, g.Parent())

		a.Services()[0], g.Scope()[0].Actions, g.Scope()[0].Schedule[0].Days = 7, 127, 1
		require.Equal(t, []credential.Service{1, 300}, a.Services())
		require.Equal(t, scope, g.Scope())
		require.EqualValues(t, 3, g.Scope()[0].Actions)
	}

	ul, err := credential.ParseLockCertificate(lockForge(key, edKey("subject")).bytes())
	require.NoError(t, err)
	ul.Claims.ID = credential.LockID{}
	c, err := v.LockCertificate(ul, operator(t, key, list(list(), num(8), num(0))))
	require.NoError(t, err)
	require.Equal(t, lockID, c.ID())
}

// TestZeroValuesFailClosed holds that what no Verifier made opens nothing.
func TestZeroValuesFailClosed(t *testing.T) {
	v := credential.Verifier{Roots: []credential.PublicKey{edKey("root").public}, Known: func(credential.Fingerprint) bool { return true }}
	_, err := new(credential.Grant).Judge(credential.ActionOpen, credential.Place{})
	requireReason(t, err, credential.ReasonExpired, "")
	requireReason(t, new(credential.Authority).Covers(issued), credential.ReasonAuthorityExpired, "")
	requireReason(t, new(credential.Authority).Allows(credential.GrantClaims{IssuedAt: 1, Expires: 2}), credential.ReasonAuthorityRight, "")
	require.Nil(t, new(credential.Authority).Bytes())
	require.True(t, new(credential.LockCertificate).Key().IsZero())

	_, err = v.Authority(nil)
	requireReason(t, err, malformed, "authority certificate")
	_, err = v.Authority(new(credential.UnverifiedAuthority))
	requireReason(t, err, credential.ReasonIssuerUnknown, "")
	_, err = v.LockCertificate(nil, new(credential.Authority))
	requireReason(t, err, malformed, "lock certificate")
	_, err = v.LockCertificate(new(credential.UnverifiedLockCertificate), new(credential.Authority))
	requireReason(t, err, credential.ReasonIssuerUnknown, "")
	_, err = v.OperatorGrant(nil, new(credential.Authority))
	requireReason(t, err, malformed, "grant")
	_, err = v.OperatorGrant(new(credential.UnverifiedGrant), new(credential.Authority))
	requireReason(t, err, credential.ReasonIssuerUnknown, "")
	_, err = v.OwnerGrant(nil, edKey("root").public)
	requireReason(t, err, malformed, "grant")
	_, err = v.OwnerGrant(new(credential.UnverifiedGrant), credential.PublicKey{})
	requireReason(t, err, credential.ReasonIssuerUnknown, "")
}

// TestBothSignaturesOfECDSA holds that s and its negative verify alike, and are
// remembered apart.
func TestBothSignaturesOfECDSA(t *testing.T) {
	key := p256Key("signer")
	f := grantForge(key, edKey("subject"))
	first := key.sign(f.sigStructure())
	order, _ := new(big.Int).SetString("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)
	second := slices.Clone(first)
	new(big.Int).Sub(order, new(big.Int).SetBytes(first[32:])).FillBytes(second[32:])
	var fingerprints []credential.Fingerprint
	for _, signature := range [][]byte{first, second} {
		f.signature = signature
		g, err := new(credential.Verifier).OwnerGrant(parseGrant(t, f), key.public)
		require.NoError(t, err)
		fingerprints = append(fingerprints, g.Fingerprint())
	}
	require.NotEqual(t, fingerprints[0], fingerprints[1])
}
