package main

import (
	"crypto/sha256"
	"fmt"
	"math/big"
	"slices"

	"filippo.io/edwards25519"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// signatureBuilder makes area signature.
type signatureBuilder struct {
	*builder[vectors.None, vectors.SignatureTest, *vectors.SignatureTest]
}

var signatureNotes = map[string]vectors.Note{
	"admitted":     note("none", "Refuses good signatures.", "PST-OBJ-019", "PST-OBJ-023"),
	"forged":       note("crypto", "A forged or altered signature passes.", "PST-OBJ-019", "PST-OBJ-021"),
	"length":       note("memory-safety", "Reads behind the end, or passes over bytes.", "PST-OBJ-019"),
	"scalar":       note("malleability", "A signature has further forms that pass.", "PST-OBJ-019", "PST-OBJ-021"),
	"high-s":       note("interoperability", "Refuses half of all signatures.", "PST-OBJ-021"),
	"small-order":  note("crypto", "A key under which a signature passes for messages that nobody signed.", "PST-OBJ-010"),
	"mixed-order":  note("interoperability", "Two verifiers disagree about a signature, as its maker likes.", "PST-OBJ-019"),
	"cofactor":     note("interoperability", "Takes by the equation with the cofactor what the rule refuses.", "PST-OBJ-019"),
	"canonical-r":  note("malleability", "R in another encoding passes.", "PST-OBJ-019"),
	"canonical-a":  note("confusion", "One key in two encodings, with two key ids.", "PST-OBJ-010"),
	"point":        note("crypto", "Calculates with what is no point of the curve.", "PST-OBJ-010"),
	"range":        note("crypto", "r or s outside of their range, zero above all, forge for every message.", "PST-OBJ-021"),
	"special":      note("crypto", "The arithmetic is wrong for values that chance does not meet.", "PST-OBJ-021"),
	"other-format": note("interoperability", "Takes a signature in the form of another standard.", "PST-OBJ-019", "PST-OBJ-021"),
}

func signatureArea() (output, error) {
	b := signatureBuilder{begin[vectors.None, vectors.SignatureTest]("signature", signatureNotes)}
	b.edwardsPlain()
	b.edwardsScalars()
	b.edwardsKeys()
	b.edwardsMixed()
	b.edwardsR()
	b.curvePlain()
	b.curveRange()
	b.curveSpecial()
	b.curveKeys()
	return b.end()
}

func (b signatureBuilder) edwards(key, message, signature []byte) vectors.SignatureTest {
	return vectors.SignatureTest{Key: vectors.Key{Alg: "ed25519", X: key}, Message: message, Signature: signature}
}

// messages are signed as they are.
func messages() [][]byte {
	return [][]byte{nil, {0}, []byte("Postern"), draw("signature/message/64", 64), draw("signature/message/127", 127), draw("signature/message/128", 128), draw("signature/message/1023", 1023)}
}

// altered adds what is wrong with a good signature of either algorithm.
func (b signatureBuilder) altered(twin int, good vectors.SignatureTest, other vectors.SignatureTest) {
	const bad = wire.ReasonSignature
	edit := func(comment string, edit func(*vectors.SignatureTest), flags ...string) {
		t := good
		t.Message, t.Signature = slices.Clone(good.Message), slices.Clone(good.Signature)
		edit(&t)
		b.invalid(twin, bad, comment, t, flags...)
	}
	edit("first bit of the message changed", func(t *vectors.SignatureTest) { t.Message[0] ^= 0x80 }, "forged")
	edit("last bit of the message changed", func(t *vectors.SignatureTest) { t.Message[len(t.Message)-1] ^= 1 }, "forged")
	edit("a byte more in the message", func(t *vectors.SignatureTest) { t.Message = append(t.Message, 0) }, "forged")
	edit("a byte fewer in the message", func(t *vectors.SignatureTest) { t.Message = t.Message[:len(t.Message)-1] }, "forged")
	edit("an empty message", func(t *vectors.SignatureTest) { t.Message = vectors.Hex{} }, "forged")
	edit("another key", func(t *vectors.SignatureTest) { t.Key = other.Key }, "forged")
	edit("signature of another message", func(t *vectors.SignatureTest) { t.Signature = other.Signature }, "forged")
	edit("halves exchanged", func(t *vectors.SignatureTest) { t.Signature = slices.Concat(t.Signature[32:], t.Signature[:32]) }, "forged")
	edit("a signature of zeros", func(t *vectors.SignatureTest) { t.Signature = make([]byte, 64) }, "forged")
	edit("a signature of ones", func(t *vectors.SignatureTest) { t.Signature = slices.Repeat([]byte{0xff}, 64) }, "forged")
	for _, i := range []int{0, 15, 31, 32, 47, 63} {
		edit(fmt.Sprintf("bit 0 of byte %d changed", i), func(t *vectors.SignatureTest) { t.Signature[i] ^= 1 }, "forged")
	}
	for _, n := range []int{0, 1, 32, 63} {
		edit(fmt.Sprintf("the first %d bytes", n), func(t *vectors.SignatureTest) { t.Signature = t.Signature[:n] }, "length")
	}
	edit("a byte of zero after it", func(t *vectors.SignatureTest) { t.Signature = append(t.Signature, 0) }, "length")
	edit("a byte of zero before it", func(t *vectors.SignatureTest) { t.Signature = append([]byte{0}, t.Signature...) }, "length")
	edit("twice", func(t *vectors.SignatureTest) { t.Signature = slices.Concat(t.Signature, t.Signature) }, "length")
	digest := sha256.Sum256(good.Message)
	edit("the digest in place of the message", func(t *vectors.SignatureTest) { t.Message = digest[:] }, "forged")
}

func (b signatureBuilder) edwardsPlain() {
	b.group("Ed25519: good signatures, and altered ones", vectors.None{})
	k, other := edwardsKey("signature/edwards"), edwardsKey("signature/edwards-other")
	for i, m := range messages() {
		test := b.edwards(k.x, append(vectors.Hex{}, m...), k.sign(m))
		twin := b.valid(fmt.Sprintf("a message of %d bytes", len(m)), test, "admitted")
		if i == 2 {
			second := b.edwards(other.x, []byte("Porch"), k.sign([]byte("Porch")))
			b.altered(twin, test, second)
			for _, n := range []int{31, 33, 0} {
				t := test
				t.X = append(slices.Clone(test.X), 0)[:n]
				b.invalid(twin, wire.ReasonMalformed, fmt.Sprintf("a key of %d bytes", n), t, "length")
			}
			curve := curveKey("signature/curve")
			t := test
			t.Signature = curve.sign(m)
			b.invalid(twin, wire.ReasonSignature, "the signature of a P-256 key", t, "other-format")
		}
	}
}

func (b signatureBuilder) edwardsScalars() {
	b.group("Ed25519: S not below L", vectors.None{})
	k := edwardsKey("signature/edwards")
	m := []byte("Postern")
	good := b.edwards(k.x, m, k.sign(m))
	twin := b.valid("S below L", good, "admitted")
	s := fromLittle(good.Signature[32:])
	bad := func(comment string, s *big.Int) {
		t := good
		t.Signature = slices.Concat(good.Signature[:32], littleEndian(s))
		b.invalid(twin, wire.ReasonSignature, comment, t, "scalar")
	}
	for _, times := range []int64{1, 2, 3, 7, 8, 13, 14} {
		bad(fmt.Sprintf("S + %d L", times), new(big.Int).Add(s, new(big.Int).Mul(edwardsOrder, big.NewInt(times))))
	}
	for bit := 253; bit < 256; bit++ {
		bad(fmt.Sprintf("bit %d of S set", bit), new(big.Int).SetBit(s, bit, 1))
	}
	bad("S = L", edwardsOrder)
	bad("S = L - 1", new(big.Int).Sub(edwardsOrder, big.NewInt(1)))
	bad("L - S", new(big.Int).Sub(edwardsOrder, s))
	bad("S of zero", new(big.Int))
}

func (b signatureBuilder) edwardsKeys() {
	b.group("Ed25519: keys that are none", vectors.None{})
	k := edwardsKey("signature/edwards")
	m := []byte("Postern")
	b.valid("a good key", b.edwards(k.x, m, k.sign(m)), "admitted")
	zero := edwards25519.NewScalar()
	for _, s := range smallOrders() {
		flag, comment := "small-order", fmt.Sprintf("a key of order %d", order(s.number))
		if !s.canonical {
			flag, comment = "canonical-a", comment+", its encoding not canonical"
		}
		// The signature that a verifier without the check takes.
		made := search(half{zero, s.number, s.encoding}, func() half { return half{zero, 0, nil} }, func(m made) bool { return m.reduced()*s.number%8 == 0 })
		b.invalid(0, wire.ReasonMalformed, comment, b.edwards(made.key, made.message, made.signature), flag)
	}
	for _, p := range badEdwardsPoints()[len(smallOrders()):] {
		b.invalid(0, wire.ReasonMalformed, p.comment, b.edwards(p.x, m, k.sign(m)), "point")
		p.x[31] |= 0x80
		b.invalid(0, wire.ReasonMalformed, p.comment+", with the sign bit", b.edwards(p.x, m, k.sign(m)), "point")
	}
	t := b.edwards(slices.Clone(k.x), m, k.sign(m))
	t.X[31] ^= 0x80
	b.invalid(0, wire.ReasonSignature, "the sign bit of the key changed, which is the key of -A", t, "forged")
}

// edwardsMixed has keys and R with a part of small order.  The rule takes the
// signature where the small part of R is that of -kA, k reduced by L.
func (b signatureBuilder) edwardsMixed() {
	b.group("Ed25519: keys and R with a part of small order", vectors.None{})
	a, r := scalar("signature/mixed/a"), scalar("signature/mixed/r")
	for _, i := range []int{4, 2, 6, 1, 3, 5, 7} {
		key := half{a, i, nil}
		plain := func() half { return half{r, 0, nil} }
		what := fmt.Sprintf("key with a part of order %d", order(i))
		good := search(key, plain, func(m made) bool { return m.reduced()*i%8 == 0 })
		twin := b.valid(what+" that k takes away", b.edwards(good.key, good.message, good.signature), "mixed-order")
		bad := search(key, plain, func(m made) bool { return m.reduced()*i%8 != 0 })
		b.invalid(twin, wire.ReasonSignature, what+" that k leaves", b.edwards(bad.key, bad.message, bad.signature), "cofactor", "mixed-order")
		for _, j := range []int{4, 1} {
			mixed := func() half { return half{r, j, nil} }
			if good, ok := find(key, mixed, func(m made) bool { return (m.reduced()*i+j)%8 == 0 }); ok {
				b.valid(fmt.Sprintf("%s, R with the opposite one of order %d", what, order(j)), b.edwards(good.key, good.message, good.signature), "mixed-order")
			}
		}
	}
	b.edwardsReduced(a, r)
}

// find is search for what need not be there.
func find(a half, r func() half, wanted func(made) bool) (made, bool) {
	for i := range 200 {
		if m := combine(a, r(), fmt.Appendf(nil, "message %d", i)); wanted(m) {
			return m, true
		}
	}
	return made{}, false
}

// edwardsReduced tells verifiers apart that multiply A by k with and without
// reducing it by L.
func (b signatureBuilder) edwardsReduced(a, r *edwards25519.Scalar) {
	key, plain := half{a, 1, nil}, func() half { return half{r, 0, nil} }
	good := search(key, plain, func(m made) bool { return m.reduced() == 0 && m.whole() != 0 })
	twin := b.valid("a key that needs k reduced by L", b.edwards(good.key, good.message, good.signature), "mixed-order")
	bad := search(key, plain, func(m made) bool { return m.reduced() != 0 && m.whole() == 0 })
	b.invalid(twin, wire.ReasonSignature, "a key that needs k not reduced by L", b.edwards(bad.key, bad.message, bad.signature), "cofactor", "mixed-order")
	prime := half{a, 0, nil}
	plainGood := combine(prime, plain(), []byte("Postern"))
	twin = b.valid("key and R without a small part", b.edwards(plainGood.key, plainGood.message, plainGood.signature), "admitted")
	for j := 1; j < 8; j++ {
		m := combine(prime, half{r, j, nil}, []byte("Postern"))
		b.invalid(twin, wire.ReasonSignature, fmt.Sprintf("R with the small part %d, of order %d", j, order(j)), b.edwards(m.key, m.message, m.signature), "cofactor")
	}
}

// edwardsR has R that is nothing but a point of small order.
func (b signatureBuilder) edwardsR() {
	b.group("Ed25519: R of small order, and not canonical", vectors.None{})
	a, zero := scalar("signature/small-r/a"), edwards25519.NewScalar()
	for i := range 8 {
		key := half{a, i, nil}
		for _, s := range smallOrders() {
			r := func() half { return half{zero, s.number, s.encoding} }
			fits := func(m made) bool { return (m.reduced()*i+s.number)%8 == 0 }
			good, ok := find(key, r, fits)
			what := fmt.Sprintf("R the point of small order %d, of order %d, key with the small part %d", s.number, order(s.number), i)
			switch test := b.edwards(good.key, good.message, good.signature); {
			case !ok:
			case s.canonical && (i == 0 || i == 1 || i == 4):
				b.valid(what, test, "mixed-order")
			case !s.canonical && (i == 0 || i == 1):
				b.invalid(0, wire.ReasonSignature, what+", not canonical", test, "canonical-r")
			}
		}
	}
	m := combine(half{a, 0, nil}, half{zero, 4, nil}, []byte("Postern"))
	b.invalid(0, wire.ReasonSignature, "R of order 2 under a key without a small part", b.edwards(m.key, m.message, m.signature), "cofactor")
	k := edwardsKey("signature/edwards")
	t := b.edwards(k.x, []byte("Postern"), k.sign([]byte("Postern")))
	t.Signature[31] ^= 0x80
	b.invalid(0, wire.ReasonSignature, "the sign bit of R changed", t, "forged")
}
