// Package page writes a report for people: as one HTML page, which needs neither
// network nor server, and as a short summary in Markdown.
//
// What a device says is hostile.  All of it is escaped, cleaned of what does not
// print, and bounded; the page runs no script but its own, by a policy that names
// its digest.
package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"

	"github.com/postern-lock/postern/conformance/report"
)

//go:embed page.html
var layout string

//go:embed case.html
var caseLayout string

//go:embed style.css
var style string

//go:embed script.js
var script string

// early is run before anything is shown.
const early = `document.documentElement.classList.add("script");`

// HTML returns the report as one page.  The conclusion is the sentence of the
// verdict.
func HTML(r *report.Report, conclusion string) ([]byte, error) {
	sheet, err := template.New("page").Parse(layout)
	if err != nil {
		return nil, err
	}
	if _, err = sheet.Parse(caseLayout); err != nil {
		return nil, err
	}
	v, err := newView(r, conclusion)
	if err != nil {
		return nil, err
	}
	if err := v.render(sheet); err != nil {
		return nil, err
	}
	var page bytes.Buffer
	err = sheet.ExecuteTemplate(&page, "page", map[string]any{
		"View": v, "Policy": policy(), "Style": template.CSS(style), "Early": template.JS(early), "Script": template.JS(script),
	})
	return page.Bytes(), err
}

// policy lets the page's own style and scripts in, by their digests, and nothing
// else.
func policy() string {
	return fmt.Sprintf("default-src 'none'; style-src %s; script-src %s %s; base-uri 'none'; form-action 'none'", source(style), source(early), source(script))
}

// source names an inline text in a policy.
func source(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
