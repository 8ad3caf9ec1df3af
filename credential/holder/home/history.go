package home

import (
	"fmt"
	"slices"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// Who is of whom a line of the log is about, as far as this phone knows.
type Who uint8

// Those whom a line can be about.
const (
	WhoLock    Who = iota // nobody: the lock reports something of its own accord
	WhoYou                // the key of this phone
	WhoOwner              // the owner, in a co-owner's phone
	WhoCoOwner            // a co-owner
	WhoGuest              // a guest of this phone's
	WhoKnown              // somebody else whom the user has given a name
	WhoUnknown            // an owner's grant or key that this phone does not know: passed on by a guest, or a co-owner's guest
	WhoStaff              // an operator's staff, in the name of Entry.Service
)

// String returns who it is in English.
func (w Who) String() string {
	names := [...]string{"the lock", "you", "the owner", "co-owner", "guest", "somebody", "somebody unknown", "staff"}
	if int(w) < len(names) {
		return names[w]
	}
	return fmt.Sprintf("who-%d", uint8(w))
}

// Line is one line of the log for people.
type Line struct {
	holder.Line // the entry, the name, and how many entries are lost before it
	Who         Who
	// The version of the policy that the lock held then was PolicyFrom at the
	// least and PolicyTo at the most, as far as this phone's own taps tell; zero is
	// not known.
	PolicyFrom, PolicyTo uint32
}

// String returns the line in English: when, who, what came of it.
func (l Line) String() string {
	e := l.Entry
	when := e.Time.Time().Format("2006-01-02 15:04")
	if e.Evidence == credential.EvidenceFloor {
		when = "after " + when
	}
	who := l.Name
	if who == "" {
		who = l.Who.String()
		if l.Who == WhoStaff {
			who = e.Service.String() + " staff"
		}
	}
	what := fmt.Sprintf("%s: %s", e.Operation, e.Outcome)
	if l.Lost > 0 {
		return fmt.Sprintf("(%d lost) %s, %s, %s", l.Lost, when, who, what)
	}
	return fmt.Sprintf("%s, %s, %s", when, who, what)
}

// Lines returns what was read of the log, the oldest first, with the names that
// this phone knows.
func (b *Box) Lines() []Line {
	who := b.state.people()
	lines := make([]Line, 0, 64)
	for _, l := range b.history.Lines(nil) {
		line := Line{Line: l, Who: WhoLock}
		switch l.Entry.Role {
		case credential.RoleOperator:
			line.Who, line.Name = WhoStaff, b.state.Book[l.Entry.Who]
		case credential.RoleOwner, credential.RoleGuest:
			p, known := who[l.Entry.Who]
			if !known {
				p.who = WhoUnknown
			}
			line.Who, line.Name = p.who, p.name
		}
		line.PolicyFrom, line.PolicyTo = b.state.policyAt(l.Entry.Sequence)
		lines = append(lines, line)
	}
	return lines
}

// Missing returns how many entries between the first and the last that were read
// nobody has read: they were overwritten before, or are still under way.
func (b *Box) Missing() uint32 { return b.history.Gaps() }

// Covers reports whether what was read of the log has everything up to a receipt that
// the lock gave to somebody (section 19.6).  Where it has not, pages are still under
// way, or entries were overwritten before anybody read them, or the receipt is older
// than the log keys.
func (b *Box) Covers(r *credential.Receipt) bool {
	c := r.Claims()
	if c.Lock != b.state.Lock {
		return false
	}
	for _, run := range b.history.Runs {
		head := run.Base
		for _, entry := range run.Entries {
			head = head.Next(entry)
			if head == c.Head || slices.ContainsFunc(b.logKeys, func(k holder.LogKey) bool { return k.Blind(head) == c.Head }) {
				return true
			}
		}
	}
	return false
}

// person is somebody whom the log can name.
type person struct {
	who  Who
	name string
}

// people returns whom the log can name, by the tags of grants and the key ids of
// owners' keys.
func (s *state) people() map[credential.Tag]person {
	all := map[credential.Tag]person{}
	for tag, name := range s.Book {
		all[tag] = person{WhoKnown, name}
	}
	for _, key := range s.Settings.CoOwners {
		tag := tagOf(key)
		all[tag] = person{WhoCoOwner, s.Book[tag]}
	}
	for _, g := range s.Guests {
		for _, issued := range g.Issued {
			all[issued.Tag] = person{WhoGuest, g.Name}
		}
	}
	all[tagOf(s.Owner)] = person{WhoOwner, s.Book[tagOf(s.Owner)]}
	all[tagOf(s.Key)] = person{WhoYou, s.Book[tagOf(s.Key)]}
	return all
}

// tagOf returns what the log names a bare key by.
func tagOf(key credential.PublicKey) credential.Tag { return credential.Tag(credential.KeyIDOf(key)) }

// policyAt returns between which versions the lock's policy was when it wrote the
// entry with a number.
func (s *state) policyAt(sequence uint32) (from, to uint32) {
	for _, seen := range s.Seen {
		if seen.First < sequence {
			from = seen.Version
		}
		if seen.Last >= sequence {
			return from, seen.Version
		}
	}
	return from, 0
}

// Name gives a name to a tag or a key id that a line shows and this phone does not
// know: the son to whom a neighbour passed the right on.  An empty name takes it
// away.
//
// Errors: ErrGuest for what is no name, ErrKeep.
func (b *Box) Name(who credential.Tag, name string) error {
	return b.change(func(s *state) error {
		if name == "" {
			delete(s.Book, who)
			return nil
		}
		if err := checkName(name); err != nil {
			return err
		}
		s.name(who, name)
		return nil
	})
}

// Erase removes what was read of the log before a time, but for the newest entry.
// What binds the entries after it stays, so that an alteration or a fall still shows.
//
// Errors: ErrTime, ErrKeep.
func (b *Box) Erase(before time.Time) error {
	at, err := moment(before)
	if err != nil {
		return err
	}
	history := holder.History{Lock: b.history.Lock}
	for i, run := range b.history.Runs {
		last := i == len(b.history.Runs)-1
		for len(run.Entries) > 0 && run.Entries[0].Time < at && !(last && len(run.Entries) == 1) {
			run.Base, run.Entries = run.Base.Next(run.Entries[0]), run.Entries[1:]
		}
		if len(run.Entries) > 0 {
			history.Runs = append(history.Runs, holder.Run{Base: run.Base, Entries: slices.Clone(run.Entries)})
		}
	}
	return b.note(nil, &history, true, func(*state) {})
}
