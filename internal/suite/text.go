package suite

import (
	"encoding/hex"
	"errors"
	"strings"
)

// Prefixes of a key's text.
const (
	textEd25519 = "ed25519:"
	textP256    = "p256:"
)

var errText = errors.New(`want "ed25519:" and 64 hexadecimal digits, or "p256:" and 66`)

// MarshalText returns the key as text, in which it can be sent and stored:
// "ed25519:" and the 32 bytes in hexadecimal, or "p256:" and the compressed point
// of 33 bytes (SEC 1, section 2.3.3). The zero value is [ErrKey].
func (k PublicKey) MarshalText() ([]byte, error) {
	switch k.alg {
	case AlgEd25519:
		return []byte(textEd25519 + hex.EncodeToString(k.x[:])), nil
	case AlgESP256:
		sign := "02"
		if k.YOdd() {
			sign = "03"
		}
		return []byte(textP256 + sign + hex.EncodeToString(k.x[:])), nil
	}
	return nil, fail(ErrKey, "no key", nil)
}

// UnmarshalText reads what MarshalText wrote, and refuses a key as [NewEd25519]
// and [NewP256Compressed] do. The error is [ErrKey]; k is as it was then.
func (k *PublicKey) UnmarshalText(text []byte) error {
	var read PublicKey
	var err error
	if digits, ok := strings.CutPrefix(string(text), textEd25519); ok {
		read, err = fromDigits(digits, CoordinateSize, NewEd25519)
	} else if digits, ok := strings.CutPrefix(string(text), textP256); ok {
		read, err = fromDigits(digits, 1+CoordinateSize, func(b []byte) (PublicKey, error) {
			if b[0] != 2 && b[0] != 3 {
				return PublicKey{}, fail(ErrKey, "key as text", errText)
			}
			return NewP256Compressed(b[1:], b[0] == 3)
		})
	} else {
		err = fail(ErrKey, "key as text", errText)
	}
	if err != nil {
		return err
	}
	*k = read
	return nil
}

// fromDigits decodes lower-case hexadecimal digits of exactly size bytes.
func fromDigits(digits string, size int, make func([]byte) (PublicKey, error)) (PublicKey, error) {
	b, err := hex.DecodeString(digits)
	if err != nil || len(b) != size || strings.ToLower(digits) != digits {
		return PublicKey{}, fail(ErrKey, "key as text", errText)
	}
	return make(b)
}
