package cddl

import (
	"cmp"
	"errors"
	"maps"
	"slices"
)

// A Schema is a set of rules that is whole: every name that a rule uses is
// defined, once.  It can be used by several goroutines at a time.
type Schema struct {
	rules map[string]*rule
}

// A Rule is what a caller can know of a rule.
type Rule struct {
	Name     string
	File     string
	Line     int      // from 1
	Sequence bool     // whether it is a group, so that its data are a CBOR sequence
	Uses     []string // names of the rules that its definition names, sorted
}

// Parse reads definitions, the texts of files by their names.  The files share
// one space of names.
//
// The error joins the first fault of each file that does not parse, or else all
// names that are defined twice or not at all, and the rules that are used as
// what they are not.  Each is a [DefinitionError].
func Parse(files map[string]string) (*Schema, error) {
	var all []*rule
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(files)) {
		rules, err := parseFile(name, files[name])
		all, faults = append(all, rules...), append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	s := &Schema{rules: make(map[string]*rule, len(all))}
	for _, r := range all {
		faults = append(faults, s.add(r))
	}
	for _, r := range all {
		faults = append(faults, (&resolver{schema: s, rule: r}).resolve()...)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	for _, r := range all {
		if err := r.measure(nil); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// add gives the rule its name.
func (s *Schema) add(r *rule) error {
	_, basic := basics[r.name]
	switch first := s.rules[r.name]; {
	case basic || slices.Contains(others, r.name):
		return r.fail("the name %s has its meaning from RFC 8610, appendix D", r.name)
	case first != nil:
		return r.fail("the rule %s is defined in %s:%d already", r.name, first.file, first.line)
	}
	s.rules[r.name] = r
	return nil
}

// Rules returns all rules by file and line.
func (s *Schema) Rules() []Rule {
	all := slices.SortedFunc(maps.Values(s.rules), func(a, b *rule) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line), cmp.Compare(a.name, b.name))
	})
	out := make([]Rule, 0, len(all))
	for _, r := range all {
		uses := make([]string, 0, len(r.uses))
		for _, u := range r.uses {
			uses = append(uses, u.name)
		}
		slices.Sort(uses)
		out = append(out, Rule{r.name, r.file, r.line, r.group != nil, uses})
	}
	return out
}

// measure finds how deeply rules use each other below this one.  Path holds the
// rules that led here.
func (r *rule) measure(path []*rule) error {
	switch {
	case slices.Contains(path, r):
		return r.fail("the rule %s leads back to itself", r.name)
	case len(path) >= maxNesting:
		return r.fail("more than %d rules use each other", maxNesting)
	}
	if r.depth == 0 {
		for _, u := range r.uses {
			if err := u.measure(append(path, r)); err != nil {
				return err
			}
			r.depth = max(r.depth, u.depth)
		}
		r.depth++
	}
	if len(path)+r.depth > maxNesting {
		return r.fail("more than %d rules use each other", maxNesting)
	}
	return nil
}

// resolver finds the rules that a rule names.
type resolver struct {
	schema *Schema
	rule   *rule
	faults []error
}

// resolve returns what is wrong with the names in the rule.
func (v *resolver) resolve() []error {
	if v.rule.group != nil {
		v.elements(v.rule.group)
	} else {
		v.node(v.rule.value)
	}
	return v.faults
}

func (v *resolver) refuse(p source, format string, args ...any) {
	v.faults = append(v.faults, p.fail(format, args...))
}

// node resolves what stands where a type is due.
func (v *resolver) node(n node) {
	switch n := n.(type) {
	case *choice:
		for _, one := range n.of {
			v.node(one)
		}
	case *reference:
		if v.find(n); n.rule != nil && n.rule.group != nil {
			v.refuse(n.source, "a type is expected, and %s is a group", n.name)
		}
	case *array:
		v.elements(n.group)
	case *table:
		v.pairs(n.group)
	case *sized:
		if v.node(n.size); !counts(n.size) {
			v.refuse(n.source, "a size is made of unsigned integers")
		}
	case *holding:
		if n.sequence != nil {
			v.elements(n.sequence.group)
		} else {
			v.node(n.content)
		}
	}
}

// find gives the reference its rule.
func (v *resolver) find(n *reference) {
	if n.rule = v.schema.rules[n.name]; n.rule == nil {
		if slices.Contains(others, n.name) {
			v.refuse(n.source, "%s is outside the part of CDDL in use", n.name)
		} else {
			v.refuse(n.source, "nothing defines %s", n.name)
		}
		return
	}
	if !slices.Contains(v.rule.uses, n.rule) {
		v.rule.uses = append(v.rule.uses, n.rule)
	}
}

// elements resolves the group of an array or a sequence.
func (v *resolver) elements(g *group) {
	for i := range g.entries {
		e := &g.entries[i]
		if e.key != nil && !e.label {
			v.refuse(e.source, "a key with => has no meaning in an array")
			continue
		}
		if e.value == nil {
			v.elements(e.group)
			continue
		}
		if n, ok := e.value.(*reference); ok && e.key == nil {
			if v.find(n); n.rule != nil && n.rule.group != nil {
				e.named = n.rule
			}
			continue
		}
		v.node(e.value)
	}
}

// pairs resolves the group of a map.
func (v *resolver) pairs(g *group) {
	for i := range g.entries {
		e := &g.entries[i]
		if e.key == nil {
			v.refuse(e.source, "a map takes pairs with keys, and %q is none", e.text)
			continue
		}
		v.node(e.key)
		v.node(e.value)
	}
}

// counts reports whether the type is of unsigned integers alone.
func counts(n node) bool {
	switch n := n.(type) {
	case *literal:
		return n.value.kind == kindUint
	case *span:
		return !n.low.negative
	case *choice:
		return !slices.ContainsFunc(n.of, func(one node) bool { return !counts(one) })
	}
	return false
}
