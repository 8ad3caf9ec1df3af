package house

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"strings"
)

// Bounds of one Go file that nobody generates.
const (
	maxFileLines     = 500
	maxFunctionLines = 80 // in production code
)

// paths are the beginnings of file names that mean one person's machine.
var paths = []string{"/home" + "/", "/root" + "/", "/tmp" + "/", "/Users" + "/", "/work" + "/", `C:\` + "Users"}

// CheckText returns the faults of a text file, one line each: a path that
// exists on one machine only.  A file that is not text has none.
func CheckText(name string, content []byte) []string {
	if bytes.IndexByte(content, 0) >= 0 {
		return nil
	}
	var faults []string
	number := 0
	for line := range strings.Lines(string(content)) {
		number++
		for _, path := range paths {
			if strings.Contains(line, path) {
				faults = append(faults, fmt.Sprintf("%s:%d: %s is a path of one machine", name, number, path))
			}
		}
	}
	return faults
}

// CheckGo returns the faults of a Go file, one line each: a form that gofmt
// would change, and too many lines, of the file or of a function.  A core file
// also has no init function, starts no goroutine and never asks for the time.
// Tests and generated files are free in all but the form and, unless they are
// generated, the lines of the file.
func CheckGo(name string, content []byte, core bool) []string {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, content, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return []string{err.Error()}
	}
	var faults []string
	if formatted, err := format.Source(content); err != nil || !bytes.Equal(formatted, content) {
		faults = append(faults, fmt.Sprintf("%s: gofmt would change it", name))
	}
	if ast.IsGenerated(file) {
		return faults
	}
	if lines := bytes.Count(content, []byte("\n")); lines > maxFileLines {
		faults = append(faults, fmt.Sprintf("%s: %d lines, at most %d", name, lines, maxFileLines))
	}
	if strings.HasSuffix(name, "_test.go") {
		return faults
	}
	for _, declaration := range file.Decls {
		f, ok := declaration.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if lines := files.Position(f.End()).Line - files.Position(f.Pos()).Line + 1; lines > maxFunctionLines {
			faults = append(faults, fmt.Sprintf("%s: %d lines, at most %d", files.Position(f.Pos()), lines, maxFunctionLines))
		}
	}
	if core {
		faults = append(faults, checkCore(files, file)...)
	}
	return faults
}

// checkCore returns what a core file does and may not.
func checkCore(files *token.FileSet, file *ast.File) []string {
	var faults []string
	fault := func(n ast.Node, what string) {
		faults = append(faults, fmt.Sprintf("%s: a core package %s", files.Position(n.Pos()), what))
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			fault(n, "starts no goroutine")
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				fault(n, "has no init function")
			}
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			if ok && x.Name == "time" && (n.Sel.Name == "Now" || n.Sel.Name == "Since" || n.Sel.Name == "Until") {
				fault(n, "is told the time and never asks for it")
			}
		}
		return true
	})
	return faults
}
