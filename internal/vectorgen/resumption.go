package main

import (
	"bytes"
	"fmt"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// resumptionBuilder makes area resumption.
type resumptionBuilder struct {
	*builder[vectors.ResumptionParams, vectors.ResumptionTest, *vectors.ResumptionTest]
	lockID []byte
}

var resumptionNotes = map[string]vectors.Note{
	"chain":   note("interoperability", "Phone and lock lose each other on the line of secrets.", "PST-RES-010", "PST-RES-012"),
	"slots":   note("interoperability", "The lock finds another slot than the phone means.", "PST-RES-001", "PST-RES-008"),
	"kept":    note("policy", "A slot is used up, or moves on, by what is no opening.", "PST-RES-010", "PST-RES-012"),
	"lost":    note("replay", "A lost answer leaves a secret that opens twice.", "PST-RES-012", "PST-RES-013"),
	"spent":   note("policy", "A slot opens more often than it may.", "PST-RES-014", "PST-RES-013"),
	"id":      note("crypto", "Somebody without the secret resumes.", "PST-RES-008"),
	"replay":  note("replay", "A recorded tap opens again.", "PST-RES-010", "PST-RES-013"),
	"bound":   note("crypto", "What phone and lock saw at SELECT differs unnoticed.", "PST-RES-008", "PST-APDU-010"),
	"length":  note("memory-safety", "Reads behind the data.", "PST-RES-008"),
	"channel": note("crypto", "A forged message passes in the channel.", "PST-RES-008", "PST-CHAN-004"),
	"message": note("confusion", "What is no request or no response is acted on.", "PST-RES-008", "PST-REQ-006"),
	"select":  note("crypto", "The phone goes on with another lock.", "PST-PHN-007"),
	"keys":    note("crypto", "Secrets, ids and keys are derived in another way.", "PST-RES-008"),
}

func resumptionArea() (output, error) {
	b := resumptionBuilder{begin[vectors.ResumptionParams, vectors.ResumptionTest]("resumption", resumptionNotes), draw("resumption/lock/id", 8)}
	b.group("Taps at one lock", vectors.ResumptionParams{LockID: b.lockID})
	twin := b.chains()
	b.selectFaults(twin)
	for _, after := range []int{0, 2} {
		b.lockFaults(after, twin)
		b.phoneFaults(after, twin)
	}
	b.lostAnswers(twin)
	b.spent(twin)
	return b.end()
}

// line is a phone's slot and a lock's slots on their way through taps.
type line struct {
	b       resumptionBuilder
	name    string
	tapped  int
	phone   vectors.Slot
	slots   []vectors.Slot
	slot    int // index of the phone's slot at the lock
	test    vectors.ResumptionTest
	request []byte
}

// line has a slot of the phone among others at the lock.
func (b resumptionBuilder) line(name string, left, slots, slot int) *line {
	l := &line{b: b, name: "resumption/" + name, slot: slot, request: mapItem(uintItem(1), uintItem(wire.OperationOpen)).data}
	l.phone = vectors.Slot{Secret: draw(l.name+"/secret", 32), Left: left}
	for i := range slots {
		l.slots = append(l.slots, vectors.Slot{Secret: draw(fmt.Sprintf("%s/other %d", l.name, i), 32), Left: 32 - i})
	}
	l.slots[slot] = l.phone
	l.test = vectors.ResumptionTest{Slots: append([]vectors.Slot{}, l.slots...), Phone: &vectors.Slot{Secret: l.phone.Secret, Left: left}}
	return l
}

// start begins a tap: SELECT, the phone's nonce, what follows from the secret.
func (l *line) start(secret []byte) (vectors.ResumptionTap, *vectors.ResumptionValues) {
	label := fmt.Sprintf("%s/tap %d", l.name, l.tapped)
	l.tapped++
	tap := vectors.ResumptionTap{
		Select: selectPair(l.b.lockID, draw(label+"/lock nonce", wire.LimitNonceBytes), exchangeCapabilities),
		Nonce:  draw(label+"/phone nonce", 8),
	}
	return tap, resumed(secret, tap.Nonce, selectHash(tap.Select))
}

// resumeData are the data of RESUME.
func resumeData(nonce, id, sealed []byte) []byte {
	return bytes.Join([][]byte{nonce, id, sealed}, nil)
}

func resumePair(data, answer []byte) *vectors.Pair {
	return &vectors.Pair{Command: oneCommand(wire.InsResume, 0, data), Response: answer}
}

// commits tells whether a response reports an opening that was committed.
func commits(outcome uint64, reason int64) bool {
	return outcome == wire.OutcomeOpened || outcome == wire.OutcomeUnconfirmed || outcome == wire.OutcomeFailed && reason == wire.ReasonDrive
}

// tap adds a good tap with the outcome of the lock's answer, which may be lost.
func (l *line) tap(outcome uint64, reason int64, lost bool) *line {
	tap, v := l.start(l.phone.Secret)
	tap.Request, tap.Response, tap.Values, tap.Lost = l.request, answerOf(outcome, reason), v, lost
	tap.Resume = resumePair(resumeData(tap.Nonce, v.ID, sealed(v.ChannelKeys, requestDirection, 0, tap.Request)),
		answered(sealed(v.ChannelKeys, responseDirection, 0, tap.Response)))
	slot := l.slot
	tap.Slot = &slot
	if commits(outcome, reason) {
		moved := vectors.Slot{Secret: nextSecret(l.phone.Secret), Left: l.phone.Left - 1}
		l.slots[l.slot] = moved
		if !lost {
			l.phone = moved
		}
	}
	lockAfter, phoneAfter := l.slots[l.slot], l.phone
	tap.LockAfter, tap.PhoneAfter = &lockAfter, &phoneAfter
	l.test.Taps = append(l.test.Taps, tap)
	return l
}

// answerOf is a response with an outcome.
func answerOf(outcome uint64, reason int64) []byte {
	state := arrayItem(uintItem(3), uintItem(uint64(noon)), uintItem(0))
	pairs := []item{uintItem(1), uintItem(outcome)}
	if reason != wire.ReasonNone {
		pairs = append(pairs, uintItem(2), uintItem(uint64(reason)))
	}
	if outcome != wire.OutcomeRefused {
		pairs = append(pairs, uintItem(3), state)
	}
	return mapItem(pairs...).data
}

// opens adds taps that open.
func (l *line) opens(times int) *line {
	for range times {
		l.tap(wire.OutcomeOpened, wire.ReasonNone, false)
	}
	return l
}

// whole is the test of the taps so far.
func (l *line) whole() vectors.ResumptionTest { return l.test }

// chains are good taps.
func (b resumptionBuilder) chains() int {
	twin := b.valid("one tap", b.line("one", 32, 1, 0).opens(1).whole(), "chain")
	b.valid("three taps", b.line("three", 32, 1, 0).opens(3).whole(), "chain")
	b.valid("all 32 openings of a slot", b.line("all", 32, 1, 0).opens(32).whole(), "chain", "spent")
	for _, slot := range []int{0, 3, 7} {
		b.valid(fmt.Sprintf("slot %d of eight", slot), b.line(fmt.Sprintf("eight %d", slot), 20, 8, slot).opens(2).whole(), "slots")
	}
	unconfirmed := b.line("unconfirmed", 9, 1, 0).tap(wire.OutcomeUnconfirmed, wire.ReasonNone, false)
	b.valid("an opening that the lock cannot see, and another tap", unconfirmed.opens(1).whole(), "kept")
	stuck := b.line("stuck", 9, 1, 0).tap(wire.OutcomeFailed, wire.ReasonDrive, false)
	b.valid("a bolt that did not move, and another tap", stuck.opens(1).whole(), "kept")
	refused := b.line("refused", 9, 1, 0).tap(wire.OutcomeRefused, wire.ReasonBlocked, false)
	b.valid("a refusal, and another tap with the same secret", refused.opens(1).whole(), "kept")
	failed := b.line("failed", 9, 1, 0).tap(wire.OutcomeFailed, wire.ReasonState, false)
	b.valid("a commit that failed, and another tap with the same secret", failed.opens(1).whole(), "kept")
	status := b.line("status", 9, 1, 0)
	status.request = mapItem(uintItem(1), uintItem(wire.OperationStatus)).data
	b.valid("a request for status, and another with the same secret",
		status.tap(wire.OutcomeDone, wire.ReasonNone, false).tap(wire.OutcomeDone, wire.ReasonNone, false).whole(), "kept")
	b.valid("the lost answer to a refusal, and another tap with the same secret",
		b.line("lost refusal", 9, 1, 0).tap(wire.OutcomeRefused, wire.ReasonBlocked, true).opens(1).whole(), "kept", "lost")
	b.valid("the last opening of a slot", b.line("last", 1, 1, 0).opens(1).whole(), "spent")
	return twin
}

// refusedBy adds a last tap that a side refuses.
func (l *line) refusedBy(refuser string, tap vectors.ResumptionTap) vectors.ResumptionTest {
	t := l.test
	t.Refuser = refuser
	t.Taps = append(append([]vectors.ResumptionTap{}, t.Taps...), tap)
	return t
}

// selectFaults are answers that the phone refuses before RESUME.
func (b resumptionBuilder) selectFaults(twin int) {
	l := b.line("select", 5, 1, 0)
	tap, _ := l.start(l.phone.Secret)
	tap.Nonce = nil
	good := tap.Select.Response
	for _, c := range []struct {
		reason  int64
		comment string
		answer  []byte
	}{
		{wire.ReasonMalformed, "another template", append([]byte{0x61}, good[1:]...)},
		{wire.ReasonMalformed, "one byte less", answered(good[:len(good)-3])},
		{wire.ReasonVersion, "version 0", append(append(bytes.Clone(good[:5]), 0), good[6:]...)},
		{wire.ReasonLockIdentity, "another lock id", flipped(good, 10)},
	} {
		tap.Select.Response = c.answer
		b.invalid(twin, c.reason, "answer to SELECT: "+c.comment, l.refusedBy(thePhone, tap), "select")
	}
}
