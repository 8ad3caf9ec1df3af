package examples_test

import (
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/spec"
)

var (
	headingLine = regexp.MustCompile(`(?m)^(##+) (.+)$`)
	numbered    = regexp.MustCompile(`^[0-9]+(?:\.[0-9]+)+`)
	link        = regexp.MustCompile(`\]\(([^)#]*)(#[^)]*)?\)`)
	namedPlace  = regexp.MustCompile(`sections? ([0-9]+(?:\.[0-9]+)+)`)
	foreign     = regexp.MustCompile(`RFC [0-9]+, sections? [0-9.]+`)
)

// TestLinksAndSectionsExist follows what the pages name.
func TestLinksAndSectionsExist(t *testing.T) {
	chapters, err := spec.Documents()
	require.NoError(t, err)
	pages, err := spec.Examples()
	require.NoError(t, err)
	require.Len(t, pages, len(examples)+1)
	require.Equal(t, "examples/README.md", pages[0].Name)
	anchors := map[string]map[string]bool{}
	known := map[string]bool{}
	for _, d := range append(chapters, pages...) {
		anchors[d.Name] = map[string]bool{"": true}
		for _, m := range headingLine.FindAllStringSubmatch(d.Text, -1) {
			anchors[d.Name]["#"+slug(m[2])] = true
			known[numbered.FindString(m[2])] = true
		}
	}
	for _, p := range pages {
		for _, m := range link.FindAllStringSubmatch(p.Text, -1) {
			target := path.Join("examples", m[1])
			require.Contains(t, anchors, target, "%s: %s", p.Name, m[0])
			require.True(t, anchors[target][m[2]], "%s: %s", p.Name, m[0])
		}
		for _, m := range namedPlace.FindAllStringSubmatch(foreign.ReplaceAllString(p.Text, ""), -1) {
			require.True(t, known[m[1]], "%s names section %s", p.Name, m[1])
		}
	}
}

// slug is the anchor that a heading gets.
func slug(heading string) string {
	kept := regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(heading), "")
	return strings.ReplaceAll(kept, " ", "-")
}

// TestHeadingsOfAPageDiffer, so that each has an anchor of its own.
func TestHeadingsOfAPageDiffer(t *testing.T) {
	pages, err := spec.Examples()
	require.NoError(t, err)
	for _, p := range pages {
		seen := map[string]bool{}
		for _, m := range headingLine.FindAllStringSubmatch(p.Text, -1) {
			require.False(t, seen[slug(m[2])], "%s: %s", p.Name, m[2])
			seen[slug(m[2])] = true
		}
	}
}
