package lock

import (
	"fmt"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// power are taps whose power goes at an operation of the lasting memory.
func power() []cases.Case {
	var all []cases.Case
	for i, s := range scenes() {
		all = append(all, s.atEvery(10*i), s.atFirst(10*i+1))
	}
	return all
}

// hooked are the verbs of a case that cuts the power.
func (s *scene) hooked() []shim.Verb {
	return append([]shim.Verb{shim.VerbProvision, shim.VerbCut, shim.VerbOperations, shim.VerbState, shim.VerbBolt}, s.needs...)
}

// fresh makes the lock anew and brings it to where the tap begins, in a field that
// has just come.
func (s *scene) fresh(t *cases.T) deed {
	t.Lock.Power(false)
	t.Lock.Fresh()
	tap := s.begin(t)
	t.Lock.Cycle()
	return tap
}

// operationsMost bounds the operations of one tap, so that a lock that never ends
// ends the case.
const operationsMost = 300

// atEvery is the case that the power goes at each operation in turn.
func (s scene) atEvery(number int) cases.Case {
	return cases.Case{
		ID: fmt.Sprintf("LOCK-POWER-%03d", number), Revision: 1, Title: s.name + " is done wholly or not at all, at whichever operation the power goes",
		Requirements: append([]string{"PST-MEM-002", "PST-MEM-010", "PST-DEC-021"}, s.cites...), When: s.when, Needs: s.hooked(),
		Run: func(t *cases.T) {
			whole, operations := s.looks(t)
			for _, torn := range []shim.Torn{shim.TornHalf, shim.TornAfter} {
				n := 0
				for ; s.cutOnce(t, n, torn, whole); n++ {
					t.Check(n < operationsMost, "the tap has more than %d operations of the memory", operationsMost)
				}
				t.Check(n == operations, "the power went at %d of the operations that the tap takes, which are %d where nothing is cut", n, operations)
				t.Notef("%d operations, the last one torn %s", n, torn)
			}
		},
	}
}

// looks are what may stand in memory: as before the tap, as after it, and as
// between its commits.  And how many operations of the memory the tap takes.
func (s *scene) looks(t *cases.T) (whole []string, operations int) {
	s.fresh(t)
	whole = append(whole, s.look(t))
	tap := s.fresh(t)
	before := t.Lock.Operations().Flash
	t.Expect(s.name, tap(visit{t}, func(*holdertest.Phone) {}), s.passes...)
	operations = int(t.Lock.Operations().Flash - before)
	t.Check(operations > 0, "the tap came to its end without an operation of the memory")
	whole = append(whole, s.look(t))
	if s.between != nil {
		t.Lock.Power(false)
		t.Lock.Fresh()
		handedOn(t)
		s.between(visit{t})
		whole = append(whole, s.look(t))
	}
	return whole, operations
}

// cutOnce lets the power go at the operation after the next n, looks and goes on.
// It returns false where the tap came to its end before that.
func (s *scene) cutOnce(t *cases.T, n int, torn shim.Torn, whole []string) bool {
	v, tap := visit{t}, s.fresh(t)
	nobody := func(*holdertest.Phone) {}
	before := drives(t)
	t.Lock.CutAt(n, torn)
	o := tap(v, nobody)
	cut := t.Lock.Operations().Cut
	t.Set(shim.Cut{})
	if !cut {
		t.Expect(s.name, o, s.passes...)
		if s.spent != nil {
			t.Lock.Cycle()
			t.Expect(s.name+" that was confirmed, once more", tap(v, nobody), s.spent...)
		}
		return false
	}
	t.Expect("the lock without power", o, cases.Silence)
	where := fmt.Sprintf("the power went at operation %d, torn %s", n+1, torn)
	moved := drives(t) - before
	got := s.look(t)
	place := -1
	for i, w := range whole {
		if got == w {
			place = i
			break
		}
	}
	t.Check(place >= 0, "%s: the owner sees %q, where the state before, %q, or after, %q, is right", where, got, whole[0], whole[1])
	t.Check(moved == 0 || place > 0, "%s: the bolt was driven, and no entry of the opening is in the log", where)
	t.Check(moved <= 1, "%s: the bolt was driven %d times for one opening", where, moved)
	t.Lock.Cycle()
	want := s.passes
	if place > 0 {
		want = append(want[:len(want):len(want)], s.again...)
	}
	t.Expect(where+": the same tap again", tap(v, nobody), want...)
	if s.spent != nil {
		t.Lock.Cycle()
		if last := tap(v, nobody); place > 0 || moved > 0 {
			t.Expect(where+": and once more", last, s.spent...)
		}
		t.Check(drives(t)-before <= 2, "%s: the bolt was driven %d times in all", where, drives(t)-before)
	}
	return true
}

// atFirst is the case that the power goes before the first operation, so that
// nothing can have changed.
func (s scene) atFirst(number int) cases.Case {
	return cases.Case{
		ID: fmt.Sprintf("LOCK-POWER-%03d", number), Revision: 1, Title: s.name + " whose power goes before anything is written", Fault: "the power went before the first operation of the memory",
		Requirements: append([]string{"PST-MEM-002", "PST-DEC-021"}, s.cites...), When: s.when, Needs: s.hooked(),
		Setup: func(t *cases.T) {
			t.Left = s.begin(t)
			t.Witness("what the owner sees", s.look)
		},
		Passes: s.passes, Allowed: []cases.Outcome{lost}, Changes: []string{cases.SeesMemory},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			if faulty {
				t.Lock.CutAt(0, shim.TornBefore)
			}
			o := t.Left.(deed)(visit{t}, func(*holdertest.Phone) {})
			if faulty && o == cases.Silence && t.Lock.Operations().Cut {
				t.Set(shim.Cut{})
				return lost
			}
			return o
		},
	}
}
