package main

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// golden holds the figures of every step.  They do not depend on the keys.
// After a change of the protocol, make them anew:
//
//	go run ./examples/mailbox -json > examples/mailbox/testdata/figures.jsonl
const golden = "testdata/figures.jsonl"

func TestFiguresAreTheGoldenOnes(t *testing.T) {
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	for range 3 { // new keys every time
		status, out, complaints := play(t, expectations, "-json")
		require.Equal(t, statusGood, status, complaints)
		require.Equal(t, string(want), out)
	}
}

// atDesk are the steps in which nobody stands at a lock.
var atDesk = map[string]bool{"altered-page": true, "owner-reads-log": true}

func TestFiguresHaveTheirFields(t *testing.T) {
	_, out, _ := play(t, expectations, "-json")
	lines := slices.Collect(strings.Lines(out))
	require.Len(t, lines, len(expectations))
	for i, l := range lines {
		var fields map[string]json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(l), &fields))
		require.ElementsMatch(t, []string{"step", "outcome", "reason", "pairs", "bytes", "lock_ops", "flash_bytes"}, keys(fields))
		var operations map[string]uint64
		require.NoError(t, json.Unmarshal(fields["lock_ops"], &operations))
		require.ElementsMatch(t, []string{"x25519", "ed25519_sign", "ed25519_verify", "p256_dh", "p256_sign", "p256_verify"}, keys(operations))

		var got line
		require.NoError(t, json.Unmarshal([]byte(l), &got))
		require.Equal(t, expectations[i].step, got.Step)
		require.Equal(t, expectations[i].outcome.String(), got.Outcome)
		require.Equal(t, expectations[i].reason.String(), got.Reason)
		if !atDesk[got.Step] {
			require.Positive(t, got.Pairs)
			require.Positive(t, got.Bytes)
		}
	}
}

// The bounds of the standard's section on costs, for the lock with an Ed25519
// key.
func TestOpeningsStayUnderTheirBounds(t *testing.T) {
	for name, most := range map[string]struct{ pairs, bytes int }{
		"postman-first-visit":  {4, 850},
		"postman-second-visit": {3, 520},
	} {
		r := stepNamed(t, name)
		require.LessOrEqual(t, r.cost.Pairs, most.pairs, name)
		require.LessOrEqual(t, r.cost.Bytes, most.bytes, name)
	}
}

// What the phone counts is what went over the link.  Where the lock is the reader,
// the phone counts what it would have sent.
func TestPhoneCountsAsTheTracerDoes(t *testing.T) {
	for _, r := range playAll(t) {
		if r.phone != nil && !r.byLock {
			require.Equal(t, r.cost, r.result.Cost, r.name)
		}
	}
}

// A refused tap moves nothing, and writes nothing to flash but what it brings
// along: news of time, and documents.
func TestRefusalsWriteNothing(t *testing.T) {
	for _, r := range playAll(t) {
		if r.outcome == credential.OutcomeRefused {
			require.Zero(t, r.driven, r.name)
			require.Zero(t, r.entries, r.name)
			require.Equal(t, r.floorAfter > r.floorBefore, r.programmed > 0, r.name)
		}
	}
}

func keys[V any](m map[string]V) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	return all
}
