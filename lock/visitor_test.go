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

// visitor is a caller who has proved a key, and asks whatever he likes, as often
// as he likes.
type visitor struct {
	*caller
	ins    byte   // of the next command
	prefix []byte // what stands before its request
}

// visit goes from SELECT to message_3, under the name's key: by the grant, or by
// the bare key where there is none.  The lock has power already.
func visit(t testing.TB, w *worldtest.World, name string, grant []byte) *visitor {
	t.Helper()
	c := call(t, w, w.Phone(t, name, grant))
	c.handshake1()
	return &visitor{c, wire.InsHandshake2, c.message3()}
}

// returns resumes with the secret of a slot.
func returns(t testing.TB, w *worldtest.World, slot holder.Slot) *visitor {
	t.Helper()
	c := call(t, w, w.OwnerPhone(t))
	nonce, secret := edhoc.ResumptionNonce{1, 2, 3}, edhoc.ResumptionSecret(slot.Secret)
	resumed, err := secret.Resume(nonce, c.context[:])
	require.NoError(t, err)
	id, err := resumed.ID()
	require.NoError(t, err)
	c.channel, err = resumed.Channel(true)
	require.NoError(t, err)
	return &visitor{c, wire.InsResume, edhoc.AppendResume(nil, nonce, id)}
}

// ask sends a request and returns the answer, or the status word in its place.
func (v *visitor) ask(r message.Request) (message.Response, apdu.Status) {
	v.t.Helper()
	return v.say(r.Encode())
}

// say sends a plaintext.
func (v *visitor) say(plain []byte) (message.Response, apdu.Status) {
	v.t.Helper()
	answer := v.sends(v.ins, slices.Concat(v.prefix, v.seal(plain)))
	v.ins, v.prefix = wire.InsRequest, nil
	return v.read(answer)
}

// proof proves a setup secret in this transaction.
func (v *visitor) proof(secret [16]byte) []byte {
	v.t.Helper()
	p, err := v.exporter.SetupProof(v.context[:], secret[:])
	require.NoError(v.t, err)
	return p
}

// asTheyAre hands documents over in one request, in the order in which they are
// given, with the post's certificate beside them, and returns what became of each.
func asTheyAre(t *testing.T, w *worldtest.World, documents ...[]byte) []credential.Reason {
	t.Helper()
	r, status := visit(t, w, "owner", nil).ask(message.Request{Documents: documents, Chain: [][]byte{w.Post.Authority().Bytes()}})
	require.Equal(t, apdu.StatusOK, status)
	return r.Documents
}
