package suite

import (
	"crypto/sha256"
	"crypto/subtle"
)

// HashSize is the length in bytes of a hash, and of a pseudorandom key.
const HashSize = sha256.Size

// maxExpand is the most bytes that HKDF-Expand gives, RFC 5869, section 2.3.
const maxExpand = 255 * HashSize

// Extract is HKDF-Extract with SHA-256 (RFC 5869, section 2.2): HMAC(salt, ikm). It
// returns a pseudorandom key of 32 bytes. An empty salt is the same as 32 zero
// bytes.
func Extract(salt, ikm []byte) ([]byte, error) {
	if len(salt) > sha256.BlockSize { // a longer key of HMAC is hashed first
		sum := sha256.Sum256(salt)
		salt = sum[:]
	}
	hash := sha256.New()
	var block [sha256.BlockSize]byte
	hash.Write(pad(&block, salt, 0x36))
	hash.Write(ikm)
	inner := hash.Sum(make([]byte, 0, HashSize))
	hash.Reset()
	hash.Write(pad(&block, salt, 0x5C))
	hash.Write(inner)
	clear(block[:])
	return hash.Sum(inner[:0]), nil
}

// Expand is HKDF-Expand with SHA-256 (RFC 5869, section 2.3) over an info that is
// given in parts, which follow each other without a gap. It returns length bytes,
// from 0 to 8160, else [ErrLength]. A prk of other than 32 bytes is [ErrKey].
//
//	T(i) = HMAC(prk, T(i-1) || info || i)
//
// Loop and HMAC stand here because crypto/hkdf and crypto/hmac allocate some
// eight times the memory, which a lock has not.
func Expand(prk []byte, length int, info ...[]byte) ([]byte, error) {
	if len(prk) != HashSize {
		return nil, fail(ErrKey, "pseudorandom key is not of 32 bytes", nil)
	}
	if length < 0 || length > maxExpand {
		return nil, fail(ErrLength, "HKDF-Expand gives 0 to 8160 bytes", nil)
	}
	okm := make([]byte, 0, (length+HashSize-1)/HashSize*HashSize)
	hash := sha256.New()
	var block [sha256.BlockSize]byte
	for i := byte(1); len(okm) < length; i++ {
		hash.Reset()
		hash.Write(pad(&block, prk, 0x36))
		if i > 1 {
			hash.Write(okm[len(okm)-HashSize:])
		}
		for _, part := range info {
			hash.Write(part)
		}
		block[0] = i
		hash.Write(block[:1])
		inner := hash.Sum(okm) // behind okm, where the outer hash comes to stand
		hash.Reset()
		hash.Write(pad(&block, prk, 0x5C))
		hash.Write(inner[len(okm):])
		okm = hash.Sum(okm)
	}
	clear(block[:])
	return okm[:length:length], nil
}

// pad fills block with a key of 64 bytes at most XOR a repeated byte: RFC 2104,
// section 2.
func pad(block *[sha256.BlockSize]byte, key []byte, with byte) []byte {
	for i := range block {
		block[i] = with
	}
	subtle.XORBytes(block[:], block[:], key)
	return block[:]
}
