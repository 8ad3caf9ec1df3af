package hsm

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/credential"
)

// Sizes in bytes.
const (
	sizeEd25519 = ed25519.PublicKeySize
	sizeP256    = 65 // uncompressed: 04, X, Y
)

// publicKey reads what a token says of a public key.  CKA_EC_POINT is a DER OCTET
// STRING by PKCS#11 2.40 and 3.0; some modules leave the DER away, which 3.1 asks for
// with Ed25519, and some make a BIT STRING of it.  The length tells which.
func publicKey(kind Kind, params, point []byte) (crypto.PublicKey, error) {
	r, ok := kind.recipe()
	if !ok || !slices.Contains(r.params, string(params)) {
		return nil, fmt.Errorf("%w: CKA_EC_PARAMS is not that of %v", ErrKey, kind)
	}
	size := sizeEd25519
	if kind == P256 {
		size = sizeP256
	}
	raw, ok := unwrap(point, size)
	if !ok {
		return nil, fmt.Errorf("%w: CKA_EC_POINT of %d bytes is none of %v, want %d as they are, as OCTET STRING or as BIT STRING", ErrKey, len(point), kind, size)
	}
	var key crypto.PublicKey = ed25519.PublicKey(raw)
	if kind == P256 {
		p, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), raw)
		if err != nil {
			return nil, fmt.Errorf("%w: CKA_EC_POINT: %w", ErrKey, err)
		}
		key = p
	}
	// The standard's own rule is stricter: canonical, and not of small order.
	if _, err := credential.NewPublicKey(key); err != nil {
		return nil, fmt.Errorf("%w: CKA_EC_POINT: %w", ErrKey, err)
	}
	return key, nil
}

// unwrap returns a copy of the size bytes inside, and whether they are there.
func unwrap(point []byte, size int) ([]byte, bool) {
	switch len(point) - size {
	case 0:
		return slices.Clone(point), true
	case 2:
		return slices.Clone(point[2:]), point[0] == 0x04 && int(point[1]) == size
	case 3:
		return slices.Clone(point[3:]), point[0] == 0x03 && int(point[1]) == size+1 && point[2] == 0
	}
	return nil, false
}
