package edhoc

import (
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// A ResumptionSecret is what both sides keep after a run to do without the next
// one. It stands on a line of secrets, each derived from the one before; a
// secret that was left cannot be had back from those after it. This is not part
// of RFC 9528: chapter 15 of the specification defines it.
type ResumptionSecret [hashLength]byte

// ResumptionID names a secret in one transaction, without showing it: 8 bytes.
type ResumptionID [wire.LimitResumptionIdBytes]byte

// ResumptionNonce is the phone's nonce of one transaction, 8 bytes.
type ResumptionNonce [wire.LimitResumptionIdBytes]byte

// Resumption derives the first secret of the line:
//
//	RS_0 = EDHOC_Exporter( 32769, SELECT hash, 32 )
//
// Errors are those of Export, and [ErrLocal] for the hash.
func (e *Exporter) Resumption(selectHash []byte) (*ResumptionSecret, error) {
	secret, err := e.exportFor(wire.LabelResumption, selectHash)
	if err != nil {
		return nil, err
	}
	return (*ResumptionSecret)(secret), nil
}

// Next returns the secret after this one:
//
//	RS_(n+1) = EDHOC_KDF( RS_n, 3, h'', 32 )
//
// No nonce takes part, so two sides can only be apart on one line.
func (s *ResumptionSecret) Next() (*ResumptionSecret, error) {
	next, err := KDF(s[:], wire.ResumptionLabelNext, hashLength)
	if err != nil {
		return nil, err
	}
	return (*ResumptionSecret)(next), nil
}

// A Resumed is a secret in one transaction.
type Resumed struct{ prk *ResumptionSecret }

// Resume binds the secret to a transaction:
//
//	PRK = HKDF-Extract( phone nonce || SELECT hash, RS_n )
//
// The SELECT hash covers the lock's nonce. The error is [ErrLocal] for the hash.
func (s *ResumptionSecret) Resume(nonce ResumptionNonce, selectHash []byte) (*Resumed, error) {
	if len(selectHash) != sha256.Size {
		return nil, &Error{Kind: ErrLocal, Field: "selectHash", Detail: "not 32 bytes"}
	}
	prk, err := suite.Extract(append(nonce[:], selectHash...), s[:])
	if err != nil {
		return nil, derivationError(err)
	}
	return &Resumed{(*ResumptionSecret)(prk)}, nil
}

// ID derives the resumption id: EDHOC_KDF( PRK, 1, h”, 8 ). It depends on both
// nonces, so two taps with one secret cannot be linked.
func (r *Resumed) ID() (id ResumptionID, err error) {
	b, err := KDF(r.prk[:], wire.ResumptionLabelId, len(id))
	if err != nil {
		return id, err
	}
	return ResumptionID(b), nil
}

// Channel derives the channel: its keys are EDHOC_KDF( PRK, 2, h”, 58 ), divided
// as those of [NewChannel].
func (r *Resumed) Channel(initiator bool) (*Channel, error) {
	keys, err := KDF(r.prk[:], wire.ResumptionLabelChannel, channelKeysLength)
	if err != nil {
		return nil, err
	}
	defer clear(keys)
	return newChannel(keys, initiator)
}

// Format keeps the secret out of what is printed, whatever the verb.
func (s ResumptionSecret) Format(f fmt.State, _ rune) { io.WriteString(f, "edhoc.ResumptionSecret") }

// Format keeps the key out of what is printed, whatever the verb.
func (r Resumed) Format(f fmt.State, _ rune) { io.WriteString(f, "edhoc.Resumed") }

// resumeHead is the length of what stands before the sealed request in RESUME.
const resumeHead = len(ResumptionNonce{}) + len(ResumptionID{})

// AppendResume appends what RESUME carries before the sealed request.
func AppendResume(b []byte, nonce ResumptionNonce, id ResumptionID) []byte {
	return append(append(b, nonce[:]...), id[:]...)
}

// SplitResume takes the data of RESUME apart. The error is [ErrMalformed] where
// no request can stand behind nonce and id.
func SplitResume(data []byte) (nonce ResumptionNonce, id ResumptionID, sealed []byte, err error) {
	if len(data) <= resumeHead+ChannelOverhead {
		return nonce, id, nil, &Error{Kind: ErrMalformed, Field: "RESUME", Detail: "too short"}
	}
	copy(nonce[:], data)
	copy(id[:], data[len(nonce):])
	return nonce, id, data[resumeHead:], nil
}
