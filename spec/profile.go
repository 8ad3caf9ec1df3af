package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A Profile says which products a requirement is for: "always", or terms that
// all have to hold, joined by " and ", each perhaps with "not " before it
// (section 1.1).
type Profile string

// Applies reports whether a product is one that the requirement is for.  The
// function has tells of a term, for example "capability(resumption)", whether
// it is true of the product.
func (p Profile) Applies(has func(term string) bool) bool {
	if p == always {
		return true
	}
	for _, part := range strings.Split(string(p), " and ") {
		term, negated := strings.CutPrefix(part, "not ")
		if has(term) == negated {
			return false
		}
	}
	return true
}

const always = "always"

// A vocabulary holds the words that the registry of requirements may use.
type vocabulary struct {
	roles       []string
	testability []string
	terms       []string // of profiles
}

// vocabularyOf collects the words from the tables of section 1.1 and the
// registry of capabilities.
func vocabularyOf(documents []Document, capabilities []Row) vocabulary {
	var v vocabulary
	for _, d := range documents {
		if strings.HasPrefix(d.Name, "01-") {
			v.roles = firstColumn(d.Text, "role")
			v.testability = firstColumn(d.Text, "testability")
			v.terms = firstColumn(d.Text, "profile term")
		}
	}
	for _, c := range capabilities {
		if c.Active() {
			v.terms = append(v.terms, "capability("+c.Name+")")
		}
	}
	return v
}

var quoted = regexp.MustCompile("^`([^`]+)`$")

// firstColumn returns the words in code type that stand in the first column of
// the tables whose first column has this header.
func firstColumn(text, header string) []string {
	var words []string
	here := false
	for _, b := range blocks(text) {
		first, _, _ := strings.Cut(b.text, " | ")
		switch b.kind {
		case tableHeader:
			here = first == header
		case tableRow:
			if m := quoted.FindStringSubmatch(first); here && m != nil {
				words = append(words, m[1])
			}
		}
	}
	return words
}

// parseProfile returns the profile, or an error that names the part which is no
// term.
func parseProfile(text string, known vocabulary) (Profile, error) {
	if text == always {
		return always, nil
	}
	for _, part := range strings.Split(text, " and ") {
		if term := strings.TrimPrefix(part, "not "); !slices.Contains(known.terms, term) {
			return "", fmt.Errorf("profile %q: unknown term %q", text, term)
		}
	}
	return Profile(text), nil
}
