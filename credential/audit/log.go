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
	tried    int                // heads that were held against receipts
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
	bound    bool                // whether the number is sure, as far as the item goes
	item     uint64              // that told it first
	proof    uint64              // receipt that proves it; 0 for none
	denial   uint64              // receipt whose head does not follow from it, and would; 0 for none
	held     bool                // whether what is before it was held against a receipt of it
	entry    credential.LogEntry // that a receipt tells at it, of a head that no page has
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
	for i := range l.nodes {
		n := &l.nodes[i]
		l.at[n.head] = i
		l.bind(n.head, n.entry.Sequence, n.item)
	}
	return l
}

// bind takes in a head whose number is sure, as far as the item goes: the entry
// with the number is a part of what the head is a hash of, or a receipt tells both.
func (l *log) bind(name credential.LogHead, sequence uint32, item uint64) *head {
	h := l.heads[name]
	switch {
	case h == nil:
		h = l.add(name, sequence, item)
		h.bound = true
	case h.sequence != sequence && h.fault == FaultNone:
		h.fault, h.other = FaultSequence, item
	}
	return h
}

// add takes in a head that nobody told before.
func (l *log) add(name credential.LogHead, sequence uint32, item uint64) *head {
	h := &head{name: name, sequence: sequence, item: item}
	l.heads[name] = h
	l.numbers[sequence] = append(l.numbers[sequence], h)
	return h
}

// holdBases holds what is before each entry against what is known of it.  A page
// alone says what number its base has: where that does not fit, it casts doubt on its
// own entries, and on those of other pages that nothing binds either.
func (l *log) holdBases() {
	for i := range l.nodes {
		n := &l.nodes[i]
		number := n.entry.Sequence - 1
		if number == 0 {
			continue
		}
		before, own := l.heads[n.prev], l.heads[n.head]
		switch {
		case before == nil:
			l.add(n.prev, number, n.item)
		case before.sequence != number:
			own.fault, own.other = FaultSequence, before.item
			if !before.bound && before.fault == FaultNone {
				before.fault, before.other = FaultSequence, n.item
			}
		}
	}
}
