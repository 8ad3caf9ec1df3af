package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestComplete(t *testing.T) {
	for _, c := range []struct {
		words     string
		has, lack []string
	}{
		{"", []string{"run", "verify", "help"}, []string{"serve-lock", "complete"}},
		{"ver", []string{"verify", "version"}, []string{"run"}},
		{"run --", []string{"--case", "--profile", "--target"}, []string{"--trust"}},
		{"verify --tr", []string{"--trust"}, []string{"--firmware"}},
		{"run --case LOCK-CHAIN-01", []string{"LOCK-CHAIN-010"}, []string{"LOCK-CHAIN-001", "APP-"}},
		{"run --case LOCK-CHAIN-010,lock-chain-01", []string{"LOCK-CHAIN-010,LOCK-CHAIN-011"}, nil},
		{"run --case = LOCK-CHAIN-01", []string{"LOCK-CHAIN-010"}, []string{"="}},
		{"run --requirement PST-CERT-", []string{"PST-CERT-001"}, []string{"PST-APDU"}},
		{"list --area CH", []string{"CHAIN"}, []string{"SELECT"}},
		{"run --role ", []string{"lock", "app", "issuer"}, nil},
		{"run --target de", []string{"demo", "demo:box"}, []string{"exec:"}},
		{"explain pst-cert-00", []string{"PST-CERT-001"}, nil},
		{"explain LOCK-CHAIN-010", []string{"LOCK-CHAIN-010"}, nil},
		{"completion ", []string{"bash", "zsh", "fish"}, nil},
		{"help ver", []string{"verify", "version"}, []string{"run"}},
		{"profile ", []string{"check"}, nil},
		{"verify ", nil, []string{"check", "LOCK"}},
		{"fly --", nil, []string{"-"}},
	} {
		exit, out, complaint := call(t, "", append([]string{"complete", "--"}, strings.Split(c.words, " ")...)...)
		require.Equal(t, conforms, exit, complaint)
		lines := strings.Split(strings.TrimSpace(out), "\n")
		for _, want := range c.has {
			require.Contains(t, lines, want, c.words)
		}
		for _, not := range c.lack {
			require.NotContains(t, out, not, c.words)
		}
	}
	exit, _, _ := call(t, "", "complete")
	require.Equal(t, conforms, exit)
	exit, _, complaint := call(t, "", "completion", "dos")
	require.Equal(t, usage, exit)
	require.Contains(t, complaint, "bash, zsh or fish")
}

// TestCompletionInShells has each shell that is here complete a line by the
// printed script.
func TestCompletionInShells(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	folder := t.TempDir()
	require.NoError(t, os.Symlink(self, filepath.Join(folder, "postern")))
	for shell, ask := range map[string]string{
		"bash": `
complete -p postern
COMP_WORDS=(postern explain LOCK-CHAIN-01) COMP_CWORD=2; _postern
printf '%s\n' "${COMPREPLY[@]}"
COMP_WORDS=(postern run --area "") COMP_CWORD=3; _postern
printf '%s\n' "${COMPREPLY[@]}"
`,
		"zsh": `
compdef() { :; }
compadd() { shift; print -l -- ${(P)1}; }
words=(postern explain LOCK-CHAIN-01) CURRENT=3; _postern
words=(postern run --area "") CURRENT=4; _postern
`,
		"fish": `
complete -C 'postern explain LOCK-CHAIN-01'
complete -C 'postern run --area '
`,
	} {
		t.Run(shell, func(t *testing.T) {
			if _, err := exec.LookPath(shell); err != nil {
				t.Skipf("no %s", shell)
			}
			_, script, _ := call(t, "", "completion", shell)
			c := exec.Command(shell, "-c", script+ask)
			c.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"), "POSTERN_TEST_SHIM=tool")
			out, err := c.CombinedOutput()
			require.NoError(t, err, "%s", out)
			for _, want := range []string{"LOCK-CHAIN-010", "CHAIN", "SELECT"} {
				require.Contains(t, strings.Split(string(out), "\n"), want)
			}
			require.NotContains(t, string(out), "LOCK-CHAIN-001")
		})
	}
}
