package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html"
	"html/template"
	"path"
	"slices"
	"strings"

	"github.com/postern-lock/postern/spec"
)

// A part is a chapter or an appendix.
type part struct {
	ID, Title string
	Sections  []section // of the second level
	Body      template.HTML
}

// A section is a heading below a part's title.
type section struct{ ID, Title string }

// Href returns the link to the part.
func (p part) Href() template.URL { return template.URL("#" + p.ID) }

// Href returns the link to the section.
func (s section) Href() template.URL { return template.URL("#" + s.ID) }

//go:embed page.html
var layout string

//go:embed style.css
var style string

//go:embed script.js
var script string

// Page returns the page.  It fails where the text cannot be read and where it
// names something that does not exist; the error names every such place.
func Page() ([]byte, error) {
	t, err := load()
	if err != nil {
		return nil, err
	}
	chapters, faults := t.render(t.chapters)
	examples, more := t.render(t.examples)
	requirements, missing := t.requirementPart()
	registries, unknown := t.registryPart()
	if err := errors.Join(faults, more, missing, unknown); err != nil {
		return nil, err
	}
	sheet, err := template.New("page").Parse(layout)
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	err = sheet.Execute(&page, map[string]any{
		"Version":      spec.Version,
		"Requirements": len(t.requirements),
		"Chapters":     chapters,
		"Appendices":   slices.Concat(examples, []part{requirements, registries, t.definitionPart()}),
		"Style":        template.CSS(style),
		"Script":       template.JS(script),
	})
	return page.Bytes(), err
}

// text is the whole standard, with what its links can lead to.
type text struct {
	chapters, examples []*document
	definitions        []spec.Document
	registries         []string
	requirements       map[string]spec.Requirement // by id
	inText             []spec.Requirement          // in the order of the text
	targets            map[string]bool             // ids of sections, registries, their rows and CDDL files
}

// load reads the standard and notes every target.
func load() (*text, error) {
	t := &text{requirements: map[string]spec.Requirement{}, targets: map[string]bool{}}
	chapters, err1 := spec.Documents()
	examples, err2 := spec.Examples()
	definitions, err3 := spec.Definitions()
	registries, err4 := spec.Registries()
	requirements, err5 := spec.Requirements()
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return nil, err
	}
	t.definitions, t.registries = definitions, registries
	for _, d := range chapters {
		t.chapters = append(t.chapters, parse(d))
	}
	for _, d := range examples {
		t.examples = append(t.examples, parse(d))
	}
	inOrder(t.examples)
	for _, d := range slices.Concat(t.chapters, t.examples) {
		for _, h := range d.headings {
			t.targets[h.ID] = true
		}
	}
	for _, d := range definitions {
		t.targets[d.Name] = true
	}
	for _, name := range registries {
		rows, err := spec.Registry(name)
		if err != nil {
			return nil, err
		}
		t.targets["registry/"+name] = true
		for _, r := range rows {
			t.targets["registry/"+name+"/"+r.Name] = true
		}
	}
	t.inText = requirements
	for _, r := range requirements {
		t.requirements[r.ID] = r
	}
	return t, nil
}

// requirementPart is the appendix that lists all requirements, chapter by
// chapter.  Its error names sections that do not exist.
func (t *text) requirementPart() (part, error) {
	p := part{ID: "requirements", Title: "Requirements"}
	var b strings.Builder
	var faults []error
	for _, d := range t.chapters {
		first := true
		for _, r := range t.inText {
			if r.Document != d.Name {
				continue
			}
			if first {
				first = false
				id := "requirements/" + d.Name
				p.Sections = append(p.Sections, section{id, d.headings[0].Title})
				fmt.Fprintf(&b, "%s\n%s<thead><tr><th>requirement</th><th>key word</th><th>section</th><th>binds</th><th>for</th><th>testable</th></tr></thead>\n<tbody>\n",
					heading(2, id, html.EscapeString(d.headings[0].Title)), openTable)
			}
			place := "section-" + r.Section
			if !strings.Contains(r.Section, ".") {
				place = "chapter-" + r.Section
			}
			if !t.targets[place] {
				faults = append(faults, fmt.Errorf("%s: no %s", r.ID, place))
			}
			fmt.Fprintf(&b, "<tr><td><a href=\"#%s\">%s</a></td><td>%s</td><td><a href=\"#%s\">%s</a></td><td>%s</td><td>%s</td><td>%s: %s</td></tr>\n",
				r.ID, r.ID, r.Keyword, place, r.Section, strings.Join(r.Roles, ", "), r.Profile, r.Testability, html.EscapeString(r.Reason))
		}
		if !first {
			b.WriteString(closeTable)
		}
	}
	p.Body = template.HTML(b.String())
	return p, errors.Join(faults...)
}

// A table stands in a box in which it scrolls.
const (
	openTable  = "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"table\"><table>\n"
	closeTable = "</tbody></table></div>\n"
)

// registryPart is the appendix with all registries.  Its error names references
// that lead nowhere.
func (t *text) registryPart() (part, error) {
	p := part{ID: "registries", Title: "Registries"}
	var b strings.Builder
	var faults []error
	for _, name := range t.registries {
		id := "registry/" + name
		p.Sections = append(p.Sections, section{id, name})
		fmt.Fprintf(&b, "%s\n%s", heading(2, id, html.EscapeString(name)), openTable)
		b.WriteString("<thead><tr><th>value</th><th>name</th><th>status</th><th>defined in</th><th>description</th></tr></thead>\n<tbody>\n")
		rows, err := spec.Registry(name)
		faults = append(faults, err)
		for _, r := range rows {
			cells, err := t.link(id, fmt.Sprintf("<td>%s</td><td>%s</td>", html.EscapeString(r.Reference), html.EscapeString(r.Description)))
			faults = append(faults, err)
			fmt.Fprintf(&b, "<tr id=\"%s/%s\"><td><code>%s</code></td><td>%s</td><td>%s</td>%s</tr>\n", id, r.Name, r.Literal, r.Name, r.Status, cells)
		}
		b.WriteString(closeTable)
	}
	p.Body = template.HTML(b.String())
	return p, errors.Join(faults...)
}

// definitionPart is the appendix with all CDDL files.
func (t *text) definitionPart() part {
	p := part{ID: "cddl", Title: "CDDL"}
	var b strings.Builder
	for _, d := range t.definitions {
		name := path.Base(d.Name)
		p.Sections = append(p.Sections, section{d.Name, name})
		fmt.Fprintf(&b, "%s\n<pre tabindex=\"0\">%s</pre>\n", heading(2, d.Name, html.EscapeString(name)), html.EscapeString(d.Text))
	}
	p.Body = template.HTML(b.String())
	return p
}

// heading returns a heading with a mark that links to itself.
func heading(level int, id, title string) string {
	return fmt.Sprintf(`<h%d id="%s">%s <a class="mark" href="#%s" aria-label="link to this section">#</a></h%d>`, level, id, title, id, level)
}
