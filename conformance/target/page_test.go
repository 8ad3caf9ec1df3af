package target

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/shim"
)

// TestIssuerOnThePage holds the conversation with an issuer that the protocol's
// page shows to the schema, and has the reference issuer say just the same.
func TestIssuerOnThePage(t *testing.T) {
	page, err := os.ReadFile("../shim/README.md")
	require.NoError(t, err)
	_, text, found := strings.Cut(string(page), "\n## Role issuer\n")
	require.True(t, found)
	_, text, found = strings.Cut(text, "```\n")
	require.True(t, found)
	text, _, _ = strings.Cut(text, "```")

	s := schema(t)
	var asked, answered strings.Builder
	kinds := map[string]bool{}
	for l := range strings.Lines(text) {
		who, line, _ := strings.Cut(l, "   ")
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		require.NoError(t, err, l)
		require.NoError(t, s.Validate(v), l)
		if who == "tool" {
			asked.WriteString(line)
			kind, _ := v.(map[string]any)["kind"].(string)
			kinds[kind] = true
		} else {
			answered.WriteString(line)
		}
	}
	for _, kind := range []string{"authority", "revocation-list", "lock-certificate", "grant", "time-token", "policy"} {
		require.True(t, kinds[kind], kind)
	}
	var out strings.Builder
	require.NoError(t, shim.Serve(t.Context(), strings.NewReader(asked.String()), &out, NewIssuer()))
	require.Equal(t, answered.String(), out.String())
}

// schema is that of the lines.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(shim.Schema))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("postern:///shim", v))
	s, err := c.Compile("postern:///shim")
	require.NoError(t, err)
	return s
}
