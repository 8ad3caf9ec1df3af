package ledgertest

import (
	"context"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/issuer/ledger"
)

// trial is a tester that ends with the first failure and tells of it.
type trial struct {
	ctx    context.Context
	failed bool
}

func (p *trial) Errorf(string, ...any)    { p.failed = true }
func (p *trial) FailNow()                 { p.failed = true; runtime.Goexit() }
func (*trial) Helper()                    {}
func (p *trial) Context() context.Context { return p.ctx }

// fails reports whether a store fails a behaviour.
func fails(ctx context.Context, b behaviour, s ledger.Store) bool {
	p := &trial{ctx: ctx}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.test(p, s)
	}()
	<-done
	return p.failed
}

func TestAlteredNothingPasses(t *testing.T) {
	for _, b := range behaviours {
		require.False(t, fails(t.Context(), b, alter(ledger.NewMemory())), b.name)
	}
}

// TestWrongStores tries stores with one fault each.  Each fault is found by the
// behaviour that is about it, and each behaviour finds one at least.
func TestWrongStores(t *testing.T) {
	found := map[string]bool{}
	for name, faults := range map[string][]wrong{
		"grants": wrongGrants, "clock": wrongClock, "concurrent": wrongConcurrent, "lists": wrongLists,
		"courier": wrongCourier, "pages": wrongPages, "deaf": deaf(),
	} {
		for _, w := range faults {
			t.Run(name+"/"+w.fault, func(t *testing.T) {
				caught := false
				for _, b := range behaviours {
					if b.name != w.behaviour {
						continue
					}
					s := alter(ledger.NewMemory())
					w.alter(s)
					caught = fails(t.Context(), b, s)
				}
				require.True(t, caught, w.behaviour)
				found[w.behaviour] = true
			})
		}
	}
	for _, b := range behaviours {
		require.True(t, found[b.name], "no wrong store fails: %s", b.name)
	}
}

// wrong is a fault of a store, and the name of the behaviour that finds it.
type wrong struct {
	fault, behaviour string
	alter            func(*altered)
}
