package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/spec"
)

// timed are the commands whose answers a maker states times for (section 23.5).
var timed = []string{"SELECT", "HANDSHAKE-1", "HANDSHAKE-2", "REQUEST", "RESUME"}

// least marks in the registry limits what a lock keeps at the least, and may
// exceed.
const least = " at the least"

// checkDetails says which limits, timings and answers have names that do not exist,
// and which limits are under those of the registry.
func (p *Profile) checkDetails() error {
	rows, err := spec.Registry("limits")
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(p.Limits)) {
		i := slices.IndexFunc(rows, func(r spec.Row) bool { return r.Name == name })
		switch {
		case i < 0:
			return fmt.Errorf("profile: limit %q, where a name of the registry limits is right (section 23.5)", name)
		case strings.Contains(rows[i].Description, least) && p.Limits[name] < uint64(rows[i].Value):
			return fmt.Errorf("profile: limit %q is %d, where %d at the least is right (section 23.2)", name, p.Limits[name], rows[i].Value)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Timings)) {
		if !slices.Contains(timed, name) {
			return fmt.Errorf("profile: timings of command %q, where one of %s is right (section 23.5)", name, strings.Join(timed, ", "))
		}
	}
	all, err := spec.Requirements()
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(p.Answers)) {
		if !slices.ContainsFunc(all, func(r spec.Requirement) bool { return r.ID == id }) {
			return fmt.Errorf("profile: an answer for %q, and there is no requirement of that id", id)
		}
	}
	return nil
}

// Binding returns the requirements that the product is held to: those that bind
// its role, of a lock its manufacturer too, and whose conditions it meets.
func (p *Profile) Binding() ([]spec.Requirement, error) {
	all, err := spec.Requirements()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(r spec.Requirement) bool {
		bound := cases.Binds(r, p.Role) || p.Role == shim.RoleLock && slices.Contains(r.Roles, "manufacturer")
		return !bound || !r.Profile.Applies(p.Term)
	}), nil
}

// Asked reports whether a proforma has an answer for the requirement: it is
// mandatory, and nobody can see on the wire whether it is kept.
func Asked(r spec.Requirement) bool {
	return strings.HasPrefix(r.Keyword, "MUST") && (r.Testability == "review" || r.Testability == "control")
}

// Unanswered returns the requirements that the profile has no answer for and that
// a proforma has one for.
func (p *Profile) Unanswered() ([]spec.Requirement, error) {
	all, err := p.Binding()
	return slices.DeleteFunc(all, func(r spec.Requirement) bool { return !Asked(r) || strings.TrimSpace(p.Answers[r.ID]) != "" }), err
}

// WithQuestions adds to a profile an empty answer for every requirement that asks
// for one, and help for whoever fills them in.
func (p *Profile) WithQuestions() (*Profile, error) {
	q := *p
	open, err := p.Unanswered()
	if err != nil {
		return nil, err
	}
	q.Answers, q.Help = maps.Clone(p.Answers), map[string]string{}
	if q.Answers == nil {
		q.Answers = map[string]string{}
	}
	for _, r := range open {
		q.Answers[r.ID] = ""
		help := fmt.Sprintf("Section %s: %s", r.Section, strings.Join(append([]string{r.Text}, r.Rows...), "; "))
		switch {
		case r.Testability != "control":
			help += ". No run shows it: say how it is kept."
		case p.Role == shim.RoleLock:
			help += ". A run at level 2 may show it; else say how it is kept."
		default: // apps and issuers have no level 2, and show it where their shim has the verbs
			help += ". A run may show it; else say how it is kept."
		}
		q.Help[r.ID] = help
	}
	if err := q.explain(); err != nil {
		return nil, err
	}
	return &q, nil
}

// explain writes down what the members mean.
func (p *Profile) explain() error {
	for member, means := range map[string]string{
		"product": "name of the product, the same that its shim says in hello", "maker": "your name",
		"build": "SHA-256 of the image that is certified, 64 hexadecimal digits in lower case; leave it out until there is one",
		"level": "1: the suite puts its keys into the build that is sold. 2: a second build has hooks as well (section 24.2)",
	} {
		p.Help[member] = means
	}
	if p.Role != shim.RoleLock {
		return nil
	}
	rows, err := spec.Registry("profiles")
	if err != nil {
		return err
	}
	for _, r := range rows {
		p.Help["profiles: "+r.Name] = fmt.Sprintf("add %d: %s (section 23.2)", r.Value, r.Description)
	}
	for member, means := range map[string]string{
		"profiles":               "the sum of what the lock has. What is claimed has to be there, what is not claimed must not show",
		"extended_length":        "true where the lock takes extended length fields",
		"options: button":        "the lock has a button inside its box (section 20.5)",
		"options: tamper-sensor": "the lock has a sensor of its own for tampering (section 19.1)",
		"options: update":        "the firmware can be replaced (section 25.5)",
		"limits":                 "what the lock keeps where that is more than the least, by the names of the registry limits, for example slots",
		"timings":                "milliseconds that the lock takes for the answers to " + strings.Join(timed, ", "),
	} {
		p.Help[member] = means
	}
	return nil
}

// Proforma returns an empty proforma of a role, with every question that the role
// can be asked: a lock's maker then claims less and takes out what does not apply.
func Proforma(r shim.Role) (*Profile, error) {
	p := &Profile{Product: "", Maker: "", Edition: spec.Version, Role: r, Level: shim.L1}
	if r == shim.RoleLock {
		all := *p
		all.Profiles, all.ExtendedLength, all.Options = ^uint64(0), true, options
		q, err := all.WithQuestions()
		if err != nil {
			return nil, err
		}
		q.Profiles, q.ExtendedLength, q.Options = 1, false, nil
		return q, nil
	}
	return p.WithQuestions()
}

// Encode returns the profile as a file.
func (p *Profile) Encode() ([]byte, error) {
	b, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	return append(b, '\n'), nil
}
