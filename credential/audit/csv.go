package audit

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"github.com/postern-lock/postern/credential"
)

// columns are the columns of the CSV, in their order, which stays: a new one comes
// behind them.  A field is empty where it does not apply, and else a number, a time
// (RFC 3339, UTC), an id in hexadecimal, or a name of this package or of a registry
// of the standard.  There is no free text, so none begins with a sign that a
// spreadsheet takes for a formula.
var columns = []struct {
	name  string
	value func(*Row) string
}{
	{"kind", func(r *Row) string { return r.Kind.String() }},
	{"item", func(r *Row) string { return number(r.Item) }},
	{"source", func(r *Row) string { return strconv.FormatUint(uint64(r.Source), 10) }},
	{"place", func(r *Row) string { return number(r.Place) }},
	{"verdict", func(r *Row) string { return r.Verdict.String() }},
	{"where", func(r *Row) string { return r.Where.String() }},
	{"refusal", func(r *Row) string { return reason(r.Reason) }},
	{"fault", func(r *Row) string { return r.Fault.String() }},
	{"other", func(r *Row) string { return number(r.Other) }},
	{"told", func(r *Row) string { return number(r.Told) }},
	{"in_log", func(r *Row) string { return strconv.FormatBool(r.InLog) }},
	{"missing", func(r *Row) string { return number(r.Missing) }},
	{"lock", func(r *Row) string { return id(r.Lock) }},
	{"sequence", entry(func(e *credential.LogEntry) string { return number(e.Sequence) })},
	{"time", entry(func(e *credential.LogEntry) string { return moment(e.Time) })},
	{"evidence", entry(func(e *credential.LogEntry) string { return e.Evidence.String() })},
	{"operation", entry(func(e *credential.LogEntry) string { return e.Operation.String() })},
	{"outcome", entry(func(e *credential.LogEntry) string { return e.Outcome.String() })},
	{"reason", entry(func(e *credential.LogEntry) string { return reason(e.Reason) })},
	{"role", entry(func(e *credential.LogEntry) string { return e.Role.String() })},
	{"service", entry(func(e *credential.LogEntry) string {
		if e.Service == credential.ServiceNone {
			return ""
		}
		return e.Service.String()
	})},
	{"who", entry(func(e *credential.LogEntry) string { return id(e.Who) })},
	{"resource", entry(func(e *credential.LogEntry) string { return number(e.Resource) })},
	{"reference", entry(func(e *credential.LogEntry) string { return id(e.Reference) })},
	{"floor", func(r *Row) string { return moment(r.Claims.Floor) }},
	{"policy_version", func(r *Row) string { return number(r.Claims.PolicyVersion) }},
	{"policy", func(r *Row) string { return id(r.Claims.Policy) }},
	{"head", func(r *Row) string {
		if r.Claims.Head == (credential.LogHead{}) {
			return ""
		}
		return fmt.Sprintf("%x", r.Claims.Head)
	}},
}

// Columns returns the names of the columns of the CSV.
func Columns() []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return names
}

// Writer writes rows as CSV (RFC 4180, but for lines that end with a newline alone), the
// first line with the names of [Columns].
type Writer struct {
	w     *csv.Writer
	begun bool
	line  []string
}

// NewWriter returns a Writer.
func NewWriter(w io.Writer) *Writer {
	return &Writer{w: csv.NewWriter(w), line: make([]string, len(columns))}
}

// Write writes a row, as soon as there is enough to write.
func (w *Writer) Write(r Row) error {
	if err := w.begin(); err != nil {
		return err
	}
	for i, c := range columns {
		w.line[i] = c.value(&r)
	}
	return w.w.Write(w.line)
}

// begin writes the names.
func (w *Writer) begin() error {
	if w.begun {
		return nil
	}
	w.begun = true
	return w.w.Write(Columns())
}

// Flush writes what was not written yet, of a Writer without rows the names.
func (w *Writer) Flush() error {
	if err := w.begin(); err != nil {
		return err
	}
	w.w.Flush()
	return w.w.Error()
}

// entry makes a column of what a row says of an entry.
func entry(value func(*credential.LogEntry) string) func(*Row) string {
	return func(r *Row) string {
		if r.Claims.Entry == nil {
			return ""
		}
		return value(r.Claims.Entry)
	}
}

// number returns the digits of a number, of 0 none.
func number[N uint8 | uint32 | uint64](n N) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatUint(uint64(n), 10)
}

// moment returns a time by RFC 3339, of none nothing.
func moment(t credential.Time) string {
	if t == 0 {
		return ""
	}
	return t.String()
}

// reason returns the name of a reason, of none nothing.
func reason(r credential.Reason) string {
	if r == credential.ReasonNone {
		return ""
	}
	return r.String()
}

// id returns the digits of an id or a tag, of zero none.
func id[ID interface {
	comparable
	String() string
}](v ID) string {
	var zero ID
	if v == zero {
		return ""
	}
	return v.String()
}
