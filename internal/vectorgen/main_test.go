package main

import (
	"bytes"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

func TestFilesAreAsGenerated(t *testing.T) {
	files, err := generate()
	require.NoError(t, err)
	for name, content := range files {
		have, err := os.ReadFile(filepath.Join("../../spec/vectors", name))
		require.NoError(t, err)
		require.True(t, bytes.Equal(have, content), "%s is not what go generate ./spec/vectors makes", name)
	}
}

func TestStreamIsTheOneOfTheReadme(t *testing.T) {
	// printf 'cbor/test\0\0\0\0' | openssl dgst -sha256 -hmac 'Postern test vectors 1'
	require.Equal(t, "e2b00d6491e3a1694689d0930ae9340b336868310ac26f65bfd5df18e7df0882", hex.EncodeToString(draw("cbor/test", 32)))
	inParts := make([]byte, 100)
	r := random("cbor/test")
	for i := range 10 {
		_, err := io.ReadFull(r, inParts[10*i:10*i+10])
		require.NoError(t, err)
	}
	require.Equal(t, draw("cbor/test", 100), inParts)
	require.NotEqual(t, draw("cbor/test", 32), draw("cbor/tess", 32))
}

func TestBuilderRefuses(t *testing.T) {
	item := func(b byte) vectors.CBORTest { return vectors.CBORTest{Data: vectors.Hex{b}} }
	for _, c := range []struct {
		name, complaint string
		add             func(b cborBuilder)
	}{
		{"unknown flag", "no note", func(b cborBuilder) { b.valid("a", item(0), "other") }},
		{"no flag", "no flag", func(b cborBuilder) { b.valid("a", item(0)) }},
		{"unknown reason", "no reason has the number 4000", func(b cborBuilder) { b.invalid(0, 4000, "a", item(0), "flag") }},
		{"twin that does not exist", "twin 9", func(b cborBuilder) { b.invalid(9, wire.ReasonMalformed, "a", item(0), "flag") }},
		{"twin that is invalid", "twin 2", func(b cborBuilder) {
			twin := b.invalid(0, wire.ReasonMalformed, "a", item(0), "flag")
			b.invalid(twin, wire.ReasonMalformed, "b", item(1), "flag")
		}},
		{"the same twice", "holds what tcId 2 does", func(b cborBuilder) {
			b.invalid(0, wire.ReasonMalformed, "a", item(0), "flag")
			b.invalid(0, wire.ReasonMalformed, "b", item(0), "flag")
		}},
		{"group without a valid test", "no valid test", func(b cborBuilder) {
			b.items("second")
			b.invalid(1, wire.ReasonMalformed, "a", item(0), "flag")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := cborBuilder{begin[vectors.CBORParams, vectors.CBORTest]("test", map[string]vectors.Note{"flag": note("none", "none", "PST-ENC-001")})}
			b.items("first")
			b.valid("good", item(7), "flag")
			_, err := b.end()
			require.NoError(t, err)
			c.add(b)
			_, err = b.end()
			require.ErrorContains(t, err, c.complaint)
		})
	}
	b := begin[vectors.None, vectors.CBORTest]("test", map[string]vectors.Note{"flag": {}})
	_, err := b.end()
	require.ErrorContains(t, err, `no test has the flag "flag"`)
}
