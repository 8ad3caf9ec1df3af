package credential_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

func TestPolicyNeedsTheOwner(t *testing.T) {
	owner, other := edKey("signer"), edKey("other")
	for name, c := range map[string]struct {
		by     *testKey
		spoil  func(*forge)
		reason credential.Reason
		checks uint64
	}{
		"the owner's":                    {owner, nil, 0, 1},
		"another's":                      {other, nil, credential.ReasonIssuerUnknown, 0},
		"another's who is to be owner":   {other, func(f *forge) { f.cose = other.cose() }, credential.ReasonIssuerUnknown, 0},
		"another's under the owner's id": {other, func(f *forge) { f.header = set(f.header, 4, bstr(owner.id()...)) }, credential.ReasonSignature, 1},
		"of the other algorithm":         {owner, func(f *forge) { f.header = set(f.header, 1, num(-9)) }, credential.ReasonAlgorithm, 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := policyForge(c.by, owner)
			if c.spoil != nil {
				c.spoil(f)
			}
			u, err := credential.ParsePolicy(f.bytes())
			require.NoError(t, err)
			v := credential.Verifier{Meter: new(credential.Meter), Roots: []credential.PublicKey{other.public}}
			p, err := v.Policy(u, owner.public)
			require.Equal(t, c.checks, v.Meter.Total())
			if c.reason == credential.ReasonNone {
				require.NoError(t, err)
				return
			}
			require.Nil(t, p)
			requireReason(t, err, c.reason, "policy: ")
		})
	}
}

// TestDocumentsOfAuthorities holds what a list and a token need of the
// authority that signed them.
func TestDocumentsOfAuthorities(t *testing.T) {
	by, other := edKey("signer"), edKey("other")
	verify := map[string]struct {
		right int64
		forge func(key, _ *testKey) *forge
		try   func(*forge, *credential.Authority) error
	}{
		"revocation list": {2, listForge, func(f *forge, a *credential.Authority) error {
			u, err := credential.ParseRevocationList(f.bytes())
			require.NoError(t, err)
			l, err := new(credential.Verifier).RevocationList(u, a)
			require.Equal(t, err == nil, l != nil)
			return err
		}},
		"time token": {4, tokenForge, func(f *forge, a *credential.Authority) error {
			u, err := credential.ParseTimeToken(f.bytes())
			require.NoError(t, err)
			token, err := new(credential.Verifier).TimeToken(u, a)
			require.Equal(t, err == nil, token != nil)
			return err
		}},
	}
	for kind, k := range verify {
		for name, c := range map[string]struct {
			spoil  func(*forge)
			key    *testKey // of the authority
			rights cbor
			reason credential.Reason
		}{
			"the right one":               {nil, by, rights(k.right), 0},
			"with more rights":            {nil, by, list(numlist(1), num(15), num(1)), 0},
			"with the other rights":       {nil, by, list(numlist(1), num(15&^k.right), num(1)), credential.ReasonAuthorityRight},
			"another authority":           {nil, other, rights(k.right), credential.ReasonIssuerUnknown},
			"signed by another":           {func(f *forge) { f.key = other }, by, rights(k.right), credential.ReasonSignature},
			"at the authority's iat":      {iat(issued), by, rights(k.right), 0},
			"before the authority's iat":  {iat(issued - 1), by, rights(k.right), credential.ReasonAuthorityExpired},
			"at the authority's exp":      {iat(expires), by, rights(k.right), 0},
			"after the authority's exp":   {iat(expires + 1), by, rights(k.right), credential.ReasonAuthorityExpired},
			"without right and too early": {iat(issued - 1), by, rights(8), credential.ReasonAuthorityRight},
		} {
			t.Run(kind+"/"+name, func(t *testing.T) {
				f := k.forge(by, nil)
				if c.spoil != nil {
					c.spoil(f)
				}
				err := k.try(f, operator(t, c.key, c.rights))
				if c.reason == credential.ReasonNone {
					require.NoError(t, err)
					return
				}
				requireReason(t, err, c.reason, "")
			})
		}
		requireReason(t, k.try(k.forge(by, nil), nil), credential.ReasonIssuerUnknown, kind+": kid: signed by key")
	}
}

func TestSchemeListNeedsARoot(t *testing.T) {
	root := edKey("root")
	u, err := credential.ParseRevocationList(listForge(root, nil).bytes())
	require.NoError(t, err)
	for name, c := range map[string]struct {
		roots  []credential.PublicKey
		reason credential.Reason
	}{
		"no root":       {nil, credential.ReasonIssuerUnknown},
		"another root":  {[]credential.PublicKey{edKey("other").public, {}}, credential.ReasonIssuerUnknown},
		"the right one": {[]credential.PublicKey{edKey("other").public, root.public}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			v := credential.Verifier{Roots: c.roots}
			l, err := v.SchemeList(u)
			if c.reason == credential.ReasonNone {
				require.NoError(t, err)
				return
			}
			require.Nil(t, l)
			requireReason(t, err, c.reason, "revocation list: ")
		})
	}
}

func TestReceiptNeedsItsLock(t *testing.T) {
	key, other := edKey("signer"), edKey("other")
	for name, c := range map[string]struct {
		by     *testKey
		key    *testKey // of the certificate
		id     credential.LockID
		reason credential.Reason
	}{
		"its own":                           {key, key, lockID, 0},
		"another lock's":                    {key, other, lockID, credential.ReasonIssuerUnknown},
		"its key for another lock":          {key, key, credential.LockID{1}, credential.ReasonLockIdentity},
		"another key's for the same number": {other, key, lockID, credential.ReasonIssuerUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			u, err := credential.ParseReceipt(receiptForge(c.by, nil).bytes())
			require.NoError(t, err)
			lock, err := lockCertificate(c.key, c.id)
			require.NoError(t, err)
			r, err := new(credential.Verifier).Receipt(u, lock)
			if c.reason == credential.ReasonNone {
				require.NoError(t, err)
				return
			}
			require.Nil(t, r)
			requireReason(t, err, c.reason, "receipt: ")
		})
	}
	u, err := credential.ParseReceipt(receiptForge(key, nil).bytes())
	require.NoError(t, err)
	_, err = new(credential.Verifier).Receipt(u, nil)
	requireReason(t, err, credential.ReasonIssuerUnknown, "missing")
}

// TestFingerprintsOfDocuments holds that what is known is verified by its
// fingerprint, and obeys every other rule.
func TestFingerprintsOfDocuments(t *testing.T) {
	key := edKey("signer")
	var asked []credential.Fingerprint
	v := credential.Verifier{Roots: []credential.PublicKey{key.public}, Meter: new(credential.Meter),
		Known: func(f credential.Fingerprint) bool { asked = append(asked, f); return true }}
	up, err := credential.ParsePolicy(policyForge(key, key).bytes())
	require.NoError(t, err)
	p, err := v.Policy(up, key.public)
	require.NoError(t, err)
	ul, err := credential.ParseRevocationList(listForge(key, nil).bytes())
	require.NoError(t, err)
	l, err := v.SchemeList(ul)
	require.NoError(t, err)
	ut, err := credential.ParseTimeToken(tokenForge(key, nil).bytes())
	require.NoError(t, err)
	token, err := v.TimeToken(ut, operator(t, key, rights(4)))
	require.NoError(t, err)
	ur, err := credential.ParseReceipt(receiptForge(key, nil).bytes())
	require.NoError(t, err)
	lock, err := lockCertificate(key, lockID)
	require.NoError(t, err)
	r, err := v.Receipt(ur, lock)
	require.NoError(t, err)
	require.Equal(t, asked, []credential.Fingerprint{p.Fingerprint(), l.Fingerprint(), token.Fingerprint(), r.Fingerprint()})
	require.Zero(t, v.Meter.Total())

	_, err = v.TimeToken(ut, operator(t, key, rights(2)))
	requireReason(t, err, credential.ReasonAuthorityRight, "")
	_, err = v.RevocationList(ul, operator(t, key, rights(4)))
	requireReason(t, err, credential.ReasonAuthorityRight, "")
	lock, err = lockCertificate(key, credential.LockID{})
	require.NoError(t, err)
	_, err = v.Receipt(ur, lock)
	requireReason(t, err, credential.ReasonLockIdentity, "")
}

// TestZeroDocumentsFailClosed holds that what no Verifier made, or nobody handed
// over, is worth nothing.
func TestZeroDocumentsFailClosed(t *testing.T) {
	v := credential.Verifier{Roots: []credential.PublicKey{edKey("root").public}, Known: func(credential.Fingerprint) bool { return true }}
	_, err := v.Policy(nil, edKey("root").public)
	requireReason(t, err, malformed, "policy")
	_, err = v.Policy(new(credential.UnverifiedPolicy), credential.PublicKey{})
	requireReason(t, err, credential.ReasonIssuerUnknown, "")
	_, err = v.RevocationList(nil, new(credential.Authority))
	requireReason(t, err, malformed, "revocation list")
	_, err = v.RevocationList(new(credential.UnverifiedRevocationList), new(credential.Authority))
	requireReason(t, err, credential.ReasonIssuerUnknown, "")
	_, err = v.SchemeList(nil)
	requireReason(t, err, malformed, "revocation list")
	_, err = v.SchemeList(new(credential.UnverifiedRevocationList))
	requireReason(t, err, credential.ReasonIssuerUnknown, "")
	_, err = v.TimeToken(nil, new(credential.Authority))
	requireReason(t, err, malformed, "time token")
	_, err = v.TimeToken(new(credential.UnverifiedTimeToken), new(credential.Authority))
	requireReason(t, err, credential.ReasonIssuerUnknown, "")
	_, err = v.Receipt(nil, new(credential.LockCertificate))
	requireReason(t, err, malformed, "receipt")
	_, err = v.Receipt(new(credential.UnverifiedReceipt), new(credential.LockCertificate))
	requireReason(t, err, credential.ReasonIssuerUnknown, "")

	var none *credential.Policy
	require.Zero(t, none.Version())
	require.False(t, none.Denies(credential.Tag{}))
	require.False(t, new(credential.Policy).Denies(credential.Tag{}))
	var nothing *credential.RevocationList
	require.False(t, nothing.Denies(credential.Tag{}, 0))
	require.False(t, new(credential.RevocationList).Denies(credential.Tag{}, 0))
	require.Zero(t, new(credential.TimeToken).Claims())
}

func TestRevocationListDenies(t *testing.T) {
	key := edKey("signer")
	for _, c := range []struct {
		name  string
		least int64
		tag   []byte
		iat   credential.Time
		want  bool
	}{
		{"neither", issued - 1000, tags(3)[16:], issued, false},
		{"the first tag", issued - 1000, tags(1), issued, true},
		{"the second tag", issued - 1000, tags(2)[8:], issued, true},
		{"a tag of the future", issued - 1000, tags(1), expires, true},
		{"at the least", issued - 1000, tags(3)[16:], issued - 1000, false},
		{"before the least", issued - 1000, tags(3)[16:], issued - 1001, true},
		{"no least", 0, tags(3)[16:], 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := plain(65005, key, list(num(3), num(c.least), list(denial(0), denial(1))))
			u, err := credential.ParseRevocationList(f.bytes())
			require.NoError(t, err)
			l, err := new(credential.Verifier).RevocationList(u, operator(t, key, rights(2)))
			require.NoError(t, err)
			require.Equal(t, c.want, l.Denies(credential.Tag(c.tag), c.iat))
			require.Equal(t, c.want, u.Claims.Denies(credential.Tag(c.tag), c.iat))
		})
	}
}
