package house

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// block is a fenced block of a Markdown page.
type block struct {
	language, text string
	line           int // of the fence, counted from 1
}

// blocks returns the fenced blocks of a page in their order.
func blocks(page string) []block {
	var out []block
	open, number := false, 0
	for line := range strings.Lines(page) {
		number++
		language, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && !open:
			out = append(out, block{language: strings.TrimSpace(language), line: number})
			open = true
		case fence:
			open = false
		case open:
			out[len(out)-1].text += line
		}
	}
	return out
}

// TestReadmeCode puts each Go block of README.md, a package, into a module
// that depends on this one, as a user would, and runs testdata/readme there: a
// program that lets the packages meet at one lock.
func TestReadmeCode(t *testing.T) {
	needGo(t)
	clause := regexp.MustCompile(`(?m)^package (\w+)$`)
	folder, packages := t.TempDir(), 0
	userModule(t, folder)
	for _, b := range blocks(string(read(t, "README.md"))) {
		if b.language != "go" {
			continue
		}
		match := clause.FindStringSubmatch(b.text)
		require.NotNil(t, match, "README.md:%d: a Go block is a package", b.line)
		require.Empty(t, CheckGo(fmt.Sprintf("README.md:%d", b.line), []byte(b.text), false))
		require.NoError(t, os.Mkdir(filepath.Join(folder, match[1]), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(folder, match[1], match[1]+".go"), []byte(b.text), 0o644))
		packages++
	}
	require.Equal(t, 4, packages, "one each for lock makers, app developers, owners' apps and operators")
	require.NoError(t, os.WriteFile(filepath.Join(folder, "main.go"), read(t, "internal/house/testdata/readme/main.go"), 0o644))
	output(t, userGo(folder, "vet", "./..."))
	require.Regexp(t, `^opened, with \d+ pairs and \d+ bytes\nrefused, target: .+\nopened\nconfigure commissioned you \ndeliver started staff \nopen started guest Anna\nbolt driven: 2\n$`, string(output(t, userGo(folder, "run", "."))))
}

// userModule makes a module that depends on this one.
func userModule(t *testing.T, folder string) {
	here, err := filepath.Abs(root)
	require.NoError(t, err)
	const module = "github.com/postern-lock/postern"
	mod := bytes.Replace(read(t, "go.mod"), []byte("module "+module), []byte("module example.com/user"), 1)
	mod = fmt.Appendf(mod, "\nrequire %s v0.0.0\n\nreplace %s => %s\n", module, module, here)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "go.mod"), mod, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "go.sum"), read(t, "go.sum"), 0o644))
}

// userGo returns a go command in the user's module.
func userGo(folder string, args ...string) *exec.Cmd {
	c := exec.Command("go", args...)
	c.Dir = folder
	c.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	return c
}

// TestPagesLinkToFiles follows the links of the project's pages to files of
// the repository.
func TestPagesLinkToFiles(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)
	code := regexp.MustCompile("(?s)\n```.*?\n```\n")
	for _, page := range []string{"README.md", ".github/CONTRIBUTING.md", ".github/SECURITY.md", ".github/CHANGELOG.md"} {
		for _, m := range link.FindAllSubmatch(code.ReplaceAll(read(t, page), nil), -1) {
			target := string(m[1])
			if strings.Contains(target, "://") {
				continue
			}
			_, err := os.Stat(filepath.Join(root, filepath.Dir(page), target))
			require.NoError(t, err, "%s links to %s", page, target)
		}
	}
}

// TestReadmeNamesThePublicPackages keeps the README's table complete.  The parts
// of the conformance suite stand in its own pages.
func TestReadmeNamesThePublicPackages(t *testing.T) {
	page := string(read(t, "README.md"))
	for _, name := range rules(t).Order.Packages() {
		if !within(name, "internal") && name != "examples" && !strings.HasPrefix(name, "conformance/") {
			require.Contains(t, page, "| [`"+name+"`]("+name+")")
		}
	}
}

// TestReadmeNamesEveryDependency holds the README's tables to the go.mod files, both
// ways: what the root's module needs with all that is beneath it, and what the
// modules of examples require of their own.
func TestReadmeNamesEveryDependency(t *testing.T) {
	_, table, found := strings.Cut(string(read(t, "README.md")), "\n## Dependencies\n")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n## ")
	var modules, named []string
	for _, m := range required.FindAllStringSubmatch(string(read(t, "go.mod")), -1) {
		modules = append(modules, m[1])
	}
	modules = append(modules, examplesRequire(t, modules)...)
	for line := range strings.Lines(table) {
		if cells := strings.Split(line, "|"); len(cells) > 2 && !strings.Contains(cells[2], "not in `go.mod`") {
			for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[1], -1) {
				named = append(named, m[1])
			}
		}
	}
	require.ElementsMatch(t, modules, named)
}

// required finds the modules that a go.mod file requires.
var required = regexp.MustCompile(`(?m)^(?:\t|require )(\S+) v[0-9]\S*( // indirect)?$`)

// examplesRequire returns the modules that those of examples require directly or as
// a tool, but for this one and those that are known.
func examplesRequire(t *testing.T, known []string) []string {
	var modules []string
	require.NoError(t, filepath.WalkDir(filepath.Join(root, "examples"), func(file string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Base(file) != "go.mod" {
			return err
		}
		content, err := os.ReadFile(file)
		for _, m := range required.FindAllStringSubmatch(string(content), -1) {
			direct := m[2] == "" || strings.Contains(string(content), "\ntool "+m[1]+"/")
			if direct && !strings.HasPrefix(m[1], "github.com/postern-lock/") && !slices.Contains(known, m[1]) {
				modules = append(modules, m[1])
			}
		}
		return err
	}))
	slices.Sort(modules)
	return slices.Compact(modules)
}

func TestBlocks(t *testing.T) {
	require.Equal(t, []block{{"go", "a\n\nb\n", 2}, {"", "c\n", 7}}, blocks("x\n```go\na\n\nb\n```\n```\nc\n```\ny\n"))
}

// read returns a file of the repository.
func read(t *testing.T, name string) []byte {
	content, err := os.ReadFile(filepath.Join(root, name))
	require.NoError(t, err)
	return content
}
