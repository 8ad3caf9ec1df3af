package holder

import (
	"context"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/wire"
)

// configuration is what becoming an owner needs besides.
type configuration struct {
	secret []byte // the setup secret; nil for who is the owner already
	proof  []byte
	key    LogKey // zero until lock and phone have one in common
}

// prove computes the proof of the setup secret and the log key that the two
// sides have from now on, if the lock takes the request.
func (c *configuration) prove(exporter *edhoc.Exporter, selectHash []byte) error {
	if c == nil {
		return nil
	}
	key, err := exporter.LogKey(selectHash)
	if err != nil {
		return err
	}
	c.key = LogKey{*key}
	if c.secret == nil {
		return nil
	}
	c.proof, err = exporter.SetupProof(selectHash, c.secret)
	return err
}

// Commission makes the holder of the Phone's bare key the owner of the lock in
// the field: of a vacant one; of one that has an owner, where the button inside is
// pressed, and then all that was the former owner's is wiped.  Secret is the
// setup secret, 16 bytes, printed inside the box.  The Phone has no Grant.
//
// It returns the log key that lock and owner agreed.  An answer can be lost, and
// then nobody can know which key the lock has.  So the key that is returned does
// not replace those that the app keeps: [LogKeys.After] says what to keep.  After
// unconfirmed, which comes with an *Error and [AdviceFindOut], [Phone.Rekey] tells:
// it is done where the lock has become the Phone's, and refused where not.
//
// Result.State tells the version of the last policy that the lock held, also of
// former owners: the owner's first policy needs a greater one.  Documents are not
// handed over.
func (p *Phone) Commission(ctx context.Context, t apdu.Transceiver, secret [wire.LimitSetupBytes]byte) (LogKey, Result, error) {
	return p.configure(ctx, t, secret[:])
}

// adviseNewOwner returns the advice for somebody whom the lock did not take for
// its owner: a status word is all that a wrong proof is answered, and who is the
// owner already is told that the proof is none of an owner's.
func adviseNewOwner(r Result) Advice {
	switch r.Reason {
	case credential.ReasonStatusWord:
		return AdviceSecret
	case credential.ReasonOperationUnknown:
		return AdviceYours
	}
	return r.Advice
}

// Rekey agrees the log key anew with a lock that is the Phone's already, which a
// new phone with the owner's key needs.  It returns what Commission does.
func (p *Phone) Rekey(ctx context.Context, t apdu.Transceiver) (LogKey, Result, error) {
	return p.configure(ctx, t, nil)
}

// configure asks for the operation configure after a full exchange by the bare
// key.
func (p *Phone) configure(ctx context.Context, t apdu.Transceiver, secret []byte) (LogKey, Result, error) {
	if p.Grant != nil {
		result, err := refused(ownFault("Phone.Grant: an owner comes by the bare key", AdviceUpdate, nil))
		return LogKey{}, result, err
	}
	c := &configuration{secret: secret}
	result, err := p.tap(ctx, t, Ask{Operation: credential.OperationConfigure}, c)
	if secret != nil && result.Outcome == credential.OutcomeRefused {
		result.Advice = adviseNewOwner(result)
		if fault, ok := err.(*Error); ok {
			fault.Advice = result.Advice
		}
	}
	if result.Outcome != credential.OutcomeDone && result.Outcome != credential.OutcomeUnconfirmed {
		return LogKey{}, result, err
	}
	return c.key, result, err
}
