package edhoc

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestIdentifierOfOneByte goes through all byte strings of one byte. Figure 3 of
// RFC 9528 says which of them stand for themselves.
func TestIdentifierOfOneByte(t *testing.T) {
	for b := range 256 {
		id := []byte{byte(b)}
		integer := b <= 0x17 || b >= 0x20 && b <= 0x37
		want := []byte{0x41, byte(b)}
		if integer {
			want = id
		}
		require.Equal(t, want, appendIdentifier(nil, id))

		r := newReader(want)
		require.Equal(t, id, r.identifier("C_R"))
		r.end()
		require.NoError(t, r.err)

		r = newReader([]byte{0x41, byte(b)})
		r.identifier("C_R")
		require.Equal(t, integer, r.err != nil, "%02x as a byte string", b)
	}
}

func TestIdentifierExamplesOfRFC9528(t *testing.T) {
	for _, tt := range []struct{ id, encoded string }{
		{"21", "21"}, {"0d", "0d"}, {"18", "4118"}, {"38", "4138"}, {"abcd", "42abcd"}, {"", "40"}, {"ff", "41ff"},
	} {
		t.Run("h'"+tt.id+"'", func(t *testing.T) {
			require.Equal(t, fromHex(t, tt.encoded), appendIdentifier(nil, fromHex(t, tt.id)))
			r := newReader(fromHex(t, tt.encoded))
			require.Equal(t, fromHex(t, tt.id), r.identifier("C_R"))
			require.NoError(t, r.err)
		})
	}
}

func TestIdentifierIsAnItemOfTwoKinds(t *testing.T) {
	for initial := range 256 {
		major := initial >> 5
		r := newReader([]byte{byte(initial), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
		r.identifier("C_R")
		switch {
		case major == 2 && initial <= 0x48, major <= 1 && initial&0x1f <= 23:
			require.NoError(t, r.err, fmt.Sprintf("%02x", initial))
		default:
			requireFault(t, r.err, ErrMalformed, "C_R")
		}
	}
}

// TestCompactIDCredExamplesOfRFC9528 is section 3.5.3.2.
func TestCompactIDCredExamplesOfRFC9528(t *testing.T) {
	for _, tt := range []struct{ header, compact string }{
		{"a10441ff", "41ff"},
		{"a1044121", "21"},
		{"a10440", "40"},
		{"a104423210", "423210"},
		{"a11822822e4879f2a41b510c1f9b", "a11822822e4879f2a41b510c1f9b"},
		{"a204402000", "a204402000"},
	} {
		t.Run(tt.header, func(t *testing.T) {
			id, err := newIDCred(fromHex(t, tt.header))
			require.NoError(t, err)
			require.Equal(t, fromHex(t, tt.compact), id.compact)
			r := newReader(id.compact)
			require.Equal(t, id, r.idCred("ID_CRED_R"))
			r.end()
			require.NoError(t, r.err)
		})
	}
}
