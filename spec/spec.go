// Package spec holds the text of the Postern standard: its chapters, its CDDL
// definitions and its registries, as files and as Go values.
//
// It is for tools that show or check the standard.  Code that carries the
// protocol out does not import it.
package spec

import (
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/postern-lock/postern/spec/cddl"
)

// Version is the version of the protocol that the text describes: the row
// version of the registry limits.
const Version = 1

// columns is the header row of every registry.
const columns = "value,name,status,reference,description"

// ErrNotFound is wrapped by the error of a look-up whose name does not exist.
var ErrNotFound = errors.New("spec: not found")

//go:embed [0-9]*.md cddl/*.cddl examples/*.md registry/*.csv requirements.csv
var files embed.FS

// A Document is one file of the standard.
type Document struct {
	Name string // path below spec, for example "04-objects.md"
	Text string // content, UTF-8
}

// Title returns the text of the document's first heading, or "" where it has
// none.
func (d Document) Title() string {
	for line := range strings.Lines(d.Text) {
		if title, ok := strings.CutPrefix(line, "# "); ok {
			return strings.TrimSpace(title)
		}
	}
	return ""
}

// Documents returns the chapters in the order of their numbers.  It fails only
// if the embedded files cannot be read.
func Documents() ([]Document, error) { return read("[0-9]*.md") }

// Definitions returns the CDDL files in the order of their names.  It fails
// only if the embedded files cannot be read.
func Definitions() ([]Document, error) { return read("cddl/*.cddl") }

// Schema returns the CDDL files as one set of rules, against which data can be
// held.  It fails only if the embedded files cannot be read.
func Schema() (*cddl.Schema, error) {
	definitions, err := Definitions()
	if err != nil {
		return nil, err
	}
	files := make(map[string]string, len(definitions))
	for _, d := range definitions {
		files[d.Name] = d.Text
	}
	return cddl.Parse(files)
}

// Examples returns the worked examples in the order of their names, their index
// README.md first.  It fails only if the embedded files cannot be read.
func Examples() ([]Document, error) { return read("examples/*.md") }

// read returns the files that match the pattern, sorted by name.
func read(pattern string) ([]Document, error) {
	names, err := fs.Glob(files, pattern)
	if err != nil {
		return nil, fmt.Errorf("spec: %w", err)
	}
	var documents []Document
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("spec: %w", err)
		}
		documents = append(documents, Document{Name: name, Text: string(text)})
	}
	return documents, nil
}

// A Row is one number of a registry.
type Row struct {
	Value       int64  // the number
	Literal     string // the number as the table writes it, for example "0x6982"
	Name        string // unique in its registry
	Status      string // "active" or "reserved"
	Reference   string // the chapter or the RFC that defines it
	Description string
}

// Active reports whether the number is in use in this version.
func (r Row) Active() bool { return r.Status == "active" }

// Tables returns the files of the registries in the order of their names.  It
// fails only if the embedded files cannot be read.
func Tables() ([]Document, error) { return read("registry/*.csv") }

// Registries returns the names of all registries, sorted.  It fails only if
// the embedded files cannot be read.
func Registries() ([]string, error) {
	tables, err := Tables()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, t := range tables {
		names = append(names, strings.TrimSuffix(path.Base(t.Name), ".csv"))
	}
	return names, nil
}

// Registry returns the rows of the registry of this name, in the order of the
// table.  The error wraps ErrNotFound where there is no such registry.
func Registry(name string) ([]Row, error) {
	if strings.ContainsAny(name, "/.") {
		return nil, fmt.Errorf("%w: registry %q", ErrNotFound, name)
	}
	text, err := files.ReadFile("registry/" + name + ".csv")
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return nil, fmt.Errorf("%w: registry %q", ErrNotFound, name)
	}
	if err != nil {
		return nil, fmt.Errorf("spec: registry %q: %w", name, err)
	}
	rows, err := parseRegistry(string(text))
	if err != nil {
		return nil, fmt.Errorf("spec: registry %q: %w", name, err)
	}
	return rows, nil
}

// parseRegistry reads one table.
func parseRegistry(text string) ([]Row, error) {
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(records) == 0 || strings.Join(records[0], ",") != columns {
		return nil, fmt.Errorf("the first row is not %s", columns)
	}
	rows := make([]Row, 0, len(records)-1)
	for _, r := range records[1:] {
		value, err := strconv.ParseInt(r[0], 0, 64)
		if err != nil {
			return nil, fmt.Errorf("value of %q: %w", r[1], err)
		}
		if r[2] != "active" && r[2] != "reserved" {
			return nil, fmt.Errorf("status of %q: %q is neither active nor reserved", r[1], r[2])
		}
		rows = append(rows, Row{value, r[0], r[1], r[2], r[3], r[4]})
	}
	return rows, nil
}
