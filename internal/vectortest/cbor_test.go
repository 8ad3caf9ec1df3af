package vectortest

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/spec/vectors"
)

func readCBOR(t *testing.T) {
	area[vectors.CBORParams, vectors.CBORTest]{
		name:   "cbor",
		check:  checkCBOR,
		common: (*vectors.CBORTest).Common,
		flips:  24,
	}.run(t)
}

// checkCBOR reads the data by chapter 03 and compares their notation.
func checkCBOR(params vectors.CBORParams, test vectors.CBORTest) error {
	read, ok := map[string]func([]byte) (string, error){"item": notation, "sequence": sequenceNotation}[params.Form]
	if !ok {
		return fmt.Errorf("form %q is unknown", params.Form)
	}
	diagnostic, err := read(test.Data)
	if err := verdict(test.Test, reasonOf(err)); err != nil {
		return err
	}
	if diagnostic != test.Diagnostic {
		return fmt.Errorf("read as %s", diagnostic)
	}
	return nil
}

// reasonOf names a fault of CBOR as section 4.5 does.
func reasonOf(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, dcbor.ErrLimit):
		return "limit"
	}
	return "malformed"
}

func sequenceNotation(data []byte) (string, error) {
	var all []string
	for {
		item, rest, err := dcbor.Next(data)
		if err != nil {
			return "", err
		}
		s, err := notation(item)
		if err != nil {
			return "", err
		}
		if all = append(all, s); len(rest) == 0 {
			return strings.Join(all, ", "), nil
		}
		data = rest
	}
}

// notation returns the diagnostic notation of exactly one item.
func notation(data []byte) (string, error) {
	r := dcbor.NewReader(data)
	s := next(&r)
	if err := r.Close(); err != nil {
		return "", err
	}
	return s, nil
}

// next reads one value.
func next(r *dcbor.Reader) string {
	switch r.Kind() {
	case dcbor.KindUint:
		return strconv.FormatUint(r.Uint(), 10)
	case dcbor.KindNint:
		return negative(r.Raw())
	case dcbor.KindBytes:
		return "h'" + hex.EncodeToString(r.Bytes()) + "'"
	case dcbor.KindBool:
		return strconv.FormatBool(r.Bool())
	case dcbor.KindArray:
		elements := make([]string, r.Array(0, 32))
		for i := range elements {
			elements[i] = next(r)
		}
		return "[" + strings.Join(elements, ", ") + "]"
	case dcbor.KindMap:
		pairs := make([]string, r.Map(0, 32))
		for i := range pairs {
			key := next(r)
			pairs[i] = key + ": " + next(r)
		}
		return "{" + strings.Join(pairs, ", ") + "}"
	}
	return ""
}

// negative returns a negative integer, which int64 may not hold.
func negative(encoded []byte) string {
	positive := append([]byte{encoded[0] &^ 0x20}, encoded[1:]...)
	r := dcbor.NewReader(positive)
	v := r.Uint()
	if v == 1<<64-1 {
		return "-18446744073709551616"
	}
	return "-" + strconv.FormatUint(v+1, 10)
}
