package credential

import (
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// LockClaims is what a manufacturer says of a lock's key (section 4.5).
type LockClaims struct {
	Key      PublicKey // the lock's key
	IssuedAt Time      // iat
	ID       LockID    // the lock
	Profile  uint32    // certified profile
	Level    uint32    // certified level
}

// lockPayload is the claims set of a lock certificate.
//
//	lock-certificate = { 6: iat, 8: cnf, 9: bstr .cbor [ lock-id, profile, level ] }
type lockPayload struct {
	Iat   uint64       `cbor:"6,keyasint"`
	Cnf   confirmation `cbor:"8,keyasint"`
	Scope []byte       `cbor:"9,keyasint"`
}

type lockScope struct {
	_       struct{} `cbor:",toarray"`
	ID      []byte
	Profile uint64
	Level   uint64
}

// UnverifiedLockCertificate is a lock certificate as parsed: nobody vouches for
// its claims yet.
type UnverifiedLockCertificate struct {
	object
	Claims LockClaims
}

// LockCertificate is a lock certificate that a trusted manufacturer has signed.
// Only a [Verifier] makes one.
type LockCertificate struct{ u *UnverifiedLockCertificate }

const lockName = "lock certificate"

// ParseLockCertificate decodes a lock certificate of at most 512 bytes.  It
// checks everything but the signature.
func ParseLockCertificate(data []byte) (*UnverifiedLockCertificate, error) {
	var p lockPayload
	o, err := parseObject(lockName, wire.TypeLockCertificate, data, &p)
	if err != nil {
		return nil, err
	}
	var s lockScope
	if err := decode(lockName+": scope", p.Scope, &s); err != nil {
		return nil, err
	}
	if len(s.ID) != len(LockID{}) {
		return nil, fault(ReasonMalformed, "%s: lock id must be %d bytes, has %d", lockName, len(LockID{}), len(s.ID))
	}
	const most = uint64(^uint32(0))
	if s.Profile > most || s.Level > most {
		return nil, fault(ReasonMalformed, "%s: profile or level is over 32 bits", lockName)
	}
	u := &UnverifiedLockCertificate{object: o}
	u.Claims = LockClaims{ID: LockID(s.ID), Profile: uint32(s.Profile), Level: uint32(s.Level)}
	if u.Claims.Key, err = p.Cnf.publicKey(lockName); err != nil {
		return nil, err
	}
	if u.Claims.IssuedAt, err = moment(lockName, "iat", p.Iat); err != nil {
		return nil, err
	}
	return u, nil
}

// NewLockCertificate builds the certificate that the manufacturer with the
// public key signer is to sign.
func NewLockCertificate(c LockClaims, signer PublicKey) (Unsigned, error) {
	if c.Key.IsZero() {
		return Unsigned{}, fault(ReasonAlgorithm, "%s: cnf: the key is missing", lockName)
	}
	if c.IssuedAt == 0 {
		return Unsigned{}, fault(ReasonMalformed, "%s: iat is missing", lockName)
	}
	s := dcbor.AppendArray(nil, 3)
	s = dcbor.AppendBytes(s, c.ID[:])
	s = dcbor.AppendUint(s, uint64(c.Profile))
	s = dcbor.AppendUint(s, uint64(c.Level))

	b := dcbor.AppendMap(make([]byte, 0, 96), 3)
	b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ClaimIat), uint64(c.IssuedAt))
	b = appendConfirmation(dcbor.AppendInt(b, wire.ClaimCnf), c.Key)
	b = dcbor.AppendBytes(dcbor.AppendInt(b, wire.ClaimScope), s)
	return newUnsigned(lockName, wire.TypeLockCertificate, signer, b)
}

// Key returns the lock's key.
func (c *LockCertificate) Key() PublicKey { return c.u.Claims.Key }

// ID returns the lock's id.
func (c *LockCertificate) ID() LockID { return c.u.Claims.ID }

// Profile returns the certified profile.
func (c *LockCertificate) Profile() uint32 { return c.u.Claims.Profile }

// Level returns the certified level.
func (c *LockCertificate) Level() uint32 { return c.u.Claims.Level }

// Bytes returns the certificate.  The caller must not change it.
func (c *LockCertificate) Bytes() []byte { return c.u.raw }
