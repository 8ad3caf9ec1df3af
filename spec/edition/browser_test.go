package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/internal/browsertest"
)

// shots is where the pictures go that people look at.
var shots = flag.String("shots", "", "write pictures of the page to this `folder`")

// settled waits until the page has been drawn again.
const settled = `new Promise((done) => setTimeout(() => requestAnimationFrame(() => done(0)), 60))`

// TestPageInABrowser looks at the page as people do: on wide and on narrow
// screens, light and dark.
func TestPageInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a browser some seconds")
	}
	file := filepath.Join(t.TempDir(), "edition.html")
	require.NoError(t, write(file))
	b := browsertest.Start(t)
	for _, width := range []int{1400, 390} {
		for _, scheme := range []string{"light", "dark"} {
			t.Run(fmt.Sprintf("%d %s", width, scheme), func(t *testing.T) {
				b.T = t
				b.Open(file, width, scheme)
				nothingStandsOut(b, width)
				contentsAreInReach(b, width)
				searchFinds(b)
				look(b, width, scheme)
				require.Empty(t, b.Complaints)
			})
		}
	}
	t.Run("printed", func(t *testing.T) {
		b.T = t
		b.Open(file, 720, "light") // what A4 leaves between its margins
		b.Call("Emulation.setEmulatedMedia", map[string]any{"media": "print"}, nil)
		var out []string
		b.Eval(`[...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > 720).map((e) => e.outerHTML.slice(0, 100))`, &out)
		require.Empty(t, out, "cut off at the edge of the paper")
		var shown int
		b.Eval(`[...document.querySelectorAll("header, nav, #results, .mark")].filter((e) => e.getClientRects().length > 0).length`, &shown)
		require.Zero(t, shown)
		for name, place := range map[string]string{"top": "#top", "lock": `[id="section-7.2"]`, "example": `[id="examples/delegated"]`} {
			b.Eval(fmt.Sprintf(`document.querySelector(%q).scrollIntoView()`, place), nil)
			b.Eval(settled, nil)
			picture(b, "print-"+name)
		}
	})
	b.T = t
}

// nothingStandsOut requires that the page is as wide as the window, and that what
// is wider has a box in which it scrolls.
func nothingStandsOut(b *browsertest.Browser, width int) {
	b.T.Helper()
	var wide int
	b.Eval(`document.documentElement.scrollWidth`, &wide)
	require.Equal(b.T, width, wide)
	var out []string
	b.Eval(fmt.Sprintf(`[...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > %d && !e.closest(".scroll, pre")).map((e) => e.outerHTML.slice(0, 100))`, width), &out)
	require.Empty(b.T, out)
	b.Eval(`[...document.querySelectorAll("svg")].flatMap((svg) => {
		const boxes = [...svg.querySelectorAll("text")].map((e) => ({ e, r: e.getBBox() })), view = svg.viewBox.baseVal;
		return boxes.filter(({ e, r }, i) => r.x < 0 || r.x + r.width > view.width || r.y + r.height > view.height ||
			boxes.slice(0, i).some(({ r: o }) => r.x < o.x + o.width && o.x < r.x + r.width && r.y + 2 < o.y + o.height && o.y + 2 < r.y + r.height)).map(({ e }) => e.textContent);
	})`, &out)
	require.Empty(b.T, out, "texts of diagrams that stand over others or over the edge")
	var letters float64 // of the smallest text of a diagram, in pixels
	b.Eval(`Math.min(...[...document.querySelectorAll("svg")].map((s) => 13 * s.getBoundingClientRect().width / s.viewBox.baseVal.width))`, &letters)
	require.Greater(b.T, letters, 9.5)
}

// contentsAreInReach requires the contents beside the text or behind the button.
func contentsAreInReach(b *browsertest.Browser, width int) {
	b.T.Helper()
	const visible = `getComputedStyle(document.getElementById("contents")).visibility`
	var seen string
	b.Eval(visible, &seen)
	if width > 1000 {
		require.Equal(b.T, "visible", seen)
		return
	}
	require.Equal(b.T, "hidden", seen)
	b.Eval(`document.getElementById("menu").click()`, nil)
	b.Until(visible + ` === "visible"`)
	picture(b, fmt.Sprintf("%d-contents", width))
	b.Eval(`document.querySelector('#contents a[href="#chapter-07"]').click()`, nil)
	b.Until(visible + ` === "hidden"`)
}

// searchFinds types into the search.
func searchFinds(b *browsertest.Browser) {
	b.T.Helper()
	for query, first := range map[string]string{
		"pst-dec-001":            "#PST-DEC-001",
		"PST-DEC":                "#PST-DEC-001",
		"states of transaction":  "#section-7.2",
		"privacy considerations": "#chapter-12", // named in chapter 00 before
		"follow table phone":     "#PST-PHN-004",
	} {
		b.Eval(fmt.Sprintf(`{const q = document.getElementById("query"); q.value = %q; q.dispatchEvent(new Event("input"));}`, query), nil)
		var hits []string
		b.Eval(`[...document.querySelectorAll("#hits a")].map((a) => a.getAttribute("href"))`, &hits)
		require.NotEmpty(b.T, hits, query)
		require.Equal(b.T, first, hits[0], query)
	}
	b.Eval(`document.getElementById("query").value = "nowhere to be found"; document.getElementById("query").dispatchEvent(new Event("input"))`, nil)
	var said string
	b.Eval(`document.getElementById("found").textContent`, &said)
	require.Equal(b.T, "Nothing found.", said)

	b.Eval(`document.getElementById("query").value = "pst-phn-020"; document.getElementById("query").dispatchEvent(new Event("input")); document.querySelector("#hits a").click()`, nil)
	b.Until(`location.hash === "#PST-PHN-020"`)
	b.Until(`document.getElementById("results").hidden`)
	b.Until(`((top) => top > 0 && top < 900)(document.getElementById("PST-PHN-020").getBoundingClientRect().top)`)
}

// look takes pictures, where they are wanted.
func look(b *browsertest.Browser, width int, scheme string) {
	b.T.Helper()
	if *shots == "" {
		return
	}
	require.NoError(b.T, os.MkdirAll(*shots, 0o755))
	picture(b, fmt.Sprintf("%d-%s-found", width, scheme))
	for name, place := range map[string]string{
		"top": "#top", "opening": `[id="section-0.2"]`, "lock": `[id="section-7.2"] ~ figure`, "locktable": `[id="section-7.2"] ~ figure ~ .scroll`, "phone": `[id="section-8.2"] ~ figure`,
		"live": `[id="section-16.5"]`, "resumed": `#chapter-15`, "limits": `[id="registry/limits"]`, "cddl": `[id="cddl/grant.cddl"]`, "example": `[id="examples/opening"]`, "objects": `[id="section-4.8"]`, "comparison": "#chapter-26", "delegated": `[id="examples/delegated"]`, "requirement": "#PST-RES-008", "requirements": `[id="requirements/08-phone.md"]`,
	} {
		b.Eval(fmt.Sprintf(`document.querySelector(%q).scrollIntoView()`, place), nil)
		b.Eval(settled, nil)
		picture(b, fmt.Sprintf("%d-%s-%s", width, scheme, name))
	}
	b.Eval(`scrollTo(0, 0); document.getElementById("query").value = "time token nonce"; document.getElementById("query").dispatchEvent(new Event("input"))`, nil)
	b.Eval(settled, nil)
	picture(b, fmt.Sprintf("%d-%s-search", width, scheme))
}

// picture writes one picture, where they are wanted.
func picture(b *browsertest.Browser, name string) {
	if *shots != "" {
		b.Shot(filepath.Join(*shots, name+".png"))
	}
}
