package dcbor

import (
	"bytes"
	"errors"
	"reflect"

	"github.com/fxamacker/cbor/v2"

	"github.com/postern-lock/postern/internal/wire"
)

// Raw is one encoded item that is kept as it is. In a struct it decodes to a
// copy of the item's bytes, and encodes as those bytes. An empty Raw cannot be
// encoded.
type Raw = cbor.RawMessage

// The modes are set up once and never change. A combination of options that the
// codec refuses is returned by Marshal and Unmarshal, so it fails closed.
var (
	encMode, errEncMode = encOptions().EncMode()
	decMode, errDecMode = decOptions().DecMode()
)

// encOptions gives the core deterministic encoding of RFC 8949, section 4.2.1.
func encOptions() cbor.EncOptions {
	options := cbor.CoreDetEncOptions()
	options.NilContainers = cbor.NilContainerAsEmpty // a nil []byte is h'', never null
	options.TagsMd = cbor.TagsForbidden
	options.BinaryMarshaler = cbor.BinaryMarshalerNone
	options.TextMarshaler = cbor.TextMarshalerNone
	return options
}

// decOptions gives the codec's strictest decoding. It repeats what the scan has
// checked where the codec can check it.
func decOptions() cbor.DecOptions {
	return cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		MaxNestedLevels:   wire.LimitCborDepth,
		MaxArrayElements:  wire.LimitCborItems,
		MaxMapPairs:       wire.LimitCborItems,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		NaN:               cbor.NaNDecodeForbidden,
		Inf:               cbor.InfDecodeForbidden,
		BignumTag:         cbor.BignumTagForbidden,
		BinaryUnmarshaler: cbor.BinaryUnmarshalerNone,
		TextUnmarshaler:   cbor.TextUnmarshalerNone,
	}
}

// Marshal encodes v as one item. A nil slice or map encodes as an empty one.
// What it returns has passed the same scan as what Unmarshal reads, so a v that
// holds a text string, a nil pointer or anything else that the standard does
// not use is an error.
func Marshal(v any) ([]byte, error) {
	if errEncMode != nil {
		return nil, &Error{Kind: ErrType, Rule: "options of the encoder", Err: errEncMode}
	}
	data, err := encMode.Marshal(v)
	if err != nil {
		return nil, &Error{Kind: ErrType, Rule: "value cannot be encoded", Err: err}
	}
	if err := check(data); err != nil {
		return nil, err
	}
	return data, nil
}

// Unmarshal decodes data, which must be exactly one item, into the value that v
// points to. It succeeds only if that value encodes to data again. What it
// stores shares no memory with data. On error the value is set to zero.
//
// It bounds the depth and the elements of arrays and maps, not the length of
// data: whoever took the bytes in has bounded that.
func Unmarshal(data []byte, v any) error {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return fail(ErrType, "target is not a pointer", 0)
	}
	err := unmarshal(data, v)
	if err != nil {
		target.Elem().SetZero()
	}
	return err
}

func unmarshal(data []byte, v any) error {
	if errDecMode != nil || errEncMode != nil {
		return &Error{Kind: ErrType, Rule: "options of the codec", Err: errors.Join(errDecMode, errEncMode)}
	}
	if err := check(data); err != nil {
		return err
	}
	if err := decMode.Unmarshal(data, v); err != nil {
		return &Error{Kind: ErrType, Rule: "item does not fit the Go value", Err: err}
	}
	again, err := encMode.Marshal(v)
	if err != nil {
		return &Error{Kind: ErrType, Rule: "value cannot be encoded again", Err: err}
	}
	if !bytes.Equal(again, data) {
		return fail(ErrType, "value encodes to other bytes", firstDifference(again, data))
	}
	return nil
}

// firstDifference returns the offset of the first byte in which a and b differ.
func firstDifference(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
