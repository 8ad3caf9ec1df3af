package holder_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/worldtest"
)

// wholeTaps are taps for which nothing was promised, but for their pairs: they do
// more than open.
var wholeTaps = []tap{
	{name: "delegated guest, two links, lock known", operation: credential.OperationOpen, pairs: 4, phone: func(t *testing.T, w *worldtest.World) *holder.Phone {
		return knowing(t, w, chained(t, w, "cousin", plainChain(t, w, "cousin")))
	}},
	{name: "delegated guest, two links, lock known", operation: credential.OperationOpen, extended: true, pairs: 3, phone: func(t *testing.T, w *worldtest.World) *holder.Phone {
		return knowing(t, w, chained(t, w, "cousin", plainChain(t, w, "cousin")))
	}},
	{name: "delegated guest, three links, lock known", operation: credential.OperationOpen, pairs: 5, phone: func(t *testing.T, w *worldtest.World) *holder.Phone {
		return knowing(t, w, chained(t, w, "friend", plainChain(t, w, "cousin", "friend")))
	}},
	{name: "delegated guest, three links, lock known", operation: credential.OperationOpen, extended: true, pairs: 3, phone: func(t *testing.T, w *worldtest.World) *holder.Phone {
		return knowing(t, w, chained(t, w, "friend", plainChain(t, w, "cousin", "friend")))
	}},
	{name: "delegated guest, two links, resumed", operation: credential.OperationOpen, pairs: 2, bytes: 120, phone: func(t *testing.T, w *worldtest.World) *holder.Phone {
		return keeping(t, w, chained(t, w, "cousin", plainChain(t, w, "cousin")), credential.OperationOpen)
	}},
	{name: "counted guest, lock known", operation: credential.OperationOpen, pairs: 3, bytes: 520, phone: func(t *testing.T, w *worldtest.World) *holder.Phone {
		return knowing(t, w, guestWith(t, w, func(e *credential.Entry) { e.Uses = credential.Uses{Count: 1, Starts: 3} }))
	}},
	{name: "guest fetches a live time, lock known", operation: credential.OperationOpen, pairs: 5, phone: func(t *testing.T, w *worldtest.World) *holder.Phone {
		return knowing(t, w, timely(t, w, 0))
	}},
	{name: "guest fetches a live time, lock known", operation: credential.OperationOpen, extended: true, pairs: 4, phone: func(t *testing.T, w *worldtest.World) *holder.Phone {
		return knowing(t, w, timely(t, w, 0))
	}},
	{name: "owner hands a policy over, lock known", operation: credential.OperationStatus, pairs: 4, phone: func(t *testing.T, w *worldtest.World) *holder.Phone {
		p := knowing(t, w, w.OwnerPhone(t))
		p.Documents = [][]byte{w.Policy(t, func(c *credential.PolicyClaims) { c.Version = 2 })}
		return p
	}},
	{name: "owner hands a policy over, lock known", operation: credential.OperationStatus, extended: true, pairs: 3, phone: func(t *testing.T, w *worldtest.World) *holder.Phone {
		p := knowing(t, w, w.OwnerPhone(t))
		p.Documents = [][]byte{w.Policy(t, func(c *credential.PolicyClaims) { c.Version = 2 })}
		return p
	}},
	{name: "owner opens and hands a policy over, resumed", operation: credential.OperationOpen, extended: true, pairs: 2, phone: func(t *testing.T, w *worldtest.World) *holder.Phone {
		p := keeping(t, w, w.OwnerPhone(t), credential.OperationOpen)
		p.Documents = [][]byte{w.Policy(t, func(c *credential.PolicyClaims) { c.Version = 2 })}
		return p
	}},
	{name: "postman with a stated time, lock and operator known", operation: credential.OperationDeliver, pairs: 4, phone: func(t *testing.T, w *worldtest.World) *holder.Phone {
		requireOpened(t, w, w.PostmanPhone(t), w.Link(), credential.OperationDeliver)
		p := knowing(t, w, w.PostmanPhone(t))
		p.Documents = [][]byte{w.StatedTime(t, w.Now+60)}
		return p
	}},
	{name: "guest with a receipt, lock known", pairs: 4, phone: func(t *testing.T, w *worldtest.World) *holder.Phone {
		return knowing(t, w, w.NeighbourPhone(t))
	}, run: asking(receipted)},
	{name: "guest with a receipt, resumed", pairs: 2, phone: func(t *testing.T, w *worldtest.World) *holder.Phone {
		return keeping(t, w, w.NeighbourPhone(t), credential.OperationOpen)
	}, run: asking(receipted)},
	{name: "guest takes a page of the log along, resumed", extended: true, pairs: 3, phone: func(t *testing.T, w *worldtest.World) *holder.Phone {
		return keeping(t, w, w.NeighbourPhone(t), credential.OperationOpen)
	}, run: asking(holder.Ask{Operation: credential.OperationOpen, LogPages: 1})},
	{name: "guest takes a page of the log along, resumed", pairs: 6, phone: func(t *testing.T, w *worldtest.World) *holder.Phone {
		return keeping(t, w, w.NeighbourPhone(t), credential.OperationOpen)
	}, run: asking(holder.Ask{Operation: credential.OperationOpen, LogPages: 1})},
	{name: "commissioning, first visit", pairs: 3, bytes: 850, phone: func(t *testing.T, w *worldtest.World) *holder.Phone {
		vacate(t, w)
		return w.OwnerPhone(t)
	}, run: func(t *testing.T, p *holder.Phone, link apdu.Transceiver) (holder.Result, error) {
		_, r, err := p.Commission(t.Context(), link, worldtest.Setup)
		return r, err
	}},
}

// TestFiguresOfBindingR counts the bytes between a powered lock and the phone that it
// reads, and holds them to what section 21.2 says.
func TestFiguresOfBindingR(t *testing.T) {
	for _, c := range []struct {
		tap   string // by binding L
		pairs string // of command + response
		bytes int
	}{
		{"guest, lock known", "15+2 40+41 116+252 26+2", 494},
		{"postman, first visit of all", "15+2 40+41 261+254 26+172 26+2", 839},
		{"guest, resumed", "15+2 40+31 26+2", 116},
	} {
		t.Run(c.tap, func(t *testing.T) {
			like := taps[slices.IndexFunc(taps, func(l tap) bool { return l.name == c.tap })]
			w, d := worldtest.New(t), new(told)
			card := chosen(w, like.phone(t, w)).Card(t.Context(), holder.Ask{Operation: like.operation}, d.done)
			link := apdu.NewTracer(apdu.Direct(card))
			require.NoError(t, w.Lock.Meet(t.Context(), link))
			require.NoError(t, d.errs[0])
			require.Equal(t, credential.OutcomeOpened, d.results[0].Outcome)
			var pairs []string
			for _, p := range link.Pairs() {
				pairs = append(pairs, fmt.Sprintf("%d+%d", len(p.Command), len(p.Response)))
			}
			require.Equal(t, c.pairs, strings.Join(pairs, " "))
			require.Equal(t, c.bytes, link.Cost().Bytes)
			byL := d.results[0].Cost
			require.Equal(t, byL.Bytes+2*byL.Pairs+6, c.bytes)
			require.Len(t, pairs, byL.Pairs+1)
		})
	}
}

// receipted opens, for a parcel, with a receipt.
var receipted = holder.Ask{Operation: credential.OperationOpen, Receipt: true, Reference: credential.Reference{1, 2, 3, 4, 5, 6, 7, 8}}

// guestWith returns a guest's phone whose grant has its entry altered.
func guestWith(t *testing.T, w *worldtest.World, alter func(*credential.Entry)) *holder.Phone {
	t.Helper()
	c := w.GuestClaims()
	alter(&c.Scope[0])
	g, err := w.Owner.Grant(c)
	require.NoError(t, err)
	return w.Phone(t, "neighbour", g)
}

// plainChain is a chain from the neighbour's grant to the last of those named,
// each link with no more than it needs.
func plainChain(t *testing.T, w *worldtest.World, names ...string) [][]byte {
	t.Helper()
	c := w.GuestClaims()
	c.Scope[0].Delegation = uint8(len(names))
	g, err := w.Owner.Grant(c)
	require.NoError(t, err)
	chain, from := [][]byte{g}, "neighbour"
	for i, to := range names {
		claims := passed(t, w, to)
		claims.Scope[0].Delegation = uint8(len(names) - 1 - i)
		g, err := holder.Delegate(keyOf(t, from), chain, claims)
		require.NoError(t, err)
		chain, from = append(chain, g), to
	}
	return chain
}
