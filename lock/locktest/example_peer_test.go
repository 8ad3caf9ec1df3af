package locktest_test

import (
	"context"
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/lock/locktest"
)

// A lock that lies, and what an app makes of it.
func ExamplePeer() {
	w := issuertest.New("example")
	key, certificate := w.Identity(0)
	l := &locktest.Peer{
		ID: w.LockID, Identities: map[int]locktest.Identity{0: {Key: key, Certificate: certificate}}, Rand: w.Rand("lock"),
		State: locktest.State{PolicyVersion: 1, Floor: w.Now},
	}
	guest, err := holder.NewKey(w.Key("guest"))
	if err != nil {
		fmt.Println(err)
		return
	}
	app := &holder.Phone{Key: guest, Grant: w.Guest(w.Key("guest")), Roots: w.Roots(), Makers: w.Makers(), Rand: w.Rand("phone")}
	for _, alter := range []locktest.Alter{
		nil,
		{locktest.Signature2: credentialtest.Flip(0)},
		{locktest.Plaintext: credentialtest.OfMap(func(m *credentialtest.Map) { m.Delete(3) })}, // no state
	} {
		l.Alter = alter
		r, err := app.Open(context.Background(), l.Link(), credential.OperationOpen)
		fmt.Println(r.Outcome, r.Reason, err != nil)
	}
	fmt.Println(len(l.Requests()), l.Faults())
	// Output:
	// opened none false
	// refused possession true
	// unconfirmed malformed true
	// 2 []
}
