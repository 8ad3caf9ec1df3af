package issuer_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
)

// policyClaims are a policy that admits the post.
func policyClaims() credential.PolicyClaims {
	return credential.PolicyClaims{
		Lock: lockID, Version: 3, IssuedAt: now,
		Services: []credential.Admission{{Service: credential.ServicePost, Actions: credential.ActionDeliver}},
		Denied:   []credential.Tag{{1}, {2}},
	}
}

// listClaims are a list that denies two objects.
func listClaims() credential.RevocationClaims {
	return credential.RevocationClaims{IssuedAt: now + hour, Version: 4, Denied: []credential.Denial{
		{Tag: credential.Tag{1}, Expires: now + day}, {Tag: credential.Tag{2}, Expires: now + day}}}
}

// TestEveryDocumentWithEveryKey has what each issuer signs verified.
func TestEveryDocumentWithEveryKey(t *testing.T) {
	v := new(credential.Verifier)
	for name, key := range signers() {
		t.Run(name, func(t *testing.T) {
			rights := makerClaims(t, key)
			rights.Rights = credential.RightRevoke
			authority := certify(t, key, rights)
			revoker, err := issuer.NewRevoker(key, authority)
			require.NoError(t, err)
			require.Equal(t, public(t, key), revoker.PublicKey())
			require.Same(t, authority, revoker.Authority())
			data, err := revoker.Revoke(listClaims())
			require.NoError(t, err)
			l, err := credential.ParseRevocationList(data)
			require.NoError(t, err)
			require.Equal(t, listClaims(), l.Claims)
			_, err = v.RevocationList(l, authority)
			require.NoError(t, err)

			scheme, err := issuer.NewScheme(key)
			require.NoError(t, err)
			data, err = scheme.Revoke(listClaims())
			require.NoError(t, err)
			l, err = credential.ParseRevocationList(data)
			require.NoError(t, err)
			require.Equal(t, listClaims(), l.Claims)
			rooted := credential.Verifier{Roots: []credential.PublicKey{scheme.PublicKey()}}
			_, err = rooted.SchemeList(l)
			require.NoError(t, err)

			rights.Rights = credential.RightTime
			authority = certify(t, key, rights)
			source, err := issuer.NewTimeSource(key, authority)
			require.NoError(t, err)
			nonce := [16]byte{1, 15: 2}
			for _, want := range []credential.TimeClaims{{Time: now + hour, Offset: -60}, {Time: now + hour, Offset: 120, Live: true, Nonce: nonce}, {Time: now, Live: true}} {
				if want.Live {
					data, err = source.Live(want.Time, want.Offset, want.Nonce)
				} else {
					data, err = source.State(want.Time, want.Offset)
				}
				require.NoError(t, err)
				token, err := credential.ParseTimeToken(data)
				require.NoError(t, err)
				require.Equal(t, want, token.Claims)
				_, err = v.TimeToken(token, authority)
				require.NoError(t, err)
			}
		})
	}
}

// TestPolicies has what an owner signs verified, and the owner's key put in.
func TestPolicies(t *testing.T) {
	to := public(t, p256Key("next owner"))
	for name, key := range signers() {
		t.Run(name, func(t *testing.T) {
			owner, err := issuer.NewOwner(key)
			require.NoError(t, err)
			kept, given := policyClaims(), policyClaims()
			kept.Owner, given.Owner = owner.PublicKey(), to
			for _, c := range []struct {
				sign func() ([]byte, error)
				want credential.PolicyClaims
			}{
				{func() ([]byte, error) { return owner.Policy(policyClaims()) }, kept},
				{func() ([]byte, error) { return owner.Policy(kept) }, kept},
				{func() ([]byte, error) { return owner.Transfer(policyClaims(), to) }, given},
				{func() ([]byte, error) { return owner.Transfer(given, to) }, given},
			} {
				data, err := c.sign()
				require.NoError(t, err)
				u, err := credential.ParsePolicy(data)
				require.NoError(t, err)
				require.Equal(t, c.want, u.Claims)
				_, err = new(credential.Verifier).Policy(u, owner.PublicKey())
				require.NoError(t, err)
			}
		})
	}
}

// TestLocksAreNotGivenAwayByMistake holds that only Transfer names another owner,
// and names one.
func TestLocksAreNotGivenAwayByMistake(t *testing.T) {
	owner, err := issuer.NewOwner(edKey("owner"))
	require.NoError(t, err)
	other, third := public(t, edKey("other")), public(t, edKey("third"))
	named := policyClaims()
	named.Owner = other
	own := policyClaims()
	own.Owner = owner.PublicKey()
	for name, c := range map[string]struct {
		sign   func() ([]byte, error)
		detail string
	}{
		"a policy for another":       {func() ([]byte, error) { return owner.Policy(named) }, "use Transfer"},
		"a transfer to nobody":       {func() ([]byte, error) { return owner.Transfer(policyClaims(), credential.PublicKey{}) }, "is missing"},
		"a transfer to nobody named": {func() ([]byte, error) { return owner.Transfer(named, credential.PublicKey{}) }, "is missing"},
		"a transfer to oneself":      {func() ([]byte, error) { return owner.Transfer(policyClaims(), owner.PublicKey()) }, "use Policy"},
		"a transfer to a third":      {func() ([]byte, error) { return owner.Transfer(named, third) }, "the lock is to go to"},
		"a transfer of what is kept": {func() ([]byte, error) { return owner.Transfer(own, other) }, "the lock is to go to"},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := c.sign()
			require.Nil(t, data)
			require.ErrorIs(t, err, issuer.ErrKey)
			require.ErrorContains(t, err, c.detail)
		})
	}
}

// TestDocumentsThatAreRefused holds that nothing is signed that every lock would
// refuse, nor what the signer's certificate does not cover.
func TestDocumentsThatAreRefused(t *testing.T) {
	claims := makerClaims(t, edKey("service"))
	claims.Rights = credential.RightRevoke | credential.RightTime
	authority := certify(t, edKey("root"), claims)
	revoker, err := issuer.NewRevoker(edKey("service"), authority)
	require.NoError(t, err)
	source, err := issuer.NewTimeSource(edKey("service"), authority)
	require.NoError(t, err)
	scheme, err := issuer.NewScheme(edKey("root"))
	require.NoError(t, err)
	owner, err := issuer.NewOwner(edKey("owner"))
	require.NoError(t, err)
	list := func(spoil func(*credential.RevocationClaims)) credential.RevocationClaims {
		c := listClaims()
		spoil(&c)
		return c
	}
	late := list(func(c *credential.RevocationClaims) { c.IssuedAt = now + 90*day + 1 })
	unordered := list(func(c *credential.RevocationClaims) { c.Denied[0].Tag = credential.Tag{3} })
	policy := policyClaims()
	policy.Denied[0] = credential.Tag{3}
	for name, c := range map[string]struct {
		sign   func() ([]byte, error)
		reason credential.Reason
	}{
		"a list before the certificate": {func() ([]byte, error) {
			return revoker.Revoke(list(func(c *credential.RevocationClaims) { c.IssuedAt = now - 1 }))
		}, credential.ReasonAuthorityExpired},
		"a list after the certificate":   {func() ([]byte, error) { return revoker.Revoke(late) }, credential.ReasonAuthorityExpired},
		"a list out of order":            {func() ([]byte, error) { return revoker.Revoke(unordered) }, credential.ReasonMalformed},
		"a scheme's list out of order":   {func() ([]byte, error) { return scheme.Revoke(unordered) }, credential.ReasonMalformed},
		"a time before the certificate":  {func() ([]byte, error) { return source.State(now-1, 0) }, credential.ReasonAuthorityExpired},
		"a time after the certificate":   {func() ([]byte, error) { return source.Live(now+90*day+1, 0, [16]byte{}) }, credential.ReasonAuthorityExpired},
		"no time":                        {func() ([]byte, error) { return source.State(0, 0) }, credential.ReasonMalformed},
		"a time too far east":            {func() ([]byte, error) { return source.Live(now, 841, [16]byte{}) }, credential.ReasonMalformed},
		"a policy out of order":          {func() ([]byte, error) { return owner.Policy(policy) }, credential.ReasonMalformed},
		"a transfer out of order":        {func() ([]byte, error) { return owner.Transfer(policy, public(t, edKey("other"))) }, credential.ReasonMalformed},
		"a policy of nobody":             {func() ([]byte, error) { return new(issuer.Owner).Policy(policyClaims()) }, credential.ReasonAlgorithm},
		"a transfer of nobody":           {func() ([]byte, error) { return new(issuer.Owner).Transfer(policyClaims(), owner.PublicKey()) }, credential.ReasonAlgorithm},
		"a list of nobody":               {func() ([]byte, error) { return new(issuer.Revoker).Revoke(listClaims()) }, credential.ReasonAlgorithm},
		"a list of no scheme":            {func() ([]byte, error) { return new(issuer.Scheme).Revoke(listClaims()) }, credential.ReasonAlgorithm},
		"a time of nobody":               {func() ([]byte, error) { return new(issuer.TimeSource).State(now, 0) }, credential.ReasonAlgorithm},
		"a live time of nobody":          {func() ([]byte, error) { return new(issuer.TimeSource).Live(now, 0, [16]byte{}) }, credential.ReasonAlgorithm},
		"as a scheme, out of all bounds": {func() ([]byte, error) { return scheme.Revoke(credential.RevocationClaims{}) }, credential.ReasonMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := c.sign()
			require.Nil(t, data)
			requireReason(t, err, c.reason)
		})
	}
	_, err = scheme.Revoke(late)
	require.NoError(t, err)
	for _, at := range []credential.Time{now, now + 90*day} {
		_, err = source.State(at, 840)
		require.NoError(t, err)
		_, err = revoker.Revoke(list(func(c *credential.RevocationClaims) { c.IssuedAt = at }))
		require.NoError(t, err)
	}
}
