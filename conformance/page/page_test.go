package page

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target"
)

// hostile is what a device could call itself to get at whoever reads the page.
const hostile = `<script>document.title = "taken"</script><img src=x onerror="document.title='taken'">` + "\u202e"

// broken is a lock with three faults: it answers a foreign AID as its own, takes
// the wrong length for another chain, and keeps silent to GET RESPONSE.
type broken struct{ shim.Device }

func (b broken) Hello() shim.Hello {
	h := b.Device.Hello()
	h.Product, h.Version = hostile, hostile
	return h
}

func (b broken) Do(ctx context.Context, r shim.Request) (any, error) {
	reply, err := b.Device.Do(ctx, r)
	t, ok := r.(shim.Transceive)
	a, answered := reply.(*shim.Answer)
	if !ok || !answered || err != nil {
		return reply, err
	}
	switch {
	case len(t.APDU) > 1 && t.APDU[1] == 0xC0:
		return &shim.Answer{Silent: true}, nil
	case string(a.APDU) == "\x6A\x82":
		return &shim.Answer{APDU: shim.Hex("</script>\x90\x00")}, nil
	case string(a.APDU) == "\x68\x83":
		return &shim.Answer{APDU: shim.Hex{0x67, 0}}, nil
	}
	return reply, err
}

// run runs areas on the broken lock.
func run(t *testing.T, exchanges bool, areas ...string) *report.Report {
	t.Helper()
	r, err := conformance.Run(t.Context(), conformance.Plan{
		Device: broken{target.NewLock(target.AllFeatures(), rand.Reader)}, Target: "exec:./my lock's shim", Exchanges: exchanges,
		Filter: conformance.Filter{Areas: areas},
	})
	require.NoError(t, err)
	require.Greater(t, r.Counts()[report.Fail], 5)
	return r
}

func htmlOf(t *testing.T, r *report.Report) string {
	t.Helper()
	b, err := HTML(r, "does not conform")
	require.NoError(t, err)
	return string(b)
}

// TestFailuresNeedNoScript finds in the bare page what a failing case is told with.
func TestFailuresNeedNoScript(t *testing.T) {
	r := run(t, false, "SELECT", "CHAIN")
	p := htmlOf(t, r)
	require.Contains(t, p, "does not conform")
	for _, x := range r.Results {
		if x.Verdict != report.Fail {
			continue
		}
		_, row, found := strings.Cut(p, `id="`+x.Case+`"`)
		require.True(t, found, x.Case)
		row, _, _ = strings.Cut(row, `<details class="case"`)
		for _, says := range []string{"<blockquote>", "A lock MUST", `class="bytes"`, "<svg", "--case " + x.Case + " --seed 1", "round trips", x.Evidence} {
			require.Contains(t, row, says, x.Case)
		}
	}
}

// TestHostileDevice requires that nothing of the device is read as HTML.
func TestHostileDevice(t *testing.T) {
	r := run(t, true, "SELECT")
	r.Results[0].Title, r.Results[0].Message, r.Results[0].Verdict = hostile, hostile+strings.Repeat("x", 10*maxText), report.Fail
	r.Results[0].Notes = []string{hostile}
	p := htmlOf(t, r)
	require.NotContains(t, p, "<img")
	require.NotContains(t, p, "\u202e")
	require.NotContains(t, p, strings.Repeat("x", maxText+1))
	require.Equal(t, 2+strings.Count(p, `<script type="application/gzip"`), strings.Count(p, "<script"))
	require.Regexp(t, `http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-`, p)
	require.NotRegexp(t, `(?i)(src|href)="?(https?:|//|javascript:)`, p)

	m, err := Markdown(r, "does not conform")
	require.NoError(t, err)
	require.NotRegexp(t, `[^\\]<`, regexp.MustCompile(`(?m)^(>|    ).*$`).ReplaceAllString(string(m), ""))
}

// TestOtherRoles decodes what an issuer signs, and has an app send the commands.
func TestOtherRoles(t *testing.T) {
	for role, d := range map[shim.Role]shim.Device{shim.RoleIssuer: target.NewIssuer(), shim.RoleApp: target.NewApp(rand.Reader)} {
		filter := conformance.Filter{Cases: []string{"ISSUER-AUTHORITY-001", "APP-SELECT-001"}}
		r, err := conformance.Run(t.Context(), conformance.Plan{Device: d, Exchanges: true, Filter: filter})
		require.NoError(t, err)
		i := slices.IndexFunc(r.Results, func(x report.Result) bool { return x.Verdict == report.Pass })
		require.NotEqual(t, -1, i, "%s: %v", role, r.Counts())
		all, left := stages(r.Results[i].Exchanges, maxPassed)
		require.Zero(t, left)
		told := ""
		for _, b := range all[len(all)-1].Steps[len(all[len(all)-1].Steps)-1].Boxes {
			for _, l := range b.Lines {
				told += l.Means + "\n"
			}
		}
		drawn := string(diagram(all, role))
		if role == shim.RoleIssuer {
			require.Contains(t, told, "typ: 65001 (authority)")
			require.Contains(t, drawn, ">issuer</text>")
			continue
		}
		require.Less(t, strings.Index(drawn, ">app</text>"), strings.Index(drawn, ">tool</text>"))
		require.Contains(t, drawn, "HANDSHAKE-1, 43 bytes")
	}
}

// TestBounds makes a report of more than anybody reads.
func TestBounds(t *testing.T) {
	r := &report.Report{Seeds: []uint64{1}}
	e := report.Exchange{Stage: "run", Command: make(shim.Hex, 300)}
	x := report.Result{Case: "LOCK-A-001", Verdict: report.Fail, Requirements: []string{"PST-" + "NONE-001"}}
	for i := range 500 {
		if i%2 == 0 {
			e.Response = make(shim.Hex, 2000) // each zero is an item
		} else {
			e.Response = make(shim.Hex, 60000)
		}
		x.Exchanges = append(x.Exchanges, e)
	}
	for i := range 20 {
		x.Case = "LOCK-A-0" + string(rune('A'+i))
		r.Results = append(r.Results, x)
	}
	began := time.Now()
	p := htmlOf(t, r)
	require.Less(t, len(p), maxOpen+maxPacked+4<<20)
	require.Contains(t, p, "440 exchanges before these are left out here")
	require.Contains(t, p, "no such requirement")
	require.Contains(t, p, `id="chunk-1"`)
	t.Logf("%d bytes in %v", len(p), time.Since(began))
}

// TestBoundsOfNumbers makes a report of more cases, areas and requirements than
// there are.
func TestBoundsOfNumbers(t *testing.T) {
	r := &report.Report{Seeds: []uint64{1}}
	for i := range 3 * maxRows {
		r.Results = append(r.Results, report.Result{Case: fmt.Sprintf("LOCK-A%d-001", i), Verdict: report.Pass, Requirements: []string{fmt.Sprintf("PST-"+"NONE-%d", i)}})
	}
	r.Results[3*maxRows-1].Verdict = report.Fail
	v, err := newView(r, "")
	require.NoError(t, err)
	require.Len(t, v.Rows, maxRows)
	require.Equal(t, report.Fail, v.Rows[0].Verdict, "it came last, and is shown")
	require.Len(t, v.Areas, maxAreas)
	require.Len(t, v.Requirements, maxUnknown)
	require.Contains(t, v.Facts, fact{"Left out here", fmt.Sprintf("%d results, which report.json has", 2*maxRows)})
}

// TestSeedsAreOneRow groups what came to the same under each seed.
func TestSeedsAreOneRow(t *testing.T) {
	r := &report.Report{Seeds: []uint64{1, 2, 3, 4, 5}}
	for _, seed := range r.Seeds {
		r.Results = append(r.Results, report.Result{Case: "LOCK-A-001", Verdict: report.Pass, Seed: seed})
	}
	r.Results[4].Verdict, r.Results[4].Message = report.Fail, "odd"
	v, err := newView(r, "")
	require.NoError(t, err)
	require.Len(t, v.Rows, 2)
	require.Equal(t, []string{"LOCK-A-001", "5"}, []string{v.Rows[0].ID, v.Rows[0].Seeds()})
	require.Equal(t, []string{"LOCK-A-001.2", "1 to 4"}, []string{v.Rows[1].ID, v.Rows[1].Seeds()})
}

func TestMarkdown(t *testing.T) {
	r := run(t, false, "SELECT", "CHAIN")
	b, err := Markdown(r, "does not conform")
	require.NoError(t, err)
	m := string(b)
	require.Contains(t, m, "**does not conform**")
	require.Regexp(t, `\| FAIL \| \d+ \|`, m)
	require.Regexp(t, `### FAIL LOCK\\-SELECT\\-\d+\\?:`, m)
	require.Regexp(t, `\n> PST\\-APDU\\-\d+.*A lock MUST`, m)
	require.Contains(t, m, "\n    postern run --target 'exec:./my lock'")
	require.Less(t, len(m), 64<<10)
}

// TestPaletteIsThatOfTheEdition keeps the two pages in the same colours.
func TestPaletteIsThatOfTheEdition(t *testing.T) {
	other, err := os.ReadFile("../../spec/edition/style.css")
	require.NoError(t, err)
	colours := func(css string) []string {
		css, _, _ = strings.Cut(css, "* {")
		return regexp.MustCompile(`--[a-z0-9]+: #[0-9a-f]+`).FindAllString(css, -1)
	}
	require.Len(t, colours(style), 30)
	require.Equal(t, colours(string(other)), colours(style))
}
