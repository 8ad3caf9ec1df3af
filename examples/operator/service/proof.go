package service

import (
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/examples/operator/book"
)

// What proves an owner (spec/18-owner.md, 19-log.md, 20-commissioning.md).
//
// A lock puts the number of its newest log entry into a receipt to an owner key
// alone, so a receipt with a number was given to the owner or a co-owner, and no
// guest or postman has one.  It does not say to which of them.  Two things in it
// say whose the lock is:
//
//   - The entry itself, where it is the commissioning, the transfer or the reset:
//     who is then the key id of the new owner's key.  In an entry of an opening it
//     can be a co-owner's.
//   - The tag of the policy in force, together with that policy: its cnf is the
//     owner's key.  The policy has to have the version that the lock keeps, since a
//     lock that lost its newest policy can name an older one, of another owner.
//
// Each change of hands writes an entry, and numbers never fall, so of two receipts
// the one with the greater number is right, and of one number there is one owner.
// A key id and a tag have 64 bits: that is how hard it is to make a second key or
// policy that fits what others made, on top of having a receipt of the lock.  Two
// policies of one tag are 2^32 tries for whoever makes both; the next owner's receipt,
// with a greater number, ends what that gives.

// prove returns the owner that a registration proves for the lock, and what the
// receipt says.
func (s *Service) prove(lock credential.LockID, g api.Registration) (book.Owner, credential.ReceiptClaims, error) {
	receipt, _, err := s.verified(g.Receipt, g.Certificates)
	if err != nil {
		return book.Owner{}, credential.ReceiptClaims{}, err
	}
	c := receipt.Claims()
	switch {
	case c.Lock != lock:
		return book.Owner{}, c, problemNotProved.because("the receipt is of lock %s", c.Lock)
	case c.Entry == nil || c.Entry.Sequence == 0:
		return book.Owner{}, c, problemNotProved.because("its entry has no number, so it was not given to an owner's bare key")
	}
	if !handedOver(c.Entry, g.Key) {
		if err := namedBy(c, g); err != nil {
			return book.Owner{}, c, err
		}
	}
	return book.Owner{Key: g.Key, Sequence: c.Entry.Sequence, Reached: c.PolicyVersion}, c, nil
}

// handedOver reports whether the entry gave the lock to the key.
func handedOver(e *credential.LogEntry, key credential.PublicKey) bool {
	switch e.Outcome {
	case credential.LogCommissioned, credential.LogTransferred, credential.LogReset:
		return e.Role == credential.RoleOwner && e.Who == credential.Tag(credential.KeyIDOf(key))
	}
	return false
}

// namedBy checks that the policy in force says that the lock is the key's.
func namedBy(c credential.ReceiptClaims, g api.Registration) error {
	if len(g.Policy) == 0 {
		return problemNotProved.because("its entry does not give the lock to the key; send the policy in force along, or a receipt of the commissioning")
	}
	u, err := credential.ParsePolicy(g.Policy)
	switch {
	case err != nil:
		return err
	case u.Tag() != c.Policy || c.Policy == credential.Tag{}:
		return problemNotProved.because("the policy is not the one that the receipt names")
	case u.Claims.Lock != c.Lock || u.Claims.Version != c.PolicyVersion:
		return problemNotProved.because("the policy is not the newest that the lock took")
	case u.Claims.Owner != g.Key:
		return problemNotProved.because("the policy in force names another owner")
	}
	return nil
}

// verified verifies a receipt, by the certificates that came with it and those of
// the makers that the operator has.
func (s *Service) verified(receipt api.Bytes, certificates []api.Bytes) (*credential.Receipt, *credential.LockCertificate, error) {
	u, err := credential.ParseReceipt(receipt)
	if err != nil {
		return nil, nil, err
	}
	lock, err := s.lockCertificate(u.Signer(), certificates)
	if err != nil {
		return nil, nil, err
	}
	r, err := s.verifier.Receipt(u, lock)
	return r, lock, err
}

// maxCertificates is how many certificates go along with a receipt.
const maxCertificates = 4

// lockCertificate finds the certificate of the lock's key among those that came,
// and verifies it under the manufacturer's.
func (s *Service) lockCertificate(key credential.KeyID, certificates []api.Bytes) (*credential.LockCertificate, error) {
	if err := within("certificates", len(certificates), maxCertificates); err != nil {
		return nil, err
	}
	makers := s.makers
	var found *credential.UnverifiedLockCertificate
	for _, b := range certificates {
		if _, err := credential.ParseAuthority(b); err == nil {
			maker, err := s.authority(b)
			if err != nil {
				return nil, err
			}
			makers = append(slices.Clip(makers), maker)
			continue
		}
		u, err := credential.ParseLockCertificate(b)
		if err != nil {
			return nil, err
		}
		if credential.KeyIDOf(u.Claims.Key) == key {
			found = u
		}
	}
	if found == nil {
		return nil, problemNotProved.because("the certificate of the key that signed the receipt is missing")
	}
	var last error = problemNotProved.because("no manufacturer's certificate under a scheme of the operator's goes with the lock's")
	for _, maker := range makers {
		if credential.KeyIDOf(maker.Key()) != found.Signer() {
			continue
		}
		lock, err := s.verifier.LockCertificate(found, maker)
		if err == nil {
			return lock, nil
		}
		last = err
	}
	return nil, last
}

// authority verifies the certificate of a manufacturer, which its scheme has not
// withdrawn.
func (s *Service) authority(certificate []byte) (*credential.Authority, error) {
	u, err := credential.ParseAuthority(certificate)
	if err != nil {
		return nil, err
	}
	a, err := s.verifier.Authority(u)
	if err != nil {
		return nil, err
	}
	for _, list := range s.lists {
		if list.Signer() == a.Signer() && list.Denies(a.Tag(), a.IssuedAt()) {
			return nil, &credential.Error{Reason: credential.ReasonDenied, Detail: "authority: its scheme has withdrawn the certificate"}
		}
	}
	return a, nil
}
