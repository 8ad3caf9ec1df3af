package suite

import (
	"crypto/elliptic"
	"math/big"
)

// First bytes of an encoded point, SEC 1 version 2.0, section 2.3.3.
const (
	sec1CompressedEven = 2
	sec1CompressedOdd  = 3
	sec1Uncompressed   = 4
)

// decompressP256 returns the uncompressed encoding, 65 bytes, of the point of
// P-256 with this x-coordinate of 32 bytes and an odd or even y-coordinate, and
// whether there is one. An x that is not less than the field's prime has none.
func decompressP256(x []byte, odd bool) ([]byte, bool) {
	compressed := [1 + CoordinateSize]byte{sec1CompressedEven}
	if odd {
		compressed[0] = sec1CompressedOdd
	}
	copy(compressed[1:], x)
	px, py := elliptic.UnmarshalCompressed(elliptic.P256(), compressed[:])
	if px == nil {
		return nil, false
	}
	point := make([]byte, 1+2*CoordinateSize)
	point[0] = sec1Uncompressed
	px.FillBytes(point[1 : 1+CoordinateSize])
	py.FillBytes(point[1+CoordinateSize:])
	return point, true
}

// splitP256 returns r and s of a signature r || s of 64 bytes, RFC 9053,
// section 2.1. Whether they are in range is left to the verification.
func splitP256(signature []byte) (r, s *big.Int) {
	return new(big.Int).SetBytes(signature[:CoordinateSize]), new(big.Int).SetBytes(signature[CoordinateSize:])
}
