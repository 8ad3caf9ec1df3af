package app

import (
	"bytes"
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
)

// broken is a pass that breaks one rule of section 27.2.
type broken struct {
	number int
	what   string
	want   credential.Reason
	make   func(t *cases.T, key credential.PublicKey) []byte // the pass, whose last grant is for the key
}

// refusals makes the cases of a table: the pass comes as a link and as bytes, and
// neither time anything of it stays with the app.
func refusals(rows ...broken) []cases.Case {
	var all []cases.Case
	for _, r := range rows {
		all = append(all, cases.Case{
			ID: id("PASS", r.number), Revision: 1, Title: "a pass is refused as a whole: " + r.what, Fault: r.what, Requirements: []string{"PST-PASS-005"},
			Passes: []cases.Outcome{cases.Taken}, Allowed: []cases.Outcome{cases.Refused(r.want)},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				key := asked(t)
				p := usual(t, key)
				if !faulty {
					return offer(t, faulty, p, func() cases.Outcome { return t.App.Take(p.bytes()) })
				}
				b := r.make(t, key)
				t.Expect("the pass as a link", offer(t, faulty, p, func() cases.Outcome { return t.App.TakeLink(cases.PassLink(b)) }), cases.Refused(r.want))
				return offer(t, faulty, p, func() cases.Outcome { return t.App.Take(b) })
			},
		})
	}
	return all
}

// holding is a fault in what the usual pass holds.
func holding(alter func(t *cases.T, key credential.PublicKey, p *pass)) func(*cases.T, credential.PublicKey) []byte {
	return func(t *cases.T, key credential.PublicKey) []byte {
		p := usual(t, key)
		alter(t, key, p)
		return p.bytes()
	}
}

// mapped is a fault in the map of the usual pass.
func mapped(alter func(*credentialtest.Map)) func(*cases.T, credential.PublicKey) []byte {
	return encoded(credentialtest.OfMap(alter))
}

// encoded is a fault in the bytes of the usual pass.
func encoded(alter func([]byte) []byte) func(*cases.T, credential.PublicKey) []byte {
	return func(t *cases.T, key credential.PublicKey) []byte { return alter(usual(t, key).bytes()) }
}

// The fields of a pass.
const (
	fieldChain           = 1
	fieldAuthorities     = 2
	fieldPassedDocuments = 3
)

// passForms are passes that are not one item of the form: rule 1.
func passForms() []cases.Case {
	malformed := func(number int, what string, make func(*cases.T, credential.PublicKey) []byte) broken {
		return broken{number, what, credential.ReasonMalformed, make}
	}
	return refusals(
		malformed(20, "a byte stands behind it", encoded(credentialtest.Extend(0))),
		malformed(21, "its last byte is missing", encoded(credentialtest.Cut(1))),
		malformed(22, "it is a map of indefinite length", encoded(func(b []byte) []byte { return slices.Concat([]byte{0xBF}, b[1:], []byte{0xFF}) })),
		malformed(23, "the number of its fields is not in its shortest form", encoded(func(b []byte) []byte {
			return append(credentialtest.LongHead(credentialtest.MajorMap, uint64(b[0]&31), 1), b[1:]...)
		})),
		malformed(24, "a field's number is not in its shortest form", mapped(func(m *credentialtest.Map) { (*m)[2].Key = credentialtest.LongHead(credentialtest.MajorUint, 3, 1) })),
		malformed(25, "the number of its grants is not in its shortest form", mapped(func(m *credentialtest.Map) {
			m.Set(fieldChain, append(credentialtest.LongHead(credentialtest.MajorArray, 2, 1), m.Get(fieldChain)[1:]...))
		})),
		malformed(26, "the documents stand before the chain", mapped(func(m *credentialtest.Map) { slices.Reverse(*m) })),
		malformed(27, "the documents occur twice", mapped(func(m *credentialtest.Map) {
			m.Append(credentialtest.Uint(fieldPassedDocuments), m.Get(fieldPassedDocuments))
		})),
		malformed(28, "it has a field 4", mapped(func(m *credentialtest.Map) { m.Set(4, m.Get(fieldPassedDocuments)) })),
		malformed(29, "it has a field 0", mapped(func(m *credentialtest.Map) { m.Set(0, m.Get(fieldPassedDocuments)) })),
		malformed(30, "it has a field -1", mapped(func(m *credentialtest.Map) { m.Set(-1, m.Get(fieldPassedDocuments)) })),
		malformed(31, "a field stands under a byte string", mapped(func(m *credentialtest.Map) { m.Append(credentialtest.Bytes([]byte{4}), m.Get(fieldPassedDocuments)) })),
		malformed(32, "it has no chain", mapped(func(m *credentialtest.Map) { m.Delete(fieldChain) })),
		malformed(33, "it is an array", encoded(func(b []byte) []byte { return credentialtest.Array(b) })),
		malformed(34, "it stands in a byte string", encoded(credentialtest.Bytes)),
		malformed(35, "a list stands in a byte string", mapped(func(m *credentialtest.Map) {
			m.Set(fieldPassedDocuments, credentialtest.Bytes(m.Get(fieldPassedDocuments)))
		})),
		malformed(36, "a policy stands in a byte string", holding(func(_ *cases.T, _ credential.PublicKey, p *pass) {
			p.documents[0] = credentialtest.Bytes(p.documents[0])
		})),
		malformed(37, "null stands for a list that is empty", mapped(func(m *credentialtest.Map) {
			m.Set(fieldAuthorities, credentialtest.Head(credentialtest.MajorOther, 22))
		})),
	)
}

// passCounts are passes of which something is too much, or too little: rule 1.
func passCounts() []cases.Case {
	limit := func(number int, what string, make func(*cases.T, credential.PublicKey) []byte) broken {
		return broken{number, what, credential.ReasonLimit, make}
	}
	none := func(field int64) func(*cases.T, credential.PublicKey) []byte {
		return mapped(func(m *credentialtest.Map) { m.Set(field, credentialtest.Array()) })
	}
	return refusals(
		limit(40, "it has 2049 bytes", func(t *cases.T, key credential.PublicKey) []byte { return sized(t, key, 2049).bytes() }),
		limit(41, "its chain is empty", none(fieldChain)),
		limit(42, "its list of certificates is empty", none(fieldAuthorities)),
		limit(43, "its list of documents is empty", none(fieldPassedDocuments)),
		limit(44, "its chain has four grants", holding(func(t *cases.T, key credential.PublicKey, p *pass) {
			p.chain = append(chainOf(t, 3, t.World.Public("heir")), nil)
			p.chain[3] = hung(t, chainOf(t, 3, key)[2], p.chain[2], "heir")
		})),
		limit(45, "it has three certificates", holding(func(t *cases.T, _ credential.PublicKey, p *pass) {
			p.authorities = append(p.authorities, stranger(t, 0), stranger(t, 1))
		})),
		limit(46, "it has five documents", holding(func(t *cases.T, _ credential.PublicKey, p *pass) {
			for version := range uint32(4) {
				p.documents = append(p.documents, policy(t, 3+version))
			}
		})),
	)
}

// hung hangs a grant that hangs below another one below the parent, by the signature
// of the name.
func hung(t *cases.T, grant, parent []byte, name string) []byte {
	was, err := credential.ParseGrant(grant)
	t.OK(err)
	to, err := credential.ParseGrant(parent)
	t.OK(err)
	digest, other := to.Digest(), was.Claims.Parent
	b := resigned(t, grant, t.World.Key(name), func(o *credentialtest.Object) {
		o.Claims(func(m *credentialtest.Map) {
			m.Set(claimScope, bytes.Replace(m.Get(claimScope), other[:], digest[:], 1))
		})
	})
	return signedBy(t, b, t.World.Key(name), credential.KeyIDOf(t.World.Public(name)))
}

// claimScope is the label of what a grant allows, and of the grant above it.
const claimScope = 9

// passObjects are passes with an object that does not read, of another kind, or twice:
// rules 2 and 4.
func passObjects() []cases.Case {
	further := func(m *credentialtest.Map) { m.Set(99, credentialtest.Uint(0)) }
	claim := func(t *cases.T, b []byte, key string) []byte {
		return resigned(t, b, t.World.Key(key), func(o *credentialtest.Object) { o.Claims(further) })
	}
	unlisted := func(t *cases.T, b []byte, key string) []byte {
		return resigned(t, b, t.World.Key(key), func(o *credentialtest.Object) {
			o.Header(func(m *credentialtest.Map) { m.Set(1, credentialtest.Int(-7)) })
		})
	}
	row := func(number int, what string, r credential.Reason, alter func(t *cases.T, key credential.PublicKey, p *pass)) broken {
		return broken{number, what, r, holding(alter)}
	}
	type key = credential.PublicKey
	const malformed, kind, algorithm = credential.ReasonMalformed, credential.ReasonObjectType, credential.ReasonAlgorithm
	return refusals(
		row(50, "its last grant has a claim too many", malformed, func(t *cases.T, _ key, p *pass) { p.chain[1] = claim(t, p.chain[1], "deputy") }),
		row(51, "its certificate has a claim too many", malformed, func(t *cases.T, _ key, p *pass) { p.authorities[0] = claim(t, p.authorities[0], "scheme") }),
		row(52, "its policy has a claim too many", malformed, func(t *cases.T, _ key, p *pass) { p.documents[0] = claim(t, p.documents[0], "owner") }),
		row(53, "its last grant has no signature", malformed, func(_ *cases.T, _ key, p *pass) {
			p.chain[1] = credentialtest.OfObject(func(o *credentialtest.Object) { o.Signature = nil })(p.chain[1])
		}),
		row(54, "the algorithm of its last grant is in no registry", algorithm, func(t *cases.T, _ key, p *pass) { p.chain[1] = unlisted(t, p.chain[1], "deputy") }),
		row(55, "the algorithm of its policy is in no registry", algorithm, func(t *cases.T, _ key, p *pass) { p.documents[0] = unlisted(t, p.documents[0], "owner") }),
		row(60, "a policy stands in its chain", kind, func(_ *cases.T, _ key, p *pass) { p.chain[1] = p.documents[0] }),
		row(61, "a grant stands among its certificates", kind, func(_ *cases.T, _ key, p *pass) { p.authorities = append(p.authorities, p.chain[0]) }),
		row(62, "a lock certificate stands among its certificates", kind, func(t *cases.T, _ key, p *pass) { p.authorities = append(p.authorities, certify(t, nil)) }),
		row(63, "a grant stands among its documents", kind, func(_ *cases.T, _ key, p *pass) { p.documents = append(p.documents, p.chain[0]) }),
		row(64, "an authority certificate stands among its documents", kind, func(_ *cases.T, _ key, p *pass) { p.documents = append(p.documents, p.authorities[0]) }),
		row(65, "a lock certificate stands among its documents", kind, func(t *cases.T, _ key, p *pass) { p.documents = append(p.documents, certify(t, nil)) }),
		row(66, "it has a certificate twice", malformed, func(_ *cases.T, _ key, p *pass) { p.authorities = append(p.authorities, p.authorities[0]) }),
		row(67, "it has a policy twice", malformed, func(_ *cases.T, _ key, p *pass) { p.documents = append(p.documents, p.documents[0]) }),
	)
}

// passChains are passes whose grants are no chain: rule 3.
func passChains() []cases.Case {
	row := func(number int, what string, alter func(t *cases.T, key credential.PublicKey, p *pass)) broken {
		return broken{number, what, credential.ReasonDelegation, holding(alter)}
	}
	renewed := func(t *cases.T, name string) []byte {
		return root(t, t.World.Public(name), 1, func(c *credential.GrantClaims) { c.Expires += world.Day })
	}
	return refusals(
		row(70, "its only grant hangs below another one", func(_ *cases.T, _ credential.PublicKey, p *pass) { p.chain = p.chain[1:] }),
		row(71, "its first grant hangs below another one, and the second below it", func(t *cases.T, key credential.PublicKey, p *pass) { p.chain = chainOf(t, 3, key)[1:] }),
		row(72, "its second grant hangs below another grant to the same holder", func(t *cases.T, _ credential.PublicKey, p *pass) { p.chain[0] = renewed(t, "deputy") }),
		row(73, "its second grant hangs below none", func(t *cases.T, key credential.PublicKey, p *pass) { p.chain[1] = root(t, key, 0, nil) }),
		row(74, "its second grant has the key id of a stranger", func(t *cases.T, _ credential.PublicKey, p *pass) {
			p.chain[1] = signedBy(t, p.chain[1], t.World.Key("impostor"), credential.KeyIDOf(t.World.Public("impostor")))
		}),
		row(75, "its second grant has the key id of who signed the first one", func(t *cases.T, _ credential.PublicKey, p *pass) {
			p.chain[1] = signedBy(t, p.chain[1], t.World.Key("owner"), credential.KeyIDOf(t.World.Public("owner")))
		}),
		row(76, "the second of three grants is missing", func(t *cases.T, key credential.PublicKey, p *pass) {
			whole := chainOf(t, 3, key)
			p.chain = [][]byte{whole[0], whole[2]}
		}),
		row(77, "the third of three grants hangs below the first", func(t *cases.T, key credential.PublicKey, p *pass) {
			whole := chainOf(t, 3, key)
			p.chain = [][]byte{whole[0], whole[1], hung(t, whole[2], whole[0], "helper")}
		}),
	)
}
