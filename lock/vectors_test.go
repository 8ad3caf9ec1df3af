package lock_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/lock/locktest"
	"github.com/postern-lock/postern/spec/vectors"
)

// TestExchangeVectors gives whole locks the nonce and the ephemeral key of the
// vectors of area exchange.  Every answer up to message_2 and every refusal is
// that of the vectors, and so is the reason that the maker's code is told.
func TestExchangeVectors(t *testing.T) {
	file, err := vectors.Open[vectors.ExchangeParams, vectors.ExchangeTest]("exchange")
	require.NoError(t, err)
	refused := 0
	for _, g := range file.Groups {
		if g.Params.Phone.Version > wire.LimitVersion {
			continue // no lock of this implementation speaks a later version
		}
		v := newVectorLock(t, g.Params)
		for _, test := range g.Tests {
			if test.Refuser == "phone" || test.Values != nil && test.Values.Plaintext2[0] != 0 {
				continue // this lock's C_R is always 0
			}
			if test.Result == vectors.Invalid {
				refused++
			}
			if g.Params.Lock.Setup != nil { // the test before may have given it an owner
				v = newVectorLock(t, g.Params)
			}
			v.play(t, test)
		}
	}
	t.Logf("%d refusals", refused)
	require.NotZero(t, refused)
}

// vectorLock is the lock of a group of vectors.
type vectorLock struct {
	config lock.Config
	events []lock.Event
}

func newVectorLock(t *testing.T, p vectors.ExchangeParams) *vectorLock {
	v := new(vectorLock)
	flash := locktest.NewFlash()
	require.NoError(t, lock.Format(flash))
	v.config = lock.Config{
		ID: credential.LockID(p.Lock.ID), Roots: []credential.PublicKey{coseKey(t, p.Phone.Roots[0])}, Setup: worldtest.Setup,
		Flash: flash, Actuator: &locktest.Bolt{Motion: lock.Moved}, Rand: worldtest.Rand("vectors"),
		Observe: func(e lock.Event) { v.events = append(v.events, e) },
	}
	v.config.Identities = append(v.config.Identities, lock.Identity{Key: vectorKey(t, p.Suite, p.Lock.Private), Certificate: p.Lock.Certificate})
	if p.Suite == wire.SuiteP256Es256 || len(p.Lock.Suites) == 2 {
		v.config.Identities = append(v.config.Identities, other(t, v.config.ID, wire.SuiteP256Es256-p.Suite))
	}
	if p.Lock.Setup != nil {
		v.config.Setup = [wire.LimitSetupBytes]byte(p.Lock.Setup)
		return v
	}
	if p.Lock.Owner == nil {
		return v // the lock may as well be vacant: a grant is looked at behind what is tried here
	}
	l, err := lock.New(v.config)
	require.NoError(t, err)
	key, err := holder.NewKey(vectorKey(t, p.Suite, p.Phone.Private))
	require.NoError(t, err)
	phone := holder.Phone{Key: key, Roots: v.config.Roots, Makers: [][]byte{p.Phone.Makers[0]}, Rand: worldtest.Rand("owner")}
	_, _, err = phone.Commission(context.Background(), apdu.Direct(l), v.config.Setup)
	require.NoError(t, err)
	return v
}

// play powers the lock up, and gives it the commands of a test.
func (v *vectorLock) play(t *testing.T, test vectors.ExchangeTest) {
	l, err := lock.New(v.config)
	require.NoError(t, err)
	answer := test.Select.Response
	l.Draw(bytes.NewReader(append(bytes.Clone(answer[len(answer)-18:len(answer)-2]), test.LockEphemeral...)))
	require.Equal(t, test.Select.Response, vectors.Hex(l.Process(test.Select.Command)), "tcId %d: SELECT", test.TcID)
	v.events = nil
	require.Equal(t, test.Handshake1.Response, vectors.Hex(whole(l, test.Handshake1.Command)), "tcId %d: %s: HANDSHAKE-1", test.TcID, test.Comment)
	if test.Handshake2 != nil {
		got := vectors.Hex(whole(l, test.Handshake2.Command))
		if test.Result == vectors.Valid { // whatever this lock decides, it opened the request
			require.NotEqual(t, vectors.Hex{0x69, 0x82}, got, "tcId %d", test.TcID)
			return
		}
		require.Equal(t, test.Handshake2.Response, got, "tcId %d: %s: HANDSHAKE-2", test.TcID, test.Comment)
	}
	if test.Result == vectors.Invalid {
		require.NotEmpty(t, v.events)
		require.Equal(t, test.Reason, v.events[len(v.events)-1].Reason.String(), "tcId %d: %s", test.TcID, test.Comment)
	}
}

// whole fetches the rest of an answer.
func whole(l *lock.Lock, command []byte) []byte {
	var data []byte
	for {
		response := l.Process(command)
		data = append(data, response[:len(response)-2]...)
		if status := response[len(response)-2:]; status[0] != 0x61 {
			return append(data, status...)
		}
		command = []byte{0x80, wire.InsGetResponse, 0, 0, 0}
	}
}

// other is an identity of the lock for its other cipher suite, which no vector
// of the group looks at.
func other(t *testing.T, id credential.LockID, suite int) lock.Identity {
	private := bytes.Repeat([]byte{7}, 32)
	key := vectorKey(t, suite, private)
	public, err := credential.NewPublicKey(key.Public())
	require.NoError(t, err)
	certificate, err := worldtest.New(t).Maker.Certify(credential.LockClaims{Key: public, IssuedAt: 1803902400 - 50*86400, ID: id})
	require.NoError(t, err)
	return lock.Identity{Key: key, Certificate: certificate}
}

func vectorKey(t *testing.T, suite int, private []byte) crypto.Signer {
	if suite == wire.SuiteP256Es256 {
		key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), private)
		require.NoError(t, err)
		return key
	}
	return ed25519.NewKeyFromSeed(private)
}

func coseKey(t *testing.T, key []byte) credential.PublicKey {
	k, err := credential.ParseClaimsSet(append([]byte{0xa1, 0x08, 0xa1, 0x01}, key...))
	require.NoError(t, err)
	return k
}
