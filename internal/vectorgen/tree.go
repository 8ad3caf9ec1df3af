package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// node is a CBOR item as a tree, whose parts can be exchanged.
type node struct {
	major byte    // of the integers, byte strings, arrays, maps and, as majorOther, false and true
	n     uint64  // argument of an integer; 20 or 21 for false or true
	b     []byte  // content of a byte string
	sub   []*node // elements; keys and values in turn; the one item that a byte string holds
	raw   []byte  // where it is not nil, what stands instead of the item

	// What the standard says of it, for those who put faults in.
	name        string // empty where nothing is to be said
	least, most uint64 // of an unsigned integer
	open        bool   // its length, count, pairs or bounds are not fixed
	optional    bool   // the pair whose value it is can be absent
}

// number is an unsigned integer with its bounds.
func number(name string, least, most, v uint64) *node {
	return &node{major: majorUint, n: v, name: name, least: least, most: most}
}

// uint32Node is a number that takes every value from least on.
func uint32Node(name string, least, v uint64) *node { return number(name, least, 1<<32-1, v) }

// sized is a byte string of a fixed length.
func sized(name string, b []byte) *node { return bytesNode(b).named(name) }

func (n *node) named(name string) *node { n.name = name; return n }

// free says that the length, the count, the pairs or the bounds are not fixed.
func (n *node) free() *node { n.open = true; return n }

func uintNode(v uint64) *node { return &node{major: majorUint, n: v} }

// intNode is an integer of either sign.
func intNode(v int64) *node {
	if v < 0 {
		return &node{major: majorNint, n: uint64(-1 - v)}
	}
	return uintNode(uint64(v))
}

func bytesNode(b []byte) *node            { return &node{major: majorBytes, b: b} }
func rawNode(b ...byte) *node             { return &node{raw: b} }
func arrayNode(elements ...*node) *node   { return &node{major: majorArray, sub: elements} }
func embedNode(inner *node) *node         { return &node{major: majorBytes, sub: []*node{inner}} }
func (n *node) is(major byte) bool        { return n.raw == nil && n.major == major }
func (n *node) embeds() bool              { return n.is(majorBytes) && len(n.sub) > 0 }
func (n *node) append(more ...*node)      { n.sub = append(n.sub, more...) }
func (n *node) become(other *node)        { *n = *other }
func pair(key int64, value *node) []*node { return []*node{intNode(key), value} }

func boolNode(v bool) *node {
	if v {
		return &node{major: majorOther, n: 21}
	}
	return &node{major: majorOther, n: 20}
}

// mapNode is a map of pairs in the order given; empty pairs are left out.
func mapNode(pairs ...[]*node) *node { return &node{major: majorMap, sub: slices.Concat(pairs...)} }

// content returns what follows the head.
func (n *node) content() []byte {
	if n.major == majorBytes && len(n.sub) == 0 {
		return n.b
	}
	var b []byte
	for _, s := range n.sub {
		b = append(b, s.data()...)
	}
	return b
}

// argument returns the argument of the head.
func (n *node) argument() uint64 {
	switch n.major {
	case majorBytes:
		return uint64(len(n.content()))
	case majorArray:
		return uint64(len(n.sub))
	case majorMap:
		return uint64(len(n.sub) / 2)
	}
	return n.n
}

// data returns the encoding.
func (n *node) data() []byte {
	if n.raw != nil {
		return n.raw
	}
	return append(head(n.major, n.argument()), n.content()...)
}

// longer returns the encoding with a head of the next greater length.
func (n *node) longer() []byte {
	size := max(1, 2*shortest(n.argument()))
	return append(headIn(size, n.major, n.argument()), n.content()...)
}

// clone returns a deep copy.
func (n *node) clone() *node {
	c := *n
	c.sub = make([]*node, len(n.sub))
	for i, s := range n.sub {
		c.sub[i] = s.clone()
	}
	return &c
}

// inside is the step of a path to the item in a byte string.
const inside = "_"

// at returns a part by its path: indices of elements, keys of maps that are
// integers, joined by strokes.  The item in a byte string is the step _, which
// can be left out where another follows.
func (n *node) at(path string) *node {
	if path == "" {
		return n
	}
	step, rest, _ := strings.Cut(path, "/")
	if step == inside {
		return n.sub[0].at(rest)
	}
	v, err := strconv.ParseInt(step, 10, 64)
	if err != nil {
		panic(err)
	}
	for n.embeds() {
		n = n.sub[0]
	}
	if n.is(majorArray) {
		return n.sub[v].at(rest)
	}
	i := n.index(v)
	if i < 0 {
		panic(fmt.Sprintf("no key %d in %x", v, n.data()))
	}
	return n.sub[i+1].at(rest)
}

// index returns where the pair with a key stands in a map, or -1.
func (n *node) index(key int64) int {
	want := string(intNode(key).data())
	for i := 0; n.is(majorMap) && i < len(n.sub); i += 2 {
		if string(n.sub[i].data()) == want {
			return i
		}
	}
	return -1
}

// drop takes a pair out of a map.
func (n *node) drop(key int64) { i := n.index(key); n.sub = slices.Delete(n.sub, i, i+2) }

// walk calls do with every part but the keys of maps, with its path.
func (n *node) walk(path string, do func(path string, n *node)) {
	do(path, n)
	if n.embeds() {
		n.sub[0].walk(join(path, inside), do)
		return
	}
	for i, s := range n.sub {
		switch {
		case n.major == majorArray:
			s.walk(join(path, strconv.Itoa(i)), do)
		case i%2 == 1:
			s.walk(join(path, n.sub[i-1].number()), do)
		}
	}
}

// number returns an integer in decimal digits.
func (n *node) number() string {
	if n.major == majorNint {
		return "-" + decimal(n.n+1)
	}
	return decimal(n.n)
}

func join(path, step string) string {
	if path == "" {
		return step
	}
	return path + "/" + step
}

// nodes returns the nodes of values.
func nodes[V any](values []V, of func(V) *node) []*node {
	var all []*node
	for _, v := range values {
		all = append(all, of(v))
	}
	return all
}
