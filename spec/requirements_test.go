package spec

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryRequirementHasOneUniqueID(t *testing.T) {
	requirements, err := Requirements()
	require.NoError(t, err)
	require.NotEmpty(t, requirements)
	t.Logf("%d requirements", len(requirements))
}

func TestParseRequirementsReads(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want Requirement
	}{
		"list item":    {"* A lock MUST open [PST-A-001]\n", Requirement{"PST-A-001", "MUST", "x.md", "A lock MUST open"}},
		"two lines":    {"* A lock MUST NOT\n  open [PST-A-001]\n* else\n", Requirement{"PST-A-001", "MUST NOT", "x.md", "A lock MUST NOT open"}},
		"paragraph":    {"Some text. A phone SHOULD wait [PST-A-002]. More.\n", Requirement{"PST-A-002", "SHOULD", "x.md", "A phone SHOULD wait"}},
		"numbered":     {"12. A phone MAY wait [PST-A-003]\n", Requirement{"PST-A-003", "MAY", "x.md", "A phone MAY wait"}},
		"table cell":   {"| a | A lock MUST open [PST-A-004] |\n", Requirement{"PST-A-004", "MUST", "x.md", "A lock MUST open"}},
		"section mark": {"* A lock MUST act by section 4.2 [PST-A-005]\n", Requirement{"PST-A-005", "MUST", "x.md", "A lock MUST act by section 4.2"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseRequirements(Document{Name: "x.md", Text: c.text})
			require.NoError(t, err)
			require.Equal(t, []Requirement{c.want}, got)
		})
	}
}

func TestParseRequirementsRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"no id":                      "A lock MUST open.\n",
		"no id in a list":            "* A lock MUST open [PST-A-001]\n* A lock MUST shut\n",
		"no id in a table":           "| step | A lock MUST open |\n",
		"no id in a heading":         "## Locks MUST open\n",
		"two ids":                    "A lock MUST open [PST-A-001] [PST-A-002].\n",
		"two key words":              "A lock MUST open and SHOULD shut [PST-A-001].\n",
		"id not last":                "A lock MUST [PST-A-001] open.\n",
		"id without key word":        "A lock opens [PST-A-001].\n",
		"id in the next sentence":    "A lock MUST open. It may shut [PST-A-001].\n",
		"key word after a full stop": "A lock MUST open [PST-A-001]. It MUST shut.\n",
		"malformed id":               "A lock MUST open [PST-A-1].\n",
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
