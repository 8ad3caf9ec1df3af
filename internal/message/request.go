package message

import (
	"errors"
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// Request is a protected request.
//
//	request = { 1: operation, ? 3: [ 1*2 authority-certificate ] }
type Request struct {
	Operation credential.Operation
	Chain     [][]byte // authority certificates that the lock may lack
	// Unknown is set on a decoded request that holds a field or an operation
	// which this version does not implement.
	Unknown bool
}

var errRequest = errors.New("request is malformed")

// Encode returns the plaintext of the request.  Certificates stand in it as
// they are, without a byte string around them.
func (r Request) Encode() []byte {
	fields := 1
	if len(r.Chain) > 0 {
		fields++
	}
	b := dcbor.AppendMap(nil, fields)
	b = dcbor.AppendUint(dcbor.AppendInt(b, wire.RequestOperation), uint64(r.Operation))
	if len(r.Chain) > 0 {
		b = dcbor.AppendArray(dcbor.AppendInt(b, wire.RequestChain), len(r.Chain))
		for _, certificate := range r.Chain {
			b = append(b, certificate...)
		}
	}
	return b
}

// ParseRequest decodes the plaintext of a request.  Fields and operations that
// this version does not implement are no error; they set Unknown.
func ParseRequest(data []byte) (Request, error) {
	var fields map[uint64]dcbor.Raw
	if err := dcbor.Unmarshal(data, &fields); err != nil {
		return Request{}, fmt.Errorf("%w: %w", errRequest, err)
	}
	var r Request
	operation, named := fields[wire.RequestOperation]
	if !named {
		return Request{}, fmt.Errorf("%w: field operation is missing", errRequest)
	}
	if err := r.parseOperation(operation); err != nil {
		return Request{}, err
	}
	for field, value := range fields {
		switch field {
		case wire.RequestOperation:
		case wire.RequestChain:
			if err := r.parseChain(value); err != nil {
				return Request{}, err
			}
		default:
			r.Unknown = true
		}
	}
	return r, nil
}

func (r *Request) parseOperation(value dcbor.Raw) error {
	var operation uint64
	if err := dcbor.Unmarshal(value, &operation); err != nil {
		return fmt.Errorf("%w: field operation: %w", errRequest, err)
	}
	const most = ^credential.Operation(0) // reserved for good, so that nothing is cut down to a known one
	r.Operation = credential.Operation(min(operation, uint64(most)))
	_, moves := r.Operation.Action()
	if !moves && r.Operation != credential.OperationStatus {
		r.Unknown = true
	}
	return nil
}

func (r *Request) parseChain(value dcbor.Raw) error {
	var chain []dcbor.Raw
	if err := dcbor.Unmarshal(value, &chain); err != nil {
		return fmt.Errorf("%w: field chain: %w", errRequest, err)
	}
	if len(chain) == 0 || len(chain) > wire.LimitChainCertificates {
		return fmt.Errorf("%w: field chain: 1 to %d certificates are allowed, this has %d", errRequest, wire.LimitChainCertificates, len(chain))
	}
	for _, certificate := range chain {
		r.Chain = append(r.Chain, certificate)
	}
	return nil
}
