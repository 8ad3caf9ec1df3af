package edhoc

import (
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// SetupProof proves in one transaction that a side knows the setup secret, which
// is printed inside the box, without showing it:
//
//	proof = HMAC-SHA-256( secret, EDHOC_Exporter( 32770, SELECT hash, 32 ) )[0..15]
//
// Secret and proof have 16 bytes. Both sides of a run compute the same proof:
// whoever checks one compares in constant time, and tells of a wrong one no more
// than that. This is not part of RFC 9528: chapter 20 of the specification
// defines it. Errors are those of Export, and [ErrLocal] for the hash or the
// secret.
func (e *Exporter) SetupProof(selectHash, secret []byte) ([]byte, error) {
	if len(secret) != wire.LimitSetupBytes {
		return nil, &Error{Kind: ErrLocal, Field: "secret", Detail: "not 16 bytes"}
	}
	exported, err := e.exportFor(wire.LabelCommissioning, selectHash)
	if err != nil {
		return nil, err
	}
	mac, err := suite.Extract(secret, exported) // HKDF-Extract is HMAC
	if err != nil {
		return nil, derivationError(err)
	}
	return mac[:wire.LimitSetupBytes:wire.LimitSetupBytes], nil
}
