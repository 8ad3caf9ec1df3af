package bindings_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	_ "github.com/postern-lock/postern/examples/mobile"
	_ "github.com/postern-lock/postern/examples/mobile/simulated"
)

// What is bound, and the Java package in which it comes.  Apps bind the first one
// alone.
const (
	bound     = "github.com/postern-lock/postern/examples/mobile"
	simulated = bound + "/simulated"
	javaPkg   = "org.posternlock"
)

var complete = flag.Bool("complete", false, "fail where a tool is missing, in place of skipping")

// work is the folder of all tests.
var work string

func TestMain(m *testing.M) {
	flag.Parse()
	var err error
	if work, err = os.MkdirTemp("", "postern-bindings-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(work)
	os.Exit(code)
}

// run runs a command in a folder and returns what it says.
func run(dir string, env []string, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	c.Dir, c.Env = dir, append(os.Environ(), env...)
	out, err := c.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s: %w:\n%s", name, err, out)
	}
	return string(out), nil
}

// gobind writes the bindings of packages to a folder.
func gobind(dir string, packages ...string) error {
	args := append([]string{"tool", "gobind", "-lang=go,java,objc", "-javapkg=" + javaPkg, "-outdir=" + dir}, packages...)
	out, err := run(".", []string{"GOWORK=off"}, "go", args...)
	if err != nil {
		return err
	}
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "go: downloading ") {
			return fmt.Errorf("gobind says: %s", out)
		}
	}
	return nil
}

// written is the folder with the bindings of both packages: java/ and src/gobind/.
var written = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(work, "written")
	return dir, gobind(dir, bound, simulated)
})

func generated(t testing.TB) string {
	t.Helper()
	dir, err := written()
	require.NoError(t, err)
	return dir
}

// need finds a tool, or skips the test.
func need(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		missing(t, name)
	}
	return path
}

func missing(t testing.TB, what string) {
	t.Helper()
	if *complete {
		t.Fatalf("%s is missing", what)
	}
	t.Skipf("%s is missing", what)
}

// copyAll copies the files that a pattern names into a folder, under names that a
// function gives; an empty name leaves one out.
func copyAll(t testing.TB, to, pattern string, name func(string) string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(to, 0o755))
	from, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, from, pattern)
	for _, f := range from {
		as := name(filepath.Base(f))
		if as == "" {
			continue
		}
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(to, as), b, 0o644))
	}
}
