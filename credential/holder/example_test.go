package holder_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/lock/locktest"
)

// box is what stands before the phone in the examples: a simulated letter box, whose
// owner admits the post, and the parties around it.  In an app, tag is the NFC stack's
// link to the lock, keys are in the phone's keystore, roots and makers come with the app,
// and grants and operators' certificates from the app's server.
type box struct {
	*issuertest.World
	tag  apdu.Transceiver
	bolt *locktest.Bolt
}

func newBox() box {
	world, flash, bolt := issuertest.New(""), locktest.NewFlash(), &locktest.Bolt{Motion: lock.Moved}
	check(lock.Format(flash))
	key, certificate := world.Identity(0)
	l, err := lock.New(lock.Config{
		ID: world.LockID, Area: world.Area, Identities: []lock.Identity{{Key: key, Certificate: certificate}}, Roots: world.Roots(), Setup: world.Setup,
		Flash: flash, Actuator: bolt, Rand: rand.Reader, ExtendedLength: true,
	})
	check(err)
	b := box{world, apdu.Direct(l), bolt}
	owner := b.phone("owner", nil)
	_, _, err = owner.Commission(context.Background(), b.tag, world.Setup)
	check(err)
	owner.Documents = [][]byte{world.Policy(func(*credential.PolicyClaims) {})}
	_, err = owner.Status(context.Background(), b.tag)
	check(err)
	return b
}

// phone returns somebody's phone.
func (b box) phone(name string, grant []byte) *holder.Phone {
	key, err := holder.NewKey(b.Key(name))
	check(err)
	return &holder.Phone{Key: key, Grant: grant, Roots: b.Roots(), Makers: b.Makers(), Locks: holder.NewMemory(), Rand: rand.Reader}
}

// operators are the certificates of those who granted something.
func (b box) operators() [][]byte { return [][]byte{b.Post.Authority().Bytes()} }

// lost is the link to a tag that left the field.
type lost struct{ err error }

func (l lost) Transceive(context.Context, []byte) ([]byte, error) { return nil, l.err }

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// The owner opens with a bare key, which the lock knows.
func ExamplePhone_Open() {
	box := newBox()
	key, err := holder.NewKey(box.Key("owner"))
	if err != nil {
		fmt.Println(err)
		return
	}
	phone := &holder.Phone{
		Key:    key,
		Roots:  box.Roots(),
		Makers: box.Makers(),
		Locks:  holder.NewMemory(),
		Rand:   rand.Reader,
	}
	for range 2 {
		result, err := phone.Open(context.Background(), box.tag, credential.OperationOpen)
		if err != nil {
			fmt.Println(err, result.Advice)
			return
		}
		fmt.Println("lock", result.Lock, result.Outcome, "in", result.Cost.Pairs, "pairs")
	}
	// Output:
	// lock 1020304050607080 opened in 3 pairs
	// lock 1020304050607080 opened in 3 pairs
}

// The postman opens with the grant of the day.  The lock, which has not seen the
// operator before, is sent the operator's certificate, and while it gathers energy
// the postman is told to hold still.
func ExamplePhone_Open_postman() {
	box := newBox()
	box.bolt.Charges = []int{20, 70} // what the lock will have gathered
	key, err := holder.NewKey(box.Key("postman"))
	if err != nil {
		fmt.Println(err)
		return
	}
	phone := &holder.Phone{
		Key:         key,
		Grant:       box.Round(box.Key("postman")),
		Authorities: box.operators(),
		Roots:       box.Roots(),
		Makers:      box.Makers(),
		Locks:       holder.NewMemory(),
		Rand:        rand.Reader,
		Extended:    true,
		Progress:    func(p holder.Progress) { fmt.Printf("hold still: %d %%\n", p.Percent) },
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	result, err := phone.Open(ctx, box.tag, credential.OperationDeliver)
	if err != nil {
		fmt.Println(err, result.Advice)
		return
	}
	fmt.Println(result.Outcome, "and the lock knows that it is", result.State.Floor)
	// Output:
	// hold still: 20 %
	// hold still: 70 %
	// opened and the lock knows that it is 2027-03-01T08:00:00Z
}

// A result is shown by its advice.  An error says why there is no answer that
// can be believed; its advice is in the result as well.
func ExampleResult() {
	box := newBox()
	neighbour := box.phone("neighbour", box.Guest(box.Key("neighbour")))
	tell := func(operation credential.Operation, tag apdu.Transceiver) {
		result, err := neighbour.Open(context.Background(), tag, operation)
		fmt.Printf("%v, %v: %v\n", result.Outcome, result.Reason, result.Advice)
		var fault *holder.Error
		if errors.As(err, &fault) {
			fmt.Println("  for the developer:", fault)
		}
	}
	tell(credential.OperationOpen, box.tag)
	tell(credential.OperationDeliver, box.tag) // the owner allowed to open, no more

	box.bolt.Motion = lock.Unseen // a lock without a sensor
	tell(credential.OperationOpen, box.tag)

	gone := errors.New("tag was lost")
	tell(credential.OperationOpen, lost{gone})
	// Output:
	// opened, none: nothing to do
	// refused, action: this is another box, or the grant is for another purpose
	// unconfirmed, none: the bolt may have moved: look, and tap again if it did not
	// refused, link: nothing happened: hold the phone to the lock again, and still
	//   for the developer: holder: link: SELECT: apdu: link failed (transceive): tag was lost
}

// A grant says by itself how long it is good; an app tells its user before the
// tap, and does not wait for the lock's refusal.
func ExamplePhone_grant() {
	box := newBox()
	grant, err := credential.ParseGrant(box.Round(box.Key("postman")))
	if err != nil {
		fmt.Println(err)
		return
	}
	now := box.Now + 13*3600
	if now >= grant.Claims.Expires {
		fmt.Println("the grant ended at", grant.Claims.Expires)
	}
	// Output:
	// the grant ended at 2027-03-01T20:00:00Z
}
