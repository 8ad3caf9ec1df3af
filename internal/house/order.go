package house

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Order says which package may import which.
type Order struct {
	below map[string]map[string]bool // package -> all packages that it may import
}

// ParseOrder reads an order from its table, one rule a line.  Text after # is
// a comment.
//
//	NONE < a, b     a and b import no package of the table
//	a < b < c       b may import a, c may import b and a
//	a !< b          b never imports a, whatever the other rules say
//
// The order is transitive: what b may import, an importer of b may import too.
// A line that does not parse, a package that no rule with < has on its right
// side, a circle, and a rule that a !< rule forbids are errors.
func ParseOrder(table string) (*Order, error) {
	o := &Order{below: map[string]map[string]bool{}}
	var never [][2]string // importer, imported
	for number, line := range strings.Split(table, "\n") {
		line, _, _ = strings.Cut(line, "#")
		if strings.TrimSpace(line) == "" {
			continue
		}
		rules, err := o.parseRule(line)
		if err != nil {
			return nil, fmt.Errorf("house: line %d of the order: %w", number+1, err)
		}
		never = append(never, rules...)
	}
	o.close()
	return o, o.consistent(never)
}

// parseRule adds one line to the order, and returns its bans as pairs of
// importer and imported.
func (o *Order) parseRule(line string) (bans [][2]string, err error) {
	if imported, importers, ok := strings.Cut(line, "!<"); ok {
		left, right := names(imported), names(importers)
		if left == nil || right == nil {
			return nil, fmt.Errorf("malformed rule %q", strings.TrimSpace(line))
		}
		for _, importer := range right {
			for _, name := range left {
				bans = append(bans, [2]string{importer, name})
			}
		}
		return bans, nil
	}
	var before []string
	for i, part := range strings.Split(line, "<") {
		group := names(part)
		if group == nil || !strings.Contains(line, "<") {
			return nil, fmt.Errorf("malformed rule %q", strings.TrimSpace(line))
		}
		if i > 0 {
			o.add(group, before)
		}
		before = append(before, group...)
	}
	return nil, nil
}

// names splits a list at its commas; nil means that a name is empty or holds
// a space or an operator.
func names(list string) []string {
	var out []string
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		if name == "" || strings.ContainsAny(name, " \t<!") {
			return nil
		}
		out = append(out, name)
	}
	return out
}

// add lets each package of the group import each of before.
func (o *Order) add(group, before []string) {
	for _, name := range group {
		if o.below[name] == nil {
			o.below[name] = map[string]bool{}
		}
		for _, b := range before {
			if b != "NONE" {
				o.below[name][b] = true
			}
		}
	}
}

// close adds what follows from the rules: the imports of imports.
func (o *Order) close() {
	for changed := true; changed; {
		changed = false
		for _, below := range o.below {
			size := len(below)
			for _, b := range slices.Collect(maps.Keys(below)) {
				maps.Copy(below, o.below[b])
			}
			changed = changed || len(below) != size
		}
	}
}

// consistent reports the first fault of a closed order.
func (o *Order) consistent(never [][2]string) error {
	for _, name := range o.Packages() {
		for _, b := range slices.Sorted(maps.Keys(o.below[name])) {
			if o.below[b] == nil {
				return fmt.Errorf("house: the order has no rule that says what %s may import", b)
			}
		}
		if o.below[name][name] {
			return fmt.Errorf("house: the order lets %s import itself", name)
		}
	}
	for _, ban := range never {
		if o.below[ban[0]] == nil || o.below[ban[1]] == nil {
			return fmt.Errorf("house: the order bans %s from %s, and one of them has no rule", ban[1], ban[0])
		}
		if o.below[ban[0]][ban[1]] {
			return fmt.Errorf("house: the order lets %s import %s, and says that it never may", ban[0], ban[1])
		}
	}
	return nil
}

// Packages returns the names in the order, sorted.
func (o *Order) Packages() []string {
	return slices.Sorted(maps.Keys(o.below))
}

// Has reports whether the order has a rule for the package.
func (o *Order) Has(name string) bool {
	return o.below[name] != nil
}

// Allows reports whether the importer may import the other package.
func (o *Order) Allows(importer, imported string) bool {
	return o.below[importer][imported]
}
