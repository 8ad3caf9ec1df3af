package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReadmeForOperators runs the ten minutes of the README, at free ports.
func TestReadmeForOperators(t *testing.T) {
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(text), "```sh\ngo build -o operator ./examples/operator\n")
	require.True(t, ok)
	script, _, ok := strings.Cut(rest, "```\n")
	require.True(t, ok)
	var held []net.Listener // until all are found, so that no port comes twice
	for _, port := range []string{"8442", "8443"} {
		l, err := net.Listen("tcp", "localhost:0")
		require.NoError(t, err)
		held = append(held, l)
		_, free, err := net.SplitHostPort(l.Addr().String())
		require.NoError(t, err)
		script = strings.ReplaceAll(script, "localhost:"+port, "localhost:"+free)
	}
	for _, l := range held {
		require.NoError(t, l.Close())
	}
	dir := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, "operator"), ".")
	said, err := build.CombinedOutput()
	require.NoError(t, err, "%s", said)
	run := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail")
	run.Dir, run.Stdin = dir, strings.NewReader(script+"\nwait $!\n")
	said, err = run.CombinedOutput()
	require.NoError(t, err, "%s", said)
	require.Contains(t, string(said), `{"summary":{"issued":1,"refused":0}}`)
	require.Contains(t, string(said), `{"grants":["`)
	require.Contains(t, string(said), `problems.md#not-listed`)
	require.Contains(t, string(said), `postern_requests_total{route="POST /v1/duties",result="ok"} 2`)
	require.Equal(t, 2, strings.Count(string(said), `"serial":1,`), "the same grant both times")
}
