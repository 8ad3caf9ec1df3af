package mutant

import (
	"crypto/sha512"
	"io"

	"filippo.io/edwards25519"
)

// Constant is a source of random bytes that gives the same ones for ever.
var Constant io.Reader = constant{}

type constant struct{}

func (constant) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(i) | 1
	}
	return len(p), nil
}

// Ed25519 verifies a signature with the equation that has the cofactor in it, and
// takes an S that is not below the order of the base point.
func Ed25519(key, message, signature []byte) bool {
	a, err := new(edwards25519.Point).SetBytes(key)
	if err != nil || len(signature) != 64 {
		return false
	}
	r, err := new(edwards25519.Point).SetBytes(signature[:32])
	if err != nil {
		return false
	}
	var wide [64]byte
	copy(wide[:], signature[32:])
	s, err := new(edwards25519.Scalar).SetUniformBytes(wide[:])
	if err != nil {
		return false
	}
	h := sha512.New()
	h.Write(signature[:32])
	h.Write(key)
	h.Write(message)
	k, err := new(edwards25519.Scalar).SetUniformBytes(h.Sum(nil))
	if err != nil {
		return false
	}
	left := new(edwards25519.Point).VarTimeDoubleScalarBaseMult(k, new(edwards25519.Point).Negate(a), s)
	left.Subtract(left, r)
	return left.MultByCofactor(left).Equal(edwards25519.NewIdentityPoint()) == 1
}
