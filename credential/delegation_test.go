package credential_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// passes makes a grant that lets its holder delegate over that many links.
func passes(links int64) func(*forge) { return conditioned(pair{num(3), num(links)}) }

// child is a grant of the holder of parent, whose key is by, to the holder
// of the name, with these entries.
func child(parent *credential.Grant, by *testKey, name string, entries ...cbor) *forge {
	f := grantForge(by, edKey(name))
	digest := parent.Digest()
	f.scope = list(append([]cbor{bstr(digest[:]...)}, entries...)...)
	return f
}

// below returns a grant of "subject" below the parent to "guest", and one of
// "guest" below that to "guest" again, with a plain entry unless others are
// given.
func below(t testing.TB, parent *credential.Grant, spoil func(*forge), entries ...cbor) *credential.Grant {
	t.Helper()
	by := edKey("subject")
	if parent.Parent() != nil {
		by = edKey("guest")
	}
	if len(entries) == 0 {
		entries = []cbor{lockEntry()}
	}
	f := child(parent, by, "guest", entries...)
	if spoil != nil {
		spoil(f)
	}
	g, err := new(credential.Verifier).DelegatedGrant(parseGrant(t, f), parent)
	require.NoError(t, err)
	return g
}

func TestFaultsOfParents(t *testing.T) {
	digest := bytes.Repeat([]byte{7}, 32)
	requireFaults(t, kinds[3], []structural{
		{"parent of 31 bytes", scoped(list(bstr(digest[:31]...), lockEntry())), malformed, "scope: parent: must be 32 bytes, has 31"},
		{"parent of 33 bytes", scoped(list(bstr(append(digest, 7)...), lockEntry())), malformed, "scope: parent: must be 32 bytes, has 33"},
		{"parent empty", scoped(list(bstr(), lockEntry())), malformed, "scope: parent: must be 32 bytes, has 0"},
		{"parent zero", scoped(list(bstr(make([]byte, 32)...), lockEntry())), malformed, "scope: parent: must not be zero"},
		{"parent alone", scoped(list(bstr(digest...))), overLimit, "scope: entries"},
		{"parent and five entries", scoped(list(append([]cbor{bstr(digest...)}, slices.Repeat([]cbor{lockEntry()}, 5)...)...)), overLimit, "scope: entries"},
		{"two parents", scoped(list(bstr(digest...), bstr(digest...), lockEntry())), malformed, "scope: entry"},
		{"parent behind the entry", scoped(list(lockEntry(), bstr(digest...))), malformed, "scope: entry"},
		{"parent in an array", scoped(list(list(bstr(digest...)), lockEntry())), malformed, "scope: entry"},
		{"parent a number", scoped(list(num(1), lockEntry())), malformed, "scope: entry"},
		{"parent null", scoped(list(null, lockEntry())), malformed, "null"},
		{"parent a text", scoped(list(text(string(digest)), lockEntry())), malformed, "text"},
		{"parent with a long head", scoped(list(slices.Concat([]byte{0x59, 0, 32}, digest), lockEntry())), malformed, "shortest"},
	})
	f := grantForge(edKey("signer"), edKey("subject"))
	f.scope = list(append([]cbor{bstr(digest...)}, slices.Repeat([]cbor{lockEntry()}, 4)...)...)
	u := parseGrant(t, f)
	require.Len(t, u.Claims.Scope, 4)
	require.Equal(t, digest, u.Claims.Parent[:])
}

// TestDelegatedGrantRoundTrip holds what the package builds to what the hand
// makes, and every condition to its field.
func TestDelegatedGrantRoundTrip(t *testing.T) {
	for _, p := range pairings() {
		t.Run(p.name, func(t *testing.T) {
			parent := parentForge(p.signer)
			want := credential.GrantClaims{
				Parent: sha256.Sum256(parent.sigStructure()), Holder: p.subject.public, IssuedAt: begins, Expires: expires,
				Scope: []credential.Entry{{
					Target: credential.LockTarget(lockID), Actions: 3,
					Schedule: credential.Schedule{{Days: credential.EveryDay, From: 0, Until: 1440}},
					Uses:     credential.Uses{Count: 255, Starts: 3}, Delegation: 1, Evidence: credential.EvidenceClock,
					PolicyVersion: 4, Resource: 255,
				}},
			}
			f := delegatedForge(p.signer, p.subject)
			built, err := credential.NewGrant(want, p.signer.public)
			u, err := credential.ParseGrant(finish(t, built, err, f))
			require.NoError(t, err)
			require.Equal(t, want, u.Claims)
			requireNames(t, f, u)

			root, err := new(credential.Verifier).OwnerGrant(parseGrant(t, parent), edKey("root").public)
			require.NoError(t, err)
			g, err := new(credential.Verifier).DelegatedGrant(u, root)
			require.NoError(t, err)
			requireNames(t, f, g)
			require.Equal(t, want.Scope, g.Scope())
			require.Equal(t, p.subject.public, g.Holder())
		})
	}
}

// requireChain holds a chain to its links, the root first.
func requireChain(t *testing.T, by *credential.Authority, links ...*credential.Grant) {
	t.Helper()
	for i, g := range links {
		require.Equal(t, links[:i+1], g.Links())
		require.Same(t, links[0], g.Root())
		require.Equal(t, by, g.Authority())
		if i == 0 {
			require.Nil(t, g.Parent())
		} else {
			require.Same(t, links[i-1], g.Parent())
			require.Equal(t, links[i-1].Holder(), edKey([]string{"", "subject", "guest"}[i]).public)
		}
	}
}

func TestChainsKnowTheirLinks(t *testing.T) {
	for _, by := range []*credential.Authority{nil, operator(t, edKey("signer"), post())} {
		root := judged(t, by, passes(2))
		second := below(t, root, nil, lockEntry(dict(pair{num(3), num(1)})))
		third := below(t, second, nil)
		requireChain(t, by, root, second, third)
		for _, g := range []*credential.Grant{root, second, third} {
			requireVerdict(t, 0, g, open, here)
		}
		// Who alters the list alters nothing.
		third.Links()[0] = third
		require.Same(t, root, third.Root())

		f := child(third, edKey("guest"), "guest", lockEntry())
		_, err := new(credential.Verifier).DelegatedGrant(parseGrant(t, f), third)
		requireReason(t, err, credential.ReasonDelegation, "chain of 3 grants")
	}
}

func TestDelegatedGrant(t *testing.T) {
	root := judged(t, nil, passes(2))
	sibling := judged(t, nil, passes(1))
	require.NotEqual(t, root.Digest(), sibling.Digest())
	require.Equal(t, root.Holder(), sibling.Holder())
	holder, other := edKey("subject"), edKey("other")
	for name, c := range map[string]struct {
		spoil  func(*forge)
		parent *credential.Grant
		reason credential.Reason
		checks uint64
	}{
		"good":                         {nil, root, 0, 1},
		"of another grant of the same": {nil, sibling, credential.ReasonDelegation, 1},
		"of a grant of another":        {nil, below(t, root, nil), credential.ReasonIssuerUnknown, 0},
		"without a parent":             {scoped(list(lockEntry())), root, credential.ReasonDelegation, 1},
		"no parent at hand":            {nil, nil, credential.ReasonIssuerUnknown, 0},
		"a parent that nobody made":    {nil, new(credential.Grant), credential.ReasonIssuerUnknown, 0},
		"alg of the other kind":        {func(f *forge) { f.header = set(f.header, 1, num(-9)) }, root, credential.ReasonAlgorithm, 0},
		"signed by another":            {func(f *forge) { f.key = other }, root, credential.ReasonSignature, 1},
		"by the owner of the lock": {func(f *forge) {
			f.key = edKey("signer")
			f.header = set(f.header, 4, bstr(f.key.id()...))
		}, root, credential.ReasonIssuerUnknown, 0},
		"one bit of the digest":    {func(f *forge) { f.scope[4] ^= 1 }, root, credential.ReasonDelegation, 1},
		"issued at the parent's":   {iat(issued), root, 0, 1},
		"issued before the parent": {iat(issued - 1), root, credential.ReasonDelegation, 1},
		"issued at its end":        {lasting(expires, expires+1), root, 0, 1},
		"issued after its end":     {lasting(expires+1, expires+2), root, credential.ReasonDelegation, 1},
		"lasts longer than it":     {lasting(issued, 1<<32-1), root, 0, 1},
		"in the name of a service": {func(f *forge) { f.scope = slices.Concat(f.scope[:35], lockEntry(dict(pair{num(7), num(1)}))) }, root, credential.ReasonService, 1},
		"names one in the last row": {func(f *forge) {
			f.scope = slices.Concat([]byte{0x83}, f.scope[1:], lockEntry(dict(pair{num(7), num(1)})))
		}, root, credential.ReasonService, 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := child(root, holder, "guest", lockEntry())
			if c.spoil != nil {
				c.spoil(f)
			}
			meter := new(credential.Meter)
			g, err := (&credential.Verifier{Meter: meter}).DelegatedGrant(parseGrant(t, f), c.parent)
			require.Equal(t, c.checks, meter.Total())
			if c.reason == credential.ReasonNone {
				require.NoError(t, err)
				require.Same(t, root, g.Parent())
				return
			}
			require.Nil(t, g)
			requireReason(t, err, c.reason, "grant: ")
		})
	}
	_, err := new(credential.Verifier).DelegatedGrant(nil, root)
	requireReason(t, err, malformed, "grant")
	_, err = new(credential.Verifier).DelegatedGrant(new(credential.UnverifiedGrant), new(credential.Grant))
	requireReason(t, err, credential.ReasonIssuerUnknown, "")
}

// TestDelegatedGrantsHaveNoOtherIssuer holds that who has nothing above him
// signs nothing that hangs below a grant.
func TestDelegatedGrantsHaveNoOtherIssuer(t *testing.T) {
	key := edKey("signer")
	f := child(judged(t, nil, passes(2)), key, "guest", lockEntry())
	_, err := new(credential.Verifier).OwnerGrant(parseGrant(t, f), key.public)
	requireReason(t, err, credential.ReasonDelegation, "parent")
	_, err = new(credential.Verifier).OperatorGrant(parseGrant(t, f), operator(t, key, post()))
	requireReason(t, err, credential.ReasonDelegation, "parent")

	// The holder of the parent is neither, where he says he is.
	f = child(judged(t, nil, passes(2)), edKey("subject"), "guest", lockEntry())
	_, err = new(credential.Verifier).OwnerGrant(parseGrant(t, f), key.public)
	requireReason(t, err, credential.ReasonIssuerUnknown, "")
	_, err = new(credential.Verifier).OperatorGrant(parseGrant(t, f), operator(t, key, post()))
	requireReason(t, err, credential.ReasonIssuerUnknown, "")

	// Before a signature is made.
	claims := parseGrant(t, f).Claims
	requireReason(t, claims.OwnerMayGrant(), credential.ReasonDelegation, "parent")
	requireReason(t, operator(t, key, post()).Allows(claims), credential.ReasonDelegation, "parent")
	requireReason(t, new(credential.Grant).Allows(claims), credential.ReasonDelegation, "parent")
	requireReason(t, new(credential.Grant).Allows(credential.GrantClaims{}), credential.ReasonDelegation, "parent: is missing")
}

// TestJudgeDelegation holds how many links each entry lets hang below it, for
// each length of a chain.
func TestJudgeDelegation(t *testing.T) {
	const no = -1
	entry := func(links int64) cbor {
		switch links {
		case no:
			return entryFor(1, make([]byte, 8), 3, pair{num(3), num(2)})
		case 0:
			return lockEntry()
		}
		return lockEntry(dict(pair{num(3), num(links)}))
	}
	for _, c := range []struct {
		root, second, third int64 // depths; a third of no is for another lock
		two, three          credential.Reason
	}{
		{2, 1, 0, 0, 0},
		{2, 2, 2, 0, 0},
		{1, 0, 0, 0, credential.ReasonDelegation},
		{1, 2, 0, 0, credential.ReasonDelegation},
		{2, 0, 0, 0, credential.ReasonDelegation},
		{0, 2, 0, credential.ReasonDelegation, credential.ReasonDelegation},
		{2, 1, no, 0, credential.ReasonTarget},
		{2, no, 0, credential.ReasonTarget, credential.ReasonTarget},
		{no, 2, 0, credential.ReasonTarget, credential.ReasonTarget},
	} {
		t.Run(fmt.Sprint(c.root, c.second, c.third), func(t *testing.T) {
			root := judged(t, nil, scoped(list(entry(c.root))))
			second := below(t, root, nil, entry(c.second))
			third := below(t, second, nil, entry(c.third))
			for _, action := range []credential.Actions{0, open} {
				requireVerdict(t, c.two, second, action, here)
				requireVerdict(t, c.three, third, action, here)
			}
		})
	}
}

// TestJudgeChoosesTheEntryOfEachLink holds that each link decides by its own
// first good entry, and that one which may not be passed on is passed over.
func TestJudgeChoosesTheEntryOfEachLink(t *testing.T) {
	uses := func(n int64) pair { return pair{num(2), list(num(n), num(1))} }
	service := func(n int64) pair { return pair{num(7), num(n)} }
	depth := pair{num(3), num(1)}
	by := operator(t, edKey("signer"), list(numlist(1, 2, 3), num(1), num(3600)))
	root := judged(t, by, scoped(list(
		entryFor(1, lockID[:], 1, uses(1), service(1)),
		entryFor(1, lockID[:], 1, uses(2), depth, pair{num(5), num(2)}, service(2)),
		entryFor(1, lockID[:], 1, uses(3), depth, service(3)))))
	g := below(t, root, lasting(issued+5, issued+900),
		entryFor(1, lockID[:], 2, uses(4)), entryFor(1, lockID[:], 1, uses(5), pair{num(5), num(3)}), entryFor(1, lockID[:], 1, uses(6)))

	p, err := g.Judge(open, here)
	require.NoError(t, err)
	require.Equal(t, credential.Permission{
		Service: credential.ServiceParcel, PolicyVersion: 2,
		Counted: []credential.Count{
			{Grant: root.Tag(), Entry: 1, Uses: credential.Uses{Count: 2, Starts: 1}, Expires: expires, Operator: true},
			{Grant: g.Tag(), Entry: 1, Uses: credential.Uses{Count: 5, Starts: 1}, Expires: issued + 900, Operator: true},
		},
	}, p)

	p, err = root.Judge(open, here)
	require.NoError(t, err)
	require.Equal(t, credential.ServicePost, p.Service)

	p, err = g.Judge(0, here)
	require.NoError(t, err)
	require.Equal(t, credential.Permission{Service: credential.ServiceParcel, PolicyVersion: 2}, p)
}

// TestJudgeNamesTheFirstLink holds that the faults of a link are named before
// those of the links below it, whatever they are.
func TestJudgeNamesTheFirstLink(t *testing.T) {
	elsewhere := entryFor(1, make([]byte, 8), 1)
	short, err := certify(edKey("signer"), func(f *forge) { f.claims, f.scope = set(f.claims, 4, num(begins)), post() })
	require.NoError(t, err)
	ended := lasting(issued, begins)
	late := func(f *forge) { f.claims = set(f.claims, 5, num(begins+1)) }
	for _, c := range []struct {
		name   string
		by     *credential.Authority
		root   []func(*forge)
		child  func(*forge)
		entry  cbor
		action credential.Actions
		want   credential.Reason
	}{
		{"the authority's end first", short, []func(*forge){ended}, ended, elsewhere, open, credential.ReasonAuthorityExpired},
		{"the root's end before the child's target", nil, []func(*forge){passes(1), ended}, nil, elsewhere, open, credential.ReasonExpired},
		{"the root's hours before the child's end", nil, []func(*forge){conditioned(pair{num(1), always}, pair{num(3), num(1)})}, ended, elsewhere, open, credential.ReasonEvidence},
		{"the root's action before the child's end", nil, []func(*forge){passes(1)}, ended, elsewhere, credential.ActionCollect, credential.ReasonAction},
		{"the root's delegation before the child's end", nil, nil, ended, elsewhere, open, credential.ReasonDelegation},
		{"the child's end before its target", nil, []func(*forge){passes(1)}, ended, elsewhere, open, credential.ReasonExpired},
		{"the child's beginning before its target", nil, []func(*forge){passes(1)}, late, elsewhere, open, credential.ReasonNotYetValid},
		{"the child's target last", nil, []func(*forge){passes(1)}, nil, elsewhere, open, credential.ReasonTarget},
	} {
		t.Run(c.name, func(t *testing.T) {
			requireVerdict(t, c.want, below(t, judged(t, c.by, c.root...), c.child, c.entry), c.action, here)
		})
	}
}
