package conformance

import (
	"fmt"
	"os"
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
// sets of keys: every case with one of them, or with all twenty where the
// environment says CONFORMANCE_SEEDS=all, which takes minutes.
func TestReferenceIsCleanOverSeeds(t *testing.T) {
	const seeds, part = 20, 20
	for _, f := range []target.Features{target.AllFeatures(), {}} {
		for first := range part {
			t.Run(fmt.Sprintf("%+v/%d", f, first), func(t *testing.T) {
				t.Parallel()
				plan := Plan{Device: reference(t, f)}
				for s := first; s < seeds; s += part {
					plan.Seeds = append(plan.Seeds, uint64(s))
				}
				for i, c := range Cases(shim.RoleLock) {
					if i%part == first || os.Getenv("CONFORMANCE_SEEDS") == "all" {
						plan.Filter.Cases = append(plan.Filter.Cases, c.ID)
					}
				}
				r, err := Run(t.Context(), plan)
				require.NoError(t, err)
				passed := 0
				for _, x := range r.Results {
					require.False(t, x.Verdict.Surprise(), "%s seed %d: %s: %s\n%s", x.Case, x.Seed, x.Verdict, x.Message, x.Details())
					if x.Verdict == report.Pass {
						passed++
					}
				}
				require.Equal(t, 0, r.Status())
				require.Greater(t, passed, len(plan.Seeds)*len(plan.Filter.Cases)/2)
				t.Logf("%s in %d ms", r.Counts(), r.Took)
			})
		}
	}
}
