package dcbor

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/internal/wire"
)

func unhex(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(s)
	require.NoError(tb, err)
	return b
}

// nested returns depth arrays, one within the other.
func nested(depth int) []byte {
	return append(bytes.Repeat([]byte{0x81}, depth-1), 0x80)
}

// From RFC 8949, appendix A, what the standard admits.
var accepted = []struct{ name, item string }{
	{"0", "00"},
	{"23", "17"},
	{"24", "1818"},
	{"255", "18ff"},
	{"256", "190100"},
	{"1000", "1903e8"},
	{"65536", "1a00010000"},
	{"1000000", "1a000f4240"},
	{"4294967296", "1b0000000100000000"},
	{"18446744073709551615", "1bffffffffffffffff"},
	{"-1", "20"},
	{"-100", "3863"},
	{"-1000", "3903e7"},
	{"-18446744073709551616", "3bffffffffffffffff"},
	{"false", "f4"},
	{"true", "f5"},
	{"h''", "40"},
	{"h'01020304'", "4401020304"},
	{"[]", "80"},
	{"[1, [2, 3], [4, 5]]", "8301820203820405"},
	{"[1..25]", "98190102030405060708090a0b0c0d0e0f101112131415161718181819"},
	{"{}", "a0"},
	{"{1: 2, 3: 4}", "a201020304"},
	{"key order: 10, 100, -1, h'7a', [100], false", "a60a011864022003417a04811864 05f406"},
	{"keys that differ in length", "a2 4100 00 42 0000 00"},
}

func TestAcceptsDeterministicItems(t *testing.T) {
	for _, c := range accepted {
		t.Run(c.name, func(t *testing.T) {
			data := unhex(t, compact(c.item))
			require.NoError(t, check(data))
			require.True(t, oracleAccepts(data))
		})
	}
}

// compact takes the spaces out, which stand for reading.
func compact(s string) string {
	return string(bytes.ReplaceAll([]byte(s), []byte(" "), nil))
}

var refused = []struct {
	name, item string
	kind       error
	rule       string
	offset     int
}{
	{"no bytes", "", ErrMalformed, "item is cut off", 0},
	{"uint8 cut off", "18", ErrMalformed, "head is cut off", 0},
	{"uint16 cut off", "1901", ErrMalformed, "head is cut off", 0},
	{"uint32 cut off", "1a010000", ErrMalformed, "head is cut off", 0},
	{"uint64 cut off", "1b01000000000000", ErrMalformed, "head is cut off", 0},
	{"byte string cut off", "430102", ErrMalformed, "byte string is cut off", 0},
	{"byte string of 2^64-1 bytes", "5bffffffffffffffff00", ErrMalformed, "byte string is cut off", 0},
	{"byte string of 2^63 bytes", "5b800000000000000000", ErrMalformed, "byte string is cut off", 0},
	{"array cut off", "820102 81", ErrMalformed, "bytes after the item", 3},
	{"array without its elements", "8201", ErrMalformed, "item is cut off", 2},
	{"map without a value", "a101", ErrMalformed, "item is cut off", 2},
	{"map without a key", "a2 01 02", ErrMalformed, "item is cut off", 3},
	{"two items", "0000", ErrMalformed, "bytes after the item", 1},
	{"reserved 28", "1c", ErrMalformed, "head is reserved", 0},
	{"reserved 29", "5d", ErrMalformed, "head is reserved", 0},
	{"reserved 30", "9e", ErrMalformed, "head is reserved", 0},
	{"reserved head of a text string", "7c", ErrMalformed, "head is reserved", 0},
	{"reserved head of a tag", "de", ErrMalformed, "head is reserved", 0},
	{"reserved simple value 28", "fc", ErrMalformed, "head is reserved or a break", 0},
	{"break alone", "ff", ErrMalformed, "head is reserved or a break", 0},
	{"break in an array", "82 01 ff", ErrMalformed, "head is reserved or a break", 2},
	{"indefinite integer", "1f", ErrMalformed, "type has no indefinite length", 0},
	{"indefinite negative integer", "3f", ErrMalformed, "type has no indefinite length", 0},
	{"indefinite tag", "df", ErrMalformed, "type has no indefinite length", 0},
	{"indefinite byte string", "5f42010243030405ff", ErrNotDeterministic, "length is indefinite", 0},
	{"indefinite array", "9fff", ErrNotDeterministic, "length is indefinite", 0},
	{"indefinite map", "bfff", ErrNotDeterministic, "length is indefinite", 0},
	{"indefinite array within", "819fff", ErrNotDeterministic, "length is indefinite", 1},
	{"23 in two bytes", "1817", ErrNotDeterministic, "head is not the shortest", 0},
	{"255 in three bytes", "1900ff", ErrNotDeterministic, "head is not the shortest", 0},
	{"65535 in five bytes", "1a0000ffff", ErrNotDeterministic, "head is not the shortest", 0},
	{"2^32-1 in nine bytes", "1b00000000ffffffff", ErrNotDeterministic, "head is not the shortest", 0},
	{"-1 in two bytes", "3800", ErrNotDeterministic, "head is not the shortest", 0},
	{"length of a byte string in two bytes", "580100", ErrNotDeterministic, "head is not the shortest", 0},
	{"length of an array in two bytes", "980100", ErrNotDeterministic, "head is not the shortest", 0},
	{"length of a map in two bytes", "b8010000", ErrNotDeterministic, "head is not the shortest", 0},
	{"keys not in order", "a2 02 00 01 00", ErrNotDeterministic, "map keys are not in order", 3},
	{"keys in order of length first", "a2 20 00 18 64 00", ErrNotDeterministic, "map keys are not in order", 3},
	{"key twice", "a2 01 00 01 00", ErrNotDeterministic, "map key stands twice", 3},
	{"key twice with other values", "a2 01 00 01 01", ErrNotDeterministic, "map key stands twice", 3},
	{"key twice, not adjacent", "a3 01 00 02 00 01 00", ErrNotDeterministic, "map keys are not in order", 5},
	{"keys not in order within", "81 a2 02 00 01 00", ErrNotDeterministic, "map keys are not in order", 4},
	{"text string", "6161", ErrType, "text string", 0},
	{"empty text string", "60", ErrType, "text string", 0},
	{"indefinite text string", "7fff", ErrType, "text string", 0},
	{"text string as key", "a1616101", ErrType, "text string", 1},
	{"tag", "c100", ErrType, "tag", 0},
	{"bignum", "c249010000000000000000", ErrType, "tag", 0},
	{"tag within", "8201c100", ErrType, "tag", 2},
	{"half-precision float", "f90000", ErrType, "floating-point number", 0},
	{"single-precision float", "fa47c35000", ErrType, "floating-point number", 0},
	{"double-precision float", "fb3ff199999999999a", ErrType, "floating-point number", 0},
	{"NaN", "f97e00", ErrType, "floating-point number", 0},
	{"float cut off", "f900", ErrMalformed, "head is cut off", 0},
	{"null", "f6", ErrType, "null", 0},
	{"null within", "8201f6", ErrType, "null", 2},
	{"undefined", "f7", ErrType, "undefined", 0},
	{"simple value 0", "e0", ErrType, "simple value", 0},
	{"simple value 19", "f3", ErrType, "simple value", 0},
	{"simple value 255", "f8ff", ErrType, "simple value", 0},
	{"simple value 32", "f820", ErrType, "simple value", 0},
	{"simple value 24 in two bytes", "f818", ErrMalformed, "simple value is below 32 in two bytes", 0},
	{"false in two bytes", "f814", ErrMalformed, "simple value is below 32 in two bytes", 0},
	{"simple value cut off", "f8", ErrMalformed, "head is cut off", 0},
	{"array of 33", "9821", ErrLimit, "too many elements", 0},
	{"array of 2^64-1", "9bffffffffffffffff", ErrLimit, "too many elements", 0},
	{"map of 33", "b821", ErrLimit, "too many elements", 0},
	{"map of 2^63", "bb8000000000000000", ErrLimit, "too many elements", 0},
}

func TestRefusesWithKindRuleAndOffset(t *testing.T) {
	for _, c := range refused {
		t.Run(c.name, func(t *testing.T) {
			data := unhex(t, compact(c.item))
			err := check(data)
			require.ErrorIs(t, err, c.kind)
			var e *Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.rule, e.Rule)
			require.Equal(t, c.offset, e.Offset)
			require.Nil(t, e.Err)
			require.False(t, oracleAccepts(data))
		})
	}
}

func TestDepthIsBounded(t *testing.T) {
	require.NoError(t, check(nested(wire.LimitCborDepth)))
	err := check(nested(wire.LimitCborDepth + 1))
	require.ErrorIs(t, err, ErrLimit)
	require.ErrorContains(t, err, "nested too deeply")

	maps := append(bytes.Repeat([]byte{0xa1, 0x00}, wire.LimitCborDepth), 0x00)
	require.NoError(t, check(maps))
	require.ErrorIs(t, check(append([]byte{0xa1, 0x00}, maps...)), ErrLimit)

	key := append(append([]byte{0xa1}, nested(wire.LimitCborDepth-1)...), 0x00)
	require.NoError(t, check(key))
	key = append(append([]byte{0xa1}, nested(wire.LimitCborDepth)...), 0x00)
	require.ErrorIs(t, check(key), ErrLimit, "a key is nested as a value is")
}

func TestElementsAreBounded(t *testing.T) {
	array := append(AppendArray(nil, wire.LimitCborItems), make([]byte, wire.LimitCborItems)...)
	require.NoError(t, check(array))
	array = append(AppendArray(nil, wire.LimitCborItems+1), make([]byte, wire.LimitCborItems+1)...)
	require.ErrorIs(t, check(array), ErrLimit)

	pairs := func(n int) []byte {
		b := AppendMap(nil, n)
		for i := range n {
			b = AppendUint(AppendUint(b, uint64(i)), 0)
		}
		return b
	}
	require.NoError(t, check(pairs(wire.LimitCborItems)))
	require.ErrorIs(t, check(pairs(wire.LimitCborItems+1)), ErrLimit)
}

func TestScanStopsAtTheWorstInput(t *testing.T) {
	// Full arrays in full arrays: 32^8 elements if they were there. The scan ends
	// where the bytes end.
	data := bytes.Repeat([]byte{0x98, 0x20}, 512)
	require.ErrorIs(t, check(data), ErrLimit)
	require.ErrorIs(t, check(data[:2*wire.LimitCborDepth]), ErrMalformed)
}

func TestScanAllocatesNothing(t *testing.T) {
	grant := sampleGrant(t)
	var err error
	allocations := testing.AllocsPerRun(100, func() { err = check(grant) })
	require.NoError(t, err)
	require.Zero(t, allocations)
}

func TestEveryShortItemAsTheOracle(t *testing.T) {
	if testing.Short() {
		t.Skip("three bytes in full take seconds under emulation")
	}
	var data [3]byte
	for i := range 1 << 24 {
		data[0], data[1], data[2] = byte(i>>16), byte(i>>8), byte(i)
		if (check(data[:]) == nil) != oracleAccepts(data[:]) {
			require.Equal(t, oracleAccepts(data[:]), check(data[:]) == nil, "%x", data)
		}
	}
}
