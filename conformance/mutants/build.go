package mutants

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Root returns the folder of the module that the working directory is in: the
// mutants are edits of its sources.
func Root(ctx context.Context) (string, error) {
	list := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Path}} {{.Dir}}")
	list.Env = append(os.Environ(), "GOWORK=off") // else it lists the modules of examples too
	out, err := list.Output()
	path, dir, ok := strings.Cut(strings.TrimSpace(string(out)), " ")
	if err != nil || !ok || path != "github.com/postern-lock/postern" {
		return "", errors.New("mutants: they are made from the sources: call it in the repository of Postern, with Go installed")
	}
	return dir, nil
}

// Build builds the child that is any of the mutants, in the folder dir, and
// returns its path.  The error names each mutant that does not fit the sources,
// or does not compile.
func Build(ctx context.Context, root, dir string, table []Mutant) (string, error) {
	seen := map[string]bool{}
	for _, m := range table {
		if !form.MatchString(m.ID) || seen[m.ID] {
			return "", fmt.Errorf("mutant %q: its id is given twice, or has other characters than a to z, 0 to 9 and hyphens", m.ID)
		}
		seen[m.ID] = true
	}
	file, err := overlay(root, dir, table)
	if err != nil {
		return "", err
	}
	child := filepath.Join(dir, "child")
	build := exec.CommandContext(ctx, "go", "build", "-overlay", file, "-o", child, "./conformance/mutants/child")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	if err == nil {
		return child, nil
	}
	var bad []string
	for _, found := range named.FindAllStringSubmatch(string(out), -1) {
		bad = append(bad, found[1])
	}
	slices.Sort(bad)
	return "", fmt.Errorf("mutants that do not compile: %s\n%s%w", strings.Join(slices.Compact(bad), ", "), out, err)
}

var (
	form  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	named = regexp.MustCompile(mark + `([a-z0-9-]+):`)
)
