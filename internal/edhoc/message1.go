package edhoc

import "github.com/postern-lock/postern/internal/dcbor"

// methodSignatures is METHOD 0: both sides have signature keys. See RFC 9528,
// section 3.2.
const methodSignatures = 0

// keyShareLength is the length in bytes of G_X and G_Y on both curves. See RFC
// 9528, section 3.7.
const keyShareLength = 32

// RFC 9528, section 5.2.1:
//
//	message_1 = (
//	  METHOD : int,
//	  SUITES_I : suites,
//	  G_X : bstr,
//	  C_I : bstr / -24..23,
//	  ? EAD_1,
//	)
type message1 struct {
	method  int64
	suitesI []int // at least one; the last is selected
	gX      []byte
	cI      []byte // C_I as it is encoded: it is looked at after the suites (PST-DEC-005)
}

func (m *message1) encode() []byte {
	b := dcbor.AppendInt(nil, m.method)
	b = appendSuites(b, m.suitesI)
	b = dcbor.AppendBytes(b, m.gX)
	return append(b, m.cI...)
}

func parseMessage1(b []byte) (*message1, error) {
	r := newReader(b)
	m := new(message1)
	m.method = r.int("METHOD")
	m.suitesI = r.suites("SUITES_I")
	m.gX = r.bytes("G_X")
	m.cI = r.encodedIdentifier("C_I")
	r.endWithoutEAD("EAD_1")
	if r.err != nil {
		return nil, r.err
	}
	return m, nil
}
