package cddl_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/spec"
	"github.com/postern-lock/postern/spec/cddl"
)

// standard returns the definitions of the standard.
var standard = sync.OnceValues(spec.Schema)

func schema(t testing.TB) *cddl.Schema {
	t.Helper()
	s, err := standard()
	require.NoError(t, err)
	return s
}

// p256 returns the P-256 key with this last byte.
func p256(t testing.TB, last byte) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), append(make([]byte, 31), last))
	require.NoError(t, err)
	return k
}

// objects returns objects of every kind, by each kind of key, plain and with
// all that they can hold.
func objects(t testing.TB) []sample {
	t.Helper()
	w := worldtest.New(t)
	var out []sample
	add := func(rule string) func(b []byte, err error) {
		return func(b []byte, err error) {
			require.NoError(t, err, rule)
			out = append(out, sample{rule, b})
		}
	}
	other, err := credential.NewPublicKey(p256(t, 5).Public())
	require.NoError(t, err)
	full := credential.Schedule{{Days: credential.Weekdays, From: 360, Until: 1440}, {Days: credential.Saturday, From: 480, Until: 720}}

	for _, key := range []crypto.Signer{worldtest.Key("signer"), p256(t, 7)} {
		scheme, err := issuer.NewScheme(key)
		require.NoError(t, err)
		add("authority")(scheme.Certify(w.PostClaims()))
		c := w.PostClaims()
		c.Key, c.Services, c.Rights, c.LongestGrant = other, nil, credential.RightLock|credential.RightTime, 0
		add("authority")(scheme.Certify(c))
		c.Services = []credential.Service{1, 2, 3, 4, 5, 6, 7, 8}
		c.Rights, c.LongestGrant = credential.RightIssue, time.Hour
		add("authority")(scheme.Certify(c))

		owner, err := issuer.NewOwner(key)
		require.NoError(t, err)
		g := w.GuestClaims()
		add("grant")(owner.Grant(g))
		g.Holder, g.NotBefore = other, g.IssuedAt+60
		g.Scope[0].Schedule, g.Scope[0].Uses, g.Scope[0].Delegation = full, credential.Uses{Count: 255, Starts: 3}, 2
		g.Scope[0].Evidence, g.Scope[0].PolicyVersion, g.Scope[0].Resource = credential.EvidenceLive, 7, 255
		g.Scope = append(g.Scope, credential.Entry{Target: credential.AreaTarget([]byte("FR")), Actions: credential.ActionOpen})
		add("grant")(owner.Grant(g))

		p := w.PolicyClaims()
		p.Services = nil
		add("policy")(owner.Policy(p))
		p = w.PolicyClaims()
		p.Block, p.Least, p.Denied = 3, 1, []credential.Tag{{1}, {2}}
		p.Services = append(p.Services, credential.Admission{
			Service: credential.ServiceParcel, Actions: credential.ActionDeliver, Evidence: credential.EvidenceLive, Hours: full,
		})
		p.CoOwners, p.Anchors = []credential.PublicKey{other, worldtest.Public(t, "friend")}, []credential.PublicKey{worldtest.Public(t, "house")}
		p.Notice = credential.Notice{Kind: credential.NoticeAway, From: 1, Until: 2, Instruction: credential.InstructionResume, Roles: 3}
		p.Reset = true
		add("policy")(owner.Policy(p))
		p.Denied, p.CoOwners, p.Anchors, p.Services = nil, nil, nil, nil
		add("policy")(owner.Transfer(p, other))
	}
	certificate, err := w.Maker.Certify(credential.LockClaims{Key: other, IssuedAt: w.Now, ID: w.LockID, Profile: 1<<32 - 1})
	add("lock-certificate")(certificate, err)
	add("lock-certificate")(w.Config.Identities[0].Certificate, nil)

	round := w.RoundClaims()
	round.Scope[0].Service, round.Scope[0].Delegation = credential.ServicePost, 1
	parent, err := w.Post.Grant(round)
	add("grant")(parent, err)
	postman, err := holder.NewKey(worldtest.Key("postman"))
	require.NoError(t, err)
	link := w.RoundClaims()
	link.Holder = other
	add("grant")(holder.Delegate(postman, [][]byte{parent}, link))

	add("revocation-list")(w.RevocationList(t, 1), nil)
	add("revocation-list")(w.RevocationList(t, 1<<32-1, credential.Tag{1}, credential.Tag{2}), nil)
	add("time-token")(w.StatedTime(t, w.Now), nil)
	source, err := issuer.NewTimeSource(worldtest.Key("post"), w.Post.Authority())
	require.NoError(t, err)
	add("time-token")(source.Live(w.Now, -840, [16]byte{1}))

	for _, key := range []string{"owner", "neighbour"} {
		add("ccs")(credential.AppendClaimsSet(nil, worldtest.Public(t, key)), nil)
	}
	add("ccs")(credential.AppendClaimsSet(nil, other), nil)
	return out
}

// taps returns all that phones and a lock say to each other at some taps: the
// first and later ones, by each role, resumed, delegated, refused, with documents,
// receipts and pages of the log.
func taps(t testing.TB) []sample {
	t.Helper()
	ctx := context.Background()
	w := worldtest.New(t)
	var out []sample
	do := func(p *holder.Phone, ask holder.Ask, outcome credential.Outcome, secret []byte) *listener {
		w.PowerUp(t)
		l := listen(t, w, p, w.Config.Identities[0].Certificate)
		l.secret = secret
		r, err := p.Do(ctx, l, ask)
		if outcome != credential.OutcomeRefused {
			require.NoError(t, err)
		}
		require.Equal(t, outcome, r.Outcome, "%v", r.Reason)
		out = append(out, l.samples...)
		return l
	}

	owner := w.OwnerPhone(t)
	owner.Slots = holder.NewSlots()
	do(owner, holder.Ask{}, credential.OutcomeDone, nil)
	first := do(owner, holder.Ask{Operation: credential.OperationOpen, Receipt: true, Reference: credential.Reference{1}, LogPages: 2}, credential.OutcomeOpened, nil)
	do(owner, holder.Ask{Operation: credential.OperationOpen}, credential.OutcomeOpened, first.rs0)
	do(owner, holder.Ask{Operation: credential.OperationReadLog, LogPages: 2, Receipt: true}, credential.OutcomeDone, next(t, first.rs0))

	notice := w.Policy(t, func(c *credential.PolicyClaims) {
		c.Version = 2
		c.Notice = credential.Notice{Kind: credential.NoticeAway, Instruction: credential.InstructionHoldParcels, Roles: 3}
	})
	postman := w.PostmanPhone(t)
	postman.Documents = [][]byte{notice, w.StatedTime(t, w.Now+3600), w.RevocationList(t, 1, credential.Tag{9})}
	do(postman, holder.Ask{Operation: credential.OperationDeliver, Receipt: true, LogPages: 1}, credential.OutcomeOpened, nil)
	do(postman, holder.Ask{Operation: credential.OperationOpen}, credential.OutcomeRefused, nil)

	w.Bolt.Motion = lock.Stuck
	do(w.NeighbourPhone(t), holder.Ask{Operation: credential.OperationOpen, Receipt: true}, credential.OutcomeFailed, nil)
	w.Bolt.Motion = lock.Unseen
	do(w.NeighbourPhone(t), holder.Ask{Operation: credential.OperationOpen}, credential.OutcomeUnconfirmed, nil)
	w.Bolt.Motion = lock.Moved

	claims := w.GuestClaims()
	claims.Scope[0].Delegation = 1
	parent, err := w.Owner.Grant(claims)
	require.NoError(t, err)
	key, err := holder.NewKey(worldtest.Key("neighbour"))
	require.NoError(t, err)
	claims = w.GuestClaims()
	claims.Holder = worldtest.Public(t, "son")
	leaf, err := holder.Delegate(key, [][]byte{parent}, claims)
	require.NoError(t, err)
	son := w.Phone(t, "son", leaf)
	son.Parents = [][]byte{parent}
	do(son, holder.Ask{Operation: credential.OperationOpen}, credential.OutcomeOpened, nil)

	// The owner's proof, and the answer pending, which no tap above has.
	w.Button = true
	w.PowerUp(t)
	heir := w.Phone(t, "heir", nil)
	l := listen(t, w, heir, w.Config.Identities[0].Certificate)
	_, r, err := heir.Commission(ctx, l, worldtest.Setup)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	out = append(out, l.samples...)
	for _, r := range []message.Response{
		{Outcome: credential.OutcomePending, Charge: 40, Wait: 250 * time.Millisecond},
		{Missing: []credential.KeyID{{1}, {2}}},
		{Outcome: credential.OutcomeFailed, Reason: credential.ReasonState, Documents: []credential.Reason{0, credential.ReasonSuperseded}},
	} {
		b, err := r.Encode()
		require.NoError(t, err)
		out = append(out, sample{"response", b})
	}
	page := credential.LogPage{Lock: w.LockID, Entries: w.Lock.Log()}
	encoded := page.Encode()
	require.NotNil(t, encoded)
	out = append(out, sample{"log-page", slices.Clone(firstItem(t, encoded))})
	for _, e := range []string{"\x02\x00", "\x02\x82\x00\x02"} {
		out = append(out, sample{"error", []byte(e)})
	}
	return out
}

// next returns the secret after this one.
func next(t testing.TB, secret []byte) []byte {
	s := edhoc.ResumptionSecret(secret)
	n, err := s.Next()
	require.NoError(t, err)
	return n[:]
}

// distinct drops the samples that stand there twice.
func distinct(samples []sample) []sample {
	seen := map[string]bool{}
	return slices.DeleteFunc(samples, func(s sample) bool {
		id := s.rule + string(s.data)
		was := seen[id]
		seen[id] = true
		return was
	})
}

func firstItem(t testing.TB, data []byte) []byte {
	t.Helper()
	item, _, err := dcbor.Next(data)
	require.NoError(t, err)
	return item
}

// Every object and every message is of its type.
func TestEverySampleIsOfItsType(t *testing.T) {
	count := map[string]int{}
	for _, s := range distinct(append(objects(t), taps(t)...)) {
		require.NoError(t, schema(t).Validate(s.rule, s.data), "%s %x", s.rule, s.data)
		count[s.rule]++
	}
	// Each way to answer was heard, and each object that travels inside others.
	for _, rule := range []string{
		"select-answer", "message_1", "message_2", "message_3", "PLAINTEXT_2", "PLAINTEXT_3", "error", "request", "response",
		"authority", "lock-certificate", "grant", "policy", "revocation-list", "time-token", "ccs", "log-page", "info",
		"TH_2_input", "TH_3_input", "TH_4_input", "context_2", "context_3", "Sig_structure_2", "Sig_structure_3", "Enc_structure_3",
	} {
		require.NotZero(t, count[rule], rule)
	}
	t.Log(count)
}
