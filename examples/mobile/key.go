package postern

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"errors"
	"io"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// SubjectPublicKeyInfo (RFC 5280, section 4.1) of the two kinds, up to the key.  DER
// has one form for each, so nothing is left to parse, and crypto/x509, which brings
// all of package net, stays out of the app.
const (
	infoEd25519 = "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"
	infoP256    = "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00"
)

// parseKey reads a public key in one of the forms of [Key.PublicKey].
func parseKey(b []byte) (credential.PublicKey, error) {
	var key crypto.PublicKey
	var err error
	switch {
	case len(b) == 32:
		key = ed25519.PublicKey(bytes.Clone(b))
	case len(b) == len(infoEd25519)+32 && bytes.HasPrefix(b, []byte(infoEd25519)):
		key = ed25519.PublicKey(bytes.Clone(b[len(infoEd25519):]))
	case len(b) == 65:
		key, err = ecdsa.ParseUncompressedPublicKey(elliptic.P256(), b)
	case len(b) == len(infoP256)+65 && bytes.HasPrefix(b, []byte(infoP256)):
		key, err = ecdsa.ParseUncompressedPublicKey(elliptic.P256(), b[len(infoP256):])
	default:
		err = errors.New("want 32 or 44 bytes of Ed25519, 65 or 91 of P-256")
	}
	if err != nil {
		return credential.PublicKey{}, &fault{code: CodeArgument, detail: "public key", err: err}
	}
	public, err := credential.NewPublicKey(key)
	if err != nil {
		return credential.PublicKey{}, &fault{code: CodeArgument, detail: "public key", err: err}
	}
	return public, nil
}

// hardware is the platform's key as the library takes keys.
type hardware struct {
	public credential.PublicKey
	key    Key
}

// newHardware asks the key for its public half.
func newHardware(key Key) (*hardware, error) {
	if key == nil {
		return nil, argument("Platform.Key is missing")
	}
	b, err := key.PublicKey()
	if err != nil {
		return nil, &fault{code: CodeKey, detail: "PublicKey", err: err}
	}
	public, err := parseKey(b)
	if err != nil {
		return nil, &fault{code: CodeKey, detail: "PublicKey", err: err}
	}
	return &hardware{public, key}, nil
}

// Public is for crypto.Signer.
func (h *hardware) Public() crypto.PublicKey { return h.public.CryptoKey() }

// Sign is for crypto.Signer: Ed25519 signs messages, and ECDSA comes by
// SignMessage.
func (h *hardware) Sign(_ io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	if opts.HashFunc() != 0 {
		return nil, errors.New("it takes messages, not digests")
	}
	return h.SignMessage(nil, message, opts)
}

// SignMessage is for crypto.MessageSigner: the platform hashes.
func (h *hardware) SignMessage(_ io.Reader, message []byte, _ crypto.SignerOpts) ([]byte, error) {
	signature, err := h.key.Sign(message)
	if err != nil {
		return nil, &keyFault{err}
	}
	return signature, nil
}

// holderKey returns the key as package holder takes it, which turns DER into the
// 64 bytes of the standard.
func (h *hardware) holderKey() (holder.Key, error) { return holder.NewKey(h) }
