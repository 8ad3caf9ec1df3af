package cddl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxSteps bounds the work of one validation, in types tried and bytes read.
const maxSteps = 1 << 18

// Validate reports whether the data are of the type that the rule describes,
// and where the rule is a group, whether they are such a CBOR sequence.
//
// The error is a [Mismatch], or wraps [ErrMalformed] where the data are not
// well-formed or longer than 65536 bytes, or [ErrNoRule].
func (s *Schema) Validate(name string, data []byte) error {
	r := s.rules[name]
	if r == nil {
		return fmt.Errorf("%w: %q", ErrNoRule, name)
	}
	items, err := decode(data)
	if err != nil {
		return err
	}
	m := &matching{steps: maxSteps}
	at := &spot{rule: r}
	var f *fault
	switch {
	case r.group != nil:
		f = m.whole(r.group, items, at)
	case len(items) != 1:
		return fmt.Errorf("%w: rule %s (%s:%d) is of one item, and here are %d", ErrMalformed, r.name, r.file, r.line, len(items))
	default:
		f = r.value.match(m, items[0], at)
	}
	switch {
	case m.steps <= 0:
		return fmt.Errorf("%w: rule %s (%s:%d) takes more than %d steps", ErrMalformed, r.name, r.file, r.line, maxSteps)
	case f != nil:
		return f.mismatch()
	}
	return nil
}

// matching is the work of one validation.
type matching struct{ steps int }

// spend takes some of the work that is left, and reports whether there is more.
func (m *matching) spend(steps int) bool {
	m.steps -= steps
	return m.steps > 0
}

// A spot is a place in the data, or the rule that was entered there.
type spot struct {
	up    *spot
	rule  *rule
	index int    // in what is around it
	key   *item  // of a pair
	form  string // of the step in a path, where it has no key
}

// element returns the spot of an element of an array or a sequence.
func (at *spot) element(i int) *spot { return &spot{up: at, index: i, form: "[%d]"} }

// held returns the spot of the content of a byte string.
func (at *spot) held() *spot { return &spot{up: at, form: "<>"} }

// pair returns the spot of a pair of a map.
func (at *spot) pair(i int, key *item) *spot { return &spot{up: at, index: i, key: key} }

// path returns the steps that lead to the spot, from the outside.
func (at *spot) path() []*spot {
	var steps []*spot
	for ; at != nil; at = at.up {
		if at.rule == nil {
			steps = append(steps, at)
		}
	}
	slices.Reverse(steps)
	return steps
}

// A fault is one way in which data are not of a type.
type fault struct {
	at    *spot
	want  source
	found fmt.Stringer
	extra bool // nothing is wanted there
}

// words are what a fault found, where it is no item.
type words string

func (w words) String() string { return string(w) }

// mismatch writes the fault out.
func (f *fault) mismatch() *Mismatch {
	var path strings.Builder
	path.WriteString("$")
	for _, step := range f.at.path() {
		if step.key != nil {
			fmt.Fprintf(&path, "{%s}", step.key)
		} else {
			path.WriteString(strings.Replace(step.form, "%d", strconv.Itoa(step.index), 1))
		}
	}
	at := f.at
	for at.rule == nil {
		at = at.up
	}
	want := f.want.text
	if f.extra {
		want = "nothing more than " + want
	}
	return &Mismatch{path.String(), at.rule.name, f.want.file, f.want.line, want, f.found.String()}
}

// further returns the fault that was met further into the data, the first of
// two that were met at one place.
func further(a, b *fault) *fault {
	if a == nil || b != nil && slices.CompareFunc(a.at.path(), b.at.path(), func(a, b *spot) int { return a.index - b.index }) < 0 {
		return b
	}
	return a
}

func (n *choice) match(m *matching, it *item, at *spot) *fault {
	var worst *fault
	for _, one := range n.of {
		if !m.spend(1) {
			break
		}
		f := one.match(m, it, at)
		if f == nil {
			return nil
		}
		worst = further(worst, f)
	}
	if worst != nil && len(worst.at.path()) > len(at.path()) {
		return worst
	}
	return &fault{at: at, want: n.source, found: it}
}

func (n *literal) match(m *matching, it *item, at *spot) *fault {
	if m.spend(1) && n.value.equals(it) {
		return nil
	}
	return &fault{at: at, want: n.source, found: it}
}

func (n *span) match(m *matching, it *item, at *spot) *fault {
	if m.spend(1) && it.kind <= kindNint && !it.integer().less(n.low) && !n.high.less(it.integer()) {
		return nil
	}
	return &fault{at: at, want: n.source, found: it}
}

func (n *basic) match(m *matching, it *item, at *spot) *fault {
	if m.spend(1) && n.is(it) {
		return nil
	}
	return &fault{at: at, want: n.source, found: it}
}

func (n *reference) match(m *matching, it *item, at *spot) *fault {
	return n.rule.value.match(m, it, &spot{up: at, rule: n.rule})
}

func (n *sized) match(m *matching, it *item, at *spot) *fault {
	if f := n.target.match(m, it, at); f != nil {
		return &fault{at: at, want: n.source, found: it}
	}
	length := &item{kind: kindUint, arg: uint64(len(it.content))}
	if n.size.match(m, length, at) != nil {
		return &fault{at: at, want: n.source, found: words(fmt.Sprintf("one of %d bytes", len(it.content)))}
	}
	return nil
}

func (n *holding) match(m *matching, it *item, at *spot) *fault {
	if n.target.match(m, it, at) != nil {
		return &fault{at: at, want: n.source, found: it}
	}
	if !it.decoded && !m.spend(len(it.content)) {
		return &fault{at: at, want: n.source, found: it}
	}
	items, err := it.holds()
	switch {
	case err != nil:
		return &fault{at: at, want: n.source, found: words("one whose content is not CBOR: " + err.Error())}
	case n.sequence != nil:
		return m.whole(n.sequence.group, items, at.held())
	case len(items) != 1:
		return &fault{at: at, want: n.source, found: words(fmt.Sprintf("one that holds %d items", len(items)))}
	}
	return n.content.match(m, items[0], at.held())
}

func (n *array) match(m *matching, it *item, at *spot) *fault {
	if !m.spend(1) || it.kind != kindArray {
		return &fault{at: at, want: n.source, found: it}
	}
	return m.whole(n.group, it.items, at)
}

// whole matches all items with the group.
func (m *matching) whole(g *group, items []*item, at *spot) *fault {
	n, f := m.elements(g, items, 0, at)
	switch {
	case n < 0:
		return f
	case n < len(items):
		return further(f, &fault{at: at.element(n), want: g.source, found: items[n], extra: true})
	}
	return nil
}

// elements matches as many items as it can from the position on, and returns the
// position after them, or -1.  The fault is the furthest that was met, also
// where there is a way around it.
func (m *matching) elements(g *group, items []*item, position int, at *spot) (int, *fault) {
	var worst *fault
	for i := range g.entries {
		e := &g.entries[i]
		n := 0
		for n < e.most && m.spend(1) {
			next, f := m.element(e, items, position, at)
			worst = further(worst, f)
			if next < 0 {
				break
			}
			if n++; next == position {
				n = max(n, e.least) // nothing matches as often as it has to
				break
			}
			position = next
		}
		if n < e.least {
			return -1, worst // nil where the work is used up
		}
	}
	return position, worst
}

// element matches one entry once, like elements.
func (m *matching) element(e *entry, items []*item, position int, at *spot) (int, *fault) {
	switch {
	case e.named != nil:
		return m.elements(e.named.group, items, position, &spot{up: at, rule: e.named})
	case e.value == nil:
		return m.elements(e.group, items, position, at)
	case position < len(items):
		if f := e.value.match(m, items[position], at.element(position)); f != nil {
			return -1, f
		}
		return position + 1, nil
	}
	return -1, &fault{at: at.element(position), want: e.source, found: words("nothing")}
}

func (n *table) match(m *matching, it *item, at *spot) *fault {
	if !m.spend(1) || it.kind != kindMap {
		return &fault{at: at, want: n.source, found: it}
	}
	var worst *fault
	taken := make([]bool, len(it.items)/2)
	for i := range n.group.entries {
		e := &n.group.entries[i]
		count, f := m.pairs(e, it, taken, at)
		if worst = further(worst, f); count < 0 {
			return worst
		}
		if count < e.least {
			return further(worst, &fault{at: at, want: e.source, found: words("a map without it")})
		}
	}
	if i := slices.Index(taken, false); i >= 0 {
		at := at.pair(i, it.items[2*i])
		return further(worst, &fault{at: at, want: n.source, found: words("a key that is none of these"), extra: true})
	}
	return nil
}

// pairs takes the pairs of a map that match the entry and returns their number,
// or -1 where a pair that has to match does not.
func (m *matching) pairs(e *entry, it *item, taken []bool, at *spot) (int, *fault) {
	var worst *fault
	count := 0
	for i := range taken {
		if count >= e.most || !m.spend(1) {
			break
		}
		key, value := it.items[2*i], it.items[2*i+1]
		at := at.pair(i, key)
		if taken[i] || e.key.match(m, key, at) != nil {
			continue
		}
		if f := e.value.match(m, value, at); f != nil {
			if worst = further(worst, f); e.cut {
				return -1, worst
			}
			continue
		}
		taken[i] = true
		count++
	}
	return count, worst
}
