package main

import (
	"encoding/hex"
	"math/big"
)

// P-256 by the formulas of a book, with numbers that anybody could compute, so
// that signatures can be made to order (FIPS 186-5, SP 800-186).
var (
	p256Prime = number256("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff")
	p256Order = number256("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
	p256B     = number256("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b")
	p256G     = point{
		number256("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
		number256("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"),
	}
)

func number256(digits string) *big.Int {
	b, err := hex.DecodeString(digits)
	if err != nil {
		panic(err)
	}
	return new(big.Int).SetBytes(b)
}

// point is a point of P-256; that at infinity has no x.
type point struct{ x, y *big.Int }

func mod(v, m *big.Int) *big.Int { return new(big.Int).Mod(v, m) }

func mul(m *big.Int, factors ...*big.Int) *big.Int {
	product := big.NewInt(1)
	for _, f := range factors {
		product.Mod(product.Mul(product, f), m)
	}
	return product
}

func inverse(v, m *big.Int) *big.Int { return new(big.Int).ModInverse(v, m) }

func sum(m *big.Int, terms ...*big.Int) *big.Int {
	total := new(big.Int)
	for _, t := range terms {
		total.Add(total, t)
	}
	return total.Mod(total, m)
}

func negative(v, m *big.Int) *big.Int { return mod(new(big.Int).Neg(v), m) }

func (a point) plus(b point) point {
	p := p256Prime
	switch {
	case a.x == nil:
		return b
	case b.x == nil:
		return a
	case a.x.Cmp(b.x) == 0 && a.y.Cmp(b.y) != 0:
		return point{}
	}
	slope := mul(p, sum(p, b.y, negative(a.y, p)), orOne(inverse(sum(p, b.x, negative(a.x, p)), p)))
	if a.x.Cmp(b.x) == 0 {
		three := big.NewInt(3)
		slope = mul(p, sum(p, mul(p, three, a.x, a.x), negative(three, p)), inverse(sum(p, a.y, a.y), p))
	}
	x := sum(p, mul(p, slope, slope), negative(a.x, p), negative(b.x, p))
	return point{x, sum(p, mul(p, slope, sum(p, a.x, negative(x, p))), negative(a.y, p))}
}

// orOne replaces the inverse that zero has not.
func orOne(v *big.Int) *big.Int {
	if v == nil {
		return big.NewInt(1)
	}
	return v
}

func (a point) times(k *big.Int) point {
	var result point
	for i := k.BitLen() - 1; i >= 0; i-- {
		if result = result.plus(result); k.Bit(i) == 1 {
			result = result.plus(a)
		}
	}
	return result
}

func (a point) minus() point { return point{a.x, negative(a.y, p256Prime)} }

// pointAt returns a point with this x-coordinate, if there is one: the one with
// an even y.
func pointAt(x *big.Int) (point, bool) {
	p := p256Prime
	square := sum(p, mul(p, x, x, x), mul(p, big.NewInt(-3), x), p256B)
	y := new(big.Int).ModSqrt(square, p)
	if y == nil || x.Cmp(p) >= 0 {
		return point{}, false
	}
	if y.Bit(0) == 1 {
		y.Sub(p, y)
	}
	return point{x, y}, true
}

// bytes32 returns a number as 32 bytes, big endian.
func bytes32(v *big.Int) []byte { return v.FillBytes(make([]byte, 32)) }

// badPoint is an x that no key has.
type badPoint struct {
	comment string
	x       []byte
}

// nextX returns the least x from v on that is, or is not, that of a point.
func nextX(v int64, is bool) *big.Int {
	for ; ; v++ {
		if _, ok := pointAt(big.NewInt(v)); ok == is {
			return big.NewInt(v)
		}
	}
}

// badCurvePoints are x-coordinates that P-256 keys do not have.
func badCurvePoints() []badPoint {
	on, off := nextX(1, true), nextX(1, false)
	top := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1))
	below := new(big.Int).Sub(p256Prime, big.NewInt(1))
	for {
		if _, ok := pointAt(below); !ok {
			break
		}
		below.Sub(below, big.NewInt(1))
	}
	return []badPoint{
		{"x that belongs to no point", bytes32(off)},
		{"x that belongs to no point, just below the prime", bytes32(below)},
		{"x the prime", bytes32(p256Prime)},
		{"x the prime and the x of a point", bytes32(new(big.Int).Add(p256Prime, on))},
		{"x of ones", bytes32(top)},
	}
}
