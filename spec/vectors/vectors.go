// Package vectors holds the test vectors of the Postern standard, as files and
// as Go values.  README.md says for each area what a test holds and what a
// checker does with it.
//
// It is for tests.  Nothing is read before it is asked for.
package vectors

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

//go:generate go run ../../internal/vectorgen -out .

//go:embed README.md index.json [a-z]*.json schemas/*.json
var files embed.FS

// The errors of this package, for errors.Is.
var (
	// ErrNotFound: there is no area of this name.
	ErrNotFound = errors.New("vectors: not found")
	// ErrChanged: a file is not the one that the index lists.
	ErrChanged = errors.New("vectors: file was changed")
)

// Index lists the areas: index.json.
type Index struct {
	Version int    `json:"version"` // of the protocol
	Seed    string `json:"seed"`    // what all randomness is drawn from
	Areas   []Area `json:"areas"`
}

// Area is one file of vectors.
type Area struct {
	Area    string `json:"area"`
	File    string `json:"file"`   // name of the vectors' file
	Schema  string `json:"schema"` // name of its JSON Schema
	SHA256  Hex    `json:"sha256"` // of the vectors' file
	Tests   int    `json:"tests"`
	Valid   int    `json:"valid"`
	Invalid int    `json:"invalid"`
}

// Verify tells whether data is the area's file.  The error wraps ErrChanged.
func (a Area) Verify(data []byte) error {
	if digest := sha256.Sum256(data); !bytes.Equal(digest[:], a.SHA256) {
		return fmt.Errorf("%w: %s has SHA-256 %x where the index says %x", ErrChanged, a.File, digest, a.SHA256)
	}
	return nil
}

// File is the content of an area's file.  P is what the tests of a group
// share, T is a test; both are types of this package.
type File[P, T any] struct {
	Area    string          `json:"area"`
	Schema  string          `json:"schema"`
	Version int             `json:"version"`
	Notes   map[string]Note `json:"notes"` // by flag
	Groups  []Group[P, T]   `json:"groups"`
}

// Note says what the tests with a flag are about.
type Note struct {
	BugType      string   `json:"bugType"` // one of the words that README.md lists
	Effect       string   `json:"effect"`  // what an implementation with this bug suffers
	Requirements []string `json:"requirements"`
}

// Group is a number of tests that share their parameters.
type Group[P, T any] struct {
	Comment string `json:"comment"`
	Params  P      `json:"params,omitzero"`
	Tests   []T    `json:"tests"`
}

// Test is what the tests of every area have.
type Test struct {
	TcID    int      `json:"tcId"` // unique in the area
	Comment string   `json:"comment"`
	Flags   []string `json:"flags"`
	Result  Result   `json:"result"`
	Reason  string   `json:"reason,omitempty"` // why it is invalid
	Twin    int      `json:"twin,omitempty"`   // the valid test that an invalid one was made from
}

// Common returns the part that the tests of every area have.
func (t *Test) Common() *Test { return t }

// Result says what an implementation makes of a test.
type Result string

// The results.
const (
	Valid   Result = "valid"
	Invalid Result = "invalid"
)

// None are the parameters of groups that have none.
type None struct{}

// Hex is a byte string that JSON holds as lower-case hexadecimal digits.
type Hex []byte

// MarshalText returns the digits.
func (h Hex) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

// UnmarshalText reads an even number of digits, lower case only.
func (h *Hex) UnmarshalText(text []byte) error {
	if bytes.ContainsAny(text, "ABCDEF") {
		return errors.New("vectors: hexadecimal digits are in lower case")
	}
	b := make([]byte, hex.DecodedLen(len(text)))
	if _, err := hex.Decode(b, text); err != nil {
		return fmt.Errorf("vectors: %w", err)
	}
	*h = b
	return nil
}

// ReadIndex returns the index.
func ReadIndex() (Index, error) {
	data, err := files.ReadFile("index.json")
	if err != nil {
		return Index{}, fmt.Errorf("vectors: %w", err)
	}
	return Decode[Index](data)
}

// Areas returns the areas in the order of the index.
func Areas() ([]Area, error) {
	index, err := ReadIndex()
	return index.Areas, err
}

// Raw returns the file of an area, which is the one that the index lists.  The
// error wraps ErrNotFound or ErrChanged.
func Raw(area string) ([]byte, error) {
	a, err := find(area)
	if err != nil {
		return nil, err
	}
	data, err := files.ReadFile(a.File)
	if err != nil {
		return nil, fmt.Errorf("vectors: %w", err)
	}
	return data, a.Verify(data)
}

// Schema returns a JSON Schema by the name that an [Area] gives it.  The error
// wraps ErrNotFound.
func Schema(name string) ([]byte, error) {
	data, err := files.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	return data, nil
}

// Open returns the vectors of an area.  The error is that of [Raw], or says
// that P and T are not the types of this area.
func Open[P, T any](area string) (File[P, T], error) {
	data, err := Raw(area)
	if err != nil {
		return File[P, T]{}, err
	}
	return Decode[File[P, T]](data)
}

// Decode reads one JSON value strictly: it has no field that V lacks, and
// nothing follows it.
func Decode[V any](data []byte) (V, error) {
	var v V
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return v, fmt.Errorf("vectors: %w", err)
	}
	if d.More() {
		return v, errors.New("vectors: bytes after the JSON value")
	}
	return v, nil
}

func find(area string) (Area, error) {
	areas, err := Areas()
	if err != nil {
		return Area{}, err
	}
	for _, a := range areas {
		if a.Area == area {
			return a, nil
		}
	}
	return Area{}, fmt.Errorf("%w: area %q", ErrNotFound, area)
}
