package house

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Package is what the go command says about one package, as far as the checks
// need it.
type Package struct {
	ImportPath   string
	Standard     bool     // part of the standard library
	Imports      []string // of the production code
	TestImports  []string // of the tests inside the package
	XTestImports []string // of the tests beside the package
	Deps         []string // production code's imports, and their imports
}

// ReadPackages decodes the output of go list -json: one object after another.
func ReadPackages(r io.Reader) ([]Package, error) {
	var out []Package
	for d := json.NewDecoder(r); ; {
		var p Package
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, fmt.Errorf("house: output of go list: %w", err)
		}
		out = append(out, p)
	}
}

// Rules are the bounds that a graph of packages is held to.  Packages of the
// module itself are named without the module's path.
type Rules struct {
	Module string // path of the module
	Order  *Order // of the module's packages

	// Open are the groups of which any number of packages may exist, each
	// without a rule of its own: "examples" stands for examples/a and
	// examples/b, which share the rule of the group and may import each other.
	Open []string

	// Users are packages, each with all that is below it, that import no internal
	// package of the module, as nobody outside could.
	Users []string

	// Outside maps the path of a module from elsewhere to the packages and
	// open groups that alone may import it.
	Outside map[string][]string

	// Beneath lists the outside modules that other outside modules need.
	Beneath []string

	// TestOnly lists the outside modules that only tests and Helpers may
	// import.
	TestOnly []string

	// Helpers lists the packages that exist for tests alone.
	Helpers []string

	// Core lists the packages that depend on the standard library and on the
	// modules in Outside and Beneath that reach them, and on nothing else.
	Core []string

	// Banned lists the standard packages, each with all that is below it,
	// that core packages never import themselves.
	Banned []string
}

// Check holds the packages to the rules and returns the faults, one line each.
func (r Rules) Check(packages []Package) []string {
	standard := map[string]bool{}
	for _, p := range packages {
		standard[p.ImportPath] = p.Standard
	}
	var faults []string
	for _, p := range packages {
		name, ok := r.local(p.ImportPath)
		if !ok {
			continue
		}
		if !r.Order.Has(name) {
			faults = append(faults, fmt.Sprintf("%s: the order has no rule for it", name))
			continue
		}
		faults = append(faults, r.checkImports(name, p, standard)...)
		faults = append(faults, r.checkTests(name, p)...)
		if slices.Contains(r.Core, name) {
			faults = append(faults, r.checkClosure(name, p, standard)...)
		}
	}
	return faults
}

// checkImports checks what the production code imports itself.
func (r Rules) checkImports(name string, p Package, standard map[string]bool) []string {
	var faults []string
	for _, path := range p.Imports {
		imported, ok := r.local(path)
		core := slices.Contains(r.Core, name)
		switch {
		case ok && imported == name && slices.Contains(r.Open, name):
		case ok && within(imported, "internal") && within(name, r.Users...):
			faults = append(faults, fmt.Sprintf("%s imports %s, which a user could not", name, imported))
		case ok && !r.Order.Allows(name, imported):
			faults = append(faults, fmt.Sprintf("%s imports %s against the order", name, imported))
		case ok:
		case core && within(path, r.Banned...):
			faults = append(faults, fmt.Sprintf("%s imports %s, which no core package may", name, path))
		case !standard[path]:
			faults = append(faults, r.checkOutside(name, path, slices.Contains(r.Helpers, name))...)
		}
	}
	return faults
}

// checkTests checks what the tests import from other modules.  They may
// import any package of the module itself and of the standard library.
func (r Rules) checkTests(name string, p Package) []string {
	var faults []string
	for _, path := range slices.Concat(p.TestImports, p.XTestImports) {
		first, _, _ := strings.Cut(path, "/")
		if _, ok := r.local(path); !ok && strings.Contains(first, ".") {
			faults = append(faults, r.checkOutside(name, path, true)...)
		}
	}
	return faults
}

// checkOutside checks one import from another module.
func (r Rules) checkOutside(name, path string, test bool) []string {
	if within(path, r.TestOnly...) {
		if test {
			return nil
		}
		return []string{fmt.Sprintf("%s imports %s, which is for tests alone", name, path)}
	}
	if r.reaches(path, name) {
		return nil
	}
	return []string{fmt.Sprintf("%s may not import %s", name, path)}
}

// checkClosure checks everything that a core package depends on.
func (r Rules) checkClosure(name string, p Package, standard map[string]bool) []string {
	var faults []string
	for _, path := range p.Deps {
		imported, ok := r.local(path)
		switch {
		case standard[path]:
		case ok && slices.Contains(r.Core, imported):
		case !ok && within(path, r.Beneath...):
		case !ok && slices.ContainsFunc(r.Core, func(core string) bool { return r.reaches(path, core) }):
		default:
			faults = append(faults, fmt.Sprintf("%s is a core package and depends on %s", name, path))
		}
	}
	return faults
}

// reaches reports whether the path belongs to an outside module that the
// package may import.
func (r Rules) reaches(path, name string) bool {
	for module, importers := range r.Outside {
		if within(path, module) && slices.Contains(importers, name) {
			return true
		}
	}
	return false
}

// local returns the name in the order of a package of the module: its path
// below the module, or the open group that it belongs to.
func (r Rules) local(path string) (name string, ok bool) {
	if path == r.Module {
		return ".", true
	}
	name, ok = strings.CutPrefix(path, r.Module+"/")
	if !ok {
		return "", false
	}
	for _, group := range r.Open {
		if within(name, group) {
			return group, true
		}
	}
	return name, true
}

// within reports whether the path is one of the roots or below one.
func within(path string, roots ...string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return path == root || strings.HasPrefix(path, root+"/")
	})
}
