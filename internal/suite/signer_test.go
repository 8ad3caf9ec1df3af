package suite

//lint:file-ignore SA1019 the tests put wrong values into the fields that anyone can set

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// hardware stands for a key that is not in memory: it is asked through the
// interface alone.
type hardware struct {
	crypto.Signer
	answer []byte // instead of a signature
	err    error
	rand   io.Reader // what it was given
}

func (h *hardware) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	h.rand = random
	if h.err != nil || h.answer != nil {
		return h.answer, h.err
	}
	return h.Signer.Sign(random, digest, opts)
}

func ed25519Private(tb testing.TB) ed25519.PrivateKey {
	tb.Helper()
	return ed25519.NewKeyFromSeed(unhex(tb, rfc8032[0].seed))
}

func TestSignersMakeWhatVerifyTakes(t *testing.T) {
	ed := ed25519Private(t)
	for name, key := range map[string]crypto.Signer{
		"Ed25519":             ed,
		"Ed25519 by pointer":  &ed,
		"Ed25519 in hardware": &hardware{Signer: ed},
		"P-256":               p256Private(t),
		"P-256 in hardware":   &hardware{Signer: p256Private(t)},
	} {
		t.Run(name, func(t *testing.T) {
			signer, err := NewSigner(key)
			require.NoError(t, err)
			want, err := FromCrypto(key.Public())
			require.NoError(t, err)
			require.Equal(t, want, signer.PublicKey())
			for n := range 20 {
				message := bytes.Repeat([]byte{byte(n)}, n)
				signature, err := Sign(signer, message, nil)
				require.NoError(t, err)
				require.Len(t, signature, SignatureSize)
				require.NoError(t, Verify(want, message, signature, nil))
			}
		})
	}
}

func TestKeysInMemorySignDeterministically(t *testing.T) {
	for _, key := range []crypto.Signer{ed25519Private(t), p256Private(t)} {
		signer, err := NewSigner(key)
		require.NoError(t, err)
		a, err := signer.Sign([]byte("message"))
		require.NoError(t, err)
		b, err := signer.Sign([]byte("message"))
		require.NoError(t, err)
		require.Equal(t, a, b)
	}
}

func TestHardwareIsGivenRandomness(t *testing.T) {
	key := &hardware{Signer: p256Private(t)}
	signer, err := NewSigner(key)
	require.NoError(t, err)
	_, err = signer.Sign(nil)
	require.NoError(t, err)
	require.Equal(t, rand.Reader, key.rand)
}

// hashing stands for hardware that takes messages alone.
type hashing struct{ *ecdsa.PrivateKey }

func (h hashing) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("it takes no digests")
}

func (h hashing) SignMessage(random io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	digest := sha256.Sum256(message)
	return h.PrivateKey.Sign(random, digest[:], opts)
}

func TestHardwareThatHashesIsGivenTheMessage(t *testing.T) {
	signer, err := NewSigner(hashing{p256Private(t)})
	require.NoError(t, err)
	signature, err := signer.Sign([]byte("message"))
	require.NoError(t, err)
	require.NoError(t, Verify(signer.PublicKey(), []byte("message"), signature, nil))
}

func TestNewSignerRefuses(t *testing.T) {
	wrongPublic := ed25519Private(t)
	copy(wrongPublic[32:], unhex(t, rfc8032[1].public))
	other := p256Private(t)
	other.PublicKey = *generator(t).CryptoKey().(*ecdsa.PublicKey)
	noScalar := p256Private(t)
	noScalar.D = nil
	zeroScalar := p256Private(t)
	zeroScalar.D = new(big.Int)
	largeScalar := p256Private(t)
	largeScalar.D = new(big.Int).Lsh(big.NewInt(1), 300)
	p384, err := ecdsa.ParseRawPrivateKey(elliptic.P384(), bytes.Repeat([]byte{1}, 48))
	require.NoError(t, err)
	for name, key := range map[string]crypto.Signer{
		"nil":                        nil,
		"nil Ed25519":                ed25519.PrivateKey(nil),
		"nil Ed25519 pointer":        (*ed25519.PrivateKey)(nil),
		"nil ECDSA":                  (*ecdsa.PrivateKey)(nil),
		"empty ECDSA":                &ecdsa.PrivateKey{},
		"short Ed25519":              ed25519Private(t)[:63],
		"another's Ed25519 public":   wrongPublic,
		"another's ECDSA public key": other,
		"no scalar":                  noScalar,
		"scalar of zero":             zeroScalar,
		"scalar too large":           largeScalar,
		"P-384":                      p384,
		"P-384 in hardware":          &hardware{Signer: p384},
	} {
		t.Run(name, func(t *testing.T) {
			signer, err := NewSigner(key)
			require.ErrorIs(t, err, ErrKey)
			require.Nil(t, signer)
		})
	}
}

func TestSignerKeepsItsOwnKey(t *testing.T) {
	ed, p256 := ed25519Private(t), p256Private(t)
	for _, c := range []struct {
		key    crypto.Signer
		change func()
	}{
		{ed, func() { clear(ed) }},
		{&ed, func() { ed = nil }},
		{p256, func() { p256.D.SetInt64(1) }},
	} {
		copy(ed, ed25519Private(t))
		signer, err := NewSigner(c.key)
		require.NoError(t, err)
		before, err := signer.Sign(nil)
		require.NoError(t, err)
		c.change()
		after, err := signer.Sign(nil)
		require.NoError(t, err)
		require.Equal(t, before, after)
	}
}

func TestSignPassesFailureOn(t *testing.T) {
	cause := errors.New("removed")
	for _, c := range []struct {
		name string
		key  *hardware
	}{
		{"Ed25519 with an error", &hardware{Signer: ed25519Private(t), err: cause}},
		{"P-256 with an error", &hardware{Signer: p256Private(t), err: cause}},
		{"Ed25519 of 63 bytes", &hardware{Signer: ed25519Private(t), answer: make([]byte, 63)}},
		{"Ed25519 of no bytes", &hardware{Signer: ed25519Private(t), answer: []byte{}}},
		{"P-256 as r || s", &hardware{Signer: p256Private(t), answer: make([]byte, 64)}},
		{"P-256 of no bytes", &hardware{Signer: p256Private(t), answer: []byte{}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			signer, err := NewSigner(c.key)
			require.NoError(t, err)
			signature, err := Sign(signer, nil, nil)
			require.ErrorIs(t, err, ErrSign)
			require.Nil(t, signature)
			if c.key.err != nil {
				require.ErrorIs(t, err, cause)
			}
		})
	}
}

// brokenSigner is a Signer that keeps no promise.
type brokenSigner struct{ Signer }

func (brokenSigner) PublicKey() PublicKey        { return PublicKey{} }
func (brokenSigner) Sign([]byte) ([]byte, error) { return make([]byte, 65), nil }

func TestSignSeesToTheSigner(t *testing.T) {
	_, err := Sign(nil, nil, nil)
	requireRule(t, err, ErrSign, "no signer")
	_, err = Sign(brokenSigner{}, nil, nil)
	requireRule(t, err, ErrSign, "signature is not 64 bytes")
}

func TestFromDERRefuses(t *testing.T) {
	order := hex.EncodeToString(elliptic.P256().Params().N.Bytes())
	for _, c := range []struct{ name, der, rule string }{
		{"nothing", "", "signature is not DER"},
		{"no sequence", "020101", "signature is not DER"},
		{"bytes after it", "300602010102010100", "signature is not DER"},
		{"bytes after s", "30080201010201010500", "signature is not DER"},
		{"an integer after s", "3009020101020101020101", "signature is not DER"},
		{"r alone", "3003020101", "signature is not DER"},
		{"integer with a zero in front", "300702020001020101", "signature is not DER"},
		{"length in two bytes", "308106020101020101", "signature is not DER"},
		{"indefinite length", "30800201010201010000", "signature is not DER"},
		{"r of zero", "3006020100020101", "signature is not in range"},
		{"s of zero", "3006020101020100", "signature is not in range"},
		{"negative r", "30060201ff020101", "signature is not in range"},
		{"s of n", "3026020101022100" + order, "signature is not in range"},
		{"r of 33 bytes", "30260221017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff020101", "signature is not in range"},
	} {
		t.Run(c.name, func(t *testing.T) {
			signature, err := fromDER(unhex(t, c.der))
			requireRule(t, err, ErrSign, c.rule)
			require.Nil(t, signature)
		})
	}
	signature, err := fromDER(unhex(t, "3006020101020102"))
	require.NoError(t, err)
	require.Equal(t, append(append(make([]byte, 31), 1), append(make([]byte, 31), 2)...), signature)
}

func TestSecretsAreNotPrinted(t *testing.T) {
	ed, err := NewSigner(ed25519Private(t))
	require.NoError(t, err)
	p256, err := NewSigner(p256Private(t))
	require.NoError(t, err)
	scalar := agreements[0].privateA
	secrets := [][]byte{unhex(t, rfc8032[0].seed), unhex(t, rfc6979Key), unhex(t, scalar), unhex(t, rfc3610Key)}
	for _, v := range []any{
		ed, p256, *ed.(*signer), *p256.(*signer), dhKey(t, X25519, scalar), *dhKey(t, X25519, scalar), dhKey(t, P256, scalar),
		newCCM(t, unhex(t, rfc3610Key)), *newCCM(t, unhex(t, rfc3610Key)), struct{ A, B any }{ed, p256},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			text := fmt.Sprintf(verb, v)
			for _, secret := range secrets {
				part := secret[2:10]
				require.NotContains(t, text, string(part), "%T with %s", v, verb)
				require.NotContains(t, strings.ToLower(text), hex.EncodeToString(part), "%T with %s", v, verb)
				require.NotContains(t, text, strings.Trim(fmt.Sprint(part), "[]"), "%T with %s", v, verb)
				require.NotContains(t, text, new(big.Int).SetBytes(secret).String(), "%T with %s", v, verb)
			}
		}
	}
}

// FuzzFromDER holds that what is taken is DER, and comes back.
func FuzzFromDER(f *testing.F) {
	f.Add(unhex(f, "3006020101020102"))
	f.Add(unhex(f, "30080201010201010500"))
	f.Fuzz(func(t *testing.T, der []byte) {
		signature, err := fromDER(der)
		if err != nil {
			return
		}
		require.Len(t, signature, SignatureSize)
		r, s := splitP256(signature)
		require.Equal(t, der, oracleDER(r, s))
	})
}

// oracleDER writes a signature in ASN.1 by hand.
func oracleDER(r, s *big.Int) []byte {
	integer := func(v *big.Int) []byte {
		b := v.Bytes()
		if b[0] >= 0x80 {
			b = append([]byte{0}, b...)
		}
		return append([]byte{0x02, byte(len(b))}, b...)
	}
	body := append(integer(r), integer(s)...)
	return append([]byte{0x30, byte(len(body))}, body...)
}
