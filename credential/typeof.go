package credential

// The bytes that open an object: the head of an array of 4, then the head of the
// byte string that is its protected header, with the length in its low bits.
const (
	objectHead    = 0x84
	headerHead    = 0x40
	headerLongest = 23
)

// TypeOf returns the typ of an object, a number of the registry object-types,
// so that whoever is handed several knows which function parses which.  It reads
// the first 25 bytes at most and vouches for nothing behind them.
//
// Errors: malformed, limit where the data do not begin as an object does.
func TypeOf(data []byte) (uint64, error) {
	const what = "object"
	if len(data) < 2 || data[0] != objectHead || data[1] < headerHead || data[1] > headerHead|headerLongest {
		return 0, fault(ReasonMalformed, "%s: it does not begin with an array of 4 and a protected header", what)
	}
	n := int(data[1] &^ headerHead)
	if data = data[2:]; len(data) < n {
		return 0, fault(ReasonMalformed, "%s: protected header: must be %d bytes, has %d", what, n, len(data))
	}
	r := read(what, data[:n])
	_, typ := new(header).fields(&r)
	if err := r.close(); err != nil {
		return 0, err
	}
	return typ, nil
}
