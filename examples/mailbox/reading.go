package main

import (
	"fmt"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/lock"
)

// Instructions, spec/registry/instructions.csv.
const (
	insSelect      = 0xA4
	insHandshake1  = 0x10
	insHandshake2  = 0x12
	insRequest     = 0x14
	insResume      = 0x16
	insTurn        = 0x18
	insGetResponse = 0xC0
)

// reading is what a pair of messages says.  What stands in brackets is sealed:
// the two at the door can read it, a listener learns its length and no more.
type reading struct{ command, answer string }

// decided is what the lock told its maker's code about one message.
type decided struct {
	documents []lock.Event
	event     *lock.Event // nil where it told nothing
}

// reader explains a step, one pair after the other.
type reader struct {
	*record
	events   []lock.Event // that are left
	handed   int          // documents of which the lock has spoken
	lacked   bool         // the lock asked for what it lacked
	answered bool         // what was asked for has been answered
}

// readings explains every pair of a step.
func (r *record) readings() []reading {
	x := &reader{record: r, events: r.events}
	if r.byLock {
		return x.turned()
	}
	var all []reading
	for _, pair := range r.link.Pairs() {
		c, err := apdu.ParseCommand(pair.Command)
		if err != nil {
			all = append(all, reading{command: "not a command"})
			continue
		}
		d := x.decides(c.INS)
		all = append(all, reading{x.commandSays(c, d), answerSays(c, pair, d)})
		x.goOn(d)
	}
	return all
}

// turned explains a step in which the lock is the reader: each command brings
// the lock's answer, and each response the phone's next command.
func (x *reader) turned() []reading {
	var all []reading
	said := "the lock's own name, id, nonce"
	for _, pair := range x.link.Pairs() {
		c, err := apdu.ParseCommand(pair.Command)
		switch {
		case err != nil || c.INS == insSelect:
			all = append(all, reading{"name of the phone's application", "here"})
			continue
		case c.INS == insGetResponse:
			all = append(all, reading{"the rest, please", "the rest"})
			continue
		}
		response, err := apdu.ParseResponse(pair.Response)
		if err != nil || len(response.Data) < 2 {
			all = append(all, reading{said, "that was all"})
			continue
		}
		next := apdu.Command{INS: response.Data[0], P1: response.Data[1]}
		d := x.decides(next.INS)
		all = append(all, reading{said, x.commandSays(next, d)})
		said = answerSays(next, apdu.Pair{Response: []byte{0x90, 0x00}}, d)
		x.goOn(d)
	}
	return all
}

// decides takes the lock's events about a message: it decides once for every one
// that holds a request, and before that once for every document in it.
func (x *reader) decides(ins byte) (d decided) {
	if ins != insHandshake2 && ins != insRequest && ins != insResume {
		return d
	}
	for len(x.events) > 0 && x.events[0].Document {
		d.documents, x.events = append(d.documents, x.events[0]), x.events[1:]
	}
	if len(x.events) > 0 {
		d.event, x.events = &x.events[0], x.events[1:]
	}
	return d
}

// goOn keeps in mind what the next messages rest on.
func (x *reader) goOn(d decided) {
	x.handed += len(d.documents)
	x.lacked = lacksCertificate(d.event)
	x.answered = x.answered || d.event != nil && !x.lacked && d.event.Outcome != credential.OutcomePending && d.event.Outcome != credential.OutcomeRefused
}

// commandSays explains a command of the phone.
func (x *reader) commandSays(c apdu.Command, d decided) string {
	if x.phone == nil && c.INS != insSelect {
		return "a copy"
	}
	wish := "[" + x.wish(d) + "]"
	switch c.INS {
	case insSelect:
		return "name of the application"
	case insGetResponse:
		return "the rest, please"
	case insHandshake1:
		if c.P1 == 1 {
			return "suite, one-time key; with certificate"
		}
		return "suite, one-time key; with key id"
	case insResume:
		return "one-time id " + wish
	case insHandshake2:
		switch {
		case x.phone.Grant == nil:
			return "[bare key, signature] " + wish
		case x.phone.Parents != nil:
			return "[grant, grant above, signature] " + wish
		}
		return "[grant, signature] " + wish
	}
	switch {
	case x.lacked:
		return "[certificate] " + wish
	case x.answered:
		return "[page of the log]"
	case len(d.documents) > 0:
		return wish
	}
	return wish + " once more"
}

// wish says what a request asks for and brings along.
func (x *reader) wish(d decided) string {
	wish := x.ask.Operation.String()
	if x.proof {
		wish += ", proof"
	}
	if x.ask.Reference != (credential.Reference{}) {
		wish += ", parcel"
	}
	if x.ask.Resource != 0 {
		wish += fmt.Sprintf(", door %d", x.ask.Resource)
	}
	if x.ask.Receipt {
		wish += ", receipt"
	}
	for i := range d.documents {
		wish += " + " + x.document(x.handed+i)
	}
	return wish
}

// document names one that was handed over.
func (x *reader) document(i int) string {
	if i >= len(x.result.Documents) {
		return "document"
	}
	return documentName(x.result.Documents[i].Document)
}

// documentName tells what a document is.
func documentName(document []byte) string {
	if u, err := credential.ParsePolicy(document); err == nil {
		return fmt.Sprintf("policy %d", u.Claims.Version)
	}
	if u, err := credential.ParseRevocationList(document); err == nil {
		return fmt.Sprintf("revocation list %d", u.Claims.Version)
	}
	if _, err := credential.ParseTimeToken(document); err == nil {
		return "time token"
	}
	return "document"
}

// answerSays explains the lock's answer.
func answerSays(c apdu.Command, pair apdu.Pair, d decided) string {
	response, err := apdu.ParseResponse(pair.Response)
	switch {
	case pair.Err != nil || err != nil:
		return "the field is lost"
	case response.SW.IsError():
		return "not a word more"
	case c.INS == insSelect:
		return "version, lock id, nonce"
	case c.INS == insGetResponse:
		return "the rest"
	case c.INS == insHandshake1 && c.P1 == 1:
		return "one-time key [certificate, signature]"
	case c.INS == insHandshake1:
		return "one-time key [key id, signature]"
	case d.event == nil:
		return ""
	case lacksCertificate(d.event):
		return "[the issuer's certificate is missing]"
	case d.event.Reason != credential.ReasonNone:
		return fmt.Sprintf("[%s: %s]", d.event.Outcome, d.event.Reason)
	}
	return fmt.Sprintf("[%s]", d.event.Outcome)
}

// lacksCertificate reports whether the lock could not decide yet, because it
// lacks a certificate that it named.
func lacksCertificate(e *lock.Event) bool {
	return e != nil && e.Asked
}
