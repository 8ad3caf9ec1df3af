// Package strict reads JSON as it has to be read where it is evidence: what could
// be read in two ways is refused.
package strict

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds the nesting of a value.
const maxDepth = 16

// Unmarshal reads one JSON value strictly into a pointer: every member that v
// names without omitempty is there, none that it does not name, none twice,
// names in their exact letters, no null, and nothing behind the value.
func Unmarshal(data []byte, v any) error {
	if err := Check(data); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return plain(err)
	}
	return members(data, reflect.TypeOf(v).Elem())
}

// plain takes the package's name off an error of encoding/json.
func plain(err error) error {
	return errors.New(strings.TrimPrefix(err.Error(), "json: "))
}

// Check finds what encoding/json lets pass: bytes that are not UTF-8, a member
// twice, null, deep nesting, and what stands behind the value.
func Check(data []byte) error {
	if !utf8.Valid(data) {
		return errors.New("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := value(d, 0); err != nil {
		return err
	}
	if d.InputOffset() != int64(len(bytes.TrimRight(data, " \t\r\n"))) {
		return errors.New("something stands behind the JSON value")
	}
	return nil
}

// value reads one value.
func value(d *json.Decoder, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("nested deeper than %d", maxDepth)
	}
	t, err := d.Token()
	if err != nil {
		return fmt.Errorf("not JSON: %w", plain(err))
	}
	switch t {
	case nil:
		return errors.New("null, where a member that has nothing to say is absent")
	case json.Delim('['):
		for d.More() {
			if err := value(d, depth+1); err != nil {
				return err
			}
		}
	case json.Delim('{'):
		seen := map[string]bool{}
		for d.More() {
			t, err := d.Token()
			if err != nil {
				return fmt.Errorf("not JSON: %w", plain(err))
			}
			name := t.(string) // the decoder admits nothing else here
			if seen[name] {
				return fmt.Errorf("member %q twice", name)
			}
			seen[name] = true
			if err := value(d, depth+1); err != nil {
				return err
			}
		}
	default:
		return nil
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("not JSON: %w", plain(err))
	}
	return nil
}

// self are types that read themselves, such as times.
var self = reflect.TypeFor[json.Unmarshaler]()

// members checks the names in data against a type.
func members(data []byte, t reflect.Type) error {
	switch {
	case t.Kind() == reflect.Pointer:
		return members(data, t.Elem())
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		var all []json.RawMessage
		if err := json.Unmarshal(data, &all); err != nil {
			return plain(err)
		}
		for _, one := range all {
			if err := members(one, t.Elem()); err != nil {
				return err
			}
		}
		return nil
	case t.Kind() != reflect.Struct || reflect.PointerTo(t).Implements(self):
		return nil
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(data, &given); err != nil {
		return plain(err)
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() {
			continue
		}
		inner, ok := given[name]
		if !ok {
			if options != "omitempty" && options != "omitzero" {
				return fmt.Errorf("member %q is missing", name)
			}
			continue
		}
		delete(given, name)
		if err := members(inner, f.Type); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	for name := range given {
		return fmt.Errorf("unknown member %q", name)
	}
	return nil
}
