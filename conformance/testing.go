package conformance

import (
	"errors"
	"testing"

	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
)

// TestLock runs every case for locks on a device, each as a subtest.  Without a
// profile the lock is held to what it announces.
func TestLock(t *testing.T, device shim.Device, profile *Profile) {
	t.Helper()
	test(t, shim.RoleLock, device, profile)
}

// TestApp does so for apps.
func TestApp(t *testing.T, device shim.Device, profile *Profile) {
	t.Helper()
	test(t, shim.RoleApp, device, profile)
}

// TestIssuer does so for issuers.
func TestIssuer(t *testing.T, device shim.Device, profile *Profile) {
	t.Helper()
	test(t, shim.RoleIssuer, device, profile)
}

func test(t *testing.T, role shim.Role, d shim.Device, p *Profile) {
	t.Helper()
	if h := d.Hello(); h.Role != role {
		t.Fatalf("the device plays %s, not %s", h.Role, role)
	}
	r, err := Run(t.Context(), Plan{Device: d, Target: "go test", Profile: p})
	if err != nil {
		var f *shim.Fault
		if errors.As(err, &f) {
			t.Fatalf("the rig, not the product: %v", f)
		}
		t.Fatal(err)
	}
	for _, x := range r.Results {
		t.Run(x.Case, func(t *testing.T) {
			switch x.Verdict {
			case report.Pass:
			case report.NotApplicable, report.Skip:
				t.Skip(x.Message)
			case report.Warn:
				t.Logf("%s: %s: %s\n%s", x.Verdict, x.Title, x.Message, x.Details())
			default:
				t.Errorf("%s: %s: %s\n%s", x.Verdict, x.Title, x.Message, x.Details())
			}
		})
	}
	if r.Status() == 4 {
		t.Error("no case was carried out")
	}
}
