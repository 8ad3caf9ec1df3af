package suite

import (
	"bytes"
	"crypto/elliptic"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func dhKey(tb testing.TB, c Curve, scalar string) *DHKey {
	tb.Helper()
	key, err := GenerateDH(c, fixedRand(tb, scalar), nil)
	require.NoError(tb, err)
	return key
}

// RFC 7748, section 5.2, the two single cases.
func TestX25519RFC7748Function(t *testing.T) {
	for _, c := range []struct{ scalar, u, out string }{
		{
			"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
			"e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
			"c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
		},
		{
			"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
			"e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
			"95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
		},
	} {
		shared, err := dhKey(t, X25519, c.scalar).Shared(unhex(t, c.u))
		require.NoError(t, err)
		require.Equal(t, unhex(t, c.out), shared)
	}
}

// RFC 7748, section 5.2, the iterated case after 1 and 1,000 rounds.
func TestX25519RFC7748Iterated(t *testing.T) {
	k := append([]byte{9}, make([]byte, 31)...)
	u := bytes.Clone(k)
	for i := range 1000 {
		key, err := GenerateDH(X25519, bytes.NewReader(k), nil)
		require.NoError(t, err)
		shared, err := key.Shared(u)
		require.NoError(t, err)
		k, u = shared, k
		if i == 0 {
			require.Equal(t, unhex(t, "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"), k)
		}
	}
	require.Equal(t, unhex(t, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"), k)
}

var agreements = []struct {
	name                        string
	curve                       Curve
	privateA, publicA           string
	privateB, publicB, expected string
}{
	{
		"RFC 7748, section 6.1", X25519,
		"77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
		"8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
		"5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
		"de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
		"4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
	},
	{
		"RFC 5903, section 8.1", P256,
		"c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
		"dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180",
		"c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53",
		"d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63",
		"d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de",
	},
}

func TestAgreement(t *testing.T) {
	for _, c := range agreements {
		t.Run(c.name, func(t *testing.T) {
			a, b := dhKey(t, c.curve, c.privateA), dhKey(t, c.curve, c.privateB)
			require.Equal(t, unhex(t, c.publicA), a.Public())
			require.Equal(t, unhex(t, c.publicB), b.Public())
			ab, err := a.Shared(b.Public())
			require.NoError(t, err)
			ba, err := b.Shared(a.Public())
			require.NoError(t, err)
			require.Equal(t, unhex(t, c.expected), ab)
			require.Equal(t, ab, ba)
		})
	}
}

func TestX25519Wycheproof(t *testing.T) {
	type group struct {
		Tests []struct {
			ID      int      `json:"tcId"`
			Public  hexBytes `json:"public"`
			Private hexBytes `json:"private"`
			Shared  hexBytes `json:"shared"`
			Result  verdict  `json:"result"`
		} `json:"tests"`
	}
	run, zero := map[verdict]int{}, 0
	for _, g := range loadWycheproof[group](t, "x25519_test.json") {
		for _, c := range g.Tests {
			run[c.Result]++
			key, err := GenerateDH(X25519, bytes.NewReader(c.Private), nil)
			require.NoError(t, err)
			shared, err := key.Shared(c.Public)
			if bytes.Equal(c.Shared, make([]byte, DHSize)) {
				zero++
				requireRule(t, err, ErrDH, "public key is of small order")
				require.Nil(t, shared)
				continue
			}
			require.NoError(t, err, "case %d", c.ID)
			require.Equal(t, []byte(c.Shared), shared, "case %d", c.ID)
		}
	}
	require.Equal(t, map[verdict]int{"valid": 264, "acceptable": 254}, run)
	require.Equal(t, 31, zero)
}

// The u-coordinates whose points are of small order, on the curve or its twist,
// each also with 2^255 added, which X25519 ignores.
func TestX25519RefusesSmallOrder(t *testing.T) {
	key := dhKey(t, X25519, agreements[0].privateA)
	for _, u := range []string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		point := unhex(t, u)
		for range 2 {
			shared, err := key.Shared(point)
			requireRule(t, err, ErrDH, "public key is of small order")
			require.Nil(t, shared)
			point[31] |= 0x80
		}
	}
}

// Wycheproof's cases carry whole points. What is sent here is x alone, so a case
// with a wrong y is one with a right x, if x has a point at all.
func TestP256Wycheproof(t *testing.T) {
	type group struct {
		Tests []struct {
			ID      int      `json:"tcId"`
			Public  hexBytes `json:"public"`
			Private hexBytes `json:"private"`
			Shared  hexBytes `json:"shared"`
			Result  verdict  `json:"result"`
		} `json:"tests"`
	}
	run := map[verdict]int{}
	wrongY, noPoint := 0, 0
	for _, g := range loadWycheproof[group](t, "ecdh_secp256r1_ecpoint_test.json") {
		for _, c := range g.Tests {
			run[c.Result]++
			private := new(big.Int).SetBytes(c.Private).FillBytes(make([]byte, DHSize))
			key, err := GenerateDH(P256, bytes.NewReader(private), nil)
			require.NoError(t, err, "case %d", c.ID)
			x := []byte(c.Public)
			if len(x) > DHSize {
				x = x[1 : 1+DHSize]
			}
			shared, err := key.Shared(x)
			switch {
			case c.Result != "invalid":
				require.NoError(t, err, "case %d", c.ID)
				require.Equal(t, []byte(c.Shared), shared, "case %d", c.ID)
			case len(x) == DHSize && hasP256Point(x):
				wrongY++
				require.NoError(t, err, "case %d", c.ID)
			default:
				noPoint++
				require.ErrorIs(t, err, ErrDH, "case %d", c.ID)
			}
		}
	}
	require.Equal(t, map[verdict]int{"valid": 330, "invalid": 24, "acceptable": 1}, run)
	require.Equal(t, 4, wrongY, "x = 0 has a point, and comes with four wrong y")
	require.Equal(t, 20, noPoint)
}

func TestP256GivesTheSameSecretForBothPoints(t *testing.T) {
	key := dhKey(t, P256, agreements[1].privateA)
	shared, err := key.Shared(unhex(t, p256Gx))
	require.NoError(t, err)
	require.Equal(t, key.Public(), shared, "the secret with the generator is the public key")

	order := elliptic.P256().Params().N
	scalar := new(big.Int).SetBytes(unhex(t, agreements[1].privateA))
	negative := dhKey(t, P256, fmt.Sprintf("%064x", scalar.Sub(order, scalar)))
	require.Equal(t, key.Public(), negative.Public())
	again, err := negative.Shared(unhex(t, p256Gx))
	require.NoError(t, err)
	require.Equal(t, shared, again)
}

func TestSharedRefuses(t *testing.T) {
	x25519, p256 := dhKey(t, X25519, agreements[0].privateA), dhKey(t, P256, agreements[1].privateA)
	for _, n := range []int{0, 1, 31, 33, 65} {
		for _, key := range []*DHKey{x25519, p256} {
			_, err := key.Shared(make([]byte, n))
			requireRule(t, err, ErrDH, "public key is not 32 bytes")
		}
	}
	for _, x := range []string{twistX, p256P, strings.Repeat("ff", 32)} {
		_, err := p256.Shared(unhex(t, x))
		requireRule(t, err, ErrDH, "public key is not on the curve")
	}
}

func TestGenerateDHReadsItsScalar(t *testing.T) {
	for _, c := range []Curve{X25519, P256} {
		random := fixedRand(t, agreements[0].privateA+agreements[0].privateB)
		_, err := GenerateDH(c, random, nil)
		require.NoError(t, err)
		require.Equal(t, 32, random.Len(), "32 bytes are read, no more")
	}
}

func TestGenerateDHPassesOverWhatIsNoScalar(t *testing.T) {
	order := fmt.Sprintf("%064x", elliptic.P256().Params().N)
	none := strings.Repeat("00", 32) + strings.Repeat("ff", 32) + order
	key := dhKey(t, P256, none+agreements[1].privateA)
	require.Equal(t, unhex(t, agreements[1].publicA), key.Public())

	_, err := GenerateDH(P256, fixedRand(t, none+order+agreements[1].privateA), nil)
	requireRule(t, err, ErrRandom, "source gave no private key")
	_, err = GenerateDH(P256, zeroReader{}, nil)
	requireRule(t, err, ErrRandom, "source gave no private key")
}

// zeroReader is a source that has failed without a word.
type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestGenerateDHRefuses(t *testing.T) {
	_, err := GenerateDH(X25519, nil, nil)
	requireRule(t, err, ErrRandom, "no source")
	cause := errors.New("broken")
	_, err = GenerateDH(X25519, iotest.ErrReader(cause), nil)
	requireRule(t, err, ErrRandom, "source returned an error")
	require.ErrorIs(t, err, cause)
	_, err = GenerateDH(X25519, strings.NewReader("31 bytes are not enough for it."), nil)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	for _, c := range []Curve{0, 3, -1} {
		_, err = GenerateDH(c, zeroReader{}, nil)
		requireRule(t, err, ErrKey, "unknown curve")
	}
}

func TestGenerateDHTakesShortReads(t *testing.T) {
	key, err := GenerateDH(X25519, iotest.OneByteReader(fixedRand(t, agreements[0].privateA)), nil)
	require.NoError(t, err)
	require.Equal(t, unhex(t, agreements[0].publicA), key.Public())
}

func TestZeroDHKeyAgreesOnNothing(t *testing.T) {
	var key DHKey
	require.Nil(t, key.Public())
	_, err := key.Shared(make([]byte, DHSize))
	requireRule(t, err, ErrDH, "no private key")
}

func TestCurveNames(t *testing.T) {
	require.Equal(t, "X25519", X25519.String())
	require.Equal(t, "P-256", P256.String())
	require.Equal(t, "curve 0", Curve(0).String())
}

// FuzzSharedP256 holds that exactly the x-coordinates of points are taken.
func FuzzSharedP256(f *testing.F) {
	f.Add(unhex(f, p256Gx))
	f.Add(unhex(f, twistX))
	f.Add(unhex(f, p256P))
	key := dhKey(f, P256, agreements[1].privateA)
	f.Fuzz(func(t *testing.T, peer []byte) {
		shared, err := key.Shared(peer)
		require.Equal(t, hasP256Point(peer), err == nil)
		if err == nil {
			require.True(t, hasP256Point(shared))
		}
	})
}

// FuzzSharedX25519 holds that a secret is never zero.
func FuzzSharedX25519(f *testing.F) {
	f.Add(unhex(f, agreements[0].publicA))
	f.Add(make([]byte, 32))
	key := dhKey(f, X25519, agreements[0].privateA)
	f.Fuzz(func(t *testing.T, peer []byte) {
		if shared, err := key.Shared(peer); err == nil {
			require.Len(t, shared, DHSize)
			require.NotEqual(t, make([]byte, DHSize), shared)
		}
	})
}
