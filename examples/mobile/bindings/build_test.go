package bindings_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// jdk returns the home of the JDK that javac belongs to.
func jdk(t testing.TB) string {
	t.Helper()
	real, err := filepath.EvalSymlinks(need(t, "javac"))
	require.NoError(t, err)
	home := filepath.Dir(filepath.Dir(real))
	if _, err := os.Stat(filepath.Join(home, "include", "jni.h")); err != nil {
		missing(t, "jni.h of the JDK")
	}
	return home
}

// liblog is where Debian keeps Android's log library.
const liblog = "/usr/lib/x86_64-linux-gnu/android"

// desktop returns the folder with the Go half of the Java binding as a desktop
// builds it: gobind writes it for Android, so the files get other names.
func desktop(t testing.TB) (dir string, env []string) {
	t.Helper()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		missing(t, "linux/amd64")
	}
	if _, err := os.Stat(filepath.Join(liblog, "liblog.so")); err != nil {
		missing(t, "android-liblog-dev")
	}
	home := jdk(t)
	dir = filepath.Join(work, "desktop")
	copyAll(t, dir, filepath.Join(generated(t), "src", "gobind", "*"), func(name string) string {
		if strings.Contains(name, "_darwin.") || strings.Contains(name, ".objc.") || name == "ref.h" {
			return ""
		}
		if strings.HasSuffix(name, ".h") {
			return name
		}
		return strings.Replace(name, "_android.", "_desktop.", 1)
	})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(modFile(t)), 0o644))
	copyAll(t, dir, "go.sum", func(name string) string { return name })
	return dir, []string{
		"GOWORK=off", "GOFLAGS=-mod=mod",
		"CGO_CFLAGS=-O2 -D__GOBIND_ANDROID__ -Wno-incompatible-pointer-types -I" + home + "/include -I" + home + "/include/linux -I/usr/include/android",
		"CGO_LDFLAGS=-L" + liblog + " -Wl,-rpath," + liblog,
	}
}

// modFile returns the go.mod of the Go half: what this module requires, from the
// same folders.
func modFile(t testing.TB) string {
	t.Helper()
	own, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	here, err := filepath.Abs(".")
	require.NoError(t, err)
	text := strings.Replace(string(own), "/bindings\n", "/bindings/desktop\n", 1)
	text = strings.Replace(text, "=> ../../..", "=> "+filepath.Join(here, "..", "..", ".."), 1)
	text = strings.Replace(text, "=> ..\n", "=> "+filepath.Dir(here)+"\n", 1)
	return text
}

var (
	buildOnce sync.Once
	buildDir  string
)

// built returns the folder with libgojni.so, stripped, and its header.
func built(t testing.TB) string {
	t.Helper()
	dir, env := desktop(t)
	buildOnce.Do(func() {
		out := filepath.Join(work, "library")
		require.NoError(t, os.MkdirAll(out, 0o755))
		_, err := run(dir, env, "go", "build", "-trimpath", "-buildmode=c-shared", "-ldflags=-s -w", "-o", filepath.Join(out, "libgojni.so"), ".")
		require.NoError(t, err)
		buildDir = out
	})
	require.NotEmpty(t, buildDir, "the library was not built")
	return buildDir
}
