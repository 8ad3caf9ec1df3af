package message

import (
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// Request is a protected request (section 6.8).
//
//	request = { 1: operation, ? 2: 1..255, ? 3: [ 1*4 object ], ? 4: [ 1*4 object ], ? 5: flags,
//	            ? 6: bstr .size 8, ? 7: bstr .size 16, ? 8: 0..3, * other field: any }
//
// Which fields go with which operation is not a matter of form: the lock judges
// that.
type Request struct {
	Operation credential.Operation
	Resource  uint8    // compartment; 0 names none
	Chain     [][]byte // parents of the grant, and authority certificates that the lock may lack; at most 4
	Documents [][]byte // policies, revocation lists and time tokens to hand over; at most 4
	Receipt   bool     // flag receipt: the phone wants a receipt
	Resumable bool     // flag resumption: the phone wants a slot to be kept
	Log       bool     // flag log: the phone takes a sealed page of the log along
	// Reference names what the tap is about; zero is none, and is not sent.
	Reference credential.Reference
	Proof     []byte // of the setup secret, 16 bytes; nil where there is none
	Page      uint8  // page of the log, 0 to 3; 0 is the newest, and need not be sent
	// Paged says that the field page is there, whatever Page is.  Encode sends a
	// Page above 0 without it too.
	Paged bool
	// Unknown is set on a decoded request that holds a field, a flag or an
	// operation which this version does not implement.  It is not kept.
	Unknown bool
}

// Encode returns the plaintext of the request.  Objects stand in it as they are,
// without a byte string around them.
func (r Request) Encode() []byte {
	flags, fields := r.flags(), 1
	paged := r.Paged || r.Page > 0
	for _, has := range [...]bool{
		r.Resource > 0, len(r.Chain) > 0, len(r.Documents) > 0, flags > 0, r.Reference != credential.Reference{}, len(r.Proof) > 0, paged,
	} {
		if has {
			fields++
		}
	}
	b := dcbor.AppendMap(nil, fields)
	b = dcbor.AppendUint(dcbor.AppendInt(b, wire.RequestOperation), uint64(r.Operation))
	if r.Resource > 0 {
		b = dcbor.AppendUint(dcbor.AppendInt(b, wire.RequestResource), uint64(r.Resource))
	}
	b = appendObjects(b, wire.RequestChain, r.Chain)
	b = appendObjects(b, wire.RequestDocuments, r.Documents)
	if flags > 0 {
		b = dcbor.AppendUint(dcbor.AppendInt(b, wire.RequestFlags), flags)
	}
	if r.Reference != (credential.Reference{}) {
		b = dcbor.AppendBytes(dcbor.AppendInt(b, wire.RequestReference), r.Reference[:])
	}
	if len(r.Proof) > 0 {
		b = dcbor.AppendBytes(dcbor.AppendInt(b, wire.RequestProof), r.Proof)
	}
	if paged {
		b = dcbor.AppendUint(dcbor.AppendInt(b, wire.RequestPage), uint64(r.Page))
	}
	return b
}

// flags returns the mask of the flags that are set.
func (r Request) flags() uint64 {
	var flags uint64
	if r.Receipt {
		flags |= wire.FlagReceipt
	}
	if r.Resumable {
		flags |= wire.FlagResumption
	}
	if r.Log {
		flags |= wire.FlagLog
	}
	return flags
}

// appendObjects appends a field with objects, where there are any.
func appendObjects(b []byte, field int64, objects [][]byte) []byte {
	if len(objects) == 0 {
		return b
	}
	b = dcbor.AppendArray(dcbor.AppendInt(b, field), len(objects))
	for _, object := range objects {
		b = append(b, object...)
	}
	return b
}
