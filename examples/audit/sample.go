package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/postern-lock/postern/credential/audit"
)

// writeSample writes the small street as the files that the command reads, into a folder
// that is not there yet: what the odd and the even houses brought, whom to trust, and the
// log keys.
func writeSample(folder string, stdout io.Writer) error {
	s, err := newStreet()
	if err != nil {
		return err
	}
	var files [2]bytes.Buffer
	keys := secrets{}
	var faults []error
	for i, scene := range s.scenes {
		id := scene.box.ID.String()
		keys[id] = []encoded{logKey(scene.box.LogKey)}
		for _, item := range scene.items {
			faults = append(faults, json.NewEncoder(&files[i%2]).Encode(lineOf(item)))
		}
	}
	t := trusted{Roots: s.world.Roots()}
	for _, m := range s.makers {
		t.Makers = append(t.Makers, m)
	}
	for _, l := range s.lists {
		t.Lists = append(t.Lists, l)
	}
	trust, err1 := json.MarshalIndent(t, "", "  ")
	secret, err2 := json.MarshalIndent(keys, "", "  ")
	if err := errors.Join(append(faults, err1, err2)...); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(folder, 0o755); err != nil { // what is there may be somebody's evidence
		return err
	}
	for _, file := range []struct {
		name string
		text []byte
		mode os.FileMode
	}{
		{"even.ndjson", files[1].Bytes(), 0o644}, {"odd.ndjson", files[0].Bytes(), 0o644},
		{"trust.json", append(trust, '\n'), 0o644}, {"keys.json", append(secret, '\n'), 0o600},
	} {
		if err := os.WriteFile(filepath.Join(folder, file.name), file.text, file.mode); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "%s\n", filepath.Join(folder, file.name))
	}
	return nil
}

// lineOf returns the line of an item.
func lineOf(item audit.Item) line {
	if item.Kind == audit.KindPage {
		return line{Page: item.Object}
	}
	l := line{Receipt: item.Object}
	for _, c := range item.Certificates {
		l.Certificates = append(l.Certificates, c)
	}
	return l
}
