package holder_test

import (
	"bytes"
	"context"
	"crypto"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/issuer"
)

// certify makes a lock certificate whoever the signer is, which no issuer of
// this project would.
func certify(t *testing.T, c credential.LockClaims, signer crypto.Signer) []byte {
	t.Helper()
	k, err := holder.NewKey(signer)
	require.NoError(t, err)
	u, err := credential.NewLockCertificate(c, k.PublicKey())
	require.NoError(t, err)
	signature, err := k.Sign(u.ToBeSigned())
	require.NoError(t, err)
	b, err := u.WithSignature(signature)
	require.NoError(t, err)
	return b
}

// authority certifies an authority under the world's scheme.
func authority(t *testing.T, w *worldtest.World, name string, change func(*credential.AuthorityClaims)) []byte {
	t.Helper()
	c := credential.AuthorityClaims{
		Key: worldtest.Public(t, name), IssuedAt: w.Now - 10*worldtest.Day, Expires: w.Now + 10*worldtest.Day, Rights: credential.RightLock,
	}
	change(&c)
	return w.Authority(t, c).Bytes()
}

// impostors are locks that do not prove to be the one selected.  Each differs
// from the world's lock by what its function changes.
var impostors = []struct {
	name   string
	change func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims)
	reason credential.Reason
	advice holder.Advice
}{
	{"certificate signed by itself",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.certificate = certify(t, own, worldtest.Key("lock"))
		}, credential.ReasonIssuerUnknown, holder.AdviceUpdate},
	{"manufacturer that the app does not know",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.certificate = certify(t, own, worldtest.Key("another maker"))
		}, credential.ReasonIssuerUnknown, holder.AdviceUpdate},
	{"manufacturer under a scheme that the app does not trust",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			p.Roots = []credential.PublicKey{worldtest.Public(t, "another scheme")}
		}, credential.ReasonIssuerUnknown, holder.AdviceUpdate},
	{"manufacturer's certificate signed by another than it says",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			maker := bytes.Clone(p.Makers[0])
			maker[len(maker)-1] ^= 1
			p.Makers = [][]byte{maker}
		}, credential.ReasonIssuerUnknown, holder.AdviceUpdate},
	{"certificate with a broken signature",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.certificate = bytes.Clone(f.certificate)
			f.certificate[len(f.certificate)-1] ^= 1
		}, credential.ReasonSignature, holder.AdviceReport},
	{"certificate for another lock",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			own.ID[7]++
			f.certificate = certify(t, own, worldtest.Key("maker"))
		}, credential.ReasonLockIdentity, holder.AdviceReport},
	{"certificate for another lock, of a manufacturer that the app does not know",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			own.ID[7]++
			f.certificate = certify(t, own, worldtest.Key("another maker"))
		}, credential.ReasonIssuerUnknown, holder.AdviceUpdate}, // the first fault is named
	{"authority without the right lock",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			p.Makers = append(p.Makers, w.Post.Authority().Bytes())
			own.IssuedAt = w.Now
			f.certificate = certify(t, own, worldtest.Key("post"))
		}, credential.ReasonAuthorityRight, holder.AdviceReport},
	{"certificate from before its manufacturer's",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			p.Makers = append(p.Makers, authority(t, w, "young maker", func(*credential.AuthorityClaims) {}))
			f.certificate = certify(t, own, worldtest.Key("young maker"))
		}, credential.ReasonAuthorityExpired, holder.AdviceReport},
	{"grant in the place of the certificate",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			g, err := w.Owner.Grant(w.GuestClaims())
			require.NoError(t, err)
			f.idCred = func(bool) []byte { return message.IDCred{Header: wire.HeaderKcwt, Value: g}.Encode() }
		}, credential.ReasonObjectType, holder.AdviceReport},
	{"authority certificate in the place of the certificate",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.idCred = func(bool) []byte { return message.IDCred{Header: wire.HeaderKcwt, Value: p.Makers[0]}.Encode() }
		}, credential.ReasonObjectType, holder.AdviceReport},
	{"bare key in the place of the certificate",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.idCred = func(bool) []byte {
				return message.IDCred{Header: wire.HeaderKccs, Value: credential.AppendClaimsSet(nil, own.Key)}.Encode()
			}
		}, credential.ReasonPossession, holder.AdviceReport},
	{"key id where the certificate was asked for",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			kid := credential.KeyIDOf(own.Key)
			f.idCred = func(bool) []byte { return message.IDCred{Header: wire.HeaderKid, Value: kid[:]}.Encode() }
		}, credential.ReasonLockIdentity, holder.AdviceReport},
	{"key id of 7 bytes",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.idCred = func(bool) []byte { return unhex(t, "A1 04 47 01020304050607") }
		}, credential.ReasonPossession, holder.AdviceReport},
	{"credential of a kind that nobody knows",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.idCred = func(bool) []byte { return unhex(t, "A1 18 22 41 00") }
		}, credential.ReasonPossession, holder.AdviceReport},
	{"certificate over 512 bytes",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.idCred = func(bool) []byte {
				return append(unhex(t, "A1 0D 82 40 59 0258"), make([]byte, 600)...)
			}
		}, credential.ReasonLimit, holder.AdviceUpdate},
	{"key of the other suite",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			own.Key = p256Public(t, "lock")
			f.idCred = func(bool) []byte {
				return message.IDCred{Header: wire.HeaderKcwt, Value: certify(t, own, worldtest.Key("maker"))}.Encode()
			}
		}, credential.ReasonPossession, holder.AdviceReport},
	{"true certificate without its key",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.key = worldtest.Key("impostor")
		}, credential.ReasonPossession, holder.AdviceReport},
	{"message_2 of random bytes",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.message = func([]byte) []byte { return append([]byte{0x58, 0x70}, bytes.Repeat([]byte{0x42}, 0x70)...) }
		}, credential.ReasonPossession, holder.AdviceReport},
	{"message_2 that is too short",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.message = func([]byte) []byte { return append([]byte{0x58, 0x1F}, make([]byte, 0x1F)...) }
		}, credential.ReasonPossession, holder.AdviceReport},
	{"ephemeral key of small order",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.message = func([]byte) []byte { return append([]byte{0x58, 0x70}, make([]byte, 0x70)...) }
		}, credential.ReasonPossession, holder.AdviceReport},
	{"no data",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.message = func([]byte) []byte { return nil }
		}, credential.ReasonPossession, holder.AdviceReport},
	{"message_1 reflected",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.message = func(message1 []byte) []byte { return bytes.Clone(message1) }
		}, credential.ReasonSuite, holder.AdviceUpdate},
	{"EDHOC error 2: the other suite alone",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.message = func([]byte) []byte { return []byte{0x02, 0x02} }
		}, credential.ReasonSuite, holder.AdviceUpdate},
	{"EDHOC error 2: the very suite that was offered",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.message = func([]byte) []byte { return []byte{0x02, 0x00} }
		}, credential.ReasonSuite, holder.AdviceUpdate},
	{"EDHOC error 1, with words for people",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.message = func([]byte) []byte { return []byte{0x01, 0x64, 'p', 'w', 'n', 'd'} }
		}, credential.ReasonSuite, holder.AdviceUpdate},
	{"EDHOC error 3",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.message = func([]byte) []byte { return []byte{0x03, 0xF5} }
		}, credential.ReasonSuite, holder.AdviceUpdate},
	{"EDHOC error of a code that nobody knows, with garbage behind it",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.message = func([]byte) []byte { return []byte{0x38, 0x63, 0xFF, 0xFF} }
		}, credential.ReasonSuite, holder.AdviceUpdate},
	{"EDHOC error 0",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.message = func([]byte) []byte { return []byte{0x00, 0x00} }
		}, credential.ReasonSuite, holder.AdviceUpdate},
	{"the holder's own key as the lock's",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.key, own.Key = worldtest.Key("neighbour"), worldtest.Public(t, "neighbour")
			f.certificate = certify(t, own, worldtest.Key("maker"))
		}, credential.ReasonPossession, holder.AdviceReport},
	{"an older version", // than any that the phone speaks
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.selection.Version = 0
		}, credential.ReasonVersion, holder.AdviceUpdate},
	{"a later version in another form",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.greet = func() []byte { return unhex(t, "6F07 8505 82 02 A1 01 02") }
		}, credential.ReasonMalformed, holder.AdviceTapAgain},
	{"an older version than it proved before",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			require.NoError(t, p.Locks.Remember(w.LockID, holder.KnownLock{Version: 2}))
		}, credential.ReasonDowngrade, holder.AdviceReport},
	{"an answer to SELECT of random bytes",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.greet = func() []byte { return unhex(t, "DEADBEEF") }
		}, credential.ReasonMalformed, holder.AdviceTapAgain},
	{"no answer to SELECT",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			f.greet = func() []byte { return nil }
		}, credential.ReasonMalformed, holder.AdviceTapAgain},
	{"not the box that was chosen",
		func(t *testing.T, w *worldtest.World, f *fake, p *holder.Phone, own credential.LockClaims) {
			p.Expect = credential.LockID{9}
		}, credential.ReasonLockIdentity, holder.AdviceWrongBox},
}

func TestImpostorLearnsNothing(t *testing.T) {
	for _, c := range impostors {
		t.Run(c.name, func(t *testing.T) {
			w := worldtest.New(t)
			f, p := newFake(t, w), w.NeighbourPhone(t)
			own := credential.LockClaims{Key: worldtest.Public(t, "lock"), IssuedAt: w.Now - 50*worldtest.Day, ID: w.LockID, Profile: 1, Level: 1}
			c.change(t, w, f, p, own)
			link := f.link()
			r, err := p.Open(t.Context(), link, credential.OperationOpen)
			requireFault(t, r, err, credential.OutcomeRefused, c.reason, c.advice)
			requireNothingToldOfTheHolder(t, p, link)
			require.Equal(t, 1, sent(link, wire.InsSelect), "no second try")
			require.LessOrEqual(t, sent(link, wire.InsHandshake1), 1)
			require.Empty(t, f.requests)
			if k, ok := p.Locks.Recall(w.LockID); ok {
				require.Empty(t, k.Certificates, "nothing of an impostor is remembered")
			}
		})
	}
}

// TestTheFakeItselfOpens shows that each impostor is refused for its difference.
func TestTheFakeItselfOpens(t *testing.T) {
	w := worldtest.New(t)
	f, p := newFake(t, w), w.NeighbourPhone(t)
	p.Expect = w.LockID
	for range 2 {
		r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
		require.NoError(t, err)
		require.Equal(t, credential.OutcomeOpened, r.Outcome)
	}
	require.Equal(t, []byte{wire.CertificateFormValue, wire.CertificateFormKid}, f.forms)
	require.Equal(t, message.IDCred{Header: wire.HeaderKcwt, Value: p.Grant}.Encode(), f.phone)
}

// TestImpostorOfARememberedLock has the same impostors wait where the phone has
// been before.
func TestImpostorOfARememberedLock(t *testing.T) {
	for _, c := range impostors {
		t.Run(c.name, func(t *testing.T) {
			w := worldtest.New(t)
			f, p := newFake(t, w), w.NeighbourPhone(t)
			_, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
			require.NoError(t, err)
			f.requests = nil
			own := credential.LockClaims{Key: worldtest.Public(t, "lock"), IssuedAt: w.Now - 50*worldtest.Day, ID: w.LockID, Profile: 1, Level: 1}
			c.change(t, w, f, p, own)
			changed, _ := p.Locks.Recall(w.LockID)
			link := f.link()
			r, err := p.Open(t.Context(), link, credential.OperationOpen)
			if r.Outcome == credential.OutcomeOpened {
				// The phone asked by key id, so it never saw what is wrong with
				// the certificate, and the lock proved that it has the key.
				require.NoError(t, err)
				require.Equal(t, byte(wire.CertificateFormKid), f.forms[len(f.forms)-1])
				require.Equal(t, worldtest.Key("lock"), f.key)
				return
			}
			require.Error(t, err)
			require.Equal(t, credential.OutcomeRefused, r.Outcome)
			require.Empty(t, f.requests)
			requireNothingToldOfTheHolder(t, p, link)
			after, _ := p.Locks.Recall(w.LockID)
			require.Equal(t, changed, after, "an impostor changes nothing that is remembered")
		})
	}
}

// TestExpectedLockIsOpened and another one is not, though its owner is the same.
func TestExpectedLockIsOpened(t *testing.T) {
	w := worldtest.New(t)
	p := w.OwnerPhone(t)
	p.Expect = w.LockID
	requireOpened(t, w, p, w.Link(), credential.OperationOpen)
	p.Expect[0]++
	link := apdu.NewTracer(w.Link())
	r, err := p.Open(t.Context(), link, credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonLockIdentity, holder.AdviceWrongBox)
	require.Equal(t, 1, link.Cost().Pairs, "it is told nothing, not even an ephemeral key")
	require.Zero(t, r.Lock)
}

// TestAlteredAnswerToSelect changes every byte of the answer on its way to the
// phone, in several ways: whatever the phone makes of it, the lock does not open.
func TestAlteredAnswerToSelect(t *testing.T) {
	w := worldtest.New(t)
	p := w.NeighbourPhone(t)
	requireOpened(t, w, p, w.Link(), credential.OperationOpen) // so that the lock is known
	log := w.Lock.Log()
	length := 34 + 2
	for _, known := range []bool{true, false} {
		if !known {
			p.Locks = nil
		}
		for i := range length {
			for _, change := range []byte{0x01, 0x02, 0x80, 0xFF} {
				link := &tampered{next: w.Link(), response: func(n int, command, response []byte) ([]byte, error) {
					if instruction(command) == wire.InsSelect {
						require.Len(t, response, length)
						response[i] ^= change
					}
					return response, nil
				}}
				r, err := p.Open(t.Context(), link, credential.OperationOpen)
				var e *holder.Error
				require.ErrorAs(t, err, &e, "byte %d changed by %02X", i, change)
				require.Equal(t, credential.OutcomeRefused, r.Outcome)
				require.Equal(t, log, w.Lock.Log())
				require.Equal(t, 1, w.Bolt.Driven)
			}
		}
	}
}

// TestAlteredFieldOfSelect names each field's fate: what the phone cannot see,
// the lock does, because the channel's keys differ.
func TestAlteredFieldOfSelect(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*message.Selection)
		reason credential.Reason
		atLock credential.Reason // what the lock says to its maker
	}{
		{"version", func(s *message.Selection) { s.Version = 2 }, credential.ReasonStatusWord, credential.ReasonChannel},
		{"capabilities", func(s *message.Selection) { s.Capabilities |= 64 }, credential.ReasonStatusWord, credential.ReasonChannel},
		{"extended length taken away", func(s *message.Selection) { s.Capabilities = 0 }, credential.ReasonStatusWord, credential.ReasonChannel},
		{"lock id", func(s *message.Selection) { s.Lock[0]++ }, credential.ReasonLockIdentity, 0},
		{"nonce", func(s *message.Selection) { s.Nonce[0]++ }, credential.ReasonStatusWord, credential.ReasonChannel},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := worldtest.New(t)
			link := &tampered{next: w.Link(), response: func(n int, command, response []byte) ([]byte, error) {
				if instruction(command) != wire.InsSelect {
					return response, nil
				}
				s, err := message.ParseSelection(response[:len(response)-2])
				require.NoError(t, err)
				c.change(&s)
				return append(s.Encode(), 0x90, 0x00), nil
			}}
			r, err := w.OwnerPhone(t).Open(t.Context(), link, credential.OperationOpen)
			require.Error(t, err)
			require.Equal(t, credential.OutcomeRefused, r.Outcome)
			require.Equal(t, c.reason, r.Reason)
			require.Equal(t, c.atLock, w.LastEvent().Reason)
			requireUntouched(t, w)
		})
	}
}

// TestRelayedLock joins the phone at one lock's door to another lock of the same
// owner: the phone names the other one, and Expect stops it.
func TestRelayedLock(t *testing.T) {
	w := worldtest.New(t)
	p := w.OwnerPhone(t)
	p.Expect = credential.LockID{0x77}
	r, err := p.Open(t.Context(), w.Link(), credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonLockIdentity, holder.AdviceWrongBox)
	requireUntouched(t, w)
}

// TestReplayedExchange plays the lock's part of a recorded opening to the phone
// again.
func TestReplayedExchange(t *testing.T) {
	w := worldtest.New(t)
	p := w.NeighbourPhone(t)
	tr := apdu.NewTracer(w.Link())
	requireOpened(t, w, p, tr, credential.OperationOpen)
	recorded := tr.Pairs()
	n := 0
	replay := transceiver(func([]byte) ([]byte, error) { n++; return recorded[n-1].Response, nil })
	p.Locks = nil
	link := apdu.NewTracer(replay)
	r, err := p.Open(t.Context(), link, credential.OperationOpen)
	require.Error(t, err)
	require.Equal(t, credential.OutcomeRefused, r.Outcome)
	requireNothingToldOfTheHolder(t, p, link)
}

// transceiver is a function that is a link.
type transceiver func(command []byte) ([]byte, error)

func (f transceiver) Transceive(_ context.Context, command []byte) ([]byte, error) { return f(command) }

// TestMakerAmongMany finds the lock's manufacturer wherever it stands, past
// certificates that are spoilt.
func TestMakerAmongMany(t *testing.T) {
	w := worldtest.New(t)
	p := w.OwnerPhone(t)
	p.Makers = [][]byte{{0xFF}, nil, w.Post.Authority().Bytes(), p.Makers[0], {0x00}}
	requireOpened(t, w, p, w.Link(), credential.OperationOpen)
}

// TestManyRoots opens a lock whose scheme is not the first of those trusted.
func TestManyRoots(t *testing.T) {
	w := worldtest.New(t)
	p := w.OwnerPhone(t)
	other, err := issuer.NewScheme(worldtest.Key("another scheme"))
	require.NoError(t, err)
	p.Roots = []credential.PublicKey{{}, other.PublicKey(), w.Scheme.PublicKey()}
	requireOpened(t, w, p, w.Link(), credential.OperationOpen)
}

// TestFalseFirstAnswer has a lock that proved itself answer the first request
// with what cannot be its answer: it may have opened all the same.
func TestFalseFirstAnswer(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(f *fake)
		reason credential.Reason
	}{
		{"not sealed", func(f *fake) {
			f.seal = func(_ *edhoc.Channel, plain []byte) []byte { return plain }
		}, credential.ReasonChannel},
		{"empty", func(f *fake) {
			f.seal = func(*edhoc.Channel, []byte) []byte { return nil }
		}, credential.ReasonChannel},
		{"sealed twice", func(f *fake) {
			f.seal = func(c *edhoc.Channel, plain []byte) []byte { c.Seal(plain); b, _ := c.Seal(plain); return b }
		}, credential.ReasonChannel},
		{"not a response", func(f *fake) { f.answer = func(int, message.Request) []byte { return []byte{0xA0} } }, credential.ReasonMalformed},
		{"nothing sealed", func(f *fake) { f.answer = func(int, message.Request) []byte { return nil } }, credential.ReasonMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := worldtest.New(t)
			f := newFake(t, w)
			c.change(f)
			p := w.OwnerPhone(t)
			r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
			requireFault(t, r, err, credential.OutcomeUnconfirmed, c.reason, holder.AdviceLook)
			require.Equal(t, w.LockID, r.Lock)
			require.Len(t, f.requests, 1)
			_, known := p.Locks.Recall(w.LockID)
			require.False(t, known, "nothing is remembered before a sealed answer has opened")

			r, err = p.Status(t.Context(), f.link())
			requireFault(t, r, err, credential.OutcomeRefused, c.reason, holder.AdviceTapAgain)
		})
	}
}
