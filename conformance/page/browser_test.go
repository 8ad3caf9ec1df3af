package page

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/internal/browsertest"
)

// shots is where the pictures go that people look at.
var shots = flag.String("shots", "", "write pictures of the page to this `folder`")

// policyViolation is what the browser says of a script that the policy keeps out.
var policyViolation = regexp.MustCompile(`Content Security Policy`)

// settled waits until the page has been drawn again.
const settled = `new Promise((done) => setTimeout(() => requestAnimationFrame(() => done(0)), 80))`

// TestPageInABrowser looks at the report on a broken lock as people do: on wide and
// on narrow screens, light and dark.
func TestPageInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a browser some seconds")
	}
	r := run(t, true, "SELECT", "CHAIN", "FETCH")
	file := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, os.WriteFile(file, []byte(htmlOf(t, r)), 0o600))
	b := browsertest.Start(t)
	for _, width := range []int{1280, 360} {
		for _, scheme := range []string{"light", "dark"} {
			t.Run(fmt.Sprintf("%d %s", width, scheme), func(t *testing.T) {
				b.T = t
				b.Open(file, width, scheme)
				nothingStandsOut(b, width)
				nothingRuns(b)
				if width == 1280 != (scheme == "dark") { // what the script does is the same
					filtersWork(b, r)
					failuresAreTold(b, r)
					passesAreUnpacked(b, r)
					keysWork(b)
				}
				look(b, width, scheme)
				require.Empty(t, b.Complaints)
			})
		}
	}
	b.T = t
}

// nothingStandsOut opens everything and requires that the page is as wide as the
// window, and that what is wider has a box in which it scrolls.
func nothingStandsOut(b *browsertest.Browser, width int) {
	b.T.Helper()
	b.Eval(`for (const e of document.querySelectorAll("details")) if (e.querySelector("svg, .bytes, .links")) e.open = true`, nil)
	b.Eval(settled, nil)
	var wide int
	b.Eval(`document.documentElement.scrollWidth`, &wide)
	require.Equal(b.T, width, wide)
	var out []string
	b.Eval(fmt.Sprintf(`[...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > %d && !e.closest(".scroll")).map((e) => e.outerHTML.slice(0, 120))`, width), &out)
	require.Empty(b.T, out)
	b.Eval(`[...document.querySelectorAll("svg")].flatMap((svg) => {
		const boxes = [...svg.querySelectorAll("text")].map((e) => ({ e, r: e.getBBox() })), view = svg.viewBox.baseVal;
		return boxes.filter(({ e, r }, i) => r.x < 0 || r.x + r.width > view.width || r.y + r.height > view.height ||
			boxes.slice(0, i).some(({ r: o }) => r.x < o.x + o.width && o.x < r.x + r.width && r.y + 3 < o.y + o.height && o.y + 3 < r.y + r.height)).map(({ e }) => e.textContent);
	})`, &out)
	require.Empty(b.T, out, "texts of diagrams that stand over others or over the edge")
	b.Eval(`for (const e of document.querySelectorAll(".case")) e.open = false`, nil)
}

// nothingRuns requires that the product's name did nothing.
func nothingRuns(b *browsertest.Browser) {
	b.T.Helper()
	var title string
	b.Eval(`document.title`, &title)
	require.Contains(b.T, title, "<script>document.title")
	var policy int // of scripts that a page could be made to run
	b.Eval(`new Promise((done) => { const s = document.createElement("script"); s.textContent = "window.taken = 1"; document.body.append(s); done(window.taken || 0); })`, &policy)
	require.Zero(b.T, policy)
	b.Complaints = slices.DeleteFunc(b.Complaints, func(s string) bool { return policyViolation.MatchString(s) })
}

// filtersWork applies filters by the address and by the form.
func filtersWork(b *browsertest.Browser, r *report.Report) {
	b.T.Helper()
	count := func(ok func(x report.Result) bool) (n int) {
		for _, x := range r.Results {
			if x.Verdict != report.Skip && ok(x) {
				n++
			}
		}
		return n
	}
	const shown = `document.querySelectorAll(".case:not([hidden])").length`
	for hash, ok := range map[string]func(x report.Result) bool{
		"v=FAIL":              func(x report.Result) bool { return x.Verdict == report.Fail },
		"v=FAIL,WARN":         func(x report.Result) bool { return x.Verdict == report.Fail || x.Verdict == report.Warn },
		"a=LOCK-CHAIN":        func(x report.Result) bool { return x.Area() == "LOCK-CHAIN" },
		"v=PASS&a=LOCK-CHAIN": func(x report.Result) bool { return x.Verdict == report.Pass && x.Area() == "LOCK-CHAIN" },
		"p=positive":          func(x report.Result) bool { return x.Polarity == "positive" },
		"r=PST-APDU-013": func(x report.Result) bool {
			return slices.ContainsFunc(x.Requirements, func(s string) bool { return strings.HasPrefix(s, "PST-APDU-013") })
		},
		"q=no+such%20word": func(report.Result) bool { return false },
		"q=lock-chain-001": func(x report.Result) bool { return x.Case == "LOCK-CHAIN-001" },
	} {
		want := count(ok)
		b.Eval(fmt.Sprintf(`location.hash = %q`, "#"+hash), nil)
		b.Until(fmt.Sprintf(`location.hash.length > 1 && %s === %d`, shown, want))
		if hash[0] != 'q' {
			require.Positive(b.T, want, hash)
		}
	}
	b.Eval(`document.getElementById("all").click()`, nil)
	b.Until(fmt.Sprintf(`%s === %d`, shown, count(func(report.Result) bool { return true })))
	b.Eval(`{ const e = document.querySelector("[name=v][value=FAIL]"); e.click(); }`, nil)
	b.Until(fmt.Sprintf(`location.hash === "#v=FAIL" && %s === %d`, shown, r.Counts()[report.Fail]))
	var said string
	b.Eval(`document.getElementById("shown").textContent`, &said)
	require.Equal(b.T, fmt.Sprintf("%d of %d cases", r.Counts()[report.Fail], count(func(report.Result) bool { return true })), said)
	b.Eval(`document.getElementById("all").click()`, nil)
}

// failuresAreTold goes to every failing case by its address.
func failuresAreTold(b *browsertest.Browser, r *report.Report) {
	b.T.Helper()
	for _, x := range r.Results {
		if x.Verdict != report.Fail {
			continue
		}
		b.Eval(fmt.Sprintf(`location.hash = %q`, "#"+x.Case), nil)
		b.Until(fmt.Sprintf(`document.getElementById(%q).open`, x.Case))
		var told struct {
			Sentence, Message, Repeat string
			Lines, Bytes, Drawn       int
		}
		b.Eval(fmt.Sprintf(`((row) => ({
			Sentence: row.querySelector("blockquote").innerText, Message: row.querySelector(".message").innerText, Repeat: row.querySelector(".repeat code").innerText,
			Lines: [...row.querySelectorAll(".bytes tr")].filter((e) => e.checkVisibility()).length,
			Bytes: [...row.querySelectorAll(".step[open] > .bytes")].filter((e) => e.checkVisibility()).map((e) => [...e.rows].map((r) => r.cells[1].innerText).join(" ").split(/\s+/).length).reduce((a, n) => a + n, 0),
			Drawn: row.querySelectorAll("svg path.out").length,
		}))(document.getElementById(%q))`, x.Case), &told)
		require.Contains(b.T, told.Sentence, x.Requirements[0])
		require.Contains(b.T, told.Sentence, "MUST")
		require.NotEmpty(b.T, told.Message)
		require.Equal(b.T, x.Repeat, told.Repeat)
		require.Positive(b.T, told.Drawn)
		last := lastOf(x.Exchanges)
		require.GreaterOrEqual(b.T, told.Bytes, len(last.Command)+len(last.Response), "every byte of the last exchange is told in %s", x.Case)
		require.GreaterOrEqual(b.T, told.Lines, 1)
	}
}

// lastOf is the last exchange over the link.
func lastOf(all []report.Exchange) report.Exchange {
	for _, e := range slices.Backward(all) {
		if e.Control == "" {
			return e
		}
	}
	return report.Exchange{}
}

// passesAreUnpacked opens a case that passed.
func passesAreUnpacked(b *browsertest.Browser, r *report.Report) {
	b.T.Helper()
	i := slices.IndexFunc(r.Results, func(x report.Result) bool { return x.Verdict == report.Pass && len(x.Exchanges) > 0 })
	id := r.Results[i].Case
	b.Eval(fmt.Sprintf(`location.hash = %q`, "#"+id), nil)
	b.Until(fmt.Sprintf(`document.querySelector("#%s .bytes") !== null && document.querySelector("#%s svg") !== null`, id, id))
}

// keysWork goes to the search and from case to case.
func keysWork(b *browsertest.Browser) {
	b.T.Helper()
	press := func(key string) {
		for _, kind := range []string{"keyDown", "keyUp"} {
			b.Call("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": key}, nil)
		}
	}
	b.Eval(`document.activeElement.blur()`, nil)
	press("/")
	b.Until(`document.activeElement.name === "q"`)
	b.Eval(`document.querySelector(".case > summary").focus()`, nil)
	press("ArrowDown")
	b.Until(`document.activeElement.parentElement === document.querySelectorAll(".case")[1]`)
	press("ArrowUp")
	b.Until(`document.activeElement.parentElement === document.querySelectorAll(".case")[0]`)
}

// look takes pictures, where they are wanted.
func look(b *browsertest.Browser, width int, scheme string) {
	b.T.Helper()
	if *shots == "" {
		return
	}
	require.NoError(b.T, os.MkdirAll(*shots, 0o755))
	b.Eval(`for (const e of document.querySelectorAll(".case")) e.open = false`, nil)
	picture := func(name, place string) {
		b.Eval(fmt.Sprintf(`document.querySelector(%q).scrollIntoView()`, place), nil)
		b.Eval(settled, nil)
		b.Shot(filepath.Join(*shots, fmt.Sprintf("%d-%s-%s.png", width, scheme, name)))
	}
	picture("top", "#top")
	picture("areas", "#areas")
	picture("requirements", "#requirements")
	picture("cases", "#cases")
	b.Eval(`document.querySelector(".case").open = true`, nil)
	picture("case", ".case .body")
	picture("drawing", ".case .drawing")
	picture("stage", ".case .stage[open]")
	picture("bytes", ".case .step[open]")
}

// TestWholeRunOpensQuickly opens the page of a run of many cases.
func TestWholeRunOpensQuickly(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a browser some seconds")
	}
	r := run(t, false, "SELECT", "CHAIN", "FETCH")
	passed := r.Results
	for i := range 2100 {
		x := passed[i%len(passed)]
		x.Case, x.Verdict, x.Exchanges = fmt.Sprintf("LOCK-MADE-%04d", i), report.Pass, nil
		r.Results = append(r.Results, x)
	}
	p := htmlOf(t, r)
	file := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, os.WriteFile(file, []byte(p), 0o600))
	b := browsertest.Start(t)
	began := time.Now()
	b.Open(file, 1280, "light")
	b.Until(`document.getElementById("shown").textContent !== ""`)
	t.Logf("%d bytes open in %v", len(p), time.Since(began))
	require.Less(t, time.Since(began), 15*time.Second)
	require.Empty(t, b.Complaints)
}
