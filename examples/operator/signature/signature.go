// Package signature signs HTTP requests with an owner's key, and verifies them,
// by one strict profile of HTTP Message Signatures (RFC 9421) with Content-Digest
// (RFC 9530).  A general implementation can make these requests; this one takes
// nothing else, so that there is nothing to negotiate:
//
//	Content-Digest: sha-256=:BASE64:
//	Signature-Input: owner=("@method" "@authority" "@path" "content-digest");created=SECONDS;nonce="NONCE";keyid="KEY";tag="postern-owner"
//	Signature: owner=:BASE64:
//
// NONCE is 16 bytes in base64url without padding, KEY the public key as text
// (credential.PublicKey).  The signature is ed25519 or ecdsa-p256-sha256 of RFC
// 9421, 64 bytes, as holder.Key makes it.  The request has no query.
package signature

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// Window is by how many seconds the time of signing may differ from the
// verifier's clock, either way.
const Window credential.Time = 120

// Header fields of a signed request.
const (
	HeaderDigest    = "Content-Digest"
	HeaderInput     = "Signature-Input"
	HeaderSignature = "Signature"
)

// What can be wrong with a signed request.  An error wraps one of them.
var (
	ErrMissing   = errors.New("signature: the request is not signed by the profile")
	ErrDigest    = errors.New("signature: Content-Digest is not that of the body")
	ErrTime      = errors.New("signature: signed too long ago, or in the future")
	ErrSignature = errors.New("signature: the signature does not verify")
)

// Nonce makes a request one that is taken once.
type Nonce [16]byte

// Signed says who signed a request and when.
type Signed struct {
	Key     credential.PublicKey
	Created credential.Time
	Nonce   Nonce
	digest  string // of the body
}

// Sign adds the three header fields to a request with the body.  At is the time
// of signing by a clock that is right; the nonce is drawn afresh at random.
//
// Errors: those of the key, and ErrMissing for a request with a query.
func Sign(r *http.Request, body []byte, key holder.Key, at credential.Time, nonce Nonce) error {
	id, err := key.PublicKey().MarshalText()
	if err != nil {
		return err
	}
	if r.URL.RawQuery != "" || r.URL.ForceQuery {
		return fmt.Errorf("%w: it has a query", ErrMissing)
	}
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	digest := digestOf(body)
	params := paramsOf(at, nonce, string(id))
	signature, err := key.Sign(base(r, Authority(r.URL.Scheme, host), digest, params))
	if err != nil {
		return err
	}
	r.Header.Set(HeaderDigest, digest)
	r.Header.Set(HeaderInput, label+params)
	r.Header.Set(HeaderSignature, label+":"+base64.StdEncoding.EncodeToString(signature)+":")
	return nil
}

// Covers reports by its error whether the body is the one that was signed.
//
// Error: ErrDigest.
func (s Signed) Covers(body []byte) error {
	if subtle.ConstantTimeCompare([]byte(s.digest), []byte(digestOf(body))) != 1 {
		return ErrDigest
	}
	return nil
}

// Verify verifies the header of a request as a server received it.  That the body
// is the one that was signed is for the caller to ask of [Signed.Covers], once it has
// come; so is that the authority that was signed is the server's own, that the key
// may do what is asked, and that the nonce is new.
//
// Errors: ErrMissing, ErrDigest for one of another form, ErrTime, ErrSignature.
func Verify(r *http.Request, now credential.Time) (Signed, error) {
	s, err := read(r)
	if err != nil {
		return Signed{}, err
	}
	if s.Created > now+Window || now > s.Created+Window {
		return Signed{}, fmt.Errorf("%w: created %s, the clock says %s", ErrTime, s.Created, now)
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	if !verify(s.Key, base(r, Authority(scheme, r.Host), s.digest, s.params), s.signature) {
		return Signed{}, ErrSignature
	}
	return s.Signed, nil
}

// Authority returns the component @authority of a host (RFC 9421, section 2.2.3):
// in lower case, and without the scheme's own port.
func Authority(scheme, host string) string {
	host = strings.ToLower(host)
	switch scheme {
	case "https":
		host = strings.TrimSuffix(host, ":443")
	case "http":
		host = strings.TrimSuffix(host, ":80")
	}
	return host
}

const (
	label      = "owner="
	components = `("@method" "@authority" "@path" "content-digest")`
	tag        = "postern-owner"
)

var (
	inputForm     = regexp.MustCompile(`^owner=(\("@method" "@authority" "@path" "content-digest"\);created=([1-9][0-9]{0,9});nonce="([A-Za-z0-9_-]{22})";keyid="([a-z0-9:]{70,80})";tag="postern-owner")$`)
	digestForm    = regexp.MustCompile(`^sha-256=:[A-Za-z0-9+/]{43}=:$`)
	signatureForm = regexp.MustCompile(`^owner=:([A-Za-z0-9+/]{86}==):$`)
)

func digestOf(body []byte) string {
	sum := sha256.Sum256(body)
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

func paramsOf(at credential.Time, nonce Nonce, id string) string {
	return fmt.Sprintf(`%s;created=%d;nonce="%s";keyid="%s";tag="%s"`, components, at, base64.RawURLEncoding.EncodeToString(nonce[:]), id, tag)
}

// base is the signature base (RFC 9421, section 2.5).
func base(r *http.Request, authority, digest, params string) []byte {
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	return []byte(`"@method": ` + r.Method + "\n" +
		`"@authority": ` + authority + "\n" +
		`"@path": ` + path + "\n" +
		`"content-digest": ` + digest + "\n" +
		`"@signature-params": ` + params)
}

// received is what the header of a signed request says.
type received struct {
	Signed
	params    string
	signature []byte
}

// read takes the header apart; each field stands there once.
func read(r *http.Request) (received, error) {
	var s received
	for _, name := range []string{HeaderDigest, HeaderInput, HeaderSignature} {
		if n := len(r.Header.Values(name)); n != 1 {
			return s, fmt.Errorf("%w: it has %d fields %s, want one", ErrMissing, n, name)
		}
	}
	if r.URL.RawQuery != "" || r.URL.ForceQuery {
		return s, fmt.Errorf("%w: it has a query", ErrMissing)
	}
	input := inputForm.FindStringSubmatch(r.Header.Get(HeaderInput))
	signed := signatureForm.FindStringSubmatch(r.Header.Get(HeaderSignature))
	if input == nil || signed == nil {
		return s, fmt.Errorf("%w: %s or %s has another form", ErrMissing, HeaderInput, HeaderSignature)
	}
	if s.digest = r.Header.Get(HeaderDigest); !digestForm.MatchString(s.digest) {
		return s, fmt.Errorf("%w: it is not one SHA-256", ErrDigest)
	}
	created, err := strconv.ParseUint(input[2], 10, 32)
	if err != nil {
		return s, fmt.Errorf("%w: created is no time", ErrMissing)
	}
	nonce, err := base64.RawURLEncoding.Strict().DecodeString(input[3])
	if err != nil {
		return s, fmt.Errorf("%w: nonce is not base64url of 16 bytes", ErrMissing)
	}
	if err := s.Key.UnmarshalText([]byte(input[4])); err != nil {
		return s, fmt.Errorf("%w: keyid is no key", ErrMissing)
	}
	if s.signature, err = base64.StdEncoding.Strict().DecodeString(signed[1]); err != nil {
		return s, fmt.Errorf("%w: %s is not base64", ErrMissing, HeaderSignature)
	}
	s.params, s.Created = input[1], credential.Time(created)
	copy(s.Nonce[:], nonce)
	return s, nil
}

// verify verifies 64 bytes of a signature over the message.
func verify(key credential.PublicKey, message, signature []byte) bool {
	switch k := key.CryptoKey().(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(k, message, signature)
	case *ecdsa.PublicKey:
		sum := sha256.Sum256(message)
		half := len(signature) / 2
		return ecdsa.Verify(k, sum[:], new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:]))
	}
	return false
}
