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
// message_2, whichever was asked for, and checks it by section 8.4.
func (x *exchange) resolveLock(idCred []byte) (edhoc.Peer, error) {
	const step = "HANDSHAKE-1: ID_CRED_R"
	id, cause := message.ParseIDCred(idCred)
	if cause != nil {
		return edhoc.Peer{}, lockFault(credential.ReasonMalformed, step, cause)
	}
	switch {
	case x.recalled != nil && id.Header == wire.HeaderKid:
		if credential.KeyIDOf(x.recalled.Key()) != credential.KeyID(id.Value) {
			return edhoc.Peer{}, lockFault(credential.ReasonIssuerUnknown, step, errOtherCertificate)
		}
		x.resolved = x.recalled
	case x.recalled == nil && id.Header == wire.HeaderKcwt:
		if x.resolved, cause = x.verifyLock(id.Value); cause != nil {
			return edhoc.Peer{}, lockFault(reasonOf(cause, credential.ReasonSignature), step, cause)
		}
	default:
		return edhoc.Peer{}, lockFault(credential.ReasonMalformed, step+": not in the form asked for", nil)
	}
	return edhoc.Peer{Cred: x.resolved.Bytes(), Key: x.resolved.Key()}, nil
}

// verifyLock verifies that a certificate is for the lock that was selected and
// for the suite in use, and that a manufacturer whom the phone trusts signed it.
func (x *exchange) verifyLock(certificate []byte) (*credential.LockCertificate, error) {
	u, err := credential.ParseLockCertificate(certificate)
	if err != nil {
		return nil, err
	}
	if u.Claims.ID != x.selection.Lock {
		return nil, &credential.Error{Reason: credential.ReasonLockIdentity, Detail: "the certificate is for lock " + u.Claims.ID.String() + ", the lock selected is " + x.selection.Lock.String()}
	}
	if u.Claims.Key.Algorithm() != x.key.Algorithm() {
		return nil, &credential.Error{Reason: credential.ReasonAlgorithm, Detail: "the lock's key is not one of the cipher suite"}
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

// chain returns a certificate for each of the key ids.
func (x *exchange) chain(step string, missing []credential.KeyID) ([][]byte, *Error) {
	var chain [][]byte
	for _, kid := range missing {
		certificate := x.authority(kid)
		if certificate == nil {
			return nil, fault(credential.ReasonIssuerUnknown, step+": the lock lacks the certificate of key "+kid.String()+", and so does Phone.Authorities", nil)
		}
		chain = append(chain, certificate)
	}
	return chain, nil
}

// authority returns the phone's certificate for the key id, nil where it has
// none.  An operator that had its certificate renewed for the same key has
// several: of those under which the grant was issued, the one that ends last.
func (x *exchange) authority(kid credential.KeyID) []byte {
	var best *credential.UnverifiedAuthority
	bestCovers := false
	for _, certificate := range x.phone.Authorities {
		u, err := credential.ParseAuthority(certificate)
		if err != nil || credential.KeyIDOf(u.Claims.Key) != kid {
			continue
		}
		covers := x.grant != nil && u.Claims.IssuedAt <= x.grant.Claims.IssuedAt && x.grant.Claims.IssuedAt <= u.Claims.Expires
		if best == nil || covers && !bestCovers || covers == bestCovers && u.Claims.Expires > best.Claims.Expires {
			best, bestCovers = u, covers
		}
	}
	if best == nil {
		return nil
	}
	return best.Bytes()
}
