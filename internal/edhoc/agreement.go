package edhoc

import (
	"io"

	"github.com/postern-lock/postern/internal/suite"
)

// newEphemeral makes an ephemeral key, which serves one run. See RFC 9528,
// section 9.2.
func newEphemeral(cs cipherSuite, rand io.Reader, m *suite.Meter) (*suite.DHKey, error) {
	key, err := suite.GenerateDH(cs.curve, rand, m)
	if err != nil {
		return nil, &Error{Kind: ErrLocal, Field: "Rand", Err: err}
	}
	return key, nil
}

// agree computes G_XY and derives PRK_2e from it. The peer's public key is
// validated as RFC 9528, sections 9.2 and 9.8, demand: its length, that it is on
// the curve, and for X25519 that G_XY is not all zero.
func agree(own *suite.DHKey, field string, peer []byte, th2 th2Hash) (*prk2eKey, error) {
	gXY, err := own.Shared(peer)
	if err != nil {
		return nil, &Error{Kind: ErrKeyShare, Field: field, Err: err}
	}
	defer clear(gXY) // "MUST be deleted after key derivation is completed", section 9.8
	return newPRK2e(th2, gXY)
}
