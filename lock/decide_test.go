package lock_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/worldtest"
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
		"log not granted": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			return guest(t, w, unchanged)
		}, credential.OperationReadLog, credential.ReasonAction, holder.AdviceWrongBox},
		"log not admitted": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			return postman(t, w, func(c *credential.GrantClaims) { c.Scope[0].Actions |= credential.ActionReadLog })
		}, credential.OperationReadLog, credential.ReasonNotAdmitted, holder.AdviceAskIssuer},
		"not yet valid": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			return guest(t, w, func(c *credential.GrantClaims) { c.NotBefore = c.IssuedAt + day })
		}, credential.OperationOpen, credential.ReasonNotYetValid, holder.AdviceWait},
		"evening before": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			return postman(t, w, func(c *credential.GrantClaims) { c.NotBefore, c.Expires = c.IssuedAt+day/2, c.IssuedAt+day })
		}, credential.OperationDeliver, credential.ReasonNotYetValid, holder.AdviceWait},
		"policy not arrived": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			return guest(t, w, func(c *credential.GrantClaims) { c.Scope[0].PolicyVersion = 2 })
		}, credential.OperationOpen, credential.ReasonPolicyVersion, holder.AdviceAskOwner},
		"operation of a later version": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			return w.OwnerPhone(t)
		}, 8, credential.ReasonOperationUnknown, holder.AdviceUpdate},
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
			require.Empty(t, w.Openings())
			if w.Lock.Floor() == floor {
				require.Equal(t, formatted, w.Flash.Programmed)
			} else {
				require.Equal(t, formatted+128, w.Flash.Programmed)
			}
		})
	}
}

// formatted is what a new lock has programmed since its owner set it up.
const formatted = 0

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

func TestUnknownOperatorIsAskedFor(t *testing.T) {
	w := worldtest.New(t)
	p := w.PostmanPhone(t)
	p.Authorities = nil
	_, err := tap(t, w, p, credential.OperationDeliver)
	require.ErrorIs(t, err, credential.ReasonIssuerUnknown)
	require.Equal(t, formatted, w.Flash.Programmed)
	require.Empty(t, w.Openings())
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
