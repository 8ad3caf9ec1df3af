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
	if err := walk(data, reflect.TypeOf(v).Elem()); err != nil {
		return err
	}
	return plain(json.Unmarshal(data, v))
}

// Check finds what encoding/json lets pass: bytes that are not UTF-8, a member
// twice, null, deep nesting, and what stands behind the value.
func Check(data []byte) error { return walk(data, nil) }

// plain takes the package's name off an error of encoding/json.
func plain(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(strings.TrimPrefix(err.Error(), "json: "))
}

// walk reads the tokens of one value, and holds its members to a type where there is
// one.
func walk(data []byte, t reflect.Type) error {
	if !utf8.Valid(data) {
		return errors.New("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	w := walker{d, map[reflect.Type]map[string]field{}}
	if err := w.value(0, t); err != nil {
		return err
	}
	if d.InputOffset() != int64(len(bytes.TrimRight(data, " \t\r\n"))) {
		return errors.New("something stands behind the JSON value")
	}
	return nil
}

// walker reads tokens.
type walker struct {
	*json.Decoder
	known map[reflect.Type]map[string]field
}

// field is a member of a struct.
type field struct {
	of       reflect.Type
	required bool
}

// value reads one value.
func (w walker) value(depth int, t reflect.Type) error {
	if depth > maxDepth {
		return fmt.Errorf("nested deeper than %d", maxDepth)
	}
	token, err := w.token()
	if err != nil {
		return err
	}
	switch t = shape(t); token {
	case nil:
		return errors.New("null, where a member that has nothing to say is absent")
	case json.Delim('['):
		var element reflect.Type
		if t != nil && t.Kind() == reflect.Slice {
			element = t.Elem()
		}
		for w.More() {
			if err := w.value(depth+1, element); err != nil {
				return err
			}
		}
	case json.Delim('{'):
		if err := w.members(depth, t); err != nil {
			return err
		}
	default:
		return nil
	}
	_, err = w.token()
	return err
}

// members reads those of an object, which may stand for a struct or a map.
func (w walker) members(depth int, t reflect.Type) error {
	var fields map[string]field
	isStruct := t != nil && t.Kind() == reflect.Struct
	if isStruct {
		fields = w.fields(t)
	}
	seen := map[string]bool{}
	for w.More() {
		token, err := w.token()
		if err != nil {
			return err
		}
		name := token.(string) // the decoder admits nothing else here
		if seen[name] {
			return fmt.Errorf("member %q twice", name)
		}
		seen[name] = true
		f, known := fields[name]
		if isStruct && !known {
			return fmt.Errorf("unknown member %q", name)
		}
		if t != nil && t.Kind() == reflect.Map {
			f.of = t.Elem()
		}
		if err := w.value(depth+1, f.of); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	for name, f := range fields {
		if f.required && !seen[name] {
			return fmt.Errorf("member %q is missing", name)
		}
	}
	return nil
}

// token reads one.
func (w walker) token() (json.Token, error) {
	token, err := w.Token()
	if err != nil {
		return nil, fmt.Errorf("not JSON: %w", plain(err))
	}
	return token, nil
}

// fields returns the members of a struct.
func (w walker) fields(t reflect.Type) map[string]field {
	if all, known := w.known[t]; known {
		return all
	}
	all := map[string]field{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "-" && f.IsExported() {
			all[name] = field{f.Type, options != "omitempty" && options != "omitzero"}
		}
	}
	w.known[t] = all
	return all
}

// selfRead are types that read themselves, such as times.
var selfRead = reflect.TypeFor[json.Unmarshaler]()

// shape returns the type that a value is held to: that behind a pointer, and none
// where it reads itself.
func shape(t reflect.Type) reflect.Type {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t != nil && reflect.PointerTo(t).Implements(selfRead) {
		return nil
	}
	return t
}
