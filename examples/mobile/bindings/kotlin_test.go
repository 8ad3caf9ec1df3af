package bindings_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// kotlinLibrary is where Debian keeps the library that every Kotlin program needs.
const kotlinLibrary = "/usr/share/java/kotlin-stdlib.jar"

// TestKotlin compiles the code of android.md against stubs of Android's classes, and
// runs it on a JVM with an IsoDep in front of a simulated lock.
func TestKotlin(t *testing.T) {
	kotlinc := need(t, "kotlinc")
	if _, err := os.Stat(kotlinLibrary); err != nil {
		missing(t, kotlinLibrary)
	}
	out := filepath.Join(work, "kotlin")
	args := append([]string{"-cp", classes(t), "-d", out}, sources(t, "../android", ".kt")...)
	_, err := run(".", nil, kotlinc, append(args, sources(t, "testdata/kotlin", ".kt")...)...)
	require.NoError(t, err)
	requireOK(t, java(t, "org.example.door.test.TestsKt", out, kotlinLibrary), 4)
}
