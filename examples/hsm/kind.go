package hsm

import "github.com/miekg/pkcs11"

// What PKCS#11 3.0 has for Ed25519 and the package pkcs11 has not.
const (
	ckkECEdwards           = 0x40
	ckmECEdwardsKeyPairGen = 0x1055
	ckmEdDSA               = 0x1057
)

// Kind is a kind of key pair.
type Kind uint8

// The kinds that the standard knows.  Schemes and authorities should have Ed25519
// (PST-ROLE-006): not every lock verifies P-256.
const (
	Ed25519 Kind = iota + 1
	P256
)

// String names the kind.
func (k Kind) String() string {
	switch k {
	case Ed25519:
		return "Ed25519"
	case P256:
		return "P-256"
	}
	return "unknown"
}

// recipe is how PKCS#11 speaks of a kind.
type recipe struct {
	keyType  uint
	generate uint
	sign     uint
	params   []string // forms of CKA_EC_PARAMS in DER; the first is asked for
}

// Object identifiers and curve names in DER.  PKCS#11 allows both for Edwards
// curves.
const (
	oidEd25519  = "\x06\x03\x2b\x65\x70"
	nameEd25519 = "\x13\x0cedwards25519"
	oidP256     = "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
)

// recipe returns the constants of the kind, and whether there are any.
func (k Kind) recipe() (recipe, bool) {
	switch k {
	case Ed25519:
		return recipe{ckkECEdwards, ckmECEdwardsKeyPairGen, ckmEdDSA, []string{oidEd25519, nameEd25519}}, true
	case P256:
		return recipe{pkcs11.CKK_EC, pkcs11.CKM_EC_KEY_PAIR_GEN, pkcs11.CKM_ECDSA, []string{oidP256}}, true
	}
	return recipe{}, false
}
