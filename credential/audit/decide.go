package audit

import (
	"cmp"
	"maps"
	"slices"

	"github.com/postern-lock/postern/credential"
)

// Heads of the number before a receipt's are tried, so that nobody hides the true one
// among forged ones: mostTried for one lock, and then mostBefore for each receipt, since
// a lock can be a liar as well.
const (
	mostTried  = 1 << 20
	mostBefore = 64
)

// prove marks all that the receipts prove: their heads, and what is before them.
func (l *log) prove(statements []*statement) {
	for _, s := range statements {
		if s.head != nil {
			l.proveBack(s.head.name, s.item)
		}
	}
	for _, s := range statements {
		if s.head != nil && !s.inLog && !s.head.held {
			s.head.held = true
			l.holdBefore(s)
		}
	}
}

// holdBefore holds the heads of the number before against a receipt whose entry no
// page tells: its head follows by its entry from one of them, and from no other.
func (l *log) holdBefore(s *statement) {
	before := l.numbers[s.sequence-1]
	before = before[:min(len(before), max(mostTried-l.tried, mostBefore))]
	l.tried += len(before)
	for _, h := range before {
		if h.name.Next(*s.claims.Entry) == s.head.name {
			l.proveBack(h.name, s.item)
		} else if h.denial == 0 {
			h.denial = s.item
		}
	}
}

// proveBack marks a head as proved by the receipt, and those before it.
func (l *log) proveBack(name credential.LogHead, receipt uint64) {
	h := l.heads[name]
	for h != nil && h.proof == 0 {
		h.proof = receipt
		at, ok := l.at[h.name]
		if !ok || h.sequence == 1 {
			return
		}
		before := l.heads[l.nodes[at].prev]
		if before != nil && before.sequence != h.sequence-1 {
			return // and holdBases tells of it
		}
		h = l.bind(l.nodes[at].prev, h.sequence-1, receipt)
	}
}

// decide judges the heads, the lowest numbers first: what follows from a head
// that is in doubt is in doubt as well.
func (l *log) decide() {
	for _, sequence := range slices.Sorted(maps.Keys(l.numbers)) {
		rivals := l.numbers[sequence]
		var proved []*head
		for _, h := range rivals {
			if h.proof != 0 {
				proved = append(proved, h)
			}
		}
		for _, h := range rivals {
			h.decide(rivals, proved)
			if at, ok := l.at[h.name]; ok {
				if h.follow(l.heads[l.nodes[at].prev]); h.verdict != Refuted {
					l.standing = append(l.standing, sequence)
				}
			}
		}
	}
}

// decide judges a head beside the others of its number, of which the lock proved
// some by receipts.
func (h *head) decide(rivals, proved []*head) {
	switch {
	case h.fault != FaultNone:
		h.verdict = Disputed
	case h.denial != 0 && h.proof != 0:
		h.verdict, h.fault, h.other = Disputed, FaultFork, h.denial
	case h.denial != 0:
		h.verdict, h.fault, h.other = Refuted, FaultFork, h.denial
	case len(rivals) == 1 && h.proof == 0:
		h.verdict = Told
	case h.proof != 0 && len(proved) == 1:
		h.verdict = Verified
	case len(proved) == 0:
		h.verdict, h.fault, h.other = Disputed, FaultFork, rival(h, rivals).item
	case h.proof != 0:
		h.verdict, h.fault, h.other = Disputed, FaultFork, rival(h, proved).proof
	default:
		h.verdict, h.fault, h.other = Refuted, FaultFork, proved[0].proof
	}
}

// follow gives a head the doubts about the one before it; nil is none.
func (h *head) follow(before *head) {
	if before != nil && before.verdict.Wrong() && !h.verdict.Wrong() {
		h.verdict, h.fault, h.other = before.verdict, before.fault, before.other
	}
}

// rival returns the first of the heads that is another.
func rival(h *head, of []*head) *head {
	if of[0] == h {
		return of[1]
	}
	return of[0]
}

// holdPolicies holds the policy versions of the receipts against one another: a
// version never falls while the numbers of the log rise.
func (l *log) holdPolicies(statements []*statement) {
	var known []*statement
	for _, s := range statements {
		if s.head != nil {
			known = append(known, s)
		}
	}
	slices.SortStableFunc(known, func(a, b *statement) int { return cmp.Compare(a.sequence, b.sequence) })
	var highest, level *statement // of the numbers before, and of the same number
	for i, s := range known {
		if i > 0 && known[i-1].sequence != s.sequence {
			highest = level
		}
		if highest != nil && s.claims.PolicyVersion < highest.claims.PolicyVersion && s.fault == FaultNone {
			s.fault, s.other = FaultPolicy, highest.item
		}
		if level == nil || s.claims.PolicyVersion > level.claims.PolicyVersion {
			level = s
		}
	}
}
