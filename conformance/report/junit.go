package report

import (
	"encoding/xml"
	"fmt"
	"strings"
	"unicode"
)

// The form that JUnit's readers of every build service take.
type (
	junitSuite struct {
		XMLName  xml.Name    `xml:"testsuite"`
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Time     string      `xml:"time,attr"`
		Started  string      `xml:"timestamp,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string     `xml:"classname,attr"`
		Name    string     `xml:"name,attr"`
		Time    string     `xml:"time,attr"`
		Failure *junitText `xml:"failure,omitempty"`
		Error   *junitText `xml:"error,omitempty"`
		Skipped *junitText `xml:"skipped,omitempty"`
		Out     string     `xml:"system-out,omitempty"`
	}
	junitText struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit returns the report as JUnit XML.  FAIL is a failure, ERROR and INCONC
// are errors, NA and SKIP are skipped, and WARN passes with its text.
func (r *Report) JUnit() ([]byte, error) {
	c := r.Counts()
	s := junitSuite{
		Name: "postern " + string(r.Product.Role) + " " + clean(r.Product.Name), Tests: len(r.Results),
		Failures: c[Fail], Errors: c[Error] + c[Inconclusive], Skipped: c[NotApplicable] + c[Skip],
		Time: seconds(r.Took * 1000), Started: r.Started.UTC().Format("2006-01-02T15:04:05"),
	}
	for _, x := range r.Results {
		j := junitCase{Class: x.Area(), Name: clean(fmt.Sprintf("%s %s", x.Case, x.Title)), Time: seconds(x.Took)}
		if len(r.Seeds) > 1 {
			j.Name += fmt.Sprintf(" (seed %d)", x.Seed)
		}
		text := &junitText{Message: clean(x.Message), Text: clean(x.Finding() + x.Details())}
		switch x.Verdict {
		case Fail:
			j.Failure = text
		case Error, Inconclusive:
			j.Error = text
		case NotApplicable, Skip:
			j.Skipped = &junitText{Message: clean(x.Message)}
		case Warn:
			j.Out = clean(x.Finding() + x.Details())
		}
		s.Cases = append(s.Cases, j)
	}
	b, err := xml.MarshalIndent(s, "", " ")
	if err != nil {
		return nil, fmt.Errorf("report: JUnit: %w", err)
	}
	return append([]byte(xml.Header), append(b, '\n')...), nil
}

// Area returns the role and area of the case: its id without the number.
func (x Result) Area() string {
	if i := strings.LastIndex(x.Case, "-"); i > 0 {
		return x.Case[:i]
	}
	return x.Case
}

// seconds writes microseconds as seconds.
func seconds(us int64) string { return fmt.Sprintf("%.6f", float64(us)/1e6) }

// clean leaves out what XML 1.0 cannot hold.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}
