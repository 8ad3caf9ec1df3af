package credential_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// goodPass is a pass with everything in it: a chain of three, two certificates, and
// a document of each kind.
func goodPass(t testing.TB) credential.Pass {
	t.Helper()
	return credential.Pass{
		Chain:       chainOfThree(t),
		Authorities: [][]byte{authorityForge(edKey("root"), edKey("post")).bytes(), authorityForge(edKey("root"), edKey("maker")).bytes()},
		Documents: [][]byte{
			policyForge(edKey("owner"), edKey("owner")).bytes(), listForge(edKey("post"), nil).bytes(), tokenForge(edKey("post"), nil).bytes(),
		},
	}
}

// chainOfThree are a grant of an owner, one below it and one below that.
func chainOfThree(t testing.TB) [][]byte {
	t.Helper()
	f := grantForge(edKey("signer"), edKey("subject"))
	passes(2)(f)
	root, err := new(credential.Verifier).OwnerGrant(parseGrant(t, f), edKey("signer").public)
	require.NoError(t, err)
	middle := below(t, root, nil)
	return [][]byte{root.Bytes(), middle.Bytes(), below(t, middle, nil).Bytes()}
}

// encoded returns what Encode makes.
func encoded(t testing.TB, p credential.Pass) []byte {
	t.Helper()
	b, err := p.Encode()
	require.NoError(t, err)
	return b
}

func TestPassComesBack(t *testing.T) {
	full := goodPass(t)
	for name, p := range map[string]credential.Pass{
		"all": full, "chain alone": {Chain: full.Chain}, "one grant": {Chain: full.Chain[:1]},
		"authorities": {Chain: full.Chain[:1], Authorities: full.Authorities}, "documents": {Chain: full.Chain[:1], Documents: full.Documents},
	} {
		t.Run(name, func(t *testing.T) {
			b := encoded(t, p)
			back, err := credential.ParsePass(b)
			require.NoError(t, err)
			require.Equal(t, p, back)
			link, err := p.Link()
			require.NoError(t, err)
			back, err = credential.ParsePassLink(link)
			require.NoError(t, err)
			require.Equal(t, p, back)
		})
	}
}

// TestPassSharesNothing with the bytes that it was read from.
func TestPassSharesNothing(t *testing.T) {
	b := encoded(t, goodPass(t))
	p, err := credential.ParsePass(b)
	require.NoError(t, err)
	clear(b)
	require.Equal(t, goodPass(t), p)
}

// TestEveryOtherLengthOfAPassIsRefused: each truncation, and each byte behind it.
func TestEveryOtherLengthOfAPassIsRefused(t *testing.T) {
	b := encoded(t, goodPass(t))
	for n := range len(b) {
		p, err := credential.ParsePass(b[:n])
		refused(t, err)
		require.Zero(t, p)
	}
	for more := range 256 {
		_, err := credential.ParsePass(append(slices.Clone(b), byte(more)))
		refused(t, err)
	}
}

func TestFaultsOfPasses(t *testing.T) {
	full := goodPass(t)
	one := full.Chain[:1]
	object := func(b []byte) cbor { return cbor(b) }
	objects := func(all ...[]byte) cbor {
		var items []cbor
		for _, b := range all {
			items = append(items, object(b))
		}
		return list(items...)
	}
	chain := pair{num(1), objects(one...)}
	five := slices.Repeat(full.Documents[:1], 5)
	for name, c := range map[string]struct {
		data   cbor
		reason credential.Reason
		detail string
	}{
		"empty map":              {dict(), malformed, "fields"},
		"no chain":               {dict(pair{num(2), objects(full.Authorities...)}), malformed, "chain: is missing"},
		"empty chain":            {dict(pair{num(1), list()}), overLimit, "chain"},
		"chain of four":          {dict(pair{num(1), objects(append(slices.Clone(full.Chain), one[0])...)}), overLimit, "chain"},
		"field zero":             {dict(pair{num(0), objects(one...)}, chain), malformed, "fields"},
		"field of another":       {dict(chain, pair{num(4), objects(one...)}), malformed, "fields: 4 is none"},
		"field that is negative": {dict(chain, pair{num(-1), objects(one...)}), malformed, "fields"},
		"empty authorities":      {dict(chain, pair{num(2), list()}), overLimit, "authorities"},
		"three authorities":      {dict(chain, pair{num(2), objects(append(slices.Clone(full.Authorities), full.Authorities[0])...)}), overLimit, "authorities"},
		"authority twice":        {dict(chain, pair{num(2), objects(full.Authorities[0], full.Authorities[0])}), malformed, "authorities: none may be there twice"},
		"document twice":         {dict(chain, pair{num(3), objects(full.Documents[0], full.Documents[0])}), malformed, "documents: none may be there twice"},
		"five documents":         {dict(chain, pair{num(3), objects(five...)}), overLimit, "documents"},
		"empty documents":        {dict(chain, pair{num(3), list()}), overLimit, "documents"},
		"grant as a document":    {dict(chain, pair{num(3), objects(one...)}), objectType, "documents"},
		"policy as a grant":      {dict(pair{num(1), objects(full.Documents[0])}), objectType, "grant"},
		"grant as an authority":  {dict(chain, pair{num(2), objects(one...)}), objectType, ""},
		"object as a string":     {dict(pair{num(1), list(bstr(one[0]...))}), malformed, ""},
		"chain out of order":     {dict(pair{num(1), objects(full.Chain[1], full.Chain[0])}), credential.ReasonDelegation, "chain"},
		"chain with a gap":       {dict(pair{num(1), objects(full.Chain[0], full.Chain[2])}), credential.ReasonDelegation, "chain"},
		"no root":                {dict(pair{num(1), objects(full.Chain[1])}), credential.ReasonDelegation, "chain"},
		"an array":               {list(objects(one...)), malformed, ""},
		"too long":               {cbor(make([]byte, 2049)), overLimit, "2048"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := credential.ParsePass(c.data)
			require.ErrorIs(t, err, c.reason)
			require.ErrorContains(t, err, c.detail)
			refused(t, err)
		})
	}
}

func TestWhatIsNoPassIsNotEncoded(t *testing.T) {
	full := goodPass(t)
	crowd := credential.Pass{Chain: full.Chain[:1]}
	for i := range 4 {
		p := policyForge(edKey("owner"), edKey("owner"))
		p.scope = policyScope(pair{num(3), num(int64(i + 1))}, pair{num(4), bstr(tags(16)...)}, pair{num(5), list(coseKeys(4)...)}, pair{num(7), list(coseKeys(2)...)})
		crowd.Documents = append(crowd.Documents, p.bytes())
	}
	for name, c := range map[string]struct {
		pass   credential.Pass
		reason credential.Reason
	}{
		"nothing":         {credential.Pass{}, malformed},
		"no grant":        {credential.Pass{Chain: [][]byte{{1}}}, malformed},
		"wrong authority": {credential.Pass{Chain: full.Chain, Authorities: full.Chain[:1]}, objectType},
		"wrong document":  {credential.Pass{Chain: full.Chain, Documents: [][]byte{nil}}, malformed},
		"too long":        {crowd, overLimit},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := c.pass.Encode()
			require.ErrorIs(t, err, c.reason)
			require.Nil(t, b)
			link, err := c.pass.Link()
			require.ErrorIs(t, err, c.reason)
			require.Empty(t, link)
		})
	}
}

func TestRequestLinks(t *testing.T) {
	for _, p := range pairings() {
		key := p.subject.public
		link := credential.RequestLink(key)
		back, err := credential.ParseRequestLink(link)
		require.NoError(t, err)
		require.Equal(t, key, back)
		for n := range len(link) {
			_, err := credential.ParseRequestLink(link[:n])
			refused(t, err)
		}
	}
}

// TestLinksHaveOneSpelling, and what is too long is refused before it is decoded.
func TestLinksHaveOneSpelling(t *testing.T) {
	good := credential.RequestLink(edKey("neighbour").public)
	pass, err := goodPass(t).Link()
	require.NoError(t, err)
	for name, link := range map[string]string{
		"empty":              "",
		"other case":         strings.Replace(good, "postern", "Postern", 1),
		"other kind":         strings.Replace(good, "request", "pass", 1),
		"no kind":            strings.Replace(good, "request/", "", 1),
		"padding":            good + "=",
		"line break":         good[:40] + "\n" + good[40:],
		"space behind":       good + " ",
		"query":              good + "?",
		"plus of base64":     good[:40] + "+" + good[41:],
		"bits behind":        good[:len(good)-1] + string(good[len(good)-1]+1),
		"one character more": good + "A",
		"three bytes more":   good + "AAAA",
		"pass":               pass,
		"long":               "postern:request/" + strings.Repeat("A", 1000),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := credential.ParseRequestLink(link)
			refused(t, err)
			_, err = credential.ParsePassLink(strings.Replace(link, "request/", "pass/", 1))
			if link != pass {
				refused(t, err)
			}
		})
	}
	_, err = credential.ParsePassLink("postern:pass/" + strings.Repeat("A", 1<<20))
	require.ErrorIs(t, err, overLimit)
}

// TestSizesOfPasses holds what section 27.2 and 27.3 state.
func TestSizesOfPasses(t *testing.T) {
	require.Len(t, credential.RequestLink(edKey("a").public), 75)
	require.Len(t, credential.RequestLink(p256Key("a").public), 78)
	head := len(encoded(t, credential.Pass{Chain: goodPass(t).Chain[:1], Documents: goodPass(t).Documents[:1]})) -
		len(goodPass(t).Chain[0]) - len(goodPass(t).Documents[0])
	require.Equal(t, 5, head, "160 and 200 bytes make 365")
	long := func(bytes int) int { return len("postern:pass/") + (bytes*8+5)/6 }
	for n := range 4 {
		p := credential.Pass{Chain: goodPass(t).Chain[:1], Documents: goodPass(t).Documents[:n]}
		link, err := p.Link()
		require.NoError(t, err)
		require.Len(t, link, long(len(encoded(t, p))))
	}
	require.Equal(t, 500, long(365))
	require.Equal(t, 2744, long(2048))
}

func FuzzParsePass(f *testing.F) {
	full := goodPass(f)
	for _, p := range []credential.Pass{full, {Chain: full.Chain[:1]}, {Chain: full.Chain[:2], Documents: full.Documents}} {
		f.Add(encoded(f, p))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := credential.ParsePass(data)
		if err != nil {
			require.Zero(t, p)
			refused(t, err)
			return
		}
		require.True(t, bytes.Equal(data, encoded(t, p)), "a pass has one encoding")
		link, err := p.Link()
		require.NoError(t, err)
		back, err := credential.ParsePassLink(link)
		require.NoError(t, err)
		require.Equal(t, p, back)
	})
}
