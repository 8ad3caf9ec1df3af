package lock

import (
	"fmt"
	"slices"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/credential"
	ct "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// resumption are the cases of chapter 15.
func resumption() []cases.Case {
	return slices.Concat(resumed(), resumedLong(), resumeSteps(), resumeTwice(), resumeRequests(), leftSecrets(), endedSlots(), slotRules(), slotsKept(), slotChains(), resumedRights())
}

// slot is what a phone keeps of a slot, and the number that the lock gave.
type slot struct {
	phone  *holdertest.Phone
	secret holdertest.Secret
	taps   int
}

// keeps has the phone open by a full exchange that asks for a slot.
func (v visit) keeps(p *holdertest.Phone, r holdertest.Request) *slot {
	r.Resumable = true
	a := v.opens("an opening that asks for a slot", p, r)
	v.Check(a.Slot >= 1 && a.Slot <= 32, "the slot is good for %d openings, where 1 to 32 is right", a.Slot)
	secret, err := p.FirstSecret()
	v.OK(err)
	return &slot{p, secret, a.Slot}
}

// resumes sends RESUME with the slot in a field of its own.
func (v visit) resumes(s *slot, r holdertest.Request) (cases.Outcome, *holdertest.Answer) {
	v.Lock.Cycle()
	selected, err := s.phone.Select(v.Context())
	v.OK(err)
	if selected.Lost != nil || selected.Refused() {
		return v.Answered(&holdertest.Answer{Reply: selected.Reply}), nil
	}
	a, err := s.phone.Resume(v.Context(), s.secret, r)
	v.OK(err)
	return v.Answered(a), a
}

// along opens by the slot and goes along the line of secrets.
func (v visit) along(s *slot) {
	o, _ := v.resumes(s, asksOpen)
	v.Expect("a resumed opening", o, cases.Opened...)
	s.next(v)
}

// next goes along the line by one secret.
func (s *slot) next(v visit) {
	next, err := s.secret.Next()
	v.OK(err)
	s.secret = *next
}

// resuming is a negative case whose tap resumes a slot that the set-up made.
func resuming(c cases.Case, setup func(v visit) []*slot, act func(v visit, slots []*slot, faulty bool) cases.Outcome) cases.Case {
	c.Revision, c.Needs = 1, append(withKeys[:1:1], c.Needs...)
	if c.Passes == nil {
		c.Passes = cases.Opened
	}
	own := c.Setup
	if own == nil {
		own = cases.Owned
	}
	if c.When == "" {
		c.When = "capability(resumption)"
	}
	c.Setup = func(t *cases.T) {
		own(t)
		t.Left = setup(visit{t})
	}
	c.Act = func(t *cases.T, faulty bool) cases.Outcome { return act(visit{t}, t.Left.([]*slot), faulty) }
	return c
}

// neighbours is the slot of the neighbour.
func neighbours(v visit) []*slot { return []*slot{v.keeps(v.neighbour(nil), asksOpen)} }

// resumed are the taps that resume, as they should be.
func resumed() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-RESUME-001", Revision: 1, Title: "a guest's slot opens again and again, each time with the next secret",
		Requirements: []string{"PST-RES-023#1", "PST-RES-023#4", "PST-RES-008#6", "PST-RES-010", "PST-DEC-001#13", "PST-CHAN-001"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			s := neighbours(visit{t})[0]
			for range 3 {
				visit{t}.along(s)
			}
		},
	}, {
		ID: "LOCK-RESUME-002", Revision: 1, Title: "an owner's slot opens, and so does an operator's, without the certificate",
		Requirements: []string{"PST-RES-023#1", "PST-RES-008#4", "PST-RES-010"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			v.along(v.keeps(v.owner(), asksOpen))
			s := v.keeps(v.postman(nil), v.delivers())
			o, _ := v.resumes(s, asksDeliver)
			t.Expect("a resumed delivery", o, cases.Opened...)
		},
	}, {
		ID: "LOCK-RESUME-003", Revision: 1, Title: "a slot stays as it is where no opening is committed",
		Requirements: []string{"PST-RES-010", "PST-RES-008#6"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			s := neighbours(v)[0]
			for _, o := range []credential.Operation{credential.OperationStatus, credential.OperationDeliver, credential.OperationStatus} {
				got, _ := v.resumes(s, does(o))
				t.Expect("a resumed "+o.String(), got, doneWell, cases.Refused(credential.ReasonAction))
			}
			v.along(s)
		},
	}, {
		ID: "LOCK-RESUME-004", Revision: 1, Title: "a resumed transaction goes on: status, then an opening, then status",
		Requirements: []string{"PST-RES-008#6", "PST-DEC-001#13", "PST-DEC-001#20", "PST-DEC-010"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			s := neighbours(v)[0]
			o, _ := v.resumes(s, asksStatus)
			t.Expect("a resumed status", o, doneWell)
			t.Expect("an opening after it", t.Ask(s.phone, asksOpen), cases.Opened...)
			t.Expect("a status after that", t.Ask(s.phone, asksStatus), doneWell)
			s.next(v)
			v.along(s)
		},
	}}
}

// resumedLong are resumed taps that go on, or carry more.
func resumedLong() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-RESUME-005", Revision: 1, Title: "a slot is good for as many openings as the lock said, and for none more",
		Requirements: []string{"PST-RES-014#1", "PST-RES-023#4", "PST-RES-008#2"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			s := neighbours(v)[0]
			t.Check(s.taps == 32, "the slot is good for %d openings, where 32 is right", s.taps)
			for range s.taps {
				v.along(s)
			}
			o, _ := v.resumes(s, asksOpen)
			t.Expect("one opening more than the slot is good for", o, cases.Denied)
		},
	}, {
		ID: "LOCK-RESUME-006", Revision: 1, Title: "the flag resumption says nothing in a resumed transaction",
		Requirements: []string{"PST-RES-014#2", "PST-RES-023#1", "PST-RES-010"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			s := neighbours(v)[0]
			for _, flag := range []bool{true, false, true} {
				o, _ := v.resumes(s, holdertest.Request{Operation: credential.OperationOpen, Resumable: flag})
				t.Expect(fmt.Sprintf("a resumed opening, flag %t", flag), o, cases.Opened...)
				s.next(v)
			}
			v.along(s)
		},
	}, {
		ID: "LOCK-RESUME-007", Revision: 1, Title: "a resumed visitor hands a policy over and takes a receipt and a page along",
		Requirements: []string{"PST-RES-008#6", "PST-LOG-015", "PST-LOG-022"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			v.rekeys(v.owner())
			s := neighbours(v)[0]
			o, a := v.resumes(s, holdertest.Request{
				Operation: credential.OperationOpen, Receipt: true, Documents: [][]byte{t.Made(t.World.Policy(2, nil))},
			})
			t.Expect("a resumed opening with a policy", o, cases.Opened...)
			t.Check(a.State.PolicyVersion == 2, "the policy version is %d, where 2 is right", a.State.PolicyVersion)
			s.next(v)
			o, a = v.resumes(s, holdertest.Request{Log: true})
			t.Expect("a resumed status with a page", o, doneWell)
			t.Check(len(a.Log) > 0, "there is no page of the log, and the lock has a log key")
		},
	}}
}

// resumeSteps are faults of RESUME itself.
func resumeSteps() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		what  string
		row   int
		value holdertest.Value // Data stands for those of RESUME
		alter func([]byte) []byte
	}{
		{"no data behind nonce and id", 1, holdertest.Data, func(b []byte) []byte { return b[:16] }},
		{"24 bytes of data, a seal without a message", 1, holdertest.Data, func(b []byte) []byte { return b[:24] }},
		{"15 bytes of data", 1, holdertest.Data, func(b []byte) []byte { return b[:15] }},
		{"an id with one bit changed, its first byte", 2, holdertest.ResumeID, ct.Flip(0)},
		{"an id with one bit changed, its last byte", 2, holdertest.ResumeID, ct.Flip(-1)},
		{"an id of zeros", 2, holdertest.ResumeID, ct.Replace(make([]byte, 8))},
		{"another nonce than the one that the id was made over", 2, holdertest.Data, ct.Flip(0)},
		{"an id over another SELECT", 2, holdertest.SelectHash, ct.Flip(0)},
		{"nonce and id in each other's place", 2, holdertest.Data, func(b []byte) []byte {
			return slices.Concat(b[8:16], b[:8], b[16:])
		}},
		{"a request with one bit of its tag changed", 3, holdertest.Sealed, ct.Flip(-1)},
		{"a request with one bit of its first byte changed", 3, holdertest.Sealed, ct.Flip(0)},
		{"a request with its last byte cut off", 3, holdertest.Sealed, ct.Cut(1)},
		{"a request with a byte behind it", 3, holdertest.Sealed, ct.Extend(0)},
		{"a request under another key", 3, holdertest.ChannelKeys, ct.Flip(0)},
		{"a request under another IV", 3, holdertest.ChannelKeys, ct.Flip(32)},
		{"a request under the key of the lock's answers", 3, holdertest.ChannelKeys, func(b []byte) []byte {
			return slices.Concat(b[16:32], b[:16], b[45:], b[32:45])
		}},
	} {
		all = append(all, resuming(cases.Case{
			ID: fmt.Sprintf("LOCK-RESUME-%03d", 20+i), Title: "RESUME with " + c.what, Fault: "RESUME has " + c.what,
			Requirements: []string{fmt.Sprintf("PST-RES-008#%d", c.row), "PST-DEC-001#12", "PST-RES-010"}, Allowed: []cases.Outcome{cases.Denied},
		}, neighbours, func(v visit, slots []*slot, faulty bool) cases.Outcome {
			s := slots[0]
			s.phone.Alter, s.phone.Command = nil, nil
			switch {
			case faulty && c.value == holdertest.Data:
				s.phone.Command = func(command *apdu.Command) {
					if command.INS == resume {
						command.Data = c.alter(command.Data)
					}
				}
			case faulty:
				s.phone.Alter = holdertest.Alter{c.value: c.alter}
			}
			o, _ := v.resumes(s, asksOpen)
			if faulty {
				tap(v).ended()
			}
			return o
		}))
	}
	return all
}

// resumeTwice are a RESUME that comes again, or at another time.
func resumeTwice() []cases.Case {
	return []cases.Case{resuming(cases.Case{
		ID: "LOCK-RESUME-040", Title: "a RESUME that was recorded is played back", Fault: "the RESUME is that of a transaction before",
		Requirements: []string{"PST-RES-008#2", "PST-DEC-001#12"}, Allowed: []cases.Outcome{cases.Denied},
	}, neighbours, func(v visit, slots []*slot, faulty bool) cases.Outcome {
		s := slots[0]
		if !faulty {
			o, _ := v.resumes(s, asksOpen)
			return o
		}
		p := tap(v)
		o, _ := v.resumes(s, asksStatus)
		v.Expect("the recorded tap", o, doneWell)
		recorded := s.phone.Values()[holdertest.Data]
		p.selects()
		return p.command("played back", resume, 0, 0, recorded).Outcome()
	}), resuming(cases.Case{
		ID: "LOCK-RESUME-041", Title: "a RESUME whose request has counter 1", Fault: "the request is sealed as the second of the channel",
		Requirements: []string{"PST-RES-008#3"}, Allowed: []cases.Outcome{cases.Denied},
	}, neighbours, func(v visit, slots []*slot, faulty bool) cases.Outcome {
		s := slots[0]
		s.phone.Alter = nil
		if faulty {
			s.phone.Alter = holdertest.Alter{holdertest.Sealed: func([]byte) []byte {
				return v.Made(s.phone.Channel.Out.Seal(asksOpen.Encode()))
			}}
		}
		o, _ := v.resumes(s, asksOpen)
		return o
	}), resuming(cases.Case{
		ID: "LOCK-RESUME-042", Title: "RESUME in a transaction that was judged", Fault: "RESUME came after a request was answered",
		Requirements: []string{"PST-DEC-001#14"}, Passes: []cases.Outcome{doneWell}, Allowed: []cases.Outcome{cases.OutOfOrder},
	}, neighbours, func(v visit, slots []*slot, faulty bool) cases.Outcome {
		s := slots[0]
		o, _ := v.resumes(s, asksStatus)
		if faulty {
			return tap(v).with("once more", apdu.Command{CLA: class, INS: resume, Data: s.phone.Values()[holdertest.Data], Ne: 256}).Outcome()
		}
		return o
	})}
}

// resumeRequests are requests in RESUME that do not read, or are not allowed.
func resumeRequests() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		what  string
		alter func([]byte) []byte
		row   int
		want  cases.Outcome
	}{
		{"that is no map", ct.Replace(ct.Int(0)), 5, cases.Denied},
		{"without an operation", ct.OfMap(func(m *ct.Map) { m.Delete(1) }), 5, cases.Denied},
		{"with a field twice", ct.OfMap(func(m *ct.Map) { m.Append(ct.Int(1), ct.Int(1)) }), 5, cases.Denied},
		{"with a negative operation", ct.OfMap(func(m *ct.Map) { m.Set(1, ct.Int(-1)) }), 5, cases.Denied},
		{"with a reference of 7 bytes", ct.OfMap(func(m *ct.Map) { m.Set(6, ct.Bytes(make([]byte, 7))) }), 5, cases.Denied},
		{"with a byte behind the map", ct.Extend(0), 5, cases.Denied},
		{"with a proof of 16 bytes, for an operation without", ct.OfMap(func(m *ct.Map) { m.Set(7, ct.Bytes(make([]byte, 16))) }), 6, cases.Refused(credential.ReasonOperationUnknown)},
		{"with an operation that is none", ct.OfMap(func(m *ct.Map) { m.Set(1, ct.Int(200)) }), 6, cases.Refused(credential.ReasonOperationUnknown)},
		{"with a field that is none", ct.OfMap(func(m *ct.Map) { m.Set(9, ct.Int(1)) }), 6, cases.Refused(credential.ReasonOperationUnknown)},
		{"with a flag that is none", ct.OfMap(func(m *ct.Map) { m.Set(5, ct.Int(8)) }), 6, cases.Refused(credential.ReasonOperationUnknown)},
		{"for a delivery, which the grant does not allow", ct.OfMap(func(m *ct.Map) { m.Set(1, ct.Int(2)) }), 6, cases.Refused(credential.ReasonAction)},
		{"for reading the log, which the grant does not allow", ct.OfMap(func(m *ct.Map) { m.Set(1, ct.Int(6)) }), 6, cases.Refused(credential.ReasonAction)},
		{"for a compartment that the lock has not", ct.OfMap(func(m *ct.Map) { m.Set(2, ct.Int(255)) }), 6, cases.Refused(credential.ReasonResource)},
	} {
		requirements := []string{fmt.Sprintf("PST-RES-008#%d", c.row), "PST-RES-010"}
		switch c.want {
		case cases.Denied:
			requirements = append(requirements, "PST-DEC-001#12")
		case cases.Refused(credential.ReasonOperationUnknown):
			requirements = append(requirements, "PST-REG-004")
		}
		allowed := []cases.Outcome{c.want}
		if c.want == cases.Refused(credential.ReasonResource) { // a lock without compartments does not know the field's use
			allowed = append(allowed, cases.Refused(credential.ReasonOperationUnknown))
		}
		all = append(all, resuming(cases.Case{
			ID: fmt.Sprintf("LOCK-RESUME-%03d", 50+i), Title: "RESUME with a request " + c.what, Fault: "the request is one " + c.what,
			Requirements: requirements, Allowed: allowed,
		}, neighbours, func(v visit, slots []*slot, faulty bool) cases.Outcome {
			s := slots[0]
			if s.phone.Alter = nil; faulty {
				s.phone.Alter = holdertest.Alter{holdertest.Plaintext: c.alter}
			}
			o, _ := v.resumes(s, asksOpen)
			return o
		}))
	}
	return append(all, resuming(cases.Case{
		ID: "LOCK-RESUME-065", Title: "an owner cannot agree a log key in a resumed transaction", Fault: "the transaction was resumed",
		Requirements: []string{"PST-COM-009#2", "PST-RES-008#6"}, Passes: []cases.Outcome{doneWell},
		Allowed: []cases.Outcome{cases.Refused(credential.ReasonOperationUnknown)},
	}, func(v visit) []*slot { return []*slot{v.keeps(v.owner(), asksOpen)} }, func(v visit, slots []*slot, faulty bool) cases.Outcome {
		if !faulty {
			_, o := v.configures(v.owner(), nil)
			return o
		}
		o, _ := v.resumes(slots[0], does(credential.OperationConfigure))
		return o
	}))
}

// choice takes the good slot, or the bad one.
func choice(v visit, slots []*slot, faulty bool) cases.Outcome {
	s := slots[0]
	if faulty {
		s = slots[1]
	}
	o, _ := v.resumes(s, asksOpen)
	return o
}

// leftSecrets are secrets of the line that are not the lock's any more, or not
// yet.
func leftSecrets() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		what         string
		steps, wrong int // openings before, and place on the line of the secret that is wrong
	}{
		{"the secret that the opening before used", 1, 0},
		{"the first secret, three openings later", 3, 0},
		{"the next secret, one too early", 0, 1},
		{"a secret that is two ahead", 1, 3},
	} {
		all = append(all, resuming(cases.Case{
			ID: fmt.Sprintf("LOCK-RESUME-%03d", 70+i), Title: "RESUME with " + c.what, Fault: "the phone uses " + c.what,
			Requirements: []string{"PST-RES-010", "PST-RES-008#2"}, Allowed: []cases.Outcome{cases.Denied},
		}, func(v visit) []*slot {
			good := neighbours(v)[0]
			bad := *good
			for range c.wrong {
				bad.next(v)
			}
			for range c.steps {
				v.along(good)
			}
			return []*slot{good, &bad}
		}, choice))
	}
	return append(all, resuming(cases.Case{
		ID: "LOCK-RESUME-078", Title: "the secret of an opening whose answer was lost", Fault: "the phone did not hear of the opening before",
		Requirements: []string{"PST-RES-010"}, Allowed: []cases.Outcome{cases.Denied},
	}, func(v visit) []*slot {
		s := neighbours(v)[0]
		before := *s
		v.along(s)
		return []*slot{s, &before}
	}, choice))
}
