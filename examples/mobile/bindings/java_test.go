package bindings_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

var bench = flag.Bool("bench-java", false, "measure calls across the border")

var (
	classesOnce sync.Once
	classesDir  string
)

// classes returns the folder with the binding, the stubs of Android and the tests,
// compiled.
func classes(t testing.TB) string {
	t.Helper()
	javac := need(t, "javac")
	from := generated(t)
	classesOnce.Do(func() {
		out := filepath.Join(work, "classes")
		args := []string{"-nowarn", "-Xlint:none", "-d", out}
		for _, dir := range []string{filepath.Join(from, "java"), "testdata/android", "testdata/java"} {
			args = append(args, sources(t, dir, ".java")...)
		}
		_, err := run(".", nil, javac, args...)
		require.NoError(t, err)
		classesDir = out
	})
	require.NotEmpty(t, classesDir, "the classes were not compiled")
	return classesDir
}

// sources returns the files below a folder with an ending.
func sources(t testing.TB, dir, ending string) (files []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if strings.HasSuffix(path, ending) {
			files = append(files, path)
		}
		return err
	}))
	require.NotEmpty(t, files, dir)
	return files
}

// java runs a program on the JVM with the library.
func java(t testing.TB, class string, more ...string) string {
	t.Helper()
	path := strings.Join(append([]string{classes(t)}, more...), string(filepath.ListSeparator))
	out, err := run(".", nil, need(t, "java"), "-Djava.library.path="+built(t), "-cp", path, class)
	require.NoError(t, err)
	return out
}

// TestJava runs the tests that are written in Java: calls both ways, on a desktop
// JVM.
func TestJava(t *testing.T) {
	out := java(t, "door.Tests")
	requireOK(t, out, 13)
}

// requireOK logs what a program says, and requires so many good tests.
func requireOK(t *testing.T, out string, tests int) {
	t.Helper()
	require.True(t, strings.HasSuffix(out, "all passed\n"), out)
	good := 0
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "ok ") {
			good++
		}
		if strings.HasPrefix(line, "ok ") || strings.HasPrefix(line, "kept ") {
			t.Log(strings.TrimSpace(line))
		}
	}
	require.Equal(t, tests, good, out)
}

// TestJavaFigures prints what calls across the border cost, and the size of the
// library.
func TestJavaFigures(t *testing.T) {
	info, err := os.Stat(filepath.Join(built(t), "libgojni.so"))
	require.NoError(t, err)
	t.Logf("libgojni.so for linux/amd64, stripped: %d bytes", info.Size())
	require.Less(t, info.Size(), int64(12<<20))
	if !*bench {
		t.Skip("calls are measured with -bench-java")
	}
	t.Log("\n" + java(t, "door.Bench"))
}
