package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/postern-lock/postern/conformance"
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

// seed is a flag with a number, or "random".
type seed struct {
	first  uint64
	random bool
}

func (s *seed) String() string {
	if s.random {
		return "random"
	}
	return fmt.Sprint(s.first)
}

func (s *seed) Set(text string) error {
	if s.random = text == "random"; s.random {
		return nil
	}
	var err error
	s.first, err = strconv.ParseUint(text, 10, 64)
	return err
}

// sets returns n seeds: those from the first on, or such as nobody can guess from
// one another.
func (s *seed) sets(n int) []uint64 {
	var all []uint64
	for i := range n {
		next := s.first + uint64(i)
		if s.random {
			var b [8]byte
			rand.Read(b[:])
			next = binary.BigEndian.Uint64(b[:]) >> 12 // so that every reader of JSON keeps it
		}
		all = append(all, next)
	}
	return all
}

// runOptions are the flags of run.
type runOptions struct {
	place
	profile, role   string
	filter          conformance.Filter
	seed            seed
	seeds, jobs     int
	keys            []uint64 // what seed and seeds came to
	out             outputs
	exchanges       string
	ndjson, verbose bool
	patience        time.Duration
}

func parseRun(c console, args []string) (runOptions, error) {
	var o runOptions
	f := flags(c, "run", "")
	o.on(f)
	f.StringVar(&o.profile, "profile", "", "`file` with what the product claims (section 23.5); without it the product is held to what it announces")
	f.StringVar(&o.role, "role", "lock", "lock, app or issuer")
	f.Var((*list)(&o.filter.Cases), "case", "only cases whose id matches the `pattern`")
	f.Var((*list)(&o.filter.Requirements), "requirement", "only cases that show a requirement that matches the `pattern`")
	f.Var((*list)(&o.filter.Areas), "area", "only cases of an area that matches the `pattern`")
	o.seed.first = 1
	f.Var(&o.seed, "seed", "`number` from which all test keys derive; random draws each set anew and shuffles the cases, as a certificate asks")
	f.IntVar(&o.seeds, "seeds", 1, "run with so many sets of keys, from seed on")
	f.IntVar(&o.jobs, "jobs", 0, "run so many of the product side by side (default: demo one a core, others one)")
	f.StringVar(&o.out.json, "report", "", "write the report as JSON to the `file`")
	o.out.flags(f)
	f.StringVar(&o.exchanges, "exchanges", "surprises", "whose exchanges the report keeps: surprises or all")
	f.BoolVar(&o.ndjson, "ndjson", false, "print a line of JSON at the beginning, for every result and at the end")
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
	if o.exchanges != "all" && o.exchanges != "surprises" {
		return o, fmt.Errorf("%w: --exchanges %s, where all or surprises is right", errUsage, o.exchanges)
	}
	if o.jobs < 0 || o.jobs > 64 {
		return o, fmt.Errorf("%w: --jobs %d, where 1 to 64 is right", errUsage, o.jobs)
	}
	if o.jobs > 1 && o.hasLink() {
		return o, fmt.Errorf("%w: --jobs %d, where --target %s reaches one product", errUsage, o.jobs, o.target)
	}
	if o.patience <= 0 {
		return o, fmt.Errorf("%w: --patience %v", errUsage, o.patience)
	}
	if shim.Verbs(shim.Role(o.role)) == nil {
		return o, fmt.Errorf("%w: --role %s, where lock, app or issuer is right", errUsage, o.role)
	}
	o.keys = o.seed.sets(o.seeds)
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
	if err := o.out.write(r); err != nil {
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
	p := conformance.Plan{Device: devices[0], More: devices[1:], Target: o.target, Control: o.control, Profile: ours, Filter: o.filter, Exchanges: o.exchanges == "all"}
	if o.profile != "" {
		var err error
		if p.Profile, err = readProfile(o.profile); err != nil {
			return nil, err
		}
	}
	p.Seeds, p.Shuffle = o.keys, o.seed.random
	show := &progress{console: c, ndjson: o.ndjson, verbose: o.verbose, exchanges: p.Exchanges, shuffled: p.Shuffle}
	show.started(o, devices[0])
	p.Begin, p.End = show.begin, show.end
	r, err := conformance.Run(ctx, p)
	show.wipe()
	for len(show.areas) > 0 {
		show.ended()
	}
	show.repeated()
	if errors.Is(err, conformance.ErrNothing) {
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	return r, err
}
