package credential_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// The tests of this file spoil claims that are to be issued.  Package issuer
// repeats none of these rules, so they are proved here.

func TestNewAuthorityRefuses(t *testing.T) {
	good := func() credential.AuthorityClaims {
		return credential.AuthorityClaims{
			Key: edKey("subject").public, IssuedAt: issued, Expires: expires,
			Services: []credential.Service{1}, Rights: credential.RightIssue, LongestGrant: time.Hour,
		}
	}
	nine := make([]credential.Service, 9)
	for i := range nine {
		nine[i] = credential.Service(i + 1)
	}
	for name, c := range map[string]struct {
		spoil  func(*credential.AuthorityClaims)
		reason credential.Reason
		detail string
	}{
		"no key":                 {func(c *credential.AuthorityClaims) { c.Key = credential.PublicKey{} }, algorithm, "cnf"},
		"no iat":                 {func(c *credential.AuthorityClaims) { c.IssuedAt = 0 }, malformed, "iat"},
		"no exp":                 {func(c *credential.AuthorityClaims) { c.Expires = 0 }, malformed, "exp"},
		"exp at iat":             {func(c *credential.AuthorityClaims) { c.Expires = issued }, malformed, "exp"},
		"no right":               {func(c *credential.AuthorityClaims) { c.Rights, c.Services, c.LongestGrant = 0, nil, 0 }, malformed, "rights"},
		"an unknown right":       {func(c *credential.AuthorityClaims) { c.Rights |= 16 }, malformed, "rights"},
		"no service":             {func(c *credential.AuthorityClaims) { c.Services = nil }, overLimit, "services"},
		"nine services":          {func(c *credential.AuthorityClaims) { c.Services = nine }, overLimit, "services"},
		"service zero":           {func(c *credential.AuthorityClaims) { c.Services[0] = 0 }, malformed, "services"},
		"services falling":       {func(c *credential.AuthorityClaims) { c.Services = []credential.Service{2, 1} }, malformed, "services"},
		"a service twice":        {func(c *credential.AuthorityClaims) { c.Services = []credential.Service{2, 2} }, malformed, "services"},
		"services without issue": {func(c *credential.AuthorityClaims) { c.Rights, c.LongestGrant = credential.RightLock, 0 }, overLimit, "services"},
		"longest without issue":  {func(c *credential.AuthorityClaims) { c.Rights, c.Services = credential.RightLock, nil }, malformed, "longest"},
		"negative without issue": {func(c *credential.AuthorityClaims) {
			c.Rights, c.Services, c.LongestGrant = credential.RightLock, nil, -time.Second
		}, malformed, "longest"},
		"longest zero":             {func(c *credential.AuthorityClaims) { c.LongestGrant = 0 }, malformed, "longest"},
		"longest negative":         {func(c *credential.AuthorityClaims) { c.LongestGrant = -time.Hour }, malformed, "longest"},
		"longest below a second":   {func(c *credential.AuthorityClaims) { c.LongestGrant = time.Millisecond }, malformed, "longest"},
		"longest of half a second": {func(c *credential.AuthorityClaims) { c.LongestGrant += time.Second / 2 }, malformed, "longest"},
		"longest of 33 bits":       {func(c *credential.AuthorityClaims) { c.LongestGrant = (math.MaxUint32 + 1) * time.Second }, malformed, "longest"},
	} {
		t.Run(name, func(t *testing.T) {
			claims := good()
			c.spoil(&claims)
			_, err := credential.NewAuthority(claims, edKey("signer").public)
			requireReason(t, err, c.reason, "authority certificate: "+c.detail)
		})
	}
	_, err := credential.NewAuthority(good(), credential.PublicKey{})
	requireReason(t, err, algorithm, "signer")
}

func TestNewLockCertificateRefuses(t *testing.T) {
	good := credential.LockClaims{Key: edKey("subject").public, IssuedAt: issued}
	noKey, noTime := good, good
	noKey.Key, noTime.IssuedAt = credential.PublicKey{}, 0
	_, err := credential.NewLockCertificate(noKey, edKey("signer").public)
	requireReason(t, err, algorithm, "lock certificate: cnf")
	_, err = credential.NewLockCertificate(noTime, edKey("signer").public)
	requireReason(t, err, malformed, "lock certificate: iat")
	_, err = credential.NewLockCertificate(good, credential.PublicKey{})
	requireReason(t, err, algorithm, "signer")
}

func TestNewGrantRefuses(t *testing.T) {
	good := func() credential.GrantClaims {
		return credential.GrantClaims{
			Holder: edKey("subject").public, IssuedAt: issued, NotBefore: begins, Expires: expires,
			Scope: []credential.Entry{{Target: credential.LockTarget(lockID), Actions: open}},
		}
	}
	hours := credential.Schedule{{Days: credential.Weekdays, From: 360, Until: 1320}}
	for name, c := range map[string]struct {
		spoil  func(*credential.GrantClaims)
		reason credential.Reason
		detail string
	}{
		"no holder":            {func(c *credential.GrantClaims) { c.Holder = credential.PublicKey{} }, algorithm, "cnf"},
		"no iat":               {func(c *credential.GrantClaims) { c.IssuedAt = 0 }, malformed, "iat"},
		"no exp":               {func(c *credential.GrantClaims) { c.Expires = 0 }, malformed, "exp"},
		"exp at iat":           {func(c *credential.GrantClaims) { c.NotBefore, c.Expires = 0, issued }, malformed, "exp"},
		"nbf at iat":           {func(c *credential.GrantClaims) { c.NotBefore = issued }, malformed, "nbf"},
		"nbf before iat":       {func(c *credential.GrantClaims) { c.NotBefore = issued - 1 }, malformed, "nbf"},
		"exp at nbf":           {func(c *credential.GrantClaims) { c.NotBefore = expires }, malformed, "exp"},
		"no entry":             {func(c *credential.GrantClaims) { c.Scope = nil }, overLimit, "scope"},
		"five entries":         {func(c *credential.GrantClaims) { c.Scope = slices.Repeat(c.Scope, 5) }, overLimit, "scope"},
		"no target":            {func(c *credential.GrantClaims) { c.Scope[0].Target = credential.Target{} }, credential.ReasonTarget, "target"},
		"an empty area":        {func(c *credential.GrantClaims) { c.Scope[0].Target = credential.AreaTarget(nil) }, overLimit, "area"},
		"an area too long":     {func(c *credential.GrantClaims) { c.Scope[0].Target = credential.AreaTarget(make([]byte, 17)) }, overLimit, "area"},
		"no action":            {func(c *credential.GrantClaims) { c.Scope[0].Actions = 0 }, malformed, "actions"},
		"an unknown action":    {func(c *credential.GrantClaims) { c.Scope[0].Actions = 128 | 1 }, malformed, "actions"},
		"an empty schedule":    {func(c *credential.GrantClaims) { c.Scope[0].Schedule = credential.Schedule{} }, overLimit, "condition schedule"},
		"nine windows":         {func(c *credential.GrantClaims) { c.Scope[0].Schedule = slices.Repeat(hours, 9) }, overLimit, "condition schedule"},
		"no day":               {func(c *credential.GrantClaims) { c.Scope[0].Schedule = credential.Schedule{{Until: 1}} }, malformed, "condition schedule"},
		"an eighth day":        {func(c *credential.GrantClaims) { c.Scope[0].Schedule = credential.Schedule{{Days: 128, Until: 1}} }, malformed, "condition schedule"},
		"no minute":            {func(c *credential.GrantClaims) { c.Scope[0].Schedule = credential.Schedule{{Days: 1}} }, malformed, "condition schedule"},
		"across midnight":      {func(c *credential.GrantClaims) { c.Scope[0].Schedule = credential.Schedule{{1, 1320, 120}} }, malformed, "condition schedule"},
		"over midnight":        {func(c *credential.GrantClaims) { c.Scope[0].Schedule = credential.Schedule{{1, 1320, 1441}} }, malformed, "condition schedule"},
		"uses without a count": {func(c *credential.GrantClaims) { c.Scope[0].Uses.Starts = 1 }, malformed, "condition uses"},
		"uses without a start": {func(c *credential.GrantClaims) { c.Scope[0].Uses.Count = 1 }, malformed, "condition uses"},
		"four starts":          {func(c *credential.GrantClaims) { c.Scope[0].Uses = credential.Uses{Count: 1, Starts: 4} }, malformed, "condition uses"},
		"three links below":    {func(c *credential.GrantClaims) { c.Scope[0].Delegation = 3 }, malformed, "condition delegation"},
		"unknown evidence":     {func(c *credential.GrantClaims) { c.Scope[0].Evidence = 4 }, malformed, "condition evidence"},
		"a service below a grant": {func(c *credential.GrantClaims) {
			c.Parent[31] = 1
			c.Scope = append(c.Scope, c.Scope[0])
			c.Scope[1].Service = credential.ServicePost
		}, credential.ReasonService, "holder"},
		"over 512 bytes": {func(c *credential.GrantClaims) {
			c.Scope[0].Schedule, c.Scope[0].Uses = slices.Repeat(hours, 8), credential.Uses{Count: 255, Starts: 3}
			c.Scope = slices.Repeat(c.Scope, 4)
		}, overLimit, "at most 512"},
		"a fault at the end": {func(c *credential.GrantClaims) {
			c.Scope = append(slices.Repeat(c.Scope, 3), credential.Entry{Target: c.Scope[0].Target})
		}, malformed, "actions"},
	} {
		t.Run(name, func(t *testing.T) {
			claims := good()
			c.spoil(&claims)
			_, err := credential.NewGrant(claims, edKey("signer").public)
			requireReason(t, err, c.reason, c.detail)
		})
	}
	_, err := credential.NewGrant(good(), credential.PublicKey{})
	requireReason(t, err, algorithm, "signer")
}

// TestNewGrantFillsAnObject holds that exactly what fits an object is issued.
func TestNewGrantFillsAnObject(t *testing.T) {
	signer, subject := edKey("signer"), edKey("subject")
	refused, longest := 0, 0
	for windows := 24; windows <= 32; windows++ {
		for area := 1; area <= 16; area++ {
			f := grantForge(signer, subject)
			claims := credential.GrantClaims{Holder: subject.public, IssuedAt: issued, Expires: expires}
			var entries []cbor
			for i := range 4 {
				n := min(8, windows-8*i)
				value := make([]byte, area)
				hand := list(num(2), bstr(value...), num(1))
				e := credential.Entry{Target: credential.AreaTarget(value), Actions: open}
				if n > 0 {
					hand = list(num(2), bstr(value...), num(1), dict(pair{num(1), list(slices.Repeat([]cbor{window(127, 360, 1320)}, n)...)}))
					e.Schedule = slices.Repeat(credential.Schedule{{Days: credential.EveryDay, From: 360, Until: 1320}}, n)
				}
				entries, claims.Scope = append(entries, hand), append(claims.Scope, e)
			}
			f.scope = list(entries...)
			u, err := credential.NewGrant(claims, signer.public)
			if len(f.bytes()) > 512 {
				requireReason(t, err, overLimit, "at most 512")
				refused++
				continue
			}
			longest = max(longest, len(finish(t, u, err, f)))
		}
	}
	require.Equal(t, 512, longest)
	require.NotZero(t, refused)
}
