package main

import (
	"slices"
	"strings"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// spoiler puts one fault after the other into the parts of a message.
type spoiler struct {
	tree *node
	// take has a name where a fault of the part is to be put in.
	take func(path string, n *node) bool
	// bad takes a tree with one fault.
	bad   func(comment string, tree *node, flags ...string)
	count int // of parts, by which the faults of encoding are spread
}

// all walks the tree.
func (s *spoiler) all() {
	s.tree.walk("", func(path string, n *node) {
		if n.name == "" || !s.take(path, n) {
			return
		}
		s.count++
		switch n.major {
		case majorUint, majorNint:
			s.integer(path, n)
		case majorBytes:
			s.bytes(path, n)
		case majorOther:
			s.set(path, n, "an integer", uintNode(1), "structure")
			s.set(path, n, "null", rawNode(0xf6), "encoding")
		case majorArray:
			s.array(path, n)
		case majorMap:
			s.pairs(path, n)
		}
		s.encoding(path, n)
	})
}

// set exchanges a part.
func (s *spoiler) set(path string, n *node, comment string, part *node, flags ...string) {
	t := s.tree.clone()
	t.at(path).become(part)
	s.bad(n.name+": "+comment, t, flags...)
}

// edit changes a part.
func (s *spoiler) edit(path string, n *node, comment string, edit func(*node), flags ...string) {
	t := s.tree.clone()
	edit(t.at(path))
	s.bad(n.name+": "+comment, t, flags...)
}

func (s *spoiler) integer(path string, n *node) {
	s.set(path, n, "a byte string", bytesNode([]byte{1}), "structure")
	if n.most == 0 {
		return // no bounds are given: its values have reasons of their own
	}
	if s.count%2 == 0 {
		s.set(path, n, "an array", arrayNode(uintNode(n.n)), "structure")
	} else {
		s.set(path, n, "true", boolNode(true), "structure")
	}
	s.set(path, n, "negative", intNode(-1), "structure", "range")
	if n.least > 0 {
		s.set(path, n, decimal(n.least-1), uintNode(n.least-1), "structure", "range")
	}
	s.set(path, n, decimal(n.most+1), uintNode(n.most+1), "structure", "range")
	if n.most < 1<<32-1 {
		s.set(path, n, "2^32 and a good value", uintNode(1<<32+n.n), "structure", "range")
	}
}

func (s *spoiler) bytes(path string, n *node) {
	if n.embeds() {
		s.set(path, n, "not in a byte string", n.sub[0].clone(), "structure")
		s.edit(path, n, "a byte after the item in it", func(n *node) { n.become(bytesNode(append(n.content(), 0))) }, "encoding")
		s.edit(path, n, "the item in it cut off", func(n *node) { c := n.content(); n.become(bytesNode(c[:len(c)-1])) }, "encoding")
		s.set(path, n, "empty", bytesNode(nil), "encoding")
		s.edit(path, n, "a byte string in it", func(n *node) { n.become(embedNode(n.clone())) }, "structure")
		return
	}
	s.set(path, n, "an integer", uintNode(1), "structure")
	if n.open {
		return
	}
	s.set(path, n, "a byte too short", bytesNode(n.b[:len(n.b)-1]), "structure")
	s.set(path, n, "a byte too long", bytesNode(append(slices.Clone(n.b), 0)), "structure")
	if s.count%2 == 0 {
		s.set(path, n, "an array of integers", arrayNode(nodes(n.b[:4], func(v byte) *node { return uintNode(uint64(v)) })...), "structure")
	}
}

func (s *spoiler) array(path string, n *node) {
	s.set(path, n, "a map", mapNode(), "structure")
	if n.open {
		return
	}
	s.edit(path, n, "an element more", func(n *node) { n.append(uintNode(0)) }, "structure")
	if len(n.sub) == 0 {
		return
	}
	s.edit(path, n, "an element fewer", func(n *node) { n.sub = n.sub[:len(n.sub)-1] }, "structure")
	if s.count%2 == 0 && len(n.sub) > 1 {
		s.edit(path, n, "without its first element", func(n *node) { n.sub = n.sub[1:] }, "structure")
	}
}

func (s *spoiler) pairs(path string, n *node) {
	s.set(path, n, "an array", arrayNode(), "structure")
	if len(n.sub) == 0 {
		return
	}
	s.edit(path, n, "a key twice", func(n *node) { n.sub = slices.Concat(n.sub[:2], n.sub) }, "encoding")
	if len(n.sub) > 2 {
		s.edit(path, n, "keys in another order", func(n *node) { n.sub = slices.Concat(n.sub[2:], n.sub[:2]) }, "encoding")
	}
	if n.open {
		return
	}
	for i := 0; i < len(n.sub); i += 2 {
		if key, value := n.sub[i], n.sub[i+1]; !value.optional {
			s.edit(path, n, "without "+key.number(), func(n *node) { n.sub = slices.Delete(n.sub, i, i+2) }, "structure")
		}
	}
	s.edit(path, n, "with an unknown key", func(n *node) { n.append(uintNode(24), uintNode(0)); sortPairs(n) }, "structure")
}

// encoding puts in one fault of chapter 03, another for each part.
func (s *spoiler) encoding(path string, n *node) {
	spoil := func(comment string, data []byte) { s.set(path, n, comment, rawNode(data...), "encoding") }
	switch s.count % 4 {
	case 0:
		spoil("with a tag", append([]byte{0xc1}, n.data()...))
	case 1:
		if n.major != majorOther {
			spoil("its head longer than needed", n.longer())
		}
	case 2:
		if n.major == majorBytes || n.major == majorArray || n.major == majorMap {
			spoil("of indefinite length", indefinite(n))
		} else {
			spoil("a floating-point number", []byte{0xf9, 0x3c, 0x00})
		}
	case 3:
		spoil("a text string", []byte("\x61x"))
	}
}

// fields puts faults into every part of the payload; into the headers and the
// key too where all is set.
func (b objectBuilder) fields(s *subject, all bool) {
	spoil := spoiler{
		tree: s.tree,
		take: func(path string, _ *node) bool {
			in := func(part string) bool { return path == part || strings.HasPrefix(path, part+"/") }
			return path != "" && (all || !in("0") && !in("1") && !in("2/_/8/1"))
		},
		bad: func(comment string, tree *node, flags ...string) {
			b.bad(s, wire.ReasonMalformed, comment, signed(tree, s.signer).data(), flags...)
		},
	}
	spoil.all()
}

// claimsSets adds the kind that nobody signs.
func (b objectBuilder) claimsSets() {
	b.group("claims-set", vectors.ObjectParams{Kind: "claims-set"})
	for _, k := range []keyPair{edwardsKey("object/claims-set/edwards"), curveKey("object/claims-set/curve")} {
		tree := mapNode(pair(wire.ClaimCnf, k.cnf())).named("claims set")
		twin := b.valid("a key of "+k.key().Alg, vectors.ObjectTest{Data: tree.data(), Claims: &vectors.Claims{Cnf: k.key()}}, "admitted")
		bad := func(reason int64, comment string, data []byte, flags ...string) {
			b.put(twin, reason, k.key().Alg+": "+comment, vectors.ObjectTest{Data: data}, flags...)
		}
		spoil := spoiler{
			tree: tree,
			take: func(string, *node) bool { return true },
			bad: func(comment string, tree *node, flags ...string) {
				bad(wire.ReasonMalformed, comment, tree.data(), flags...)
			},
		}
		spoil.all()
		bad(wire.ReasonMalformed, "cut off", tree.data()[:20], "encoding")
		bad(wire.ReasonMalformed, "a byte after it", append(tree.data(), 0), "encoding")
		bad(wire.ReasonMalformed, "in a byte string", bytesNode(tree.data()).data(), "structure")
		keyFaults(k, func(reason int64, comment string, key *node, flags ...string) {
			t := tree.clone()
			t.at("8/1").become(key)
			bad(reason, comment, t.data(), flags...)
		})
	}
}

// keyFaults puts faults into a COSE_Key that only keys have.
func keyFaults(k keyPair, bad func(reason int64, comment string, key *node, flags ...string)) {
	set := func(reason int64, comment, path string, part *node, flags ...string) {
		key := k.cose()
		key.at(path).become(part)
		bad(reason, comment, key, append(flags, "key")...)
	}
	for _, kty := range []int64{0, 3, 4, -1} {
		set(wire.ReasonAlgorithm, "key type "+intNode(kty).number(), "1", intNode(kty), "structure")
	}
	for _, crv := range []int64{0, 2, 3, 4, 7, 8} {
		set(wire.ReasonAlgorithm, "curve "+intNode(crv).number(), "-1", intNode(crv), "structure")
	}
	more := k.cose()
	more.append(pair(2, bytesNode(k.kid()))...)
	sortPairs(more)
	bad(wire.ReasonMalformed, "with a key id in the key", more, "structure", "key")
	more = k.cose()
	more.append(pair(3, intNode(k.alg))...)
	sortPairs(more)
	bad(wire.ReasonMalformed, "with alg in the key", more, "structure", "key")
	if k.alg == wire.AlgEsp256 {
		set(wire.ReasonMalformed, "y in full in place of its sign", "-3", bytesNode(k.y), "structure")
		for _, p := range badCurvePoints() {
			set(wire.ReasonMalformed, p.comment, "-2", bytesNode(p.x))
		}
		return
	}
	more = k.cose()
	more.append(pair(-3, boolNode(false))...)
	bad(wire.ReasonMalformed, "with a sign of y", more, "structure", "key")
	private := k.cose()
	private.append(pair(-4, bytesNode(make([]byte, 32)))...)
	bad(wire.ReasonMalformed, "with a private key", private, "structure", "key")
	for _, p := range badEdwardsPoints() {
		set(wire.ReasonMalformed, p.comment, "-2", bytesNode(p.x))
	}
}
