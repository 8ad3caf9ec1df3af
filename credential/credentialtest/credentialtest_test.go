package credentialtest_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/postern-lock/postern/credential/credentialtest"
)

func TestItems(t *testing.T) {
	for want, got := range map[string][]byte{
		"00":                 Uint(0),
		"1864":               Uint(100),
		"3863":               Int(-100),
		"420102":             Bytes([]byte{1, 2}),
		"6161":               Text("a"),
		"820141ff":           Array(Int(1), Bytes([]byte{0xff})),
		"f6":                 Head(MajorOther, 22),
		"c100":               append(Head(MajorTag, 1), 0),
		"1800":               LongHead(MajorUint, 0, 1),
		"190001":             LongHead(MajorUint, 1, 2),
		"5a00000002":         LongHead(MajorBytes, 2, 4),
		"9b0000000000000003": LongHead(MajorArray, 3, 8),
	} {
		require.Equal(t, want, hex.EncodeToString(got))
	}
	items, err := Items([]byte{0x01, 0x41, 0xff})
	require.NoError(t, err)
	require.Equal(t, [][]byte{{0x01}, {0x41, 0xff}}, items)
	require.Equal(t, []byte{0xff}, Content(items[1]))
	require.Nil(t, Content(items[0]))
	_, err = Items([]byte{0x18, 0x01})
	require.Error(t, err)
}

func TestMap(t *testing.T) {
	m, err := ParseMap([]byte{0xA2, 0x01, 0x05, 0x03, 0x06})
	require.NoError(t, err)
	m.Set(2, Int(7))
	m.Set(3, Int(8))
	m.Append(Int(1), Text("again"))
	require.Equal(t, "a401050207030801656167"+"61696e", hex.EncodeToString(m.Encode()))
	require.Equal(t, Int(7), m.Get(2))
	require.Nil(t, m.Get(9))
	m.Delete(2)
	m.Delete(9)
	require.Nil(t, m.Get(2))
	require.Len(t, m, 3)
	_, err = ParseMap([]byte{0x80})
	require.Error(t, err)
}

func TestAlterations(t *testing.T) {
	good := func() []byte { return []byte{0x01, 0x02, 0x03} }
	require.Equal(t, []byte{0x00, 0x02, 0x03}, Flip(0)(good()))
	last := Flip(-1)
	require.Equal(t, []byte{0x01, 0x02, 0x02}, last(good()))
	require.Equal(t, []byte{0x03}, last([]byte{0x02}), "an alteration may be used again")
	require.Equal(t, []byte{0x01, 0x02, 0x03, 0x04}, Extend(4)(good()))
	require.Equal(t, []byte{0x01, 0x02}, Cut(1)(good()))
	require.Equal(t, []byte{0x09}, Replace([]byte{9})(good()))
	require.Equal(t, []byte{0x01, 0x20, 0x03}, SetItem(1, Int(-1))(good()))
	require.Panics(t, func() { OfObject(func(*Object) {})(good()) })
	require.Panics(t, func() { OfItems(func(i [][]byte) [][]byte { return i })([]byte{0xff}) })
}
