package world

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
)

// Factory is what the lock under test leaves its factory with: keys for both
// suites, the scheme's root, the setup secret and the area code, and so many
// compartments.
func (w *World) Factory(compartments int) (shim.Provision, error) {
	identities, err := w.Identities(w.Lock, w.Now-50*Day)
	if err != nil {
		return shim.Provision{}, err
	}
	return shim.Provision{
		Lock: w.Lock[:], Setup: w.Setup[:], Area: w.Area, Compartments: compartments,
		Roots: []shim.Hex{COSEKey(w.Scheme.PublicKey())}, Identities: identities,
	}, nil
}

// identified is what a lock's certificates say beside its key.
type identified struct {
	lock     credential.LockID
	issuedAt credential.Time
}

// Identities has the manufacturer certify the lock's keys under the id and the
// time, once.
func (w *World) Identities(lock credential.LockID, issuedAt credential.Time) ([]shim.Identity, error) {
	if made, ok := w.identities[identified{lock, issuedAt}]; ok {
		return slices.Clone(made), nil
	}
	all := make([]shim.Identity, 2)
	for suite, key := range map[int]crypto.Signer{0: w.Key("lock"), 2: w.Key2("lock")} {
		c, err := w.Maker.Certify(credential.LockClaims{Key: public(key), IssuedAt: issuedAt, ID: lock})
		if err != nil {
			return nil, fmt.Errorf("world: lock certificate: %w", err)
		}
		all[suite/2] = shim.Identity{Suite: suite, Private: Private(key), Certificate: c}
	}
	w.identities[identified{lock, issuedAt}] = all
	return slices.Clone(all), nil
}

// Private returns the bytes of a private key as the shim protocol has them: the
// seed of Ed25519, the scalar of P-256.
func Private(key crypto.Signer) []byte {
	switch k := key.(type) {
	case ed25519.PrivateKey:
		return k.Seed()
	case *ecdsa.PrivateKey:
		b, err := k.Bytes()
		if err != nil {
			panic(fmt.Sprintf("world: %v", err)) // a key on P-256 has bytes
		}
		return b
	}
	panic(fmt.Sprintf("world: no private key is a %T", key))
}

// bareKey is what stands before the COSE_Key in a claims set (section 6.3).
const bareKey = "\xA1\x08\xA1\x01"

// COSEKey returns the key as cddl/cose-key.cddl has it.
func COSEKey(k credential.PublicKey) []byte {
	return credential.AppendClaimsSet(nil, k)[len(bareKey):]
}

// ParseCOSEKey reads what COSEKey returns.
func ParseCOSEKey(b []byte) (credential.PublicKey, error) {
	return credential.ParseClaimsSet(append([]byte(bareKey), b...))
}
