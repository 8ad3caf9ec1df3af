package suite

import (
	"crypto/ecdh"
	"fmt"
	"io"
	"strconv"
)

// Curve is a curve for Diffie-Hellman.
type Curve int

// The curves in use. Zero is none.
const (
	X25519 Curve = iota + 1 // RFC 7748
	P256                    // NIST SP 800-186, section 3.2.1.3
)

// String returns the curve's name.
func (c Curve) String() string {
	switch c {
	case X25519:
		return "X25519"
	case P256:
		return "P-256"
	}
	return "curve " + strconv.Itoa(int(c))
}

// DHSize is the length in bytes of a public key as it is sent, and of a shared
// secret, on either curve.
const DHSize = 32

// generateTries bounds how often bytes are read for a P-256 private key. Bytes
// that are no scalar of P-256 come with a chance of 2^-32.
const generateTries = 4

// DHKey is a private key for Diffie-Hellman. It is made for one exchange.
type DHKey struct {
	curve Curve
	key   *ecdh.PrivateKey
	meter *Meter
}

// GenerateDH makes a private key from 32 bytes of rand: for X25519 the bytes
// themselves, for P-256 the first 32 bytes that are from 1 to the group's order
// less 1, big endian. The meter also counts what the key is used for. The error
// is [ErrKey] for an unknown curve and [ErrRandom] for rand.
func GenerateDH(c Curve, rand io.Reader, m *Meter) (*DHKey, error) {
	curve, err := c.ecdh()
	if err != nil {
		return nil, err
	}
	if rand == nil {
		return nil, fail(ErrRandom, "no source", nil)
	}
	var scalar [DHSize]byte
	defer clear(scalar[:])
	for range generateTries {
		if _, err := io.ReadFull(rand, scalar[:]); err != nil {
			return nil, fail(ErrRandom, "source returned an error", err)
		}
		if key, err := curve.NewPrivateKey(scalar[:]); err == nil {
			m.addDH(c)
			return &DHKey{c, key, m}, nil
		}
	}
	return nil, fail(ErrRandom, "source gave no private key", nil)
}

// Public returns the public key as it is sent, 32 bytes: the u-coordinate for
// X25519, little endian (RFC 7748, section 5), or the x-coordinate for P-256,
// big endian (RFC 9528, section 3.7).
//
// The zero value has none.
func (k *DHKey) Public() []byte {
	if k.key == nil {
		return nil
	}
	b := k.key.PublicKey().Bytes()
	if k.curve == P256 {
		return b[1 : 1+DHSize]
	}
	return b
}

// Shared returns the secret, 32 bytes, shared with the holder of the public key
// peer, 32 bytes as [DHKey.Public] returns them. For P-256 it is the
// x-coordinate, which is the same for both points that peer can mean. The error
// is [ErrDH]: peer has another length or is not on the curve, or the secret is
// all zero, as it is for X25519 points of small order (RFC 7748, section 6.1).
func (k *DHKey) Shared(peer []byte) ([]byte, error) {
	if k.key == nil {
		return nil, fail(ErrDH, "no private key", nil)
	}
	if len(peer) != DHSize {
		return nil, fail(ErrDH, "public key is not 32 bytes", nil)
	}
	point := peer
	if k.curve == P256 {
		var ok bool
		if point, ok = decompressP256(peer, false); !ok {
			return nil, fail(ErrDH, "public key is not on the curve", nil)
		}
	}
	public, err := k.key.Curve().NewPublicKey(point)
	if err != nil {
		return nil, fail(ErrDH, "public key is not on the curve", err)
	}
	k.meter.addDH(k.curve)
	secret, err := k.key.ECDH(public)
	if err != nil {
		return nil, fail(ErrDH, "public key is of small order", err)
	}
	return secret, nil
}

// String names the kind of key, and nothing of the private key.
func (k DHKey) String() string { return "private key of " + k.curve.String() }

// Format writes [DHKey.String] for every verb, so that no verb prints the private key.
func (k DHKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

func (c Curve) ecdh() (ecdh.Curve, error) {
	switch c {
	case X25519:
		return ecdh.X25519(), nil
	case P256:
		return ecdh.P256(), nil
	}
	return nil, fail(ErrKey, "unknown curve", nil)
}
