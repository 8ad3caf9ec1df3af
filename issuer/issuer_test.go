package issuer_test

import (
	"crypto"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
)

// signers are keys of both kinds, in memory and elsewhere.
func signers() map[string]crypto.Signer {
	ed, p256 := edKey("signer"), p256Key("signer")
	return map[string]crypto.Signer{
		"Ed25519": ed, "Ed25519 by pointer": &ed, "P-256": p256,
		"Ed25519 elsewhere": hide(ed), "P-256 elsewhere": hide(p256),
	}
}

// TestEveryIssuerWithEveryKey has what each issuer signs verified.
func TestEveryIssuerWithEveryKey(t *testing.T) {
	for name, key := range signers() {
		t.Run(name, func(t *testing.T) {
			post := certify(t, key, postClaims(t, key))
			operator, err := issuer.NewOperator(key, post)
			require.NoError(t, err)
			require.Equal(t, public(t, key), operator.PublicKey())
			require.Same(t, post, operator.Authority())
			data, err := operator.Grant(roundClaims(t))
			require.NoError(t, err)
			u, err := credential.ParseGrant(data)
			require.NoError(t, err)
			require.Equal(t, roundClaims(t), u.Claims)
			_, err = new(credential.Verifier).OperatorGrant(u, post)
			require.NoError(t, err)

			owner, err := issuer.NewOwner(key)
			require.NoError(t, err)
			data, err = owner.Grant(guestClaims(t))
			require.NoError(t, err)
			u, err = credential.ParseGrant(data)
			require.NoError(t, err)
			require.Equal(t, guestClaims(t), u.Claims)
			_, err = new(credential.Verifier).OwnerGrant(u, owner.PublicKey())
			require.NoError(t, err)

			authority := certify(t, key, makerClaims(t, key))
			maker, err := issuer.NewMaker(key, authority)
			require.NoError(t, err)
			claims := credential.LockClaims{Key: public(t, edKey("lock")), IssuedAt: now, ID: lockID, Profile: 1, Level: 2}
			data, err = maker.Certify(claims)
			require.NoError(t, err)
			l, err := credential.ParseLockCertificate(data)
			require.NoError(t, err)
			require.Equal(t, claims, l.Claims)
			_, err = new(credential.Verifier).LockCertificate(l, authority)
			require.NoError(t, err)
		})
	}
}

// TestSignaturesOfKeysInMemoryAreDeterministic holds that the same grant is the
// same bytes, and has the same tag.
func TestSignaturesOfKeysInMemoryAreDeterministic(t *testing.T) {
	for _, key := range []crypto.Signer{edKey("owner"), p256Key("owner")} {
		owner, err := issuer.NewOwner(key)
		require.NoError(t, err)
		first, err := owner.Grant(guestClaims(t))
		require.NoError(t, err)
		second, err := owner.Grant(guestClaims(t))
		require.NoError(t, err)
		require.Equal(t, first, second)
	}
}

// TestOperatorRefuses holds that an operator signs nothing that its own
// certificate does not allow, nor what every lock would refuse.
func TestOperatorRefuses(t *testing.T) {
	operator := newPost(t, edKey("post"))
	for name, c := range map[string]struct {
		spoil  func(*credential.GrantClaims)
		reason credential.Reason
	}{
		"before its certificate":   {func(c *credential.GrantClaims) { c.IssuedAt = now - 1 }, credential.ReasonAuthorityExpired},
		"after its certificate":    {func(c *credential.GrantClaims) { c.IssuedAt, c.NotBefore, c.Expires = now+90*day+1, 0, now+91*day }, credential.ReasonAuthorityExpired},
		"a second too long":        {func(c *credential.GrantClaims) { c.Expires = c.IssuedAt + 84*hour + 1 }, credential.ReasonGrantTooLong},
		"no service named":         {func(c *credential.GrantClaims) { c.Scope[1].Service = 0 }, credential.ReasonService},
		"a foreign service":        {func(c *credential.GrantClaims) { c.Scope[1].Service = credential.ServiceParcel }, credential.ReasonService},
		"no holder":                {func(c *credential.GrantClaims) { c.Holder = credential.PublicKey{} }, credential.ReasonAlgorithm},
		"no times":                 {func(c *credential.GrantClaims) { c.IssuedAt, c.NotBefore, c.Expires = 0, 0, 0 }, credential.ReasonMalformed},
		"ends before it begins":    {func(c *credential.GrantClaims) { c.Expires = c.IssuedAt - 1 }, credential.ReasonMalformed},
		"nbf at iat":               {func(c *credential.GrantClaims) { c.NotBefore = c.IssuedAt }, credential.ReasonMalformed},
		"no entry":                 {func(c *credential.GrantClaims) { c.Scope = nil }, credential.ReasonLimit},
		"five entries":             {func(c *credential.GrantClaims) { c.Scope = append(append(c.Scope, c.Scope...), c.Scope[0]) }, credential.ReasonLimit},
		"no target":                {func(c *credential.GrantClaims) { c.Scope[0].Target = credential.Target{} }, credential.ReasonTarget},
		"a whole country of locks": {func(c *credential.GrantClaims) { c.Scope[0].Target = credential.AreaTarget(nil) }, credential.ReasonLimit},
		"no action":                {func(c *credential.GrantClaims) { c.Scope[0].Actions = 0 }, credential.ReasonMalformed},
		"an unknown action":        {func(c *credential.GrantClaims) { c.Scope[0].Actions = 1 << 20 }, credential.ReasonMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			claims := roundClaims(t)
			c.spoil(&claims)
			data, err := operator.Grant(claims)
			require.Nil(t, data)
			requireReason(t, err, c.reason)
		})
	}
}

func TestOperatorGrantsUpToItsBounds(t *testing.T) {
	operator := newPost(t, edKey("post"))
	claims := roundClaims(t)
	claims.IssuedAt, claims.NotBefore, claims.Expires = now, 0, now+84*hour
	_, err := operator.Grant(claims)
	require.NoError(t, err)
	claims.IssuedAt, claims.Expires = now+90*day, now+90*day+84*hour
	_, err = operator.Grant(claims)
	require.NoError(t, err)
}

func TestOwnerRefuses(t *testing.T) {
	owner, err := issuer.NewOwner(edKey("owner"))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		spoil  func(*credential.GrantClaims)
		reason credential.Reason
	}{
		"a service":  {func(c *credential.GrantClaims) { c.Scope[0].Service = credential.ServicePost }, credential.ReasonService},
		"exp at iat": {func(c *credential.GrantClaims) { c.Expires = c.IssuedAt }, credential.ReasonMalformed},
		"no holder":  {func(c *credential.GrantClaims) { c.Holder = credential.PublicKey{} }, credential.ReasonAlgorithm},
		"no entry":   {func(c *credential.GrantClaims) { c.Scope = nil }, credential.ReasonLimit},
		"no target":  {func(c *credential.GrantClaims) { c.Scope[0].Target = credential.Target{} }, credential.ReasonTarget},
	} {
		t.Run(name, func(t *testing.T) {
			claims := guestClaims(t)
			c.spoil(&claims)
			data, err := owner.Grant(claims)
			require.Nil(t, data)
			requireReason(t, err, c.reason)
		})
	}
}

func TestMakerRefuses(t *testing.T) {
	maker, err := issuer.NewMaker(edKey("maker"), certify(t, edKey("root"), makerClaims(t, edKey("maker"))))
	require.NoError(t, err)
	key := public(t, edKey("lock"))
	for name, c := range map[string]struct {
		claims credential.LockClaims
		reason credential.Reason
	}{
		"no key":                 {credential.LockClaims{IssuedAt: now}, credential.ReasonAlgorithm},
		"no time":                {credential.LockClaims{Key: key}, credential.ReasonMalformed},
		"before its certificate": {credential.LockClaims{Key: key, IssuedAt: now - 1}, credential.ReasonAuthorityExpired},
		"after its certificate":  {credential.LockClaims{Key: key, IssuedAt: now + 90*day + 1}, credential.ReasonAuthorityExpired},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := maker.Certify(c.claims)
			require.Nil(t, data)
			requireReason(t, err, c.reason)
		})
	}
	for _, at := range []credential.Time{now, now + 90*day} {
		_, err := maker.Certify(credential.LockClaims{Key: key, IssuedAt: at})
		require.NoError(t, err)
	}
}

func TestSchemeRefuses(t *testing.T) {
	scheme, err := issuer.NewScheme(edKey("root"))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		spoil  func(*credential.AuthorityClaims)
		reason credential.Reason
	}{
		"no key":              {func(c *credential.AuthorityClaims) { c.Key = credential.PublicKey{} }, credential.ReasonAlgorithm},
		"no end":              {func(c *credential.AuthorityClaims) { c.Expires = 0 }, credential.ReasonMalformed},
		"no right":            {func(c *credential.AuthorityClaims) { c.Rights = 0 }, credential.ReasonMalformed},
		"no service":          {func(c *credential.AuthorityClaims) { c.Services = nil }, credential.ReasonLimit},
		"a negative longest":  {func(c *credential.AuthorityClaims) { c.LongestGrant = -time.Second }, credential.ReasonMalformed},
		"services descending": {func(c *credential.AuthorityClaims) { c.Services = []credential.Service{2, 1} }, credential.ReasonMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			claims := postClaims(t, edKey("post"))
			c.spoil(&claims)
			data, err := scheme.Certify(claims)
			require.Nil(t, data)
			requireReason(t, err, c.reason)
		})
	}
}

// TestConcurrentUse has several goroutines use one issuer of each kind of key.
func TestConcurrentUse(t *testing.T) {
	for _, key := range []crypto.Signer{edKey("post"), p256Key("post"), hide(edKey("post"))} {
		operator := newPost(t, key)
		claims := roundClaims(t)
		var group sync.WaitGroup
		grants := make([][]byte, 8)
		for i := range grants {
			group.Go(func() {
				mine := claims
				mine.Expires += credential.Time(i)
				grants[i], _ = operator.Grant(mine)
			})
		}
		group.Wait()
		for i, data := range grants {
			u, err := credential.ParseGrant(data)
			require.NoError(t, err)
			require.Equal(t, claims.Expires+credential.Time(i), u.Claims.Expires)
			_, err = new(credential.Verifier).OperatorGrant(u, operator.Authority())
			require.NoError(t, err)
		}
	}
}
