package hsm_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"sync"
	"testing"

	"github.com/miekg/pkcs11"
	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/hsm"
	"github.com/postern-lock/postern/examples/hsm/hsmtest"
	"github.com/postern-lock/postern/issuer"
)

func TestKeysOfBothKindsSign(t *testing.T) {
	token := hsmtest.Start(t).Open(t, "scheme")
	for _, kind := range []hsm.Kind{hsm.Ed25519, hsm.P256} {
		made, err := token.Generate(hsm.Name{Label: kind.String()}, kind)
		require.NoError(t, err)
		for name, n := range map[string]hsm.Name{
			"by label": {Label: kind.String()}, "by id": {ID: made.ID()}, "by both": {Label: kind.String(), ID: made.ID()},
		} {
			t.Run(kind.String()+" "+name, func(t *testing.T) {
				key, err := token.Find(n)
				require.NoError(t, err)
				require.Equal(t, kind, key.Kind())
				require.Equal(t, kind.String(), key.Label())
				require.Equal(t, made.Public(), key.Public())
				requireSigns(t, key)
			})
		}
	}
}

// requireSigns has the key sign as crypto.Signer asks, and as a scheme.
func requireSigns(t *testing.T, key crypto.Signer) {
	t.Helper()
	message := []byte("an object to be signed")
	switch public := key.Public().(type) {
	case ed25519.PublicKey:
		signature, err := key.Sign(nil, message, crypto.Hash(0))
		require.NoError(t, err)
		require.True(t, ed25519.Verify(public, message, signature))
	case *ecdsa.PublicKey:
		digest := sha256.Sum256(message)
		signature, err := key.Sign(nil, digest[:], crypto.SHA256)
		require.NoError(t, err)
		require.True(t, ecdsa.VerifyASN1(public, digest[:], signature))
	}
	scheme, err := issuer.NewScheme(key)
	require.NoError(t, err)
	list, err := scheme.Revoke(credential.RevocationClaims{IssuedAt: 1800000000, Version: 1})
	require.NoError(t, err)
	unverified, err := credential.ParseRevocationList(list)
	require.NoError(t, err)
	v := credential.Verifier{Roots: []credential.PublicKey{scheme.PublicKey()}}
	_, err = v.SchemeList(unverified)
	require.NoError(t, err)
}

func TestSignerRefusesWhatIsNotItsSignature(t *testing.T) {
	token := hsmtest.Start(t).Open(t, "scheme")
	edwards, err := token.Generate(hsm.Name{Label: "edwards"}, hsm.Ed25519)
	require.NoError(t, err)
	p256, err := token.Generate(hsm.Name{Label: "p256"}, hsm.P256)
	require.NoError(t, err)
	digest := sha256.Sum256(nil)
	long := sha512.Sum512(nil)
	for _, c := range []struct {
		name    string
		key     *hsm.Key
		message []byte
		opts    crypto.SignerOpts
	}{
		{"Ed25519 without options", edwards, digest[:], nil},
		{"Ed25519 of a digest", edwards, digest[:], crypto.SHA256},
		{"Ed25519ph", edwards, long[:], &ed25519.Options{Hash: crypto.SHA512}},
		{"Ed25519ctx", edwards, digest[:], &ed25519.Options{Context: "c"}},
		{"P-256 of a message", p256, digest[:], crypto.Hash(0)},
		{"P-256 of another hash", p256, long[:], crypto.SHA512},
		{"P-256 of a digest cut short", p256, digest[:31], crypto.SHA256},
		{"P-256 without options", p256, digest[:], nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.key.Sign(nil, c.message, c.opts)
			require.ErrorIs(t, err, hsm.ErrRequest)
		})
	}
}

func TestNameThatIsTakenIsRefused(t *testing.T) {
	token := hsmtest.Start(t).Open(t, "scheme")
	_, err := token.Generate(hsm.Name{Label: "root", ID: []byte{1}}, hsm.Ed25519)
	require.NoError(t, err)
	for name, n := range map[string]hsm.Name{
		"label": {Label: "root", ID: []byte{2}}, "id": {Label: "another", ID: []byte{1}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := token.Generate(n, hsm.Ed25519)
			require.ErrorIs(t, err, hsm.ErrKey)
			require.ErrorContains(t, err, "taken")
		})
	}
}

func TestKeyThatIsNotThereIsNamed(t *testing.T) {
	token := hsmtest.Start(t).Open(t, "scheme")
	_, err := token.Find(hsm.Name{Label: "root"})
	require.ErrorIs(t, err, hsm.ErrKey)
	require.ErrorContains(t, err, `label "root"`)
	_, err = token.Find(hsm.Name{})
	require.ErrorIs(t, err, hsm.ErrKey)
}

func TestTokenIsFoundByLabelAndSerial(t *testing.T) {
	s := hsmtest.Start(t)
	one, other := s.Token(t, "twin"), s.Token(t, "other")
	opened, err := hsm.Open(s.Library, other)
	require.NoError(t, err)
	serial, err := opened.Serial()
	require.NoError(t, err)
	require.NoError(t, opened.Close())

	byserial := one
	byserial.Label, byserial.Serial = "", serial
	opened, err = hsm.Open(s.Library, byserial)
	require.NoError(t, err)
	require.NoError(t, opened.Close())

	byserial.Label = "twin" // both must fit
	_, err = hsm.Open(s.Library, byserial)
	require.ErrorIs(t, err, hsm.ErrToken)

	absent := one
	absent.Label = "nobody"
	_, err = hsm.Open(s.Library, absent)
	require.ErrorIs(t, err, hsm.ErrToken)
	require.ErrorContains(t, err, `"nobody"`)
}

func TestTwoTokensOfOneLabelAreRefused(t *testing.T) {
	s := hsmtest.Start(t)
	c := s.Token(t, "twin")
	s.Token(t, "twin")
	_, err := hsm.Open(s.Library, c)
	require.ErrorIs(t, err, hsm.ErrToken)
	require.ErrorContains(t, err, "give the serial number")
}

func TestModuleThatDoesNotLoadIsNamed(t *testing.T) {
	_, err := hsm.Load("/nowhere/module.so")
	require.ErrorIs(t, err, hsm.ErrModule)
	require.ErrorContains(t, err, "/nowhere/module.so")
}

func TestExtractableKeyIsRefused(t *testing.T) {
	s := hsmtest.Start(t)
	token := s.Open(t, "careless")
	session, err := s.Library.OpenSession(s.Slot(t, "careless"), pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	require.NoError(t, err)
	for i, c := range []struct {
		name string
		bad  []*pkcs11.Attribute
		says string
	}{
		{"extractable", []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, true)}, "CKA_EXTRACTABLE is not false, CKA_NEVER_EXTRACTABLE is not true"},
		{"in clear", []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, false)}, "CKA_SENSITIVE is not true, CKA_ALWAYS_SENSITIVE is not true"},
		{"without the right to sign", []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_SIGN, false)}, "CKA_SIGN is not true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := []byte{byte(i + 1)}
			common := []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true), pkcs11.NewAttribute(pkcs11.CKA_ID, id), pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, true)}
			private := map[uint]*pkcs11.Attribute{}
			for _, a := range []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, true), pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, false), pkcs11.NewAttribute(pkcs11.CKA_SIGN, true)} {
				private[a.Type] = a
			}
			for _, a := range c.bad {
				private[a.Type] = a
			}
			all := common
			for _, a := range private {
				all = append(all, a)
			}
			_, _, err = s.Library.GenerateKeyPair(session, []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_EC_KEY_PAIR_GEN, nil)},
				append([]*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_EC_PARAMS, []byte("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"))}, common[:2]...), all)
			require.NoError(t, err)
			_, err = token.Find(hsm.Name{ID: id})
			require.ErrorIs(t, err, hsm.ErrKey)
			require.ErrorContains(t, err, c.says)
		})
	}
}

func TestManyGoroutinesSignAtOnce(t *testing.T) {
	s := hsmtest.Start(t)
	c := s.Token(t, "operator")
	c.Sessions = 4
	token, err := hsm.Open(s.Library, c)
	require.NoError(t, err)
	keys := make([]*hsm.Key, 2)
	for i := range keys {
		keys[i], err = token.Generate(hsm.Name{Label: fmt.Sprint("key ", i)}, hsm.Ed25519)
		require.NoError(t, err)
	}
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			key := keys[i%2]
			message := fmt.Append(nil, "message ", i)
			signature, err := key.Sign(nil, message, crypto.Hash(0))
			if err != nil || !ed25519.Verify(key.Public().(ed25519.PublicKey), message, signature) {
				t.Errorf("message %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	require.NoError(t, token.Close())
	_, err = keys[0].Sign(nil, []byte("too late"), crypto.Hash(0))
	require.ErrorIs(t, err, hsm.ErrClosed)
}

// Somebody closes the sessions behind the token's back, as a network module does
// that lost its connection; or logs out.
func TestLostSessionsAreOpenedAnew(t *testing.T) {
	s := hsmtest.Start(t)
	token := s.Open(t, "operator")
	key, err := token.Generate(hsm.Name{Label: "key"}, hsm.Ed25519)
	require.NoError(t, err)
	slot := s.Slot(t, "operator")
	for range 3 {
		require.NoError(t, s.Library.CloseAllSessions(slot))
		requireSigns(t, key)
		session, err := s.Library.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION)
		require.NoError(t, err)
		require.NoError(t, s.Library.Logout(session))
		requireSigns(t, key)
		require.NoError(t, s.Library.CloseSession(session))
	}
}

// A library that was closed before its token gives an error, and no fault of memory.
func TestTokenOfAModuleThatWasClosed(t *testing.T) {
	path := hsmtest.Path(t)
	hsmtest.Store(t)
	library, err := hsm.Load(path)
	require.NoError(t, err)
	s := &hsmtest.SoftHSM{Path: path, Library: library}
	token, err := hsm.Open(library, s.Token(t, "operator"))
	require.NoError(t, err)
	key, err := token.Generate(hsm.Name{Label: "key"}, hsm.Ed25519)
	require.NoError(t, err)
	require.NoError(t, library.Close())
	_, err = key.Sign(nil, []byte("late"), crypto.Hash(0))
	require.ErrorIs(t, err, pkcs11.Error(pkcs11.CKR_CRYPTOKI_NOT_INITIALIZED))
	require.NoError(t, token.Close())
}
