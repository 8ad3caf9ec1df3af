package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/postern-lock/postern/spec"
	"github.com/postern-lock/postern/spec/vectors"
)

// vectorsVerb writes the vectors out as plain files.
func vectorsVerb(_ context.Context, c console, args []string) error {
	f := flags(c, "vectors", "")
	folder := f.String("out", "", "`folder` to write to; without it the areas are listed")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	areas, err := vectors.Areas()
	if err != nil {
		return err
	}
	if *folder == "" {
		for _, a := range areas {
			fmt.Fprintf(c.out, "%-12s %5d tests, %5d valid, %5d invalid  %s\n", a.Area, a.Tests, a.Valid, a.Invalid, a.File)
		}
		return nil
	}
	files, err := vectorFiles(areas)
	if err != nil {
		return err
	}
	for _, file := range files {
		path := filepath.Join(*folder, filepath.FromSlash(file.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(file.Text), 0o644); err != nil {
			return err
		}
	}
	fmt.Fprintf(c.out, "%d files in %s; README.md says how to use them\n", len(files), *folder)
	return nil
}

// vectorFiles returns all that a checker needs: the page that says what the
// vectors mean, the vectors, their schemas, and the registries that they name.
func vectorFiles(areas []vectors.Area) ([]spec.Document, error) {
	names := []string{"README.md", "index.json", "schemas/index.schema.json", "schemas/common.schema.json", "schemas/decision.schema.json"}
	for _, a := range areas {
		names = append(names, a.File, a.Schema)
	}
	files, err := spec.Tables()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		data, err := vectors.Schema(name) // which reads any file of the vectors by its name
		if err != nil {
			return nil, err
		}
		files = append(files, spec.Document{Name: name, Text: string(data)})
	}
	return files, nil
}
