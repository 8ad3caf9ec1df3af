package dcbor

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNextSplitsASequence(t *testing.T) {
	data := unhex(t, "0341ff820102a0f520")
	var items []string
	for rest := data; len(rest) > 0; {
		item, after, err := Next(rest)
		require.NoError(t, err)
		items = append(items, string(item))
		rest = after
	}
	require.Equal(t, []string{"\x03", "\x41\xff", "\x82\x01\x02", "\xa0", "\xf5", "\x20"}, items)
}

func TestNextRefuses(t *testing.T) {
	for _, c := range []struct {
		name, data string
		kind       error
	}{
		{"nothing", "", ErrMalformed},
		{"item cut off", "81", ErrMalformed},
		{"item not deterministic", "180100", ErrNotDeterministic},
		{"text string", "616100", ErrType},
		{"break", "ff", ErrMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			item, rest, err := Next(unhex(t, c.data))
			require.ErrorIs(t, err, c.kind)
			require.Nil(t, item)
			require.Nil(t, rest)
		})
	}
}

func TestNextJudgesTheFirstItemOnly(t *testing.T) {
	item, rest, err := Next([]byte{0x01, 0x18})
	require.NoError(t, err)
	require.Equal(t, []byte{0x01}, item)
	require.Equal(t, []byte{0x18}, rest)
}

func TestAppendingToAPartLeavesTheRest(t *testing.T) {
	data := []byte{0x41, 0x07, 0x05}
	item, rest, err := Next(data)
	require.NoError(t, err)
	_ = append(item, 0xff)
	value, rest2, err := NextBytes(data)
	require.NoError(t, err)
	_ = append(value, 0xff)
	require.Equal(t, []byte{0x05}, rest)
	require.Equal(t, []byte{0x05}, rest2)
}

func TestNextInt(t *testing.T) {
	for _, c := range []struct {
		data string
		want int64
	}{
		{"00aa", 0},
		{"17aa", 23},
		{"20aa", -1},
		{"37aa", -24},
		{"1b7fffffffffffffffaa", math.MaxInt64},
		{"3b7fffffffffffffffaa", math.MinInt64},
	} {
		v, rest, err := NextInt(unhex(t, c.data))
		require.NoError(t, err, c.data)
		require.Equal(t, c.want, v, c.data)
		require.Equal(t, []byte{0xaa}, rest, c.data)
	}
}

func TestNextIntRefuses(t *testing.T) {
	for _, c := range []struct {
		data string
		kind error
	}{
		{"", ErrMalformed},
		{"18", ErrMalformed},
		{"1800", ErrNotDeterministic},
		{"4100", ErrType},
		{"8100", ErrType},
		{"f5", ErrType},
		{"1b8000000000000000", ErrType},
		{"3b8000000000000000", ErrType},
		{"3bffffffffffffffff", ErrType},
	} {
		_, rest, err := NextInt(unhex(t, c.data))
		require.ErrorIs(t, err, c.kind, c.data)
		require.Nil(t, rest, c.data)
	}
}

func TestNextBytes(t *testing.T) {
	v, rest, err := NextBytes([]byte{0x42, 0x01, 0x02, 0xaa})
	require.NoError(t, err)
	require.Equal(t, []byte{0x01, 0x02}, v)
	require.Equal(t, []byte{0xaa}, rest)

	v, rest, err = NextBytes([]byte{0x40})
	require.NoError(t, err)
	require.Empty(t, v)
	require.NotNil(t, v)
	require.Empty(t, rest)
}

func TestNextBytesRefuses(t *testing.T) {
	for _, c := range []struct {
		data string
		kind error
	}{
		{"", ErrMalformed},
		{"41", ErrMalformed},
		{"5bffffffffffffffff", ErrMalformed},
		{"580100", ErrNotDeterministic},
		{"5f4100ff", ErrNotDeterministic},
		{"6161", ErrType},
		{"01", ErrType},
		{"83010203", ErrType},
	} {
		v, rest, err := NextBytes(unhex(t, c.data))
		require.ErrorIs(t, err, c.kind, c.data)
		require.Nil(t, v, c.data)
		require.Nil(t, rest, c.data)
	}
}

func TestKindOf(t *testing.T) {
	for data, want := range map[string]Kind{
		"": KindOther, "00": KindUint, "1b": KindUint, "20": KindNint, "40": KindBytes, "5f": KindBytes, "60": KindOther,
		"80": KindArray, "a0": KindMap, "c0": KindOther, "f4": KindBool, "f5": KindBool, "f6": KindOther, "f7": KindOther,
		"f9": KindOther, "ff": KindOther,
	} {
		require.Equal(t, want, KindOf(unhex(t, data)), data)
	}
}

func TestAppendWritesWhatMarshalWrites(t *testing.T) {
	edges := []uint64{0, 1, 23, 24, 255, 256, 65535, 65536, math.MaxUint32, math.MaxUint32 + 1, math.MaxInt64, math.MaxUint64}
	for _, v := range edges {
		want, err := Marshal(v)
		require.NoError(t, err)
		require.Equal(t, want, AppendUint(nil, v))

		want, err = Marshal(int64(v))
		require.NoError(t, err)
		require.Equal(t, want, AppendInt(nil, int64(v)))

		want, err = Marshal(-1 - int64(v>>1))
		require.NoError(t, err)
		require.Equal(t, want, AppendInt(nil, -1-int64(v>>1)))
	}
	for _, n := range []int{0, 1, 23, 24, 255, 256, 300} {
		want, err := Marshal(make([]byte, n))
		require.NoError(t, err)
		require.Equal(t, want, AppendBytes(nil, make([]byte, n)))
		require.Equal(t, want, append(AppendBytesHead(nil, n), make([]byte, n)...))
	}
	for _, v := range []bool{false, true} {
		want, err := Marshal(v)
		require.NoError(t, err)
		require.Equal(t, want, AppendBool(nil, v))
	}
	require.Equal(t, []byte{0x82, 0x01, 0x98, 0x18, 0xa1, 0xb8, 0x20},
		AppendMap(AppendMap(AppendArray(AppendUint(AppendArray(nil, 2), 1), 24), 1), 32))
}

func TestAppendKeepsWhatIsThere(t *testing.T) {
	require.Equal(t, []byte{0xee, 0x01}, AppendUint([]byte{0xee}, 1))
}

func TestReadersRefuseANegativeCount(t *testing.T) {
	require.ErrorIs(t, check(AppendArray(nil, -1)), ErrLimit)
	require.ErrorIs(t, check(AppendMap(nil, -1)), ErrLimit)
	require.ErrorIs(t, check(AppendBytesHead(nil, -1)), ErrMalformed)
}
