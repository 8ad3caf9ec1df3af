package apdu

// swBytes is the length of SW1 and SW2.
const swBytes = 2

// Response is one response APDU.  See ISO/IEC 7816-4, 5.2.
type Response struct {
	// Data is the response data field, at most 65536 bytes.
	Data []byte
	// SW is the status word.
	SW Status
}

// ParseResponse reads one response APDU: at most 65536 bytes of data and a
// valid status word.  Data of the result is a part of b, and nil where there
// is none.  The error is an [*Error] with ErrLength or ErrStatus.
func ParseResponse(b []byte) (Response, error) {
	n := len(b) - swBytes
	if n < 0 || n > maxExtendedNe {
		return Response{}, &Error{Kind: ErrLength, Field: "response"}
	}
	r := Response{SW: Status(b[n])<<8 | Status(b[n+1])}
	if !r.SW.Valid() {
		return Response{}, &Error{Kind: ErrStatus, Field: "SW"}
	}
	if n > 0 {
		r.Data = b[:n:n]
	}
	return r, nil
}

// AppendTo appends the encoding of r to dst and allocates nothing where dst
// has the room.  The error is an [*Error] with ErrLength or ErrStatus where
// [ParseResponse] would refuse the result; dst is returned as it was then.
func (r Response) AppendTo(dst []byte) ([]byte, error) {
	if len(r.Data) > maxExtendedNe {
		return dst, &Error{Kind: ErrLength, Field: "response"}
	}
	if !r.SW.Valid() {
		return dst, &Error{Kind: ErrStatus, Field: "SW"}
	}
	return appendResponse(dst, r.Data, r.SW), nil
}

// Bytes returns the encoding of r.  The error is that of AppendTo.
func (r Response) Bytes() ([]byte, error) { return r.AppendTo(nil) }

func appendResponse(dst, data []byte, sw Status) []byte {
	dst = append(dst, data...)
	return append(dst, byte(sw>>8), byte(sw))
}
