package credential

import (
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// claimsSet is the CWT claims set of a bare key.
//
//	claims-set = { 8: { 1: cose-key } }
type claimsSet struct {
	Cnf confirmation `cbor:"8,keyasint"`
}

// AppendClaimsSet appends the CWT claims set that presents a bare key in the
// exchange (section 6.4): 43 bytes for Ed25519, 45 for P-256.
func AppendClaimsSet(b []byte, key PublicKey) []byte {
	b = dcbor.AppendInt(dcbor.AppendMap(b, 1), wire.ClaimCnf)
	return appendConfirmation(b, key)
}

// ParseClaimsSet returns the bare key of a CWT claims set.  A claims set proves
// nothing: whoever takes it must know the key.
func ParseClaimsSet(data []byte) (PublicKey, error) {
	const what = "claims set"
	var c claimsSet
	if err := decode(what, data, &c); err != nil {
		return PublicKey{}, err
	}
	return c.Cnf.publicKey(what)
}
