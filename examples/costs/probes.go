package main

import (
	"bufio"
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// probe is a function whose runs are counted, or those of the loop in it.
type probe struct {
	column   string // in figures
	pkg      string // import path
	function string // with its receiver's type, if it has one
	loop     bool   // the body of its first loop is counted
}

// probes are the functions of the standard library and of edwards25519 that do
// the work on every processor if the tag purego is set.
var probes = []probe{
	{"x25519", "crypto/ecdh", "x25519ScalarMult", false},
	{"ed25519_sign", "crypto/internal/fips140/ed25519", "signWithDom", false},
	{"ed25519_verify", "crypto/internal/fips140/ed25519", "verifyWithDom", false},
	{"p256_dh", "crypto/internal/fips140/ecdh", "NewPrivateKey", false},
	{"p256_dh", "crypto/internal/fips140/ecdh", "ecdh", false},
	{"p256_sign", "crypto/internal/fips140/ecdsa", "signGeneric", false},
	{"p256_verify", "crypto/internal/fips140/ecdsa", "verifyGeneric", false},
	{"ed25519_points", "filippo.io/edwards25519", "Point.SetBytes", false},
	{"p256_points", "crypto/elliptic", "nistCurve.UnmarshalCompressed", false},
	{"sha256_blocks", "crypto/internal/fips140/sha256", "blockGeneric", true},
	{"sha512_blocks", "crypto/internal/fips140/sha512", "blockGeneric", true},
	{"aes_keys", "crypto/internal/fips140/aes", "expandKeyGeneric", false},
	{"aes_blocks", "crypto/internal/fips140/aes", "encryptBlockGeneric", false},
}

// packages are those that have probes, each once.
func packages() []string {
	var all []string
	for _, p := range probes {
		if !slices.Contains(all, p.pkg) {
			all = append(all, p.pkg)
		}
	}
	return all
}

// profile is how often each part of the packages ran.
type profile struct {
	parts   map[string][]part // by file: import path and name
	folders map[string]string // of the source, by import path
}

// part is a part of a file that runs from its start to its end.
type part struct {
	from, to position
	count    int
}

// position is a line and a column, both from 1.
type position struct{ line, column int }

func (p position) before(q position) bool {
	return p.line < q.line || p.line == q.line && p.column < q.column
}

// readProfile reads the counters of the folder with the go command.
func readProfile(folder string) (*profile, error) {
	text := filepath.Join(folder, "profile.txt")
	if _, err := command("go", "tool", "covdata", "textfmt", "-i="+folder, "-o="+text); err != nil {
		return nil, err
	}
	content, err := os.ReadFile(text)
	if err != nil {
		return nil, err
	}
	p := &profile{folders: map[string]string{}}
	if p.parts, err = parseProfile(content); err != nil {
		return nil, err
	}
	list, err := command("go", append([]string{"list", "-f", "{{.ImportPath}} {{.Dir}}"}, packages()...)...)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(list)) {
		name, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
		p.folders[name] = dir
	}
	return p, nil
}

// parseProfile reads a profile of go tool covdata textfmt.
func parseProfile(content []byte) (map[string][]part, error) {
	all := map[string][]part{}
	lines := bufio.NewScanner(bytes.NewReader(content))
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "mode: ") {
			continue
		}
		file, rest, _ := strings.Cut(lines.Text(), ":")
		var p part
		var statements int
		if _, err := fmt.Sscanf(rest, "%d.%d,%d.%d %d %d", &p.from.line, &p.from.column, &p.to.line, &p.to.column,
			&statements, &p.count); err != nil {
			return nil, fmt.Errorf("profile: %s: %w", lines.Text(), err)
		}
		all[file] = append(all[file], p)
	}
	return all, lines.Err()
}

// values returns the counts of all probes, by their columns.
func (p *profile) values() (map[string]int, error) {
	all := map[string]int{}
	for _, probe := range probes {
		n, err := p.count(probe)
		if err != nil {
			return nil, err
		}
		all[probe.column] += n
	}
	return all, nil
}

// count returns how often the probe's code ran.
func (p *profile) count(probe probe) (int, error) {
	found, count := 0, 0
	for file, parts := range p.parts {
		if path.Dir(file) != probe.pkg {
			continue
		}
		at, ok, err := probe.place(filepath.Join(p.folders[probe.pkg], path.Base(file)))
		if err != nil {
			return 0, err
		}
		if !ok {
			continue
		}
		for _, part := range parts {
			if !at.before(part.from) && at.before(part.to) {
				found, count = found+1, part.count
			}
		}
	}
	if found != 1 {
		return 0, fmt.Errorf("%s.%s is there %d times in this version of Go: probes.go no longer fits", probe.pkg, probe.function, found)
	}
	return count, nil
}

// place returns where the first statement of the probe's code stands in the
// file, and whether it does.
func (p probe) place(file string) (position, bool, error) {
	files := token.NewFileSet()
	source, err := parser.ParseFile(files, file, nil, parser.SkipObjectResolution)
	if err != nil {
		return position{}, false, err
	}
	for _, d := range source.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Body == nil || functionName(f) != p.function {
			continue
		}
		body := f.Body
		if p.loop {
			body = firstLoop(body)
		}
		if body == nil || len(body.List) == 0 {
			return position{}, false, fmt.Errorf("%s.%s has no loop: probes.go no longer fits", p.pkg, p.function)
		}
		at := files.Position(body.List[0].Pos())
		return position{at.Line, at.Column}, true, nil
	}
	return position{}, false, nil
}

// functionName returns the function's name behind its receiver's type.
func functionName(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	receiver := f.Recv.List[0].Type
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	if generic, ok := receiver.(*ast.IndexExpr); ok {
		receiver = generic.X
	}
	if name, ok := receiver.(*ast.Ident); ok {
		return name.Name + "." + f.Name.Name
	}
	return f.Name.Name
}

// firstLoop returns the body of the first loop among the statements of a body.
func firstLoop(body *ast.BlockStmt) *ast.BlockStmt {
	for _, statement := range body.List {
		if loop, ok := statement.(*ast.ForStmt); ok {
			return loop.Body
		}
	}
	return nil
}
