package credential

import (
	"crypto/ed25519"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// namesake returns a key and a grant by it.
func namesake(t *testing.T, name string) (candidate, *UnverifiedGrant) {
	t.Helper()
	seed := sha256.Sum256([]byte(name))
	private := ed25519.NewKeyFromSeed(seed[:])
	key, err := NewPublicKey(private.Public())
	require.NoError(t, err)
	unsigned, err := NewGrant(GrantClaims{
		Holder: key, IssuedAt: 1, Expires: 2,
		Scope: []Entry{{Target: LockTarget(LockID{}), Actions: ActionOpen}},
	}, key)
	require.NoError(t, err)
	data, err := unsigned.WithSignature(ed25519.Sign(private, unsigned.ToBeSigned()))
	require.NoError(t, err)
	u, err := ParseGrant(data)
	require.NoError(t, err)
	return candidate{key, suite.Thumbprint(key)}, u
}

// TestKeysOfOneIDAreAllTried plays keys that have the same id, which takes 2^32
// tries to find: the signature decides, and it is remembered by the whole key.
func TestKeysOfOneIDAreAllTried(t *testing.T) {
	signer, u := namesake(t, "signer")
	other, _ := namesake(t, "other")
	curve := candidate{key: mustP256(t)}
	for _, c := range []struct {
		name       string
		candidates []candidate
		checks     uint64
		reason     Reason
	}{
		{"the signer first", []candidate{signer, other}, 1, ReasonNone},
		{"the signer last", []candidate{curve, other, signer}, 2, ReasonNone},
		{"not the signer", []candidate{other}, 1, ReasonSignature},
		{"the first fault is named", []candidate{curve, other}, 1, ReasonAlgorithm},
		{"none", nil, 0, ReasonIssuerUnknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := Verifier{Meter: new(Meter)}
			f, err := v.verifyAny(grantName, &u.object, c.candidates)
			require.Equal(t, c.checks, v.Meter.Total())
			if c.reason != ReasonNone {
				require.ErrorIs(t, err, c.reason)
				require.Zero(t, f)
				return
			}
			require.NoError(t, err)
			require.Equal(t, u.fingerprint(signer), f)
		})
	}
	require.NotEqual(t, u.fingerprint(signer), u.fingerprint(other))
}

// mustP256 returns the base point of P-256.
func mustP256(t *testing.T) PublicKey {
	t.Helper()
	x := []byte("\x6b\x17\xd1\xf2\xe1\x2c\x42\x47\xf8\xbc\xe6\xe5\x63\xa4\x40\xf2\x77\x03\x7d\x81\x2d\xeb\x33\xa0\xf4\xa1\x39\x45\xd8\x98\xc2\x96")
	key, err := suite.NewP256Compressed(x, true)
	require.NoError(t, err)
	return key
}

// TestCandidates holds that keys are found by id, and that no key is none.
func TestCandidates(t *testing.T) {
	signer, _ := namesake(t, "signer")
	other, _ := namesake(t, "other")
	keys := []PublicKey{{}, other.key, signer.key, signer.key}
	require.Equal(t, []candidate{signer, signer}, candidates(keys, KeyIDOf(signer.key)))
	require.Equal(t, []candidate{other}, candidates(keys, KeyIDOf(other.key)))
	require.Empty(t, candidates(keys, KeyID{}))
	require.Empty(t, candidates(nil, KeyIDOf(signer.key)))
}

// TestObjectsEncodeToTheSameBytes plays a reader that lost something.
func TestObjectsEncodeToTheSameBytes(t *testing.T) {
	_, u := namesake(t, "signer")
	require.NoError(t, u.same(grantName, wire.TypeGrant, u.claims.append(nil)))
	for name, lose := range map[string]func(*UnverifiedGrant){
		"a claim": func(u *UnverifiedGrant) { u.claims.Expires++ },
		"the target": func(u *UnverifiedGrant) {
			u.claims.Scope = []Entry{{Target: AreaTarget([]byte{1}), Actions: ActionOpen}}
		},
		"the parent": func(u *UnverifiedGrant) { u.claims.Parent[0]++ },
		"a condition": func(u *UnverifiedGrant) {
			u.claims.Scope = []Entry{u.claims.Scope[0]}
			u.claims.Scope[0].Resource = 1
		},
		"the key id":  func(u *UnverifiedGrant) { u.signer[0]++ },
		"the alg":     func(u *UnverifiedGrant) { u.alg = suite.AlgESP256 },
		"a signature": func(u *UnverifiedGrant) { u.signature[0]++ },
	} {
		t.Run(name, func(t *testing.T) {
			lost := *u
			lose(&lost)
			require.ErrorIs(t, lost.same(grantName, wire.TypeGrant, lost.claims.append(nil)), ReasonMalformed)
		})
	}
}

// TestReaderKeepsTheFirstFault holds what every reading of an object leans on.
func TestReaderKeepsTheFirstFault(t *testing.T) {
	r := read("thing", []byte{0x82, 0x01, 0x02})
	r.array("pair", 2, 2, ReasonMalformed)
	require.EqualValues(t, 1, r.number("first"))
	require.ErrorContains(t, r.close(), "value was not read")

	r = read("thing", []byte{0x82, 0x01, 0x40})
	r.array("pair", 2, 2, ReasonMalformed)
	r.label(7, "first")
	require.Empty(t, r.bytes("second"))
	require.Zero(t, r.array("third", 0, 9, ReasonLimit))
	require.EqualError(t, r.close(), "credential: malformed: thing: first: label 7 must stand here, not 1")
}

// TestKnownConditionsAreNeighbours holds what the order of an entry's conditions
// leans on: no unknown condition stands between two known ones.
func TestKnownConditionsAreNeighbours(t *testing.T) {
	for n := range int64(64) {
		require.Equal(t, n >= wire.ConditionSchedule && n <= wire.ConditionService, wire.ConditionName(n) != "", n)
	}
	last := uint64(wire.ConditionUses)
	for _, c := range new(Entry).numbered() {
		require.Equal(t, last+1, c.number)
		last = c.number
	}
	require.EqualValues(t, wire.ConditionService, last)
}

// TestMasksHoldTheRegistries holds that exactly the bits of the registries can
// stand in an object.
func TestMasksHoldTheRegistries(t *testing.T) {
	for i := range 32 {
		bit := uint32(1) << i
		require.Equal(t, wire.ActionName(int64(bit)) != "", allActions.Has(Actions(bit)), bit)
		require.Equal(t, wire.RightName(int64(bit)) != "", allRights.Has(Rights(bit)), bit)
	}
}
