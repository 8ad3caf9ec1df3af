package main

import (
	"flag"
	"os"
	"path/filepath"

	"github.com/postern-lock/postern/conformance/page"
	"github.com/postern-lock/postern/conformance/report"
)

// outputs are the files that a report is written to, by form; "" is none.
type outputs struct{ json, html, junit, markdown string }

// flags adds the flags of the forms that derive from the report.
func (o *outputs) flags(f *flag.FlagSet) {
	f.StringVar(&o.html, "html", "", "write the report as one HTML page to the `file`")
	f.StringVar(&o.junit, "junit", "", "write the report as JUnit XML to the `file`")
	f.StringVar(&o.markdown, "markdown", "", "write a short summary in Markdown to the `file`, for the page of a CI job")
}

// write writes the files.
func (o outputs) write(r *report.Report) error {
	for _, file := range []struct {
		name   string
		encode func() ([]byte, error)
	}{
		{o.json, r.Encode},
		{o.html, func() ([]byte, error) { return page.HTML(r, conclusion(r)) }},
		{o.junit, r.JUnit},
		{o.markdown, func() ([]byte, error) { return page.Markdown(r, conclusion(r)) }},
	} {
		if file.name == "" {
			continue
		}
		b, err := file.encode()
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(file.name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file.name, b, 0o644); err != nil {
			return err
		}
	}
	return nil
}
