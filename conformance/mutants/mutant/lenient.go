package mutant

import (
	"bytes"
	"slices"
)

// Lenient decodes an item of CBOR as a reader does that knows nothing of one rule
// of the standard, and returns the item as a sender would have encoded it that
// keeps to the rule.  Data that break another rule come back as they are.  The rule
// is one of indefinite, long, order, twice, cut and trailing.
func Lenient(rule string, data []byte) []byte {
	l := lenient{rule: rule, in: data}
	out, ok := l.item()
	if !ok || len(l.in) > 0 && rule != "trailing" {
		return data
	}
	return out
}

type lenient struct {
	rule string
	in   []byte
}

// take takes n bytes away; where they are not there, zeros come for them.
func (l *lenient) take(n int) ([]byte, bool) {
	if n > len(l.in) {
		if l.rule != "cut" || n > 1024 {
			return nil, false
		}
		l.in = append(bytes.Clone(l.in), make([]byte, n-len(l.in))...)
	}
	b := l.in[:n]
	l.in = l.in[n:]
	return b, true
}

// head reads the head of an item.
func (l *lenient) head() (major byte, n int, indefinite, ok bool) {
	initial, ok := l.take(1)
	if !ok {
		return 0, 0, false, false
	}
	major, info := initial[0]>>5, initial[0]&31
	if info == 31 && major >= 2 && major <= 5 {
		return major, 0, true, l.rule == "indefinite"
	}
	if major == 7 || info < 24 {
		return major, int(info), false, true
	}
	if info > 27 {
		return major, 0, false, false
	}
	b, ok := l.take(1 << (info - 24))
	for _, v := range b {
		n = n<<8 | int(v)
	}
	short := n < 24 || len(b) > 1 && n < 1<<(4*len(b))
	return major, n, false, ok && n >= 0 && (!short || l.rule == "long")
}

// item reads an item and returns it encoded anew.
func (l *lenient) item() ([]byte, bool) {
	major, n, indefinite, ok := l.head()
	if !ok {
		return nil, false
	}
	switch {
	case major == 2 && !indefinite:
		b, ok := l.take(n)
		return append(head(major, n), b...), ok
	case major == 2 || major == 4 || major == 5:
		return l.elements(major, n, indefinite)
	}
	return head(major, n), major < 2 || major == 7
}

// elements reads what an array, a map or the pieces of a byte string hold.
func (l *lenient) elements(major byte, n int, indefinite bool) ([]byte, bool) {
	var all [][]byte
	per := 1
	if major == 5 {
		per = 2
	}
	for i := 0; indefinite || i < n*per; i++ {
		if indefinite && len(l.in) > 0 && l.in[0] == 0xFF {
			l.in = l.in[1:]
			break
		}
		item, ok := l.item()
		if !ok || len(all) > 256 {
			return nil, false
		}
		all = append(all, item)
	}
	switch {
	case len(all)%per != 0:
		return nil, false
	case major == 2:
		var joined []byte
		for _, piece := range all {
			joined = append(joined, piece[headLength(piece):]...)
		}
		return append(head(2, len(joined)), joined...), true
	case major == 5:
		all = l.pairs(all)
	}
	return append(head(major, len(all)/per), bytes.Join(all, nil)...), true
}

// headLength returns how many bytes the head of an item of at most 65535 bytes has.
func headLength(item []byte) int { return 1 + max(0, int(item[0]&31)-23) }

// pairs brings the pairs of a map into the form of the standard, as far as the
// rule lets them be otherwise.
func (l *lenient) pairs(all [][]byte) [][]byte {
	pairs := slices.Collect(slices.Chunk(all, 2))
	byKey := func(a, b [][]byte) int { return bytes.Compare(a[0], b[0]) }
	switch l.rule {
	case "order":
		slices.SortStableFunc(pairs, byKey)
	case "twice":
		pairs = slices.CompactFunc(pairs, func(a, b [][]byte) bool { return byKey(a, b) == 0 })
	}
	return slices.Concat(pairs...)
}

// head returns the shortest head.
func head(major byte, n int) []byte {
	switch {
	case n < 24:
		return []byte{major<<5 | byte(n)}
	case n < 1<<8:
		return []byte{major<<5 | 24, byte(n)}
	case n < 1<<16:
		return []byte{major<<5 | 25, byte(n >> 8), byte(n)}
	case n < 1<<32:
		return []byte{major<<5 | 26, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
	}
	b := []byte{major<<5 | 27}
	for shift := 56; shift >= 0; shift -= 8 {
		b = append(b, byte(n>>shift))
	}
	return b
}
