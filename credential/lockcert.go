package credential

import (
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// LockClaims is what a manufacturer says of a lock's key (section 4.7).
type LockClaims struct {
	Key      PublicKey // the lock's key
	IssuedAt Time      // iat
	ID       LockID    // the lock
	Profile  uint32    // certified profiles, the sum of values of registry profiles (section 23.2); 0 where nothing was certified
	Level    uint32    // certified level, a value of registry levels (section 24.2); 0 where nothing was certified
}

// UnverifiedLockCertificate is a lock certificate as parsed: nobody vouches for
// its claims yet.
type UnverifiedLockCertificate struct {
	object
	claims LockClaims
	// Claims is a copy to read.  What is changed in it is not verified, and no
	// verified type ever shows it.
	Claims LockClaims
}

// LockCertificate is a lock certificate that a trusted manufacturer has signed.
// Only a [Verifier] makes one; the zero value is of no lock.
type LockCertificate struct {
	object
	claims      LockClaims
	fingerprint Fingerprint
}

const lockName = "lock certificate"

// ParseLockCertificate decodes a lock certificate of at most 512 bytes.  It
// checks everything but the signature.
//
// Errors: malformed, limit, object-type, algorithm, by section 4.5.
func ParseLockCertificate(data []byte) (*UnverifiedLockCertificate, error) {
	u := new(UnverifiedLockCertificate)
	payload, err := u.open(lockName, wire.TypeLockCertificate, data)
	if err != nil {
		return nil, err
	}
	if err := u.claims.read(payload); err != nil {
		return nil, err
	}
	var again [wire.LimitObjectBytes]byte
	if err := u.same(lockName, wire.TypeLockCertificate, u.claims.append(again[:0])); err != nil {
		return nil, err
	}
	u.Claims = u.claims
	return u, nil
}

// read decodes the claims set of a lock certificate.
//
//	lock-certificate = { 6: iat, 8: cnf, 9: bstr .cbor [ lock-id, profile, level ] }
func (c *LockClaims) read(payload []byte) error {
	r := read(lockName, payload)
	r.pairs("claims", 3, 3, ReasonMalformed)
	c.IssuedAt = r.moment(wire.ClaimIat, "iat")
	c.Key = r.confirmation()
	r.label(wire.ClaimScope, "scope")
	scope := r.bytes("scope")
	if err := r.close(); err != nil {
		return err
	}
	r = read(lockName+": scope", scope)
	r.array("fields", 3, 3, ReasonMalformed)
	c.ID = LockID(r.sized("lock id", len(c.ID)))
	c.Profile = r.number("profile")
	c.Level = r.number("level")
	return r.close()
}

// append encodes the claims set.
func (c *LockClaims) append(b []byte) []byte {
	s := dcbor.AppendArray(make([]byte, 0, 32), 3)
	s = dcbor.AppendBytes(s, c.ID[:])
	s = dcbor.AppendUint(s, uint64(c.Profile))
	s = dcbor.AppendUint(s, uint64(c.Level))

	b = dcbor.AppendMap(b, 3)
	b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ClaimIat), uint64(c.IssuedAt))
	b = appendConfirmation(b, c.Key)
	return dcbor.AppendBytes(dcbor.AppendInt(b, wire.ClaimScope), s)
}

// NewLockCertificate builds the certificate that the manufacturer with the
// public key signer is to sign.  It refuses claims that a phone would refuse.
func NewLockCertificate(c LockClaims, signer PublicKey) (Unsigned, error) {
	switch {
	case c.Key.IsZero():
		return Unsigned{}, fault(ReasonAlgorithm, "%s: cnf: the key is missing", lockName)
	case c.IssuedAt == 0:
		return Unsigned{}, fault(ReasonMalformed, "%s: iat: is missing", lockName)
	}
	return newUnsigned(lockName, wire.TypeLockCertificate, signer, c.append(make([]byte, 0, 128)))
}

// Key returns the lock's key.
func (c *LockCertificate) Key() PublicKey { return c.claims.Key }

// IssuedAt returns the certificate's iat.
func (c *LockCertificate) IssuedAt() Time { return c.claims.IssuedAt }

// ID returns the lock's id.
func (c *LockCertificate) ID() LockID { return c.claims.ID }

// Profile returns the certified profiles, the sum of values of registry profiles
// (section 23.2); 0 where nothing was certified.
func (c *LockCertificate) Profile() uint32 { return c.claims.Profile }

// Level returns the certified level, a value of registry levels (section 24.2).
func (c *LockCertificate) Level() uint32 { return c.claims.Level }

// Fingerprint names the verified signature, for [Verifier.Known].
func (c *LockCertificate) Fingerprint() Fingerprint { return c.fingerprint }
