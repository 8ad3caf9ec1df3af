package holder_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// hardware is a key as an app would write one: it signs, somewhere else.
type hardware struct {
	public credential.PublicKey
	sign   func(message []byte) ([]byte, error)
	asked  int
}

func (h *hardware) PublicKey() credential.PublicKey { return h.public }

func (h *hardware) Sign(message []byte) ([]byte, error) {
	h.asked++
	return h.sign(message)
}

func TestKeyIsAskedToSignOnce(t *testing.T) {
	w := worldtest.New(t)
	p := w.OwnerPhone(t)
	h := &hardware{public: p.Key.PublicKey(), sign: p.Key.Sign}
	p.Key = h
	requireOpened(t, w, p, w.Link(), credential.OperationOpen)
	require.Equal(t, 1, h.asked)
}

func TestKeyIsNotAskedForAnImpostor(t *testing.T) {
	w := worldtest.New(t)
	f, p := newFake(t, w), w.OwnerPhone(t)
	h := &hardware{public: p.Key.PublicKey(), sign: p.Key.Sign}
	p.Key = h
	f.key = worldtest.Key("impostor")
	_, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
	require.Error(t, err)
	require.Zero(t, h.asked)
}

func TestKeyThatDoesNotSign(t *testing.T) {
	cancelled := errors.New("the person did not put a finger on the sensor")
	for _, c := range []struct {
		name string
		sign func([]byte) ([]byte, error)
		is   error
	}{
		{"given up", func([]byte) ([]byte, error) { return nil, cancelled }, cancelled},
		{"nothing", func([]byte) ([]byte, error) { return nil, nil }, holder.ErrPhone},
		{"too short", func([]byte) ([]byte, error) { return make([]byte, 63), nil }, holder.ErrPhone},
		{"DER, where r and s are wanted", func([]byte) ([]byte, error) { return make([]byte, 71), nil }, holder.ErrPhone},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := worldtest.New(t)
			p := w.OwnerPhone(t)
			good := p.Key
			p.Key = &hardware{public: good.PublicKey(), sign: c.sign}
			tr := apdu.NewTracer(w.Link())
			r, err := p.Open(t.Context(), tr, credential.OperationOpen)
			requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonNone, holder.AdviceTapAgain)
			require.ErrorIs(t, err, holder.ErrPhone)
			require.ErrorIs(t, err, c.is)
			require.Zero(t, sent(tr, wire.InsHandshake2), "nothing of the holder goes out")
			require.Equal(t, 2, tr.Cost().Pairs, "no second try")
			requireUntouched(t, w)

			p.Key = good
			requireOpened(t, w, p, w.Link(), credential.OperationOpen)
		})
	}
}

func TestKeyThatSignsSomethingElse(t *testing.T) {
	w := worldtest.New(t)
	p := w.OwnerPhone(t)
	good := p.Key
	p.Key = &hardware{public: good.PublicKey(), sign: func([]byte) ([]byte, error) { return good.Sign([]byte("something else")) }}
	r, err := p.Open(t.Context(), w.Link(), credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonStatusWord, holder.AdviceAskIssuer)
	require.Equal(t, credential.ReasonPossession, w.LastEvent().Reason)
	requireUntouched(t, w)
}

// der is a crypto.Signer as a Secure Enclave or a Keystore makes one: P-256,
// random signatures in DER, no private key to be had.
type der struct{ key *ecdsa.PrivateKey }

func (d der) Public() crypto.PublicKey { return d.key.Public() }

func (d der) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return ecdsa.SignASN1(rand, d.key, digest)
}

func TestHardwareThatSignsInDER(t *testing.T) {
	w := worldtest.New(t)
	twoSuites(t, w)
	p := p256Phone(t, w, "owner", nil)
	var err error
	p.Key, err = holder.NewKey(der{p256Key(t, "owner").(*ecdsa.PrivateKey)})
	require.NoError(t, err)
	requireOpened(t, w, p, w.Link(), credential.OperationOpen)
}

func TestNewKeyRefusesOtherKinds(t *testing.T) {
	p384, err := ecdsa.ParseRawPrivateKey(elliptic.P384(), append(make([]byte, 47), 5))
	require.NoError(t, err)
	for name, signer := range map[string]crypto.Signer{
		"nothing":              nil,
		"nil of a type":        (*ecdsa.PrivateKey)(nil),
		"P-384":                p384,
		"half an Ed25519 key":  ed25519.PrivateKey(make([]byte, 32)),
		"mismatched halves":    ed25519.PrivateKey(make([]byte, 64)),
		"an Ed25519 key, none": ed25519.PrivateKey(nil),
	} {
		t.Run(name, func(t *testing.T) {
			k, err := holder.NewKey(signer)
			require.Nil(t, k)
			var e *holder.Error
			require.ErrorAs(t, err, &e)
			require.ErrorIs(t, err, holder.ErrPhone)
			require.Equal(t, holder.AdviceUpdate, e.Advice)
		})
	}
}

func TestRandomSourceThatFails(t *testing.T) {
	w := worldtest.New(t)
	p := w.OwnerPhone(t)
	broken := errors.New("no entropy")
	good := p.Rand
	p.Rand = reader(func([]byte) (int, error) { return 0, broken })
	tr := apdu.NewTracer(w.Link())
	r, err := p.Open(t.Context(), tr, credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonNone, holder.AdviceTapAgain)
	require.ErrorIs(t, err, holder.ErrPhone)
	require.ErrorIs(t, err, broken)
	require.Equal(t, 1, tr.Cost().Pairs)

	p.Rand = good
	requireOpened(t, w, p, w.Link(), credential.OperationOpen)
}

type reader func([]byte) (int, error)

func (f reader) Read(p []byte) (int, error) { return f(p) }

// TestEveryTapHasItsOwnEphemeralKey, a second try included.
func TestEveryTapHasItsOwnEphemeralKey(t *testing.T) {
	w := worldtest.New(t)
	p := w.OwnerPhone(t)
	know(t, w, p)
	replace(t, w) // so that the first tap has a second try
	tr := apdu.NewTracer(w.Link())
	for range 3 {
		requireOpened(t, w, p, tr, credential.OperationOpen)
	}
	seen := make(map[string]bool)
	for _, pair := range tr.Pairs() {
		if instruction(pair.Command) == wire.InsHandshake1 {
			require.False(t, seen[string(pair.Command[5:])])
			seen[string(pair.Command[5:])] = true
		}
	}
	require.Len(t, seen, 4)
}

func TestPhoneThatLacksSomethingSendsNothing(t *testing.T) {
	w := worldtest.New(t)
	for _, c := range []struct {
		name   string
		change func(*holder.Phone)
		reason credential.Reason
		advice holder.Advice
		says   string
	}{
		{"Key", func(p *holder.Phone) { p.Key = nil }, 0, holder.AdviceUpdate, "no Key"},
		{"public key", func(p *holder.Phone) { p.Key = &hardware{} }, 0, holder.AdviceUpdate, "no public key in its Key"},
		{"Rand", func(p *holder.Phone) { p.Rand = nil }, 0, holder.AdviceUpdate, "no Rand"},
		{"Roots", func(p *holder.Phone) { p.Roots = nil }, 0, holder.AdviceUpdate, "no Roots"},
		{"Makers", func(p *holder.Phone) { p.Makers = nil }, 0, holder.AdviceUpdate, "no Makers"},
		{"an empty grant", func(p *holder.Phone) { p.Grant = []byte{} }, credential.ReasonMalformed, holder.AdviceRenew, "Phone.Grant"},
		{"a grant cut off", func(p *holder.Phone) { p.Grant = p.Grant[:100] }, credential.ReasonMalformed, holder.AdviceRenew, "Phone.Grant"},
		{"a certificate for a grant", func(p *holder.Phone) { p.Grant = p.Makers[0] }, credential.ReasonObjectType, holder.AdviceRenew, "Phone.Grant"},
		{"another's grant", func(p *holder.Phone) { p.Grant = w.PostmanPhone(t).Grant }, credential.ReasonPossession, holder.AdviceRenew, "another key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := w.NeighbourPhone(t)
			c.change(p)
			tr := apdu.NewTracer(w.Link())
			r, err := p.Open(t.Context(), tr, credential.OperationOpen)
			e := requireFault(t, r, err, credential.OutcomeRefused, c.reason, c.advice)
			require.Contains(t, e.Error(), c.says)
			require.Equal(t, c.reason == 0, errors.Is(err, holder.ErrPhone))
			require.Zero(t, tr.Cost())
		})
	}
	r, err := w.OwnerPhone(t).Open(t.Context(), nil, credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonNone, holder.AdviceUpdate)
}
