package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/hsm/hsmtest"
)

const (
	morning = "2027-03-01T08:00:00Z"
	noon    = "2027-03-01T12:00:00Z"
)

// room is two machines, a stick and a transcript at each machine.
type room struct {
	t      *testing.T
	stick  string
	module string
	root   func() // turn to the scheme's machine
	post   func() // turn to the operator's
	pin    string // file
}

func newRoom(t *testing.T) *room {
	t.Helper()
	r := &room{t: t, stick: t.TempDir()}
	r.module, r.root = hsmtest.Machine(t, "scheme")
	_, r.post = hsmtest.Machine(t, "post")
	r.pin = filepath.Join(t.TempDir(), "pin")
	require.NoError(t, os.WriteFile(r.pin, []byte(hsmtest.PIN+"\n"), 0o600))
	return r
}

// on returns the path of a file on the stick.
func (r *room) on(name string) string { return filepath.Join(r.stick, name) }

// read returns a file on the stick.
func (r *room) read(name string) []byte {
	r.t.Helper()
	b, err := os.ReadFile(r.on(name))
	require.NoError(r.t, err)
	return b
}

// try carries out a verb with a token, and returns what it printed.
func (r *room) try(verb, token, at, out string, more ...string) (string, error) {
	r.t.Helper()
	args := []string{verb, "-module", r.module, "-token", token, "-pin", r.pin, "-label", token + " key", "-at", at,
		"-out", r.on(out), "-transcript", r.on(token + ".transcript")}
	var printed bytes.Buffer
	err := run(append(args, more...), strings.NewReader(""), &printed)
	require.NotContains(r.t, printed.String(), hsmtest.PIN)
	if err != nil {
		require.NotContains(r.t, err.Error(), hsmtest.PIN)
	}
	return printed.String(), err
}

// preview shows what would be certified, and returns what it printed and the fingerprint.
func (r *room) preview(at, request string) (printed, seen string) {
	r.t.Helper()
	var out bytes.Buffer
	require.NoError(r.t, run([]string{"preview", "-root", r.on("root.pub"), "-request", r.on(request), "-heard", fingerprint(r.read(request)),
		"-at", at, "-transcript", r.on("scheme.transcript")}, nil, &out))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	_, seen, found := strings.Cut(lines[len(lines)-1], "[")
	require.True(r.t, found)
	return out.String(), strings.TrimSuffix(seen, "]")
}

func (r *room) do(verb, token, at, out string, more ...string) string {
	r.t.Helper()
	printed, err := r.try(verb, token, at, out, more...)
	require.NoError(r.t, err)
	return printed
}

// asks are the flags of the post's request.
var asks = []string{"-rights", "issue+revoke+time", "-services", "1", "-longest", "84h", "-days", "90"}

// untilRequest plays the ceremony until the request is on the stick.
func untilRequest(t *testing.T) *room {
	t.Helper()
	r := newRoom(t)
	r.root()
	r.do("make", "scheme", morning, "root.pub")
	r.post()
	r.do("make", "post", morning, "post.pub")
	r.do("request", "post", morning, "post.request", asks...)
	return r
}

func TestCeremony(t *testing.T) {
	r := untilRequest(t)
	heard := fingerprint(r.read("post.request"))
	r.root()
	shown, seen := r.preview(noon, "post.request")
	printed := r.do("certify", "scheme", noon, "post.cert", "-request", r.on("post.request"), "-heard", strings.ToUpper(heard), "-sign", strings.ToUpper(seen))
	for _, said := range []string{shown, printed} {
		require.Contains(t, said, "["+heard+"]", "both machines say what is read aloud")
		require.Contains(t, said, "["+seen+"]")
	}
	require.Contains(t, string(r.read("post.transcript")), "["+heard+"]")
	require.Contains(t, printed, "rights       issue+revoke+time\n")
	require.Contains(t, printed, "from 2027-03-01T12:00:00Z to 2027-05-30T12:00:00Z")
	_, said, _ := strings.Cut(printed, "\nmade ")
	said, _, _ = strings.Cut(said, "\nsigned ")
	require.Contains(t, shown, "\nmade "+said, "the preview says every word of it")

	var verified bytes.Buffer
	require.NoError(t, run([]string{"verify", "-root", r.on("root.pub"), "-certificate", r.on("post.cert"), "-request", r.on("post.request")}, nil, &verified))
	require.Contains(t, verified.String(), "the root signed it")

	root, err := readKey(r.on("root.pub"))
	require.NoError(t, err)
	post, err := readKey(r.on("post.pub"))
	require.NoError(t, err)
	a, err := readAuthority(r.on("post.cert"), root)
	require.NoError(t, err)
	require.Equal(t, post, a.Key())
	require.Contains(t, verified.String(), "tag          "+a.Tag().String()+"\n")
	r.post()
	r.do("public", "post", noon, "again.pub")
	require.Equal(t, r.read("post.pub"), r.read("again.pub"))

	// Lists of the root, for the day on which a key is lost.
	r.root()
	printed = r.do("revoke", "scheme", noon, "list", "-version", "1", r.on("post.cert"))
	require.Contains(t, printed, "tag "+a.Tag().String()+", for")
	require.True(t, schemeList(t, r, "list", root).Denies(a.Tag(), a.IssuedAt()))
	require.NotContains(t, printed, "\nleast ")
	printed = r.do("revoke", "scheme", noon, "list 2", "-version", "2", "-least", noon)
	require.Contains(t, printed, "every certificate that was issued before "+noon)
	require.True(t, schemeList(t, r, "list 2", root).Denies(credential.Tag{}, a.IssuedAt()-1))
	require.False(t, schemeList(t, r, "list 2", root).Denies(credential.Tag{}, a.IssuedAt()))
	r.do("farewell", "scheme", noon, "farewell")
	require.True(t, schemeList(t, r, "farewell", root).Denies(credential.Tag{}, 1<<32-2))
	requireTranscript(t, r.read("scheme.transcript"), "make", "preview", "certify", "revoke", "revoke", "farewell")
	requireTranscript(t, r.read("post.transcript"), "make", "request", "public")
}

// TestPreviewSignsNothing, and shows the very bytes that are signed after it.
func TestPreviewSignsNothing(t *testing.T) {
	r := untilRequest(t)
	before, err := os.ReadDir(r.stick)
	require.NoError(t, err)
	printed, seen := r.preview(noon, "post.request") // without a token and a PIN
	after, err := os.ReadDir(r.stick)
	require.NoError(t, err)
	require.Len(t, after, len(before), "it writes to the transcript alone")
	for _, line := range []string{"rights       issue+revoke+time\n", "longest      84h0m0s\n", "services", "from 2027-03-01T12:00:00Z to 2027-05-30T12:00:00Z\n"} {
		require.Contains(t, printed, line)
	}

	r.root()
	request := []string{"-request", r.on("post.request"), "-heard", fingerprint(r.read("post.request"))}
	r.do("certify", "scheme", noon, "post.cert", append(request, "-sign", seen)...)
	root, err := readKey(r.on("root.pub"))
	require.NoError(t, err)
	a, err := readAuthority(r.on("post.cert"), root)
	require.NoError(t, err)
	u, err := credential.NewAuthority(claimsOf(a), root)
	require.NoError(t, err)
	require.Equal(t, fingerprint(u.ToBeSigned()), seen)
	require.Contains(t, printed, fmt.Sprintf("%x", u.ToBeSigned()), "so that anybody can take the fingerprint")
}

// TestOnlyWhatWasPreviewedIsSigned: with another root, request or time there is another
// fingerprint, and the step is refused.
func TestOnlyWhatWasPreviewedIsSigned(t *testing.T) {
	r := untilRequest(t)
	r.do("request", "post", morning, "less.request", "-rights", "issue", "-services", "1", "-longest", "84h")
	_, seen := r.preview(noon, "post.request")
	r.root()
	r.do("make", "scheme", morning, "next.pub", "-label", "next")
	before := r.read("scheme.transcript")
	for name, c := range map[string]struct {
		request, at, sign string
		more              []string
		says              string
	}{
		"nothing heard":   {"post.request", noon, "", nil, "preview"},
		"half heard":      {"post.request", noon, seen[:20], nil, "-sign"},
		"another request": {"less.request", noon, seen, nil, "-sign"},
		"another time":    {"post.request", "2027-03-01T12:00:01Z", seen, nil, "-at"},
		"another root":    {"post.request", noon, seen, []string{"-label", "next"}, "-sign"},
	} {
		t.Run(name, func(t *testing.T) {
			more := append([]string{"-request", r.on(c.request), "-heard", fingerprint(r.read(c.request)), "-sign", c.sign}, c.more...)
			_, err := r.try("certify", "scheme", c.at, "post.cert", more...)
			require.ErrorContains(t, err, c.says)
			require.NoFileExists(t, r.on("post.cert"))
			require.Equal(t, before, r.read("scheme.transcript"))
		})
	}
}

// TestPreviewThatIsRefused leaves nothing in the transcript.
func TestPreviewThatIsRefused(t *testing.T) {
	r := untilRequest(t)
	before := r.read("scheme.transcript")
	heard := fingerprint(r.read("post.request"))
	for name, c := range map[string]struct{ root, heard, at, says string }{
		"no root":                {"", heard, noon, "-root"},
		"no time":                {"root.pub", heard, "", "-at is missing"},
		"request misheard":       {"root.pub", heard[:20], noon, "-heard"},
		"request of another day": {"root.pub", heard, "2027-04-02T08:00:00Z", "made 2027-03-01T08:00:00Z"},
		"the key's own":          {"post.pub", heard, noon, "the root's own key"},
	} {
		t.Run(name, func(t *testing.T) {
			err := run([]string{"preview", "-root", r.on(c.root), "-request", r.on("post.request"), "-heard", c.heard,
				"-at", c.at, "-transcript", r.on("scheme.transcript")}, nil, &bytes.Buffer{})
			require.ErrorContains(t, err, c.says)
			require.Equal(t, before, r.read("scheme.transcript"))
		})
	}
}

func schemeList(t *testing.T, r *room, name string, root credential.PublicKey) *credential.RevocationList {
	t.Helper()
	u, err := credential.ParseRevocationList(r.read(name))
	require.NoError(t, err)
	v := credential.Verifier{Roots: []credential.PublicKey{root}}
	l, err := v.SchemeList(u)
	require.NoError(t, err)
	return l
}

// requireTranscript sees that each step names all that was written before it.
func requireTranscript(t *testing.T, text []byte, verbs ...string) {
	t.Helper()
	require.NotContains(t, string(text), hsmtest.PIN)
	before := ""
	for _, verb := range verbs {
		rest := string(text[len(before):])
		require.True(t, strings.HasPrefix(rest, "== "+verb+", "), rest)
		require.Contains(t, rest, "\nbefore       ["+fingerprint([]byte(before))+"]\n")
		if next := strings.Index(rest[1:], "== "); next >= 0 {
			rest = rest[:1+next]
		}
		before += rest
	}
	require.Equal(t, string(text), before)
}

func TestRequestThatWasExchangedIsNotCertified(t *testing.T) {
	r := untilRequest(t)
	heard := fingerprint(r.read("post.request"))
	r.do("make", "post", morning, "other.pub", "-label", "other") // by somebody on the way
	r.do("request", "post", morning, "other.request", append(asks, "-label", "other")...)
	require.NoError(t, os.WriteFile(r.on("post.request"), r.read("other.request"), 0o600))
	r.root()
	before := r.read("scheme.transcript")
	_, err := r.try("certify", "scheme", noon, "post.cert", "-request", r.on("post.request"), "-heard", heard, "-sign", "00")
	require.ErrorContains(t, err, "exchanged")
	require.NoFileExists(t, r.on("post.cert"))
	require.Equal(t, before, r.read("scheme.transcript"))
}

func TestStepsThatAreRefusedLeaveNothing(t *testing.T) {
	r := untilRequest(t)
	r.root()
	heard := fingerprint(r.read("post.request"))
	certify := []string{"-request", r.on("post.request"), "-heard", heard, "-sign", "00"}
	for _, c := range []struct {
		name, verb, at string
		more           []string
		says           string
	}{
		{"no time", "certify", "", certify, "-at is missing"},
		{"time without a zone", "certify", "2027-03-01T08:00:00", certify, "-at"},
		{"time beyond the standard's", "certify", "2107-01-01T00:00:00Z", certify, "-at"},
		{"time before it", "certify", "1969-01-01T00:00:00Z", certify, "-at"},
		{"nothing heard", "certify", noon, []string{certify[0], certify[1], "-sign", "00"}, "-heard"},
		{"half heard", "certify", noon, []string{certify[0], certify[1], "-heard", heard[:20], "-sign", "00"}, "-heard"},
		{"request of another day", "certify", "2027-04-02T08:00:00Z", certify, "made 2027-03-01T08:00:00Z"},
		{"request of the future", "certify", "2027-03-01T07:59:59Z", certify, "made 2027-03-01T08:00:00Z"},
		{"longer than the scheme likes", "certify", noon, append([]string{"-most-days", "30"}, certify...), "30 at most"},
		{"wrong PIN", "certify", noon, append([]string{"-pin", r.on("root.pub")}, certify...), "PIN refused"},
		{"PIN that is not there", "certify", noon, append([]string{"-pin", "-"}, certify...), "no PIN"},
		{"transcript without an end", "certify", noon, append([]string{"-transcript", "/dev/zero"}, certify...), "longer than"},
		{"transcript that is a folder", "certify", noon, append([]string{"-transcript", r.stick}, certify...), "-transcript"},
		{"token that is elsewhere", "certify", noon, append([]string{"-token", "post"}, certify...), `"post"`},
		{"key that is not there", "certify", noon, append([]string{"-label", "nobody"}, certify...), `"nobody"`},
		{"key that is there", "make", noon, nil, "taken"},
		{"kind of no key", "make", noon, []string{"-label", "new", "-kind", "rsa"}, "want a kind"},
		{"list without a version", "revoke", noon, nil, "-version"},
		{"list with a least time beyond the standard's", "revoke", noon, []string{"-version", "1", "-least", "2206-01-01T00:00:00Z"}, "-least"},
		{"list with a least time before it", "revoke", noon, []string{"-version", "1", "-least", "1970-01-01T00:00:00Z"}, "-least"},
		{"list with the last version", "revoke", noon, []string{"-version", "4294967295"}, "farewell"},
		{"list of what is no certificate", "revoke", noon, []string{"-version", "1", r.on("post.request")}, "malformed"},
		{"right of no registry", "request", noon, []string{"-rights", "everything"}, "everything"},
		{"issue without services", "request", noon, []string{"-rights", "issue", "-longest", "1h"}, "services"},
		{"request for ever", "request", noon, []string{"-rights", "time", "-days", "36600"}, "3660"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := r.read("scheme.transcript")
			_, err := r.try(c.verb, "scheme", c.at, "result", c.more...)
			require.ErrorContains(t, err, c.says)
			require.NoFileExists(t, r.on("result"))
			require.Equal(t, before, r.read("scheme.transcript"))
		})
	}
}

func TestRootDoesNotCertifyItself(t *testing.T) {
	r := newRoom(t)
	r.root()
	r.do("make", "scheme", morning, "root.pub")
	r.do("request", "scheme", morning, "root.request", asks...)
	_, err := r.try("certify", "scheme", noon, "root.cert", "-request", r.on("root.request"), "-heard", fingerprint(r.read("root.request")), "-sign", "00")
	require.ErrorContains(t, err, "the root's own key")
}

func TestNothingIsOverwritten(t *testing.T) {
	r := untilRequest(t)
	before := r.read("root.pub")
	_, err := r.try("make", "post", morning, "root.pub", "-label", "another")
	require.ErrorContains(t, err, "exists")
	require.Equal(t, before, r.read("root.pub"))
}

// TestTranscriptHasNoLineOfAnybodyElse: the name of a file writes none.
func TestTranscriptHasNoLineOfAnybodyElse(t *testing.T) {
	r := newRoom(t)
	r.root()
	printed := r.do("make", "scheme", morning, "root.pub\nkept in a drawer")
	require.NotContains(t, printed, "\nkept in a drawer")
}

// Also what came to be there while the token was at work.
func TestFileThatIsThereIsNotWrittenTo(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	require.NoError(t, writeNew(name, []byte("one")))
	require.ErrorIs(t, writeNew(name, []byte("two")), os.ErrExist)
	b, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, "one", string(b))
}

func TestCertificateThatIsNotWhatWasAskedForIsFound(t *testing.T) {
	r := untilRequest(t)
	r.do("request", "post", morning, "less.request", "-rights", "issue", "-services", "1", "-longest", "84h")
	r.do("make", "post", morning, "other.pub", "-label", "other")
	r.root()
	_, seen := r.preview(noon, "less.request")
	r.do("certify", "scheme", noon, "less.cert", "-request", r.on("less.request"), "-heard", fingerprint(r.read("less.request")), "-sign", seen)
	check := func(args ...string) error { return run(append([]string{"verify"}, args...), nil, &bytes.Buffer{}) }
	require.NoError(t, check("-root", r.on("root.pub"), "-certificate", r.on("less.cert")))
	require.ErrorContains(t, check("-root", r.on("root.pub"), "-certificate", r.on("less.cert"), "-request", r.on("post.request")), "not what")
	require.ErrorIs(t, check("-root", r.on("other.pub"), "-certificate", r.on("less.cert")), credential.ReasonIssuerUnknown)
	require.Error(t, check("-root", r.on("less.cert"), "-certificate", r.on("less.cert")))
	require.Error(t, check("-root", r.on("nowhere"), "-certificate", r.on("less.cert")))
}

func TestPINComesFromTheStandardInput(t *testing.T) {
	r := newRoom(t)
	r.root()
	for i, typed := range []string{hsmtest.PIN, hsmtest.PIN + "\n", hsmtest.PIN + "\r\nmore"} {
		label := string(rune('a' + i))
		args := []string{"make", "-module", r.module, "-token", "scheme", "-pin", "-", "-label", label, "-at", morning,
			"-out", r.on(label), "-transcript", r.on("transcript")}
		require.NoError(t, run(args, strings.NewReader(typed), &bytes.Buffer{}))
	}
	args := []string{"make", "-module", r.module, "-token", "scheme", "-pin", "-", "-label", "d", "-at", morning,
		"-out", r.on("d"), "-transcript", r.on("transcript")}
	require.ErrorContains(t, run(args, strings.NewReader(strings.Repeat("1", 1<<20)), &bytes.Buffer{}), "no PIN")
}

func TestVerbsThatAreNone(t *testing.T) {
	for _, args := range [][]string{nil, {"forge"}, {"-help"}} {
		require.ErrorIs(t, run(args, nil, &bytes.Buffer{}), errUsage)
	}
	var help bytes.Buffer
	require.NoError(t, run([]string{"certify", "-help"}, nil, &help))
	require.Contains(t, help.String(), "-heard")
	for _, v := range verbs {
		require.Contains(t, errUsage.Error(), "\n  "+v.name+" ")
	}
}

// Flags behind a word that is none would go unread, and another key be made than was meant.
func TestWordThatIsNoFlagIsRefused(t *testing.T) {
	for _, v := range verbs {
		if v.name == "revoke" { // whose words are certificates
			continue
		}
		t.Run(v.name, func(t *testing.T) {
			err := run([]string{v.name, "p256", "-kind", "p256"}, nil, &bytes.Buffer{})
			require.ErrorContains(t, err, `"p256" is not a flag`)
		})
	}
}

// Whoever gives the PIN in the place of its file does not find it in a log as well.
func TestPINInThePlaceOfItsFileIsNotPrinted(t *testing.T) {
	r := newRoom(t)
	r.root()
	r.pin = hsmtest.PIN
	_, err := r.try("make", "scheme", morning, "root.pub")
	require.ErrorContains(t, err, "-pin: the file cannot be opened")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestVerifySaysWhatIsMissing(t *testing.T) {
	require.ErrorContains(t, run([]string{"verify"}, nil, &bytes.Buffer{}), "-root is missing")
	require.ErrorContains(t, run([]string{"verify", "-root", "root.pub"}, nil, &bytes.Buffer{}), "-certificate is missing")
}
