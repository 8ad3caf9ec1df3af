package lock_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// caller speaks to a lock as a phone does, but says whatever it is told to: what
// no phone of the standard would send, or would send only once.
type caller struct {
	t         testing.TB
	w         *worldtest.World
	key       holder.Key
	grant     []byte // nil for a bare key
	selection message.Selection
	context   [32]byte
	initiator *edhoc.Initiator2
	exporter  *edhoc.Exporter
	channel   *edhoc.Channel
}

// call selects the lock, with the key and the grant of a phone.
func call(t testing.TB, w *worldtest.World, p *holder.Phone) *caller {
	t.Helper()
	c := &caller{t: t, w: w, key: p.Key, grant: p.Grant}
	r := c.send(message.SelectCommand())
	require.Equal(t, apdu.StatusOK, r.SW)
	var err error
	c.selection, err = message.ParseSelection(r.Data)
	require.NoError(t, err)
	c.context = message.SelectionHash(message.AID, r.Data)
	return c
}

// send sends a whole command to the lock, past the link.
func (c *caller) send(command apdu.Command) apdu.Response {
	c.t.Helper()
	if command.Ne == 0 {
		command.Ne = wire.LimitResponseBytes
	}
	r, err := apdu.Exchange(c.t.Context(), c.w.Link(), command, apdu.Options{Extended: true})
	require.NoError(c.t, err)
	r.Data = bytes.Clone(r.Data)
	return r
}

// sends sends an instruction with data.
func (c *caller) sends(ins byte, data []byte) apdu.Response {
	c.t.Helper()
	return c.send(apdu.Command{CLA: message.Class, INS: ins, Data: data})
}

// start returns message_1.
func (c *caller) start() (*edhoc.Initiator1, []byte) {
	c.t.Helper()
	suite := wire.SuiteX25519Ed25519
	if c.key.PublicKey().Algorithm() == wire.AlgEsp256 {
		suite = wire.SuiteP256Es256
	}
	i, message1, err := edhoc.Start(edhoc.InitiatorConfig{Suites: []int{suite}, Rand: worldtest.Rand("caller")})
	require.NoError(c.t, err)
	return i, message1
}

// handshake1 exchanges message_1 for message_2.
func (c *caller) handshake1() {
	c.t.Helper()
	i, message1 := c.start()
	r := c.send(apdu.Command{CLA: message.Class, INS: wire.InsHandshake1, P1: wire.CertificateFormValue, Data: message1})
	require.Equal(c.t, apdu.StatusOK, r.SW)
	var err error
	c.initiator, err = i.ReadMessage2(r.Data, func(idCred []byte) (edhoc.Peer, error) {
		id, err := message.ParseIDCred(idCred)
		if err != nil {
			return edhoc.Peer{}, err
		}
		u, err := credential.ParseLockCertificate(id.Value)
		if err != nil {
			return edhoc.Peer{}, err
		}
		return edhoc.Peer{Cred: id.Value, Key: u.Claims.Key}, nil
	})
	require.NoError(c.t, err)
}

// message3 returns message_3 and opens the phone's end of the channel.
func (c *caller) message3() []byte {
	c.t.Helper()
	id := message.IDCred{Header: wire.HeaderKccs, Value: credential.AppendClaimsSet(nil, c.key.PublicKey())}
	if c.grant != nil {
		id = message.IDCred{Header: wire.HeaderKcwt, Value: c.grant}
	}
	message3, exporter, err := c.initiator.WriteMessage3(edhoc.Local{IDCred: id.Encode(), Cred: id.Value, Signer: c.key})
	require.NoError(c.t, err)
	c.exporter = exporter
	c.channel, err = edhoc.NewChannel(exporter, c.context[:], true)
	require.NoError(c.t, err)
	return message3
}

// seal seals the plaintext of a request.
func (c *caller) seal(plain []byte) []byte {
	c.t.Helper()
	sealed, err := c.channel.Seal(plain)
	require.NoError(c.t, err)
	return sealed
}

// read opens an answer; there is none where a status word answered.
func (c *caller) read(r apdu.Response) (message.Response, apdu.Status) {
	c.t.Helper()
	if r.SW != apdu.StatusOK {
		require.Empty(c.t, r.Data)
		return message.Response{}, r.SW
	}
	plain, err := c.channel.Open(r.Data)
	require.NoError(c.t, err)
	response, err := message.ParseResponse(plain)
	require.NoError(c.t, err)
	return response, r.SW
}

// says sends the plaintext of a first request, behind the handshake.
func (c *caller) says(plain []byte) (message.Response, apdu.Status) {
	c.t.Helper()
	if c.initiator == nil {
		c.handshake1()
	}
	message3 := c.message3()
	return c.read(c.sends(wire.InsHandshake2, append(message3, c.seal(plain)...)))
}

// asks sends a first request, behind the handshake.
func (c *caller) asks(r message.Request) (message.Response, apdu.Status) {
	c.t.Helper()
	return c.says(r.Encode())
}

// further sends another request.
func (c *caller) further(r message.Request) (message.Response, apdu.Status) {
	c.t.Helper()
	return c.read(c.sends(wire.InsRequest, c.seal(r.Encode())))
}

// resume returns the data of RESUME with the secret of the phone's slot.
func (c *caller) resume(p *holder.Phone, plain []byte) []byte {
	c.t.Helper()
	id := holder.SlotID{Lock: c.selection.Lock}
	u, err := credential.ParseGrant(p.Grant)
	require.NoError(c.t, err)
	id.Credential = u.Tag()
	slot, ok := p.Slots.Load(id)
	require.True(c.t, ok)
	secret := edhoc.ResumptionSecret(slot.Secret)
	nonce := edhoc.ResumptionNonce{1, 2, 3}
	resumed, err := secret.Resume(nonce, c.context[:])
	require.NoError(c.t, err)
	rid, err := resumed.ID()
	require.NoError(c.t, err)
	c.channel, err = resumed.Channel(true)
	require.NoError(c.t, err)
	return append(edhoc.AppendResume(nil, nonce, rid), c.seal(plain)...)
}

// requests of one operation.
var (
	opens    = message.Request{Operation: credential.OperationOpen}
	delivers = message.Request{Operation: credential.OperationDeliver}
	states   = message.Request{}
)

// resigned replaces some bytes of an object's claims by others, and signs it
// again: no issuer signs such a thing.
func resigned(t testing.TB, key string, object []byte, from, to string) []byte {
	t.Helper()
	r := dcbor.NewReader(object)
	r.Array(4, 4)
	protected := bytes.Clone(r.Bytes())
	r.Map(0, 0)
	payload := r.Bytes()
	require.Equal(t, 1, bytes.Count(payload, unhex(t, from)))
	payload = bytes.Replace(payload, unhex(t, from), unhex(t, to), 1)
	const context = "\x6ASignature1"
	signed := append(dcbor.AppendArray(nil, 4), context...)
	signed = dcbor.AppendBytes(dcbor.AppendBytes(dcbor.AppendBytes(signed, protected), nil), payload)
	signature, err := worldtest.Key(key).Sign(nil, signed, noHash)
	require.NoError(t, err)
	b := dcbor.AppendMap(dcbor.AppendBytes(dcbor.AppendArray(nil, 4), protected), 0)
	return dcbor.AppendBytes(dcbor.AppendBytes(b, payload), signature)
}
