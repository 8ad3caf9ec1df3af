package cases

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/spec"
)

// form is the form of an id.
var form = regexp.MustCompile(`^(LOCK|APP|ISSUER)-[A-Z][A-Z0-9]*-[0-9]{3}$`)

// Check returns the faults of a set of cases, held against the requirements of
// the standard.  It is what keeps a case honest that its author cannot be asked
// about.
func Check(all []Case, requirements []spec.Requirement) error {
	known := map[string]spec.Requirement{}
	for _, r := range requirements {
		known[r.ID] = r
	}
	var faults []error
	seen := map[string]bool{}
	for i := range all {
		c := &all[i]
		for _, fault := range c.faults(known) {
			faults = append(faults, fmt.Errorf("case %s: %s", c.ID, fault))
		}
		if seen[c.ID] {
			faults = append(faults, fmt.Errorf("case %s: the id is given twice", c.ID))
		}
		seen[c.ID] = true
	}
	return errors.Join(faults...)
}

// faults returns what is wrong with the case itself.
func (c *Case) faults(known map[string]spec.Requirement) []string {
	var f []string
	add := func(bad bool, format string, args ...any) {
		if bad {
			f = append(f, fmt.Sprintf(format, args...))
		}
	}
	add(!form.MatchString(c.ID), "an id is ROLE-AREA-123")
	add(!strings.HasPrefix(c.ID, strings.ToUpper(string(c.Role))+"-"), "its id is of another role than %s", c.Role)
	add(c.Revision < 1, "its revision is counted from 1")
	add(c.Title == "", "it has no title")
	add(len(c.Requirements) == 0, "it cites no requirement")
	for _, cited := range c.Requirements {
		if fault := c.cites(cited, known); fault != "" {
			add(true, "%s", fault)
		}
	}
	for _, v := range c.Needs {
		add(!slices.Contains(shim.Verbs(c.Role), v), "role %s has no verb %s", c.Role, v)
	}
	if c.Polarity() == Positive {
		add(c.Run == nil, "it has neither Run nor Act")
		add(c.Fault != "" || c.Passes != nil || c.Allowed != nil || c.Changes != nil || c.After != nil, "a positive case has no fault and no outcomes")
		return f
	}
	add(c.Run != nil, "it has both Run and Act")
	add(c.Fault == "", "it does not say what the fault is")
	add(len(c.Passes) == 0 || len(c.Allowed) == 0, "it does not say what it may come to")
	add(among(Silence, c.Passes) || among(Silence, c.Allowed), "silence is no outcome that a case may allow")
	add(c.After != nil && (c.Setup != nil || c.Changes != nil), "with After its Act sets up and compares by itself")
	for _, o := range c.Allowed {
		add(among(o, c.Passes), "%s both passes and is a refusal, so that the fault would not show", o)
	}
	return f
}

// cites returns what is wrong with a citation.
func (c *Case) cites(cited string, known map[string]spec.Requirement) string {
	id, row, rows := strings.Cut(cited, "#")
	r, ok := known[id]
	if !ok {
		return fmt.Sprintf("there is no requirement %s", id)
	}
	if n, err := strconv.Atoi(row); rows && (err != nil || n < 1 || n > len(r.Rows)) {
		return fmt.Sprintf("requirement %s has no row %q", id, row)
	}
	if !slices.ContainsFunc(r.Roles, func(role string) bool { return slices.Contains(bound[c.Role], role) }) {
		return fmt.Sprintf("requirement %s does not bind role %s", id, c.Role)
	}
	return ""
}

// bound are the roles of section 1.1 that a product of a role of section 23.1
// plays.
var bound = map[shim.Role][]string{
	shim.RoleLock:   {"lock"},
	shim.RoleApp:    {"phone", "owner"},
	shim.RoleIssuer: {"issuer", "manufacturer"},
}

// Binds reports whether a requirement binds a product of the role.
func Binds(r spec.Requirement, role shim.Role) bool {
	return slices.ContainsFunc(r.Roles, func(name string) bool { return slices.Contains(bound[role], name) })
}
