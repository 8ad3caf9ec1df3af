package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// kindNamed returns the kind with the name.
func kindNamed(t *testing.T, name string) kind {
	t.Helper()
	for _, k := range kinds {
		if k.name == name {
			return k
		}
	}
	require.Fail(t, "no such kind", name)
	return kind{}
}

// goldenCounts returns the golden counts by kind.
func goldenCounts(t *testing.T) map[string]counts {
	t.Helper()
	g, err := readGolden(golden)
	require.NoError(t, err)
	return g.counts
}

// What is seen from outside the lock is what the golden counts say.  What is
// seen inside is compared by the step costs of .ci/run.
func TestMeasuredCountsAreTheGoldenOnes(t *testing.T) {
	g, err := readGolden(golden)
	require.NoError(t, err)
	all, err := measureAll()
	require.NoError(t, err)
	require.NoError(t, complete(all, g))
	require.Equal(t, g.counts, all)
}

func TestChangedCountIsAFault(t *testing.T) {
	g, err := readGolden(golden)
	require.NoError(t, err)
	_, outside := new(counts).cells()
	for i, cell := range outside {
		all := goldenCounts(t)
		c := all["guest"]
		_, changed := c.cells()
		*changed[i].value++
		all["guest"] = c
		require.ErrorContains(t, complete(all, g), "guest: "+cell.name+" is ")
	}
	delete(g.counts, "guest")
	require.ErrorContains(t, complete(goldenCounts(t), g), "guest is not in the golden counts")
}

func TestTapThatEndsOtherwiseIsAFault(t *testing.T) {
	k := kindNamed(t, "owner")
	k.outcome = credential.OutcomeRefused
	_, err := k.measure(unwatched{})
	require.ErrorContains(t, err, "owner ended as opened, none, and must end as refused, none")
	k = kindNamed(t, "refused")
	k.reason = credential.ReasonExpired
	_, err = k.measure(unwatched{})
	require.ErrorContains(t, err, "refused ended as refused, target, and must end as refused, expired")
}

func TestDocumentThatFaresOtherwiseIsAFault(t *testing.T) {
	k := kindNamed(t, "stranger-policy")
	k.documents = []credential.Reason{credential.ReasonNone}
	_, err := k.measure(unwatched{})
	require.ErrorContains(t, err, "stranger-policy: the lock says [signature] of the documents, and must say [none]")
}

// pairs counts the commands that the lock works on.
type pairs struct{ begun, ended int }

func (p *pairs) begin() error { p.begun++; return nil }
func (p *pairs) end() error   { p.ended++; return nil }

func TestWatchSeesEveryCommand(t *testing.T) {
	for name, want := range map[string]int{"owner": 3, "owner-resumed": 2, "post-first": 4, "stranger-hello": 2, "guest-live": 4} {
		var p pairs
		c, err := kindNamed(t, name).measure(&p)
		require.NoError(t, err)
		require.Equal(t, pairs{want, want}, p, name)
		require.Equal(t, want, c.Pairs, name)
	}
}

// broken is a watch that fails.
type broken struct{ err error }

func (b broken) begin() error { return nil }
func (b broken) end() error   { return b.err }

func TestFailingWatchEndsTheTap(t *testing.T) {
	errBroken := errors.New("the watch is broken")
	_, err := kindNamed(t, "owner").measure(broken{errBroken})
	require.ErrorIs(t, err, errBroken)
}

func TestKindsHaveTheirNames(t *testing.T) {
	names, says := map[string]bool{}, map[string]bool{}
	for _, k := range kinds {
		require.False(t, names[k.name] || says[k.says], k.name)
		names[k.name], says[k.says] = true, true
		require.Regexp(t, `^[a-z0-9-]+$`, k.name)
		require.NotEqual(t, calibration, k.name)
		require.Less(t, len([]rune(k.says)), nameWidth, k.name)
	}
}

// The kinds differ in what makes them what they are.
func TestKindsCostWhatTheyAreAbout(t *testing.T) {
	all := goldenCounts(t)
	for name, c := range all {
		ops := c.X25519 + c.Ed25519Sign + c.Ed25519Verify + c.P256DH + c.P256Sign + c.P256Verify
		switch {
		case strings.HasSuffix(name, "resumed"):
			require.Zero(t, ops, name)
			require.Equal(t, 2, c.Pairs, name)
		case strings.HasPrefix(name, "start"):
			require.Zero(t, ops+c.Bytes, name)
			require.Equal(t, 256, c.FlashReads, name)
		case kindNamed(t, name).suite2:
			require.Equal(t, 2, c.P256DH, name)
			require.Zero(t, c.X25519+c.Ed25519Sign+c.Ed25519Verify+c.Ed25519Points, name)
		default:
			require.Equal(t, 2, c.X25519, name)
			require.Zero(t, c.P256DH+c.P256Sign+c.P256Verify+c.P256Points, name)
		}
		if refused := kindNamed(t, name).outcome >= credential.OutcomeUnconfirmed; refused && !strings.HasSuffix(name, "transfer") {
			require.Zero(t, c.FlashErases+c.FlashBytes, name)
		}
		require.Equal(t, c.FlashErases*flashPageBytes, c.FlashBytes, name)
	}
	require.Greater(t, all["owner-first"].Bytes, all["owner"].Bytes+100, "the certificate")
	require.Greater(t, all["full-owner"].FlashErases, all["owner"].FlashErases, "old values are copied")
	require.Greater(t, all["full-resumed"].SHA256Blocks, all["guest-resumed"].SHA256Blocks, "all slots are tried")
	require.Greater(t, all["full-transfer"].FlashErases, all["transfer"].FlashErases, "more is wiped")
	require.Greater(t, all["start-full"].Ed25519Points, all["start"].Ed25519Points, "more keys are kept")
	require.Greater(t, all["guest-counted"].FlashErases, all["guest"].FlashErases, "the confirmation")
	require.Equal(t, all["guest"].Ed25519Sign+1, all["guest-receipt"].Ed25519Sign)
	require.Greater(t, all["guest-log"].Bytes, all["guest"].Bytes+792)
	require.Equal(t, all["two"].Ed25519Verify+2, all["two-first"].Ed25519Verify)
	require.Equal(t, all["three"].Ed25519Verify+3, all["three-first"].Ed25519Verify)
	for _, document := range []string{"guest-policy", "stranger-policy", "guest-live"} {
		require.Equal(t, all["guest"].Ed25519Verify+1, all[document].Ed25519Verify, document)
	}
	for _, document := range []string{"post-time", "post-list"} {
		require.Equal(t, all["post-again"].Ed25519Verify+1, all[document].Ed25519Verify, document)
	}
	require.Equal(t, all["guest"].FlashErases, all["stranger-policy"].FlashErases)
	require.Equal(t, all["guest"].Ed25519Verify+1, all["guest-first"].Ed25519Verify)
	require.Equal(t, all["post-again"].Ed25519Verify+1, all["post-day"].Ed25519Verify)
	require.Equal(t, all["post-day"].Ed25519Verify+1, all["post-first"].Ed25519Verify)
}
