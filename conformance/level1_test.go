package conformance

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target"
)

// unhooked is a device at level 1.
type unhooked struct{ shim.Device }

func (u unhooked) Hello() shim.Hello {
	h := u.Device.Hello()
	h.Verbs = []shim.Verb{shim.VerbPower, shim.VerbTransceive, shim.VerbProvision}
	return h
}

// TestReferenceConformsAtLevel1 has no hooks: production firmware has none.  Every
// third case will do.
func TestReferenceConformsAtLevel1(t *testing.T) {
	p := full()
	p.Level = shim.L1
	r, err := Run(t.Context(), Plan{Device: unhooked{reference(t, target.AllFeatures())}, Profile: p, Filter: some(3)})
	require.NoError(t, err)
	for _, x := range r.Results {
		require.False(t, x.Verdict.Surprise(), "%s: %s: %s\n%s", x.Case, x.Verdict, x.Message, x.Details())
	}
	require.Equal(t, 0, r.Status())
	require.Greater(t, r.Counts()[report.Pass], 500)
}
