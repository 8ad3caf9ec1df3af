package edhoc

import (
	"strconv"
	"unicode/utf8"

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
	Code       int64  // ERR_CODE, not zero
	Suites     []int  // SUITES_R where Code is CodeWrongSuite; see [SelectSuites]
	Diagnostic string // ERR_INFO where Code is CodeUnspecified: text for people, written by the peer
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

// simpleTrue is the encoding of true.
const simpleTrue = 0xf5

// parseErrorMessage always returns an error: [ErrPeer] around a [*PeerError], or
// what is wrong with the error message.
func parseErrorMessage(message []byte) error {
	r := newReader(message)
	e := &PeerError{Code: r.int("ERR_CODE")}
	switch e.Code {
	case CodeSuccess:
		r.fail(ErrMalformed, "ERR_CODE", "zero", nil)
	case CodeUnspecified:
		e.Diagnostic = r.text("ERR_INFO")
	case CodeWrongSuite:
		e.Suites = r.suites("SUITES_R")
	case CodeUnknownCredential:
		if info := r.item("ERR_INFO"); dcbor.KindOf(info) != dcbor.KindBool || info[0] != simpleTrue {
			r.fail(ErrMalformed, "ERR_INFO", "not true", nil)
		}
	default:
		r.rest = nil // what follows a code that is not known can be anything
	}
	r.end()
	if r.err != nil {
		return r.err
	}
	return &Error{Kind: ErrPeer, Err: e}
}

// text reads a text string. No other data item of the standard is one, so dcbor
// has no reader for it: but for the major type, it is encoded as a byte string.
func (r *reader) text(field string) string {
	const majorBytes, majorText, majorMask = 2 << 5, 3 << 5, 7 << 5
	if len(r.rest) == 0 || r.rest[0]&majorMask != majorText {
		r.fail(ErrMalformed, field, "not a text string", nil)
		return ""
	}
	r.rest = append([]byte{r.rest[0] - majorText + majorBytes}, r.rest[1:]...)
	text := r.bytes(field)
	if !utf8.Valid(text) {
		r.fail(ErrMalformed, field, "text string is not UTF-8", nil)
	}
	return string(text)
}

// wrongSuiteMessage returns the error message that a responder answers with in
// the negotiation: ERR_CODE 2 and SUITES_R. See RFC 9528, section 6.3.
func wrongSuiteMessage(suitesR []int) []byte {
	return appendSuites(dcbor.AppendInt(nil, CodeWrongSuite), suitesR)
}
