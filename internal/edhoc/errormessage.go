package edhoc

import (
	"strconv"

	"github.com/postern-lock/postern/internal/dcbor"
)

// The error codes of RFC 9528, section 6. Zero means success, and is never sent.
const (
	CodeSuccess           = 0
	CodeUnspecified       = 1
	CodeWrongSuite        = 2
	CodeUnknownCredential = 3
)

// PeerError is an EDHOC error message of the peer. It is not authenticated:
// whoever is on the path can have written it.
type PeerError struct {
	Code   int64 // ERR_CODE, not zero
	Suites []int // SUITES_R where Code is CodeWrongSuite; see [SelectSuites]
}

// Error names the code, and nothing that the peer wrote.
func (e *PeerError) Error() string {
	switch e.Code {
	case CodeUnspecified:
		return "unspecified error"
	case CodeWrongSuite:
		return "wrong selected cipher suite"
	case CodeUnknownCredential:
		return "unknown credential referenced"
	}
	return "error code " + strconv.FormatInt(e.Code, 10)
}

// RFC 9528, section 6:
//
//	error = (
//	  ERR_CODE : int,
//	  ERR_INFO : any,
//	)
//
// message_2 and message_3 start with a byte string, so the first byte tells an
// error message from both.
func isErrorMessage(message []byte) bool {
	kind := dcbor.KindOf(message)
	return kind == dcbor.KindUint || kind == dcbor.KindNint
}

// parseErrorMessage always returns an error: [ErrPeer] around a [*PeerError], or
// what is wrong with the error message.
func parseErrorMessage(message []byte) error {
	r := newReader(message)
	e := &PeerError{Code: r.int("ERR_CODE")}
	switch e.Code {
	case CodeSuccess:
		r.fail(ErrMalformed, "ERR_CODE", "zero", nil)
	case CodeWrongSuite:
		e.Suites = r.suites("SUITES_R")
	default:
		r.rest = nil // what follows another code is not read (section 6.9)
	}
	r.end()
	if r.err != nil {
		return r.err
	}
	return &Error{Kind: ErrPeer, Err: e}
}

// wrongSuiteMessage returns the error message that a responder answers with in
// the negotiation: ERR_CODE 2 and SUITES_R. See RFC 9528, section 6.3.
func wrongSuiteMessage(suitesR []int) []byte {
	return appendSuites(dcbor.AppendInt(nil, CodeWrongSuite), suitesR)
}
