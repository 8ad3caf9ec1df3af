package credential_test

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// thumbprint is the whole thumbprint of the key.
func (k *testKey) thumbprint() [32]byte {
	input := dict(k.cose()...)
	if k.y != nil {
		input = dict(set(k.cose(), -3, bstr(k.y...))...)
	}
	return sha256.Sum256(input)
}

// TestFingerprint holds fingerprints to their definition.
func TestFingerprint(t *testing.T) {
	for _, p := range pairings() {
		t.Run(p.name, func(t *testing.T) {
			want := func(f *forge) credential.Fingerprint {
				digest, key := sha256.Sum256(f.sigStructure()), p.signer.thumbprint()
				signature := f.bytes()[len(f.bytes())-64:]
				return sha256.Sum256(slices.Concat(digest[:], signature, key[:]))
			}
			grant := grantForge(p.signer, p.subject)
			g, err := new(credential.Verifier).OwnerGrant(parseGrant(t, grant), p.signer.public)
			require.NoError(t, err)
			require.Equal(t, want(grant), g.Fingerprint())

			authority := authorityForge(p.signer, p.subject)
			ua, err := credential.ParseAuthority(authority.bytes())
			require.NoError(t, err)
			v := credential.Verifier{Roots: []credential.PublicKey{p.signer.public}}
			a, err := v.Authority(ua)
			require.NoError(t, err)
			require.Equal(t, want(authority), a.Fingerprint())

			lock := lockForge(p.signer, p.subject)
			ul, err := credential.ParseLockCertificate(lock.bytes())
			require.NoError(t, err)
			l, err := v.LockCertificate(ul, operator(t, p.signer, list(list(), num(8), num(0))))
			require.NoError(t, err)
			require.Equal(t, want(lock), l.Fingerprint())
		})
	}
}

// TestMeterCounts holds that each verification counts as one operation of its
// kind, and one that is known as none.
func TestMeterCounts(t *testing.T) {
	for _, k := range kinds {
		for _, p := range pairings() {
			object := k.forge(p.signer, p.subject).bytes()
			want := credential.Meter{Ed25519Verify: 1}
			if p.signer.y != nil {
				want = credential.Meter{P256Verify: 1}
			}
			var meter credential.Meter
			v := credential.Verifier{Meter: &meter}
			require.NoError(t, k.verify(&v, object, p.signer))
			require.Equal(t, want, meter)

			meter.Reset()
			asked := 0
			v.Known = func(credential.Fingerprint) bool { asked++; return true }
			require.NoError(t, k.verify(&v, object, p.signer))
			require.Zero(t, meter.Total())
			require.Equal(t, 1, asked)

			v.Known = func(credential.Fingerprint) bool { return false }
			require.NoError(t, k.verify(&v, object, p.signer))
			require.Equal(t, want, meter)
		}
	}
}

// TestKnownSkipsTheSignatureAlone holds that what is known obeys every other
// rule.
func TestKnownSkipsTheSignatureAlone(t *testing.T) {
	key, junk := edKey("signer"), bytes.Repeat([]byte{9}, 64)
	v := credential.Verifier{Roots: []credential.PublicKey{key.public}, Known: func(credential.Fingerprint) bool { return true }}

	f := grantForge(key, edKey("subject"))
	f.signature = junk
	_, err := v.OwnerGrant(parseGrant(t, f), key.public)
	require.NoError(t, err)
	_, err = v.OwnerGrant(parseGrant(t, f), edKey("other").public)
	requireReason(t, err, credential.ReasonIssuerUnknown, "")
	inService(2)(f)
	_, err = v.OwnerGrant(parseGrant(t, f), key.public)
	requireReason(t, err, credential.ReasonService, "")
	_, err = v.OperatorGrant(parseGrant(t, f), operator(t, key, post()))
	requireReason(t, err, credential.ReasonService, "")
	f.header = set(f.header, 1, num(-9))
	_, err = v.OwnerGrant(parseGrant(t, f), key.public)
	requireReason(t, err, algorithm, "")

	l := lockForge(key, edKey("subject"))
	l.signature = junk
	u, err := credential.ParseLockCertificate(l.bytes())
	require.NoError(t, err)
	_, err = v.LockCertificate(u, operator(t, key, post()))
	requireReason(t, err, credential.ReasonAuthorityRight, "")

	a := authorityForge(edKey("other"), edKey("subject"))
	a.signature = junk
	ua, err := credential.ParseAuthority(a.bytes())
	require.NoError(t, err)
	_, err = v.Authority(ua)
	requireReason(t, err, credential.ReasonIssuerUnknown, "")
}

// TestFingerprintBindsTheSigner holds that an object that was verified with one
// key is not known under another, even where both keys had the same key id.
func TestFingerprintBindsTheSigner(t *testing.T) {
	prints := map[credential.Fingerprint]string{}
	v := credential.Verifier{}
	for _, name := range []string{"a", "b"} {
		for _, key := range []*testKey{edKey(name), p256Key(name)} {
			f := grantForge(key, edKey("subject"))
			f.signature = make([]byte, 64)
			v.Known = func(p credential.Fingerprint) bool { prints[p] = name; return true }
			_, err := v.OwnerGrant(parseGrant(t, f), key.public)
			require.NoError(t, err)
		}
	}
	require.Len(t, prints, 4)
}
