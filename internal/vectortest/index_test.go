package vectortest

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/spec"
	"github.com/postern-lock/postern/spec/vectors"
)

// folder holds the vectors, seen from here.
const folder = "../../spec/vectors"

// plain is a file of vectors of any area, without what only the area has.
type plain struct {
	Notes  map[string]vectors.Note
	Groups []struct {
		Comment string
		Tests   []vectors.Test
	}
}

// eachArea calls do with every area.
func eachArea(t *testing.T, do func(t *testing.T, a vectors.Area, data []byte)) {
	areas, err := vectors.Areas()
	require.NoError(t, err)
	require.NotEmpty(t, areas)
	for _, a := range areas {
		t.Run(a.Area, func(t *testing.T) {
			data, err := vectors.Raw(a.Area)
			require.NoError(t, err)
			do(t, a, data)
		})
	}
}

func TestEveryFileIsInTheIndex(t *testing.T) {
	areas, err := vectors.Areas()
	require.NoError(t, err)
	listed := []string{"index.json", "schemas/common.schema.json", "schemas/decision.schema.json", "schemas/index.schema.json"}
	for _, a := range areas {
		listed = append(listed, a.File, a.Schema)
	}
	var found []string
	require.NoError(t, fs.WalkDir(os.DirFS(folder), ".", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".json") {
			found = append(found, path)
		}
		return err
	}))
	require.ElementsMatch(t, listed, found)
}

func TestReadmeHasASectionForEveryArea(t *testing.T) {
	readme, err := os.ReadFile(folder + "/README.md")
	require.NoError(t, err)
	eachArea(t, func(t *testing.T, a vectors.Area, _ []byte) {
		require.Contains(t, string(readme), "\n## Area "+a.Area+"\n")
	})
}

func TestChangedFileIsNoticed(t *testing.T) {
	eachArea(t, func(t *testing.T, a vectors.Area, data []byte) {
		require.NoError(t, a.Verify(data))
		changed := bytes.Clone(data)
		for i := 0; i < len(changed); i += max(1, len(changed)/100) {
			changed[i] ^= 1
			require.ErrorIs(t, a.Verify(changed), vectors.ErrChanged)
			changed[i] ^= 1
		}
		require.ErrorIs(t, a.Verify(data[:len(data)-1]), vectors.ErrChanged)
	})
}

func TestUnknownAreaIsNotFound(t *testing.T) {
	for _, name := range []string{"", "none", "index", "../cbor"} {
		_, err := vectors.Raw(name)
		require.ErrorIs(t, err, vectors.ErrNotFound, "%q", name)
	}
	_, err := vectors.Schema("none")
	require.ErrorIs(t, err, vectors.ErrNotFound)
}

// TestOrderInEveryFile checks numbers, counts, twins, flags and reasons.
func TestOrderInEveryFile(t *testing.T) {
	ids, reasons := requirements(t), reasonNames(t)
	eachArea(t, func(t *testing.T, a vectors.Area, data []byte) {
		file := plainOf(t, data)
		valid := map[int]bool{}
		tests := 0
		for _, g := range file.Groups {
			inGroup := 0
			for _, c := range g.Tests {
				tests++
				require.Equal(t, tests, c.TcID)
				for _, flag := range c.Flags {
					require.Contains(t, file.Notes, flag, "tcId %d", c.TcID)
				}
				if c.Result == vectors.Valid {
					valid[c.TcID] = true
					inGroup++
					continue
				}
				require.Contains(t, reasons, c.Reason, "tcId %d", c.TcID)
				require.True(t, c.Twin == 0 || valid[c.Twin], "tcId %d: its twin is no valid test before it", c.TcID)
			}
			require.NotZero(t, inGroup, "group %q has no valid test", g.Comment)
		}
		for flag, note := range file.Notes {
			for _, id := range note.Requirements {
				require.Contains(t, ids, id, "note %s", flag)
			}
		}
		require.Equal(t, []int{a.Tests, a.Valid, a.Invalid}, []int{tests, len(valid), tests - len(valid)})
	})
}

func TestSixOfTenVectorsAreInvalid(t *testing.T) {
	areas, err := vectors.Areas()
	require.NoError(t, err)
	tests, invalid := 0, 0
	for _, a := range areas {
		tests += a.Tests
		invalid += a.Invalid
	}
	t.Logf("%d vectors, %d of them invalid", tests, invalid)
	require.GreaterOrEqual(t, 10*invalid, 6*tests)
}

// plainOf reads a file with what all areas share.
func plainOf(t *testing.T, data []byte) plain {
	t.Helper()
	var file plain
	require.NoError(t, json.Unmarshal(data, &file))
	return file
}

// requirements returns the ids of the standard's requirements.
func requirements(t *testing.T) map[string]bool {
	all, err := spec.Requirements()
	require.NoError(t, err)
	ids := map[string]bool{}
	for _, r := range all {
		ids[r.ID] = true
	}
	return ids
}

// reasonNames returns what a reason can be.
func reasonNames(t *testing.T) map[string]bool {
	names := map[string]bool{}
	for _, registry := range []string{"reasons", "status-words"} {
		rows, err := spec.Registry(registry)
		require.NoError(t, err)
		for _, r := range rows {
			if r.Active() && r.Name != "none" && r.Name != "ok" {
				names[r.Name] = true
			}
		}
	}
	return names
}
