package holder

import (
	"errors"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// errOtherCertificate says that the lock named another key than the one in the
// certificate that the phone remembers: the cylinder was replaced, or it is not
// the lock.
var errOtherCertificate = errors.New("the lock has another certificate than the one remembered")

// resolveLock finds the lock's certificate, in message_2 or in the phone's
// memory, and verifies that a manufacturer whom the phone trusts signed it for
// the lock that was selected.
func (x *exchange) resolveLock(idCred []byte) (edhoc.Peer, error) {
	id, err := message.ParseIDCred(idCred)
	if err != nil {
		return edhoc.Peer{}, &Error{Reason: credential.ReasonMalformed, Detail: "ID_CRED_R", Err: err}
	}
	certificate := id.Value
	switch id.Header {
	case wire.HeaderKid:
		if x.known.Certificate == nil || x.byValue {
			return edhoc.Peer{}, &Error{Reason: credential.ReasonLockIdentity, Detail: "ID_CRED_R: a key id where the certificate was asked for"}
		}
		certificate = x.known.Certificate
	case wire.HeaderKcwt:
	default:
		return edhoc.Peer{}, &Error{Reason: credential.ReasonMalformed, Detail: "ID_CRED_R must be kid or kcwt"}
	}
	c, err := x.verifyLock(certificate)
	if err != nil {
		return edhoc.Peer{}, err
	}
	if kid := credential.KeyIDOf(c.Key()); id.Header == wire.HeaderKid && !slices.Equal(kid[:], id.Value) {
		return edhoc.Peer{}, &Error{Reason: credential.ReasonLockIdentity, Detail: "ID_CRED_R", Err: errOtherCertificate}
	}
	if c.ID() != x.selection.Lock {
		return edhoc.Peer{}, &Error{Reason: credential.ReasonLockIdentity, Detail: "the certificate is for lock " + c.ID().String() + ", the lock selected is " + x.selection.Lock.String()}
	}
	x.resolved = c
	return edhoc.Peer{Cred: c.Bytes(), Key: c.Key()}, nil
}

// verifyLock verifies a lock certificate by way of its manufacturer.
func (x *exchange) verifyLock(certificate []byte) (*credential.LockCertificate, error) {
	u, err := credential.ParseLockCertificate(certificate)
	if err != nil {
		return nil, err
	}
	v := credential.Verifier{Roots: x.phone.Roots}
	for _, maker := range x.phone.Makers {
		m, err := credential.ParseAuthority(maker)
		if err != nil || credential.KeyIDOf(m.Claims.Key) != u.Signer() {
			continue
		}
		a, err := v.Authority(m)
		if err != nil {
			return nil, err
		}
		return v.LockCertificate(u, a)
	}
	return v.LockCertificate(u, nil)
}

// remember keeps the lock's certificate and version for the next tap.  The
// lock's first protected answer has proved both.  A memory that fails costs the
// next tap some bytes and nothing else.
func (x *exchange) remember() {
	if x.phone.Locks == nil {
		return
	}
	k := KnownLock{Certificate: x.resolved.Bytes(), Version: max(x.known.Version, x.selection.Version)}
	if k.Version != x.known.Version || !slices.Equal(k.Certificate, x.known.Certificate) {
		_ = x.phone.Locks.Remember(x.selection.Lock, k)
	}
}
