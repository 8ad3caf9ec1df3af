package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential/audit"
	"github.com/postern-lock/postern/spec/vectors"
)

// command runs the program.
func command(stdin string, args ...string) (status int, stdout, stderr string) {
	var out, complaints bytes.Buffer
	status = run(args, strings.NewReader(stdin), &out, &complaints)
	return status, out.String(), complaints.String()
}

// sample writes the small street and returns its folder.
func sample(t *testing.T) string {
	folder := filepath.Join(t.TempDir(), "street")
	status, stdout, stderr := command("", "-sample", folder)
	require.Zero(t, status, stderr)
	require.Equal(t, 4, strings.Count(stdout, folder))
	return folder
}

// TestStory tells of ten houses and finds what is wrong with each.
func TestStory(t *testing.T) {
	status, stdout, stderr := command("")
	require.Zero(t, status, stdout)
	require.Empty(t, stderr)
	for n := 1; n <= 10; n++ {
		require.Contains(t, stdout, fmt.Sprintf("\nNo. %d: ", n))
	}
	require.NotContains(t, stdout, "NOT WHAT IT MUST BE")
	require.Contains(t, stdout, streetCounts)
	for _, fault := range faults {
		if fault != faults[audit.FaultSequence] && fault != faults[audit.FaultPolicy] {
			require.Contains(t, stdout, fault)
		}
	}
}

// streetCounts is what the audit of the whole street comes to.
const streetCounts = `    verdict  receipts  entries
   verified         5       11
       told         0        7
  duplicate         1        0
   disputed         3        1
    refuted         0        1
    refused         5        0
`

// TestSampleIsTheStory when it is read from files, with the log keys.
func TestSampleIsTheStory(t *testing.T) {
	folder := sample(t)
	table := filepath.Join(folder, "out.csv")
	status, stdout, stderr := command("", "-keys", filepath.Join(folder, "keys.json"), "-csv", table, folder)
	require.Equal(t, statusBad, status)
	require.Empty(t, stderr)
	require.Contains(t, stdout, streetCounts)
	require.Equal(t, 10, strings.Count(stdout, "\nitem ")+1, "each that is wrong, in words")
	file, err := os.Open(table)
	require.NoError(t, err)
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	require.Equal(t, audit.Columns(), lines[0])
	require.Len(t, lines, 1+14+20)
}

// TestWithoutLogKeys the postman's receipt proves nothing of the log.
func TestWithoutLogKeys(t *testing.T) {
	status, stdout, stderr := command("", sample(t))
	require.Equal(t, statusBad, status)
	require.Contains(t, stderr, "       told         0       10\n")
	require.True(t, strings.HasPrefix(stdout, "kind,item,source,"), "the CSV goes to standard output")
}

// TestStandardInput of an honest house has nothing wrong.
func TestStandardInput(t *testing.T) {
	folder := sample(t)
	s, err := newStreet()
	require.NoError(t, err)
	var in strings.Builder
	for _, item := range s.scenes[0].items {
		text, err := json.Marshal(lineOf(item))
		require.NoError(t, err)
		fmt.Fprintf(&in, "\n%s\n", text)
	}
	trust := filepath.Join(folder, "trust.json")
	status, stdout, stderr := command(strings.TrimSpace(in.String()), "-trust", trust, "-")
	require.Zero(t, status, stderr)
	require.Equal(t, 6, strings.Count(stdout, "\n"))
	status, _, stderr = command(in.String()[:len(in.String())-20], "-trust", trust, "-")
	require.Equal(t, statusBad, status, "the last line is cut")
	require.Contains(t, stderr, "standard input:4: unexpected EOF")
}

// TestPartsOfTheStreet are together the street.
func TestPartsOfTheStreet(t *testing.T) {
	folder := sample(t)
	_, whole, _ := command("", folder)
	rows := 0
	for part := range 3 {
		_, stdout, _ := command("", "-parts", "3", "-part", fmt.Sprint(part), folder)
		rows += strings.Count(stdout, "\n") - 1
	}
	require.Equal(t, strings.Count(whole, "\n")-1, rows)
}

// TestLimit ends the audit, and says what to do.
func TestLimit(t *testing.T) {
	status, _, stderr := command("", "-limit", "5", sample(t))
	require.Equal(t, statusBad, status)
	require.Contains(t, stderr, "audit in Parts")
}

// TestNothingIsOverwritten, be it evidence or the CSV of an earlier audit.
func TestNothingIsOverwritten(t *testing.T) {
	folder := sample(t)
	evidence := filepath.Join(folder, "odd.ndjson")
	before, err := os.ReadFile(evidence)
	require.NoError(t, err)
	for _, args := range [][]string{{"-csv", evidence, folder}, {"-sample", folder}} {
		status, stdout, stderr := command("", args...)
		require.Equal(t, statusBad, status)
		require.Empty(t, stdout)
		require.Contains(t, stderr, "file exists")
		after, err := os.ReadFile(evidence)
		require.NoError(t, err)
		require.Equal(t, before, after)
	}
}

// TestAuditThatCannotEndLeavesNoCSV, since half of one would look like the whole.
func TestAuditThatCannotEndLeavesNoCSV(t *testing.T) {
	folder := sample(t)
	table := filepath.Join(folder, "out.csv")
	status, _, stderr := command("", "-limit", "5", "-csv", table, folder)
	require.Equal(t, statusBad, status)
	require.Contains(t, stderr, "audit in Parts")
	require.NoFileExists(t, table)
}

// TestFolderWithAnyName is read, also one that would be a pattern.
func TestFolderWithAnyName(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "street [1]")
	status, _, stderr := command("", "-sample", folder)
	require.Zero(t, status, stderr)
	_, _, stderr = command("", folder)
	require.Contains(t, stderr, "verified")
}

// TestBadLines are refused, each with its file and line, and nothing else is.
func TestBadLines(t *testing.T) {
	for name, c := range map[string]struct{ line, text string }{
		"no JSON":                  {`receipt`, "odd.ndjson:1: invalid character 'r'"},
		"another field":            {`{"receipt":"AA","name":"Ann"}`, `unknown field "name"`},
		"two things":               {`{"receipt":"AA","page":"AA"}`, `want either "receipt" or "page"`},
		"nothing":                  {`{}`, `want either "receipt" or "page"`},
		"two objects":              {`{"receipt":"AA"} {"receipt":"AA"}`, "more than one object"},
		"a bracket behind it":      {`{"receipt":"AA"}}`, "more than one object"},
		"a page with certificates": {`{"page":"AA","certificates":["AA"]}`, "go with a receipt"},
		"padding":                  {`{"receipt":"AA=="}`, "illegal base64"},
		"too long":                 {`{"receipt":"` + strings.Repeat("A", 3*longestLine) + `"}`, errLong.Error()},
		"a sealed page of nobody":  {`{"page":"` + strings.Repeat("A", 1056) + `"}`, `a sealed page needs "lock"`},
		"a sealed page, no key":    {`{"lock":"8ec9957ef72a162c","page":"` + strings.Repeat("A", 1056) + `"}`, "no log key opens the page"},
		"a receipt that is none":   {`{"receipt":"AA"}`, "item 1: receipt refused: credential: malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := sample(t)
			require.NoError(t, os.WriteFile(filepath.Join(folder, "odd.ndjson"), []byte(c.line+"\n"), 0o644))
			require.NoError(t, os.Remove(filepath.Join(folder, "even.ndjson")))
			status, stdout, stderr := command("", folder)
			require.Equal(t, statusBad, status)
			require.Contains(t, stderr, c.text)
			require.Equal(t, 2, strings.Count(stdout, "\n"), "one row")
		})
	}
}

// TestManyBadLines are told in part, and counted all.
func TestManyBadLines(t *testing.T) {
	folder := sample(t)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "odd.ndjson"), bytes.Repeat([]byte("!\n"), 1000), 0o644))
	_, _, stderr := command("", folder)
	require.Contains(t, stderr, "and more, which the CSV has")
	require.Contains(t, stderr, "items refused that are neither: 1000")
	require.Less(t, strings.Count(stderr, "\n"), 40)
}

// TestSealedPages of the standard's vectors are opened with the log key of the lock.
func TestSealedPages(t *testing.T) {
	area, err := vectors.Raw("log")
	require.NoError(t, err)
	var file struct {
		Groups []struct {
			Params vectors.LogParams `json:"params"`
			Tests  []vectors.LogTest `json:"tests"`
		} `json:"groups"`
	}
	require.NoError(t, json.Unmarshal(area, &file))
	opened := 0
	for _, g := range file.Groups {
		for _, v := range g.Tests {
			if g.Params.Kind != "sealed" || v.Result != "valid" {
				continue
			}
			keys, err := secrets{"8ec9957ef72a162c": {encoded(v.Keys[0])}}.keys()
			require.NoError(t, err)
			text, err := json.Marshal(line{Lock: "8ec9957ef72a162c", Page: encoded(v.Sealed)})
			require.NoError(t, err)
			item, err := parse(text, keys)
			require.NoError(t, err)
			require.Equal(t, []byte(v.Page), item.Object[:len(v.Page)])
			opened++
		}
	}
	require.Positive(t, opened)
}

// TestWhatCannotBeRead is an error that says what.
func TestWhatCannotBeRead(t *testing.T) {
	folder := sample(t)
	write := func(name, text string) string {
		name = filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
		return name
	}
	for name, c := range map[string]struct {
		args []string
		text string
	}{
		"no folder":            {[]string{filepath.Join(folder, "none")}, "trust.json"},
		"no files":             {[]string{"-trust", filepath.Join(folder, "trust.json"), t.TempDir()}, "there is no file"},
		"nobody to trust":      {[]string{"-"}, "-trust FILE"},
		"no root":              {[]string{"-trust", write("t", `{}`), folder}, "no root"},
		"an unknown field":     {[]string{"-trust", write("t", `{"root":[]}`), folder}, "unknown field"},
		"more than one value":  {[]string{"-trust", write("t", `{} {}`), folder}, "more than one value"},
		"a bracket behind it":  {[]string{"-trust", write("b", `{}]`), folder}, "more than one value"},
		"a bad root":           {[]string{"-trust", write("t", `{"roots":["ed25519:00"]}`), folder}, "key not admitted"},
		"a bad certificate":    {[]string{"-trust", write("t", `{"certificates":["AA"]}`), folder}, "trust: certificate 1"},
		"a short log key":      {[]string{"-keys", write("k", `{"8ec9957ef72a162c":["AA"]}`), folder}, "is not 32 bytes"},
		"a lock that is none":  {[]string{"-keys", write("k", `{"8e":["AA"]}`), folder}, "lock id"},
		"a part that is none":  {[]string{"-parts", "2", "-part", "2", folder}, "no part 2 of 2"},
		"a CSV in the nowhere": {[]string{"-csv", filepath.Join(folder, "none", "out.csv"), folder}, "out.csv"},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := command("", c.args...)
			require.Equal(t, statusBad, status)
			require.Empty(t, stdout)
			require.Contains(t, stderr, c.text)
		})
	}
}

// TestCertificatesOfTheTrustFile serve receipts that come without.
func TestCertificatesOfTheTrustFile(t *testing.T) {
	folder := sample(t)
	s, err := newStreet()
	require.NoError(t, err)
	item, box := s.scenes[0].items[1], s.scenes[0].box
	item.Certificates = nil
	text, err := json.Marshal(lineOf(item))
	require.NoError(t, err)
	status, _, _ := command(string(text), "-trust", filepath.Join(folder, "trust.json"), "-")
	require.Equal(t, statusBad, status)
	trust, err := json.Marshal(trusted{Roots: s.world.Roots(), Makers: []encoded{s.makers[0]}, Certificates: []encoded{box.Certificate}})
	require.NoError(t, err)
	name := filepath.Join(t.TempDir(), "trust.json")
	require.NoError(t, os.WriteFile(name, trust, 0o644))
	status, _, stderr := command(string(text), "-trust", name, "-")
	require.Zero(t, status, stderr)
}

// TestUsage is told where the command line is wrong.
func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"-x"}, {"a", "b"}, {"-parts", "2"}, {"-sample", "a", "b"}, {"-part", "-1", "a"}} {
		status, stdout, stderr := command("", args...)
		require.Equal(t, statusUsage, status, "%v", args)
		require.Empty(t, stdout)
		require.Contains(t, stderr, "usage: audit")
	}
	status, stdout, _ := command("", "-h")
	require.Zero(t, status)
	require.Equal(t, usage, stdout)
}

// broken is an output that is gone.
type broken struct{}

var errBroken = errors.New("broken pipe")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

// TestBrokenOutput is no success.
func TestBrokenOutput(t *testing.T) {
	var complaints bytes.Buffer
	require.Equal(t, statusBad, run([]string{sample(t)}, nil, broken{}, &complaints))
	require.Contains(t, complaints.String(), errBroken.Error())
	require.Equal(t, statusBad, run(nil, nil, broken{}, &complaints))
}
