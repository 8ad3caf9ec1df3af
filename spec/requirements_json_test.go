package spec_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/spec"
)

//go:generate go test -run ^TestRequirementsFile$ -update .

var update = flag.Bool("update", false, "write requirements.json")

const requirementsPath = "requirements.json"

// TestRequirementsFile holds the generated file to the text and the registry of
// requirements.
func TestRequirementsFile(t *testing.T) {
	requirements, err := spec.Requirements()
	require.NoError(t, err)
	made := requirementsFile(t, requirements)
	if *update {
		require.NoError(t, os.WriteFile(requirementsPath, made, 0o644))
		return
	}
	kept, err := os.ReadFile(requirementsPath)
	require.NoError(t, err)
	require.Equal(t, string(kept), string(made), "run go generate ./spec")
}

// requirementsFile returns the requirements as the file has them.
func requirementsFile(t *testing.T, requirements []spec.Requirement) []byte {
	t.Helper()
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	require.NoError(t, e.Encode(requirements))
	return out.Bytes()
}

// A change of anything that the file says of a requirement changes the file.
func TestRequirementsFileShowsEveryChange(t *testing.T) {
	base := spec.Requirement{ID: "PST-A-001", Keyword: "MUST", Text: "A lock MUST open", Rows: []string{"wide"}, Roles: []string{"lock"}, Document: "x.md",
		Section: "1.1", Profile: "always", Testability: "wire", Reason: "it is seen", Revision: 1}
	kept := requirementsFile(t, []spec.Requirement{base})
	for name, change := range map[string]func(*spec.Requirement){
		"id":          func(r *spec.Requirement) { r.ID = "PST-A-002" },
		"keyword":     func(r *spec.Requirement) { r.Keyword = "MAY" },
		"sentence":    func(r *spec.Requirement) { r.Text += " so" },
		"rows":        func(r *spec.Requirement) { r.Rows = nil },
		"roles":       func(r *spec.Requirement) { r.Roles = []string{"phone"} },
		"document":    func(r *spec.Requirement) { r.Document = "y.md" },
		"section":     func(r *spec.Requirement) { r.Section = "1.2" },
		"profile":     func(r *spec.Requirement) { r.Profile = "binding(r)" },
		"testability": func(r *spec.Requirement) { r.Testability = "none" },
		"reason":      func(r *spec.Requirement) { r.Reason = "it is felt" },
		"revision":    func(r *spec.Requirement) { r.Revision = 2 },
	} {
		changed := base
		change(&changed)
		require.NotEqual(t, kept, requirementsFile(t, []spec.Requirement{changed}), name)
	}
	require.NotEqual(t, kept, requirementsFile(t, nil))
}
