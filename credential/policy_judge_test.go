package credential_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// policyWith returns a verified policy with these settings.
func policyWith(t testing.TB, settings ...pair) *credential.Policy {
	t.Helper()
	f := policyForge(edKey("signer"), edKey("signer"))
	f.scope = policyScope(settings...)
	u, err := credential.ParsePolicy(f.bytes())
	require.NoError(t, err)
	p, err := new(credential.Verifier).Policy(u, edKey("signer").public)
	require.NoError(t, err)
	return p
}

// monday is 2027-03-01, a Monday, at the hour and minute in UTC.
func monday(hour, minute int) credential.Time {
	return credential.At(time.Date(2027, 3, 1, hour, minute, 0, 0, time.UTC))
}

func TestPolicyJudges(t *testing.T) {
	const (
		denied      = credential.ReasonDenied
		blocked     = credential.ReasonBlocked
		notAdmitted = credential.ReasonNotAdmitted
		evidence    = credential.ReasonEvidence
		hours       = credential.ReasonHours
	)
	guest := judged(t, nil, lasting(issued, expires-1)) // of another tag than the staff's
	staff := judged(t, operator(t, edKey("signer"), post()))
	deny := func(g *credential.Grant) pair { tag := g.Tag(); return pair{num(4), bstr(tag[:]...)} }
	block := func(mask int64) pair { return pair{num(1), num(mask)} }
	least := func(v int64) pair { return pair{num(3), num(v)} }
	admit := func(items ...cbor) pair { return pair{num(2), list(list(items...))} }
	office := admit(num(1), num(2), num(2), weekdays())
	post := credential.Permission{Service: credential.ServicePost}
	since := func(v uint32) credential.Permission { return credential.Permission{PolicyVersion: v} }
	live := when(credential.EvidenceLive, monday(9, 0), 0)
	for _, c := range []struct {
		name       string
		settings   []pair
		grant      *credential.Grant
		permission credential.Permission
		action     credential.Actions
		at         credential.Place
		want       credential.Reason
	}{
		{"a guest", nil, guest, since(0), open, here, 0},
		{"a guest for no action", nil, guest, since(0), 0, here, 0},
		{"a guest denied", []pair{deny(guest)}, guest, since(9), open, here, denied},
		{"a guest denied, for no action", []pair{deny(guest)}, guest, since(9), 0, here, denied},
		{"another guest denied", []pair{deny(staff)}, guest, since(0), open, here, 0},
		{"a guest of the least version", []pair{least(5)}, guest, since(5), open, here, 0},
		{"a guest of an older version", []pair{least(5)}, guest, since(4), open, here, denied},
		{"a guest of an older version, for no action", []pair{least(5)}, guest, since(4), 0, here, denied},
		{"a guest of no version", []pair{least(1)}, guest, since(0), open, here, denied},
		{"a guest blocked", []pair{block(2)}, guest, since(0), open, here, blocked},
		{"a guest blocked, for no action", []pair{block(2)}, guest, since(0), 0, here, 0},
		{"a guest where services are blocked", []pair{block(1)}, guest, since(0), open, here, 0},
		{"a guest where both are blocked", []pair{block(3)}, guest, since(0), open, here, blocked},
		{"a guest denied and blocked", []pair{block(2), deny(guest)}, guest, since(0), open, here, denied},
		{"a guest of an older version and blocked", []pair{block(2), least(5)}, guest, since(0), open, here, denied},
		{"a guest where a service has hours", []pair{office}, guest, since(0), deliver, here, 0},

		{"staff", []pair{admit(num(1), num(2))}, staff, post, deliver, here, 0},
		{"staff for one action of two", []pair{admit(num(1), num(6))}, staff, post, deliver, here, 0},
		{"staff that may read the log", []pair{admit(num(1), num(32))}, staff, post, credential.ActionReadLog, here, 0},
		{"staff of no service", nil, staff, post, deliver, here, notAdmitted},
		{"staff of another service", []pair{admit(num(2), num(127))}, staff, post, deliver, here, notAdmitted},
		{"staff for another action", []pair{admit(num(1), num(2))}, staff, post, open, here, notAdmitted},
		{"staff for two actions, one admitted", []pair{admit(num(1), num(2))}, staff, post, open | deliver, here, notAdmitted},
		{"staff not admitted, for no action", nil, staff, post, 0, here, 0},
		{"staff denied", []pair{admit(num(1), num(2)), deny(staff)}, staff, post, deliver, here, denied},
		{"staff denied, for no action", []pair{deny(staff)}, staff, post, 0, here, denied},
		{"staff and a least version", []pair{admit(num(1), num(2)), least(5)}, staff, post, deliver, here, 0},
		{"staff blocked", []pair{block(1), admit(num(1), num(2))}, staff, post, deliver, here, blocked},
		{"staff blocked, for no action", []pair{block(1)}, staff, post, 0, here, 0},
		{"staff where guests are blocked", []pair{block(2), admit(num(1), num(2))}, staff, post, deliver, here, 0},
		{"staff blocked and not admitted", []pair{block(1)}, staff, post, deliver, here, blocked},
		{"staff denied and blocked", []pair{block(1), deny(staff)}, staff, post, deliver, here, denied},

		{"by hours", []pair{office}, staff, post, deliver, live, 0},
		{"by hours, by a clock", []pair{office}, staff, post, deliver, when(credential.EvidenceClock, monday(9, 0), 0), 0},
		{"by hours, with a stated time", []pair{office}, staff, post, deliver, when(credential.EvidenceStated, monday(9, 0), 0), evidence},
		{"by hours, with the floor", []pair{office}, staff, post, deliver, here, evidence},
		{"by hours, for no action", []pair{office}, staff, post, 0, here, 0},
		{"by hours, for another action", []pair{office}, staff, post, open, here, notAdmitted},
		{"by hours, too early", []pair{office}, staff, post, deliver, when(credential.EvidenceLive, monday(7, 59), 0), hours},
		{"by hours, the first minute", []pair{office}, staff, post, deliver, when(credential.EvidenceLive, monday(8, 0), 0), 0},
		{"by hours, the last minute", []pair{office}, staff, post, deliver, when(credential.EvidenceLive, monday(17, 59), 0), 0},
		{"by hours, too late", []pair{office}, staff, post, deliver, when(credential.EvidenceLive, monday(18, 0), 0), hours},
		{"by hours, local time", []pair{office}, staff, post, deliver, when(credential.EvidenceLive, monday(7, 0), 60), 0},
		{"by hours, on a Sunday", []pair{office}, staff, post, deliver, when(credential.EvidenceLive, monday(9, 0)-24*3600, 0), hours},
		{"by hours, too late with a stated time", []pair{office}, staff, post, deliver, when(credential.EvidenceStated, monday(19, 0), 0), evidence},
		{"by hours, by a clock without a time", []pair{office}, staff, post, deliver, when(credential.EvidenceClock, 0, 0), evidence},
		{"by hours that take a stated time", []pair{admit(num(1), num(2), num(1), weekdays())}, staff, post, deliver, when(credential.EvidenceStated, monday(9, 0), 0), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := policyWith(t, c.settings...).Judge(c.grant, c.permission, c.action, c.at)
			if c.want == credential.ReasonNone {
				require.NoError(t, err)
				return
			}
			requireReason(t, err, c.want, "")
		})
	}
}

// TestPolicyAdmitsTheServiceOfThePermission holds that one service's hours are
// not another's.
func TestPolicyAdmitsTheServiceOfThePermission(t *testing.T) {
	staff := judged(t, operator(t, edKey("signer"), post()))
	p := policyWith(t, pair{num(2), list(list(num(1), num(2)), list(num(2), num(4)), list(num(300), num(2), num(1), weekdays()))})
	for service, want := range map[credential.Service]credential.Reason{
		1: 0, 2: credential.ReasonNotAdmitted, 3: credential.ReasonNotAdmitted, 300: credential.ReasonEvidence, 0: credential.ReasonNotAdmitted,
	} {
		err := p.Judge(staff, credential.Permission{Service: service}, deliver, here)
		if want == credential.ReasonNone {
			require.NoError(t, err)
		} else {
			requireReason(t, err, want, "")
		}
	}
}

// TestNoPolicy holds that without a policy no service is admitted, and nothing
// else is refused.
func TestNoPolicy(t *testing.T) {
	guest, staff := judged(t, nil), judged(t, operator(t, edKey("signer"), post()))
	for _, p := range []*credential.Policy{nil, new(credential.Policy)} {
		require.NoError(t, p.Judge(guest, credential.Permission{}, open, here))
		require.NoError(t, p.Judge(staff, credential.Permission{Service: 1}, 0, here))
		requireReason(t, p.Judge(staff, credential.Permission{Service: 1}, deliver, here), credential.ReasonNotAdmitted, "post")
		requireReason(t, p.Judge(staff, credential.Permission{}, deliver, here), credential.ReasonNotAdmitted, "none")
	}
}

func TestNoticeForRoles(t *testing.T) {
	n := credential.Notice{Kind: credential.NoticeAway, Until: expires, Instruction: credential.InstructionHoldParcels}
	shown := n
	for _, c := range []struct {
		roles credential.NoticeRoles
		to    map[credential.Role]bool
	}{
		{0, nil},
		{credential.NoticeGuests, map[credential.Role]bool{credential.RoleGuest: true}},
		{credential.NoticeOperators, map[credential.Role]bool{credential.RoleOperator: true}},
		{credential.NoticeGuests | credential.NoticeOperators, map[credential.Role]bool{credential.RoleGuest: true, credential.RoleOperator: true}},
	} {
		n.Roles = c.roles
		for role := range credential.Role(5) {
			want := credential.Notice{}
			if c.to[role] {
				want = shown
			}
			require.Equal(t, want, n.For(role), "%s to %s", c.roles, role)
		}
	}
}

func TestNamesOfPolicies(t *testing.T) {
	for want, have := range map[string]string{
		"away":            credential.NoticeAway.String(),
		"notice-9":        credential.NoticeKind(9).String(),
		"hold-parcels":    credential.InstructionHoldParcels.String(),
		"instruction-9":   credential.Instruction(9).String(),
		"guests+bit-0x4":  (credential.NoticeGuests | 4).String(),
		"operators":       credential.NoticeOperators.String(),
		"services+guests": (credential.BlockServices | credential.BlockGuests).String(),
		"none":            credential.Block(0).String(),
	} {
		require.Equal(t, want, have)
	}
}

// TestPolicyDeniesEveryLink holds that whatever hangs below a denied grant is
// denied, and nothing beside it.
func TestPolicyDeniesEveryLink(t *testing.T) {
	root := judged(t, nil, passes(2))
	first := below(t, root, nil, lockEntry(dict(pair{num(3), num(1)})))
	last := below(t, first, nil)
	other := below(t, root, lasting(issued, expires-1))
	chain := []*credential.Grant{root, first, last}
	for i, denied := range chain {
		tag := denied.Tag()
		p := policyWith(t, pair{num(4), bstr(tag[:]...)})
		for j, g := range chain {
			err := p.Judge(g, credential.Permission{}, open, here)
			if j >= i {
				requireReason(t, err, credential.ReasonDenied, tag.String())
			} else {
				require.NoError(t, err)
			}
		}
		if i > 0 {
			require.NoError(t, p.Judge(other, credential.Permission{}, open, here))
		}
	}
}

// TestPolicyJudgesAChainByItsRoot holds that a delegated grant of staff is
// staff's.
func TestPolicyJudgesAChainByItsRoot(t *testing.T) {
	by := operator(t, edKey("signer"), post())
	staff := below(t, judged(t, by, passes(1)), nil)
	permission, err := staff.Judge(deliver, here)
	require.NoError(t, err)
	requireReason(t, policyWith(t).Judge(staff, permission, deliver, here), credential.ReasonNotAdmitted, "post")
	require.NoError(t, policyWith(t, pair{num(2), list(list(num(1), num(2)))}).Judge(staff, permission, deliver, here))
}

// TestPolicyTakesTheVersionThatTheGrantNames runs from the grant to the verdict.
func TestPolicyTakesTheVersionThatTheGrantNames(t *testing.T) {
	p := policyWith(t, pair{num(3), num(3)})
	for version, want := range map[int64]credential.Reason{2: credential.ReasonDenied, 3: 0, 4: 0} {
		guest := judged(t, nil, conditioned(pair{num(5), num(version)}))
		permission, err := guest.Judge(open, here)
		require.NoError(t, err)
		if err = p.Judge(guest, permission, open, here); want == credential.ReasonNone {
			require.NoError(t, err)
		} else {
			requireReason(t, err, want, "before version 3, this was under 2")
		}
	}
}
