package conformance

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/shim"
)

// TestProforma fills in what the proforma of each role asks for.
func TestProforma(t *testing.T) {
	for _, role := range []shim.Role{shim.RoleLock, shim.RoleApp, shim.RoleIssuer} {
		p, err := Proforma(role)
		require.NoError(t, err)
		b, err := p.Encode()
		require.NoError(t, err)
		p, err = ReadProfile(b)
		require.NoError(t, err, "it can be read as it is")
		require.NotEmpty(t, p.Answers)
		open, err := p.Unanswered()
		require.NoError(t, err)
		require.NotEmpty(t, open)
		for _, r := range open {
			require.Contains(t, p.Answers, r.ID)
			require.Contains(t, p.Help[r.ID], r.Text)
			require.Equal(t, role == shim.RoleLock && r.Testability == "control", strings.Contains(p.Help[r.ID], "level 2"), "%s: %s", role, p.Help[r.ID])
		}
		for id := range p.Answers {
			p.Answers[id] = "In its own way."
		}
		open, err = p.Unanswered()
		require.NoError(t, err)
		require.Empty(t, open)
	}
}

// TestProformaAsksWhatTheClaimsAskFor compares a rich lock with a poor one.
func TestProformaAsksWhatTheClaimsAskFor(t *testing.T) {
	ids := func(p *Profile) string {
		open, err := p.Unanswered()
		require.NoError(t, err)
		var s []string
		for _, r := range open {
			s = append(s, r.ID)
		}
		return strings.Join(s, " ")
	}
	poor := &Profile{Role: shim.RoleLock, Profiles: 1}
	require.NotContains(t, ids(poor), "PST-COM-012", "it is for locks with a button")
	require.Contains(t, ids(full()), "PST-COM-012")
	require.Contains(t, ids(poor), "PST-ROLE-001", "a lock's maker answers for the keys too")
	require.NotContains(t, ids(&Profile{Role: shim.RoleApp}), "PST-ROLE-001 ")
	every, err := Proforma(shim.RoleLock)
	require.NoError(t, err)
	for _, r := range strings.Fields(ids(full())) {
		require.Contains(t, every.Answers, r)
	}
	all, err := full().Binding()
	require.NoError(t, err)
	for _, r := range all {
		if r.Testability == "wire" {
			require.NotContains(t, every.Answers, r.ID, "the wire answers")
		}
	}
}
