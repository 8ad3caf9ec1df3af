package lock_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/lock"
)

// tap opens with the phone and returns what the phone came to know.
func tap(t testing.TB, w *worldtest.World, p *holder.Phone, o credential.Operation) (holder.Result, error) {
	t.Helper()
	w.PowerUp(t)
	return p.Open(t.Context(), w.Link(), o)
}

// postman returns a phone with a grant of the post that was changed.
func postman(t testing.TB, w *worldtest.World, alter func(*credential.GrantClaims)) *holder.Phone {
	t.Helper()
	c := w.RoundClaims()
	alter(&c)
	g, err := w.Post.Grant(c)
	require.NoError(t, err)
	return w.Phone(t, "postman", g)
}

// guest returns a phone with a grant of the owner that was changed.
func guest(t testing.TB, w *worldtest.World, alter func(*credential.GrantClaims)) *holder.Phone {
	t.Helper()
	c := w.GuestClaims()
	alter(&c)
	g, err := w.Owner.Grant(c)
	require.NoError(t, err)
	return w.Phone(t, "neighbour", g)
}

func unchanged(*credential.GrantClaims) {}

// TestReasonsOfARefusal has every rule broken alone.  The phone is told the
// reason, the bolt stays, and nothing is written but a floor that rose.
func TestReasonsOfARefusal(t *testing.T) {
	const day = worldtest.Day
	for name, c := range map[string]struct {
		phone     func(*testing.T, *worldtest.World) *holder.Phone
		operation credential.Operation
		want      credential.Reason
		advice    holder.Advice
	}{
		"next street": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			return postman(t, w, func(c *credential.GrantClaims) { c.Scope[0].Target = credential.AreaTarget([]byte("FR75011043")) })
		}, credential.OperationDeliver, credential.ReasonTarget, holder.AdviceWrongBox},
		"other lock": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			return guest(t, w, func(c *credential.GrantClaims) { c.Scope[0].Target = credential.LockTarget(credential.LockID{1}) })
		}, credential.OperationOpen, credential.ReasonTarget, holder.AdviceWrongBox},
		"action not granted": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			return postman(t, w, unchanged)
		}, credential.OperationOpen, credential.ReasonAction, holder.AdviceWrongBox},
		"not yet valid": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			return guest(t, w, func(c *credential.GrantClaims) { c.NotBefore = c.IssuedAt + day })
		}, credential.OperationOpen, credential.ReasonNotYetValid, holder.AdviceWait},
		"evening before": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			return postman(t, w, func(c *credential.GrantClaims) { c.NotBefore, c.Expires = c.IssuedAt+day/2, c.IssuedAt+day })
		}, credential.OperationDeliver, credential.ReasonNotYetValid, holder.AdviceWait},
		"policy not arrived": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			return guest(t, w, func(c *credential.GrantClaims) { c.Scope[0].PolicyVersion = 1 })
		}, credential.OperationOpen, credential.ReasonPolicyVersion, holder.AdviceAskOwner},
		"operation reserved": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			return w.OwnerPhone(t)
		}, 6, credential.ReasonOperationUnknown, holder.AdviceUpdate},
		"operation unknown": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			return w.OwnerPhone(t)
		}, 200, credential.ReasonOperationUnknown, holder.AdviceUpdate},
		"status of another lock": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			return guest(t, w, func(c *credential.GrantClaims) { c.Scope[0].Target = credential.LockTarget(credential.LockID{1}) })
		}, credential.OperationStatus, credential.ReasonTarget, holder.AdviceWrongBox},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			floor := w.Lock.Floor()
			r, err := tap(t, w, c.phone(t, w), c.operation)
			require.NoError(t, err)
			require.Equal(t, credential.OutcomeRefused, r.Outcome)
			require.Equal(t, c.want, r.Reason)
			require.Equal(t, c.advice, r.Advice)
			require.Equal(t, holder.State{}, r.State)
			require.Equal(t, c.want, w.LastEvent().Reason)
			require.Zero(t, w.Bolt.Driven)
			require.Empty(t, w.Lock.Log())
			if w.Lock.Floor() == floor {
				require.Equal(t, formatted, w.Flash.Programmed)
			} else {
				require.Equal(t, formatted+128, w.Flash.Programmed)
			}
		})
	}
}

// formatted is what a new lock has programmed: one page.
const formatted = 128

// TestFaultsOfTheIssuer has an operator grant what its certificate does not
// allow, with every signature good.
func TestFaultsOfTheIssuer(t *testing.T) {
	for name, c := range map[string]struct {
		authority func(*credential.AuthorityClaims)
		grant     func(*credential.GrantClaims)
		want      credential.Reason
	}{
		"no right to issue": {func(c *credential.AuthorityClaims) {
			c.Rights, c.Services, c.LongestGrant = credential.RightTime, nil, 0
		}, unchanged, credential.ReasonAuthorityRight},
		"issued after the certificate": {func(c *credential.AuthorityClaims) { c.Expires = c.IssuedAt + 1 },
			unchanged, credential.ReasonAuthorityExpired},
		"too long": {func(c *credential.AuthorityClaims) { c.LongestGrant = time.Hour }, unchanged, credential.ReasonGrantTooLong},
		"service of another": {func(*credential.AuthorityClaims) {},
			func(c *credential.GrantClaims) { c.Scope[0].Service = credential.ServiceEnergy }, credential.ReasonService},
		"service not named": {func(c *credential.AuthorityClaims) {
			c.Services = []credential.Service{credential.ServicePost, credential.ServiceParcel}
		}, unchanged, credential.ReasonService},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			a, g := w.PostClaims(), w.RoundClaims()
			c.authority(&a)
			c.grant(&g)
			p := w.Phone(t, "postman", sign(t, "post", g))
			p.Authorities = [][]byte{w.Authority(t, a).Bytes()}
			r, err := tap(t, w, p, credential.OperationDeliver)
			require.NoError(t, err)
			require.Equal(t, credential.OutcomeRefused, r.Outcome)
			require.Equal(t, c.want, r.Reason)
			require.Equal(t, formatted, w.Flash.Programmed)
		})
	}
}

// sign signs a grant with any key, past package issuer.
func sign(t testing.TB, key string, c credential.GrantClaims) []byte {
	t.Helper()
	u, err := credential.NewGrant(c, worldtest.Public(t, key))
	require.NoError(t, err)
	signature, err := worldtest.Key(key).Sign(nil, u.ToBeSigned(), noHash)
	require.NoError(t, err)
	g, err := u.WithSignature(signature)
	require.NoError(t, err)
	return g
}

// TestStrangersLearnNothing taps with what no lock may explain: the answer is
// one status word, nothing is written, and only the maker's code knows why.
func TestStrangersLearnNothing(t *testing.T) {
	for name, c := range map[string]struct {
		phone func(*testing.T, *worldtest.World) *holder.Phone
		want  credential.Reason
	}{
		"bare key of a stranger": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			return w.Phone(t, "stranger", nil)
		}, credential.ReasonOwnerUnknown},
		"grant altered by its holder": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			p := w.NeighbourPhone(t)
			at := bytes.Index(p.Grant, []byte{0x04, 0x1A}) // exp
			p.Grant[at+2]++
			return p
		}, credential.ReasonSignature},
		"certificate of a foreign scheme": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			p := w.PostmanPhone(t)
			foreign, err := issuer.NewScheme(worldtest.Key("foreign scheme"))
			require.NoError(t, err)
			certificate, err := foreign.Certify(w.PostClaims())
			require.NoError(t, err)
			p.Authorities = [][]byte{certificate}
			return p
		}, credential.ReasonIssuerUnknown},
		"grant of somebody else": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			p := w.NeighbourPhone(t)
			p.Key = thief{p.Key}
			return p
		}, credential.ReasonPossession},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			_, err := tap(t, w, c.phone(t, w), credential.OperationOpen)
			require.ErrorIs(t, err, credential.ReasonStatusWord)
			require.ErrorContains(t, err, "6982")
			require.Equal(t, c.want, w.LastEvent().Reason)
			require.Equal(t, formatted, w.Flash.Programmed)
			require.Zero(t, w.Bolt.Driven)
		})
	}
}

// thief has a public key and signs with another one.
type thief struct{ holder.Key }

func (thief) Sign(message []byte) ([]byte, error) {
	return worldtest.Key("thief").Sign(nil, message, noHash)
}

func TestUnknownOperatorIsAskedFor(t *testing.T) {
	w := worldtest.New(t)
	p := w.PostmanPhone(t)
	p.Authorities = nil
	_, err := tap(t, w, p, credential.OperationDeliver)
	require.ErrorIs(t, err, credential.ReasonIssuerUnknown)
	require.Equal(t, formatted, w.Flash.Programmed)
	require.Empty(t, w.Lock.Log())
}

func TestOperatorKnownFromManufacture(t *testing.T) {
	w := worldtest.New(t)
	w.Config.Authorities = [][]byte{w.Post.Authority().Bytes()}
	p := w.PostmanPhone(t)
	p.Authorities = nil
	r, err := tap(t, w, p, credential.OperationDeliver)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
	require.Equal(t, 3, r.Cost.Pairs)
}

func TestRenewedOperatorCertificateIsAskedFor(t *testing.T) {
	w := worldtest.New(t)
	_, err := tap(t, w, w.PostmanPhone(t), credential.OperationDeliver)
	require.NoError(t, err)

	w.Now += 85 * worldtest.Day // the certificate that the lock knows has ended
	p := postman(t, w, unchangedAfter(t, w))
	r, err := tap(t, w, p, credential.OperationDeliver)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome, r.Reason)
	require.Equal(t, 4, r.Cost.Pairs)
}

// unchangedAfter renews the post's certificate and changes nothing in the grant.
func unchangedAfter(t testing.TB, w *worldtest.World) func(*credential.GrantClaims) {
	t.Helper()
	post, err := issuer.NewOperator(worldtest.Key("post"), w.Authority(t, w.PostClaims()))
	require.NoError(t, err)
	w.Post = post
	return unchanged
}

func TestPostmanCarriesTheTimeIn(t *testing.T) {
	w := worldtest.New(t)
	yesterday := postman(t, w, func(c *credential.GrantClaims) { c.IssuedAt -= worldtest.Day; c.Expires -= worldtest.Day })
	r, err := tap(t, w, yesterday, credential.OperationDeliver)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)

	r, err = tap(t, w, w.PostmanPhone(t), credential.OperationDeliver)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
	require.Equal(t, w.Now, r.State.Floor)

	r, err = tap(t, w, yesterday, credential.OperationDeliver)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeRefused, r.Outcome)
	require.Equal(t, credential.ReasonExpired, r.Reason)
	require.Equal(t, w.Now, w.Lock.Floor())
}

func TestFloorRisesEvenByARefusedTap(t *testing.T) {
	w := worldtest.New(t)
	_, err := tap(t, w, postman(t, w, func(c *credential.GrantClaims) {
		c.Scope[0].Target = credential.AreaTarget([]byte("DE"))
	}), credential.OperationDeliver)
	require.NoError(t, err)
	require.Equal(t, w.Now, w.Lock.Floor())
	w.PowerUp(t)
	require.Equal(t, w.Now, w.Lock.Floor())
}

func TestFloorDoesNotRiseWithoutTheRight(t *testing.T) {
	w := worldtest.New(t)
	a := w.PostClaims()
	a.Rights = credential.RightIssue
	p := w.Phone(t, "postman", sign(t, "post", w.RoundClaims()))
	p.Authorities = [][]byte{w.Authority(t, a).Bytes()}
	r, err := tap(t, w, p, credential.OperationDeliver)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
	require.Zero(t, w.Lock.Floor())

	_, err = tap(t, w, w.NeighbourPhone(t), credential.OperationOpen)
	require.NoError(t, err)
	require.Zero(t, w.Lock.Floor(), "an owner's grant proves no time")
}

func TestExpiredOperatorIsRefused(t *testing.T) {
	w := worldtest.New(t)
	p := w.PostmanPhone(t)
	later := w.PostClaims()
	later.Key, later.Expires = worldtest.Public(t, "other post"), w.Now+200*worldtest.Day
	g := w.RoundClaims()
	g.IssuedAt, g.Expires = w.Now+90*worldtest.Day, w.Now+91*worldtest.Day
	other := w.Phone(t, "postman", sign(t, "other post", g))
	other.Authorities = [][]byte{w.Authority(t, later).Bytes()}
	_, err := tap(t, w, other, credential.OperationDeliver)
	require.NoError(t, err)

	r, err := tap(t, w, p, credential.OperationDeliver)
	require.NoError(t, err)
	require.Equal(t, credential.ReasonAuthorityExpired, r.Reason)
}

func TestOutcomesOfTheBolt(t *testing.T) {
	for _, c := range []struct {
		motion  lock.Motion
		outcome credential.Outcome
		reason  credential.Reason
		log     []lock.LogOutcome
	}{
		{lock.Moved, credential.OutcomeOpened, credential.ReasonNone, []lock.LogOutcome{lock.LogStarted}},
		{lock.Unseen, credential.OutcomeUnconfirmed, credential.ReasonNone, []lock.LogOutcome{lock.LogStarted}},
		{lock.Stuck, credential.OutcomeFailed, credential.ReasonDrive, []lock.LogOutcome{lock.LogStarted, lock.LogFailed}},
	} {
		w := worldtest.New(t)
		w.Bolt.Motion = c.motion
		r, err := tap(t, w, w.OwnerPhone(t), credential.OperationOpen)
		require.NoError(t, err)
		require.Equal(t, c.outcome, r.Outcome)
		require.Equal(t, c.reason, r.Reason)
		var outcomes []lock.LogOutcome
		for i, e := range w.Lock.Log() {
			require.Equal(t, uint32(i+1), e.Sequence)
			require.Equal(t, lock.RoleOwner, e.Role)
			outcomes = append(outcomes, e.Outcome)
		}
		require.Equal(t, c.log, outcomes)
	}
}

func TestPendingWritesNothingUntilItOpens(t *testing.T) {
	w := worldtest.New(t)
	w.Bolt.Charges = []int{10, 55, 99}
	p := w.PostmanPhone(t)
	var seen []int
	p.Progress = func(g holder.Progress) { seen = append(seen, g.Percent) }
	p.Wait = func(context.Context, time.Duration) error {
		require.Equal(t, formatted, w.Flash.Programmed)
		require.Empty(t, w.Lock.Log())
		return nil
	}
	r, err := tap(t, w, p, credential.OperationDeliver)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
	require.Equal(t, []int{10, 55, 99}, seen)
	require.Len(t, w.Lock.Log(), 1)
}

// witness is a bolt that looks at the flash when it is driven.
type witness struct {
	lock.Actuator
	drive func()
}

func (b witness) Drive(o credential.Operation) lock.Motion {
	b.drive()
	return b.Actuator.Drive(o)
}

func TestLogEntryIsInFlashBeforeTheBoltMoves(t *testing.T) {
	w := worldtest.New(t)
	looked := false
	w.Config.Actuator = witness{w.Bolt, func() {
		config := w.Config
		config.Flash = w.Flash.Clone()
		other, err := lock.New(config)
		require.NoError(t, err)
		require.Len(t, other.Log(), 1)
		looked = true
	}}
	_, err := tap(t, w, w.OwnerPhone(t), credential.OperationOpen)
	require.NoError(t, err)
	require.True(t, looked)
}

func TestBrokenFlashKeepsTheBoxShut(t *testing.T) {
	w := worldtest.New(t)
	w.Flash.Fail = func() error { return context.DeadlineExceeded }
	r, err := tap(t, w, w.OwnerPhone(t), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeFailed, r.Outcome)
	require.Equal(t, credential.ReasonState, r.Reason)
	require.Equal(t, holder.AdviceRepair, r.Advice)
	require.Zero(t, w.Bolt.Driven)
	require.Empty(t, w.Lock.Log())

	w.Flash.Fail = nil
	r, err = tap(t, w, w.OwnerPhone(t), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
}

func TestStatusMovesAndWritesNothing(t *testing.T) {
	w := worldtest.New(t)
	_, err := tap(t, w, w.OwnerPhone(t), credential.OperationOpen)
	require.NoError(t, err)
	written := w.Flash.Programmed
	r, err := tap(t, w, w.NeighbourPhone(t), credential.OperationStatus)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	require.Equal(t, holder.State{Sequence: 1}, r.State)
	require.Equal(t, written, w.Flash.Programmed)
	require.Equal(t, 1, w.Bolt.Driven)
}

func TestLogSurvivesAndDropsTheOldest(t *testing.T) {
	w := worldtest.New(t)
	p := w.OwnerPhone(t)
	for range 150 {
		_, err := tap(t, w, p, credential.OperationOpen)
		require.NoError(t, err)
	}
	w.PowerUp(t)
	log := w.Lock.Log()
	require.Len(t, log, 64)
	require.Equal(t, uint32(87), log[0].Sequence)
	require.Equal(t, uint32(150), log[63].Sequence)
}

func TestRememberedSignaturesAreNotVerifiedAgain(t *testing.T) {
	w := worldtest.New(t)
	p := w.PostmanPhone(t)
	for _, want := range []uint64{3, 1, 1} { // certificate, grant, message_3; then message_3 alone
		_, err := tap(t, w, p, credential.OperationDeliver)
		require.NoError(t, err)
		ops := w.Lock.Operations()
		require.Equal(t, want, ops.Ed25519Verify)
		require.Equal(t, uint64(2), ops.X25519)
		require.Equal(t, uint64(1), ops.Ed25519Sign)
	}
}

func TestFailingRandomSourceEndsTheTransaction(t *testing.T) {
	w := worldtest.New(t)
	w.Config.Rand = bytes.NewReader(nil)
	w.PowerUp(t)
	require.Equal(t, apdu.StatusFailure, status(t, w, unhex(t, selectHex)))
	w.Config.Rand = bytes.NewReader(make([]byte, 16)) // enough for SELECT, not for HANDSHAKE-1
	w.PowerUp(t)
	_, err := w.OwnerPhone(t).Open(t.Context(), w.Link(), credential.OperationOpen)
	require.ErrorIs(t, err, credential.ReasonStatusWord)
	require.Equal(t, credential.ReasonState, w.Events[1].Reason)
	require.Equal(t, formatted, w.Flash.Programmed)
}
