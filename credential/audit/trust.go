package audit

import (
	"crypto/sha256"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/postern-lock/postern/credential"
)

// trust knows makers and lists, and remembers what it found about lock
// certificates.
type trust struct {
	verifier   credential.Verifier
	makers     map[credential.KeyID][]*credential.Authority
	lists      []*credential.RevocationList
	remembered memory
	verified   atomic.Uint64 // signatures
}

// open verifies the makers' certificates and the lists.
func (t *trust) open(c *Config) error {
	t.verifier = credential.Verifier{Roots: c.Roots}
	t.makers = map[credential.KeyID][]*credential.Authority{}
	t.remembered.most = c.Remember
	for i, object := range c.Lists {
		u, err := credential.ParseRevocationList(object)
		var list *credential.RevocationList
		if err == nil {
			list, err = t.verifier.SchemeList(u)
		}
		if err != nil {
			return fmt.Errorf("%w: list %d: %w", ErrConfig, i+1, err)
		}
		t.lists = append(t.lists, list)
	}
	for i, object := range c.Makers {
		u, err := credential.ParseAuthority(object)
		var maker *credential.Authority
		if err == nil {
			maker, err = t.verifier.Authority(u)
		}
		if err != nil {
			return fmt.Errorf("%w: maker %d: %w", ErrConfig, i+1, err)
		}
		id := credential.KeyIDOf(maker.Key())
		t.makers[id] = append(t.makers[id], maker)
	}
	return nil
}

// finding is what is known of a lock certificate.
type finding struct {
	once        sync.Once
	certificate *credential.LockCertificate // nil where it is not good
	fault       fault
}

// fault is why something is refused; a nil err is none.
type fault struct {
	where Where
	err   error
}

// lockCertificate verifies a lock certificate, or remembers what it found before.
func (t *trust) lockCertificate(object []byte) *finding {
	f := t.remembered.at(sha256.Sum256(object))
	f.once.Do(func() {
		u, err := credential.ParseLockCertificate(object)
		if err != nil {
			f.fault = fault{WhereCertificate, err}
			return
		}
		f.certificate, f.fault = t.byMaker(u)
	})
	return f
}

// byMaker tries the makers that have the key id, of which a maker whose
// certificate was renewed has several: the first that is good decides, and where
// none is, the fault of the first one is named.
func (t *trust) byMaker(u *credential.UnverifiedLockCertificate) (*credential.LockCertificate, fault) {
	var first fault
	for _, maker := range t.makers[u.Signer()] {
		t.verified.Add(1)
		c, err := t.verifier.LockCertificate(u, maker)
		found := fault{WhereCertificate, err}
		if err == nil && t.denies(maker) {
			found = fault{WhereMaker, &credential.Error{
				Reason: credential.ReasonDenied,
				Detail: "authority certificate: a scheme's list withdraws " + maker.Tag().String(),
			}}
		}
		if found.err == nil {
			return c, fault{}
		}
		if first.err == nil {
			first = found
		}
	}
	if first.err == nil {
		_, err := t.verifier.LockCertificate(u, nil)
		first = fault{WhereMaker, err}
	}
	return nil, first
}

// denies reports whether a list of the scheme that certified the maker is against
// its certificate.  Of what another scheme certified a list says nothing.
func (t *trust) denies(maker *credential.Authority) bool {
	for _, list := range t.lists {
		if list.Signer() == maker.Signer() && list.Denies(maker.Tag(), maker.IssuedAt()) {
			return true
		}
	}
	return false
}

// receipt verifies a receipt with the first of the certificates that is good for
// its key.  With none of them the fault of the first that is for the key is named.
func (t *trust) receipt(u *credential.UnverifiedReceipt, certificates [][]byte) fault {
	if len(certificates) > MaxCertificates {
		return fault{WhereCertificate, &credential.Error{
			Reason: credential.ReasonLimit,
			Detail: fmt.Sprintf("receipt: %d certificates, at most %d are allowed", len(certificates), MaxCertificates),
		}}
	}
	var first fault
	for _, object := range certificates {
		f := t.lockCertificate(object)
		found := f.fault
		if found.err == nil {
			if credential.KeyIDOf(f.certificate.Key()) != u.Signer() {
				continue // the one of the other cipher suite
			}
			t.verified.Add(1)
			_, err := t.verifier.Receipt(u, f.certificate)
			found = fault{WhereItem, err}
		}
		if found.err == nil {
			return fault{}
		}
		if first.err == nil {
			first = found
		}
	}
	if first.err == nil {
		_, err := t.verifier.Receipt(u, nil)
		first = fault{WhereCertificate, err}
	}
	return first
}

// Verifications returns how many signatures of receipts and of lock certificates
// were verified since New.  A receipt costs one, and its certificate one more the
// first time; whoever brings certificates that are not good costs at most one for
// each of them and each maker's certificate with the key id that it names.
func (a *Auditor) Verifications() uint64 { return a.trust.verified.Load() }
