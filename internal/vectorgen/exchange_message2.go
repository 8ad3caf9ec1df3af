package main

import (
	"bytes"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/wire"
)

const rightIssue = credential.RightIssue

// good makes an exchange without a fault; the same name makes the same one.
type good func(name string) *play

// message2Faults are good messages that were changed.
func (b exchangeBuilder) message2Faults(good good, twin int) {
	e := good("message_2").run()
	add := func(flag, comment string, message2 []byte) {
		b.invalid(twin, wire.ReasonPossession, "message_2: "+comment, e.atMessage2(answered(message2)), flag)
	}
	m := e.v.Message2
	content := m[len(m)-len(e.v.Plaintext2)-32:]
	headed := m[:len(m)-len(content)]
	for _, c := range []struct {
		comment string
		at      int
	}{
		{"the last byte of G_Y is altered", 31},
		{"C_R is altered", 32},
		{"the head of ID_CRED_R is altered", 33},
		{"the signature's head is altered", len(content) - 65},
		{"the first byte of the signature is altered", len(content) - 64},
		{"the last byte of the signature is altered", len(content) - 1},
	} {
		add("altered", c.comment, append(bytes.Clone(headed), flipped(content, c.at)...))
	}
	add("length", "one byte less", bstr(content[:len(content)-1]))
	add("length", "one byte more", bstr(append(bytes.Clone(content), 0)))
	add("length", "without the signature", bstr(content[:len(content)-66]))
	add("length", "G_Y and one byte", bstr(content[:33]))
	add("length", "G_Y alone", bstr(content[:32]))
	add("length", "31 bytes", bstr(content[:31]))
	add("length", "an empty byte string", bstr(nil))
	add("length", "nothing", nil)
	add("length", "a byte behind it", append(bytes.Clone(m), 0))
	add("length", "its last byte cut off", m[:len(m)-1])
	add("encoding", "its length in 4 bytes", append(headIn(4, majorBytes, uint64(len(content))), content...))
	add("encoding", "of indefinite length", append(append([]byte{0x5f}, m...), 0xff))
	add("encoding", "in an array", arrayItem(bytesItem(content)).data)
	add("encoding", "a text string", append(head(majorText, 40), bytes.Repeat([]byte("x"), 40)...))
	for _, s := range badShares(e.w.suite) {
		add("key-share", "G_Y is "+s.comment, bstr(append(bytes.Clone(s.bytes), content[32:]...)))
	}
	add("replay", "that of another transaction", good("another").run().v.Message2)
	onto := good("another")
	onto.x = e.x
	add("replay", "that of another transaction with this message_1 and its own G_Y", bstr(append(bytes.Clone(e.v.GY), onto.run().v.Message2[len(headed)+32:]...)))
	b.invalid(twin, wire.ReasonSuite, "message_2: message_1, reflected", e.atMessage2(answered(e.message1)), "error")
}

// message2Forms are messages that a lock made with a fault of its own.
func (b exchangeBuilder) message2Forms(good good, twin int) {
	add := func(flag, comment string, bend func(e *play)) {
		e := good("form 2")
		bend(e)
		b.invalid(twin, wire.ReasonPossession, "message_2: "+comment, e.run().atMessage2(answered(e.v.Message2)), flag)
	}
	for _, c := range []struct {
		comment string
		cR      item
	}{
		{"C_R is 24", uintItem(24)},
		{"C_R is -25", nintItem(24)},
		{"C_R is an empty byte string", bytesItem(nil)},
		{"C_R is a byte string that an integer stands for", bytesItem([]byte{0})},
		{"C_R is a byte string of two bytes", bytesItem([]byte{1, 2})},
		{"C_R is false", boolItem(false)},
	} {
		add("identifier", c.comment, func(e *play) { e.cR = c.cR })
	}
	add("encoding", "C_R in two bytes", func(e *play) { e.cR = rawItem(0x18, 0x00) })
	ahead := func(more ...byte) func(*play) {
		return func(e *play) { e.bend2 = func(p []byte) []byte { return append(p, more...) } }
	}
	add("ead", "padding as EAD_2", ahead(0x00))
	add("ead", "padding with a value as EAD_2", ahead(0x00, 0x41, 0x00))
	add("ead", "a critical EAD_2", ahead(0x20))
	add("ead", "a label with a value as EAD_2", ahead(0x01, 0x41, 0xff))
	add("length", "PLAINTEXT_2 has one byte more, that begins no item", ahead(0xff))
	signature := func(change func(signature []byte) []byte) func(*play) {
		return func(e *play) {
			e.bend2 = func(p []byte) []byte {
				return append(bytes.Clone(p[:len(p)-66]), change(bytes.Clone(p[len(p)-64:]))...)
			}
		}
	}
	add("signature", "the signature has 63 bytes", signature(func(s []byte) []byte { return bstr(s[:63]) }))
	add("signature", "the signature has 65 bytes", signature(func(s []byte) []byte { return bstr(append(s, 0)) }))
	add("signature", "the signature has no bytes", signature(func([]byte) []byte { return bstr(nil) }))
	add("signature", "MAC_2 in the place of the signature", func(e *play) {
		e.bend2 = func(p []byte) []byte { return append(bytes.Clone(p[:len(p)-66]), bstr(e.v.MAC2)...) }
	})
	add("signature", "the signature is 64 zero bytes", signature(func([]byte) []byte { return bstr(make([]byte, 64)) }))
	add("encoding", "the signature's length in two bytes", signature(func(s []byte) []byte { return append(headIn(2, majorBytes, 64), s...) }))
	add("signature", "signed by another key", func(e *play) { e.signsR = e.w.stranger })
	add("signature", "signed by the manufacturer's key", func(e *play) { e.signsR = e.w.maker })
	add("altered", "signed with another C_R", func(e *play) {
		e.bend2 = func(p []byte) []byte { return append([]byte{0x01}, p[1:]...) }
	})
	add("altered", "signed with the key id as ID_CRED_R", func(e *play) { e.idCredR = kidMap(e.w.lock.keyID()) })
	add("altered", "signed over another certificate of the lock", func(e *play) {
		e.credR = e.w.lockCertOf(e.w.maker, e.w.lock, e.w.lockID, noon-40*day)
	})
	for _, c := range []struct {
		comment string
		id      func(e *play) item
	}{
		{"a map with the key id alone", func(e *play) item { return kidMap(e.w.lock.keyID()) }},
		{"the integer 0 as key id", func(*play) item { return uintItem(0) }},
		{"the certificate without the map", func(e *play) item { return rawItem(e.credR...) }},
		{"the certificate under the label of a claims set", func(e *play) item { return mapItem(uintItem(14), rawItem(e.credR...)) }},
		{"certificate and key id", func(e *play) item {
			return mapItem(uintItem(4), bytesItem(e.w.lock.keyID()), uintItem(13), rawItem(e.credR...))
		}},
		{"an empty map", func(*play) item { return mapItem() }},
		{"a claims set with the lock's key", func(e *play) item { return kccs(claimsSet(e.w.lock.coseKey())) }},
	} {
		add("form", "ID_CRED_R is "+c.comment, func(e *play) { e.shortR = c.id(e) })
	}
}

// certificateFaults are lock certificates that section 4.7 or 8.4 refuses.
func (b exchangeBuilder) certificateFaults(w *exchangeWorld, good good, twin int) {
	add := func(reason int64, flag, comment string, cert []byte, signs identity) {
		e := good("certificate")
		e.credR, e.signsR = cert, signs
		e.idCredR, e.shortR = kcwt(cert), kcwt(cert)
		b.invalid(twin, reason, "lock certificate: "+comment, e.run().atMessage2(answered(e.v.Message2)), flag)
	}
	at := noon - 50*day
	claims := credential.LockClaims{Key: w.lock.public(), IssuedAt: at, ID: credential.LockID(w.lockID), Profile: 1, Level: 2}
	unsigned := must(credential.NewLockCertificate(claims, w.maker.public()))
	byStranger := must(unsigned.WithSignature(w.stranger.sign(unsigned.ToBeSigned())))
	add(wire.ReasonIssuerUnknown, "certificate", "signed by a manufacturer whom the phone does not know", w.lockCertOf(w.stranger, w.lock, w.lockID, at), w.lock)
	add(wire.ReasonIssuerUnknown, "certificate", "signed by the scheme", w.lockCertOf(w.scheme, w.lock, w.lockID, at), w.lock)
	add(wire.ReasonIssuerUnknown, "certificate", "signed by the lock itself", w.lockCertOf(w.lock, w.lock, w.lockID, at), w.lock)
	add(wire.ReasonSignature, "certificate", "signed by another key under the manufacturer's key id", byStranger, w.lock)
	add(wire.ReasonSignature, "certificate", "the last byte of its signature is altered", flipped(w.lockCert, -1), w.lock)
	add(wire.ReasonSignature, "certificate", "its level is altered", flipped(w.lockCert, -67), w.lock)
	add(wire.ReasonAuthorityRight, "certificate", "signed by an authority that may not", w.lockCertOf(w.post, w.lock, w.lockID, at), w.lock)
	add(wire.ReasonAuthorityExpired, "certificate", "one second older than the manufacturer's certificate", w.lockCertOf(w.maker, w.lock, w.lockID, noon-100*day-1), w.lock)
	add(wire.ReasonAuthorityExpired, "certificate", "one second after the end of the manufacturer's certificate", w.lockCertOf(w.maker, w.lock, w.lockID, noon+1000*day+1), w.lock)
	add(wire.ReasonLockIdentity, "certificate", "of another lock, with its key", w.lockCertOf(w.maker, w.stranger, flipped(w.lockID, 0), at), w.stranger)
	add(wire.ReasonLockIdentity, "certificate", "of another lock id, with this lock's key", w.lockCertOf(w.maker, w.lock, flipped(w.lockID, 7), at), w.lock)
	otherSuite := identityOf(2-w.suite, "lock")
	add(wire.ReasonPossession, "key", "its key is of the other suite", w.lockCertOf(w.maker, otherSuite, w.lockID, at), otherSuite)
	add(wire.ReasonPossession, "key", "its key is the phone's own", w.lockCertOf(w.maker, w.holder, w.lockID, at), w.holder)
	add(wire.ReasonPossession, "signature", "of a key that the lock does not have", w.lockCertOf(w.maker, w.stranger, w.lockID, at), w.lock)
	e := good("key id")
	e.idCredR, e.shortR = kidMap(w.lock.keyID()), bytesItem(w.lock.keyID())
	b.invalid(twin, wire.ReasonLockIdentity, "the key id, where the certificate was asked for", e.run().atMessage2(answered(e.v.Message2)), "form")
}

// certificateForms do not read by section 4.5.
func (b exchangeBuilder) certificateForms(w *exchangeWorld, good good, twin int) {
	header := func(alg item, typ uint64) item {
		return mapItem(uintItem(1), alg, uintItem(4), bytesItem(w.maker.keyID()), uintItem(16), uintItem(typ))
	}
	alg, otherAlg := nintItem(18), nintItem(8) // -19 and -9
	if w.suite == wire.SuiteP256Es256 {
		alg, otherAlg = otherAlg, alg
	}
	scope := arrayItem(bytesItem(w.lockID), uintItem(1), uintItem(2))
	claims := func(scope item, more ...item) item {
		return mapItem(append([]item{uintItem(6), uintItem(uint64(noon - 50*day)), uintItem(8), mapItem(uintItem(1), w.lock.coseKey()), uintItem(9), bytesItem(scope.data)}, more...)...)
	}
	for _, c := range []struct {
		reason  int64
		comment string
		object  item
	}{
		{wire.ReasonObjectType, "a grant's typ", w.maker.object(header(alg, wire.TypeGrant), mapItem(), claims(scope))},
		{wire.ReasonAlgorithm, "an alg that is not in the registry", w.maker.object(header(nintItem(6), wire.TypeLockCertificate), mapItem(), claims(scope))},
		{wire.ReasonAlgorithm, "the alg of another key than the manufacturer's", w.maker.object(header(otherAlg, wire.TypeLockCertificate), mapItem(), claims(scope))},
		{wire.ReasonMalformed, "something in the unprotected header", w.maker.object(header(alg, wire.TypeLockCertificate), mapItem(uintItem(4), bytesItem(w.maker.keyID())), claims(scope))},
		{wire.ReasonMalformed, "one more claim", w.maker.object(header(alg, wire.TypeLockCertificate), mapItem(), claims(scope, uintItem(10), uintItem(0)))},
		{wire.ReasonMalformed, "one more element in the scope", w.maker.object(header(alg, wire.TypeLockCertificate), mapItem(), claims(arrayItem(bytesItem(w.lockID), uintItem(1), uintItem(2), uintItem(3))))},
		{wire.ReasonMalformed, "a lock id of 7 bytes", w.maker.object(header(alg, wire.TypeLockCertificate), mapItem(), claims(arrayItem(bytesItem(w.lockID[:7]), uintItem(1), uintItem(2))))},
	} {
		e := good("certificate")
		e.credR, e.idCredR, e.shortR = c.object.data, kcwt(c.object.data), kcwt(c.object.data)
		b.invalid(twin, c.reason, "lock certificate: "+c.comment, e.run().atMessage2(answered(e.v.Message2)), "certificate")
	}
}

// object signs what may be no object (section 4.1).
func (i identity) object(protected, unprotected, payload item) item {
	signature1 := rawItem(append(head(majorText, 10), "Signature1"...)...)
	tbs := arrayItem(signature1, bytesItem(protected.data), bytesItem(nil), bytesItem(payload.data))
	return arrayItem(bytesItem(protected.data), unprotected, bytesItem(payload.data), bytesItem(i.sign(tbs.data)))
}

// errorMessages are answers to HANDSHAKE-1 that end the tap (section 8.6).
func (b exchangeBuilder) errorMessages(e *play, twin int) {
	for _, c := range []struct {
		comment string
		data    []byte
	}{
		{"error 2 with suite 1", []byte{0x02, 0x01}},
		{"error 2 with suites 1 and 3", []byte{0x02, 0x82, 0x01, 0x03}},
		{"error 2 with the other suite", []byte{0x02, byte(2 - e.w.suite)}},
		{"error 1 with a text", []byte{0x01, 0x62, 'n', 'o'}},
		{"error 3", []byte{0x03, 0xf5}},
		{"error 24", []byte{0x18, 0x18, 0x00}},
		{"error -1", []byte{0x20, 0x00}},
		{"error 0", []byte{0x00, 0x00}},
		{"error 1 with what is no item", []byte{0x01, 0xff}},
	} {
		b.invalid(twin, wire.ReasonSuite, "answer to HANDSHAKE-1: "+c.comment, e.atMessage2(answered(c.data)), "error")
	}
	for _, status := range [][]byte{{0x69, 0x82}, {0x69, 0x85}, {0x6f, 0x00}, {0x67, 0x00}, {0x6d, 0x00}} {
		b.invalid(twin, wire.ReasonStatusWord, "answer to HANDSHAKE-1: "+bytesItem(status).diagnostic, e.atMessage2(status), "error")
	}
}
