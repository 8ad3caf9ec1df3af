package spec

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A Requirement is one sentence of the standard with a BCP 14 key word, and
// what the registry of requirements says of it (chapter 01, section 1.1).  As
// JSON it is an element of the file requirements.json.
type Requirement struct {
	ID          string   `json:"id"`             // for example "PST-APDU-012"
	Keyword     string   `json:"keyword"`        // for example "MUST NOT"
	Text        string   `json:"sentence"`       // the sentence without its id
	Rows        []string `json:"rows,omitempty"` // what belongs to a sentence that ends with a colon: items, table rows, code
	Roles       []string `json:"roles"`          // whom it binds: names of the table of roles
	Document    string   `json:"document"`       // name of the chapter
	Section     string   `json:"section"`        // for example "7.10.1"
	Profile     Profile  `json:"profile"`        // which products it is for
	Testability string   `json:"testability"`    // "wire", "control", "review" or "none"
	Reason      string   `json:"reason"`         // why it is testable so
	Revision    int      `json:"revision"`       // from 1; rises when the sentence or its rows change
}

// Digest returns what ties a revision to its words: the first 16 hexadecimal
// digits of the SHA-256 of the sentence and its rows, one a line.
func (r Requirement) Digest() string {
	sum := sha256.Sum256([]byte(strings.Join(append([]string{r.Text}, r.Rows...), "\n")))
	return hex.EncodeToString(sum[:8])
}

// Requirements returns every requirement in the order of the text.  The error
// names each breach of the rules of section 1.1: sentences without their one
// key word and one id, ids that occur twice or were retired, sentences that
// changed without a new revision, and rows of the registry that lack something.
func Requirements() ([]Requirement, error) {
	all, err := requirements()
	return slices.Clone(all), err
}

// requirements reads the text once: it does not change while a program runs.
var requirements = sync.OnceValues(func() ([]Requirement, error) {
	documents, err := Documents()
	if err != nil {
		return nil, err
	}
	table, err := files.ReadFile("requirements.csv")
	if err != nil {
		return nil, fmt.Errorf("spec: %w", err)
	}
	capabilities, err := Registry("capabilities")
	if err != nil {
		return nil, err
	}
	all, fault := readRequirements(documents)
	entries, err := parseEntries(string(table))
	if err != nil {
		return nil, errors.Join(fault, err)
	}
	known := vocabularyOf(documents, capabilities)
	fault = errors.Join(fault, join(all, entries, known))
	return all, fault
})

// readRequirements returns the requirements of the documents as the text has
// them, and an error for each id that occurs twice and each sentence that is no
// requirement but looks like one.
func readRequirements(documents []Document) ([]Requirement, error) {
	var all []Requirement
	var faults []error
	seen := map[string]string{}
	for _, d := range documents {
		requirements, err := parseRequirements(d)
		faults = append(faults, err)
		for _, r := range requirements {
			if first, ok := seen[r.ID]; ok {
				faults = append(faults, fmt.Errorf("spec: %s: %s was given in %s", r.Document, r.ID, first))
			}
			seen[r.ID] = r.Document
		}
		all = append(all, requirements...)
	}
	return all, errors.Join(faults...)
}

var (
	keyword = regexp.MustCompile(`\b(MUST NOT|MUST|SHALL NOT|SHALL|SHOULD NOT|SHOULD|NOT RECOMMENDED|RECOMMENDED|REQUIRED|MAY|OPTIONAL)\b`)
	id      = regexp.MustCompile(`\[(PST-[A-Z]+-[0-9]{3})\]`)
	number  = regexp.MustCompile(`^[0-9]+(\.[0-9]+)*\b`)
)

// parseRequirements returns the requirements of one chapter, and an error for
// each sentence that is none but looks like one.
func parseRequirements(d Document) ([]Requirement, error) {
	var requirements []Requirement
	var faults []error
	section, open := d.Name, false // open: the last requirement takes rows
	for _, b := range blocks(d.Text) {
		if b.kind == heading {
			open = false
			if n := number.FindString(b.text); n != "" {
				section = n
			}
		}
		found := false
		for _, sentence := range b.sentences() {
			keywords := keyword.FindAllString(sentence, -1)
			ids := id.FindAllStringSubmatch(sentence, -1)
			if len(keywords) == 0 && len(ids) == 0 {
				continue
			}
			found = true
			if len(keywords) != 1 || len(ids) != 1 || !strings.HasSuffix(strings.TrimSuffix(sentence, ":"), ids[0][0]) {
				faults = append(faults, fmt.Errorf("spec: %s: %d key words and %d ids, where one each is due and the id last: %q",
					d.Name, len(keywords), len(ids), sentence))
				continue
			}
			open = strings.HasSuffix(sentence, ":")
			text := strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(sentence, ":"), ids[0][0]))
			requirements = append(requirements, Requirement{
				ID: ids[0][1], Keyword: keywords[0], Text: text, Document: d.Name, Section: section,
			})
		}
		if last := len(requirements) - 1; open && !found && b.isRow() {
			r := &requirements[last]
			r.Rows = append(r.Rows, b.text)
			if row := strconv.Itoa(len(r.Rows)); b.number != "" && b.number != row {
				faults = append(faults, fmt.Errorf("spec: %s: row %s of %s is numbered %s: %q", d.Name, row, r.ID, b.number, b.text))
			}
		}
	}
	return requirements, errors.Join(faults...)
}
