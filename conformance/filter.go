package conformance

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/postern-lock/postern/conformance/cases"
)

// Filter chooses cases.  Its zero value takes all.  A case is taken that one
// pattern of every list that has any matches; a pattern is one of package path.
type Filter struct {
	Cases        []string // ids, for example LOCK-CHAIN-*
	Requirements []string // ids with or without a row, for example PST-APDU-016
	Areas        []string // middle part of the ids, for example CHAIN
}

// list is one list of a filter with its name.
type list struct {
	name     string
	patterns []string
	only     func(pattern string) Filter // of one of its patterns
}

// lists returns the lists that have a pattern.
func (f Filter) lists() []list {
	return slices.DeleteFunc([]list{
		{"case", f.Cases, func(p string) Filter { return Filter{Cases: []string{p}} }},
		{"requirement", f.Requirements, func(p string) Filter { return Filter{Requirements: []string{p}} }},
		{"area", f.Areas, func(p string) Filter { return Filter{Areas: []string{p}} }},
	}, func(l list) bool { return len(l.patterns) == 0 })
}

// Check says which pattern is none.
func (f Filter) Check() error {
	for _, l := range f.lists() {
		for _, pattern := range l.patterns {
			if _, err := path.Match(pattern, ""); err != nil {
				return fmt.Errorf("pattern %q: %w", pattern, err)
			}
		}
	}
	return nil
}

// Nothing returns an ErrNothing that says which patterns match none of the cases,
// or nil where the filter takes one.
func (f Filter) Nothing(all []cases.Case) error {
	taken := func(f Filter) bool { return slices.ContainsFunc(all, func(c cases.Case) bool { return f.Takes(&c) }) }
	if taken(f) {
		return nil
	}
	var roles, none []string
	for _, c := range all {
		if !slices.Contains(roles, string(c.Role)) {
			roles = append(roles, string(c.Role))
		}
	}
	whose := strings.Join(roles, ", ")
	for _, l := range f.lists() {
		for _, pattern := range l.patterns {
			if !taken(l.only(pattern)) {
				none = append(none, fmt.Sprintf("%s %q", l.name, pattern))
			}
		}
	}
	if len(none) == 0 {
		return fmt.Errorf("%w of role %s: %s match cases each, but none together", ErrNothing, whose, strings.Join(f.Strings(), " and "))
	}
	return fmt.Errorf("%w of role %s: nothing matches %s", ErrNothing, whose, strings.Join(none, ", "))
}

// Takes reports whether the filter takes the case.
func (f Filter) Takes(c *cases.Case) bool {
	return matches(f.Cases, c.ID) && matches(f.Areas, Area(c.ID)) && f.requirement(c)
}

// Strings tells the filter in words, one a list.
func (f Filter) Strings() []string {
	var s []string
	for _, l := range f.lists() {
		s = append(s, l.name+" "+strings.Join(l.patterns, ", "))
	}
	return s
}

func (f Filter) requirement(c *cases.Case) bool {
	if len(f.Requirements) == 0 {
		return true
	}
	for _, cited := range c.Requirements {
		id, _, _ := strings.Cut(cited, "#")
		if matches(f.Requirements, cited) || matches(f.Requirements, id) {
			return true
		}
	}
	return false
}

// Area returns the middle part of a case's id.
func Area(id string) string {
	parts := strings.Split(id, "-")
	if len(parts) < 3 {
		return ""
	}
	return parts[1]
}

// matches reports whether one of the patterns matches; no patterns match all.
func matches(patterns []string, s string) bool {
	for _, p := range patterns {
		if ok, err := path.Match(p, s); ok && err == nil {
			return true
		}
	}
	return len(patterns) == 0
}
