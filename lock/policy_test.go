package lock_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/issuer"
)

// second returns a policy of version 2, altered.
func second(t testing.TB, w *worldtest.World, alter func(*credential.PolicyClaims)) []byte {
	t.Helper()
	return w.Policy(t, func(c *credential.PolicyClaims) {
		c.Version = 2
		alter(c)
	})
}

func asItIs(*credential.PolicyClaims) {}

// bringing gives a phone documents.
func bringing(p *holder.Phone, documents ...[]byte) *holder.Phone {
	p.Documents = documents
	return p
}

// signed has a key sign what names another one as its signer.
func signed(t testing.TB, key string, u credential.Unsigned, err error) []byte {
	t.Helper()
	require.NoError(t, err)
	signature, err := worldtest.Key(key).Sign(nil, u.ToBeSigned(), noHash)
	require.NoError(t, err)
	b, err := u.WithSignature(signature)
	require.NoError(t, err)
	return b
}

// policyBy has somebody sign a policy of version 2 that leaves the lock to the
// owner, or makes it the signer's.
func policyBy(t testing.TB, w *worldtest.World, name string, owner credential.PublicKey) []byte {
	t.Helper()
	c := w.PolicyClaims()
	c.Version, c.Owner = 2, owner
	u, err := credential.NewPolicy(c, worldtest.Public(t, name))
	return signed(t, name, u, err)
}

// TestPoliciesThatAreRefused are handed over by the owner himself.
func TestPoliciesThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		policy func(*worldtest.World) []byte
		want   credential.Reason
	}{
		"same version":   {func(w *worldtest.World) []byte { return w.Policy(t, asItIs) }, credential.ReasonSuperseded},
		"another lock's": {func(w *worldtest.World) []byte { return second(t, w, func(c *credential.PolicyClaims) { c.Lock[7]++ }) }, credential.ReasonTarget},
		"another lock's, old": {func(w *worldtest.World) []byte {
			return w.Policy(t, func(c *credential.PolicyClaims) { c.Lock[7]++ })
		}, credential.ReasonTarget},
		"forged": {func(w *worldtest.World) []byte {
			claims := w.PolicyClaims()
			claims.Version, claims.Owner = 2, w.Owner.PublicKey()
			u, err := credential.NewPolicy(claims, w.Owner.PublicKey())
			return signed(t, "thief", u, err)
		}, credential.ReasonSignature},
		"forged transfer": {func(w *worldtest.World) []byte {
			claims := w.PolicyClaims()
			claims.Version, claims.Owner = 2, worldtest.Public(t, "thief")
			u, err := credential.NewPolicy(claims, w.Owner.PublicKey())
			return signed(t, "thief", u, err)
		}, credential.ReasonSignature},
		"altered": {func(w *worldtest.World) []byte {
			b := second(t, w, asItIs)
			at := bytes.Index(b, w.LockID[:]) + len(w.LockID)
			require.Equal(t, byte(2), b[at], "the version")
			b[at] = 3
			return b
		}, credential.ReasonSignature},
		"a co-owner's": {func(w *worldtest.World) []byte {
			return policyBy(t, w, "co-owner", worldtest.Public(t, "owner"))
		}, credential.ReasonIssuerUnknown},
		"a co-owner's for himself": {func(w *worldtest.World) []byte {
			return policyBy(t, w, "co-owner", worldtest.Public(t, "co-owner"))
		}, credential.ReasonIssuerUnknown},
		"a guest's": {func(w *worldtest.World) []byte {
			return policyBy(t, w, "neighbour", worldtest.Public(t, "neighbour"))
		}, credential.ReasonIssuerUnknown},
		"the post's":    {func(w *worldtest.World) []byte { return policyBy(t, w, "post", worldtest.Public(t, "owner")) }, credential.ReasonIssuerUnknown},
		"the scheme's":  {func(w *worldtest.World) []byte { return policyBy(t, w, "scheme", worldtest.Public(t, "owner")) }, credential.ReasonIssuerUnknown},
		"a grant":       {func(w *worldtest.World) []byte { return w.NeighbourPhone(t).Grant }, credential.ReasonObjectType},
		"a certificate": {func(w *worldtest.World) []byte { return w.Post.Authority().Bytes() }, credential.ReasonObjectType},
		"cut off": {func(w *worldtest.World) []byte {
			return []byte{0x84, 0x40, 0xA0, 0x40, 0x40} // an array that is no object
		}, credential.ReasonMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			w.Hand(t, w.Policy(t, func(c *credential.PolicyClaims) {
				c.CoOwners = []credential.PublicKey{worldtest.Public(t, "co-owner")}
			}))
			written, floor := w.Flash.Programmed, w.Lock.Floor()
			v := visit(t, w, "owner", nil) // a phone would not send all of these
			r, status := v.ask(message.Request{Documents: [][]byte{c.policy(w)}})
			require.Equal(t, apdu.StatusOK, status)
			require.Equal(t, credential.OutcomeDone, r.Outcome)
			require.Equal(t, []credential.Reason{c.want}, r.Documents)
			require.Equal(t, written, w.Flash.Programmed)
			require.Equal(t, uint32(1), w.Lock.PolicyVersion())
			require.Equal(t, floor, w.Lock.Floor())
		})
	}
}

// TestEveryAlteredByteOfAPolicy is refused, in whatever part of it.
func TestEveryAlteredByteOfAPolicy(t *testing.T) {
	w := worldtest.New(t)
	good := second(t, w, asItIs)
	v := visit(t, w, "owner", nil)
	for at := 1; at < len(good); at++ { // the first byte makes it an array
		if at%60 == 0 { // a channel carries so many requests
			v = visit(t, w, "owner", nil)
		}
		altered := bytes.Clone(good)
		altered[at] ^= 0x01
		r, status := v.ask(message.Request{Documents: [][]byte{altered}})
		if status != apdu.StatusOK { // no CBOR any more
			v = visit(t, w, "owner", nil)
			continue
		}
		require.NotEqual(t, []credential.Reason{credential.ReasonNone}, r.Documents, at)
	}
	require.Equal(t, uint32(1), w.Lock.PolicyVersion())
	require.Zero(t, w.Flash.Programmed)
}

// TestPolicyDoesNotRollBack brings an old one after the new one, in the same tap
// and in a later one.
func TestPolicyDoesNotRollBack(t *testing.T) {
	w := worldtest.New(t)
	third := w.Policy(t, func(c *credential.PolicyClaims) { c.Version = 3 })
	blocking := second(t, w, func(c *credential.PolicyClaims) { c.Block = credential.BlockGuests })
	require.Equal(t, []credential.Reason{credential.ReasonNone, credential.ReasonSuperseded}, asTheyAre(t, w, third, blocking))
	require.Equal(t, []credential.Reason{credential.ReasonSuperseded, credential.ReasonSuperseded}, asTheyAre(t, w, blocking, third))
	r, err := tap(t, w, w.NeighbourPhone(t), credential.OperationOpen)
	requireOpened(t, r, err)
	require.Equal(t, uint32(3), r.State.PolicyVersion)
}

// TestVersionOfAPolicyRisesInBoundedSteps, so that no slip of an app uses all of
// them up.
func TestVersionOfAPolicyRisesInBoundedSteps(t *testing.T) {
	w := worldtest.New(t)
	far := func(by uint32) []byte {
		return w.Policy(t, func(c *credential.PolicyClaims) { c.Version += by })
	}
	results := asTheyAre(t, w, far(wire.LimitVersionStep+1), far(wire.LimitVersionStep), far(2*wire.LimitVersionStep))
	require.Equal(t, []credential.Reason{credential.ReasonLimit, credential.ReasonNone, credential.ReasonNone}, results)
	require.Equal(t, uint32(1+2*wire.LimitVersionStep), w.Lock.PolicyVersion())
}

// TestWhoBringsAPolicy has every kind of visitor bring it, also those who are
// then refused.  Brought again it writes nothing.
func TestWhoBringsAPolicy(t *testing.T) {
	for name, c := range map[string]struct {
		phone     func(*worldtest.World) *holder.Phone
		operation credential.Operation
		outcome   credential.Outcome
		reason    credential.Reason
	}{
		"owner": {func(w *worldtest.World) *holder.Phone { return w.OwnerPhone(t) },
			credential.OperationOpen, credential.OutcomeOpened, credential.ReasonNone},
		"neighbour": {func(w *worldtest.World) *holder.Phone { return w.NeighbourPhone(t) },
			credential.OperationOpen, credential.OutcomeOpened, credential.ReasonNone},
		"neighbour who asks for the state": {func(w *worldtest.World) *holder.Phone { return w.NeighbourPhone(t) },
			credential.OperationStatus, credential.OutcomeDone, credential.ReasonNone},
		"postman": {func(w *worldtest.World) *holder.Phone { return w.PostmanPhone(t) },
			credential.OperationDeliver, credential.OutcomeOpened, credential.ReasonNone},
		"guest of another lock": {func(w *worldtest.World) *holder.Phone { return guest(t, w, elsewhere) },
			credential.OperationOpen, credential.OutcomeRefused, credential.ReasonTarget},
		"guest whose time is over": {func(w *worldtest.World) *holder.Phone {
			return guest(t, w, func(c *credential.GrantClaims) {
				c.IssuedAt, c.Expires = w.Now-60*worldtest.Day, w.Now-30*worldtest.Day
			})
		}, credential.OperationOpen, credential.OutcomeRefused, credential.ReasonExpired},
		"guest who wants too much": {func(w *worldtest.World) *holder.Phone { return w.NeighbourPhone(t) },
			credential.OperationService, credential.OutcomeRefused, credential.ReasonAction},
		"postman of another round": {func(w *worldtest.World) *holder.Phone {
			return postman(t, w, func(c *credential.GrantClaims) { c.Scope[0].Target = credential.AreaTarget([]byte("DE")) })
		}, credential.OperationDeliver, credential.OutcomeRefused, credential.ReasonTarget},
		"operator who may not issue": {func(w *worldtest.World) *holder.Phone {
			a := w.PostClaims()
			a.Rights, a.Services, a.LongestGrant = credential.RightTime, nil, 0
			p := w.Phone(t, "postman", sign(t, "post", w.RoundClaims()))
			p.Authorities = [][]byte{w.Authority(t, a).Bytes()}
			return p
		}, credential.OperationDeliver, credential.OutcomeRefused, credential.ReasonAuthorityRight},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			p := bringing(c.phone(w), second(t, w, asItIs))
			r, err := tap(t, w, p, c.operation)
			require.NoError(t, err)
			require.Equal(t, c.outcome, r.Outcome)
			require.Equal(t, c.reason, r.Reason)
			require.Equal(t, []credential.Reason{credential.ReasonNone}, fates(r))
			w.PowerUp(t)
			require.Equal(t, uint32(2), w.Lock.PolicyVersion())

			written := w.Flash.Programmed
			r, err = tap(t, w, p, credential.OperationStatus)
			require.NoError(t, err)
			require.Equal(t, []credential.Reason{credential.ReasonSuperseded}, fates(r))
			require.Equal(t, written, w.Flash.Programmed)
		})
	}
}

// TestStrangersLeaveNoPolicy has a good policy come with somebody whose
// signatures do not verify.
func TestStrangersLeaveNoPolicy(t *testing.T) {
	for name, phone := range map[string]func(*worldtest.World) *holder.Phone{
		"stranger": func(w *worldtest.World) *holder.Phone { return w.Phone(t, "stranger", nil) },
		"guest of a stranger": func(w *worldtest.World) *holder.Phone {
			return w.Phone(t, "neighbour", sign(t, "stranger", w.GuestClaims()))
		},
		"thief of a grant": func(w *worldtest.World) *holder.Phone {
			p := w.NeighbourPhone(t)
			p.Key = thief{p.Key}
			return p
		},
	} {
		w := worldtest.New(t)
		r, err := tap(t, w, bringing(phone(w), second(t, w, asItIs)), credential.OperationOpen)
		require.Error(t, err, name)
		require.Empty(t, r.Documents, name)
		require.Equal(t, uint32(1), w.Lock.PolicyVersion(), name)
		require.Zero(t, w.Flash.Programmed, name)
	}
}

// TestPolicyThatCannotBeWritten changes nothing, and says so.
func TestPolicyThatCannotBeWritten(t *testing.T) {
	w := worldtest.New(t)
	w.PowerUp(t)
	v := visit(t, w, "neighbour", w.NeighbourPhone(t).Grant)
	w.Flash.Fail = func() error { return errDark }
	document := [][]byte{second(t, w, func(c *credential.PolicyClaims) { c.Block = credential.BlockGuests })}
	r, _ := v.ask(message.Request{Documents: document})
	require.Equal(t, []credential.Reason{credential.ReasonState}, r.Documents)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	require.Equal(t, uint32(1), w.Lock.PolicyVersion())
	w.Flash.Fail = nil
	r, _ = v.ask(message.Request{Operation: credential.OperationOpen, Documents: document})
	require.Equal(t, []credential.Reason{credential.ReasonNone}, r.Documents)
	require.Equal(t, credential.ReasonBlocked, r.Reason)
}

// TestPolicyBroughtAgainAfterPending takes effect once, before the lock has its
// energy.
func TestPolicyBroughtAgainAfterPending(t *testing.T) {
	w := worldtest.New(t)
	w.Bolt.Charges = []int{50}
	v := visit(t, w, "neighbour", w.NeighbourPhone(t).Grant)
	request := message.Request{Operation: credential.OperationOpen, Documents: [][]byte{second(t, w, asItIs)}}
	r, _ := v.ask(request)
	require.Equal(t, credential.OutcomePending, r.Outcome)
	require.Equal(t, []credential.Reason{credential.ReasonNone}, r.Documents)
	require.Equal(t, uint32(2), w.Lock.PolicyVersion())
	r, _ = v.ask(request)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
	require.Equal(t, []credential.Reason{credential.ReasonSuperseded}, r.Documents)
}

// TestPolicyMovesTheFloor forward, and back at the owner's word alone, and never
// to before the lock was made.
func TestPolicyMovesTheFloor(t *testing.T) {
	for name, c := range map[string]struct {
		iat   int // days from now
		reset bool
		want  int
	}{
		"later":               {+3, false, +3},
		"earlier":             {-3, false, 0},
		"back":                {-3, true, -3},
		"reset to later":      {+3, true, +3},
		"before it was made":  {-99, true, -50},
		"reset to no earlier": {0, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			_, err := tap(t, w, w.PostmanPhone(t), credential.OperationDeliver) // the floor is now
			require.NoError(t, err)
			at := func(days int) credential.Time { return credential.Time(int(w.Now) + days*int(worldtest.Day)) }
			r := w.Hand(t, second(t, w, func(p *credential.PolicyClaims) { p.IssuedAt, p.Reset = at(c.iat), c.reset }))
			require.Equal(t, []credential.Reason{credential.ReasonNone}, fates(r))
			require.Equal(t, at(c.want), r.State.Floor)
			w.PowerUp(t)
			require.Equal(t, at(c.want), w.Lock.Floor())
		})
	}
}

// TestResetOfTheFloorAfterATimeOfYearsAhead lets everybody in again, and shuts
// out what a later time ends.
func TestResetOfTheFloorAfterATimeOfYearsAhead(t *testing.T) {
	w := worldtest.New(t)
	wrong := w.PostClaims()
	wrong.Key, wrong.Expires = worldtest.Public(t, "other post"), w.Now+2000*worldtest.Day
	certificate := w.Authority(t, wrong)
	source, err := issuer.NewTimeSource(worldtest.Key("other post"), certificate)
	require.NoError(t, err)
	token, err := source.State(w.Now+1000*worldtest.Day, 0)
	require.NoError(t, err)
	p := bringing(w.NeighbourPhone(t), token)
	p.Authorities = append(p.Authorities, certificate.Bytes())
	r, err := tap(t, w, p, credential.OperationOpen)
	requireRefused(t, credential.ReasonExpired, r, err)

	list, err := w.Scheme.Revoke(credential.RevocationClaims{
		IssuedAt: w.Now, Version: 1, Denied: []credential.Denial{{Tag: certificate.Tag(), Expires: wrong.Expires}},
	})
	require.NoError(t, err)
	r = w.Hand(t, list, second(t, w, func(c *credential.PolicyClaims) { c.IssuedAt, c.Reset = w.Now, true }))
	require.Equal(t, []credential.Reason{credential.ReasonNone, credential.ReasonNone}, fates(r))
	r, err = tap(t, w, p, credential.OperationOpen)
	requireOpened(t, r, err)
	require.Equal(t, []credential.Reason{credential.ReasonDenied}, fates(r))
	require.Equal(t, w.Now, w.Lock.Floor())
}

// TestCountedGrantsThatEndedDoNotComeBack resets the floor to before their end:
// one whose account is still there, and one whose account gave way.
func TestCountedGrantsThatEndedDoNotComeBack(t *testing.T) {
	w := worldtest.New(t)
	once := func(ends credential.Time) *holder.Phone {
		return guest(t, w, func(c *credential.GrantClaims) {
			c.Expires = w.Now + ends
			c.Scope[0].Uses = credential.Uses{Count: 1, Starts: 1}
		})
	}
	var old []*holder.Phone
	for i := range credential.Time(32) {
		old = append(old, once(3600+i))
		r, err := tap(t, w, old[i], credential.OperationOpen)
		requireOpened(t, r, err)
	}
	untouched := once(3600)
	w.Hand(t, w.StatedTime(t, w.Now+7200))
	later := once(3 * worldtest.Day)
	r, err := tap(t, w, later, credential.OperationOpen)
	requireOpened(t, r, err) // in the place of one of the old ones

	w.Hand(t, second(t, w, func(c *credential.PolicyClaims) { c.IssuedAt, c.Reset = w.Now, true }))
	require.Equal(t, w.Now, w.Lock.Floor())
	for i, p := range append(old, untouched, later) {
		r, err := tap(t, w, p, credential.OperationOpen)
		require.NoError(t, err)
		require.Equal(t, credential.ReasonUsesSpent, r.Reason, i)
	}
	r, err = tap(t, w, once(worldtest.Day), credential.OperationOpen)
	requireRefused(t, credential.ReasonTableFull, r, err)
}
