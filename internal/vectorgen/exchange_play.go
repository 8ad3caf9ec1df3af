package main

import (
	"bytes"
	"crypto/ecdh"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// exchangeCapabilities are those of the locks here: suite 2, resumption, uses.
const exchangeCapabilities = wire.CapabilitySuite2 | wire.CapabilityResumption | wire.CapabilityUses

// play is one exchange on its way, both sides at once.  What is set in it
// before a step is what the step uses, so a fault is a change of one field.
type play struct {
	w    *exchangeWorld
	x, y *ecdh.PrivateKey

	seen    vectors.Pair // as the phone saw it
	given   vectors.Pair // as the lock had it
	byKeyID bool

	message1 []byte
	cR       item
	idCredR  item // the map
	shortR   item // as in PLAINTEXT_2
	credR    []byte
	signsR   identity // who signs Signature_or_MAC_2
	bend2    func(plaintext2 []byte) []byte

	idCredI []byte
	credI   []byte
	signsI  identity
	bend3   func(plaintext3 []byte) []byte

	setup    []byte // the secret that the phone proves
	request  []byte
	response []byte

	v vectors.ExchangeValues
}

// newPlay prepares an exchange by the params of its group.  The name makes its
// nonce and ephemeral keys.
func newPlay(w *exchangeWorld, p vectors.ExchangeParams, name string) *play {
	label := "exchange/" + name
	e := &play{
		w: w, x: ephemeral(w.suite, label+"/x"), y: ephemeral(w.suite, label+"/y"),
		byKeyID: p.Phone.Remembered != nil,
		cR:      uintItem(0), credR: w.lockCert, signsR: w.lock,
		idCredI: p.Phone.IDCredI, credI: w.grant, signsI: w.holder,
		request:  mapItem(uintItem(1), uintItem(wire.OperationDeliver)).data,
		response: openedAt(0),
	}
	e.seen = selectPair(w.lockID, draw(label+"/nonce", wire.LimitNonceBytes), capabilitiesOf(p))
	e.given = e.seen
	if p.Lock.Owner != nil || p.Lock.Setup != nil {
		e.credI, e.signsI = claimsSet(w.owner.coseKey()).data, w.owner
		e.request = mapItem(uintItem(1), uintItem(wire.OperationOpen)).data
		e.response = openedAt(5)
	}
	e.setup = p.Lock.Setup
	e.message1 = e.hello(uintItem(uint64(w.suite)), uintItem(0))
	e.idCredR, e.shortR = kcwt(e.credR), kcwt(e.credR)
	if e.byKeyID {
		e.idCredR, e.shortR = kidMap(w.lock.keyID()), bytesItem(w.lock.keyID())
	}
	return e
}

// capabilitiesOf is the mask of a lock with these suites.
func capabilitiesOf(p vectors.ExchangeParams) uint64 {
	if len(p.Lock.Suites) == 1 {
		return exchangeCapabilities &^ wire.CapabilitySuite2
	}
	return exchangeCapabilities
}

// openedAt is the plaintext of a response that reports an opening, with the
// sequence number that this phone is told.
func openedAt(sequence uint64) []byte { return decided(wire.OutcomeOpened, sequence) }

// decided is a response without a reason.
func decided(outcome, sequence uint64) []byte {
	return mapItem(uintItem(1), uintItem(outcome),
		uintItem(3), arrayItem(uintItem(3), uintItem(uint64(noon)), uintItem(sequence))).data
}

// hello composes message_1.
func (e *play) hello(suitesI, cI item) []byte {
	return joined([]item{uintItem(0), suitesI, bytesItem(share(e.x)), cI})
}

// greet does section 6.5.  The shared secret is that of the two ephemeral
// keys, or of the lock's and what stands for G_X, where other is set.
func (e *play) greet() {
	v := &e.v
	v.Message1, v.HashMessage1 = e.message1, hash(e.message1)
	v.GX, v.GY, v.GXY = share(e.x), share(e.y), agreed(e.x, e.y.PublicKey())
	v.TH2 = hash(bstr(v.GY), bstr(v.HashMessage1))
	v.PRK2e = extract(v.TH2, v.GXY)
	v.PRK3e2m = v.PRK2e
	v.Context2 = bytes.Join([][]byte{e.cR.data, e.idCredR.data, bstr(v.TH2), e.credR}, nil)
	v.MAC2 = kdf(v.PRK3e2m, 2, v.Context2, 32)
	v.ToBeSigned2 = toBeSigned(e.idCredR.data, v.TH2, e.credR, v.MAC2)
	v.Signature2 = e.signsR.sign(v.ToBeSigned2)
	v.Plaintext2 = bytes.Join([][]byte{e.cR.data, e.shortR.data, bstr(v.Signature2)}, nil)
	if e.bend2 != nil {
		v.Plaintext2 = e.bend2(v.Plaintext2)
	}
	v.Keystream2 = kdf(v.PRK2e, 0, v.TH2, len(v.Plaintext2))
	v.Message2 = bstr(append(bytes.Clone(v.GY), xor(v.Plaintext2, v.Keystream2)...))
}

// toBeSigned is the array that a side signs.
func toBeSigned(idCred, th, cred, mac []byte) []byte {
	signature1 := rawItem(append(head(majorText, 10), "Signature1"...)...)
	return arrayItem(signature1, bytesItem(idCred), bytesItem(append(bstr(th), cred...)), bytesItem(mac)).data
}

// prove does section 6.6.
func (e *play) prove() {
	v := &e.v
	v.TH3 = hash(bstr(v.TH2), v.Plaintext2, e.credR)
	v.PRK4e3m = v.PRK3e2m
	v.Context3 = bytes.Join([][]byte{e.idCredI, bstr(v.TH3), e.credI}, nil)
	v.MAC3 = kdf(v.PRK4e3m, 6, v.Context3, 32)
	v.ToBeSigned3 = toBeSigned(e.idCredI, v.TH3, e.credI, v.MAC3)
	v.Signature3 = e.signsI.sign(v.ToBeSigned3)
	v.Plaintext3 = append(bytes.Clone(e.idCredI), bstr(v.Signature3)...)
	if e.bend3 != nil {
		v.Plaintext3 = e.bend3(v.Plaintext3)
	}
	v.K3, v.IV3 = kdf(v.PRK3e2m, 3, v.TH3, 16), kdf(v.PRK3e2m, 4, v.TH3, 13)
	v.A3 = encStructure(v.TH3)
	v.Message3 = bstr(ccm(v.K3, v.IV3, v.A3, v.Plaintext3))
	v.TH4 = hash(bstr(v.TH3), v.Plaintext3, e.credI)
}

// agree does section 6.7, by the answer to SELECT that the phone saw.
func (e *play) agree() {
	v := &e.v
	v.PRKOut = kdf(v.PRK4e3m, 7, v.TH4, 32)
	v.PRKExporter = kdf(v.PRKOut, 10, nil, 32)
	v.SelectHash = selectHash(e.seen)
	v.ChannelKeys = channelKeys(kdf(v.PRKExporter, wire.LabelChannel, v.SelectHash, 58))
	v.Resumption = kdf(v.PRKExporter, wire.LabelResumption, v.SelectHash, 32)
	v.Commissioning = kdf(v.PRKExporter, wire.LabelCommissioning, v.SelectHash, 32)
	v.Log = kdf(v.PRKExporter, wire.LabelLog, v.SelectHash, 32)
	if e.setup != nil {
		e.response = decided(wire.OutcomeDone, 1)
		proof := extract(e.setup, v.Commissioning)[:wire.LimitSetupBytes]
		e.request = mapItem(uintItem(1), uintItem(wire.OperationConfigure), uintItem(7), bytesItem(proof)).data
	}
}

// run does all of it.
func (e *play) run() *play {
	e.greet()
	e.prove()
	e.agree()
	return e
}

// handshake1 is the command with message_1 and an answer.
func (e *play) handshake1(answer []byte) *vectors.Pair {
	p1 := byte(wire.CertificateFormValue)
	if e.byKeyID {
		p1 = wire.CertificateFormKid
	}
	return &vectors.Pair{Command: oneCommand(wire.InsHandshake1, p1, e.message1), Response: answer}
}

// handshake2 is the command with message_3 and the first sealed request.
func (e *play) handshake2(data, answer []byte) *vectors.Pair {
	return &vectors.Pair{Command: oneCommand(wire.InsHandshake2, 0, data), Response: answer}
}

// sealedRequest and sealedResponse are the first ones of the channel.
func (e *play) sealedRequest() []byte {
	return sealed(e.v.ChannelKeys, requestDirection, 0, e.request)
}

func (e *play) sealedResponse() []byte {
	return sealed(e.v.ChannelKeys, responseDirection, 0, e.response)
}

// data2 are the good data of HANDSHAKE-2.
func (e *play) data2() []byte { return append(bytes.Clone(e.v.Message3), e.sealedRequest()...) }

// whole is the valid test.
func (e *play) whole() vectors.ExchangeTest {
	values := e.v
	return vectors.ExchangeTest{
		Select: e.seen, PhoneEphemeral: e.x.Bytes(), LockEphemeral: e.y.Bytes(),
		Handshake1: e.handshake1(answered(e.v.Message2)),
		Handshake2: e.handshake2(e.data2(), answered(e.sealedResponse())),
		Request:    e.request, Response: e.response, Values: &values,
	}
}

// Where a side refuses: what the test holds of the exchange so far.

const (
	theLock  = "lock"
	thePhone = "phone"
)

// atMessage1 is a message_1 that the lock refuses.
func (e *play) atMessage1(answer []byte) vectors.ExchangeTest {
	return vectors.ExchangeTest{Refuser: theLock, Select: e.given, LockEphemeral: e.y.Bytes(), Handshake1: e.handshake1(answer)}
}

// atMessage2 is a message_2 that the phone refuses.
func (e *play) atMessage2(answer []byte) vectors.ExchangeTest {
	return vectors.ExchangeTest{Refuser: thePhone, Select: e.seen, PhoneEphemeral: e.x.Bytes(), Handshake1: e.handshake1(answer)}
}

// atMessage3 is a HANDSHAKE-2 that the lock refuses.
func (e *play) atMessage3(data []byte) vectors.ExchangeTest {
	return vectors.ExchangeTest{
		Refuser: theLock, Select: e.given, LockEphemeral: e.y.Bytes(),
		Handshake1: e.handshake1(answered(e.v.Message2)), Handshake2: e.handshake2(data, refusal),
	}
}

// atResponse is a sealed response that the phone refuses.
func (e *play) atResponse(answer []byte) vectors.ExchangeTest {
	t := e.whole()
	t.Refuser, t.LockEphemeral, t.Response, t.Values = thePhone, nil, nil, nil
	t.Handshake2.Response = answer
	return t
}
