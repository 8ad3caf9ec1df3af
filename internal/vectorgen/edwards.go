package main

import (
	"crypto/sha512"
	"fmt"
	"math/big"
	"slices"

	"filippo.io/edwards25519"
)

// edwardsOrder is L, the order of the base point of Ed25519 (RFC 8032, 5.1).
var edwardsOrder = new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 252), number256("14def9dea2f79cd65812631a5cf5d3ed"))

// edwardsPrime is 2^255 - 19.
var edwardsPrime = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))

// littleEndian returns a number as 32 bytes, little endian.
func littleEndian(v *big.Int) []byte {
	b := bytes32(v)
	slices.Reverse(b)
	return b
}

func fromLittle(b []byte) *big.Int {
	b = slices.Clone(b)
	slices.Reverse(b)
	return new(big.Int).SetBytes(b)
}

// plusOrder returns S + L.
func plusOrder(s []byte) []byte { return littleEndian(new(big.Int).Add(fromLittle(s), edwardsOrder)) }

// edwardsTimes multiplies by a number that is not reduced by L.
func edwardsTimes(k *big.Int, p *edwards25519.Point) *edwards25519.Point {
	result := edwards25519.NewIdentityPoint()
	for i := k.BitLen() - 1; i >= 0; i-- {
		if result.Add(result, result); k.Bit(i) == 1 {
			result.Add(result, p)
		}
	}
	return result
}

// torsion returns the eight points of small order, the i-th i times one of
// order 8.
func torsion() [8]*edwards25519.Point {
	for y := byte(2); ; y++ {
		p, err := new(edwards25519.Point).SetBytes(append([]byte{y}, make([]byte, 31)...))
		if err != nil {
			continue
		}
		var all [8]*edwards25519.Point
		t := edwardsTimes(edwardsOrder, p)
		for i := range all {
			all[i] = edwardsTimes(big.NewInt(int64(i)), t)
		}
		if all[4].Equal(edwards25519.NewIdentityPoint()) == 0 {
			return all
		}
	}
}

// order returns that of the i-th point of torsion.
func order(i int) int {
	for n := 1; ; n *= 2 {
		if i*n%8 == 0 {
			return n
		}
	}
}

// smallOrder has every encoding of a point of small order that a lax decoder
// takes, with the number of the point in torsion.
type smallOrder struct {
	encoding  []byte
	number    int
	canonical bool
}

func smallOrders() []smallOrder {
	var all []smallOrder
	for i, p := range torsion() {
		canonical := p.Bytes()
		all = append(all, smallOrder{canonical, i, true})
		y := fromLittle(canonical)
		sign := y.Bit(255)
		y.SetBit(y, 255, 0)
		xIsZero := i%4 == 0
		add := func(y *big.Int, sign uint) {
			encoding := littleEndian(new(big.Int).SetBit(y, 255, sign))
			all = append(all, smallOrder{encoding, i, false})
		}
		if xIsZero {
			add(y, 1)
		}
		if y.Cmp(big.NewInt(19)) < 0 {
			over := new(big.Int).Add(y, edwardsPrime)
			add(over, sign)
			if xIsZero {
				add(over, 1)
			}
		}
	}
	return all
}

// badEdwardsPoints are encodings that no Ed25519 key has.
func badEdwardsPoints() []badPoint {
	var all []badPoint
	for _, s := range smallOrders() {
		comment := fmt.Sprintf("a point of order %d", order(s.number))
		if !s.canonical {
			comment += ", its encoding not canonical"
		}
		all = append(all, badPoint{comment, s.encoding})
	}
	for y := byte(2); y < 19; y++ {
		_, err := new(edwards25519.Point).SetBytes(append([]byte{y}, make([]byte, 31)...))
		if err == nil {
			over := new(big.Int).Add(edwardsPrime, big.NewInt(int64(y)))
			all = append(all, badPoint{fmt.Sprintf("y the prime and %d", y), littleEndian(over)})
			break
		}
	}
	for y := byte(2); ; y++ {
		encoding := append([]byte{y}, make([]byte, 31)...)
		if _, err := new(edwards25519.Point).SetBytes(encoding); err != nil {
			return append(all, badPoint{"y that belongs to no point", encoding})
		}
	}
}

// half is A or R before it is made: scalar * B and the i-th point of small order.
type half struct {
	scalar   *edwards25519.Scalar
	small    int
	encoding []byte // in place of the canonical one, if not nil
}

func (h half) bytes() []byte {
	if h.encoding != nil {
		return h.encoding
	}
	p := new(edwards25519.Point).ScalarBaseMult(h.scalar)
	return p.Add(p, torsion()[h.small]).Bytes()
}

// scalar draws a scalar.
func scalar(label string) *edwards25519.Scalar {
	s, err := edwards25519.NewScalar().SetUniformBytes(draw(label, 64))
	if err != nil {
		panic(err)
	}
	return s
}

// made is a signature that was made of two halves.
type made struct {
	key, message, signature []byte
	k                       *big.Int // SHA-512, not reduced
}

// reduced returns k mod L mod 8, by which the small part of A is multiplied.
func (m made) reduced() int { return int(mod(m.k, edwardsOrder).Int64() & 7) }

// whole returns k mod 8 without the reduction by L.
func (m made) whole() int { return int(new(big.Int).And(m.k, big.NewInt(7)).Int64()) }

// combine signs a message with two halves: S = r + k a.
func combine(a, r half, message []byte) made {
	m := made{key: a.bytes(), message: message}
	rBytes := r.bytes()
	digest := sha512.Sum512(slices.Concat(rBytes, m.key, message))
	m.k = fromLittle64(digest[:])
	k, err := edwards25519.NewScalar().SetUniformBytes(digest[:])
	if err != nil {
		panic(err)
	}
	m.signature = append(slices.Clone(rBytes), edwards25519.NewScalar().MultiplyAdd(k, a.scalar, r.scalar).Bytes()...)
	return m
}

func fromLittle64(b []byte) *big.Int {
	b = slices.Clone(b)
	slices.Reverse(b)
	return new(big.Int).SetBytes(b)
}

// search signs messages that count until one is as wanted.
func search(a half, r func() half, wanted func(made) bool) made {
	for i := 0; ; i++ {
		if m := combine(a, r(), fmt.Appendf(nil, "message %d", i)); wanted(m) {
			return m
		}
	}
}
