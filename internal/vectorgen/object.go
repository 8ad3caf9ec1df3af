package main

import (
	"crypto/sha256"
	"slices"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// objectBuilder makes area object.
type objectBuilder struct {
	*builder[vectors.ObjectParams, vectors.ObjectTest, *vectors.ObjectTest]
	derived *derived
}

// derived keeps in bounds what is derived from all parts of all kinds.
type derived struct {
	had   map[string]bool // kind, signer and bytes of the invalid objects, which overlap
	every int             // one of so many is taken
	count int             // of those that were offered
}

// take tells whether one more is taken.
func (d *derived) take(id string) bool {
	if d.had[id] {
		return false
	}
	d.count++
	if d.count%d.every != 0 {
		return false
	}
	d.had[id] = true
	return true
}

var objectNotes = map[string]vectors.Note{
	"admitted":  note("none", "Refuses what the standard admits.", "PST-LIM-001", "PST-OBJ-001", "PST-OBJ-032"),
	"structure": note("confusion", "Takes an object of another form, which another receiver reads otherwise or not at all.", "PST-OBJ-001", "PST-OBJ-008"),
	"encoding":  note("malleability", "One object has two forms: its bytes no longer name it.", "PST-ENC-002", "PST-ENC-008", "PST-ENC-014"),
	"header":    note("confusion", "An object is taken for one of another kind, or by another key.", "PST-OBJ-001", "PST-OBJ-008"),
	"signer":    note("crypto", "An object passes under a key that did not sign it.", "PST-OBJ-001", "PST-OBJ-013"),
	"signature": note("crypto", "A forged or altered object passes.", "PST-OBJ-019", "PST-OBJ-021", "PST-ENC-015"),
	"high-s":    note("interoperability", "Refuses half of all P-256 signatures.", "PST-OBJ-021"),
	"key":       note("crypto", "A key that verifies what nobody signed, or one key in two forms.", "PST-OBJ-010"),
	"range":     note("confusion", "A number is cut off to one that allows something else.", "PST-OBJ-008"),
	"limit":     note("exhaustion", "An object takes more room than a lock has, or one within its bounds is refused.", "PST-ENC-010", "PST-LIM-001"),
	"meaning":   note("policy", "An object that contradicts itself is given some meaning.", "PST-OBJ-026", "PST-OBJ-034", "PST-OBJ-046"),
	"unknown":   note("interoperability", "Refuses what is only refused when it is judged, or passes over it.", "PST-OBJ-043"),
}

// sample is a good object: its claims as the standard has them, and as the
// vectors tell them.
type sample struct {
	comment string
	signer  keyPair
	claims  *node
	told    vectors.Claims
	flags   []string
}

// kind is a kind of signed object.
type kind struct {
	name    string
	typ     uint64
	samples []sample // the first is the one that faults are put into
	rules   func(objectBuilder, *subject)
}

// kinds has the kinds in the order of the registry.
func kinds() []kind {
	return []kind{
		{"authority", wire.TypeAuthority, authoritySamples(), objectBuilder.authorityRules},
		{"lock-certificate", wire.TypeLockCertificate, lockCertificateSamples(), objectBuilder.lockCertificateRules},
		{"grant", wire.TypeGrant, grantSamples(), objectBuilder.grantRules},
		{"policy", wire.TypePolicy, policySamples(), objectBuilder.policyRules},
		{"revocation-list", wire.TypeRevocationList, listSamples(), objectBuilder.listRules},
		{"time-token", wire.TypeTimeToken, tokenSamples(), objectBuilder.tokenRules},
		{"receipt", wire.TypeReceipt, receiptSamples(), objectBuilder.receiptRules},
	}
}

func objectArea() (output, error) {
	b := objectBuilder{begin[vectors.ObjectParams, vectors.ObjectTest]("object", objectNotes), &derived{had: map[string]bool{}, every: 1}}
	for _, k := range kinds() {
		b.kind(k)
	}
	b.claimsSets()
	return b.end()
}

// kind adds a group for what is good, and groups for what is not.
func (b objectBuilder) kind(k kind) {
	params := vectors.ObjectParams{Kind: k.name}
	b.group(k.name+": good objects, and the rules of the kind", params)
	var all []*subject
	for _, s := range k.samples {
		all = append(all, b.good(k.typ, s))
	}
	k.rules(b, all[0])
	// The parts that all kinds share are tried to the full in grants, and in the
	// other kinds by turns.
	few := func(n int) { b.derived.every, b.derived.count = n, int(k.typ) }
	if k.typ == wire.TypeGrant {
		few = func(int) {}
	}
	b.group(k.name+": envelope, header and signature", params)
	main := b.good(k.typ, k.samples[0])
	few(4)
	b.envelope(main)
	b.headers(main)
	few(3)
	b.signatures(main)
	b.group(k.name+": fields of another type, size, range or encoding", params)
	main = b.good(k.typ, k.samples[0])
	few(2)
	b.fields(main, k.typ == wire.TypeGrant)
	b.derived.every = 3
	for i, s := range k.samples {
		if slices.Contains(s.flags, "fields") {
			b.fields(all[i], false)
		}
	}
	b.derived.every = 1
}

// subject is a good object that is in the vectors already.
type subject struct {
	id     int
	signer keyPair
	tree   *node // protected header, unprotected header, payload
}

// newTree returns an object without its signature.
func newTree(typ uint64, signer keyPair, claims *node) *node {
	header := mapNode(
		pair(wire.HeaderAlg, intNode(signer.alg).named("alg")),
		pair(wire.HeaderKid, sized("kid", signer.kid())),
		pair(wire.HeaderTyp, uintNode(typ).named("typ")),
	).named("protected header")
	return arrayNode(
		embedNode(header).named("protected header's byte string"), mapNode().named("unprotected header"),
		embedNode(claims.named("claims")).named("payload"),
	).named("object")
}

// sigStructure returns what is signed.
func sigStructure(tree *node) []byte {
	return slices.Concat([]byte("\x84\x6aSignature1"), tree.sub[0].data(), []byte{0x40}, tree.sub[2].data())
}

// signed returns a copy of a tree with its signature, of 64 bytes.
func signed(tree *node, signer keyPair) *node {
	t := tree.clone()
	t.append(sized("signature", signer.sign(sigStructure(t))))
	return t
}

// good adds a valid object.
func (b objectBuilder) good(typ uint64, s sample) *subject {
	tree := newTree(typ, s.signer, s.claims.clone())
	digest := sha256.Sum256(sigStructure(tree))
	flags := append([]string{"admitted"}, slices.DeleteFunc(slices.Clone(s.flags), func(f string) bool { return f == "fields" })...)
	told := s.told
	id := b.valid(s.comment, vectors.ObjectTest{
		Data: signed(tree, s.signer).data(), Signer: s.signer.key(), Kid: s.signer.kid(), Digest: digest[:], Claims: &told,
	}, flags...)
	return &subject{id, s.signer, tree}
}

// before adds an invalid object: the subject with an edit, then signed.
func (b objectBuilder) before(s *subject, reason int64, comment string, edit func(*node), flags ...string) {
	t := s.tree.clone()
	edit(t)
	b.bad(s, reason, comment, signed(t, s.signer).data(), flags...)
}

// set exchanges one part before signing.
func (b objectBuilder) set(s *subject, reason int64, comment, path string, part *node, flags ...string) {
	b.before(s, reason, comment, func(t *node) { t.at(path).become(part) }, flags...)
}

// after adds an invalid object: the subject, signed, then edited.
func (b objectBuilder) after(s *subject, reason int64, comment string, edit func(*node), flags ...string) {
	t := signed(s.tree, s.signer)
	edit(t)
	b.bad(s, reason, comment, t.data(), flags...)
}

func (b objectBuilder) bad(s *subject, reason int64, comment string, data []byte, flags ...string) {
	b.put(s.id, reason, comment, vectors.ObjectTest{Data: data, Signer: s.signer.key()}, flags...)
}

// put adds an invalid object that is not there yet.
func (b objectBuilder) put(twin int, reason int64, comment string, test vectors.ObjectTest, flags ...string) {
	id := b.file.Groups[len(b.file.Groups)-1].Params.Kind + string(test.Data)
	if test.Signer != nil {
		id += string(test.Signer.X)
	}
	if b.derived.take(id) {
		b.invalid(twin, reason, comment, test, flags...)
	}
}
