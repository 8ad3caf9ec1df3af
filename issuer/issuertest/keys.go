package issuertest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/binary"
	"io"

	"github.com/postern-lock/postern/credential"
)

// Seed is what the keys of a world derive from.
type Seed string

// Key returns the Ed25519 key with the name, of suite 0.
func (s Seed) Key(name string) crypto.Signer {
	seed := sha256.Sum256([]byte("postern test key " + string(s) + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// P256 returns the P-256 key with the name, of suite 2.
func (s Seed) P256(name string) crypto.Signer {
	scalar := sha256.Sum256([]byte("postern test key of P-256 " + string(s) + name))
	return must(ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:]))
}

// Rand returns an endless stream of bytes that depends on seed and label alone.
// It is fit for tests, and for nothing else.
func (s Seed) Rand(label string) io.Reader { return &stream{label: string(s) + label} }

// Public returns the public half of a key.
func Public(key crypto.Signer) credential.PublicKey {
	return must(credential.NewPublicKey(key.Public()))
}

// must returns v; an error is a fault of the test.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// stream is the hashes of a label and a counter.
type stream struct {
	label   string
	counter uint64
	rest    []byte
}

// Read never fails.
func (s *stream) Read(p []byte) (int, error) {
	for i := range p {
		if len(s.rest) == 0 {
			sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("postern test stream "+s.label), s.counter))
			s.counter++
			s.rest = sum[:]
		}
		p[i], s.rest = s.rest[0], s.rest[1:]
	}
	return len(p), nil
}
