package lock

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/spec"
	"github.com/postern-lock/postern/spec/vectors"
)

// vectorAreas are the areas of decisions, with the letter of their cases: LOCK-VT-012
// is test 12 of area time.
var vectorAreas = []struct{ area, id string }{{"chain", "VC"}, {"time", "VT"}, {"policy", "VP"}, {"uses", "VU"}}

// decisions are the vectors of what a lock decides, each played over the link
// against a lock with the vector's own keys.
func decisions() []cases.Case { return slices.Clone(madeDecisions()) }

var madeDecisions = sync.OnceValue(makeDecisions)

// makeDecisions reads the areas side by side: it is most of what the tool does
// before it shows anything.
func makeDecisions() []cases.Case {
	binding := sync.OnceValue(bindingLocks)
	made := make([][]cases.Case, len(vectorAreas))
	var areas sync.WaitGroup
	for i, a := range vectorAreas {
		areas.Go(func() {
			file, err := vectors.Open[vectors.DecisionParams, vectors.DecisionTest](a.area)
			if err != nil {
				panic(err) // the vectors are part of the program
			}
			asks := capabilitiesAsked{}
			for k := range file.Groups {
				g := vectorGroup{&file.Groups[k], file.Notes, binding(), asks, a.area, a.id}
				made[i] = append(made[i], g.cases()...)
			}
		})
	}
	areas.Wait()
	return slices.Concat(made...)
}

// bindingLocks tells of each requirement whether it binds a lock.
func bindingLocks() map[string]bool {
	all, err := spec.Requirements()
	if err != nil {
		panic(err) // so is the text
	}
	binding := map[string]bool{}
	for _, r := range all {
		binding[r.ID] = cases.Binds(r, shim.RoleLock)
	}
	return binding
}

// vectorGroup are vectors that share a lock.
type vectorGroup struct {
	*vectors.Group[vectors.DecisionParams, vectors.DecisionTest]
	notes   map[string]vectors.Note
	binding map[string]bool // the requirements that bind a lock
	asks    capabilitiesAsked
	area    string
	id      string
}

// cases returns those of the group that can be played over a link.
func (g vectorGroup) cases() []cases.Case {
	var all []cases.Case
	for i := range g.Tests {
		test := &g.Tests[i]
		twin := g.twin(test)
		if !playable(test) || twin != nil && !playable(twin) {
			continue
		}
		c := cases.Case{
			ID: fmt.Sprintf("LOCK-%s-%03d", g.id, test.TcID), Revision: 1, Title: fmt.Sprintf("vector %s %d: %s", g.area, test.TcID, test.Comment),
			Requirements: g.requirements(test), When: g.when(test), Needs: g.needs(test, twin), Fixed: true,
		}
		switch {
		case test.Result == vectors.Valid:
			c.Run = func(t *cases.T) { vectorLock{T: t, params: &g.Params}.shows(test) }
		case twin != nil:
			c.Fault = fmt.Sprintf("%s; %s, where vector %d has: %s", lower(g.Comment), test.Comment, twin.TcID, twin.Comment)
			c.Passes, c.Allowed = []cases.Outcome{decided(twin)}, []cases.Outcome{decided(test)}
			c.Act = func(t *cases.T, faulty bool) cases.Outcome {
				if faulty {
					return vectorLock{T: t, params: &g.Params}.plays(test)
				}
				return vectorLock{T: t, params: &g.Params}.plays(twin)
			}
			c.After = func(t *cases.T) { tap{t}.selects() }
		default:
			continue
		}
		all = append(all, c)
	}
	return all
}

// lower begins a text with a small letter.
func lower(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// twin returns the valid test that an invalid one goes with, or one of its group
// where the vectors name none: of two faults, where the order is tried.
func (g vectorGroup) twin(test *vectors.DecisionTest) *vectors.DecisionTest {
	if test.Result == vectors.Valid {
		return nil
	}
	for _, named := range []bool{true, false} {
		for i := range g.Tests {
			if v := &g.Tests[i]; v.Result == vectors.Valid && (v.TcID == test.Twin || !named) && playable(v) && decided(v) != decided(test) {
				return v
			}
		}
	}
	return nil
}

// playable reports whether a vector can be played against any lock: nobody can
// choose the lock's nonce, nor the moment of the power's loss after the drive.
// Cases of their own show these.
func playable(test *vectors.DecisionTest) bool {
	for _, s := range test.Steps {
		if len(s.Nonce) > 0 {
			return false
		}
		for _, r := range s.Requests {
			if r.Power == "lost-after" {
				return false
			}
		}
	}
	last := test.Steps[len(test.Steps)-1].Requests
	return len(last) > 0 && last[len(last)-1].Answer != nil
}

// decided is what the last answer of a vector comes to.
func decided(test *vectors.DecisionTest) cases.Outcome {
	requests := test.Steps[len(test.Steps)-1].Requests
	return expected(requests[len(requests)-1].Answer)
}

// needs returns the verbs that a vector and its twin need.
func (g vectorGroup) needs(tests ...*vectors.DecisionTest) []shim.Verb {
	needs := []shim.Verb{shim.VerbProvision}
	add := func(needed bool, v shim.Verb) {
		if needed && !slices.Contains(needs, v) {
			needs = append(needs, v)
		}
	}
	for _, test := range tests {
		if test == nil {
			continue
		}
		for _, s := range test.Steps {
			add(s.Reset != nil, shim.VerbButton)
			for _, r := range s.Requests {
				add(r.Seconds > 0, shim.VerbAdvance)
				add(r.Clock != nil, shim.VerbClock)
				add(r.Charge != nil || r.Bolt != "", shim.VerbDrive)
				add(r.Power != "", shim.VerbCut)
			}
		}
	}
	return needs
}

// The bits of the registry capabilities that make a difference to a vector.
var vectorCapabilities = []struct {
	bit  uint32
	name string
}{{1, "suite-2"}, {32, "compartments"}, {64, "clock"}}

// when returns the locks that a vector is for.
func (g vectorGroup) when(test *vectors.DecisionTest) spec.Profile {
	var terms []string
	for _, c := range vectorCapabilities {
		if g.Params.Capabilities&c.bit != 0 {
			terms = append(terms, "capability("+c.name+")")
		}
	}
	if g.Params.Capabilities&8 == 0 {
		terms = append(terms, "not capability(live-time)")
	}
	if g.Params.Compartments == 0 && slices.Contains(test.Flags, "compartment") {
		terms = append(terms, "not capability(compartments)")
	}
	if g.Params.Capabilities&1 == 0 && slices.ContainsFunc(test.Objects, func(o vectors.Hex) bool { return g.asks.of(o).suite2 }) {
		terms = append(terms, "not capability(suite-2)")
	}
	if slices.ContainsFunc(test.Steps, func(s vectors.DecisionStep) bool { return s.Reset != nil }) {
		terms = append(terms, "option(button)")
	}
	if slices.ContainsFunc(test.Objects, func(o vectors.Hex) bool { return g.asks.of(o).uses }) {
		terms = append(terms, "capability(uses)")
	}
	return spec.Profile(strings.Join(terms, " and "))
}

// capabilitiesAsked remembers of objects, which many vectors share, what a lock has
// to have for them.
type capabilitiesAsked map[string]capabilityAsked

// capabilityAsked is what one object asks for.
type capabilityAsked struct {
	suite2 bool // a policy for an owner of suite 2
	uses   bool // a grant with counted uses
}

func (m capabilitiesAsked) of(object vectors.Hex) capabilityAsked {
	a, known := m[string(object)]
	if known {
		return a
	}
	if p, err := credential.ParsePolicy(object); err == nil {
		a.suite2 = world.COSEKey(p.Claims.Owner)[0] == 0xA4 // a key with y
	} else if g, err := credential.ParseGrant(object); err == nil {
		a.uses = slices.ContainsFunc(g.Claims.Scope, func(e credential.Entry) bool { return e.Uses != credential.Uses{} })
	}
	m[string(object)] = a
	return a
}
