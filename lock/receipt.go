package lock

import (
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// attach adds to an answer what the phone asked for besides: a receipt, or a
// page of the log.
func (l *Lock) attach(r *message.Response, d *decision) {
	r.Receipt = l.receipt(d.request, *d)
	switch page := d.request.Page; {
	case d.request.Operation == credential.OperationReadLog:
		r.Log = l.state.page(page, l.config.ID).Encode()
	case d.request.Log && !noKey(l.state.owner.logKey):
		if sealed, err := l.state.owner.logKey.Seal(l.state.page(page, l.config.ID).Encode(), l.tx.nonce); err == nil {
			r.Log = sealed
		}
	}
}

// receipt returns the lock's signed statement of what it did (section 19.5), nil
// where none was asked for.  Only the owner sees numbers of the log in it, and
// only in the owner's is an entry that somebody else caused.
func (l *Lock) receipt(r message.Request, d decision) []byte {
	if !r.Receipt {
		return nil
	}
	i, ok := l.identities[l.suite()]
	if !ok {
		return nil
	}
	c := credential.ReceiptClaims{Lock: l.config.ID, Floor: l.state.floor, PolicyVersion: l.state.version, Head: l.head(d.role)}
	if p := l.state.policy; p != nil {
		c.Policy = p.Tag()
	}
	if newest := l.state.newest(); newest != nil && (d.role == credential.RoleOwner || l.tx.driven && opening(newest.entry)) {
		entry := newest.entry
		if d.role != credential.RoleOwner {
			entry.Sequence = 0
		}
		c.Entry = &entry
	}
	u, err := credential.NewReceipt(c, i.signer.PublicKey())
	if err != nil {
		return nil
	}
	signature, err := suite.Sign(i.signer, u.ToBeSigned(), &l.meter)
	if err != nil {
		return nil
	}
	receipt, err := u.WithSignature(signature)
	if err != nil {
		return nil
	}
	return receipt
}

// opening reports whether the entry is of an opening: another event of the same
// transaction, a transfer for one, is not the visitor's to know.
func opening(e credential.LogEntry) bool {
	return e.Outcome == credential.LogStarted || e.Outcome == credential.LogFailed
}

// head returns the head of the log as somebody of the role is told it.  From two
// heads and an entry between them its number could be found by trying, so only an
// owner is told the head, and others what stands for it under the log key; that is
// zeros where there is none.
func (l *Lock) head(role credential.Role) credential.LogHead {
	switch {
	case role == credential.RoleOwner:
		return l.state.head()
	case noKey(l.state.owner.logKey):
		return credential.LogHead{}
	}
	blind, err := l.state.owner.logKey.Blind(l.state.head())
	if err != nil {
		return credential.LogHead{}
	}
	return blind
}

// suite returns the cipher suite of the holder's key, in which the phone knows
// the lock's.
func (l *Lock) suite() int {
	h := &l.tx.holder
	key := h.bare
	if len(h.links) > 0 {
		key = h.links[0].Claims.Holder
	}
	return suiteOf(key)
}

// suiteOf returns the cipher suite that a key belongs to.
func suiteOf(key credential.PublicKey) int {
	if key.Algorithm() == wire.AlgEsp256 {
		return wire.SuiteP256Es256
	}
	return wire.SuiteX25519Ed25519
}
