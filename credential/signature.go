package credential

import (
	"crypto/sha256"

	"github.com/postern-lock/postern/internal/suite"
)

// Fingerprint names a signature that was verified: SHA-256 over the digest of
// what was signed, the signature, and the thumbprint of the key that it
// verified with, 32 bytes.
type Fingerprint [sha256.Size]byte

// candidate is a key that an object may be signed with: it has the key id that
// the object names.  Different keys can have the same one.
type candidate struct {
	key        PublicKey
	thumbprint [sha256.Size]byte
}

// candidates returns those of the keys that have the key id.
func candidates(keys []PublicKey, id KeyID) []candidate {
	var found []candidate
	for _, key := range keys {
		if t := suite.Thumbprint(key); KeyID(t[:len(id)]) == id && !key.IsZero() {
			found = append(found, candidate{key, t})
		}
	}
	return found
}

// verify finds the signer of the object among the keys and checks the
// signature.
func (v *Verifier) verify(what string, o *object, keys ...PublicKey) (Fingerprint, error) {
	return v.verifyAny(what, o, candidates(keys, o.signer))
}

// verifyAny checks the object's signature with each of the candidates until
// one is good.  The error is that of the first.
func (v *Verifier) verifyAny(what string, o *object, candidates []candidate) (Fingerprint, error) {
	var first error
	for _, c := range candidates {
		f, err := v.verifyBy(what, o, c)
		if err == nil {
			return f, nil
		}
		if first == nil {
			first = err
		}
	}
	if first == nil {
		first = fault(ReasonIssuerUnknown, "%s: kid: no key given has the id %s", what, o.signer)
	}
	return Fingerprint{}, first
}

// verifyBy checks the object's signature with one candidate, unless it is known.
func (v *Verifier) verifyBy(what string, o *object, c candidate) (Fingerprint, error) {
	if c.key.Algorithm() != o.alg {
		return Fingerprint{}, fault(ReasonAlgorithm, "%s: alg: %d does not fit the key %s", what, o.alg, o.signer)
	}
	f := o.fingerprint(c)
	if v.Known != nil && v.Known(f) {
		return f, nil
	}
	if err := suite.Verify(c.key, o.signed, o.signature[:], v.Meter); err != nil {
		return Fingerprint{}, &Error{Reason: ReasonSignature, Detail: what + ": signature: key " + o.signer.String(), Err: err}
	}
	return f, nil
}

// fingerprint names the object's signature with the key.
func (o *object) fingerprint(c candidate) Fingerprint {
	var b [2*sha256.Size + suite.SignatureSize]byte
	n := copy(b[:], o.digest[:])
	n += copy(b[n:], o.signature[:])
	copy(b[n:], c.thumbprint[:])
	return sha256.Sum256(b[:])
}
