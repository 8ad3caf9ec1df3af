package credential_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

func TestNamesOfTheRegistry(t *testing.T) {
	for want, have := range map[string]string{
		"none":             credential.ReasonNone.String(),
		"grant-too-long":   credential.ReasonGrantTooLong.Error(),
		"reason-200":       credential.Reason(200).String(),
		"post":             credential.ServicePost.String(),
		"service-300":      credential.Service(300).String(),
		"deliver":          credential.OperationDeliver.String(),
		"operation-200":    credential.Operation(200).String(),
		"unconfirmed":      credential.OutcomeUnconfirmed.String(),
		"outcome-200":      credential.Outcome(200).String(),
		"open+configure":   (credential.ActionOpen | credential.ActionConfigure).String(),
		"collect+bit-0x80": (credential.ActionCollect | 128).String(),
		"bit-0x80000000":   credential.Rights(1 << 31).String(),
		"issue+lock":       (credential.RightIssue | credential.RightLock).String(),
		"a001020304050607": lockID.String(),
		"0102030000000000": credential.Tag{1, 2, 3}.String(),
		"0400000000000000": credential.KeyID{4}.String(),
	} {
		require.Equal(t, want, have)
	}
	require.Equal(t, "none", credential.Actions(0).String())
	require.Equal(t, "none", credential.Rights(0).String())
}

// TestReasonsHaveTheirNames ties each constant to the registry by its name.
func TestReasonsHaveTheirNames(t *testing.T) {
	names := map[credential.Reason]string{
		credential.ReasonNone: "none", credential.ReasonMalformed: "malformed", credential.ReasonLimit: "limit",
		credential.ReasonObjectType: "object-type", credential.ReasonAlgorithm: "algorithm", credential.ReasonSignature: "signature",
		credential.ReasonIssuerUnknown: "issuer-unknown", credential.ReasonAuthorityRight: "authority-right",
		credential.ReasonAuthorityExpired: "authority-expired", credential.ReasonGrantTooLong: "grant-too-long",
		credential.ReasonService: "service", credential.ReasonTarget: "target", credential.ReasonAction: "action",
		credential.ReasonConditionUnknown: "condition-unknown", credential.ReasonNotYetValid: "not-yet-valid",
		credential.ReasonExpired: "expired", credential.ReasonPolicyVersion: "policy-version",
		credential.ReasonOperationUnknown: "operation-unknown", credential.ReasonSequence: "sequence",
		credential.ReasonState: "state", credential.ReasonDrive: "drive", credential.ReasonPossession: "possession",
		credential.ReasonChannel: "channel", credential.ReasonVersion: "version", credential.ReasonSuite: "suite",
		credential.ReasonLockIdentity: "lock-identity", credential.ReasonOwnerUnknown: "owner-unknown",
		credential.ReasonLink: "link", credential.ReasonBusy: "busy", credential.ReasonDowngrade: "downgrade",
		credential.ReasonStatusWord: "status-word",
	}
	require.Len(t, names, 31)
	for reason, name := range names {
		require.Equal(t, name, reason.String())
	}
}

func TestErrorTellsReasonDetailAndCause(t *testing.T) {
	cause := errors.New("cause")
	err := error(&credential.Error{Reason: credential.ReasonTarget, Detail: "detail", Err: cause})
	require.EqualError(t, err, "credential: target: detail: cause")
	require.ErrorIs(t, err, cause)
	require.ErrorIs(t, err, credential.ReasonTarget)
	require.NotErrorIs(t, err, credential.ReasonAction)
	err = &credential.Error{Reason: credential.ReasonTarget, Detail: "detail"}
	require.EqualError(t, err, "credential: target: detail")
	require.ErrorIs(t, err, credential.ReasonTarget)
}

func TestParseLockID(t *testing.T) {
	for _, s := range []string{"a001020304050607", "A001020304050607"} {
		id, err := credential.ParseLockID(s)
		require.NoError(t, err)
		require.Equal(t, lockID, id)
	}
	for _, s := range []string{"", "a0010203040506", "a00102030405060", "a00102030405060708", "a00102030405060x", " a001020304050607"} {
		id, err := credential.ParseLockID(s)
		requireReason(t, err, malformed, "16 hexadecimal digits")
		require.Zero(t, id)
	}
}

func TestTime(t *testing.T) {
	for _, c := range []struct {
		at   time.Time
		want credential.Time
	}{
		{time.Unix(issued, 999_999_999), issued},
		{time.Unix(1, 0), 1},
		{time.Unix(math.MaxUint32, 0), math.MaxUint32},
		{time.Unix(0, 0), 0},
		{time.Unix(-1, 0), 0},
		{time.Unix(math.MaxUint32+1, 0), 0},
		{time.Unix(1<<32+issued, 0), 0},
		{time.Time{}, 0},
	} {
		require.Equal(t, c.want, credential.At(c.at), c.at)
	}
	require.Equal(t, "2027-01-15T08:00:00Z", credential.Time(issued).String())
	require.Equal(t, "none", credential.Time(0).String())
	require.Equal(t, time.Date(2106, 2, 7, 6, 28, 15, 0, time.UTC), credential.Time(math.MaxUint32).Time())
}

func TestActionOfEachOperation(t *testing.T) {
	want := map[credential.Operation]credential.Actions{
		credential.OperationOpen:    credential.ActionOpen,
		credential.OperationDeliver: credential.ActionDeliver,
		credential.OperationCollect: credential.ActionCollect,
		credential.OperationReturn:  credential.ActionReturn,
		credential.OperationService: credential.ActionService,
		credential.OperationReadLog: credential.ActionReadLog,
	}
	for o := range 256 {
		action, moves := credential.Operation(o).Action()
		require.Equal(t, want[credential.Operation(o)], action)
		require.Equal(t, action != 0 && action != credential.ActionReadLog, moves)
	}
}

func TestMasksHave(t *testing.T) {
	require.True(t, credential.Actions(3).Has(1))
	require.True(t, credential.Actions(3).Has(0))
	require.False(t, credential.Actions(3).Has(5))
	require.True(t, credential.Rights(9).Has(credential.RightLock|credential.RightIssue))
	require.False(t, credential.Rights(9).Has(credential.RightLock|credential.RightTime))
}

func TestTargetSaysWhatItIs(t *testing.T) {
	id, ok := credential.LockTarget(lockID).Lock()
	require.True(t, ok)
	require.Equal(t, lockID, id)
	_, ok = credential.LockTarget(lockID).Area()
	require.False(t, ok)

	prefix := []byte("FR")
	target := credential.AreaTarget(prefix)
	prefix[0] = 'X'
	area, ok := target.Area()
	require.True(t, ok)
	require.Equal(t, []byte("FR"), area)
	area[0] = 'X'
	area, _ = target.Area()
	require.Equal(t, []byte("FR"), area)
	_, ok = target.Lock()
	require.False(t, ok)

	require.False(t, credential.Target{}.Includes(credential.Place{}))
	require.False(t, credential.AreaTarget(nil).Includes(credential.Place{Area: []byte("FR")}))
}

func TestNewPublicKeyRefuses(t *testing.T) {
	p384, err := ecdsa.ParseUncompressedPublicKey(elliptic.P384(), slices.Concat([]byte{4}, p384Base()))
	require.NoError(t, err)
	for name, key := range map[string]any{
		"nil":                 nil,
		"no ECDSA key":        (*ecdsa.PublicKey)(nil),
		"P-384":               p384,
		"a short Ed25519 key": ed25519.PublicKey(make([]byte, 31)),
		"a point of order 4":  ed25519.PublicKey(make([]byte, 32)),
		"a private key":       edKey("a").private,
	} {
		t.Run(name, func(t *testing.T) {
			k, err := credential.NewPublicKey(key)
			requireReason(t, err, algorithm, "public key")
			require.True(t, k.IsZero())
		})
	}
}

// p384Base returns the coordinates of the base point of P-384.
func p384Base() []byte {
	p := elliptic.P384().Params()
	return slices.Concat(p.Gx.FillBytes(make([]byte, 48)), p.Gy.FillBytes(make([]byte, 48)))
}

// TestUnsigned holds what an object without its signature gives away and
// takes.
func TestUnsigned(t *testing.T) {
	u, err := credential.NewGrant(credential.GrantClaims{
		Holder: edKey("subject").public, IssuedAt: issued, Expires: expires,
		Scope: []credential.Entry{{Target: credential.LockTarget(lockID), Actions: credential.ActionOpen}},
	}, edKey("signer").public)
	require.NoError(t, err)
	require.Equal(t, "unsigned grant", u.String())
	for _, n := range []int{0, 63, 65} {
		_, err := u.WithSignature(make([]byte, n))
		requireReason(t, err, malformed, "grant: signature: must be 64 bytes")
	}
	_, err = credential.Unsigned{}.WithSignature(make([]byte, 64))
	requireReason(t, err, malformed, "no content")
}
