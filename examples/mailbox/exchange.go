package main

import (
	"fmt"
	"strings"

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
	insGetResponse = 0xC0
)

// reading is what a pair of messages says.  What stands in brackets is sealed:
// the two at the door can read it, a listener learns its length and no more.
type reading struct{ command, answer string }

// readings explains every pair of a step.
func (r *record) readings() []reading {
	var all []reading
	events := r.events
	lacked := false
	for _, pair := range r.link.Pairs() {
		c, err := apdu.ParseCommand(pair.Command)
		if err != nil {
			all = append(all, reading{command: "not a command"})
			continue
		}
		// The lock decides once for every message that holds a request.
		var decided *lock.Event
		if (c.INS == insHandshake2 || c.INS == insRequest || c.INS == insResume) && len(events) > 0 {
			decided, events = &events[0], events[1:]
		}
		x := reading{r.commandSays(c, lacked), answerSays(c, pair, decided)}
		lacked = lacksCertificate(decided)
		all = append(all, x)
	}
	return all
}

// commandSays explains a command of the phone.
func (r *record) commandSays(c apdu.Command, lacked bool) string {
	if r.phone == nil && c.INS != insSelect {
		return "a copy"
	}
	wish := "[" + r.operation.String() + "]"
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
		return "one-time id [" + r.operation.String() + "]"
	case insHandshake2:
		if r.phone.Grant == nil {
			return "[owner's key, signature] " + wish
		}
		return "[grant, signature] " + wish
	}
	if lacked {
		return "[post's certificate] " + wish
	}
	return wish + " once more"
}

// answerSays explains the lock's answer.
func answerSays(c apdu.Command, pair apdu.Pair, decided *lock.Event) string {
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
	case decided == nil:
		return ""
	case lacksCertificate(decided):
		return "[the issuer's certificate is missing]"
	case decided.Reason != credential.ReasonNone:
		return fmt.Sprintf("[%s: %s]", decided.Outcome, decided.Reason)
	}
	return fmt.Sprintf("[%s]", decided.Outcome)
}

// lacksCertificate reports whether the lock could not decide yet, because it
// lacks a certificate that it named.
func lacksCertificate(e *lock.Event) bool {
	return e != nil && e.Asked
}

// exchange prints the messages of a step, a line each.
func (p *printer) exchange(r *record) error {
	if p.verbose {
		return p.everyByte(r)
	}
	readings := r.readings()
	for i, pair := range r.link.Pairs() {
		name, status := "not a command", "no answer"
		if c, err := apdu.ParseCommand(pair.Command); err == nil {
			name = c.Name()
		}
		if response, err := apdu.ParseResponse(pair.Response); err == nil {
			if status = response.SW.String(); response.SW.More() > 0 {
				status = fmt.Sprintf("%04X more", uint16(response.SW))
			}
		}
		p.message(fmt.Sprintf("%2d →", i+1), name, pair.Command, readings[i].command)
		p.message("   ←", status, pair.Response, readings[i].answer)
	}
	return nil
}

// message prints one message in one direction.
func (p *printer) message(arrow, name string, b []byte, says string) {
	size := ""
	if len(b) > 0 {
		size = fmt.Sprint(len(b))
	}
	p.line("  %s %-13s%4s  %-13s  %s", arrow, name, size, fold(b), says)
}

// fold shortens bytes to the first four and the last two.
func fold(b []byte) string {
	if len(b) <= 6 {
		return fmt.Sprintf("%X", b)
	}
	return fmt.Sprintf("%X…%X", b[:4], b[len(b)-2:])
}

// everyByte prints the messages as apdu.Tracer prints them, whole.
func (p *printer) everyByte(r *record) error {
	readings := r.readings()
	r.link.Annotate = func(apdu.Pair) []string {
		x := readings[0]
		readings = readings[1:]
		return []string{"phone: " + x.command, "lock:  " + x.answer}
	}
	var b strings.Builder
	if err := r.link.Print(&b); err != nil {
		return err
	}
	for l := range strings.Lines(b.String()) {
		p.line("%s", strings.TrimRight(l, "\n"))
	}
	return nil
}
