package certificate

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
)

// resigned is a certificate whose statement was altered before the trusted signer
// signed it: what a careless signer, or one who lies, hands out.
func resigned(t *testing.T, file []byte, alter func(*Statement)) []byte {
	s, err := Open(file, trust().Keys)
	require.NoError(t, err)
	alter(s)
	file, err = Sign(s, signer)
	require.NoError(t, err)
	return file
}

// rewrapped alters the envelope and leaves its signature.
func rewrapped(t *testing.T, file []byte, alter func(*envelope)) []byte {
	var e envelope
	require.NoError(t, json.Unmarshal(file, &e))
	alter(&e)
	file, err := e.encode()
	require.NoError(t, err)
	return file
}

// payload alters the bytes of the payload.
func payload(t *testing.T, file []byte, old, new string) []byte {
	return rewrapped(t, file, func(e *envelope) {
		b, err := base64.StdEncoding.DecodeString(e.Payload)
		require.NoError(t, err)
		require.Contains(t, string(b), old)
		e.Payload = base64.StdEncoding.EncodeToString(bytes.Replace(b, []byte(old), []byte(new), 1))
	})
}

// signed signs any payload with any type.
func signed(t *testing.T, kind string, payload []byte) []byte {
	id, err := KeyID(signer.Public().(ed25519.PublicKey))
	require.NoError(t, err)
	file, err := envelope{
		base64.StdEncoding.EncodeToString(payload), kind, []signature{{id, base64.StdEncoding.EncodeToString(ed25519.Sign(signer, preAuth(kind, payload)))}},
	}.encode()
	require.NoError(t, err)
	return file
}

// bundle is what an attacker hands over.
type bundle struct {
	file     []byte
	evidence []Evidence
	trust    Trust
}

// attacks alter a good bundle.
var attacks = map[string]struct {
	do         func(*testing.T, *bundle)
	rule, says string
}{
	"another firmware": {func(_ *testing.T, b *bundle) { b.trust.Image = sum([]byte("other")) }, ruleDigests, "it is for the build"},
	"another key": {func(_ *testing.T, b *bundle) {
		b.trust.Keys = []ed25519.PublicKey{ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32)).Public().(ed25519.PublicKey)}
	}, ruleTrust, "not one that you trust"},
	"signed by another key under the trusted key's name": {func(t *testing.T, b *bundle) {
		s, err := Open(b.file, b.trust.Keys)
		require.NoError(t, err)
		id := s.Predicate.Issuer.Key
		forged, err := Sign(s, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32)))
		require.NoError(t, err)
		b.file = rewrapped(t, forged, func(e *envelope) { e.Signatures[0].KeyID = id })
	}, ruleTrust, "the signature is not good"},
	"nobody trusted": {func(_ *testing.T, b *bundle) { b.trust.Keys = nil }, ruleTrust, "not one that you trust"},
	"the payload's type": {func(t *testing.T, b *bundle) {
		b.file = rewrapped(t, b.file, func(e *envelope) { e.PayloadType = "text/plain" })
	}, ruleForm, "text/plain"},
	"the payload's type, signed": {func(t *testing.T, b *bundle) { b.file = signed(t, "text/plain", []byte("{}")) }, ruleForm, "text/plain"},
	"the border of type and payload moved": {func(t *testing.T, b *bundle) {
		b.file = rewrapped(t, b.file, func(e *envelope) { e.PayloadType = PayloadType + " " })
	}, ruleForm, "type is"},
	"two signatures": {func(t *testing.T, b *bundle) {
		b.file = rewrapped(t, b.file, func(e *envelope) { e.Signatures = append(e.Signatures, e.Signatures[0]) })
	}, ruleForm, "2 signatures"},
	"no signature": {func(t *testing.T, b *bundle) {
		b.file = rewrapped(t, b.file, func(e *envelope) { e.Signatures = []signature{} })
	}, ruleForm, "0 signatures"},
	"a short one": {func(t *testing.T, b *bundle) {
		b.file = rewrapped(t, b.file, func(e *envelope) { e.Signatures[0].Sig = "AAAA" })
	}, ruleForm, "64 bytes"},
	"a member twice": {func(_ *testing.T, b *bundle) {
		b.file = bytes.Replace(b.file, []byte(`{"payload":`), []byte(`{"payload":"","payload":`), 1)
	}, ruleForm, "twice"},
	"a member more": {func(_ *testing.T, b *bundle) {
		b.file = bytes.Replace(b.file, []byte(`{"payload":`), []byte(`{"x":1,"payload":`), 1)
	}, ruleForm, "unknown"},
	"data behind":    {func(_ *testing.T, b *bundle) { b.file = append(bytes.Clone(b.file), '{', '}') }, ruleForm, "behind"},
	"a space behind": {func(_ *testing.T, b *bundle) { b.file = append(bytes.Clone(b.file), ' ') }, ruleForm, "one form"},
	"nothing":        {func(_ *testing.T, b *bundle) { b.file = nil }, ruleForm, "no envelope"},
	"a line feed in the payload": {func(t *testing.T, b *bundle) {
		b.file = rewrapped(t, b.file, func(e *envelope) { e.Payload = e.Payload[:4] + "\n" + e.Payload[4:] })
	}, ruleForm, "no base64"},
	"a line feed in the signature": {func(t *testing.T, b *bundle) {
		b.file = rewrapped(t, b.file, func(e *envelope) { e.Signatures[0].Sig += "\n" })
	}, ruleForm, "64 bytes"},
	"base64 of the web": {func(t *testing.T, b *bundle) {
		b.file = rewrapped(t, b.file, func(e *envelope) { e.Payload = strings.TrimRight(e.Payload, "=") + "-_" })
	}, ruleForm, "no base64"},
	"a name in the statement": {func(t *testing.T, b *bundle) { b.file = payload(t, b.file, "Box 12", "Box 13") }, ruleTrust, "altered"},
	"a member twice, signed": {func(t *testing.T, b *bundle) {
		p := payloadOf(t, b.file)
		b.file = signed(t, PayloadType, bytes.Replace(p, []byte(`{"_type":`), []byte(`{"_type":"x","_type":`), 1))
	}, ruleForm, "twice"},
	"data behind, signed": {func(t *testing.T, b *bundle) { b.file = signed(t, PayloadType, append(payloadOf(t, b.file), "{}"...)) }, ruleForm, "behind"},
	"another statement":   {func(t *testing.T, b *bundle) { b.file = resigned(t, b.file, func(s *Statement) { s.Type += "0" }) }, ruleForm, "statement's type"},
	"another predicate": {func(t *testing.T, b *bundle) {
		b.file = resigned(t, b.file, func(s *Statement) { s.PredicateType += "0" })
	}, ruleForm, "predicate's type"},
	"another issuer": {func(t *testing.T, b *bundle) {
		b.file = resigned(t, b.file, func(s *Statement) { s.Predicate.Issuer.Key = image })
	}, ruleTrust, "names key"},
	"an unknown suite": {func(t *testing.T, b *bundle) {
		b.file = resigned(t, b.file, func(s *Statement) { s.Predicate.Suite.Revision = "feedface" })
	}, ruleSuite, "not known"},
	"a development build": {func(t *testing.T, b *bundle) {
		b.file = resigned(t, b.file, func(s *Statement) { s.Predicate.Suite.Development = true })
	}, ruleSuite, "development build"},
	"a development build that hides": {func(t *testing.T, b *bundle) {
		b.file = resigned(t, b.file, func(s *Statement) { s.Predicate.Suite.Version = "development" })
		b.trust.Known = []conformance.Build{{Version: "development", Revision: release.Revision}}
	}, ruleSuite, "no release"},
	"a verifier that was modified": {func(_ *testing.T, b *bundle) { b.trust.Suite.Revision += "+modified" }, ruleSuite, "not known"},
	"to come":                      {func(_ *testing.T, b *bundle) { b.trust.Now = noon.Add(-time.Minute) }, ruleForm, "to come"},
	"more passed than did": {func(t *testing.T, b *bundle) {
		b.file = resigned(t, b.file, func(s *Statement) { s.Predicate.Runs[0].Results[report.Pass]++ })
	}, ruleTrust, "runs is not what its evidence shows"},
	"more tried than was": {func(t *testing.T, b *bundle) {
		b.file = resigned(t, b.file, func(s *Statement) { s.Predicate.Requirements.Tried["PST-CERT-001"] = 1 })
	}, ruleTrust, "requirements is not"},
	"more claimed": {func(t *testing.T, b *bundle) {
		b.file = resigned(t, b.file, func(s *Statement) { s.Predicate.Claims.Profiles = 255 })
	}, ruleTrust, "claims is not"},
	"a higher level": {func(t *testing.T, b *bundle) {
		b.file = resigned(t, b.file, func(s *Statement) { s.Predicate.Claims.Level = shim.L2 })
	}, ruleTrust, "claims is not"},
	"another product": {func(t *testing.T, b *bundle) {
		b.file = resigned(t, b.file, func(s *Statement) { s.Predicate.Product.Name = "Door" })
	}, ruleTrust, "product is not"},
	"another subject's name": {func(t *testing.T, b *bundle) {
		b.file = resigned(t, b.file, func(s *Statement) { s.Subject[0].Name = "Door" })
	}, ruleTrust, "subject is not"},
	"other seeds": {func(t *testing.T, b *bundle) {
		b.file = resigned(t, b.file, func(s *Statement) { s.Predicate.Runs[0].Seeds[0] = 9 })
	}, ruleTrust, "runs is not"},
	"a subject more": {func(t *testing.T, b *bundle) {
		b.file = resigned(t, b.file, func(s *Statement) { s.Subject = append(s.Subject, s.Subject[0]) })
	}, ruleBundle, "2 builds"},
	"no subject": {func(t *testing.T, b *bundle) {
		b.file = resigned(t, b.file, func(s *Statement) { s.Subject = []Subject{} })
	}, ruleBundle, "0 builds"},
	"a run more":       {func(_ *testing.T, b *bundle) { b.evidence = append(b.evidence, b.evidence[0]) }, ruleBundle, "the bundle has 2"},
	"another profile":  {func(_ *testing.T, b *bundle) { b.evidence[0].Profile = append(bytes.Clone(b.evidence[0].Profile), ' ') }, ruleDigests, "the profile of run 1"},
	"the report alone": {func(_ *testing.T, b *bundle) { b.evidence[0].Report = append(bytes.Clone(b.evidence[0].Report), ' ') }, ruleDigests, "the report of run 1"},
	"a verdict changed, with every digest made anew": {func(t *testing.T, b *bundle) {
		old := sum(b.evidence[0].Report)
		b.evidence[0].Report = bytes.Replace(b.evidence[0].Report, []byte(`"PASS"`), []byte(`"WARN"`), 1)
		b.file = payload(t, b.file, old, sum(b.evidence[0].Report))
	}, ruleTrust, "altered"},
	"a failure that its signer signed": {func(t *testing.T, b *bundle) {
		b.evidence[0].Report = bytes.Replace(b.evidence[0].Report, []byte(`"PASS"`), []byte(`"FAIL"`), 1)
		b.file = resigned(t, b.file, func(s *Statement) { s.Predicate.Runs[0].Report.SHA256 = sum(b.evidence[0].Report) })
	}, ruleVerdict, "is FAIL"},
	"results dropped, signed": {func(t *testing.T, b *bundle) {
		results(t, b, func(r *report.Report) { r.Results = r.Results[:len(r.Results)-1] })
	}, ruleCases, "is missing"},
	"results doubled, signed": {func(t *testing.T, b *bundle) {
		results(t, b, func(r *report.Report) { r.Results = append(r.Results, r.Results[3]) })
	}, ruleCases, "stands there twice"},
	"one verdict in two letter cases, signed": {func(t *testing.T, b *bundle) {
		b.evidence[0].Report = bytes.Replace(b.evidence[0].Report, []byte(`"verdict": "PASS"`), []byte(`"Verdict": "FAIL", "verdict": "PASS"`), 1)
		b.file = resigned(t, b.file, func(s *Statement) { s.Predicate.Runs[0].Report.SHA256 = sum(b.evidence[0].Report) })
	}, ruleBundle, `unknown`},
	"one verdict twice, signed": {func(t *testing.T, b *bundle) {
		b.evidence[0].Report = bytes.Replace(b.evidence[0].Report, []byte(`"verdict": "PASS"`), []byte(`"verdict": "FAIL", "verdict": "PASS"`), 1)
		b.file = resigned(t, b.file, func(s *Statement) { s.Predicate.Runs[0].Report.SHA256 = sum(b.evidence[0].Report) })
	}, ruleBundle, `"verdict" twice`},
	"a report of something else, signed": {func(t *testing.T, b *bundle) {
		b.evidence[0].Report = []byte(strings.Repeat("[", 100000))
		b.file = resigned(t, b.file, func(s *Statement) { s.Predicate.Runs[0].Report.SHA256 = sum(b.evidence[0].Report) })
	}, ruleBundle, "nested deeper"},
}

// results alters the report, and the signer signs it.
func results(t *testing.T, b *bundle, alter func(*report.Report)) {
	r, err := report.Decode(b.evidence[0].Report)
	require.NoError(t, err)
	alter(r)
	b.evidence[0].Report, err = r.Encode()
	require.NoError(t, err)
	b.file = resigned(t, b.file, func(s *Statement) { s.Predicate.Runs[0].Report.SHA256 = sum(b.evidence[0].Report) })
}

func payloadOf(t *testing.T, file []byte) []byte {
	var e struct{ Payload []byte }
	require.NoError(t, json.Unmarshal(file, &e))
	return e.Payload
}

func TestAttacks(t *testing.T) {
	file, evidence := certified(t)
	for name, a := range attacks {
		t.Run(name, func(t *testing.T) {
			b := &bundle{file, append([]Evidence{}, evidence...), trust()}
			a.do(t, b)
			_, err := verify(b.file, b.evidence, b.trust, matrix())
			refused(t, err, a.rule, a.says)
		})
	}
	_, err := verify(file, evidence, trust(), matrix())
	require.NoError(t, err, "the attacks left the good one alone")
}

// TestKnownSuite names the build that made it, where another verifies.
func TestKnownSuite(t *testing.T) {
	file, evidence := certified(t)
	other := trust()
	other.Suite.Revision = "feedface"
	_, err := verify(file, evidence, other, matrix())
	refused(t, err, ruleSuite, "not known")
	other.Known = []conformance.Build{release}
	_, err = verify(file, evidence, other, matrix())
	require.NoError(t, err)
}

// TestDevelopment is for trials, and says so.
func TestDevelopment(t *testing.T) {
	build := conformance.Build{Version: "1.2.3"}
	e := []Evidence{evidenceOf(t, profileOf(t, shim.RoleIssuer, shim.L1, image), func(r *report.Report) { r.Revision = "" })}
	tt := terms(t)
	tt.Suite, tt.AllowDevelopment = build, true
	s, err := judge(e, tt, matrix())
	require.NoError(t, err)
	require.True(t, s.Predicate.Suite.Development)
	file, err := Sign(s, signer)
	require.NoError(t, err)
	who := trust()
	who.Suite = build
	_, err = verify(file, e, who, matrix())
	refused(t, err, ruleSuite, "development build")
	who.AllowDevelopment = true
	_, err = verify(file, e, who, matrix())
	require.NoError(t, err)
}

// TestEveryAlteredByteOfTheCertificate changes each byte of it, and samples of
// the evidence's, whose digests are checked before anything is read.
func TestEveryAlteredByteOfTheCertificate(t *testing.T) {
	file, evidence := certified(t)
	for i := range file {
		bad := bytes.Clone(file)
		bad[i] ^= 1
		_, err := Open(bad, trust().Keys)
		var r *Refusal
		require.ErrorAs(t, err, &r, "byte %d", i)
	}
	for i := range file {
		_, err := Open(file[:i], trust().Keys)
		require.Error(t, err, "cut off at %d", i)
	}
	for i := 0; i < len(evidence[0].Profile); i++ {
		bad := append([]Evidence{}, evidence...)
		bad[0].Profile = bytes.Clone(bad[0].Profile)
		bad[0].Profile[i] ^= 1
		require.NotEqual(t, sum(evidence[0].Profile), sum(bad[0].Profile))
		if i%97 == 0 {
			_, err := verify(file, bad, trust(), matrix())
			refused(t, err, ruleDigests, "the profile of run 1")
		}
	}
	for i := 0; i < len(evidence[0].Report); i += 9973 {
		bad := append([]Evidence{}, evidence...)
		bad[0].Report = bytes.Clone(bad[0].Report)
		bad[0].Report[i] ^= 1
		_, err := verify(file, bad, trust(), matrix())
		refused(t, err, ruleDigests, "the report of run 1")
	}
}

func TestBundle(t *testing.T) {
	file, evidence := certified(t)
	folder := filepath.Join(t.TempDir(), "bundle")
	require.NoError(t, WriteBundle(folder, file, evidence))
	require.Error(t, WriteBundle(folder, file, evidence), "a bundle is not written over")
	got, read, err := ReadBundle(folder)
	require.NoError(t, err)
	require.Equal(t, file, got)
	require.Equal(t, evidence[0].Report, read[0].Report)
	require.Equal(t, evidence[0].Profile, read[0].Profile)
	_, err = verify(got, read, trust(), matrix())
	require.NoError(t, err)

	big := filepath.Join(folder, "certificate.json")
	require.NoError(t, os.Truncate(big, MaxCertificate+1))
	_, _, err = ReadBundle(folder)
	refused(t, err, ruleBundle, "more than 1048576 bytes")
	require.NoError(t, os.Remove(big))
	_, _, err = ReadBundle(folder)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, os.Symlink("/dev/zero", big))
	_, _, err = ReadBundle(folder)
	refused(t, err, ruleBundle, "no plain file")
}

// TestHugeReport is refused before it is read whole; the file has a hole.
func TestHugeReport(t *testing.T) {
	name := filepath.Join(t.TempDir(), "report.json")
	f, err := os.Create(name)
	require.NoError(t, err)
	require.NoError(t, f.Truncate(1<<20))
	require.NoError(t, f.Close())
	_, err = ReadFile(name, 1<<16)
	refused(t, err, ruleBundle, "more than 65536 bytes")
}

func TestPreAuth(t *testing.T) {
	require.Equal(t, "DSSEv1 29 http://example.com/HelloWorld 11 hello world", string(preAuth("http://example.com/HelloWorld", []byte("hello world"))), "the example of DSSE")
}

func TestKeys(t *testing.T) {
	for _, bad := range []string{"", "x", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"} {
		_, err := ParsePrivateKey([]byte(bad))
		require.ErrorContains(t, err, "openssl genpkey")
		_, err = ParsePublicKey([]byte(strings.ReplaceAll(bad, "PRIVATE", "PUBLIC")))
		require.ErrorContains(t, err, "-pubout")
	}
}

func TestDigestOfTheProfile(t *testing.T) {
	p := profileOf(t, shim.RoleIssuer, shim.L1, image)
	b, err := p.Encode()
	require.NoError(t, err)
	q, err := conformance.ReadProfile(b)
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf("%x", sha256.Sum256(b)), q.Digest())
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte(`{"payload":"","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":"","sig":""}]}` + "\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		_, err := Open(file, trust().Keys)
		require.Error(t, err)
	})
}
