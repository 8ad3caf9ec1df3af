package conformance

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/spec"
)

// TestCapabilitiesAreTriedBothWays claims what the lock has not, and not what it has.
func TestCapabilitiesAreTriedBothWays(t *testing.T) {
	poor, rich := full(), full()
	poor.Profiles, poor.ExtendedLength = 1, false
	for _, c := range []struct {
		name   string
		has    target.Features
		claims *Profile
		ids    []string
	}{
		{"claimed and absent", target.Features{}, rich, []string{"LOCK-CLAIM-001", "LOCK-CLAIM-012", "LOCK-CLAIM-014", "LOCK-CLAIM-015"}},
		{"unclaimed and active", target.AllFeatures(), poor, []string{
			"LOCK-CLAIM-001", "LOCK-CLAIM-030", "LOCK-CLAIM-031", "LOCK-CLAIM-032", "LOCK-CLAIM-033", "LOCK-CLAIM-034", "LOCK-CLAIM-035",
		}},
	} {
		for _, id := range c.ids {
			t.Run(c.name+" "+id, func(t *testing.T) {
				w, err := world.New(3)
				require.NoError(t, err)
				k := find(t, id)
				require.True(t, k.When == "" || k.When.Applies(c.claims.Term))
				x := k.Do(t.Context(), cases.Rig{Device: reference(t, c.has), World: w, Claims: c.claims.Term, Level: shim.L2})
				require.Equal(t, report.Fail, x.Verdict, x.Message)
			})
		}
	}
}

// TestNoMeetingIsVacuous has a lock that reads nobody.
func TestNoMeetingIsVacuous(t *testing.T) {
	tried := 0
	for _, c := range Cases(shim.RoleLock) {
		if !slices.Contains(c.Needs, shim.VerbMeet) {
			continue
		}
		tried++
		d := deaf{reference(t, target.AllFeatures())}
		require.Equal(t, report.Fail, verdict(t, d, c).Verdict, c.ID)
	}
	require.Positive(t, tried)
}

// TestReaderWithoutMeet claims binding R on a shim that has every hook but cannot
// bring a phone.
func TestReaderWithoutMeet(t *testing.T) {
	i := slices.IndexFunc(Cases(shim.RoleLock), func(c cases.Case) bool { return slices.Contains(c.Needs, shim.VerbMeet) })
	c := Cases(shim.RoleLock)[i]
	all, err := spec.Requirements()
	require.NoError(t, err)
	requirements := map[string]spec.Requirement{}
	for _, r := range all {
		requirements[r.ID] = r
	}
	for _, c := range Cases(shim.RoleLock) {
		if slices.Contains(c.Needs, shim.VerbMeet) {
			require.NotEmpty(t, (&Profile{Role: shim.RoleLock, Profiles: 1}).Excludes(&c, requirements), "%s is for locks that claim binding R", c.ID)
		}
	}
	for level, want := range map[shim.Level]report.Verdict{shim.L1: report.NotApplicable, shim.L2: report.Fail} {
		p := full()
		p.Level = level
		r, err := Run(t.Context(), Plan{Device: meetless{reference(t, target.AllFeatures())}, Profile: p, Filter: Filter{Cases: []string{c.ID}}})
		require.NoError(t, err)
		require.Equal(t, want, r.Results[i].Verdict, r.Results[i].Message)
	}
}

// meetless is a device whose shim lacks meet.
type meetless struct{ shim.Device }

func (m meetless) Hello() shim.Hello {
	h := m.Device.Hello()
	h.Verbs = slices.DeleteFunc(slices.Clone(h.Verbs), func(v shim.Verb) bool { return v == shim.VerbMeet })
	return h
}

// deaf is a lock that reads no phone.
type deaf struct{ shim.Device }

func (d deaf) Do(ctx context.Context, r shim.Request) (any, error) {
	if r.Verb() == shim.VerbMeet {
		return &shim.Nothing{}, nil
	}
	return d.Device.Do(ctx, r)
}
