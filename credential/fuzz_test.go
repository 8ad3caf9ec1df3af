package credential_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// seed adds objects of the kind, good ones and bad ones.
func seed(f *testing.F, k kind, faults ...structural) {
	f.Helper()
	for _, p := range pairings() {
		f.Add(k.forge(p.signer, p.subject).bytes())
	}
	common := slices.Concat(envelope, inClaims)
	if k.aboutKey() {
		common = slices.Concat(common, inKey)
	}
	for _, c := range slices.Concat(common, faults) {
		forged := k.forge(edKey("signer"), edKey("subject"))
		c.spoil(forged)
		f.Add(forged.bytes())
	}
}

// headerLength is where the payload of an object begins: the head of the array,
// the protected header with its head, the empty map.
const headerLength = 1 + 1 + 17 + 1

// requireSame holds that claims that were read build the object that they were
// read from, but for the header, which names another key.
func requireSame(t *testing.T, data []byte, u credential.Unsigned, err error) {
	t.Helper()
	require.NoError(t, err)
	again, err := u.WithSignature(data[len(data)-64:])
	require.NoError(t, err)
	require.Equal(t, data[headerLength:], again[headerLength:])
	require.Len(t, again, len(data))
}

func FuzzParseAuthority(f *testing.F) {
	seed(f, kinds[0], withExp...)
	key := edKey("signer").public
	f.Fuzz(func(t *testing.T, data []byte) {
		u, err := credential.ParseAuthority(data)
		if err != nil {
			require.Nil(t, u)
			refused(t, err)
			return
		}
		built, err := credential.NewAuthority(u.Claims, key)
		requireSame(t, data, built, err)
	})
}

func FuzzParseLockCertificate(f *testing.F) {
	seed(f, kinds[1])
	key := edKey("signer").public
	f.Fuzz(func(t *testing.T, data []byte) {
		u, err := credential.ParseLockCertificate(data)
		if err != nil {
			require.Nil(t, u)
			refused(t, err)
			return
		}
		built, err := credential.NewLockCertificate(u.Claims, key)
		requireSame(t, data, built, err)
	})
}

func FuzzParseGrant(f *testing.F) {
	seed(f, kinds[2], withExp...)
	seed(f, kinds[3])
	for _, c := range unknowns {
		forged := grantForge(edKey("signer"), p256Key("subject"))
		forged.scope = list(c.entry)
		f.Add(forged.bytes())
	}
	for _, s := range scopes() {
		forged := grantForge(p256Key("signer"), edKey("subject"))
		forged.scope, forged.claims = s.hand, set(forged.claims, 5, num(begins))
		f.Add(forged.bytes())
	}
	key := edKey("signer").public
	f.Fuzz(func(t *testing.T, data []byte) {
		u, err := credential.ParseGrant(data)
		if err != nil {
			require.Nil(t, u)
			refused(t, err)
			return
		}
		typ, err := credential.TypeOf(data)
		require.NoError(t, err)
		require.EqualValues(t, 65003, typ)
		built, err := credential.NewGrant(u.Claims, key)
		if errors.Is(err, credential.ReasonService) {
			require.NotZero(t, u.Claims.Parent)
			return
		}
		if errors.Is(err, credential.ReasonTarget) || errors.Is(err, credential.ReasonConditionUnknown) {
			require.True(t, slices.ContainsFunc(u.Claims.Scope, unknown))
			return
		}
		require.False(t, slices.ContainsFunc(u.Claims.Scope, unknown))
		requireSame(t, data, built, err)
	})
}

// unknown reports whether this version does not know the entry's target or one
// of its conditions.
func unknown(e credential.Entry) bool {
	_, lock := e.Target.Lock()
	_, area := e.Target.Area()
	return !lock && !area || len(e.Unknown()) > 0
}

func FuzzTypeOf(f *testing.F) {
	for _, k := range kinds {
		seed(f, k)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		typ, err := credential.TypeOf(data)
		if err != nil {
			require.Zero(t, typ)
			refused(t, err)
		}
		for _, k := range kinds {
			if k.parse(data) == nil {
				require.NoError(t, err)
				require.EqualValues(t, k.typ, typ)
			}
		}
	})
}

func FuzzParseClaimsSet(f *testing.F) {
	for _, k := range []*testKey{edKey("a"), p256Key("subject"), p256Key("odd subject")} {
		f.Add(credential.AppendClaimsSet(nil, k.public))
	}
	for _, c := range slices.Concat(inClaims, inKey) {
		forged := lockForge(edKey("signer"), edKey("subject"))
		c.spoil(forged)
		forged.claims, forged.scope = drop(forged.claims, 6), nil
		_, payload := forged.layers()
		f.Add(payload)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		key, err := credential.ParseClaimsSet(data)
		if err != nil {
			require.True(t, key.IsZero())
			refused(t, err)
			return
		}
		require.True(t, bytes.Equal(data, credential.AppendClaimsSet(nil, key)))
	})
}
