package examples_test

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/asn1"
	"math/big"
	"strings"
)

// The formulas of chapters 04, 06 and 15 once more, over the standard library.

// digest is H over a concatenation.
func digest(parts ...[]byte) []byte {
	sum := sha256.Sum256(joined(parts...))
	return sum[:]
}

func joined(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// headed puts the head of a major type before the argument.
func headed(major byte, n int) []byte {
	switch {
	case n < 24:
		return []byte{major<<5 | byte(n)}
	case n < 256:
		return []byte{major<<5 | 24, byte(n)}
	}
	return []byte{major<<5 | 25, byte(n >> 8), byte(n)}
}

// byteString is b with its head.
func byteString(b []byte) []byte { return append(headed(2, len(b)), b...) }

// unwrap takes the byte string off the front of b.
func unwrap(b []byte) (content, rest []byte) {
	n, at := int(b[0]&31), 1
	switch n {
	case 24:
		n, at = int(b[1]), 2
	case 25:
		n, at = int(b[1])<<8|int(b[2]), 3
	}
	if b[0]>>5 != 2 || n > 23 && at == 1 {
		panic("no byte string")
	}
	return b[at : at+n], b[at+n:]
}

// derived is EDHOC_KDF.
func derived(prk []byte, label int, context []byte, length int) []byte {
	out, err := hkdf.Expand(sha256.New, prk, string(joined(headed(0, label), byteString(context), headed(0, length))), length)
	if err != nil {
		panic(err)
	}
	return out
}

// extracted is HKDF-Extract.
func extracted(salt, secret []byte) []byte {
	prk, err := hkdf.Extract(sha256.New, secret, salt)
	if err != nil {
		panic(err)
	}
	return prk
}

// xored is a XOR b, of the same length.
func xored(a, b []byte) []byte {
	if len(a) != len(b) {
		panic("lengths differ")
	}
	out := bytes.Clone(a)
	for i, v := range b {
		out[i] ^= v
	}
	return out
}

// decrypted opens with AES-CCM-16-64-128, RFC 3610, and reports whether the tag
// is right.
func decrypted(key, nonce, data, sealed []byte) (plain []byte, ok bool) {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	encrypt := func(b []byte) []byte {
		out := make([]byte, 16)
		block.Encrypt(out, b)
		return out
	}
	stream := func(i int) []byte { return encrypt(joined([]byte{1}, nonce, []byte{byte(i >> 8), byte(i)})) }
	cipherText, tag := sealed[:len(sealed)-8], sealed[len(sealed)-8:]
	for i := 0; i < len(cipherText); i += 16 {
		piece := cipherText[i:min(i+16, len(cipherText))]
		plain = append(plain, xored(piece, stream(1 + i/16)[:len(piece)])...)
	}
	flags := byte(3<<3 | 1) // M = 8, L = 2
	if len(data) > 0 {
		flags |= 1 << 6
		data = joined([]byte{byte(len(data) >> 8), byte(len(data))}, data)
	}
	mac := encrypt(joined([]byte{flags}, nonce, []byte{byte(len(plain) >> 8), byte(len(plain))}))
	for _, part := range [][]byte{data, plain} {
		for ; len(part) > 0; part = part[min(16, len(part)):] {
			piece := make([]byte, 16)
			copy(piece, part)
			mac = encrypt(xored(mac, piece))
		}
	}
	return plain, bytes.Equal(xored(mac[:8], stream(0)[:8]), tag)
}

// ephemeral is a private key for Diffie-Hellman.
func ephemeral(suite byte, private []byte) *ecdh.PrivateKey {
	curve := ecdh.X25519()
	if suite == 2 {
		curve = ecdh.P256()
	}
	k, err := curve.NewPrivateKey(private)
	if err != nil {
		panic(err)
	}
	return k
}

// onLink is a public key as it travels: of P-256 the x-coordinate.
func onLink(k *ecdh.PrivateKey) []byte {
	b := k.PublicKey().Bytes()
	if len(b) == 65 {
		return b[1:33]
	}
	return b
}

// shared is the secret of two keys.
func shared(a, b *ecdh.PrivateKey) []byte {
	secret, err := a.ECDH(b.PublicKey())
	if err != nil {
		panic(err)
	}
	return secret
}

// signing is a key pair of a page.
type signing struct {
	name   string
	public []byte // x, or x || y
	id     []byte
	ed     ed25519.PrivateKey
	ec     *ecdsa.PrivateKey
}

// newSigning makes a key pair from the private key of a page, whose origin says
// the algorithm.
func newSigning(name, origin string, private []byte) *signing {
	s := &signing{name: name}
	if strings.HasPrefix(origin, "Ed25519, ") {
		s.ed = ed25519.NewKeyFromSeed(private)
		s.public = s.ed.Public().(ed25519.PublicKey)
		s.id = digest([]byte{0xA3, 1, 1, 0x20, 6, 0x21}, byteString(s.public))[:8]
		return s
	}
	var err error
	if s.ec, err = ecdsa.ParseRawPrivateKey(elliptic.P256(), private); err != nil {
		panic(err)
	}
	point, err := s.ec.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	s.public = point[1:]
	s.id = digest([]byte{0xA4, 1, 2, 0x20, 1, 0x21}, byteString(point[1:33]), []byte{0x22}, byteString(point[33:]))[:8]
	return s
}

// cose is the key as a COSE_Key.
func (s *signing) cose() []byte {
	if s.ed != nil {
		return joined([]byte{0xA3, 1, 1, 0x20, 6, 0x21}, byteString(s.public))
	}
	return joined([]byte{0xA4, 1, 2, 0x20, 1, 0x21}, byteString(s.public[:32]), []byte{0x22, 0xF4 | s.public[63]&1})
}

// signed reports whether the signature is this key's, and the one that it makes
// every time.
func (s *signing) signed(message, signature []byte) bool {
	if s.ed != nil {
		return ed25519.Verify(s.ed.Public().(ed25519.PublicKey), message, signature) && bytes.Equal(ed25519.Sign(s.ed, message), signature)
	}
	r, v := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	der, err := s.ec.Sign(nil, digest(message), crypto.SHA256)
	if err != nil {
		panic(err)
	}
	var again struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &again); err != nil {
		panic(err)
	}
	return ecdsa.Verify(&s.ec.PublicKey, digest(message), r, v) && again.R.Cmp(r) == 0 && again.S.Cmp(v) == 0
}
