package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// runProgram runs the program and returns its exit status and what it printed.
func runProgram(t *testing.T, golden string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, complaints bytes.Buffer
	status = run(args, &out, &complaints, golden)
	return status, out.String(), complaints.String()
}

// The tables are golden.  Make them anew, with the counts, by:
//
//	go run ./examples/costs -golden examples/costs/testdata
func TestTablesAreTheGoldenOnes(t *testing.T) {
	want, err := os.ReadFile("testdata/tables.txt")
	require.NoError(t, err)
	status, out, complaints := runProgram(t, golden)
	require.Equal(t, statusGood, status, complaints)
	require.Equal(t, string(want), out)
}

func TestTablesFitTheTerminal(t *testing.T) {
	_, out, _ := runProgram(t, golden)
	for line := range strings.Lines(out) {
		line = strings.TrimSuffix(line, "\n")
		require.LessOrEqual(t, utf8.RuneCountInString(line), width, line)
		require.Equal(t, strings.TrimRight(line, " "), line, "trailing space")
	}
}

func TestJSONSaysTheSame(t *testing.T) {
	status, out, complaints := runProgram(t, golden, "-json")
	require.Equal(t, statusGood, status, complaints)
	in := json.NewDecoder(strings.NewReader(out))
	in.DisallowUnknownFields()
	var d document
	require.NoError(t, in.Decode(&d))
	require.Regexp(t, `^go1\.\d+$`, d.Go)
	all := goldenCounts(t)
	require.Len(t, d.Taps, len(kinds))
	for i, tap := range d.Taps {
		require.Equal(t, kinds[i].name, tap.Tap)
		require.Equal(t, kinds[i].group, tap.Group)
		require.Equal(t, kinds[i].outcome.String(), tap.Outcome)
		require.Equal(t, kinds[i].reason.String(), tap.Reason)
		require.Equal(t, counted, tap.Basis)
		require.Equal(t, all[tap.Tap], tap.Counts)
		require.Equal(t, predict(tap.Counts), tap.Predicted)
	}
	require.Len(t, d.Rounds, 2)
	for _, r := range d.Rounds {
		require.GreaterOrEqual(t, float64(r.Openings)*r.MeanPages, 255.5)
		require.Less(t, r.MeanPages, float64(r.MostPages))
	}
	require.Equal(t, all["full-owner"].FlashErases, d.Rounds[0].MostPages)
	require.Len(t, d.Prices, len(prices)*len(cores))
	for _, p := range d.Prices {
		require.Contains(t, []basis{published, estimated}, p.Basis)
	}
	require.Equal(t, assumed{estimated, airBytesPerMs, flashEraseMs, flashProgramMs, flashPageBytes}, d.Assumed)
	require.Len(t, d.Notes, len(notes))
}

func TestStaleGoldenCountsGiveStatusOne(t *testing.T) {
	for _, args := range [][]string{nil, {"-json"}} {
		status, out, complaints := runProgram(t, strings.Replace(golden, "\nowner,2,", "\nowner,3,", 1), args...)
		require.Equal(t, statusBad, status)
		require.Empty(t, out)
		require.Contains(t, complaints, "costs: owner: x25519 is 2 now and 3 in the golden counts")
		require.Contains(t, complaints, anew)
		status, _, complaints = runProgram(t, "", args...)
		require.Equal(t, statusBad, status)
		require.Contains(t, complaints, "spoilt")
	}
}

// Only the copy that was built with counters can write them.
func TestCountersNeedTheirBuild(t *testing.T) {
	if testing.CoverMode() == "atomic" {
		t.Skip("this test was built with counters")
	}
	status, _, complaints := runProgram(t, golden, "-counters", t.TempDir())
	require.Equal(t, statusBad, status)
	require.Contains(t, complaints, "cover")
}

func TestHelp(t *testing.T) {
	for _, flag := range []string{"-h", "-help", "--help"} {
		status, out, complaints := runProgram(t, golden, flag)
		require.Equal(t, statusGood, status)
		require.Equal(t, usage, out)
		require.Empty(t, complaints)
	}
}

func TestWrongCommandLineGivesStatusTwo(t *testing.T) {
	for _, args := range [][]string{{"-x"}, {"owner"}, {"-json", "-count"}, {"-json", "owner"}, {"-counters"}, {"-golden"}, {"-golden", "x", "-json"}} {
		status, out, complaints := runProgram(t, golden, args...)
		require.Equal(t, statusUsage, status, args)
		require.Empty(t, out)
		require.Contains(t, complaints, "usage: costs")
	}
}

type closedPipe struct{}

var errClosedPipe = errors.New("nobody reads this")

func (closedPipe) Write([]byte) (int, error) { return 0, errClosedPipe }

func TestOutputThatFailsGivesStatusOne(t *testing.T) {
	for _, args := range [][]string{nil, {"-json"}} {
		var complaints bytes.Buffer
		require.Equal(t, statusBad, run(args, closedPipe{}, &complaints, golden))
		require.Contains(t, complaints.String(), errClosedPipe.Error())
	}
}

func TestNumbersAreReadable(t *testing.T) {
	for f, want := range map[float64]string{7: "7", 574: "574", 1_646: "1,646", 48_000: "48,000", 3_589_850: "3,589,850"} {
		require.Equal(t, want, thousands(f))
	}
	for ms, want := range map[float64]string{0: "·", 0.04: "0.0", 9.94: "9.9", 9.96: "10", 562.6: "563"} {
		require.Equal(t, want, plain(ms))
	}
}
