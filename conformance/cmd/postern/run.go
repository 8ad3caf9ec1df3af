package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/postern-lock/postern/conformance"
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
)

// list is a flag that can come several times, or with commas.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }
func (l *list) Set(s string) error {
	*l = append(*l, strings.Split(s, ",")...)
	return nil
}

// runOptions are the flags of run.
type runOptions struct {
	target, profile, role string
	filter                conformance.Filter
	seed                  uint64
	seeds, jobs           int
	report, junit         string
	ndjson, verbose       bool
	patience              time.Duration
}

func parseRun(c console, args []string) (runOptions, error) {
	var o runOptions
	f := flags(c, "run", "")
	f.StringVar(&o.target, "target", "", "`product`: demo, demo:box or exec:PROGRAM")
	f.StringVar(&o.profile, "profile", "", "`file` with what the product claims (section 23.5); without it the product is held to what it announces")
	f.StringVar(&o.role, "role", "lock", "lock, app or issuer")
	f.Var((*list)(&o.filter.Cases), "case", "only cases whose id matches the `pattern`")
	f.Var((*list)(&o.filter.Requirements), "requirement", "only cases that show a requirement that matches the `pattern`")
	f.Var((*list)(&o.filter.Areas), "area", "only cases of an area that matches the `pattern`")
	f.Uint64Var(&o.seed, "seed", 1, "`number` from which all test keys derive")
	f.IntVar(&o.seeds, "seeds", 1, "run with so many sets of keys, from seed on")
	f.IntVar(&o.jobs, "jobs", 0, "run so many of the product side by side (default: demo one a core, others one)")
	f.StringVar(&o.report, "report", "", "write the report as JSON to the `file`")
	f.StringVar(&o.junit, "junit", "", "write the report as JUnit XML to the `file`")
	f.BoolVar(&o.ndjson, "ndjson", false, "print every result as a line of JSON")
	f.BoolVar(&o.verbose, "v", false, "print every case with its exchanges")
	f.DurationVar(&o.patience, "patience", 10*time.Second, "how long a shim may take for one answer")
	if err := parse(f, args, 0); err != nil {
		return o, err
	}
	if err := o.filter.Check(); err != nil {
		return o, fmt.Errorf("%w: %w", errUsage, err)
	}
	if o.seeds < 1 || o.seeds > 1000 {
		return o, fmt.Errorf("%w: --seeds %d, where 1 to 1000 is right", errUsage, o.seeds)
	}
	if o.jobs < 0 || o.jobs > 64 {
		return o, fmt.Errorf("%w: --jobs %d, where 1 to 64 is right", errUsage, o.jobs)
	}
	if o.patience <= 0 {
		return o, fmt.Errorf("%w: --patience %v", errUsage, o.patience)
	}
	if shim.Verbs(shim.Role(o.role)) == nil {
		return o, fmt.Errorf("%w: --role %s, where lock, app or issuer is right", errUsage, o.role)
	}
	return o, nil
}

// runVerb runs the cases on a product.
func runVerb(ctx context.Context, c console, args []string) error {
	o, err := parseRun(c, args)
	if err != nil {
		return err
	}
	devices, profile, err := o.bring(ctx)
	if err != nil {
		return errors.Join(err, dismiss(devices))
	}
	r, err := o.carryOut(ctx, c, devices, profile)
	closed := dismiss(devices)
	if err != nil {
		return err
	}
	if closed != nil && r.Rig == "" {
		r.Rig = closed.Error()
	}
	if err := o.write(r); err != nil {
		return err
	}
	summary(c, o, r)
	if s := r.Status(); s != conforms {
		return status(s)
	}
	return nil
}

// carryOut runs the cases and prints them as they come.
func (o runOptions) carryOut(ctx context.Context, c console, devices []shim.Device, ours *conformance.Profile) (*report.Report, error) {
	p := conformance.Plan{Device: devices[0], More: devices[1:], Target: o.target, Profile: ours, Filter: o.filter}
	if o.profile != "" {
		data, err := os.ReadFile(o.profile)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errUsage, err)
		}
		if p.Profile, err = conformance.ReadProfile(data); err != nil {
			return nil, fmt.Errorf("%w: %w", errUsage, err)
		}
	}
	for i := range o.seeds {
		p.Seeds = append(p.Seeds, o.seed+uint64(i))
	}
	show := &progress{console: c, ndjson: o.ndjson, verbose: o.verbose, alike: map[string]int{}}
	p.Begin, p.End = show.begin, show.end
	r, err := conformance.Run(ctx, p)
	show.wipe()
	show.repeated()
	if errors.Is(err, conformance.ErrNothing) {
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	return r, err
}

// write writes the files that the flags name.
func (o runOptions) write(r *report.Report) error {
	for _, file := range []struct {
		name   string
		encode func() ([]byte, error)
	}{{o.report, r.Encode}, {o.junit, r.JUnit}} {
		if file.name == "" {
			continue
		}
		b, err := file.encode()
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(file.name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file.name, b, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// progress prints results as they come.
type progress struct {
	console
	ndjson, verbose, line bool
	alike                 map[string]int // how many cases failed in their set-up with this message
}

// begin shows on a terminal which case runs.
func (p *progress) begin(c *cases.Case, number, of int) {
	if p.terminal && !p.ndjson {
		title := []rune(c.Title)
		fmt.Fprintf(p.out, "\r\x1b[K[%*d/%d] %s  %s", len(fmt.Sprint(of)), number, of, c.ID, string(title[:min(len(title), 40)]))
		p.line = true
	}
}

// wipe takes the line of begin away.
func (p *progress) wipe() {
	if p.line {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.line = false
	}
}

// again counts a message, and reports whether it came before.
func (p *progress) again(message string) bool {
	p.alike[message]++
	return p.alike[message] > 1
}

// repeated counts the failures that were not printed one by one.
func (p *progress) repeated() {
	for _, message := range slices.Sorted(maps.Keys(p.alike)) {
		if n := p.alike[message] - 1; n > 0 {
			fmt.Fprintf(p.out, "%d more cases ended so, and are not printed (-v prints them): %s\n", n, message)
		}
	}
}

// end prints a result, where it is a surprise or everything is wanted.
func (p *progress) end(x report.Result) {
	switch {
	case p.ndjson:
		writeLine(p.out, map[string]any{"result": x})
	case x.SetUp && !p.verbose && p.again(x.Message):
		// One of them says it all; repeated counts the rest.
	case x.Verdict == report.Inconclusive && len(x.Exchanges) == 0:
		// It did not come about after the fault of the rig, which was printed.
	case x.Verdict.Surprise() || p.verbose && x.Verdict != report.Skip:
		p.wipe()
		printResult(p.out, x)
	}
}
