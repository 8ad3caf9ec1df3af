package mutants

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance"
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/spec"
)

// emptyLink takes a check away that cases of the area CHAIN look for.
var emptyLink = in(card, `if len(cmd.Data) == 0 || len(cmd.Data) >`, `if len(cmd.Data) >`)

// build builds a table.
func build(t *testing.T, table ...Mutant) (child string, err error) {
	t.Helper()
	root, err := Root(t.Context())
	require.NoError(t, err)
	return Build(t.Context(), root, t.TempDir(), table)
}

// claims are the profiles of the two reference locks.
func claims() map[string]*conformance.Profile {
	full := &conformance.Profile{
		Product: "reference", Edition: spec.Version, Role: shim.RoleLock, Profiles: 255, ExtendedLength: true,
		Options: []string{"button", "tamper-sensor"}, Level: shim.L2,
	}
	poor := *full
	poor.Profiles, poor.ExtendedLength, poor.Options = 1+2+4+128, false, []string{"tamper-sensor"}
	return map[string]*conformance.Profile{"": full, "box": &poor}
}

// few are the cases of an area: enough to look for emptyLink.
func few() []cases.Case {
	var found []cases.Case
	for _, c := range conformance.Cases(shim.RoleLock) {
		if conformance.Area(c.ID) == "CHAIN" {
			found = append(found, c)
		}
	}
	return found
}

func TestEveryMutantCompiles(t *testing.T) {
	_, err := build(t, All()...)
	require.NoError(t, err)
}

// TestEveryRequirementHasAMutant holds the table to the requirements, and to those
// that a lock shows on the wire.
func TestEveryRequirementHasAMutant(t *testing.T) {
	all, err := spec.Requirements()
	require.NoError(t, err)
	known, broken := map[string]spec.Requirement{}, map[string]bool{}
	for _, r := range all {
		known[r.ID] = r
	}
	for _, m := range All() {
		require.NotEmpty(t, m.Wrong, m.ID)
		id, row, rows := strings.Cut(m.Requirement, "#")
		r, ok := known[id]
		require.True(t, ok, "%s: %s", m.ID, m.Requirement)
		require.True(t, cases.Binds(r, m.Role), "%s: %s", m.ID, m.Requirement)
		if n, err := strconv.Atoi(row); rows {
			require.True(t, err == nil && n >= 1 && n <= len(r.Rows), "%s: %s", m.ID, m.Requirement)
		}
		broken[id] = broken[id] || m.Role == shim.RoleLock
	}
	for _, r := range all {
		if strings.HasPrefix(r.Keyword, "MUST") && r.Testability == "wire" && cases.Binds(r, shim.RoleLock) {
			require.True(t, broken[r.ID], "no mutant breaks %s: %s", r.ID, r.Text)
		}
	}
}

// TestEveryMustOfAppsAndIssuersHasAMutant holds the table to what apps and issuers
// show on the wire: those requirements for which the matrix asks for cases of the
// role.
func TestEveryMustOfAppsAndIssuersHasAMutant(t *testing.T) {
	broken := map[string]bool{}
	for _, m := range All() {
		id, _, _ := strings.Cut(m.Requirement, "#")
		broken[string(m.Role)+" "+id] = true
	}
	traced, err := conformance.Trace()
	require.NoError(t, err)
	for _, x := range traced {
		r := x.Requirement
		if x.Role != shim.RoleLock && strings.HasPrefix(r.Keyword, "MUST") && r.Testability == "wire" {
			require.True(t, broken[string(x.Role)+" "+r.ID], "no mutant of an %s breaks %s: %s", x.Role, r.ID, r.Text)
		}
	}
}

// TestEditsThatDoNotFit has the table wrong in each way.
func TestEditsThatDoNotFit(t *testing.T) {
	good := m("good", "PST-APDU-016#5", "w", emptyLink)
	for name, c := range map[string]struct {
		mutant Mutant
		says   string
	}{
		"stands nowhere":           {m("bad", "PST-APDU-016#5", "w", in(card, "no such text", "")), "mutant bad: the text stands 0 times in apdu/card.go"},
		"stands twice":             {m("bad", "PST-APDU-016#5", "w", in(card, "c.rest = nil", "")), "mutant bad: the text stands 3 times in apdu/card.go"},
		"is empty":                 {m("bad", "PST-APDU-016#5", "w", in(card, "", "x")), "mutant bad: the text stands 0 times"},
		"stands in no function":    {m("bad", "PST-APDU-016#5", "w", in(card, "type CardConfig struct {", "")), "mutant bad: the text stands in no one function"},
		"stands in two functions":  {m("bad", "PST-APDU-016#5", "w", in(card, "return c.piece(cmd.Ne)\n}\n\n// join", "")), "mutant bad: the text stands in no one function"},
		"has no file":              {m("bad", "PST-APDU-016#5", "w", in("apdu/none.go", "x", "")), "mutant bad: open "},
		"does not compile":         {m("bad", "PST-APDU-016#5", "w", in(card, "n := min(ne, len(c.rest))", "n := min(nothing, len(c.rest))")), "mutants that do not compile: bad\n"},
		"leaves a variable unused": {m("bad", "PST-APDU-016#5", "w", in(fChain, `ch == chainOf(c, ch.length)`, `func() bool { x := 1; return true }()`)), "mutants that do not compile: bad\n"},
		"has an id twice":          {good, `mutant "good": its id is given twice`},
		"has no id":                {m("", "PST-APDU-016#5", "w", emptyLink), `mutant "": its id`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := build(t, good, c.mutant)
			require.ErrorContains(t, err, c.says)
			require.NotContains(t, err.Error(), "mutant good:")
		})
	}
	_, err := build(t, m("one", "PST-APDU-016#5", "w", in(card, "nowhere", "")), m("two", "PST-APDU-016#5", "w", in(fChain, "nowhere", "")))
	require.ErrorContains(t, err, "mutant one: ")
	require.ErrorContains(t, err, "mutant two: ")
}

// TestRun hunts mutants of which it is known what becomes of them.
func TestRun(t *testing.T) {
	table := []Mutant{
		m("dies", "PST-APDU-016#5", "w", emptyLink),
		box("dies-poor", "PST-APDU-016#5", "w", emptyLink),
		m("equals-the-reference", "PST-APDU-016#5", "w", in(card, emptyLink.Find, emptyLink.Find)),
		m("dies-by-another", "PST-APDU-016#1", "w", emptyLink),
		m("has-no-case", "PST-LOG-003", "w", emptyLink),
		m("dies-by-two-edits", "PST-APDU-016#6", "w",
			in(card, `if len(cmd.Data) == 0 || len(cmd.Data) > wire.LimitCommandBytes-c.chain.length {`, `if len(cmd.Data) == 0 {`),
			in(card, `length := c.chain.length + len(cmd.Data)`, `length := min(c.chain.length+len(cmd.Data), wire.LimitCommandBytes)`)),
		announced("dies-unclaimed", "PST-APDU-016#5", "w", emptyLink),
	}
	child, err := build(t, table...)
	require.NoError(t, err)
	told := 0
	results, err := Run(t.Context(), Plan{Child: child, Table: table, Cases: few(), Claims: claims(), End: func(Result) { told++ }})
	require.NoError(t, err)
	require.Equal(t, len(table), told)
	for i, alive := range []bool{false, false, true, true, true, false, false} {
		r := results[i]
		require.Equal(t, table[i].ID, r.ID)
		require.Equal(t, alive, !r.Killed(), "%+v", r)
		require.Equal(t, r.ID == "has-no-case", r.Cited == 0, "%+v", r)
		require.Equal(t, r.ID == "has-no-case" || r.ID == "dies-by-another", r.Other != "", "%+v", r)
	}
}

// TestRunThatMeansNothing has no table come of a run that proves nothing.
func TestRunThatMeansNothing(t *testing.T) {
	crash := m("crashes", "PST-APDU-016#5", "w", in(card, `if len(cmd.Data) == 0 || len(cmd.Data) >`, "if len(cmd.Data) == 0 {\n\tpanic(\"oh\")\n}\nif len(cmd.Data) >"))
	child, err := build(t, crash)
	require.NoError(t, err)
	_, err = Run(t.Context(), Plan{Child: child, Table: []Mutant{crash}, Cases: few(), Claims: claims()})
	require.ErrorContains(t, err, `mutant "crashes": INCONC in case `)

	unknown := m("unknown", "PST-APDU-016#5", "w", emptyLink)
	_, err = Run(t.Context(), Plan{Child: child, Table: []Mutant{unknown}, Cases: few(), Claims: claims()})
	require.ErrorContains(t, err, `this build has no mutant "unknown" among its 1`)

	strict := few()
	strict = append(strict, cases.Case{ID: "LOCK-TOY-001", Revision: 1, Role: shim.RoleLock, Requirements: []string{"PST-APDU-016#5"}, Run: func(t *cases.T) { t.Failf("never good") }})
	strange := Plan{Child: child, Cases: strict[len(strict)-1:], Claims: claims(), Table: []Mutant{crash}}
	_, err = Run(t.Context(), strange)
	require.ErrorContains(t, err, `the reference lock "", with no mutant on, fails the case LOCK-TOY-001`)
	require.ErrorContains(t, err, `the reference lock "box", with no mutant on, fails the case LOCK-TOY-001`)
}

// TestReferenceIsClean runs cases of every area on the child with no mutant on.
func TestReferenceIsClean(t *testing.T) {
	child, err := build(t, All()...)
	require.NoError(t, err)
	all := slices.Concat(conformance.Cases(shim.RoleLock), conformance.Cases(shim.RoleApp), conformance.Cases(shim.RoleIssuer))
	var some []cases.Case
	for i := 0; i < len(all); i += 10 {
		some = append(some, all[i])
	}
	p := Plan{Child: child, Cases: some, Claims: claims()}
	require.NoError(t, p.Clean(t.Context(), nil))
}

func TestCitedBy(t *testing.T) {
	for _, c := range []struct {
		mutant string
		cited  []string
		want   bool
	}{
		{"PST-" + "A-001#2", []string{"PST-" + "A-001#2"}, true},
		{"PST-" + "A-001#2", []string{"PST-" + "B-001", "PST-" + "A-001"}, true},
		{"PST-" + "A-001", []string{"PST-" + "A-001#7"}, true},
		{"PST-" + "A-001#2", []string{"PST-" + "A-001#3"}, false},
		{"PST-" + "A-001#2", []string{"PST-" + "A-002#2"}, false},
		{"PST-" + "A-001#2", nil, false},
	} {
		m := Mutant{Role: shim.RoleApp, Requirement: c.mutant}
		require.Equal(t, c.want, m.CitedBy(&cases.Case{Role: shim.RoleApp, Requirements: c.cited}), "%v", c)
		require.False(t, m.CitedBy(&cases.Case{Role: shim.RoleLock, Requirements: c.cited}), "%v", c)
	}
}
