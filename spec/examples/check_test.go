package examples_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"regexp"
	"strings"
)

// checker holds what a page gave so far.
type checker struct {
	keys    []*signing
	objects map[string][]byte // by title
	digests [][]byte
	stored  []byte // the secret to resume with
	faults  []string
	glance  []string // what the table of pairs has to say
	pairs   int
}

func (c *checker) fault(format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

// same compares what a page says with what follows from the rest of it.
func (c *checker) same(e *entry, want []byte) {
	e.used = true
	if !bytes.Equal(e.bytes, want) {
		c.fault("%s is %X and has to be %X", e.name, e.bytes, want)
	}
}

func (c *checker) that(ok bool, format string, args ...any) {
	if !ok {
		c.fault(format, args...)
	}
}

// check returns the faults of a page: values that do not follow from the others
// by the text of the standard, and values that no check has looked at.
func check(page string) (faults []string) {
	c := &checker{objects: map[string][]byte{}}
	defer func() {
		if r := recover(); r != nil {
			faults = append(c.faults, fmt.Sprint(r))
		}
	}()
	all := parse(page)
	var overview *section
	taps := 0
	for _, s := range all {
		switch {
		case s.title == "At a glance":
			overview = s
		case s.title == "Keys":
			c.keyPairs(s)
		case s.title == "Objects":
			c.signedObjects(s)
		case strings.HasPrefix(s.title, "Tap "):
			taps++
			c.tap(s, taps)
		}
		for _, p := range s.parts {
			for _, e := range p.entries {
				c.that(e.used, "%s: nothing checks %s", p.title, e.name)
				c.that(!e.block || e.size == len(e.bytes), "%s: %s has %d bytes and not %d", p.title, e.name, len(e.bytes), e.size)
				c.names(e)
			}
		}
	}
	c.that(taps > 0, "no tap")
	for _, line := range c.glance {
		c.that(strings.Contains(strings.Join(overview.lines, "\n")+"\n", line), "the overview lacks %s", line)
	}
	return c.faults
}

var labelled = regexp.MustCompile(`^(?:Ed25519|P-256), H\( "(.+)" \)$`)

// keyPairs checks the keys.
func (c *checker) keyPairs(s *section) {
	for _, e := range s.parts[0].entries {
		name, ok := strings.CutSuffix(e.name, ": private key")
		if !ok {
			continue
		}
		label := labelled.FindStringSubmatch(e.how)
		sum := sha256.Sum256([]byte(label[1]))
		c.same(e, sum[:])
		k := newSigning(name, e.how, e.bytes)
		c.same(s.get(name+": public key"), k.public)
		c.same(s.get(name+": key id"), k.id)
		c.keys = append(c.keys, k)
	}
}

var (
	streamed = regexp.MustCompile(`stream\( "(.+)" \)\[([0-9]+)\.\.([0-9]+)\]`)
	hedged   = regexp.MustCompile(`^H\( stream.* \|\| ([0-9A-F]{40}) \)$`)
)

// drawn checks random bytes against the stream that the page names.
func (c *checker) drawn(e *entry) {
	m := streamed.FindStringSubmatch(e.how)
	from, to := decimal(m[2]), decimal(m[3])
	var stream []byte
	for n := byte(0); len(stream) <= to; n++ {
		stream = append(stream, digest([]byte(m[1]), make([]byte, 7), []byte{n})...)
	}
	want := stream[from : to+1]
	if m := hedged.FindStringSubmatch(e.how); m != nil {
		want = digest(want, unhex(m[1]))
	}
	c.same(e, want)
}

// byID returns the key with the key id.
func (c *checker) byID(id []byte) *signing {
	for _, k := range c.keys {
		if bytes.Equal(k.id, id) {
			return k
		}
	}
	panic(fmt.Sprintf("no key has the key id %X", id))
}

// confirmed returns the key in cnf of a claims set.
func (c *checker) confirmed(claims []byte) *signing {
	for _, k := range c.keys {
		if bytes.Contains(claims, joined([]byte{8, 0xA1, 1}, k.cose())) {
			return k
		}
	}
	panic("cnf holds none of the keys")
}

// signedObjects checks every object's signature, digest and tag.
func (c *checker) signedObjects(s *section) {
	for _, p := range s.parts[1:] {
		object := p.get("Object").bytes
		protected, payload, signature := takeApart(object)
		id := protected[5:13] // behind the map of three, alg and kid
		input := joined([]byte("\x84\x6aSignature1"), byteString(protected), []byte{0x40}, byteString(payload))
		c.that(c.byID(id).signed(input, signature), "%s: the signature does not verify", p.title)
		c.same(p.get("digest"), digest(input))
		c.same(p.get("tag"), digest(input)[:8])
		c.objects[p.title] = object
		c.digests = append(c.digests, digest(input))
	}
}

// takeApart returns the byte strings of a signed object.
func takeApart(object []byte) (protected, payload, signature []byte) {
	protected, rest := unwrap(object[1:])
	payload, rest = unwrap(rest[1:])
	signature, rest = unwrap(rest)
	again := joined([]byte{0x84}, byteString(protected), []byte{0xA0}, byteString(payload), byteString(signature))
	if len(rest) > 0 || !bytes.Equal(again, object) || len(signature) != 64 {
		panic("not a signed object")
	}
	return protected, payload, signature
}

var (
	kidNote    = regexp.MustCompile(`^kid: key id of (?:the )?(.+)$`)
	keyNote    = regexp.MustCompile(`^x: (?:the )?(.+)'s public key$`)
	parentNote = regexp.MustCompile(`^parent: digest of the grant above$`)
	aboveNote  = regexp.MustCompile(`, as above$`)
)

// names checks what the notes of a block say about whose bytes these are.
func (c *checker) names(e *entry) {
	for _, line := range e.lines {
		if m := kidNote.FindStringSubmatch(line.note); m != nil {
			c.that(c.whose(m[1], func(k *signing) bool { return bytes.HasSuffix(line.bytes, k.id) }), "%s: %s", e.name, line.note)
		}
		if m := keyNote.FindStringSubmatch(line.note); m != nil {
			c.that(c.whose(m[1], func(k *signing) bool { return bytes.HasSuffix(line.bytes, k.public[:32]) }), "%s: %s", e.name, line.note)
		}
		if parentNote.MatchString(line.note) {
			c.that(among(c.digests, line.bytes), "%s: %s", e.name, line.note)
		}
		if aboveNote.MatchString(line.note) {
			var all [][]byte
			for _, o := range c.objects {
				all = append(all, o)
			}
			c.that(among(all, line.bytes), "%s: %s", e.name, line.note)
		}
	}
}

// whose reports whether a key of the one named is as it has to be.
func (c *checker) whose(name string, is func(*signing) bool) bool {
	for _, k := range c.keys {
		if strings.TrimSuffix(k.name, " (P-256)") == name && is(k) {
			return true
		}
	}
	return false
}

// among reports whether b ends with one of all.
func among(all [][]byte, b []byte) bool {
	for _, a := range all {
		if bytes.HasSuffix(b, a) {
			return true
		}
	}
	return false
}
