package hsm

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/issuer/issuertest"
)

// points returns a point of each kind as it is, and its curve.
func points(t testing.TB) map[Kind][2][]byte {
	seed := issuertest.Seed("points")
	p256, err := seed.P256("p256").Public().(*ecdsa.PublicKey).Bytes()
	require.NoError(t, err)
	return map[Kind][2][]byte{
		Ed25519: {[]byte(oidEd25519), seed.Key("ed25519").Public().(ed25519.PublicKey)},
		P256:    {[]byte(oidP256), p256},
	}
}

// forms returns the forms in which modules give a point.
func forms(raw []byte) map[string][]byte {
	n := byte(len(raw))
	return map[string][]byte{
		"as it is":     raw,
		"OCTET STRING": append([]byte{0x04, n}, raw...),
		"BIT STRING":   append([]byte{0x03, n + 1, 0}, raw...),
	}
}

func TestPointsAreReadInAllForms(t *testing.T) {
	for kind, p := range points(t) {
		for name, form := range forms(p[1]) {
			t.Run(kind.String()+" "+name, func(t *testing.T) {
				key, err := publicKey(kind, p[0], form)
				require.NoError(t, err)
				switch key := key.(type) {
				case ed25519.PublicKey:
					require.Equal(t, p[1], []byte(key))
				case *ecdsa.PublicKey:
					b, err := key.Bytes()
					require.NoError(t, err)
					require.Equal(t, p[1], b)
				}
				for i := range form {
					_, err := publicKey(kind, p[0], form[:i])
					require.ErrorIs(t, err, ErrKey, "cut to %d", i)
				}
				for _, more := range []byte{0, 0xFF} {
					_, err := publicKey(kind, p[0], append(slices.Clone(form), more))
					require.ErrorIs(t, err, ErrKey)
				}
			})
		}
	}
}

func TestCurveIsToldByNameAsWell(t *testing.T) {
	_, err := publicKey(Ed25519, []byte(nameEd25519), points(t)[Ed25519][1])
	require.NoError(t, err)
}

func TestPointsThatAreNoneAreRefused(t *testing.T) {
	p := points(t)
	raw := p[P256][1]
	off := slices.Clone(raw)
	off[64] ^= 1
	compressed := append([]byte{2 + raw[64]&1}, raw[1:33]...)
	for _, c := range []struct {
		name          string
		kind          Kind
		params, point []byte
	}{
		{"off the curve", P256, p[P256][0], off},
		{"infinity", P256, p[P256][0], []byte{0}},
		{"compressed", P256, p[P256][0], compressed},
		{"hybrid", P256, p[P256][0], append([]byte{6}, raw[1:]...)},
		{"a length that lies", P256, p[P256][0], append([]byte{4, 64}, raw...)},
		{"a long form of the length", P256, p[P256][0], append([]byte{4, 0x81, 65}, raw...)},
		{"bits left over", Ed25519, p[Ed25519][0], append([]byte{3, 33, 1}, p[Ed25519][1]...)},
		{"not canonical", Ed25519, p[Ed25519][0], bytes.Repeat([]byte{0xFF}, 32)},
		{"of small order", Ed25519, p[Ed25519][0], append([]byte{1}, make([]byte, 31)...)},
		{"of the other kind", Ed25519, p[P256][0], p[P256][1]},
		{"of no kind", 0, p[P256][0], p[P256][1]},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := publicKey(c.kind, c.params, c.point)
			require.ErrorIs(t, err, ErrKey)
		})
	}
}

func FuzzPublicKey(f *testing.F) {
	for kind, p := range points(f) {
		for _, form := range forms(p[1]) {
			f.Add(uint8(kind), p[0], form)
		}
	}
	f.Fuzz(func(t *testing.T, kind uint8, params, point []byte) {
		key, err := publicKey(Kind(kind), params, point)
		require.Equal(t, err == nil, key != nil)
		if err != nil {
			require.ErrorIs(t, err, ErrKey)
		}
	})
}
