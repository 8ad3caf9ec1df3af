package holder_test

import (
	"cmp"
	"crypto"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// unhex reads hexadecimal digits with spaces between them.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	require.NoError(t, err)
	return b
}

// fake is a lock that says what a test wants.  It speaks the protocol rightly
// wherever no function of the test speaks in its place.
type fake struct {
	t           *testing.T
	selection   message.Selection
	certificate []byte
	key         crypto.Signer
	aid         string // of the binding, L where it is empty

	greet   func() []byte                               // answer to SELECT
	message func(message1 []byte) []byte                // answer to HANDSHAKE-1
	idCred  func(byValue bool) []byte                   // ID_CRED_R
	answer  func(n int, r message.Request) []byte       // plaintext of the n-th response, from 1
	seal    func(c *edhoc.Channel, plain []byte) []byte // the sealed response
	status  map[byte]apdu.Status                        // status words in place of answers, by INS

	responder *edhoc.Responder1
	exporter  *edhoc.Exporter
	channel   *edhoc.Channel
	secret    *edhoc.ResumptionSecret // with which RESUME is answered
	hash      [32]byte
	n         int // requests in this transaction
	requests  []message.Request
	forms     []byte // P1 of each HANDSHAKE-1
	phone     []byte // ID_CRED_I
}

// newFake returns a fake that is the world's lock but for what the test changes.
func newFake(t *testing.T, w *worldtest.World) *fake {
	return &fake{
		t:           t,
		selection:   message.Selection{Version: 1, Capabilities: wire.CapabilityExtendedLength, Lock: w.LockID, Nonce: message.Nonce{1}},
		certificate: w.Config.Identities[0].Certificate,
		key:         w.Config.Identities[0].Key,
	}
}

// link is the phone's end of a link to the fake.
func (f *fake) link() *apdu.Tracer {
	return apdu.NewTracer(apdu.Direct(apdu.NewCard(f, apdu.CardConfig{Extended: true})))
}

func (f *fake) Reset() { f.responder, f.channel = nil, nil }

func (f *fake) Handle(c apdu.Command) apdu.Response {
	if sw, ok := f.status[c.INS]; ok {
		return apdu.Response{SW: sw}
	}
	var data []byte
	switch c.INS {
	case wire.InsSelect:
		data = f.selectAnswer()
	case wire.InsHandshake1:
		data = f.message2(c)
	case wire.InsHandshake2:
		message3, sealed, err := edhoc.SplitMessage3(c.Data)
		require.NoError(f.t, err)
		f.exporter, err = f.responder.ReadMessage3(message3, f.resolve)
		require.NoError(f.t, err)
		f.channel, err = edhoc.NewChannel(f.exporter, f.hash[:], false)
		require.NoError(f.t, err)
		data = f.request(sealed)
	case wire.InsResume:
		nonce, _, sealed, err := edhoc.SplitResume(c.Data)
		require.NoError(f.t, err)
		resumed, err := f.secret.Resume(nonce, f.hash[:])
		require.NoError(f.t, err)
		f.channel, err = resumed.Channel(false)
		require.NoError(f.t, err)
		data = f.request(sealed)
	case wire.InsRequest:
		data = f.request(c.Data)
	}
	return apdu.Response{Data: data, SW: apdu.StatusOK}
}

func (f *fake) selectAnswer() []byte {
	f.n = 0
	data := f.selection.Encode()
	if f.greet != nil {
		data = f.greet()
	}
	f.hash = message.SelectionHash(cmp.Or(f.aid, message.AID), data)
	return data
}

func (f *fake) message2(c apdu.Command) []byte {
	f.forms = append(f.forms, c.P1)
	if f.message != nil {
		return f.message(c.Data)
	}
	signer, err := suite.NewSigner(f.key)
	require.NoError(f.t, err)
	idCred := f.idCredR(c.P1 == wire.CertificateFormValue)
	responder, message2, err := edhoc.Accept(c.Data, edhoc.ResponderConfig{
		Suites: []int{int(c.Data[1])}, // whatever the phone selects
		Local: func(int) (edhoc.Local, error) {
			return edhoc.Local{IDCred: idCred, Cred: f.certificate, Signer: signer}, nil
		},
		Rand: worldtest.Rand("fake"),
	})
	require.NoError(f.t, err)
	f.responder = responder
	return message2
}

func (f *fake) idCredR(byValue bool) []byte {
	if f.idCred != nil {
		return f.idCred(byValue)
	}
	if byValue {
		return f.idCredByValue()
	}
	u, err := credential.ParseLockCertificate(f.certificate)
	require.NoError(f.t, err)
	kid := credential.KeyIDOf(u.Claims.Key)
	return message.IDCred{Header: wire.HeaderKid, Value: kid[:]}.Encode()
}

func (f *fake) idCredByValue() []byte {
	return message.IDCred{Header: wire.HeaderKcwt, Value: f.certificate}.Encode()
}

// resolve takes the phone for what it says it is.
func (f *fake) resolve(idCred []byte) (edhoc.Peer, error) {
	f.phone = append([]byte(nil), idCred...)
	id, err := message.ParseIDCred(idCred)
	require.NoError(f.t, err)
	if id.Header == wire.HeaderKccs {
		key, err := credential.ParseClaimsSet(id.Value)
		return edhoc.Peer{Cred: id.Value, Key: key}, err
	}
	u, err := credential.ParseGrant(id.Value)
	require.NoError(f.t, err)
	return edhoc.Peer{Cred: u.Bytes(), Key: u.Claims.Holder}, nil
}

func (f *fake) request(sealed []byte) []byte {
	plain, err := f.channel.Open(sealed)
	require.NoError(f.t, err, "a command of over 1024 bytes does not come here")
	r, err := message.ParseRequest(plain)
	require.NoError(f.t, err)
	f.requests = append(f.requests, r)
	f.n++
	response := []byte{0xA2, 0x01, 0x01, 0x03, 0x83, 0x00, 0x00, 0x01} // opened
	if f.answer != nil {
		response = f.answer(f.n, r)
	}
	if f.seal != nil {
		return f.seal(f.channel, response)
	}
	sealedAnswer, err := f.channel.Seal(response)
	require.NoError(f.t, err)
	return sealedAnswer
}

// encode returns the plaintext of a response.
func encode(t testing.TB, r message.Response) []byte {
	t.Helper()
	b, err := r.Encode()
	require.NoError(t, err)
	return b
}

// decide is a fake's answer that tells what became of documents as told, and
// gives the outcome for the operation.
func decide(t testing.TB, r message.Request, response message.Response) []byte {
	t.Helper()
	if r.Operation == credential.OperationStatus {
		response.Outcome, response.Reason = credential.OutcomeDone, credential.ReasonNone
	}
	response.Documents = make([]credential.Reason, len(r.Documents))
	return encode(t, response)
}

// sign has the key with the name sign an object.
func sign(t testing.TB, name string, u credential.Unsigned, err error) []byte {
	t.Helper()
	require.NoError(t, err)
	k, err := holder.NewKey(worldtest.Key(name))
	require.NoError(t, err)
	signature, err := k.Sign(u.ToBeSigned())
	require.NoError(t, err)
	b, err := u.WithSignature(signature)
	require.NoError(t, err)
	return b
}
