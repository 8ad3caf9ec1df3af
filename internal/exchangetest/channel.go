package exchangetest

import (
	"bytes"
	"crypto/subtle"
	"encoding/binary"
	"errors"

	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// Channel is the protected channel with its state open.  Whoever sets a counter
// back seals or opens a message twice.
type Channel struct{ Out, In Direction }

// Direction is one side's messages.
type Direction struct {
	Key     [suite.CCMKeySize]byte
	IV      [suite.CCMNonceSize]byte
	Counter uint64 // of the next message
}

// keysLength is the length of both keys and both IVs.
const keysLength = 2 * (suite.CCMKeySize + suite.CCMNonceSize)

var errKeys = errors.New("exchangetest: the keys of a channel have 58 bytes")

// NewChannel divides the keys of a channel for the phone, or for the lock.
func NewChannel(keys []byte, phone bool) (*Channel, error) {
	if len(keys) != keysLength {
		return nil, errKeys
	}
	requests := Direction{Key: [suite.CCMKeySize]byte(keys), IV: [suite.CCMNonceSize]byte(keys[2*suite.CCMKeySize:])}
	responses := Direction{Key: [suite.CCMKeySize]byte(keys[suite.CCMKeySize:]), IV: [suite.CCMNonceSize]byte(keys[2*suite.CCMKeySize+suite.CCMNonceSize:])}
	if phone {
		return &Channel{Out: requests, In: responses}, nil
	}
	return &Channel{Out: responses, In: requests}, nil
}

// Seal seals a message of any length and counts it.
func (d *Direction) Seal(plaintext []byte) ([]byte, error) {
	aead, err := suite.NewCCM(d.Key)
	if err != nil {
		return nil, err
	}
	return aead.Seal(d.nonce(), plaintext, nil)
}

// Open opens the next message and counts it where it opens.
func (d *Direction) Open(sealed []byte) ([]byte, error) {
	aead, err := suite.NewCCM(d.Key)
	if err != nil {
		return nil, err
	}
	plaintext, err := aead.Open(d.nonce(), sealed, nil)
	if err != nil {
		d.Counter--
	}
	return plaintext, err
}

// nonce returns the nonce of the next message, and counts it.
func (d *Direction) nonce() (nonce [suite.CCMNonceSize]byte) {
	binary.BigEndian.PutUint64(nonce[len(nonce)-8:], d.Counter)
	subtle.XORBytes(nonce[:], nonce[:], d.IV[:])
	d.Counter++
	return nonce
}

// Resume derives the id and the channel's keys from a secret, a nonce of any
// length and a SELECT hash (section 15.3).
func Resume(secret edhoc.ResumptionSecret, nonce, selectHash []byte) (id, keys []byte, err error) {
	prk, err := suite.Extract(append(bytes.Clone(nonce), selectHash...), secret[:])
	if err != nil {
		return nil, nil, err
	}
	if id, err = edhoc.KDF(prk, wire.ResumptionLabelId, wire.LimitResumptionIdBytes); err != nil {
		return nil, nil, err
	}
	keys, err = edhoc.KDF(prk, wire.ResumptionLabelChannel, keysLength)
	return id, keys, err
}
