package suite

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/hex"
	"strconv"

	"github.com/postern-lock/postern/internal/wire"
)

// Algorithm is a signature algorithm by its COSE number. Both are fully
// specified ones of RFC 9864.
type Algorithm int

// The algorithms in use. Zero is none.
const (
	AlgEd25519 Algorithm = wire.AlgEd25519 // Ed25519
	AlgESP256  Algorithm = wire.AlgEsp256  // ECDSA with P-256 and SHA-256
)

// String returns the name in the registry of algorithms, or the number.
func (a Algorithm) String() string {
	if name := wire.AlgName(int64(a)); name != "" {
		return name
	}
	return strconv.Itoa(int(a))
}

// Sizes in bytes.
const (
	CoordinateSize = 32 // an encoded Ed25519 key, or one coordinate of a P-256 key
	SignatureSize  = 64 // a signature, by either algorithm
)

// PublicKey is a key that signatures are verified with. It can only be made
// from a valid point, but for [KnownEd25519], which takes the caller's word; two
// keys are the same exactly where == says so, and the zero value is no key:
// nothing verifies with it.
type PublicKey struct {
	alg Algorithm
	x   [CoordinateSize]byte // Ed25519: the encoded point; P-256: the x-coordinate, big endian
	y   [CoordinateSize]byte // P-256: the y-coordinate, big endian
}

// NewEd25519 takes the 32-byte encoding of an Ed25519 key (RFC 8032, section
// 5.1.2). It refuses bytes that are no point, an encoding that is not the
// canonical one of its point, and the eight points of small order, for which
// signatures exist that verify with every message. The error is [ErrKey].
func NewEd25519(b []byte) (PublicKey, error) {
	if len(b) != CoordinateSize {
		return PublicKey{}, fail(ErrKey, "Ed25519 key is not 32 bytes", nil)
	}
	if err := checkEdwards(b); err != nil {
		return PublicKey{}, err
	}
	return PublicKey{alg: AlgEd25519, x: [CoordinateSize]byte(b)}, nil
}

// KnownEd25519 takes the 32 bytes of a key that [NewEd25519] took before and that
// nobody could change since. It spares the arithmetic of the check, a tenth of
// a verification. Bytes of another length make the zero key.
func KnownEd25519(b []byte) PublicKey {
	if len(b) != CoordinateSize {
		return PublicKey{}
	}
	return PublicKey{alg: AlgEd25519, x: [CoordinateSize]byte(b)}
}

// NewP256 takes the coordinates of a P-256 key, 32 bytes each, big endian. It
// refuses what is no point of the curve with [ErrKey].
func NewP256(x, y []byte) (PublicKey, error) {
	if len(x) != CoordinateSize || len(y) != CoordinateSize {
		return PublicKey{}, fail(ErrKey, "P-256 coordinate is not 32 bytes", nil)
	}
	key := PublicKey{AlgESP256, [CoordinateSize]byte(x), [CoordinateSize]byte(y)}
	if _, err := key.ecdsa(); err != nil {
		return PublicKey{}, err
	}
	return key, nil
}

// NewP256Compressed takes the x-coordinate of a P-256 key, 32 bytes big endian,
// and whether its y-coordinate is odd (RFC 9053, section 7.1.1, y as a bool).
// It refuses an x that no point of the curve has with [ErrKey].
func NewP256Compressed(x []byte, odd bool) (PublicKey, error) {
	if len(x) != CoordinateSize {
		return PublicKey{}, fail(ErrKey, "P-256 coordinate is not 32 bytes", nil)
	}
	point, ok := decompressP256(x, odd)
	if !ok {
		return PublicKey{}, fail(ErrKey, "P-256 x-coordinate is not on the curve", nil)
	}
	return PublicKey{AlgESP256, [CoordinateSize]byte(point[1 : 1+CoordinateSize]), [CoordinateSize]byte(point[1+CoordinateSize:])}, nil
}

// FromCrypto takes an [ed25519.PublicKey], or an [*ecdsa.PublicKey] of P-256.
// Any other key is [ErrKey].
func FromCrypto(key crypto.PublicKey) (PublicKey, error) {
	switch key := key.(type) {
	case ed25519.PublicKey:
		return NewEd25519(key)
	case *ecdsa.PublicKey:
		return fromECDSA(key)
	}
	return PublicKey{}, fail(ErrKey, "key is neither Ed25519 nor ECDSA", nil)
}

// Algorithm returns the algorithm of the key, zero for the zero value.
func (k PublicKey) Algorithm() Algorithm { return k.alg }

// IsZero reports whether k is the zero value, which is no key.
func (k PublicKey) IsZero() bool { return k == PublicKey{} }

// Equal reports whether k and other are the same key.
func (k PublicKey) Equal(other PublicKey) bool { return k == other }

// X returns the COSE key parameter x, 32 bytes: the encoded Ed25519 key, or the
// x-coordinate of the P-256 key. It is nil for the zero value.
func (k PublicKey) X() []byte {
	if k.alg == 0 {
		return nil
	}
	return k.x[:]
}

// Y returns the y-coordinate of a P-256 key, 32 bytes big endian, and nil for
// any other.
func (k PublicKey) Y() []byte {
	if k.alg != AlgESP256 {
		return nil
	}
	return k.y[:]
}

// YOdd reports whether k is a P-256 key with an odd y-coordinate.
func (k PublicKey) YOdd() bool { return k.alg == AlgESP256 && k.y[CoordinateSize-1]&1 == 1 }

// CryptoKey returns the key as an [ed25519.PublicKey] or an [*ecdsa.PublicKey],
// and nil for the zero value.
func (k PublicKey) CryptoKey() crypto.PublicKey {
	switch k.alg {
	case AlgEd25519:
		return ed25519.PublicKey(k.X())
	case AlgESP256:
		if key, err := k.ecdsa(); err == nil {
			return key
		}
	}
	return nil
}

// String returns the algorithm and the first eight bytes of x, for people.
func (k PublicKey) String() string {
	if k.alg == 0 {
		return "no key"
	}
	return k.alg.String() + ":" + hex.EncodeToString(k.x[:8])
}

// ecdsa returns the key as the standard library has it. It checks that the
// point is on the curve.
func (k PublicKey) ecdsa() (*ecdsa.PublicKey, error) {
	point := make([]byte, 0, 1+2*CoordinateSize)
	point = append(point, sec1Uncompressed)
	point = append(point, k.x[:]...)
	point = append(point, k.y[:]...)
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return nil, fail(ErrKey, "P-256 key is not on the curve", err)
	}
	return key, nil
}

// fromECDSA takes a key of the standard library's type, whose fields anyone can
// have set to anything.
func fromECDSA(key *ecdsa.PublicKey) (PublicKey, error) {
	//lint:ignore SA1019 the coordinates are only compared with nil, on which Bytes panics
	if key == nil || key.Curve != elliptic.P256() || key.X == nil || key.Y == nil {
		return PublicKey{}, fail(ErrKey, "ECDSA key is not of P-256", nil)
	}
	point, err := key.Bytes()
	if err != nil {
		return PublicKey{}, fail(ErrKey, "P-256 key is not on the curve", err)
	}
	return NewP256(point[1:1+CoordinateSize], point[1+CoordinateSize:])
}
