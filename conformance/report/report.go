// Package report holds what a run of the conformance suite found, and writes it
// for people and programs.  The JSON form of Report is the truth; every other
// form derives from it.
package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/strict"
)

// Verdict is what came of a case (section 24.3).
type Verdict string

// The verdicts.
const (
	Pass          Verdict = "PASS"
	Fail          Verdict = "FAIL"
	Warn          Verdict = "WARN"   // a recommendation is not followed
	Inconclusive  Verdict = "INCONC" // the rig failed
	NotApplicable Verdict = "NA"     // by the profile, or by the level
	Skip          Verdict = "SKIP"   // the user's filter
	Error         Verdict = "ERROR"  // the suite's own fault
)

// Verdicts lists them all, the worst first.
var Verdicts = []Verdict{Error, Fail, Inconclusive, Warn, Pass, NotApplicable, Skip}

// Executed reports whether the product was tried at all.
func (v Verdict) Executed() bool { return v == Pass || v == Fail || v == Warn }

// Surprise reports whether people should look at it.
func (v Verdict) Surprise() bool { return v == Fail || v == Warn || v == Inconclusive || v == Error }

// Report is one run, or the runs over several seeds.
type Report struct {
	Suite Suite `json:"suite"`
	// Revision is that of the suite's sources, with "+modified" where they had changes.
	Revision string    `json:"revision,omitempty"`
	Target   string    `json:"target"`
	Product  Product   `json:"product"`
	Claims   Claims    `json:"claims"`
	Shuffled bool      `json:"shuffled,omitempty"` // in an order drawn at random
	Seeds    []uint64  `json:"seeds"`
	Filters  []string  `json:"filters,omitempty"` // of the user; a report with filters certifies nothing
	Started  time.Time `json:"started"`
	Took     int64     `json:"milliseconds"`
	Rig      string    `json:"rig,omitempty"` // fault of the rig that ended the run
	Costs    []Cost    `json:"costs,omitempty"`
	Results  []Result  `json:"results"`
}

// Suite is what ran.
type Suite struct {
	Version string `json:"version"`
	Edition int    `json:"edition"` // of the standard
	Cases   string `json:"cases"`   // digest of the cases' ids and revisions
}

// Product is what the device says of itself.
type Product struct {
	Role    shim.Role   `json:"role"`
	Name    string      `json:"name"`
	Version string      `json:"version"`
	Level   shim.Level  `json:"level"`
	Verbs   []shim.Verb `json:"verbs,omitempty"` // of its shim
}

// Claims is what the product was held to.
type Claims struct {
	Profiles uint64   `json:"profiles"` // sum of the registry profiles
	Options  []string `json:"options,omitempty"`
	// Assumed says that nobody claimed them: they are what the product announced.
	Assumed bool `json:"assumed,omitempty"`
	// Profile is the SHA-256 of the file that claims them.
	Profile string `json:"profile,omitempty"`
}

// Result is one case under one seed.
type Result struct {
	Case         string     `json:"case"`
	Revision     int        `json:"revision"`
	Title        string     `json:"title"`
	Requirements []string   `json:"requirements"`
	Polarity     string     `json:"polarity"`
	Fault        string     `json:"fault,omitempty"`
	Seed         uint64     `json:"seed"`
	Verdict      Verdict    `json:"verdict"`
	Message      string     `json:"message,omitempty"`
	SetUp        bool       `json:"set_up,omitempty"` // it failed before it came to what it shows
	Notes        []string   `json:"notes,omitempty"`
	Took         int64      `json:"microseconds"`
	Traffic      Traffic    `json:"traffic,omitzero"`
	Evidence     string     `json:"evidence,omitempty"`  // SHA-256 of the exchanges, also where these are left out
	Exchanges    []Exchange `json:"exchanges,omitempty"` // of a surprise, and of all where they were asked for
	Repeat       string     `json:"repeat,omitempty"`    // command line that runs it again
}

// Exchange is one command and its answer, or one request by the control channel.
type Exchange struct {
	Stage    string   `json:"stage"`             // of the case: twin, fault, after, run, …
	What     string   `json:"what,omitempty"`    // what it is for
	Control  string   `json:"control,omitempty"` // request by the control channel
	Command  shim.Hex `json:"command,omitempty"`
	Response shim.Hex `json:"response,omitempty"`
	Silent   bool     `json:"silent,omitempty"`
	Took     int64    `json:"microseconds"`
	// Plain is what stands encrypted in the command or in the answer, as the suite's
	// own phone or lock knows it, or the object that an issuer signed.
	Plain []Plain `json:"plain,omitempty"`
}

// Plain are bytes that can be decoded, named: request, response, PLAINTEXT_2,
// PLAINTEXT_3, or object.
type Plain struct {
	What  string   `json:"what"`
	Bytes shim.Hex `json:"bytes"`
}

// Counts are numbers of results by verdict.
type Counts map[Verdict]int

// Counts returns how many results have each verdict.
func (r *Report) Counts() Counts {
	c := Counts{}
	for _, x := range r.Results {
		c[x.Verdict]++
	}
	return c
}

// String lists them, the worst first.
func (c Counts) String() string {
	var b []byte
	for _, v := range Verdicts {
		if c[v] > 0 {
			b = fmt.Appendf(b, ", %d %s", c[v], v)
		}
	}
	return string(bytes.TrimPrefix(b, []byte(", ")))
}

// Status is the exit status of a run: 0 conforms, 1 does not, 3 rig or
// inconclusive, 4 the suite's own fault; a run that executed nothing is the last.
func (r *Report) Status() int {
	c := r.Counts()
	executed := slices.ContainsFunc(r.Results, func(x Result) bool { return x.Verdict.Executed() })
	switch {
	case c[Error] > 0:
		return 4
	case c[Fail] > 0:
		return 1
	case c[Inconclusive] > 0 || r.Rig != "":
		return 3
	case !executed:
		return 4
	}
	return 0
}

// Encode returns the JSON form, indented, with a line feed at the end.
func (r *Report) Encode() ([]byte, error) {
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return append(b, '\n'), nil
}

// repeat is the form of a command that repeats a case: people copy it into a
// shell, also from the report of a stranger.
var repeat = regexp.MustCompile(`^postern run( --[a-z]+ (('[^']*'|\\')+|[A-Za-z0-9-]+))+$`)

// Decode reads what Encode gave, strictly.
func Decode(data []byte) (*Report, error) {
	r := new(Report)
	if err := strict.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	for _, x := range r.Results {
		if !slices.Contains(Verdicts, x.Verdict) {
			return nil, fmt.Errorf("report: case %s has the verdict %q, which does not exist", x.Case, x.Verdict)
		}
		if x.Repeat != "" && !repeat.MatchString(x.Repeat) {
			return nil, fmt.Errorf("report: case %s has another command to repeat it than postern run with flags", x.Case)
		}
		if x.Evidence != "" && x.Exchanges != nil && x.Evidence != digest(x.Exchanges) {
			return nil, fmt.Errorf("report: case %s has other exchanges than its evidence says: they were altered", x.Case)
		}
	}
	return r, nil
}
