// Command gen writes the constants of package wire from the standard's
// registries, spec/registry/*.csv.
package main

import (
	"bytes"
	"encoding/csv"
	"flag"
	"fmt"
	"go/format"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// columns is the header row that every registry carries.
const columns = "value,name,status,reference,description"

// prefixes gives each registry the prefix of its constants.  A registry that
// is not listed here is an error, so that none is forgotten.
var prefixes = map[string]string{
	"actions":             "Action",
	"algorithms":          "Alg",
	"block-modes":         "Block",
	"capabilities":        "Capability",
	"certificate-forms":   "CertificateForm",
	"claims":              "Claim",
	"conditions":          "Condition",
	"evidence":            "Evidence",
	"exporter-labels":     "Label",
	"flags":               "Flag",
	"headers":             "Header",
	"instructions":        "Ins",
	"levels":              "Level",
	"limits":              "Limit",
	"log-labels":          "LogLabel",
	"log-outcomes":        "LogOutcome",
	"notice-instructions": "NoticeInstruction",
	"notice-kinds":        "Notice",
	"object-types":        "Type",
	"operations":          "Operation",
	"outcomes":            "Outcome",
	"pass-fields":         "Pass",
	"policy-fields":       "Policy",
	"profiles":            "Profile",
	"reasons":             "Reason",
	"request-fields":      "Request",
	"response-fields":     "Response",
	"resumption-labels":   "ResumptionLabel",
	"rights":              "Right",
	"roles":               "Role",
	"services":            "Service",
	"status-words":        "Status",
	"suites":              "Suite",
	"targets":             "Target",
}

// row is one line of a registry.
type row struct {
	value                     int64
	literal, name             string
	status, reference, detail string
}

func main() {
	log.SetFlags(0)
	registry := flag.String("registry", "spec/registry", "folder of the registries")
	out := flag.String("out", "numbers.go", "file to write")
	flag.Parse()
	source, err := generate(*registry)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(*out, source, 0o644); err != nil {
		log.Fatal(err)
	}
}

// generate returns the Go source for all registries in the folder.
func generate(folder string) ([]byte, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.csv"))
	if err != nil {
		return nil, err
	}
	if len(files) != len(prefixes) {
		return nil, fmt.Errorf("gen: %d registries in %s, %d prefixes known", len(files), folder, len(prefixes))
	}
	var b bytes.Buffer
	b.WriteString("// Code generated from spec/registry by gen; DO NOT EDIT.\n\npackage wire\n")
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".csv")
		prefix, ok := prefixes[name]
		if !ok {
			return nil, fmt.Errorf("gen: registry %s has no prefix", name)
		}
		rows, err := read(file)
		if err != nil {
			return nil, err
		}
		write(&b, name, prefix, rows)
	}
	return format.Source(b.Bytes())
}

// read parses one registry and refuses rows that are malformed or, but for
// limits, share a value.
func read(file string) ([]row, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("gen: %s: %w", file, err)
	}
	if len(records) == 0 || strings.Join(records[0], ",") != columns {
		return nil, fmt.Errorf("gen: %s: the first row must be %s", file, columns)
	}
	unique := filepath.Base(file) != "limits.csv"
	values, names := map[int64]bool{}, map[string]bool{}
	var rows []row
	for _, r := range records[1:] {
		v, err := strconv.ParseInt(r[0], 0, 64)
		if err != nil {
			return nil, fmt.Errorf("gen: %s: value of %s: %w", file, r[1], err)
		}
		if unique && values[v] || names[r[1]] {
			return nil, fmt.Errorf("gen: %s: %s repeats a value or a name", file, r[1])
		}
		if r[2] != "active" && r[2] != "reserved" {
			return nil, fmt.Errorf("gen: %s: %s: status %q is neither active nor reserved", file, r[1], r[2])
		}
		values[v], names[r[1]] = true, true
		rows = append(rows, row{v, r[0], r[1], r[2], r[3], r[4]})
	}
	return rows, nil
}

// write adds the constants and the name function of one registry.
func write(b *bytes.Buffer, registry, prefix string, rows []row) {
	fmt.Fprintf(b, "\n// Registry %s.\nconst (\n", registry)
	for _, r := range rows {
		fmt.Fprintf(b, "\t%s%s = %s // %s (%s)\n", prefix, camel(r.name), r.literal, r.detail, r.status)
	}
	b.WriteString(")\n")
	if registry == "limits" {
		return
	}
	fmt.Fprintf(b, "\n// %sName returns the name of v in the registry %s, or \"\" where it has none.\nfunc %sName(v int64) string {\n\tswitch v {\n", prefix, registry, prefix)
	for _, r := range rows {
		fmt.Fprintf(b, "\tcase %s:\n\t\treturn %q\n", r.literal, r.name)
	}
	b.WriteString("\t}\n\treturn \"\"\n}\n")
}

// camel turns a registry name such as read-log into ReadLog.
func camel(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "-") {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}
