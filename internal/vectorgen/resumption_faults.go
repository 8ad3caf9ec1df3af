package main

import (
	"bytes"
	"fmt"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// lockFaults are what a lock refuses after some good taps.
func (b resumptionBuilder) lockFaults(after, twin int) {
	l := b.line(fmt.Sprintf("lock %d", after), 12, 3, 1).opens(after)
	tap, v := l.start(l.phone.Secret)
	s := sealed(v.ChannelKeys, requestDirection, 0, l.request)
	add := func(reason int64, flag, comment string, data []byte) {
		t := tap
		t.Nonce, t.Resume = nil, resumePair(data, refusal)
		b.invalid(twin, reason, fmt.Sprintf("lock, after %d taps: %s", after, comment), l.refusedBy(theLock, t), flag)
	}
	whole := resumeData(tap.Nonce, v.ID, s)
	for _, n := range []int{1, 8, 16, 23, 24} {
		add(wire.ReasonMalformed, "length", fmt.Sprintf("%d bytes of data", n), whole[:n])
	}
	for _, at := range []int{0, 7} {
		add(wire.ReasonResumption, "id", fmt.Sprintf("byte %d of the id is altered", at), resumeData(tap.Nonce, flipped(v.ID, at), s))
		add(wire.ReasonResumption, "id", fmt.Sprintf("byte %d of the phone's nonce is altered", at), resumeData(flipped(tap.Nonce, at), v.ID, s))
	}
	add(wire.ReasonResumption, "id", "the id is zero", resumeData(tap.Nonce, make([]byte, 8), s))
	add(wire.ReasonResumption, "id", "id before nonce", resumeData(v.ID, tap.Nonce, s))
	add(wire.ReasonResumption, "keys", "the id with the channel's label", resumeData(tap.Nonce, kdf(v.PRK, wire.ResumptionLabelChannel, nil, 8), s))
	add(wire.ReasonResumption, "keys", "the first bytes of the PRK as id", resumeData(tap.Nonce, v.PRK[:8], s))
	other := func(secret, nonce, hash []byte) (id, sealedRequest []byte) {
		o := resumed(secret, nonce, hash)
		return o.ID, sealed(o.ChannelKeys, requestDirection, 0, l.request)
	}
	with := func(flag, comment string, secret, nonce, hash []byte) {
		id, request := other(secret, nonce, hash)
		add(wire.ReasonResumption, flag, comment, resumeData(tap.Nonce, id, request))
	}
	with("id", "by a secret that no slot has", draw("resumption/no slot", 32), tap.Nonce, v.SelectHash)
	with("keys", "by the next secret", nextSecret(l.phone.Secret), tap.Nonce, v.SelectHash)
	with("keys", "without the phone's nonce in the salt", l.phone.Secret, nil, v.SelectHash)
	with("bound", "without the SELECT hash in the salt", l.phone.Secret, tap.Nonce, nil)
	with("keys", "by the secret's last bit altered", flipped(l.phone.Secret, 31), tap.Nonce, v.SelectHash)
	swapped := resumed(v.SelectHash, tap.Nonce, l.phone.Secret)
	add(wire.ReasonResumption, "keys", "with secret and SELECT hash exchanged", resumeData(tap.Nonce, swapped.ID, sealed(swapped.ChannelKeys, requestDirection, 0, l.request)))
	if after > 0 {
		with("replay", "by the secret before", l.test.Phone.Secret, tap.Nonce, v.SelectHash)
		old := l.test.Taps[len(l.test.Taps)-1].Resume.Command
		add(wire.ReasonResumption, "replay", "that of the tap before, played again", old[5:len(old)-1])
	}
	for _, c := range []struct {
		comment string
		seen    func(s vectors.Pair) vectors.Pair
	}{
		{"another nonce", func(s vectors.Pair) vectors.Pair { s.Response = flipped(s.Response, -3); return s }},
		{"another capability mask", func(s vectors.Pair) vectors.Pair { s.Response = flipped(s.Response, 6); return s }},
		{"another version", func(s vectors.Pair) vectors.Pair {
			s.Response = bytes.Clone(s.Response)
			s.Response[5] = 2
			return s
		}},
		{"another lock id", func(s vectors.Pair) vectors.Pair { s.Response = flipped(s.Response, 10); return s }},
		{"the command of binding R", func(s vectors.Pair) vectors.Pair {
			s.Command = flipped(s.Command, -2)
			s.Command[len(s.Command)-2] = 0x81
			return s
		}},
	} {
		with("bound", "the phone saw another answer to SELECT: "+c.comment, l.phone.Secret, tap.Nonce, selectHash(c.seen(tap.Select)))
	}
	b.lockRequests(after, add, tap, v, l.request)
}

// lockRequests are faults in the sealed request behind a good id.
func (b resumptionBuilder) lockRequests(after int, add func(reason int64, flag, comment string, data []byte), tap vectors.ResumptionTap, v *vectors.ResumptionValues, request []byte) {
	s := sealed(v.ChannelKeys, requestDirection, 0, request)
	for _, c := range []struct {
		comment string
		sealed  []byte
	}{
		{"the first byte of the request is altered", flipped(s, 0)},
		{"the last byte of its tag is altered", flipped(s, -1)},
		{"the request has one byte less", s[:len(s)-1]},
		{"the request has one byte more", append(bytes.Clone(s), 0)},
		{"the request has 9 bytes", s[:9]},
		{"the request is sealed with counter 1", sealed(v.ChannelKeys, requestDirection, 1, request)},
		{"the request is sealed with the response key", sealed(v.ChannelKeys, responseDirection, 0, request)},
	} {
		add(wire.ReasonChannel, "channel", c.comment, resumeData(tap.Nonce, v.ID, c.sealed))
	}
	for _, c := range []struct {
		comment string
		plain   []byte
	}{
		{"no operation", mapItem().data},
		{"an array", arrayItem(uintItem(1)).data},
		{"a byte behind the map", append(mapItem(uintItem(1), uintItem(1)).data, 0)},
		{"compartment 256", mapItem(uintItem(1), uintItem(1), uintItem(2), uintItem(256)).data},
	} {
		add(wire.ReasonMalformed, "message", "the request is "+c.comment, resumeData(tap.Nonce, v.ID, sealed(v.ChannelKeys, requestDirection, 0, c.plain)))
	}
}

// phoneFaults are answers to RESUME that the phone refuses.
func (b resumptionBuilder) phoneFaults(after, twin int) {
	l := b.line(fmt.Sprintf("phone %d", after), 12, 1, 0).opens(after)
	tap, v := l.start(l.phone.Secret)
	tap.Request = l.request
	data := resumeData(tap.Nonce, v.ID, sealed(v.ChannelKeys, requestDirection, 0, l.request))
	add := func(reason int64, flag, comment string, sealed []byte) {
		t := tap
		t.Resume = resumePair(data, answered(sealed))
		kept := l.phone
		t.PhoneAfter = &kept
		b.invalid(twin, reason, fmt.Sprintf("phone, after %d taps: %s", after, comment), l.refusedBy(thePhone, t), flag)
	}
	good := answerOf(wire.OutcomeOpened, wire.ReasonNone)
	s := sealed(v.ChannelKeys, responseDirection, 0, good)
	add(wire.ReasonChannel, "channel", "the first byte of the response is altered", flipped(s, 0))
	add(wire.ReasonChannel, "channel", "the last byte of its tag is altered", flipped(s, -1))
	add(wire.ReasonChannel, "channel", "the response has one byte less", s[:len(s)-1])
	add(wire.ReasonChannel, "channel", "the response has one byte more", append(bytes.Clone(s), 0))
	add(wire.ReasonChannel, "channel", "nothing", nil)
	add(wire.ReasonChannel, "channel", "the response is sealed with counter 1", sealed(v.ChannelKeys, responseDirection, 1, good))
	add(wire.ReasonChannel, "channel", "the response is sealed with the request key", sealed(v.ChannelKeys, requestDirection, 0, good))
	add(wire.ReasonChannel, "replay", "the request, reflected", sealed(v.ChannelKeys, requestDirection, 0, l.request))
	next := resumed(nextSecret(l.phone.Secret), tap.Nonce, v.SelectHash)
	add(wire.ReasonChannel, "keys", "the response is sealed under the next secret", sealed(next.ChannelKeys, responseDirection, 0, good))
	if after > 0 {
		before := l.test.Taps[after-1].Resume.Response
		add(wire.ReasonChannel, "replay", "the response of the tap before", before[:len(before)-2])
	}
	add(wire.ReasonMalformed, "message", "opened without a state", sealed(v.ChannelKeys, responseDirection, 0, mapItem(uintItem(1), uintItem(wire.OutcomeOpened)).data))
	add(wire.ReasonMalformed, "message", "a byte behind the response", sealed(v.ChannelKeys, responseDirection, 0, append(bytes.Clone(good), 0)))
	add(wire.ReasonMalformed, "message", "a response without an outcome", sealed(v.ChannelKeys, responseDirection, 0, mapItem().data))
}

// lostAnswers leave the lock a step ahead of the phone.
func (b resumptionBuilder) lostAnswers(twin int) {
	for _, c := range []struct {
		comment string
		outcome uint64
		reason  int64
	}{
		{"opened", wire.OutcomeOpened, wire.ReasonNone},
		{"unconfirmed", wire.OutcomeUnconfirmed, wire.ReasonNone},
		{"failed for the drive", wire.OutcomeFailed, wire.ReasonDrive},
	} {
		l := b.line("lost "+c.comment, 7, 2, 0).opens(1).tap(c.outcome, c.reason, true)
		tap, v := l.start(l.phone.Secret)
		tap.Nonce, tap.Resume = nil, resumePair(resumeData(tap.Nonce, v.ID, sealed(v.ChannelKeys, requestDirection, 0, l.request)), refusal)
		b.invalid(twin, wire.ReasonResumption, "lock, after the lost answer "+c.comment+": the phone's secret is the one before", l.refusedBy(theLock, tap), "lost")
	}
}

// spent are slots without an opening left.
func (b resumptionBuilder) spent(twin int) {
	for _, left := range []int{1, 2} {
		l := b.line(fmt.Sprintf("spent %d", left), left, 2, 1).opens(left)
		tap, v := l.start(l.phone.Secret)
		tap.Nonce, tap.Resume = nil, resumePair(resumeData(tap.Nonce, v.ID, sealed(v.ChannelKeys, requestDirection, 0, l.request)), refusal)
		b.invalid(twin, wire.ReasonResumption, fmt.Sprintf("lock: the slot is spent after %d openings", left), l.refusedBy(theLock, tap), "spent")
	}
	l := b.line("empty", 0, 1, 0)
	tap, v := l.start(l.phone.Secret)
	tap.Nonce, tap.Resume = nil, resumePair(resumeData(tap.Nonce, v.ID, sealed(v.ChannelKeys, requestDirection, 0, l.request)), refusal)
	b.invalid(twin, wire.ReasonResumption, "lock: the slot has no opening left", l.refusedBy(theLock, tap), "spent")
}
