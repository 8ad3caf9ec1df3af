package main

import (
	"bytes"
	"crypto/aes"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/coverage"
	"strings"
)

// The blocks of hashes and ciphers are counted by the go command itself, which
// can count how often each part of a program runs: go build -cover.  So the
// counted code is the very code that runs, of the standard library too, and
// nothing is changed in it.  The tag purego takes the place of assembly, in
// which nothing is counted, on every processor alike.

// programPath is this program.
const programPath = "github.com/postern-lock/postern/examples/costs"

// calibration is the folder of a run whose counts are known beforehand.
const calibration = "calibration"

// recount builds this program with counters, plays all kinds of taps with it,
// and returns the counts.
func recount() (*goldenFile, error) {
	folder, err := os.MkdirTemp("", "costs")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	all, err := measureAll()
	if err != nil {
		return nil, err
	}
	program := filepath.Join(folder, "costs.exe")
	if _, err := command("go", "build", "-cover", "-covermode=atomic", "-coverpkg="+strings.Join(append(packages(), programPath), ","),
		"-tags=purego", "-o", program, programPath); err != nil {
		return nil, err
	}
	counters := filepath.Join(folder, "counters")
	if _, err := command(program, "-counters", counters); err != nil {
		return nil, err
	}
	if err := calibrate(filepath.Join(counters, calibration)); err != nil {
		return nil, err
	}
	for _, k := range kinds {
		c := all[k.name]
		if err := c.take(filepath.Join(counters, k.name)); err != nil {
			return nil, fmt.Errorf("%s: %w", k.name, err)
		}
		all[k.name] = c
	}
	version, err := goVersion()
	return &goldenFile{version, all}, err
}

// goVersion returns the language version of the go command, such as go1.26.
func goVersion() (string, error) {
	out, err := command("go", "env", "GOVERSION")
	parts := strings.SplitN(strings.TrimSpace(string(out)), ".", 3)
	if err == nil && len(parts) < 2 {
		err = fmt.Errorf("go env GOVERSION: %s", out)
	}
	if err != nil {
		return "", err
	}
	return parts[0] + "." + parts[1], nil
}

// command runs a command and returns what it printed.
func command(name string, args ...string) ([]byte, error) {
	var out, complaint bytes.Buffer
	c := exec.Command(name, args...)
	c.Stdout, c.Stderr = &out, &complaint
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", c, err, complaint.Bytes())
	}
	return out.Bytes(), nil
}

// writeCounters is what the program with counters does: it plays all kinds of
// taps and leaves the counters of each in a folder of its own.
func writeCounters(folder string) error {
	c := counters{filepath.Join(folder, calibration)}
	if err := c.begin(); err != nil {
		return err
	}
	calibrationRun()
	if err := c.end(); err != nil {
		return err
	}
	for _, k := range kinds {
		if _, err := k.measure(counters{filepath.Join(folder, k.name)}); err != nil {
			return err
		}
	}
	return nil
}

// counters is a watch that writes the program's counters into a folder, each
// time those of one command.
type counters struct{ folder string }

func (c counters) begin() error { return coverage.ClearCounters() }

func (c counters) end() error {
	// The counters stand still from here on as far as the probes go: what
	// follows neither hashes with them nor enciphers.
	if err := os.MkdirAll(c.folder, 0o755); err != nil {
		return err
	}
	return errors.Join(coverage.WriteMetaDir(c.folder), coverage.WriteCountersDir(c.folder))
}

// calibrationRun does what calibrate expects.
func calibrationRun() {
	_ = sha256.Sum256(make([]byte, 55))  // with the padding 1 block
	_ = sha256.Sum256(make([]byte, 200)) // 4, three of them at once
	_ = sha512.Sum512(make([]byte, 400)) // 4, three of them at once
	if cipher, err := aes.NewCipher(make([]byte, 16)); err == nil {
		var block [16]byte
		for range 5 {
			cipher.Encrypt(block[:], block[:])
		}
	}
}

// calibrate checks the counts of calibrationRun.
func calibrate(folder string) error {
	var got counts
	if err := got.take(folder); err != nil {
		return fmt.Errorf("%s: %w", calibration, err)
	}
	if want := (counts{SHA256Blocks: 5, SHA512Blocks: 4, AESKeys: 1, AESBlocks: 5}); got != want {
		return fmt.Errorf("%s: counted %+v instead of %+v", calibration, got, want)
	}
	return nil
}

// take adds what the counters of the folder say.  What both the counters and the
// lock's own meter count must be the same.
func (c *counts) take(folder string) error {
	profile, err := readProfile(folder)
	if err != nil {
		return err
	}
	values, err := profile.values()
	if err != nil {
		return err
	}
	inside, outside := c.cells()
	for _, cell := range inside {
		*cell.value = values[cell.name]
	}
	for _, cell := range outside {
		if n, ok := values[cell.name]; ok && n != *cell.value {
			return fmt.Errorf("the lock's meter says %s %d, and the code ran %d times", cell.name, *cell.value, n)
		}
	}
	return nil
}

// writeGoldenFiles makes the counts anew, and the tables that follow from them.
func writeGoldenFiles(folder string) error {
	var text, tables bytes.Buffer
	if err := printGolden(&text); err != nil {
		return err
	}
	if err := report(&tables, text.String(), printTables); err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(folder, "counts.csv"), text.Bytes(), 0o644),
		os.WriteFile(filepath.Join(folder, "tables.txt"), tables.Bytes(), 0o644))
}

// printGolden writes the golden counts anew.
func printGolden(w io.Writer) error {
	g, err := recount()
	if err != nil {
		return err
	}
	return writeGolden(w, g)
}
