package main

import (
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"
)

// textOnly passes text on, and a question mark for whatever could move the
// cursor, ring or turn the direction of writing: names, sentences and files of
// strangers come to the terminal through it.
type textOnly struct {
	w    io.Writer
	half []byte // of a rune that the last Write cut through
}

// Write returns that it has written everything, unless w fails.
func (p *textOnly) Write(b []byte) (int, error) {
	out := make([]byte, 0, len(p.half)+len(b))
	for rest := append(p.half, b...); ; {
		if !utf8.FullRune(rest) { // nothing is left, or half a rune
			p.half = append([]byte(nil), rest...)
			break
		}
		r, n := utf8.DecodeRune(rest)
		switch {
		case r == '\n' || r == '\t':
			out = append(out, rest[0])
		case r == utf8.RuneError && n == 1 || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029':
			out = append(out, '?')
		default:
			out = append(out, rest[:n]...)
		}
		rest = rest[n:]
	}
	if _, err := p.w.Write(out); err != nil {
		return 0, err
	}
	return len(b), nil
}

// clean returns the console with nothing but text on its way out.
func (c console) clean() console {
	c.out, c.err = &textOnly{w: c.out}, &textOnly{w: c.err}
	return c
}

// wipe takes the line away that the cursor is in.
func (c console) wipe() {
	if p, ok := c.out.(*textOnly); ok {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
