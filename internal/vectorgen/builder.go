package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// common is what the pointer to a test type of spec/vectors can do.
type common[T any] interface {
	*T
	Common() *vectors.Test
}

// builder puts the vectors of one area together.  It numbers the tests in the
// order in which they come, so new tests are added at the end of the area's
// last group or in a further group.
type builder[P, T any, PT common[T]] struct {
	file   vectors.File[P, T]
	reason func(int64) string // name of a reason
	tests  int
	valids map[int]bool
	used   map[string]bool // flags
	seen   map[string]int  // tcId by the content of an invalid test
	faults []error
}

// output is the file of one area and its entry in the index.
type output struct {
	entry   vectors.Area
	content []byte
}

// begin starts an area.  The numbers that invalid gets are those of
// registry/reasons.csv, unless the area sets another reason.
func begin[P, T any, PT common[T]](area string, notes map[string]vectors.Note) *builder[P, T, PT] {
	return &builder[P, T, PT]{
		file: vectors.File[P, T]{
			Area: area, Schema: "schemas/" + area + ".schema.json", Version: wire.LimitVersion, Notes: notes,
		},
		reason: wire.ReasonName,
		valids: map[int]bool{},
		used:   map[string]bool{},
		seen:   map[string]int{},
	}
}

// group starts a group; the tests that follow are its.
func (b *builder[P, T, PT]) group(comment string, params P) {
	b.file.Groups = append(b.file.Groups, vectors.Group[P, T]{Comment: comment, Params: params})
}

// valid adds a valid test and returns its tcId.
func (b *builder[P, T, PT]) valid(comment string, test T, flags ...string) int {
	b.add(vectors.Test{Comment: comment, Flags: flags, Result: vectors.Valid}, test)
	b.valids[b.tests] = true
	return b.tests
}

// invalid adds an invalid test, made from the valid test twin, or 0 where
// there is none, and returns its tcId.
func (b *builder[P, T, PT]) invalid(twin int, reason int64, comment string, test T, flags ...string) int {
	name := b.reason(reason)
	b.add(vectors.Test{Comment: comment, Flags: flags, Result: vectors.Invalid, Reason: name, Twin: twin}, test)
	if name == "" {
		b.fault("no reason has the number %d", reason)
	}
	content, err := json.Marshal(struct {
		Params P
		Test   T
	}{b.file.Groups[len(b.file.Groups)-1].Params, test})
	if err != nil {
		b.fault("%w", err)
	}
	if first, ok := b.seen[string(content)]; ok {
		b.fault("holds what tcId %d does", first)
	}
	b.seen[string(content)] = b.tests
	if twin != 0 && !b.valids[twin] {
		b.fault("twin %d is not a valid test before it", twin)
	}
	return b.tests
}

// add numbers a test and puts it into the group.
func (b *builder[P, T, PT]) add(c vectors.Test, test T) {
	b.tests++
	c.TcID = b.tests
	if len(c.Flags) == 0 {
		b.fault("no flag")
	}
	for _, flag := range c.Flags {
		if _, ok := b.file.Notes[flag]; !ok {
			b.fault("flag %q has no note", flag)
		}
		b.used[flag] = true
	}
	*PT(&test).Common() = c
	g := &b.file.Groups[len(b.file.Groups)-1]
	g.Tests = append(g.Tests, test)
}

// fault records what is wrong with the test added last.
func (b *builder[P, T, PT]) fault(format string, arguments ...any) {
	b.faults = append(b.faults, fmt.Errorf("%s: tcId %d: %w", b.file.Area, b.tests, fmt.Errorf(format, arguments...)))
}

// end returns the area's file.
func (b *builder[P, T, PT]) end() (output, error) {
	for _, flag := range slices.Sorted(maps.Keys(b.file.Notes)) {
		if !b.used[flag] {
			b.fault("no test has the flag %q", flag)
		}
	}
	for _, g := range b.file.Groups {
		if !slices.ContainsFunc(g.Tests, func(test T) bool { return PT(&test).Common().Result == vectors.Valid }) {
			b.fault("group %q has no valid test", g.Comment)
		}
	}
	content, err := render(b.file)
	if err := errors.Join(append(b.faults, err)...); err != nil {
		return output{}, err
	}
	digest := sha256.Sum256(content)
	return output{content: content, entry: vectors.Area{
		Area: b.file.Area, File: b.file.Area + ".json", Schema: b.file.Schema, SHA256: digest[:],
		Tests: b.tests, Valid: len(b.valids), Invalid: b.tests - len(b.valids),
	}}, nil
}

// render writes a file with each note and each test on a line of its own.
func render[P, T any](f vectors.File[P, T]) ([]byte, error) {
	w := writer{}
	w.print("{\n\"area\": ").value(f.Area).print(",\n\"schema\": ").value(f.Schema)
	w.print(",\n\"version\": ").value(f.Version).print(",\n\"notes\": {\n")
	for i, flag := range slices.Sorted(maps.Keys(f.Notes)) {
		w.comma(i).value(flag).print(": ").value(f.Notes[flag])
	}
	w.print("\n},\n\"groups\": [\n")
	for i, g := range f.Groups {
		tests := g.Tests
		g.Tests = []T{}
		w.comma(i).value(g)
		w.Truncate(w.Len() - len("]}"))
		w.print("\n")
		for j, test := range tests {
			w.comma(j).value(test)
		}
		w.print("\n]}")
	}
	w.print("\n]\n}\n")
	return w.Bytes(), w.err
}

// writer collects JSON.
type writer struct {
	bytes.Buffer
	err error // the first
}

func (w *writer) print(s string) *writer {
	w.WriteString(s)
	return w
}

// comma ends the line before the element i of a list.
func (w *writer) comma(i int) *writer {
	if i > 0 {
		w.print(",\n")
	}
	return w
}

func (w *writer) value(v any) *writer {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil && w.err == nil {
		w.err = err
	}
	w.Truncate(len(bytes.TrimRight(w.Bytes(), "\n")))
	return w
}

// note says what the tests with a flag are about: the kind of bug that they
// find, what an implementation with it suffers, and the requirements.
func note(bugType, effect string, requirements ...string) vectors.Note {
	return vectors.Note{BugType: bugType, Effect: effect, Requirements: requirements}
}
