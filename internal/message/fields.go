package message

import (
	"fmt"
	"math"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// readFields reads data, which must be exactly one map with unsigned integers as
// keys, and hands each field to read.  What read leaves unread of a value is an
// error.  Errors wrap kind and name the field as its registry does.
func readFields(kind error, data []byte, name func(int64) string, read func(field uint64, value *dcbor.Reader) error) error {
	r := dcbor.NewReader(data)
	for range r.Map(0, wire.LimitCborItems) {
		field, encoded := r.Uint(), r.Raw()
		if encoded == nil {
			break // the key is no unsigned integer: Close says so
		}
		value := dcbor.NewReader(encoded)
		err := read(field, &value)
		if err == nil {
			err = value.Close()
		}
		if err != nil {
			return fmt.Errorf("%w: %s: %w", kind, fieldName(field, name), err)
		}
	}
	if err := r.Close(); err != nil {
		return fmt.Errorf("%w: %w", kind, err)
	}
	return nil
}

// fieldName returns the name of a field for people.
func fieldName(field uint64, name func(int64) string) string {
	if field <= math.MaxInt64 {
		if n := name(int64(field)); n != "" {
			return "field " + n
		}
	}
	return fmt.Sprintf("field %d", field)
}
