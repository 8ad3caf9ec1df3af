package edhoc

import "github.com/postern-lock/postern/internal/dcbor"

// RFC 9528, section 5.3.1:
//
//	message_2 = (
//	  G_Y_CIPHERTEXT_2 : bstr,
//	)
type message2 struct {
	gY          []byte
	ciphertext2 []byte
}

func (m *message2) encode() []byte {
	b := dcbor.AppendBytesHead(nil, len(m.gY)+len(m.ciphertext2))
	b = append(b, m.gY...)
	return append(b, m.ciphertext2...)
}

func parseMessage2(b []byte) (*message2, error) {
	r := newReader(b)
	joined := r.bytes("G_Y_CIPHERTEXT_2")
	r.end()
	if r.err == nil && len(joined) < keyShareLength {
		r.fail(ErrKeyShare, "G_Y", "wrong length", nil)
	}
	if r.err != nil {
		return nil, r.err
	}
	return &message2{gY: joined[:keyShareLength], ciphertext2: joined[keyShareLength:]}, nil
}

// RFC 9528, section 5.3.2:
//
//	PLAINTEXT_2 = (
//	  C_R,
//	  ID_CRED_R / bstr / -24..23,
//	  Signature_or_MAC_2,
//	  ? EAD_2,
//	)
type plaintext2 struct {
	cR        []byte // the byte string that C_R is
	idCredR   idCred
	signature []byte
}

func (p *plaintext2) encode() []byte {
	const heads = 2 * 3 // of two byte strings
	b := appendIdentifier(make([]byte, 0, len(p.cR)+len(p.idCredR.compact)+len(p.signature)+heads), p.cR)
	b = append(b, p.idCredR.compact...)
	return dcbor.AppendBytes(b, p.signature)
}

func parsePlaintext2(b []byte) (*plaintext2, error) {
	r := newReader(b)
	p := new(plaintext2)
	p.cR = r.identifier("C_R")
	p.idCredR = r.idCred("ID_CRED_R")
	p.signature = r.signature("Signature_or_MAC_2")
	r.endWithoutEAD("EAD_2")
	if r.err != nil {
		return nil, r.err
	}
	return p, nil
}
