package lock

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"fmt"
	"strings"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/holdertest"
	"github.com/postern-lock/postern/spec/vectors"
)

// vectorLock is the lock under test in the place of a vector's.
type vectorLock struct {
	*cases.T
	params *vectors.DecisionParams
}

// shows plays a valid vector.
func (l vectorLock) shows(test *vectors.DecisionTest) {
	l.Expect("the last answer", l.plays(test), decided(test))
}

// plays carries a vector out on a lock that has just left its factory, and
// returns what the last answer comes to.  What comes before is judged here.
func (l vectorLock) plays(test *vectors.DecisionTest) cases.Outcome {
	l.Lock.Power(false)
	l.Lock.FreshWith(l.made)
	l.commission(l.params.Owner)
	l.holds(vectors.DecisionState{Floor: l.params.Floor, Sequence: 1})
	var last cases.Outcome
	for i := range test.Steps {
		l.Lock.Cycle()
		s := &test.Steps[i]
		if s.Reset != nil {
			l.Set(shim.Button{Pressed: true})
			l.commission(*s.Reset)
			l.Set(shim.Button{})
			l.holds(*s.State)
			continue
		}
		last = l.step(test, i)
	}
	return last
}

// made gives the lock the values of the vector.
func (l vectorLock) made(p *shim.Provision) {
	p.Lock, p.Area, p.Compartments = shim.Hex(l.params.ID), shim.Hex(l.params.Area), l.params.Compartments
	p.Roots, p.Authorities = hexes(l.params.Roots), hexes(l.params.Authorities)
	var err error
	p.Identities, err = l.World.Identities(credential.LockID(l.params.ID), credential.Time(l.params.Floor))
	l.OK(err)
}

func hexes(all []vectors.Hex) []shim.Hex {
	var h []shim.Hex
	for _, b := range all {
		h = append(h, shim.Hex(b))
	}
	return h
}

// phone is a phone with a key of the vectors.  It takes the lock's word for the
// lock's key, which other cases look at.
func (l vectorLock) phone(k vectors.PrivateKey, label string) *holdertest.Phone {
	p := l.Phone(label, nil)
	p.Roots = nil
	p.Key = ed25519.NewKeyFromSeed(k.Private)
	if k.Alg == -9 {
		key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), k.Private)
		l.OK(err)
		p.Key = key
	}
	return p
}

// commission makes the key the owner's.
func (l vectorLock) commission(k vectors.PrivateKey) {
	l.SetUp(func() { l.CommissionBy(l.phone(k, "owner")) })
}

// holds compares what stands in lasting memory, where there is a hook.
func (l vectorLock) holds(want vectors.DecisionState) {
	if !l.Lock.Has(shim.VerbState) {
		return
	}
	k := l.Lock.Kept()
	l.Check(k.Policy == uint64(want.Version), "the policy version is %d, where %d is right", k.Policy, want.Version)
	l.Check(k.Floor == uint64(want.Floor), "the floor is %d, where %d is right", k.Floor, want.Floor)
	l.Check(k.Sequence == uint64(want.Sequence), "the newest log entry has number %d, where %d is right", k.Sequence, want.Sequence)
}

// step carries out a transaction and returns what its last answer comes to.
func (l vectorLock) step(test *vectors.DecisionTest, number int) cases.Outcome {
	s := &test.Steps[number]
	p := l.phone(*s.Key, fmt.Sprint("step ", number))
	if c := test.Objects[*s.Credential]; c[0]&0xE0 == 0x80 { // an array: a grant
		p.Grant = c
	}
	var got cases.Outcome
	for i := range s.Requests {
		r := &s.Requests[i]
		seconds := r.Seconds
		if i > 0 {
			seconds -= s.Requests[i-1].Seconds
		}
		got = l.request(p, test, r, seconds, i == 0)
		if number+1 < len(test.Steps) || i+1 < len(s.Requests) {
			l.Expect(fmt.Sprintf("step %d, request %d", number+1, i+1), got, expected(r.Answer))
		}
		if got != expected(r.Answer) {
			return got // what is told is told; the rest would be told twice
		}
		if r.Answer == nil {
			l.Lock.Cycle()
			l.Set(shim.Cut{})
		}
		l.holds(r.State)
	}
	return got
}

// request sends one request so many seconds after the one before, first or in
// the channel, and watches the bolts.
func (l vectorLock) request(p *holdertest.Phone, test *vectors.DecisionTest, r *vectors.DecisionRequest, seconds int, first bool) cases.Outcome {
	l.surroundings(r)
	before := l.bolts()
	p.Alter = holdertest.Alter{holdertest.Plaintext: func([]byte) []byte { return bytes.Clone(r.Request) }}
	ask := holdertest.Request{
		Operation: credential.Operation(r.Fields.Operation), Resource: uint8(r.Fields.Resource), Receipt: r.Fields.Flags&1 != 0,
		Resumable: r.Fields.Flags&2 != 0, Log: r.Fields.Flags&4 != 0,
	}
	for _, i := range r.Fields.Chain {
		ask.Chain = append(ask.Chain, test.Objects[i])
	}
	for _, i := range r.Fields.Documents {
		ask.Documents = append(ask.Documents, test.Objects[i])
	}
	copy(ask.Reference[:], r.Fields.Reference)
	if seconds > 0 {
		l.Set(shim.Advance{Milliseconds: uint64(seconds) * 1000})
	}
	var got cases.Outcome
	var a *holdertest.Answer
	if first {
		got, a = l.TapFor(p, ask)
	} else {
		var err error
		a, err = p.Request(l.Context(), ask)
		l.OK(err)
		got = l.Answered(a)
	}
	got = told(got, a)
	if got == expected(r.Answer) {
		l.drove(before, r.Drives)
		l.told(a, r)
	}
	return got
}

// surroundings sets clock, energy, bolt and power for a request.
func (l vectorLock) surroundings(r *vectors.DecisionRequest) {
	if l.Lock.Has(shim.VerbClock) {
		var c shim.Clock
		if r.Clock != nil {
			unix, offset := uint64(r.Clock.Time), r.Clock.Offset
			c = shim.Clock{Unix: &unix, Offset: &offset}
		}
		l.Set(c)
	}
	if l.Lock.Has(shim.VerbDrive) {
		d := shim.Drive{Motion: shim.Moves, Percent: 100, Wait: 1000}
		if r.Charge != nil {
			d.Percent = *r.Charge
		}
		switch r.Bolt {
		case "stuck":
			d.Motion = shim.Sticks
		case "unseen":
			d.Motion = shim.Unseen
		}
		l.Set(d)
	}
	if r.Power == "lost-before" {
		l.Lock.CutAt(0, shim.TornBefore)
	}
}

// bolts counts the drives of each door, where there is a hook.
func (l vectorLock) bolts() map[int]int {
	moves := map[int]int{}
	if l.Lock.Has(shim.VerbBolt) {
		for _, m := range l.Lock.Bolt() {
			moves[m.Resource] = m.Count
		}
	}
	return moves
}

// drove compares the drives since with the door that was to be driven.
func (l vectorLock) drove(before map[int]int, door *int) {
	if !l.Lock.Has(shim.VerbBolt) {
		return
	}
	if door != nil {
		before[*door]++
	}
	now := l.bolts()
	for d, n := range before {
		l.Check(now[d] == n, "the bolt of door %d was driven %d times in all, where %d is right", d, now[d], n)
	}
	l.Check(len(now) == len(before), "a bolt was driven that was not to be: %v, where %v is right", now, before)
}

// told compares the state that an answer tells.
func (l vectorLock) told(a *holdertest.Answer, r *vectors.DecisionRequest) {
	if a == nil || a.State == (holdertest.Response{}.State) {
		return
	}
	l.Check(a.State.PolicyVersion == r.State.Version, "the answer tells policy version %d, where %d is right", a.State.PolicyVersion, r.State.Version)
	l.Check(uint32(a.State.Floor) == r.State.Floor, "the answer tells the floor %d, where %d is right", a.State.Floor, r.State.Floor)
	l.Check(a.State.Sequence == 0 || a.State.Sequence == r.State.Sequence, "the answer tells the number %d, where %d is right", a.State.Sequence, r.State.Sequence)
}

// told is all that an answer says, in words: the outcome, each document, notice
// and energy.
func told(o cases.Outcome, a *holdertest.Answer) cases.Outcome {
	if a == nil || a.Plain == nil {
		return o
	}
	s := []string{string(o)}
	if len(a.Missing) > 0 {
		s[0] = fmt.Sprintf("missing %x", a.Missing[0][:])
	}
	for _, d := range a.Documents {
		s = append(s, "document "+d.String())
	}
	if n := a.Notice; n.Kind != 0 {
		s = append(s, fmt.Sprintf("notice %v", []uint32{uint32(n.Kind), uint32(n.From), uint32(n.Until), uint32(n.Instruction)}))
	}
	if a.Outcome == credential.OutcomePending {
		s = append(s, fmt.Sprintf("charge %d", a.Charge))
	}
	return cases.Outcome(strings.Join(s, ", "))
}

// expected is what told returns where the lock answers as the vector has it.
func expected(a *vectors.DecisionAnswer) cases.Outcome {
	switch {
	case a == nil:
		return cases.Silence
	case len(a.Status) > 0:
		return cases.Outcome(fmt.Sprintf("%X", []byte(a.Status)))
	case len(a.Missing) > 0:
		return cases.Outcome(fmt.Sprintf("missing %x", []byte(a.Missing)))
	}
	s := []string{a.Outcome}
	if a.Reason != "" {
		s[0] += ": " + a.Reason
	}
	for _, d := range a.Documents {
		s = append(s, "document "+d)
	}
	if len(a.Notice) > 0 {
		s = append(s, fmt.Sprintf("notice %v", a.Notice))
	}
	if a.Charge != nil {
		s = append(s, fmt.Sprintf("charge %d", *a.Charge))
	}
	return cases.Outcome(strings.Join(s, ", "))
}
