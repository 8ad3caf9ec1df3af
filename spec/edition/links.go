package main

import (
	"errors"
	"fmt"
	"html"
	"regexp"
	"strings"

	"github.com/postern-lock/postern/spec"
)

var (
	tag = regexp.MustCompile(`<[^>]*>`)
	// A CDDL file, an example, a registry or a number of one, as code.
	coded = regexp.MustCompile(`<code>(?:(cddl/[a-z-]+\.cddl)|(examples/[a-z-]+)\.md|([a-z-]+)/([a-z0-9-]+))</code>|\bregistry\s+<code>([a-z-]+)</code>`)
	// What the running text names: sections of other documents, which are passed
	// over; sections and chapters of this one; requirements; names that no line breaks;
	// key words.
	named = regexp.MustCompile(`RFC [0-9]+,\s+sections?\s+[0-9.]+` +
		`|[Ss]ections?\s+[0-9]+(?:\.[0-9]+)+(?:(?:,|,? and|,? or| to)\s+[0-9]+(?:\.[0-9]+)+)*` +
		`|[Cc]hapters?\s+[0-9]{2}(?:(?:,|,? and|,? or| to)\s+[0-9]{2}\b)*` +
		`|\[PST-[A-Z]+-[0-9]{3}\]` +
		`|\bHANDSHAKE-[12]` +
		`|\b(?:MUST NOT|MUST|SHOULD NOT|SHOULD|MAY)\b`)
	sectionNumber = regexp.MustCompile(`[0-9]+(?:\.[0-9]+)+`)
	chapterNumber = regexp.MustCompile(`[0-9]{2}`)
)

// link turns what an HTML text names into links: numbers of registries, CDDL
// files, sections, chapters; and it makes each requirement's id a target.  The
// error names what does not exist.
func (t *text) link(where, body string) (string, error) {
	var faults []error
	body = coded.ReplaceAllStringFunc(body, func(code string) string {
		m := coded.FindStringSubmatch(code)
		id := m[1] + m[2]
		switch {
		case m[5] != "":
			id = "registry/" + m[5]
		case m[3] == "registry" || id == "" && !t.targets["registry/"+m[3]]: // an example of the notation, a path
			return code
		case id == "":
			id = "registry/" + m[3] + "/" + m[4]
		}
		if !t.targets[id] {
			faults = append(faults, fmt.Errorf("%s: no %s", where, id))
		}
		at := strings.Index(code, "<code>")
		return fmt.Sprintf(`%s<a href="#%s">%s</a>`, code[:at], id, code[at:])
	})
	var out strings.Builder
	inside := 0 // of what is taken as it is
	rest := body
	for rest != "" {
		at := tag.FindStringIndex(rest)
		if at == nil {
			at = []int{len(rest), len(rest)}
		}
		running, mark := rest[:at[0]], rest[at[0]:at[1]]
		if inside == 0 {
			running = named.ReplaceAllStringFunc(running, func(s string) string {
				linked, err := t.mention(where, s)
				faults = append(faults, err)
				return linked
			})
		}
		out.WriteString(running)
		out.WriteString(mark)
		inside += depth(mark)
		rest = rest[at[1]:]
	}
	return out.String(), errors.Join(faults...)
}

// depth returns 1 at the beginning of an element whose text is taken as it is,
// -1 at its end, 0 at any other tag.
func depth(mark string) int {
	change := 1
	name, closing := strings.CutPrefix(strings.Trim(mark, "<>"), "/")
	if closing {
		change = -1
	}
	name, _, _ = strings.Cut(name, " ")
	switch name {
	case "a", "code", "pre", "h1", "h2", "h3", "h4", "svg", "blockquote":
		return change
	}
	return 0
}

// mention returns what stands in the page for something that the text names.
func (t *text) mention(where, s string) (string, error) {
	small := strings.ToLower(s)
	switch {
	case strings.HasPrefix(s, "RFC"):
		return s, nil
	case strings.HasPrefix(s, "[PST-"):
		id := strings.Trim(s, "[]")
		r, ok := t.requirements[id]
		if !ok || r.Document != where {
			return "", fmt.Errorf("%s: %s is no requirement of this chapter", where, id)
		}
		return fmt.Sprintf(`<a class="id" id="%s" href="#%s" title="%s">%s</a>`, id, id, html.EscapeString(about(r)), id), nil
	case strings.HasPrefix(s, "HANDSHAKE"):
		return `<span class="whole">` + s + "</span>", nil
	case strings.HasPrefix(small, "section"):
		return t.numbers(where, s, sectionNumber, "section-")
	case strings.HasPrefix(small, "chapter"):
		return t.numbers(where, s, chapterNumber, "chapter-")
	}
	return "<strong>" + s + "</strong>", nil
}

// numbers links the numbers in s, and where there is but one the words before it
// too.
func (t *text) numbers(where, s string, number *regexp.Regexp, prefix string) (string, error) {
	all := number.FindAllString(s, -1)
	var faults []error
	for _, n := range all {
		if !t.targets[prefix+n] {
			faults = append(faults, fmt.Errorf("%s: no %s%s", where, prefix, n))
		}
	}
	if len(all) == 1 {
		return fmt.Sprintf(`<a href="#%s%s">%s</a>`, prefix, all[0], s), errors.Join(faults...)
	}
	return number.ReplaceAllString(s, `<a href="#`+prefix+`$0">$0</a>`), errors.Join(faults...)
}

// about is what a reader is told of a requirement beside its sentence.
func about(r spec.Requirement) string {
	return fmt.Sprintf("%s · binds %s · for %s · testable: %s, %s · revision %d",
		r.Keyword, strings.Join(r.Roles, ", "), r.Profile, r.Testability, r.Reason, r.Revision)
}
