package message

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// Request is a protected request (section 6.8).
//
//	request = { 1: operation, ? 3: [ 1*2 authority-certificate ], ? 5: flags, * other field: any }
type Request struct {
	Operation credential.Operation
	Chain     [][]byte // authority certificates that the lock may lack
	Resumable bool     // flag resumption: the phone wants a slot to be kept
	// Unknown is set on a decoded request that holds a field or an operation
	// which this version does not implement.  Such a field is not kept.
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
	if r.Resumable {
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
	if r.Resumable {
		b = dcbor.AppendUint(dcbor.AppendInt(b, wire.RequestFlags), wire.FlagResumption)
	}
	return b
}

// ParseRequest decodes the plaintext of a request.  Fields and operations that
// this version does not implement are no error; they set Unknown.  Of the
// certificates it checks that each is an array.
func ParseRequest(data []byte) (Request, error) {
	var r Request
	named := false
	err := readFields(errRequest, data, wire.RequestName, func(field uint64, value *dcbor.Reader) error {
		switch field {
		case wire.RequestOperation:
			named = true
			r.setOperation(value.Uint())
		case wire.RequestChain:
			return r.readChain(value)
		case wire.RequestFlags:
			return r.readFlags(value)
		default:
			r.Unknown = true
			value.Raw()
		}
		return nil
	})
	if err == nil && !named {
		err = fmt.Errorf("%w: field operation is missing", errRequest)
	}
	if err != nil {
		return Request{}, err
	}
	return r, nil
}

// setOperation takes an operation of any number.  One that does not fit becomes
// the greatest that does, which is not assigned, and never a known one.
func (r *Request) setOperation(operation uint64) {
	const most = ^credential.Operation(0)
	r.Operation = credential.Operation(min(operation, uint64(most)))
	if _, moves := r.Operation.Action(); !moves && r.Operation != credential.OperationStatus {
		r.Unknown = true
	}
}

// readChain reads the certificates, each as it is encoded.
func (r *Request) readChain(value *dcbor.Reader) error {
	for range value.Array(1, wire.LimitChain) {
		if value.Kind() != dcbor.KindArray {
			return errors.New("a certificate is not an array")
		}
		r.Chain = append(r.Chain, bytes.Clone(value.Raw()))
	}
	return nil
}

// readFlags takes the flags that this version implements, and sets Unknown for
// any other.
func (r *Request) readFlags(value *dcbor.Reader) error {
	flags := value.Uint()
	if flags == 0 {
		return errors.New("it is 0; leave it out")
	}
	r.Resumable = flags&wire.FlagResumption != 0
	r.Unknown = r.Unknown || flags&^wire.FlagResumption != 0
	return nil
}
