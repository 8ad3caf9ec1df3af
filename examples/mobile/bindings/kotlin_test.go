package bindings_test

import (
	"os"
	"path/filepath"
	"regexp"
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
	args := append([]string{"-cp", classes(t), "-d", out, readme(t)}, sources(t, "../android", ".kt")...)
	_, err := run(".", nil, kotlinc, append(args, sources(t, "testdata/kotlin", ".kt")...)...)
	require.NoError(t, err)
	requireOK(t, java(t, "org.example.door.test.TestsKt", out, kotlinLibrary), 5)
}

// readme returns a file with the code that README.md begins with, as a function of
// what an app has.
func readme(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	code := regexp.MustCompile(`(?m)^    .*\n(\n*    .*\n)*`).FindString(string(b))
	require.Contains(t, code, "Postern.newPhone")
	text := `import org.posternlock.postern.*

fun readme(
    platform: Platform, roots: Blobs, makers: Blobs, tag: Tag, stop: Stop, secret: ByteArray, requestLink: String, until: Long,
    show: (String) -> Unit, share: (String) -> Unit
) {
` + code + "}\n"
	file := filepath.Join(work, "Readme.kt")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	return file
}
