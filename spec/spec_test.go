package spec

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVersionIsThatOfTheRegistry(t *testing.T) {
	rows, err := Registry("limits")
	require.NoError(t, err)
	require.Equal(t, "version", rows[0].Name)
	require.EqualValues(t, Version, rows[0].Value)
}

func TestDocumentsAreTheNumberedChapters(t *testing.T) {
	documents, err := Documents()
	require.NoError(t, err)
	require.NotEmpty(t, documents)
	for i, d := range documents {
		require.Regexp(t, `^[0-9]{2}-[a-z]+(-[a-z]+)*\.md$`, d.Name)
		require.Equal(t, d.Name[:2], d.Title()[:2], d.Name)
		require.Equal(t, i, int(d.Name[0]-'0')*10+int(d.Name[1]-'0'), "a number is missing before %s", d.Name)
	}
}

func TestTitleOfTextWithoutHeadingIsEmpty(t *testing.T) {
	require.Empty(t, Document{Text: "text\n## second level\n"}.Title())
}

func TestEveryRegistryParses(t *testing.T) {
	names, err := Registries()
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		rows, err := Registry(name)
		require.NoError(t, err)
		require.NotEmpty(t, rows, name)
		for _, r := range rows {
			require.NotEmpty(t, r.Name, name)
			require.NotEmpty(t, r.Reference, "%s/%s", name, r.Name)
			require.NotEmpty(t, r.Description, "%s/%s", name, r.Name)
		}
	}
}

func TestRegistryNamesAreUnique(t *testing.T) {
	names, err := Registries()
	require.NoError(t, err)
	for _, name := range names {
		rows, err := Registry(name)
		require.NoError(t, err)
		seen := map[string]bool{}
		for _, r := range rows {
			require.False(t, seen[r.Name], "%s/%s", name, r.Name)
			seen[r.Name] = true
		}
	}
}

func TestRegistryThatDoesNotExist(t *testing.T) {
	for _, name := range []string{"", "none", "limits.csv", "../limits", "../registry/limits"} {
		_, err := Registry(name)
		require.ErrorIs(t, err, ErrNotFound, "%q", name)
	}
}

func TestParseRegistryRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"empty":        "",
		"other header": "value,name,status,description,reference\n1,a,active,b,c\n",
		"short row":    columns + "\n1,a,active,b\n",
		"no number":    columns + "\nx,a,active,b,c\n",
		"status":       columns + "\n1,a,done,b,c\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseRegistry(text)
			require.Error(t, err)
		})
	}
}

func TestParseRegistryReadsValuesOfEveryBase(t *testing.T) {
	rows, err := parseRegistry(columns + "\n0x6982,refused,active,here,\"text, with comma\"\n-19,minus,reserved,here,text\n")
	require.NoError(t, err)
	require.Equal(t, []Row{
		{0x6982, "0x6982", "refused", "active", "here", "text, with comma"},
		{-19, "-19", "minus", "reserved", "here", "text"},
	}, rows)
	require.True(t, rows[0].Active())
	require.False(t, rows[1].Active())
}
