package certificate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/postern-lock/postern/conformance"
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/spec"
)

// Evidence is what one run leaves: the report, the profile that the product was
// held to, and the SHA-256 of the image that ran, in hexadecimal digits.
type Evidence struct {
	Report, Profile []byte
	Image           string
}

// Seeds is how many sets of test keys a run for a certificate has at the least.
const Seeds = 3

// guessable are the seeds that nobody draws of 52 bits.
const guessable = 1 << 32

// run is evidence that was read.
type run struct {
	report       *report.Report
	profile      *conformance.Profile
	summary      Run
	image        string
	cases        []cases.Case
	requirements map[string]spec.Requirement
}

var digestForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

// read reads evidence and checks that its parts go together.
func (e Evidence) read(b conformance.Build) (*run, error) {
	p, err := conformance.ReadProfile(e.Profile)
	if err != nil {
		return nil, refuse("section 23.5", "correct the file and run again", "%v", err)
	}
	r, err := report.Decode(e.Report)
	if err != nil {
		return nil, refuse(ruleBundle, "take the file as run --report wrote it", "%v", err)
	}
	x := &run{report: r, profile: p, image: e.Image, requirements: map[string]spec.Requirement{}, cases: conformance.Cases(p.Role)}
	all, err := spec.Requirements()
	if err != nil {
		return nil, err
	}
	for _, q := range all {
		x.requirements[q.ID] = q
	}
	x.summary = Run{
		Level: p.Level, Report: Digests{sum(e.Report)}, Profile: Digests{sum(e.Profile)}, Started: r.Started, Seeds: r.Seeds, Results: r.Counts(),
	}
	for _, check := range []func() error{x.sameClaims, x.sameBuild, func() error { return x.sameSuite(b) }, x.whole, x.level} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// sameClaims holds the report to the profile.
func (x *run) sameClaims() error {
	const again = "run again with --profile and this very file"
	switch c := x.report.Claims; {
	case c.Assumed:
		return refuse(ruleAnswers, "write a proforma (postern profile) and run with --profile", "nobody claimed anything: the run assumed a profile")
	case c.Profile != x.summary.Profile.SHA256:
		return refuse(ruleAnswers, again, "the run was held to another profile, of SHA-256 %q", c.Profile)
	case c.Profiles != x.profile.Profiles || !slices.Equal(c.Options, x.profile.Options):
		return refuse(ruleAnswers, again, "the report's claims are not those of the profile that it names")
	case x.report.Product.Role != x.profile.Role:
		return refuse(ruleAnswers, again, "the profile is for role %s, and a product of role %s ran", x.profile.Role, x.report.Product.Role)
	case x.profile.Maker == "":
		return refuse(ruleAnswers, "write the maker's name into the proforma and run again", "the profile names no maker")
	case x.profile.Product == "" || x.profile.Product != x.report.Product.Name:
		return refuse(ruleAnswers, "have the shim's hello and the proforma say the same name", "the profile is for %q, and %q ran", x.profile.Product, x.report.Product.Name)
	}
	return nil
}

// sameBuild holds the profile to the image.
func (x *run) sameBuild() error {
	switch {
	case !digestForm.MatchString(x.image):
		return refuse(ruleDigests, "give the image, or the 64 hexadecimal digits of its SHA-256 in lower case", "the image's digest is %q", x.image)
	case x.profile.Build == "":
		return refuse(ruleDigests, "write the SHA-256 of the image into the proforma and run again", "the profile names no build")
	case x.profile.Build != x.image:
		return refuse(ruleDigests, "take the image that was run, or run this one", "the profile names build %s, and the image is %s", x.profile.Build, x.image)
	}
	return nil
}

// sameSuite holds the report to this build of the suite.
func (x *run) sameSuite(b conformance.Build) error {
	switch s := x.report.Suite; {
	case s.Edition != spec.Version:
		return refuse(ruleSuite, "run again with this build", "edition %d of the standard, and this build of the suite is for edition %d", s.Edition, spec.Version)
	case s.Version != b.Version:
		return refuse(ruleSuite, "use the version of postern that ran, or run again with this one", "version %q of the suite ran, and this one is %q", s.Version, b.Version)
	case x.report.Revision != b.Revision:
		return refuse(ruleSuite, "use the build of postern that ran, or run again with this one", "revision %q of the suite ran, and this one is %q", x.report.Revision, b.Revision)
	case s.Cases != conformance.Digest(x.cases):
		return refuse(ruleSuite, "use the build of postern that ran, or run again with this one", "the suite that ran has other cases: %s, and here %s", s.Cases, conformance.Digest(x.cases))
	}
	return nil
}

// whole refuses a run that left anything out from the start.
func (x *run) whole() error {
	switch r := x.report; {
	case len(r.Filters) > 0:
		return refuse(ruleCases, "run again without --case, --requirement and --area", "the run chose cases: %v", r.Filters)
	case r.Rig != "":
		return refuse(ruleVerdict, "mend the rig (postern doctor) and run again", "the rig failed: %s", r.Rig)
	case len(r.Seeds) < Seeds:
		return refuse(ruleKeys, fmt.Sprintf("run again with --seed random --seeds %d", Seeds), "%d sets of test keys, where %d at the least are right", len(r.Seeds), Seeds)
	case !r.Shuffled:
		return refuse(ruleKeys, fmt.Sprintf("run again with --seed random --seeds %d", Seeds), "the cases ran in the order in which everybody knows them")
	case r.Started.IsZero() || r.Started.Location() != time.UTC:
		return refuse(ruleBundle, "take the file as run --report wrote it", "the run's start is no time in UTC")
	}
	for i, s := range x.report.Seeds {
		if slices.Contains(x.report.Seeds[:i], s) {
			return refuse(ruleKeys, "run again with different sets", "the set of test keys %d counts twice", s)
		}
		if s < guessable || slices.Contains(x.report.Seeds, s+1) {
			return refuse(ruleKeys, fmt.Sprintf("run again with --seed random --seeds %d", Seeds), "the set of test keys %d was chosen, not drawn", s)
		}
	}
	return nil
}

// level holds the build to the level of its run.
func (x *run) level() error {
	claimed, has := x.profile.Level, x.report.Product.Level
	switch {
	case claimed == shim.L0:
		return refuse(ruleLevel, "offer the product at level 1, with test keys", "level 0 gives no certificate")
	case has > claimed:
		return refuse("PST-CERT-001", "run the build that is sold, which has no hooks", "the build is offered at level %d and has the hooks of level %d", claimed, has)
	case claimed == shim.L1 && slices.ContainsFunc(x.report.Product.Verbs, func(v shim.Verb) bool { return v.Level() == shim.L2 }):
		return refuse("PST-CERT-001", "run the build that is sold, whose shim lists no verb of level 2", "the build is offered at level 1 and has hooks of level 2 among %v", x.report.Product.Verbs)
	case has < claimed:
		return refuse(ruleLevel, "have the shim give the verbs of that level", "the build is offered at level %d and reaches level %d", claimed, has)
	}
	return nil
}
