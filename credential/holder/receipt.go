package holder

import (
	"github.com/postern-lock/postern/credential"
)

// Receipt is a lock's signed statement of what it did, which can be shown to
// others.
type Receipt struct {
	Bytes  []byte // the object, as the lock gave it
	Claims credential.ReceiptClaims
	// Verified says that the lock that was tapped has signed it.  Where it is
	// false and Err is nil, the phone does not remember the lock's certificate,
	// which a resumed tap does not bring, and nobody vouches for the Claims yet.
	Verified bool
	Err      error // why the receipt is not good; a lock that gives such a one should be reported
}

// receipt reads and verifies the receipt that came with the answer, nil where
// none did: under the certificate of a lock that has proved itself, or under the
// one that is remembered of it.
func (x *exchange) receipt(object []byte) *Receipt {
	if object == nil {
		return nil
	}
	receipt := &Receipt{Bytes: object}
	u, err := credential.ParseReceipt(object)
	if err != nil {
		receipt.Err = err
		return receipt
	}
	receipt.Claims = u.Claims
	lock := x.proved
	if lock == nil {
		x.recall()
		lock = x.recalled
	}
	switch {
	case u.Claims.Lock != x.selection.Lock:
		receipt.Err = &credential.Error{Reason: credential.ReasonLockIdentity, Detail: "receipt: it is of lock " + u.Claims.Lock.String() + ", the lock selected is " + x.selection.Lock.String()}
	case lock != nil:
		var v credential.Verifier
		_, receipt.Err = v.Receipt(u, lock)
		receipt.Verified = receipt.Err == nil
	}
	return receipt
}
