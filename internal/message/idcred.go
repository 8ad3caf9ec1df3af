package message

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// IDCred names or carries a credential in the handshake: a COSE header map with
// one entry (section 6.3; RFC 9528, section 3.5.3).
//
//	id-cred = { 4: bstr .size 8 } / { 13: array } / { 14: map }
type IDCred struct {
	Header uint64 // HeaderKid, HeaderKcwt or HeaderKccs
	Value  []byte // of kid: the key id, 8 bytes; of the others: the encoded object
}

var errIDCred = errors.New("ID_CRED is malformed")

// Encode returns the header map.
func (c IDCred) Encode() []byte {
	b := dcbor.AppendUint(dcbor.AppendMap(make([]byte, 0, len(c.Value)+4), 1), c.Header)
	if c.Header == wire.HeaderKid {
		return dcbor.AppendBytes(b, c.Value)
	}
	return append(b, c.Value...)
}

// ParseIDCred decodes a header map of one of the three forms.  It does not look
// into the object of the other two forms than kid.
func ParseIDCred(data []byte) (IDCred, error) {
	var c IDCred
	entries := 0
	err := readFields(errIDCred, data, wire.HeaderName, func(header uint64, value *dcbor.Reader) error {
		entries++
		c.Header = header
		return c.readValue(value)
	})
	if err == nil && entries != 1 {
		err = fmt.Errorf("%w: it has %d entries, not one", errIDCred, entries)
	}
	if err != nil {
		return IDCred{}, err
	}
	return c, nil
}

// readValue reads the value that belongs to the header.
func (c *IDCred) readValue(value *dcbor.Reader) error {
	switch c.Header {
	case wire.HeaderKid:
		c.Value = bytes.Clone(value.Bytes())
		if c.Value != nil && len(c.Value) != wire.LimitKeyIdBytes {
			return fmt.Errorf("a key id has %d bytes, this has %d", wire.LimitKeyIdBytes, len(c.Value))
		}
		return nil
	case wire.HeaderKcwt:
		if value.Kind() != dcbor.KindArray {
			return errors.New("it is not a signed object")
		}
	case wire.HeaderKccs:
		if value.Kind() != dcbor.KindMap {
			return errors.New("it is not a claims set")
		}
	default:
		return errors.New("it is neither kid, kcwt nor kccs")
	}
	c.Value = bytes.Clone(value.Raw())
	return nil
}
