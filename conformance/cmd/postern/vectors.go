package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

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
	// Schema reads any file of the vectors by its name.
	names := []string{"index.json", "schemas/index.schema.json", "schemas/common.schema.json"}
	for _, a := range areas {
		names = append(names, a.File, a.Schema)
	}
	for _, name := range names {
		data, err := vectors.Schema(name)
		if err != nil {
			return err
		}
		path := filepath.Join(*folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return err
		}
	}
	fmt.Fprintf(c.out, "%d files in %s\n", len(names), *folder)
	return nil
}
