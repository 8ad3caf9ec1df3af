package service

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"
)

// decode reads one JSON value into v, which points to a type of package api.
// Unlike encoding/json it refuses a member whose name is not exactly one of the
// type's, or that comes twice, or that lacks; null; bytes that are no UTF-8; and
// anything behind the value.
func decode(data []byte, v any) error {
	if !utf8.Valid(data) {
		return problemMalformed.because("the body is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if err := shape(d, reflect.TypeOf(v).Elem(), "body"); err != nil {
		return problemMalformed.because("%s", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return problemMalformed.because("there is something behind the value")
	}
	if err := json.Unmarshal(data, v); err != nil {
		return problemMalformed.because("%s", err)
	}
	return nil
}

var (
	textType = reflect.TypeFor[encoding.TextUnmarshaler]()
	jsonType = reflect.TypeFor[json.Unmarshaler]()
)

// shape reads one value, and compares it with what the type looks like in JSON.
func shape(d *json.Decoder, t reflect.Type, where string) error {
	p := reflect.PointerTo(t)
	switch {
	case p.Implements(textType) || p.Implements(jsonType):
		return leaf(d, where)
	case t.Kind() == reflect.Struct:
		return object(d, t, where)
	case t.Kind() == reflect.Slice:
		return array(d, t.Elem(), where)
	}
	return leaf(d, where)
}

// leaf reads a value of which the type itself knows the form.
func leaf(d *json.Decoder, where string) error {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	if string(raw) == "null" {
		return fmt.Errorf("%s: is null", where)
	}
	return nil
}

// begin reads the token that a value of the kind begins with.
func begin(d *json.Decoder, want json.Delim, where string) error {
	token, err := d.Token()
	if err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	if token != want {
		return fmt.Errorf("%s: begins with %v, want %v", where, token, want)
	}
	return nil
}

func array(d *json.Decoder, elem reflect.Type, where string) error {
	if err := begin(d, '[', where); err != nil {
		return err
	}
	for i := 0; d.More(); i++ {
		if err := shape(d, elem, fmt.Sprintf("%s[%d]", where, i)); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

func object(d *json.Decoder, t reflect.Type, where string) error {
	if err := begin(d, '{', where); err != nil {
		return err
	}
	seen := make(map[string]bool, t.NumField())
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
		name, _ := token.(string)
		field, ok := member(t, name)
		switch {
		case !ok:
			return fmt.Errorf("%s: has no member %.40q", where, name)
		case seen[name]:
			return fmt.Errorf("%s: %s comes twice", where, name)
		}
		seen[name] = true
		if err := shape(d, field, where+"."+name); err != nil {
			return err
		}
	}
	for i := range t.NumField() {
		name, option, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if option == "" && !seen[name] {
			return fmt.Errorf("%s: %s is missing", where, name)
		}
	}
	_, err := d.Token()
	return err
}

// member returns the type of an object's member.
func member(t reflect.Type, name string) (reflect.Type, bool) {
	for i := range t.NumField() {
		if known, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); known == name {
			return t.Field(i).Type, true
		}
	}
	return nil, false
}
