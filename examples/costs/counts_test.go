package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The golden file is what its counts print as: nothing in it is left unread.
func TestGoldenFileComesBackTheSame(t *testing.T) {
	g, err := readGolden(golden)
	require.NoError(t, err)
	require.Len(t, g.counts, len(kinds))
	var again bytes.Buffer
	require.NoError(t, writeGolden(&again, g))
	require.Equal(t, golden, again.String())
}

func TestSpoiltGoldenFileIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(string) string{
		"empty":           func(string) string { return "" },
		"no version":      func(s string) string { return strings.TrimPrefix(s, goldenComment) },
		"other column":    func(s string) string { return strings.Replace(s, "p256_dh", "p256", 1) },
		"column too many": func(s string) string { return strings.ReplaceAll(s, "kind,", "kind,x,") },
		"cell missing":    func(s string) string { return s[:strings.LastIndex(s, ",")] + "\n" },
		"not a number":    func(s string) string { return strings.Replace(s, "owner,2,", "owner,two,", 1) },
	} {
		t.Run(name, func(t *testing.T) {
			spoilt := spoil(golden)
			require.NotEqual(t, golden, spoilt)
			_, err := readGolden(spoilt)
			require.ErrorIs(t, err, errGolden)
		})
	}
}

func TestEveryCountHasOneCell(t *testing.T) {
	var c counts
	seen := map[string]bool{}
	for i, cell := range c.all() {
		require.False(t, seen[cell.name], cell.name)
		seen[cell.name] = true
		*cell.value = i + 1
	}
	require.Equal(t, counts{1, 2, 3, 4, 5, 6, 12, 13, 14, 15, 16, 17, 7, 8, 9, 10, 11}, c)
}
