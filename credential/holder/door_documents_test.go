package holder_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/issuer"
)

// bag is what a postman's phone carries to a box: more than one command holds.
func bag(t *testing.T, w *worldtest.World) [][]byte {
	t.Helper()
	return [][]byte{
		w.Policy(t, func(c *credential.PolicyClaims) {
			c.Version = 2
			for i := range 16 {
				c.Denied = append(c.Denied, credential.Tag{0: byte(i)})
			}
		}),
		list(t, w, "scheme", 3, 24),
		list(t, w, "post", 1, 24),
		list(t, w, "carrier", 7, 24),
		list(t, w, "post", 2, 24),
		w.StatedTime(t, w.Now+660),
		policy(t, w, credential.LockID{9}, 5),
	}
}

// TestBagOfDocumentsIsHandedOver by phones of every kind, in one tap.
func TestBagOfDocumentsIsHandedOver(t *testing.T) {
	for name, c := range map[string]struct {
		phone     func(*worldtest.World) *holder.Phone
		operation credential.Operation
		resumed   bool
	}{
		"owner":              {func(w *worldtest.World) *holder.Phone { return w.OwnerPhone(t) }, credential.OperationOpen, false},
		"guest":              {func(w *worldtest.World) *holder.Phone { return w.NeighbourPhone(t) }, credential.OperationOpen, false},
		"postman, first tap": {func(w *worldtest.World) *holder.Phone { return w.PostmanPhone(t) }, credential.OperationDeliver, false},
		"postman, resumed":   {func(w *worldtest.World) *holder.Phone { return w.PostmanPhone(t) }, credential.OperationDeliver, true},
	} {
		for _, extended := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				w := worldtest.New(t)
				p := c.phone(w)
				p.Extended = extended
				if c.resumed {
					keeping(t, w, p, c.operation)
				}
				p.Authorities = append(p.Authorities, source(t, w, "carrier"))
				p.Documents = bag(t, w)
				link := apdu.NewTracer(w.Link())
				r := requireOpened(t, w, p, link, c.operation)
				require.Equal(t, c.resumed, sent(link, wire.InsResume) > 0)
				require.Greater(t, sent(link, wire.InsRequest), 1)
				require.Equal(t, uint32(2), r.State.PolicyVersion)
				require.Equal(t, w.Now+660, r.State.Floor)
				require.Len(t, r.Documents, 6, "another lock's policy stays in the bag")
				for i, d := range r.Documents {
					require.Equal(t, holder.DocumentResult{Document: p.Documents[i]}, d)
				}

				p.Documents = p.Documents[:6]
				again, err := p.Status(t.Context(), w.Link())
				require.NoError(t, err)
				require.Len(t, again.Documents, 6)
				for i, d := range again.Documents {
					want := credential.ReasonSuperseded
					if i == 5 {
						want = credential.ReasonNone // a stated time that is as late as the floor
					}
					require.Equal(t, want, d.Reason, "document %d", i)
				}
			})
		}
	}
}

// TestDocumentThatTakesTheRightAway is the holder's own last errand.
func TestDocumentThatTakesTheRightAway(t *testing.T) {
	w := worldtest.New(t)
	p := w.PostmanPhone(t)
	g, err := credential.ParseGrant(p.Grant)
	require.NoError(t, err)
	p.Documents = [][]byte{w.RevocationList(t, 1, g.Tag())}
	r, err := p.Open(t.Context(), w.Link(), credential.OperationDeliver)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeRefused, r.Outcome)
	require.Equal(t, credential.ReasonDenied, r.Reason)
	require.Equal(t, []holder.DocumentResult{{Document: p.Documents[0]}}, r.Documents)
	requireUntouched(t, w)
}

// TestDocumentsWhileTheDoorGathers are read once, however often the lock asks for
// patience.
func TestDocumentsWhileTheDoorGathers(t *testing.T) {
	w := worldtest.New(t)
	w.Bolt.Charges = []int{10, 20, 90}
	p := w.PostmanPhone(t)
	p.Wait = noWait
	p.Documents = [][]byte{w.Policy(t, func(c *credential.PolicyClaims) { c.Version = 2 })}
	r := requireOpened(t, w, p, w.Link(), credential.OperationDeliver)
	require.Equal(t, []holder.DocumentResult{{Document: p.Documents[0]}}, r.Documents)
}

// timely returns a guest's phone whose grant wants a live time, which it fetches
// of the post after the delay.
func timely(t *testing.T, w *worldtest.World, delay time.Duration) *holder.Phone {
	t.Helper()
	c := w.GuestClaims()
	c.Scope[0].Evidence = credential.EvidenceLive
	g, err := w.Owner.Grant(c)
	require.NoError(t, err)
	s, err := issuer.NewTimeSource(worldtest.Key("post"), w.Post.Authority())
	require.NoError(t, err)
	p := w.Phone(t, "neighbour", g)
	p.Live = func(_ context.Context, nonce [16]byte) ([]byte, error) {
		w.Elapsed += delay
		return s.Live(w.Now+660, 60, nonce)
	}
	return p
}

func TestLiveTimeOpensTheDoor(t *testing.T) {
	w := worldtest.New(t)
	p := timely(t, w, 5*time.Second)
	p.Slots = holder.NewSlots()
	for _, resumed := range []bool{false, true} {
		link := apdu.NewTracer(w.Link())
		r := requireOpened(t, w, p, link, credential.OperationOpen)
		require.Equal(t, resumed, sent(link, wire.InsResume) == 1)
		require.Equal(t, 1, sent(link, wire.InsRequest), "asked once more, in the same channel")
		require.Len(t, r.Documents, 1)
		require.Equal(t, credential.ReasonNone, r.Documents[0].Reason)
		require.Equal(t, w.Now+660, r.State.Floor)
	}
	for _, entry := range w.Openings() {
		require.Equal(t, credential.EvidenceLive, entry.Evidence)
		require.Equal(t, w.Now+660, entry.Time)
	}
}

// TestLiveTimeThatComesLate: the network took more than a minute.
func TestLiveTimeThatComesLate(t *testing.T) {
	w := worldtest.New(t)
	p := timely(t, w, 61*time.Second)
	r, err := p.Open(t.Context(), w.Link(), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.ReasonEvidence, r.Reason)
	require.Equal(t, holder.AdviceOnline, r.Advice)
	require.Len(t, r.Documents, 1)
	require.Equal(t, credential.ReasonEvidence, r.Documents[0].Reason)
	requireUntouched(t, w)
}

// TestLiveTimeAtALockWithoutOscillator is not fetched: it would be in vain.
func TestLiveTimeAtALockWithoutOscillator(t *testing.T) {
	w := worldtest.New(t)
	w.Config.Elapsed = nil
	w.PowerUp(t)
	p := timely(t, w, 0)
	p.Live = func(context.Context, [16]byte) ([]byte, error) { panic("it was fetched") }
	r, err := p.Open(t.Context(), w.Link(), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.ReasonEvidence, r.Reason)
	requireUntouched(t, w)
}

// TestNoticeAtTheDoor is shown to the guest, and also where the owner blocks him.
func TestNoticeAtTheDoor(t *testing.T) {
	w := worldtest.New(t)
	notice := credential.Notice{Kind: credential.NoticeAway, Until: w.Now + worldtest.Day, Instruction: credential.InstructionHoldParcels, Roles: credential.NoticeGuests | credential.NoticeOperators}
	told := notice
	told.Roles = 0
	w.Hand(t, w.Policy(t, func(c *credential.PolicyClaims) { c.Version, c.Notice = 2, notice }))
	r := requireOpened(t, w, w.NeighbourPhone(t), w.Link(), credential.OperationOpen)
	require.Equal(t, told, r.Notice)
	w.Hand(t, w.Policy(t, func(c *credential.PolicyClaims) { c.Version, c.Notice, c.Block = 3, notice, credential.BlockGuests }))
	r, err := w.NeighbourPhone(t).Open(t.Context(), w.Link(), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.ReasonBlocked, r.Reason)
	require.Equal(t, told, r.Notice)
}
