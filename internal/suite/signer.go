package suite

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/asn1"
	"fmt"
	"io"
	"math/big"
)

// Signer makes signatures with one private key.
type Signer interface {
	// PublicKey returns the key that the signatures verify with.
	PublicKey() PublicKey

	// Sign returns the signature of message, 64 bytes, as [Verify] takes it:
	// Ed25519, or ECDSA r || s over the SHA-256 of message.
	Sign(message []byte) ([]byte, error)
}

// Sign lets signer sign message, counts it, and sees to the length. The error
// is [ErrSign].
func Sign(signer Signer, message []byte, m *Meter) ([]byte, error) {
	if signer == nil {
		return nil, fail(ErrSign, "no signer", nil)
	}
	m.addSign(signer.PublicKey().alg)
	signature, err := signer.Sign(message)
	if err != nil {
		return nil, fail(ErrSign, "signer returned an error", err)
	}
	if len(signature) != SignatureSize {
		return nil, fail(ErrSign, "signature is not 64 bytes", nil)
	}
	return signature, nil
}

// NewSigner adapts a signer of the standard library: a key in memory, or one in
// hardware behind [crypto.Signer]. Its public key must be one that [FromCrypto]
// takes. A private key in memory must belong to its public key, since signing
// with a wrong Ed25519 public key betrays the private one. The error is [ErrKey].
//
// A key in memory signs deterministically: Ed25519 by RFC 8032, ECDSA by RFC
// 6979. A key elsewhere is given [rand.Reader], and signs as it will; one that
// is a [crypto.MessageSigner] is given the message in place of its digest, since
// some hardware hashes itself.
func NewSigner(key crypto.Signer) (Signer, error) {
	switch key := key.(type) {
	case nil:
		return nil, fail(ErrKey, "no signer", nil)
	case ed25519.PrivateKey:
		return newEd25519Signer(key)
	case *ed25519.PrivateKey:
		if key == nil {
			return nil, fail(ErrKey, "no signer", nil)
		}
		return newEd25519Signer(*key)
	case *ecdsa.PrivateKey:
		return newECDSASigner(key)
	}
	public, err := FromCrypto(key.Public())
	if err != nil {
		return nil, err
	}
	return &signer{public, key, rand.Reader}, nil
}

// newEd25519Signer copies the key, and derives the public key anew.
func newEd25519Signer(key ed25519.PrivateKey) (Signer, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, fail(ErrKey, "Ed25519 private key is not 64 bytes", nil)
	}
	own := ed25519.NewKeyFromSeed(key[:ed25519.SeedSize])
	if !bytes.Equal(own[ed25519.SeedSize:], key[ed25519.SeedSize:]) {
		return nil, fail(ErrKey, "private key does not belong to its public key", nil)
	}
	public, err := FromCrypto(own.Public())
	if err != nil {
		return nil, err
	}
	return &signer{public, &own, nil}, nil
}

// newECDSASigner copies the key, and derives the public key anew.
func newECDSASigner(key *ecdsa.PrivateKey) (Signer, error) {
	//lint:ignore SA1019 the scalar is only compared with nil, on which Bytes panics
	if key == nil || key.D == nil {
		return nil, fail(ErrKey, "no signer", nil)
	}
	public, err := fromECDSA(&key.PublicKey)
	if err != nil {
		return nil, err
	}
	scalar, err := key.Bytes()
	if err != nil {
		return nil, fail(ErrKey, "P-256 private key is not in range", err)
	}
	defer clear(scalar)
	own, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	if err != nil {
		return nil, fail(ErrKey, "P-256 private key is not in range", err)
	}
	if !own.PublicKey.Equal(&key.PublicKey) {
		return nil, fail(ErrKey, "private key does not belong to its public key", nil)
	}
	return &signer{public, own, nil}, nil
}

// A signer signs with a crypto.Signer. It holds a key in memory by a pointer,
// behind which fmt does not look.
type signer struct {
	public PublicKey
	key    crypto.Signer
	rand   io.Reader // nil for deterministic signatures
}

func (s *signer) PublicKey() PublicKey { return s.public }

// String names the kind of key, and nothing of the private key.
func (s signer) String() string { return "signer " + s.public.String() }

// Format writes what String returns for every verb, so that no verb prints the private key.
func (s signer) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

func (s *signer) Sign(message []byte) ([]byte, error) {
	if s.public.alg == AlgESP256 {
		return s.signP256(message)
	}
	signature, err := s.key.Sign(s.rand, message, crypto.Hash(0))
	if err != nil {
		return nil, fail(ErrSign, "Ed25519", err)
	}
	if len(signature) != SignatureSize {
		return nil, fail(ErrSign, "signature is not 64 bytes", nil)
	}
	return signature, nil
}

func (s *signer) signP256(message []byte) ([]byte, error) {
	der, err := crypto.SignMessage(s.key, s.rand, message, crypto.SHA256)
	if err != nil {
		return nil, fail(ErrSign, "ESP256", err)
	}
	return fromDER(der)
}

// fromDER turns the ASN.1 form of an ECDSA signature (RFC 3279, section 2.2.3),
// which [crypto.Signer] gives, into r || s of 64 bytes.
func fromDER(der []byte) ([]byte, error) {
	var value struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &value); err != nil {
		return nil, fail(ErrSign, "signature is not DER", err)
	}
	// Unmarshal passes over what follows S.
	if again, err := asn1.Marshal(value); err != nil || !bytes.Equal(again, der) {
		return nil, fail(ErrSign, "signature is not DER", err)
	}
	order := elliptic.P256().Params().N
	for _, v := range []*big.Int{value.R, value.S} {
		if v.Sign() <= 0 || v.Cmp(order) >= 0 {
			return nil, fail(ErrSign, "signature is not in range", nil)
		}
	}
	signature := make([]byte, SignatureSize)
	value.R.FillBytes(signature[:CoordinateSize])
	value.S.FillBytes(signature[CoordinateSize:])
	return signature, nil
}
