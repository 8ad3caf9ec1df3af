package cases

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"math/big"
	"slices"
)

// orderL is the order of the base point of Ed25519, L of section 4.4.1.
var orderL, _ = new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)

// little turns a number into 32 bytes, little endian, and back.
func little(n *big.Int) []byte {
	b := n.FillBytes(make([]byte, 32))
	slices.Reverse(b)
	return b
}

func fromLittle(b []byte) *big.Int {
	b = bytes.Clone(b)
	slices.Reverse(b)
	return new(big.Int).SetBytes(b)
}

// PlusL adds L to S of a signature by Ed25519: the same point, another signature.
func PlusL(signature []byte) []byte {
	s := new(big.Int).Add(fromLittle(signature[32:]), orderL)
	return slices.Concat(signature[:32], little(s))
}

// WithR makes the signature of a message by Ed25519 for which [S]B - [k]A is the
// neutral point, with R as it is given.  It is good where R is the canonical
// encoding of that point; a verifier that multiplies by the cofactor takes every R
// of small order, one that compares points takes every encoding.
func WithR(key ed25519.PrivateKey, r, message []byte) []byte {
	h := sha512.Sum512(key.Seed())
	h[0] &= 248
	h[31] = h[31]&127 | 64
	k := sha512.Sum512(slices.Concat(r, key.Public().(ed25519.PublicKey), message))
	s := new(big.Int).Mul(fromLittle(k[:]), fromLittle(h[:32]))
	return slices.Concat(r, little(s.Mod(s, orderL)))
}
