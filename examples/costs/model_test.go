package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPredictionIsCyclesOverClock(t *testing.T) {
	c := counts{X25519: 2, SHA256Blocks: 10, AESKeys: 1, AESBlocks: 3, SHA512Blocks: 99, Bytes: 94, FlashErases: 2, FlashBytes: 256}
	got := predict(c)
	require.Equal(t, prediction{
		"Cortex-M0", 28,
		quantity{256.418, published}, // 2 * 3589850 / 28000
		quantity{3.258, estimated},   // (10*8589 + 399 + 3*1646) / 28000
		quantity{10, estimated},      // 94 / 9.4
		quantity{19.2, estimated},    // 2*3.2 + 2*6.4
		quantity{288.876, estimated}, // before rounding
	}, got[0])
	require.Equal(t, quantity{17.152, published}, got[1].PublicKey) // 2 * 548873 / 64000
	require.Equal(t, quantity{0.624, published}, got[1].Symmetric)  // (10*3776 + 302 + 3*626) / 64000
	require.Equal(t, quantity{6.861, estimated}, got[2].PublicKey)  // 2 * 548873 / 160000
	require.Equal(t, quantity{0.133, published}, got[2].Symmetric)  // (10*1931 + 271 + 3*574) / 160000
	for _, p := range got[1:] {
		require.Equal(t, got[0].Air, p.Air)
		require.Equal(t, got[0].Flash, p.Flash)
	}
}

func TestNothingTakesNoTime(t *testing.T) {
	none := quantity{0, counted}
	for i, p := range predict(counts{}) {
		require.Equal(t, prediction{cores[i].name, cores[i].mhz, none, none, none, none, none}, p)
	}
}

func TestSumIsAsWeakAsItsWeakestPart(t *testing.T) {
	q := quantity{Basis: counted}
	q.add(0, estimated)
	require.Equal(t, counted, q.Basis)
	q.add(1, published)
	require.Equal(t, published, q.Basis)
	q.add(1, estimated)
	q.add(1, published)
	require.Equal(t, quantity{3, estimated}, q)
}

// Every price belongs to a count, and every count of work has its price, but
// for SHA-512, which is part of Ed25519's.
func TestEveryOperationHasItsPrice(t *testing.T) {
	for _, p := range prices {
		var c counts
		for _, cell := range c.all() {
			*cell.value = 1
			if cell.name != p.name {
				*cell.value = 0
			}
		}
		require.Equal(t, 1, p.count(c), p.name)
	}
	priced := map[string]bool{"sha512_blocks": true, "pairs": true, "bytes": true, "flash_erases": true, "flash_bytes": true}
	for _, p := range prices {
		priced[p.name] = true
	}
	for _, cell := range new(counts).all() {
		require.True(t, priced[cell.name], cell.name)
	}
}

// What is published names a source, and what is estimated a derivation.
func TestEveryFigureHasItsNote(t *testing.T) {
	used := map[string]bool{"f": true, "g": true} // of the assumptions
	for _, p := range prices {
		for i, f := range p.figures {
			what := p.name + " on " + cores[i].name
			require.Positive(t, f.cycles, what)
			switch f.basis {
			case published:
				require.Regexp(t, `^[1-9]$`, f.note, what)
			case estimated:
				require.Regexp(t, `^[a-z]$`, f.note, what)
			default:
				require.Fail(t, "a figure is published or estimated", what)
			}
			used[f.note] = true
		}
	}
	for _, n := range notes {
		require.True(t, used[n.key], n.key)
		require.True(t, strings.HasSuffix(n.text, "."), n.key)
		delete(used, n.key)
	}
	require.Empty(t, used)
}

// The estimates and conversions are the ones that their notes tell.
func TestFiguresFollowFromTheirNotes(t *testing.T) {
	const x0, x4, dh0, dh4, dh33 = 3_589_850, 548_873, 4_457_000, 906_000, 1_607_000
	const crc = 30e-3 * 120e6 / (128 << 10) * flashPageBytes
	want := map[string][3]float64{
		"x25519":         {x0, x4, x4},
		"ed25519_sign":   {240_000.0 * x0 / x4, 240_000, 240_000},
		"ed25519_verify": {720_000.0 * x0 / x4, 720_000, 720_000},
		"ed25519_points": {270_000, 270_000.0 / 3_229_950 * x4, 270_000.0 / 3_229_950 * x4},
		"p256_dh":        {dh0, dh4, 10.713 * 150_000},
		"p256_sign":      {375_000.0 * dh0 / dh4, 375_000, 7.441 * 150_000},
		"p256_verify":    {976_000.0 * dh0 / dh4, 976_000, 15.333 * 150_000},
		"p256_points":    {48_000.0 * dh0 / dh4, 48_000, 48_000.0 * dh33 / dh4},
		"sha256_blocks":  {64 * 64e6 / 476_863, 64 * 59, 64 * 150e6 / 4.972e6},
		"aes_keys":       {399, 302, 271},
		"aes_blocks":     {1_646, 626, 574},
		"flash_reads":    {crc * 8_589 / 3_776, crc, crc},
	}
	require.Len(t, want, len(prices))
	for _, p := range prices {
		for i, f := range p.figures {
			require.InEpsilon(t, want[p.name][i], f.cycles, 0.004, "%s on %s", p.name, cores[i].name)
		}
	}
}
