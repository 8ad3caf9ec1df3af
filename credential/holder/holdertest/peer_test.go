package holdertest_test

import (
	"crypto"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/holdertest"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock"
)

// scene is a lock of both suites, and a guest's phone in one of them.
type scene struct {
	*worldtest.World
	suite int
	guest *holdertest.Phone
}

// newScene makes the lock and the phone.
func newScene(t *testing.T, suite int) *scene {
	t.Helper()
	s := &scene{World: worldtest.New(t), suite: suite}
	key, certificate := s.Identity(2)
	s.Config.Identities = append(s.Config.Identities, lock.Identity{Key: key, Certificate: certificate})
	s.Config.Compartments = 2
	s.PowerUp(t)
	s.guest = s.phone(s.key("neighbour"))
	s.guest.Grant = s.Guest(s.guest.Key)
	return s
}

// key returns the key with the name in the scene's suite.
func (s *scene) key(name string) crypto.Signer {
	if s.suite == 0 {
		return s.Key(name)
	}
	return s.P256(name)
}

// phone returns the phone with the key, at the lock.
func (s *scene) phone(key crypto.Signer) *holdertest.Phone {
	return &holdertest.Phone{Link: s.Link(), Rand: s.Rand("phone"), Key: key, Roots: s.Roots(), Makers: s.Makers()}
}

// reason is why the lock refused last, exactly.
func (s *scene) reason() credential.Reason { return s.LastEvent().Reason }

// handshake goes up to HANDSHAKE-1, which succeeds.
func handshake(t *testing.T, p *holdertest.Phone) {
	t.Helper()
	selected, err := p.Select(t.Context())
	require.NoError(t, err)
	require.Equal(t, apdu.StatusOK, selected.SW)
	require.Empty(t, selected.Faults)
	proof, err := p.Handshake1(t.Context())
	require.NoError(t, err)
	require.Equal(t, apdu.StatusOK, proof.SW)
	require.Empty(t, proof.Faults)
}

// open is a request for an opening.
var open = holdertest.Request{Operation: credential.OperationOpen}

// eachSuite runs a test in both suites.
func eachSuite(t *testing.T, test func(t *testing.T, s *scene)) {
	t.Run("suite 0", func(t *testing.T) { test(t, newScene(t, 0)) })
	t.Run("suite 2", func(t *testing.T) { test(t, newScene(t, 2)) })
}

func TestGuestOpens(t *testing.T) {
	eachSuite(t, func(t *testing.T, s *scene) {
		p := s.guest
		for _, extended := range []bool{false, true} {
			p.Extended = extended
			for _, kid := range []bool{false, true} {
				if kid {
					p.Certificate = p.Proof.Certificate
				}
				handshake(t, p)
				a, err := p.Handshake2(t.Context(), holdertest.Request{Operation: credential.OperationOpen, Receipt: true, Resource: 2})
				require.NoError(t, err)
				require.Empty(t, a.Faults)
				require.Equal(t, credential.OutcomeOpened, a.Outcome)
				require.NotEmpty(t, a.Response.Receipt)
			}
			p.Certificate = nil
		}
		require.Equal(t, 4, s.Bolt.Driven)
	})
}

func TestOwnerReadsTheLog(t *testing.T) {
	s := newScene(t, 0)
	p := s.phone(s.Key("owner"))
	handshake(t, p)
	a, err := p.Handshake2(t.Context(), holdertest.Request{Receipt: true})
	require.NoError(t, err)
	require.Empty(t, a.Faults)
	require.NotZero(t, a.State.Sequence)
	for _, clear := range []bool{true, false} {
		pages, err := p.Pages(t.Context(), 4, clear)
		require.NoError(t, err)
		require.Len(t, pages, 4)
		for _, page := range pages {
			require.Empty(t, page.Faults)
		}
	}
}

func TestPostmanBringsHisCertificate(t *testing.T) {
	s := newScene(t, 0)
	p := s.phone(s.Key("postman"))
	p.Grant = s.Round(p.Key)
	handshake(t, p)
	deliver := holdertest.Request{Operation: credential.OperationDeliver}
	a, err := p.Handshake2(t.Context(), deliver)
	require.NoError(t, err)
	require.Empty(t, a.Faults)
	require.Equal(t, []credential.KeyID{credential.KeyIDOf(s.Post.PublicKey())}, a.Missing)
	deliver.Chain = [][]byte{s.Post.Authority().Bytes()}
	a, err = p.Request(t.Context(), deliver)
	require.NoError(t, err)
	require.Empty(t, a.Faults)
	require.Equal(t, credential.OutcomeOpened, a.Outcome)
}

func TestResumption(t *testing.T) {
	eachSuite(t, func(t *testing.T, s *scene) {
		p := s.guest
		handshake(t, p)
		a, err := p.Handshake2(t.Context(), holdertest.Request{Operation: credential.OperationOpen, Resumable: true})
		require.NoError(t, err)
		require.Empty(t, a.Faults)
		require.NotZero(t, a.Slot)
		secret, err := p.FirstSecret()
		require.NoError(t, err)
		for range 3 {
			_, err = p.Select(t.Context())
			require.NoError(t, err)
			a, err = p.Resume(t.Context(), secret, open)
			require.NoError(t, err)
			require.Empty(t, a.Faults)
			require.Equal(t, credential.OutcomeOpened, a.Outcome)
			next, err := secret.Next()
			require.NoError(t, err)
			secret = *next
		}
	})
}

func TestCommissioning(t *testing.T) {
	s := newScene(t, 0)
	s.Button = true
	p := s.phone(s.Key("heir"))
	handshake(t, p)
	require.NoError(t, p.Complete())
	proof, err := p.SetupProof(s.Setup[:])
	require.NoError(t, err)
	a, err := p.Handshake2(t.Context(), holdertest.Request{Operation: credential.OperationConfigure, Proof: proof})
	require.NoError(t, err)
	require.Empty(t, a.Faults)
	require.Equal(t, credential.OutcomeDone, a.Outcome)
	_, err = p.LogKey()
	require.NoError(t, err)
}

// TestSameSeedSameBytes holds a run to its sources.
func TestSameSeedSameBytes(t *testing.T) {
	var runs [2]holdertest.Values
	for i := range runs {
		s := newScene(t, 2)
		handshake(t, s.guest)
		_, err := s.guest.Handshake2(t.Context(), open)
		require.NoError(t, err)
		runs[i] = s.guest.Values()
	}
	require.Equal(t, runs[0], runs[1])
	require.NotEmpty(t, runs[0][holdertest.PRKExporter])
}

// TestNoFaultIsFoundWhereThereIsNone goes through many runs of an honest lock.
func TestNoFaultIsFoundWhereThereIsNone(t *testing.T) {
	eachSuite(t, func(t *testing.T, s *scene) {
		for seed := range 20 {
			s.guest.Rand = s.Rand(fmt.Sprint("phone ", seed))
			handshake(t, s.guest)
			for _, r := range []holdertest.Request{
				{Operation: credential.OperationOpen, Receipt: true, Resumable: true}, {Log: true, Page: 3}, {Receipt: true}, {Operation: credential.OperationDeliver},
			} {
				send := s.guest.Request
				if r.Resumable { // the first one
					send = s.guest.Handshake2
				}
				a, err := send(t.Context(), r)
				require.NoError(t, err)
				require.Empty(t, a.Faults)
			}
		}
	})
}

// TestBindingR has the lock read the phone.
func TestBindingR(t *testing.T) {
	eachSuite(t, func(t *testing.T, s *scene) {
		var a *holdertest.Answer
		p := s.guest
		p.Turned, p.Extended = true, true
		card := &holdertest.Card{Script: func(link apdu.Transceiver) {
			p.Link = link
			handshake(t, p)
			var err error
			a, err = p.Handshake2(t.Context(), open)
			require.NoError(t, err)
		}}
		require.NoError(t, s.Lock.Meet(t.Context(), apdu.Direct(card)))
		require.Empty(t, card.Faults)
		require.Empty(t, a.Faults)
		require.Equal(t, credential.OutcomeOpened, a.Outcome)
		require.Equal(t, 1, s.Bolt.Driven)
	})
}

// TestBindingsAreApart has a phone derive by the other binding.
func TestBindingsAreApart(t *testing.T) {
	s := newScene(t, 0)
	s.guest.Turned = true
	handshake(t, s.guest)
	a, err := s.guest.Handshake2(t.Context(), open)
	require.NoError(t, err)
	require.Equal(t, apdu.StatusRefused, a.SW)
	require.Equal(t, credential.ReasonChannel, s.reason())
}

// TestReaderThatIsAnswered with what no phone answers.
func TestReaderThatIsAnsweredWrongly(t *testing.T) {
	s := newScene(t, 0)
	card := &holdertest.Card{
		Script: func(link apdu.Transceiver) {
			s.guest.Link = link
			_, _ = s.guest.Select(t.Context())
			_, _ = s.guest.Handshake1(t.Context())
		},
		Answer: func(c apdu.Command, r *apdu.Response) {
			if c.INS == 0x18 {
				r.Data = r.Data[:1]
			}
		},
	}
	require.ErrorIs(t, s.Lock.Meet(t.Context(), apdu.Direct(card)), credential.ReasonMalformed)
}
