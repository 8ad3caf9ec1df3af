package certificate

import (
	"crypto/ed25519"
	"encoding/json"
	"reflect"
	"slices"
	"time"

	"github.com/postern-lock/postern/conformance"
)

// Trust is what whoever relies on a certificate brings.
type Trust struct {
	Keys             []ed25519.PublicKey // of those whose certificates count
	Image            string              // SHA-256 of the build in hand
	Suite            conformance.Build   // that verifies
	Known            []conformance.Build // further builds of the suite that count
	AllowDevelopment bool
	Now              time.Time
}

// Verify recomputes a certificate: its signature, and from the evidence all that
// it says.  The error is a *Refusal.
func Verify(file []byte, evidence []Evidence, t Trust) (*Statement, error) {
	traced, err := conformance.Trace()
	if err != nil {
		return nil, err
	}
	return verify(file, evidence, t, traced)
}

// verify is Verify by a matrix of requirements and cases.
func verify(file []byte, evidence []Evidence, t Trust, traced []conformance.Traced) (*Statement, error) {
	s, err := Open(file, t.Keys)
	if err != nil {
		return nil, err
	}
	suite := s.Predicate.Suite
	made := conformance.Build{Version: suite.Version, Revision: suite.Revision}
	known := slices.ContainsFunc(t.Known, func(b conformance.Build) bool { return b == made }) ||
		t.Suite == made && (t.Suite.Released() || t.AllowDevelopment)
	switch {
	case suite.Development && !t.AllowDevelopment:
		return nil, refuse(ruleSuite, "ask its issuer for one that a release of postern made", "a development build of the suite made it, which nobody can repeat")
	case !known:
		return nil, refuse(ruleSuite, "verify with the release that made it, or name it by --suite VERSION@REVISION if you trust it", "the suite's build %q, revision %q, is not known", suite.Version, suite.Revision)
	case len(s.Subject) == 0 || len(s.Subject) != len(evidence) || len(s.Predicate.Runs) != len(evidence):
		return nil, refuse(ruleBundle, "take the whole bundle as it was issued", "the statement is on %d builds and %d runs, and the bundle has %d", len(s.Subject), len(s.Predicate.Runs), len(evidence))
	case s.Subject[0].Digest.SHA256 != t.Image:
		return nil, refuse(ruleDigests, "ask for the certificate of this build", "it is for the build %s, and yours is %s", s.Subject[0].Digest.SHA256, t.Image)
	case s.Predicate.Issued.After(t.Now):
		return nil, refuse(ruleForm, "set the clock", "it was issued at %s, which is to come", s.Predicate.Issued)
	}
	evidence = slices.Clone(evidence)
	for i := range evidence {
		evidence[i].Image = s.Subject[i].Digest.SHA256
		for _, file := range []struct {
			name string
			data []byte
			want string
		}{{"report", evidence[i].Report, s.Predicate.Runs[i].Report.SHA256}, {"profile", evidence[i].Profile, s.Predicate.Runs[i].Profile.SHA256}} {
			if got := sum(file.data); got != file.want {
				return nil, refuse(ruleDigests, "take the whole bundle as it was issued", "the %s of run %d is not the one that was signed: its SHA-256 is %s, and not %s", file.name, i+1, got, file.want)
			}
		}
	}
	again, err := judge(evidence, Terms{
		Suite: made, AllowDevelopment: t.AllowDevelopment, Issued: s.Predicate.Issued, Issuer: s.Predicate.Issuer,
	}, traced)
	if err != nil {
		return nil, err
	}
	return s, equal(again, s)
}

// equal names the first member in which the signed statement differs from the
// recomputed one.
func equal(again, signed *Statement) error {
	a, b := reflect.ValueOf(again.Predicate), reflect.ValueOf(signed.Predicate)
	for i := range a.NumField() {
		if x, y := text(a.Field(i)), text(b.Field(i)); x != y {
			return refuse(ruleTrust, "do not rely on it, and tell its issuer", "the statement's %s is not what its evidence shows: %s, and not %s", a.Type().Field(i).Tag.Get("json"), short(y), short(x))
		}
	}
	if x, y := text(reflect.ValueOf(again.Subject)), text(reflect.ValueOf(signed.Subject)); x != y {
		return refuse(ruleTrust, "do not rely on it, and tell its issuer", "the statement's subject is not what its evidence shows: %s, and not %s", short(y), short(x))
	}
	return nil
}

// text is a value as JSON.
func text(v reflect.Value) string {
	b, err := json.Marshal(v.Interface())
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// short cuts what is too long for a message.
func short(s string) string {
	if len(s) > 200 {
		return s[:200] + "..."
	}
	return s
}
