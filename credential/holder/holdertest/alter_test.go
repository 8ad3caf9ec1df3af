package holdertest_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	. "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// altered is one alteration and what a good lock makes of it.
type altered struct {
	name   string
	value  holdertest.Value
	alter  func([]byte) []byte
	step   byte // instruction whose answer is the refusal
	reason credential.Reason
}

// tap goes through the exchange until a status word refuses.
func tap(t *testing.T, p *holdertest.Phone, r holdertest.Request) (step byte, a *holdertest.Answer) {
	t.Helper()
	selected, err := p.Select(t.Context())
	require.NoError(t, err)
	if selected.Refused() {
		return 0xA4, &holdertest.Answer{Reply: selected.Reply}
	}
	proof, err := p.Handshake1(t.Context())
	require.NoError(t, err)
	if proof.Refused() || proof.Suites != nil {
		return 0x10, &holdertest.Answer{Reply: proof.Reply}
	}
	a, err = p.Handshake2(t.Context(), r)
	require.NoError(t, err)
	return 0x12, a
}

// TestEveryValueCanBeAltered shows that each alteration arrives, alone, and is
// refused for what it is; without it the same phone opens the same lock.
func TestEveryValueCanBeAltered(t *testing.T) {
	flip := Flip(-1)
	for _, c := range []altered{
		{"method", holdertest.Message1, SetItem(0, Int(3)), 0x10, credential.ReasonMalformed},
		{"a suite twice", holdertest.Message1, SetItem(1, Array(Int(0), Int(0))), 0x10, credential.ReasonMalformed},
		{"a suite that nobody has", holdertest.Message1, SetItem(1, Int(24)), 0x10, credential.ReasonSuite},
		{"long connection identifier", holdertest.Message1, SetItem(3, Bytes([]byte("long"))), 0x10, credential.ReasonMalformed},
		{"EAD_1", holdertest.Message1, Extend(Int(-1)...), 0x10, credential.ReasonMalformed},
		{"integer in a long form", holdertest.Message1, SetItem(0, LongHead(MajorUint, 0, 1)), 0x10, credential.ReasonMalformed},
		{"message_1 cut", holdertest.Message1, Cut(1), 0x10, credential.ReasonMalformed},
		{"G_X of 31 bytes", holdertest.GX, Cut(1), 0x10, credential.ReasonMalformed},
		{"another G_X than the own", holdertest.GX, nil, 0, 0},
		{"H(message_1)", holdertest.Message1Hashed, flip, 0, 0},
		{"G_Y", holdertest.GY, nil, 0, 0},
		{"G_XY", holdertest.GXY, flip, 0, 0},
		{"TH_2", holdertest.TH2, flip, 0, 0},
		{"PRK_2e", holdertest.PRK, flip, 0, 0},
		{"ID_CRED_R", holdertest.IDCredR, flip, 0, 0},
		{"MAC_2", holdertest.MAC2, flip, 0, 0},
		{"what the lock signs", holdertest.Signed2, flip, 0, 0},
		{"PLAINTEXT_2 in TH_3", holdertest.Plain2Hashed, flip, 0x12, credential.ReasonPossession},
		{"CRED_R", holdertest.CredR, flip, 0x12, credential.ReasonPossession},
		{"TH_3", holdertest.TH3, flip, 0x12, credential.ReasonPossession},
		{"CRED_I", holdertest.CredI, flip, 0x12, credential.ReasonPossession},
		{"ID_CRED_I", holdertest.IDCredI, Replace(append([]byte{0xA1, 0x04}, Bytes(make([]byte, 8))...)), 0x12, credential.ReasonMalformed},
		{"MAC_3", holdertest.MAC3, flip, 0x12, credential.ReasonPossession},
		{"what is signed", holdertest.Signed3, flip, 0x12, credential.ReasonPossession},
		{"signature", holdertest.Signature3, flip, 0x12, credential.ReasonPossession},
		{"signature of 63 bytes", holdertest.Signature3, Cut(1), 0x12, credential.ReasonPossession},
		{"EAD_3", holdertest.Plaintext3, Extend(Int(0)...), 0x12, credential.ReasonPossession},
		{"two credentials", holdertest.Plaintext3, OfItems(func(i [][]byte) [][]byte { return slices.Insert(i, 0, i[0]) }), 0x12, credential.ReasonPossession},
		{"grant of another signer", holdertest.IDCredI, OfMap(func(m *Map) {
			m.Set(13, OfObject(func(o *Object) { o.Signature[0] ^= 1 })(m.Get(13)))
		}), 0x12, credential.ReasonPossession},
		{"CIPHERTEXT_3", holdertest.Ciphertext3, flip, 0x12, credential.ReasonPossession},
		{"message_3", holdertest.Message3, Replace(Int(1)), 0x12, credential.ReasonMalformed},
		{"PLAINTEXT_3 in TH_4", holdertest.Plain3Hashed, flip, 0x12, credential.ReasonChannel},
		{"TH_4", holdertest.TH4, flip, 0x12, credential.ReasonChannel},
		{"PRK_out", holdertest.PRKOut, flip, 0x12, credential.ReasonChannel},
		{"PRK_exporter", holdertest.PRKExporter, flip, 0x12, credential.ReasonChannel},
		{"channel keys", holdertest.ChannelKeys, Flip(0), 0x12, credential.ReasonChannel},
		{"answer to SELECT", holdertest.Selection, flip, 0x12, credential.ReasonChannel},
		{"SELECT hash", holdertest.SelectHash, flip, 0x12, credential.ReasonChannel},
		{"request that is no map", holdertest.Plaintext, Replace(Int(0)), 0x12, credential.ReasonMalformed},
		{"request with a field twice", holdertest.Plaintext, OfMap(func(m *Map) { m.Append(Int(1), Int(1)) }), 0x12, credential.ReasonMalformed},
		{"request sealed otherwise", holdertest.Sealed, flip, 0x12, credential.ReasonChannel},
		{"data of a command", holdertest.Data, flip, 0xA4, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachSuite(t, func(t *testing.T, s *scene) {
				if c.alter == nil { // another key share that is a good one
					c.alter = Replace(s.share(t))
				}
				s.guest.Alter = holdertest.Alter{c.value: c.alter}
				if c.step == 0 { // the phone cannot read message_2 any more, and the lock is asked no further
					_, err := s.guest.Select(t.Context())
					require.NoError(t, err)
					proof, err := s.guest.Handshake1(t.Context())
					require.NoError(t, err)
					require.NotEmpty(t, proof.Faults)
				} else {
					step, a := tap(t, s.guest, open)
					require.Equal(t, c.step, step)
					if c.reason != credential.ReasonSuite && step != 0xA4 {
						require.Equal(t, apdu.StatusRefused, a.SW)
					}
					require.Equal(t, c.reason, s.reason())
				}
				require.Zero(t, s.Bolt.Driven)
				s.guest.Alter = nil
				_, a := tap(t, s.guest, open)
				require.Equal(t, credential.OutcomeOpened, a.Outcome, "the valid twin")
			})
		})
	}
}

// share returns a key share of the scene's suite.
func (s *scene) share(t *testing.T) []byte {
	t.Helper()
	p := *s.guest
	p.Rand = s.Rand("another")
	_, err := p.Select(t.Context())
	require.NoError(t, err)
	_, err = p.Handshake1(t.Context())
	require.NoError(t, err)
	return bytes.Clone(p.Values()[holdertest.GX])
}

// TestEphemeralKeyIsChosen by the tester: the same one twice is good to every lock,
// which cannot know.
func TestEphemeralKeyIsChosen(t *testing.T) {
	eachSuite(t, func(t *testing.T, s *scene) {
		s.guest.Alter = holdertest.Alter{holdertest.PrivateKey: Replace(bytes.Repeat([]byte{7}, 32))}
		var shares [2][]byte
		for i := range shares {
			_, a := tap(t, s.guest, open)
			require.Equal(t, credential.OutcomeOpened, a.Outcome)
			shares[i] = s.guest.Values()[holdertest.GX]
		}
		require.Equal(t, shares[0], shares[1])
	})
}

func TestKeySharesThatLocksRefuse(t *testing.T) {
	for suite, shares := range map[int][][]byte{0: holdertest.LowOrder(), 2: holdertest.OffCurve()} {
		for _, share := range shares {
			s := newScene(t, suite)
			s.guest.Alter = holdertest.Alter{holdertest.GX: Replace(share)}
			step, a := tap(t, s.guest, open)
			require.Equal(t, byte(0x10), step, "%x", share)
			require.Equal(t, apdu.StatusRefused, a.SW, "%x", share)
			require.Equal(t, credential.ReasonMalformed, s.reason())
		}
	}
}

// TestFieldsThatAreRefusedInTheChannel alters requests that a lock reads and does
// not carry out.
func TestFieldsThatAreRefusedInTheChannel(t *testing.T) {
	for name, alter := range map[string]func(*Map){
		"unknown field":     func(m *Map) { m.Append(Int(9), Int(0)) },
		"unknown flag":      func(m *Map) { m.Set(5, Int(8)) },
		"unknown operation": func(m *Map) { m.Set(1, Int(200)) },
		"flag that does not go with the operation": func(m *Map) { m.Set(5, Int(4)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, 0)
			s.guest.Alter = holdertest.Alter{holdertest.Plaintext: OfMap(alter)}
			_, a := tap(t, s.guest, open)
			require.Empty(t, a.Faults)
			require.Equal(t, credential.OutcomeRefused, a.Outcome)
			require.Equal(t, credential.ReasonOperationUnknown, a.Reason)
		})
	}
}

// TestSuitesAreNegotiated offers what the lock answers with an error message.
func TestSuitesAreNegotiated(t *testing.T) {
	s := newScene(t, 2)
	s.guest.Suites = []int{0, 2}
	step, a := tap(t, s.guest, open)
	require.Equal(t, byte(0x10), step)
	require.Empty(t, a.Faults)
	require.Equal(t, []int{0, 2}, s.guest.Proof.Suites)
	s.guest.Suites = []int{24, 2}
	_, a = tap(t, s.guest, open)
	require.Equal(t, credential.OutcomeOpened, a.Outcome)
}

// TestSealedMessageTwice sends one again, leaves one out, and goes back.
func TestSealedMessageTwice(t *testing.T) {
	status := holdertest.Request{}
	for name, send := range map[string]func(p *holdertest.Phone) (*holdertest.Answer, error){
		"again": func(p *holdertest.Phone) (*holdertest.Answer, error) {
			return p.SendSealed(t.Context(), 0x14, p.Values()[holdertest.Sealed], status)
		},
		"counter left out": func(p *holdertest.Phone) (*holdertest.Answer, error) {
			p.Channel.Out.Counter++
			return p.Request(t.Context(), status)
		},
		"counter used again": func(p *holdertest.Phone) (*holdertest.Answer, error) {
			p.Channel.Out.Counter = 0
			return p.Request(t.Context(), status)
		},
		"response reflected": func(p *holdertest.Phone) (*holdertest.Answer, error) {
			a, err := p.Request(t.Context(), status)
			require.NoError(t, err)
			return p.SendSealed(t.Context(), 0x14, a.Data, status)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, 0)
			_, a := tap(t, s.guest, status)
			require.Equal(t, credential.OutcomeDone, a.Outcome)
			a, err := send(s.guest)
			require.NoError(t, err)
			require.Equal(t, apdu.StatusRefused, a.SW)
			require.Equal(t, credential.ReasonChannel, s.reason())
		})
	}
}

// TestResumeIsAltered in each of its parts.
func TestResumeIsAltered(t *testing.T) {
	s := newScene(t, 0)
	_, a := tap(t, s.guest, holdertest.Request{Operation: credential.OperationOpen, Resumable: true})
	require.NotZero(t, a.Slot)
	secret, err := s.guest.FirstSecret()
	require.NoError(t, err)
	for value, reason := range map[holdertest.Value]credential.Reason{
		holdertest.ResumeID: credential.ReasonResumption, holdertest.SelectHash: credential.ReasonResumption,
		holdertest.ChannelKeys: credential.ReasonChannel, holdertest.Sealed: credential.ReasonChannel,
	} {
		s.guest.Alter = holdertest.Alter{value: Flip(0)}
		_, err := s.guest.Select(t.Context())
		require.NoError(t, err)
		a, err := s.guest.Resume(t.Context(), secret, open)
		require.NoError(t, err)
		require.Equal(t, apdu.StatusRefused, a.SW, value)
		require.Equal(t, reason, s.reason(), value)
	}
	s.guest.Alter = holdertest.Alter{holdertest.ResumeNonce: Cut(1)}
	_, err = s.guest.Select(t.Context())
	require.NoError(t, err)
	a, err = s.guest.Resume(t.Context(), secret, open)
	require.NoError(t, err)
	require.Equal(t, apdu.StatusRefused, a.SW)
}

// TestCommandsAreAltered by their header, their APDUs and the way the rest is
// fetched.
func TestCommandsAreAltered(t *testing.T) {
	s := newScene(t, 0)
	p := s.guest
	_, err := p.Select(t.Context())
	require.NoError(t, err)
	p.Command = func(c *apdu.Command) { c.P1 = 2 }
	proof, err := p.Handshake1(t.Context())
	require.NoError(t, err)
	require.Equal(t, apdu.StatusWrongP1P2, proof.SW)
	p.Command = func(c *apdu.Command) { c.Ne = 0 }
	handshake(t, p)
	require.Greater(t, len(p.Proof.Pairs), 1, "all of it was fetched")
	p.Command = nil
	p.Fetch = func(int) []byte { return []byte{0x80, 0xC0, 0, 0, 1} }
	p.Certificate = nil
	p.Command = func(c *apdu.Command) { c.Ne = 1 }
	handshake(t, p)
	require.Greater(t, len(p.Proof.Pairs), 100, "byte by byte")
	p.Fetch, p.Command = nil, nil
	handshake(t, p)
	links := 0
	p.APDUs = func(apdus [][]byte) [][]byte {
		links = len(apdus)
		return apdus[:1]
	}
	a, err := p.Handshake2(t.Context(), holdertest.Request{Chain: [][]byte{s.Post.Authority().Bytes()}})
	require.NoError(t, err)
	require.Equal(t, 2, links)
	require.Equal(t, apdu.StatusOK, a.SW)
	require.NotEmpty(t, a.Faults, "it is no answer to a request")
	p.APDUs = nil
	require.Equal(t, apdu.StatusChainExpected, p.Transceive(t.Context(), []byte{0x80, 0x14, 0, 0, 1, 0, 0}).SW)
}

// TestStepsBeforeTheirTime are the tester's own faults.
func TestStepsBeforeTheirTime(t *testing.T) {
	p := newScene(t, 0).guest
	_, err := p.Handshake1(t.Context())
	require.Error(t, err)
	_, err = p.Handshake2(t.Context(), open)
	require.Error(t, err)
	_, err = p.Request(t.Context(), open)
	require.Error(t, err)
	_, err = p.FirstSecret()
	require.Error(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	selected, err := p.Select(ctx)
	require.NoError(t, err)
	require.ErrorIs(t, selected.Lost, context.Canceled)
}
