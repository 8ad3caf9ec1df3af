package holder_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// chained returns the phone of the last of a chain.
func chained(t *testing.T, w *worldtest.World, name string, chain [][]byte) *holder.Phone {
	t.Helper()
	p := w.Phone(t, name, chain[len(chain)-1])
	p.Parents = chain[:len(chain)-1]
	return p
}

func TestParentsGoWithTheFirstRequest(t *testing.T) {
	w := worldtest.New(t)
	chain := chainTo(t, w, "cousin", "friend")
	f, p := newFake(t, w), chained(t, w, "friend", chain)
	p.Wait = noWait
	f.answer = func(n int, r message.Request) []byte {
		if n == 1 {
			return encode(t, message.Response{Outcome: credential.OutcomePending})
		}
		return encode(t, message.Response{Outcome: credential.OutcomeOpened})
	}
	r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
	require.Equal(t, []message.Request{
		{Operation: credential.OperationOpen, Chain: chain[:2]},
		{Operation: credential.OperationOpen},
	}, f.requests)
}

func TestParentsStayAtHomeInAResumedTap(t *testing.T) {
	w := worldtest.New(t)
	f, _ := resumable(t, w)
	p := chained(t, w, "cousin", chainTo(t, w, "cousin"))
	p.Slots = holder.NewSlots()
	f.secret = nil
	f.answer = func(int, message.Request) []byte {
		return encode(t, message.Response{Outcome: credential.OutcomeOpened, Slot: 9})
	}
	_, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
	require.NoError(t, err)
	f.secret, err = f.exporter.Resumption(f.hash[:])
	require.NoError(t, err)
	f.requests = nil
	link := f.link()
	_, err = p.Open(t.Context(), link, credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, 1, sent(link, wire.InsResume))
	require.Equal(t, []message.Request{{Operation: credential.OperationOpen}}, f.requests)
}

// postChain is a chain below a grant of the post's.
func postChain(t *testing.T, w *worldtest.World) [][]byte {
	t.Helper()
	c := w.RoundClaims()
	c.Scope[0].Delegation = 1
	g, err := w.Post.Grant(c)
	require.NoError(t, err)
	claims := passed(t, w, "helper")
	claims.Expires, claims.Scope[0].Actions = c.Expires, credential.ActionDeliver
	child, err := holder.Delegate(keyOf(t, "postman"), [][]byte{g}, claims)
	require.NoError(t, err)
	return [][]byte{g, child}
}

func TestParentsGoAgainWithTheOperatorsCertificate(t *testing.T) {
	w := worldtest.New(t)
	chain := postChain(t, w)
	f, p := newFake(t, w), chained(t, w, "helper", chain)
	p.Documents = [][]byte{policy(t, w, w.LockID, 1)}
	f.answer = func(n int, r message.Request) []byte {
		if n == 1 {
			return encode(t, message.Response{Missing: []credential.KeyID{credential.KeyIDOf(worldtest.Public(t, "post"))}})
		}
		return decide(t, r, message.Response{Outcome: credential.OutcomeOpened})
	}
	_, err := p.Open(t.Context(), f.link(), credential.OperationDeliver)
	require.NoError(t, err)
	require.Equal(t, []message.Request{
		{Operation: credential.OperationDeliver, Chain: chain[:1], Documents: p.Documents},
		{Operation: credential.OperationDeliver, Chain: [][]byte{chain[0], p.Authorities[0]}, Documents: p.Documents},
	}, f.requests)
}

// long makes a grant of nearly 512 bytes out of its claims.
func long(c *credential.GrantClaims) {
	var windows credential.Schedule
	for i := range 8 {
		windows = append(windows, credential.Window{Days: credential.EveryDay, From: 300 + uint16(i), Until: 1000})
	}
	for len(c.Scope) < 4 {
		c.Scope = append(c.Scope, c.Scope[0])
	}
	for i := range 3 {
		c.Scope[i].Schedule = windows
	}
	c.Scope[3].Schedule = windows[:4]
}

// TestParentsThatDoNotFitBesideTheGrantAreSentWhenAsked: the lock says what it
// lacks, and REQUEST has more room.
func TestParentsThatDoNotFitBesideTheGrantAreSentWhenAsked(t *testing.T) {
	w := worldtest.New(t)
	chain := [][]byte{root(t, w, long)}
	claims := passed(t, w, "cousin")
	long(&claims)
	child, err := holder.Delegate(keyOf(t, "neighbour"), chain, claims)
	require.NoError(t, err)
	chain = append(chain, child)
	require.Greater(t, len(chain[0])+len(chain[1]), 940)
	for _, documents := range [][][]byte{nil, {policy(t, w, w.LockID, 1)}} {
		f, p := newFake(t, w), chained(t, w, "cousin", chain)
		p.Documents = documents
		accepted := false
		f.answer = func(n int, r message.Request) []byte {
			if accepted = accepted || len(r.Chain) > 0; !accepted {
				return encode(t, message.Response{Missing: []credential.KeyID{credential.KeyIDOf(worldtest.Public(t, "neighbour"))}})
			}
			return decide(t, r, message.Response{Outcome: credential.OutcomeOpened})
		}
		r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
		require.NoError(t, err)
		require.Equal(t, credential.OutcomeOpened, r.Outcome)
		require.Empty(t, f.requests[0].Chain)
		require.Equal(t, chain[:1], f.requests[1].Chain)
		require.Len(t, f.requests, 2)
		require.Len(t, r.Documents, len(documents))
	}
}

func TestLockThatAsksForWhatItWasGiven(t *testing.T) {
	w := worldtest.New(t)
	chain := postChain(t, w)
	for name, c := range map[string]struct {
		missing  string
		requests int
		reason   credential.Reason
		advice   holder.Advice
	}{
		"a grant between":    {"postman", 1, credential.ReasonIssuerUnknown, holder.AdviceUpdate},
		"the certificate":    {"post", 2, credential.ReasonIssuerUnknown, holder.AdviceUpdate},
		"somebody else's":    {"carrier", 1, credential.ReasonIssuerUnknown, holder.AdviceUpdate},
		"the holder's grant": {"helper", 1, credential.ReasonIssuerUnknown, holder.AdviceUpdate},
	} {
		t.Run(name, func(t *testing.T) {
			f, p := newFake(t, w), chained(t, w, "helper", chain)
			p.Authorities = append(p.Authorities, source(t, w, "carrier"))
			f.answer = func(int, message.Request) []byte {
				return encode(t, message.Response{Missing: []credential.KeyID{credential.KeyIDOf(worldtest.Public(t, c.missing))}})
			}
			r, err := p.Open(t.Context(), f.link(), credential.OperationDeliver)
			requireFault(t, r, err, credential.OutcomeRefused, c.reason, c.advice)
			require.Len(t, f.requests, c.requests)
		})
	}
}

// TestChainThatNoCommandCarries ends with the phone's own word, and does not ask
// on and on.
func TestChainThatNoCommandCarries(t *testing.T) {
	w := worldtest.New(t)
	owner := w.RoundClaims()
	owner.Holder, owner.Scope[0].Delegation = worldtest.Public(t, "postman"), 2
	long(&owner)
	g, err := w.Post.Grant(owner)
	require.NoError(t, err)
	chain := [][]byte{g}
	for i, to := range []string{"helper", "hand"} {
		claims := passed(t, w, to)
		claims.Expires, claims.Scope[0].Actions = owner.Expires, credential.ActionDeliver
		if i == 0 {
			long(&claims)
		}
		child, err := holder.Delegate(keyOf(t, []string{"postman", "helper"}[i]), chain, claims)
		require.NoError(t, err)
		chain = append(chain, child)
	}
	f, p := newFake(t, w), chained(t, w, "hand", chain)
	f.answer = func(n int, r message.Request) []byte {
		require.LessOrEqual(t, n, 2)
		return encode(t, message.Response{Missing: []credential.KeyID{credential.KeyIDOf(worldtest.Public(t, "post"))}})
	}
	r, err := p.Open(t.Context(), f.link(), credential.OperationDeliver)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonLimit, holder.AdviceUpdate)
	require.Len(t, f.requests, 1)
}

// TestChainsThatNoLockWouldTake are found out before anything is sent.
func TestChainsThatNoLockWouldTake(t *testing.T) {
	w := worldtest.New(t)
	chain, other := chainTo(t, w, "cousin", "friend"), root(t, w, func(c *credential.GrantClaims) { c.Expires++ })
	claims, above := passed(t, w, "friend"), unverified(t, chain[1])
	claims.Parent = above.Digest()
	u, err := credential.NewGrant(claims, worldtest.Public(t, "stranger"))
	strangers := sign(t, "stranger", u, err)
	for name, c := range map[string]struct {
		parents [][]byte
		reason  credential.Reason
	}{
		"none":             {nil, credential.ReasonDelegation},
		"no root":          {chain[1:2], credential.ReasonDelegation},
		"the root alone":   {chain[:1], credential.ReasonDelegation},
		"another root":     {[][]byte{other, chain[1]}, credential.ReasonDelegation},
		"in another order": {[][]byte{chain[1], chain[0]}, credential.ReasonDelegation},
		"too many":         {slices.Concat(chain[:1], chain[:2]), credential.ReasonDelegation},
		"spoilt":           {[][]byte{chain[0], {0x80}}, credential.ReasonMalformed},
		"of another kind":  {[][]byte{chain[0], w.Post.Authority().Bytes()}, credential.ReasonObjectType},
	} {
		t.Run(name, func(t *testing.T) {
			f, p := newFake(t, w), w.Phone(t, "friend", chain[2])
			p.Parents = c.parents
			link := f.link()
			r, err := p.Open(t.Context(), link, credential.OperationOpen)
			requireFault(t, r, err, credential.OutcomeRefused, c.reason, holder.AdviceRenew)
			require.Zero(t, link.Cost())
		})
	}
	f, p := newFake(t, w), w.Phone(t, "friend", strangers)
	p.Parents = chain[:2]
	r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonDelegation, holder.AdviceRenew)
}

// unverified parses a grant.
func unverified(t testing.TB, grant []byte) *credential.UnverifiedGrant {
	t.Helper()
	u, err := credential.ParseGrant(grant)
	require.NoError(t, err)
	return u
}
