package credential

import "github.com/postern-lock/postern/internal/dcbor"

// AppendClaimsSet appends the CWT claims set that presents a bare key in the
// exchange (section 6.3): 44 bytes for Ed25519, 46 for P-256.
//
//	claims-set = { 8: { 1: cose-key } }
func AppendClaimsSet(b []byte, key PublicKey) []byte {
	return appendConfirmation(dcbor.AppendMap(b, 1), key)
}

// ParseClaimsSet returns the bare key of a CWT claims set.  A claims set proves
// nothing: whoever takes it must know the key.
//
// Errors: malformed, limit, algorithm.
func ParseClaimsSet(data []byte) (PublicKey, error) { return readClaimsSet(data, anyone) }

func readClaimsSet(data []byte, from origin) (PublicKey, error) {
	r := read("claims set", data)
	r.from = from
	r.pairs("claims", 1, 1, ReasonMalformed)
	key := r.confirmation()
	if err := r.close(); err != nil {
		return PublicKey{}, err
	}
	return key, nil
}
