package holder_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// forms returns P1 of every HANDSHAKE-1.
func forms(tr *apdu.Tracer) []byte {
	var all []byte
	for _, p := range tr.Pairs() {
		if instruction(p.Command) == wire.InsHandshake1 {
			all = append(all, p.Command[2])
		}
	}
	return all
}

const (
	byKid   = wire.CertificateFormKid
	byValue = wire.CertificateFormValue
)

// scripted is a Memory that says what a test wants.
type scripted struct {
	known      holder.KnownLock
	fail       error
	remembered []holder.KnownLock
}

func (m *scripted) Recall(credential.LockID) (holder.KnownLock, bool) {
	return m.known, m.known.Version > 0
}

func (m *scripted) Remember(_ credential.LockID, k holder.KnownLock) error {
	m.remembered = append(m.remembered, k)
	return m.fail
}

func TestCertificateIsAskedForOnce(t *testing.T) {
	w := worldtest.New(t)
	p := w.OwnerPhone(t)
	tr := apdu.NewTracer(w.Link())
	for range 3 {
		requireOpened(t, w, p, tr, credential.OperationOpen)
	}
	require.Equal(t, []byte{byValue, byKid, byKid}, forms(tr))
	k, ok := p.Locks.Recall(w.LockID)
	require.True(t, ok)
	require.Equal(t, holder.KnownLock{Certificates: [][]byte{w.Config.Identities[0].Certificate}, Version: 1}, k)
}

func TestPhoneWithoutMemoryAsksEveryTime(t *testing.T) {
	w := worldtest.New(t)
	p := w.OwnerPhone(t)
	p.Locks = nil
	tr := apdu.NewTracer(w.Link())
	for range 2 {
		requireOpened(t, w, p, tr, credential.OperationOpen)
	}
	require.Equal(t, []byte{byValue, byValue}, forms(tr))
}

func TestMemoryThatFailsCostsBytesAlone(t *testing.T) {
	w := worldtest.New(t)
	p := w.OwnerPhone(t)
	m := &scripted{fail: errors.New("disk is full")}
	p.Locks = m
	tr := apdu.NewTracer(w.Link())
	for range 2 {
		requireOpened(t, w, p, tr, credential.OperationOpen)
	}
	require.Equal(t, []byte{byValue, byValue}, forms(tr))
	require.Len(t, m.remembered, 2)
}

func TestKnownLockIsNotRememberedAgain(t *testing.T) {
	w := worldtest.New(t)
	p := w.OwnerPhone(t)
	m := &scripted{known: holder.KnownLock{Certificates: [][]byte{w.Config.Identities[0].Certificate}, Version: 1}}
	p.Locks = m
	requireOpened(t, w, p, w.Link(), credential.OperationOpen)
	require.Empty(t, m.remembered)
}

// TestSpoiltMemoryIsPassedOver: what an app's storage has garbled or mixed up
// must not keep anybody from a lock, and is put right.
func TestSpoiltMemoryIsPassedOver(t *testing.T) {
	w := worldtest.New(t)
	right := w.Config.Identities[0].Certificate
	ofAnother := certify(t, credential.LockClaims{Key: worldtest.Public(t, "other"), IssuedAt: w.Now, ID: credential.LockID{7}}, worldtest.Key("maker"))
	ofNobody := certify(t, credential.LockClaims{Key: worldtest.Public(t, "lock"), IssuedAt: w.Now, ID: w.LockID}, worldtest.Key("nobody"))
	broken := append([]byte(nil), right...)
	broken[len(broken)-1] ^= 1
	for name, certificate := range map[string][]byte{
		"nothing":                        nil,
		"garbage":                        {0xDE, 0xAD},
		"cut off":                        right[:len(right)-1],
		"broken signature":               broken,
		"of another lock":                ofAnother,
		"of a manufacturer nobody knows": ofNobody,
		"a grant":                        w.NeighbourPhone(t).Grant,
	} {
		t.Run(name, func(t *testing.T) {
			p := w.OwnerPhone(t)
			m := &scripted{known: holder.KnownLock{Certificates: [][]byte{certificate}, Version: 1}}
			p.Locks = m
			tr := apdu.NewTracer(w.Link())
			requireOpened(t, w, p, tr, credential.OperationOpen)
			require.Equal(t, []byte{byValue}, forms(tr))
			require.Equal(t, []holder.KnownLock{{Certificates: [][]byte{right}, Version: 1}}, m.remembered)

			m.known.Certificates = append(m.known.Certificates, right)
			tr.Reset()
			requireOpened(t, w, p, tr, credential.OperationOpen)
			require.Equal(t, []byte{byKid}, forms(tr), "the right one behind it is found")
		})
	}
}

func TestReplacedLockIsAskedByValue(t *testing.T) {
	w := worldtest.New(t)
	p := w.OwnerPhone(t)
	requireOpened(t, w, p, w.Link(), credential.OperationOpen)
	replace(t, w)
	tr := apdu.NewTracer(w.Link())
	r := requireOpened(t, w, p, tr, credential.OperationOpen)
	require.Equal(t, []byte{byKid, byValue}, forms(tr))
	require.Equal(t, 2, sent(tr, wire.InsSelect))
	require.Equal(t, tr.Cost(), r.Cost, "the cost holds both tries")
	k, _ := p.Locks.Recall(w.LockID)
	require.Equal(t, [][]byte{w.Config.Identities[0].Certificate}, k.Certificates, "the new one takes the place of the old one")

	tr.Reset()
	requireOpened(t, w, p, tr, credential.OperationOpen)
	require.Equal(t, []byte{byKid}, forms(tr))
}

// TestReplacedLockWhenTheContextEnds has no second try any more.
func TestReplacedLockWhenTheContextEnds(t *testing.T) {
	w := worldtest.New(t)
	p := w.OwnerPhone(t)
	know(t, w, p)
	replace(t, w)
	ctx, cancel := context.WithCancel(t.Context())
	link := &tampered{next: w.Link(), response: func(n int, _, response []byte) ([]byte, error) {
		if n == 2 {
			cancel()
		}
		return response, nil
	}}
	r, err := p.Open(ctx, link, credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonLockIdentity, holder.AdviceReport)
	require.Equal(t, 2, link.n)
	requireUntouched(t, w)
}

// TestUncertifiedReplacementIsRefused: the second try gives an impostor no more
// than the first.
func TestUncertifiedReplacementIsRefused(t *testing.T) {
	w := worldtest.New(t)
	f, p := newFake(t, w), w.OwnerPhone(t)
	know(t, w, p)
	f.key = worldtest.Key("impostor")
	f.certificate = certify(t, credential.LockClaims{Key: worldtest.Public(t, "impostor"), IssuedAt: w.Now, ID: w.LockID}, worldtest.Key("impostor"))
	link := f.link()
	r, err := p.Open(t.Context(), link, credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonIssuerUnknown, holder.AdviceUpdate)
	require.Equal(t, []byte{byKid, byValue}, f.forms)
	requireNothingToldOfTheHolder(t, p, link)
}

// TestLockThatAlwaysNamesAnotherKey gets one second try and no third.
func TestLockThatAlwaysNamesAnotherKey(t *testing.T) {
	w := worldtest.New(t)
	f, p := newFake(t, w), w.OwnerPhone(t)
	know(t, w, p)
	f.idCred = func(bool) []byte { return unhex(t, "A1 04 48 FFFFFFFFFFFFFFFF") }
	link := f.link()
	r, err := p.Open(t.Context(), link, credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonLockIdentity, holder.AdviceReport)
	require.Equal(t, []byte{byKid, byValue}, f.forms)
	require.Equal(t, 4, link.Cost().Pairs)
	requireNothingToldOfTheHolder(t, p, link)
}

// TestCertificateByValueWhereTheKeyIDWasAskedFor is verified as any other, and
// remembered where it is another one.
func TestCertificateByValueWhereTheKeyIDWasAskedFor(t *testing.T) {
	w := worldtest.New(t)
	f, p := newFake(t, w), w.OwnerPhone(t)
	m := &scripted{known: holder.KnownLock{Certificates: [][]byte{w.Config.Identities[0].Certificate}, Version: 1}}
	p.Locks = m
	f.idCred = func(bool) []byte { return f.idCredByValue() }
	r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)

	replace(t, w)
	f.certificate, f.key = w.Config.Identities[0].Certificate, w.Config.Identities[0].Key
	r, err = p.Open(t.Context(), f.link(), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
	require.Equal(t, [][]byte{f.certificate}, m.remembered[len(m.remembered)-1].Certificates)
	require.Equal(t, []byte{byKid, byKid}, f.forms, "no second try is needed")

	f.certificate = certify(t, credential.LockClaims{Key: worldtest.Public(t, "second lock"), IssuedAt: w.Now, ID: w.LockID}, worldtest.Key("nobody"))
	r, err = p.Open(t.Context(), f.link(), credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonIssuerUnknown, holder.AdviceUpdate)
}

// TestLockOfALaterVersion is served in this one, and never again as an older
// one.
func TestLockOfALaterVersion(t *testing.T) {
	w := worldtest.New(t)
	f, p := newFake(t, w), w.OwnerPhone(t)
	f.selection.Version = 2
	r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
	k, _ := p.Locks.Recall(w.LockID)
	require.Equal(t, uint64(2), k.Version)

	f.selection.Version = 3
	_, err = p.Open(t.Context(), f.link(), credential.OperationOpen)
	require.NoError(t, err)
	k, _ = p.Locks.Recall(w.LockID)
	require.Equal(t, uint64(3), k.Version, "raised, though the certificate was known")
	require.Len(t, k.Certificates, 1)

	f.selection.Version = 2
	r, err = p.Open(t.Context(), f.link(), credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonDowngrade, holder.AdviceReport)
}

// TestVersionIsNotRaisedWithoutASealedAnswer: anybody can write a SELECT answer.
func TestVersionIsNotRaisedWithoutASealedAnswer(t *testing.T) {
	w := worldtest.New(t)
	p := w.OwnerPhone(t)
	link := &tampered{next: w.Link(), response: func(_ int, command, response []byte) ([]byte, error) {
		if instruction(command) == wire.InsSelect {
			response[5] = 9
		}
		return response, nil
	}}
	_, err := p.Open(t.Context(), link, credential.OperationOpen)
	require.Error(t, err)
	_, known := p.Locks.Recall(w.LockID)
	require.False(t, known)
	requireOpened(t, w, p, w.Link(), credential.OperationOpen)
}

// TestRenewedMaker has the maker's certificates from before and after a renewal
// of its own: the one that covers the lock's certificate is found.
func TestRenewedMaker(t *testing.T) {
	w := worldtest.New(t)
	young := authority(t, w, "maker", func(*credential.AuthorityClaims) {})
	for _, makers := range [][][]byte{{young, w.Maker.Authority().Bytes()}, {w.Maker.Authority().Bytes(), young}} {
		p := w.OwnerPhone(t)
		p.Makers = makers
		requireOpened(t, w, p, w.Link(), credential.OperationOpen)
	}
}

// TestVersionRemembered rises only with a sealed answer, and never falls.
func TestVersionRemembered(t *testing.T) {
	w := worldtest.New(t)
	p := w.OwnerPhone(t)
	m := &scripted{known: holder.KnownLock{Version: 0}}
	p.Locks = m
	requireOpened(t, w, p, w.Link(), credential.OperationOpen)
	require.Equal(t, uint64(1), m.remembered[0].Version)

	m.known.Version = 7 // by a later version of the app
	tr := apdu.NewTracer(w.Link())
	r, err := p.Open(t.Context(), tr, credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonDowngrade, holder.AdviceReport)
	require.Equal(t, 1, tr.Cost().Pairs)
	require.Len(t, m.remembered, 1)
}

func TestMemorySharesNothing(t *testing.T) {
	m := holder.NewMemory()
	id := credential.LockID{1}
	_, ok := m.Recall(id)
	require.False(t, ok)
	k := holder.KnownLock{Certificates: [][]byte{{1, 2}}, Version: 1}
	require.NoError(t, m.Remember(id, k))
	k.Certificates[0][0] = 9
	first, ok := m.Recall(id)
	require.True(t, ok)
	require.Equal(t, holder.KnownLock{Certificates: [][]byte{{1, 2}}, Version: 1}, first)
	first.Certificates[0][0] = 9
	second, _ := m.Recall(id)
	require.Equal(t, [][]byte{{1, 2}}, second.Certificates)
	_, ok = m.Recall(credential.LockID{2})
	require.False(t, ok)
}
