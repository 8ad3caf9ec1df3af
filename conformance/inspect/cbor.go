// Package inspect decodes what goes between phones and locks, for people: signed
// objects, commands, responses and plain CBOR.  It says what each byte is, and
// what is wrong with it.
package inspect

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds the nesting of arrays, maps and strings that hold CBOR.
const maxDepth = 24

// printer writes CBOR in diagnostic notation, an item a line, and collects its
// faults by chapter 03.
type printer struct {
	out    strings.Builder
	faults []string
}

// CBOR returns the items of data in diagnostic notation, each line with its
// offset, and the faults by the rules of chapter 03.
func CBOR(data []byte) (text string, faults []string) {
	p := new(printer)
	rest, at := data, 0
	for len(rest) > 0 {
		n := p.item(rest, at, 0, "")
		if n == 0 {
			break
		}
		rest, at = rest[n:], at+n
	}
	return p.out.String(), p.faults
}

// line writes a line at an offset.
func (p *printer) line(at, depth int, format string, args ...any) {
	fmt.Fprintf(&p.out, "%4d  %s%s\n", at, strings.Repeat("  ", depth), fmt.Sprintf(format, args...))
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

// item writes an item and returns its length; 0 where it cannot be read.
func (p *printer) item(b []byte, at, depth int, label string) int {
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
	switch h.major {
	case 0:
		p.line(at, depth, "%s%d", label, h.arg)
	case 1:
		if h.arg == 1<<64-1 {
			p.line(at, depth, "%s-18446744073709551616", label)
		} else {
			p.line(at, depth, "%s-%d", label, h.arg+1)
		}
	case 2, 3:
		return p.text(b, h, at, depth, label)
	case 4, 5:
		return p.container(b, h, at, depth, label)
	case 6:
		p.fault(at, "tag %d, which the standard does not use", h.arg)
		p.line(at, depth, "%stag %d", label, h.arg)
		n := p.item(b[h.size:], at+h.size, depth+1, "")
		if n == 0 {
			return 0
		}
		return h.size + n
	default:
		p.simple(h, at, depth, label)
	}
	return h.size
}

// simple writes true, false or what is none of the standard.
func (p *printer) simple(h head, at, depth int, label string) {
	switch {
	case h.size == 1 && h.arg == 20:
		p.line(at, depth, "%sfalse", label)
	case h.size == 1 && h.arg == 21:
		p.line(at, depth, "%strue", label)
	default:
		p.fault(at, "a simple or floating-point value that the standard does not use")
		p.line(at, depth, "%ssimple or float, additional information %d", label, h.info)
	}
}

// text writes a string, and what is in it where that is CBOR.
func (p *printer) text(b []byte, h head, at, depth int, label string) int {
	if h.arg > uint64(len(b)-h.size) {
		p.fault(at, "a string of %d bytes, of which %d come", h.arg, len(b)-h.size)
		return 0
	}
	n := int(h.arg)
	content := b[h.size : h.size+n]
	if h.major == 3 {
		if !utf8.Valid(content) {
			p.fault(at, "text that is not UTF-8")
		}
		p.line(at, depth, "%s%q", label, content)
		return h.size + n
	}
	if inner, ok := embedded(content, at+h.size, depth+1); ok {
		p.line(at, depth, "%sbyte string of %d bytes that holds", label, n)
		p.out.WriteString(inner)
		return h.size + n
	}
	p.line(at, depth, "%sh'%x'", label, content)
	return h.size + n
}

// embedded writes what is in a byte string that looks like an array or a map, or
// a sequence that begins with one, in CBOR without a fault.
func embedded(b []byte, at, depth int) (text string, ok bool) {
	if len(b) < 2 || b[0]>>5 != 4 && b[0]>>5 != 5 {
		return "", false
	}
	p := new(printer)
	for off := 0; off < len(b); {
		n := p.item(b[off:], at+off, depth, "")
		if n == 0 {
			return "", false
		}
		off += n
	}
	return p.out.String(), len(p.faults) == 0
}

// container writes an array or a map.
func (p *printer) container(b []byte, h head, at, depth int, label string) int {
	what := map[byte]string{4: "array of", 5: "map of"}[h.major]
	p.line(at, depth, "%s%s %d", label, what, h.arg)
	if h.arg > uint64(len(b)) {
		p.fault(at, "%d elements, where %d bytes are left", h.arg, len(b)-h.size)
		return 0
	}
	off := h.size
	var before []byte
	for range h.arg {
		label := ""
		if h.major == 5 {
			key := new(printer)
			n := key.item(rest(b, off), at+off, 0, "")
			p.faults = append(p.faults, key.faults...)
			if n == 0 {
				return 0
			}
			k := b[off : off+n]
			if before != nil && string(before) >= string(k) {
				p.fault(at+off, "key %x stands behind %x, which is twice or not in order (PST-ENC-002)", k, before)
			}
			before = k
			label = strings.TrimSpace(strings.SplitN(key.out.String(), "\n", 2)[0])
			label = label[strings.LastIndex(label, " ")+1:] + ": "
			off += n
		}
		n := p.item(rest(b, off), at+off, depth+1, label)
		if n == 0 {
			return 0
		}
		off += n
	}
	return off
}

// rest returns b from off on.
func rest(b []byte, off int) []byte {
	if off > len(b) {
		return nil
	}
	return b[off:]
}
