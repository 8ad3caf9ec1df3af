package spec

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// The text stands without this library: a maker of firmware in another language
// reads it, and the library may change.  So it names nothing of the code.
func TestTextNamesNothingOfTheCode(t *testing.T) {
	code, err := codeNames(os.DirFS(".."))
	require.NoError(t, err)
	require.Contains(t, code.words, "GrantClaims")
	require.Contains(t, code.packages, "lock")
	seen := 0
	require.NoError(t, fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := files.ReadFile(name)
		require.NoError(t, err)
		require.Empty(t, code.in(string(content)), name)
		seen++
		return nil
	}))
	require.Greater(t, seen, 40)
}

func TestNamesOfTheCodeAreFound(t *testing.T) {
	code, err := codeNames(fstest.MapFS{
		"go.mod": {Data: []byte("module example.org/doors\n\ngo 1.24\n")},
		"bolt/bolt.go": {Data: []byte("package bolt\n\ntype Bolt struct{ IsShut bool; quietOne int }\n\nfunc (Bolt) SlideOut() {}\n\n" +
			"func NewBolt() Bolt { return Bolt{} }\n\nconst MaxPush, Push = 1, 2\n\ntype hidden struct{ ShownField int }\n")},
		"bolt/spring/spring.go":    {Data: []byte("package spring\n\ntype Pusher interface{ PushHard() }\n")},
		"bolt/bolt_test.go":        {Data: []byte("package bolt\n\ntype TestOnly struct{}\n")},
		"bolt/testdata/skipped.go": {Data: []byte("package skipped\n")},
	})
	require.NoError(t, err)
	require.Equal(t, []string{"bolt", "spring"}, code.packages)
	require.Equal(t, []string{"bolt/spring", "example.org/doors"}, code.paths)
	require.Equal(t, []string{"IsShut", "MaxPush", "NewBolt", "PushHard", "ShownField", "SlideOut"}, code.words)

	for text, want := range map[string][]string{
		"A Bolt is a bolt. Pusher, Push.":            nil,
		"the bolt. Then":                             nil,
		"`bolt.Bolt`":                                {"bolt.Bolt"},
		"see bolt.New and spring.Pusher":             {"bolt.New", "spring.Pusher"},
		"MaxPush bytes; NewBolt() and SlideOut":      {"MaxPush", "NewBolt", "SlideOut"},
		"as in bolt/spring":                          {"bolt/spring"},
		"get example.org/doors":                      {"example.org/doors"},
		"the file bolt.go, go.mod and frame_test.go": {"bolt.go", "frame_test.go", "go.mod"},
		"MaxPushes, quietOne, TestOnly":              nil,
	} {
		require.Equal(t, want, code.in(text), text)
	}
}

// A codeIndex holds what tells that a text speaks of Go code.
type codeIndex struct {
	packages []string // names: "lock" tells only with a selector behind it
	paths    []string // of the module and of packages below another, which are no words
	words    []string // exported identifiers that are no ordinary word: they have a capital inside
}

// ours are words of the standard that the code took over.
var ours = []string{"LogKey"}

// codeNames reads the Go files of a module, tests left out.
func codeNames(module fs.FS) (codeIndex, error) {
	var c codeIndex
	goMod, err := fs.ReadFile(module, "go.mod")
	if err != nil {
		return c, err
	}
	c.paths = append(c.paths, regexp.MustCompile(`(?m)^module (\S+)$`).FindStringSubmatch(string(goMod))[1])
	inside := regexp.MustCompile(`[a-z0-9][A-Z]`)
	err = fs.WalkDir(module, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || len(d.Name()) > 1 && d.Name()[0] == '.'):
			return fs.SkipDir
		case !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		source, err := fs.ReadFile(module, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		c.packages = append(c.packages, file.Name.Name)
		if folder := path.Dir(name); strings.Contains(folder, "/") {
			c.paths = append(c.paths, folder)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			for _, identifier := range declared(n) {
				if identifier.IsExported() && inside.MatchString(identifier.Name) && !slices.Contains(ours, identifier.Name) {
					c.words = append(c.words, identifier.Name)
				}
			}
			return true
		})
		return nil
	})
	for _, list := range []*[]string{&c.packages, &c.paths, &c.words} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return c, err
}

// declared returns the identifiers that a node declares.
func declared(n ast.Node) []*ast.Ident {
	switch n := n.(type) {
	case *ast.FuncDecl:
		return []*ast.Ident{n.Name}
	case *ast.TypeSpec:
		return []*ast.Ident{n.Name}
	case *ast.ValueSpec:
		return n.Names
	case *ast.Field:
		return n.Names
	}
	return nil
}

var (
	goFile   = regexp.MustCompile(`\b\w+\.go\b|\bgo\.(?:mod|sum)\b`)
	selector = regexp.MustCompile(`\b([a-z]+)\.[A-Z]\w*`)
	wordOnly = regexp.MustCompile(`\w+`)
)

// in returns the names of the code that stand in the text, sorted.
func (c codeIndex) in(text string) []string {
	var found []string
	for _, m := range selector.FindAllStringSubmatch(text, -1) {
		if slices.Contains(c.packages, m[1]) {
			found = append(found, m[0])
		}
	}
	for _, p := range c.paths {
		if strings.Contains(text, p) {
			found = append(found, p)
		}
	}
	for _, w := range wordOnly.FindAllString(text, -1) {
		if _, ok := slices.BinarySearch(c.words, w); ok {
			found = append(found, w)
		}
	}
	found = append(found, goFile.FindAllString(text, -1)...)
	slices.Sort(found)
	return slices.Compact(found)
}
