package spec

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// table returns a registry by name and by value.
func table(t *testing.T, registry string) (byName map[string]Row, byValue map[int64]Row) {
	t.Helper()
	rows, err := Registry(registry)
	require.NoError(t, err)
	byName, byValue = map[string]Row{}, map[int64]Row{}
	for _, r := range rows {
		byName[r.Name], byValue[r.Value] = r, r
	}
	return byName, byValue
}

// The chapters write a number of a registry as `registry/name` (value).
func TestNumbersInTheTextAreThoseOfTheRegistries(t *testing.T) {
	mention := regexp.MustCompile("`([a-z-]+)/([a-z0-9-]+)`(?:\\s+\\((-?[0-9a-fA-Fx]+)\\))?")
	seen := 0
	for name, content := range text(t) {
		for _, m := range mention.FindAllStringSubmatch(content, -1) {
			if m[1] == "registry" {
				continue // the example of the notation
			}
			byName, _ := table(t, m[1])
			row, ok := byName[m[2]]
			require.True(t, ok, "%s: %s", name, m[0])
			require.Equal(t, row.Literal, m[3], "%s: %s", name, m[0])
			seen++
		}
	}
	require.NotZero(t, seen)
}

func TestStatusWordsInTheTextAreThoseOfTheRegistry(t *testing.T) {
	word := regexp.MustCompile(`\b(6[0-9A-F]{3}|9000)\b`)
	other := map[string]bool{"6000": true, "6500": true}
	_, byValue := table(t, "status-words")
	for name, content := range text(t) {
		if strings.HasPrefix(name, "13-") {
			continue // holds ranges of other registries
		}
		for _, m := range word.FindAllString(content, -1) {
			value, err := strconv.ParseInt(m, 16, 64)
			require.NoError(t, err)
			require.True(t, other[m] || byValue[value].Active(), "%s: %s", name, m)
		}
	}
}

func TestEveryStatusWordStandsInTheChapterOfErrors(t *testing.T) {
	rows, err := Registry("status-words")
	require.NoError(t, err)
	chapter := text(t)["09-errors.md"]
	for _, r := range rows {
		code := strings.TrimPrefix(r.Literal, "0x")
		if r.Name == "more-data" {
			code = "61xx"
		}
		require.Contains(t, chapter, "| `"+code+"` | "+r.Name+" |")
	}
}

func TestEveryActiveReasonStandsInTheChapterOfErrors(t *testing.T) {
	rows, err := Registry("reasons")
	require.NoError(t, err)
	chapter := text(t)["09-errors.md"]
	for _, r := range rows {
		row := "\n| `reasons/" + r.Name + "` (" + r.Literal + ") |"
		require.Equal(t, r.Active(), strings.Contains(chapter, row), r.Name)
	}
}

func TestEveryLimitStandsInTheChapterOfLimits(t *testing.T) {
	rows, err := Registry("limits")
	require.NoError(t, err)
	chapter := text(t)["10-limits.md"]
	for _, r := range rows {
		require.Contains(t, chapter, "\n| `limits/"+r.Name+"` ("+r.Literal+") |")
	}
}

// Section 13.3 names the numbers that features to come will use.
func TestRoomsKeptFreeAreInTheRegistries(t *testing.T) {
	_, rooms, found := strings.Cut(text(t)["13-registries.md"], "## 13.3 ")
	require.True(t, found)
	mention := regexp.MustCompile("`([a-z-]+)` ((?:(?:, | and | to )?(?:0x)?[0-9A-F]+)+)")
	number := regexp.MustCompile(`(?:0x)?[0-9A-F]+`)
	named := map[string]bool{}
	for _, m := range mention.FindAllStringSubmatch(rooms, -1) {
		_, byValue := table(t, m[1])
		for _, n := range number.FindAllString(m[2], -1) {
			value, err := strconv.ParseInt(n, 0, 64)
			require.NoError(t, err)
			require.Contains(t, byValue, value, m[0])
			named[m[1]+"/"+byValue[value].Name] = true
		}
	}
	names, err := Registries()
	require.NoError(t, err)
	for _, name := range names {
		rows, err := Registry(name)
		require.NoError(t, err)
		for _, r := range rows {
			if !r.Active() && name != "reasons" {
				require.True(t, named[name+"/"+r.Name], "%s/%s is reserved and has no room", name, r.Name)
			}
		}
	}
}
