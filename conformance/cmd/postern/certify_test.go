package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance"
)

// keyPair writes a key pair as PEM files, made by OpenSSL where it is here.
func keyPair(t *testing.T, folder string, seed byte) (private, public string) {
	private, public = filepath.Join(folder, fmt.Sprintf("key%d.pem", seed)), filepath.Join(folder, fmt.Sprintf("public%d.pem", seed))
	if _, err := exec.LookPath("openssl"); err == nil {
		for _, line := range [][]string{{"genpkey", "-algorithm", "ed25519", "-out", private}, {"pkey", "-in", private, "-pubout", "-out", public}} {
			out, err := exec.Command("openssl", line...).CombinedOutput()
			require.NoError(t, err, "%s", out)
		}
		return private, public
	}
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32))
	b, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(private, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: b}), 0o600))
	b, err = x509.MarshalPKIXPublicKey(key.Public())
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(public, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: b}), 0o600))
	return private, public
}

// filled writes a proforma as postern profile makes it, with all that a maker adds.
func filled(t *testing.T, folder, build string) string {
	exit, out, complaint := call(t, "", "profile", "--role", "issuer", "--target", "demo")
	require.Equal(t, conforms, exit, complaint)
	p, err := conformance.ReadProfile([]byte(out))
	require.NoError(t, err)
	p.Maker, p.Build = "Example Post", build
	for id := range p.Answers {
		p.Answers[id] = "In its own way."
	}
	b, err := p.Encode()
	require.NoError(t, err)
	name := filepath.Join(folder, "proforma.json")
	require.NoError(t, os.WriteFile(name, b, 0o600))
	return name
}

// TestCertifyAndVerify goes the whole way of the reference issuer, from proforma to
// a certificate that somebody else checks.
func TestCertifyAndVerify(t *testing.T) {
	folder := t.TempDir()
	firmware := filepath.Join(folder, "issuer.bin")
	require.NoError(t, os.WriteFile(firmware, []byte("the build"), 0o600))
	profile := filled(t, folder, fmt.Sprintf("%x", sha256.Sum256([]byte("the build"))))
	private, public := keyPair(t, folder, 1)
	_, stranger := keyPair(t, folder, 2)
	report, out := filepath.Join(folder, "run.json"), filepath.Join(folder, "certificate")

	exit, said, complaint := call(t, "", "run", "--target", "demo", "--role", "issuer", "--profile", profile, "--seed", "random", "--seeds", "3", "--report", report)
	require.Equal(t, conforms, exit, "%s%s", said, complaint)

	certify := []string{"certify", "--report", report, "--profile", profile, "--firmware", firmware, "--key", private, "--issuer", "Laboratory\x1b[2J", "--out", out}
	exit, _, complaint = call(t, "", certify...)
	require.Equal(t, conformsN, exit, "a test is built from sources that nobody can name")
	require.Contains(t, complaint, "PST-CERT-010")
	require.NoDirExists(t, out)
	exit, said, complaint = call(t, "", append(certify, "--allow-development")...)
	require.Equal(t, conforms, exit, complaint)
	require.Contains(t, said, "It is a trial")

	verify := func(args ...string) (int, string, string) {
		return call(t, "", append([]string{"verify", out}, args...)...)
	}
	exit, said, complaint = verify("--trust", public, "--firmware", firmware, "--allow-development")
	require.Equal(t, conforms, exit, complaint)
	for _, says := range []string{"good: ", "Example Post", "role issuer, level 1", "this is a trial", "requirements were tried by cases", "its maker's word: PST-", "In its own way.", "Laboratory\uFFFD[2J, key "} {
		require.Contains(t, said, says)
	}
	require.NotContains(t, said, "\x1b")

	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"--trust", public, "--firmware", firmware}, "PST-CERT-010"},
		{[]string{"--trust", stranger, "--firmware", firmware, "--allow-development"}, "not one that you trust"},
		{[]string{"--trust", public, "--firmware", profile, "--allow-development"}, "it is for the build"},
	} {
		exit, said, complaint = verify(c.args...)
		require.Equal(t, conformsN, exit)
		require.Contains(t, complaint, c.says)
		require.Empty(t, said)
	}
	require.NoError(t, os.WriteFile(filepath.Join(out, "report.json"), []byte("{}"), 0o600))
	exit, _, complaint = verify("--trust", public, "--firmware", firmware, "--allow-development")
	require.Equal(t, conformsN, exit)
	require.Contains(t, complaint, "the report of run 1 is not the one that was signed")

	// A run of chosen cases certifies nothing.
	exit, _, complaint = call(t, "", "run", "--target", "demo", "--role", "issuer", "--profile", profile, "--seeds", "3", "--case", "ISSUER-*-001", "--report", report)
	require.Equal(t, conforms, exit, complaint)
	exit, _, complaint = call(t, "", append(certify, "--allow-development")...)
	require.Equal(t, conformsN, exit)
	require.Contains(t, complaint, "the run chose cases")
}

func TestCertifyUsage(t *testing.T) {
	folder := t.TempDir()
	private, public := keyPair(t, folder, 1)
	for _, args := range [][]string{
		{"certify"}, {"certify", "--key", private, "--issuer", "x", "--out", folder}, {"verify"}, {"verify", folder}, {"verify", folder, "--trust", public},
		{"verify", folder, "--trust", public, "--firmware", public, "--firmware-sha256", "00"}, {"verify", folder, "--trust", public, "--firmware", "/does/not/exist"},
		{"verify", folder, "--trust", private, "--firmware", public}, {"verify", folder, "--trust", public, "--firmware", public, "--suite", "1.2"},
		{"verify", folder, "--trust", public, "--firmware", public}, {"verify", folder, "--trust", "/does/not/exist", "--firmware", public},
		{"certify", "--report", public, "--profile", public, "--firmware", public, "--key", public, "--issuer", "x", "--out", folder},
		{"certify", "--report", "/does/not/exist", "--profile", public, "--firmware", public, "--key", private, "--issuer", "x", "--out", folder},
	} {
		exit, _, complaint := call(t, "", args...)
		require.Equal(t, usage, exit, "%v: %s", args, complaint)
	}
}

func TestProfileVerb(t *testing.T) {
	exit, out, complaint := call(t, "", "profile", "--target", "demo:box")
	require.Equal(t, conforms, exit, complaint)
	p, err := conformance.ReadProfile([]byte(out))
	require.NoError(t, err)
	require.Equal(t, uint64(1+2+4+128), p.Profiles)
	require.Contains(t, p.Help, "profiles: clock")
	name := filepath.Join(t.TempDir(), "profile.json")
	require.NoError(t, os.WriteFile(name, []byte(out), 0o600))
	exit, out, complaint = call(t, "", "profile", "check", name)
	require.Equal(t, conforms, exit, complaint)
	for _, says := range []string{"it claims core, resumption, uses, binding-r, tamper-sensor", "it must not show live-time, clock", `it lacks "maker"`, "it lacks an answer for PST-CERT-002"} {
		require.Contains(t, out, says)
	}
	exit, out, complaint = call(t, "", "run", "--target", "demo:box", "--profile", name, "--case", "LOCK-CLAIM-*")
	require.Equal(t, conforms, exit, "%s%s", out, complaint)
	require.NoError(t, os.WriteFile(name, []byte(`{"colour":1}`), 0o600))
	for _, args := range [][]string{{"profile", "check"}, {"profile", "check", name}, {"profile", "--role", "door"}, {"profile", "--target", "moon"}, {"profile", "x"}} {
		exit, _, complaint := call(t, "", args...)
		require.Equal(t, usage, exit, "%v: %s", args, complaint)
	}
}

func TestVersion(t *testing.T) {
	exit, out, _ := call(t, "", "version")
	require.Equal(t, conforms, exit)
	require.Regexp(t, `^development@[0-9a-f]*\nThis is no release`, out)
	require.False(t, conformance.ThisBuild().Released())
}

// TestListDoesLittle holds what the tool does before it shows anything to a number
// of allocations, which does not depend on how busy the machine is.
func TestListDoesLittle(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	c := exec.Command(self, "list")
	c.Env = append(os.Environ(), "POSTERN_TEST_SHIM=count")
	out, err := c.Output()
	require.NoError(t, err)
	var allocations, bytes int
	_, err = fmt.Sscan(string(out), &allocations, &bytes)
	require.NoError(t, err)
	t.Logf("%d allocations of %d bytes", allocations, bytes)
	require.Less(t, allocations, 200_000)
	require.Less(t, bytes, 32_000_000)
}
