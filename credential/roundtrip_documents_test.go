package credential_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// fullPolicy is a policy with every setting, by hand and as the package has it.
func fullPolicy(p pairing) (*forge, credential.PolicyClaims) {
	f := policyForge(p.signer, p.subject)
	f.scope = policyScope(
		pair{num(1), num(2)},
		pair{num(2), list(
			list(num(1), num(2|4)),
			list(num(300), num(2), num(2), list(window(31, 480, 1080), window(32, 0, 720))),
		)},
		pair{num(3), num(5)},
		pair{num(4), bstr(tags(2)...)},
		pair{num(5), list(dict(edKey("a").cose()...), dict(p256Key("a").cose()...))},
		pair{num(6), list(num(1), num(issued), num(expires), num(2), num(2))},
		pair{num(7), list(dict(p256Key("b").cose()...))},
		pair{num(8), yes},
	)
	return f, credential.PolicyClaims{
		Lock: lockID, Version: 7, IssuedAt: issued, Owner: p.subject.public, Block: credential.BlockGuests,
		Services: []credential.Admission{
			{Service: credential.ServicePost, Actions: credential.ActionDeliver | credential.ActionCollect},
			{Service: 300, Actions: credential.ActionDeliver, Evidence: credential.EvidenceLive, Hours: credential.Schedule{
				{Days: credential.Weekdays, From: 480, Until: 1080}, {Days: credential.Saturday, From: 0, Until: 720},
			}},
		},
		Least: 5, Denied: []credential.Tag{credential.Tag(tags(1)), credential.Tag(tags(2)[8:])},
		CoOwners: []credential.PublicKey{edKey("a").public, p256Key("a").public},
		Anchors:  []credential.PublicKey{p256Key("b").public},
		Notice: credential.Notice{Kind: credential.NoticeAway, From: issued, Until: expires,
			Instruction: credential.InstructionOtherPlace, Roles: credential.NoticeOperators},
		Reset: true,
	}
}

func TestPolicyRoundTrip(t *testing.T) {
	for _, p := range pairings() {
		bare := policyForge(p.signer, p.subject)
		bare.scope = policyScope()
		full, claims := fullPolicy(p)
		for name, c := range map[string]struct {
			hand *forge
			want credential.PolicyClaims
		}{
			"bare": {bare, credential.PolicyClaims{Lock: lockID, Version: 7, IssuedAt: issued, Owner: p.subject.public}},
			"full": {full, claims},
		} {
			t.Run(p.name+"/"+name, func(t *testing.T) {
				built, err := credential.NewPolicy(c.want, p.signer.public)
				u, err := credential.ParsePolicy(finish(t, built, err, c.hand))
				require.NoError(t, err)
				require.Equal(t, c.want, u.Claims)
				requireNames(t, c.hand, u)
				policy, err := new(credential.Verifier).Policy(u, p.signer.public)
				require.NoError(t, err)
				requireNames(t, c.hand, policy)
				require.Equal(t, c.want, policy.Claims())
				require.Equal(t, c.want, credential.PolicyClaims{
					Lock: lockID, Version: policy.Version(), IssuedAt: policy.IssuedAt(), Owner: policy.Owner(), Block: c.want.Block,
					Services: c.want.Services, Least: c.want.Least, Denied: c.want.Denied, CoOwners: policy.CoOwners(),
					Anchors: policy.Anchors(), Notice: policy.Notice(), Reset: c.want.Reset,
				})
			})
		}
	}
}

func TestRevocationListRoundTrip(t *testing.T) {
	for _, p := range pairings() {
		t.Run(p.name, func(t *testing.T) {
			want := credential.RevocationClaims{IssuedAt: issued, Version: 3, Least: issued - 1000, Denied: []credential.Denial{
				{Tag: credential.Tag(tags(1)), Expires: expires}, {Tag: credential.Tag(tags(2)[8:]), Expires: expires},
			}}
			f := listForge(p.signer, nil)
			built, err := credential.NewRevocationList(want, p.signer.public)
			u, err := credential.ParseRevocationList(finish(t, built, err, f))
			require.NoError(t, err)
			require.Equal(t, want, u.Claims)
			requireNames(t, f, u)

			by := operator(t, p.signer, rights(2))
			l, err := new(credential.Verifier).RevocationList(u, by)
			require.NoError(t, err)
			requireNames(t, f, l)
			require.Equal(t, want, l.Claims())
			require.Same(t, by, l.Authority())

			v := credential.Verifier{Roots: []credential.PublicKey{edKey("other").public, p.signer.public}}
			l, err = v.SchemeList(u)
			require.NoError(t, err)
			requireNames(t, f, l)
			require.Equal(t, want, l.Claims())
			require.Nil(t, l.Authority())
		})
	}
}

func TestTimeTokenRoundTrip(t *testing.T) {
	for _, p := range pairings() {
		for name, c := range map[string]struct {
			scope cbor
			want  credential.TimeClaims
		}{
			"live":        {list(num(-120), bstr(nonce[:]...)), credential.TimeClaims{Time: issued, Offset: -120, Live: true, Nonce: nonce}},
			"live, zeros": {list(num(0), bstr(make([]byte, 16)...)), credential.TimeClaims{Time: issued, Live: true}},
			"stated":      {list(num(840)), credential.TimeClaims{Time: issued, Offset: 840}},
		} {
			t.Run(p.name+"/"+name, func(t *testing.T) {
				f := plain(65006, p.signer, c.scope)
				built, err := credential.NewTimeToken(c.want, p.signer.public)
				u, err := credential.ParseTimeToken(finish(t, built, err, f))
				require.NoError(t, err)
				require.Equal(t, c.want, u.Claims)
				requireNames(t, f, u)

				by := operator(t, p.signer, rights(4))
				token, err := new(credential.Verifier).TimeToken(u, by)
				require.NoError(t, err)
				requireNames(t, f, token)
				require.Equal(t, c.want, token.Claims())
				require.Same(t, by, token.Authority())
			})
		}
	}
}

func TestReceiptRoundTrip(t *testing.T) {
	entry := entryClaims()
	hidden := credential.LogEntry{Operation: 0, Outcome: credential.LogTamper}
	bare := list(num(0), num(0), num(0), num(0), num(6), num(0), num(0), num(0), bstr(), num(0), bstr())
	for _, p := range pairings() {
		for name, c := range map[string]struct {
			scope cbor
			want  credential.ReceiptClaims
		}{
			"of an opening": {receiptScope(logEntry()), credential.ReceiptClaims{
				Lock: lockID, Floor: issued, PolicyVersion: 7, Policy: credential.Tag(tags(1)), Head: logHead, Entry: &entry}},
			"of nothing": {receiptScope(list()), credential.ReceiptClaims{
				Lock: lockID, Floor: issued, PolicyVersion: 7, Policy: credential.Tag(tags(1)), Head: logHead}},
			"of a vacant lock": {list(bstr(lockID[:]...), num(0), bstr(), bstr(make([]byte, 32)...), bare), credential.ReceiptClaims{
				Lock: lockID, Floor: issued, Entry: &hidden}},
		} {
			t.Run(p.name+"/"+name, func(t *testing.T) {
				f := receiptForge(p.signer, nil)
				f.scope = c.scope
				built, err := credential.NewReceipt(c.want, p.signer.public)
				u, err := credential.ParseReceipt(finish(t, built, err, f))
				require.NoError(t, err)
				require.Equal(t, c.want, u.Claims)
				requireNames(t, f, u)

				lock, err := lockCertificate(p.signer, lockID)
				require.NoError(t, err)
				r, err := new(credential.Verifier).Receipt(u, lock)
				require.NoError(t, err)
				requireNames(t, f, r)
				require.Equal(t, c.want, r.Claims())
			})
		}
	}
}

// TestDocumentsAreForReadingAlone holds that nobody gets another policy, list or
// receipt than what was signed by changing what was read of it.
func TestDocumentsAreForReadingAlone(t *testing.T) {
	key := edKey("signer")
	f, want := fullPolicy(pairing{signer: key, subject: key})
	change := func(c credential.PolicyClaims) {
		c.Services[0].Actions, c.Services[1].Hours[0].From = 127, 0
		c.Denied[0], c.CoOwners[0], c.Anchors[0] = credential.Tag{}, key.public, key.public
	}
	u, err := credential.ParsePolicy(f.bytes())
	require.NoError(t, err)
	change(u.Claims)
	p, err := new(credential.Verifier).Policy(u, key.public)
	require.NoError(t, err)
	change(p.Claims())
	p.CoOwners()[0], p.Anchors()[0] = key.public, key.public
	require.Equal(t, want, p.Claims())

	ul, err := credential.ParseRevocationList(listForge(key, nil).bytes())
	require.NoError(t, err)
	ul.Claims.Denied[0] = credential.Denial{}
	ul.Claims.Least = 0
	l, err := new(credential.Verifier).RevocationList(ul, operator(t, key, rights(2)))
	require.NoError(t, err)
	l.Claims().Denied[0] = credential.Denial{}
	require.Equal(t, credential.Tag(tags(1)), l.Claims().Denied[0].Tag)
	require.EqualValues(t, issued-1000, l.Claims().Least)

	ur, err := credential.ParseReceipt(receiptForge(key, nil).bytes())
	require.NoError(t, err)
	ur.Claims.Entry.Sequence = 0
	lock, err := lockCertificate(key, lockID)
	require.NoError(t, err)
	r, err := new(credential.Verifier).Receipt(ur, lock)
	require.NoError(t, err)
	r.Claims().Entry.Sequence = 0
	require.Equal(t, entryClaims(), *r.Claims().Entry)
}
