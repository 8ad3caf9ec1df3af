package edhoc

import (
	"crypto/subtle"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/suite"
)

// The heads and constant first elements of the two COSE structures, whose text
// strings keep them apart from each other.
const (
	sigStructureHead = "\x84\x6aSignature1"   // [ "Signature1", .., .., .. ]
	encStructureHead = "\x83\x68Encrypt0\x40" // [ "Encrypt0", h'', .. ]
)

// thLength is the length of a transcript hash as a CBOR byte string.
const thLength = 2 + hashLength

// SigStructure returns what Signature_or_MAC_x signs, the Sig_structure of a
// COSE_Sign1 object. See RFC 9528, sections 5.3.2 and 5.4.2, and RFC 9052,
// section 4.4:
//
//	[ "Signature1", << ID_CRED_x >>, << TH_x, CRED_x >>, MAC_x ]
func SigStructure(idCredX, thX, credX, macX []byte) []byte {
	b := make([]byte, 0, len(sigStructureHead)+4*maxHead+len(idCredX)+len(thX)+len(credX)+len(macX))
	b = append(b, sigStructureHead...)
	b = dcbor.AppendBytes(b, idCredX)
	b = dcbor.AppendBytesHead(b, thLength+len(credX))
	b = dcbor.AppendBytes(b, thX)
	b = append(b, credX...)
	return dcbor.AppendBytes(b, macX)
}

// EncStructure returns what CIPHERTEXT_3 authenticates besides the plaintext,
// the Enc_structure of a COSE_Encrypt0 object. See RFC 9528, section 5.4.2, and
// RFC 9052, section 5.3:
//
//	[ "Encrypt0", h'', TH_3 ]
func EncStructure(th3 []byte) []byte {
	b := make([]byte, 0, len(encStructureHead)+maxHead+len(th3))
	b = append(b, encStructureHead...)
	return dcbor.AppendBytes(b, th3)
}

// toBeSigned2 computes MAC_2 and returns what Signature_or_MAC_2 signs.
func (p *prk3e2mKey) toBeSigned2(cR []byte, idCredR idCred, th2 th2Hash, credR []byte) ([]byte, error) {
	mac2, err := p.mac2(cR, idCredR.header, th2, credR)
	if err != nil {
		return nil, err
	}
	return SigStructure(idCredR.header, th2[:], credR, mac2), nil
}

// toBeSigned3 computes MAC_3 and returns what Signature_or_MAC_3 signs.
func (p *prk4e3mKey) toBeSigned3(idCredI idCred, th3 th3Hash, credI []byte) ([]byte, error) {
	mac3, err := p.mac3(idCredI.header, th3, credI)
	if err != nil {
		return nil, err
	}
	return SigStructure(idCredI.header, th3[:], credI, mac3), nil
}

// crypt2 turns PLAINTEXT_2 into CIPHERTEXT_2, and back:
//
//	CIPHERTEXT_2 = PLAINTEXT_2 XOR KEYSTREAM_2
//
// That hides PLAINTEXT_2 from who only listens. Its integrity is that of
// Signature_or_MAC_2 in it. See RFC 9528, section 9.2.
func (p *prk2eKey) crypt2(th2 th2Hash, text []byte) ([]byte, error) {
	out, err := p.keystream2(th2, len(text))
	if err != nil {
		return nil, err
	}
	subtle.XORBytes(out, text, out)
	return out, nil
}

// seal3 turns PLAINTEXT_3 into CIPHERTEXT_3. Its nonce is fixed, so it is called
// once in a run.
func (p *prk3e2mKey) seal3(th3 th3Hash, plaintext3 []byte) ([]byte, error) {
	aead, iv3, err := p.aead3(th3)
	if err != nil {
		return nil, err
	}
	ciphertext3, err := aead.Seal(iv3, plaintext3, EncStructure(th3[:]))
	if err != nil {
		return nil, &Error{Kind: ErrLimit, Field: "PLAINTEXT_3", Err: err}
	}
	return ciphertext3, nil
}

// open3 turns CIPHERTEXT_3 into PLAINTEXT_3, if it is authentic.
func (p *prk3e2mKey) open3(th3 th3Hash, ciphertext3 []byte) ([]byte, error) {
	aead, iv3, err := p.aead3(th3)
	if err != nil {
		return nil, err
	}
	plaintext3, err := aead.Open(iv3, ciphertext3, EncStructure(th3[:]))
	if err != nil {
		return nil, &Error{Kind: ErrDecrypt, Field: "CIPHERTEXT_3", Err: err}
	}
	return plaintext3, nil
}

// aead3 keys the AEAD with K_3, and returns IV_3 beside it.
func (p *prk3e2mKey) aead3(th3 th3Hash) (aead *suite.CCM, iv3 [ivLength]byte, err error) {
	key, err := p.k3(th3)
	if err != nil {
		return nil, iv3, err
	}
	nonce, err := p.iv3(th3)
	if err != nil {
		return nil, iv3, err
	}
	aead, err = suite.NewCCM([keyLength]byte(key))
	if err != nil {
		return nil, iv3, derivationError(err)
	}
	return aead, [ivLength]byte(nonce), nil
}
