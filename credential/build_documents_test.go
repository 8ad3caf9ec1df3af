package credential_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// The tests of this file spoil claims that are to be issued, as build_test.go
// does.

func TestNewPolicyRefuses(t *testing.T) {
	key := edKey("signer")
	keys := func(names ...string) []credential.PublicKey {
		var out []credential.PublicKey
		for _, n := range names {
			out = append(out, edKey(n).public)
		}
		return out
	}
	type claims = credential.PolicyClaims
	for name, c := range map[string]struct {
		spoil  func(*claims)
		reason credential.Reason
		detail string
	}{
		"no owner":             {func(c *claims) { c.Owner = credential.PublicKey{} }, algorithm, "cnf"},
		"no iat":               {func(c *claims) { c.IssuedAt = 0 }, malformed, "iat"},
		"no version":           {func(c *claims) { c.Version = 0 }, malformed, "version"},
		"an unknown block":     {func(c *claims) { c.Block = 4 }, malformed, "block"},
		"nine services":        {func(c *claims) { c.Services = make([]credential.Admission, 9) }, overLimit, "services"},
		"service none":         {func(c *claims) { c.Services[0].Service = 0 }, malformed, "services"},
		"services falling":     {func(c *claims) { slices.Reverse(c.Services) }, malformed, "services"},
		"a service twice":      {func(c *claims) { c.Services[0].Service = c.Services[1].Service }, malformed, "services"},
		"no action":            {func(c *claims) { c.Services[1].Actions = 0 }, malformed, "services: actions"},
		"an unknown action":    {func(c *claims) { c.Services[1].Actions = 128 }, malformed, "services: actions"},
		"hours, no evidence":   {func(c *claims) { c.Services[1].Evidence = 0 }, malformed, "services: hours and evidence"},
		"evidence, no hours":   {func(c *claims) { c.Services[0].Evidence = 1 }, malformed, "services: hours and evidence"},
		"unknown evidence":     {func(c *claims) { c.Services[1].Evidence = 4 }, malformed, "services: evidence"},
		"nine windows":         {func(c *claims) { c.Services[1].Hours = make(credential.Schedule, 9) }, overLimit, "services: hours"},
		"an empty window":      {func(c *claims) { c.Services[1].Hours[1].Until = 0 }, malformed, "services: hours"},
		"17 tags":              {func(c *claims) { c.Denied = make([]credential.Tag, 17) }, overLimit, "denied"},
		"tags falling":         {func(c *claims) { slices.Reverse(c.Denied) }, malformed, "denied"},
		"a tag twice":          {func(c *claims) { c.Denied[0] = c.Denied[1] }, malformed, "denied"},
		"five co-owners":       {func(c *claims) { c.CoOwners = keys("1", "2", "3", "4", "5") }, overLimit, "co-owners"},
		"a co-owner twice":     {func(c *claims) { c.CoOwners = keys("1", "2", "1") }, malformed, "co-owners"},
		"no key of a co-owner": {func(c *claims) { c.CoOwners[1] = credential.PublicKey{} }, algorithm, "co-owners"},
		"the owner, co-owner":  {func(c *claims) { c.CoOwners[1] = c.Owner }, malformed, "co-owners"},
		"three anchors":        {func(c *claims) { c.Anchors = keys("1", "2", "3") }, overLimit, "anchors"},
		"an anchor twice":      {func(c *claims) { c.Anchors = keys("1", "1") }, malformed, "anchors"},
		"no key of an anchor":  {func(c *claims) { c.Anchors[0] = credential.PublicKey{} }, algorithm, "anchors"},
		"notice of no kind":    {func(c *claims) { c.Notice.Kind = 0 }, malformed, "notice: kind"},
		"an unknown notice":    {func(c *claims) { c.Notice.Kind = 3 }, malformed, "notice: kind"},
		"a notice backwards":   {func(c *claims) { c.Notice.Until = c.Notice.From }, malformed, "notice: until"},
		"unknown instruction":  {func(c *claims) { c.Notice.Instruction = 4 }, malformed, "notice: instruction"},
		"a notice to nobody":   {func(c *claims) { c.Notice.Roles = 0 }, malformed, "notice: roles"},
		"a notice to others":   {func(c *claims) { c.Notice.Roles = 4 }, malformed, "notice: roles"},
	} {
		t.Run(name, func(t *testing.T) {
			_, claims := fullPolicy(pairing{signer: key, subject: key})
			c.spoil(&claims)
			_, err := credential.NewPolicy(claims, key.public)
			requireReason(t, err, c.reason, "policy: "+c.detail)
		})
	}
	_, good := fullPolicy(pairing{signer: key, subject: key})
	_, err := credential.NewPolicy(good, credential.PublicKey{})
	requireReason(t, err, algorithm, "policy: the signer")
}

func TestNewRevocationListRefuses(t *testing.T) {
	type claims = credential.RevocationClaims
	good := func() claims {
		return claims{IssuedAt: issued, Version: 1, Least: issued, Denied: []credential.Denial{
			{Tag: credential.Tag{1}, Expires: expires}, {Tag: credential.Tag{2}, Expires: expires}}}
	}
	for name, c := range map[string]struct {
		spoil  func(*claims)
		reason credential.Reason
		detail string
	}{
		"no iat":          {func(c *claims) { c.IssuedAt, c.Least = 0, 0 }, malformed, "iat"},
		"no version":      {func(c *claims) { c.Version = 0 }, malformed, "version"},
		"least after iat": {func(c *claims) { c.Least++ }, malformed, "least"},
		"25 denied":       {func(c *claims) { c.Denied = make([]credential.Denial, 25) }, overLimit, "denied"},
		"no exp":          {func(c *claims) { c.Denied[1].Expires = 0 }, malformed, "denied: exp"},
		"tags falling":    {func(c *claims) { slices.Reverse(c.Denied) }, malformed, "denied"},
		"a tag twice":     {func(c *claims) { c.Denied[1].Tag = c.Denied[0].Tag }, malformed, "denied"},
	} {
		t.Run(name, func(t *testing.T) {
			claims := good()
			c.spoil(&claims)
			_, err := credential.NewRevocationList(claims, edKey("signer").public)
			requireReason(t, err, c.reason, "revocation list: "+c.detail)
		})
	}
	_, err := credential.NewRevocationList(good(), credential.PublicKey{})
	requireReason(t, err, algorithm, "revocation list: the signer")
}

func TestNewTimeTokenRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		claims credential.TimeClaims
		detail string
	}{
		"no time":               {credential.TimeClaims{Offset: 60}, "iat"},
		"too far east":          {credential.TimeClaims{Time: issued, Offset: 841}, "offset"},
		"too far west":          {credential.TimeClaims{Time: issued, Offset: -841}, "offset"},
		"the least offset":      {credential.TimeClaims{Time: issued, Offset: -1 << 15}, "offset"},
		"a nonce and not live":  {credential.TimeClaims{Time: issued, Nonce: nonce}, "nonce"},
		"the nonce's last byte": {credential.TimeClaims{Time: issued, Nonce: [16]byte{15: 1}}, "nonce"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := credential.NewTimeToken(c.claims, edKey("signer").public)
			requireReason(t, err, malformed, "time token: "+c.detail)
		})
	}
	_, err := credential.NewTimeToken(credential.TimeClaims{Time: issued}, credential.PublicKey{})
	requireReason(t, err, algorithm, "time token: the signer")
}

func TestNewReceiptRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		spoil  func(*credential.ReceiptClaims)
		detail string
	}{
		"no floor":                   {func(c *credential.ReceiptClaims) { c.Floor = 0 }, "iat"},
		"a policy without a version": {func(c *credential.ReceiptClaims) { c.PolicyVersion = 0 }, "policy version"},
		"unknown evidence":           {func(c *credential.ReceiptClaims) { c.Entry.Evidence = 4 }, "entry: evidence"},
		"no outcome":                 {func(c *credential.ReceiptClaims) { c.Entry.Outcome = 0 }, "entry: outcome"},
		"an unknown outcome":         {func(c *credential.ReceiptClaims) { c.Entry.Outcome = 7 }, "entry: outcome"},
		"no role":                    {func(c *credential.ReceiptClaims) { c.Entry.Role, c.Entry.Service = 0, 0 }, "entry: role"},
		"an unknown role":            {func(c *credential.ReceiptClaims) { c.Entry.Role = 4 }, "entry: role"},
		"a guest with a service":     {func(c *credential.ReceiptClaims) { c.Entry.Role = credential.RoleGuest }, "entry: service"},
	} {
		t.Run(name, func(t *testing.T) {
			entry := entryClaims()
			claims := credential.ReceiptClaims{Lock: lockID, Floor: issued, PolicyVersion: 1, Policy: credential.Tag{1}, Entry: &entry}
			c.spoil(&claims)
			_, err := credential.NewReceipt(claims, edKey("lock").public)
			requireReason(t, err, malformed, "receipt: "+c.detail)
		})
	}
	_, err := credential.NewReceipt(credential.ReceiptClaims{Lock: lockID, Floor: issued}, credential.PublicKey{})
	requireReason(t, err, algorithm, "receipt: the signer")
}

// TestClaimsAreNotKept holds that a document is what was to be signed when it
// was built.
func TestClaimsAreNotKept(t *testing.T) {
	key := edKey("signer")
	f, claims := fullPolicy(pairing{signer: key, subject: key})
	u, err := credential.NewPolicy(claims, key.public)
	require.NoError(t, err)
	claims.Services[1].Hours[0].From, claims.Denied[0] = 0, credential.Tag{}
	require.Equal(t, f.sigStructure(), u.ToBeSigned())
}
