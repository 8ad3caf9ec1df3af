package credential_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// refused fails the test, quickly, unless err names a reason of the registry.
func refused(t *testing.T, err error) credential.Reason {
	t.Helper()
	var e *credential.Error
	if !errors.As(err, &e) || e.Reason == credential.ReasonNone || !errors.Is(err, e.Reason) || e.Detail == "" {
		require.Fail(t, "not refused with a reason", "%#v", err)
	}
	return e.Reason
}

// eachObject runs the test for every kind with some pairings of keys.
func eachObject(t *testing.T, pairings []pairing, test func(t *testing.T, k kind, p pairing, object []byte)) {
	for _, k := range kinds {
		for _, p := range pairings {
			t.Run(k.name+"/"+p.name, func(t *testing.T) {
				f := k.forge(p.signer, p.subject)
				require.NoError(t, k.verify(new(credential.Verifier), f.bytes(), p.signer))
				test(t, k, p, f.bytes())
			})
		}
	}
}

func TestEveryTruncationIsRefused(t *testing.T) {
	eachObject(t, pairings(), func(t *testing.T, k kind, _ pairing, object []byte) {
		for n := range object {
			require.Equal(t, malformed, refused(t, k.parse(object[:n])), "%d bytes", n)
			require.NotZero(t, refused(t, k.parse(object[len(object)-n:])), "last %d bytes", n)
		}
	})
}

func TestEveryExtensionIsRefused(t *testing.T) {
	eachObject(t, pairings(), func(t *testing.T, k kind, _ pairing, object []byte) {
		for v := range 256 {
			require.Equal(t, malformed, refused(t, k.parse(append(slices.Clone(object), byte(v)))), "%#x after the object", v)
			require.NotZero(t, refused(t, k.parse(append([]byte{byte(v)}, object...))), "%#x before the object", v)
		}
	})
}

// TestEveryBitIsVerified holds that no object with one bit changed verifies,
// whether or not the object itself was verified before.
func TestEveryBitIsVerified(t *testing.T) {
	some := pairings()[:4]
	if testing.Short() {
		some = some[:1] // the others take long in an emulator
	}
	eachObject(t, some, func(t *testing.T, k kind, p pairing, object []byte) {
		known := map[credential.Fingerprint]bool{}
		learn := credential.Verifier{Known: func(f credential.Fingerprint) bool { known[f] = true; return true }}
		require.NoError(t, k.verify(&learn, object, p.signer))
		require.Len(t, known, 1)

		v := credential.Verifier{Known: func(f credential.Fingerprint) bool { return known[f] }}
		for bit := range 8 * len(object) {
			changed := slices.Clone(object)
			changed[bit/8] ^= 1 << (bit % 8)
			refused(t, k.verify(&v, changed, p.signer))
		}
		require.NoError(t, k.verify(&v, object, p.signer))
	})
}

// TestEveryByteOfAGrantIsVerified does so with every other value of every byte.
func TestEveryByteOfAGrantIsVerified(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	key := edKey("signer")
	object := grantForge(key, edKey("subject")).bytes()
	for i := range object {
		changed := slices.Clone(object)
		for v := range 256 {
			if byte(v) != object[i] {
				changed[i] = byte(v)
				refused(t, verifyGrant(new(credential.Verifier), changed, key))
			}
		}
	}
}

// TestSignatureOfAnotherObject holds that a signature is for one object alone.
func TestSignatureOfAnotherObject(t *testing.T) {
	key, subject := edKey("signer"), edKey("subject")
	for _, of := range kinds {
		for _, on := range kinds {
			if of.typ == on.typ {
				continue
			}
			f := on.forge(key, subject)
			f.signature = key.sign(of.forge(key, subject).sigStructure())
			requireReason(t, on.verify(new(credential.Verifier), f.bytes(), key), credential.ReasonSignature, on.name[:4])
		}
	}
}

// TestParsedObjectsOwnTheirBytes holds that nobody changes an object through
// the slice that it was parsed from.
func TestParsedObjectsOwnTheirBytes(t *testing.T) {
	f := grantForge(edKey("signer"), edKey("subject"))
	data := f.bytes()
	u, err := credential.ParseGrant(data)
	require.NoError(t, err)
	clear(data)
	require.Equal(t, f.bytes(), u.Bytes())
	g, err := new(credential.Verifier).OwnerGrant(u, f.key.public)
	require.NoError(t, err)
	require.Equal(t, f.bytes(), g.Bytes())
}

// TestClaimsSetBytes does for claims sets what the tests above do for objects.
// A claims set is not signed, so a changed one may hold another key.
func TestClaimsSetBytes(t *testing.T) {
	for _, k := range []*testKey{edKey("subject"), p256Key("subject"), p256Key("odd subject")} {
		set := dict(pair{num(8), dict(pair{num(1), dict(k.cose()...)})})
		require.Equal(t, set, credential.AppendClaimsSet(nil, k.public))
		key, err := credential.ParseClaimsSet(set)
		require.NoError(t, err)
		require.Equal(t, k.public, key)

		for n := range set {
			key, err := credential.ParseClaimsSet(set[:n])
			require.Equal(t, malformed, refused(t, err))
			require.True(t, key.IsZero())
		}
		for v := range 256 {
			_, err := credential.ParseClaimsSet(append(slices.Clone(set), byte(v)))
			require.Equal(t, malformed, refused(t, err))
		}
		for bit := range 8 * len(set) {
			changed := slices.Clone(set)
			changed[bit/8] ^= 1 << (bit % 8)
			key, err := credential.ParseClaimsSet(changed)
			if err != nil {
				refused(t, err)
				require.True(t, key.IsZero())
				continue
			}
			require.False(t, bytes.Equal(key.X(), k.public.X()) && key.YOdd() == k.public.YOdd())
			require.Equal(t, changed, credential.AppendClaimsSet(nil, key))
		}
	}
}

func TestClaimsSetFaults(t *testing.T) {
	key := dict(edKey("subject").cose()...)
	for name, c := range map[string]struct {
		set    cbor
		reason credential.Reason
		detail string
	}{
		"empty":                {dict(), malformed, "claims"},
		"an array":             {list(), malformed, "claims"},
		"with sub":             {dict(pair{num(2), bstr(1)}, pair{num(8), dict(pair{num(1), key})}), malformed, "claims"},
		"under another label":  {dict(pair{num(9), dict(pair{num(1), key})}), malformed, "cnf: label 8"},
		"key in a byte string": {dict(pair{num(8), dict(pair{num(1), bstr(key...)})}), malformed, "cnf: key"},
		"key of RSA":           {dict(pair{num(8), dict(pair{num(1), dict(pair{num(1), num(3)})})}), algorithm, "cnf: kty"},
		"over 32 pairs":        {head(5, 33), overLimit, "claims set"},
	} {
		t.Run(name, func(t *testing.T) {
			key, err := credential.ParseClaimsSet(c.set)
			requireReason(t, err, c.reason, c.detail)
			require.True(t, key.IsZero())
		})
	}
}
