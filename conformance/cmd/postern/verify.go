package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/postern-lock/postern/conformance"
	"github.com/postern-lock/postern/conformance/certificate"
	"github.com/postern-lock/postern/conformance/report"
)

// verifyVerb checks a certificate against its evidence and a build.
func verifyVerb(_ context.Context, c console, args []string) error {
	var keys, suites list
	var build image
	f := flags(c, "verify", "BUNDLE")
	f.Var(&keys, "trust", "PEM `file` with the public key of a signer who counts; several are possible")
	f.Var(&suites, "suite", "`VERSION@REVISION` of a further build of postern whose certificates count (postern version prints it)")
	build.flags(f, "", "the build in hand")
	development := f.Bool("allow-development", false, "for trials: also a certificate that a development build of postern made")
	if err := parse(f, args, 1); err != nil {
		return err
	}
	if f.NArg() == 0 || len(keys) == 0 {
		return fmt.Errorf("%w: the bundle or --trust is missing", errUsage)
	}
	t := certificate.Trust{Suite: conformance.ThisBuild(), AllowDevelopment: *development, Now: time.Now()}
	var err error
	if t.Image, err = build.sum(); err != nil {
		return err
	}
	for _, name := range keys {
		data, err := certificate.ReadFile(name, certificate.MaxProfile)
		if err != nil {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
		key, err := certificate.ParsePublicKey(data)
		if err != nil {
			return fmt.Errorf("%w: %s: %w", errUsage, name, err)
		}
		t.Keys = append(t.Keys, key)
	}
	for _, s := range suites {
		version, revision, ok := strings.Cut(s, "@")
		if !ok || version == "" || revision == "" {
			return fmt.Errorf("%w: --suite %s, where VERSION@REVISION is right", errUsage, s)
		}
		t.Known = append(t.Known, conformance.Build{Version: version, Revision: revision})
	}
	file, runs, err := certificate.ReadBundle(f.Arg(0))
	if err != nil {
		return unreadable(err)
	}
	s, err := certificate.Verify(file, runs, t)
	if err != nil {
		return err
	}
	return tellCertificate(c.out, s, runs)
}

// tellCertificate says what a good certificate says, and what it does not.
func tellCertificate(w io.Writer, s *certificate.Statement, runs []certificate.Evidence) error {
	p := s.Predicate
	fmt.Fprintf(w, "good: %s of %s, version %s, role %s, level %d, edition %d of the standard\n", printable(p.Product.Name), printable(p.Product.Maker), printable(p.Product.Version), p.Claims.Role, p.Claims.Level, p.Claims.Edition)
	profile, err := conformance.ReadProfile(runs[0].Profile)
	if err != nil {
		return err
	}
	if err := tellClaims(w, profile); err != nil {
		return err
	}
	fmt.Fprintf(w, "issued %s by %s, key %s\n", p.Issued.Format(time.RFC3339), printable(p.Issuer.Name), p.Issuer.Key)
	trial := ""
	if p.Suite.Development {
		trial = ", a development build: this is a trial"
	}
	fmt.Fprintf(w, "judged by postern %s@%s, cases %s%s\n", p.Suite.Version, p.Suite.Revision, p.Suite.Cases, trial)
	for i, x := range p.Runs {
		fmt.Fprintf(w, "build %s (%s)\n  run of %s at level %d with the test keys %v: %v\n", s.Subject[i].Digest.SHA256, printable(s.Subject[i].Name), x.Started.Format(time.RFC3339), x.Level, x.Seeds, x.Results)
		if err := tellLeftOut(w, runs[i].Report); err != nil {
			return err
		}
	}
	q := p.Requirements
	fmt.Fprintf(w, "%d requirements were tried by cases, and no fault was found\n", len(q.Tried))
	for _, group := range []struct {
		says string
		ids  map[string]int
	}{{"is a recommendation that is not followed", q.Warned}, {"was not tried; its maker's word", q.Answered}, {"was not tried, and nobody says anything", q.Open}} {
		for _, id := range slices.Sorted(maps.Keys(group.ids)) {
			answer := ""
			if a := profile.Answers[id]; a != "" {
				answer = "\n    " + printable(a)
			}
			fmt.Fprintf(w, "%s: %s%s\n", group.says, sentence(id), answer)
		}
	}
	return nil
}

// tellLeftOut counts the cases that do not apply, by the reason.
func tellLeftOut(w io.Writer, file []byte) error {
	r, err := report.Decode(file)
	if err != nil {
		return err
	}
	reasons := map[string]int{}
	for _, x := range r.Results {
		if x.Verdict == report.NotApplicable {
			reasons[printable(x.Message)]++
		}
	}
	for _, why := range slices.Sorted(maps.Keys(reasons)) {
		fmt.Fprintf(w, "  %d not applicable: %s\n", reasons[why], why)
	}
	return nil
}

// printable keeps a text of somebody else from writing over a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}
