package mutants

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// switches is the package that the copies import, and switchIDs its file that
// lists the mutants of a build.
const (
	switches  = "github.com/postern-lock/postern/conformance/mutants/mutant"
	switchIDs = "conformance/mutants/mutant/ids.go"
)

// overlay writes copies of the sources with all mutants in them to dir, and
// returns the file that go build takes.  Each function that a mutant edits begins
// with its edited copy:
//
//	func f() {
//		if mutant.On("id") {
//			the body with the edit
//			return
//		}
//		the body
//	}
//
// so that any number of mutants can edit the same line.  All faults of the table
// are in the error, each with the mutant's id.
func overlay(root, dir string, table []Mutant) (string, error) {
	byFile := map[string][]edit{}
	var ids []string
	for _, m := range table {
		for _, e := range m.Edits {
			byFile[e.File] = append(byFile[e.File], edit{id: m.ID, Edit: e})
		}
		ids = append(ids, m.ID)
	}
	replace := map[string]string{}
	var faults []error
	put := func(file, text string) {
		copied := filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		replace[filepath.Join(root, file)] = copied
		faults = append(faults, os.WriteFile(copied, []byte(text), 0o600))
	}
	for _, file := range slices.Sorted(maps.Keys(byFile)) {
		text, err := edited(root, file, byFile[file])
		if faults = append(faults, err); err == nil {
			put(file, text)
		}
	}
	put(switchIDs, fmt.Sprintf("package mutant\n\nvar ids = %#v\n", ids))
	if err := errors.Join(faults...); err != nil {
		return "", err
	}
	b, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	return name, os.WriteFile(name, b, 0o600)
}

// edit is an edit with the mutant that it belongs to.
type edit struct {
	id string
	Edit
	at int // where its text begins
}

// edited returns the text of a file with its mutants.
func edited(root, file string, edits []edit) (string, error) {
	b, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		return "", fmt.Errorf("mutant %s: %w", edits[0].id, err)
	}
	s := source{file: file, text: string(b), set: token.NewFileSet()}
	if s.parsed, err = parser.ParseFile(s.set, file, b, parser.SkipObjectResolution); err != nil {
		return "", err
	}
	placed := map[*ast.FuncDecl][]edit{}
	var faults []error
	for _, e := range edits {
		f, err := s.place(&e)
		if faults = append(faults, err); err == nil {
			placed[f] = append(placed[f], e)
		}
	}
	var out strings.Builder
	done := s.offset(s.parsed.Name.End())
	out.WriteString(s.text[:done] + "; import mutant \"" + switches + "\"")
	for _, d := range s.parsed.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && placed[f] != nil {
			begin := s.offset(f.Body.Lbrace) + 1
			fmt.Fprintf(&out, "%s%s\n//line %s:%d\n", s.text[done:begin], s.head(f, placed[f]), filepath.Base(file), s.line(f))
			done = begin
		}
	}
	out.WriteString(s.text[done:])
	return out.String(), errors.Join(faults...)
}

// source is a file of the reference.
type source struct {
	file, text string
	set        *token.FileSet
	parsed     *ast.File
}

func (s *source) offset(p token.Pos) int { return s.set.Position(p).Offset }

// line returns the line in which the body of a function begins.
func (s *source) line(f *ast.FuncDecl) int { return s.set.Position(f.Body.Lbrace).Line }

// place returns the function that an edit is in, and notes where its text begins.
func (s *source) place(e *edit) (*ast.FuncDecl, error) {
	n := strings.Count(s.text, e.Find)
	if e.Find == "" {
		n = 0
	}
	if n != 1 {
		return nil, fmt.Errorf("mutant %s: the text stands %d times in %s, where once is right:\n%s", e.id, n, e.File, e.Find)
	}
	e.at = strings.Index(s.text, e.Find)
	for _, d := range s.parsed.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil && s.offset(f.Body.Lbrace) < e.at && e.at+len(e.Find) <= s.offset(f.Body.Rbrace) {
			return f, nil
		}
	}
	return nil, fmt.Errorf("mutant %s: the text stands in no one function of %s, where a switch could stand:\n%s", e.id, e.File, e.Find)
}

// mark stands before the id of a mutant where the compiler names a file.
const mark = "mutant="

// head returns the edited copies of a function's body, each behind its switch.
func (s *source) head(f *ast.FuncDecl, edits []edit) string {
	var head strings.Builder
	last := "return"
	if f.Type.Results != nil {
		last = `panic("a mutant comes to the end of a function that returns something")`
	}
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.at, b.at)) })
	for len(edits) > 0 {
		id, done := edits[0].id, s.offset(f.Body.Lbrace)+1
		fmt.Fprintf(&head, "\nif mutant.On(%q) {\n//line %s%s:%d\n", id, mark, id, s.line(f))
		for ; len(edits) > 0 && edits[0].id == id; edits = edits[1:] {
			e := edits[0]
			head.WriteString(s.text[done:max(done, e.at)] + e.Replace)
			done = e.at + len(e.Find)
		}
		fmt.Fprintf(&head, "%s\n%s\n}", s.text[done:s.offset(f.Body.Rbrace)], last)
	}
	return head.String()
}
