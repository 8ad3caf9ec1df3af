package strict

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type inner struct {
	Name string    `json:"name"`
	At   time.Time `json:"at"`
}

type outer struct {
	Number int            `json:"number"`
	Some   []inner        `json:"some"`
	Counts map[string]int `json:"counts,omitempty"`
}

func TestUnmarshal(t *testing.T) {
	const good = `{"number":1,"some":[{"name":"a","at":"2026-01-02T03:04:05Z"}],"counts":{"a":1}}`
	var v outer
	require.NoError(t, Unmarshal([]byte(good+"\n"), &v))
	require.Equal(t, "a", v.Some[0].Name)
	require.Equal(t, 2026, v.Some[0].At.Year())
	for name, bad := range map[string]string{
		"a member twice":      `{"number":1,"number":1,"some":[]}`,
		"twice, deep":         `{"number":1,"some":[{"name":"a","name":"a","at":"2026-01-02T03:04:05Z"}]}`,
		"twice in a map":      `{"number":1,"some":[],"counts":{"a":1,"a":2}}`,
		"another letter case": `{"Number":1,"some":[]}`,
		"case, deep":          `{"number":1,"some":[{"NAME":"a","at":"2026-01-02T03:04:05Z"}]}`,
		"missing":             `{"number":1}`,
		"missing, deep":       `{"number":1,"some":[{"name":"a"}]}`,
		"unknown":             `{"number":1,"some":[],"colour":1}`,
		"null":                `{"number":1,"some":null}`,
		"behind":              `{"number":1,"some":[]}{}`,
		"cut off":             `{"number":1,"some":[]`,
		"not UTF-8":           "{\"number\":1,\"some\":[{\"name\":\"\xff\",\"at\":\"2026-01-02T03:04:05Z\"}]}",
		"no time":             `{"number":1,"some":[{"name":"a","at":"yesterday"}]}`,
		"nested too deep":     `[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]`,
		"empty":               ``,
	} {
		require.Error(t, Unmarshal([]byte(bad), new(outer)), name)
	}
}

func FuzzUnmarshal(f *testing.F) {
	f.Add([]byte(`{"number":1,"some":[{"name":"a","at":"2026-01-02T03:04:05Z"}],"counts":{"a":1}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if Unmarshal(data, new(outer)) == nil {
			require.NoError(t, Check(data))
		}
	})
}
