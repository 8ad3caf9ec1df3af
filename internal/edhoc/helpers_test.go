package edhoc

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/suite"
)

// suiteIDs are the cipher suites of the profile.
var suiteIDs = []int{0, 2}

func fromHex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}

// stream is a source of bytes that are the same in every run of the test.
func stream(seed string) io.Reader {
	return rand.NewChaCha8(sha256.Sum256([]byte(seed)))
}

// signerOf returns a signing key for a cipher suite, the same for the same name.
func signerOf(t testing.TB, suiteID int, name string) suite.Signer {
	t.Helper()
	seed := sha256.Sum256([]byte(name))
	if suiteID == 0 {
		s, err := suite.NewSigner(ed25519.NewKeyFromSeed(seed[:]))
		require.NoError(t, err)
		return s
	}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed[:])
	require.NoError(t, err)
	s, err := suite.NewSigner(key)
	require.NoError(t, err)
	return s
}

// The ways to name a credential, each a function from a key to ID_CRED_x and
// CRED_x.
var idCredForms = map[string]func(suite.PublicKey) (idCred, cred []byte){
	"kid": func(k suite.PublicKey) ([]byte, []byte) {
		id := suite.KeyID(k)
		return kidHeader(id[:]), ccs(k)
	},
	"kid of one byte, an integer": func(k suite.PublicKey) ([]byte, []byte) {
		return kidHeader([]byte{0x21}), ccs(k)
	},
	"kid of one byte, no integer": func(k suite.PublicKey) ([]byte, []byte) {
		return kidHeader([]byte{0x18}), ccs(k)
	},
	"empty kid": func(k suite.PublicKey) ([]byte, []byte) {
		return kidHeader(nil), ccs(k)
	},
	"kcwt": func(k suite.PublicKey) ([]byte, []byte) {
		cwt := dcbor.AppendArray(nil, 4)
		cwt = dcbor.AppendBytes(cwt, []byte{0xa1, 0x01, 0x32})
		cwt = dcbor.AppendMap(cwt, 0)
		cwt = dcbor.AppendBytes(cwt, ccs(k))
		cwt = dcbor.AppendBytes(cwt, make([]byte, 64))
		return append([]byte{0xa1, 0x0d}, cwt...), cwt
	},
	"kccs": func(k suite.PublicKey) ([]byte, []byte) {
		return append([]byte{0xa1, 0x0e}, ccs(k)...), ccs(k)
	},
	"x5t": func(k suite.PublicKey) ([]byte, []byte) {
		id := suite.KeyID(k)
		return dcbor.AppendBytes([]byte{0xa1, 0x18, 0x22, 0x82, 0x2e}, id[:]), dcbor.AppendBytes(nil, ccs(k))
	},
	"kid and x5t": func(k suite.PublicKey) ([]byte, []byte) {
		id := suite.KeyID(k)
		b := dcbor.AppendBytes([]byte{0xa2, 0x04}, id[:])
		return dcbor.AppendBytes(append(b, 0x18, 0x22, 0x82, 0x2e), id[:]), ccs(k)
	},
}

// ccs returns { 8: { 1: COSE_Key } }.
func ccs(k suite.PublicKey) []byte {
	b := []byte{0xa1, 0x08, 0xa1, 0x01}
	if k.Algorithm() == suite.AlgEd25519 {
		return dcbor.AppendBytes(append(b, 0xa3, 0x01, 0x01, 0x20, 0x06, 0x21), k.X())
	}
	b = dcbor.AppendBytes(append(b, 0xa4, 0x01, 0x02, 0x20, 0x01, 0x21), k.X())
	return dcbor.AppendBool(append(b, 0x22), k.YOdd())
}

// identity returns the own side of somebody, with the key of that name.
func identity(t testing.TB, suiteID int, name, form string) Local {
	t.Helper()
	s := signerOf(t, suiteID, name)
	idCred, cred := idCredForms[form](s.PublicKey())
	return Local{IDCred: idCred, Cred: cred, Signer: s}
}

// knows returns a resolver that knows these and nobody else.
func knows(t testing.TB, those ...Local) Resolver {
	return func(idCred []byte) (Peer, error) {
		for _, l := range those {
			if bytes.Equal(idCred, l.IDCred) {
				return Peer{Cred: l.Cred, Key: l.Signer.PublicKey()}, nil
			}
		}
		return Peer{}, errUnknown
	}
}

const errUnknown = testError("nobody of that name")

type testError string

func (e testError) Error() string { return string(e) }

// A fixture is two sides that know each other.
type fixture struct {
	suiteID int
	i, r    Local
}

func newFixture(t testing.TB, suiteID int, form string) fixture {
	t.Helper()
	return fixture{suiteID, identity(t, suiteID, "initiator", form), identity(t, suiteID, "responder", form)}
}

func (f fixture) initiator() InitiatorConfig {
	return InitiatorConfig{Suites: []int{f.suiteID}, Rand: stream("initiator")}
}

func (f fixture) responder() ResponderConfig {
	return ResponderConfig{
		Suites: []int{f.suiteID},
		Local:  func(int) (Local, error) { return f.r, nil },
		Rand:   stream("responder"),
	}
}

// A transcript is a run between the sides of a fixture, stage by stage.
type transcript struct {
	message1, message2, message3 []byte
	i1                           *initiator1
	i2                           *initiator2
	r1                           *responder1
	exporterI, exporterR         *Exporter
}

// run makes a whole run, and keeps a copy of every stage.
func (f fixture) run(t testing.TB) *transcript {
	t.Helper()
	x := new(transcript)
	i1, message1, err := Start(f.initiator())
	require.NoError(t, err)
	x.message1, x.i1 = message1, peek(&i1.stage)
	r1, message2, err := Accept(message1, f.responder())
	require.NoError(t, err)
	x.message2, x.r1 = message2, peek(&r1.stage)
	i2, err := i1.ReadMessage2(message2, knows(t, f.r))
	require.NoError(t, err)
	x.i2 = peek(&i2.stage)
	x.message3, x.exporterI, err = i2.WriteMessage3(f.i)
	require.NoError(t, err)
	x.exporterR, err = r1.ReadMessage3(x.message3, knows(t, f.i))
	require.NoError(t, err)
	return x
}

// peek copies the state of a stage without taking it.
func peek[T any](s *stage[T]) *T {
	state := *s.state.Load()
	return &state
}

// initiator1 returns the stage again, as it was when message_1 had been sent.
func (x *transcript) initiator1() *Initiator1 {
	s, state := new(Initiator1), *x.i1
	s.state.Store(&state)
	return s
}

// initiator2 returns the stage again, as it was when message_2 had been read.
func (x *transcript) initiator2() *Initiator2 {
	s, state := new(Initiator2), *x.i2
	s.state.Store(&state)
	return s
}

// responder1 returns the stage again, as it was when message_2 had been sent.
func (x *transcript) responder1() *Responder1 {
	s, state := new(Responder1), *x.r1
	s.state.Store(&state)
	return s
}

// answer is a responder of the test's own: it answers message_1 with a message_2
// in which everything is right until edit changes the encoded PLAINTEXT_2.
func (f fixture) answer(t testing.TB, message1 []byte, edit func([]byte) []byte) []byte {
	t.Helper()
	m1, err := parseMessage1(message1)
	require.NoError(t, err)
	cs, _ := cipherSuiteByID(f.suiteID)
	y, err := newEphemeral(cs, stream("responder"), nil)
	require.NoError(t, err)
	th2 := newTH2(y.Public(), sha256.Sum256(message1))
	prk2e, err := agree(y, "G_X", m1.gX, th2)
	require.NoError(t, err)
	own, err := f.r.check(cs)
	require.NoError(t, err)
	toBeSigned, err := prk2e.prk3e2m().toBeSigned2([]byte{0}, own.idCred, th2, own.Cred)
	require.NoError(t, err)
	signature, err := own.sign(toBeSigned, nil)
	require.NoError(t, err)
	p := plaintext2{cR: []byte{0}, idCredR: own.idCred, signature: signature}
	ciphertext2, err := prk2e.crypt2(th2, edit(p.encode()))
	require.NoError(t, err)
	m2 := message2{gY: y.Public(), ciphertext2: ciphertext2}
	return m2.encode()
}

// finish is an initiator of the test's own: it sends a message_3 in which
// everything is right until edit changes the encoded PLAINTEXT_3.
func (f fixture) finish(t testing.TB, s *initiator2, edit func([]byte) []byte) []byte {
	t.Helper()
	own, err := f.i.check(s.suite)
	require.NoError(t, err)
	toBeSigned, err := s.prk3e2m.prk4e3m().toBeSigned3(own.idCred, s.th3, own.Cred)
	require.NoError(t, err)
	signature, err := own.sign(toBeSigned, nil)
	require.NoError(t, err)
	p := plaintext3{idCredI: own.idCred, signature: signature}
	ciphertext3, err := s.prk3e2m.seal3(s.th3, edit(p.encode()))
	require.NoError(t, err)
	m3 := message3{ciphertext3: ciphertext3}
	return m3.encode()
}

func unchanged(b []byte) []byte { return b }

// requireFault checks the kind of an error and the field that it names.
func requireFault(t testing.TB, err error, kind Kind, field string) {
	t.Helper()
	require.ErrorIs(t, err, kind)
	var e *Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, kind, e.Kind)
	require.Equal(t, field, e.Field, "%v", err)
}
