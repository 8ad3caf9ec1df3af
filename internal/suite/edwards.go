package suite

import "filippo.io/edwards25519"

// checkEdwards reports whether the 32 bytes of b are the canonical encoding of
// a point of edwards25519 that is not of small order.
//
// [edwards25519.Point.SetBytes] takes two encodings that RFC 8032, section
// 5.1.3, does not give a point: a y-coordinate of p or more, and the sign bit
// with x = 0. The first is looked for in the bytes. The second needs no look of
// its own: x is 0 only where y is 1 or -1, and both points are of small order.
func checkEdwards(b []byte) error {
	point, err := new(edwards25519.Point).SetBytes(b)
	if err != nil {
		return fail(ErrKey, "Ed25519 key is not on the curve", err)
	}
	if !fieldCanonical(b) {
		return fail(ErrKey, "Ed25519 key is not encoded canonically", nil)
	}
	if point.MultByCofactor(point).Equal(edwards25519.NewIdentityPoint()) == 1 {
		return fail(ErrKey, "Ed25519 key is of small order", nil)
	}
	return nil
}

// fieldCanonical reports whether the low 255 bits of b, little endian, are less
// than p = 2^255 - 19, which is ed ff .. ff 7f.
func fieldCanonical(b []byte) bool {
	if b[0] < 0xed || b[31]&0x7f != 0x7f {
		return true
	}
	for _, v := range b[1:31] {
		if v != 0xff {
			return true
		}
	}
	return false
}
