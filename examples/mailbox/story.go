package main

import (
	"fmt"
	"slices"
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
	door  *box   // where it is played; nil for the letter box
}

// story is the stage: everybody who signs, everybody who opens, and the box.
type story struct {
	*parties
	phones *phones
	box    *box
	locker *box // in the station
	home   home // of the owner's app

	overheard map[string][]apdu.Pair // by the scene's name, what a listener has recorded
	pages     [][]byte               // of the log, which a courier has brought along
	sale      []byte                 // the policy that gives the box to the buyer
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
	l, err := newLocker(p)
	if err != nil {
		return nil, err
	}
	book := map[credential.Tag]string{credential.Tag(credential.KeyIDOf(p.owner.PublicKey())): "owner"}
	return &story{parties: p, phones: f, box: b, locker: l, home: home{book: book}, overheard: map[string][]apdu.Pair{}}, nil
}

// scenes is the whole story.
func (s *story) scenes() []scene {
	return slices.Concat(
		s.movingIn(), s.firstVisits(), s.timeAndSignatures(), s.impostors(), s.shakyHands(), // winter
		s.parcel(), s.blocked(), // spring
		s.saturday(), s.holidays(), s.quarrel(), // summer
		s.theft(), s.logComesHome(), // autumn
		s.sold(), s.parcelLocker(), // winter again
	)
}

// record is one step as it went.
type record struct {
	scene
	attempt
	outcome credential.Outcome
	reason  credential.Reason // exact, also where the phone was told none

	events     []lock.Event // what the box's lock decided, in order
	cost       apdu.Cost    // on the link
	operations credential.Meter
	programmed int  // bytes of the box's flash
	driven     int  // how often the bolt was driven
	entries    int  // of the log that were added
	shown      bool // the right was shown: the phone sent HANDSHAKE-2

	floorBefore, floorAfter   credential.Time
	policyBefore, policyAfter uint32 // versions
}

// play plays a scene and measures the lock around it.
func (s *story) play(sc scene) (record, error) {
	if sc.door == nil {
		sc.door = s.box
	}
	before, err := lock.New(sc.door.config)
	if err != nil {
		return record{}, err
	}
	programmed, driven := sc.door.flash.Programmed, sc.door.bolt.Driven
	sc.door.forget()
	a, err := sc.play()
	if err != nil {
		return record{}, fmt.Errorf("%s: %w", sc.name, err)
	}
	after, err := lock.New(sc.door.config)
	if err != nil {
		return record{}, err
	}
	s.overheard[sc.name] = a.link.Pairs()
	r := record{
		scene: sc, attempt: a,
		events:      sc.door.events,
		cost:        a.link.Cost(),
		operations:  sc.door.operations(),
		programmed:  sc.door.flash.Programmed - programmed,
		driven:      sc.door.bolt.Driven - driven,
		entries:     newest(after) - newest(before),
		floorBefore: before.Floor(), floorAfter: after.Floor(),
		policyBefore: before.PolicyVersion(), policyAfter: after.PolicyVersion(),
	}
	r.shown = r.shows()
	r.outcome, r.reason = r.ending()
	return r, nil
}

// newest returns the number of a lock's newest log entry, which rises with every
// entry, also where the log is wiped.
func newest(l *lock.Lock) int {
	log := l.Log()
	if len(log) == 0 {
		return 0
	}
	return int(log[len(log)-1].Sequence)
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

// shows reports whether a phone showed its right to whatever it spoke with.
func (r *record) shows() bool {
	for _, pair := range r.link.Pairs() {
		sent := pair.Command[1:] // INS and what follows
		if r.byLock {
			sent = pair.Response
		}
		if r.phone != nil && len(sent) > 0 && sent[0] == insHandshake2 {
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
