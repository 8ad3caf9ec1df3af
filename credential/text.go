package credential

import "encoding/hex"

// The ids and tags turn into text in which they can stand in JSON: lower-case
// hexadecimal digits, two for each byte.  What is read back is of exactly that
// length and case; an error, of the reason malformed, leaves the value as it was.

// MarshalText returns the id as 16 hexadecimal digits.
func (id LockID) MarshalText() ([]byte, error) { return text(id[:]), nil }

// UnmarshalText reads what MarshalText wrote.
func (id *LockID) UnmarshalText(digits []byte) error { return ofText("lock id", id[:], digits) }

// MarshalText returns the id as 16 hexadecimal digits.
func (id KeyID) MarshalText() ([]byte, error) { return text(id[:]), nil }

// UnmarshalText reads what MarshalText wrote.
func (id *KeyID) UnmarshalText(digits []byte) error { return ofText("key id", id[:], digits) }

// MarshalText returns the tag as 16 hexadecimal digits.
func (t Tag) MarshalText() ([]byte, error) { return text(t[:]), nil }

// UnmarshalText reads what MarshalText wrote.
func (t *Tag) UnmarshalText(digits []byte) error { return ofText("tag", t[:], digits) }

// MarshalText returns the reference as 16 hexadecimal digits.
func (r Reference) MarshalText() ([]byte, error) { return text(r[:]), nil }

// UnmarshalText reads what MarshalText wrote.
func (r *Reference) UnmarshalText(digits []byte) error { return ofText("reference", r[:], digits) }

// MarshalText returns the head as 64 hexadecimal digits.
func (h LogHead) MarshalText() ([]byte, error) { return text(h[:]), nil }

// UnmarshalText reads what MarshalText wrote.
func (h *LogHead) UnmarshalText(digits []byte) error { return ofText("log head", h[:], digits) }

// text returns bytes in hexadecimal.
func text(b []byte) []byte { return hex.AppendEncode(nil, b) }

// ofText fills v with the bytes that the digits stand for.
func ofText(what string, v, digits []byte) error {
	b, err := hex.DecodeString(string(digits))
	if err != nil || len(b) != len(v) || string(text(b)) != string(digits) {
		return fault(ReasonMalformed, "%s: want %d hexadecimal digits in lower case", what, 2*len(v))
	}
	copy(v, b)
	return nil
}
