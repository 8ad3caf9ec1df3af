package simulated

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
)

// Key is a key in memory which behaves as the platforms' hardware does: P-256 in
// SubjectPublicKeyInfo with signatures in DER.
type Key struct{ signer crypto.Signer }

// NewKey makes a P-256 key, or an Ed25519 one.
func NewKey(ed bool) (*Key, error) {
	if ed {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return &Key{key}, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return &Key{key}, err
}

// PublicKey returns the public half in DER.
func (k *Key) PublicKey() ([]byte, error) { return x509.MarshalPKIXPublicKey(k.signer.Public()) }

// Sign signs a message.
func (k *Key) Sign(message []byte) ([]byte, error) {
	if _, ok := k.signer.(ed25519.PrivateKey); ok {
		return k.signer.Sign(rand.Reader, message, crypto.Hash(0))
	}
	digest := sha256.Sum256(message)
	return k.signer.Sign(rand.Reader, digest[:], crypto.SHA256)
}
