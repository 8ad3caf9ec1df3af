package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/spec"
)

// page returns the page, without the text of script and style.
func page(t *testing.T) string {
	t.Helper()
	b, err := Page()
	require.NoError(t, err)
	return regexp.MustCompile(`(?s)(<(script|style)>).*?(</(script|style)>)`).ReplaceAllString(string(b), "$1$3")
}

// elements calls f with each element of a page, and returns an error where the
// page is not balanced.
func elements(page string, f func(xml.StartElement)) error {
	d := xml.NewDecoder(strings.NewReader(page))
	d.AutoClose = []string{"meta"} // and no other: void elements are closed
	d.Entity = xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := token.(xml.StartElement); ok {
			f(e)
		}
	}
}

func TestPageIsBalanced(t *testing.T) {
	whole := page(t)
	require.NoError(t, elements(whole, func(xml.StartElement) {}))
	for _, end := range []string{"</table>", "</li>", "</section>", "</svg>", "</h2>", "</a>"} {
		at := strings.LastIndex(whole, end)
		require.Positive(t, at)
		require.Error(t, elements(whole[:at]+whole[at+len(end):], func(xml.StartElement) {}), "without one %s", end)
	}
}

// TestEveryLinkHasATarget also requires that no id is given twice, and that the
// page takes nothing from elsewhere.
func TestEveryLinkHasATarget(t *testing.T) {
	ids, links := map[string]bool{}, map[string]bool{}
	require.NoError(t, elements(page(t), func(e xml.StartElement) {
		for _, a := range e.Attr {
			switch a.Name.Local {
			case "id":
				require.False(t, ids[a.Value], "two of %s", a.Value)
				ids[a.Value] = true
			case "href":
				require.Equal(t, "a", e.Name.Local)
				links[a.Value] = true
			case "src", "srcset", "data", "action", "poster", "background":
				t.Errorf("%s takes %s", e.Name.Local, a.Value)
			}
		}
		require.NotContains(t, []string{"link", "img", "iframe", "object", "embed", "base", "form"}, e.Name.Local)
	}))
	require.Greater(t, len(links), 500)
	for link := range links {
		fragment, ours := strings.CutPrefix(link, "#")
		require.True(t, ours || strings.HasPrefix(link, "https://"), link)
		if ours {
			id, err := url.PathUnescape(fragment)
			require.NoError(t, err)
			require.True(t, ids[id], "%s leads nowhere", link)
		}
	}
}

func TestScriptAndStyleTakeNothingFromElsewhere(t *testing.T) {
	for _, s := range []string{style, script} {
		require.NotRegexp(t, `url\(|@import|https?:|fetch\(|XMLHttpRequest|import\(|innerHTML|eval\(|</`, s)
	}
}

func TestEveryRequirementIsATargetAndATooltip(t *testing.T) {
	all, err := spec.Requirements()
	require.NoError(t, err)
	titles := map[string]string{}
	require.NoError(t, elements(page(t), func(e xml.StartElement) {
		at := map[string]string{}
		for _, a := range e.Attr {
			at[a.Name.Local] = a.Value
		}
		if at["class"] == "id" {
			require.Equal(t, "#"+at["id"], at["href"])
			titles[at["id"]] = at["title"]
		}
	}))
	require.Len(t, titles, len(all))
	for _, r := range all {
		require.True(t, strings.HasPrefix(titles[r.ID], r.Keyword+" "), r.ID)
		for _, told := range append(r.Roles, string(r.Profile), r.Testability, r.Reason) {
			require.Contains(t, titles[r.ID], told)
		}
	}
}

func TestEveryPartOfTheStandardIsInThePage(t *testing.T) {
	whole := page(t)
	documents, err := spec.Documents()
	require.NoError(t, err)
	for _, d := range documents {
		require.Contains(t, whole, `<h1 id="chapter-`+d.Name[:2]+`">`)
	}
	examples, err := spec.Examples()
	require.NoError(t, err)
	for _, d := range examples {
		require.Contains(t, whole, `<h1 id="`+strings.TrimSuffix(d.Name, ".md")+`">`)
	}
	definitions, err := spec.Definitions()
	require.NoError(t, err)
	for _, d := range definitions {
		require.Contains(t, whole, `<h2 id="`+d.Name+`">`)
	}
	registries, err := spec.Registries()
	require.NoError(t, err)
	for _, name := range registries {
		rows, err := spec.Registry(name)
		require.NoError(t, err)
		for _, r := range rows {
			require.Contains(t, whole, `<tr id="registry/`+name+`/`+r.Name+`">`)
		}
	}
}

func TestExamplesStandInTheOrderOfTheirIndex(t *testing.T) {
	var examples []*document
	for name, text := range map[string]string{
		"a.md": "# A", "b.md": "# B", "c.md": "# C", "README.md": "# Examples\n\n[first](c.md), [second](a.md)\n",
	} {
		examples = append(examples, parse(spec.Document{Name: "examples/" + name, Text: text}))
	}
	inOrder(examples)
	var names []string
	for _, d := range examples {
		names = append(names, d.headings[0].Title)
	}
	require.Equal(t, []string{"Examples", "C", "A", "B"}, names)
}

func TestPageIsTheSameEachTime(t *testing.T) {
	first, err := Page()
	require.NoError(t, err)
	second, err := Page()
	require.NoError(t, err)
	require.True(t, bytes.Equal(first, second))
}

// small is a standard of two chapters.
func small(t *testing.T, one, two string) *text {
	t.Helper()
	s := &text{
		requirements: map[string]spec.Requirement{"PST-DEC-001": {ID: "PST-DEC-001", Keyword: "MUST", Document: "01-one.md", Roles: []string{"lock"},
			Profile: "always", Testability: "wire", Reason: "it is seen", Revision: 1}},
		targets: map[string]bool{"registry/limits": true, "registry/limits/version": true, "cddl/grant.cddl": true},
		chapters: []*document{
			parse(spec.Document{Name: "01-one.md", Text: "# 01 One\n\n## 1.1 First\n\n" + one}),
			parse(spec.Document{Name: "02-two.md", Text: "# 02 Two\n\n## 2.1 Other thing\n\n" + two}),
		},
	}
	for _, d := range s.chapters {
		for _, h := range d.headings {
			s.targets[h.ID] = true
		}
	}
	return s
}

func TestWhatTheTextNamesBecomesALink(t *testing.T) {
	for text, want := range map[string]string{
		"See section 2.1.":                    `See <a href="#section-2.1">section 2.1</a>.`,
		"Sections 1.1 and 2.1, or so":         `Sections <a href="#section-1.1">1.1</a> and <a href="#section-2.1">2.1</a>, or so`,
		"by section\n2.1 and RFC 9528":        `<a href="#section-2.1">section` + "\n" + `2.1</a> and RFC 9528`,
		"RFC 9528, section 6.1 says":          `RFC 9528, section 6.1 says`,
		"in chapter 02":                       `in <a href="#chapter-02">chapter 02</a>`,
		"[chapter 02](02-two.md)":             `<a href="#chapter-02">chapter 02</a>`,
		"[Section 2.1](02-two.md)":            `<a href="#section-2.1">Section 2.1</a>`,
		"[there](02-two.md#21-other-thing)":   `<a href="#section-2.1">there</a>`,
		"[above](#11-first)":                  `<a href="#section-1.1">above</a>`,
		"[numbers](registry/limits.csv)":      `<a href="#registry/limits">numbers</a>`,
		"[types](cddl/grant.cddl)":            `<a href="#cddl/grant.cddl">types</a>`,
		"[away](https://example.org/)":        `<a href="https://example.org/">away</a>`,
		"`limits/version` (1)":                `<a href="#registry/limits/version"><code>limits/version</code></a> (1)`,
		"the registry `limits`":               `the registry <a href="#registry/limits"><code>limits</code></a>`,
		"`cddl/grant.cddl`":                   `<a href="#cddl/grant.cddl"><code>cddl/grant.cddl</code></a>`,
		"`registry/name` and `section 2.1`":   `<code>registry/name</code> and <code>section 2.1</code>`,
		"A lock MUST open [PST-DEC-001].":     `A lock <strong>MUST</strong> open <a class="id" id="PST-DEC-001" href="#PST-DEC-001" title="MUST · binds lock · for always · testable: wire, it is seen · revision 1">PST-DEC-001</a>.`,
		"> \"MUST\" and section 2.1, quoted.": `"MUST" and section 2.1, quoted.`,
	} {
		s := small(t, text, "")
		parts, err := s.render(s.chapters)
		require.NoError(t, err, text)
		require.Contains(t, strings.ReplaceAll(string(parts[0].Body), "&quot;", `"`), want)
	}
}

// absent is an id that no requirement has; it stands here in two halves, because
// whoever names one in a file has to name one that holds.
const absent = "PST-" + "NONE-001"

func TestWhatDoesNotExistIsAnError(t *testing.T) {
	for text, complaint := range map[string]string{
		"See section 2.2.":               "no section-2.2",
		"sections 2.1 and 3.1":           "no section-3.1",
		"chapter 03":                     "no chapter-03",
		"[three](03-three.md)":           "03-three.md leads nowhere",
		"[two](02-two.md#none)":          "02-two.md#none leads nowhere",
		"[numbers](registry/none.csv)":   "leads nowhere",
		"[plain](http://example.org)":    "leads nowhere",
		"`limits/none`":                  "no registry/limits/none",
		"the registry `none`":            "no registry/none",
		"`cddl/none.cddl`":               "no cddl/none.cddl",
		"`examples/none.md`":             "no examples/none",
		"It MUST open [" + absent + "].": absent + " is no requirement",
		"![picture](https://a.b/c.png)":  "picture",
	} {
		s := small(t, text, "")
		_, err := s.render(s.chapters)
		require.ErrorContains(t, err, complaint, text)
	}
	s := small(t, "", "A lock MUST open [PST-DEC-001].")
	_, err := s.render(s.chapters)
	require.ErrorContains(t, err, "02-two.md: PST-DEC-001 is no requirement of this chapter")
}
