package holdertest

import (
	"context"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// Answer is the answer to a request.
type Answer struct {
	Reply
	Plain    []byte // what was sealed; nil where a status word came, or it did not open
	Response        // decoded; zero where it does not decode
}

// Request sends a further request in the channel.
func (p *Phone) Request(ctx context.Context, r Request) (*Answer, error) {
	return p.request(ctx, wire.InsRequest, r)
}

// request seals a request, sends it, and opens the answer.
func (p *Phone) request(ctx context.Context, ins byte, r Request) (*Answer, error) {
	if p.Channel == nil {
		return nil, errStep
	}
	sealed, err := p.Channel.Out.Seal(p.pass(Plaintext, r.Encode()))
	if err != nil {
		return nil, err
	}
	return p.SendSealed(ctx, ins, p.pass(Sealed, sealed), r)
}

// SendSealed sends a sealed request as it is, again for example, in the command
// with the instruction; HANDSHAKE-2 (12) and RESUME (16) take along what stands
// before the request.  The answer is held to what the request asks for.
func (p *Phone) SendSealed(ctx context.Context, ins byte, sealed []byte, r Request) (*Answer, error) {
	if p.Channel == nil {
		return nil, errStep
	}
	data := sealed
	if ins == p.carrier {
		data = slices.Concat(p.prefix, sealed)
		p.carrier = 0
	}
	ne := maxShortNe
	if p.Extended && p.has(wire.CapabilityExtendedLength) && (r.Log || r.Receipt || r.Operation == credential.OperationReadLog) {
		ne = wire.LimitResponseBytes
	}
	reply, err := p.Send(ctx, command(ins, 0, data, ne))
	if err != nil {
		return nil, err
	}
	a := &Answer{Reply: *reply}
	if a.Lost == nil && a.SW == apdu.StatusOK {
		p.open(a, r)
	}
	return a, nil
}

// open opens and judges an answer.
func (p *Phone) open(a *Answer, r Request) {
	var err error
	if a.Plain, err = p.Channel.In.Open(a.Data); err != nil {
		a.fault("PST-CHAN-001", "the answer does not open: %v", err)
		return
	}
	if a.Response, err = message.ParseResponse(a.Plain); err != nil {
		a.fault("PST-REQ-004", "%v", err)
		return
	}
	if a.Unknown {
		a.fault("PST-REQ-004", "it holds a field, an outcome or a number that the registries have not: %X", a.Plain)
	}
	p.judge(a, r)
}

// judge names what does not go with the request.
func (p *Phone) judge(a *Answer, r Request) {
	if len(a.Missing) > 0 {
		if len(a.Missing) > 1 {
			a.fault("PST-REQ-004", "it names %d missing keys, one in this version", len(a.Missing))
		}
		if p.owner() {
			a.fault("PST-DEC-007", "it misses a key above a bare key, which has none")
		}
		return
	}
	if !p.owner() && a.State.Sequence != 0 {
		a.fault("PST-REQ-009", "the state tells a guest the sequence number %d", a.State.Sequence)
	}
	if n := len(a.Documents); n > 0 && n != len(r.Documents) {
		a.fault("PST-REQ-004", "it tells of %d documents, the request has %d", n, len(r.Documents))
	}
	if _, opens := r.Operation.Action(); !opens && r.Operation <= credential.OperationConfigure {
		switch a.Outcome {
		case credential.OutcomeOpened, credential.OutcomePending, credential.OutcomeUnconfirmed:
			a.fault("PST-DEC-007", "%s is answered %s, and opens nothing", r.Operation, a.Outcome)
		}
	} else if a.Outcome == credential.OutcomeDone {
		a.fault("PST-DEC-007", "%s is answered %s", r.Operation, a.Outcome)
	}
	if a.Slot > 0 && (!r.Resumable || p.resumed || !p.has(wire.CapabilityResumption)) {
		a.fault("PST-RES-023", "it keeps a slot that was not asked for")
	}
	if len(a.Log) > 0 && !r.Log && r.Operation != credential.OperationReadLog {
		a.fault("PST-LOG-022", "it holds a page of the log that was not asked for")
	}
	p.judgeReceipt(a, r)
}

// judgeReceipt verifies a receipt, and misses one that is due.
func (p *Phone) judgeReceipt(a *Answer, r Request) {
	due := a.Outcome == credential.OutcomeDone || a.Outcome == credential.OutcomeOpened || a.Outcome == credential.OutcomeUnconfirmed ||
		a.Outcome == credential.OutcomeFailed && a.Reason == credential.ReasonDrive
	switch {
	case (len(a.Response.Receipt) > 0) != (r.Receipt && due):
		a.fault("PST-LOG-015", "a receipt is there: %t; asked for: %t; outcome %s", len(a.Response.Receipt) > 0, r.Receipt, a.Outcome)
		return
	case len(a.Response.Receipt) == 0:
		return
	}
	if err := p.verifyReceipt(a); err != nil {
		a.fault("PST-LOG-015", "the receipt: %v", err)
	}
}

// verifyReceipt reads the receipt and compares it with the state.
func (p *Phone) verifyReceipt(a *Answer) error {
	u, err := credential.ParseReceipt(a.Response.Receipt)
	if err != nil {
		return err
	}
	if p.Proof != nil && p.Proof.Lock != nil && u.Signer() != credential.KeyIDOf(p.Proof.Lock.Claims.Key) {
		return fmt.Errorf("kid is %s, that of the lock's key is %s", u.Signer(), credential.KeyIDOf(p.Proof.Lock.Claims.Key))
	}
	if p.Proof != nil && p.Proof.Lock != nil {
		o, err := credentialtest.ParseObject(a.Response.Receipt)
		if err != nil {
			return err
		}
		if err := suite.Verify(p.Proof.Lock.Claims.Key, o.ToBeSigned(), o.Signature, nil); err != nil {
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
