package api

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

// Bytes are bytes that stand in JSON as base64url without padding.
type Bytes []byte

var (
	encoding = base64.RawURLEncoding.Strict()

	errBytes = errors.New("want base64url without padding")
	errID    = errors.New("want lower-case hexadecimal digits")
)

// MarshalText returns the bytes as text.
func (b Bytes) MarshalText() ([]byte, error) {
	return encoding.AppendEncode(nil, b), nil
}

// UnmarshalText reads what MarshalText wrote, and nothing else.
func (b *Bytes) UnmarshalText(text []byte) error {
	raw, err := encoding.AppendDecode(nil, text)
	if err != nil || encoding.EncodedLen(len(raw)) != len(text) {
		return errBytes
	}
	*b = raw
	return nil
}

// ids are the names of fixed length that stand in JSON and paths as hexadecimal
// digits.
type ids interface {
	credential.LockID | credential.KeyID | credential.Tag | credential.Reference | ledger.DutyID | [32]byte
}

// ID is an id as text: two lower-case hexadecimal digits a byte.
type ID[T ids] struct{ Value T }

// The ids of the interface.
type (
	LockID    = ID[credential.LockID]
	KeyID     = ID[credential.KeyID]
	Tag       = ID[credential.Tag]
	Reference = ID[credential.Reference]
	DutyID    = ID[ledger.DutyID]
	Digest    = ID[[32]byte]
)

// Of returns the id for a value.
func Of[T ids](v T) ID[T] { return ID[T]{v} }

// String returns the digits.
func (i ID[T]) String() string { return hex.EncodeToString(i.bytes()) }

// MarshalText returns the digits.
func (i ID[T]) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, i.bytes()), nil }

// UnmarshalText reads the digits, and refuses any other number of them and
// capitals.
func (i *ID[T]) UnmarshalText(text []byte) error {
	var read ID[T]
	b := read.bytes()
	if len(text) != 2*len(b) {
		return fmt.Errorf("%w: %d of them", errID, 2*len(b))
	}
	for _, c := range text {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return errID
		}
	}
	if _, err := hex.Decode(b, text); err != nil {
		return errID
	}
	*i = read
	return nil
}

// bytes returns the bytes of the value itself.
func (i *ID[T]) bytes() []byte { return reflect.ValueOf(&i.Value).Elem().Bytes() }
