package dcbor

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReaderReadsEveryKind(t *testing.T) {
	r := NewReader(unhex(t, compact("88 01 20 42 0102 81 03 a1 04 05 f5 f4 82 06 80")))
	require.Equal(t, KindArray, r.Kind())
	require.Equal(t, 8, r.Array(8, 8))
	require.EqualValues(t, 1, r.Uint())
	require.EqualValues(t, -1, r.Int())
	require.Equal(t, []byte{1, 2}, r.Bytes())
	require.Equal(t, 1, r.Array(0, 2))
	require.EqualValues(t, 3, r.Int())
	require.Equal(t, 1, r.Map(1, 1))
	require.EqualValues(t, 4, r.Uint())
	require.EqualValues(t, 5, r.Uint())
	require.Equal(t, KindBool, r.Kind())
	require.True(t, r.Bool())
	require.False(t, r.Bool())
	require.Equal(t, []byte{0x82, 0x06, 0x80}, r.Raw())
	require.Equal(t, KindOther, r.Kind())
	require.NoError(t, r.Close())
}

func TestReaderReadsIntegersToTheirEnds(t *testing.T) {
	for data, want := range map[string]int64{
		"1b7fffffffffffffff": math.MaxInt64, "3b7fffffffffffffff": math.MinInt64, "00": 0, "20": -1,
	} {
		r := NewReader(unhex(t, data))
		require.Equal(t, want, r.Int(), data)
		require.NoError(t, r.Close())
	}
	r := NewReader(unhex(t, "1bffffffffffffffff"))
	require.Equal(t, uint64(math.MaxUint64), r.Uint())
	require.NoError(t, r.Close())
}

func TestReaderRefuses(t *testing.T) {
	for _, c := range []struct {
		name, data string
		read       func(*Reader)
		kind       error
		rule       string
	}{
		{"nothing", "", func(*Reader) {}, ErrMalformed, "item is cut off"},
		{"a form that is refused", "1801", func(r *Reader) { r.Uint() }, ErrNotDeterministic, "head is not the shortest"},
		{"two items", "0101", func(r *Reader) { r.Uint(); r.Uint() }, ErrMalformed, "bytes after the item"},
		{"a value left unread", "8101", func(r *Reader) { r.Array(1, 1) }, ErrType, "value was not read"},
		{"an item left unread", "01", func(*Reader) {}, ErrType, "value was not read"},
		{"a value too many", "8101", func(r *Reader) { r.Array(1, 1); r.Uint(); r.Uint() }, ErrMalformed, "item is cut off"},
		{"a raw value too many", "80", func(r *Reader) { r.Raw(); r.Raw() }, ErrMalformed, "item is cut off"},
		{"too few elements", "8101", func(r *Reader) { r.Array(2, 3) }, ErrType, "number of elements does not fit"},
		{"too many elements", "820101", func(r *Reader) { r.Array(0, 1) }, ErrType, "number of elements does not fit"},
		{"too many pairs", "a10101", func(r *Reader) { r.Map(0, 0) }, ErrType, "number of elements does not fit"},
		{"map for array", "a0", func(r *Reader) { r.Array(0, 0) }, ErrType, "item is not an array"},
		{"array for map", "80", func(r *Reader) { r.Map(0, 0) }, ErrType, "item is not a map"},
		{"negative for unsigned", "20", func(r *Reader) { r.Uint() }, ErrType, "item is not an unsigned integer"},
		{"bytes for integer", "40", func(r *Reader) { r.Int() }, ErrType, "item is not an integer"},
		{"2^63", "1b8000000000000000", func(r *Reader) { r.Int() }, ErrType, "integer is above 64 bits"},
		{"-2^63-1", "3b8000000000000000", func(r *Reader) { r.Int() }, ErrType, "integer is below 64 bits"},
		{"array for bytes", "80", func(r *Reader) { r.Bytes() }, ErrType, "item is not a byte string"},
		{"integer for bool", "01", func(r *Reader) { r.Bool() }, ErrType, "item is not false or true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := NewReader(unhex(t, c.data))
			c.read(&r)
			err := r.Close()
			require.ErrorIs(t, err, c.kind)
			var e *Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.rule, e.Rule)
		})
	}
}

func TestReaderGivesZeroAfterAFault(t *testing.T) {
	r := NewReader(unhex(t, "8801022041ff80a0f58101"))
	r.Array(8, 8)
	r.Bytes() // the fault: an integer
	require.Equal(t, KindOther, r.Kind())
	require.Zero(t, r.Uint())
	require.Zero(t, r.Int())
	require.Nil(t, r.Bytes())
	require.Zero(t, r.Array(0, 9))
	require.Zero(t, r.Map(0, 9))
	require.False(t, r.Bool())
	require.Nil(t, r.Raw())
	require.ErrorContains(t, r.Close(), "item is not a byte string at byte 1")
}

func TestZeroReaderReadsNothing(t *testing.T) {
	var r Reader
	require.Zero(t, r.Uint())
	require.ErrorIs(t, r.Close(), ErrMalformed)
}

func TestAppendingToReadBytesLeavesTheRest(t *testing.T) {
	data := unhex(t, "8341010203")
	r := NewReader(data)
	r.Array(3, 3)
	_ = append(r.Bytes(), 0xff)
	_ = append(r.Raw(), 0xff)
	require.EqualValues(t, 3, r.Uint())
	require.NoError(t, r.Close())
}

func TestReaderAllocatesNothing(t *testing.T) {
	grant := sampleGrant(t)
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = readGrant(grant) }))
}

func TestReaderTellsTheFaultSoFar(t *testing.T) {
	r := NewReader(unhex(t, "820140"))
	require.NoError(t, r.Err())
	r.Array(2, 2)
	require.NoError(t, r.Err())
	r.Bytes()
	require.ErrorIs(t, r.Err(), ErrType)
	require.Equal(t, r.Err(), r.Close())
	r = NewReader(unhex(t, "1801"))
	require.ErrorIs(t, r.Err(), ErrNotDeterministic)
}
