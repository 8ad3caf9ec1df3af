package lock

import (
	"fmt"
	"strings"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
	ct "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// hoursForm are the cases of the form of a schedule (section 16.4).
func hoursForm() []cases.Case {
	all := []cases.Case{{
		ID: "LOCK-HOURS-001", Revision: 1, Title: "eight windows, the last of which is this hour", When: "capability(live-time)",
		Requirements: []string{"PST-TIME-018", "PST-TIME-019#1"}, Needs: []shim.Verb{shim.VerbProvision}, Setup: cases.Owned,
		Run: func(t *cases.T) {
			var hours credential.Schedule
			this := thisHour(t.World.Now)[0]
			for d := range credential.Days(7) {
				hours = append(hours, credential.Window{Days: 1 << d, From: this.Until % 1440, Until: this.Until%1440 + 1})
			}
			got := liveTap{hours: append(hours, this)}.taps(t)
			t.Check(strings.HasPrefix(string(got), "opened") || strings.HasPrefix(string(got), "unconfirmed"), "%s, where opened is right", got)
		},
	}}
	all = append(all, cases.Case{
		ID: "LOCK-HOURS-002", Revision: 1, Title: "a window that is the whole day, behind another one that it overlaps",
		Requirements: []string{"PST-TIME-018", "PST-TIME-019#1"}, Needs: []shim.Verb{shim.VerbProvision}, Setup: cases.Owned,
		Run: func(t *cases.T) {
			hours := credential.Schedule{{Days: 1, From: 60, Until: 61}, {Days: 127, From: 0, Until: 1440}}
			got := liveTap{hours: hours, least: credential.EvidenceStated, stated: true}.taps(t)
			t.Check(strings.HasPrefix(string(got), "opened") || strings.HasPrefix(string(got), "unconfirmed"), "%s, where opened is right", got)
		},
	})
	for i, c := range []struct {
		what     string
		schedule []byte
	}{
		{"no window", ct.Array()},
		{"nine windows", ct.Array(window(1, 0, 60), window(1, 60, 120), window(1, 120, 180), window(1, 180, 240), window(1, 240, 300),
			window(1, 300, 360), window(1, 360, 420), window(1, 420, 480), window(1, 480, 540))},
		{"a window of no day", ct.Array(window(0, 480, 540))},
		{"a window of an eighth day", ct.Array(window(128, 480, 540))},
		{"a window from minute 1440", ct.Array(window(127, 1440, 1440))},
		{"a window until minute 1441", ct.Array(window(127, 480, 1441))},
		{"a window that ends as it begins", ct.Array(window(127, 480, 480))},
		{"a window that ends before it begins", ct.Array(window(127, 1380, 60))},
		{"a window of two numbers", ct.Array(ct.Array(ct.Uint(127), ct.Uint(480)))},
		{"a window of four numbers", ct.Array(ct.Array(ct.Uint(127), ct.Uint(480), ct.Uint(540), ct.Uint(0)))},
		{"a window from minute -1", ct.Array(ct.Array(ct.Uint(127), ct.Int(-1), ct.Uint(540)))},
	} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-HOURS-%03d", 10+i), Revision: 1, Title: "a schedule with " + c.what, Fault: "the grant's schedule has " + c.what,
			Requirements: []string{"PST-TIME-018"}, Needs: []shim.Verb{shim.VerbProvision}, Setup: cases.Owned,
			// The good one is refused too, for want of the time: not a word of a reason is said of the bad one.
			Passes: []cases.Outcome{cases.Refused(credential.ReasonEvidence)}, Allowed: []cases.Outcome{cases.Denied},
			Changes: []string{cases.SeesMemory, cases.SeesLog, "state that the owner is told"},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				grant := t.Made(t.World.Guest(func(g *credential.GrantClaims) {
					g.Scope[0].Schedule = credential.Schedule{{Days: 127, From: 480, Until: 540}}
				}))
				if faulty {
					grant = ct.OfObject(func(o *ct.Object) {
						conditioned(ct.Pair{Key: ct.Uint(1), Value: c.schedule})(o)
						o.Sign(t.World.Key("owner"))
					})(grant)
				}
				return t.Tap(t.Phone("neighbour", grant), holdertest.Request{Operation: credential.OperationOpen})
			},
		})
	}
	return all
}

func window(days, from, until uint64) []byte {
	return ct.Array(ct.Uint(days), ct.Uint(from), ct.Uint(until))
}

// uncounted are counted grants at a lock that does not count.
func uncounted() []cases.Case {
	counts := func(g *credential.GrantClaims) { g.Scope[0].Uses = credential.Uses{Count: 3, Starts: 1} }
	return []cases.Case{{
		ID: "LOCK-USES-001", Revision: 1, Title: "a counted grant, to a lock that does not count", Fault: "the entry has the condition uses", When: "not capability(uses)",
		Requirements: []string{"PST-USE-001", "PST-DEC-018#5"}, Needs: []shim.Verb{shim.VerbProvision}, Setup: cases.Owned,
		Passes: cases.Opened, Allowed: []cases.Outcome{cases.Refused(credential.ReasonConditionUnknown)},
		Changes: []string{cases.SeesMemory, cases.SeesLog, "state that the owner is told"},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			var alter func(*credential.GrantClaims)
			if faulty {
				alter = counts
			}
			return t.Tap(t.Phone("neighbour", t.Made(t.World.Guest(alter))), holdertest.Request{Operation: credential.OperationOpen})
		},
	}, {
		ID: "LOCK-USES-002", Revision: 1, Title: "a lock that does not count opens by the entry behind a counted one", When: "not capability(uses)",
		Requirements: []string{"PST-USE-001"}, Needs: []shim.Verb{shim.VerbProvision}, Setup: cases.Owned,
		Run: func(t *cases.T) {
			grant := t.Made(t.World.Guest(func(g *credential.GrantClaims) {
				g.Scope = append(g.Scope, g.Scope[0])
				counts(g)
			}))
			for range 4 {
				t.Expect("the tap", t.Tap(t.Phone("neighbour", grant), holdertest.Request{Operation: credential.OperationOpen}), cases.Opened...)
				t.Lock.Cycle()
			}
		},
	}}
}
