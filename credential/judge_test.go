package credential_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// judged returns the grant with these entries, by an owner or by the operator.
func judged(t testing.TB, by *credential.Authority, spoil ...func(*forge)) *credential.Grant {
	t.Helper()
	f := grantForge(edKey("signer"), edKey("subject"))
	for _, s := range spoil {
		s(f)
	}
	var g *credential.Grant
	var err error
	if by == nil {
		g, err = new(credential.Verifier).OwnerGrant(parseGrant(t, f), edKey("signer").public)
	} else {
		g, err = new(credential.Verifier).OperatorGrant(parseGrant(t, f), by)
	}
	require.NoError(t, err)
	return g
}

var (
	here    = credential.Place{Lock: lockID, Area: []byte("FR75011042"), PolicyVersion: 4, Floor: begins}
	open    = credential.ActionOpen
	deliver = credential.ActionDeliver
)

// entryFor is an entry with a target, actions and perhaps conditions.
func entryFor(kind int64, value []byte, actions int64, conditions ...pair) cbor {
	items := []cbor{num(kind), bstr(value...), num(actions)}
	if len(conditions) > 0 {
		items = append(items, dict(conditions...))
	}
	return list(items...)
}

func requireVerdict(t *testing.T, want credential.Reason, g *credential.Grant, action credential.Actions, at credential.Place) {
	t.Helper()
	p, err := g.Judge(action, at)
	if want == credential.ReasonNone {
		require.NoError(t, err)
		return
	}
	require.Zero(t, p)
	requireReason(t, err, want, "")
}

func TestJudgeByTheFloor(t *testing.T) {
	key := edKey("signer")
	short, err := certify(key, func(f *forge) {
		f.claims = set(f.claims, 4, num(expires-100))
		f.scope = post()
	})
	require.NoError(t, err)
	nbf := func(f *forge) { f.claims = set(f.claims, 5, num(begins)) }
	for _, c := range []struct {
		name  string
		grant *credential.Grant
		floor credential.Time
		want  credential.Reason
	}{
		{"no floor", judged(t, nil), 0, 0},
		{"before iat", judged(t, nil), issued - 1, 0},
		{"just before exp", judged(t, nil), expires - 1, 0},
		{"at exp", judged(t, nil), expires, credential.ReasonExpired},
		{"long after exp", judged(t, nil), 1<<32 - 1, credential.ReasonExpired},
		{"no floor, nbf", judged(t, nil, nbf), 0, credential.ReasonNotYetValid},
		{"just before nbf", judged(t, nil, nbf), begins - 1, credential.ReasonNotYetValid},
		{"at nbf", judged(t, nil, nbf), begins, 0},
		{"nbf, just before exp", judged(t, nil, nbf), expires - 1, 0},
		{"nbf, at exp", judged(t, nil, nbf), expires, credential.ReasonExpired},
		{"operator, just before its exp", judged(t, short), expires - 101, 0},
		{"operator, at its exp", judged(t, short), expires - 100, credential.ReasonAuthorityExpired},
		{"operator, before exp of the grant", judged(t, short), expires - 1, credential.ReasonAuthorityExpired},
		{"operator, at both exp", judged(t, short), expires, credential.ReasonAuthorityExpired},
		{"operator, before nbf", judged(t, short, nbf), begins - 1, credential.ReasonNotYetValid},
	} {
		t.Run(c.name, func(t *testing.T) {
			at := here
			at.Floor = c.floor
			requireVerdict(t, c.want, c.grant, open, at)
		})
	}
}

func TestJudgeTarget(t *testing.T) {
	other := []byte{9, 9, 9, 9, 9, 9, 9, 9}
	for _, c := range []struct {
		name  string
		entry cbor
		area  string
		want  credential.Reason
	}{
		{"this lock", entryFor(1, lockID[:], 1), "FR75", 0},
		{"this lock, no area", entryFor(1, lockID[:], 1), "", 0},
		{"another lock", entryFor(1, other, 1), "FR75", credential.ReasonTarget},
		{"another lock with the first bytes", entryFor(1, append(lockID[:7:7], 0), 1), "FR75", credential.ReasonTarget},
		{"the area", entryFor(2, []byte("FR75"), 1), "FR75", 0},
		{"a prefix", entryFor(2, []byte("F"), 1), "FR75", 0},
		{"longer than the area", entryFor(2, []byte("FR75011"), 1), "FR75", credential.ReasonTarget},
		{"another area", entryFor(2, []byte("FR76"), 1), "FR75", credential.ReasonTarget},
		{"a later part of the area", entryFor(2, []byte("R75"), 1), "FR75", credential.ReasonTarget},
		{"no area", entryFor(2, []byte("F"), 1), "", credential.ReasonTarget},
		{"an area of zeros, no area", entryFor(2, []byte{0}, 1), "", credential.ReasonTarget},
		{"an area that is the lock's id", entryFor(2, lockID[:], 1), "FR75", credential.ReasonTarget},
		{"a lock that is the area", entryFor(1, []byte("FR750110"), 1), "FR750110", credential.ReasonTarget},
		{"an unknown kind with the lock's id", entryFor(3, lockID[:], 1), "FR75", credential.ReasonTarget},
		{"an unknown kind with the area", entryFor(0, []byte("FR75"), 1), "FR75", credential.ReasonTarget},
	} {
		t.Run(c.name, func(t *testing.T) {
			at := here
			at.Area = []byte(c.area)
			requireVerdict(t, c.want, judged(t, nil, scoped(list(c.entry))), open, at)
		})
	}
}

func TestJudgeActionsAndConditions(t *testing.T) {
	id := lockID[:]
	policy := func(v int64) pair { return pair{num(5), num(v)} }
	unknown := pair{num(0), num(1)}
	for _, c := range []struct {
		name    string
		entries []cbor
		action  credential.Actions
		want    credential.Reason
	}{
		{"the action", []cbor{entryFor(1, id, 1)}, open, 0},
		{"one of several", []cbor{entryFor(1, id, 127)}, deliver, 0},
		{"another action", []cbor{entryFor(1, id, 1)}, deliver, credential.ReasonAction},
		{"all but the action", []cbor{entryFor(1, id, 127&^2)}, deliver, credential.ReasonAction},
		{"no action asked for", []cbor{entryFor(1, id, 64)}, 0, 0},
		{"no action asked for, another lock", []cbor{entryFor(1, make([]byte, 8), 1)}, 0, credential.ReasonTarget},
		{"both actions asked for", []cbor{entryFor(1, id, 3)}, open | deliver, 0},
		{"one of two asked for", []cbor{entryFor(1, id, 1)}, open | deliver, credential.ReasonAction},
		{"two entries make no third", []cbor{entryFor(1, id, 1), entryFor(1, id, 2)}, open | deliver, credential.ReasonAction},
		{"older policy", []cbor{entryFor(1, id, 1, policy(3))}, open, 0},
		{"this policy", []cbor{entryFor(1, id, 1, policy(4))}, open, 0},
		{"newer policy", []cbor{entryFor(1, id, 1, policy(5))}, open, credential.ReasonPolicyVersion},
		{"newest policy", []cbor{entryFor(1, id, 1, policy(1<<32-1))}, open, credential.ReasonPolicyVersion},
		{"unknown condition", []cbor{entryFor(1, id, 1, unknown)}, open, credential.ReasonConditionUnknown},
		{"unknown condition, no action asked for", []cbor{entryFor(1, id, 1, unknown)}, 0, credential.ReasonConditionUnknown},
		{"action before condition", []cbor{entryFor(1, id, 1, unknown)}, deliver, credential.ReasonAction},
		{"condition before policy", []cbor{entryFor(1, id, 1, unknown, policy(5))}, open, credential.ReasonConditionUnknown},
		{"target before everything", []cbor{entryFor(3, id, 1, unknown, policy(5))}, deliver, credential.ReasonTarget},
		{"target before action", []cbor{entryFor(1, make([]byte, 8), 1)}, deliver, credential.ReasonTarget},

		{"a good entry behind a bad one", []cbor{entryFor(1, id, 2), entryFor(1, id, 1)}, open, 0},
		{"a good entry before a bad one", []cbor{entryFor(1, id, 1), entryFor(3, id, 1)}, open, 0},
		{"a good entry behind three", []cbor{entryFor(3, id, 1), entryFor(1, id, 1, unknown), entryFor(1, id, 1, policy(5)), entryFor(1, id, 1)}, open, 0},
		{"the furthest is last", []cbor{entryFor(3, id, 1), entryFor(1, id, 2), entryFor(1, id, 1, unknown), entryFor(1, id, 1, policy(5))}, open, credential.ReasonPolicyVersion},
		{"the furthest is first", []cbor{entryFor(1, id, 1, policy(5)), entryFor(1, id, 1, unknown), entryFor(1, id, 2), entryFor(3, id, 1)}, open, credential.ReasonPolicyVersion},
		{"the furthest is in the middle", []cbor{entryFor(3, id, 1), entryFor(1, id, 1, unknown), entryFor(1, id, 2)}, open, credential.ReasonConditionUnknown},
		{"action further than target", []cbor{entryFor(3, id, 1), entryFor(1, id, 2), entryFor(3, id, 1)}, open, credential.ReasonAction},
	} {
		t.Run(c.name, func(t *testing.T) {
			requireVerdict(t, c.want, judged(t, nil, scoped(list(c.entries...))), c.action, here)
		})
	}
}

// TestJudgeTimeBeforeTarget holds that the grant as a whole is judged before
// its entries.
func TestJudgeTimeBeforeTarget(t *testing.T) {
	g := judged(t, nil, scoped(list(entryFor(3, nil, 1))), func(f *forge) { f.claims = set(f.claims, 5, num(begins)) })
	at := here
	requireVerdict(t, credential.ReasonTarget, g, open, at)
	at.Floor = begins - 1
	requireVerdict(t, credential.ReasonNotYetValid, g, open, at)
	at.Floor = expires
	requireVerdict(t, credential.ReasonExpired, g, open, at)
}

// TestJudgeNamesTheFirstOfEquals tells entries that came equally far apart by
// the text.
func TestJudgeNamesTheFirstOfEquals(t *testing.T) {
	g := judged(t, nil, scoped(list(
		entryFor(3, nil, 1), entryFor(1, lockID[:], 2), entryFor(1, lockID[:], 4))))
	_, err := g.Judge(open, here)
	requireReason(t, err, credential.ReasonAction, "allows deliver here")
}

func TestJudgePermissionNamesTheService(t *testing.T) {
	key := edKey("signer")
	one := operator(t, key, post())
	several := operator(t, key, list(numlist(1, 2, 300), num(1), num(3600)))
	service := func(v int64) pair { return pair{num(7), num(v)} }
	for _, c := range []struct {
		name   string
		by     *credential.Authority
		scope  []cbor
		action credential.Actions
		want   credential.Service
	}{
		{"an owner's", nil, []cbor{entryFor(1, lockID[:], 1)}, open, credential.ServiceNone},
		{"the operator's only one", one, []cbor{entryFor(1, lockID[:], 1)}, open, credential.ServicePost},
		{"the one named", one, []cbor{entryFor(1, lockID[:], 1, service(1))}, open, credential.ServicePost},
		{"the one of several", several, []cbor{entryFor(1, lockID[:], 1, service(300))}, open, 300},
		{"of the entry that decides", several, []cbor{entryFor(1, lockID[:], 2, service(1)), entryFor(1, lockID[:], 1, service(2)), entryFor(1, lockID[:], 1, service(300))}, open, credential.ServiceParcel},
		{"of the first entry for no action", several, []cbor{entryFor(1, lockID[:], 2, service(300)), entryFor(1, lockID[:], 1, service(2))}, 0, 300},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := judged(t, c.by, scoped(list(c.scope...))).Judge(c.action, here)
			require.NoError(t, err)
			require.Equal(t, credential.Permission{Service: c.want}, p)
		})
	}
}
