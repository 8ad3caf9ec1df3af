package holdertest_test

import (
	"context"
	"fmt"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/credential/holder/holdertest"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/lock/locktest"
)

// newLock returns the reference lock of the world, commissioned, from public
// packages alone.
func newLock(w *issuertest.World) (*lock.Lock, error) {
	flash := locktest.NewFlash()
	if err := lock.Format(flash); err != nil {
		return nil, err
	}
	key, certificate := w.Identity(0)
	l, err := lock.New(lock.Config{
		ID: w.LockID, Area: w.Area, Identities: []lock.Identity{{Key: key, Certificate: certificate}}, Roots: w.Roots(), Setup: w.Setup,
		Flash: flash, Actuator: &locktest.Bolt{Motion: lock.Moved}, Rand: w.Rand("lock"),
	})
	if err != nil {
		return nil, err
	}
	ownerKey, err := holder.NewKey(w.Key("owner"))
	if err != nil {
		return nil, err
	}
	owner := &holder.Phone{Key: ownerKey, Roots: w.Roots(), Makers: w.Makers(), Rand: w.Rand("owner")}
	_, _, err = owner.Commission(context.Background(), apdu.Direct(l), w.Setup)
	return l, err
}

// A case under the twin rule: the good bytes open, the same with one fault are
// refused.
func Example() {
	w := issuertest.New("example")
	l, err := newLock(w)
	if err != nil {
		fmt.Println(err)
		return
	}
	guest := w.Key("guest")
	p := &holdertest.Phone{
		Link: apdu.Direct(l), Rand: w.Rand("phone"), Key: guest, Grant: w.Guest(guest), Roots: w.Roots(), Makers: w.Makers(),
	}
	ctx := context.Background()
	for _, alter := range []holdertest.Alter{
		nil,
		{holdertest.Plaintext3: credentialtest.Extend(credentialtest.Int(0)...)}, // EAD_3
		{holdertest.Plaintext: credentialtest.OfMap(func(m *credentialtest.Map) {
			m.Set(9, credentialtest.Int(1)) // a field that the registry has not
		})},
	} {
		p.Alter = alter
		_, _ = p.Select(ctx)
		_, _ = p.Handshake1(ctx)
		a, err := p.Handshake2(ctx, holdertest.Request{Operation: credential.OperationOpen})
		if err != nil {
			fmt.Println(err)
			return
		}
		if a.Refused() {
			fmt.Println(a.SW)
			continue
		}
		fmt.Println(a.Outcome, a.Reason, a.Faults)
	}
	// Output:
	// opened none []
	// 6982 refused
	// refused operation-unknown []
}
