package main

import (
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/lock"
)

// lockSays tells what the box's lock decided, and why.
func (p *printer) lockSays(r *record) {
	switch {
	case len(r.events) > 0:
	case r.operations.Total() == 0:
		p.paragraph("Lock    ", "the box's own took no part")
	default:
		p.paragraph("Lock    ", "was asked for nothing yet, and forgot the beginning when its power went")
	}
	for i := 0; i < len(r.events); {
		e := &r.events[i]
		text, times := eventSays(e), 1
		for i++; e.Err == nil && i < len(r.events) && r.events[i].Err == nil && eventSays(&r.events[i]) == text; i++ {
			times++
		}
		if times > 1 {
			text += fmt.Sprintf(", %d times", times)
		}
		p.paragraph("Lock    ", text)
		if e.Err != nil {
			p.paragraph("        ", e.Err.Error())
		}
	}
}

// eventSays tells one thing that the lock told its maker's code.
func eventSays(e *lock.Event) string {
	text := e.Outcome.String()
	switch {
	case e.Document && e.Reason == credential.ReasonNone:
		return "takes a document"
	case e.Document:
		return "does not take a document, " + e.Reason.String()
	case lacksCertificate(e):
		text = "asks for a certificate"
		if e.Reason != credential.ReasonNone {
			text += ", and keeps to itself: " + e.Reason.String()
		}
	case e.Reason != credential.ReasonNone:
		text += ", " + e.Reason.String()
	}
	if e.Role != 0 {
		text += ", by right of " + whose(e.Role, e.Service)
	}
	return text
}

// whose says whose right it was, as the lock knows it.
func whose(role credential.Role, service credential.Service) string {
	if service == credential.ServiceNone {
		return role.String()
	}
	return role.String() + " " + service.String()
}

// phoneSays tells what the person at the door was told.
func (p *printer) phoneSays(r *record) {
	if r.phone == nil && len(r.link.Pairs()) == 0 {
		if r.err != nil {
			p.paragraph("App     ", "does not believe it")
			p.paragraph("        ", r.err.Error())
		}
		return
	}
	if r.phone == nil {
		p.paragraph("Reader  ", "was told nothing but a status word")
		return
	}
	text := r.result.Outcome.String()
	if r.result.Reason != credential.ReasonNone {
		text += ", " + r.result.Reason.String()
	}
	p.paragraph("Phone   ", text+": "+r.result.Advice.String())
	if r.err != nil {
		p.paragraph("        ", r.err.Error())
	}
}

// phoneHolds tells what the phone got from the lock besides.
func (p *printer) phoneHolds(r *record) {
	for _, d := range r.result.Documents {
		fate := "the lock holds it"
		if d.Reason != credential.ReasonNone {
			fate = d.Reason.String()
		}
		p.paragraph("Handed  ", fmt.Sprintf("%s, %s: %s", documentName(d.Document), count(len(d.Document), "byte"), fate))
	}
	if n := r.result.Notice; n.Kind != 0 {
		p.paragraph("Notice  ", fmt.Sprintf("%s, from %s until %s: %s", n.Kind, n.From.Time().Format(date), n.Until.Time().Format(date), n.Instruction))
	}
	if receipt := r.result.Receipt; receipt != nil {
		text := "not good"
		if receipt.Verified {
			text = "verified"
		}
		p.paragraph("Receipt ", fmt.Sprintf("%s, %s", count(len(receipt.Bytes), "byte"), text))
	}
	if pages := r.result.LogPages; len(pages) > 0 {
		p.paragraph("Log     ", fmt.Sprintf("%s of %s", count(len(pages), "page"), count(len(pages[0]), "byte")))
	}
}

// cost tells what the step took.
func cost(r *record) string {
	text := count(r.cost.Pairs, "pair") + ", " + count(r.cost.Bytes, "byte")
	m := r.operations
	if m.Total() == 0 {
		return text
	}
	return fmt.Sprintf("%s; for the lock %s, %s, %s, %s of flash", text,
		count(int(m.X25519+m.P256DH), "multiplication"), count(int(m.Ed25519Sign+m.P256Sign), "signature"),
		count(int(m.Ed25519Verify+m.P256Verify), "verification"), count(r.programmed, "byte"))
}

// count puts a number before its noun.
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
