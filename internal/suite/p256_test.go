package suite

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
)

type ecdsaGroup struct {
	PublicKey struct {
		Uncompressed hexBytes `json:"uncompressed"`
	} `json:"publicKey"`
	Tests []struct {
		ID     int      `json:"tcId"`
		Msg    hexBytes `json:"msg"`
		Sig    hexBytes `json:"sig"`
		Result verdict  `json:"result"`
	} `json:"tests"`
}

func (g ecdsaGroup) key(t *testing.T) PublicKey {
	t.Helper()
	require.Len(t, g.PublicKey.Uncompressed, 65)
	key, err := NewP256(g.PublicKey.Uncompressed[1:33], g.PublicKey.Uncompressed[33:])
	require.NoError(t, err)
	return key
}

func TestESP256Wycheproof(t *testing.T) {
	run := map[verdict]int{}
	for _, g := range loadWycheproof[ecdsaGroup](t, "ecdsa_secp256r1_sha256_p1363_test.json") {
		for _, c := range g.Tests {
			run[c.Result]++
			err := Verify(g.key(t), c.Msg, c.Sig, nil)
			require.Equal(t, c.Result == "valid", err == nil, "case %d: %v", c.ID, err)
			if err != nil {
				require.ErrorIs(t, err, ErrSignature)
			}
		}
	}
	require.Equal(t, map[verdict]int{"valid": 173, "invalid": 89}, run)
}

// The signatures in DER go through the conversion that the signer applies.
func TestESP256WycheproofFromDER(t *testing.T) {
	run := map[verdict]int{}
	for _, g := range loadWycheproof[ecdsaGroup](t, "ecdsa_secp256r1_sha256_test.json") {
		for _, c := range g.Tests {
			run[c.Result]++
			signature, err := fromDER(c.Sig)
			if err == nil {
				require.Len(t, signature, SignatureSize)
				err = Verify(g.key(t), c.Msg, signature, nil)
			}
			require.Equal(t, c.Result == "valid", err == nil, "case %d: %v", c.ID, err)
		}
	}
	require.Equal(t, map[verdict]int{"valid": 174, "invalid": 310}, run)
}

// RFC 6979, section A.2.5, with SHA-256.
const rfc6979Key = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"

var rfc6979 = []struct{ message, signature string }{
	{
		"sample",
		"efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716" +
			"f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
	},
	{
		"test",
		"f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367" +
			"019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
	},
}

func p256Private(tb testing.TB) *ecdsa.PrivateKey {
	tb.Helper()
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), unhex(tb, rfc6979Key))
	require.NoError(tb, err)
	return key
}

func TestESP256SignsAsRFC6979(t *testing.T) {
	signer, err := NewSigner(p256Private(t))
	require.NoError(t, err)
	for _, c := range rfc6979 {
		signature, err := signer.Sign([]byte(c.message))
		require.NoError(t, err)
		require.Equal(t, unhex(t, c.signature), signature)
		require.NoError(t, Verify(signer.PublicKey(), []byte(c.message), signature, nil))
	}
}

func TestESP256RefusesOutOfRange(t *testing.T) {
	signer, err := NewSigner(p256Private(t))
	require.NoError(t, err)
	good := unhex(t, rfc6979[0].signature)
	order := elliptic.P256().Params().N
	put := func(r, s *big.Int) []byte {
		b := make([]byte, SignatureSize)
		r.FillBytes(b[:32])
		s.FillBytes(b[32:])
		return b
	}
	r, s := splitP256(good)
	zero, most := new(big.Int), new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1))
	for name, signature := range map[string][]byte{
		"r of 0": put(zero, s), "s of 0": put(r, zero), "both 0": put(zero, zero), "r of n": put(order, s), "s of n": put(r, order),
		"most": put(most, most), "swapped": put(s, r),
	} {
		requireRule(t, Verify(signer.PublicKey(), []byte("sample"), signature, nil), ErrSignature, "ESP256")
		require.NotEmpty(t, name)
	}
	negative := put(r, new(big.Int).Sub(order, s))
	require.NoError(t, Verify(signer.PublicKey(), []byte("sample"), negative, nil), "n - s is as good as s")
}

func TestESP256RefusesEveryOneBitChange(t *testing.T) {
	signer, err := NewSigner(p256Private(t))
	require.NoError(t, err)
	signature := unhex(t, rfc6979[0].signature)
	for i := range 8 * len(signature) {
		signature[i/8] ^= 1 << (i % 8)
		require.Error(t, Verify(signer.PublicKey(), []byte("sample"), signature, nil), "bit %d", i)
		signature[i/8] ^= 1 << (i % 8)
	}
	for n := range signature {
		require.Error(t, Verify(signer.PublicKey(), []byte("sample"), signature[:n], nil))
	}
}

// A signature by one algorithm is none by the other.
func TestAlgorithmIsTheKeys(t *testing.T) {
	require.Error(t, Verify(ed25519Key(t), []byte("sample"), unhex(t, rfc6979[0].signature), nil))
	require.Error(t, Verify(generator(t), nil, unhex(t, rfc8032[0].signature), nil))
}
