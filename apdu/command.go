package apdu

// Lengths of ISO/IEC 7816-4, 5.2, in bytes.
const (
	headerBytes     = 4
	maxShortData    = 255
	maxShortNe      = 256
	maxExtendedData = 65535
	maxExtendedNe   = 65536
)

// chainBit in CLA says that the command is not the last of its chain
// (ISO/IEC 7816-4, 5.4.1).
const chainBit = 0x10

// Command is one command APDU.  See ISO/IEC 7816-4, 5.2.
type Command struct {
	CLA, INS, P1, P2 byte
	// Data is the command data field, at most 65535 bytes.
	Data []byte
	// Ne is the greatest number of bytes expected in the answer: 0 for no Le
	// field, at most 256 in the short form and 65536 in the extended form.
	Ne int
}

// Select returns the command SELECT by DF name for the first or only
// occurrence, with a short Le of 00.  See ISO/IEC 7816-4, 11.2.2.
func Select(aid []byte) Command {
	return Command{INS: insSelect, P1: 0x04, Data: aid, Ne: maxShortNe}
}

// ParseCommand reads one command APDU, short or extended, of any of the four
// cases.  The length must be exact.  Data of the result is a part of b, and
// nil where the command has none.  The error is an [*Error] with ErrLength.
func ParseCommand(b []byte) (Command, error) {
	if len(b) < headerBytes {
		return Command{}, &Error{Kind: ErrLength, Field: "header"}
	}
	c := Command{CLA: b[0], INS: b[1], P1: b[2], P2: b[3]}
	body := b[headerBytes:]
	switch {
	case len(body) == 0: // case 1
		return c, nil
	case len(body) == 1: // case 2, short
		c.Ne = shortNe(body[0])
		return c, nil
	case body[0] != 0:
		return parseShort(c, body)
	}
	return parseExtended(c, body)
}

// parseShort reads the body of a case 3 or 4 command in the short form.
func parseShort(c Command, body []byte) (Command, error) {
	lc := int(body[0])
	switch len(body) {
	case 1 + lc + 1:
		c.Ne = shortNe(body[1+lc])
	case 1 + lc:
	default:
		return Command{}, &Error{Kind: ErrLength, Field: "Lc"}
	}
	c.Data = body[1 : 1+lc : 1+lc]
	return c, nil
}

// parseExtended reads the body of a case 2, 3 or 4 command in the extended
// form: its first byte is 00.
func parseExtended(c Command, body []byte) (Command, error) {
	if len(body) < 3 {
		return Command{}, &Error{Kind: ErrLength, Field: "extended length"}
	}
	n := int(body[1])<<8 | int(body[2])
	if len(body) == 3 { // case 2
		c.Ne = extendedNe(body[1], body[2])
		return c, nil
	}
	if n == 0 {
		return Command{}, &Error{Kind: ErrLength, Field: "extended Lc"}
	}
	switch len(body) {
	case 3 + n + 2:
		c.Ne = extendedNe(body[3+n], body[3+n+1])
	case 3 + n:
	default:
		return Command{}, &Error{Kind: ErrLength, Field: "extended Lc"}
	}
	c.Data = body[3 : 3+n : 3+n]
	return c, nil
}

func shortNe(le byte) int {
	if le == 0 {
		return maxShortNe
	}
	return int(le)
}

func extendedNe(hi, lo byte) int {
	if hi == 0 && lo == 0 {
		return maxExtendedNe
	}
	return int(hi)<<8 | int(lo)
}

// IsExtended tells whether the bytes of a command that [ParseCommand] takes
// have extended length fields.
func IsExtended(command []byte) bool {
	return len(command) >= headerBytes+3 && command[headerBytes] == 0
}

// FitsShort tells whether short length fields can carry c.
func (c Command) FitsShort() bool {
	return len(c.Data) <= maxShortData && c.Ne <= maxShortNe
}

// AppendTo appends the encoding of c to dst, with extended length fields where
// extended is true and with short ones otherwise, and allocates nothing where
// dst has the room.  A command without data and without Le has no length
// fields.  The error is an [*Error] with ErrLength where a value does not fit;
// dst is returned as it was then.
func (c Command) AppendTo(dst []byte, extended bool) ([]byte, error) {
	maxData, maxNe := maxShortData, maxShortNe
	if extended {
		maxData, maxNe = maxExtendedData, maxExtendedNe
	}
	if len(c.Data) > maxData {
		return dst, &Error{Kind: ErrLength, Field: "Lc"}
	}
	if c.Ne < 0 || c.Ne > maxNe {
		return dst, &Error{Kind: ErrLength, Field: "Le"}
	}
	dst = append(dst, c.CLA, c.INS, c.P1, c.P2)
	if !extended {
		if len(c.Data) > 0 {
			dst = append(dst, byte(len(c.Data)))
			dst = append(dst, c.Data...)
		}
		if c.Ne > 0 {
			dst = append(dst, byte(c.Ne))
		}
		return dst, nil
	}
	if len(c.Data) > 0 || c.Ne > 0 {
		dst = append(dst, 0)
	}
	if len(c.Data) > 0 {
		dst = append(dst, byte(len(c.Data)>>8), byte(len(c.Data)))
		dst = append(dst, c.Data...)
	}
	if c.Ne > 0 {
		dst = append(dst, byte(c.Ne>>8), byte(c.Ne))
	}
	return dst, nil
}

// Bytes returns the encoding of c, short where it fits and extended
// otherwise.  The error is that of AppendTo.
func (c Command) Bytes() ([]byte, error) {
	return c.AppendTo(nil, !c.FitsShort())
}
