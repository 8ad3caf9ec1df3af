package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/postern-lock/postern/credential"
)

// fingerprint is what witnesses read aloud and compare: the first 16 bytes of
// SHA-256, in eight groups.
func fingerprint(b []byte) string {
	sum := sha256.Sum256(b)
	var groups []string
	for i := 0; i < 16; i += 2 {
		groups = append(groups, fmt.Sprintf("%x", sum[i:i+2]))
	}
	return strings.Join(groups, " ")
}

// sameFingerprint compares what was heard, written with or without spaces.
func sameFingerprint(heard, b string) bool {
	plain := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), "")) }
	return plain(heard) == plain(b)
}

// record is what one step adds to the transcript.
type record struct{ b strings.Builder }

// mostTranscript is the length in bytes of a transcript that is gone on with.
const mostTranscript = 1 << 20

// begin names the step, the time and all that was written before, so that a
// transcript of which a line was changed later does not fit what was read aloud.
func (r *record) begin(name, verb string, now credential.Time) error {
	before, err := readUpTo(name, mostTranscript)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("-transcript: %w", err)
	}
	fmt.Fprintf(&r.b, "== %s, %v\n", verb, now)
	r.print("before", fingerprint(before))
	return nil
}

// line adds one line.
func (r *record) line(name, format string, args ...any) {
	fmt.Fprintf(&r.b, "%-12s %s\n", name, fmt.Sprintf(format, args...))
}

// print adds a fingerprint, which is to be read aloud.
func (r *record) print(name, fingerprint string) { r.line(name, "[%s]", fingerprint) }

// key adds a public key and its fingerprint.
func (r *record) key(name string, key credential.PublicKey) {
	text, _ := key.MarshalText() // of no key it is empty, and shows
	r.line(name, "%s", text)
	r.print("", fingerprint(text))
}

// authority adds what a certificate says, or is to say.
func (r *record) authority(c credential.AuthorityClaims) {
	r.line("holder", "key id %v", credential.KeyIDOf(c.Key))
	r.key("", c.Key)
	r.line("rights", "%v", c.Rights)
	r.line("services", "%v", c.Services)
	r.line("longest", "%v", c.LongestGrant)
	r.line("runs", "from %v to %v", c.IssuedAt, c.Expires)
}

// text returns the record.
func (r *record) text() string { return r.b.String() }

// finish adds the record to the file.
func (r *record) finish(name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("-transcript: %w", err)
	}
	_, err = f.WriteString(r.text())
	return errors.Join(err, f.Sync(), f.Close())
}
