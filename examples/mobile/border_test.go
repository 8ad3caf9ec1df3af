package postern_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	postern "github.com/postern-lock/postern/examples/mobile"
)

// objects are zero values of every type that has methods for the platforms, which
// Objective-C can make by alloc and init whatever the library wants.
func objects() []any {
	return []any{
		new(postern.Ask), new(postern.Blobs), new(postern.Box), new(postern.Card), new(postern.Change),
		new(postern.Deliveries), new(postern.Delivery), new(postern.Guest), new(postern.Guests), new(postern.Line),
		new(postern.Lines), new(postern.Notice), new(postern.Pass), new(postern.Phone), new(postern.Receipt),
		new(postern.Renewals), new(postern.Result), new(postern.Stop), new(postern.Terms), new(postern.Texts),
	}
}

// source returns the package's syntax.
func source(t *testing.T) []*ast.File {
	t.Helper()
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		files = append(files, f)
	}
	require.NotEmpty(t, files)
	return files
}

// TestEveryObjectIsTried keeps objects complete.
func TestEveryObjectIsTried(t *testing.T) {
	known := map[string]bool{}
	for _, o := range objects() {
		known[reflect.TypeOf(o).Elem().Name()] = true
	}
	for _, f := range source(t) {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || !fn.Name.IsExported() {
				continue
			}
			star, ok := fn.Recv.List[0].Type.(*ast.StarExpr)
			if !ok {
				continue
			}
			if name := star.X.(*ast.Ident).Name; ast.IsExported(name) {
				require.True(t, known[name], "%s.%s is not tried", name, fn.Name)
			}
		}
	}
}

// TestNothingPanicsOnZeroValues calls every method of every zero value with zero
// arguments, and every function too.
func TestNothingPanicsOnZeroValues(t *testing.T) {
	for _, o := range objects() {
		v := reflect.ValueOf(o)
		for i := range v.NumMethod() {
			requireCalm(t, v.Type().Elem().Name()+"."+v.Type().Method(i).Name, v.Method(i))
		}
	}
	for name, f := range map[string]any{
		"NewAsk": postern.NewAsk, "NewBlobs": postern.NewBlobs, "NewBox": postern.NewBox, "LoadBox": postern.LoadBox,
		"SucceedBox": postern.SucceedBox, "NewPass": postern.NewPass, "ParsePass": postern.ParsePass, "OpenPass": postern.OpenPass,
		"NewPhone": postern.NewPhone, "NewStop": postern.NewStop, "NewTerms": postern.NewTerms, "NewTexts": postern.NewTexts,
		"NewTrust": postern.NewTrust, "ErrorCode": postern.ErrorCode,
	} {
		requireCalm(t, name, reflect.ValueOf(f))
	}
}

// requireCalm calls with zero arguments: whatever comes is a value or an error whose
// message begins with a code, and internal is none.
func requireCalm(t *testing.T, name string, f reflect.Value) {
	t.Helper()
	var args []reflect.Value
	for in := range f.Type().Ins() {
		args = append(args, reflect.Zero(in))
	}
	var results []reflect.Value
	require.NotPanics(t, func() { results = f.Call(args) }, name)
	for _, r := range results {
		if err, ok := r.Interface().(error); ok {
			code := postern.ErrorCode(err.Error())
			require.NotEqual(t, postern.CodeInternal, code, "%s: %v", name, err)
		}
	}
}

// TestZeroResultIsNoAnswer: a Result that nobody made says that nothing happened.
func TestZeroResultIsNoAnswer(t *testing.T) {
	var r postern.Result
	require.False(t, r.Answered())
	require.False(t, r.Opened())
	require.Equal(t, postern.OutcomeRefused, r.Outcome())
	require.Equal(t, postern.CodeArgument, r.Code())
}

// TestCallbacksCanFail: what Java throws in a callback that cannot fail would end
// the process.
func TestCallbacksCanFail(t *testing.T) {
	seen := 0
	for _, f := range source(t) {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || !spec.Name.IsExported() {
				return true
			}
			callback, ok := spec.Type.(*ast.InterfaceType)
			if !ok {
				return true
			}
			for _, m := range callback.Methods.List {
				results := m.Type.(*ast.FuncType).Results
				require.NotNil(t, results, "%s.%s", spec.Name, m.Names[0])
				last, ok := results.List[len(results.List)-1].Type.(*ast.Ident)
				require.True(t, ok && last.Name == "error", "%s.%s", spec.Name, m.Names[0])
				seen++
			}
			return true
		})
	}
	require.Greater(t, seen, 10)
}

// TestCodesAreOfOneForm: apps compare them, and ErrorCode finds them.
func TestCodesAreOfOneForm(t *testing.T) {
	for _, f := range source(t) {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				v := s.(*ast.ValueSpec)
				if lit, ok := v.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING && v.Names[0].IsExported() {
					code := strings.Trim(lit.Value, `"`)
					require.Equal(t, code, postern.ErrorCode(code+": detail"))
					require.Regexp(t, `^[a-z]+(-[a-z]+)*$`, code)
				}
			}
		}
	}
}

func TestMessagesOfOthersHaveNoCode(t *testing.T) {
	for _, message := range []string{"", "argument", ": ", "Tag: lost", "two words: here", "a\nb: c", "Argument: x", "key2: x"} {
		require.Equal(t, postern.CodeInternal, postern.ErrorCode(message), message)
	}
	require.Equal(t, postern.CodeGivenAway, postern.ErrorCode("given-away: home: the box was given to somebody else"))
}
