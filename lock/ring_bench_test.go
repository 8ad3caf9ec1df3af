package lock

import (
	"errors"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// benchRing returns a ring that is as full as a lock makes it.
func benchRing(tb testing.TB) (*ring, *chip, [][]byte) {
	flash := blankRing(tb, 256, 128, lockNeed)
	r, err := newRing(flash, lockNeed)
	require.NoError(tb, err)
	_, err = r.load(func(cell, []byte) error { return nil })
	require.NoError(tb, err)
	values := make([][]byte, 110)
	for i := range values {
		values[i] = value(45, byte(i))
		if i >= 64 {
			values[i] = value(240, byte(i))
		}
	}
	for i := range values {
		require.NoError(tb, r.commit(anchor{}, []record{{cell{0, byte(i)}, values[i]}}, func(c cell) []byte { return values[c.index] }))
	}
	return r, flash, values
}

func BenchmarkRingCommit(b *testing.B) {
	r, flash, values := benchRing(b)
	current := func(c cell) []byte { return values[c.index] }
	changes := []record{{}}
	before := flash.total()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		changes[0] = record{cell{0, byte(i % 64)}, values[i%64]}
		if err := r.commit(anchor{}, changes, current); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(float64(flash.total()-before)/float64(i), "pages/op")
}

func BenchmarkRingLoad(b *testing.B) {
	_, flash, _ := benchRing(b)
	b.ReportAllocs()
	for b.Loop() {
		r, err := newRing(flash, lockNeed)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := r.load(func(cell, []byte) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

// TestRingNeedsLittleMemory holds a ring and its load to a few kilobytes, and a
// commit to nearly nothing, whatever the size of the flash.
func TestRingNeedsLittleMemory(t *testing.T) {
	r, flash, values := benchRing(t)
	current := func(c cell) []byte { return values[c.index] }
	changes := []record{{cell{0, 1}, values[1]}}
	var err error
	commit := allocated(func() {
		for range 100 {
			err = errors.Join(err, r.commit(anchor{}, changes, current))
		}
	}) / 100
	require.NoError(t, err)
	load := allocated(func() {
		r, err := newRing(flash, lockNeed)
		require.NoError(t, err)
		_, err = r.load(func(cell, []byte) error { return nil })
		require.NoError(t, err)
	})
	t.Logf("a commit allocates %d bytes, a ring and its load %d", commit, load)
	require.Less(t, commit, uint64(256))
	require.Less(t, load, uint64(8<<10))
}

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
