package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"html"
	"html/template"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	gmhtml "github.com/yuin/goldmark/renderer/html"
	gmtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/postern-lock/postern/spec"
)

// markdown is CommonMark with tables, which are drawn as figures too where they
// are state machines.
var markdown = goldmark.New(
	goldmark.WithExtensions(extension.Table),
	goldmark.WithRendererOptions(gmhtml.WithXHTML(), renderer.WithNodeRenderers(util.Prioritized(figures{}, 100))),
)

// A document is a Markdown file.
type document struct {
	spec.Document
	source   []byte
	tree     ast.Node
	headings []head
}

// A head is a heading.
type head struct {
	section
	level int
	slug  string // by which GitHub's links name it
}

// number is the number that a chapter's heading begins with.
var number = regexp.MustCompile(`^[0-9]+(\.[0-9]+)*\b`)

// parse parses a file and gives its headings ids: chapter-07, section-7.2, or for
// examples the file's name and the heading's words.
func parse(d spec.Document) *document {
	out := &document{Document: d, source: []byte(d.Text)}
	out.tree = markdown.Parser().Parse(gmtext.NewReader(out.source))
	file := strings.TrimSuffix(d.Name, ".md")
	for n := out.tree.FirstChild(); n != nil; n = n.NextSibling() {
		h, ok := n.(*ast.Heading)
		if !ok {
			continue
		}
		title := plain(h, out.source)
		id, no := file, number.FindString(title)
		switch {
		case h.Level == 1 && no != "":
			id = "chapter-" + no
		case no != "":
			id = "section-" + no
		case h.Level > 1:
			id = file + "/" + slug(title)
		}
		h.SetAttributeString("id", id)
		out.headings = append(out.headings, head{section{id, title}, h.Level, slug(title)})
	}
	return out
}

// inOrder puts the examples into the order in which their README.md, which comes
// first, links to them.
func inOrder(examples []*document) {
	index := slices.IndexFunc(examples, func(d *document) bool { return path.Base(d.Name) == "README.md" })
	if index < 0 {
		return
	}
	readme := examples[index].Text
	place := func(d *document) int {
		at := strings.Index(readme, "]("+path.Base(d.Name)+")")
		if d.Text != readme && at < 0 {
			return len(readme)
		}
		return at
	}
	slices.SortStableFunc(examples, func(a, b *document) int { return cmp.Compare(place(a), place(b)) })
}

// slug returns the words of a title, joined by hyphens, as GitHub does.
func slug(title string) string {
	kept := strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		}
		return -1
	}, strings.ToLower(title))
	return kept
}

// plain returns the text below a node.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch t := n.(type) {
		case *ast.Text:
			if entering {
				b.Write(t.Segment.Value(source))
				if t.SoftLineBreak() {
					b.WriteByte(' ')
				}
			}
		case *ast.String:
			if entering {
				b.Write(t.Value)
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// render returns the parts that the documents make, and an error that names
// every link that leads nowhere.
func (t *text) render(documents []*document) ([]part, error) {
	var parts []part
	var faults []error
	for _, d := range documents {
		faults = append(faults, t.resolve(d))
		var b bytes.Buffer
		if err := markdown.Renderer().Render(&b, d.source, d.tree); err != nil {
			return nil, err
		}
		body, err := t.link(d.Name, b.String())
		faults = append(faults, err)
		p := part{ID: d.headings[0].ID, Title: d.headings[0].Title, Body: template.HTML(body)}
		for _, h := range d.headings {
			if h.level == 2 {
				p.Sections = append(p.Sections, h.section)
			}
		}
		parts = append(parts, p)
	}
	return parts, errors.Join(faults...)
}

// resolve turns a document's links to other files into links within the page.
func (t *text) resolve(d *document) error {
	var faults []error
	ast.Walk(d.tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch link := n.(type) {
		case *ast.Link:
			if entering {
				id, err := t.target(d, string(link.Destination), plain(link, d.source))
				faults = append(faults, err)
				link.Destination = []byte(id)
			}
		case *ast.Image, *ast.RawHTML, *ast.HTMLBlock:
			faults = append(faults, fmt.Errorf("%s: a picture or HTML, which the page does not take", d.Name))
		}
		return ast.WalkContinue, nil
	})
	return errors.Join(faults...)
}

// target returns where a link of a document leads in the page: to the section
// that its label or its fragment names, or to the beginning of the file.
func (t *text) target(from *document, destination, label string) (string, error) {
	if strings.HasPrefix(destination, "https://") {
		return destination, nil
	}
	file, fragment, _ := strings.Cut(destination, "#")
	name := path.Join(path.Dir(from.Name), file)
	if file == "" {
		name = from.Name
	}
	for _, d := range append(t.chapters[:len(t.chapters):len(t.chapters)], t.examples...) {
		if d.Name != name {
			continue
		}
		words := strings.Fields(label)
		for _, h := range d.headings {
			if fragment != "" && h.slug == fragment || fragment == "" && len(words) > 0 && h.ID == "section-"+words[len(words)-1] {
				return "#" + h.ID, nil
			}
		}
		if fragment == "" {
			return "#" + d.headings[0].ID, nil
		}
	}
	if id := strings.TrimSuffix(name, ".csv"); t.targets[id] {
		return "#" + id, nil
	}
	return "", fmt.Errorf("%s: the link to %s leads nowhere", from.Name, destination)
}

// figures renders what the page shows in another way than plain Markdown:
// headings with marks, tables in boxes that scroll, diagrams.
type figures struct{}

// RegisterFuncs names the kinds of nodes.
func (f figures) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindHeading, f.heading)
	r.Register(ast.KindFencedCodeBlock, f.code)
	r.Register(tables.KindTable, f.table)
}

func (figures) heading(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	h := n.(*ast.Heading)
	id, _ := h.AttributeString("id")
	if entering {
		fmt.Fprintf(w, `<h%d id="%s">`, h.Level, id)
	} else {
		fmt.Fprintf(w, " <a class=\"mark\" href=\"#%s\" aria-label=\"link to this section\">#</a></h%d>\n", id, h.Level)
	}
	return ast.WalkContinue, nil
}

func (figures) code(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	code := string(n.Lines().Value(source))
	if s, ok := parseSequence(code); ok {
		w.WriteString(s.svg())
		return ast.WalkSkipChildren, nil
	}
	fmt.Fprintf(w, "<pre tabindex=\"0\">%s</pre>\n", html.EscapeString(code))
	return ast.WalkSkipChildren, nil
}

func (figures) table(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		w.WriteString("</table></div>\n")
		return ast.WalkContinue, nil
	}
	if m, ok := newMachine(cells(n, source)); ok {
		w.WriteString(m.svg())
	}
	w.WriteString(openTable)
	return ast.WalkContinue, nil
}

// cells returns the text of a table's cells, row by row, the head first.
func cells(table ast.Node, source []byte) [][]string {
	var rows [][]string
	for row := table.FirstChild(); row != nil; row = row.NextSibling() {
		var cells []string
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			cells = append(cells, strings.TrimSpace(plain(cell, source)))
		}
		rows = append(rows, cells)
	}
	return rows
}
