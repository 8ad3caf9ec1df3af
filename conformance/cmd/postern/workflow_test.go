package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const workflow = "../../github-actions.yml"

// TestWorkflow reads the example as YAML, and holds its command lines to the tool.
func TestWorkflow(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	if exec.Command(python, "-c", "import yaml").Run() != nil {
		t.Skip("python3 has no yaml")
	}
	out, err := exec.Command(python, "-c", "import json, sys, yaml; print(json.dumps(yaml.load(open(sys.argv[1]), Loader=yaml.BaseLoader)))", workflow).CombinedOutput()
	require.NoError(t, err, "%s", out)
	var w struct {
		On   []string
		Jobs map[string]struct {
			Steps []struct{ Uses, Run, If string }
		}
	}
	require.NoError(t, json.Unmarshal(out, &w))
	require.NotEmpty(t, w.On)
	for _, s := range w.Jobs["conformance"].Steps {
		require.NotEqual(t, s.Uses == "", s.Run == "", "a step uses something or runs something")
	}
}

// TestWorkflowCommands parses the command lines of the example, which need no YAML
// to be found.
func TestWorkflowCommands(t *testing.T) {
	b, err := os.ReadFile(workflow)
	require.NoError(t, err)
	text := strings.ReplaceAll(string(b), "\n          --", " --")
	parsed := 0
	for line := range strings.Lines(text) {
		_, args, ok := strings.Cut(strings.Trim(line, " '\n"), `"$RUNNER_TEMP/postern" run `)
		if !ok {
			continue
		}
		o, err := parseRun(console{err: os.Stderr}, strings.Fields(args))
		require.NoError(t, err)
		require.Equal(t, "exec:./my-lock-shim", o.target)
		require.NotEmpty(t, o.profile)
		parsed++
	}
	require.Equal(t, 1, parsed)
}
