package suite

import (
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"github.com/c2sp/wycheproof"
	"github.com/stretchr/testify/require"
)

// unhex decodes hexadecimal digits, among which spaces stand for reading.
func unhex(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	require.NoError(tb, err)
	return b
}

// hexBytes is a byte string that JSON holds as hexadecimal digits.
type hexBytes []byte

func (h *hexBytes) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	*h = b
	return err
}

// verdict is what Wycheproof expects: valid, invalid or acceptable.
type verdict string

// loadWycheproof reads one file of Wycheproof's vectors.
func loadWycheproof[Group any](t *testing.T, name string) []Group {
	t.Helper()
	data, err := fs.ReadFile(wycheproof.TestVectors, name)
	require.NoError(t, err)
	var file struct {
		TestGroups []Group `json:"testGroups"`
	}
	require.NoError(t, json.Unmarshal(data, &file))
	require.NotEmpty(t, file.TestGroups)
	return file.TestGroups
}

// fixedRand gives its bytes once, then an error.
func fixedRand(tb testing.TB, s string) *strings.Reader {
	tb.Helper()
	return strings.NewReader(string(unhex(tb, s)))
}

// requireRule checks the kind and the rule of an error.
func requireRule(tb testing.TB, err, kind error, rule string) {
	tb.Helper()
	require.ErrorIs(tb, err, kind)
	var e *Error
	require.ErrorAs(tb, err, &e)
	require.Equal(tb, rule, e.Rule)
}
