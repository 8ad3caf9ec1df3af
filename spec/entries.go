package spec

import (
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// entryColumns is the header row of requirements.csv.
const entryColumns = "id,status,heir,roles,profile,testability,reason,revision,digest"

// An entry is a row of requirements.csv: what the text does not say of a
// requirement.
type entry struct {
	id          string
	status      string   // "active" or "retired"
	heirs       []string // of a retired id: the ids that took its place; none where its rule was withdrawn
	roles       []string
	profile     string
	testability string
	reason      string
	revision    string
	digest      string
}

// parseEntries reads the registry of requirements.  It checks the form of the
// table, not what stands in it.
func parseEntries(text string) ([]entry, error) {
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("spec: requirements.csv: %w", err)
	}
	if len(records) == 0 || strings.Join(records[0], ",") != entryColumns {
		return nil, fmt.Errorf("spec: requirements.csv: the first row is not %s", entryColumns)
	}
	var entries []entry
	for _, r := range records[1:] {
		entries = append(entries, entry{r[0], r[1], strings.Fields(r[2]), strings.Fields(r[3]), r[4], r[5], r[6], r[7], r[8]})
	}
	return entries, nil
}

// join puts what the entries say into the requirements of the text, and returns
// an error for each rule of section 1.1 that the two break together.
func join(requirements []Requirement, entries []entry, known vocabulary) error {
	var faults []error
	fault := func(format string, arguments ...any) {
		faults = append(faults, fmt.Errorf("spec: requirements.csv: "+format, arguments...))
	}
	byID := map[string]entry{}
	for _, e := range entries {
		if _, ok := byID[e.id]; ok {
			fault("%s has two rows", e.id)
		}
		byID[e.id] = e
	}
	inText := map[string]bool{}
	for i := range requirements {
		r := &requirements[i]
		inText[r.ID] = true
		switch e, ok := byID[r.ID]; {
		case !ok:
			fault("%s is not in the table; a row for it begins %s,active and ends 1,%s", r.ID, r.ID, r.Digest())
		case e.status == "retired":
			fault("%s was retired; give the sentence in %s a new id", r.ID, r.Document)
		default:
			faults = append(faults, r.take(e, known))
		}
	}
	for _, e := range entries {
		switch e.status {
		case "active":
			if !inText[e.id] {
				fault("%s is not in the text; where its sentence was dropped, it is retired", e.id)
			}
		case "retired":
			if len(e.heirs) == 0 {
				fault("%s is retired without an heir; where its rule was withdrawn, the heir is none", e.id)
			}
			for _, h := range e.heirs {
				if h != "none" && !inText[h] {
					fault("%s: its heir %s is not in the text", e.id, h)
				}
			}
		default:
			fault("%s: status %q is neither active nor retired", e.id, e.status)
		}
	}
	return errors.Join(faults...)
}

// take puts an active entry into its requirement and returns the entry's
// faults.
func (r *Requirement) take(e entry, known vocabulary) error {
	var faults []error
	fault := func(format string, arguments ...any) {
		faults = append(faults, fmt.Errorf("spec: requirements.csv: "+r.ID+": "+format, arguments...))
	}
	if len(e.heirs) > 0 {
		fault("an active requirement has no heir")
	}
	if len(e.roles) == 0 {
		fault("no role")
	}
	for _, role := range e.roles {
		if !slices.Contains(known.roles, role) {
			fault("role %q is not one of %s", role, strings.Join(known.roles, ", "))
		}
	}
	profile, err := parseProfile(e.profile, known)
	if err != nil {
		fault("%w", err)
	}
	if !slices.Contains(known.testability, e.testability) {
		fault("testability %q is not one of %s", e.testability, strings.Join(known.testability, ", "))
	}
	if e.reason == "" {
		fault("no reason for its testability")
	}
	revision, err := strconv.Atoi(e.revision)
	if err != nil || revision < 1 {
		fault("revision %q is not a number from 1", e.revision)
	}
	if e.digest != r.Digest() {
		fault("its sentence or its rows changed: give it revision %d and digest %s", revision+1, r.Digest())
	}
	r.Roles, r.Profile, r.Testability, r.Reason, r.Revision = e.roles, profile, e.testability, e.reason, revision
	return errors.Join(faults...)
}
