package house

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// toyRules hold a made-up module m, with one package of each kind.
func toyRules(t *testing.T) Rules {
	o, err := ParseOrder(`
		NONE < low, frame, internal/deep
		low, internal/deep < core
		core < shop
		core < tool
		core < coretest
		core, internal/deep < kit/inner
		shop, coretest !< core
	`)
	require.NoError(t, err)
	return Rules{
		Module:   "m.org/m",
		Order:    o,
		Open:     []string{"shop"},
		Users:    []string{"shop", "kit"},
		Outside:  map[string][]string{"x.org/codec/v2": {"low"}, "x.org/usb": {"shop"}},
		Beneath:  []string{"x.org/float"},
		TestOnly: []string{"x.org/assert"},
		Helpers:  []string{"coretest"},
		Core:     []string{"low", "frame", "core", "internal/deep"},
		Banned:   []string{"net", "os"},
	}
}

// toyGraph is a graph without a fault.
func toyGraph() []Package {
	return []Package{
		{ImportPath: "fmt", Standard: true, Imports: []string{"os"}, Deps: []string{"os"}},
		{ImportPath: "os", Standard: true},
		{ImportPath: "net/http", Standard: true},
		{ImportPath: "x.org/codec/v2", Imports: []string{"x.org/float"}},
		{ImportPath: "m.org/m/low",
			Imports: []string{"fmt", "x.org/codec/v2"}, Deps: []string{"fmt", "os", "x.org/codec/v2", "x.org/float"},
			TestImports: []string{"testing", "x.org/assert/require"}},
		{ImportPath: "m.org/m/internal/deep"},
		{ImportPath: "m.org/m/frame", Imports: []string{"fmt"}, Deps: []string{"fmt", "os"}},
		{ImportPath: "m.org/m/core",
			Imports: []string{"m.org/m/low", "m.org/m/internal/deep"}, Deps: []string{"fmt", "os", "m.org/m/low", "m.org/m/internal/deep", "x.org/codec/v2", "x.org/float"},
			XTestImports: []string{"m.org/m/frame", "m.org/m/coretest", "x.org/assert"}},
		{ImportPath: "m.org/m/coretest", Imports: []string{"m.org/m/core", "x.org/assert"}},
		{ImportPath: "m.org/m/tool", Imports: []string{"os", "m.org/m/low"}},
		{ImportPath: "m.org/m/shop/one", Imports: []string{"net/http", "m.org/m/core", "m.org/m/shop/two", "x.org/usb"}},
		{ImportPath: "m.org/m/shop/two", Imports: []string{"os"}},
		{ImportPath: "m.org/m/kit/inner", Imports: []string{"os", "m.org/m/core"}},
	}
}

func TestGraphWithoutFaultPasses(t *testing.T) {
	require.Empty(t, toyRules(t).Check(toyGraph()))
}

func TestGraphFaults(t *testing.T) {
	production := func(path string) func(*Package) {
		return func(p *Package) { p.Imports = append(p.Imports, path); p.Deps = append(p.Deps, path) }
	}
	for _, c := range []struct {
		name, in string
		change   func(*Package)
		faults   []string
	}{
		{"an import upwards", "low", production("m.org/m/core"), []string{"low imports core against the order"}},
		{"an import sideways", "frame", production("m.org/m/low"), []string{"frame imports low against the order"}},
		{"an import of an open group", "frame", production("m.org/m/shop/two"), []string{
			"frame imports shop against the order", "frame is a core package and depends on m.org/m/shop/two"}},
		{"an import of a tool", "core", production("m.org/m/tool"), []string{
			"core imports tool against the order", "core is a core package and depends on m.org/m/tool"}},
		{"an import of the root", "shop/one", production("m.org/m"), []string{"shop imports . against the order"}},
		{"an import that no user could make", "shop/one", production("m.org/m/internal/deep"), []string{
			"shop imports internal/deep, which a user could not"}},
		{"an import that no user could make, below one", "kit/inner", production("m.org/m/internal/deep"), []string{
			"kit/inner imports internal/deep, which a user could not"}},
		{"a package without a rule", "frame", func(p *Package) { p.ImportPath += "/new" }, []string{"frame/new: the order has no rule for it"}},
		{"a banned package", "frame", production("os"), []string{"frame imports os, which no core package may"}},
		{"below a banned package", "frame", production("net/http"), []string{"frame imports net/http, which no core package may"}},
		{"somebody else's codec", "core", production("x.org/codec/v2"), []string{"core may not import x.org/codec/v2"}},
		{"another version of the codec", "tool", production("x.org/codec"), []string{"tool may not import x.org/codec"}},
		{"what the codec needs", "tool", production("x.org/float"), []string{"tool may not import x.org/float"}},
		{"an unknown module", "shop/one", production("y.org/y"), []string{"shop may not import y.org/y"}},
		{"cgo", "frame", production("C"), []string{"frame may not import C", "frame is a core package and depends on C"}},
		{"a helper in production code", "tool", production("m.org/m/coretest"), []string{"tool imports coretest against the order"}},
		{"an unknown module in a helper", "coretest", production("y.org/y"), []string{"coretest may not import y.org/y"}},
		{"an assertion in production code", "shop/two", production("x.org/assert/require"), []string{
			"shop imports x.org/assert/require, which is for tests alone"}},
		{"an unknown module in a test", "core", func(p *Package) { p.TestImports = []string{"y.org/y"} }, []string{"core may not import y.org/y"}},
		{"the codec in another's test", "core", func(p *Package) { p.XTestImports = []string{"x.org/codec/v2"} }, []string{
			"core may not import x.org/codec/v2"}},
		{"an unknown module far below", "core", func(p *Package) { p.Deps = append(p.Deps, "y.org/y") }, []string{
			"core is a core package and depends on y.org/y"}},
		{"a module of the open group far below", "core", func(p *Package) { p.Deps = append(p.Deps, "x.org/usb") }, []string{
			"core is a core package and depends on x.org/usb"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			graph := toyGraph()
			i := slices.IndexFunc(graph, func(p Package) bool { return p.ImportPath == "m.org/m/"+c.in })
			c.change(&graph[i])
			require.Equal(t, c.faults, toyRules(t).Check(graph))
		})
	}
}

func TestReadPackages(t *testing.T) {
	packages, err := ReadPackages(strings.NewReader(`{"ImportPath":"a","Imports":["b"],"Unknown":1}{"ImportPath":"b","Standard":true}`))
	require.NoError(t, err)
	require.Equal(t, []Package{{ImportPath: "a", Imports: []string{"b"}}, {ImportPath: "b", Standard: true}}, packages)
	_, err = ReadPackages(strings.NewReader(`{"ImportPath":"a"}{`))
	require.ErrorContains(t, err, "output of go list")
}
