package credential_test

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// pairing is a signer's and a subject's key.
type pairing struct {
	name            string
	signer, subject *testKey
}

func pairings() []pairing {
	return []pairing{
		{"Ed25519 by Ed25519", edKey("signer"), edKey("subject")},
		{"P-256 by Ed25519", edKey("signer"), p256Key("subject")},
		{"Ed25519 by P-256", p256Key("signer"), edKey("subject")},
		{"P-256 by P-256", p256Key("signer"), p256Key("subject")},
		{"odd P-256 by P-256", p256Key("signer"), p256Key("odd subject")},
	}
}

func TestPairingsHaveBothSignsOfY(t *testing.T) {
	require.Zero(t, p256Key("subject").y[31]&1)
	require.NotZero(t, p256Key("odd subject").y[31]&1)
}

// finish signs an object of the package and requires it to be the bytes that
// the hand made.
func finish(t *testing.T, u credential.Unsigned, err error, by *forge) []byte {
	t.Helper()
	require.NoError(t, err)
	require.Equal(t, by.sigStructure(), u.ToBeSigned())
	object, err := u.WithSignature(by.key.sign(u.ToBeSigned()))
	require.NoError(t, err)
	require.Equal(t, by.bytes(), object)
	return object
}

// requireNames holds key id, tag and digest to those that the hand makes.
func requireNames(t *testing.T, f *forge, o interface {
	Signer() credential.KeyID
	Tag() credential.Tag
	Digest() [32]byte
	Bytes() []byte
}) {
	t.Helper()
	digest := sha256.Sum256(f.sigStructure())
	require.Equal(t, digest, o.Digest())
	require.Equal(t, credential.Tag(digest[:8]), o.Tag())
	require.Equal(t, credential.KeyID(f.key.id()), o.Signer())
	require.Equal(t, credential.KeyIDOf(f.key.public), o.Signer())
	require.Equal(t, f.bytes(), o.Bytes())
}

func TestAuthorityRoundTrip(t *testing.T) {
	for _, p := range pairings() {
		t.Run(p.name, func(t *testing.T) {
			want := credential.AuthorityClaims{
				Key: p.subject.public, IssuedAt: issued, Expires: expires,
				Services: []credential.Service{1, 300}, Rights: credential.RightIssue | credential.RightTime,
				LongestGrant: 10 * time.Minute,
			}
			f := authorityForge(p.signer, p.subject)
			built, err := credential.NewAuthority(want, p.signer.public)
			u, err := credential.ParseAuthority(finish(t, built, err, f))
			require.NoError(t, err)
			require.Equal(t, want, u.Claims)
			requireNames(t, f, u)

			v := credential.Verifier{Roots: []credential.PublicKey{edKey("other").public, p.signer.public}}
			a, err := v.Authority(u)
			require.NoError(t, err)
			requireNames(t, f, a)
			require.Equal(t, want, credential.AuthorityClaims{
				Key: a.Key(), IssuedAt: a.IssuedAt(), Expires: a.Expires(),
				Services: a.Services(), Rights: a.Rights(), LongestGrant: a.LongestGrant(),
			})
		})
	}
}

func TestLockCertificateRoundTrip(t *testing.T) {
	for _, p := range pairings() {
		t.Run(p.name, func(t *testing.T) {
			want := credential.LockClaims{Key: p.subject.public, IssuedAt: issued, ID: lockID, Profile: 1, Level: 2}
			f := lockForge(p.signer, p.subject)
			built, err := credential.NewLockCertificate(want, p.signer.public)
			u, err := credential.ParseLockCertificate(finish(t, built, err, f))
			require.NoError(t, err)
			require.Equal(t, want, u.Claims)
			requireNames(t, f, u)

			maker, err := certify(p.signer, func(f *forge) { f.scope = list(list(), num(8), num(0)) })
			require.NoError(t, err)
			c, err := new(credential.Verifier).LockCertificate(u, maker)
			require.NoError(t, err)
			requireNames(t, f, c)
			require.Equal(t, want, credential.LockClaims{Key: c.Key(), IssuedAt: c.IssuedAt(), ID: c.ID(), Profile: c.Profile(), Level: c.Level()})
		})
	}
}

// scopes are scopes by hand and as the package has them.
func scopes() map[string]struct {
	hand  cbor
	scope []credential.Entry
} {
	area := []byte("FR75011042")
	full := bytes.Repeat([]byte{0xff}, 16)
	return map[string]struct {
		hand  cbor
		scope []credential.Entry
	}{
		"one lock": {list(lockEntry()), []credential.Entry{
			{Target: credential.LockTarget(lockID), Actions: credential.ActionOpen | credential.ActionDeliver}}},
		"an area, as long as may be, with every action": {list(list(num(2), bstr(full...), num(127))), []credential.Entry{
			{Target: credential.AreaTarget(full), Actions: 127}}},
		"conditions at both ends": {list(
			list(num(2), bstr(area...), num(1), dict(pair{num(5), num(1)})),
			list(num(2), bstr(area[0]), num(2), dict(pair{num(7), num(1<<32 - 1)})),
			lockEntry(dict(pair{num(5), num(1<<32 - 1)}, pair{num(7), num(1)})),
			lockEntry(),
		), []credential.Entry{
			{Target: credential.AreaTarget(area), Actions: credential.ActionOpen, PolicyVersion: 1},
			{Target: credential.AreaTarget(area[:1]), Actions: credential.ActionDeliver, Service: 1<<32 - 1},
			{Target: credential.LockTarget(lockID), Actions: 3, PolicyVersion: 1<<32 - 1, Service: credential.ServicePost},
			{Target: credential.LockTarget(lockID), Actions: 3},
		}},
		"each condition by itself": {list(
			lockEntry(dict(pair{num(1), list(window(1, 0, 1), window(127, 1439, 1440))})),
			lockEntry(dict(pair{num(2), list(num(1), num(1))})),
			lockEntry(dict(pair{num(3), num(2)})),
			lockEntry(dict(pair{num(6), num(1)})),
		), []credential.Entry{
			{Target: credential.LockTarget(lockID), Actions: 3, Schedule: credential.Schedule{
				{Days: credential.Monday, From: 0, Until: 1}, {Days: credential.EveryDay, From: 1439, Until: 1440}}},
			{Target: credential.LockTarget(lockID), Actions: 3, Uses: credential.Uses{Count: 1, Starts: 1}},
			{Target: credential.LockTarget(lockID), Actions: 3, Delegation: 2},
			{Target: credential.LockTarget(lockID), Actions: 3, Resource: 1},
		}},
		"every condition": {list(
			lockEntry(dict(pair{num(1), list(slices.Repeat([]cbor{window(31, 360, 1320)}, 8)...)}, pair{num(2), list(num(255), num(3))},
				pair{num(3), num(1)}, pair{num(4), num(3)}, pair{num(5), num(1<<32 - 1)}, pair{num(6), num(255)}, pair{num(7), num(1<<32 - 1)})),
			lockEntry(dict(pair{num(4), num(1)})),
			lockEntry(dict(pair{num(4), num(2)})),
		), []credential.Entry{
			{Target: credential.LockTarget(lockID), Actions: 3,
				Schedule: slices.Repeat(credential.Schedule{{Days: credential.Weekdays, From: 360, Until: 1320}}, 8),
				Uses:     credential.Uses{Count: 255, Starts: 3}, Delegation: 1, Evidence: credential.EvidenceClock,
				PolicyVersion: 1<<32 - 1, Resource: 255, Service: 1<<32 - 1},
			{Target: credential.LockTarget(lockID), Actions: 3, Evidence: credential.EvidenceStated},
			{Target: credential.LockTarget(lockID), Actions: 3, Evidence: credential.EvidenceLive},
		}},
	}
}

func TestGrantRoundTrip(t *testing.T) {
	for _, p := range pairings() {
		for name, s := range scopes() {
			for _, nbf := range []credential.Time{0, begins} {
				t.Run(p.name+"/"+name+"/"+nbf.String(), func(t *testing.T) {
					want := credential.GrantClaims{Holder: p.subject.public, IssuedAt: issued, NotBefore: nbf, Expires: expires, Scope: s.scope}
					f := grantForge(p.signer, p.subject)
					f.scope = s.hand
					if nbf != 0 {
						f.claims = set(f.claims, 5, num(int64(nbf)))
					}
					built, err := credential.NewGrant(want, p.signer.public)
					u, err := credential.ParseGrant(finish(t, built, err, f))
					require.NoError(t, err)
					require.Equal(t, want, u.Claims)
					requireNames(t, f, u)
				})
			}
		}
	}
}

func TestVerifiedGrantRoundTrip(t *testing.T) {
	for _, p := range pairings() {
		t.Run(p.name, func(t *testing.T) {
			f := grantForge(p.signer, p.subject)
			f.claims = set(f.claims, 5, num(begins))
			u, err := credential.ParseGrant(f.bytes())
			require.NoError(t, err)
			g, err := new(credential.Verifier).OwnerGrant(u, p.signer.public)
			require.NoError(t, err)
			requireNames(t, f, g)
			require.Nil(t, g.Authority())
			require.Equal(t, u.Claims, credential.GrantClaims{
				Holder: g.Holder(), IssuedAt: g.IssuedAt(), NotBefore: g.NotBefore(), Expires: g.Expires(), Scope: g.Scope(),
			})
		})
	}
}

// TestMomentsAtTheirEnds holds that every moment but zero can stand in a claim.
func TestMomentsAtTheirEnds(t *testing.T) {
	f := grantForge(edKey("signer"), edKey("subject"))
	f.claims = []pair{{num(4), num(1<<32 - 1)}, {num(5), num(2)}, {num(6), num(1)}}
	u, err := credential.ParseGrant(f.bytes())
	require.NoError(t, err)
	require.Equal(t, []credential.Time{1<<32 - 1, 2, 1}, []credential.Time{u.Claims.Expires, u.Claims.NotBefore, u.Claims.IssuedAt})
}

// TestTagIsTheSameForEverySignature holds that a tag names the content.
func TestTagIsTheSameForEverySignature(t *testing.T) {
	f := grantForge(edKey("signer"), edKey("subject"))
	first, err := credential.ParseGrant(f.bytes())
	require.NoError(t, err)
	f.signature = bytes.Repeat([]byte{7}, 64)
	second, err := credential.ParseGrant(f.bytes())
	require.NoError(t, err)
	require.Equal(t, first.Tag(), second.Tag())
}

func TestKeyIDsAgainstTheHand(t *testing.T) {
	for _, k := range []*testKey{edKey("a"), p256Key("subject"), p256Key("odd subject")} {
		require.Equal(t, credential.KeyID(k.id()), credential.KeyIDOf(k.public))
	}
}
