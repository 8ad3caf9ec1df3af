package holdertest

import (
	"encoding/hex"
	"slices"
)

// LowOrder returns points of small order of Curve25519, for [GX]: the agreed
// secret is all zero, whatever the lock's key is (RFC 7748, section 6.1).
func LowOrder() [][]byte {
	return shares(
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	)
}

// OffCurve returns what is no x-coordinate of P-256, for [GX]: a number that no
// point has, the field's prime, and the greatest number of 32 bytes.
func OffCurve() [][]byte {
	return shares(
		"0000000000000000000000000000000000000000000000000000000000000001",
		"ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	)
}

// shares decodes constants.
func shares(texts ...string) (all [][]byte) {
	for _, text := range texts {
		b, _ := hex.DecodeString(text)
		all = append(all, b)
	}
	return slices.Clip(all)
}
