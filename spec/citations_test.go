package spec

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// Whoever names a requirement, in code, in a vector or in a page, names one that
// holds.
func TestEveryRequirementThatIsCitedIsActive(t *testing.T) {
	table, err := files.ReadFile("requirements.csv")
	require.NoError(t, err)
	entries, err := parseEntries(string(table))
	require.NoError(t, err)
	faults, seen, err := citations(os.DirFS(".."), entries)
	require.NoError(t, err)
	require.Greater(t, seen, 10)
	require.Empty(t, strings.Join(faults, "\n"))
}

func TestCitationsAreJudged(t *testing.T) {
	entries, err := parseEntries(entryColumns + "\n" + row1 + "PST-A-003,retired,PST-A-001 PST-A-002,,,,,,\n")
	require.NoError(t, err)
	faults, seen, err := citations(fstest.MapFS{
		"good.go":                {Data: []byte("// by PST-A-001\n")},
		"deep/old.json":          {Data: []byte(`{"requirements": ["PST-A-003"]}`)},
		"README.md":              {Data: []byte("see PST-B-001 and PST-A-001")},
		"spec/requirements.csv":  {Data: []byte("PST-A-003,retired")},
		"spec/some_test.go":      {Data: []byte("PST-C-001")},
		".git/ORIG.md":           {Data: []byte("PST-D-001")},
		"picture.png":            {Data: []byte("PST-E-001")},
		"spec/requirements.json": {Data: []byte("PST-F-001")},
	}, entries)
	require.NoError(t, err)
	require.Equal(t, 4, seen)
	require.Equal(t, []string{"README.md: PST-B-001 is no requirement", "deep/old.json: PST-A-003 was retired; now PST-A-001 PST-A-002"}, faults)
}

// citations returns what is wrong with the ids that the files of a module name,
// and how many it looked at.  The made-up ids of this package's tests do not
// count, nor does the registry itself.
func citations(module fs.FS, entries []entry) (faults []string, seen int, err error) {
	byID := map[string]entry{}
	for _, e := range entries {
		byID[e.id] = e
	}
	cited := regexp.MustCompile(`\bPST-[A-Z]+-[0-9]{3}\b`)
	err = fs.WalkDir(module, ".", func(name string, d fs.DirEntry, err error) error {
		own := path.Dir(name) == "spec" && (strings.HasSuffix(name, "_test.go") || strings.HasPrefix(d.Name(), "requirements."))
		switch {
		case err != nil:
			return err
		case d.IsDir() && len(d.Name()) > 1 && d.Name()[0] == '.':
			return fs.SkipDir
		case d.IsDir() || own || !slices.Contains([]string{".go", ".md", ".json", ".csv", ".html"}, path.Ext(name)):
			return nil
		}
		content, err := fs.ReadFile(module, name)
		if err != nil {
			return err
		}
		for _, id := range cited.FindAllString(string(content), -1) {
			seen++
			switch e, ok := byID[id]; {
			case !ok:
				faults = append(faults, fmt.Sprintf("%s: %s is no requirement", name, id))
			case e.status == "retired":
				faults = append(faults, fmt.Sprintf("%s: %s was retired; now %s", name, id, strings.Join(e.heirs, " ")))
			}
		}
		return nil
	})
	slices.Sort(faults)
	return slices.Compact(faults), seen, err
}
