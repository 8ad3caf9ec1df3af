package spec

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// text returns all chapters by name.
func text(t *testing.T) map[string]string {
	t.Helper()
	documents, err := Documents()
	require.NoError(t, err)
	chapters := map[string]string{}
	for _, d := range documents {
		chapters[d.Name] = d.Text
	}
	return chapters
}

// sections returns the numbers of all headings below the title.
func sections(chapters map[string]string) map[string]string {
	heading := regexp.MustCompile(`(?m)^##+ ([0-9]+(?:\.[0-9]+)+) `)
	found := map[string]string{}
	for name, content := range chapters {
		for _, m := range heading.FindAllStringSubmatch(content, -1) {
			found[m[1]] = name
		}
	}
	return found
}

func TestEveryLinkLeadsToAChapter(t *testing.T) {
	link := regexp.MustCompile(`\[([^\]]+)\]\(([^)]+)\)`)
	chapters := text(t)
	known := sections(chapters)
	for name, content := range chapters {
		for _, m := range link.FindAllStringSubmatch(content, -1) {
			label, target := m[1], m[2]
			require.Contains(t, chapters, target, "%s: %s", name, m[0])
			number := label[strings.LastIndex(label, " ")+1:]
			if strings.Contains(number, ".") {
				require.Equal(t, target, known[number], "%s: %s", name, m[0])
			} else {
				require.Equal(t, target[:2], number, "%s: %s", name, m[0])
			}
		}
	}
}

func TestEverySectionNamedExists(t *testing.T) {
	foreign := regexp.MustCompile(`RFC [0-9]+, sections? [0-9.]+`)
	named := regexp.MustCompile(`(?i)sections? ((?:[0-9]+(?:\.[0-9]+)+(?:, | and | or | to )?)+)`)
	number := regexp.MustCompile(`[0-9]+(?:\.[0-9]+)+`)
	chapters := text(t)
	known := sections(chapters)
	for name, content := range chapters {
		for _, m := range named.FindAllStringSubmatch(foreign.ReplaceAllString(content, ""), -1) {
			for _, n := range number.FindAllString(m[1], -1) {
				require.Contains(t, known, n, "%s names section %s", name, n)
			}
		}
	}
}

func TestSectionNumbersBelongToTheirChapter(t *testing.T) {
	heading := regexp.MustCompile(`(?m)^##+ ([0-9]+)\.`)
	for name, content := range text(t) {
		for _, m := range heading.FindAllStringSubmatch(content, -1) {
			require.Equal(t, name[:2], fmt.Sprintf("%02s", m[1]), name)
		}
	}
}

func TestEveryCDDLFileIsNamedInAChapter(t *testing.T) {
	definitions, err := Definitions()
	require.NoError(t, err)
	require.NotEmpty(t, definitions)
	whole := &strings.Builder{}
	for _, content := range text(t) {
		whole.WriteString(content)
	}
	for _, d := range definitions {
		require.Contains(t, whole.String(), "`"+d.Name+"`")
	}
	for _, m := range regexp.MustCompile("`(cddl/[^`*]+\\.cddl)`").FindAllStringSubmatch(whole.String(), -1) {
		_, err := files.ReadFile(m[1])
		require.NoError(t, err)
	}
}

func TestEveryRegistryIsNamedInTheChapterOfRegistries(t *testing.T) {
	names, err := Registries()
	require.NoError(t, err)
	chapter := text(t)["13-registries.md"]
	for _, name := range names {
		require.Contains(t, chapter, "| `"+name+"` |")
	}
}

func TestEveryReferenceOfARegistryIsAChapterOrAStandard(t *testing.T) {
	chapters := text(t)
	names, err := Registries()
	require.NoError(t, err)
	for _, name := range names {
		rows, err := Registry(name)
		require.NoError(t, err)
		for _, r := range rows {
			number, ours := strings.CutPrefix(r.Reference, "chapter ")
			if !ours {
				require.Regexp(t, `^(RFC [0-9]+|ISO 7816-4)$`, r.Reference, "%s/%s", name, r.Name)
				continue
			}
			found := false
			for chapter := range chapters {
				matched, err := path.Match(number+"-*.md", chapter)
				require.NoError(t, err)
				found = found || matched
			}
			require.True(t, found, "%s/%s: %s", name, r.Name, r.Reference)
		}
	}
}

// TestOverviewListsEveryChapter holds the table of section 0.3 to the files.
func TestOverviewListsEveryChapter(t *testing.T) {
	documents, err := Documents()
	require.NoError(t, err)
	var want, found []string
	for _, d := range documents[1:] {
		want = append(want, fmt.Sprintf("[%s](%s)", d.Name[:2], d.Name))
	}
	require.Equal(t, "00-overview.md", documents[0].Name)
	for _, m := range regexp.MustCompile(`(?m)^\| (\[[0-9]{2}\]\([^)]+\)) \|`).FindAllStringSubmatch(documents[0].Text, -1) {
		found = append(found, m[1])
	}
	require.Equal(t, want, found)
}
