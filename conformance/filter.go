package conformance

import (
	"fmt"
	"path"
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

// Check says which pattern is none.
func (f Filter) Check() error {
	for _, list := range [][]string{f.Cases, f.Requirements, f.Areas} {
		for _, pattern := range list {
			if _, err := path.Match(pattern, ""); err != nil {
				return fmt.Errorf("pattern %q: %w", pattern, err)
			}
		}
	}
	return nil
}

// Takes reports whether the filter takes the case.
func (f Filter) Takes(c *cases.Case) bool {
	return matches(f.Cases, c.ID) && matches(f.Areas, Area(c.ID)) && f.requirement(c)
}

// String tells the filter in words, one a list.
func (f Filter) Strings() []string {
	var s []string
	for name, list := range map[string][]string{"case": f.Cases, "requirement": f.Requirements, "area": f.Areas} {
		if len(list) > 0 {
			s = append(s, name+" "+strings.Join(list, ", "))
		}
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
