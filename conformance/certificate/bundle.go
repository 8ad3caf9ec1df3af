package certificate

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// The files of a bundle, which is a folder.
const certificateFile = "certificate.json"

// evidenceFiles are those of the build that is sold, and of its twin with hooks.
var evidenceFiles = []struct{ report, profile string }{{"report.json", "profile.json"}, {"hooks-report.json", "hooks-profile.json"}}

// The sizes of the largest files, in bytes.
const (
	MaxCertificate = 1 << 20
	MaxProfile     = 1 << 20
	MaxReport      = 256 << 20
)

// ReadFile reads a file of at most so many bytes.
func ReadFile(name string, most int64) ([]byte, error) {
	info, err := os.Lstat(name)
	switch {
	case err != nil:
		return nil, fmt.Errorf("certificate: %w", err)
	case !info.Mode().IsRegular():
		return nil, refuse(ruleBundle, "take the whole bundle as it was issued", "%s is no plain file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("certificate: %w", err)
	case int64(len(data)) > most:
		return nil, refuse(ruleBundle, "run without --exchanges all, or take the file as it was issued", "%s has more than %d bytes", name, most)
	}
	return data, nil
}

// ReadBundle reads the certificate and the evidence in a folder.  Other files there
// are no part of the bundle.
func ReadBundle(folder string) (file []byte, evidence []Evidence, err error) {
	if file, err = ReadFile(filepath.Join(folder, certificateFile), MaxCertificate); err != nil {
		return nil, nil, err
	}
	for i, names := range evidenceFiles {
		var e Evidence
		e.Report, err = ReadFile(filepath.Join(folder, names.report), MaxReport)
		if i > 0 && errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		if e.Profile, err = ReadFile(filepath.Join(folder, names.profile), MaxProfile); err != nil {
			return nil, nil, err
		}
		evidence = append(evidence, e)
	}
	return file, evidence, nil
}

// WriteBundle writes a folder that is not there yet.
func WriteBundle(folder string, file []byte, evidence []Evidence) error {
	if err := os.Mkdir(folder, 0o755); err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	files := map[string][]byte{certificateFile: file}
	for i, e := range evidence {
		files[evidenceFiles[i].report], files[evidenceFiles[i].profile] = e.Report, e.Profile
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o644); err != nil {
			return fmt.Errorf("certificate: %w", err)
		}
	}
	return nil
}
