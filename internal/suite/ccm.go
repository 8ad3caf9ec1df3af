package suite

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"math"
)

// Sizes of AES-CCM-16-64-128 in bytes, RFC 9053, section 4.2.
const (
	CCMKeySize   = 16
	CCMNonceSize = 13
	CCMTagSize   = 8
)

// Bounds in bytes. The length of a plaintext has a field of two bytes (L = 2),
// and the length of additional data is written in two bytes where it is less
// than 2^16 - 2^8. Longer data would be written in another way, which the
// standard has no use for.
const (
	maxCCMPlaintext  = math.MaxUint16
	maxCCMAdditional = 1<<16 - 1<<8 - 1
)

// Flags of the first block, RFC 3610, section 2.2, and of a counter block,
// section 2.3.
const (
	ccmFlagCounter    = 2 - 1                                // L' = L - 1
	ccmFlagTag        = (CCMTagSize-2)/2<<3 | ccmFlagCounter // M' = (M - 2) / 2
	ccmFlagAdditional = 1 << 6                               // additional data follows
)

// CCM is AES-CCM-16-64-128 with one key: CCM mode (RFC 3610, NIST SP 800-38C)
// with AES-128, a nonce of 13 bytes and a tag of 8. A nonce must never be used
// twice with one key. A CCM may be used by several goroutines.
type CCM struct {
	block cipher.Block
}

// NewCCM makes a CCM from a key of 16 bytes.
func NewCCM(key [CCMKeySize]byte) (*CCM, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fail(ErrKey, "AES", err)
	}
	return &CCM{block}, nil
}

// Seal encrypts plaintext, and authenticates it and additional. It returns the
// ciphertext followed by the tag, 8 bytes more than plaintext. A plaintext of
// more than 65535 bytes, or additional data of more than 65279, is [ErrLength].
func (c *CCM) Seal(nonce [CCMNonceSize]byte, plaintext, additional []byte) ([]byte, error) {
	if len(plaintext) > maxCCMPlaintext || len(additional) > maxCCMAdditional {
		return nil, fail(ErrLength, "AES-CCM takes at most 65535 bytes, and 65279 of additional data", nil)
	}
	out := make([]byte, len(plaintext)+CCMTagSize)
	ciphertext, tag := out[:len(plaintext)], out[len(plaintext):]
	stream, mask := c.stream(nonce)
	full := c.mac(nonce, plaintext, additional)
	subtle.XORBytes(tag, full[:CCMTagSize], mask[:CCMTagSize])
	stream.XORKeyStream(ciphertext, plaintext)
	return out, nil
}

// Open decrypts what Seal returned. Unless ciphertext and additional are
// authentic it returns nothing but [ErrOpen].
func (c *CCM) Open(nonce [CCMNonceSize]byte, ciphertext, additional []byte) ([]byte, error) {
	n := len(ciphertext) - CCMTagSize
	if n < 0 || n > maxCCMPlaintext || len(additional) > maxCCMAdditional {
		return nil, fail(ErrOpen, "length", nil)
	}
	plaintext := make([]byte, n)
	stream, mask := c.stream(nonce)
	stream.XORKeyStream(plaintext, ciphertext[:n])
	full := c.mac(nonce, plaintext, additional)
	subtle.XORBytes(full[:], full[:], mask[:])
	if subtle.ConstantTimeCompare(full[:CCMTagSize], ciphertext[n:]) != 1 {
		clear(plaintext)
		return nil, fail(ErrOpen, "tag", nil)
	}
	return plaintext, nil
}

// stream returns the key stream for the text, and the block S_0 that masks the
// tag. See RFC 3610, section 2.3.
func (c *CCM) stream(nonce [CCMNonceSize]byte) (cipher.Stream, [aes.BlockSize]byte) {
	var counter, mask [aes.BlockSize]byte
	counter[0] = ccmFlagCounter
	copy(counter[1:], nonce[:])
	stream := cipher.NewCTR(c.block, counter[:])
	stream.XORKeyStream(mask[:], mask[:])
	return stream, mask
}

// mac returns the CBC-MAC over nonce, lengths, additional data and plaintext, of
// which the first 8 bytes are T. See RFC 3610, section 2.2.
func (c *CCM) mac(nonce [CCMNonceSize]byte, plaintext, additional []byte) [aes.BlockSize]byte {
	x := new([aes.BlockSize]byte)
	x[0] = ccmFlagTag
	if len(additional) > 0 {
		x[0] |= ccmFlagAdditional
	}
	copy(x[1:], nonce[:])
	binary.BigEndian.PutUint16(x[1+CCMNonceSize:], uint16(len(plaintext)))
	c.block.Encrypt(x[:], x[:])
	if len(additional) > 0 {
		var first [aes.BlockSize]byte
		binary.BigEndian.PutUint16(first[:], uint16(len(additional)))
		n := copy(first[2:], additional)
		c.absorb(x, first[:])
		c.absorb(x, additional[n:])
	}
	c.absorb(x, plaintext)
	return *x
}

// absorb runs the CBC-MAC state x over data, the last block filled with zeros.
func (c *CCM) absorb(x *[aes.BlockSize]byte, data []byte) {
	for len(data) > 0 {
		n := subtle.XORBytes(x[:], x[:], data[:min(len(data), aes.BlockSize)])
		c.block.Encrypt(x[:], x[:])
		data = data[n:]
	}
}

// String keeps the key out of what is printed.
func (c *CCM) String() string { return "AES-CCM-16-64-128" }

// GoString keeps the key out of what is printed with %#v.
func (c *CCM) GoString() string { return c.String() }
