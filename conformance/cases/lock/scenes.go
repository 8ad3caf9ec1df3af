package lock

import (
	"fmt"
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/holdertest"
	"github.com/postern-lock/postern/spec"
)

// scene is a tap that writes to lasting memory and is cut off somewhere.
type scene struct {
	name  string
	cites []string
	when  spec.Profile
	needs []shim.Verb
	// own is the state in which prepare begins; nil is handedOn.
	own func(*cases.T)
	// prepare returns the tap, in a field that has just come; fit gets the phone
	// before its first command.
	prepare func(v visit) deed
	passes  []cases.Outcome      // of the tap
	again   []cases.Outcome      // of the same tap, when the lock has done it already
	spent   []cases.Outcome      // of the same tap, when both have been done; nil is not tried
	people  []string             // who may be the owner; nil is the owner alone
	sees    func(v visit) string // what somebody else sees besides; nil is nobody
	ins     []byte               // commands of the tap behind SELECT
	// between is done in place of the tap and leaves what stands in memory between
	// two commits of the tap; nil where there is one commit.
	between func(v visit)
}

// deed is the tap of a scene.
type deed func(v visit, fit func(*holdertest.Phone)) cases.Outcome

// full are the commands of a full exchange.
var full = []byte{handshake1, handshake2}

// taps is the deed of a phone that is made anew each time.
func taps(phone func(v visit) *holdertest.Phone, r func(v visit) holdertest.Request) func(v visit) deed {
	return func(visit) deed {
		return func(v visit, fit func(*holdertest.Phone)) cases.Outcome {
			p := phone(v)
			fit(p)
			return v.Tap(p, r(v))
		}
	}
}

// scenes are the taps that are cut off.
func scenes() []scene {
	return slices.Concat(openingScenes(), settingScenes(), courierScenes())
}

// openingScenes are those that drive the bolt.
func openingScenes() []scene {
	guest := func(v visit) *holdertest.Phone { return v.neighbour(nil) }
	open := func(visit) holdertest.Request { return asksOpen }
	return []scene{{
		name: "an opening", passes: cases.Opened, again: cases.Opened, ins: full, prepare: taps(guest, open), cites: []string{"PST-DEC-025#1"},
	}, {
		name: "an operator's first delivery, with a slot", passes: cases.Opened, again: cases.Opened, ins: full, cites: []string{"PST-DEC-025#1", "PST-TIME-009#1"},
		prepare: taps(func(v visit) *holdertest.Phone { return v.postman(nil) }, func(v visit) holdertest.Request {
			r := v.delivers()
			r.Resumable = v.Claims("capability(resumption)")
			return r
		}),
	}, {
		name: "an opening by a further request", passes: cases.Opened, again: cases.Opened, ins: append(full[:2:2], request), cites: []string{"PST-DEC-001#20"},
		prepare: func(visit) deed {
			return func(v visit, fit func(*holdertest.Phone)) cases.Outcome {
				p := v.neighbour(nil)
				fit(p)
				if o := v.Tap(p, asksStatus); o != doneWell {
					return o
				}
				return v.Ask(p, asksOpen)
			}
		},
	}, {
		name: "a resumed opening", passes: cases.Opened, again: []cases.Outcome{cases.Denied}, ins: []byte{resume}, when: "capability(resumption)",
		cites: []string{"PST-RES-010"}, prepare: resumedScene,
	}, {
		name: "a counted opening", passes: cases.Opened, again: append([]cases.Outcome{cases.Refused(credential.ReasonUsesSpent)}, cases.Opened...),
		spent: []cases.Outcome{cases.Refused(credential.ReasonUsesSpent)}, ins: full, when: "capability(uses)", cites: []string{"PST-USE-007#6"},
		prepare: taps(func(v visit) *holdertest.Phone {
			return v.neighbour(func(c *credential.GrantClaims) { c.Scope[0].Uses = credential.Uses{Count: 1, Starts: 2} })
		}, open),
	}, {
		name: "an opening whose bolt sticks", passes: []cases.Outcome{stuck}, again: []cases.Outcome{stuck}, ins: full, needs: []shim.Verb{shim.VerbDrive},
		cites: []string{"PST-DEC-025#4"}, prepare: func(v visit) deed {
			v.Set(shim.Drive{Motion: shim.Sticks, Percent: 100})
			return taps(guest, open)(v)
		},
		between: func(v visit) { v.opens("an opening", v.neighbour(nil), asksOpen) },
	}}
}

// resumedScene makes the slot and returns the tap that uses it.
func resumedScene(v visit) deed {
	s := neighbours(v)[0]
	return func(v visit, fit func(*holdertest.Phone)) cases.Outcome {
		used := *s.phone
		fit(&used)
		selected, err := used.Select(v.Context())
		v.OK(err)
		if selected.Lost != nil || selected.Refused() {
			return v.Answered(&holdertest.Answer{Reply: selected.Reply})
		}
		a, err := used.Resume(v.Context(), s.secret, asksOpen)
		v.OK(err)
		return v.Answered(a)
	}
}

// settingScenes are those that change whose lock it is and what the owner wants.
func settingScenes() []scene {
	done := []cases.Outcome{doneWell}
	hands := func(document func(v visit) []byte) func(v visit) holdertest.Request {
		return func(v visit) holdertest.Request {
			return holdertest.Request{Chain: v.delivers().Chain, Documents: [][]byte{document(v)}}
		}
	}
	takes := func(name string) func(visit) deed {
		return func(visit) deed {
			return func(v visit, fit func(*holdertest.Phone)) cases.Outcome {
				p := v.Phone(name, nil)
				fit(p)
				_, o := v.configure(p, v.proves(p))
				return o
			}
		}
	}
	return []scene{{
		name: "a policy that a guest brings", passes: done, again: done, ins: full, cites: []string{"PST-OWN-010", "PST-DOC-001#3"},
		prepare: taps(func(v visit) *holdertest.Phone { return v.neighbour(nil) }, hands(func(v visit) []byte {
			return v.Made(v.World.Policy(2, func(c *credential.PolicyClaims) { c.IssuedAt++ }))
		})),
	}, {
		name: "a transfer that a postman brings", passes: done, again: done, ins: full, cites: []string{"PST-OWN-034", "PST-OWN-010#4"}, people: []string{"owner", "heir"},
		prepare: taps(func(v visit) *holdertest.Phone { return v.postman(nil) }, hands(func(v visit) []byte { return v.transfer(2) })),
		between: func(v visit) { // the floor rises by the grant in a commit of its own, or by the policy
			v.gives(2)
		},
	}, {
		name: "the commissioning", passes: done, again: []cases.Outcome{cases.Refused(credential.ReasonOperationUnknown)}, ins: full,
		cites: []string{"PST-COM-016#3"}, own: func(*cases.T) {}, prepare: takes("owner"),
	}, {
		name: "a reset by the button", passes: done, again: []cases.Outcome{cases.Refused(credential.ReasonOperationUnknown)}, ins: full, when: "option(button)",
		cites: []string{"PST-COM-016#3"}, needs: []shim.Verb{shim.VerbButton}, people: []string{"owner", "finder"},
		prepare: func(v visit) deed {
			v.Set(shim.Button{Pressed: true})
			return takes("finder")(v)
		},
	}, {
		name: "a log key that is agreed anew", passes: done, again: done, ins: full, cites: []string{"PST-COM-009#1"},
		prepare: func(visit) deed {
			return func(v visit, fit func(*holdertest.Phone)) cases.Outcome {
				p := v.owner()
				fit(p)
				_, o := v.configure(p, func(*holdertest.Request) {})
				return o
			}
		},
	}}
}

// courierScenes are those in which a visitor leaves something behind that the lock
// keeps.
func courierScenes() []scene {
	rounds := func(v visit) (first, second []byte) {
		return v.Made(v.World.Round(nil)), v.Made(v.World.Round(func(c *credential.GrantClaims) { c.Expires++ }))
	}
	refused := []cases.Outcome{cases.Refused(credential.ReasonAction)}
	return []scene{{
		name: "a newer revocation list that a guest brings", passes: []cases.Outcome{doneWell}, again: []cases.Outcome{doneWell}, ins: full,
		cites: []string{"PST-REV-015#1", "PST-REV-005#1", "PST-DOC-001#3"}, own: func(t *cases.T) {
			handedOn(t)
			t.Hand(t.Made(t.World.Policy(2, func(c *credential.PolicyClaims) { c.IssuedAt = t.World.Now })))
			first, _ := rounds(visit{t})
			visit{t}.hands(visit{t}.denies(1, first), post(t))
		},
		prepare: taps(func(v visit) *holdertest.Phone { return v.neighbour(nil) }, func(v visit) holdertest.Request {
			first, second := rounds(v)
			return holdertest.Request{Chain: [][]byte{post(v.T)}, Documents: [][]byte{v.denies(2, first, second)}}
		}),
		sees: func(v visit) string {
			first, second := rounds(v)
			r := v.delivers()
			r.Operation = credential.OperationStatus // which raises no floor that is now already
			one, _ := v.tap(v.Phone("postman", first), r)
			two, _ := v.tap(v.Phone("postman", second), r)
			return fmt.Sprintf("postman: %s, %s\n", one, two)
		},
	}, {
		name: "a refused delivery that raises the floor", passes: refused, again: refused, ins: full, cites: []string{"PST-TIME-009#2", "PST-TIME-007"},
		prepare: taps(func(v visit) *holdertest.Phone {
			return v.postman(func(c *credential.GrantClaims) { c.Scope[0].Actions = credential.ActionCollect })
		}, visit.delivers),
	}}
}

// begin brings a fresh lock to where the tap begins.
func (s *scene) begin(t *cases.T) deed {
	if s.own != nil {
		s.own(t)
	} else {
		handedOn(t)
	}
	return s.prepare(visit{t})
}

// look is what everybody who may be the owner sees: whether he is, the state, and
// the newest page of the log.
func (s *scene) look(t *cases.T) string {
	people := s.people
	if people == nil {
		people = []string{"owner"}
	}
	seen, v := "", visit{t}
	for _, name := range people {
		o, a := v.tap(v.Phone(name, nil), does(credential.OperationReadLog))
		t.Expect(name+" reads the log", o, doneWell, cases.Denied)
		if a == nil || o != doneWell {
			seen += fmt.Sprintf("%s: no owner\n", name)
			continue
		}
		seen += fmt.Sprintf("%s: %+v %x\n", name, a.State, digest(a.Log))
	}
	if s.sees != nil {
		seen += s.sees(v)
	}
	return seen
}
