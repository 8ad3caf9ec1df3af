package lock_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// visitor is a phone that keeps no rule but those without which nobody is heard:
// it has proved its key, and asks whatever it likes, as often as it likes.
type visitor struct {
	t         testing.TB
	w         *worldtest.World
	selection message.Selection
	hash      [32]byte
	exporter  *edhoc.Exporter // after a full exchange
	channel   *edhoc.Channel
	ins       byte   // of the next command
	prefix    []byte // what stands before its request
}

// visit goes from SELECT to message_3, under the name's key: by the grant, or by
// the bare key where there is none.  The lock has power already.
func visit(t testing.TB, w *worldtest.World, name string, grant []byte) *visitor {
	t.Helper()
	v := sees(t, w)
	start, message1, err := edhoc.Start(edhoc.InitiatorConfig{Suites: []int{wire.SuiteX25519Ed25519}, Rand: worldtest.Rand(name)})
	require.NoError(t, err)
	answer := v.send(apdu.Command{CLA: message.Class, INS: wire.InsHandshake1, P1: wire.CertificateFormValue, Data: message1, Ne: 256})
	require.Equal(t, apdu.StatusOK, answer.SW)
	next, err := start.ReadMessage2(answer.Data, func(idCred []byte) (edhoc.Peer, error) {
		id, err := message.ParseIDCred(idCred)
		return edhoc.Peer{Cred: id.Value, Key: worldtest.Public(t, "lock")}, err
	})
	require.NoError(t, err)
	key, err := holder.NewKey(worldtest.Key(name))
	require.NoError(t, err)
	id := message.IDCred{Header: wire.HeaderKcwt, Value: grant}
	if grant == nil {
		id = message.IDCred{Header: wire.HeaderKccs, Value: credential.AppendClaimsSet(nil, key.PublicKey())}
	}
	v.ins = wire.InsHandshake2
	v.prefix, v.exporter, err = next.WriteMessage3(edhoc.Local{IDCred: id.Encode(), Cred: id.Value, Signer: key})
	require.NoError(t, err)
	v.channel, err = edhoc.NewChannel(v.exporter, v.hash[:], true)
	require.NoError(t, err)
	return v
}

// returns resumes with the secret of a slot.
func returns(t testing.TB, w *worldtest.World, slot holder.Slot) *visitor {
	t.Helper()
	v := sees(t, w)
	nonce := edhoc.ResumptionNonce{1, 2, 3}
	secret := edhoc.ResumptionSecret(slot.Secret)
	resumed, err := secret.Resume(nonce, v.hash[:])
	require.NoError(t, err)
	id, err := resumed.ID()
	require.NoError(t, err)
	v.channel, err = resumed.Channel(true)
	require.NoError(t, err)
	v.ins, v.prefix = wire.InsResume, edhoc.AppendResume(nil, nonce, id)
	return v
}

// sees selects the lock.
func sees(t testing.TB, w *worldtest.World) *visitor {
	t.Helper()
	v := &visitor{t: t, w: w}
	answer := v.send(message.SelectCommand())
	require.Equal(t, apdu.StatusOK, answer.SW)
	var err error
	v.selection, err = message.ParseSelection(answer.Data)
	require.NoError(t, err)
	v.hash = message.SelectionHash(message.AID, answer.Data)
	return v
}

func (v *visitor) send(c apdu.Command) apdu.Response {
	v.t.Helper()
	r, err := apdu.Exchange(v.t.Context(), v.w.Link(), c, apdu.Options{Extended: true})
	require.NoError(v.t, err)
	return r
}

// ask sends a request and returns the answer, or the status word in its place.
func (v *visitor) ask(r message.Request) (message.Response, apdu.Status) {
	v.t.Helper()
	return v.say(r.Encode())
}

// say sends a plaintext.
func (v *visitor) say(plain []byte) (message.Response, apdu.Status) {
	v.t.Helper()
	sealed, err := v.channel.Seal(plain)
	require.NoError(v.t, err)
	answer := v.send(apdu.Command{CLA: message.Class, INS: v.ins, Data: slices.Concat(v.prefix, sealed), Ne: wire.LimitResponseBytes})
	v.ins, v.prefix = wire.InsRequest, nil
	if answer.SW != apdu.StatusOK {
		require.Empty(v.t, answer.Data)
		return message.Response{}, answer.SW
	}
	opened, err := v.channel.Open(answer.Data)
	require.NoError(v.t, err)
	response, err := message.ParseResponse(opened)
	require.NoError(v.t, err)
	return response, answer.SW
}

// proof proves a setup secret in this transaction.
func (v *visitor) proof(secret [16]byte) []byte {
	v.t.Helper()
	p, err := v.exporter.SetupProof(v.hash[:], secret[:])
	require.NoError(v.t, err)
	return p
}
