package conformance

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCallsOnThePage holds the calls for Go programs in the README to the functions.
func TestCallsOnThePage(t *testing.T) {
	page, err := os.ReadFile("README.md")
	require.NoError(t, err)
	file, err := parser.ParseFile(token.NewFileSet(), "testing.go", nil, 0)
	require.NoError(t, err)
	calls := 0
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || !f.Name.IsExported() {
			continue
		}
		var names []string
		for _, field := range f.Type.Params.List {
			for _, name := range field.Names {
				names = append(names, name.Name)
			}
		}
		calls++
		require.Contains(t, string(page), "`conformance."+f.Name.Name+"("+strings.Join(names, ", ")+")`")
	}
	require.Equal(t, calls, strings.Count(string(page), "`conformance.Test"), "each is told once")
}
