package lock_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// resuming gives a phone slots.
func resuming(p *holder.Phone) *holder.Phone {
	p.Slots = holder.NewSlots()
	return p
}

func TestResumedTap(t *testing.T) {
	for name, c := range map[string]struct {
		phone     func(*worldtest.World) *holder.Phone
		operation credential.Operation
	}{
		"owner":     {func(w *worldtest.World) *holder.Phone { return w.OwnerPhone(t) }, credential.OperationOpen},
		"neighbour": {func(w *worldtest.World) *holder.Phone { return w.NeighbourPhone(t) }, credential.OperationOpen},
		"postman":   {func(w *worldtest.World) *holder.Phone { return w.PostmanPhone(t) }, credential.OperationDeliver},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			p := resuming(c.phone(w))
			_, err := tap(t, w, p, c.operation)
			require.NoError(t, err)
			for i := range 40 {
				before := w.Flash.Programmed
				r, err := tap(t, w, p, c.operation)
				require.NoError(t, err)
				require.Equal(t, credential.OutcomeOpened, r.Outcome)
				require.Equal(t, w.LockID, r.Lock)
				require.Equal(t, i+2, w.Bolt.Driven)
				ops := w.Lock.Operations()
				if i == 32 { // the slot was good for 32 openings
					require.Equal(t, 3, r.Cost.Pairs)
					require.NotZero(t, ops.Total())
					continue
				}
				require.Equal(t, 2, r.Cost.Pairs, "tap %d", i)
				require.LessOrEqual(t, r.Cost.Bytes, 120)
				require.Zero(t, ops.Total(), "no public-key operation")
				require.LessOrEqual(t, w.Flash.Programmed-before, 5*128)
			}
		})
	}
}

// TestRightsOfAResumedTapAreJudgedAfresh lets a grant expire between two taps.
func TestRightsOfAResumedTapAreJudgedAfresh(t *testing.T) {
	w := worldtest.New(t)
	p := resuming(guest(t, w, func(c *credential.GrantClaims) { c.Expires = w.Now + 3600 }))
	_, err := tap(t, w, p, credential.OperationOpen)
	require.NoError(t, err)
	_, err = tap(t, w, postman(t, w, func(c *credential.GrantClaims) { c.IssuedAt += 7200; c.Expires += 7200 }), credential.OperationDeliver)
	require.NoError(t, err)

	r, err := tap(t, w, p, credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, 2, r.Cost.Pairs)
	require.Equal(t, credential.OutcomeRefused, r.Outcome)
	require.Equal(t, credential.ReasonExpired, r.Reason)

	r, err = tap(t, w, p, credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, 2, r.Cost.Pairs, "a refusal steps neither side")
	require.Equal(t, credential.ReasonExpired, r.Reason)
}

// TestFormerOwnerResumesNothing gives the lock to somebody else.
func TestFormerOwnerResumesNothing(t *testing.T) {
	w := worldtest.New(t)
	p, q := resuming(w.OwnerPhone(t)), resuming(w.NeighbourPhone(t))
	for _, phone := range []*holder.Phone{p, q} {
		_, err := tap(t, w, phone, credential.OperationOpen)
		require.NoError(t, err)
	}
	w.Transfer(t, "new owner", 2)
	for _, phone := range []*holder.Phone{p, q} {
		_, err := tap(t, w, phone, credential.OperationOpen)
		require.Error(t, err)
	}
	require.Equal(t, 2, w.Bolt.Driven)
}

// TestResumptionIsNotReplayed plays RESUME back to the lock.
func TestResumptionIsNotReplayed(t *testing.T) {
	w := worldtest.New(t)
	p := resuming(w.OwnerPhone(t))
	_, err := tap(t, w, p, credential.OperationOpen)
	require.NoError(t, err)
	tracer := apdu.NewTracer(w.Link())
	_, err = p.Open(t.Context(), tracer, credential.OperationOpen)
	require.NoError(t, err)
	require.Len(t, tracer.Pairs(), 2)
	resume := bytes.Clone(tracer.Pairs()[1].Command)
	for range 3 {
		require.Equal(t, apdu.StatusOK, status(t, w, unhex(t, selectHex)))
		require.Equal(t, apdu.StatusRefused, status(t, w, resume))
		require.Equal(t, credential.ReasonResumption, w.LastEvent().Reason)
		require.Equal(t, apdu.StatusOutOfOrder, status(t, w, resume), "the transaction is over")
	}
	require.Equal(t, 2, w.Bolt.Driven)
}

// TestEveryAlteredByteOfResumeIsRefused alters every byte of RESUME.
func TestEveryAlteredByteOfResumeIsRefused(t *testing.T) {
	for i := 5; i < 32; i++ {
		w := worldtest.New(t)
		p := resuming(w.OwnerPhone(t))
		_, err := tap(t, w, p, credential.OperationOpen)
		require.NoError(t, err)
		written := w.Flash.Programmed
		w.PowerUp(t)
		link := &alter{next: w.Link(), pair: 2, offset: i}
		r, err := p.Open(t.Context(), link, credential.OperationOpen)
		require.NoError(t, err, "the full exchange follows")
		require.Equal(t, 5, r.Cost.Pairs)
		require.Equal(t, 2, w.Bolt.Driven)
		require.NotEqual(t, written, w.Flash.Programmed)
	}
}

// TestFullExchangeWithoutTheFlagEndsTheSlot shuts out whoever stole a secret.
func TestFullExchangeWithoutTheFlagEndsTheSlot(t *testing.T) {
	w := worldtest.New(t)
	p := resuming(w.NeighbourPhone(t))
	_, err := tap(t, w, p, credential.OperationOpen)
	require.NoError(t, err)
	plain := *p
	plain.Slots = nil
	_, err = tap(t, w, &plain, credential.OperationOpen)
	require.NoError(t, err)
	r, err := tap(t, w, p, credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, 5, r.Cost.Pairs)
}

// TestOldestSlotGoesFirst fills the lock with nine holders.
func TestOldestSlotGoesFirst(t *testing.T) {
	w := worldtest.New(t)
	var phones []*holder.Phone
	for i := range 9 {
		name := string(rune('a' + i))
		g, err := w.Owner.Grant(credential.GrantClaims{
			Holder: worldtest.Public(t, name), IssuedAt: w.Now, Expires: w.Now + worldtest.Day,
			Scope: w.GuestClaims().Scope,
		})
		require.NoError(t, err)
		p := resuming(w.Phone(t, name, g))
		phones = append(phones, p)
		_, err = tap(t, w, p, credential.OperationOpen)
		require.NoError(t, err)
		if i == 7 { // the first comes again, so the second is the oldest
			r, err := tap(t, w, phones[0], credential.OperationOpen)
			require.NoError(t, err)
			require.Equal(t, 2, r.Cost.Pairs)
		}
	}
	for i, want := range map[int]int{0: 2, 8: 2, 1: 5} {
		r, err := tap(t, w, phones[i], credential.OperationOpen)
		require.NoError(t, err)
		require.Equal(t, want, r.Cost.Pairs, "phone %d", i)
	}
}

// alter is a link that changes one byte of one command.
type alter struct {
	next         apdu.Transceiver
	pair, offset int
	sent         int
}

func (a *alter) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	a.sent++
	if a.sent == a.pair {
		command = bytes.Clone(command)
		command[a.offset] ^= 1
	}
	return a.next.Transceive(ctx, command)
}

// TestLostAnswersOfResumedTaps loses the answer of a resumed tap up to four times
// in a row, before or after the lock took its step, and opens then.
func TestLostAnswersOfResumedTaps(t *testing.T) {
	for losses := 1; losses <= 5; losses++ {
		for delivered := range 1 << losses { // bit i: the i-th lost request reached the lock
			w := worldtest.New(t)
			p := resuming(w.OwnerPhone(t))
			_, err := tap(t, w, p, credential.OperationOpen)
			require.NoError(t, err)
			reached := 1
			for i := range losses {
				w.PowerUp(t)
				link := &lossy{next: w.Link(), deliver: delivered>>i&1 == 1}
				r, err := p.Open(t.Context(), link, credential.OperationOpen)
				require.Error(t, err)
				require.Equal(t, credential.OutcomeUnconfirmed, r.Outcome)
				require.GreaterOrEqual(t, w.Bolt.Driven, reached)
				require.LessOrEqual(t, w.Bolt.Driven, reached+1, "these losses never open twice")
				reached = w.Bolt.Driven
			}
			r, err := tap(t, w, p, credential.OperationOpen)
			require.NoError(t, err, "losses %d, delivered %b", losses, delivered)
			require.Equal(t, credential.OutcomeOpened, r.Outcome)
			require.Equal(t, reached+1, w.Bolt.Driven)
			r, err = tap(t, w, p, credential.OperationOpen)
			require.NoError(t, err)
			require.Equal(t, 2, r.Cost.Pairs, "both sides hold the same secret again")
		}
	}
}

// lossy is a link that loses the answer to the first RESUME or HANDSHAKE-2 that
// the lock would carry out, or that command itself.
type lossy struct {
	next    apdu.Transceiver
	deliver bool
}

func (l *lossy) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	ins := command[1]
	if ins != wire.InsResume && ins != wire.InsHandshake2 {
		return l.next.Transceive(ctx, command)
	}
	if !l.deliver {
		return nil, errLost
	}
	response, err := l.next.Transceive(ctx, command)
	if err == nil && len(response) == 2 {
		return response, nil // the lock had no such slot, and says so
	}
	return nil, errLost
}

var errLost = errors.New("field lost")
