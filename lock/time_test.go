package lock_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/issuer"
)

// TestNewLockDoesNotTrustTheDead presents a right that ended before the lock was
// made.
func TestNewLockDoesNotTrustTheDead(t *testing.T) {
	w := worldtest.New(t)
	a, g := w.PostClaims(), w.RoundClaims()
	a.IssuedAt, a.Expires = w.Now-200*worldtest.Day, w.Now-100*worldtest.Day
	g.IssuedAt, g.Expires = w.Now-150*worldtest.Day, w.Now-149*worldtest.Day
	p := w.Phone(t, "postman", sign(t, "post", g))
	p.Authorities = [][]byte{w.Authority(t, a).Bytes()}
	r, err := tap(t, w, p, credential.OperationDeliver)
	require.NoError(t, err)
	require.Equal(t, credential.ReasonAuthorityExpired, r.Reason)

	r, err = tap(t, w, guest(t, w, func(c *credential.GrantClaims) {
		c.IssuedAt, c.Expires = w.Now-150*worldtest.Day, w.Now-60*worldtest.Day
	}), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.ReasonExpired, r.Reason)
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
	require.Equal(t, made(w), w.Lock.Floor())

	_, err = tap(t, w, w.NeighbourPhone(t), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, made(w), w.Lock.Floor(), "an owner's grant proves no time")
}

// made is the time of issue of the lock's certificate, which a new lock knows to
// have passed.
func made(w *worldtest.World) credential.Time { return w.Now - 20*worldtest.Day }

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
