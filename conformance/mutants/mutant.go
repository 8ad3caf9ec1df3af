// Package mutants proves that the cases of the suite find what they look for: it
// makes locks, apps and issuers that are wrong in one thing each, and has the cases
// kill them.
//
// A Mutant is an edit of the reference's sources.  The product knows nothing of
// them: [Build] copies the files concerned into an overlay, with every edit behind
// a switch, so that one build makes one child program that is any of the mutants.
// [Run] has the cases that cite a mutant's requirement find it.
package mutants

import (
	"slices"
	"strings"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
)

// Mutant is one deliberate fault.
type Mutant struct {
	ID   string // lower case, never given to another one
	Role shim.Role
	// Requirement is what the mutant breaks, perhaps with a row as in
	// "PST-APDU-016#5".
	Requirement string
	// Box says that the fault shows on the poorest lock alone.
	Box bool
	// Announced says that the lock claims nothing, and is held to what it announces.
	Announced bool
	Wrong     string // what the product does wrong, in a sentence
	Edits     []Edit
}

// Edit is a change of one function of the reference.
type Edit struct {
	File string // path below the module's root
	// Find is the text that the edit takes away.  It stands once in the file, and
	// within one function.
	Find, Replace string
}

// m returns a row of a mutant of the richest lock.
func m(id, requirement, wrong string, edits ...Edit) Mutant {
	return Mutant{ID: id, Role: shim.RoleLock, Requirement: requirement, Wrong: wrong, Edits: edits}
}

// box returns a row of a mutant of the poorest lock.
func box(id, requirement, wrong string, edits ...Edit) Mutant {
	return Mutant{ID: id, Role: shim.RoleLock, Requirement: requirement, Box: true, Wrong: wrong, Edits: edits}
}

// phone returns a row of a mutant of the app.
func phone(id, requirement, wrong string, edits ...Edit) Mutant {
	return Mutant{ID: id, Role: shim.RoleApp, Requirement: requirement, Wrong: wrong, Edits: edits}
}

// signer returns a row of a mutant of the issuer.
func signer(id, requirement, wrong string, edits ...Edit) Mutant {
	return Mutant{ID: id, Role: shim.RoleIssuer, Requirement: requirement, Wrong: wrong, Edits: edits}
}

// announced returns a row of a mutant that is held to what it announces.
func announced(id, requirement, wrong string, edits ...Edit) Mutant {
	return Mutant{ID: id, Role: shim.RoleLock, Requirement: requirement, Announced: true, Wrong: wrong, Edits: edits}
}

// in returns an edit.
func in(file, find, replace string) Edit { return Edit{file, find, replace} }

// product is the reference that the mutant is made from.
func (m *Mutant) product() product {
	switch {
	case m.Box:
		return product{m.Role, "box"}
	case m.Announced:
		return product{m.Role, "announced"}
	}
	return product{m.Role, ""}
}

// product is a reference: its role and, of a lock, which it is.
type product struct {
	role shim.Role
	name string
}

// products are all references.
var products = []product{{shim.RoleLock, ""}, {shim.RoleLock, "box"}, {shim.RoleApp, ""}, {shim.RoleIssuer, ""}}

// CitedBy reports whether a case that passed would say that the mutant's
// requirement is kept: it is for the mutant's role and cites the requirement, with
// the same row or where one of the two names none.
func (m *Mutant) CitedBy(c *cases.Case) bool {
	return c.Role == m.Role && slices.ContainsFunc(c.Requirements, func(cited string) bool {
		id, row, _ := strings.Cut(cited, "#")
		own, ownRow, _ := strings.Cut(m.Requirement, "#")
		return id == own && (row == ownRow || row == "" || ownRow == "")
	})
}

// hunters returns the cases that cite the mutant's requirement, in an order in
// which the one that kills it comes early, and the others of its role: first those that cite
// the very row, and among them those that cite little else.
func (m *Mutant) hunters(all []cases.Case) (citing, others []cases.Case) {
	for _, c := range all {
		if m.CitedBy(&c) {
			citing = append(citing, c)
		} else if c.Role == m.Role {
			others = append(others, c)
		}
	}
	far := func(c *cases.Case) int {
		n := len(c.Requirements)
		if !slices.Contains(c.Requirements, m.Requirement) {
			n += 100
		}
		return n
	}
	slices.SortStableFunc(citing, func(a, b cases.Case) int { return far(&a) - far(&b) })
	return citing, others
}
