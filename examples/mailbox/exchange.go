package main

import (
	"fmt"
	"strings"

	"github.com/postern-lock/postern/apdu"
)

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
