package edhoc

import (
	"crypto/sha256"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/suite"
)

// hashLength is hash_length in bytes, that of SHA-256. With signatures it is
// mac_length_2 and mac_length_3 too.
const hashLength = sha256.Size

// Lengths in bytes of key and nonce of AES-CCM-16-64-128: key_length, iv_length.
const (
	keyLength = suite.CCMKeySize
	ivLength  = suite.CCMNonceSize
)

// The values of info_label. See RFC 9528, figure 6. Labels 1 and 5 are for
// static Diffie-Hellman keys, 8 and 9 for message_4.
const (
	labelKeystream2  = 0
	labelMAC2        = 2
	labelK3          = 3
	labelIV3         = 4
	labelMAC3        = 6
	labelPRKOut      = 7
	labelPRKExporter = 10
)

// The transcript hashes. Each covers the one before it, so the last covers the
// whole run. See RFC 9528, sections 5.3.2 and 5.4.2.
type (
	th2Hash [hashLength]byte // TH_2 = H( G_Y, H(message_1) )
	th3Hash [hashLength]byte // TH_3 = H( TH_2, PLAINTEXT_2, CRED_R )
	th4Hash [hashLength]byte // TH_4 = H( TH_3, PLAINTEXT_3, CRED_I )
)

func newTH2(gY []byte, hashMessage1 [hashLength]byte) th2Hash {
	return th2Hash(TranscriptHash(dcbor.AppendBytes(nil, gY), dcbor.AppendBytes(nil, hashMessage1[:])))
}

func (t th2Hash) th3(plaintext2, credR []byte) th3Hash {
	return th3Hash(TranscriptHash(dcbor.AppendBytes(nil, t[:]), plaintext2, credR))
}

func (t th3Hash) th4(plaintext3, credI []byte) th4Hash {
	return th4Hash(TranscriptHash(dcbor.AppendBytes(nil, t[:]), plaintext3, credI))
}

// TranscriptHash returns H() of a CBOR sequence that is given in parts.
func TranscriptHash(parts ...[]byte) (sum [hashLength]byte) {
	h := sha256.New()
	for _, part := range parts {
		h.Write(part)
	}
	h.Sum(sum[:0])
	return sum
}

// The pseudorandom keys, one type for each stage. See RFC 9528, section 4.1:
//
//	TH_2, G_XY
//	    |
//	 PRK_2e ----> KEYSTREAM_2
//	    |
//	PRK_3e2m ---> MAC_2, K_3, IV_3
//	    |
//	PRK_4e3m ---> MAC_3
//	    |
//	 PRK_out
//	    |
//	PRK_exporter (Exporter)
type (
	prk2eKey       [hashLength]byte
	prk3e2mKey     [hashLength]byte
	prk4e3mKey     [hashLength]byte
	prkOutKey      [hashLength]byte
	prkExporterKey [hashLength]byte
)

// newPRK2e derives PRK_2e = EDHOC_Extract( TH_2, G_XY ). See RFC 9528, section
// 4.1.1.1.
func newPRK2e(th2 th2Hash, gXY []byte) (*prk2eKey, error) {
	prk, err := suite.Extract(th2[:], gXY)
	if err != nil {
		return nil, derivationError(err)
	}
	return (*prk2eKey)(prk), nil
}

// keystream2 derives KEYSTREAM_2 = EDHOC_KDF( PRK_2e, 0, TH_2, plaintext_length ).
func (p *prk2eKey) keystream2(th2 th2Hash, plaintextLength int) ([]byte, error) {
	return KDF(p[:], labelKeystream2, plaintextLength, th2[:])
}

// prk3e2m is PRK_3e2m = PRK_2e, since the responder has a signature key. See RFC
// 9528, section 4.1.1.2.
func (p *prk2eKey) prk3e2m() *prk3e2mKey { return (*prk3e2mKey)(p) }

// mac2 derives MAC_2 = EDHOC_KDF( PRK_3e2m, 2, context_2, mac_length_2 ), where
// context_2 = << C_R, ID_CRED_R, TH_2, CRED_R >>.
func (p *prk3e2mKey) mac2(cR, idCredR []byte, th2 th2Hash, credR []byte) ([]byte, error) {
	return KDF(p[:], labelMAC2, hashLength, appendIdentifier(nil, cR), idCredR, dcbor.AppendBytes(nil, th2[:]), credR)
}

// k3 derives K_3 = EDHOC_KDF( PRK_3e2m, 3, TH_3, key_length ).
func (p *prk3e2mKey) k3(th3 th3Hash) ([]byte, error) {
	return KDF(p[:], labelK3, keyLength, th3[:])
}

// iv3 derives IV_3 = EDHOC_KDF( PRK_3e2m, 4, TH_3, iv_length ).
func (p *prk3e2mKey) iv3(th3 th3Hash) ([]byte, error) {
	return KDF(p[:], labelIV3, ivLength, th3[:])
}

// prk4e3m is PRK_4e3m = PRK_3e2m, since the initiator has a signature key. See
// RFC 9528, section 4.1.1.3.
func (p *prk3e2mKey) prk4e3m() *prk4e3mKey { return (*prk4e3mKey)(p) }

// mac3 derives MAC_3 = EDHOC_KDF( PRK_4e3m, 6, context_3, mac_length_3 ), where
// context_3 = << ID_CRED_I, TH_3, CRED_I >>.
func (p *prk4e3mKey) mac3(idCredI []byte, th3 th3Hash, credI []byte) ([]byte, error) {
	return KDF(p[:], labelMAC3, hashLength, idCredI, dcbor.AppendBytes(nil, th3[:]), credI)
}

// prkOut derives PRK_out = EDHOC_KDF( PRK_4e3m, 7, TH_4, hash_length ). See RFC
// 9528, section 4.1.3.
func (p *prk4e3mKey) prkOut(th4 th4Hash) (*prkOutKey, error) {
	prk, err := KDF(p[:], labelPRKOut, hashLength, th4[:])
	if err != nil {
		return nil, err
	}
	return (*prkOutKey)(prk), nil
}

// prkExporter derives PRK_exporter = EDHOC_KDF( PRK_out, 10, h”, hash_length ).
// See RFC 9528, section 4.2.1.
func (p *prkOutKey) prkExporter() (*prkExporterKey, error) {
	prk, err := KDF(p[:], labelPRKExporter, hashLength)
	if err != nil {
		return nil, err
	}
	return (*prkExporterKey)(prk), nil
}

// KDF is EDHOC_KDF. See RFC 9528, section 4.1.2:
//
//	OKM = EDHOC_KDF( PRK, info_label, context, length )
//	    = HKDF-Expand( PRK, info, length )
//	info = ( info_label : int, context : bstr, length : uint )
//
// The context is given in parts, which follow each other without a gap.
func KDF(prk []byte, infoLabel uint, length int, context ...[]byte) ([]byte, error) {
	size := 0
	for _, part := range context {
		size += len(part)
	}
	head := dcbor.AppendUint(make([]byte, 0, 3*maxHead), uint64(infoLabel))
	head = dcbor.AppendBytesHead(head, size)
	tail := dcbor.AppendUint(head[len(head):], uint64(length))
	info := append(append([][]byte{head}, context...), tail)
	okm, err := suite.Expand(prk, length, info...)
	if err != nil {
		return nil, derivationError(err)
	}
	return okm, nil
}

// derivationError reports a failure of HKDF, which no message can bring about.
func derivationError(err error) error {
	return &Error{Kind: ErrLocal, Detail: "key derivation", Err: err}
}
