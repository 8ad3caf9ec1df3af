package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
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
	b := startBrowser(t)
	for _, width := range []int{1400, 390} {
		for _, scheme := range []string{"light", "dark"} {
			t.Run(fmt.Sprintf("%d %s", width, scheme), func(t *testing.T) {
				b.t = t
				b.open(file, width, scheme)
				nothingStandsOut(b, width)
				contentsAreInReach(b, width)
				searchFinds(b)
				b.look(width, scheme)
				require.Empty(t, b.complaints)
			})
		}
	}
	t.Run("printed", func(t *testing.T) {
		b.t = t
		b.open(file, 720, "light") // what A4 leaves between its margins
		b.call("Emulation.setEmulatedMedia", map[string]any{"media": "print"}, nil)
		var out []string
		b.eval(`[...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > 720).map((e) => e.outerHTML.slice(0, 100))`, &out)
		require.Empty(t, out, "cut off at the edge of the paper")
		var shown int
		b.eval(`[...document.querySelectorAll("header, nav, #results, .mark")].filter((e) => e.getClientRects().length > 0).length`, &shown)
		require.Zero(t, shown)
		for name, place := range map[string]string{"top": "#top", "lock": `[id="section-7.2"]`, "example": `[id="examples/delegated"]`} {
			b.eval(fmt.Sprintf(`document.querySelector(%q).scrollIntoView()`, place), nil)
			b.eval(settled, nil)
			b.picture("print-" + name)
		}
	})
	b.t = t
}

// nothingStandsOut requires that the page is as wide as the window, and that what
// is wider has a box in which it scrolls.
func nothingStandsOut(b *browser, width int) {
	b.t.Helper()
	var wide int
	b.eval(`document.documentElement.scrollWidth`, &wide)
	require.Equal(b.t, width, wide)
	var out []string
	b.eval(fmt.Sprintf(`[...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > %d && !e.closest(".scroll, pre")).map((e) => e.outerHTML.slice(0, 100))`, width), &out)
	require.Empty(b.t, out)
	b.eval(`[...document.querySelectorAll("svg")].flatMap((svg) => {
		const boxes = [...svg.querySelectorAll("text")].map((e) => ({ e, r: e.getBBox() })), view = svg.viewBox.baseVal;
		return boxes.filter(({ e, r }, i) => r.x < 0 || r.x + r.width > view.width || r.y + r.height > view.height ||
			boxes.slice(0, i).some(({ r: o }) => r.x < o.x + o.width && o.x < r.x + r.width && r.y + 2 < o.y + o.height && o.y + 2 < r.y + r.height)).map(({ e }) => e.textContent);
	})`, &out)
	require.Empty(b.t, out, "texts of diagrams that stand over others or over the edge")
	var letters float64 // of the smallest text of a diagram, in pixels
	b.eval(`Math.min(...[...document.querySelectorAll("svg")].map((s) => 13 * s.getBoundingClientRect().width / s.viewBox.baseVal.width))`, &letters)
	require.Greater(b.t, letters, 9.5)
}

// contentsAreInReach requires the contents beside the text or behind the button.
func contentsAreInReach(b *browser, width int) {
	b.t.Helper()
	const visible = `getComputedStyle(document.getElementById("contents")).visibility`
	var seen string
	b.eval(visible, &seen)
	if width > 1000 {
		require.Equal(b.t, "visible", seen)
		return
	}
	require.Equal(b.t, "hidden", seen)
	b.eval(`document.getElementById("menu").click()`, nil)
	b.until(visible + ` === "visible"`)
	b.picture(fmt.Sprintf("%d-contents", width))
	b.eval(`document.querySelector('#contents a[href="#chapter-07"]').click()`, nil)
	b.until(visible + ` === "hidden"`)
}

// until waits until the expression is true, which a loaded machine may take its
// time for.
func (b *browser) until(expression string) {
	b.t.Helper()
	var held bool
	b.eval(fmt.Sprintf(`new Promise((done) => {
		const end = performance.now() + 10000;
		const look = () => (%s) ? done(true) : performance.now() > end ? done(false) : setTimeout(look, 20);
		look();
	})`, expression), &held)
	require.True(b.t, held, expression)
}

// searchFinds types into the search.
func searchFinds(b *browser) {
	b.t.Helper()
	for query, first := range map[string]string{
		"pst-dec-001":            "#PST-DEC-001",
		"PST-DEC":                "#PST-DEC-001",
		"states of transaction":  "#section-7.2",
		"privacy considerations": "#chapter-12", // named in chapter 00 before
		"follow table phone":     "#PST-PHN-004",
	} {
		b.eval(fmt.Sprintf(`{const q = document.getElementById("query"); q.value = %q; q.dispatchEvent(new Event("input"));}`, query), nil)
		var hits []string
		b.eval(`[...document.querySelectorAll("#hits a")].map((a) => a.getAttribute("href"))`, &hits)
		require.NotEmpty(b.t, hits, query)
		require.Equal(b.t, first, hits[0], query)
	}
	b.eval(`document.getElementById("query").value = "nowhere to be found"; document.getElementById("query").dispatchEvent(new Event("input"))`, nil)
	var said string
	b.eval(`document.getElementById("found").textContent`, &said)
	require.Equal(b.t, "Nothing found.", said)

	b.eval(`document.getElementById("query").value = "pst-phn-020"; document.getElementById("query").dispatchEvent(new Event("input")); document.querySelector("#hits a").click()`, nil)
	b.until(`location.hash === "#PST-PHN-020"`)
	b.until(`document.getElementById("results").hidden`)
	b.until(`((top) => top > 0 && top < 900)(document.getElementById("PST-PHN-020").getBoundingClientRect().top)`)
}

// look takes pictures, where they are wanted.
func (b *browser) look(width int, scheme string) {
	b.t.Helper()
	if *shots == "" {
		return
	}
	require.NoError(b.t, os.MkdirAll(*shots, 0o755))
	b.picture(fmt.Sprintf("%d-%s-found", width, scheme))
	for name, place := range map[string]string{
		"top": "#top", "opening": `[id="section-0.2"]`, "lock": `[id="section-7.2"] ~ figure`, "locktable": `[id="section-7.2"] ~ figure ~ .scroll`, "phone": `[id="section-8.2"] ~ figure`,
		"live": `[id="section-16.5"]`, "resumed": `#chapter-15`, "limits": `[id="registry/limits"]`, "cddl": `[id="cddl/grant.cddl"]`, "example": `[id="examples/opening"]`, "objects": `[id="section-4.8"]`, "comparison": "#chapter-26", "delegated": `[id="examples/delegated"]`, "requirement": "#PST-RES-008", "requirements": `[id="requirements/08-phone.md"]`,
	} {
		b.eval(fmt.Sprintf(`document.querySelector(%q).scrollIntoView()`, place), nil)
		b.eval(settled, nil)
		b.picture(fmt.Sprintf("%d-%s-%s", width, scheme, name))
	}
	b.eval(`scrollTo(0, 0); document.getElementById("query").value = "time token nonce"; document.getElementById("query").dispatchEvent(new Event("input"))`, nil)
	b.eval(settled, nil)
	b.picture(fmt.Sprintf("%d-%s-search", width, scheme))
}

// picture writes one picture, where they are wanted.
func (b *browser) picture(name string) {
	if *shots != "" {
		b.shot(filepath.Join(*shots, name+".png"))
	}
}
