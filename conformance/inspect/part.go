package inspect

import (
	"fmt"
	"strings"
)

// Part is a run of bytes with what it means.  The parts of a Finding hold all of
// its bytes, in their order.
type Part struct {
	At    int // offset of the first byte
	Bytes []byte
	Depth int // in arrays, maps and strings
	Means string
}

// Finding is what bytes are found to be.
type Finding struct {
	Kind   string // for example "grant" or "command SELECT"
	Parts  []Part
	Text   string    // what follows from them, in lines
	Faults []string  // what is wrong; none where it is good as far as it shows
	Joined []Finding // what the bytes end: a chain of commands, an answer in pieces
}

// lineBytes are the bytes in a line of text.
const lineBytes = 12

// String tells the finding for people: each part with its offset, its bytes and
// its meaning.
func (f Finding) String() string {
	var b strings.Builder
	f.write(&b)
	for _, j := range f.Joined {
		j.write(&b)
	}
	if !f.Wrong() {
		b.WriteString("nothing is wrong with it, as far as it shows by itself\n")
	}
	return b.String()
}

// Wrong reports whether something is wrong with it.
func (f Finding) Wrong() bool {
	for _, j := range f.Joined {
		if j.Wrong() {
			return true
		}
	}
	return len(f.Faults) > 0
}

func (f Finding) write(b *strings.Builder) {
	fmt.Fprintln(b, f.Kind)
	for _, p := range f.Parts {
		p.write(b)
	}
	b.WriteString(f.Text)
	for _, fault := range f.Faults {
		fmt.Fprintf(b, "WRONG: %s\n", fault)
	}
}

func (p Part) write(b *strings.Builder) {
	rest := p.Bytes
	first := rest[:min(len(rest), lineBytes)]
	fmt.Fprintf(b, "%4d  %-*x  %s%s\n", p.At, 2*lineBytes, first, strings.Repeat("  ", p.Depth), p.Means)
	for rest = rest[len(first):]; len(rest) > 0; rest = rest[min(len(rest), lineBytes):] {
		fmt.Fprintf(b, "      %x\n", rest[:min(len(rest), lineBytes)])
	}
}

// add puts a part behind the others.
func (f *Finding) add(b []byte, depth int, format string, args ...any) {
	at := 0
	if n := len(f.Parts); n > 0 {
		at = f.Parts[n-1].At + len(f.Parts[n-1].Bytes)
	}
	f.Parts = append(f.Parts, Part{at, b, depth, fmt.Sprintf(format, args...)})
}

// cbor puts the items of data behind the other parts, named by the shape.
func (f *Finding) cbor(data []byte, depth int, s *shape) {
	at := 0
	if n := len(f.Parts); n > 0 {
		at = f.Parts[n-1].At + len(f.Parts[n-1].Bytes)
	}
	p := &printer{}
	p.sequence(data, at, depth, s)
	f.Parts = append(f.Parts, p.parts...)
	f.Faults = append(f.Faults, p.faults...)
}
