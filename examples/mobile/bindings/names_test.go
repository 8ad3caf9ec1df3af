package bindings_test

import (
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"
)

// TestNothingIsSkipped compares what gobind wrote with all that package postern
// exports: gobind drops what it cannot bind, with a comment at the most.
func TestNothingIsSkipped(t *testing.T) {
	dir := generated(t)
	java := texts(t, filepath.Join(dir, "java", "org", "posternlock", "postern", "*.java"))
	objc := texts(t, filepath.Join(dir, "src", "gobind", "Postern.objc.h"))["Postern.objc.h"]
	require.Empty(t, dropped(scope(t, ".", bound), java, objc))
}

// TestWhatIsSkippedIsFound has gobind bind a package of which it drops nearly all,
// and requires that each name is missed.
func TestWhatIsSkippedIsFound(t *testing.T) {
	dir := filepath.Join(work, "dropped")
	const path = "github.com/postern-lock/postern/examples/mobile/bindings/testdata/dropped"
	require.NoError(t, gobind(dir, path))
	java := texts(t, filepath.Join(dir, "java", "org", "posternlock", "dropped", "*.java"))
	objc := texts(t, filepath.Join(dir, "src", "gobind", "Dropped.objc.h"))["Dropped.objc.h"]
	require.ElementsMatch(t, []string{
		"Java: Function", "Java: Thing.Method", "Java: Thing.Field", "Java: Callback.Many",
		"Objective-C: Function", "Objective-C: Thing.Method", "Objective-C: Thing.Field", "Objective-C: Callback.Many",
	}, dropped(scope(t, ".", path), java, objc))
}

// texts reads the files of a pattern.
func texts(t *testing.T, pattern string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, files, pattern)
	all := map[string]string{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		all[filepath.Base(f)] = string(b)
	}
	return all
}

// scope returns what a package declares.
func scope(t *testing.T, dir, path string) *types.Scope {
	t.Helper()
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports | packages.NeedDeps, Dir: dir, Env: append(os.Environ(), "GOWORK=off"),
	}, path)
	require.NoError(t, err)
	require.Len(t, loaded, 1)
	require.Empty(t, loaded[0].Errors)
	return loaded[0].Types.Scope()
}

// dropped returns what is exported and not in the bindings.
func dropped(s *types.Scope, java map[string]string, objc string) (names []string) {
	var of string // the package's own class
	for name := range java {
		if strings.Contains(java[name], "public abstract class") {
			of = strings.TrimSuffix(name, ".java")
		}
	}
	miss := func(language, name string, found bool) {
		if !found {
			names = append(names, language+": "+name)
		}
	}
	for _, name := range s.Names() {
		o := s.Lookup(name)
		if !o.Exported() {
			continue
		}
		switch o := o.(type) {
		case *types.Const:
			miss("Java", name, has(java[of+".java"], ` `+lower(name)+` =|static final \w+ `+name+` =`))
			miss("Objective-C", name, has(objc, of+name+`;`))
		case *types.Func:
			miss("Java", name, has(java[of+".java"], `native \S+ `+lower(name)+`\(`))
			miss("Objective-C", name, has(objc, `FOUNDATION_EXPORT [^\n]*\b`+of+name+`\(`))
		case *types.TypeName:
			class := java[name+".java"]
			miss("Java", name, class != "")
			block := regexp.MustCompile(`(?s)\n@(interface|protocol) ` + of + name + ` .*?\n@end`).FindString(objc)
			miss("Objective-C", name, block != "")
			for _, member := range members(o) {
				miss("Java", name+"."+member, has(class, ` (get)?`+lower(member)+`_?\(| get`+member+`\(`))
				miss("Objective-C", name+"."+member, has(block, `\)`+lower(member)+`_?\b|[ *]`+lower(member)+`;`))
			}
		}
	}
	return names
}

// members returns the exported methods and fields of a type.
func members(o *types.TypeName) (names []string) {
	methods := types.NewMethodSet(types.NewPointer(o.Type()))
	if types.IsInterface(o.Type()) {
		methods = types.NewMethodSet(o.Type())
	}
	for m := range methods.Methods() {
		if m.Obj().Exported() {
			names = append(names, m.Obj().Name())
		}
	}
	if s, ok := o.Type().Underlying().(*types.Struct); ok {
		for f := range s.Fields() {
			if f.Exported() {
				names = append(names, f.Name())
			}
		}
	}
	return names
}

// has reports whether a text has what a pattern says, outside of comments.
func has(text, pattern string) bool {
	text = regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(text, "")
	text = regexp.MustCompile(`(?m)//.*$`).ReplaceAllString(text, "")
	return regexp.MustCompile(pattern).MatchString(text)
}

// lower is a name as gobind writes it in Java and Objective-C: capitals at the start,
// but for the one that begins the next word, are small.
func lower(name string) string {
	r := []rune(name)
	n := 0
	for n < len(r) && unicode.IsUpper(r[n]) {
		n++
	}
	if n > 1 && n < len(r) {
		n--
	}
	for i := range n {
		r[i] = unicode.ToLower(r[i])
	}
	return string(r)
}

// TestSwiftNamesExist: Swift cannot be compiled here, but each name of the library
// in the guide's code is one that gobind wrote; Swift calls the protocol of a name
// that is a class too by the name and Protocol.
func TestSwiftNamesExist(t *testing.T) {
	objc := texts(t, filepath.Join(generated(t), "src", "gobind", "Postern.objc.h"))["Postern.objc.h"]
	seen := 0
	for name, text := range texts(t, filepath.Join("..", "ios", "*.swift")) {
		for _, word := range regexp.MustCompile(`\bPostern[A-Z]\w+`).FindAllString(text, -1) {
			pattern := `(@interface |const |\* _Nullable |\* _Nonnull )` + word + `\b`
			if protocol, ok := strings.CutSuffix(word, "Protocol"); ok {
				pattern = `@protocol ` + protocol + ` `
			}
			require.True(t, has(objc, pattern), "%s: %s", name, word)
			seen++
		}
	}
	require.Greater(t, seen, 20)
}

// TestSwiftUnwrapsWhatCanBeNil: what a header calls nullable is an optional in Swift, also
// where an initializer has no argument to be wrong, and code that forgets it does not compile.
func TestSwiftUnwrapsWhatCanBeNil(t *testing.T) {
	objc := texts(t, filepath.Join(generated(t), "src", "gobind", "Postern.objc.h"))["Postern.objc.h"]
	nullable := func(call string) bool {
		class := regexp.MustCompile(`(?s)\n@interface ` + call + ` .*?\n@end`).FindString(objc)
		return has(class, `- \(nullable instancetype\)init;`) || has(objc, `\* _Nullable `+call+`\(void\);`)
	}
	require.True(t, nullable("PosternBlobs"))
	require.True(t, nullable("PosternNewBlobs"))
	require.False(t, nullable("PosternPlatform"))
	seen := 0
	for name, text := range texts(t, filepath.Join("..", "ios", "*.swift")) {
		for _, call := range regexp.MustCompile(`\b(Postern[A-Z]\w+)\(\)(!?)`).FindAllStringSubmatch(text, -1) {
			require.Equal(t, nullable(call[1]), call[2] == "!", "%s: %s", name, call[0])
			seen++
		}
	}
	require.Greater(t, seen, 3)
}

// TestRulesOfProGuardNameEveryCallback, since what the app implements is called by name.
func TestRulesOfProGuardNameEveryCallback(t *testing.T) {
	guide := texts(t, filepath.Join("..", "android.md"))["android.md"]
	s := scope(t, ".", bound)
	seen := 0
	for _, name := range s.Names() {
		if o, ok := s.Lookup(name).(*types.TypeName); ok && o.Exported() && types.IsInterface(o.Type()) {
			require.True(t, strings.Contains(guide, " implements org.posternlock.postern."+name+" {"), name)
			seen++
		}
	}
	require.Greater(t, seen, 7)
}
