package conformance

import (
	"fmt"
	"strings"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/spec"
)

// Excludes says why a case is not for the product, by the case's own condition or
// by that of one of its requirements, which the map has by id; empty where it is for the
// product.
func (p *Profile) Excludes(c *cases.Case, requirements map[string]spec.Requirement) string {
	if c.When != "" && !c.When.Applies(p.Term) {
		return "for products with " + string(c.When)
	}
	for _, cited := range c.Requirements {
		id, _, _ := strings.Cut(cited, "#")
		if when := requirements[id].Profile; !when.Applies(p.Term) {
			return fmt.Sprintf("%s is for products with %s", id, when)
		}
	}
	return ""
}
