package edhoc

import (
	"math"
	"slices"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// A cipherSuite is what differs between the cipher suites of the profile. The
// AEAD algorithm is AES-CCM-16-64-128 and the hash algorithm SHA-256 in both.
// See RFC 9528, sections 3.6 and 10.2.
type cipherSuite struct {
	curve     suite.Curve     // EDHOC key exchange algorithm
	signature suite.Algorithm // EDHOC signature algorithm
}

// cipherSuiteByID returns the cipher suite with this number in the IANA registry.
func cipherSuiteByID(id int) (cipherSuite, bool) {
	switch id {
	case wire.SuiteX25519Ed25519:
		return cipherSuite{curve: suite.X25519, signature: suite.AlgEd25519}, true
	case wire.SuiteP256Es256:
		return cipherSuite{curve: suite.P256, signature: suite.AlgESP256}, true
	}
	return cipherSuite{}, false
}

// checkSuites reports whether a list from a configuration is usable: not empty,
// without repetition, and every suite implemented.
func checkSuites(suites []int) error {
	if len(suites) == 0 {
		return &Error{Kind: ErrLocal, Field: "Suites", Detail: "empty"}
	}
	for i, id := range suites {
		if _, ok := cipherSuiteByID(id); !ok || slices.Contains(suites[:i], id) {
			return &Error{Kind: ErrLocal, Field: "Suites", Detail: "cipher suite unknown or repeated"}
		}
	}
	return nil
}

// SelectSuites returns the SUITES_I of the next message_1, after a responder
// has answered the last one with an error message that holds suitesR: all
// suites of the initiator's own order of preference up to the first that the
// responder supports, which is the selected one. See RFC 9528, sections 5.2.2
// and 6.3.1. Where there is none, the error is [ErrSuite].
//
// Error messages can be forged, so a caller tries again once, not for ever. A
// forged one cannot bring about a less preferred suite: a responder refuses a
// SUITES_I that lists, before the selected suite, one that it supports.
func SelectSuites(preferred, suitesR []int) ([]int, error) {
	if err := checkSuites(preferred); err != nil {
		return nil, err
	}
	for i, id := range preferred {
		if slices.Contains(suitesR, id) {
			return slices.Clone(preferred[:i+1]), nil
		}
	}
	return nil, &Error{Kind: ErrSuite, Field: "SUITES_R", Detail: "no cipher suite in common"}
}

// negotiate is the responder's part of the negotiation: "verify that the
// selected cipher suite is supported and that no prior cipher suite as ordered
// in SUITES_I is supported". See RFC 9528, section 5.2.3.
//
// The error message lists all that the responder supports. That holds the one
// which section 6.3 demands, and does not depend on what was asked.
func negotiate(suitesI, supported []int) (int, error) {
	selected := suitesI[len(suitesI)-1]
	first := slices.IndexFunc(suitesI, func(id int) bool { return slices.Contains(supported, id) })
	if first == len(suitesI)-1 {
		return selected, nil
	}
	e := &Error{Kind: ErrSuite, Field: "SUITES_I", message: wrongSuiteMessage(supported)}
	if slices.Contains(supported, selected) {
		e.Detail = "a suite preferred to the selected one is supported"
	} else {
		e.Detail = "the selected suite is not supported"
	}
	return 0, e
}

// appendSuites encodes a list of one suite as an int and a longer one as an
// array:
//
//	suites = [ 2* int ] / int
func appendSuites(b []byte, suites []int) []byte {
	if len(suites) != 1 {
		b = dcbor.AppendArray(b, len(suites))
	}
	for _, id := range suites {
		b = dcbor.AppendInt(b, int64(id))
	}
	return b
}

// suites reads what appendSuites writes. The last element of SUITES_I is
// selected because the initiator prefers no earlier one, so a list that holds
// the same suite twice has no meaning and is malformed.
func (r *reader) suites(field string) []int {
	if dcbor.KindOf(r.rest) != dcbor.KindArray {
		return []int{r.suite(field, r.int(field))}
	}
	item := r.item(field)
	if r.err != nil {
		return nil
	}
	var list []int64
	if err := dcbor.Unmarshal(item, &list); err != nil {
		r.fail(ErrMalformed, field, "not an array of integers", err)
		return nil
	}
	if len(list) < 2 {
		r.fail(ErrMalformed, field, "array of less than two suites", nil)
		return nil
	}
	suites := make([]int, 0, len(list))
	for _, v := range list {
		id := r.suite(field, v)
		if slices.Contains(suites, id) {
			r.fail(ErrMalformed, field, "same suite twice", nil)
		}
		suites = append(suites, id)
	}
	return suites
}

// suite checks that v can be the number of a cipher suite: the IANA registry
// ends at 16 bits and a sign. See RFC 9528, section 10.2.
func (r *reader) suite(field string, v int64) int {
	if v < -1-math.MaxUint16 || v > math.MaxUint16 {
		r.fail(ErrMalformed, field, "not the number of a cipher suite", nil)
		return 0
	}
	return int(v)
}
