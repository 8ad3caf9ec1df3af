package lock

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzRingLoad loads arbitrary pages: as they are, and with the magic and the
// checksum put right, so that what they say is read.  Where that gives a state,
// the ring goes on from it, or says why not.
func FuzzRingLoad(f *testing.F) {
	need := capacity{cells: 12, values: 700, value: 300, change: 350}
	flash := newChip(32, 128)
	r, err := newRing(flash, need)
	require.NoError(f, err)
	require.NoError(f, r.format())
	require.NoError(f, r.commit(anchor{1, 2, 3, 4}, []record{{cell{1, 1}, value(200, 1)}}, func(cell) []byte { return value(200, 1) }))
	seed := []byte{}
	for _, p := range flash.pages[:4] {
		seed = append(seed, p...)
	}
	f.Add(seed, true)
	f.Add(append(append([]byte{}, seed[2*128:]...), seed...), false)
	f.Fuzz(func(t *testing.T, content []byte, mend bool) {
		flash := newChip(32, 128)
		for _, p := range flash.pages {
			n := copy(p, content)
			content = content[n:]
			if mend && n > 0 {
				p[0] = ringMagic
				binary.BigEndian.PutUint32(p[9:], pageSum(p))
			}
		}
		k, err := keep(flash, need)
		require.LessOrEqual(t, flash.reads, 32)
		if err != nil {
			return
		}
		require.Equal(t, 32, flash.reads)
		require.LessOrEqual(t, len(k.index), need.cells)
		if k.commit(anchor{}, record{cell{1, 1}, value(20, 2)}) != nil {
			return
		}
		again, err := keep(flash, need)
		require.NoError(t, err)
		require.Equal(t, string(value(20, 2)), again.values[cell{1, 1}])
	})
}
