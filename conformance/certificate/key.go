package certificate

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
)

// How to make keys, for those who brought none.
const (
	makeKey    = "make one with: openssl genpkey -algorithm ed25519 -out key.pem"
	makePublic = "make it with: openssl pkey -in key.pem -pubout -out public.pem"
)

// ParsePrivateKey reads an Ed25519 key from a PEM file with PKCS#8, as OpenSSL
// writes it.  No error holds any of it.
func ParsePrivateKey(data []byte) (ed25519.PrivateKey, error) {
	b, err := block(data, "PRIVATE KEY")
	if err != nil {
		return nil, fmt.Errorf("%w; %s", err, makeKey)
	}
	k, err := x509.ParsePKCS8PrivateKey(b)
	key, ok := k.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, fmt.Errorf("the PEM file holds no Ed25519 key in PKCS#8; %s", makeKey)
	}
	return key, nil
}

// ParsePublicKey reads an Ed25519 key from a PEM file with a
// SubjectPublicKeyInfo.
func ParsePublicKey(data []byte) (ed25519.PublicKey, error) {
	b, err := block(data, "PUBLIC KEY")
	if err != nil {
		return nil, fmt.Errorf("%w; %s", err, makePublic)
	}
	k, err := x509.ParsePKIXPublicKey(b)
	key, ok := k.(ed25519.PublicKey)
	if err != nil || !ok {
		return nil, fmt.Errorf("the PEM file holds no public Ed25519 key; %s", makePublic)
	}
	return key, nil
}

// block returns the one block of a PEM file.
func block(data []byte, kind string) ([]byte, error) {
	b, rest := pem.Decode(data)
	switch {
	case b == nil:
		return nil, errors.New("not a PEM file")
	case b.Type != kind:
		return nil, fmt.Errorf("the PEM file holds a %q, where %q is right", b.Type, kind)
	case len(b.Headers) > 0:
		return nil, errors.New("the PEM block has headers, as an encrypted key has; decrypt it first")
	}
	if again, _ := pem.Decode(rest); again != nil {
		return nil, errors.New("the PEM file holds several blocks, where one is right")
	}
	return b.Bytes, nil
}

// KeyID names a key: the SHA-256 of its SubjectPublicKeyInfo, in hexadecimal
// digits.
func KeyID(k ed25519.PublicKey) (string, error) {
	b, err := x509.MarshalPKIXPublicKey(k)
	if err != nil {
		return "", fmt.Errorf("certificate: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}
