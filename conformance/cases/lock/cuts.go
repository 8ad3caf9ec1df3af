package lock

import (
	"context"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// cuts are taps that the end of the field cuts off between two APDUs.
func cuts() []cases.Case {
	var all []cases.Case
	for i, s := range scenes() {
		for k, at := range s.places() {
			all = append(all, s.cutAt(100+20*i+k, at))
		}
		all = append(all, s.unheard(100+20*i+19))
	}
	return all
}

// lost is what comes of a tap whose field ended.
const lost cases.Outcome = "the field was lost"

// place is before the first APDU of an instruction, or before the one that ends
// its chain.
type place struct {
	ins  byte
	last bool
	name string
}

// places are the boundaries between the APDUs of the tap, where the phone cuts
// each command in two links and fetches message_2 in two parts.
func (s *scene) places() []place {
	names := map[byte]string{handshake1: "HANDSHAKE-1", handshake2: "HANDSHAKE-2", request: "REQUEST", resume: "RESUME"}
	var all []place
	for _, ins := range s.ins {
		all = append(all, place{ins, false, "before " + names[ins]}, place{ins, true, "before the last link of " + names[ins]})
		if ins == handshake1 {
			all = append(all, place{fetch, false, "before the rest of message_2 is fetched"})
		}
	}
	return all
}

// pieces has the phone send each command in two links and ask for small answers.
func pieces(p *holdertest.Phone) {
	p.Command = func(c *apdu.Command) {
		if c.INS == handshake1 {
			c.Ne = 100
		}
	}
	p.APDUs = func(whole [][]byte) [][]byte {
		var cut [][]byte
		for _, b := range whole {
			c, err := apdu.ParseCommand(b)
			if err != nil || c.CLA != class || len(whole) > 1 || len(c.Data) < 2 {
				cut = append(cut, b)
				continue
			}
			half := len(c.Data) / 2
			first, rest := c, c
			first.CLA, first.Data, first.Ne = class|link, c.Data[:half], 0
			rest.Data = c.Data[half:]
			for _, part := range []apdu.Command{first, rest} {
				if b, err := part.Bytes(); err == nil {
					cut = append(cut, b)
				}
			}
		}
		return cut
	}
}

// cutter is a link that ends with the field: before an APDU, or before its answer
// is heard.
type cutter struct {
	visit
	next   apdu.Transceiver
	at     place
	unsaid bool // the lock still gets the command
	dark   bool
}

// Transceive hands a command over while there is a field.
func (c *cutter) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	if c.dark {
		return nil, cases.ErrSilent
	}
	if len(command) < 2 || command[1] != c.at.ins || c.at.last && command[0]&link != 0 {
		return c.next.Transceive(ctx, command)
	}
	if c.dark = true; c.unsaid {
		if _, err := c.next.Transceive(ctx, command); err != nil {
			return nil, err
		}
	}
	c.Lock.Power(false)
	return nil, cases.ErrSilent
}

// cut carries the tap out with the field ending at the place.
func (s *scene) cut(v visit, tap deed, at place, unsaid bool) cases.Outcome {
	var c *cutter
	o := tap(v, func(p *holdertest.Phone) {
		pieces(p)
		c = &cutter{visit: v, next: p.Link, at: at, unsaid: unsaid}
		p.Link = c
	})
	if c.dark && o == cases.Silence {
		return lost
	}
	return o
}

// cutAt is the case that the field ends at the place, before the lock has the
// command that it writes for.
func (s scene) cutAt(number int, at place) cases.Case {
	return cases.Case{
		ID: fmt.Sprintf("LOCK-CUT-%03d", number), Revision: 1, Title: s.name + " is cut off " + at.name, Fault: "the field ended " + at.name,
		Requirements: append([]string{"PST-DEC-001#1", "PST-APDU-034#5"}, s.cites...), When: s.when, Needs: append(withKeys[:1:1], s.needs...),
		Setup: func(t *cases.T) {
			t.Left = s.begin(t)
			t.Witness("what the owner sees", s.look)
		},
		Passes: s.passes, Allowed: []cases.Outcome{lost},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			tap := t.Left.(deed)
			if faulty {
				return s.cut(visit{t}, tap, at, false)
			}
			return tap(visit{t}, pieces)
		},
	}
}

// unheard is the case that the lock did what it was asked for and nobody heard
// its answer.
func (s scene) unheard(number int) cases.Case {
	return cases.Case{
		ID: fmt.Sprintf("LOCK-CUT-%03d", number), Revision: 1, Title: s.name + " whose answer is lost was done all the same",
		Requirements: append([]string{"PST-DEC-001#1"}, s.cites...), When: s.when, Needs: append(withKeys[:1:1], s.needs...),
		Run: func(t *cases.T) {
			v := visit{t}
			tap := s.begin(t)
			t.Lock.Cycle()
			t.Expect(s.name, tap(v, pieces), s.passes...)
			after := s.look(t)
			t.Lock.Power(false)
			t.Lock.Fresh()
			tap = s.begin(t)
			t.Lock.Cycle()
			last := place{ins: s.ins[len(s.ins)-1], last: true}
			t.Expect(s.name+" whose answer is lost", s.cut(v, tap, last, true), lost)
			got := s.look(t)
			t.Check(got == after, "after an answer that was lost the owner sees %q, where %q is right, as after one that was heard", got, after)
			t.Lock.Cycle()
			t.Expect(s.name+" once more", tap(v, func(*holdertest.Phone) {}), slices.Concat(s.again, s.spent)...)
		},
	}
}
