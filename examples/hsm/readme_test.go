package hsm_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The runbook names the tests that play it, all of them and no other.
func TestRunbookNamesItsTests(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	var named, played []string
	for _, m := range regexp.MustCompile("`(Test\\w+)`").FindAllSubmatch(readme, -1) {
		named = append(named, string(m[1]))
	}
	files, err := filepath.Glob("runbook_*_test.go")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		source, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllSubmatch(source, -1) {
			played = append(played, string(m[1]))
		}
	}
	slices.Sort(named)
	slices.Sort(played)
	require.Equal(t, played, named)
}
