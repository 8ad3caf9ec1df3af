package main

import (
	"bytes"
	"crypto/elliptic"
	"fmt"
	"math/big"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// selectFaults are answers to SELECT that the phone refuses (section 8.3).
func (b exchangeBuilder) selectFaults(w *exchangeWorld, e *play, twin int) {
	add := func(reason int64, comment string, answer []byte) {
		b.invalid(twin, reason, "answer to SELECT: "+comment,
			vectors.ExchangeTest{Refuser: thePhone, Select: vectors.Pair{Command: e.seen.Command, Response: answer}}, "select")
	}
	good := e.seen.Response
	nonce := good[len(good)-18 : len(good)-2]
	version, mask, id, own := uintItem(1), uintItem(exchangeCapabilities), bytesItem(w.lockID), bytesItem(nonce)
	raw := func(at int, value byte) []byte {
		c := bytes.Clone(good)
		c[at] = value
		return c
	}
	add(wire.ReasonMalformed, "another template", raw(0, 0x61))
	add(wire.ReasonMalformed, "the template's length is one too great", raw(1, good[1]+1))
	add(wire.ReasonMalformed, "the template's length is one too small", raw(1, good[1]-1))
	add(wire.ReasonMalformed, "another element", raw(2, 0x84))
	add(wire.ReasonMalformed, "the element's length is one too great", raw(3, good[3]+1))
	add(wire.ReasonMalformed, "the element's length is one too small", raw(3, good[3]-1))
	add(wire.ReasonMalformed, "nothing", []byte{0x90, 0x00})
	add(wire.ReasonMalformed, "one byte less", answered(good[:len(good)-3]))
	add(wire.ReasonMalformed, "one byte more", answered(append(bytes.Clone(good[:len(good)-2]), 0)))
	for _, c := range []struct {
		comment string
		content item
	}{
		{"three elements", arrayItem(version, mask, id)},
		{"five elements", arrayItem(version, mask, id, own, uintItem(0))},
		{"a map", mapItem(version, mask, id, own)},
		{"version as a byte string", arrayItem(bytesItem([]byte{1}), mask, id, own)},
		{"version -1", arrayItem(nintItem(0), mask, id, own)},
		{"version in two bytes", arrayItem(rawItem(0x18, 0x01), mask, id, own)},
		{"capabilities as a byte string", arrayItem(version, bytesItem([]byte{5}), id, own)},
		{"capabilities of 2^32", arrayItem(version, uintItem(1<<32), id, own)},
		{"lock id of 7 bytes", arrayItem(version, mask, bytesItem(w.lockID[:7]), own)},
		{"lock id of 9 bytes", arrayItem(version, mask, bytesItem(append(bytes.Clone(w.lockID), 0)), own)},
		{"nonce of 15 bytes", arrayItem(version, mask, id, bytesItem(nonce[:15]))},
		{"nonce of 17 bytes", arrayItem(version, mask, id, bytesItem(append(bytes.Clone(nonce), 0)))},
		{"an array of indefinite length", rawItem(append(append([]byte{0x9f}, joined([]item{version, mask, id, own})...), 0xff)...)},
		{"version 2^32", arrayItem(uintItem(1<<32), mask, id, own)},
		{"version 0 and five elements", arrayItem(uintItem(0), mask, id, own, uintItem(0))},
		{"version 2 and five elements", arrayItem(uintItem(2), mask, id, own, uintItem(0))},
		{"version 2 and two elements", arrayItem(uintItem(2), mask)},
		{"nonce first", arrayItem(own, version, mask, id)},
	} {
		add(wire.ReasonMalformed, c.comment, selectAnswer(c.content))
	}
	add(wire.ReasonVersion, "version 0", selectAnswer(arrayItem(uintItem(0), mask, id, own)))
	add(wire.ReasonLockIdentity, "another lock id", selectAnswer(arrayItem(version, mask, bytesItem(flipped(w.lockID, 7)), own)))
	if w.suite == wire.SuiteP256Es256 {
		add(wire.ReasonSuite, "a lock without suite 2", selectAnswer(arrayItem(version, uintItem(exchangeCapabilities&^wire.CapabilitySuite2), id, own)))
	}
	b.invalid(twin, wire.ReasonStatusWord, "answer to SELECT: 6A82",
		vectors.ExchangeTest{Refuser: thePhone, Select: vectors.Pair{Command: e.seen.Command, Response: vectors.Hex{0x6a, 0x82}}}, "error")
}

// message1Faults are the faults of form.
func (b exchangeBuilder) message1Faults(e *play, twin int) {
	method, suites, gX, cI := uintItem(0), uintItem(uint64(e.w.suite)), bytesItem(share(e.x)), uintItem(0)
	for _, c := range []struct {
		flag, comment string
		items         []item
	}{
		{"method", "METHOD is 1", []item{uintItem(1), suites, gX, cI}},
		{"method", "METHOD is 2", []item{uintItem(2), suites, gX, cI}},
		{"method", "METHOD is 3", []item{uintItem(3), suites, gX, cI}},
		{"method", "METHOD is -1", []item{nintItem(0), suites, gX, cI}},
		{"method", "METHOD is a byte string", []item{bytesItem(nil), suites, gX, cI}},
		{"method", "METHOD is false", []item{boolItem(false), suites, gX, cI}},
		{"encoding", "METHOD in two bytes", []item{rawItem(0x18, 0x00), suites, gX, cI}},
		{"suites", "SUITES_I is an empty array", []item{method, arrayItem(), gX, cI}},
		{"suites", "SUITES_I is an array of one suite", []item{method, arrayItem(suites), gX, cI}},
		{"suites", "SUITES_I has the selected suite twice", []item{method, arrayItem(suites, suites), gX, cI}},
		{"suites", "SUITES_I has suite 5 twice", []item{method, arrayItem(uintItem(5), uintItem(5), suites), gX, cI}},
		{"suites", "SUITES_I has suite 65536", []item{method, arrayItem(uintItem(65536), suites), gX, cI}},
		{"suites", "SUITES_I has suite -65537", []item{method, arrayItem(nintItem(65536), suites), gX, cI}},
		{"suites", "SUITES_I has 33 suites", []item{method, arrayItem(append(repeat(32, func(i int) item { return uintItem(uint64(100 + i)) }), suites)...), gX, cI}},
		{"suites", "SUITES_I has a byte string in it", []item{method, arrayItem(bytesItem(nil), suites), gX, cI}},
		{"suites", "SUITES_I is a byte string", []item{method, bytesItem([]byte{byte(e.w.suite)}), gX, cI}},
		{"encoding", "SUITES_I in two bytes", []item{method, rawItem(0x18, byte(e.w.suite)), gX, cI}},
		{"encoding", "SUITES_I of indefinite length", []item{method, rawItem(0x9f, 0x05, byte(e.w.suite), 0xff), gX, cI}},
		{"key-share", "G_X of 31 bytes", []item{method, suites, bytesItem(share(e.x)[:31]), cI}},
		{"key-share", "G_X of 33 bytes", []item{method, suites, bytesItem(append([]byte{2}, share(e.x)...)), cI}},
		{"key-share", "G_X of no bytes", []item{method, suites, bytesItem(nil), cI}},
		{"encoding", "the length of G_X in two bytes", []item{method, suites, rawItem(append(headIn(2, majorBytes, 32), share(e.x)...)...), cI}},
		{"encoding", "G_X of indefinite length", []item{method, suites, rawItem(append(append([]byte{0x5f}, gX.data...), 0xff)...), cI}},
		{"encoding", "G_X is a text string", []item{method, suites, rawItem(append(headIn(1, majorText, 32), bytes.Repeat([]byte("x"), 32)...)...), cI}},
		{"identifier", "C_I is 24", []item{method, suites, gX, uintItem(24)}},
		{"identifier", "C_I is -25", []item{method, suites, gX, nintItem(24)}},
		{"identifier", "C_I is an empty byte string", []item{method, suites, gX, bytesItem(nil)}},
		{"identifier", "C_I is a byte string that an integer stands for", []item{method, suites, gX, bytesItem([]byte{0})}},
		{"identifier", "C_I is a byte string of two bytes", []item{method, suites, gX, bytesItem([]byte{1, 2})}},
		{"identifier", "C_I is true", []item{method, suites, gX, boolItem(true)}},
		{"identifier", "C_I is null", []item{method, suites, gX, rawItem(0xf6)}},
		{"encoding", "C_I in two bytes", []item{method, suites, gX, rawItem(0x18, 0x00)}},
		{"ead", "padding as EAD_1", []item{method, suites, gX, cI, uintItem(0)}},
		{"ead", "padding with a value as EAD_1", []item{method, suites, gX, cI, uintItem(0), bytesItem([]byte{0})}},
		{"ead", "a critical EAD_1", []item{method, suites, gX, cI, nintItem(0)}},
		{"ead", "a label with a value as EAD_1", []item{method, suites, gX, cI, uintItem(1), bytesItem([]byte{1, 2, 3})}},
		{"length", "without C_I", []item{method, suites, gX}},
		{"length", "without G_X and C_I", []item{method, suites}},
		{"length", "METHOD alone", []item{method}},
		{"length", "one byte more, that begins no item", []item{method, suites, gX, cI, rawItem(0xff)}},
		{"encoding", "in an array", []item{arrayItem(method, suites, gX, cI)}},
		{"encoding", "SUITES_I before METHOD", []item{arrayItem(uintItem(5), suites), method, gX, cI}},
	} {
		e.message1 = joined(c.items)
		b.invalid(twin, wire.ReasonMalformed, "message_1: "+c.comment, e.atMessage1(refusal), c.flag)
	}
	good := joined([]item{method, suites, gX, cI})
	for _, n := range []int{1, 3, 20, len(good) - 2} {
		e.message1 = good[:n]
		if !bytes.Equal(e.message1, method.data) {
			b.invalid(twin, wire.ReasonMalformed, fmt.Sprintf("message_1: cut after %d bytes", n), e.atMessage1(refusal), "length")
		}
	}
}

// suiteFaults are answered with error 2, or come before step 4 of section 7.4.
func (b exchangeBuilder) suiteFaults(e *play, twin int) {
	all := answered([]byte{2, 0x82, 0, 2})
	own, other := uintItem(uint64(e.w.suite)), uintItem(uint64(2-e.w.suite))
	gX := bytesItem(share(e.x))
	for _, c := range []struct {
		comment string
		suitesI item
	}{
		{"suite 1 is selected", uintItem(1)},
		{"suite 3 is selected", uintItem(3)},
		{"suite 24 is selected", uintItem(24)},
		{"suite -1 is selected", nintItem(0)},
		{"suite 65535 is selected", uintItem(65535)},
		{"suite -65536 is selected", nintItem(65535)},
		{"a suite of the lock stands before the selected one", arrayItem(other, own)},
		{"the selected suite is none of the lock, one before it is", arrayItem(own, uintItem(3))},
		{"no suite is one of the lock", arrayItem(uintItem(1), uintItem(3))},
		{"a suite of the lock stands between others", arrayItem(uintItem(1), other, own)},
	} {
		e.message1 = e.hello(c.suitesI, uintItem(0))
		b.invalid(twin, wire.ReasonSuite, "message_1: "+c.comment, e.atMessage1(all), "suites")
	}
	e.message1 = joined([]item{uintItem(0), uintItem(3), bytesItem(nil), uintItem(0)})
	b.invalid(0, wire.ReasonSuite, "message_1: suite 3 is selected, and G_X has no bytes", e.atMessage1(all), "suites", "order")
	e.message1 = joined([]item{uintItem(1), uintItem(3), gX, uintItem(0)})
	b.invalid(0, wire.ReasonMalformed, "message_1: METHOD is 1, and suite 3 is selected", e.atMessage1(refusal), "suites", "order")
	e.message1 = joined([]item{uintItem(0), uintItem(3), gX, uintItem(0), uintItem(0)})
	b.invalid(0, wire.ReasonMalformed, "message_1: padding as EAD_1, and suite 3 is selected", e.atMessage1(refusal), "suites", "order")
}

// badShare is a public key that no side may compute with.
type badShare struct {
	comment string
	bytes   []byte
}

// badShares are those of a cipher suite.
func badShares(cipherSuite int) []badShare {
	if cipherSuite == wire.SuiteP256Es256 {
		prime := elliptic.P256().Params().P
		x := func(v *big.Int) []byte { return v.FillBytes(make([]byte, 32)) }
		return []badShare{
			{"on no point of the curve", offCurve()},
			{"the field prime", x(prime)},
			{"the field prime and 5 more, which would be 5", x(new(big.Int).Add(prime, big.NewInt(5)))},
			{"2^256 - 1", bytes.Repeat([]byte{0xff}, 32)},
		}
	}
	little := func(decimalDigits string) []byte {
		v, _ := new(big.Int).SetString(decimalDigits, 10)
		b := v.FillBytes(make([]byte, 32))
		for i := range 16 {
			b[i], b[31-i] = b[31-i], b[i]
		}
		return b
	}
	const p = "578960446186580977117854925043439539266349923328202820197287920039565648199"
	return []badShare{
		{"0, of order 4", little("0")},
		{"1, of order 1", little("1")},
		{"a point of order 8", little("325606250916557431795983626356110631294008115727848805560023387167927233504")},
		{"the other point of order 8", little("39382357235489614581723060781553021112529911719440698176882885853963445705823")},
		{"p - 1, of order 2", little(p + "48")},
		{"p, which is 0", little(p + "49")},
		{"p + 1, which is 1", little(p + "50")},
		{"0 with the highest bit set", append(make([]byte, 31), 0x80)},
	}
}

// offCurve is the least x above 0 that no point of P-256 has.
func offCurve() []byte {
	for v := byte(1); ; v++ {
		compressed := append(make([]byte, 32), v)
		compressed[0] = 2
		if x, _ := elliptic.UnmarshalCompressed(elliptic.P256(), compressed); x == nil {
			return compressed[1:]
		}
	}
}

func (b exchangeBuilder) keyShareFaults(e *play, twin int) {
	for _, s := range badShares(e.w.suite) {
		e.message1 = joined([]item{uintItem(0), uintItem(uint64(e.w.suite)), bytesItem(s.bytes), uintItem(0)})
		b.invalid(twin, wire.ReasonMalformed, "message_1: G_X is "+s.comment, e.atMessage1(refusal), "key-share")
	}
}
