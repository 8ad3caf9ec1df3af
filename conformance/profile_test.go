package conformance

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/spec"
)

func TestProfileComesBack(t *testing.T) {
	b, err := json.Marshal(full())
	require.NoError(t, err)
	p, err := ReadProfile(b)
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf("%x", sha256.Sum256(b)), p.Digest())
	p.digest = ""
	require.Equal(t, full(), p)
}

func TestProfileRefuses(t *testing.T) {
	good, err := json.Marshal(full())
	require.NoError(t, err)
	for _, c := range []struct{ old, new, says string }{
		{`"edition":1`, `"edition":2`, "edition 2"},
		{`"lock"`, `"door"`, `role "door"`},
		{`"profiles":255`, `"profiles":256`, "bits that are no profile"},
		{`"profiles":255`, `"profiles":254`, "claims core"},
		{`"profiles":255`, `"profiles":33`, "parcel-locker goes with"},
		{`"button"`, `"bell"`, `option "bell"`},
		{`"level":2`, `"level":3`, "level 3"},
		{`"level":2`, `"colour":3`, "colour"},
		{`}`, `}{}`, "behind"},
		{`"level":2`, `"level":2,"level":1`, `"level" twice`},
		{`"level":2`, `"Level":2`, `unknown member "Level"`},
		{`"maker":`, `"maker":null,"x":`, "null"},
		{`"button"`, `"button","button"`, `"button" twice`},
		{`"level":2`, `"level":2,"limits":{"flights":3}`, `limit "flights"`},
		{`"level":2`, `"level":2,"limits":{"slots":7}`, "8 at the least"},
		{`"level":2`, `"level":2,"timings":{"FLY":3}`, `command "FLY"`},
		{`"level":2`, `"level":2,"answers":{"PST-` + `NONE-001":"yes"}`, "no requirement"},
		{`"level":2`, `"level":2,"help":{"x":"` + strings.Repeat("x", maxProfile) + `"}`, "are the most"},
	} {
		_, err := ReadProfile([]byte(strings.Replace(string(good), c.old, c.new, 1)))
		require.ErrorContains(t, err, c.says)
	}
}

func TestTerms(t *testing.T) {
	p := full()
	for _, term := range []string{
		"capability(resumption)", "capability(uses)", "capability(live-time)", "capability(clock)", "capability(compartments)", "capability(suite-2)",
		"capability(extended-length)", "binding(l)", "binding(r)", "option(button)", "option(tamper-sensor)",
	} {
		require.True(t, p.Term(term), term)
	}
	require.False(t, p.Term("option(update)"))
	require.False(t, p.Term("capability(flight)"))
	core := &Profile{Role: shim.RoleLock, Profiles: 1}
	for _, term := range []string{"capability(resumption)", "capability(extended-length)", "binding(r)", "option(button)"} {
		require.False(t, core.Term(term), term)
	}
	require.True(t, core.Term("binding(l)"))
}

// TestClaimsAreTriedBothWays has a claim that does not show, and a capability
// that nobody claimed.
func TestClaimsAreTriedBothWays(t *testing.T) {
	for _, c := range []struct {
		name   string
		f      target.Features
		change func(*Profile)
		says   string
	}{
		{"claimed and absent", target.Features{}, func(p *Profile) { p.Options = nil }, "and SELECT does not announce it"},
		{"active and not claimed", target.AllFeatures(), func(p *Profile) { p.Profiles = 255 - 16 }, "SELECT announces clock"},
		{"extended length", target.AllFeatures(), func(p *Profile) { p.ExtendedLength = false }, "SELECT announces extended-length"},
		{"resumption", target.AllFeatures(), func(p *Profile) { p.Profiles = 255 - 2 }, "SELECT announces resumption"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := full()
			c.change(p)
			r, err := Run(t.Context(), Plan{Device: reference(t, c.f), Profile: p, Filter: Filter{Cases: []string{"LOCK-SELECT-003"}}})
			require.NoError(t, err)
			require.Equal(t, 1, r.Status())
			for _, x := range r.Results {
				if x.Case == "LOCK-SELECT-003" {
					require.Equal(t, report.Fail, x.Verdict)
					require.Contains(t, x.Message, c.says)
				}
			}
		})
	}
}

func TestAssume(t *testing.T) {
	w, err := world.New(1)
	require.NoError(t, err)
	p, err := Assume(t.Context(), reference(t, target.AllFeatures()), w)
	require.NoError(t, err)
	require.Equal(t, uint64(255), p.Profiles)
	require.True(t, p.ExtendedLength)
	require.Equal(t, []string{"button", "tamper-sensor"}, p.Options)
	p, err = Assume(t.Context(), reference(t, target.Features{}), w)
	require.NoError(t, err)
	require.Equal(t, uint64(1+2+4+128), p.Profiles)
	require.False(t, p.ExtendedLength)
	require.Equal(t, []string{"tamper-sensor"}, p.Options)
}

func TestProfileOfAnotherRole(t *testing.T) {
	p := full()
	p.Role = shim.RoleApp
	_, err := Run(t.Context(), Plan{Device: reference(t, target.Features{}), Profile: p})
	require.ErrorContains(t, err, "the profile is for role app")
}

func TestFilter(t *testing.T) {
	c := find(t, "LOCK-CHAIN-010")
	for _, f := range []Filter{
		{}, {Cases: []string{"LOCK-*"}}, {Areas: []string{"X", "CH*"}}, {Requirements: []string{"PST-APDU-016"}}, {Requirements: []string{"PST-APDU-016#3"}},
		{Cases: []string{"*-010"}, Areas: []string{"CHAIN"}},
	} {
		require.True(t, f.Takes(&c), "%v", f)
	}
	for _, f := range []Filter{
		{Cases: []string{"APP-*"}}, {Areas: []string{"CHAI"}}, {Requirements: []string{"PST-APDU-016#8"}}, {Cases: []string{"*-010"}, Areas: []string{"STATE"}},
	} {
		require.False(t, f.Takes(&c), "%v", f)
	}
	require.Error(t, Filter{Cases: []string{"["}}.Check())
	_, err := Run(t.Context(), Plan{Device: reference(t, target.Features{}), Filter: Filter{Cases: []string{"NOTHING"}}})
	require.ErrorIs(t, err, ErrNothing)
	require.ErrorContains(t, err, `of role lock: nothing matches case "NOTHING"`)
}

// TestFilterOfNothing says which pattern it is that matches no case.
func TestFilterOfNothing(t *testing.T) {
	all := Cases(shim.RoleLock)
	require.NoError(t, Filter{Areas: []string{"NOPE", "CHAIN"}}.Nothing(all), "the other one matches")
	for says, f := range map[string]Filter{
		`nothing matches area "NOPE"`:                                           {Areas: []string{"NOPE"}},
		`nothing matches case "NO", requirement "PST-?", area "N*"`:             {Areas: []string{"CHAIN", "N*"}, Cases: []string{"NO", "LOCK-*"}, Requirements: []string{"PST-?"}},
		`case LOCK-CHAIN-* and area SELECT match cases each, but none together`: {Cases: []string{"LOCK-CHAIN-*"}, Areas: []string{"SELECT"}},
	} {
		err := f.Nothing(all)
		require.ErrorIs(t, err, ErrNothing)
		require.EqualError(t, err, ErrNothing.Error()+" of role lock: "+says)
	}
	require.Equal(t, []string{"case A", "requirement B, C", "area D"}, Filter{Areas: []string{"D"}, Requirements: []string{"B", "C"}, Cases: []string{"A"}}.Strings())
}

// TestRigEndsTheRun has the link fail in the middle: what passed stays, the rest
// is inconclusive, and nothing fails.
func TestRigEndsTheRun(t *testing.T) {
	left := 500
	d := wrong{reference(t, target.AllFeatures()), func(_ shim.Request, reply any, err error) (any, error) {
		if left--; left < 0 {
			return nil, &shim.Fault{Kind: shim.Silent, Detail: "no answer within 10s", Line: `{"id":7}`}
		}
		return reply, err
	}}
	r, err := Run(t.Context(), Plan{Device: d, Profile: full(), Target: "it's"})
	require.NoError(t, err)
	require.Equal(t, 3, r.Status())
	counts := r.Counts()
	require.Positive(t, counts[report.Pass])
	require.Positive(t, counts[report.Inconclusive])
	require.Zero(t, counts[report.Fail]+counts[report.Error])
	require.Contains(t, r.Rig, `no answer within 10s; asked: {"id":7}`)
	last := r.Results[len(r.Results)-1]
	require.Equal(t, `postern run --target 'it'\''s' --case `+last.Case+" --seed 1", last.Repeat)
}

func TestShouldWarns(t *testing.T) {
	r := &run{requirements: map[string]spec.Requirement{"A": {Keyword: "SHOULD"}, "B": {Keyword: "MUST NOT"}}, report: &report.Report{}}
	x := report.Result{Verdict: report.Fail, Requirements: []string{"A"}}
	r.judge(&x)
	require.Equal(t, report.Warn, x.Verdict)
	x = report.Result{Verdict: report.Fail, Requirements: []string{"A", "B#2"}}
	r.judge(&x)
	require.Equal(t, report.Fail, x.Verdict)
}

// TestInterrupted has the user end the run.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := 0
	r, err := Run(ctx, Plan{Device: reference(t, target.AllFeatures()), Profile: full(), End: func(report.Result) {
		if ended++; ended == 5 {
			cancel()
		}
	}})
	require.NoError(t, err)
	require.Equal(t, 3, r.Status())
	require.Equal(t, 5, r.Counts()[report.Pass])
	require.Contains(t, r.Rig, "canceled")
}

// TestProformaOfTheText reads the example of section 23.5.
func TestProformaOfTheText(t *testing.T) {
	documents, err := spec.Documents()
	require.NoError(t, err)
	i := slices.IndexFunc(documents, func(d spec.Document) bool { return strings.HasPrefix(d.Name, "23-") })
	_, text, _ := strings.Cut(documents[i].Text, "```json\n")
	text, _, found := strings.Cut(text, "```")
	require.True(t, found)
	p, err := ReadProfile([]byte(text))
	require.NoError(t, err)
	require.Equal(t, []string{"button"}, p.Options)
	for _, build := range []string{p.Build[1:], p.Build + "0", strings.ToUpper(p.Build), "v" + p.Build[1:]} {
		_, err := ReadProfile([]byte(strings.Replace(text, p.Build, build, 1)))
		require.ErrorContains(t, err, "64 hexadecimal digits", build)
	}
}
