package spec

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// A Requirement is one sentence of the standard with a BCP 14 key word
// (chapter 01, section 1.1).
type Requirement struct {
	ID       string // for example "PST-APDU-012"
	Keyword  string // for example "MUST NOT"
	Document string // name of the chapter
	Text     string // the sentence without its id
}

// Requirements returns every requirement in the order of the text.  The error
// names each sentence that breaks the rule of one key word and one id, and
// each id that occurs twice.
func Requirements() ([]Requirement, error) {
	documents, err := Documents()
	if err != nil {
		return nil, err
	}
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

// parseRequirements returns the requirements of one chapter, and an error for
// each sentence that is none but looks like one.
func parseRequirements(d Document) ([]Requirement, error) {
	keyword := regexp.MustCompile(`\b(MUST NOT|MUST|SHALL NOT|SHALL|SHOULD NOT|SHOULD|NOT RECOMMENDED|RECOMMENDED|REQUIRED|MAY|OPTIONAL)\b`)
	id := regexp.MustCompile(`\[(PST-[A-Z]+-[0-9]{3})\]`)
	var requirements []Requirement
	var faults []error
	for _, sentence := range sentences(d.Text) {
		keywords := keyword.FindAllString(sentence, -1)
		ids := id.FindAllStringSubmatch(sentence, -1)
		if len(keywords) == 0 && len(ids) == 0 {
			continue
		}
		if len(keywords) != 1 || len(ids) != 1 || !strings.HasSuffix(sentence, ids[0][0]) {
			faults = append(faults, fmt.Errorf("spec: %s: %d key words and %d ids, where one each is due and the id last: %q",
				d.Name, len(keywords), len(ids), sentence))
			continue
		}
		text := strings.TrimSpace(strings.TrimSuffix(sentence, ids[0][0]))
		requirements = append(requirements, Requirement{ids[0][1], keywords[0], d.Name, text})
	}
	return requirements, errors.Join(faults...)
}

// sentences returns the sentences of a Markdown text without their full stops.
// Code and quoted paragraphs are left out; a list item and a table cell are
// texts of their own.
func sentences(text string) []string {
	end := regexp.MustCompile(`[.!?](\s|$)`)
	var out []string
	for _, block := range blocks(text) {
		for _, s := range end.Split(block, -1) {
			if s = strings.TrimSpace(s); s != "" {
				out = append(out, s)
			}
		}
	}
	return out
}

// blocks returns the paragraphs, list items, headings and table cells of a
// Markdown text, each on one line.
func blocks(text string) []string {
	item := regexp.MustCompile(`^\s*([*-]|[0-9]+\.)\s+`)
	var out []string
	var open []string
	flush := func() {
		if len(open) > 0 {
			out = append(out, strings.Join(open, " "))
		}
		open = nil
	}
	code := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(trimmed, "```"):
			flush()
			code = !code
		case code:
		case trimmed == "", strings.HasPrefix(trimmed, ">"):
			flush()
		case strings.HasPrefix(trimmed, "#"):
			flush()
			out = append(out, strings.TrimSpace(strings.TrimLeft(trimmed, "#")))
		case strings.HasPrefix(trimmed, "|"):
			flush()
			out = append(out, strings.Split(strings.Trim(trimmed, "|"), "|")...)
		case item.MatchString(line):
			flush()
			open = append(open, item.ReplaceAllString(line, ""))
		default:
			open = append(open, trimmed)
		}
	}
	flush()
	return out
}
