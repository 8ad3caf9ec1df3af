package suite

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"
)

// RFC 5869, sections A.1 to A.3: the cases with SHA-256.
var rfc5869 = []struct{ name, ikm, salt, info, prk, okm string }{
	{
		"A.1", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
		"077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
		"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
	},
	{
		"A.2",
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f" +
			"303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
		"606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f" +
			"909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
		"b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf" +
			"e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
		"06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
		"b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09" +
			"da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
	},
	{
		"A.3", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
		"19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
		"8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
	},
}

func TestHKDFRFC5869(t *testing.T) {
	for _, c := range rfc5869 {
		t.Run(c.name, func(t *testing.T) {
			prk, err := Extract(unhex(t, c.salt), unhex(t, c.ikm))
			require.NoError(t, err)
			require.Equal(t, unhex(t, c.prk), prk)
			want := unhex(t, c.okm)
			for n := range len(want) + 1 {
				okm, err := Expand(prk, n, unhex(t, c.info))
				require.NoError(t, err)
				require.Equal(t, want[:n], okm)
			}
		})
	}
}

func TestHKDFWycheproof(t *testing.T) {
	type group struct {
		Tests []struct {
			ID     int      `json:"tcId"`
			IKM    hexBytes `json:"ikm"`
			Salt   hexBytes `json:"salt"`
			Info   hexBytes `json:"info"`
			Size   int      `json:"size"`
			OKM    hexBytes `json:"okm"`
			Result verdict  `json:"result"`
		} `json:"tests"`
	}
	run := map[verdict]int{}
	for _, g := range loadWycheproof[group](t, "hkdf_sha256_test.json") {
		for _, c := range g.Tests {
			run[c.Result]++
			prk, err := Extract(c.Salt, c.IKM)
			require.NoError(t, err)
			okm, err := Expand(prk, c.Size, c.Info)
			if c.Result == "invalid" {
				require.ErrorIs(t, err, ErrLength, "case %d", c.ID)
				continue
			}
			require.NoError(t, err, "case %d", c.ID)
			require.Equal(t, []byte(c.OKM), okm, "case %d", c.ID)
		}
	}
	require.Equal(t, map[verdict]int{"valid": 83, "invalid": 3}, run)
}

func TestEmptySaltIsZeros(t *testing.T) {
	a, err := Extract(nil, []byte("ikm"))
	require.NoError(t, err)
	b, err := Extract(make([]byte, HashSize), []byte("ikm"))
	require.NoError(t, err)
	require.Equal(t, a, b)
}

func TestExpandRefuses(t *testing.T) {
	prk := bytes.Repeat([]byte{1}, HashSize)
	for _, n := range []int{-1, 255*HashSize + 1, 1 << 30} {
		_, err := Expand(prk, n)
		requireRule(t, err, ErrLength, "HKDF-Expand gives 0 to 8160 bytes")
	}
	okm, err := Expand(prk, 255*HashSize)
	require.NoError(t, err)
	require.Len(t, okm, 8160)
	for _, short := range [][]byte{nil, {}, prk[1:]} {
		_, err = Expand(short, 16)
		requireRule(t, err, ErrKey, "pseudorandom key is not of 32 bytes")
	}
}

// FuzzExpand holds Expand against the standard library, and the division of
// info into parts against info in one piece.
func FuzzExpand(f *testing.F) {
	f.Add(make([]byte, 32), []byte("info"), uint16(58), uint8(2))
	f.Add(make([]byte, 32), []byte{}, uint16(0), uint8(0))
	f.Add(make([]byte, 32), make([]byte, 300), uint16(8160), uint8(64))
	f.Fuzz(func(t *testing.T, prk, info []byte, length uint16, cut uint8) {
		prk = append(prk, make([]byte, HashSize)...)[:HashSize]
		n := int(length) % (maxExpand + 1)
		want, err := hkdf.Expand(sha256.New, prk, string(info), n)
		require.NoError(t, err)
		at := min(int(cut), len(info))
		got, err := Expand(prk, n, info[:at], info[at:])
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}
