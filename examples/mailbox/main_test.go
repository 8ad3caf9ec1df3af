package main

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// play runs the program and returns its exit status and what it printed.
func play(t *testing.T, expected []expectation, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, complaints bytes.Buffer
	status = run(args, &out, &complaints, expected)
	return status, out.String(), complaints.String()
}

func TestStoryEndsWell(t *testing.T) {
	status, out, complaints := play(t, expectations)
	require.Equal(t, statusGood, status, complaints)
	require.Empty(t, complaints)
	require.Contains(t, out, "All 46 steps ended as they must.")
}

func TestStoryTellsEveryStep(t *testing.T) {
	_, out, _ := play(t, expectations)
	s, err := newStory()
	require.NoError(t, err)
	rest := out
	for _, sc := range s.scenes() {
		_, after, found := strings.Cut(rest, sc.title)
		require.True(t, found, sc.title)
		rest = after
		require.Contains(t, rest, " "+sc.name+" ", "table of figures")
	}
	for _, adds := range []string{"owner", "neighbour", "the child", "plant sitter", "PK-04711"} {
		require.Regexp(t, `(?m)^ +\d+  .* `+adds+`$`, out, "the owner's log")
	}
}

// A line has at most 100 columns, in the story and with every byte.
func TestStoryFitsTheTerminal(t *testing.T) {
	for _, args := range [][]string{nil, {"-v"}} {
		_, out, _ := play(t, expectations, args...)
		for line := range strings.Lines(out) {
			line = strings.TrimSuffix(line, "\n")
			require.LessOrEqual(t, utf8.RuneCountInString(line), width, line)
			require.Equal(t, strings.TrimRight(line, " "), line, "trailing space")
		}
	}
}

// find returns what is expected of the step.
func find(all []expectation, step string) *expectation {
	return &all[slices.IndexFunc(all, func(e expectation) bool { return e.step == step })]
}

func TestWrongExpectationGivesStatusOne(t *testing.T) {
	for name, change := range map[string]func([]expectation) []expectation{
		"outcome": func(e []expectation) []expectation {
			find(e, "owner-opens").outcome = credential.OutcomeRefused
			return e
		},
		"reason":      func(e []expectation) []expectation { find(e, "next-street").reason = credential.ReasonAction; return e },
		"bolt":        func(e []expectation) []expectation { find(e, "sitter-denied").driven = 1; return e },
		"log":         func(e []expectation) []expectation { find(e, "lost-late").entries = 0; return e },
		"wiped log":   func(e []expectation) []expectation { find(e, "postman-carries-sale").entries = 1; return e },
		"right shown": func(e []expectation) []expectation { find(e, "impostor-self-made").shown = true; return e },
		"policy":      func(e []expectation) []expectation { find(e, "courier-brings-block").policy = 1; return e },
		"at home": func(e []expectation) []expectation {
			find(e, "altered-page").outcome = credential.OutcomeDone
			return e
		},
		"name":          func(e []expectation) []expectation { e[1].step = "postman"; return e },
		"order":         func(e []expectation) []expectation { e[0], e[1] = e[1], e[0]; return e },
		"step missing":  func(e []expectation) []expectation { return append(e, expectation{step: "encore"}) },
		"step too many": func(e []expectation) []expectation { return e[:len(e)-1] },
	} {
		t.Run(name, func(t *testing.T) {
			expected := change(slices.Clone(expectations))
			status, out, complaints := play(t, expected)
			require.Equal(t, statusBad, status)
			require.Contains(t, complaints, "mailbox: step ")
			require.Contains(t, out, "NOT every step ended as it must")
			status, _, complaints = play(t, expected, "-json")
			require.Equal(t, statusBad, status)
			require.Contains(t, complaints, "mailbox: step ")
		})
	}
}

func TestFaultSaysWhatEndedHow(t *testing.T) {
	expected := slices.Clone(expectations)
	find(expected, "next-street").reason = credential.ReasonExpired
	_, _, complaints := play(t, expected, "-json")
	require.Equal(t, "mailbox: step next-street ended as next-street (refused, target, bolt driven 0 times, 0 log entries, right shown: true, policy 1), "+
		"must be next-street (refused, expired, bolt driven 0 times, 0 log entries, right shown: true, policy 1)\n", complaints)
}

func TestHelp(t *testing.T) {
	for _, flag := range []string{"-h", "-help", "--help"} {
		status, out, complaints := play(t, expectations, flag)
		require.Equal(t, statusGood, status)
		require.Equal(t, usage, out)
		require.Empty(t, complaints)
	}
	require.Contains(t, usage, "-json")
	require.Contains(t, usage, "-v ")
}

func TestWrongCommandLineGivesStatusTwo(t *testing.T) {
	for _, args := range [][]string{{"-x"}, {"-json=perhaps"}, {"owner"}, {"-json", "owner"}, {"--", "owner"}} {
		status, out, complaints := play(t, expectations, args...)
		require.Equal(t, statusUsage, status, args)
		require.Empty(t, out)
		require.Contains(t, complaints, "usage: mailbox")
	}
}

type closedPipe struct{}

var errClosedPipe = errors.New("nobody reads this")

func (closedPipe) Write([]byte) (int, error) { return 0, errClosedPipe }

func TestOutputThatFailsGivesStatusOne(t *testing.T) {
	for _, args := range [][]string{nil, {"-v"}, {"-json"}} {
		var complaints bytes.Buffer
		require.Equal(t, statusBad, run(args, closedPipe{}, &complaints, expectations))
		require.Contains(t, complaints.String(), errClosedPipe.Error())
	}
}
