package holder

import (
	"errors"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// errOtherCertificate says that the lock named another key than the one in the
// certificate that the phone remembers: the cylinder was replaced, or it is not
// the lock.
var errOtherCertificate = errors.New("the lock has another certificate than the one remembered")

// resolveLock finds the lock's certificate, in the phone's memory or in
// message_2, and checks it by section 8.4, steps 2 to 5.
func (x *exchange) resolveLock(idCred []byte) (edhoc.Peer, error) {
	const step = "HANDSHAKE-1: ID_CRED_R"
	id, cause := message.ParseIDCred(idCred)
	if cause != nil {
		return edhoc.Peer{}, lockFault(credential.ReasonPossession, step, cause)
	}
	switch {
	case id.Header == wire.HeaderKcwt:
		if x.resolved, cause = x.verifyLock(id.Value); cause != nil {
			return edhoc.Peer{}, lockFault(reasonOf(cause, credential.ReasonSignature), step, cause)
		}
	case id.Header != wire.HeaderKid:
		return edhoc.Peer{}, lockFault(credential.ReasonPossession, step+": neither a key id nor a certificate", nil)
	case x.recalled == nil:
		return edhoc.Peer{}, lockFault(credential.ReasonLockIdentity, step+": a key id, where the certificate was asked for", nil)
	case credential.KeyIDOf(x.recalled.Key()) != credential.KeyID(id.Value):
		return edhoc.Peer{}, lockFault(credential.ReasonLockIdentity, step, errOtherCertificate)
	default:
		x.resolved = x.recalled
	}
	return edhoc.Peer{Cred: x.resolved.Bytes(), Key: x.resolved.Key()}, nil
}

// verifyLock verifies that a manufacturer whom the phone trusts signed a
// certificate, and that it is for the lock that was selected and a key of the
// suite in use.
func (x *exchange) verifyLock(certificate []byte) (*credential.LockCertificate, error) {
	u, err := credential.ParseLockCertificate(certificate)
	if err != nil {
		return nil, err
	}
	c, err := x.verifyByMaker(u)
	switch {
	case err != nil:
		return nil, err
	case c.ID() != x.selection.Lock:
		return nil, &credential.Error{Reason: credential.ReasonLockIdentity, Detail: "the certificate is for lock " + c.ID().String() + ", the lock selected is " + x.selection.Lock.String()}
	case c.Key().Algorithm() != x.key.Algorithm():
		return nil, &credential.Error{Reason: credential.ReasonPossession, Detail: "the lock's key is not one of the cipher suite"}
	case c.Key() == x.key:
		return nil, &credential.Error{Reason: credential.ReasonPossession, Detail: "the lock's key is the holder's own"}
	}
	return c, nil
}

// verifyByMaker tries the makers' certificates that have the key id, of which a
// maker whose certificate was renewed has several: the first that is good
// decides, and where none is, the fault of the first one is named.  A certificate
// that does not verify itself is none.
func (x *exchange) verifyByMaker(u *credential.UnverifiedLockCertificate) (*credential.LockCertificate, error) {
	v := credential.Verifier{Roots: x.phone.Roots}
	var first error
	for _, maker := range x.phone.Makers {
		m, err := credential.ParseAuthority(maker)
		if err != nil || credential.KeyIDOf(m.Claims.Key) != u.Signer() {
			continue
		}
		a, err := v.Authority(m)
		if err != nil {
			continue // one that does not verify is none
		}
		c, err := v.LockCertificate(u, a)
		if err == nil {
			x.maker = a
			return c, nil
		}
		if first == nil {
			first = err
		}
	}
	if first != nil {
		return nil, first
	}
	return v.LockCertificate(u, nil)
}
