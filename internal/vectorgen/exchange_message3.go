package main

import (
	"bytes"
	"crypto/elliptic"
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/wire"
)

// message3Faults are good messages that were changed.
func (b exchangeBuilder) message3Faults(good good, twin int) {
	e := good("message_3").run()
	add := func(reason int64, flag, comment string, message3 []byte) {
		b.invalid(twin, reason, "HANDSHAKE-2: "+comment, e.atMessage3(append(bytes.Clone(message3), e.sealedRequest()...)), flag)
	}
	m := e.v.Message3
	content := m[len(m)-len(e.v.Plaintext3)-8:]
	for _, c := range []struct {
		comment string
		at      int
	}{
		{"the first byte of CIPHERTEXT_3 is altered", 0},
		{"the signature in CIPHERTEXT_3 is altered", len(content) - 20},
		{"the first byte of the tag is altered", len(content) - 8},
		{"the last byte of the tag is altered", len(content) - 1},
	} {
		add(wire.ReasonPossession, "altered", "message_3: "+c.comment, bstr(flipped(content, c.at)))
	}
	add(wire.ReasonPossession, "length", "message_3: one byte less", bstr(content[:len(content)-1]))
	add(wire.ReasonPossession, "length", "message_3: one byte more", bstr(append(bytes.Clone(content), 0)))
	add(wire.ReasonPossession, "length", "message_3: the tag alone", bstr(content[len(content)-8:]))
	add(wire.ReasonPossession, "length", "message_3: 7 bytes", bstr(content[:7]))
	add(wire.ReasonPossession, "length", "message_3: an empty byte string", bstr(nil))
	add(wire.ReasonPossession, "replay", "message_3: that of another transaction", good("another").run().v.Message3)
	add(wire.ReasonPossession, "replay", "message_3: the first bytes of message_2, reflected", bstr(e.v.Message2[len(e.v.Message2)-90:]))
	add(wire.ReasonMalformed, "encoding", "message_3: in an array", arrayItem(rawItem(m...)).data)
	add(wire.ReasonMalformed, "encoding", "message_3: a text string", append(head(majorText, 40), bytes.Repeat([]byte("x"), 40)...))
	add(wire.ReasonMalformed, "encoding", "message_3: of indefinite length", append(append([]byte{0x5f}, m...), 0xff))
	add(wire.ReasonMalformed, "encoding", "message_3: its length in more bytes", append(headIn(4, majorBytes, uint64(len(content))), content...))
	add(wire.ReasonMalformed, "encoding", "message_3: an EDHOC error message", []byte{0x01, 0x60})
	whole := func(reason int64, flag, comment string, data []byte) {
		b.invalid(twin, reason, "HANDSHAKE-2: "+comment, e.atMessage3(data), flag)
	}
	whole(wire.ReasonMalformed, "length", "no request behind message_3", m)
	whole(wire.ReasonMalformed, "length", "8 bytes behind message_3", append(bytes.Clone(m), e.sealedRequest()[:8]...))
	whole(wire.ReasonMalformed, "length", "message_3 ends early", m[:len(m)-1])
	whole(wire.ReasonMalformed, "length", "the head of message_3 alone", m[:1])
	whole(wire.ReasonMalformed, "length", "the sealed request before message_3", append(append([]byte{0x82}, e.sealedRequest()...), m...))
	e.signsI = e.w.stranger
	e.run()
	whole(wire.ReasonPossession, "signature", "signed by another key", e.data2())
}

// message3Forms are messages that a phone made with a fault of its own.
func (b exchangeBuilder) message3Forms(w *exchangeWorld, good good, twin int) {
	add := func(reason int64, flag, comment string, bend func(e *play)) {
		e := good("form 3")
		bend(e)
		b.invalid(twin, reason, "message_3: "+comment, e.run().atMessage3(e.data2()), flag)
	}
	bent := func(bend func(e *play, id, signature []byte) []byte) func(*play) {
		return func(e *play) {
			e.bend3 = func(p []byte) []byte {
				return bend(e, bytes.Clone(p[:len(p)-66]), bytes.Clone(p[len(p)-64:]))
			}
		}
	}
	for _, c := range []struct {
		flag, comment string
		bend          func(e *play, id, signature []byte) []byte
	}{
		{"ead", "padding as EAD_3", func(_ *play, id, s []byte) []byte { return append(append(id, bstr(s)...), 0x00) }},
		{"ead", "padding with a value as EAD_3", func(_ *play, id, s []byte) []byte { return append(append(id, bstr(s)...), 0x00, 0x41, 0x00) }},
		{"ead", "a critical EAD_3", func(_ *play, id, s []byte) []byte { return append(append(id, bstr(s)...), 0x20) }},
		{"length", "PLAINTEXT_3 has one byte more, that begins no item", func(_ *play, id, s []byte) []byte { return append(append(id, bstr(s)...), 0xff) }},
		{"length", "PLAINTEXT_3 has no signature", func(_ *play, id, _ []byte) []byte { return id }},
		{"length", "PLAINTEXT_3 has the signature alone", func(_ *play, _, s []byte) []byte { return bstr(s) }},
		{"signature", "the signature has 63 bytes", func(_ *play, id, s []byte) []byte { return append(id, bstr(s[:63])...) }},
		{"signature", "the signature has 65 bytes", func(_ *play, id, s []byte) []byte { return append(id, bstr(append(s, 0))...) }},
		{"signature", "the signature is 64 zero bytes", func(_ *play, id, _ []byte) []byte { return append(id, bstr(make([]byte, 64))...) }},
		{"signature", "the last byte of the signature is altered", func(_ *play, id, s []byte) []byte { return append(id, bstr(flipped(s, -1))...) }},
		{"signature", "MAC_3 in the place of the signature", func(e *play, id, _ []byte) []byte { return append(id, bstr(e.v.MAC3)...) }},
		{"replay", "Signature_or_MAC_2 in the place of the signature", func(e *play, id, _ []byte) []byte { return append(id, bstr(e.v.Signature2)...) }},
		{"encoding", "the signature's length in two bytes", func(_ *play, id, s []byte) []byte {
			return append(append(id, headIn(2, majorBytes, 64)...), s...)
		}},
		{"encoding", "PLAINTEXT_3 in an array", func(_ *play, id, s []byte) []byte { return append(append([]byte{0x82}, id...), bstr(s)...) }},
	} {
		add(wire.ReasonPossession, c.flag, c.comment, bent(c.bend))
	}
	named := func(id item, cred []byte, signs identity) func(*play) {
		return func(e *play) { e.idCredI, e.credI, e.signsI = id.data, cred, signs }
	}
	kid := bytesItem(w.holder.keyID())
	for _, c := range []struct {
		reason  int64
		comment string
		id      item
	}{
		{wire.ReasonMalformed, "a key id", kid},
		{wire.ReasonMalformed, "a grant under the label of a claims set", mapItem(uintItem(14), rawItem(w.grant...))},
		{wire.ReasonMalformed, "a claims set under the label of a grant", kcwt(claimsSet(w.holder.coseKey()).data)},
		{wire.ReasonMalformed, "a grant in a byte string", mapItem(uintItem(13), bytesItem(w.grant))},
		{wire.ReasonMalformed, "a grant under an unknown label", mapItem(uintItem(33), rawItem(w.grant...))},
		{wire.ReasonMalformed, "claims set and key id", mapItem(uintItem(4), kid, uintItem(14), claimsSet(w.holder.coseKey()))},
		{wire.ReasonObjectType, "a lock certificate", kcwt(w.lockCert)},
		{wire.ReasonObjectType, "an authority certificate", kcwt(w.makerCert)},
		{wire.ReasonMalformed, "a grant that lacks its last element", kcwt(append([]byte{0x83}, w.grant[1:len(w.grant)-66]...))},
		{wire.ReasonPossession, "a grant with a text string for its signature, so that PLAINTEXT_3 breaks chapter 03", kcwt(append(append(bytes.Clone(w.grant[:len(w.grant)-66]), 0x78, 0x40), bytes.Repeat([]byte("x"), 64)...))},
	} {
		add(c.reason, "form", "ID_CRED_I is "+c.comment, named(c.id, w.grant, w.holder))
	}
	add(wire.ReasonPossession, "signature", "a grant for another key", func(e *play) {
		c := w.grantClaims()
		c.Holder = w.stranger.public()
		cred := w.post.signed(credential.NewGrant(c, w.post.public()))
		named(kcwt(cred), cred, w.holder)(e)
	})
	for _, c := range []struct {
		comment string
		holder  identity
	}{
		{"the grant's key is of the other suite", identityOf(2-w.suite, "holder")},
		{"the grant's key is the lock's own", w.lock},
	} {
		add(wire.ReasonPossession, "key", c.comment, func(e *play) {
			claims := w.grantClaims()
			claims.Holder = c.holder.public()
			cred := w.post.signed(credential.NewGrant(claims, w.post.public()))
			named(kcwt(cred), cred, c.holder)(e)
		})
	}
}

// bareKeyFaults try keys that are not the owner's.
func (b exchangeBuilder) bareKeyFaults(w *exchangeWorld, good good, twin int) {
	add := func(reason int64, flag, comment string, key item, signs identity) {
		e := good("bare key")
		e.credI, e.signsI = claimsSet(key).data, signs
		e.idCredI = kccs(claimsSet(key)).data
		b.invalid(twin, reason, "message_3: "+comment, e.run().atMessage3(e.data2()), flag)
	}
	other := identityOf(2-w.suite, "owner")
	add(wire.ReasonOwnerUnknown, "owner", "the bare key of somebody else, with proof", w.stranger.coseKey(), w.stranger)
	add(wire.ReasonOwnerUnknown, "owner", "the bare key of a holder, with proof", w.holder.coseKey(), w.holder)
	add(wire.ReasonPossession, "owner", "the bare key of somebody else, without proof", w.stranger.coseKey(), w.holder)
	add(wire.ReasonPossession, "key", "a bare key of the other suite", other.coseKey(), other)
	add(wire.ReasonPossession, "key", "the lock's own key", w.lock.coseKey(), w.lock)
	x := w.owner.public().X()
	for _, c := range []struct {
		reason  int64
		comment string
		key     item
	}{
		{wire.ReasonAlgorithm, "a key type that is none of this version", mapItem(uintItem(1), uintItem(4), nintItem(0), uintItem(6), nintItem(1), bytesItem(x))},
		{wire.ReasonAlgorithm, "the curve X25519", mapItem(uintItem(1), uintItem(1), nintItem(0), uintItem(4), nintItem(1), bytesItem(x))},
		{wire.ReasonAlgorithm, "the curve P-384", mapItem(uintItem(1), uintItem(2), nintItem(0), uintItem(2), nintItem(1), bytesItem(x), nintItem(2), boolItem(false))},
		{wire.ReasonMalformed, "an Ed25519 key of small order", mapItem(uintItem(1), uintItem(1), nintItem(0), uintItem(6), nintItem(1), bytesItem(append([]byte{1}, make([]byte, 31)...)))},
		{wire.ReasonMalformed, "an Ed25519 key that is not canonical", mapItem(uintItem(1), uintItem(1), nintItem(0), uintItem(6), nintItem(1), bytesItem(bytes.Repeat([]byte{0xff}, 32)))},
		{wire.ReasonMalformed, "a P-256 key on no point", mapItem(uintItem(1), uintItem(2), nintItem(0), uintItem(1), nintItem(1), bytesItem(offCurve()), nintItem(2), boolItem(false))},
		{wire.ReasonMalformed, "a P-256 key not below the field prime", mapItem(uintItem(1), uintItem(2), nintItem(0), uintItem(1), nintItem(1), bytesItem(elliptic.P256().Params().P.Bytes()), nintItem(2), boolItem(false))},
		{wire.ReasonMalformed, "a key of 31 bytes", mapItem(uintItem(1), uintItem(1), nintItem(0), uintItem(6), nintItem(1), bytesItem(x[:31]))},
		{wire.ReasonMalformed, "a key with one more parameter", mapItem(uintItem(1), uintItem(1), uintItem(2), bytesItem([]byte{1}), nintItem(0), uintItem(6), nintItem(1), bytesItem(x))},
	} {
		add(c.reason, "form", "ID_CRED_I: "+c.comment, c.key, w.owner)
	}
}

// boundFaults are taps in which phone and lock had other answers to SELECT.
func (b exchangeBuilder) boundFaults(w *exchangeWorld, good good, twin int) {
	answer := func(version, capabilities uint64, id, nonce []byte) []byte {
		return selectAnswer(arrayItem(uintItem(version), uintItem(capabilities), bytesItem(id), bytesItem(nonce)))
	}
	nonce := func(e *play) []byte { return e.given.Response[len(e.given.Response)-18 : len(e.given.Response)-2] }
	for _, c := range []struct {
		comment string
		seen    func(e *play) []byte
	}{
		{"version 2", func(e *play) []byte { return answer(2, exchangeCapabilities, w.lockID, nonce(e)) }},
		{"another bit of the capabilities", func(e *play) []byte {
			return answer(1, exchangeCapabilities|wire.CapabilityLiveTime, w.lockID, nonce(e))
		}},
		{"one bit of the capabilities less", func(e *play) []byte { return answer(1, wire.CapabilitySuite2, w.lockID, nonce(e)) }},
		{"another lock id", func(e *play) []byte { return answer(1, exchangeCapabilities, flipped(w.lockID, 3), nonce(e)) }},
		{"another nonce", func(e *play) []byte { return answer(1, exchangeCapabilities, w.lockID, flipped(nonce(e), 15)) }},
	} {
		e := good("bound")
		e.seen.Response = c.seen(e)
		b.invalid(twin, wire.ReasonChannel, "the phone saw another answer to SELECT: "+c.comment, e.run().atMessage3(e.data2()), "bound")
	}
}

// requestFaults are faults in the first sealed request.
func (b exchangeBuilder) requestFaults(good good, twin int) {
	e := good("request").run()
	k := e.v.ChannelKeys
	add := func(reason int64, flag, comment string, sealed []byte) {
		b.invalid(twin, reason, "request: "+comment, e.atMessage3(append(bytes.Clone(e.v.Message3), sealed...)), flag)
	}
	s := e.sealedRequest()
	for _, at := range []int{0, len(s) - 9, len(s) - 8, len(s) - 1} {
		add(wire.ReasonChannel, "channel", fmt.Sprintf("byte %d is altered", at), flipped(s, at))
	}
	add(wire.ReasonChannel, "channel", "one byte less", s[:len(s)-1])
	add(wire.ReasonChannel, "channel", "one byte more", append(bytes.Clone(s), 0))
	add(wire.ReasonChannel, "channel", "sealed with counter 1", sealed(k, requestDirection, 1, e.request))
	add(wire.ReasonChannel, "channel", "sealed with the response key", sealed(k, responseDirection, 0, e.request))
	other := good("another").run()
	add(wire.ReasonChannel, "replay", "that of another transaction", other.sealedRequest())
	for _, c := range []struct {
		comment string
		plain   []byte
	}{
		{"no operation", mapItem().data},
		{"an operation as a byte string", mapItem(uintItem(1), bytesItem([]byte{1})).data},
		{"a negative key", mapItem(uintItem(1), uintItem(1), nintItem(0), uintItem(0)).data},
		{"an array", arrayItem(uintItem(1), uintItem(1)).data},
		{"a byte behind the map", append(mapItem(uintItem(1), uintItem(1)).data, 0)},
		{"keys out of order", mapItem(uintItem(2), uintItem(1), uintItem(1), uintItem(1)).data},
		{"compartment 0", mapItem(uintItem(1), uintItem(1), uintItem(2), uintItem(0)).data},
	} {
		add(wire.ReasonMalformed, "message", c.comment, sealed(k, requestDirection, 0, c.plain))
	}
}

// responseFaults are faults in the first sealed response.
func (b exchangeBuilder) responseFaults(good good, twin int) {
	e := good("response").run()
	k := e.v.ChannelKeys
	add := func(reason int64, flag, comment string, sealed []byte) {
		b.invalid(twin, reason, "response: "+comment, e.atResponse(answered(sealed)), flag)
	}
	s := e.sealedResponse()
	for _, at := range []int{0, len(s) - 9, len(s) - 8, len(s) - 1} {
		add(wire.ReasonChannel, "channel", fmt.Sprintf("byte %d is altered", at), flipped(s, at))
	}
	add(wire.ReasonChannel, "channel", "one byte less", s[:len(s)-1])
	add(wire.ReasonChannel, "channel", "one byte more", append(bytes.Clone(s), 0))
	add(wire.ReasonChannel, "channel", "7 bytes", s[:7])
	add(wire.ReasonChannel, "channel", "nothing", nil)
	add(wire.ReasonChannel, "channel", "sealed with counter 1", sealed(k, responseDirection, 1, e.response))
	add(wire.ReasonChannel, "channel", "sealed with the request key", sealed(k, requestDirection, 0, e.response))
	add(wire.ReasonChannel, "replay", "the request, reflected", e.sealedRequest())
	add(wire.ReasonChannel, "replay", "that of another transaction", good("another").run().sealedResponse())
	state := arrayItem(uintItem(3), uintItem(uint64(noon)), uintItem(0))
	for _, c := range []struct {
		comment string
		plain   []byte
	}{
		{"no outcome", mapItem(uintItem(3), state).data},
		{"opened without a state", mapItem(uintItem(1), uintItem(wire.OutcomeOpened)).data},
		{"opened with a reason", mapItem(uintItem(1), uintItem(wire.OutcomeOpened), uintItem(2), uintItem(wire.ReasonTarget), uintItem(3), state).data},
		{"refused without a reason", mapItem(uintItem(1), uintItem(wire.OutcomeRefused)).data},
		{"refused with a state", mapItem(uintItem(1), uintItem(wire.OutcomeRefused), uintItem(2), uintItem(wire.ReasonTarget), uintItem(3), state).data},
		{"an array", arrayItem(uintItem(1), state).data},
		{"a byte behind the map", append(bytes.Clone(e.response), 0)},
	} {
		add(wire.ReasonMalformed, "message", c.comment, sealed(k, responseDirection, 0, c.plain))
	}
	for _, status := range [][]byte{{0x69, 0x82}, {0x6f, 0x00}} {
		b.invalid(twin, wire.ReasonStatusWord, "answer to HANDSHAKE-2: "+bytesItem(status).diagnostic, e.atResponse(status), "error")
	}
}

// vacant has a lock without an owner, and a phone that knows its secret.
func (b exchangeBuilder) vacant(w *exchangeWorld) {
	p := w.params(false, false, true)
	b.group(heading(w, "a vacant lock and its setup secret"), p)
	good := func(name string) *play { return newPlay(w, p, fmt.Sprintf("suite %d/vacant/%s", w.suite, name)) }
	twin := b.valid("whole exchange", good("whole").run().whole(), "transcript", "setup")
	e := good("setup").run()
	proof := e.request[len(e.request)-16:]
	configure := func(fields ...item) []byte {
		return mapItem(append([]item{uintItem(1), uintItem(wire.OperationConfigure)}, fields...)...).data
	}
	add := func(reason int64, comment string, request []byte) {
		e.request = request
		b.invalid(twin, reason, "setup: "+comment, e.atMessage3(e.data2()), "setup")
	}
	with := func(proof []byte) []byte { return configure(uintItem(7), bytesItem(proof)) }
	add(wire.ReasonOwnerUnknown, "no proof", configure())
	add(wire.ReasonOwnerUnknown, "the proof's first byte is altered", with(flipped(proof, 0)))
	add(wire.ReasonOwnerUnknown, "the proof's last byte is altered", with(flipped(proof, 15)))
	add(wire.ReasonOwnerUnknown, "the proof of another transaction", good("another").run().request)
	add(wire.ReasonOwnerUnknown, "the proof by another secret", with(extract(flipped(p.Lock.Setup, 15), e.v.Commissioning)[:16]))
	add(wire.ReasonOwnerUnknown, "the setup secret itself", with(p.Lock.Setup))
	add(wire.ReasonOwnerUnknown, "the proof with message and key exchanged", with(extract(e.v.Commissioning, p.Lock.Setup)[:16]))
	add(wire.ReasonOwnerUnknown, "the last half of the HMAC", with(extract(p.Lock.Setup, e.v.Commissioning)[16:]))
	add(wire.ReasonOwnerUnknown, "the right proof and another operation", mapItem(uintItem(1), uintItem(wire.OperationOpen), uintItem(7), bytesItem(proof)).data)
	add(wire.ReasonOwnerUnknown, "the right proof and an unknown field", configure(uintItem(7), bytesItem(proof), uintItem(9), uintItem(0)))
	add(wire.ReasonMalformed, "a proof of 15 bytes", with(proof[:15]))
	add(wire.ReasonMalformed, "a proof of 17 bytes", with(append(bytes.Clone(proof), 0)))
}
