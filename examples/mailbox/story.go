package main

import (
	"fmt"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/lock"
)

// scene is one step of the story as it is written.
type scene struct {
	name  string // in figures
	at    time.Time
	title string
	why   string // who does what, and why
	play  func() (attempt, error)
	so    string // what to take home
}

// story is the stage: everybody who signs, everybody who opens, and the box.
type story struct {
	*parties
	phones *phones
	box    *box

	overheard map[string][]apdu.Pair // by the scene's name, what a listener has recorded
}

// newStory sets the stage.
func newStory() (*story, error) {
	p, err := newParties()
	if err != nil {
		return nil, err
	}
	f, err := newPhones(p)
	if err != nil {
		return nil, err
	}
	b, err := newBox(p, boxID)
	if err != nil {
		return nil, err
	}
	return &story{parties: p, phones: f, box: b, overheard: map[string][]apdu.Pair{}}, nil
}

// scenes is the whole story.
func (s *story) scenes() []scene {
	var all []scene
	all = append(all, s.monday()...)
	all = append(all, s.tuesday()...)
	all = append(all, s.wednesday()...)
	return all
}

// record is one step as it went.
type record struct {
	scene
	attempt
	outcome credential.Outcome
	reason  credential.Reason // exact, also where the phone was told none

	events      []lock.Event // what the box's lock decided, in order
	cost        apdu.Cost    // on the link
	operations  credential.Meter
	programmed  int  // bytes of the box's flash
	driven      int  // how often the bolt was driven
	entries     int  // of the log that were added
	shown       bool // the right was shown: the phone sent HANDSHAKE-2
	floorBefore credential.Time
	floorAfter  credential.Time
}

// play plays a scene and measures the box around it.
func (s *story) play(sc scene) (record, error) {
	before, err := lock.New(s.box.config)
	if err != nil {
		return record{}, err
	}
	programmed, driven := s.box.flash.Programmed, s.box.bolt.Driven
	s.box.forget()
	a, err := sc.play()
	if err != nil {
		return record{}, fmt.Errorf("%s: %w", sc.name, err)
	}
	after, err := lock.New(s.box.config)
	if err != nil {
		return record{}, err
	}
	s.overheard[sc.name] = a.link.Pairs()
	r := record{
		scene: sc, attempt: a,
		events:      s.box.events,
		cost:        a.link.Cost(),
		operations:  s.box.operations(),
		programmed:  s.box.flash.Programmed - programmed,
		driven:      s.box.bolt.Driven - driven,
		entries:     len(after.Log()) - len(before.Log()),
		shown:       shown(a),
		floorBefore: before.Floor(),
		floorAfter:  after.Floor(),
	}
	r.outcome, r.reason = r.ending()
	return r, nil
}

// ending returns how the step ended: as the phone has it, since what the lock
// did and the phone never heard is not known at the door.  Only where the lock
// would not say why it refused, the reason is its own, which it tells nobody but
// its maker's code.
func (r *record) ending() (credential.Outcome, credential.Reason) {
	outcome, reason := r.result.Outcome, r.result.Reason
	if reason != credential.ReasonStatusWord && reason != credential.ReasonIssuerUnknown {
		return outcome, reason
	}
	if n := len(r.events); n > 0 && r.events[n-1].Reason != credential.ReasonNone {
		reason = r.events[n-1].Reason
	}
	return outcome, reason
}

// shown reports whether a phone showed its right to whatever it spoke with.
func shown(a attempt) bool {
	for _, pair := range a.link.Pairs() {
		if c, err := apdu.ParseCommand(pair.Command); a.phone != nil && err == nil && c.INS == insHandshake2 {
			return true
		}
	}
	return false
}

// teller is somebody who tells the story: to people or to programs.
type teller interface {
	begin(*story) error
	step(number int, r record) error
	end(s *story, all []record, faults []string) error
}

// tell plays the whole story, and returns where it differs from what is
// expected.
func tell(t teller, expected []expectation) (faults []string, err error) {
	s, err := newStory()
	if err != nil {
		return nil, err
	}
	if err := t.begin(s); err != nil {
		return nil, err
	}
	var all []record
	for i, sc := range s.scenes() {
		r, err := s.play(sc)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
		if err := t.step(i+1, r); err != nil {
			return nil, err
		}
	}
	faults = compare(all, expected)
	return faults, t.end(s, all, faults)
}
