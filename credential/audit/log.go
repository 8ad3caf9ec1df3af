package audit

import (
	"cmp"
	"slices"

	"github.com/postern-lock/postern/credential"
)

// log is what is told of the log of one lock.  A head binds all that is before it,
// so entries are the same exactly where their heads are, whichever page they are
// in, and pages fit together where one's base is the head of another's entry.
type log struct {
	nodes    []node
	at       map[credential.LogHead]int // index of the node with the head
	heads    map[credential.LogHead]*head
	numbers  map[uint32][]*head // the heads of each number
	standing []uint32           // the numbers of the entries that no receipt refutes
}

// node is an entry, with the head before it and the one after.
type node struct {
	prev, head credential.LogHead
	entry      credential.LogEntry
	item       uint64 // that told it first
	source     uint32
	place      uint8
	told       uint32
}

// head is a head of the log: of a node, before the first entry of a page, or in a
// receipt.
type head struct {
	name     credential.LogHead
	sequence uint32
	item     uint64 // that told it first
	proof    uint64 // receipt that proves it; 0 for none
	verdict  Verdict
	fault    Fault
	other    uint64
}

// newLog puts the pages together.
func newLog(t *told) *log {
	l := &log{at: map[credential.LogHead]int{}, heads: map[credential.LogHead]*head{}, numbers: map[uint32][]*head{}}
	for _, p := range t.pages {
		h := p.base
		for i, e := range p.entries {
			n := node{prev: h, head: h.Next(e), entry: e, item: p.item, source: p.source, place: uint8(i + 1), told: 1}
			h = n.head
			if at, ok := l.at[h]; ok {
				l.nodes[at].told++
				continue
			}
			l.at[h] = len(l.nodes)
			l.nodes = append(l.nodes, n)
		}
	}
	slices.SortStableFunc(l.nodes, func(a, b node) int { return cmp.Compare(a.entry.Sequence, b.entry.Sequence) })
	for i := range l.nodes { // before the bases, whose numbers nothing binds
		n := &l.nodes[i]
		l.at[n.head] = i
		l.told(n.head, n.entry.Sequence, n.item)
	}
	for i := range l.nodes {
		n := &l.nodes[i]
		before := n.entry.Sequence - 1
		h := l.heads[n.prev]
		wrong := h != nil && h.sequence != before
		if wrong {
			l.heads[n.head].fault, l.heads[n.head].other = FaultSequence, h.item
		}
		if _, bound := l.at[n.prev]; before != 0 && !(wrong && bound) { // the number of an entry is bound to its head
			l.told(n.prev, before, n.item)
		}
	}
	return l
}

// told takes in that an item tells a head of a number.
func (l *log) told(name credential.LogHead, sequence uint32, item uint64) *head {
	h := l.heads[name]
	switch {
	case h == nil:
		h = &head{name: name, sequence: sequence, item: item}
		l.heads[name] = h
		l.numbers[sequence] = append(l.numbers[sequence], h)
	case h.sequence != sequence && h.fault == FaultNone:
		h.fault, h.other = FaultSequence, item
	}
	return h
}
