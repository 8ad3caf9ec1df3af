package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/lock"
)

const (
	width = 100               // of the story in columns
	clock = "Mon 2 Jan 15:04" // how it tells the time
	date  = "2 January"
)

// printer tells the story to people.
type printer struct {
	w       io.Writer
	verbose bool
	err     error // of the first write that failed
}

// line prints one line.
func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, strings.TrimRight(fmt.Sprintf(format, args...), " "))
	}
}

// heading prints a line with a rule through it.
func (p *printer) heading(left, right string) {
	if right != "" {
		right = " " + right + " ──"
	}
	left = "── " + left + " "
	rule := width - utf8.RuneCountInString(left) - utf8.RuneCountInString(right)
	p.line("")
	p.line("%s%s%s", left, strings.Repeat("─", max(rule, 1)), right)
	p.line("")
}

// paragraph prints text in lines of at most the story's width: the label once,
// and the text beside it.
func (p *printer) paragraph(label, text string) {
	const indent = 2
	column := indent + utf8.RuneCountInString(label)
	rest := fmt.Sprintf("%*s%s", indent, "", label)
	at, first := column, true
	for word := range strings.FieldsSeq(text) {
		size := utf8.RuneCountInString(word)
		if !first && at+1+size > width {
			p.line("%s", rest)
			rest, at, first = strings.Repeat(" ", column), column, true
		}
		if !first {
			rest, at = rest+" ", at+1
		}
		rest, at, first = rest+word, at+size, false
	}
	p.line("%s", rest)
}

// begin introduces everybody, and says how to read the rest.
func (p *printer) begin(s *story) error {
	p.line("")
	p.line("  POSTERN · a year at a letter box")
	p.line("")
	p.paragraph("", "The lock of this box has no battery, no clock and no network. A phone feeds it through its NFC field and "+
		"proves a right; the lock decides alone. Its flash memory stays, all else is forgotten with the field, so for every tap "+
		"below the lock starts anew. Keys are made at random for each telling, the year is made up, and all the rest is real: "+
		"messages, signatures, decisions. Times are UTC.")
	p.heading("Those who take part", "key id")
	for _, row := range []struct {
		who, what string
		key       credential.PublicKey
	}{
		{"scheme", "root of trust: locks and apps know its key", s.scheme.PublicKey()},
		{"national post", fmt.Sprintf("operator, certified by the scheme (%d bytes)", len(s.post.Authority().Bytes())), s.post.PublicKey()},
		{"manufacturer", fmt.Sprintf("certified by the scheme (%d bytes)", len(s.maker.Authority().Bytes())), s.maker.PublicKey()},
		{"carrier", "another operator, for parcels", s.carrier.PublicKey()},
		{"lock", fmt.Sprintf("id %s, in round %s", boxID, round), publicKey(s.box.config.Identities[0])},
		{"owner", "a key in a phone, which the lock has still to learn", s.phones.owner.Key.PublicKey()},
		{"neighbour", "a key in a phone's secure element (P-256)", s.phones.neighbour.Key.PublicKey()},
		{"postman", "a key in a handset; he comes every day", s.phones.postman.Key.PublicKey()},
		{"courier", "a key in a handset of the carrier", s.phones.courier.Key.PublicKey()},
		{"buyer", "a key in a phone; buys the house in December", s.phones.buyer.Key.PublicKey()},
	} {
		p.line("  %-14s %-66s%17s", row.who, row.what, credential.KeyIDOf(row.key))
	}
	p.line("")
	p.paragraph("", "How to read an exchange: → is from phone to lock, ← from lock to phone, then the number of bytes with headers "+
		"and status word, their beginning and end, and what they say. A listener with an antenna reads all of it, but "+
		"for what stands in [brackets]: that is sealed, and only its length shows.")
	return p.err
}

// publicKey returns the public half of a lock's key.
func publicKey(i lock.Identity) credential.PublicKey {
	key, err := credential.NewPublicKey(i.Key.Public())
	if err != nil {
		return credential.PublicKey{}
	}
	return key
}

// step tells one step.
func (p *printer) step(number int, r record) error {
	p.heading(fmt.Sprintf("%d · %s", number, r.title), r.at.Format(clock))
	p.paragraph("", r.why)
	if r.note != "" {
		p.paragraph("", r.note)
	}
	p.line("")
	if len(r.link.Pairs()) > 0 {
		if err := p.exchange(&r); err != nil {
			return err
		}
		p.line("")
		p.lockSays(&r)
	}
	p.phoneSays(&r)
	p.phoneHolds(&r)
	if len(r.link.Pairs()) > 0 {
		p.paragraph("Cost    ", cost(&r))
	}
	if r.floorAfter != r.floorBefore {
		p.paragraph("Time    ", fmt.Sprintf("the lock's floor rose from %v to %v", r.floorBefore, r.floorAfter))
	}
	if r.policyAfter != r.policyBefore {
		p.paragraph("Policy  ", fmt.Sprintf("the lock holds version %d, before it was %d", r.policyAfter, r.policyBefore))
	}
	if r.table != nil {
		if len(r.link.Pairs()) > 0 {
			p.line("")
		}
		for _, l := range r.table {
			p.line("  %s", l)
		}
		p.line("")
	}
	if r.so != "" {
		p.paragraph("So      ", r.so)
	}
	return p.err
}
