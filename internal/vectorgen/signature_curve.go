package main

import (
	"crypto/sha256"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

func (b signatureBuilder) curve(x []byte, odd bool, message, signature []byte) vectors.SignatureTest {
	return vectors.SignatureTest{Key: vectors.Key{Alg: "esp256", X: x, Odd: &odd}, Message: message, Signature: signature}
}

// of is a test under a point as the key.
func (b signatureBuilder) of(key point, message []byte, r, s *big.Int) vectors.SignatureTest {
	return b.curve(bytes32(key.x), key.y.Bit(0) == 1, message, pairOf(r, s))
}

// hashed is the number that ECDSA signs.
func hashed(message []byte) *big.Int {
	digest := sha256.Sum256(message)
	return mod(new(big.Int).SetBytes(digest[:]), p256Order)
}

// keyFor returns the key under which r and s are a signature of the message,
// where r is the x-coordinate of the point big, mod n:
//
//	Q = (s * big - h * G) / r
func keyFor(message []byte, big point, s *big.Int) point {
	n := p256Order
	q := big.times(s).plus(p256G.times(negative(hashed(message), n)))
	return q.times(inverse(mod(big.x, n), n))
}

func (b signatureBuilder) curvePlain() {
	b.group("P-256: good signatures, and altered ones", vectors.None{})
	n := p256Order
	for _, label := range []string{"signature/curve", "signature/curve-2", "signature/curve-3"} {
		k := curveKey(label)
		for i, m := range messages() {
			if label != "signature/curve" && i != 2 {
				continue
			}
			test := b.curve(k.x, k.odd(), append(vectors.Hex{}, m...), k.sign(m))
			twin := b.valid(fmt.Sprintf("a message of %d bytes, y odd: %v", len(m), k.odd()), test, "admitted")
			test.Signature = slices.Clone(test.Signature)
			opposite := test
			s := new(big.Int).SetBytes(test.Signature[32:])
			opposite.Signature = pairOf(new(big.Int).SetBytes(test.Signature[:32]), new(big.Int).Sub(n, s))
			b.valid(fmt.Sprintf("the same with n - s, above half of n: %v", s.Cmp(new(big.Int).Rsh(n, 1)) < 0), opposite, "high-s")
			if i == 2 {
				b.curveAltered(twin, k, test)
			}
		}
	}
}

func (b signatureBuilder) curveAltered(twin int, k keyPair, good vectors.SignatureTest) {
	const bad = wire.ReasonSignature
	flip := good
	flipped := !k.odd()
	flip.Odd = &flipped
	b.invalid(twin, bad, fmt.Sprintf("the other sign of y, odd: %v", flipped), flip, "forged")
	if string(k.x) != string(curveKey("signature/curve").x) {
		return
	}
	other := curveKey("signature/curve-2")
	b.altered(twin, good, b.curve(other.x, other.odd(), []byte("Porch"), k.sign([]byte("Porch"))))
	r, s := new(big.Int).SetBytes(good.Signature[:32]), new(big.Int).SetBytes(good.Signature[32:])
	edit := func(reason int64, comment string, signature []byte, flag string) {
		t := good
		t.Signature = signature
		b.invalid(twin, reason, comment, t, flag)
	}
	der, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
	if err != nil {
		panic(err)
	}
	edit(bad, "in DER", der, "other-format")
	edit(bad, "in DER, filled up or cut to 64 bytes", append(slices.Clone(der), make([]byte, 64)...)[:64], "other-format")
	edit(bad, "r and s little endian", pairOf(fromLittle(good.Signature[:32]), fromLittle(good.Signature[32:])), "other-format")
	edit(bad, "n - r", pairOf(new(big.Int).Sub(p256Order, r), s), "forged")
	edit(bad, "both negative", pairOf(new(big.Int).Sub(p256Order, r), new(big.Int).Sub(p256Order, s)), "forged")
	edit(bad, "the signature of an Ed25519 key", edwardsKey("signature/edwards").sign(good.Message), "other-format")
	for _, size := range []int{31, 33, 0} {
		t := good
		t.X = append(slices.Clone(good.X), 0)[:size]
		b.invalid(twin, wire.ReasonMalformed, fmt.Sprintf("x of %d bytes", size), t, "length")
	}
	t := good
	t.X = slices.Concat([]byte{2}, good.X)
	b.invalid(twin, wire.ReasonMalformed, "x a compressed point of 33 bytes", t, "length")
	t.X = slices.Concat(k.x, k.y)
	b.invalid(twin, wire.ReasonMalformed, "x and y in x", t, "length")
}

func (b signatureBuilder) curveRange() {
	b.group("P-256: r and s outside of 1 to n - 1", vectors.None{})
	n, zero, one := p256Order, new(big.Int), big.NewInt(1)
	m := []byte("Postern")
	// r is small, so that r + n has 32 bytes; s is 1.
	small, _ := pointAt(nextX(1, true))
	key := keyFor(m, small, one)
	r := small.x
	twin := b.valid("r small and s 1", b.of(key, m, r, one), "special")
	bad := func(comment string, r, s *big.Int) {
		b.invalid(twin, wire.ReasonSignature, comment, b.of(key, m, r, s), "range")
	}
	top := new(big.Int).Sub(new(big.Int).Lsh(one, 256), one)
	bad("r + n", new(big.Int).Add(r, n), one)
	bad("s + n", r, new(big.Int).Add(one, n))
	bad("r + n and s + n", new(big.Int).Add(r, n), new(big.Int).Add(one, n))
	for _, v := range []struct {
		name string
		v    *big.Int
	}{{"0", zero}, {"n", n}, {"the prime", p256Prime}, {"2^256 - 1", top}} {
		bad("r is "+v.name, v.v, one)
		bad("s is "+v.name, r, v.v)
		bad("r and s are "+v.name, v.v, v.v)
	}
	bad("r is 0 and s is n", zero, n)
	bad("r is n and s is 0", n, zero)
	bad("r and s are 1", one, one)
	bad("r is n - 1", new(big.Int).Sub(n, one), one)
	bad("s is 2", r, big.NewInt(2))
	b.valid("s is n - 1, which is -1", b.of(key, m, r, new(big.Int).Sub(n, one)), "high-s", "special")
}

func (b signatureBuilder) curveSpecial() {
	b.group("P-256: values that chance does not meet", vectors.None{})
	n, one, two := p256Order, big.NewInt(1), big.NewInt(2)
	m := []byte("Postern")
	// R has an x-coordinate of n or more: r is x - n.
	over := new(big.Int).Set(n)
	var big1 point
	for ok := false; !ok; over = new(big.Int).Add(over, one) {
		if over.Cmp(n) > 0 {
			big1, ok = pointAt(over)
		}
	}
	r := mod(big1.x, n)
	key := keyFor(m, big1, two)
	twin := b.valid("the x-coordinate of R is above n", b.of(key, m, r, two), "special")
	b.invalid(twin, wire.ReasonSignature, "r the x-coordinate of R, which is above n", b.of(key, m, big1.x, two), "range")
	// Half of n and its neighbours as s.
	half := new(big.Int).Rsh(n, 1)
	g := p256G
	for _, v := range []struct {
		name string
		s    *big.Int
	}{{"2", two}, {"half of n", half}, {"half of n and 1", sum(n, half, one)}, {"n - 2", new(big.Int).Sub(n, two)}, {"2^255", new(big.Int).Lsh(one, 255)}} {
		k := keyFor(m, g, v.s)
		twin := b.valid("R the base point, s "+v.name, b.of(k, m, mod(g.x, n), v.s), "special")
		b.invalid(twin, wire.ReasonSignature, "R the base point, s three more than "+v.name, b.of(k, m, mod(g.x, n), sum(n, v.s, big.NewInt(3))), "forged")
	}
	h := hashed(m)
	// Both halves of the sum are one point, which has to be doubled.
	t := new(big.Int).SetBytes(draw("signature/special/t", 31))
	double := g.times(t).times(two)
	r = mod(double.x, n)
	key = g.times(mul(n, h, inverse(r, n)))
	b.valid("u1 G and u2 Q are one point", b.of(key, m, r, mul(n, h, inverse(t, n))), "special")
	// Both halves take each other away.
	s := new(big.Int).SetBytes(draw("signature/special/s", 31))
	key = key.minus()
	b.invalid(0, wire.ReasonSignature, "u1 G and u2 Q add up to infinity", b.of(key, m, r, s), "special")
	b.invalid(0, wire.ReasonSignature, "u1 G and u2 Q add up to infinity, with r of zero", b.of(key, m, new(big.Int), s), "range")
	// The key is the base point or its opposite: the private key is 1 or -1.
	for _, d := range []*big.Int{one, two, new(big.Int).Sub(n, one)} {
		k := new(big.Int).SetBytes(draw("signature/special/k", 31))
		r := mod(g.times(k).x, n)
		s := mul(n, inverse(k, n), sum(n, h, mul(n, r, d)))
		twin := b.valid("the private key "+d.Text(16), b.of(g.times(d), m, r, s), "special")
		b.invalid(twin, wire.ReasonSignature, "the private key "+d.Text(16)+", the key of its opposite", b.of(g.times(d).minus(), m, r, s), "forged")
	}
}

func (b signatureBuilder) curveKeys() {
	b.group("P-256: x that belongs to no key", vectors.None{})
	k := curveKey("signature/curve")
	m := []byte("Postern")
	twin := b.valid("a good key", b.curve(k.x, k.odd(), m, k.sign(m)), "admitted")
	for _, p := range badCurvePoints() {
		for _, odd := range []bool{false, true} {
			b.invalid(twin, wire.ReasonMalformed, fmt.Sprintf("%s, y odd: %v", p.comment, odd), b.curve(p.x, odd, m, k.sign(m)), "point")
		}
	}
	for _, v := range []int64{0, 5} {
		if p, ok := pointAt(big.NewInt(v)); ok {
			b.invalid(twin, wire.ReasonSignature, fmt.Sprintf("x %d, which is that of a point, of another key", v), b.curve(bytes32(p.x), false, m, k.sign(m)), "forged")
		}
	}
	edwards := edwardsKey("signature/edwards")
	reason := int64(wire.ReasonMalformed)
	if _, ok := pointAt(new(big.Int).SetBytes(edwards.x)); ok {
		reason = wire.ReasonSignature
	}
	b.invalid(twin, reason, "x of an Ed25519 key", b.curve(edwards.x, false, m, edwards.sign(m)), "other-format")
}
