package suite

//lint:file-ignore SA1019 the tests put wrong values into the fields that anyone can set

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"math/big"
	"testing"

	"filippo.io/edwards25519"
	"github.com/stretchr/testify/require"
)

// The generator of P-256, NIST SP 800-186, section 3.2.1.3.
const (
	p256Gx = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
	p256Gy = "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
	p256P  = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
)

func generator(tb testing.TB) PublicKey {
	tb.Helper()
	key, err := NewP256(unhex(tb, p256Gx), unhex(tb, p256Gy))
	require.NoError(tb, err)
	return key
}

func ed25519Key(tb testing.TB) PublicKey {
	tb.Helper()
	key, err := NewEd25519(unhex(tb, rfc8032[0].public))
	require.NoError(tb, err)
	return key
}

func TestEd25519KeyRoundTrips(t *testing.T) {
	key := ed25519Key(t)
	require.Equal(t, AlgEd25519, key.Algorithm())
	require.Equal(t, unhex(t, rfc8032[0].public), key.X())
	require.Nil(t, key.Y())
	require.False(t, key.YOdd())
	require.False(t, key.IsZero())
	again, err := FromCrypto(key.CryptoKey())
	require.NoError(t, err)
	require.True(t, key.Equal(again))
	require.Equal(t, "ed25519:d75a980182b10ab7", key.String())
}

func TestP256KeyRoundTrips(t *testing.T) {
	key := generator(t)
	require.Equal(t, AlgESP256, key.Algorithm())
	require.Equal(t, unhex(t, p256Gx), key.X())
	require.Equal(t, unhex(t, p256Gy), key.Y())
	require.True(t, key.YOdd())
	again, err := FromCrypto(key.CryptoKey())
	require.NoError(t, err)
	require.True(t, key.Equal(again))
	compressed, err := NewP256Compressed(key.X(), true)
	require.NoError(t, err)
	require.True(t, key.Equal(compressed))
	negative, err := NewP256Compressed(key.X(), false)
	require.NoError(t, err)
	require.False(t, key.Equal(negative))
	require.False(t, negative.YOdd())
	require.Equal(t, "esp256:6b17d1f2e12c4247", key.String())
}

func TestZeroKeyIsNoKey(t *testing.T) {
	var key PublicKey
	require.True(t, key.IsZero())
	require.Nil(t, key.X())
	require.Nil(t, key.Y())
	require.Nil(t, key.CryptoKey())
	require.False(t, key.YOdd())
	require.False(t, key.Equal(ed25519Key(t)))
	require.Equal(t, "no key", key.String())
	require.Equal(t, "0", key.Algorithm().String())
}

func TestKeysCannotBeChangedThroughTheirParts(t *testing.T) {
	ed, p256 := ed25519Key(t), generator(t)
	clear(ed.X())
	clear(p256.X())
	clear(p256.Y())
	clear(ed.CryptoKey().(ed25519.PublicKey))
	require.Equal(t, ed25519Key(t), ed)
	require.Equal(t, generator(t), p256)
}

func TestKnownEd25519IsTheSameKey(t *testing.T) {
	key := ed25519Key(t)
	require.Equal(t, key, KnownEd25519(key.X()))
	for _, n := range []int{0, 1, 31, 33, 64} {
		require.True(t, KnownEd25519(make([]byte, n)).IsZero())
	}
}

func TestNewEd25519RefusesOtherLengths(t *testing.T) {
	for _, n := range []int{0, 1, 31, 33, 64} {
		_, err := NewEd25519(make([]byte, n))
		requireRule(t, err, ErrKey, "Ed25519 key is not 32 bytes")
	}
}

func TestNewEd25519RefusesWhatIsNoPoint(t *testing.T) {
	_, err := NewEd25519(append([]byte{2}, make([]byte, 31)...)) // y = 2 has no x
	requireRule(t, err, ErrKey, "Ed25519 key is not on the curve")
}

// Of the 19 values from p to 2^255 - 1 with either sign, none is admitted, whether
// its point is of small order or not: 24 encodings of points. Of the 19 values
// below p all points are, but those of y = -1, which are of small order.
func TestNewEd25519TakesYBelowPOnly(t *testing.T) {
	below, above := 0, 0
	for offset := -19; offset < 19; offset++ {
		for _, sign := range []byte{0x00, 0x80} {
			y := new(big.Int).Lsh(big.NewInt(1), 255)
			y.Sub(y, big.NewInt(19)).Add(y, big.NewInt(int64(offset)))
			b := y.FillBytes(make([]byte, 32))
			for i := range 16 {
				b[i], b[31-i] = b[31-i], b[i]
			}
			b[31] |= sign
			if _, err := new(edwards25519.Point).SetBytes(b); err != nil {
				continue
			}
			_, err := NewEd25519(b)
			switch {
			case offset >= 0:
				requireRule(t, err, ErrKey, "Ed25519 key is not encoded canonically")
				above++
			case offset == -1:
				requireRule(t, err, ErrKey, "Ed25519 key is of small order")
			default:
				require.NoError(t, err)
				below++
			}
		}
	}
	require.Equal(t, 24, above)
	require.NotZero(t, below)
}

// Values that are less than p in one byte only are less than p.
func TestNewEd25519LooksAtEveryByteOfY(t *testing.T) {
	for i := 1; i < 32; i++ {
		taken := 0
		for low := range 256 {
			b := bytes.Repeat([]byte{0xff}, 32)
			b[31] = 0x7f
			b[i]--
			b[0] = byte(low)
			if _, err := new(edwards25519.Point).SetBytes(b); err != nil {
				continue
			}
			_, err := NewEd25519(b)
			require.NoError(t, err, "%x", b)
			if low >= 0xed {
				taken++
			}
		}
		require.NotZero(t, taken, "byte %d", i)
	}
}

func TestNewP256Refuses(t *testing.T) {
	x, y := unhex(t, p256Gx), unhex(t, p256Gy)
	zero, prime := make([]byte, 32), unhex(t, p256P)
	plusP := func(v []byte) []byte {
		sum := new(big.Int).SetBytes(v)
		return sum.Add(sum, new(big.Int).SetBytes(prime)).Bytes()
	}
	small := unhex(t, "0000000000000000000000000000000000000000000000000000000000000005")
	for _, c := range []struct {
		name, rule string
		x, y       []byte
	}{
		{"short x", "P-256 coordinate is not 32 bytes", x[1:], y},
		{"long x", "P-256 coordinate is not 32 bytes", append([]byte{0}, x...), y},
		{"short y", "P-256 coordinate is not 32 bytes", x, y[:31]},
		{"no y", "P-256 coordinate is not 32 bytes", x, nil},
		{"infinity", "P-256 key is not on the curve", zero, zero},
		{"swapped", "P-256 key is not on the curve", y, x},
		{"x of p", "P-256 key is not on the curve", prime, y},
		{"y of p", "P-256 key is not on the curve", x, prime},
		{"x of 5 + p", "P-256 key is not on the curve", plusP(small)[:32], y},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := NewP256(c.x, c.y)
			requireRule(t, err, ErrKey, c.rule)
		})
	}
}

func TestNewP256CompressedRefuses(t *testing.T) {
	_, err := NewP256Compressed(unhex(t, p256Gx)[1:], true)
	requireRule(t, err, ErrKey, "P-256 coordinate is not 32 bytes")

	// 5 is the x of a point, 5 + p is not: it is no field element.
	five := big.NewInt(5)
	_, err = NewP256Compressed(five.FillBytes(make([]byte, 32)), true)
	require.NoError(t, err)
	plus := five.Add(five, new(big.Int).SetBytes(unhex(t, p256P))).Bytes()
	require.Len(t, plus, 32)
	_, err = NewP256Compressed(plus, true)
	requireRule(t, err, ErrKey, "P-256 x-coordinate is not on the curve")

	_, err = NewP256Compressed(unhex(t, twistX), false)
	requireRule(t, err, ErrKey, "P-256 x-coordinate is not on the curve")
}

// A point of low order on the twist of P-256, from Wycheproof's ECDH cases.
const twistX = "efdde3b32872a9effcf3b94cbf73aa7b39f9683ece9121b9852167f4e3da609b"

func TestFromCryptoRefuses(t *testing.T) {
	p384, err := ecdsa.ParseRawPrivateKey(elliptic.P384(), bytes.Repeat([]byte{1}, 48))
	require.NoError(t, err)
	onCurve := generator(t).CryptoKey().(*ecdsa.PublicKey)
	for name, key := range map[string]crypto.PublicKey{
		"nil":               nil,
		"typed nil":         (*ecdsa.PublicKey)(nil),
		"empty ECDSA":       &ecdsa.PublicKey{},
		"no coordinates":    &ecdsa.PublicKey{Curve: elliptic.P256()},
		"zero coordinates":  &ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int), Y: new(big.Int)},
		"not on the curve":  &ecdsa.PublicKey{Curve: elliptic.P256(), X: big.NewInt(1), Y: big.NewInt(1)},
		"negative":          &ecdsa.PublicKey{Curve: elliptic.P256(), X: big.NewInt(-1), Y: big.NewInt(1)},
		"too large":         &ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int).Lsh(big.NewInt(1), 300), Y: big.NewInt(1)},
		"P-384":             &p384.PublicKey,
		"ECDSA by value":    *onCurve,
		"short Ed25519":     ed25519.PublicKey(make([]byte, 31)),
		"nil Ed25519":       ed25519.PublicKey(nil),
		"small-order":       ed25519.PublicKey(append([]byte{1}, make([]byte, 31)...)),
		"private key":       ed25519.NewKeyFromSeed(make([]byte, 32)),
		"RSA":               &rsa.PublicKey{},
		"bytes":             make([]byte, 32),
		"public key of own": generator(t),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := FromCrypto(key)
			require.ErrorIs(t, err, ErrKey)
			require.True(t, got.IsZero())
		})
	}
}

// FuzzNewEd25519 compares with decoding and encoding again.
func FuzzNewEd25519(f *testing.F) {
	for _, point := range smallOrder {
		f.Add(unhex(f, point.canonical))
		for _, encoding := range point.others {
			f.Add(unhex(f, encoding))
		}
	}
	f.Add(unhex(f, rfc8032[0].public))
	f.Fuzz(func(t *testing.T, b []byte) {
		key, err := NewEd25519(b)
		want := false
		if p, err := new(edwards25519.Point).SetBytes(b); err == nil {
			small := new(edwards25519.Point).MultByCofactor(p).Equal(edwards25519.NewIdentityPoint()) == 1
			want = bytes.Equal(p.Bytes(), b) && !small
		}
		require.Equal(t, want, err == nil)
		require.Equal(t, want, !key.IsZero())
		if want {
			require.Equal(t, b, key.X())
		}
	})
}

// FuzzNewP256Compressed compares with the curve's equation.
func FuzzNewP256Compressed(f *testing.F) {
	f.Add(unhex(f, p256Gx), true)
	f.Add(unhex(f, twistX), false)
	f.Add(unhex(f, p256P), false)
	f.Add(make([]byte, 32), true)
	f.Fuzz(func(t *testing.T, x []byte, odd bool) {
		key, err := NewP256Compressed(x, odd)
		require.Equal(t, hasP256Point(x), err == nil)
		if err == nil {
			require.Equal(t, odd, key.YOdd())
			again, err := NewP256(key.X(), key.Y())
			require.NoError(t, err)
			require.Equal(t, key, again)
		}
	})
}

// hasP256Point reports whether x, 32 bytes, has a y with y^2 = x^3 - 3x + b.
func hasP256Point(x []byte) bool {
	params := elliptic.P256().Params()
	v := new(big.Int).SetBytes(x)
	if len(x) != 32 || v.Cmp(params.P) >= 0 {
		return false
	}
	right := new(big.Int).Exp(v, big.NewInt(3), params.P)
	right.Sub(right, new(big.Int).Mul(v, big.NewInt(3))).Add(right, params.B).Mod(right, params.P)
	return big.Jacobi(right, params.P) >= 0
}
