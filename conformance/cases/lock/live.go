package lock

import (
	"fmt"
	"slices"
	"strings"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
	"github.com/postern-lock/postern/issuer"
)

// day is one in seconds.
const day = int(world.Day)

// liveTap is a guest's tap with a time token for the nonce of this transaction.
// The vectors do not reach it: nobody can choose the lock's nonce.
type liveTap struct {
	ends, begins int // seconds; of the grant, from now; zero is in 30 days, and at once
	hours        credential.Schedule
	least        credential.Evidence // zero is live
	nonce        func(now, before []byte) []byte
	at           int  // seconds; time of the token, from now
	stated       bool // a token without a nonce
	untold       bool // no token at all
	before       int  // seconds in the field before SELECT
	again        bool // another SELECT stands before these seconds
	seconds      int  // between SELECT and the token
	then         int  // seconds between the token and a second request, which counts
	alter        func(*credentialtest.Object)
	source       string // who signs, where not the post
	later        bool   // a stated token behind the live one
}

// taps carries it out and returns what the last answer says.
func (l liveTap) taps(t *cases.T) cases.Outcome {
	grant := t.Made(t.World.Guest(func(c *credential.GrantClaims) {
		if l.ends != 0 {
			c.Expires = t.World.Now + credential.Time(l.ends)
		}
		if l.begins != 0 {
			c.NotBefore = t.World.Now + credential.Time(l.begins)
		}
		c.Scope[0].Evidence, c.Scope[0].Schedule = l.least, l.hours
		if l.least == 0 {
			c.Scope[0].Evidence = credential.EvidenceLive
		}
	}))
	var before []byte
	if l.nonce != nil {
		p := t.Phone("neighbour", grant)
		s, err := p.Select(t.Context())
		t.OK(err)
		before = s.Nonce[:]
		t.Lock.Cycle()
	}
	if l.again {
		tap{t}.selects()
	}
	if l.before > 0 {
		t.Set(shim.Advance{Milliseconds: uint64(l.before) * 1000})
	}
	p := t.Phone("neighbour", grant)
	s, err := p.Select(t.Context())
	t.OK(err)
	t.Expect("SELECT", cases.SW(s.SW), cases.OK)
	if l.seconds > 0 {
		t.Set(shim.Advance{Milliseconds: uint64(l.seconds) * 1000})
	}
	r := holdertest.Request{Operation: credential.OperationOpen}
	if !l.untold {
		r.Chain = [][]byte{t.World.Post.Authority().Bytes()}
		r.Documents = l.tokens(t, s.Nonce[:], before)
	}
	proof, err := p.Handshake1(t.Context())
	t.OK(err)
	t.Expect("HANDSHAKE-1", cases.SW(proof.SW), cases.OK)
	if l.then == 0 {
		a, err := p.Handshake2(t.Context(), r)
		t.OK(err)
		return told(t.Answered(a), a)
	}
	r.Operation = credential.OperationStatus
	a, err := p.Handshake2(t.Context(), r)
	t.OK(err)
	t.Expect("the token at once", told(t.Answered(a), a), "done, document none")
	t.Set(shim.Advance{Milliseconds: uint64(l.then) * 1000})
	return t.Ask(p, holdertest.Request{Operation: credential.OperationOpen})
}

// tokens makes what is handed over.
func (l liveTap) tokens(t *cases.T, nonce, before []byte) [][]byte {
	source, err := issuer.NewTimeSource(t.World.Key("post"), t.World.Post.Authority())
	t.OK(err)
	at := credential.Time(int64(t.World.Now) + int64(l.at))
	if l.stated {
		return [][]byte{t.Made(source.State(at, 60))}
	}
	if l.nonce != nil {
		nonce = l.nonce(slices.Clone(nonce), before)
	}
	token := t.Made(source.Live(at, 60, [16]byte(nonce)))
	if l.alter != nil {
		token = credentialtest.OfObject(l.alter)(token)
	}
	if l.source != "" {
		token = credentialtest.OfObject(func(o *credentialtest.Object) { o.Sign(t.World.Key(l.source)) })(token)
	}
	if l.later {
		return [][]byte{token, t.Made(source.State(at+1, 60))}
	}
	return [][]byte{token}
}

// needs are the verbs of cases with live time.
func (l liveTap) needs() []shim.Verb {
	if l.before+l.seconds+l.then > 0 {
		return []shim.Verb{shim.VerbProvision, shim.VerbAdvance}
	}
	return []shim.Verb{shim.VerbProvision}
}

// thisHour is a schedule of the hour that the world's now lies in, by an offset of 60
// minutes, on every day.
func thisHour(now credential.Time) credential.Schedule {
	hour := uint16((int64(now)+3600)%86400/3600) * 60
	return credential.Schedule{{Days: 127, From: hour, Until: hour + 60}}
}

// livePasses are good taps at the bounds.
func livePasses() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		what string
		tap  liveTap
		ids  []string
	}{
		{"at once", liveTap{}, []string{"PST-TIME-012#2", "PST-TIME-017", "PST-DOC-006#1", "PST-TIME-021"}},
		{"58 seconds after SELECT", liveTap{seconds: 58}, []string{"PST-TIME-012#2", "PST-TIME-017#2", "PST-TIME-021"}},
		{"58 seconds before the opening", liveTap{then: 58}, []string{"PST-TIME-012#2", "PST-TIME-021"}},
		{"55 seconds ago, and 50 before the end of the grant", liveTap{ends: 50, then: 55}, []string{"PST-TIME-013"}},
		{"older than the floor", liveTap{at: -5 * day}, []string{"PST-TIME-012#2", "PST-TIME-017"}},
		{"one second before the grant ends", liveTap{ends: 600, at: 599}, []string{"PST-DEC-037#2"}},
		{"as the grant begins", liveTap{begins: 600, at: 600}, []string{"PST-DEC-037#3"}},
		{"at once, after 70 seconds in the field", liveTap{before: 70}, []string{"PST-TIME-021", "PST-TIME-012#2"}},
		{"at once, 70 seconds after a SELECT before this one", liveTap{before: 70, again: true}, []string{"PST-TIME-021", "PST-TIME-012#2"}},
	} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-LIVE-%03d", 1+i), Revision: 1, Title: "a live time " + c.what, When: "capability(live-time)",
			Requirements: c.ids, Needs: c.tap.needs(), Setup: ownedUntilNow,
			Run: func(t *cases.T) {
				got := c.tap.taps(t)
				t.Check(strings.HasPrefix(string(got), "opened") || strings.HasPrefix(string(got), "unconfirmed"), "%s, where opened is right", got)
			},
		})
	}
	return all
}

// ownedUntilNow is Owned with a floor of now.
func ownedUntilNow(t *cases.T) {
	cases.Owned(t)
	t.Hand(t.Made(t.World.Policy(2, func(c *credential.PolicyClaims) { c.IssuedAt = t.World.Now })))
}

// liveFaults are taps whose live time is none, or not good enough.
func liveFaults() []cases.Case {
	signature := func(o *credentialtest.Object) { o.Signature[9] ^= 1 }
	var all []cases.Case
	for i, c := range []struct {
		what, says string
		tap        liveTap
		ids        []string
	}{
		{"the token has the nonce of the transaction before", "refused: evidence, document evidence", liveTap{nonce: func(_, before []byte) []byte { return before }}, []string{"PST-TIME-017#2", "PST-TIME-021"}},
		{"the last byte of the nonce is another", "refused: evidence, document evidence", liveTap{nonce: func(now, _ []byte) []byte { now[15] ^= 1; return now }}, []string{"PST-TIME-017#2"}},
		{"the nonce is all zero", "refused: evidence, document evidence", liveTap{nonce: func(_, _ []byte) []byte { return make([]byte, 16) }}, []string{"PST-TIME-017#2"}},
		{"the token comes 61 seconds after SELECT", "refused: evidence, document evidence", liveTap{seconds: 61}, []string{"PST-TIME-017#2", "PST-TIME-021"}},
		{"the opening is asked for 61 seconds after SELECT", "refused: evidence", liveTap{then: 61}, []string{"PST-TIME-012#2", "PST-TIME-012#3", "PST-TIME-021"}},
		{"the token has no nonce", "refused: evidence, document none", liveTap{stated: true}, []string{"PST-TIME-012#3", "PST-DEC-018#7"}},
		{"there is no token", "refused: evidence", liveTap{untold: true}, []string{"PST-TIME-012#4", "PST-DEC-018#7"}},
		{"a stated time comes behind it", "refused: evidence, document none, document none", liveTap{later: true}, []string{"PST-TIME-012#2", "PST-TIME-012#3"}},
		{"the grant asks for a clock", "refused: evidence, document none", liveTap{least: credential.EvidenceClock}, []string{"PST-DEC-018#7"}},
		{"its signature has a bit wrong", "refused: evidence, document signature", liveTap{alter: signature}, []string{"PST-TIME-017#6", "PST-TIME-008", "PST-DOC-001#5", "PST-DOC-006#4"}},
		{"the owner signed it", "refused: evidence, document signature", liveTap{source: "owner"}, []string{"PST-TIME-017#6", "PST-TIME-008"}},
		{"the grant ended at this time", "refused: expired, document none", liveTap{ends: 600, at: 600}, []string{"PST-DEC-037#2"}},
		{"the grant begins a second later", "refused: not-yet-valid, document none", liveTap{begins: 600, at: 599}, []string{"PST-DEC-037#3"}},
	} {
		changes := []string{cases.SeesFloor, cases.SeesMemory, cases.SeesLog, "state that the owner is told"} // a token that is taken raises the floor, whatever comes then
		if !strings.Contains(c.says, "document none") && c.tap.then == 0 {
			changes = changes[1:]
		}
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-LIVE-%03d", 20+i), Revision: 1, Title: "live time is asked for: " + c.what, Fault: c.what, When: "capability(live-time)",
			Requirements: c.ids, Needs: c.tap.needs(), Setup: cases.Owned, Changes: changes,
			Passes: []cases.Outcome{"opened, document none", "unconfirmed, document none"}, Allowed: []cases.Outcome{cases.Outcome(c.says)},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				if faulty {
					return c.tap.taps(t)
				}
				return liveTap{}.taps(t)
			},
		})
	}
	return all
}

// liveHours are hours by a live time.
func liveHours() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-LIVE-040", Revision: 1, Title: "hours by a live time, in them and after them", Fault: "the time is that of an hour later", When: "capability(live-time)",
		Requirements: []string{"PST-DEC-018#8", "PST-TIME-019#1", "PST-TIME-018"}, Needs: []shim.Verb{shim.VerbProvision}, Setup: cases.Owned,
		Passes: []cases.Outcome{"opened, document none", "unconfirmed, document none"}, Allowed: []cases.Outcome{"refused: hours, document none"},
		Changes: []string{cases.SeesFloor, cases.SeesMemory, cases.SeesLog, "state that the owner is told"},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			l := liveTap{hours: thisHour(t.World.Now)}
			if faulty {
				l.at = 3600
			}
			return l.taps(t)
		},
	}, {
		ID: "LOCK-LIVE-041", Revision: 1, Title: "a live time, to a lock that cannot measure seconds", Fault: "the token has a nonce", When: "not capability(live-time)",
		Requirements: []string{"PST-TIME-017#2"}, Needs: []shim.Verb{shim.VerbProvision}, Setup: cases.Owned,
		Passes: []cases.Outcome{"opened, document none", "unconfirmed, document none"}, Allowed: []cases.Outcome{"refused: evidence, document evidence"},
		Changes: []string{cases.SeesMemory, cases.SeesLog, "state that the owner is told"},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			return liveTap{least: credential.EvidenceStated, stated: !faulty}.taps(t)
		},
	}}
}

// overtaken is a stated time that a policy of the same request overtakes.
func overtaken() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-LIVE-042", Revision: 1, Title: "a stated time, and behind it a policy that raises the floor above it", Fault: "the policy behind the token was issued a second after the time stated",
		Requirements: []string{"PST-TIME-012#3", "PST-TIME-012#4", "PST-DOC-001#2", "PST-DOC-001#3"}, Needs: []shim.Verb{shim.VerbProvision},
		Passes:  []cases.Outcome{"opened, document none, document none", "unconfirmed, document none, document none"},
		Allowed: []cases.Outcome{"refused: evidence, document none, document none"}, After: begins,
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			ownedAnew(t)
			token := liveTap{stated: true}.tokens(t, nil, nil)[0]
			policy := t.Made(t.World.Policy(2, func(c *credential.PolicyClaims) {
				c.IssuedAt = t.World.Now
				if faulty {
					c.IssuedAt++
				}
			}))
			grant := t.Made(t.World.Guest(func(c *credential.GrantClaims) { c.Scope[0].Evidence = credential.EvidenceStated }))
			o, a := t.TapFor(t.Phone("neighbour", grant), holdertest.Request{
				Operation: credential.OperationOpen, Chain: [][]byte{t.World.Post.Authority().Bytes()}, Documents: [][]byte{token, policy},
			})
			return told(o, a)
		},
	}}
}

// transactional are stated times of a transaction that has ended.
func transactional() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		what string
		ends func(t *cases.T)
		need []shim.Verb
	}{
		{"another SELECT", func(*cases.T) {}, nil},
		{"the link's end", func(t *cases.T) { t.Set(shim.Deselect{}) }, []shim.Verb{shim.VerbDeselect}},
		{"the field's end", func(t *cases.T) { t.Lock.Cycle() }, nil},
	} {
		all = append(all, oneTap(cases.Case{
			ID: fmt.Sprintf("LOCK-LIVE-%03d", 43+i), Title: "a stated time ends with its transaction: " + c.what, Fault: c.what + " stands between the token and the opening",
			Requirements: []string{"PST-TIME-012#4", "PST-TIME-012#3"}, Needs: c.need, Setup: ownedUntilNow,
			Passes: cases.Opened, Allowed: []cases.Outcome{cases.Refused(credential.ReasonEvidence)},
		}, func(v visit, faulty bool) cases.Outcome {
			p := v.neighbour(func(c *credential.GrantClaims) { c.Scope[0].Evidence = credential.EvidenceStated })
			o, a := v.TapFor(p, holdertest.Request{Chain: [][]byte{post(v.T)}, Documents: liveTap{stated: true}.tokens(v.T, nil, nil)})
			v.Expect("the token", told(o, a), "done, document none")
			if !faulty {
				return v.Ask(p, asksOpen)
			}
			c.ends(v.T)
			return v.Tap(p, asksOpen)
		}))
	}
	return all
}

// lastOfTwo are two stated times, of which the last counts.
func lastOfTwo() []cases.Case {
	return []cases.Case{oneTap(cases.Case{
		ID: "LOCK-LIVE-046", Title: "of two stated times the last one counts, also where it is the earlier one", Fault: "the time stated last is outside the hours",
		Requirements: []string{"PST-TIME-012#3", "PST-DEC-018#8"}, Setup: ownedUntilNow,
		Passes:  []cases.Outcome{"opened, document none, document none", "unconfirmed, document none, document none"},
		Allowed: []cases.Outcome{"refused: hours, document none, document none"},
	}, func(v visit, faulty bool) cases.Outcome {
		minute := uint16((v.World.Now + 3600) % 86400 / 60)
		p := v.neighbour(func(c *credential.GrantClaims) {
			c.Scope[0].Evidence, c.Scope[0].Schedule = credential.EvidenceStated, credential.Schedule{{Days: 127, From: minute, Until: minute + 1}}
		})
		inside, outside := v.Made(v.clocked().State(v.World.Now, 60)), v.Made(v.clocked().State(v.World.Now+300, 60))
		documents := [][]byte{outside, inside}
		if faulty {
			documents = [][]byte{inside, outside}
		}
		o, a := v.TapFor(p, holdertest.Request{Operation: credential.OperationOpen, Chain: [][]byte{post(v.T)}, Documents: documents})
		return told(o, a)
	})}
}

// toldBefore is a time that came with a request that was refused.
func toldBefore() []cases.Case {
	return []cases.Case{oneTap(cases.Case{
		ID: "LOCK-LIVE-047", Title: "a stated time that came with a refused request counts for the next one", Fault: "no time came with the refused request",
		Requirements: []string{"PST-TIME-012#3", "PST-TIME-012#4"}, Setup: ownedUntilNow,
		Passes: cases.Opened, Allowed: []cases.Outcome{cases.Refused(credential.ReasonEvidence)},
	}, func(v visit, faulty bool) cases.Outcome {
		p := v.neighbour(func(c *credential.GrantClaims) { c.Scope[0].Evidence = credential.EvidenceStated })
		r := bringing(asksDeliver, post(v.T))
		if !faulty {
			r.Documents = liveTap{stated: true}.tokens(v.T, nil, nil)
		}
		v.Expect("a delivery, which the grant does not allow", v.Tap(p, r), cases.Refused(credential.ReasonAction))
		return v.Ask(p, asksOpen)
	})}
}

// liveTime are the cases of live time.
func liveTime() []cases.Case {
	return slices.Concat(livePasses(), liveFaults(), liveHours(), overtaken(), transactional(), lastOfTwo(), toldBefore())
}
