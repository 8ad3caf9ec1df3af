// Package inspect decodes what goes between phones and locks, for people: signed
// objects, commands, responses and plain CBOR.  It says what each byte is, and
// what is wrong with it.
package inspect

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// maxDepth bounds the nesting of arrays, maps and strings that hold CBOR.
const maxDepth = 24

// shownBytes are the bytes of a string that are written out; a longer one is told
// by its length, for its bytes stand beside it.
const shownBytes = 16

// printer takes CBOR apart, a part an item, in diagnostic notation, and collects
// its faults by chapter 03.
type printer struct {
	parts  []Part
	faults []string
	key    []byte // of a map, which stands before the item
}

// CBOR returns the items of data in diagnostic notation, and the faults by the
// rules of chapter 03.
func CBOR(data []byte) Finding {
	f := Finding{Kind: "CBOR"}
	f.cbor(data, 0, nil)
	return f
}

// sequence takes items apart, up to the first that cannot be read.
func (p *printer) sequence(data []byte, at, depth int, s *shape) {
	for i, off := 0, 0; off < len(data); i++ {
		n := p.item(data[off:], at+off, depth, s.element(i))
		if n == 0 {
			p.unread(data, at)
			return
		}
		off += n
	}
}

// unread puts what no part holds into one.
func (p *printer) unread(data []byte, at int) {
	p.key = nil
	end := at
	if n := len(p.parts); n > 0 {
		end = p.parts[n-1].At + len(p.parts[n-1].Bytes)
	}
	if rest := data[end-at:]; len(rest) > 0 {
		p.parts = append(p.parts, Part{end, rest, 0, "cannot be read any further"})
	}
}

// line adds a part, which begins with the key where there is one.
func (p *printer) line(b []byte, at, depth int, s *shape, format string, args ...any) {
	label := s.label()
	if p.key != nil {
		label = diagnostic(p.key) + ": " + label
		at -= len(p.key)
		b = append(append([]byte(nil), p.key...), b...)
		p.key = nil
	}
	p.parts = append(p.parts, Part{at, b, depth, label + fmt.Sprintf(format, args...)})
}

// fault notes what is wrong at an offset.
func (p *printer) fault(at int, format string, args ...any) {
	p.faults = append(p.faults, fmt.Sprintf("byte %d: %s", at, fmt.Sprintf(format, args...)))
}

// head is the beginning of an item.
type head struct {
	major byte
	info  byte
	arg   uint64
	size  int
}

// head reads the beginning of an item; a size of 0 is none.
func (p *printer) head(b []byte, at int) head {
	h := head{major: b[0] >> 5, info: b[0] & 31, size: 1}
	n := 0
	switch {
	case h.info < 24:
		h.arg = uint64(h.info)
		return h
	case h.info <= 27:
		n = 1 << (h.info - 24)
	case h.info == 31:
		p.fault(at, "an indefinite length, which deterministic encoding does not have")
		return head{}
	default:
		p.fault(at, "additional information %d is reserved", h.info)
		return head{}
	}
	if len(b) < 1+n {
		p.fault(at, "the data end within the head of an item")
		return head{}
	}
	var wide [8]byte
	copy(wide[8-n:], b[1:1+n])
	h.arg, h.size = binary.BigEndian.Uint64(wide[:]), 1+n
	least := []uint64{24, 1 << 8, 1 << 16, 1 << 32}[h.info-24]
	if h.arg < least && h.major != 7 {
		p.fault(at, "%d is encoded in %d bytes, which is not the shortest form (PST-ENC-002)", h.arg, h.size)
	}
	return h
}

// item adds an item and returns its length; 0 where it cannot be read.
func (p *printer) item(b []byte, at, depth int, s *shape) int {
	if len(b) == 0 {
		p.fault(at, "the data end where an item should be")
		return 0
	}
	if depth > maxDepth {
		p.fault(at, "nested deeper than %d", maxDepth)
		return 0
	}
	h := p.head(b, at)
	if h.size == 0 {
		return 0
	}
	s = s.of(b)
	own := b[:h.size]
	switch h.major {
	case 0:
		p.line(own, at, depth, s, "%d%s", h.arg, s.number(h.arg))
	case 1:
		p.line(own, at, depth, s, "%s%s", negative(h.arg), s.number(^h.arg))
	case 2, 3:
		return p.text(b, h, at, depth, s)
	case 4, 5:
		return p.container(b, h, at, depth, s)
	case 6:
		p.fault(at, "tag %d, which the standard does not use", h.arg)
		p.line(own, at, depth, s, "tag %d", h.arg)
		n := p.item(b[h.size:], at+h.size, depth+1, nil)
		if n == 0 {
			return 0
		}
		return h.size + n
	default:
		p.simple(own, h, at, depth, s)
	}
	return h.size
}

// negative writes -1 - n.
func negative(n uint64) string {
	if n == 1<<64-1 {
		return "-18446744073709551616"
	}
	return fmt.Sprintf("-%d", n+1)
}

// simple adds true, false or what is none of the standard.
func (p *printer) simple(own []byte, h head, at, depth int, s *shape) {
	switch {
	case h.size == 1 && h.arg == 20:
		p.line(own, at, depth, s, "false")
	case h.size == 1 && h.arg == 21:
		p.line(own, at, depth, s, "true")
	default:
		p.fault(at, "a simple or floating-point value that the standard does not use")
		p.line(own, at, depth, s, "simple or float, additional information %d", h.info)
	}
}

// text adds a text or a byte string.
func (p *printer) text(b []byte, h head, at, depth int, s *shape) int {
	if h.arg > uint64(len(b)-h.size) {
		p.fault(at, "a string of %d bytes, of which %d come", h.arg, len(b)-h.size)
		return 0
	}
	n := h.size + int(h.arg)
	content := b[h.size:n]
	if h.major == 3 {
		if !utf8.Valid(content) {
			p.fault(at, "text that is not UTF-8")
		}
		p.line(b[:n], at, depth, s, "%q", content)
		return n
	}
	if inner, ok := embedded(content, at+h.size, depth+1, s); ok {
		p.line(b[:h.size], at, depth, s, "byte string of %d bytes that holds", len(content))
		p.parts = append(p.parts, inner...)
		return n
	}
	if len(content) > shownBytes {
		p.line(b[:n], at, depth, s, "byte string of %d bytes", len(content))
	} else {
		p.line(b[:n], at, depth, s, "h'%x'", content)
	}
	return n
}

// embedded takes apart what is in a byte string that looks like an array or a map,
// or a sequence that begins with one, in CBOR without a fault.
func embedded(b []byte, at, depth int, s *shape) ([]Part, bool) {
	if len(b) < 2 || b[0]>>5 != 4 && b[0]>>5 != 5 {
		return nil, false
	}
	p := new(printer)
	for off := 0; off < len(b); {
		n := p.item(b[off:], at+off, depth, s.content())
		if n == 0 {
			return nil, false
		}
		off += n
	}
	return p.parts, len(p.faults) == 0
}

// container adds an array or a map.
func (p *printer) container(b []byte, h head, at, depth int, s *shape) int {
	what := map[byte]string{4: "array of", 5: "map of"}[h.major]
	p.line(b[:h.size], at, depth, s, "%s %d", what, h.arg)
	if h.arg > uint64(len(b)) {
		p.fault(at, "%d elements, where %d bytes are left", h.arg, len(b)-h.size)
		return 0
	}
	off := h.size
	var before []byte
	for i := range h.arg {
		element := s.element(int(i))
		if h.major == 5 {
			k := p.mapKey(b[off:], at+off)
			if k == nil {
				return 0
			}
			if before != nil && string(before) >= string(k) {
				p.fault(at+off, "key %x stands behind %x, which is twice or not in order (PST-ENC-002)", k, before)
			}
			before, p.key = k, k
			element = s.value(k)
			off += len(k)
		}
		n := p.item(b[off:], at+off, depth+1, element)
		if n == 0 {
			return 0
		}
		off += n
	}
	return off
}

// mapKey returns the key at the beginning; nil where it cannot be read.
func (p *printer) mapKey(b []byte, at int) []byte {
	key := new(printer)
	n := key.item(b, at, 0, nil)
	p.faults = append(p.faults, key.faults...)
	if n == 0 {
		return nil
	}
	return b[:n]
}

// diagnostic writes the item that b begins with in short.
func diagnostic(b []byte) string {
	p := new(printer)
	if p.item(b, 0, 0, nil) == 0 || len(p.parts) != 1 {
		return fmt.Sprintf("<<%x>>", b)
	}
	return p.parts[0].Means
}
