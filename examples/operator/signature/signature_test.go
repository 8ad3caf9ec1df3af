package signature_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/examples/operator/signature"
)

const now credential.Time = 1_803_888_000

// edKey is the key of RFC 8032, test 1.
func edKey(t *testing.T) holder.Key {
	seed := []byte("\x9d\x61\xb1\x9d\xef\xfd\x5a\x60\xba\x84\x4a\xf4\x92\xec\x2c\xc4\x44\x49\xc5\x69\x7b\x32\x69\x19\x70\x3b\xac\x03\x1c\xae\x7f\x60")
	return keyOf(t, ed25519.NewKeyFromSeed(seed))
}

func keyOf(t *testing.T, signer crypto.Signer) holder.Key {
	key, err := holder.NewKey(signer)
	require.NoError(t, err)
	return key
}

// signed returns a request that is signed, as the server receives it.
func signed(t *testing.T, key holder.Key, body string) *http.Request {
	r, err := http.NewRequestWithContext(t.Context(), "PUT", "https://Boxes.Example:443/v1/boxes/1020304050607080/log-wanted", strings.NewReader(body))
	require.NoError(t, err)
	require.NoError(t, signature.Sign(r, []byte(body), key, now, signature.Nonce{0xff, 15: 1}))
	r.Host, r.TLS = r.URL.Host, &tls.ConnectionState{}
	return r
}

func TestSignedRequestIsThatOfTheRFC(t *testing.T) {
	key := edKey(t)
	r := signed(t, key, `{"wanted":true}`)
	const (
		digest = "sha-256=:t4+SLANI1f+XzSxa8jWhk5MBIyBEsD2dVPFpNOa1Dnk=:"
		params = `("@method" "@authority" "@path" "content-digest");created=1803888000;nonce="_wAAAAAAAAAAAAAAAAAAAQ";` +
			`keyid="ed25519:d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";tag="postern-owner"`
	)
	require.Equal(t, digest, r.Header.Get("Content-Digest"))
	require.Equal(t, "owner="+params, r.Header.Get("Signature-Input"))
	// The signature base, by section 2.5 of the RFC.
	base := strings.Join([]string{
		`"@method": PUT`,
		`"@authority": boxes.example`,
		`"@path": /v1/boxes/1020304050607080/log-wanted`,
		`"content-digest": ` + digest,
		`"@signature-params": ` + params,
	}, "\n")
	text, ok := strings.CutPrefix(r.Header.Get("Signature"), "owner=:")
	require.True(t, ok)
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(text, ":"))
	require.NoError(t, err)
	require.True(t, ed25519.Verify(key.PublicKey().CryptoKey().(ed25519.PublicKey), []byte(base), raw))
}

func TestSignedRequestVerifies(t *testing.T) {
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	for name, key := range map[string]holder.Key{"Ed25519": edKey(t), "P-256": keyOf(t, p256)} {
		t.Run(name, func(t *testing.T) {
			s, err := signature.Verify(signed(t, key, "body"), now)
			require.NoError(t, err)
			require.NoError(t, s.Covers([]byte("body")))
			require.ErrorIs(t, s.Covers([]byte("bodY")), signature.ErrDigest)
			require.ErrorIs(t, signature.Signed{}.Covers(nil), signature.ErrDigest)
			require.Equal(t, key.PublicKey(), s.Key)
			require.Equal(t, now, s.Created)
			require.Equal(t, signature.Nonce{0xff, 15: 1}, s.Nonce)
		})
	}
}

func TestWhatIsSignedCannotBeAltered(t *testing.T) {
	key := edKey(t)
	input := signed(t, key, "").Header.Get("Signature-Input")
	replace := func(old, with string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Signature-Input", strings.Replace(input, old, with, 1)) }
	}
	for name, c := range map[string]struct {
		alter func(*http.Request)
		want  error
	}{
		"method":                 {func(r *http.Request) { r.Method = "DELETE" }, signature.ErrSignature},
		"path":                   {func(r *http.Request) { r.URL.Path += "x" }, signature.ErrSignature},
		"host":                   {func(r *http.Request) { r.Host = "other.example" }, signature.ErrSignature},
		"port":                   {func(r *http.Request) { r.Host += "1" }, signature.ErrSignature},
		"scheme":                 {func(r *http.Request) { r.TLS = nil }, signature.ErrSignature},
		"query":                  {func(r *http.Request) { r.URL.RawQuery = "a" }, signature.ErrMissing},
		"empty query":            {func(r *http.Request) { r.URL.ForceQuery = true }, signature.ErrMissing},
		"nonce":                  {replace(`nonce="_`, `nonce="A`), signature.ErrSignature},
		"bits behind the nonce":  {replace(`AAAAAAAAAAAQ"`, `AAAAAAAAAAAR"`), signature.ErrMissing},
		"created":                {replace("created=1803888000", "created=1803888001"), signature.ErrSignature},
		"created with a zero":    {replace("created=1", "created=01"), signature.ErrMissing},
		"created out of range":   {replace("created=1803888000", "created=9999999999"), signature.ErrMissing},
		"key":                    {replace("keyid=\"ed25519:d75a", "keyid=\"ed25519:0000"), nil},
		"tag":                    {replace("postern-owner", "postern-staff"), signature.ErrMissing},
		"fewer components":       {replace(` "content-digest"`, ""), signature.ErrMissing},
		"other order":            {replace(`"@method" "@authority"`, `"@authority" "@method"`), signature.ErrMissing},
		"a second signature":     {func(r *http.Request) { r.Header.Set("Signature-Input", input+", b="+input[6:]) }, signature.ErrMissing},
		"a space more":           {replace(";nonce", "; nonce"), signature.ErrMissing},
		"signature":              {func(r *http.Request) { r.Header.Set("Signature", "owner=:"+strings.Repeat("A", 86)+"==:") }, signature.ErrSignature},
		"short signature":        {func(r *http.Request) { r.Header.Set("Signature", "owner=:AAAA:") }, signature.ErrMissing},
		"digest twice":           {func(r *http.Request) { r.Header.Add("Content-Digest", r.Header.Get("Content-Digest")) }, signature.ErrMissing},
		"digest":                 {func(r *http.Request) { r.Header.Set("Content-Digest", "sha-256=:"+strings.Repeat("A", 43)+"=:") }, signature.ErrSignature},
		"digest by another hash": {func(r *http.Request) { r.Header.Set("Content-Digest", "sha-512"+r.Header.Get("Content-Digest")[7:]) }, signature.ErrDigest},
	} {
		t.Run(name, func(t *testing.T) {
			r := signed(t, key, "")
			c.alter(r)
			_, err := signature.Verify(r, now)
			require.Error(t, err)
			if c.want != nil {
				require.ErrorIs(t, err, c.want)
			}
		})
	}
}

func TestWindowOfTime(t *testing.T) {
	r := signed(t, edKey(t), "")
	for _, at := range []credential.Time{now - signature.Window, now, now + signature.Window} {
		_, err := signature.Verify(r, at)
		require.NoError(t, err)
	}
	for _, at := range []credential.Time{0, 1, now - signature.Window - 1, now + signature.Window + 1, 1<<32 - 1} {
		_, err := signature.Verify(r, at)
		require.ErrorIs(t, err, signature.ErrTime)
	}
}

func TestKeysThatAreNoneAreRefused(t *testing.T) {
	for _, bad := range []string{
		"ed25519:" + strings.Repeat("0", 64),        // of small order
		"ed25519:" + "01" + strings.Repeat("0", 62), // of small order
		"ed25519:" + strings.Repeat("f", 64),        // not canonical
		"p256:02" + strings.Repeat("f", 64),         // not on the curve
		"p256:05" + strings.Repeat("1", 64),
	} {
		r := signed(t, edKey(t), "")
		input := r.Header.Get("Signature-Input")
		from := strings.Index(input, `keyid="`) + len(`keyid="`)
		to := from + strings.Index(input[from:], `"`)
		r.Header.Set("Signature-Input", input[:from]+bad+input[to:])
		_, err := signature.Verify(r, now)
		require.ErrorIs(t, err, signature.ErrMissing, bad)
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:", `owner=("@method" "@authority" "@path" "content-digest");created=1;nonce="";keyid="";tag="postern-owner"`, "owner=::", []byte{})
	f.Fuzz(func(t *testing.T, digest, input, sig string, body []byte) {
		r, err := http.NewRequestWithContext(t.Context(), "PUT", "https://boxes.example/", bytes.NewReader(body))
		require.NoError(t, err)
		r.Header = http.Header{"Content-Digest": {digest}, "Signature-Input": {input}, "Signature": {sig}}
		if s, err := signature.Verify(r, now); err == nil && s.Covers(body) == nil {
			require.False(t, s.Key.IsZero())
		}
	})
}
