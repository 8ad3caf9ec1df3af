package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTextOnly(t *testing.T) {
	for in, want := range map[string]string{
		"a\tline\n":                 "a\tline\n",
		"h\u00e9 \u2192 \U0001F4EE": "h\u00e9 \u2192 \U0001F4EE",
		"\x1b[2J\r\x07":             "?[2J??",
		"\u009b31m":                 "?31m",
		"\u202egnp.exe":             "?gnp.exe",
		"\xff\xfe":                  "??",
		"\u2028":                    "?",
	} {
		var whole, bytewise bytes.Buffer
		n, err := (&textOnly{w: &whole}).Write([]byte(in))
		require.NoError(t, err)
		require.Equal(t, len(in), n)
		p := &textOnly{w: &bytewise}
		for i := range len(in) {
			_, err := p.Write([]byte{in[i]})
			require.NoError(t, err)
		}
		require.Equal(t, []string{want, want}, []string{whole.String(), bytewise.String()}, "%q", in)
	}
}
