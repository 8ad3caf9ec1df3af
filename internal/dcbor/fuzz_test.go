package dcbor

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func addSeeds(f *testing.F) {
	f.Helper()
	for _, c := range accepted {
		f.Add(unhex(f, compact(c.item)))
	}
	for _, c := range refused {
		f.Add(unhex(f, compact(c.item)))
	}
	f.Add(sampleGrant(f))
	f.Add(nested(8))
	f.Add(nested(9))
}

// FuzzScan compares the scan with the oracle.
func FuzzScan(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		require.Equal(t, oracleAccepts(data), check(data) == nil)
	})
}

// FuzzUnmarshal holds that whatever is accepted, by whatever type, is what
// Marshal writes, and what the oracle accepts.
func FuzzUnmarshal(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, target := range []any{
			new(any), new(Raw), new(uint64), new(int64), new(uint8), new(bool), new([]byte), new([8]byte), new(string), new(float64),
			new([]any), new([]uint64), new(map[int64]any), new(map[any]any), new(*uint64),
			new(sign1), new(protected), new(claims), new([]entry), new(coseKey),
		} {
			if Unmarshal(data, target) != nil {
				continue
			}
			require.True(t, oracleAccepts(data), "%T", target)
			again, err := Marshal(target)
			require.NoError(t, err, "%T", target)
			require.Equal(t, data, again, "%T", target)
		}
		require.Equal(t, check(data) == nil, Unmarshal(data, new(Raw)) == nil)
	})
}

// FuzzNext holds that items and rest make up the sequence.
func FuzzNext(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _, _ = NextInt(data)
		_, _, _ = NextBytes(data)
		item, rest, err := Next(data)
		if err != nil {
			return
		}
		require.NoError(t, check(item))
		require.Equal(t, data, append(bytes.Clone(item), rest...))
		if v, after, err := NextInt(data); err == nil {
			require.Equal(t, rest, after)
			require.Equal(t, item, AppendInt(nil, v))
		}
		if v, after, err := NextBytes(data); err == nil {
			require.Equal(t, rest, after)
			require.Equal(t, item, AppendBytes(nil, v))
		}
	})
}

// FuzzReader walks an item as its kinds say, and writes what it reads.
func FuzzReader(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		_ = readGrant(data)
		r := NewReader(data)
		again := copyItem(nil, &r)
		if err := r.Close(); err != nil {
			require.Error(t, check(data))
			return
		}
		require.Equal(t, data, again)
	})
}

// copyItem reads one item of any kind and appends it.
func copyItem(b []byte, r *Reader) []byte {
	n := 0
	switch r.Kind() {
	case KindUint:
		return AppendUint(b, r.Uint())
	case KindBytes:
		return AppendBytes(b, r.Bytes())
	case KindBool:
		return AppendBool(b, r.Bool())
	case KindArray:
		n = r.Array(0, 32)
		b = AppendArray(b, n)
	case KindMap:
		pairs := r.Map(0, 32)
		b, n = AppendMap(b, pairs), 2*pairs
	default:
		return append(b, r.Raw()...)
	}
	for range n {
		b = copyItem(b, r)
	}
	return b
}
