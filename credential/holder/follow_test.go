package holder_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// waits is a Phone's Wait that writes down what it was asked.
type waits []time.Duration

func (w *waits) wait(_ context.Context, d time.Duration) error {
	*w = append(*w, d)
	return nil
}

func TestPendingIsAskedAgainUntilTheLockHasGathered(t *testing.T) {
	w := worldtest.New(t)
	w.Bolt.Charges = []int{0, 40, 99}
	p := w.OwnerPhone(t)
	var waited waits
	var percents []int
	p.Wait = waited.wait
	p.Progress = func(s holder.Progress) { percents = append(percents, s.Percent) }
	tr := apdu.NewTracer(w.Link())
	requireOpened(t, w, p, tr, credential.OperationOpen)
	require.Equal(t, []int{0, 40, 99}, percents)
	require.Equal(t, waits{50 * time.Millisecond, 50 * time.Millisecond, 50 * time.Millisecond}, waited)
	require.Equal(t, 3, sent(tr, wire.InsRequest))
	require.Equal(t, 1, starts(w))
}

func TestLockThatNeverGathersEnough(t *testing.T) {
	w := worldtest.New(t)
	w.Bolt.Charges = slices.Repeat([]int{1}, 100)
	p := w.OwnerPhone(t)
	p.Wait = noWait
	tr := apdu.NewTracer(w.Link())
	r, err := p.Open(t.Context(), tr, credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonBusy, holder.AdviceHold)
	require.Equal(t, wire.LimitRequests, sent(tr, wire.InsHandshake2)+sent(tr, wire.InsRequest), "as many as a channel has")
	requireUntouched(t, w)

	w.Bolt.Charges = nil
	requireOpened(t, w, p, w.Link(), credential.OperationOpen)
}

func TestLastRequestOfTheChannelMayOpen(t *testing.T) {
	w := worldtest.New(t)
	w.Bolt.Charges = slices.Repeat([]int{1}, wire.LimitRequests-1)
	p := w.OwnerPhone(t)
	p.Wait = noWait
	requireOpened(t, w, p, w.Link(), credential.OperationOpen)
}

func TestPatienceIsAMinute(t *testing.T) {
	w := worldtest.New(t)
	f, p := newFake(t, w), w.OwnerPhone(t)
	f.answer = func(int, message.Request) []byte {
		return encode(t, message.Response{Outcome: credential.OutcomePending, Charge: 100, Wait: 9 * time.Second})
	}
	var waited waits
	p.Wait = waited.wait
	p.Progress = func(s holder.Progress) { require.Equal(t, 99, s.Percent, "a lock that has enough would open") }
	r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonBusy, holder.AdviceHold)
	require.Len(t, waited, 6, "54 seconds")
	require.Len(t, f.requests, 7)
}

func TestPatienceHoldsForTheWholeMinute(t *testing.T) {
	w := worldtest.New(t)
	f, p := newFake(t, w), w.OwnerPhone(t)
	f.answer = func(n int, _ message.Request) []byte {
		if n <= 6 {
			return encode(t, message.Response{Outcome: credential.OutcomePending, Wait: 10 * time.Second})
		}
		return encode(t, message.Response{Outcome: credential.OutcomeOpened})
	}
	p.Wait = noWait
	r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
}

func TestWaitThatIsGivenUp(t *testing.T) {
	w := worldtest.New(t)
	w.Bolt.Charges = []int{10}
	p := w.OwnerPhone(t)
	givenUp := errors.New("the person left")
	p.Wait = func(context.Context, time.Duration) error { return givenUp }
	r, err := p.Open(t.Context(), w.Link(), credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonBusy, holder.AdviceHold)
	require.ErrorIs(t, err, givenUp)
	requireUntouched(t, w)
}

func TestContextDoneWhileWaiting(t *testing.T) {
	w := worldtest.New(t)
	w.Bolt.Charges = []int{10}
	p := w.OwnerPhone(t)
	ctx, cancel := context.WithCancel(t.Context())
	p.Wait = func(context.Context, time.Duration) error { cancel(); return nil } // a hook that does not look
	tr := apdu.NewTracer(w.Link())
	r, err := p.Open(ctx, tr, credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonLink, holder.AdviceTapAgain)
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, sent(tr, wire.InsRequest))
	requireUntouched(t, w)
}

func TestMissingCertificateIsSentOnceAndLearnt(t *testing.T) {
	w := worldtest.New(t)
	p := w.PostmanPhone(t)
	tr := apdu.NewTracer(w.Link())
	requireOpened(t, w, p, tr, credential.OperationDeliver)
	require.Equal(t, 1, sent(tr, wire.InsRequest))
	require.Equal(t, 1, starts(w))

	tr.Reset()
	requireOpened(t, w, p, tr, credential.OperationDeliver)
	require.Zero(t, sent(tr, wire.InsRequest), "the lock has learnt it")
}

func TestMissingCertificateAndThenPending(t *testing.T) {
	w := worldtest.New(t)
	w.Bolt.Charges = []int{20}
	p := w.PostmanPhone(t)
	p.Wait = noWait
	tr := apdu.NewTracer(w.Link())
	requireOpened(t, w, p, tr, credential.OperationDeliver)
	require.Equal(t, 2, sent(tr, wire.InsRequest))
	require.Equal(t, 1, starts(w))
}

func TestMissingCertificateThatThePhoneLacks(t *testing.T) {
	w := worldtest.New(t)
	for name, have := range map[string][][]byte{
		"none":        nil,
		"garbage":     {{0xFF}, nil},
		"another's":   {w.Maker.Authority().Bytes()},
		"not a chain": {w.NeighbourPhone(t).Grant},
	} {
		t.Run(name, func(t *testing.T) {
			p := w.PostmanPhone(t)
			p.Authorities = have
			tr := apdu.NewTracer(w.Link())
			r, err := p.Open(t.Context(), tr, credential.OperationDeliver)
			e := requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonIssuerUnknown, holder.AdviceUpdate)
			require.Contains(t, e.Detail, credential.KeyIDOf(w.Post.Authority().Key()).String(), "the developer is told which")
			require.Zero(t, sent(tr, wire.InsRequest))
			requireUntouched(t, w)
		})
	}
}

func TestMissingAskedTwice(t *testing.T) {
	w := worldtest.New(t)
	f, p := newFake(t, w), w.PostmanPhone(t)
	kid := credential.KeyIDOf(w.Post.Authority().Key())
	f.answer = func(int, message.Request) []byte {
		return encode(t, message.Response{Missing: []credential.KeyID{kid}})
	}
	r, err := p.Open(t.Context(), f.link(), credential.OperationDeliver)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonIssuerUnknown, holder.AdviceUpdate)
	require.Len(t, f.requests, 2)
	require.Empty(t, f.requests[0].Chain, "left out at first")
	require.Equal(t, [][]byte{w.Post.Authority().Bytes()}, f.requests[1].Chain)
	require.Equal(t, credential.OperationDeliver, f.requests[1].Operation, "the same request")
}

func TestMissingAskedAgainAfterPending(t *testing.T) {
	w := worldtest.New(t)
	f, p := newFake(t, w), w.PostmanPhone(t)
	p.Wait = noWait
	kid := credential.KeyIDOf(w.Post.Authority().Key())
	f.answer = func(n int, _ message.Request) []byte {
		if n == 2 {
			return encode(t, message.Response{Outcome: credential.OutcomePending})
		}
		return encode(t, message.Response{Missing: []credential.KeyID{kid}})
	}
	r, err := p.Open(t.Context(), f.link(), credential.OperationDeliver)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonIssuerUnknown, holder.AdviceUpdate)
	require.Len(t, f.requests, 3)
}

// TestForeignCertificateIsNotHandedOut has a lock ask for the certificate of
// another operator than the one that signed the grant, or ask an owner.
func TestForeignCertificateIsNotHandedOut(t *testing.T) {
	w := worldtest.New(t)
	post, maker := w.Post.Authority(), w.Maker.Authority()
	for name, c := range map[string]struct {
		phone *holder.Phone
		kids  []credential.KeyID
	}{
		"another operator's":          {w.PostmanPhone(t), []credential.KeyID{credential.KeyIDOf(maker.Key())}},
		"another's beside the signer": {w.PostmanPhone(t), []credential.KeyID{credential.KeyIDOf(post.Key()), credential.KeyIDOf(maker.Key())}},
		"of an owner":                 {w.OwnerPhone(t), []credential.KeyID{credential.KeyIDOf(post.Key())}},
	} {
		c.phone.Authorities = [][]byte{post.Bytes(), maker.Bytes()}
		f := newFake(t, w)
		f.answer = func(int, message.Request) []byte { return encode(t, message.Response{Missing: c.kids}) }
		r, err := c.phone.Open(t.Context(), f.link(), credential.OperationDeliver)
		requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonIssuerUnknown, holder.AdviceUpdate)
		require.Len(t, f.requests, 1, name)
	}
}

// TestFirstLinkOfTheRequestLost loses the field in the middle of the chain that
// carries the certificate: the lock has not carried it out, and no second try
// follows.
func TestFirstLinkOfTheRequestLost(t *testing.T) {
	w := worldtest.New(t)
	c := w.RoundClaims()
	for range 3 {
		c.Scope = append(c.Scope, c.Scope[0])
	}
	g, err := w.Post.Grant(c)
	require.NoError(t, err)
	p := w.Phone(t, "postman", g)
	lost := false
	link := &tampered{next: w.Link(), command: func(_ int, command []byte) ([]byte, error) {
		if command[0] == 0x90 && instruction(command) == wire.InsHandshake2 {
			lost = true
			return nil, errField
		}
		return command, nil
	}}
	p.Extended = false
	r, err := p.Open(t.Context(), link, credential.OperationDeliver)
	require.True(t, lost)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonLink, holder.AdviceTapAgain)
	require.Zero(t, w.Bolt.Driven)
}

// TestRenewedCertificate has the phone hold certificates of the operator's
// key from before and after a renewal: the one that covers the grant is sent.
func TestRenewedCertificate(t *testing.T) {
	w := worldtest.New(t)
	certificate := func(issued, expires credential.Time) []byte {
		c := w.PostClaims()
		c.IssuedAt, c.Expires = issued, expires
		return w.Authority(t, c).Bytes()
	}
	last := certificate(w.Now-40*worldtest.Day, w.Now-5*worldtest.Day)
	current := certificate(w.Now-10*worldtest.Day, w.Now+20*worldtest.Day)
	longer := certificate(w.Now-9*worldtest.Day, w.Now+30*worldtest.Day)
	next := certificate(w.Now+1, w.Now+90*worldtest.Day)
	for _, c := range []struct {
		name string
		have [][]byte
		want []byte
	}{
		{"current alone", [][]byte{current}, current},
		{"old one first", [][]byte{last, current}, current},
		{"behind garbage and another's", [][]byte{{0xFF}, w.Maker.Authority().Bytes(), nil, current}, current},
		{"next one first", [][]byte{next, current}, current},
		{"next one last", [][]byte{current, next}, current},
		{"two cover it", [][]byte{current, longer, last}, longer},
		{"two cover it, the other way round", [][]byte{longer, current, next}, longer},
		{"none covers it", [][]byte{last, next}, next},
		{"none covers it, the other way round", [][]byte{next, last}, next},
		{"from the very second of the grant", [][]byte{next, certificate(w.Now, w.Now+worldtest.Day), last}, certificate(w.Now, w.Now+worldtest.Day)},
		{"to the very second of the grant", [][]byte{next, certificate(w.Now-worldtest.Day, w.Now), last}, certificate(w.Now-worldtest.Day, w.Now)},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, p := newFake(t, w), w.PostmanPhone(t)
			p.Authorities = c.have
			f.answer = func(n int, _ message.Request) []byte {
				if n == 1 {
					return encode(t, message.Response{Missing: []credential.KeyID{credential.KeyIDOf(w.Post.Authority().Key())}})
				}
				return encode(t, message.Response{Outcome: credential.OutcomeOpened})
			}
			_, err := p.Open(t.Context(), f.link(), credential.OperationDeliver)
			require.NoError(t, err)
			require.Equal(t, [][]byte{c.want}, f.requests[1].Chain)
		})
	}
}

// TestRefusalAfterPending has a lock say pending, then refuse: the refusal is
// the answer, and no further request follows.
func TestRefusalAfterPending(t *testing.T) {
	w := worldtest.New(t)
	f, p := newFake(t, w), w.OwnerPhone(t)
	p.Wait = noWait
	f.answer = func(n int, _ message.Request) []byte {
		if n == 1 {
			return encode(t, message.Response{Outcome: credential.OutcomePending})
		}
		return encode(t, message.Response{Outcome: credential.OutcomeRefused, Reason: credential.ReasonTarget})
	}
	r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeRefused, r.Outcome)
	require.Equal(t, credential.ReasonTarget, r.Reason)
	require.Len(t, f.requests, 2)
}
