package suite

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"io"
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
// twice with one key. A CCM may be used by several goroutines. The zero value has
// no key, and neither seals nor opens.
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
	if c.block == nil {
		return nil, fail(ErrKey, "no key", nil)
	}
	if len(plaintext) > maxCCMPlaintext || len(additional) > maxCCMAdditional {
		return nil, fail(ErrLength, "AES-CCM takes at most 65535 bytes, and 65279 of additional data", nil)
	}
	out := make([]byte, len(plaintext)+CCMTagSize)
	ciphertext, tag := out[:len(plaintext)], out[len(plaintext):]
	full := c.mac(nonce, plaintext, additional)
	mask := c.crypt(nonce, ciphertext, plaintext)
	subtle.XORBytes(tag, full[:CCMTagSize], mask[:CCMTagSize])
	return out, nil
}

// Open decrypts what Seal returned. Unless ciphertext and additional are
// authentic it returns nothing but [ErrOpen].
func (c *CCM) Open(nonce [CCMNonceSize]byte, ciphertext, additional []byte) ([]byte, error) {
	if c.block == nil {
		return nil, fail(ErrKey, "no key", nil)
	}
	n := len(ciphertext) - CCMTagSize
	if n < 0 || n > maxCCMPlaintext || len(additional) > maxCCMAdditional {
		return nil, fail(ErrOpen, "length", nil)
	}
	plaintext := make([]byte, n)
	mask := c.crypt(nonce, plaintext, ciphertext[:n])
	full := c.mac(nonce, plaintext, additional)
	subtle.XORBytes(full[:], full[:], mask[:])
	if subtle.ConstantTimeCompare(full[:CCMTagSize], ciphertext[n:]) != 1 {
		clear(plaintext)
		return nil, fail(ErrOpen, "tag", nil)
	}
	return plaintext, nil
}

// crypt XORs in to out with the key stream S_1, S_2, … and returns the block S_0
// that masks the tag. See RFC 3610, section 2.3.
func (c *CCM) crypt(nonce [CCMNonceSize]byte, out, in []byte) [aes.BlockSize]byte {
	buffers := new(struct{ counter, mask, stream [aes.BlockSize]byte })
	counter := buffers.counter[:]
	counter[0] = ccmFlagCounter
	copy(counter[1:], nonce[:])
	c.block.Encrypt(buffers.mask[:], counter)
	for i := uint16(1); len(in) > 0; i++ {
		binary.BigEndian.PutUint16(counter[1+CCMNonceSize:], i)
		c.block.Encrypt(buffers.stream[:], counter)
		n := subtle.XORBytes(out, in, buffers.stream[:])
		out, in = out[n:], in[n:]
	}
	return buffers.mask
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

// String names the kind of key, and nothing of the key.
func (CCM) String() string { return "AES-CCM-16-64-128" }

// Format writes [CCM.String] for every verb, so that no verb prints the key.
func (c CCM) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }
