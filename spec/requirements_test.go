package spec

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The standard has at least so many requirements, and at the most so many that
// a reader can keep them in view.
const leastRequirements, mostRequirements = 150, 300

func TestRequirementsKeepTheRules(t *testing.T) {
	requirements, err := Requirements()
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(requirements), leastRequirements)
	require.LessOrEqual(t, len(requirements), mostRequirements)
}

// sentence returns a requirement as the text gives it.
func sentence(id, keyword, text string, rows ...string) Requirement {
	return Requirement{ID: id, Keyword: keyword, Text: text, Rows: rows, Document: "x.md", Section: "x.md"}
}

func TestParseRequirementsReads(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want Requirement
	}{
		"list item":    {"* A lock MUST open [PST-A-001].\n", sentence("PST-A-001", "MUST", "A lock MUST open")},
		"two lines":    {"* A lock MUST NOT\n  open [PST-A-001].\n* else\n", sentence("PST-A-001", "MUST NOT", "A lock MUST NOT open")},
		"paragraph":    {"Some text. A phone SHOULD wait [PST-A-002]. More.\n", sentence("PST-A-002", "SHOULD", "A phone SHOULD wait")},
		"numbered":     {"12. A phone MAY wait [PST-A-003].\n", sentence("PST-A-003", "MAY", "A phone MAY wait")},
		"table cell":   {"| a | A lock MUST open [PST-A-004] |\n", sentence("PST-A-004", "MUST", "A lock MUST open")},
		"section mark": {"* A lock MUST act by section 4.2 [PST-A-005].\n", sentence("PST-A-005", "MUST", "A lock MUST act by section 4.2")},
		"items as rows": {"A lock MUST open so [PST-A-006]:\n\n1. by\n   hand\n2. twice\n",
			sentence("PST-A-006", "MUST", "A lock MUST open so", "by hand", "twice")},
		"table as rows": {"A lock MUST open so [PST-A-007]:\n\n| when | how |\n|---|---|\n| dawn | wide |\n\n* else\n\ntext\n",
			sentence("PST-A-007", "MUST", "A lock MUST open so", "dawn | wide", "else")},
		"code as a row": {"A lock MUST count so [PST-A-008]:\n\n```\na = 1\nb = 2\n```\n",
			sentence("PST-A-008", "MUST", "A lock MUST count so", "a = 1\nb = 2")},
		"rows end at a heading": {"A lock MUST open so [PST-A-009]:\n\n* one\n\n## Other\n\n* two\n",
			sentence("PST-A-009", "MUST", "A lock MUST open so", "one")},
		"no rows without a colon": {"A lock MUST open [PST-A-010].\n\n* one\n", sentence("PST-A-010", "MUST", "A lock MUST open")},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseRequirements(Document{Name: "x.md", Text: c.text})
			require.NoError(t, err)
			require.Equal(t, []Requirement{c.want}, got)
		})
	}
}

func TestRowsEndAtTheNextRequirement(t *testing.T) {
	got, err := parseRequirements(Document{Name: "x.md", Text: "A MUST b [PST-A-001]:\n\n* one\n\n* C MUST d [PST-A-002].\n* two\n"})
	require.NoError(t, err)
	require.Equal(t, []Requirement{sentence("PST-A-001", "MUST", "A MUST b", "one"), sentence("PST-A-002", "MUST", "C MUST d")}, got)
}

func TestSectionIsThatOfTheHeadingAbove(t *testing.T) {
	got, err := parseRequirements(Document{Name: "x.md", Text: "# 04 Title\n\n## 4.1 One\n\n### 4.1.2 Two\n\nA lock MUST open [PST-A-001].\n"})
	require.NoError(t, err)
	require.Equal(t, "4.1.2", got[0].Section)
}

func TestParseRequirementsRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"no id":                      "A lock MUST open.\n",
		"no id in a list":            "* A lock MUST open [PST-A-001].\n* A lock MUST shut.\n",
		"no id in a table":           "| step | A lock MUST open |\n",
		"no id in a row":             "A lock MUST open so [PST-A-001]:\n\n* it MUST be wide\n",
		"no id in a heading":         "## Locks MUST open\n",
		"two ids":                    "A lock MUST open [PST-A-001] [PST-A-002].\n",
		"two key words":              "A lock MUST open and SHOULD shut [PST-A-001].\n",
		"id not last":                "A lock MUST [PST-A-001] open.\n",
		"text after the colon":       "A lock MUST do this [PST-A-001]: open.\n",
		"id without key word":        "A lock opens [PST-A-001].\n",
		"id in the next sentence":    "A lock MUST open. It may shut [PST-A-001].\n",
		"key word after a full stop": "A lock MUST open [PST-A-001]. It MUST shut.\n",
		"malformed id":               "A lock MUST open [PST-A-1].\n",
		"other number on a row":      "A lock MUST open so [PST-A-001]:\n\n| a |\n|---|\n| b |\n\n1. c\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseRequirements(Document{Name: "x.md", Text: text})
			require.Error(t, err)
		})
	}
}

func TestParseRequirementsPassesOver(t *testing.T) {
	for name, text := range map[string]string{
		"code":      "```\nA lock MUST open.\n```\n",
		"quotation": "> A lock MUST open.\n",
		"lower":     "A lock must open.\n",
		"part word": "MUSTARD and MAYBE.\n",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseRequirements(Document{Name: "x.md", Text: text})
			require.NoError(t, err)
			require.Empty(t, got)
		})
	}
}

func TestKeyWordAfterCodeIsSeen(t *testing.T) {
	_, err := parseRequirements(Document{Name: "x.md", Text: "```\ncode\n```\nA lock MUST open.\n"})
	require.Error(t, err)
}

func TestIDsAreUniqueOverAllChapters(t *testing.T) {
	_, err := readRequirements([]Document{{"a.md", "A lock MUST open [PST-A-001].\n"}, {"b.md", "A lock MUST shut [PST-A-001].\n"}})
	require.EqualError(t, err, "spec: b.md: PST-A-001 was given in a.md")
}

// words are those that the made-up registries below may use.
var words = vocabulary{
	roles:       []string{"lock", "phone"},
	testability: []string{"wire", "none"},
	terms:       []string{"capability(clock)", "binding(r)"},
}

// lint reads a made-up chapter and a made-up registry.
func lint(t *testing.T, text, table string) ([]Requirement, error) {
	t.Helper()
	requirements, err := readRequirements([]Document{{"x.md", text}})
	require.NoError(t, err)
	entries, err := parseEntries(entryColumns + "\n" + table)
	require.NoError(t, err)
	return requirements, join(requirements, entries, words)
}

const (
	twoRules = "A lock MUST open [PST-A-001].\n\nA phone MAY wait so [PST-A-002]:\n\n* long\n"
	row1     = "PST-A-001,active,,lock,always,wire,it is seen,1,5f99319b7dd54c4e\n"
	row2     = "PST-A-002,active,,lock phone,not capability(clock) and binding(r),none,it is allowed,3,4b849a883a038bf5\n"
)

func TestRegistryOfRequirementsIsRead(t *testing.T) {
	got, err := lint(t, twoRules, row1+row2+"PST-A-003,retired,PST-A-001 PST-A-002,,,,,,\nPST-A-004,retired,none,,,,,,\n")
	require.NoError(t, err)
	require.Equal(t, []Requirement{
		{ID: "PST-A-001", Keyword: "MUST", Text: "A lock MUST open", Document: "x.md", Section: "x.md",
			Roles: []string{"lock"}, Profile: "always", Testability: "wire", Reason: "it is seen", Revision: 1},
		{ID: "PST-A-002", Keyword: "MAY", Text: "A phone MAY wait so", Rows: []string{"long"}, Document: "x.md", Section: "x.md",
			Roles: []string{"lock", "phone"}, Profile: "not capability(clock) and binding(r)", Testability: "none", Reason: "it is allowed", Revision: 3},
	}, got)
}

// Each case breaks one rule, by the text or by the registry, and names what the
// error has to say.
func TestLintRefuses(t *testing.T) {
	for name, c := range map[string]struct{ text, table, say string }{
		"not in the table":      {twoRules, row1, "PST-A-002 is not in the table"},
		"not in the text":       {"A lock MUST open [PST-A-001].\n", row1 + row2, "PST-A-002 is not in the text"},
		"retired and used":      {twoRules, row1 + "PST-A-002,retired,PST-A-001,,,,,,\n", "PST-A-002 was retired"},
		"retired without heir":  {twoRules, row1 + row2 + "PST-A-003,retired,,,,,,,\n", "retired without an heir"},
		"heir unknown":          {twoRules, row1 + row2 + "PST-A-003,retired,PST-A-004,,,,,,\n", "its heir PST-A-004"},
		"two rows":              {twoRules, row1 + row2 + row2, "PST-A-002 has two rows"},
		"status":                {twoRules, row1 + strings.Replace(row2, "active", "open", 1), `status "open"`},
		"changed sentence":      {strings.Replace(twoRules, "MUST open", "MUST shut", 1), row1 + row2, "PST-A-001: its sentence or its rows changed: give it revision 2"},
		"changed row":           {strings.Replace(twoRules, "long", "short", 1), row1 + row2, "PST-A-002: its sentence or its rows changed: give it revision 4"},
		"added row":             {twoRules + "* calm\n", row1 + row2, "PST-A-002: its sentence or its rows changed"},
		"active with an heir":   {twoRules, strings.Replace(row1, "active,", "active,PST-A-002", 1) + row2, "has no heir"},
		"no role":               {twoRules, strings.Replace(row1, ",lock,", ",,", 1) + row2, "PST-A-001: no role"},
		"unknown role":          {twoRules, strings.Replace(row1, ",lock,", ",door,", 1) + row2, `role "door"`},
		"no profile":            {twoRules, strings.Replace(row1, "always", "", 1) + row2, `unknown term ""`},
		"unknown term":          {twoRules, row1 + strings.Replace(row2, "clock", "wings", 1), `unknown term "capability(wings)"`},
		"always and more":       {twoRules, strings.Replace(row1, "always", "always and binding(r)", 1) + row2, `unknown term "always"`},
		"no testability":        {twoRules, strings.Replace(row1, "wire", "", 1) + row2, `testability ""`},
		"unknown testability":   {twoRules, strings.Replace(row1, "wire", "wireless", 1) + row2, `testability "wireless"`},
		"no reason":             {twoRules, strings.Replace(row1, "it is seen", "", 1) + row2, "no reason"},
		"no revision":           {twoRules, strings.Replace(row1, "seen,1", "seen,", 1) + row2, `revision ""`},
		"revision below 1":      {twoRules, strings.Replace(row1, "seen,1", "seen,0", 1) + row2, `revision "0"`},
		"no digest":             {twoRules, strings.Replace(row1, "5f99319b7dd54c4e", "", 1) + row2, "and digest 5f99319b7dd54c4e"},
		"row of no requirement": {twoRules, row1 + row2 + ",active,,lock,always,wire,x,1,x\n", " is not in the text"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := lint(t, c.text, c.table)
			require.ErrorContains(t, err, c.say)
			require.NotContains(t, err.Error(), "\n", "one fault, one error")
		})
	}
}

func TestParseEntriesRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"empty":        "",
		"other header": strings.Replace(entryColumns, "heir", "heiress", 1) + "\n" + row1,
		"short row":    entryColumns + "\nPST-A-001,active\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseEntries(text)
			require.Error(t, err)
		})
	}
}

func TestReWrappingASentenceIsNoChange(t *testing.T) {
	_, err := lint(t, strings.NewReplacer("MUST ", "MUST\n", "* long", "*   long").Replace(twoRules), row1+row2)
	require.NoError(t, err)
}

func TestProfileApplies(t *testing.T) {
	has := func(term string) bool { return term == "binding(r)" }
	require.True(t, Profile("always").Applies(has))
	require.True(t, Profile("binding(r)").Applies(has))
	require.True(t, Profile("not capability(clock)").Applies(has))
	require.True(t, Profile("not capability(clock) and binding(r)").Applies(has))
	require.False(t, Profile("not binding(r)").Applies(has))
	require.False(t, Profile("capability(clock)").Applies(has))
	require.False(t, Profile("binding(r) and capability(clock)").Applies(has))
}

// The words of the registry are those that section 1.1 explains.
func TestVocabularyIsThatOfTheChapterOfConventions(t *testing.T) {
	documents, err := Documents()
	require.NoError(t, err)
	capabilities, err := Registry("capabilities")
	require.NoError(t, err)
	v := vocabularyOf(documents, capabilities)
	require.Equal(t, []string{"lock", "phone", "owner", "issuer", "manufacturer", "certifier", "standard"}, v.roles)
	require.Equal(t, []string{"wire", "control", "review", "none"}, v.testability)
	require.Subset(t, v.terms, []string{"binding(l)", "binding(r)", "option(button)", "capability(resumption)"})
	require.NotContains(t, v.terms, "binding")
}
