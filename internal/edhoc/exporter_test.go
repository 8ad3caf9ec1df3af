package edhoc

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExporterSeparates(t *testing.T) {
	forEachSuite(t, func(t *testing.T, f fixture) {
		x := f.run(t)
		seen := map[string]string{}
		for _, tt := range []struct {
			name    string
			label   uint
			context string
		}{
			{"label 0", 0, ""},
			{"label 23", 23, ""},
			{"label 24", 24, ""},
			{"label 32768", 32768, ""},
			{"label 32769", 32769, ""},
			{"context of one byte", 32768, "\x00"},
			{"another context of one byte", 32768, "\x01"},
			{"context of two bytes", 32768, "\x00\x00"},
			{"context of a hash", 32768, "0123456789abcdef0123456789abcdef"},
			{"context that looks like the end of info", 32768, "\x18\x3a"},
		} {
			key, err := x.exporterI.Export(tt.label, []byte(tt.context), 16)
			require.NoError(t, err)
			require.Empty(t, seen[string(key)], tt.name)
			seen[string(key)] = tt.name
			again, err := x.exporterR.Export(tt.label, []byte(tt.context), 16)
			require.NoError(t, err)
			require.Equal(t, key, again)
			longer, err := x.exporterI.Export(tt.label, []byte(tt.context), 32)
			require.NoError(t, err)
			require.NotEqual(t, key, longer[:16])
		}
	})
}

func TestExporterLength(t *testing.T) {
	x := newFixture(t, 0, "kid").run(t)
	for _, length := range []int{1, 16, 58, maxExport} {
		key, err := x.exporterI.Export(32768, nil, length)
		require.NoError(t, err)
		require.Len(t, key, length)
	}
	for _, length := range []int{-1, 0, maxExport + 1} {
		key, err := x.exporterI.Export(32768, nil, length)
		requireFault(t, err, ErrLimit, "length")
		require.Nil(t, key)
	}
}

func TestZeroExporterFailsClosed(t *testing.T) {
	var none *Exporter
	for _, e := range []*Exporter{none, new(Exporter)} {
		_, err := e.Export(0, nil, 16)
		require.ErrorIs(t, err, ErrUsed)
		_, err = NewChannel(e, make([]byte, 32), true)
		require.ErrorIs(t, err, ErrUsed)
	}
}
