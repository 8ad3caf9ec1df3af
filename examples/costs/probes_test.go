package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const source = `package hash

type digest[T any] struct{ n int }

func (d *digest[T]) block(p []byte) {
	n := len(p)
	for n > 0 {
		n -= 64
		d.n++
	}
}

func key() { println() }

func empty() {}
`

// profileOf returns a profile of the source in a folder of its own.
func profileOf(t *testing.T, text string) *profile {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "hash.go"), []byte(source), 0o644))
	parts, err := parseProfile([]byte(text))
	require.NoError(t, err)
	return &profile{parts, map[string]string{"example.com/hash": folder}}
}

const text = `mode: atomic
example.com/hash/hash.go:5.37,7.12 2 3
example.com/hash/hash.go:7.12,10.3 2 21
example.com/hash/hash.go:13.12,13.24 1 4
example.com/other/other.go:1.1,99.1 1 1000
`

func TestProbeCounts(t *testing.T) {
	p := profileOf(t, text)
	for _, c := range []struct {
		probe probe
		want  int
	}{
		{probe{"", "example.com/hash", "digest.block", false}, 3},
		{probe{"", "example.com/hash", "digest.block", true}, 21},
		{probe{"", "example.com/hash", "key", false}, 4},
	} {
		n, err := p.count(c.probe)
		require.NoError(t, err)
		require.Equal(t, c.want, n, c.probe)
	}
}

// A version of Go whose source looks otherwise is told, not miscounted.
func TestProbeThatDoesNotFitIsAFault(t *testing.T) {
	for _, c := range []struct{ name, function, text string }{
		{"no such function", "blockGeneric", text},
		{"function of another type", "block", text},
		{"no loop", "key", text},
		{"no body", "empty", text},
		{"not instrumented", "digest.block", "mode: atomic\n"},
		{"instrumented twice", "digest.block", text + text},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := profileOf(t, c.text).count(probe{"", "example.com/hash", c.function, true})
			require.ErrorContains(t, err, "probes.go no longer fits")
		})
	}
}

func TestMalformedProfileIsAFault(t *testing.T) {
	for _, text := range []string{"x", "a.go:1.2,3.4 5", "a.go:1,3 5 6", "a.go:1.2,3.4 5 six"} {
		_, err := parseProfile([]byte(text))
		require.Error(t, err, text)
	}
}

// What the lock's own meter counts is probed too, so that one checks the other.
func TestProbesFillTheCounts(t *testing.T) {
	names := map[string]bool{}
	for _, p := range probes {
		names[p.column] = true
	}
	inside, outside := new(counts).cells()
	for _, cell := range append(inside, outside[:6]...) {
		require.True(t, names[cell.name], cell.name)
		delete(names, cell.name)
	}
	require.Empty(t, names)
}
