package lock_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock"
)

// registry returns the active entries of a registry of the specification, by
// name.
func registry(t *testing.T, name string) map[string]int {
	t.Helper()
	f, err := os.Open("../spec/registry/" + name + ".csv")
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"value", "name", "status"}, rows[0][:3])
	active := make(map[string]int)
	for _, row := range rows[1:] {
		if row[2] == "active" {
			active[row[1]], err = strconv.Atoi(row[0])
			require.NoError(t, err)
		}
	}
	return active
}

// produced brings a reason about by an exchange between a phone and a lock, and
// returns what whoever is told of it was told.
type produced func(*testing.T, *worldtest.World) credential.Reason

// TestEveryReasonIsProduced brings every active reason of the registry about.
func TestEveryReasonIsProduced(t *testing.T) {
	all := make(map[string]produced)
	for _, some := range []map[string]produced{sealedReasons, documentReasons, localReasons, phoneReasons} {
		for name, by := range some {
			require.NotContains(t, all, name)
			all[name] = by
		}
	}
	active := registry(t, "reasons")
	for name := range all {
		require.Contains(t, active, name, "the registry has no such reason")
	}
	for name, number := range active {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, all, name, "nothing brings the reason about")
			w := worldtest.New(t)
			got := all[name](t, w)
			require.Equal(t, credential.Reason(number), got, got.String())
			require.Equal(t, name, got.String())
		})
	}
}

// by returns the reason of a tap that is refused, or fails.
func by(phone func(*testing.T, *worldtest.World) *holder.Phone, o credential.Operation) produced {
	return func(t *testing.T, w *worldtest.World) credential.Reason {
		p := phone(t, w)
		r, err := tap(t, w, p, o)
		require.NoError(t, err)
		require.Contains(t, []credential.Outcome{credential.OutcomeRefused, credential.OutcomeFailed}, r.Outcome)
		return r.Reason
	}
}

// byGuest is by with a grant of the owner that was altered.
func byGuest(alter func(*worldtest.World, *credential.GrantClaims)) produced {
	return by(func(t *testing.T, w *worldtest.World) *holder.Phone {
		return guest(t, w, func(c *credential.GrantClaims) { alter(w, c) })
	}, credential.OperationOpen)
}

// byPolicy is by the post, or a guest, after the owner handed a policy over.
func byPolicy(o credential.Operation, alter func(*credential.PolicyClaims)) produced {
	return by(func(t *testing.T, w *worldtest.World) *holder.Phone {
		w.Hand(t, second(t, w, alter))
		if o == credential.OperationDeliver {
			return w.PostmanPhone(t)
		}
		return w.NeighbourPhone(t)
	}, o)
}

// byOperator is by an operator whose certificate was altered.
func byOperator(alter func(*credential.AuthorityClaims)) produced {
	return by(func(t *testing.T, w *worldtest.World) *holder.Phone {
		a := w.PostClaims()
		alter(&a)
		p := w.Phone(t, "postman", sign(t, "post", w.RoundClaims()))
		p.Authorities = [][]byte{w.Authority(t, a).Bytes()}
		return p
	}, credential.OperationDeliver)
}

// after is by a guest, where something was done to the lock.
func after(prepare func(*testing.T, *worldtest.World) *holder.Phone) produced {
	return by(prepare, credential.OperationOpen)
}

// sealedReasons are those that the lock gives a phone in its decision.
var sealedReasons = map[string]produced{
	"authority-right": byOperator(func(a *credential.AuthorityClaims) {
		a.Rights, a.Services, a.LongestGrant = credential.RightTime, nil, 0
	}),
	"authority-expired": byOperator(func(a *credential.AuthorityClaims) { a.Expires = a.IssuedAt + 1 }),
	"grant-too-long":    byOperator(func(a *credential.AuthorityClaims) { a.LongestGrant = time.Hour }),
	"service":           byOperator(func(a *credential.AuthorityClaims) { a.Services = append(a.Services, credential.ServiceParcel) }),
	"target": byGuest(func(_ *worldtest.World, c *credential.GrantClaims) {
		c.Scope[0].Target = credential.AreaTarget([]byte("DE"))
	}),
	"action": byGuest(func(_ *worldtest.World, c *credential.GrantClaims) { c.Scope[0].Actions = credential.ActionCollect }),
	"condition-unknown": after(func(t *testing.T, w *worldtest.World) *holder.Phone {
		p := guest(t, w, func(c *credential.GrantClaims) { c.Scope[0].PolicyVersion = 1 })
		p.Grant = resigned(t, "owner", p.Grant, "A1 05 01", "A1 08 01")
		return p
	}),
	"not-yet-valid":     byGuest(func(_ *worldtest.World, c *credential.GrantClaims) { c.NotBefore = c.IssuedAt + 1 }),
	"expired":           byGuest(func(w *worldtest.World, c *credential.GrantClaims) { c.IssuedAt, c.Expires = 1, made(w) }),
	"policy-version":    byGuest(func(_ *worldtest.World, c *credential.GrantClaims) { c.Scope[0].PolicyVersion = 2 }),
	"operation-unknown": by(func(t *testing.T, w *worldtest.World) *holder.Phone { return w.OwnerPhone(t) }, 200),
	"state": after(func(t *testing.T, w *worldtest.World) *holder.Phone {
		w.Flash.Fail = func() error { return errDark }
		return w.OwnerPhone(t)
	}),
	"drive": after(func(t *testing.T, w *worldtest.World) *holder.Phone {
		w.Bolt.Motion = lock.Stuck
		return w.OwnerPhone(t)
	}),
	"denied":       byPolicy(credential.OperationOpen, func(c *credential.PolicyClaims) { c.Least = 1 }),
	"blocked":      byPolicy(credential.OperationOpen, func(c *credential.PolicyClaims) { c.Block = credential.BlockGuests }),
	"not-admitted": byPolicy(credential.OperationDeliver, func(c *credential.PolicyClaims) { c.Services = nil }),
	"hours": after(func(t *testing.T, w *worldtest.World) *holder.Phone {
		return liveAt(t, w, guest(t, w, func(c *credential.GrantClaims) { c.Scope[0].Schedule = sundays }), &w.Now)
	}),
	"evidence": byGuest(func(_ *worldtest.World, c *credential.GrantClaims) { c.Scope[0].Evidence = credential.EvidenceClock }),
	"uses-spent": after(func(t *testing.T, w *worldtest.World) *holder.Phone {
		p := counted(t, w, 1, 1)
		requireOpens(t, w, p)
		return p
	}),
	"table-full": after(func(t *testing.T, w *worldtest.World) *holder.Phone {
		crowd(t, w, func(int) credential.Time { return w.Now + worldtest.Day })
		return counted(t, w, 1, 1)
	}),
	"delegation": after(func(t *testing.T, w *worldtest.World) *holder.Phone {
		return hung(t, w, w.NeighbourPhone(t), "neighbour", "child", unchanged)
	}),
	"resource": byGuest(func(_ *worldtest.World, c *credential.GrantClaims) { c.Scope[0].Resource = 1 }),
}

// handed returns what the lock says of a document.
func handed(document func(*testing.T, *worldtest.World) []byte) produced {
	return func(t *testing.T, w *worldtest.World) credential.Reason {
		d := document(t, w)
		w.PowerUp(t)
		version, floor, written := w.Lock.PolicyVersion(), w.Lock.Floor(), w.Flash.Programmed
		r, status := call(t, w, w.OwnerPhone(t)).asks(message.Request{Documents: [][]byte{d}})
		require.Equal(t, apdu.StatusOK, status)
		require.Equal(t, credential.OutcomeDone, r.Outcome)
		require.Len(t, r.Documents, 1)
		if r.Documents[0] != credential.ReasonNone {
			require.Equal(t, written, w.Flash.Programmed)
			require.Equal(t, version, w.Lock.PolicyVersion())
			require.Equal(t, floor, w.Lock.Floor())
		}
		return r.Documents[0]
	}
}

// newer returns the owner's second policy.
func newer(t *testing.T, w *worldtest.World) []byte {
	return second(t, w, func(*credential.PolicyClaims) {})
}

// documentReasons are those that the lock gives for a document.
var documentReasons = map[string]produced{
	"none":        handed(newer),
	"malformed":   handed(func(*testing.T, *worldtest.World) []byte { return []byte{0x81, 0x00} }),
	"superseded":  handed(func(t *testing.T, w *worldtest.World) []byte { return w.Policy(t, func(*credential.PolicyClaims) {}) }),
	"object-type": handed(func(t *testing.T, w *worldtest.World) []byte { return w.NeighbourPhone(t).Grant }),
	"limit": handed(func(t *testing.T, w *worldtest.World) []byte {
		r := dcbor.NewReader(w.RevocationList(t, 1))
		r.Array(4, 4)
		b := dcbor.AppendMap(dcbor.AppendBytes(dcbor.AppendArray(nil, 4), r.Bytes()), 0)
		return dcbor.AppendBytes(dcbor.AppendBytes(b, make([]byte, 450)), make([]byte, 64))
	}),
	"algorithm": handed(func(t *testing.T, w *worldtest.World) []byte {
		ed25519, esp256 := unhex(t, "A3 01 32"), unhex(t, "A3 01 28")
		return bytes.Replace(newer(t, w), ed25519, esp256, 1)
	}),
	"signature": handed(func(t *testing.T, w *worldtest.World) []byte {
		d := newer(t, w)
		d[len(d)-1] ^= 1
		return d
	}),
	"issuer-unknown": handed(func(t *testing.T, w *worldtest.World) []byte { return w.StatedTime(t, w.Now) }),
}

// observed returns the reason that the maker's code is told where the phone
// learns none.
func observed(exchange func(*testing.T, *worldtest.World) apdu.Status, want apdu.Status) produced {
	return func(t *testing.T, w *worldtest.World) credential.Reason {
		require.Equal(t, want, exchange(t, w))
		require.Zero(t, w.Bolt.Driven-len(w.Openings()))
		return w.LastEvent().Reason
	}
}

// localReasons are those that never leave the lock.
var localReasons = map[string]produced{
	"sequence": observed(func(t *testing.T, w *worldtest.World) apdu.Status {
		return call(t, w, w.OwnerPhone(t)).sends(wire.InsRequest, []byte{1}).SW
	}, apdu.StatusOutOfOrder),
	"possession": observed(func(t *testing.T, w *worldtest.World) apdu.Status {
		p := w.OwnerPhone(t)
		p.Key = thief{p.Key}
		_, status := call(t, w, p).asks(opens)
		return status
	}, apdu.StatusRefused),
	"channel": observed(func(t *testing.T, w *worldtest.World) apdu.Status {
		c := call(t, w, w.OwnerPhone(t))
		c.handshake1()
		return c.sends(wire.InsHandshake2, append(c.message3(), make([]byte, 20)...)).SW
	}, apdu.StatusRefused),
	"owner-unknown": observed(func(t *testing.T, w *worldtest.World) apdu.Status {
		_, status := call(t, w, w.Phone(t, "stranger", nil)).asks(opens)
		return status
	}, apdu.StatusRefused),
	"resumption": observed(func(t *testing.T, w *worldtest.World) apdu.Status {
		return call(t, w, w.OwnerPhone(t)).sends(wire.InsResume, make([]byte, 40)).SW
	}, apdu.StatusRefused),
}

// seen returns the reason of a phone that cannot believe the lock.
func seen(link func(*testing.T, *worldtest.World, *holder.Phone) apdu.Transceiver) produced {
	return func(t *testing.T, w *worldtest.World) credential.Reason {
		p := w.NeighbourPhone(t)
		l := link(t, w, p)
		r, err := p.Open(t.Context(), l, credential.OperationOpen)
		require.ErrorIs(t, err, r.Reason)
		return r.Reason
	}
}

// older is a link on which the lock offers version 0.
type older struct{ next apdu.Transceiver }

func (o older) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	r, err := o.next.Transceive(ctx, command)
	return bytes.Replace(bytes.Clone(r), []byte{0x84, 0x01}, []byte{0x84, 0x00}, 1), err
}

// phoneReasons are those that the phone finds.
var phoneReasons = map[string]produced{
	"version": seen(func(_ *testing.T, w *worldtest.World, _ *holder.Phone) apdu.Transceiver { return older{w.Link()} }),
	"suite": seen(func(t *testing.T, w *worldtest.World, p *holder.Phone) apdu.Transceiver {
		*p = *p256Neighbour(t, w, unchanged)
		return w.Link()
	}),
	"lock-identity": seen(func(_ *testing.T, w *worldtest.World, p *holder.Phone) apdu.Transceiver {
		p.Expect = credential.LockID{1}
		return w.Link()
	}),
	"link": seen(func(_ *testing.T, w *worldtest.World, _ *holder.Phone) apdu.Transceiver {
		return lostAfter(w.Link(), 2)
	}),
	"busy": seen(func(_ *testing.T, w *worldtest.World, p *holder.Phone) apdu.Transceiver {
		p.Wait = noWait
		w.Bolt.Charges = make([]int, 2*wire.LimitRequests)
		return w.Link()
	}),
	"downgrade": seen(func(t *testing.T, w *worldtest.World, p *holder.Phone) apdu.Transceiver {
		require.NoError(t, p.Locks.Remember(w.LockID, holder.KnownLock{Version: 2}))
		return w.Link()
	}),
	"status-word": seen(func(t *testing.T, w *worldtest.World, p *holder.Phone) apdu.Transceiver {
		*p = *w.Phone(t, "stranger", nil)
		return w.Link()
	}),
}
