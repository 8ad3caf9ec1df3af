package certificate

import (
	"crypto/ed25519"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/spec"
)

// The sets of test keys, as somebody may have drawn them.
const five, six, seven = 5_000_000_000, 10_000_000_000, 15_000_000_000

var (
	release = conformance.Build{Version: "1.2.3", Revision: "0123456789abcdef0123456789abcdef01234567"}
	signer  = ed25519.NewKeyFromSeed(make([]byte, 32))
	noon    = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	image   = sum([]byte("the build that is sold"))
	hooked  = sum([]byte("its twin with hooks"))
)

// matrix is that of this build of the suite, but for requirements that it has no
// case for: they make every certificate of a lock impossible, and nothing else
// could be tried on one.
var matrix = sync.OnceValue(func() []conformance.Traced {
	all, err := conformance.Trace()
	if err != nil {
		panic(err)
	}
	return slices.DeleteFunc(all, func(t conformance.Traced) bool { return len(t.Positive)+len(t.Negative) == 0 })
})

// profileOf is a proforma with every answer.
func profileOf(t *testing.T, role shim.Role, level shim.Level, build string) *conformance.Profile {
	p, err := conformance.Proforma(role)
	require.NoError(t, err)
	p.Product, p.Maker, p.Build, p.Level, p.Help = "Box 12", "Example Locks", build, level, nil
	if role == shim.RoleLock {
		p.Profiles, p.ExtendedLength, p.Options = 255, true, []string{"button", "tamper-sensor"}
	}
	for id := range p.Answers {
		p.Answers[id] = "In its own way."
	}
	return p
}

// evidenceOf is what a run leaves in which every case passes that can.
func evidenceOf(t *testing.T, p *conformance.Profile, alter func(*report.Report)) Evidence {
	file, err := p.Encode()
	require.NoError(t, err)
	all, err := spec.Requirements()
	require.NoError(t, err)
	requirements := map[string]spec.Requirement{}
	for _, r := range all {
		requirements[r.ID] = r
	}
	cs := conformance.Cases(p.Role)
	r := &report.Report{
		Revision: release.Revision, Suite: report.Suite{Version: release.Version, Edition: 1, Cases: conformance.Digest(cs)}, Target: "exec:./box", Seeds: []uint64{five, six, seven}, Shuffled: true,
		Product: report.Product{Role: p.Role, Name: p.Product, Version: "4.5", Level: p.Level}, Started: noon.Add(-time.Hour),
		Claims: report.Claims{Profiles: p.Profiles, Options: p.Options, Profile: sum(file)},
	}
	for s, seed := range r.Seeds {
		for i := range cs {
			c := &cs[i]
			if s > 0 && c.Fixed {
				continue
			}
			x := report.Result{
				Case: c.ID, Revision: c.Revision, Title: c.Title, Requirements: c.Requirements, Polarity: string(c.Polarity()), Fault: c.Fault, Seed: seed, Verdict: report.Pass,
			}
			if why := p.Excludes(c, requirements); why != "" {
				x.Verdict, x.Message = report.NotApplicable, why
			} else if slices.ContainsFunc(c.Needs, func(v shim.Verb) bool { return v.Level() > p.Level }) {
				x.Verdict, x.Message = report.NotApplicable, "needs a verb of level 2"
			}
			r.Results = append(r.Results, x)
		}
	}
	if alter != nil {
		alter(r)
	}
	b, err := r.Encode()
	require.NoError(t, err)
	return Evidence{Report: b, Profile: file, Image: p.Build}
}

// terms are good ones.
func terms(t *testing.T) Terms {
	id, err := KeyID(signer.Public().(ed25519.PublicKey))
	require.NoError(t, err)
	return Terms{Suite: release, Issued: noon, Issuer: Issuer{"Laboratory", id}}
}

// trust is that of somebody who knows the signer and has the build.
func trust() Trust {
	return Trust{Keys: []ed25519.PublicKey{signer.Public().(ed25519.PublicKey)}, Image: image, Suite: release, Now: noon.Add(time.Hour)}
}

// certified is a good certificate of an issuer.
func certified(t *testing.T) ([]byte, []Evidence) {
	evidence := []Evidence{evidenceOf(t, profileOf(t, shim.RoleIssuer, shim.L1, image), nil)}
	s, err := judge(evidence, terms(t), matrix())
	require.NoError(t, err)
	file, err := Sign(s, signer)
	require.NoError(t, err)
	return file, evidence
}

func TestCertificate(t *testing.T) {
	file, evidence := certified(t)
	s, err := verify(file, evidence, trust(), matrix())
	require.NoError(t, err)
	require.Equal(t, Product{"Box 12", "Example Locks", "4.5"}, s.Predicate.Product)
	require.Equal(t, []Subject{{"Box 12", Digests{image}}}, s.Subject)
	require.Equal(t, []uint64{five, six, seven}, s.Predicate.Runs[0].Seeds)
	require.Positive(t, s.Predicate.Runs[0].Results[report.Pass])
	q := s.Predicate.Requirements
	require.Equal(t, 1, q.Answered["PST-CERT-002"])
	require.NotEmpty(t, q.Tried)
	require.Empty(t, q.Warned)
	for id := range q.Tried {
		require.NotContains(t, q.Answered, id)
	}
	require.Less(t, len(file), 1<<14, "it is a short statement")
}

// TestLevel2 rests on two runs.
func TestLevel2(t *testing.T) {
	sold := evidenceOf(t, profileOf(t, shim.RoleLock, shim.L1, image), nil)
	twin := evidenceOf(t, profileOf(t, shim.RoleLock, shim.L2, hooked), nil)
	s, err := judge([]Evidence{sold, twin}, terms(t), matrix())
	require.NoError(t, err)
	require.Equal(t, shim.L2, s.Predicate.Claims.Level)
	require.Equal(t, []Subject{{"Box 12", Digests{image}}, {"Box 12, twin with hooks", Digests{hooked}}}, s.Subject)
	file, err := Sign(s, signer)
	require.NoError(t, err)
	_, err = verify(file, []Evidence{sold, twin}, trust(), matrix())
	require.NoError(t, err)
	_, err = verify(file, []Evidence{sold}, trust(), matrix())
	refused(t, err, ruleBundle, "2 builds")

	for name, c := range map[string]struct {
		evidence   []Evidence
		rule, says string
	}{
		"hooks alone":    {[]Evidence{twin}, ruleLevel, "run 1 is of level 2"},
		"twice the sold": {[]Evidence{sold, sold}, ruleLevel, "run 2 is of level 1"},
		"one build": {
			[]Evidence{sold, evidenceOf(t, profileOf(t, shim.RoleLock, shim.L2, image), nil)}, "PST-CERT-001", "one build",
		},
		"other claims": {
			[]Evidence{sold, evidenceOf(t, poorer(profileOf(t, shim.RoleLock, shim.L2, hooked)), nil)}, ruleLevel, "claim different things",
		},
	} {
		_, err := judge(c.evidence, terms(t), matrix())
		refused(t, err, c.rule, c.says, name)
	}
}

// TestEveryRole has an app too.
func TestEveryRole(t *testing.T) {
	s, err := judge([]Evidence{evidenceOf(t, profileOf(t, shim.RoleApp, shim.L1, image), nil)}, terms(t), matrix())
	require.NoError(t, err)
	require.Equal(t, shim.RoleApp, s.Predicate.Claims.Role)
	require.Empty(t, s.Predicate.Claims.Options)
}

// TestClaimThatNobodySaw has a lock that claims binding R on a rig that cannot show
// it.
func TestClaimThatNobodySaw(t *testing.T) {
	needs := map[string]bool{}
	for _, c := range conformance.Cases(shim.RoleLock) {
		needs[c.ID] = slices.Contains(c.Needs, shim.VerbMeet)
	}
	e := evidenceOf(t, profileOf(t, shim.RoleLock, shim.L1, image), func(r *report.Report) {
		for i := range r.Results {
			if x := &r.Results[i]; needs[x.Case] {
				x.Verdict, x.Message = report.NotApplicable, "needs the verb meet, of level 0"
			}
		}
	})
	_, err := judge([]Evidence{e}, terms(t), matrix())
	refused(t, err, ruleCases, "was carried out")
}

// TestGapOfTheSuite has no case for a requirement.
func TestGapOfTheSuite(t *testing.T) {
	gap := slices.Clone(matrix())
	i := slices.IndexFunc(gap, func(t conformance.Traced) bool {
		return t.Role == shim.RoleIssuer && t.Requirement.Testability == "wire" && t.Requirement.Keyword == "MUST"
	})
	gap[i].Positive, gap[i].Negative = nil, nil
	_, err := judge([]Evidence{evidenceOf(t, profileOf(t, shim.RoleIssuer, shim.L1, image), nil)}, terms(t), gap)
	refused(t, err, ruleCases, "no case shows "+gap[i].Requirement.ID)
}

// poorer claims no clock.
func poorer(p *conformance.Profile) *conformance.Profile {
	p.Profiles -= 16
	return p
}

// refused holds an error to a refusal by a rule.
func refused(t *testing.T, err error, rule, says string, name ...any) {
	t.Helper()
	var r *Refusal
	require.ErrorAs(t, err, &r, name...)
	require.Equal(t, rule, r.Rule, "%v: %v", name, err)
	require.Contains(t, err.Error(), says, name...)
	require.NotEmpty(t, r.Do)
}

// TestCertifyRefuses has one fault at a time in a run that is good otherwise.
func TestCertifyRefuses(t *testing.T) {
	first := func(r *report.Report, v report.Verdict) *report.Result {
		i := slices.IndexFunc(r.Results, func(x report.Result) bool { return x.Verdict == v })
		return &r.Results[i]
	}
	for name, c := range map[string]struct {
		report     func(*report.Report)
		profile    func(*conformance.Profile)
		terms      func(*Terms)
		rule, says string
	}{
		"a filter":             {report: func(r *report.Report) { r.Filters = []string{"area X"} }, rule: ruleCases, says: "area X"},
		"a failure":            {report: func(r *report.Report) { first(r, report.Pass).Verdict = report.Fail }, rule: ruleVerdict, says: "is FAIL"},
		"inconclusive":         {report: func(r *report.Report) { first(r, report.Pass).Verdict = report.Inconclusive }, rule: ruleVerdict, says: "is INCONC"},
		"the suite's fault":    {report: func(r *report.Report) { first(r, report.Pass).Verdict = report.Error }, rule: ruleVerdict, says: "is ERROR"},
		"skipped":              {report: func(r *report.Report) { first(r, report.Pass).Verdict = report.Skip }, rule: ruleVerdict, says: "is SKIP"},
		"not applicable":       {report: func(r *report.Report) { first(r, report.Pass).Verdict = report.NotApplicable }, rule: ruleCases, says: "applies to the product"},
		"a warning for a MUST": {report: func(r *report.Report) { warnMust(r) }, rule: ruleVerdict, says: "is mandatory"},
		"dropped":              {report: func(r *report.Report) { r.Results = r.Results[1:] }, rule: ruleCases, says: "is missing"},
		"doubled":              {report: func(r *report.Report) { r.Results = append(r.Results, r.Results[0]) }, rule: ruleCases, says: "stands there twice"},
		"made up": {report: func(r *report.Report) {
			r.Results = append(r.Results, report.Result{Case: "X-Y-001", Requirements: []string{}, Verdict: report.Pass})
		}, rule: ruleCases, says: "does not carry out"},
		"a seed dropped":                {report: func(r *report.Report) { dropSeed(r) }, rule: ruleCases, says: "with seed 15000000000 is missing"},
		"another revision":              {report: func(r *report.Report) { r.Results[0].Revision++ }, rule: ruleCases, says: "other things"},
		"another title":                 {report: func(r *report.Report) { r.Results[0].Title += "!" }, rule: ruleCases, says: "other things"},
		"other requirements":            {report: func(r *report.Report) { r.Results[0].Requirements = []string{"PST-CERT-001"} }, rule: ruleCases, says: "other things"},
		"two seeds":                     {report: func(r *report.Report) { r.Seeds = r.Seeds[:2] }, rule: ruleKeys, says: "2 sets"},
		"a seed that was chosen":        {report: func(r *report.Report) { r.Seeds[0] = 1 }, rule: ruleKeys, says: "chosen, not drawn"},
		"seeds in a row":                {report: func(r *report.Report) { r.Seeds[1] = five + 1 }, rule: ruleKeys, says: "chosen, not drawn"},
		"the known order":               {report: func(r *report.Report) { r.Shuffled = false }, rule: ruleKeys, says: "in the order in which everybody knows them"},
		"a hook at level 1":             {report: func(r *report.Report) { r.Product.Verbs = []shim.Verb{shim.VerbProvision, shim.VerbCut} }, rule: "PST-CERT-001", says: "hooks of level 2"},
		"a seed twice":                  {report: func(r *report.Report) { r.Seeds[2] = five }, rule: ruleKeys, says: "counts twice"},
		"the rig failed":                {report: func(r *report.Report) { r.Rig = "gone" }, rule: ruleVerdict, says: "gone"},
		"an assumed profile":            {report: func(r *report.Report) { r.Claims.Assumed = true }, rule: ruleAnswers, says: "assumed"},
		"another profile":               {report: func(r *report.Report) { r.Claims.Profile = sum(nil) }, rule: ruleAnswers, says: "another profile"},
		"no profile":                    {report: func(r *report.Report) { r.Claims.Profile = "" }, rule: ruleAnswers, says: "another profile"},
		"other claims":                  {report: func(r *report.Report) { r.Claims.Options = []string{"button"} }, rule: ruleAnswers, says: "not those"},
		"another role":                  {report: func(r *report.Report) { r.Product.Role = shim.RoleApp }, rule: ruleAnswers, says: "role app ran"},
		"another product":               {report: func(r *report.Report) { r.Product.Name = "Box 13" }, rule: ruleAnswers, says: "Box 13"},
		"another version":               {report: func(r *report.Report) { r.Suite.Version = "1.2.2" }, rule: ruleSuite, says: "1.2.2"},
		"other cases":                   {report: func(r *report.Report) { r.Suite.Cases = "0123456789abcdef" }, rule: ruleSuite, says: "0123456789abcdef"},
		"another revision of the suite": {report: func(r *report.Report) { r.Revision += "+modified" }, rule: ruleSuite, says: "+modified"},
		"another edition":               {report: func(r *report.Report) { r.Suite.Edition = 2 }, rule: ruleSuite, says: "edition 2"},
		"hooks at level 1":              {report: func(r *report.Report) { r.Product.Level = shim.L2 }, rule: "PST-CERT-001", says: "hooks of level 2"},
		"a black box":                   {report: func(r *report.Report) { r.Product.Level = shim.L0 }, rule: ruleLevel, says: "reaches level 0"},
		"local time":                    {report: func(r *report.Report) { r.Started = r.Started.In(time.FixedZone("", 3600)) }, rule: ruleBundle, says: "UTC"},
		"no maker":                      {profile: func(p *conformance.Profile) { p.Maker = "" }, rule: ruleAnswers, says: "no maker"},
		"no answer":                     {profile: func(p *conformance.Profile) { p.Answers["PST-CERT-002"] = " " }, rule: ruleAnswers, says: "PST-CERT-002"},
		"no build":                      {profile: func(p *conformance.Profile) { p.Build = "" }, rule: ruleDigests, says: "no build"},
		"level 0":                       {profile: func(p *conformance.Profile) { p.Level = shim.L0 }, rule: ruleLevel, says: "level 0"},
		"no profile at all":             {profile: func(p *conformance.Profile) { p.Role = "door" }, rule: "section 23.5", says: "door"},
		"a development build":           {terms: func(t *Terms) { t.Suite.Version = "development" }, rule: ruleSuite, says: "no release"},
		"modified sources":              {terms: func(t *Terms) { t.Suite.Revision += "+modified" }, rule: ruleSuite, says: "no release"},
		"unknown sources":               {terms: func(t *Terms) { t.Suite.Revision = "" }, rule: ruleSuite, says: "no release"},
		"issued before":                 {terms: func(t *Terms) { t.Issued = noon.Add(-2 * time.Hour) }, rule: ruleForm, says: "before the run"},
	} {
		t.Run(name, func(t *testing.T) {
			p, tt := profileOf(t, shim.RoleIssuer, shim.L1, image), terms(t)
			if c.profile != nil {
				c.profile(p)
			}
			if c.terms != nil {
				c.terms(&tt)
			}
			e := evidenceOf(t, p, c.report)
			e.Image = image
			_, err := judge([]Evidence{e}, tt, matrix())
			refused(t, err, c.rule, c.says)
		})
	}
}

// warnMust has a case warn that shows nothing but what is mandatory.
func warnMust(r *report.Report) {
	all, err := spec.Requirements()
	if err != nil {
		panic(err)
	}
	for i := range r.Results {
		if !slices.ContainsFunc(r.Results[i].Requirements, func(cited string) bool {
			id, _, _ := strings.Cut(cited, "#")
			return !slices.ContainsFunc(all, func(q spec.Requirement) bool { return q.ID == id && strings.HasPrefix(q.Keyword, "MUST") })
		}) {
			r.Results[i].Verdict = report.Warn
			return
		}
	}
}

// dropSeed leaves out the results of the last set of keys.
func dropSeed(r *report.Report) {
	r.Results = slices.DeleteFunc(r.Results, func(x report.Result) bool { return x.Seed == seven })
}

// TestWarningLeavesTheCertificatePossible has a recommendation not followed.
func TestWarningLeavesTheCertificatePossible(t *testing.T) {
	all, err := spec.Requirements()
	require.NoError(t, err)
	should := ""
	e := evidenceOf(t, profileOf(t, shim.RoleIssuer, shim.L1, image), func(r *report.Report) {
		for i := range r.Results {
			for _, id := range r.Results[i].Requirements {
				q := slices.IndexFunc(all, func(q spec.Requirement) bool { return q.ID == id })
				if q >= 0 && all[q].Keyword == "SHOULD" && r.Results[i].Verdict == report.Pass {
					r.Results[i].Verdict, should = report.Warn, id
					return
				}
			}
		}
	})
	require.NotEmpty(t, should)
	s, err := judge([]Evidence{e}, terms(t), matrix())
	require.NoError(t, err)
	require.Contains(t, s.Predicate.Requirements.Warned, should)
	require.NotContains(t, s.Predicate.Requirements.Tried, should)
}

// TestStatementForm is what another verifier does first.
func TestStatementForm(t *testing.T) {
	file, _ := certified(t)
	var e struct{ Payload []byte }
	require.NoError(t, json.Unmarshal(file, &e))
	var s map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(e.Payload, &s))
	require.JSONEq(t, `"https://in-toto.io/Statement/v1"`, string(s["_type"]))
	require.Contains(t, string(s["predicate"]), `"issued":"2026-11-22T12:00:00Z"`)
}
