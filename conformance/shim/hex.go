package shim

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
)

// Hex is a byte string that a line holds as lower-case hexadecimal digits.
type Hex []byte

// MarshalText returns the digits.
func (h Hex) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

// UnmarshalText reads an even number of digits, lower case only.
func (h *Hex) UnmarshalText(text []byte) error {
	if bytes.ContainsAny(text, "ABCDEF") {
		return errors.New("hexadecimal digits are in lower case")
	}
	b := make([]byte, hex.DecodedLen(len(text)))
	if _, err := hex.Decode(b, text); err != nil {
		return fmt.Errorf("byte string: %w", err)
	}
	*h = b
	return nil
}
