package hsm_test

import (
	"bytes"
	"crypto"
	"slices"
	"testing"
	"time"

	"github.com/miekg/pkcs11"
	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/examples/hsm"
	"github.com/postern-lock/postern/examples/hsm/hsmtest"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/lock/locktest"
)

const day = issuertest.Day

// town is a small world whose scheme, operators and maker have their keys in
// tokens, one token each.
type town struct {
	*issuertest.World
	soft *hsmtest.SoftHSM
}

func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{World: issuertest.New("runbook"), soft: hsmtest.Start(t)}
	w.Scheme = w.scheme(t, "scheme root A")
	w.Post = w.operator(t, "post", w.Scheme)
	w.Maker = w.maker(t, "maker")
	return w
}

// key makes a key in a token of its own.
func (w *town) key(t *testing.T, label string) *hsm.Key {
	t.Helper()
	key, err := w.soft.Open(t, label).Generate(hsm.Name{Label: label}, hsm.Ed25519)
	require.NoError(t, err)
	return key
}

func (w *town) scheme(t *testing.T, label string) *issuer.Scheme {
	t.Helper()
	s, err := issuer.NewScheme(w.key(t, label))
	require.NoError(t, err)
	return s
}

// operator makes the key of an operator, and has the scheme certify it.
func (w *town) operator(t *testing.T, label string, by *issuer.Scheme) *issuer.Operator {
	t.Helper()
	key := w.key(t, label)
	o, err := issuer.NewOperator(key, certify(t, by, w.claims(key)))
	require.NoError(t, err)
	return o
}

// claims are those of the post, for the key.
func (w *town) claims(key crypto.Signer) credential.AuthorityClaims {
	c := w.PostClaims()
	c.Key = issuertest.Public(key)
	return c
}

func (w *town) maker(t *testing.T, label string) *issuer.Maker {
	t.Helper()
	key := w.key(t, label)
	m, err := issuer.NewMaker(key, certify(t, w.Scheme, credential.AuthorityClaims{
		Key: issuertest.Public(key), IssuedAt: w.Now - 100*day, Expires: w.Now + 1000*day, Rights: credential.RightLock,
	}))
	require.NoError(t, err)
	return m
}

// certify has the scheme certify the claims.
func certify(t *testing.T, by *issuer.Scheme, c credential.AuthorityClaims) *credential.Authority {
	t.Helper()
	b, err := by.Certify(c)
	require.NoError(t, err)
	u, err := credential.ParseAuthority(b)
	require.NoError(t, err)
	v := credential.Verifier{Roots: []credential.PublicKey{by.PublicKey()}}
	a, err := v.Authority(u)
	require.NoError(t, err)
	return a
}

// deny has the scheme deny certificates, by a list of the version.
func deny(t *testing.T, by *issuer.Scheme, at credential.Time, version uint32, certificates ...*credential.Authority) []byte {
	t.Helper()
	c := credential.RevocationClaims{IssuedAt: at, Version: version}
	for _, a := range certificates {
		c.Denied = append(c.Denied, credential.Denial{Tag: a.Tag(), Expires: a.Expires()})
	}
	slices.SortFunc(c.Denied, func(a, b credential.Denial) int { return bytes.Compare(a.Tag[:], b.Tag[:]) })
	list, err := by.Revoke(c)
	require.NoError(t, err)
	return list
}

// withdraw has an operator deny grants, by a list of the version.
func withdraw(t *testing.T, key crypto.Signer, authority *credential.Authority, at credential.Time, version uint32, grants ...[]byte) []byte {
	t.Helper()
	r, err := issuer.NewRevoker(key, authority)
	require.NoError(t, err)
	c := credential.RevocationClaims{IssuedAt: at, Version: version}
	for _, g := range grants {
		u, err := credential.ParseGrant(g)
		require.NoError(t, err)
		c.Denied = append(c.Denied, credential.Denial{Tag: u.Tag(), Expires: u.Claims.Expires})
	}
	list, err := r.Revoke(c)
	require.NoError(t, err)
	return list
}

// round has the operator grant the round of the box, for half a day from at on.
func (w *town) round(t *testing.T, by *issuer.Operator, holder string, at credential.Time) []byte {
	t.Helper()
	c := w.roundClaims(at)
	c.Holder = issuertest.Public(w.Key(holder))
	grant, err := by.Grant(c)
	require.NoError(t, err)
	return grant
}

// phone returns the phone of a holder, with certificates and documents to bring.
func (w *town) phone(t *testing.T, holderName string, grant []byte, authorities []*credential.Authority, documents ...[]byte) *holder.Phone {
	t.Helper()
	key, err := holder.NewKey(w.Key(holderName))
	require.NoError(t, err)
	p := &holder.Phone{
		Key: key, Grant: grant, Documents: documents, Roots: w.Roots(), Makers: w.Makers(),
		Locks: holder.NewMemory(), Rand: w.Rand(holderName), Extended: true,
	}
	for _, a := range authorities {
		p.Authorities = append(p.Authorities, a.Bytes())
	}
	return p
}

// owner returns the owner's phone.
func (w *town) owner(t *testing.T, documents ...[]byte) *holder.Phone {
	t.Helper()
	return w.phone(t, "owner", nil, nil, documents...)
}

// box is a lock at a wall.
type box struct {
	config lock.Config
	bolt   *locktest.Bolt
	button bool
	lock   *lock.Lock // of the last tap
}

// box makes a lock with the roots, which the owner has taken and admits the post
// to.  Without roots it has the town's scheme.
func (w *town) box(t *testing.T, roots ...credential.PublicKey) *box {
	t.Helper()
	if len(roots) == 0 {
		roots = w.Roots()
	}
	key, certificate := w.Identity(0)
	b := &box{bolt: &locktest.Bolt{Motion: lock.Moved}}
	b.config = lock.Config{
		ID: w.LockID, Area: w.Area, Identities: []lock.Identity{{Key: key, Certificate: certificate}},
		Roots: roots, Setup: w.Setup, Flash: locktest.NewFlash(), Actuator: b.bolt, Rand: w.Rand("lock"),
		Button: func() bool { return b.button }, ExtendedLength: true,
	}
	require.NoError(t, lock.Format(b.config.Flash))
	_, r, err := w.owner(t).Commission(t.Context(), b.field(t), w.Setup)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	b.hears(t, w.owner(t, w.Policy(func(*credential.PolicyClaims) {})))
	return b
}

// field powers the lock up, for one tap.
func (b *box) field(t *testing.T) apdu.Transceiver {
	t.Helper()
	l, err := lock.New(b.config)
	require.NoError(t, err)
	b.lock = l
	return apdu.Direct(l)
}

// opens has the phone deliver, or open where it has no grant of an operator.
func (b *box) opens(t *testing.T, p *holder.Phone, op credential.Operation) holder.Result {
	t.Helper()
	driven := b.bolt.Driven
	r, err := p.Open(t.Context(), b.field(t), op)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome, "%v", r.Reason)
	require.Equal(t, driven+1, b.bolt.Driven)
	return r
}

// refuses has the phone try, and the lock refuse it for the reason; zero where the
// lock tells the phone nothing.
func (b *box) refuses(t *testing.T, p *holder.Phone, op credential.Operation, reason credential.Reason) holder.Result {
	t.Helper()
	driven := b.bolt.Driven
	r, _ := p.Open(t.Context(), b.field(t), op)
	require.Equal(t, credential.OutcomeRefused, r.Outcome)
	require.Equal(t, reason.Error(), r.Reason.Error())
	require.Equal(t, driven, b.bolt.Driven)
	return r
}

// hears has the phone hand its documents over, and the lock take them all.
func (b *box) hears(t *testing.T, p *holder.Phone) {
	t.Helper()
	r, err := p.Status(t.Context(), b.field(t))
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome, "%v", r.Reason)
	requireTaken(t, r)
}

// requireTaken sees that the lock took every document.
func requireTaken(t *testing.T, r holder.Result) {
	t.Helper()
	require.NotEmpty(t, r.Documents)
	for i, d := range r.Documents {
		require.Equal(t, credential.ReasonNone, d.Reason, "document %d", i)
	}
}

// authorities is short for a list of certificates.
func authorities(a ...*credential.Authority) []*credential.Authority { return a }

// roundClaims are the claims of a round that begins then.
func (w *town) roundClaims(at credential.Time) credential.GrantClaims {
	c := w.RoundClaims(w.Key("postman"))
	c.IssuedAt, c.Expires = at, at+day/2
	return c
}

// keyOf opens the token with the label once more, and finds its key.
func keyOf(t *testing.T, w *town, label string) *hsm.Key {
	t.Helper()
	c := hsm.Config{Label: label, PIN: func() (string, error) { return hsmtest.PIN, nil }, Sessions: 1, Patience: 20 * time.Second}
	token, err := hsm.Open(w.soft.Library, c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, token.Close()) })
	key, err := token.Find(hsm.Name{Label: label})
	require.NoError(t, err)
	return key
}

// operatorOf is the operator with the key and the certificate.
func operatorOf(t *testing.T, key crypto.Signer, authority *credential.Authority) *issuer.Operator {
	t.Helper()
	o, err := issuer.NewOperator(key, authority)
	require.NoError(t, err)
	return o
}

// destroyKeys wipes the token with the label.
func destroyKeys(t *testing.T, w *town, label string) {
	t.Helper()
	m := w.soft.Library
	s, err := m.OpenSession(w.soft.Slot(t, label), pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	require.NoError(t, err)
	require.NoError(t, m.FindObjectsInit(s, nil))
	all, _, err := m.FindObjects(s, 100)
	require.NoError(t, err)
	require.NoError(t, m.FindObjectsFinal(s))
	require.Len(t, all, 2)
	for _, o := range all {
		require.NoError(t, m.DestroyObject(s, o))
	}
	require.NoError(t, m.CloseSession(s))
}
