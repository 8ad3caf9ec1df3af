package holder_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock"
)

// p256Key returns the P-256 key with the name.
func p256Key(t testing.TB, name string) crypto.Signer {
	t.Helper()
	scalar := sha256.Sum256([]byte("postern test key of P-256 " + name))
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
	require.NoError(t, err)
	return k
}

// p256Public returns the public half of the P-256 key with the name.
func p256Public(t testing.TB, name string) credential.PublicKey {
	t.Helper()
	k, err := credential.NewPublicKey(p256Key(t, name).Public())
	require.NoError(t, err)
	return k
}

// twoSuites gives the lock a second identity, with a P-256 key, and the owner a
// co-owner, with one as well.
func twoSuites(t testing.TB, w *worldtest.World) {
	t.Helper()
	certificate, err := w.Maker.Certify(credential.LockClaims{
		Key: p256Public(t, "lock"), IssuedAt: w.Now - 50*worldtest.Day, ID: w.LockID, Profile: 1, Level: 1,
	})
	require.NoError(t, err)
	w.Config.Identities = append(w.Config.Identities, lock.Identity{Key: p256Key(t, "lock"), Certificate: certificate})
	w.Hand(t, w.Policy(t, func(c *credential.PolicyClaims) {
		c.Version, c.CoOwners = 2, []credential.PublicKey{p256Public(t, "owner")}
	}))
	w.PowerUp(t)
}

// p256Phone returns a phone with a P-256 key: the co-owner's without claims.
func p256Phone(t testing.TB, w *worldtest.World, name string, claims *credential.GrantClaims) *holder.Phone {
	t.Helper()
	p := w.Phone(t, name, nil)
	var err error
	p.Key, err = holder.NewKey(p256Key(t, name))
	require.NoError(t, err)
	if claims != nil {
		claims.Holder = p.Key.PublicKey()
		p.Grant, err = w.Owner.Grant(*claims)
		require.NoError(t, err)
	}
	return p
}

// maskAt is where the answer to SELECT has its capabilities: a mask above 23 has a
// byte before it.
const maskAt = 7

func TestP256HoldersOpen(t *testing.T) {
	w := worldtest.New(t)
	twoSuites(t, w)
	guest := w.GuestClaims()
	for _, p := range []*holder.Phone{p256Phone(t, w, "owner", nil), p256Phone(t, w, "neighbour", &guest)} {
		tr := apdu.NewTracer(w.Link())
		for range 2 {
			requireOpened(t, w, p, tr, credential.OperationOpen)
		}
		require.Equal(t, []byte{byValue, byKid}, forms(tr))
	}
	require.Positive(t, w.Lock.Operations().P256DH)
	require.Zero(t, w.Lock.Operations().X25519)
}

func TestP256HolderAtALockWithoutSuite2(t *testing.T) {
	w := worldtest.New(t)
	tr := apdu.NewTracer(w.Link())
	r, err := p256Phone(t, w, "owner", nil).Open(t.Context(), tr, credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonSuite, holder.AdviceUpdate)
	require.Equal(t, 1, tr.Cost().Pairs, "SELECT tells")
	requireUntouched(t, w)
}

// TestSuite2PromisedFalsely has somebody on the way add the capability: the lock
// itself says that it lacks the suite.
func TestSuite2PromisedFalsely(t *testing.T) {
	w := worldtest.New(t)
	link := apdu.NewTracer(&tampered{next: w.Link(), response: func(_ int, command, response []byte) ([]byte, error) {
		if instruction(command) == wire.InsSelect {
			response[maskAt] |= wire.CapabilitySuite2
		}
		return response, nil
	}})
	r, err := p256Phone(t, w, "owner", nil).Open(t.Context(), link, credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonSuite, holder.AdviceUpdate)
	require.Equal(t, 2, link.Cost().Pairs, "no second try")
	requireUntouched(t, w)
}

// TestSuite2TakenAway has somebody take the capability away, to no
// use: the phone does not fall back to another key.
func TestSuite2TakenAway(t *testing.T) {
	w := worldtest.New(t)
	twoSuites(t, w)
	link := &tampered{next: w.Link(), response: func(_ int, command, response []byte) ([]byte, error) {
		if instruction(command) == wire.InsSelect {
			response[maskAt] &^= wire.CapabilitySuite2
		}
		return response, nil
	}}
	r, err := p256Phone(t, w, "owner", nil).Open(t.Context(), link, credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonSuite, holder.AdviceUpdate)
	requireUntouched(t, w)
}

// TestMemoryKeepsACertificateForEachSuite has two phones of one app share it.
func TestMemoryKeepsACertificateForEachSuite(t *testing.T) {
	w := worldtest.New(t)
	twoSuites(t, w)
	ed, p256 := w.OwnerPhone(t), p256Phone(t, w, "owner", nil)
	p256.Locks = ed.Locks
	for _, want := range []byte{byValue, byKid} {
		for _, p := range []*holder.Phone{ed, p256} {
			tr := apdu.NewTracer(w.Link())
			requireOpened(t, w, p, tr, credential.OperationOpen)
			require.Equal(t, []byte{want}, forms(tr))
		}
	}
	k, _ := ed.Locks.Recall(w.LockID)
	require.Len(t, k.Certificates, 2)

	// Another cylinder: each phone finds out once, and the list does not grow.
	replace(t, w)
	for _, want := range [][]byte{{byKid, byValue}, {byKid}} {
		tr := apdu.NewTracer(w.Link())
		requireOpened(t, w, ed, tr, credential.OperationOpen)
		require.Equal(t, want, forms(tr))
	}
	tr := apdu.NewTracer(w.Link())
	requireOpened(t, w, p256, tr, credential.OperationOpen)
	require.Equal(t, []byte{byKid}, forms(tr))
	k, _ = ed.Locks.Recall(w.LockID)
	require.Len(t, k.Certificates, 2)
}
