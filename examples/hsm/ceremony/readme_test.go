package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/examples/hsm/hsmtest"
)

// The README's dry run is carried out as it stands there.
func TestDryRunOfTheREADME(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	script := regexp.MustCompile("(?s)```sh\n(.*?)```").FindSubmatch(readme)
	require.NotNil(t, script)
	if hsmtest.Path(t) != "/usr/lib/softhsm/libsofthsm2.so" {
		t.Skip("SoftHSM is not where the README's script has it")
	}
	if _, err := exec.LookPath("softhsm2-util"); err != nil {
		t.Skip("softhsm2-util is not installed: apt-get install softhsm2")
	}
	temp := t.TempDir()
	dir, err := filepath.Abs("..")
	require.NoError(t, err)
	c := exec.CommandContext(t.Context(), "bash", "-euc", string(script[1]))
	c.Dir, c.Env = dir, append(os.Environ(), "TMPDIR="+temp)
	out, err := c.CombinedOutput()
	require.NoError(t, err, "%s", out)
	shown, signed := strings.Index(string(out), "== preview, "), strings.Index(string(out), "== certify, ")
	require.True(t, shown >= 0 && shown < signed, "witnesses see it before the root signs")
	require.Contains(t, string(out), "the root signed it")
	require.NotContains(t, string(out), hsmtest.PIN)
}
