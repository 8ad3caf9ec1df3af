package mutant

import (
	"crypto/ed25519"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSwitch(t *testing.T) {
	require.NoError(t, Switch(""))
	require.ErrorContains(t, Switch("any"), `no mutant "any"`)
	require.False(t, On("any"))
	ids = []string{"any"}
	t.Cleanup(func() { ids, on = nil, "" })
	require.NoError(t, Switch("any"))
	require.True(t, On("any"))
	require.False(t, On("other"))
}

// TestLenient has each rule forgiven alone: the item with the fault becomes the
// good one by its own rule, and stays as it is by the others.
func TestLenient(t *testing.T) {
	faults := map[string][][2]string{
		"indefinite": {{"9f01ff", "8101"}, {"bf0102ff", "a10102"}, {"5f41014102ff", "420102"}, {"a1009f8100ff", "a100818100"}},
		"long":       {{"1805", "05"}, {"190017", "17"}, {"1a00000100", "190100"}, {"580100", "4100"}, {"980101", "8101"}},
		"order":      {{"a202000100", "a201000200"}},
		"twice":      {{"a201000100", "a10100"}},
		"cut":        {{"820100ff"[:4], "820100"}, {"4301", "43010000"}},
		"trailing":   {{"0102", "01"}},
	}
	for rule, all := range faults {
		for _, fault := range all {
			for other := range faults {
				want := fault[0]
				if other == rule {
					want = fault[1]
				}
				in, err := hex.DecodeString(fault[0])
				require.NoError(t, err)
				require.Equal(t, want, hex.EncodeToString(Lenient(other, in)), "%s by %s", fault[0], other)
			}
		}
	}
	for _, good := range []string{"00", "a10142aabb", "83f4f520", "1b0000000100000000"} {
		for rule := range faults {
			in, err := hex.DecodeString(good)
			require.NoError(t, err)
			require.Equal(t, good, hex.EncodeToString(Lenient(rule, in)), rule)
		}
	}
}

func TestEd25519(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, 32))
	public := key.Public().(ed25519.PublicKey)
	signature := ed25519.Sign(key, []byte("good"))
	require.True(t, Ed25519(public, []byte("good"), signature))
	require.False(t, Ed25519(public, []byte("bad"), signature))
	order, err := hex.DecodeString("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
	require.NoError(t, err)
	carry := 0
	for i, b := range order { // S + L
		carry += int(signature[32+i]) + int(b)
		signature[32+i] = byte(carry)
		carry >>= 8
	}
	require.False(t, ed25519.Verify(public, []byte("good"), signature))
	require.True(t, Ed25519(public, []byte("good"), signature))
}

func TestConstant(t *testing.T) {
	a, b := make([]byte, 8), make([]byte, 8)
	_, err := Constant.Read(a)
	require.NoError(t, err)
	_, err = Constant.Read(b)
	require.NoError(t, err)
	require.Equal(t, a, b)
}

func TestKeep(t *testing.T) {
	require.Equal(t, []int{1, 2}, Keep("some", []int{1, 2}))
	require.Equal(t, []int{1, 2, 3}, Keep("some", []int{3, 1}))
	require.Empty(t, Keep[int]("others", nil))
	all := Keep("some", []int(nil))
	all[0] = 9
	require.Equal(t, []int{1, 2, 3}, Keep("some", []int(nil)), "who gets them cannot alter them")
}
