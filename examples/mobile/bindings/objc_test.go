package bindings_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestObjectiveC has clang check what gobind wrote for Objective-C, and code of an
// app that uses it, with reference counting as on iOS.  Foundation is a stub of the
// signatures that are used: nothing is linked or run.
func TestObjectiveC(t *testing.T) {
	clang := need(t, "clang-14")
	stub, err := filepath.Abs(filepath.Join("testdata", "objc"))
	require.NoError(t, err)
	dir := filepath.Join(work, "objc")
	copyAll(t, dir, filepath.Join(generated(t), "src", "gobind", "*"), func(name string) string { return name })
	copyAll(t, dir, filepath.Join(stub, "*.m"), func(name string) string { return name })
	require.NoError(t, os.WriteFile(filepath.Join(dir, "_cgo_export.h"), exported(t), 0o644))

	files, err := filepath.Glob(filepath.Join(dir, "*.m"))
	require.NoError(t, err)
	require.Len(t, files, 5, "Postern, Simulated, Universe, seq, and the app")
	check := func(file string) (string, error) {
		return run(dir, nil, clang, "-fsyntax-only", "-x", "objective-c", "-fobjc-runtime=ios-15.0", "-fobjc-arc", "-fblocks",
			"-fmodules", "-fmodules-cache-path="+filepath.Join(dir, "cache"), "-fmodule-map-file="+filepath.Join(stub, "module.modulemap"),
			"-D__GOBIND_DARWIN__", "-Wall", "-Werror", "-Wno-nullability-completeness", "-I.", "-I"+stub, file)
	}
	for _, file := range files {
		out, err := check(filepath.Base(file))
		require.NoError(t, err)
		require.Empty(t, out)
	}

	app, err := os.ReadFile(filepath.Join(stub, "Door.m"))
	require.NoError(t, err)
	wrong := strings.Replace(string(app), "PosternOpenPass", "PosternOpenpass", 1)
	require.NotEqual(t, string(app), wrong)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Wrong.m"), []byte(wrong), 0o644))
	_, err = check("Wrong.m")
	require.Error(t, err, "the check finds a name that does not exist")
}

// exported returns the C header of the functions that Go exports: cgo writes it for
// the desktop, and it is the same for iOS but for two includes.
func exported(t *testing.T) []byte {
	t.Helper()
	header, err := os.ReadFile(filepath.Join(built(t), "libgojni.h"))
	require.NoError(t, err)
	text := string(header)
	for _, include := range []string{"#include <jni.h>\n", "#include \"seq_android.h\"\n"} {
		require.Contains(t, text, include)
		text = strings.ReplaceAll(text, include, "")
	}
	return []byte(text)
}
