package credential_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// TestSizesOfDocuments holds the sizes that chapters 16, 18 and 19 state.
func TestSizesOfDocuments(t *testing.T) {
	ed := edKey("a").public
	day := credential.Schedule{{Days: credential.Weekdays, From: 480, Until: 1080}}
	policy := func(change func(*credential.PolicyClaims)) int {
		c := credential.PolicyClaims{Lock: lockID, Version: 7, IssuedAt: issued, Owner: ed}
		change(&c)
		u, err := credential.NewPolicy(c, ed)
		return size(t, u, err)
	}
	denied := func(n int) (out []credential.Tag) {
		for b := range slices.Chunk(tags(n), 8) {
			out = append(out, credential.Tag(b))
		}
		return out
	}
	typical := func(c *credential.PolicyClaims) {
		c.Services = []credential.Admission{
			{Service: credential.ServicePost, Actions: credential.ActionDeliver | credential.ActionCollect},
			{Service: credential.ServiceParcel, Actions: credential.ActionDeliver, Evidence: credential.EvidenceLive, Hours: day},
		}
		c.Denied = denied(3)
	}
	crowded := func(c *credential.PolicyClaims) {
		for i := range credential.Service(8) {
			c.Services = append(c.Services, credential.Admission{Service: i + 1, Actions: 127, Evidence: credential.EvidenceLive, Hours: day})
		}
		c.Block, c.Least, c.Denied, c.Reset = 3, 100, denied(16), true
		for i := range 4 {
			c.CoOwners = append(c.CoOwners, edKey(string(rune('b'+i))).public)
		}
		c.Anchors = []credential.PublicKey{edKey("b").public, edKey("c").public}
		c.Notice = credential.Notice{Kind: credential.NoticeAway, From: issued, Until: expires, Instruction: credential.InstructionHoldParcels, Roles: 3}
	}
	list := func(n int) int {
		c := credential.RevocationClaims{IssuedAt: issued, Version: math.MaxUint32, Least: issued}
		for _, tag := range denied(n) {
			c.Denied = append(c.Denied, credential.Denial{Tag: tag, Expires: expires})
		}
		u, err := credential.NewRevocationList(c, ed)
		return size(t, u, err)
	}
	token := func(c credential.TimeClaims) int {
		u, err := credential.NewTimeToken(c, ed)
		return size(t, u, err)
	}
	receipt := func(version uint32, e *credential.LogEntry) int {
		u, err := credential.NewReceipt(credential.ReceiptClaims{
			Lock: lockID, Floor: issued, PolicyVersion: version, Policy: credential.Tag{1}, Head: logHead, Entry: e}, ed)
		return size(t, u, err)
	}
	entry, greatest := entryClaims(), greatestEntry(math.MaxUint32)
	entry.Reference = credential.Reference{1}
	greatest.Operation = credential.OperationConfigure // the last of this version
	for _, c := range []struct {
		name       string
		have, want int
	}{
		{"policy that says nothing", policy(func(*credential.PolicyClaims) {}), 152},
		{"policy, two services, three denied", policy(typical), 199},
		{"policy with all there is", policy(crowded), 674},
		{"time token, stated", token(credential.TimeClaims{Time: issued, Offset: 60}), 99},
		{"time token, live", token(credential.TimeClaims{Time: issued, Offset: 60, Live: true, Nonce: nonce}), 117},
		{"revocation list, nothing denied", list(0), 108},
		{"revocation list, 24 denied", list(24), 473},
		{"receipt of nothing", receipt(7, nil), 153},
		{"receipt of a delivery", receipt(7, &entry), 184},
		{"receipt, as long as may be", receipt(math.MaxUint32, &greatest), 198},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, c.have)
		})
	}
}
