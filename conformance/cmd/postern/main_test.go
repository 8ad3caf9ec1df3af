package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/spec"
	"github.com/postern-lock/postern/spec/vectors"
)

// TestMain makes this program a shim where a test asks for it.
func TestMain(m *testing.M) {
	switch kind := os.Getenv("POSTERN_TEST_SHIM"); kind {
	case "":
		os.Exit(m.Run())
	case "good":
		os.Exit(postern(context.Background(), console{os.Stdin, os.Stdout, os.Stderr, false}, []string{"serve-lock"}))
	case "tool":
		main()
	case "count":
		postern(context.Background(), console{os.Stdin, io.Discard, os.Stderr, false}, os.Args[1:])
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		fmt.Println(m.Mallocs, m.TotalAlloc)
	default:
		broken(kind)
	}
}

// call runs a command line.
func call(t *testing.T, stdin string, args ...string) (exit int, out, complaint string) {
	t.Helper()
	var o, e bytes.Buffer
	exit = postern(t.Context(), console{in: strings.NewReader(stdin), out: &o, err: &e}, args)
	return exit, o.String(), e.String()
}

func TestDemoConforms(t *testing.T) {
	exit, out, complaint := call(t, "", "run", "--target", "demo")
	require.Equal(t, conforms, exit, "%s\n%s", out, complaint)
	require.NotContains(t, out, "No profile was given")
	require.Regexp(t, `\nconforms(, as far as was tried at level \d: this run shows, .*, \d+ of the \d+ requirements .*)?\n$`, out)
}

// TestChildConforms runs some areas of the reference lock behind a shim.
func TestChildConforms(t *testing.T) {
	t.Setenv("POSTERN_TEST_SHIM", "good")
	exit, out, complaint := call(t, "", "run", "--target", "exec:"+os.Args[0], "--area", "S*")
	require.Equal(t, conforms, exit, "%s\n%s", out, complaint)
	require.Contains(t, out, "its claims were not tried")
	exit, out, complaint = call(t, "", "doctor", "--target", "exec:"+os.Args[0])
	require.Equal(t, conforms, exit, complaint)
	require.Regexp(t, `level L2, greets after .*\n(?s:.*)has   cut .*L2\n(?s:.*)profiles 255(?s:.*)SELECT .* half of them within`, out)
}

// TestDoctorOfAnApp names no level beside a verb: an app has no L0 for one to be of.
func TestDoctorOfAnApp(t *testing.T) {
	exit, out, complaint := call(t, "", "doctor", "--role", "app", "--target", "demo")
	require.Equal(t, conforms, exit, complaint)
	require.Regexp(t, `role app, level L1, greets after .*\n(?s:.*)  has   provision\n(?s:.*)  has   ask\n(?s:.*)  has   take\n`, out)
	require.NotRegexp(t, `(?m)^  (has|lacks) .*\bL[012]\b`, out)
}

// broken plays a shim that goes wrong when it is asked the 40th time.
func broken(kind string) {
	in := bufio.NewReader(os.Stdin)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var asked struct {
			ID   uint64    `json:"id"`
			Verb shim.Verb `json:"verb"`
		}
		_ = json.Unmarshal(line, &asked)
		if n == 40 || kind == "bad-hello" || kind == "mute" {
			goWrong(kind, asked.ID)
		}
		switch asked.Verb {
		case "hello":
			fmt.Printf(`{"id":%d,"ok":{"protocol":1,"role":"lock","product":"toy","version":"1","verbs":["power","transceive","deselect"]}}`+"\n", asked.ID)
		case shim.VerbTransceive:
			// An answer to SELECT that no two are equal of, whatever was asked.
			nonce := sha256.Sum256([]byte{byte(n)})
			fmt.Printf(`{"id":%d,"ok":{"apdu":"6f1f851d84010048%016x50%x9000"}}`+"\n", asked.ID, 7, nonce[:16])
		default:
			fmt.Printf(`{"id":%d,"ok":{}}`+"\n", asked.ID)
		}
	}
}

// goWrong does what the kind says, and ends the program.
func goWrong(kind string, id uint64) {
	switch kind {
	case "hangs", "mute":
		time.Sleep(time.Minute)
	case "dies":
		fmt.Fprintln(os.Stderr, "assertion failed: door != NULL")
		os.Exit(7)
	case "panics":
		panic("a shim")
	case "nonsense":
		fmt.Println("DEBUG: relay on")
	case "wrong-id":
		fmt.Printf(`{"id":%d,"ok":{}}`+"\n", id+5)
	case "floods":
		for {
			if _, err := fmt.Printf(`{"id":%d,"ok":{}}`+"\n", id); err != nil {
				os.Exit(0)
			}
		}
	case "no-line-feed":
		for {
			if _, err := fmt.Print(strings.Repeat("x", 4096)); err != nil {
				os.Exit(0)
			}
		}
	case "breaks-its-promise":
		fmt.Printf(`{"id":%d,"unsupported":"power"}`+"\n", id)
	case "has-its-own-trouble":
		fmt.Printf(`{"id":%d,"error":"the serial port is gone"}`+"\n", id)
	case "bad-hello":
		fmt.Printf(`{"id":%d,"ok":{"protocol":1,"role":"lock","product":"toy","version":"1","verbs":["power","transceive","teleport"]}}`+"\n", id)
	}
	_, _ = bufio.NewReader(os.Stdin).ReadByte()
	os.Exit(0)
}

// TestBrokenShims names each fault, with the line, and blames no product.
func TestBrokenShims(t *testing.T) {
	for kind, says := range map[string]string{
		"hangs":               `the rig: silent: no answer within 300ms; asked: {"id":40`,
		"mute":                `the rig: silent: no answer within 300ms; asked: {"id":1,"verb":"hello"`,
		"dies":                `exit status 7; it said: assertion failed: door != NULL`,
		"panics":              `exit status 2; it said: panic: a shim`,
		"nonsense":            `the rig: nonsense: not JSON: invalid character 'D' looking for beginning of value; line 40 of the shim: DEBUG: relay on`,
		"wrong-id":            `the rig: wrong-id: id 45, where 40 was asked; line 40 of the shim: {"id":45,"ok":{}}`,
		"floods":              `line 4`,
		"no-line-feed":        `the rig: long: more than 16384 bytes without a line feed; line 40 of the shim: xxx`,
		"breaks-its-promise":  `the rig: broken-promise: hello promised the verb`,
		"has-its-own-trouble": `the rig: error: the serial port is gone; line 40`,
		"bad-hello":           `the rig: protocol: role lock has no verb "teleport"; line 1 of the shim`,
	} {
		t.Run(kind, func(t *testing.T) {
			t.Setenv("POSTERN_TEST_SHIM", kind)
			file := filepath.Join(t.TempDir(), "report.json")
			began := time.Now()
			// Cases that the toy passes: with a fault of the rig alone there is a 3.
			exit, out, complaint := call(t, "", "run", "--target", "exec:"+os.Args[0], "--patience", "300ms", "--case", "LOCK-SELECT-00[12]", "--seeds", "5", "--report", file)
			require.Equal(t, rig, exit, "%s\n%s", out, complaint)
			require.Contains(t, out+complaint, says)
			require.NotContains(t, out, "FAIL")
			require.Less(t, time.Since(began), 20*time.Second)
			if strings.Contains(kind, "hello") || kind == "mute" {
				return // there is no run of which there could be a report
			}
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			r, err := report.Decode(data)
			require.NoError(t, err)
			require.Positive(t, r.Counts()[report.Inconclusive])
			require.Zero(t, r.Counts()[report.Fail]+r.Counts()[report.Error])
			require.NotEmpty(t, r.Rig)
		})
	}
}

func TestShimThatDoesNotStart(t *testing.T) {
	exit, _, complaint := call(t, "", "run", "--target", "exec:"+filepath.Join(t.TempDir(), "nothing"))
	require.Equal(t, rig, exit)
	require.Contains(t, complaint, "it does not start")
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{
		{"fly"}, {"help", "fly"}, {"help", "run", "list"}, {"run"}, {"run", "--target", "moon"}, {"run", "--target", "exec:"}, {"run", "--target", "demo:castle"}, {"run", "--target", "demo", "--case", "NONE"},
		{"run", "--target", "demo", "--case", "["}, {"run", "--colour"}, {"run", "--target", "demo", "--seeds", "0"}, {"run", "--target", "demo", "extra"},
		{"run", "--target", "demo", "--profile", "/does/not/exist"}, {"run", "--target", "demo", "--role", "door"}, {"run", "--target", "demo", "--patience", "0s"},
		{"explain", "PST-" + "NONE-001"}, {"explain"}, {"inspect"}, {"inspect", "xyz"}, {"inspect", "--as", "picture", "00"}, {"budget"}, {"budget", "/does/not/exist"}, {"report"}, {"report", "/does/not/exist", "--html", "x"}, {"run", "--target", "demo", "--exchanges", "some"},
		{"trace", "--role", "door"}, {"mutants", "--role", "door"}, {"mutants", "--role", "issuer", "--only", "chain-empty-link"}, {"trace", "--out", "x"}, {"run", "--target", "demo:box", "--role", "app"}, {"run", "--target", "demo:box", "--role", "issuer"}, {"list", "--case", "["}, {"serve-lock", "castle"}, {"doctor"},
		{"doctor", "--target", "demo", "--role", "door"}, {"run", "--target", "demo", "--control", "exec:x"}, {"run", "--target", "vpcd-listen:door"},
		{"run", "--target", "vpcd-listen:1:2:3"}, {"run", "--target", "vpcd-connect:box:65536"}, {"run", "--target", "vpcd-listen:0", "--control", "x"},
		{"run", "--target", "vpcd-listen:0", "--jobs", "2"}, {"run", "--role", "issuer", "--target", "vpcd-listen:0"}, {"run", "--role", "app", "--target", "pcsc:x"},
		{"run", "--role", "app", "--target", "vpcd-listen:0"}, {"serve-app", "--vpcd", "1", "--pcsc", "x"}, {"serve-lock", "--vpcd", "door"},
	} {
		exit, out, complaint := call(t, "", args...)
		require.Equal(t, usage, exit, "%v: %s%s", args, out, complaint)
		require.NotEmpty(t, complaint, "%v", args)
	}
	for _, args := range [][]string{{}, {"help"}, {"help", "help"}, {"help", "-h"}, {"-h"}, {"run", "-h"}} {
		exit, out, complaint := call(t, "", args...)
		require.Equal(t, conforms, exit)
		require.NotEmpty(t, out+complaint)
		require.NotContains(t, out, "serve-lock")
	}
}

// TestHelpOfAVerb is what the verb says with -h.
func TestHelpOfAVerb(t *testing.T) {
	for _, v := range verbs() {
		exit, out, complaint := call(t, "", "help", v.name)
		exitH, outH, complaintH := call(t, "", v.name, "-h")
		require.Equal(t, conforms, exit, v.name)
		require.Equal(t, []any{exitH, outH, complaintH}, []any{exit, out, complaint}, v.name)
	}
	_, _, complaint := call(t, "", "help", "run")
	require.Contains(t, complaint, "usage: postern run [flags]")
	_, out, complaint := call(t, "", "help", "nonsense")
	require.Empty(t, out)
	require.Equal(t, "postern: there is no verb \"nonsense\"; postern help lists them\n", complaint)
}

// TestProfileFails runs a lock that claims less than it shows.
func TestProfileFails(t *testing.T) {
	_, p, err := demo("")
	require.NoError(t, err)
	p.Profiles -= 16
	b, err := json.Marshal(p)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "profile.json")
	require.NoError(t, os.WriteFile(file, b, 0o600))
	exit, out, _ := call(t, "", "run", "--target", "demo", "--profile", file, "--area", "SELECT")
	require.Equal(t, conformsN, exit)
	for _, says := range []string{
		"FAIL   LOCK-SELECT-003", "SELECT announces clock", "PST-PROF-004 (section 23.2): A lock MUST NOT announce", "> 00a4040009f0504f535445524e0100  SELECT",
		"again: postern run --target 'demo' --case LOCK-SELECT-003 --seed 1", "does not conform",
	} {
		require.Contains(t, out, says)
	}
}

func TestFiles(t *testing.T) {
	folder := t.TempDir()
	json1, junit := filepath.Join(folder, "deep", "report.json"), filepath.Join(folder, "junit.xml")
	exit, part, complaint := call(t, "", "run", "--target", "demo", "--area", "CHAIN", "--exchanges", "all", "--report", json1, "--junit", junit)
	require.Equal(t, conforms, exit, complaint)
	data, err := os.ReadFile(json1)
	require.NoError(t, err)
	r, err := report.Decode(data)
	require.NoError(t, err)
	require.Equal(t, []string{"area CHAIN"}, r.Filters)
	require.Equal(t, len(conformance.Cases(shim.RoleLock)), len(r.Results), "also those that were left out")
	require.Positive(t, r.Counts()[report.Skip])
	require.FileExists(t, junit)
	require.Regexp(t, `\nno fault in the cases chosen; .*\n$`, part)

	page, again, summary := filepath.Join(folder, "report.html"), filepath.Join(folder, "again.xml"), filepath.Join(folder, "summary.md")
	exit, out, complaint := call(t, "", "report", json1, "--html", page, "--junit", again, "--markdown", summary)
	require.Equal(t, conforms, exit, complaint)
	require.Empty(t, out)
	for file, says := range map[string]string{page: "no fault in the cases chosen", again: `<testcase classname="LOCK-CHAIN"`, summary: "| PASS | "} {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Contains(t, string(b), says, file)
	}
	first, err := os.ReadFile(junit)
	require.NoError(t, err)
	second, err := os.ReadFile(again)
	require.NoError(t, err)
	require.Equal(t, string(first), string(second), "what derives from the report alone is the same")
	exit, out, _ = call(t, "", "report", json1)
	require.Equal(t, conforms, exit)
	require.Contains(t, out, " PASS, ")

	exit, out, _ = call(t, "", "budget", json1)
	require.Equal(t, conforms, exit)
	require.Regexp(t, `SELECT +\d+ +\d+ us +\d+ us +5[01]`, out)
	exit, out, _ = call(t, "", "inspect", json1)
	require.Equal(t, conformsN, exit, "the cases of the area hold commands that are none")
	require.Contains(t, out, "command SELECT")
}

func TestNDJSON(t *testing.T) {
	exit, out, _ := call(t, "", "run", "--target", "demo", "--area", "SELECT", "--ndjson")
	require.Equal(t, conforms, exit)
	results := 0
	var first, last map[string]json.RawMessage
	for line := range strings.Lines(out) {
		last = nil
		require.NoError(t, json.Unmarshal([]byte(line), &last))
		if first == nil {
			first = last
		}
		if result, ok := last["result"]; ok {
			results++
			require.NotContains(t, string(result), `"exchanges"`, "they were not asked for")
		}
	}
	require.Regexp(t, `"cases":\d\d,.*"product":{"role":"lock"`, string(first["begin"]))
	require.Equal(t, len(conformance.Cases(shim.RoleLock)), results)
	require.Contains(t, string(last["summary"]), `"status":0`)
}

// TestAreasAreLines prints a line an area where there is no terminal.
func TestAreasAreLines(t *testing.T) {
	exit, out, _ := call(t, "", "run", "--target", "demo", "--area", "CHAIN", "--area", "FETCH")
	require.Equal(t, conforms, exit)
	require.Regexp(t, `(?m)^LOCK-CHAIN +\d+\.\d\d s  \d+ PASS\nLOCK-FETCH +\d+\.\d\d s  \d+ PASS$`, out)
	require.NotContains(t, out, "LOCK-SELECT")
}

// TestTerminal writes the case that runs over itself, and leaves nothing of it.
func TestTerminal(t *testing.T) {
	var o bytes.Buffer
	require.Equal(t, conforms, postern(t.Context(), console{out: &o, err: &o, terminal: true}, []string{"run", "--target", "demo", "--area", "CHAIN"}))
	require.Regexp(t, `\r\x1b\[K\[ 1/\d+\] LOCK-CHAIN-001`, o.String())
	require.Contains(t, o.String(), "\r\x1b[KPostern reference lock:")
}

// TestAlike prints one of the cases whose set-up fails alike, and counts the others.
func TestAlike(t *testing.T) {
	var out bytes.Buffer
	p := &progress{console: console{out: &out}}
	for _, id := range []string{"LOCK-A-001", "LOCK-A-002", "LOCK-A-003"} {
		p.end(report.Result{Case: id, Verdict: report.Fail, SetUp: true, Message: "in the set-up: no", Requirements: []string{"PST-APDU-001"}})
	}
	p.end(report.Result{Case: "LOCK-A-004", Verdict: report.Fail, SetUp: true, Message: "in the set-up: never"})
	p.repeated()
	require.Contains(t, out.String(), "did not come to what it shows: PST-APDU-001\n")
	require.Contains(t, out.String(), "LOCK-A-001")
	require.NotRegexp(t, "LOCK-A-00[23]", out.String())
	require.Contains(t, out.String(), "LOCK-A-004")
	require.Regexp(t, `\n2 more cases ended so, and are not printed \(-v prints them\): in the set-up: no\n$`, out.String())
}

func TestListAndExplain(t *testing.T) {
	exit, out, _ := call(t, "", "list", "--requirement", "PST-APDU-016#3")
	require.Equal(t, conforms, exit)
	require.Contains(t, out, "LOCK-CHAIN-010")
	require.NotContains(t, out, "LOCK-SELECT-001")
	exit, out, _ = call(t, "", "explain", "lock-chain-010")
	require.Equal(t, conforms, exit)
	require.Contains(t, out, "without it: [9000]; with it: [6883]")
	exit, out, _ = call(t, "", "explain", "PST-APDU-016#3")
	require.Equal(t, conforms, exit)
	require.Contains(t, out, "  #3 It answers 6883")
	require.Contains(t, out, "LOCK-CHAIN-010  negative")
}

// TestFilterOfNothing names the filter that matches no case.
func TestFilterOfNothing(t *testing.T) {
	for says, args := range map[string][]string{
		`postern list: usage: conformance: the filter takes no case of role lock, app, issuer: nothing matches area "NOPE"`: {"list", "--area", "NOPE"},
		`postern list: usage: conformance: the filter takes no case of role app: nothing matches case "LOCK-*"`:             {"list", "--role", "app", "--case", "LOCK-*"},
		`postern run: usage: conformance: the filter takes no case of role lock: nothing matches requirement "PST-NOPE"`:    {"run", "--target", "demo", "--requirement", "PST-NOPE"},
	} {
		exit, out, complaint := call(t, "", args...)
		require.Equal(t, usage, exit)
		require.Equal(t, says+"\n", complaint)
		require.Empty(t, out)
	}
}

func TestTraceVerb(t *testing.T) {
	exit, out, _ := call(t, "", "trace", "--role", "lock", "--csv")
	require.Equal(t, conforms, exit)
	require.Contains(t, out, "lock,PST-APDU-016,")
	exit, out, _ = call(t, "", "trace")
	require.Contains(t, []int{conforms, conformsN}, exit)
	require.Regexp(t, `\d+ requirements that are mandatory`, out)
}

func TestVectors(t *testing.T) {
	folder := t.TempDir()
	exit, out, _ := call(t, "", "vectors", "--out", folder)
	require.Equal(t, conforms, exit)
	areas, err := vectors.Areas()
	require.NoError(t, err)
	tables, err := spec.Tables()
	require.NoError(t, err)
	require.Contains(t, out, fmt.Sprintf("%d files", 5+2*len(areas)+len(tables)))
	for _, a := range areas {
		data, err := os.ReadFile(filepath.Join(folder, a.File))
		require.NoError(t, err)
		require.NoError(t, a.Verify(data))
		require.FileExists(t, filepath.Join(folder, filepath.FromSlash(a.Schema)))
	}
	for _, name := range []string{"index.json", "README.md", "registry/reasons.csv", "registry/status-words.csv", "registry/algorithms.csv"} {
		require.FileExists(t, filepath.Join(folder, filepath.FromSlash(name)))
	}
	schemas, err := filepath.Glob(filepath.Join(folder, "schemas", "*.json"))
	require.NoError(t, err)
	require.Len(t, schemas, 3+len(areas))
	for _, name := range schemas { // each with all that it refers to
		_, err := jsonschema.NewCompiler().Compile(name)
		require.NoError(t, err)
	}
	exit, out, _ = call(t, "", "vectors")
	require.Equal(t, conforms, exit)
	require.Contains(t, out, "apdu")
}

func TestInspect(t *testing.T) {
	exit, out, _ := call(t, "", "inspect", "00 A4 04 00 09 F0:50:4F 53 54 45 52 4E 01 00")
	require.Equal(t, conforms, exit)
	require.Contains(t, out, "command SELECT")
	exit, out, _ = call(t, "a2 01 02 01 03\n", "inspect", "-")
	require.Equal(t, conformsN, exit)
	require.Contains(t, out, "WRONG: byte 3: key 01 stands behind 01")
	exit, out, _ = call(t, "> 00a40400\n< 6a82 not found\nnoise\n", "inspect", "-")
	require.Equal(t, conformsN, exit)
	require.Contains(t, out, "response 6A82")
	exit, out, _ = call(t, "", "inspect", "--as", "object", "84")
	require.Equal(t, conformsN, exit)
	require.Contains(t, out, "no object")
}

// TestInspectLinks takes the links of chapter 27, as an argument and in a file.
func TestInspectLinks(t *testing.T) {
	w, err := world.New(1)
	require.NoError(t, err)
	link := credential.RequestLink(w.Public("post"))
	for stdin, args := range map[string][]string{"": {"inspect", link}, link + "\n": {"inspect", "-"}} {
		exit, out, complaint := call(t, stdin, args...)
		require.Equal(t, conforms, exit, complaint)
		require.Contains(t, out, "request for a pass")
	}
	exit, out, _ := call(t, "", "inspect", "postern:pass/oQ")
	require.Equal(t, conformsN, exit)
	require.Contains(t, out, "WRONG: ")
}
