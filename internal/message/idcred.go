package message

import (
	"errors"
	"fmt"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// IDCred names or carries a credential in the handshake: a COSE header map with
// one entry (RFC 9528, section 3.5.3).
type IDCred struct {
	Header uint64 // HeaderKid, HeaderKcwt or HeaderKccs
	Value  []byte // of kid: the key id; of the others: the encoded object
}

var errIDCred = errors.New("ID_CRED is not one of this profile")

// Encode returns the header map.
func (c IDCred) Encode() []byte {
	b := dcbor.AppendUint(dcbor.AppendMap(make([]byte, 0, len(c.Value)+4), 1), c.Header)
	if c.Header == wire.HeaderKid {
		return dcbor.AppendBytes(b, c.Value)
	}
	return append(b, c.Value...)
}

// ParseIDCred decodes a header map.
func ParseIDCred(data []byte) (IDCred, error) {
	var m map[uint64]dcbor.Raw
	if err := dcbor.Unmarshal(data, &m); err != nil {
		return IDCred{}, fmt.Errorf("%w: %w", errIDCred, err)
	}
	if len(m) != 1 {
		return IDCred{}, fmt.Errorf("%w: it has %d entries, not one", errIDCred, len(m))
	}
	for header, value := range m {
		switch header {
		case wire.HeaderKid:
			var kid []byte
			if err := dcbor.Unmarshal(value, &kid); err != nil {
				return IDCred{}, fmt.Errorf("%w: kid: %w", errIDCred, err)
			}
			return IDCred{header, kid}, nil
		case wire.HeaderKcwt, wire.HeaderKccs:
			return IDCred{header, value}, nil
		}
	}
	return IDCred{}, fmt.Errorf("%w: it is neither kid, kcwt nor kccs", errIDCred)
}
