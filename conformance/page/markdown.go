package page

import (
	"fmt"
	"strings"

	"github.com/postern-lock/postern/conformance/report"
)

// maxListed are the surprises that the summary lists.
const maxListed = 30

// Markdown returns a short summary, for the page of a CI job: verdict, numbers and
// the surprises.
func Markdown(r *report.Report, conclusion string) ([]byte, error) {
	v, err := newView(r, conclusion)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "## Postern: %s\n\n**%s**\n\n| | |\n|---|---|\n", plain(v.Title), plain(v.Conclusion))
	for _, f := range v.Facts {
		fmt.Fprintf(&b, "| %s | %s |\n", f.Name, plain(f.Text))
	}
	for _, c := range v.Counts {
		fmt.Fprintf(&b, "| %s | %d |\n", c.Verdict, c.N)
	}
	listed := 0
	for _, x := range v.Rows {
		if !x.Verdict.Surprise() {
			break // the surprises stand first
		}
		if listed++; listed > maxListed {
			continue
		}
		fmt.Fprintf(&b, "\n### %s %s: %s\n\n%s\n\n", x.Verdict, plain(x.Case), plain(x.Title), plain(x.Message))
		for _, s := range x.Sentences {
			fmt.Fprintf(&b, "> %s, section %s: %s\n>\n", plain(s.Cited), plain(s.Section), plain(s.words))
		}
		if x.Repeat != "" {
			fmt.Fprintf(&b, "\n    %s\n", x.Repeat) // indented, so that nothing in it is Markdown
		}
	}
	if listed > maxListed {
		fmt.Fprintf(&b, "\n%d more are in the report.\n", listed-maxListed)
	}
	return []byte(b.String()), nil
}

// plain escapes what Markdown or HTML would read, and makes one line of the text.
func plain(s string) string {
	var b strings.Builder
	for _, r := range line(s, maxText) {
		if strings.ContainsRune("\\`*_{}[]<>()#+-.!|&~:@/", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
