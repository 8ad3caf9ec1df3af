package dcbor

import (
	"bytes"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/internal/wire"
)

func TestCodecOptionsAreValid(t *testing.T) {
	require.NoError(t, errEncMode)
	require.NoError(t, errDecMode)
}

func TestCodecSharesTheLimits(t *testing.T) {
	var v any
	require.NoError(t, Unmarshal(nested(wire.LimitCborDepth), &v))
	array := append(AppendArray(nil, wire.LimitCborItems), make([]byte, wire.LimitCborItems)...)
	require.NoError(t, Unmarshal(array, &v))
}

func TestAnyItemRoundTrips(t *testing.T) {
	for _, c := range accepted {
		t.Run(c.name, func(t *testing.T) {
			data := unhex(t, compact(c.item))
			var raw Raw
			require.NoError(t, Unmarshal(data, &raw))
			require.Equal(t, data, []byte(raw))
			again, err := Marshal(raw)
			require.NoError(t, err)
			require.Equal(t, data, again)
		})
	}
}

func TestGrantRoundTrips(t *testing.T) {
	grant := sampleGrant(t)
	require.Len(t, grant, 159)
	require.NoError(t, unmarshalGrant(grant))
	require.NoError(t, readGrant(grant))
}

// What the codec's strictest mode lets pass, and what Go types cannot tell.
func TestUnmarshalRefusesWhatDoesNotFit(t *testing.T) {
	type pair struct {
		_ struct{} `cbor:",toarray"`
		A uint64
		B []byte
	}
	type claim struct {
		A uint64 `cbor:"1,keyasint"`
		B uint64 `cbor:"2,keyasint,omitempty"`
	}
	for _, c := range []struct {
		name, item string
		target     any
		kind       error
	}{
		{"null for a byte string", "f6", new([]byte), ErrType},
		{"null within a struct", "8201f6", new(pair), ErrType},
		{"array for a byte string", "83010203", new([]byte), ErrType},
		{"array for a byte array", "83010203", new([3]byte), ErrType},
		{"empty array for a byte string", "80", new([]byte), ErrType},
		{"byte string for an array", "43010203", new([]uint64), ErrType},
		{"byte string for a string", "43010203", new(string), ErrType},
		{"byte string shorter than its array", "420102", new([3]byte), ErrType},
		{"byte string longer than its array", "4401020304", new([3]byte), ErrType},
		{"array shorter than its struct", "8101", new(pair), ErrType},
		{"array longer than its struct", "83014000", new(pair), ErrType},
		{"unknown key", "a20100 03 00", new(claim), ErrType},
		{"missing key", "a10205", new(claim), ErrType},
		{"zero for a key that is left out when zero", "a201000200", new(claim), ErrType},
		{"byte string as an unknown key", "a20100 4141 00", new(claim), ErrType},
		{"map for an array struct", "a10100", new(pair), ErrType},
		{"array for a map struct", "8101", new(claim), ErrType},
		{"negative for unsigned", "20", new(uint64), ErrType},
		{"300 for eight bits", "19012c", new(uint8), ErrType},
		{"2^63 for a signed integer", "1b8000000000000000", new(int64), ErrType},
		{"integer for a float", "01", new(float64), ErrType},
		{"integer for a bool", "01", new(bool), ErrType},
		{"bool for an integer", "f5", new(uint64), ErrType},
		{"array as a key", "a1 80 00", new(any), ErrType},
		{"map as a key", "a1 a0 00", new(any), ErrType},
		{"text string into any", "6161", new(any), ErrType},
		{"tag into any", "c100", new(any), ErrType},
		{"null into a pointer", "f6", new(*uint64), ErrType},
		{"shortest head", "1801", new(uint64), ErrNotDeterministic},
		{"bytes after the item", "0100", new(uint64), ErrMalformed},
		{"no bytes", "", new(uint64), ErrMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.ErrorIs(t, Unmarshal(unhex(t, compact(c.item)), c.target), c.kind)
		})
	}
}

func TestUnmarshalNeedsAPointer(t *testing.T) {
	for name, target := range map[string]any{
		"nil": nil, "value": uint64(0), "nil pointer": (*uint64)(nil), "map": map[uint64]uint64{},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, Unmarshal([]byte{0x01}, target), ErrType)
		})
	}
}

func TestUnmarshalLeavesZeroOnError(t *testing.T) {
	v := claims{Exp: 1, Scope: []byte{1}}
	require.Error(t, Unmarshal([]byte{0xa1, 0x04, 0x05}, &v))
	require.Zero(t, v)
}

func TestUnmarshalDoesNotMerge(t *testing.T) {
	v := map[uint64]uint64{7: 7}
	require.ErrorIs(t, Unmarshal([]byte{0xa1, 0x01, 0x02}, &v), ErrType)
}

func TestUnmarshalSharesNoMemory(t *testing.T) {
	data := []byte{0x82, 0x41, 0x01, 0x41, 0x02}
	var v struct {
		_ struct{} `cbor:",toarray"`
		A []byte
		B Raw
	}
	require.NoError(t, Unmarshal(data, &v))
	data[2], data[4] = 9, 9
	require.Equal(t, []byte{1}, v.A)
	require.Equal(t, Raw{0x41, 2}, v.B)
}

func TestMarshalIsDeterministic(t *testing.T) {
	for _, c := range []struct {
		name  string
		value any
		item  string
	}{
		{"nil byte string is empty", []byte(nil), "40"},
		{"nil byte string within", sign1{}, "8440a04040"},
		{"nil array is empty", []uint64(nil), "80"},
		{"nil map is empty", map[int64]uint64(nil), "a0"},
		{"byte array is a byte string", [3]byte{1, 2, 3}, "43010203"},
		{"keys rise bytewise", map[int64]bool{-1: true, 100: false, 10: true}, "a30af51864f420f5"},
		{"key ids of a struct rise bytewise", coseKey{Kty: 1, Crv: 6}, "a301012006215820" + "0000000000000000000000000000000000000000000000000000000000000000"},
		{"shortest integer", uint64(23), "17"},
		{"int", -1, "20"},
		{"raw", Raw{0x81, 0x00}, "8100"},
	} {
		t.Run(c.name, func(t *testing.T) {
			data, err := Marshal(c.value)
			require.NoError(t, err)
			require.Equal(t, unhex(t, c.item), data)
		})
	}
}

func TestMarshalRefusesWhatUnmarshalWould(t *testing.T) {
	long := make([]uint64, wire.LimitCborItems+1)
	for _, c := range []struct {
		name  string
		value any
		kind  error
	}{
		{"nil", nil, ErrType},
		{"nil pointer", (*uint64)(nil), ErrType},
		{"nil within", []any{nil}, ErrType},
		{"text string", "a", ErrType},
		{"text string as key", map[string]uint64{"a": 1}, ErrType},
		{"struct without key numbers", struct{ A uint64 }{1}, ErrType},
		{"float", 1.5, ErrType},
		{"big integer", new(big.Int).Lsh(big.NewInt(1), 70), ErrType},
		{"channel", make(chan int), ErrType},
		{"empty raw", Raw{}, ErrType},
		{"raw that is cut off", Raw{0x41}, ErrType},
		{"raw of two items", Raw{0x00, 0x00}, ErrType},
		{"raw that is not deterministic", []Raw{{0x18, 0x01}}, ErrNotDeterministic},
		{"too many elements", long, ErrLimit},
		{"nested too deeply", Raw(nested(wire.LimitCborDepth + 1)), ErrLimit},
	} {
		t.Run(c.name, func(t *testing.T) {
			data, err := Marshal(c.value)
			require.ErrorIs(t, err, c.kind)
			require.Nil(t, data)
		})
	}
}

func TestErrorGivesTheCodecsCause(t *testing.T) {
	var e *Error
	require.ErrorAs(t, Unmarshal([]byte{0x01}, new([]byte)), &e)
	require.Error(t, e.Err)
	require.ErrorIs(t, e, e.Err)
	require.Equal(t, "dcbor: CBOR type not admitted: item does not fit the Go value at byte 0", e.Error())

	require.ErrorAs(t, Unmarshal([]byte{0x42, 1, 2}, new([3]byte)), &e)
	require.Equal(t, "value encodes to other bytes", e.Rule)
	require.Zero(t, e.Offset)
}

// decodesToItself says that some Go value stands for data.
func decodesToItself(data []byte) bool {
	var v sign1
	return Unmarshal(data, &v) == nil
}

func TestEveryTruncationIsRefused(t *testing.T) {
	grant := sampleGrant(t)
	for n := range len(grant) {
		require.ErrorIs(t, check(grant[:n]), ErrMalformed, "%d bytes", n)
		require.False(t, decodesToItself(grant[:n]), "%d bytes", n)
		_, _, err := Next(grant[:n])
		require.ErrorIs(t, err, ErrMalformed, "%d bytes", n)
	}
}

func TestEveryOneByteExtensionIsRefused(t *testing.T) {
	grant := sampleGrant(t)
	for b := range 256 {
		require.ErrorIs(t, check(append(bytes.Clone(grant), byte(b))), ErrMalformed)
		before := append([]byte{byte(b)}, grant...)
		require.Equal(t, oracleAccepts(before), check(before) == nil, "%#x before", b)
		require.False(t, decodesToItself(before), "%#x before", b)
	}
}

func TestEveryOneByteChangeGivesAnotherValueOrNone(t *testing.T) {
	grant := sampleGrant(t)
	var original sign1
	require.NoError(t, Unmarshal(grant, &original))
	changed := bytes.Clone(grant)
	for i := range grant {
		for b := range 256 {
			if changed[i] = byte(b); changed[i] == grant[i] {
				continue
			}
			require.Equal(t, oracleAccepts(changed), check(changed) == nil, "byte %d is %#x", i, b)
			var v sign1
			if Unmarshal(changed, &v) == nil {
				require.NotEqual(t, original, v, "byte %d is %#x", i, b)
			}
		}
		changed[i] = grant[i]
	}
}
