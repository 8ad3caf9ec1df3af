package suite

import (
	"crypto/sha256"

	"github.com/postern-lock/postern/internal/wire"
)

// KeyIDSize is the length of a key id in bytes.
const KeyIDSize = wire.LimitKeyIdBytes

// The heads of the COSE_Key map whose hash is the thumbprint, RFC 9679, section
// 4: only the required parameters, in deterministic CBOR, y uncompressed.
const (
	thumbprintOKP = "\xa3\x01\x01\x20\x06\x21\x58\x20" // {1: 1 (OKP), -1: 6 (Ed25519), -2: h'...
	thumbprintEC2 = "\xa4\x01\x02\x20\x01\x21\x58\x20" // {1: 2 (EC2), -1: 1 (P-256), -2: h'...
	thumbprintY   = "\x22\x58\x20"                     // -3: h'...
)

// Thumbprint returns the COSE Key Thumbprint with SHA-256 of a key, RFC 9679,
// section 3. The zero value has none: its thumbprint is zero.
func Thumbprint(pub PublicKey) [sha256.Size]byte {
	input := make([]byte, 0, len(thumbprintEC2)+len(thumbprintY)+2*CoordinateSize)
	switch pub.alg {
	case AlgEd25519:
		input = append(append(input, thumbprintOKP...), pub.x[:]...)
	case AlgESP256:
		input = append(append(input, thumbprintEC2...), pub.x[:]...)
		input = append(append(input, thumbprintY...), pub.y[:]...)
	default:
		return [sha256.Size]byte{}
	}
	return sha256.Sum256(input)
}

// KeyID returns the first 8 bytes of the thumbprint, by which objects and
// messages name a key. Different keys can have the same id: it finds a key, and
// proves nothing.
func KeyID(pub PublicKey) [KeyIDSize]byte {
	thumbprint := Thumbprint(pub)
	return [KeyIDSize]byte(thumbprint[:KeyIDSize])
}
