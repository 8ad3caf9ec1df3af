package suite

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
)

// Verify reports whether signature, 64 bytes, is pub's signature of message. It
// returns nil if so, [ErrKey] for the zero key, and [ErrSignature] otherwise.
//
// Ed25519 has one acceptance rule, so that every implementation of the standard
// agrees on every signature:
//
//   - S is less than the group's order L.
//   - The key A is encoded canonically and is not of small order. [NewEd25519]
//     has seen to it, so every [PublicKey] is such a key.
//   - [S]B - [k]A, without multiplying by the cofactor, encodes to the very
//     bytes of R. So R is canonical too.
//
// The first and the last are what crypto/ed25519 does. The tests hold it to
// that, so a change in the standard library cannot go unseen.
//
// ECDSA takes r and s from 1 to the group's order less 1. Of the two signatures
// that s and its negative make, both are valid: nothing in the standard is
// named by the bytes of a signature.
func Verify(pub PublicKey, message, signature []byte, m *Meter) error {
	if len(signature) != SignatureSize {
		return fail(ErrSignature, "signature is not 64 bytes", nil)
	}
	switch pub.alg {
	case AlgEd25519:
		m.addVerify(pub.alg)
		if !ed25519.Verify(pub.x[:], message, signature) {
			return fail(ErrSignature, "Ed25519", nil)
		}
		return nil
	case AlgESP256:
		m.addVerify(pub.alg)
		return verifyP256(pub, message, signature)
	}
	return fail(ErrKey, "no key", nil)
}

func verifyP256(pub PublicKey, message, signature []byte) error {
	key, err := pub.ecdsa()
	if err != nil {
		return err
	}
	digest := sha256.Sum256(message)
	r, s := splitP256(signature)
	if !ecdsa.Verify(key, digest[:], r, s) {
		return fail(ErrSignature, "ESP256", nil)
	}
	return nil
}
