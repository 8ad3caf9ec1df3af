package conformance

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/spec"
)

// TestTraceIsTheOneInTheTree compares the matrix with the file, which
// go generate writes.
func TestTraceIsTheOneInTheTree(t *testing.T) {
	traced, err := Trace()
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, WriteTrace(&b, traced))
	held, err := os.ReadFile("trace.csv")
	require.NoError(t, err)
	require.True(t, bytes.Equal(held, b.Bytes()), "conformance/trace.csv is older than the cases or the text: go generate ./conformance")
}

// TestTraceHasEveryCase finds each case under each requirement that it cites.
func TestTraceHasEveryCase(t *testing.T) {
	traced, err := Trace()
	require.NoError(t, err)
	found := map[string]bool{}
	for _, x := range traced {
		for _, id := range append(append([]string(nil), x.Positive...), x.Negative...) {
			found[id] = true
		}
	}
	for _, c := range Cases(shim.RoleLock) {
		require.True(t, found[c.ID], c.ID)
	}
}

// TestNothingIsLacking: every requirement that is mandatory and can be seen on the
// wire has a positive and a negative case, and every recommendation one case.
func TestNothingIsLacking(t *testing.T) {
	traced, err := Trace()
	require.NoError(t, err)
	for _, x := range traced {
		require.Empty(t, x.Lacks(), "%s lacks a case", x.Requirement.ID)
		if x.Requirement.Testability == "wire" {
			require.NotEmpty(t, append(x.Positive, x.Negative...), "%s (%s) has no case", x.Requirement.ID, x.Requirement.Keyword)
		}
	}
}

func TestLacks(t *testing.T) {
	must := spec.Requirement{Keyword: "MUST NOT", Testability: "wire"}
	for want, x := range map[string]Traced{
		"positive and negative": {Requirement: must},
		"positive":              {Requirement: must, Negative: []string{"a"}},
		"negative":              {Requirement: must, Positive: []string{"a"}},
		"":                      {Requirement: must, Positive: []string{"a"}, Negative: []string{"b"}},
	} {
		require.Equal(t, want, x.Lacks())
	}
	require.Empty(t, Traced{Requirement: spec.Requirement{Keyword: "SHOULD", Testability: "wire"}}.Lacks())
	require.Empty(t, Traced{Requirement: spec.Requirement{Keyword: "MUST", Testability: "review"}}.Lacks())
	shown, mandatory := Coverage([]Traced{
		{Requirement: must}, {Requirement: must, Positive: []string{"a"}, Negative: []string{"b"}},
		{Requirement: spec.Requirement{Keyword: "MUST", Testability: "review"}}, {Requirement: spec.Requirement{Keyword: "MAY", Testability: "wire"}},
	})
	require.Equal(t, []int{1, 2}, []int{shown, mandatory})
	require.Equal(t, []int{2, 4}, missing([]int{1, 3, 3}, 4))
	require.Empty(t, missing(nil, 4))
}
