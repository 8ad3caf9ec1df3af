package vectortest

import (
	"bytes"
	"encoding/json"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/spec/vectors"
)

// schemas returns a compiler that knows every schema of the folder.
func schemas(t *testing.T) *jsonschema.Compiler {
	t.Helper()
	c := jsonschema.NewCompiler()
	entries, err := os.ReadDir(folder + "/schemas")
	require.NoError(t, err)
	for _, e := range entries {
		name := path.Join("schemas", e.Name())
		data, err := vectors.Schema(name)
		require.NoError(t, err)
		require.NoError(t, c.AddResource("postern:///"+name, instance(t, data)))
	}
	return c
}

func compile(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	s, err := schemas(t).Compile("postern:///" + name)
	require.NoError(t, err)
	return s
}

func instance(t *testing.T, data []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	require.NoError(t, err)
	return v
}

func TestIndexKeepsToItsSchema(t *testing.T) {
	data, err := os.ReadFile(folder + "/index.json")
	require.NoError(t, err)
	require.NoError(t, compile(t, "schemas/index.schema.json").Validate(instance(t, data)))
}

func TestEveryFileKeepsToItsSchema(t *testing.T) {
	eachArea(t, func(t *testing.T, a vectors.Area, data []byte) {
		require.NoError(t, compile(t, a.Schema).Validate(instance(t, data)))
	})
}

// TestSchemasRefuse takes and adds fields of the first tests of each group.
func TestSchemasRefuse(t *testing.T) {
	eachArea(t, func(t *testing.T, a vectors.Area, data []byte) {
		schema := compile(t, a.Schema)
		file := instance(t, data).(map[string]any)
		refuses := func(what string) { require.Error(t, schema.Validate(file), what) }
		for _, g := range file["groups"].([]any) {
			group := g.(map[string]any)
			tests := group["tests"].([]any)
			file["groups"] = []any{group} // the rest has been validated above
			group["tests"] = tests[:min(2, len(tests))]
			for _, c := range group["tests"].([]any) {
				test := c.(map[string]any)
				for _, name := range []string{"tcId", "comment", "flags", "result"} {
					was := test[name]
					delete(test, name)
					refuses("without " + name)
					test[name] = was
				}
				test["more"] = "00"
				refuses("with another field")
				delete(test, "more")
				was, invalid := test["reason"]
				if invalid {
					delete(test, "reason")
				} else {
					test["reason"] = "malformed"
				}
				refuses("valid with a reason, or invalid without")
				if delete(test, "reason"); invalid {
					test["reason"] = was
				}
			}
			require.NoError(t, schema.Validate(file))
		}
	})
}

// TestSchemasAreClosed finds objects that would take any field.
func TestSchemasAreClosed(t *testing.T) {
	entries, err := os.ReadDir(folder + "/schemas")
	require.NoError(t, err)
	for _, e := range entries {
		data, err := vectors.Schema("schemas/" + e.Name())
		require.NoError(t, err)
		var schema any
		require.NoError(t, json.Unmarshal(data, &schema))
		require.Empty(t, strings.Join(open(e.Name(), schema), "\n"))
	}
}

// open returns the places in a schema that say "type": "object" and take
// fields that they do not list.
func open(place string, v any) []string {
	var found []string
	switch v := v.(type) {
	case map[string]any:
		if additional, ok := v["additionalProperties"]; v["type"] == "object" && (!ok || additional == true) {
			found = append(found, place)
		}
		for name, inner := range v {
			found = append(found, open(place+"/"+name, inner)...)
		}
	case []any:
		for _, inner := range v {
			found = append(found, open(place, inner)...)
		}
	}
	return found
}
