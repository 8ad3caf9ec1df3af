package holder

import (
	"context"
	"errors"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// selectLock sends SELECT, checks the answer by section 8.3 and looks the lock
// up.
func (x *exchange) selectLock(ctx context.Context) *Error {
	const step = "SELECT"
	data, err := x.send(ctx, step, message.SelectCommand())
	if err != nil {
		return err
	}
	s, cause := message.ParseSelection(data)
	switch {
	case errors.Is(cause, message.ErrVersion):
		return fault(credential.ReasonVersion, step, cause)
	case cause != nil:
		return fault(credential.ReasonMalformed, step, cause)
	}
	x.selection, x.context = s, message.SelectionHash(x.aid(), data)
	if x.phone.Locks != nil {
		x.known, _ = x.phone.Locks.Recall(s.Lock)
	}
	switch {
	case s.Version < x.known.Version:
		return fault(credential.ReasonDowngrade, step+": the lock proved a newer version before", nil)
	case x.phone.Expect != credential.LockID{} && x.phone.Expect != s.Lock:
		e := fault(credential.ReasonLockIdentity, step+": lock "+s.Lock.String()+" is not the one expected, "+x.phone.Expect.String(), nil)
		e.Advice = AdviceWrongBox
		return e
	case x.suite() == wire.SuiteP256Es256 && !x.has(wire.CapabilitySuite2):
		return fault(credential.ReasonSuite, step+": the lock does not speak suite 2, which the holder's P-256 key needs", nil)
	}
	return nil
}

// recall finds the certificate that is remembered for this lock and suite.
// Whatever else the memory gives is passed over, and the lock is asked as if it
// were new.
func (x *exchange) recall() {
	for _, certificate := range x.known.Certificates {
		u, err := credential.ParseLockCertificate(certificate)
		if err != nil || u.Claims.ID != x.selection.Lock || u.Claims.Key.Algorithm() != x.key.Algorithm() {
			continue
		}
		if c, err := x.verifyByMaker(u); err == nil {
			x.recalled = c
			return
		}
	}
}

// remember keeps the lock's certificate and version for the next tap, beside
// its certificate for another suite.  The lock's first protected answer has
// proved both.  A memory that fails costs the next tap some bytes and nothing
// else.
func (x *exchange) remember() {
	if x.phone.Locks == nil || x.proved == nil || x.proved == x.recalled && x.known.Version == x.selection.Version {
		return
	}
	k := KnownLock{Version: max(x.known.Version, x.selection.Version)}
	for _, certificate := range x.known.Certificates {
		u, err := credential.ParseLockCertificate(certificate)
		if err == nil && u.Claims.ID == x.proved.ID() && u.Claims.Key.Algorithm() != x.proved.Key().Algorithm() && len(k.Certificates) == 0 {
			k.Certificates = append(k.Certificates, certificate)
		}
	}
	k.Certificates = append(k.Certificates, x.proved.Bytes())
	_ = x.phone.Locks.Remember(x.selection.Lock, k)
}
