package conformance

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/spec"
)

// reference returns a reference lock.
func reference(t *testing.T, f target.Features) *target.Lock {
	t.Helper()
	w, err := world.New(0)
	require.NoError(t, err)
	return target.NewLock(f, w.Rand("the lock's own random numbers"))
}

// full is the profile of the richest reference lock.
func full() *Profile {
	return &Profile{
		Product: "reference", Edition: spec.Version, Role: shim.RoleLock, Profiles: 255, ExtendedLength: true,
		Options: []string{"button", "tamper-sensor"}, Level: shim.L2,
	}
}

func TestCasesAreWellFormed(t *testing.T) {
	requirements, err := spec.Requirements()
	require.NoError(t, err)
	for _, role := range []shim.Role{shim.RoleLock, shim.RoleApp, shim.RoleIssuer} {
		require.NoError(t, cases.Check(Cases(role), requirements))
	}
}

// TestReferenceConforms is the suite as a user in Go has it.
func TestReferenceConforms(t *testing.T) {
	TestLock(t, reference(t, target.AllFeatures()), full())
}

// TestReferenceIsCleanOverSeeds runs all features, and none of them, with twenty
// sets of keys.
func TestReferenceIsCleanOverSeeds(t *testing.T) {
	var seeds []uint64
	for s := range uint64(20) {
		seeds = append(seeds, s)
	}
	for _, f := range []target.Features{target.AllFeatures(), {}} {
		r, err := Run(t.Context(), Plan{Device: reference(t, f), Seeds: seeds})
		require.NoError(t, err)
		for _, x := range r.Results {
			require.False(t, x.Verdict.Surprise(), "%s seed %d: %s: %s\n%s", x.Case, x.Seed, x.Verdict, x.Message, x.Details())
		}
		require.Equal(t, 0, r.Status())
		fixed := 0
		for _, c := range Cases(shim.RoleLock) {
			if c.Fixed {
				fixed++
			}
		}
		require.Len(t, r.Results, 20*len(Cases(shim.RoleLock))-19*fixed)
		require.Greater(t, r.Counts()[report.Pass], 20*70)
		t.Logf("%s in %d ms", r.Counts(), r.Took)
	}
}
