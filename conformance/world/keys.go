package world

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/postern-lock/postern/credential"
)

// Rand returns an endless stream of bytes that depends on the seed and the label
// alone: the blocks HMAC-SHA256(seed, label || i).
func (w *World) Rand(label string) io.Reader { return &stream{world: w, label: label} }

// bytes returns the first n bytes of the stream with the label.
func (w *World) bytes(label string, n int) []byte {
	b := make([]byte, n)
	_, _ = io.ReadFull(w.Rand(label), b) // a stream never fails
	return b
}

type stream struct {
	world   *World
	label   string
	counter uint32
	rest    []byte
}

func (s *stream) Read(p []byte) (int, error) {
	for n := 0; n < len(p); {
		if len(s.rest) == 0 {
			h := hmac.New(sha256.New, fmt.Appendf(nil, "postern conformance %d", s.world.Seed))
			h.Write(binary.BigEndian.AppendUint32([]byte(s.label), s.counter))
			s.counter++
			s.rest = h.Sum(nil)
		}
		k := copy(p[n:], s.rest)
		s.rest, n = s.rest[k:], n+k
	}
	return len(p), nil
}

func ed25519Key(seed []byte) crypto.Signer { return ed25519.NewKeyFromSeed(seed) }

// p256Key draws scalars until one is in range.
func (w *World) p256Key(name string) crypto.Signer {
	r := w.Rand("P-256 " + name)
	b := make([]byte, 32)
	for {
		_, _ = io.ReadFull(r, b)
		if k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), b); err == nil {
			return k
		}
	}
}

// public returns the public half of a key that was made here.
func public(k crypto.Signer) credential.PublicKey {
	p, err := credential.NewPublicKey(k.Public())
	if err != nil {
		panic(fmt.Sprintf("world: %v", err)) // of keys from seeds none is of small order
	}
	return p
}
