package main

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

// key returns the key with the name.
func (s *stage) key(name string, p256 bool) (crypto.Signer, error) {
	if !p256 {
		return ed25519Key(name), nil
	}
	scalar := sha256.Sum256([]byte("costs P-256 key " + name))
	return ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
}

// ed25519Key returns the Ed25519 key with the name.
func ed25519Key(name string) crypto.Signer {
	seed := sha256.Sum256([]byte("costs key " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// stream is an endless source of bytes that depend on its name alone.
type stream struct {
	name    string
	counter uint64
	rest    []byte
}

func newStream(name string) io.Reader { return &stream{name: "costs stream " + name} }

// Read fills p.
func (s *stream) Read(p []byte) (int, error) {
	for i := range p {
		if len(s.rest) == 0 {
			sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(s.name), s.counter))
			s.counter++
			s.rest = sum[:]
		}
		p[i], s.rest = s.rest[0], s.rest[1:]
	}
	return len(p), nil
}

// public returns the public half of the Ed25519 key with the name.
func public(name string) (credential.PublicKey, error) {
	return credential.NewPublicKey(ed25519Key(name).Public())
}
