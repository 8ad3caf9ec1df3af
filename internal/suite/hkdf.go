package suite

import (
	"crypto/hkdf"
	"crypto/sha256"
)

// HashSize is the length in bytes of a hash, and of a pseudorandom key.
const HashSize = sha256.Size

// maxExpand is the most bytes that HKDF-Expand gives, RFC 5869, section 2.3.
const maxExpand = 255 * HashSize

// Extract is HKDF-Extract with SHA-256 (RFC 5869, section 2.2). It returns a
// pseudorandom key of 32 bytes. An empty salt is the same as 32 zero bytes.
func Extract(salt, ikm []byte) ([]byte, error) {
	prk, err := hkdf.Extract(sha256.New, ikm, salt)
	if err != nil {
		return nil, fail(ErrKey, "HKDF-Extract", err)
	}
	return prk, nil
}

// Expand is HKDF-Expand with SHA-256 (RFC 5869, section 2.3). It returns length
// bytes, from 0 to 8160, else [ErrLength]. A prk of less than 32 bytes is
// [ErrKey].
func Expand(prk, info []byte, length int) ([]byte, error) {
	if len(prk) < HashSize {
		return nil, fail(ErrKey, "pseudorandom key is shorter than 32 bytes", nil)
	}
	if length < 0 || length > maxExpand {
		return nil, fail(ErrLength, "HKDF-Expand gives 0 to 8160 bytes", nil)
	}
	okm, err := hkdf.Expand(sha256.New, prk, string(info), length)
	if err != nil {
		return nil, fail(ErrKey, "HKDF-Expand", err)
	}
	return okm, nil
}
