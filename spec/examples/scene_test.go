package examples_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock"
)

// tap is what went over the link between one phone and one lock, with the label
// of the random bytes that each side drew and the lock's state before.
type tap struct {
	label    string
	pairs    []apdu.Pair
	id       credential.LockID
	sequence uint32
	floor    credential.Time
}

// record gives the lock power and lets the phone do something.  Both sides draw
// from streams that the label names.
func record(t testing.TB, w *worldtest.World, p *holder.Phone, label string, do func(apdu.Transceiver)) tap {
	t.Helper()
	p.Rand, w.Config.Rand = worldtest.Rand(label+" phone"), worldtest.Rand(label+" lock")
	w.PowerUp(t)
	before := tap{label: label, id: w.LockID, floor: w.Lock.Floor()}
	for _, e := range w.Lock.Log() {
		before.sequence = max(before.sequence, e.Sequence)
	}
	link := apdu.NewTracer(w.Link())
	do(link)
	before.pairs = link.Pairs()
	return before
}

// opens records a tap that opens.
func opens(t testing.TB, w *worldtest.World, p *holder.Phone, label string, operation credential.Operation) tap {
	t.Helper()
	return record(t, w, p, label, func(link apdu.Transceiver) {
		r, err := p.Open(t.Context(), link, operation)
		require.NoError(t, err)
		require.Equal(t, credential.OutcomeOpened, r.Outcome)
	})
}

// meets lets the phone learn the lock's certificate on an earlier day.
func meets(t testing.TB, w *worldtest.World, p *holder.Phone) {
	t.Helper()
	w.PowerUp(t)
	_, err := p.Open(t.Context(), w.Link(), credential.OperationStatus)
	require.NoError(t, err)
}

// knowsPost gives the lock the operator's certificate at manufacture.
func knowsPost(w *worldtest.World) { w.Config.Authorities = [][]byte{w.Post.Authority().Bytes()} }

// command is one command as chapter 06 sees it: links of a chain are joined.
type command struct {
	apdu.Command
	pairs  []apdu.Pair
	answer []byte // response data
	sw     apdu.Status
}

// commands joins the links of chains.
func (x tap) commands(t testing.TB) []command {
	t.Helper()
	var all []command
	var open command
	for _, pair := range x.pairs {
		c, err := apdu.ParseCommand(pair.Command)
		require.NoError(t, err)
		r, err := apdu.ParseResponse(pair.Response)
		require.NoError(t, err)
		open.pairs = append(open.pairs, pair)
		c.Data = append(open.Data[:len(open.Data):len(open.Data)], c.Data...)
		open.Command, open.answer, open.sw = c, r.Data, r.SW
		if c.CLA&0x10 == 0 {
			all = append(all, open)
			open = command{}
		}
	}
	require.Empty(t, open.pairs, "a chain is left open")
	return all
}

// phoneDraw returns what the phone drew first, n bytes.
func (x tap) phoneDraw(t testing.TB, name string, n int) named {
	t.Helper()
	b := make([]byte, n)
	_, err := io.ReadFull(worldtest.Rand(x.label+" phone"), b)
	require.NoError(t, err)
	return named{name, fmt.Sprintf(`stream( "postern test stream %s phone" )[0..%d]`, x.label, n-1), b}
}

// lockDraw returns what the lock drew, 32 bytes: the first time for the nonce, the
// second for its ephemeral key, hashed as section 7.3 recommends.
func (x tap) lockDraw(t testing.TB, name string, draw int) named {
	t.Helper()
	raw := make([]byte, 32*draw)
	_, err := io.ReadFull(worldtest.Rand(x.label+" lock"), raw)
	require.NoError(t, err)
	b := append(raw[32*draw-32:], x.id[:]...)
	for _, n := range []uint32{x.sequence, uint32(x.floor), uint32(draw)} {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	sum := sha256.Sum256(b)
	how := fmt.Sprintf(`H( stream( "postern test stream %s lock" )[%d..%d] || %X )`, x.label, 32*draw-32, 32*draw-1, b[32:])
	return named{name, how, sum[:]}
}

// p256Key returns the P-256 key with the name.
func p256Key(t testing.TB, name string) crypto.Signer {
	t.Helper()
	scalar := sha256.Sum256([]byte("postern test key of P-256 " + name))
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
	require.NoError(t, err)
	return k
}

// public returns the public half of a key.
func public(t testing.TB, key crypto.Signer) credential.PublicKey {
	t.Helper()
	k, err := credential.NewPublicKey(key.Public())
	require.NoError(t, err)
	return k
}

// secondSuite gives the lock a P-256 key and a certificate for it.
func secondSuite(t testing.TB, w *worldtest.World) {
	t.Helper()
	key := p256Key(t, "lock")
	certificate, err := w.Maker.Certify(credential.LockClaims{
		Key: public(t, key), IssuedAt: w.Now - 50*worldtest.Day, ID: w.LockID, Profile: 1, Level: 1,
	})
	require.NoError(t, err)
	w.Config.Identities = append(w.Config.Identities, lock.Identity{Key: key, Certificate: certificate})
}
