package holdertest

import (
	"fmt"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// judge names what does not go with the request.
func (p *Phone) judge(a *Answer, r Request) {
	if len(a.Missing) > 0 {
		p.judgeMissing(a, r)
		return
	}
	if !p.owner() && a.State.Sequence != 0 {
		a.fault("PST-REQ-009", "the state tells a guest the sequence number %d", a.State.Sequence)
	}
	if n, commissions := len(a.Documents), len(r.Proof) > 0; n != len(r.Documents) && !(n == 0 && commissions) {
		a.fault("PST-DOC-006", "it tells of %d documents, the request has %d", n, len(r.Documents))
	}
	_, opens := r.Operation.Action()
	switch {
	case opens && a.Outcome == credential.OutcomeDone:
		a.fault("PST-DEC-007", "%s is answered %s", r.Operation, a.Outcome)
	case !opens && (a.Outcome == credential.OutcomeOpened || a.Outcome == credential.OutcomePending || a.Outcome == credential.OutcomeUnconfirmed):
		a.fault("PST-DEC-007", "%s is answered %s, and opens nothing", r.Operation, a.Outcome)
	}
	p.judgeSlot(a, r)
	p.judgeLog(a, r)
	p.judgeReceipt(a, r)
}

// judgeMissing holds the form missing to the links that the lock can know.
func (p *Phone) judgeMissing(a *Answer, r Request) {
	switch {
	case len(a.Missing) > 1:
		a.fault("PST-REQ-004", "it names %d missing keys, one in this version", len(a.Missing))
	case p.owner():
		a.fault("PST-DEC-007", "it misses a key above a bare key, which has none")
	case !slices.ContainsFunc(append([][]byte{p.Grant}, r.Chain...), func(link []byte) bool {
		u, err := credential.ParseGrant(link)
		return err == nil && u.Signer() == a.Missing[0]
	}):
		a.fault("PST-REQ-004", "it misses the key %s, which is in no kid of the chain", a.Missing[0])
	}
}

// drove reports whether the bolt was driven, by what the answer says.
func drove(a *Answer) bool {
	return a.Outcome == credential.OutcomeOpened || a.Outcome == credential.OutcomeUnconfirmed ||
		a.Outcome == credential.OutcomeFailed && a.Reason == credential.ReasonDrive
}

// judgeSlot misses a slot that is due, and finds one that was not asked for.  Of
// a delegated grant, whose chain may be too long, it misses none.
func (p *Phone) judgeSlot(a *Answer, r Request) {
	asked := r.Resumable && !p.resumed && p.has(wire.CapabilityResumption)
	u, err := credential.ParseGrant(p.Grant)
	fits := p.owner() || err == nil && u.Claims.Parent == [32]byte{}
	switch {
	case a.Slot > 0 && !asked:
		a.fault("PST-RES-023", "it keeps a slot that was not asked for")
	case a.Slot == 0 && asked && fits && drove(a):
		a.fault("PST-RES-023", "it keeps no slot, which was asked for")
	}
}

// judgeLog holds a page of the log to the request and to its form.
func (p *Phone) judgeLog(a *Answer, r Request) {
	inClear := r.Operation == credential.OperationReadLog
	switch n := len(a.Log); {
	case n == 0 && inClear && a.Outcome == credential.OutcomeDone:
		a.fault("PST-LOG-010", "it holds no page of the log")
	case n == 0:
	case !inClear && !r.Log:
		a.fault("PST-LOG-022", "it holds a page of the log that was not asked for")
	case inClear != (n == wire.LimitLogPageBytes):
		a.fault("PST-LOG-022", "a page of %d bytes answers %s: in clear it has %d, sealed 24 more", n, r.Operation, wire.LimitLogPageBytes)
	case inClear:
		if page, err := credential.ParseLogPage(a.Log); err != nil {
			a.fault("PST-LOG-010", "%v", err)
		} else if page.Lock != p.Selected.Lock {
			a.fault("PST-LOG-010", "the page is of lock %s", page.Lock)
		}
	}
}

// judgeReceipt verifies a receipt, and misses one that is due.
func (p *Phone) judgeReceipt(a *Answer, r Request) {
	due := r.Receipt && (a.Outcome == credential.OutcomeDone || drove(a))
	if there := len(a.Receipt) > 0; there != due {
		a.fault("PST-LOG-015", "a receipt is there: %t; due by request and outcome: %t", there, due)
		return
	}
	if len(a.Receipt) == 0 {
		return
	}
	if err := p.verifyReceipt(a); err != nil {
		a.fault("PST-LOG-015", "the receipt: %v", err)
	}
}

// verifyReceipt reads the receipt and compares it with the state.
func (p *Phone) verifyReceipt(a *Answer) error {
	u, err := credential.ParseReceipt(a.Receipt)
	if err != nil {
		return err
	}
	if p.Proof != nil && p.Proof.Lock != nil { // else a resumed tap of a phone that never saw the certificate
		key := p.Proof.Lock.Claims.Key
		if own := credential.KeyIDOf(key); u.Signer() != own {
			return fmt.Errorf("kid is %s, that of the lock's key is %s", u.Signer(), own)
		}
		o, err := credentialtest.ParseObject(a.Receipt)
		if err != nil {
			return err
		}
		if err := suite.Verify(key, o.ToBeSigned(), o.Signature, nil); err != nil {
			return err
		}
	}
	c := u.Claims
	switch {
	case c.Lock != p.Selected.Lock:
		return fmt.Errorf("it is of lock %s", c.Lock)
	case c.PolicyVersion != a.State.PolicyVersion || c.Floor != a.State.Floor:
		return fmt.Errorf("policy version %d and floor %d are not those of the state, %d and %d", c.PolicyVersion, c.Floor, a.State.PolicyVersion, a.State.Floor)
	case !p.owner() && c.Entry != nil && c.Entry.Sequence != 0:
		return fmt.Errorf("it tells a guest the sequence number %d", c.Entry.Sequence)
	case p.owner() && c.Entry != nil && c.Entry.Sequence != a.State.Sequence:
		return fmt.Errorf("its entry is number %d, the state says %d", c.Entry.Sequence, a.State.Sequence)
	}
	return nil
}
