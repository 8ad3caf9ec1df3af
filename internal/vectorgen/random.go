package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"io"
)

// seed is what all randomness of the vectors is drawn from.
const seed = "Postern test vectors 1"

// stream is the endless string of bytes that belongs to a label: the blocks
// HMAC-SHA256(seed, label || i), with i from 0 on as four bytes.
type stream struct {
	label string
	next  uint32
	left  []byte // of the current block
}

// random returns the stream of a label.  The same label gives the same bytes.
func random(label string) io.Reader { return &stream{label: label} }

// Read fills p and never fails.
func (s *stream) Read(p []byte) (int, error) {
	for n := 0; n < len(p); {
		if len(s.left) == 0 {
			mac := hmac.New(sha256.New, []byte(seed))
			mac.Write(binary.BigEndian.AppendUint32([]byte(s.label), s.next))
			s.left = mac.Sum(nil)
			s.next++
		}
		copied := copy(p[n:], s.left)
		s.left = s.left[copied:]
		n += copied
	}
	return len(p), nil
}

// draw returns the first n bytes of the stream of a label, by convention
// "area/test/what".
func draw(label string, n int) []byte {
	b := make([]byte, n)
	random(label).Read(b)
	return b
}
