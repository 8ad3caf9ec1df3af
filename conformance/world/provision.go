package world

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"fmt"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
)

// Factory is what the lock under test leaves its factory with: keys for both
// suites, the scheme's root, the setup secret and the area code, and so many
// compartments.
func (w *World) Factory(compartments int) (shim.Provision, error) {
	p := shim.Provision{
		Lock: w.Lock[:], Setup: w.Setup[:], Area: w.Area, Compartments: compartments,
		Roots: []shim.Hex{COSEKey(w.Scheme.PublicKey())},
	}
	for suite, key := range map[int]crypto.Signer{0: w.Key("lock"), 2: w.Key2("lock")} {
		c, err := w.Maker.Certify(credential.LockClaims{Key: public(key), IssuedAt: w.Now - 50*Day, ID: w.Lock})
		if err != nil {
			return p, fmt.Errorf("world: lock certificate: %w", err)
		}
		i := shim.Identity{Suite: suite, Private: Private(key), Certificate: c}
		if suite == 0 {
			p.Identities = append([]shim.Identity{i}, p.Identities...)
		} else {
			p.Identities = append(p.Identities, i)
		}
	}
	return p, nil
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
