package hsm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/lock"
)

// certifyLock has a maker certify the key for the lock.
func certifyLock(t *testing.T, by *issuer.Maker, id credential.LockID, key lock.Identity, at credential.Time) lock.Identity {
	t.Helper()
	certificate, err := by.Certify(credential.LockClaims{Key: issuertest.Public(key.Key), IssuedAt: at, ID: id, Profile: 1, Level: 1})
	require.NoError(t, err)
	return lock.Identity{Key: key.Key, Certificate: certificate}
}

// Runbook, "maker: the key is in other hands".
func TestMakerKeyIsStolen(t *testing.T) {
	w := newTown(t)
	b := w.box(t)
	grant := w.round(t, w.Post, "postman", w.Now)
	with := authorities(w.Post.Authority())
	phone := func(makers ...*issuer.Maker) func() (credential.Outcome, credential.Reason) {
		p := w.phone(t, "postman", grant, with)
		p.Makers = nil
		for _, m := range makers {
			p.Makers = append(p.Makers, m.Authority().Bytes())
		}
		return func() (credential.Outcome, credential.Reason) {
			r, _ := p.Open(t.Context(), b.field(t), deliver)
			return r.Outcome, r.Reason
		}
	}
	requireOpens := func(open func() (credential.Outcome, credential.Reason)) {
		t.Helper()
		outcome, reason := open()
		require.Equal(t, credential.OutcomeOpened, outcome, "%v", reason)
	}
	requireDistrusts := func(open func() (credential.Outcome, credential.Reason)) {
		t.Helper()
		driven := b.bolt.Driven
		outcome, reason := open()
		require.Equal(t, credential.OutcomeRefused, outcome)
		require.Equal(t, credential.ReasonIssuerUnknown, reason)
		require.Equal(t, driven, b.bolt.Driven)
	}
	true1, old := b.config.Identities[0], w.Maker
	requireOpens(phone(old))

	// An impostor with a key of the thief's, under the id of the true box.
	impostor := certifyLock(t, old, w.LockID, lock.Identity{Key: w.Key("impostor")}, w.Now)
	b.config.Identities = []lock.Identity{impostor}
	requireOpens(phone(old))

	// The app's update takes the maker's certificate out, and one for a new key in.
	// From then on phones believe neither the impostor nor the maker's true locks ...
	neu := w.maker(t, "maker 2")
	requireDistrusts(phone(neu))
	b.config.Identities = []lock.Identity{true1}
	requireDistrusts(phone(neu))

	// ... until the maker's service puts a new certificate for the same key into
	// the lock.  Owner, policy and log stay.
	b.config.Identities = []lock.Identity{certifyLock(t, neu, w.LockID, true1, w.Now)}
	version := b.lock.PolicyVersion()
	requireOpens(phone(neu))
	require.Equal(t, version, b.lock.PolicyVersion())
	owner := w.owner(t)
	owner.Makers = [][]byte{neu.Authority().Bytes()}
	b.opens(t, owner, credential.OperationOpen)
}
