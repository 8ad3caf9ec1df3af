package cddl

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A tokenKind says what a token is.
type tokenKind int

// The kinds of tokens.
const (
	tokenEnd     tokenKind = iota
	tokenName              // of a rule or of a member
	tokenInteger           // a literal
	tokenText              // a literal
	tokenBytes             // a literal
	tokenOccur             // ?, *, +, n*m
	tokenControl           // .size
	tokenMark              // any other sign, which its source tells
)

// A token is one word of a definition.
type token struct {
	kind        tokenKind
	place       place
	start, end  int // of its source
	integer     integer
	content     []byte // of a text or byte string
	least, most int    // of an occurrence
}

// unbounded is the greatest number of an occurrence without one.
const unbounded = math.MaxInt32

// lexer cuts a text into tokens.
type lexer struct {
	file, text string
	off        int
	line       int
}

// tokens returns all tokens of a file, the end last.
func tokens(file, text string) ([]token, error) {
	l := lexer{file: file, text: text, line: 1}
	if !utf8.ValidString(text) {
		return nil, l.fail("not UTF-8")
	}
	var all []token
	for {
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		all = append(all, t)
		if t.kind == tokenEnd {
			return all, nil
		}
	}
}

func (l *lexer) fail(format string, args ...any) error {
	return place{l.file, l.line}.fail(format, args...)
}

// next returns the next token.
func (l *lexer) next() (token, error) {
	l.space()
	t := token{place: place{l.file, l.line}, start: l.off}
	rest := l.text[l.off:]
	var err error
	switch {
	case rest == "":
		t.kind = tokenEnd
	case strings.HasPrefix(rest, "h'"):
		t.kind = tokenBytes
		t.content, err = l.bytes()
	case isAlpha(rest[0]):
		t.kind = tokenName
		l.off += nameLength(rest)
		if strings.HasPrefix(l.text[l.off:], "'") {
			err = l.fail("a byte string is written in hexadecimal: h'00ff'")
		}
	case isDigit(rest[0]), rest[0] == '-':
		err = l.number(&t)
	case rest[0] == '*', rest[0] == '+', rest[0] == '?':
		err = l.occurrence(&t)
	case rest[0] == '"':
		t.kind = tokenText
		t.content, err = l.string()
	default:
		err = l.mark(&t)
	}
	t.end = l.off
	return t, err
}

// space passes over white space and comments.
func (l *lexer) space() {
	for ; l.off < len(l.text); l.off++ {
		switch c := l.text[l.off]; c {
		case '\n':
			l.line++
		case ' ', '\r':
		case ';':
			end := strings.IndexByte(l.text[l.off:], '\n')
			if end < 0 {
				l.off = len(l.text)
				return
			}
			l.off += end - 1
		default:
			return
		}
	}
}

// bytes reads h'00ff'.
func (l *lexer) bytes() ([]byte, error) {
	digits, _, ok := strings.Cut(l.text[l.off+2:], "'")
	if !ok || strings.Contains(digits, "\n") {
		return nil, l.fail("the byte string has no end")
	}
	content, err := hex.DecodeString(digits)
	if err != nil {
		return nil, l.fail("h'%s' is not hexadecimal", digits)
	}
	l.off += len(digits) + 3
	return content, nil
}

// string reads "text", in which no escape is known.
func (l *lexer) string() ([]byte, error) {
	content, _, ok := strings.Cut(l.text[l.off+1:], `"`)
	if !ok || strings.ContainsAny(content, "\n\\") {
		return nil, l.fail(`the text string has no end, or a \ in it`)
	}
	l.off += len(content) + 2
	return []byte(content), nil
}

// number reads an integer, or the occurrence that begins with one.
func (l *lexer) number(t *token) error {
	t.kind = tokenInteger
	negative := l.text[l.off] == '-'
	if negative {
		l.off++
	}
	digits := l.digits()
	v, err := strconv.ParseUint(digits, 0, 64)
	if negative && digits == "18446744073709551616" { // 2^64, the end of the negative integers
		v, err = 0, nil
	}
	octal := len(digits) > 1 && digits[0] == '0' && digits[1] != 'x'
	if err != nil || octal || negative && digits == "0" {
		return l.fail("%q is no integer of 64 bits", l.text[t.start:l.off])
	}
	if !negative && strings.HasPrefix(l.text[l.off:], "*") {
		return l.occurrenceFrom(t, v)
	}
	after := l.text[l.off:]
	if after != "" && (isAlpha(after[0]) || after[0] == '.' && len(after) > 1 && isDigit(after[1])) {
		return l.fail("%q is no integer, and no other number is known", l.text[t.start:l.off+1])
	}
	t.integer = integer{n: v}
	if negative {
		t.integer = integer{negative: true, n: v - 1} // 0 - 1 is 2^64 - 1
	}
	return nil
}

// digits reads the digits of a number, which may be hexadecimal.
func (l *lexer) digits() string {
	start := l.off
	is := isDigit
	if strings.HasPrefix(l.text[l.off:], "0x") {
		l.off += 2
		is = isHex
	}
	for l.off < len(l.text) && is(l.text[l.off]) {
		l.off++
	}
	return l.text[start:l.off]
}

// occurrence reads ?, + or * with what may follow it.
func (l *lexer) occurrence(t *token) error {
	switch l.text[l.off] {
	case '?':
		t.least, t.most = 0, 1
	case '+':
		t.least, t.most = 1, unbounded
	default:
		return l.occurrenceFrom(t, 0)
	}
	t.kind = tokenOccur
	l.off++
	return nil
}

// occurrenceFrom reads the * of n*m and what follows it.
func (l *lexer) occurrenceFrom(t *token, least uint64) error {
	t.kind = tokenOccur
	l.off++
	most := uint64(unbounded)
	if digits := l.digits(); digits != "" {
		v, err := strconv.ParseUint(digits, 0, 31)
		if err != nil {
			return l.fail("%q is no occurrence", l.text[t.start:l.off])
		}
		most = v
	}
	if least > most {
		return l.fail("%q occurs more often at least than at most", l.text[t.start:l.off])
	}
	t.least, t.most = int(least), int(most)
	return nil
}

// mark reads a sign, or a control.
func (l *lexer) mark(t *token) error {
	rest := l.text[l.off:]
	for _, unknown := range []struct{ sign, what string }{
		{"//=", "an addition to a group"}, {"/=", "an addition to a type"}, {"//", "a choice of groups"},
		{"...", "a range without its end"}, {"$", "a socket"}, {"<", "a generic rule"}, {"#", "a tag or a major type"},
		{"~", "unwrapping"}, {"&", "a choice from a group"}, {"'", "a byte string as text"},
	} {
		if strings.HasPrefix(rest, unknown.sign) {
			return l.fail("%s is %s, which is outside the part of CDDL in use", unknown.sign, unknown.what)
		}
	}
	t.kind = tokenMark
	switch {
	case strings.HasPrefix(rest, ".."), strings.HasPrefix(rest, "=>"):
		l.off += 2
	case strings.IndexByte("=/()[]{},:^", rest[0]) >= 0:
		l.off++
	case rest[0] == '.' && len(rest) > 1 && isAlpha(rest[1]):
		t.kind = tokenControl
		l.off += 1 + nameLength(rest[1:])
	default:
		r, _ := utf8.DecodeRuneInString(rest)
		return l.fail("%q has no meaning here", r)
	}
	return nil
}

// nameLength returns the length of the name that begins the text.
func nameLength(text string) int {
	end := 1
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case isAlpha(c), isDigit(c):
			end = i + 1
		case c != '-' && c != '.':
			return end
		}
	}
	return end
}

func isAlpha(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '@'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// An integer is one of CBOR: from -2^64 to 2^64 - 1.
type integer struct {
	negative bool
	n        uint64 // the value, and where it is negative -1 - value
}

// less reports whether a is below b.
func (a integer) less(b integer) bool {
	switch {
	case a.negative != b.negative:
		return a.negative
	case a.negative:
		return a.n > b.n
	}
	return a.n < b.n
}

// String returns the integer in decimal.
func (a integer) String() string {
	switch {
	case !a.negative:
		return strconv.FormatUint(a.n, 10)
	case a.n == math.MaxUint64:
		return "-18446744073709551616"
	}
	return fmt.Sprintf("-%d", a.n+1)
}
