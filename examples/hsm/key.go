package hsm

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/asn1"
	"fmt"
	"io"
	"math/big"
	"slices"

	"github.com/miekg/pkcs11"
)

// Key is a key pair in a token.  It is a crypto.Signer, safe for concurrent use.
type Key struct {
	token  *Token
	kind   Kind
	id     []byte
	label  string
	public crypto.PublicKey
}

// Public returns the public half: an ed25519.PublicKey or an *ecdsa.PublicKey.
func (k *Key) Public() crypto.PublicKey { return k.public }

// Kind returns the kind of the key.
func (k *Key) Kind() Kind { return k.kind }

// ID returns the key's CKA_ID.
func (k *Key) ID() []byte { return slices.Clone(k.id) }

// Label returns the key's CKA_LABEL.
func (k *Key) Label() string { return k.label }

// Sign has the token sign.  With Ed25519 it takes the message as it is, and
// opts.HashFunc() is 0; with P-256 the SHA-256 digest of it, and returns r and s in
// ASN.1 DER.  Randomness is the token's own.
//
// Errors: ErrRequest, ErrSilent, ErrBusy, ErrToken, ErrPIN, ErrKey where the token
// lost the key, or that of the module.
func (k *Key) Sign(_ io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	if err := k.takes(message, opts); err != nil {
		return nil, err
	}
	message = slices.Clone(message) // a call that hangs reads it later
	raw, err := do(k.token, "signature", func(s *session) ([]byte, error) { return k.sign(s, message) })
	if err != nil || k.kind == Ed25519 {
		return raw, err
	}
	half := len(raw) / 2
	return asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(raw[:half]), new(big.Int).SetBytes(raw[half:])})
}

// takes refuses what a signature by this key is not for.
func (k *Key) takes(message []byte, opts crypto.SignerOpts) error {
	if opts == nil {
		return fmt.Errorf("%w: no options", ErrRequest)
	}
	if o, ok := opts.(*ed25519.Options); ok && o.Context != "" {
		return fmt.Errorf("%w: Ed25519ctx is not made", ErrRequest)
	}
	switch hash := opts.HashFunc(); {
	case k.kind == Ed25519 && hash != 0:
		return fmt.Errorf("%w: Ed25519 signs the message, not its %v", ErrRequest, hash)
	case k.kind == P256 && (hash != crypto.SHA256 || len(message) != sha256.Size):
		return fmt.Errorf("%w: P-256 signs SHA-256 digests of 32 bytes, not %d bytes of %v", ErrRequest, len(message), hash)
	}
	return nil
}

// sign makes a raw signature of 64 bytes.
func (k *Key) sign(s *session, message []byte) ([]byte, error) {
	handle, ok := s.private[string(k.id)]
	if !ok {
		var err error
		if handle, err = k.token.one(s, k.attributes(pkcs11.CKO_PRIVATE_KEY)); err != nil {
			return nil, err
		}
		s.private[string(k.id)] = handle
	}
	r, _ := k.kind.recipe()
	if err := k.token.module.SignInit(s.handle, []*pkcs11.Mechanism{pkcs11.NewMechanism(r.sign, nil)}, handle); err != nil {
		return nil, err
	}
	raw, err := k.token.module.Sign(s.handle, message)
	if err != nil {
		return nil, err
	}
	if len(raw) != ed25519.SignatureSize {
		return nil, fmt.Errorf("%w: %v signature of %d bytes, want %d", ErrKey, k.kind, len(raw), ed25519.SignatureSize)
	}
	return raw, nil
}

// attributes find one half of the key.
func (k *Key) attributes(class uint) []*pkcs11.Attribute {
	return []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, class),
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true),
		pkcs11.NewAttribute(pkcs11.CKA_ID, k.id),
	}
}
