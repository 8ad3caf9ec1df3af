package conformance

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/spec"
)

//go:generate go run ./cmd/postern trace -csv -out trace.csv

// Traced is a requirement with the cases that show it, for one role.
type Traced struct {
	Requirement spec.Requirement
	Role        shim.Role
	Positive    []string // ids of cases
	Negative    []string
	Rows        []int // rows that no case cites by number, where any case does
}

// Lacks says what is missing of a requirement that can be tested on the wire and
// is mandatory: a positive case, a negative case, or both; empty for any other.
// A requirement with MUST NOT has the fault as its subject; its positive case is
// one that cites it and passes.
func (t Traced) Lacks() string {
	if !t.mandatory() {
		return ""
	}
	switch {
	case len(t.Positive) == 0 && len(t.Negative) == 0:
		return "positive and negative"
	case len(t.Positive) == 0:
		return "positive"
	case len(t.Negative) == 0:
		return "negative"
	}
	return ""
}

// mandatory reports whether the requirement can be tested on the wire and has to
// be met.
func (t Traced) mandatory() bool {
	return t.Requirement.Testability == "wire" && strings.HasPrefix(t.Requirement.Keyword, "MUST")
}

// Coverage counts the requirements that are mandatory and can be seen on the
// wire, and those of them that cases show both ways.
func Coverage(traced []Traced) (shown, mandatory int) {
	for _, t := range traced {
		if t.mandatory() {
			mandatory++
			if t.Lacks() == "" {
				shown++
			}
		}
	}
	return shown, mandatory
}

// Trace returns for each role and each requirement that binds it the cases that
// show it, in the order of the text.
func Trace() ([]Traced, error) {
	all, err := spec.Requirements()
	if err != nil {
		return nil, err
	}
	var traced []Traced
	for _, role := range []shim.Role{shim.RoleLock, shim.RoleApp, shim.RoleIssuer} {
		cited, err := citations(Cases(role))
		if err != nil {
			return nil, err
		}
		for _, r := range all {
			if !cases.Binds(r, role) {
				continue
			}
			t := cited[r.ID]
			t.Requirement, t.Role = r, role
			t.Rows = missing(t.Rows, len(r.Rows))
			traced = append(traced, t)
		}
	}
	return traced, nil
}

// citations returns what cites each requirement; Rows are those cited by number.
func citations(all []cases.Case) (map[string]Traced, error) {
	cited := map[string]Traced{}
	for i := range all {
		c := &all[i]
		for _, name := range c.Requirements {
			id, row, rows := strings.Cut(name, "#")
			t := cited[id]
			list := &t.Positive
			if c.Polarity() == cases.Negative {
				list = &t.Negative
			}
			if !slices.Contains(*list, c.ID) {
				*list = append(*list, c.ID)
			}
			if rows {
				var n int
				if _, err := fmt.Sscan(row, &n); err != nil {
					return nil, fmt.Errorf("conformance: case %s cites %s", c.ID, name)
				}
				t.Rows = append(t.Rows, n)
			}
			cited[id] = t
		}
	}
	return cited, nil
}

// missing returns the numbers from 1 to n that are not in the list, where the
// list has any.
func missing(list []int, n int) []int {
	var out []int
	for i := 1; i <= n && len(list) > 0; i++ {
		if !slices.Contains(list, i) {
			out = append(out, i)
		}
	}
	return out
}

// WriteTrace writes the matrix as CSV, a line for each role and requirement.
func WriteTrace(w io.Writer, traced []Traced) error {
	c := csv.NewWriter(w)
	if err := c.Write([]string{"role", "requirement", "revision", "keyword", "testability", "lacks", "positive", "negative", "rows without a case"}); err != nil {
		return err
	}
	for _, t := range traced {
		r := t.Requirement
		err := c.Write([]string{
			string(t.Role), r.ID, fmt.Sprint(r.Revision), r.Keyword, r.Testability, t.Lacks(), joined(t.Positive), joined(t.Negative),
			strings.Trim(fmt.Sprint(t.Rows), "[]"),
		})
		if err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// joined lists ids in order.
func joined(ids []string) string {
	return strings.Join(slices.SortedFunc(slices.Values(ids), cmp.Compare), " ")
}
