package examples_test

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/suite"
)

// exchange holds the values of a full exchange, by the names of chapter 06.
type exchange struct {
	nonce, x, y                                    named
	gx, gy, gxy                                    []byte
	hash1, th2, prk2e                              []byte
	idCredR, credR, context2, mac2, signed2        []byte
	plaintext2, keystream2, ciphertext2            []byte
	th3, k3, iv3, a3                               []byte
	idCredI, credI, context3, mac3, signed3        []byte
	plaintext3, ciphertext3                        []byte
	th4, prkOut, prkExporter, selectHash, rs0, okm []byte
}

// hash is H over a concatenation.
func hash(parts ...[]byte) []byte {
	sum := sha256.Sum256(bytes.Join(parts, nil))
	return sum[:]
}

// bstr is a byte string.
func bstr(b []byte) []byte { return dcbor.AppendBytes(nil, b) }

// kdf is EDHOC_KDF, section 6.7.1.
func kdf(t testing.TB, prk []byte, label uint64, context []byte, length int) []byte {
	t.Helper()
	info := dcbor.AppendUint(append(dcbor.AppendUint(nil, label), bstr(context)...), uint64(length))
	out, err := suite.Expand(prk, length, info)
	require.NoError(t, err)
	return out
}

// signatureInput is what Signature_or_MAC signs.
func signatureInput(idCred, external, mac []byte) []byte {
	return bytes.Join([][]byte{[]byte("\x84\x6aSignature1"), bstr(idCred), bstr(external), bstr(mac)}, nil)
}

// agree runs Diffie-Hellman with the private keys of both sides.
func (e *exchange) agree(t testing.TB, curve suite.Curve) {
	t.Helper()
	phone, err := suite.GenerateDH(curve, bytes.NewReader(e.x.bytes), nil)
	require.NoError(t, err)
	door, err := suite.GenerateDH(curve, bytes.NewReader(e.y.bytes), nil)
	require.NoError(t, err)
	e.gx, e.gy = phone.Public(), door.Public()
	e.gxy, err = phone.Shared(e.gy)
	require.NoError(t, err)
}

// derive computes all that chapter 06 names, from the two ephemeral private keys,
// what went over the link, and the lock's certificate.
func (x tap) derive(t testing.TB, curve suite.Curve, certificate []byte) *exchange {
	t.Helper()
	c := x.commands(t)
	e := &exchange{nonce: x.lockDraw(t, "drawn for the nonce", 1), x: x.phoneDraw(t, "X", 32), y: x.lockDraw(t, "Y", 2), credR: certificate}
	e.agree(t, curve)
	e.second(t, c[1].Data, c[1].answer, c[1].P1)
	e.third(t, c[2].Data)
	e.selectHash = hash(c[0].pairs[0].Command, c[0].pairs[0].Response)
	e.rs0 = kdf(t, e.prkExporter, 32769, e.selectHash, 32)
	e.okm = kdf(t, e.prkExporter, 32768, e.selectHash, 58)
	return e
}

// second derives what belongs to message_2 (section 6.5).
func (e *exchange) second(t testing.TB, message1, answer []byte, form byte) {
	t.Helper()
	message2, rest, err := dcbor.NextBytes(answer)
	require.NoError(t, err)
	require.Empty(t, rest)
	require.Equal(t, e.gy, message2[:32])
	e.ciphertext2 = message2[32:]
	e.hash1 = hash(message1)
	e.th2 = hash(bstr(e.gy), bstr(e.hash1))
	e.prk2e, err = suite.Extract(e.th2, e.gxy)
	require.NoError(t, err)
	e.keystream2 = kdf(t, e.prk2e, 0, e.th2, len(e.ciphertext2))
	e.plaintext2 = slices.Clone(e.ciphertext2)
	for i, k := range e.keystream2 {
		e.plaintext2[i] ^= k
	}
	e.idCredR = append([]byte{0xA1, 0x04}, e.plaintext2[1:10]...)
	if form == 1 {
		e.idCredR = append([]byte{0xA1, 0x0D}, e.credR...)
	}
	external := append(bstr(e.th2), e.credR...)
	e.context2 = bytes.Join([][]byte{{0x00}, e.idCredR, external}, nil)
	e.mac2 = kdf(t, e.prk2e, 2, e.context2, 32)
	e.signed2 = signatureInput(e.idCredR, external, e.mac2)
}

// third derives what belongs to message_3 and what follows (sections 6.6 and 6.7).
func (e *exchange) third(t testing.TB, data []byte) {
	t.Helper()
	var err error
	e.ciphertext3, _, err = dcbor.NextBytes(data)
	require.NoError(t, err)
	e.th3 = hash(bstr(e.th2), e.plaintext2, e.credR)
	e.k3, e.iv3 = kdf(t, e.prk2e, 3, e.th3, 16), kdf(t, e.prk2e, 4, e.th3, 13)
	e.a3 = append([]byte("\x83\x68Encrypt0\x40"), bstr(e.th3)...)
	e.plaintext3 = open(t, e.k3, e.iv3, e.ciphertext3, e.a3)
	e.idCredI = e.plaintext3[:len(e.plaintext3)-66]
	e.credI = e.idCredI[2:]
	external := append(bstr(e.th3), e.credI...)
	e.context3 = append(slices.Clone(e.idCredI), external...)
	e.mac3 = kdf(t, e.prk2e, 6, e.context3, 32)
	e.signed3 = signatureInput(e.idCredI, external, e.mac3)
	e.th4 = hash(bstr(e.th3), e.plaintext3, e.credI)
	e.prkOut = kdf(t, e.prk2e, 7, e.th4, 32)
	e.prkExporter = kdf(t, e.prkOut, 10, nil, 32)
}

// resumption holds the values of a resumed tap, by the names of chapter 15.
type resumption struct {
	drawn, nonce                           named
	id, secret, selectHash, prk, okm, next []byte
}

// resume derives the values of a tap that was resumed with the secret.
func (x tap) resume(t testing.TB, secret []byte) *resumption {
	t.Helper()
	c := x.commands(t)
	s := &resumption{secret: secret, drawn: x.lockDraw(t, "drawn for the nonce", 1), nonce: x.phoneDraw(t, "phone nonce", 8)}
	s.selectHash = hash(c[0].pairs[0].Command, c[0].pairs[0].Response)
	var err error
	s.prk, err = suite.Extract(append(slices.Clone(s.nonce.bytes), s.selectHash...), secret)
	require.NoError(t, err)
	s.id = kdf(t, s.prk, 1, nil, 8)
	s.okm = kdf(t, s.prk, 2, nil, 58)
	s.next = kdf(t, secret, 3, nil, 32)
	require.Equal(t, append(slices.Clone(s.nonce.bytes), s.id...), c[1].Data[:16])
	return s
}

// open opens with AES-CCM-16-64-128.
func open(t testing.TB, key, nonce, sealed, data []byte) []byte {
	t.Helper()
	c, err := suite.NewCCM([16]byte(key))
	require.NoError(t, err)
	plain, err := c.Open([13]byte(nonce), sealed, data)
	require.NoError(t, err)
	return plain
}

// nonceOf returns the nonce of a message of a direction (section 6.7.3).
func nonceOf(iv []byte, counter int) []byte {
	nonce := slices.Clone(iv)
	nonce[len(nonce)-1] ^= byte(counter)
	return nonce
}
