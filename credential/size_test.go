package credential_test

import (
	"bytes"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// size returns the length of the finished object in bytes.
func size(t *testing.T, u credential.Unsigned, err error) int {
	t.Helper()
	require.NoError(t, err)
	object, err := u.WithSignature(make([]byte, 64))
	require.NoError(t, err)
	return len(object)
}

// TestSizes holds the sizes that section 4.9.1 states, and that everything
// that can be issued fits an object.
func TestSizes(t *testing.T) {
	ed, p256 := edKey("a").public, p256Key("a").public
	grant := func(change ...func(*credential.GrantClaims)) int {
		c := credential.GrantClaims{Holder: ed, IssuedAt: issued, Expires: expires,
			Scope: []credential.Entry{{Target: credential.LockTarget(lockID), Actions: credential.ActionDeliver}}}
		for _, f := range change {
			f(&c)
		}
		u, err := credential.NewGrant(c, ed)
		return size(t, u, err)
	}
	authority := func(c credential.AuthorityClaims) int {
		u, err := credential.NewAuthority(c, ed)
		return size(t, u, err)
	}
	lock := func(c credential.LockClaims) int {
		u, err := credential.NewLockCertificate(c, ed)
		return size(t, u, err)
	}
	service := func(c *credential.GrantClaims) { c.Scope[0].Service = credential.ServicePost }
	policy := func(c *credential.GrantClaims) { c.Scope[0].PolicyVersion = 23 }
	nbf := func(c *credential.GrantClaims) { c.NotBefore = begins }
	holder := func(c *credential.GrantClaims) { c.Holder = p256 }
	hours := credential.Schedule{{Days: credential.Weekdays, From: 360, Until: 1320}}
	schedule := func(windows int) func(*credential.GrantClaims) {
		return func(c *credential.GrantClaims) { c.Scope[0].Schedule = slices.Repeat(hours, windows) }
	}
	uses := func(count uint8) func(*credential.GrantClaims) {
		return func(c *credential.GrantClaims) { c.Scope[0].Uses = credential.Uses{Count: count, Starts: 3} }
	}
	delegation := func(c *credential.GrantClaims) { c.Scope[0].Delegation = 1 }
	evidence := func(c *credential.GrantClaims) { c.Scope[0].Evidence = credential.EvidenceLive }
	resource := func(c *credential.GrantClaims) { c.Scope[0].Resource = 3 }
	parent := func(c *credential.GrantClaims) { c.Parent[0] = 1 }
	full := func(c *credential.GrantClaims) {
		c.Scope[0] = credential.Entry{Target: credential.AreaTarget(bytes.Repeat([]byte{1}, 16)), Actions: 127, PolicyVersion: math.MaxUint32, Service: math.MaxUint32}
		c.Scope = slices.Repeat(c.Scope, 4)
	}
	post := credential.AuthorityClaims{Key: ed, IssuedAt: issued, Expires: expires, Services: []credential.Service{credential.ServicePost},
		Rights: credential.RightIssue | credential.RightTime, LongestGrant: 84 * time.Hour}
	maker := credential.AuthorityClaims{Key: ed, IssuedAt: issued, Expires: expires, Rights: credential.RightLock}
	most := post
	most.Key, most.Rights, most.LongestGrant, most.Services = p256, 15, math.MaxUint32*time.Second, nil
	for i := range credential.Service(8) {
		most.Services = append(most.Services, math.MaxUint32-8+i)
	}
	for _, c := range []struct {
		name       string
		have, want int
	}{
		{"grant, one lock", grant(), 159},
		{"grant, one lock and a service", grant(service), 162},
		{"grant, one lock and a policy version", grant(policy), 162},
		{"grant, one lock and a window", grant(schedule(1)), 172},
		{"grant, one lock and eight windows", grant(schedule(8)), 235},
		{"grant, one lock and one use", grant(uses(1)), 164},
		{"grant, one lock and 255 uses", grant(uses(255)), 165},
		{"grant, one lock and delegation", grant(delegation), 162},
		{"grant, one lock and evidence", grant(evidence), 162},
		{"grant, one lock and a compartment", grant(resource), 162},
		{"grant, one lock and a window by a stated time", grant(schedule(1), evidence), 174},
		{"grant of a holder, one lock", grant(parent), 194},
		{"grant of a holder, one lock, nbf, P-256 holder", grant(parent, nbf, holder), 202},
		{"grant of a holder, one lock and every condition", grant(parent, schedule(1), uses(1), delegation, evidence, policy, resource), 218},
		{"grant, one lock and nbf", grant(nbf), 165},
		{"grant, one lock, P-256 holder", grant(holder), 161},
		{"grant, four areas with policy and service", grant(full, nbf, holder), 292},
		{"authority of an operator", authority(post), 155},
		{"authority of a maker", authority(maker), 150},
		{"authority, as long as may be", authority(most), 197},
		{"lock certificate", lock(credential.LockClaims{Key: ed, IssuedAt: issued, ID: lockID, Profile: 1, Level: 1}), 152},
		{"lock certificate, as long as may be", lock(credential.LockClaims{Key: p256, IssuedAt: issued, Profile: math.MaxUint32, Level: math.MaxUint32}), 162},
		{"claims set, Ed25519", len(credential.AppendClaimsSet(nil, ed)), 44},
		{"claims set, P-256", len(credential.AppendClaimsSet(nil, p256)), 46},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, c.have)
		})
	}
}
