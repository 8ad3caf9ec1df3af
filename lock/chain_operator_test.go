package lock_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/lock"
)

// asking returns a request to open that brings the phone's parents.
func asking(p *holder.Phone) message.Request {
	r := opens
	r.Chain = p.Parents
	return r
}

// requireToldNothing requires that the phone was given a status word, and that
// the maker's code alone knows why.
func requireToldNothing(t testing.TB, w *worldtest.World, status apdu.Status, want credential.Reason) {
	t.Helper()
	require.Equal(t, apdu.StatusRefused, status)
	require.Equal(t, want, w.LastEvent().Reason)
}

// liveBy returns what asks the source for the time.
func liveBy(s *issuer.TimeSource, at *credential.Time) func(context.Context, [16]byte) ([]byte, error) {
	return func(_ context.Context, nonce [16]byte) ([]byte, error) { return s.Live(*at, 60, nonce) }
}

var sundays = credential.Schedule{{Days: 1 << 6, From: 0, Until: 1440}}

// driver returns the phone of a carrier's driver: the post granted to the
// carrier, who passed it on.
func driver(t testing.TB, w *worldtest.World) *holder.Phone {
	t.Helper()
	c := w.RoundClaims()
	c.Holder, c.Scope[0].Delegation = worldtest.Public(t, "carrier"), 1
	g, err := w.Post.Grant(c)
	require.NoError(t, err)
	return passed(t, w, w.Phone(t, "carrier", g), "driver", func(l *credential.GrantClaims) {
		l.Scope[0], l.Expires = credential.Entry{Target: credential.AreaTarget(w.Area[:4]), Actions: credential.ActionDeliver}, c.Expires
	})
}

// TestDriverOfAnOperatorThatTheLockLacks comes for the first time: the lock asks
// for the certificate, and has it the next time.
func TestDriverOfAnOperatorThatTheLockLacks(t *testing.T) {
	w := worldtest.New(t)
	p := driver(t, w)
	for _, pairs := range []int{4, 3} {
		r, err := tap(t, w, p, credential.OperationDeliver)
		require.NoError(t, err)
		require.Equal(t, credential.OutcomeOpened, r.Outcome, r.Reason)
		require.Equal(t, pairs, r.Cost.Pairs)
	}
	e := w.Openings()[0]
	require.Equal(t, credential.RoleOperator, e.Role)
	require.Equal(t, credential.ServicePost, e.Service)
	require.Equal(t, tagOf(t, p), e.Who)
	require.Equal(t, w.Now, w.Lock.Floor(), "the root's grant proves the time")

	p.Authorities = nil
	w = worldtest.New(t)
	_, err := tap(t, w, p, credential.OperationDeliver)
	require.ErrorIs(t, err, credential.ReasonIssuerUnknown)
	require.Zero(t, w.Bolt.Driven)
}

// TestDelegatedGrantProvesNoTime lets a link bear a later time than its root.
func TestDelegatedGrantProvesNoTime(t *testing.T) {
	w := worldtest.New(t)
	p := driver(t, w)
	c := linkClaims(t, w, "driver")
	c.IssuedAt, c.Expires = w.Now+3600, w.Now+7200
	c.Scope[0] = credential.Entry{Target: credential.AreaTarget(w.Area), Actions: credential.ActionDeliver}
	key, err := holder.NewKey(worldtest.Key("carrier"))
	require.NoError(t, err)
	p.Grant, err = holder.Delegate(key, p.Parents, c)
	require.NoError(t, err)
	r, err := tap(t, w, p, credential.OperationDeliver)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
	require.Equal(t, w.Now, w.Lock.Floor())
}

// TestDenialOfAnyLink has the owner, or the operator, withdraw one link of a
// chain.
func TestDenialOfAnyLink(t *testing.T) {
	family := func(w *worldtest.World) *holder.Phone {
		child := passed(t, w, delegable(t, w, 2), "child", func(c *credential.GrantClaims) { c.Scope[0].Delegation = 1 })
		return passed(t, w, child, "friend", unchanged)
	}
	for _, c := range []struct {
		phone     func(*worldtest.World) *holder.Phone
		operation credential.Operation
		list      bool
	}{
		{family, credential.OperationOpen, false},
		{func(w *worldtest.World) *holder.Phone { return driver(t, w) }, credential.OperationDeliver, false},
		{func(w *worldtest.World) *holder.Phone { return driver(t, w) }, credential.OperationDeliver, true},
	} {
		w := worldtest.New(t)
		for _, link := range chainOf(c.phone(w)) {
			w := worldtest.New(t)
			p := c.phone(w)
			u, err := credential.ParseGrant(link)
			require.NoError(t, err)
			_, err = tap(t, w, p, c.operation)
			require.NoError(t, err)
			document := w.Policy(t, func(c *credential.PolicyClaims) { c.Version, c.Denied = 2, []credential.Tag{u.Tag()} })
			if c.list {
				document = w.RevocationList(t, 1, u.Tag())
			}
			r := w.Hand(t, document)
			require.Equal(t, credential.ReasonNone, r.Documents[0].Reason)
			r, err = tap(t, w, p, c.operation)
			require.NoError(t, err)
			require.Equal(t, credential.OutcomeRefused, r.Outcome)
			require.Equal(t, credential.ReasonDenied, r.Reason)
			require.Equal(t, 1, w.Bolt.Driven)
		}
	}
}

// TestBlockOfGuestsBindsWhoTheyPassedOnTo blocks by the role of the root.
func TestBlockOfGuestsBindsWhoTheyPassedOnTo(t *testing.T) {
	w := worldtest.New(t)
	child := passed(t, w, delegable(t, w, 1), "child", unchanged)
	w.Hand(t, w.Policy(t, func(c *credential.PolicyClaims) { c.Version, c.Block = 2, credential.BlockGuests }))
	requireShut(t, w, child, credential.ReasonBlocked)
	r, err := tap(t, w, driver(t, w), credential.OperationDeliver)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
}

// p256 returns the P-256 key with the name.
func p256(t testing.TB, name string) crypto.Signer {
	t.Helper()
	scalar := sha256.Sum256([]byte("postern test key of P-256 " + name))
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
	require.NoError(t, err)
	return k
}

// withSuite2 gives the lock a P-256 key besides.
func withSuite2(t testing.TB, w *worldtest.World) {
	t.Helper()
	key, err := credential.NewPublicKey(p256(t, "lock").Public())
	require.NoError(t, err)
	certificate, err := w.Maker.Certify(credential.LockClaims{Key: key, IssuedAt: w.Now - 50*worldtest.Day, ID: w.LockID, Profile: 1, Level: 1})
	require.NoError(t, err)
	w.Config.Identities = append(w.Config.Identities, lock.Identity{Key: p256(t, "lock"), Certificate: certificate})
}

// p256Neighbour returns a neighbour's phone whose key is on P-256.
func p256Neighbour(t testing.TB, w *worldtest.World, alter func(*credential.GrantClaims)) *holder.Phone {
	t.Helper()
	key, err := holder.NewKey(p256(t, "neighbour"))
	require.NoError(t, err)
	p := guest(t, w, func(c *credential.GrantClaims) {
		c.Holder = key.PublicKey()
		alter(c)
	})
	p.Key = key
	return p
}

// TestP256HolderPassesOn lets a holder with a P-256 key pass on to one with an
// Ed25519 key.  A lock without suite 2 has no channel for the first, and verifies
// what she signed all the same.
func TestP256HolderPassesOn(t *testing.T) {
	for _, suite2 := range []bool{false, true} {
		w := worldtest.New(t)
		if suite2 {
			withSuite2(t, w)
		}
		neighbour := p256Neighbour(t, w, func(c *credential.GrantClaims) { c.Scope[0].Delegation = 1 })
		child := passed(t, w, neighbour, "child", unchanged)
		requireOpens(t, w, child)
		ops := w.Lock.Operations()
		require.Equal(t, uint64(1), ops.P256Verify)
		if suite2 {
			requireOpens(t, w, neighbour)
			continue
		}
		_, err := tap(t, w, neighbour, credential.OperationOpen)
		require.ErrorIs(t, err, credential.ReasonSuite)
		require.Equal(t, 1, w.Bolt.Driven)
	}
}
