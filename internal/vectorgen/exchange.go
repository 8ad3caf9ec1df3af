package main

import (
	"fmt"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// exchangeBuilder makes area exchange.
type exchangeBuilder struct {
	*builder[vectors.ExchangeParams, vectors.ExchangeTest, *vectors.ExchangeTest]
}

var exchangeNotes = map[string]vectors.Note{
	"transcript":  note("interoperability", "Two good sides do not understand each other.", "PST-EDH-001", "PST-EDH-003", "PST-CHAN-001"),
	"negotiation": note("interoperability", "Two sides that share a suite do not find it.", "PST-EDH-017", "PST-EDH-028"),
	"setup":       note("policy", "Somebody without the setup secret becomes the owner.", "PST-COM-016"),
	"later":       note("interoperability", "A lock of a later version is not served.", "PST-PHN-008"),
	"select":      note("crypto", "The phone goes on with another lock, or in another version.", "PST-PHN-007"),
	"method":      note("crypto", "Keys are used for a method that they are not for.", "PST-DEC-005"),
	"suites":      note("crypto", "An attacker makes two sides use a suite that they prefer less.", "PST-DEC-005", "PST-EDH-028"),
	"key-share":   note("crypto", "The shared secret is known to others, or tells of the private key.", "PST-EDH-008"),
	"identifier":  note("malleability", "A connection identifier carries what nobody asked for.", "PST-EDH-017", "PST-EDH-021"),
	"encoding":    note("malleability", "A message passes in a second form.", "PST-EDH-004"),
	"ead":         note("confusion", "Data that nobody understands are passed over.", "PST-EDH-004"),
	"length":      note("memory-safety", "Reads behind the message, or leaves bytes of it unread.", "PST-EDH-023", "PST-DEC-007"),
	"altered":     note("crypto", "An altered message passes.", "PST-PHN-010", "PST-DEC-007", "PST-CHAN-004"),
	"signature":   note("crypto", "A side passes that does not hold the key of its credential.", "PST-EDH-008", "PST-PHN-010", "PST-DEC-007"),
	"form":        note("confusion", "A credential is taken for another.", "PST-EDH-013", "PST-EDH-023", "PST-DEC-007"),
	"certificate": note("crypto", "A lock passes that no trusted manufacturer made, or another one.", "PST-PHN-010"),
	"key":         note("crypto", "A side talks to itself, or with a key of another suite.", "PST-DEC-007", "PST-PHN-010"),
	"owner":       note("policy", "Somebody who is not the owner is taken for him.", "PST-DEC-007"),
	"replay":      note("replay", "A message of another transaction passes.", "PST-EDH-006", "PST-CHAN-001"),
	"bound":       note("crypto", "What phone and lock saw at SELECT differs unnoticed.", "PST-CHAN-001", "PST-APDU-010"),
	"channel":     note("crypto", "A forged or misplaced message passes in the channel.", "PST-CHAN-004"),
	"message":     note("confusion", "What is no request or no response is acted on.", "PST-DEC-007", "PST-REQ-006"),
	"error":       note("confusion", "A forged error leads the phone on.", "PST-EDH-032", "PST-PHN-020"),
	"order":       note("confusion", "Two faults, of which another one is named.", "PST-DEC-005"),
}

func exchangeArea() (output, error) {
	b := exchangeBuilder{begin[vectors.ExchangeParams, vectors.ExchangeTest]("exchange", exchangeNotes)}
	for _, s := range []int{wire.SuiteX25519Ed25519, wire.SuiteP256Es256} {
		w := newExchangeWorld(s)
		b.byValue(w)
		b.byKeyID(w)
		b.bareKey(w)
		b.vacant(w)
		b.laterVersion(w)
	}
	b.negotiated()
	return b.end()
}

// heading names a group.
func heading(w *exchangeWorld, what string) string { return fmt.Sprintf("Suite %d: %s", w.suite, what) }

// byValue has a grant, and a lock that the phone sees for the first time.
func (b exchangeBuilder) byValue(w *exchangeWorld) {
	p := w.params(false, false, false)
	p.Phone.Makers = append(p.Phone.Makers, w.makerOf(w.scheme, w.post, rightIssue))
	b.group(heading(w, "a grant; the lock's certificate by value"), p)
	good := func(name string) *play { return newPlay(w, p, fmt.Sprintf("suite %d/value/%s", w.suite, name)) }
	twin := b.valid("whole exchange", good("whole").run().whole(), "transcript")
	for i, ids := range [][2]item{{uintItem(23), nintItem(23)}, {nintItem(0), uintItem(1)}} {
		e := good("identifiers")
		e.message1, e.cR = e.hello(uintItem(uint64(w.suite)), ids[0]), ids[1]
		b.valid(fmt.Sprintf("C_I is %s, C_R is %s", ids[0].diagnostic, ids[1].diagnostic), e.run().whole(), "transcript", "identifier")
		_ = i
	}
	b.selectFaults(w, good("select"), twin)
	b.message1Faults(good("message_1"), twin)
	b.keyShareFaults(good("message_1"), twin)
	b.suiteFaults(good("message_1"), twin)
	b.message2Faults(good, twin)
	b.message2Forms(good, twin)
	b.certificateFaults(w, good, twin)
	b.certificateForms(w, good, twin)
	b.errorMessages(good("error"), twin)
	b.message3Faults(good, twin)
	b.message3Forms(w, good, twin)
	b.boundFaults(w, good, twin)
	b.requestFaults(good, twin)
	b.responseFaults(good, twin)
}

// byKeyID has a grant, and a lock that the phone knows.
func (b exchangeBuilder) byKeyID(w *exchangeWorld) {
	p := w.params(false, true, false)
	b.group(heading(w, "a grant; the lock's certificate by key id"), p)
	good := func(name string) *play { return newPlay(w, p, fmt.Sprintf("suite %d/key id/%s", w.suite, name)) }
	twin := b.valid("whole exchange", good("whole").run().whole(), "transcript")
	b.message2Faults(good, twin)
	b.responseFaults(good, twin)
}

// bareKey has the owner.
func (b exchangeBuilder) bareKey(w *exchangeWorld) {
	p := w.params(true, true, false)
	b.group(heading(w, "the owner's bare key; the lock's certificate by key id"), p)
	good := func(name string) *play { return newPlay(w, p, fmt.Sprintf("suite %d/bare/%s", w.suite, name)) }
	twin := b.valid("whole exchange", good("whole").run().whole(), "transcript")
	b.message3Faults(good, twin)
	b.bareKeyFaults(w, good, twin)
	b.requestFaults(good, twin)
}

// laterVersion has a lock that spoke version 2 before.
func (b exchangeBuilder) laterVersion(w *exchangeWorld) {
	p := w.params(false, false, false)
	p.Phone.Version = 2
	b.group(heading(w, "a lock of version 2"), p)
	at := func(version uint64) *play {
		e := newPlay(w, p, fmt.Sprintf("suite %d/later", w.suite))
		e.seen.Response = selectAnswer(arrayItem(uintItem(version), uintItem(exchangeCapabilities), bytesItem(w.lockID),
			bytesItem(draw(fmt.Sprintf("exchange/later/nonce %d", version), wire.LimitNonceBytes))))
		e.given = e.seen
		return e.run()
	}
	twin := b.valid("it speaks version 2 still", at(2).whole(), "later")
	b.valid("it speaks version 3 now", at(3).whole(), "later")
	b.invalid(twin, wire.ReasonDowngrade, "it speaks version 1 alone", vectors.ExchangeTest{Refuser: thePhone, Select: at(1).seen}, "select")
}

// negotiated has phones that prefer a suite which the lock lacks.
func (b exchangeBuilder) negotiated() {
	w := newExchangeWorld(wire.SuiteX25519Ed25519)
	p := w.params(false, false, false)
	p.Lock.Suites, p.Phone.Suites = []int{wire.SuiteX25519Ed25519}, []int{wire.SuiteP256Es256, wire.SuiteX25519Ed25519}
	b.group("A lock with suite 0 alone and a phone that prefers suite 2", p)
	suites := arrayItem(uintItem(2), uintItem(0))
	at := func(name string) *play {
		e := newPlay(w, p, "negotiated/"+name)
		e.message1 = e.hello(suites, uintItem(0))
		return e
	}
	twin := b.valid("it selects suite 0 at once", at("at once").run().whole(), "negotiation")
	first := newPlay(w, p, "negotiated/first")
	first.x = ephemeral(wire.SuiteP256Es256, "exchange/negotiated/first/x")
	first.message1 = first.hello(uintItem(2), uintItem(0))
	before := &vectors.ExchangeBefore{
		Select: first.seen, PhoneEphemeral: first.x.Bytes(), Handshake1: *first.handshake1(answered([]byte{2, 0})),
	}
	second := at("second").run().whole()
	second.Before = before
	b.valid("it selects suite 2 and then, by error 2, suite 0", second, "negotiation")
	again := at("again").atMessage2(answered([]byte{2, 0}))
	again.Before = before
	b.invalid(twin, wire.ReasonSuite, "error 2 again", again, "error")
	for _, c := range []struct {
		comment string
		suitesI item
	}{
		{"suite 2 is selected", uintItem(2)},
		{"suite 2 is selected behind suite 3", arrayItem(uintItem(3), uintItem(2))},
		{"suite 2 is selected behind suite 0", arrayItem(uintItem(0), uintItem(2))},
		{"suite 3 is selected behind suites 2 and 0", arrayItem(uintItem(2), uintItem(0), uintItem(3))},
	} {
		e := at("wrong")
		e.message1 = e.hello(c.suitesI, uintItem(0))
		b.invalid(twin, wire.ReasonSuite, c.comment, e.atMessage1(answered([]byte{2, 0})), "suites")
	}
}
