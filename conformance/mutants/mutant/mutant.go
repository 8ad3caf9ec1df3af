// Package mutant is the switch that the copies of the sources ask which package
// mutants makes.  Nothing else imports it but the child that has the switch set.
package mutant

import (
	"fmt"
	"slices"
)

// on is the mutant that is on; empty is none.
var on string

// On reports whether the mutant is on.
func On(id string) bool { return on == id }

// Switch turns a mutant on.  None, which is empty, is the reference.  A build that
// does not have the mutant refuses it, so that nobody takes the reference for it.
func Switch(id string) error {
	if id != "" && !slices.Contains(ids, id) {
		return fmt.Errorf("mutant: this build has no mutant %q among its %d", id, len(ids))
	}
	on = id
	return nil
}
