package credential_test

import (
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/suite"
)

// beside runs work and the raw operations that it is made of in turn, and
// reports the shortest time of each and their ratio.  The shortest times of one
// run compare even where other programs use the machine.
func beside(b *testing.B, raw, work func()) {
	b.Helper()
	shortest := func(best time.Duration, f func()) time.Duration {
		start := time.Now()
		f()
		return min(best, time.Since(start))
	}
	rawTime, workTime := time.Hour, time.Hour
	for b.Loop() {
		rawTime = shortest(rawTime, raw)
		workTime = shortest(workTime, work)
	}
	b.ReportMetric(float64(rawTime.Nanoseconds()), "raw-ns")
	b.ReportMetric(float64(workTime.Nanoseconds()), "work-ns")
	b.ReportMetric(float64(workTime)/float64(rawTime), "work/raw")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkParseGrant reads a grant for one lock.  The raw operation is the
// check that the holder's key is a point that may be used: what is left is the
// strict decode.
func BenchmarkParseGrant(b *testing.B) {
	subject := edKey("subject")
	data := grantForge(edKey("signer"), subject).bytes()
	b.Run("all", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = credential.ParseGrant(data)
		}
	})
	b.Run("beside the key", func(b *testing.B) {
		beside(b,
			func() { _, _ = suite.NewEd25519(subject.x) },
			func() { _, _ = credential.ParseGrant(data) })
	})
}

// BenchmarkVerifyGrant verifies grants of a day's kinds.  The raw operations are
// the signature checks; where objects are parsed too, also the checks of the
// keys in them, without which the acceptance rule for signatures is not kept.
func BenchmarkVerifyGrant(b *testing.B) {
	root, signer, subject := edKey("root"), edKey("signer"), edKey("subject")
	grant, authority := grantForge(signer, subject), authorityForge(root, signer)
	authority.scope = post()
	grantData, authorityData := grant.bytes(), authority.bytes()
	v := credential.Verifier{Roots: []credential.PublicKey{root.public}}
	u := parseGrant(b, grant)

	check := func(f *forge) func() {
		message, signature := f.sigStructure(), f.key.sign(f.sigStructure())
		public := ed25519.PublicKey(f.key.x)
		return func() { ed25519.Verify(public, message, signature) }
	}
	key := func(k *testKey) func() { return func() { _, _ = suite.NewEd25519(k.x) } }
	all := func(steps ...func()) func() {
		return func() {
			for _, s := range steps {
				s()
			}
		}
	}
	owner := func() {
		u, err := credential.ParseGrant(grantData)
		if err == nil {
			_, err = v.OwnerGrant(u, signer.public)
		}
		require.NoError(b, err)
	}
	operator := func() {
		ua, err := credential.ParseAuthority(authorityData)
		require.NoError(b, err)
		a, err := v.Authority(ua)
		require.NoError(b, err)
		ug, err := credential.ParseGrant(grantData)
		require.NoError(b, err)
		_, err = v.OperatorGrant(ug, a)
		require.NoError(b, err)
	}
	b.Run("parsed", func(b *testing.B) {
		beside(b, check(grant), func() { _, _ = v.OwnerGrant(u, signer.public) })
	})
	b.Run("owner", func(b *testing.B) { beside(b, all(key(subject), check(grant)), owner) })
	b.Run("owner, signature alone", func(b *testing.B) { beside(b, check(grant), owner) })
	b.Run("operator", func(b *testing.B) {
		beside(b, all(key(signer), check(authority), key(subject), check(grant)), operator)
	})
	b.Run("operator, signatures alone", func(b *testing.B) {
		beside(b, all(check(authority), check(grant)), operator)
	})
}

// BenchmarkVerifyGrantP256 does so for a grant signed with P-256.
func BenchmarkVerifyGrantP256(b *testing.B) {
	signer, subject := p256Key("signer"), p256Key("subject")
	f := grantForge(signer, subject)
	data, message, signature := f.bytes(), f.sigStructure(), signer.sign(f.sigStructure())
	beside(b,
		func() {
			_, _ = suite.NewP256Compressed(subject.x, subject.y[31]&1 == 1)
			_ = suite.Verify(signer.public, message, signature, nil)
		},
		func() {
			u, err := credential.ParseGrant(data)
			if err == nil {
				_, err = new(credential.Verifier).OwnerGrant(u, signer.public)
			}
			require.NoError(b, err)
		})
}

// chainOf returns the grants of a chain of 3, the root's first, by hand.
func chainOf(b *testing.B) (links []*forge, last *credential.Grant) {
	b.Helper()
	keys := []*testKey{edKey("signer"), edKey("subject"), edKey("guest"), edKey("other")}
	v := new(credential.Verifier)
	for i := range 3 {
		f := grantForge(keys[i], keys[i+1])
		entries := []cbor{entryFor(1, lockID[:], 1, pair{num(1), always}, pair{num(2), list(num(5), num(3))}, pair{num(3), num(2)})}
		var err error
		if last == nil {
			f.scope = list(entries...)
			last, err = v.OwnerGrant(parseGrant(b, f), keys[0].public)
		} else {
			digest := last.Digest()
			f.scope = list(bstr(digest[:]...), entries[0])
			last, err = v.DelegatedGrant(parseGrant(b, f), last)
		}
		require.NoError(b, err)
		links = append(links, f)
	}
	return links, last
}

// BenchmarkVerifyChain parses and verifies a chain of 3 grants.  The raw
// operations are its signature checks and the checks of the keys in it.
func BenchmarkVerifyChain(b *testing.B) {
	links, _ := chainOf(b)
	var objects [][]byte
	var raw []func()
	for _, f := range links {
		objects = append(objects, f.bytes())
		public, message, signature := ed25519.PublicKey(f.key.x), f.sigStructure(), f.key.sign(f.sigStructure())
		raw = append(raw, func() {
			_, _ = suite.NewEd25519(f.key.x)
			ed25519.Verify(public, message, signature)
		})
	}
	owner, v := links[0].key.public, new(credential.Verifier)
	beside(b, func() {
		for _, f := range raw {
			f()
		}
	}, func() {
		var g *credential.Grant
		for _, data := range objects {
			u, err := credential.ParseGrant(data)
			require.NoError(b, err)
			if g == nil {
				g, err = v.OwnerGrant(u, owner)
			} else {
				g, err = v.DelegatedGrant(u, g)
			}
			require.NoError(b, err)
		}
	})
}

// BenchmarkJudge judges a chain of 3 grants with hours and uses.  The raw
// operation is the judgement of its root by itself.
func BenchmarkJudge(b *testing.B) {
	_, last := chainOf(b)
	at := when(credential.EvidenceLive, begins, 60)
	judge := func(g *credential.Grant) {
		_, err := g.Judge(open, at)
		require.NoError(b, err)
	}
	b.Run("chain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			judge(last)
		}
	})
	b.Run("beside its root", func(b *testing.B) {
		beside(b, func() { judge(last.Root()) }, func() { judge(last) })
	})
}

// BenchmarkNewGrant builds what is to be signed, without the signature.
func BenchmarkNewGrant(b *testing.B) {
	claims := credential.GrantClaims{
		Holder: edKey("subject").public, IssuedAt: issued, Expires: expires,
		Scope: []credential.Entry{{Target: credential.LockTarget(lockID), Actions: credential.ActionDeliver}},
	}
	signer := edKey("signer").public
	b.ReportAllocs()
	for b.Loop() {
		u, err := credential.NewGrant(claims, signer)
		if err != nil {
			b.Fatal(err)
		}
		u.ToBeSigned()
	}
}
