package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/postern-lock/postern/credential/audit"
)

// shown is how many faults are told in words; the CSV has all.
const shown = 20

// audit audits files or standard input, and reports whether something is wrong.
func (o options) audit(stdin io.Reader, stdout, stderr io.Writer) (wrong bool, err error) {
	a, keys, err := o.auditor()
	if err != nil {
		return false, err
	}
	told := &teller{w: stderr}
	items, err := o.items(stdin, keys, told)
	if err != nil {
		return false, err
	}
	out, text := stdout, stderr
	if o.csv != "" {
		file, cannot := os.OpenFile(o.csv, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if cannot != nil {
			return false, cannot
		}
		defer func() {
			if err = errors.Join(err, file.Close()); err != nil { // half of it would look like the whole
				err = errors.Join(err, os.Remove(o.csv))
			}
		}()
		out, text = file, stdout
		told.w = stdout
	}
	buffered := bufio.NewWriterSize(out, 1<<16)
	s, err := write(a.Run(items), audit.NewWriter(buffered), told)
	if err = errors.Join(err, buffered.Flush()); err != nil {
		return true, err
	}
	_, err = s.WriteTo(text)
	return s.Wrong() > 0, err
}

// auditor makes the Auditor, and reads the log keys.
func (o options) auditor() (*audit.Auditor, logKeys, error) {
	if o.trust == "" {
		if o.from == "-" {
			return nil, nil, errors.New("standard input needs -trust FILE, which says whom to trust")
		}
		o.trust = filepath.Join(o.from, "trust.json")
	}
	var t trusted
	if err := readJSON(o.trust, &t); err != nil {
		return nil, nil, err
	}
	c, err := t.config()
	if err != nil {
		return nil, nil, err
	}
	var keys logKeys
	if o.keys != "" {
		var s secrets
		if err = readJSON(o.keys, &s); err == nil {
			keys, err = s.keys()
		}
		if err != nil {
			return nil, nil, err
		}
		c.Blinds = keys.blinds
	}
	c.Part, c.Parts, c.Limit = uint32(o.part), uint32(o.parts), o.limit
	if uint(c.Part) != o.part || uint(c.Parts) != o.parts || o.parts == 0 {
		return nil, nil, fmt.Errorf("there is no part %d of %d", o.part, o.parts)
	}
	a, err := audit.New(c)
	return a, keys, err
}

// items streams what is to be audited: the files of the folder by name, each with
// its number from 1 as the source, or standard input with 0.
func (o options) items(stdin io.Reader, keys logKeys, told *teller) (iter.Seq2[audit.Item, error], error) {
	if o.from == "-" {
		return func(yield func(audit.Item, error) bool) {
			lines(stdin, 0, keys, told.of("standard input"), yield)
		}, nil
	}
	entries, err := os.ReadDir(o.from) // by name
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".ndjson") {
			names = append(names, filepath.Join(o.from, e.Name()))
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("there is no file %s", filepath.Join(o.from, "*.ndjson"))
	}
	return func(yield func(audit.Item, error) bool) {
		for i, name := range names {
			file, err := os.Open(name)
			if err != nil {
				yield(audit.Item{}, err)
				return
			}
			more := lines(file, uint32(i)+1, keys, told.of(filepath.Base(name)), yield)
			if file.Close(); !more {
				return
			}
		}
	}, nil
}

// write writes the rows, and tells what is wrong.
func write(rows iter.Seq2[audit.Row, error], out *audit.Writer, told *teller) (s audit.Summary, err error) {
	for row, err := range rows {
		if err == nil {
			err = out.Write(row)
		}
		if err != nil {
			return s, errors.Join(err, out.Flush())
		}
		s.Add(row)
		if row.Verdict.Wrong() {
			told.say("%s", inWords(row))
		}
	}
	return s, out.Flush()
}

// teller says the first things that are wrong.
type teller struct {
	w    io.Writer
	said int
}

func (t *teller) say(format string, args ...any) {
	switch t.said++; {
	case t.said <= shown:
		fmt.Fprintf(t.w, format+"\n", args...)
	case t.said == shown+1:
		fmt.Fprintln(t.w, "and more, which the CSV has")
	}
}

// of returns what tells of a line that cannot be read.
func (t *teller) of(name string) func(line int, err error) {
	return func(line int, err error) { t.say("%s:%d: %v", name, line, err) }
}

// inWords says what is wrong with a row.
func inWords(r audit.Row) string {
	what := fmt.Sprintf("item %d: %s", r.Item, r.Kind)
	if r.Place != 0 {
		what += fmt.Sprintf(" %d of the page, number %d of the log,", r.Place, r.Claims.Entry.Sequence)
	}
	if r.Verdict == audit.Refused {
		return fmt.Sprintf("%s refused: %v", what, r.Err)
	}
	return fmt.Sprintf("%s of lock %s is %s: %s; see item %d", what, r.Lock, r.Verdict, faults[r.Fault], r.Other)
}

// faults says what the faults mean.
var faults = map[audit.Fault]string{
	audit.FaultFork:     "there are two logs",
	audit.FaultSequence: "one head of the log has two numbers",
	audit.FaultEntry:    "the log has another entry there",
	audit.FaultPolicy:   "the version of the owner's policy fell",
}
