package edhoc

import (
	"bytes"

	"github.com/postern-lock/postern/internal/dcbor"
)

// RFC 9528, section 5.4.1:
//
//	message_3 = (
//	  CIPHERTEXT_3 : bstr,
//	)
type message3 struct {
	ciphertext3 []byte
}

func (m *message3) encode() []byte {
	return dcbor.AppendBytes(nil, m.ciphertext3)
}

func parseMessage3(b []byte) (*message3, error) {
	r := newReader(b)
	ciphertext3 := r.bytes("CIPHERTEXT_3")
	r.end()
	if r.err != nil {
		return nil, r.err
	}
	return &message3{ciphertext3}, nil
}

// SplitMessage3 takes apart the data of a command that carries message_3 and,
// right after it, a message of the channel. Both results are parts of data. The
// error is [ErrMalformed] where data does not start with a byte string or no
// message of the channel can stand behind it, and [ErrLimit] where it is too long.
func SplitMessage3(data []byte) (message3, rest []byte, err error) {
	r := newReader(data)
	r.bytes("CIPHERTEXT_3")
	if r.err == nil && len(r.rest) <= ChannelOverhead {
		r.fail(ErrMalformed, "", "no request behind message_3", nil)
	}
	if r.err != nil {
		return nil, nil, r.err
	}
	n := len(data) - len(r.rest)
	return data[:n:n], data[n:], nil
}

// RFC 9528, section 5.4.2:
//
//	PLAINTEXT_3 = (
//	  ID_CRED_I / bstr / -24..23,
//	  Signature_or_MAC_3,
//	  ? EAD_3,
//	)
type plaintext3 struct {
	idCredI   idCred
	signature []byte
}

func (p *plaintext3) encode() []byte {
	return dcbor.AppendBytes(bytes.Clone(p.idCredI.compact), p.signature)
}

func parsePlaintext3(b []byte) (*plaintext3, error) {
	r := newReader(b)
	p := new(plaintext3)
	p.idCredI = r.idCred("ID_CRED_I")
	p.signature = r.signature("Signature_or_MAC_3")
	r.endWithoutEAD("EAD_3")
	if r.err != nil {
		return nil, r.err
	}
	return p, nil
}
