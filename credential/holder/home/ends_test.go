package home_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/home"
)

// endOfTime is the last moment that there is.
const endOfTime credential.Time = math.MaxUint32

// TestFirstAndLastMoment: what is signed then is what was asked for, and nothing is
// before or after them.
func TestFirstAndLastMoment(t *testing.T) {
	s := newStreet(t)
	b, _ := s.moveIn(t, "owner")
	late := (endOfTime - 1).Time()
	for name, lease := range map[string]time.Duration{"whole": 0, "lease": time.Hour, "longest": math.MaxInt64} {
		pass, err := b.Grant(late, name, public(name), home.Terms{Until: endOfTime, Lease: lease})
		require.NoError(t, err)
		links, err := pass.Links()
		require.NoError(t, err)
		require.Equal(t, endOfTime, links[0].Claims.Expires, name)
	}
	renewed, err := b.Renew(late)
	require.NoError(t, err)
	require.Empty(t, renewed)
	_, err = b.Deny(late, credential.Tag{1}, 0)
	require.NoError(t, err)
	change, err := b.Withdraw(late, id("lease"))
	require.NoError(t, err)
	require.Len(t, claims(t, change.Policy).Denied, 2)

	change, err = b.Block(endOfTime.Time(), 0)
	require.NoError(t, err)
	require.Equal(t, endOfTime, claims(t, change.Policy).IssuedAt)
	require.Len(t, claims(t, change.Policy).Denied, 2, "what never ends is denied still")
	_, err = b.Grant(endOfTime.Time(), "late", public("late"), home.Terms{Until: endOfTime})
	require.ErrorIs(t, err, home.ErrTime)
	for _, never := range []time.Time{time.Unix(0, 0), time.Unix(-1, 0), endOfTime.Time().Add(time.Second), {}} {
		_, err = b.Block(never, 0)
		require.ErrorIs(t, err, home.ErrTime)
		require.ErrorIs(t, b.Erase(never), home.ErrTime)
	}

	first, _ := newStreet(t).moveIn(t, "owner")
	early, err := first.Grant(time.Unix(1, 0), "early", public("early"), home.Terms{Until: 2})
	require.NoError(t, err)
	links, err := early.Links()
	require.NoError(t, err)
	require.Equal(t, credential.Time(1), links[0].Claims.IssuedAt)
}

// TestLastVersion: there is none above it, and nothing is half done.
func TestLastVersion(t *testing.T) {
	s, b, _, _ := settled(t)
	require.ErrorIs(t, told(b, math.MaxUint32-1), home.ErrBehind)
	change, err := b.Heal(s.now)
	require.NoError(t, err)
	require.Equal(t, uint32(math.MaxUint32), claims(t, change.Policy).Version)
	require.NoError(t, told(b, math.MaxUint32))
	before, err := b.Saved()
	require.NoError(t, err)
	for _, o := range operations {
		if o.name != "grant" && o.name != "renew" && o.signs > 0 {
			require.ErrorIs(t, o.do(b, s.now), home.ErrVersion, o.name)
			requireSame(t, before, b)
		}
	}
	pass, err := b.Grant(s.now, "Cem", public("cem"), s.month())
	require.NoError(t, err)
	links, err := pass.Links()
	require.NoError(t, err)
	require.Equal(t, uint32(math.MaxUint32), links[0].Claims.Scope[0].PolicyVersion)

	n, on := s.newBox(t, "buyer")
	c := credential.PolicyClaims{Lock: s.LockID, Version: math.MaxUint32, IssuedAt: s.Now}
	last, err := s.Owner.Transfer(c, public("buyer"))
	require.NoError(t, err)
	_, err = n.Accept(s.now, last)
	require.ErrorIs(t, err, home.ErrVersion)
	require.Zero(t, on.kept)
}
