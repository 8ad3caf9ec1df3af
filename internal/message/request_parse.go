package message

import (
	"bytes"
	"errors"
	"fmt"
	"math"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

var errRequest = errors.New("request is malformed")

// ParseRequest decodes the plaintext of a request.  Fields, flags and operations
// that this version does not implement are no error; they set Unknown.  Of the
// objects of chain and documents it checks that each is an array.
func ParseRequest(data []byte) (Request, error) {
	var r Request
	named := false
	err := readFields(errRequest, data, wire.RequestName, func(field uint64, value *dcbor.Reader) error {
		named = named || field == wire.RequestOperation
		return r.read(field, value)
	})
	if err == nil && !named {
		err = fmt.Errorf("%w: field operation is missing", errRequest)
	}
	if err != nil {
		return Request{}, err
	}
	return r, nil
}

// read reads the value of one field.
func (r *Request) read(field uint64, value *dcbor.Reader) (err error) {
	switch field {
	case wire.RequestOperation:
		r.setOperation(value.Uint())
	case wire.RequestResource:
		r.Resource, err = readWithin(value, 1, math.MaxUint8)
	case wire.RequestChain:
		r.Chain, err = readObjects(value, wire.LimitChain)
	case wire.RequestDocuments:
		r.Documents, err = readObjects(value, wire.LimitDocuments)
	case wire.RequestFlags:
		return r.readFlags(value)
	case wire.RequestReference:
		return r.readReference(value)
	case wire.RequestProof:
		r.Proof, err = readSized(value, wire.LimitSetupBytes)
	case wire.RequestPage:
		r.Paged = true
		r.Page, err = readWithin(value, 0, wire.LimitLogPages-1)
	default:
		r.Unknown = true
		value.Raw()
	}
	return err
}

// setOperation takes an operation of any number.  One that does not fit becomes
// the greatest that does, which is not assigned, and never a known one.
func (r *Request) setOperation(operation uint64) {
	const most = ^credential.Operation(0)
	r.Operation = credential.Operation(min(operation, uint64(most)))
	r.Unknown = r.Unknown || r.Operation > credential.OperationConfigure
}

// readFlags takes the flags that this version implements, and sets Unknown for
// any other.
func (r *Request) readFlags(value *dcbor.Reader) error {
	const known = wire.FlagReceipt | wire.FlagResumption | wire.FlagLog
	flags := value.Uint()
	if flags == 0 {
		return errors.New("it is 0; leave it out")
	}
	r.Receipt = flags&wire.FlagReceipt != 0
	r.Resumable = flags&wire.FlagResumption != 0
	r.Log = flags&wire.FlagLog != 0
	r.Unknown = r.Unknown || flags&^known != 0
	return nil
}

// readReference takes any reference but zero, which is none.
func (r *Request) readReference(value *dcbor.Reader) error {
	b, err := readSized(value, len(r.Reference))
	copy(r.Reference[:], b)
	if err == nil && b != nil && r.Reference == (credential.Reference{}) {
		return errors.New("it is zero; leave it out")
	}
	return err
}

// readObjects reads 1 to most signed objects, each as it is encoded.
func readObjects(value *dcbor.Reader, most int) ([][]byte, error) {
	var objects [][]byte
	for range value.Array(1, most) {
		if value.Kind() != dcbor.KindArray {
			return nil, errors.New("an object is not an array")
		}
		objects = append(objects, bytes.Clone(value.Raw()))
	}
	return objects, nil
}

// readWithin reads a number from least to most.
func readWithin(value *dcbor.Reader, least, most uint8) (uint8, error) {
	v := value.Uint()
	if value.Err() == nil && (v < uint64(least) || v > uint64(most)) {
		return 0, fmt.Errorf("it is not from %d to %d", least, most)
	}
	return uint8(v), nil
}

// readSized reads a byte string of exactly size bytes, nil where the value is
// none: the caller's Close says so.
func readSized(value *dcbor.Reader, size int) ([]byte, error) {
	b := value.Bytes()
	if b != nil && len(b) != size {
		return nil, fmt.Errorf("it has %d bytes, not %d", len(b), size)
	}
	return bytes.Clone(b), nil
}
