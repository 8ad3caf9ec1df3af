package cases_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/holdertest"
	"github.com/postern-lock/postern/spec"
)

// blind is a device without the verbs that are named.
type blind struct {
	shim.Device
	without []shim.Verb
}

func (b blind) Hello() shim.Hello {
	h := b.Device.Hello()
	var kept []shim.Verb
	for _, v := range h.Verbs {
		if !strings.Contains(string(strings.Join(verbs(b.without), " ")), string(v)) {
			kept = append(kept, v)
		}
	}
	h.Verbs = kept
	return h
}

func verbs(all []shim.Verb) []string {
	var s []string
	for _, v := range all {
		s = append(s, string(v))
	}
	return s
}

// expired is a case as authors write them: a guest's grant that is over.
func expired() cases.Case {
	return cases.Case{
		ID: "LOCK-TOY-001", Revision: 1, Role: shim.RoleLock, Title: "a grant that is over", Fault: "the grant ended before the lock's floor",
		Requirements: []string{"PST-DEC-037#2"}, Needs: []shim.Verb{shim.VerbProvision}, Setup: cases.Owned,
		Passes: cases.Opened, Allowed: []cases.Outcome{cases.Refused(credential.ReasonExpired)},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			grant := t.Made(t.World.Guest(func(c *credential.GrantClaims) {
				if faulty {
					c.IssuedAt, c.Expires = t.World.Now-40*world.Day, t.World.Now-30*world.Day
				}
			}))
			return t.Tap(t.Phone("neighbour", grant), holdertest.Request{Operation: credential.OperationOpen})
		},
	}
}

// TestCaseWithKeys runs it at level 2 and at level 1, where the owner looks.
func TestCaseWithKeys(t *testing.T) {
	w, err := world.New(4)
	require.NoError(t, err)
	for _, without := range [][]shim.Verb{nil, {"bolt", "state", "operations", "cut"}} {
		d := blind{target.NewLock(target.AllFeatures(), w.Rand("lock")), without}
		c := expired()
		x := c.Do(t.Context(), cases.Rig{Device: d, World: w, Claims: func(string) bool { return true }, Level: d.Hello().Level()})
		require.Equal(t, report.Pass, x.Verdict, "%s\n%s", x.Message, x.Details())
	}
	d := blind{target.NewLock(target.AllFeatures(), w.Rand("lock")), []shim.Verb{"provision"}}
	c := expired()
	x := c.Do(t.Context(), cases.Rig{Device: d, World: w, Level: shim.L0})
	require.Equal(t, report.NotApplicable, x.Verdict)
	x = c.Do(t.Context(), cases.Rig{Device: d, World: w, Level: shim.L1})
	require.Equal(t, report.Fail, x.Verdict, "a level that is claimed and not there")
}

// TestCheckFindsFaults spoils a good case in every way.
func TestCheckFindsFaults(t *testing.T) {
	requirements, err := spec.Requirements()
	require.NoError(t, err)
	require.NoError(t, cases.Check([]cases.Case{expired()}, requirements))
	for says, spoil := range map[string]func(*cases.Case){
		"an id is ROLE-AREA-123":           func(c *cases.Case) { c.ID = "LOCK-TOY-1" },
		"of another role":                  func(c *cases.Case) { c.ID = "APP-TOY-001" },
		"revision is counted":              func(c *cases.Case) { c.Revision = 0 },
		"no title":                         func(c *cases.Case) { c.Title = "" },
		"cites no requirement":             func(c *cases.Case) { c.Requirements = nil },
		"no requirement PST-" + "NONE-001": func(c *cases.Case) { c.Requirements = []string{"PST-" + "NONE-001"} },
		`has no row "99"`:                  func(c *cases.Case) { c.Requirements = []string{"PST-DEC-037#99"} },
		`has no row "x"`:                   func(c *cases.Case) { c.Requirements = []string{"PST-DEC-037#x"} },
		"does not bind role lock":          func(c *cases.Case) { c.Requirements = []string{"PST-APDU-007"} },
		"no verb tap":                      func(c *cases.Case) { c.Needs = []shim.Verb{shim.VerbTap} },
		"both Run and Act":                 func(c *cases.Case) { c.Run = func(*cases.T) {} },
		"neither Run nor Act":              func(c *cases.Case) { c.Act = nil },
		"a positive case has no fault":     func(c *cases.Case) { c.Act, c.Run = nil, func(*cases.T) {} },
		"compares by itself":               func(c *cases.Case) { c.After = func(*cases.T) {} },
		"what the fault is":                func(c *cases.Case) { c.Fault = "" },
		"what it may come to":              func(c *cases.Case) { c.Allowed = nil },
		"silence is no outcome":            func(c *cases.Case) { c.Allowed = []cases.Outcome{cases.Silence} },
		"so that the fault would not":      func(c *cases.Case) { c.Allowed = c.Passes },
	} {
		c := expired()
		spoil(&c)
		require.ErrorContains(t, cases.Check([]cases.Case{c}, requirements), says)
	}
	require.ErrorContains(t, cases.Check([]cases.Case{expired(), expired()}, requirements), "given twice")
}
