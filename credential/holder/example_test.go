package holder_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock"
)

// box is what stands before the phone in the examples: a simulated letter box
// and the parties around it.  In an app, tag is the NFC stack's link to the lock,
// keys are in the phone's keystore, roots and makers come with the app, and
// grants and operators' certificates from the app's server.
type box struct{ *worldtest.World }

func newBox() box { return box{worldtest.New(new(testing.T))} }

func (b box) tag() apdu.Transceiver         { return b.Link() }
func (b box) roots() []credential.PublicKey { return []credential.PublicKey{b.Scheme.PublicKey()} }
func (b box) makers() [][]byte              { return [][]byte{b.Maker.Authority().Bytes()} }
func (b box) operators() [][]byte           { return [][]byte{b.Post.Authority().Bytes()} }
func (b box) grant(name string) []byte      { return b.phoneOf(name).Grant }
func (b box) phoneOf(name string) *holder.Phone {
	if name == "postman" {
		return b.PostmanPhone(new(testing.T))
	}
	return b.NeighbourPhone(new(testing.T))
}

// The owner opens with a bare key, which the lock knows.
func ExamplePhone_Open() {
	box := newBox()
	key, err := holder.NewKey(worldtest.Key("owner"))
	if err != nil {
		fmt.Println(err)
		return
	}
	phone := &holder.Phone{
		Key:    key,
		Roots:  box.roots(),
		Makers: box.makers(),
		Locks:  holder.NewMemory(),
		Rand:   rand.Reader,
	}
	for range 2 {
		result, err := phone.Open(context.Background(), box.tag(), credential.OperationOpen)
		if err != nil {
			fmt.Println(err, result.Advice)
			return
		}
		fmt.Println("lock", result.Lock, result.Outcome, "for", result.Cost.Bytes, "bytes")
	}
	// Output:
	// lock 1020304050607080 opened for 512 bytes
	// lock 1020304050607080 opened for 367 bytes
}

// The postman opens with the grant of the day.  The lock, which has not seen the
// operator before, is sent the operator's certificate, and while it gathers energy
// the postman is told to hold still.
func ExamplePhone_Open_postman() {
	box := newBox()
	box.Bolt.Charges = []int{20, 70} // what the lock will have gathered
	key, err := holder.NewKey(worldtest.Key("postman"))
	if err != nil {
		fmt.Println(err)
		return
	}
	phone := &holder.Phone{
		Key:         key,
		Grant:       box.grant("postman"),
		Authorities: box.operators(),
		Roots:       box.roots(),
		Makers:      box.makers(),
		Locks:       holder.NewMemory(),
		Rand:        rand.Reader,
		Extended:    true,
		Progress:    func(p holder.Progress) { fmt.Printf("hold still: %d %%\n", p.Percent) },
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	result, err := phone.Open(ctx, box.tag(), credential.OperationDeliver)
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
	neighbour := box.phoneOf("neighbour")
	tell := func(operation credential.Operation, tag apdu.Transceiver) {
		result, err := neighbour.Open(context.Background(), tag, operation)
		fmt.Printf("%v, %v: %v\n", result.Outcome, result.Reason, result.Advice)
		var fault *holder.Error
		if errors.As(err, &fault) {
			fmt.Println("  for the developer:", fault)
		}
	}
	tell(credential.OperationOpen, box.tag())
	tell(credential.OperationDeliver, box.tag()) // the owner allowed to open, no more

	box.Bolt.Motion = lock.Unseen // a lock without a sensor
	tell(credential.OperationOpen, box.tag())

	gone := errors.New("tag was lost")
	tell(credential.OperationOpen, transceiver(func([]byte) ([]byte, error) { return nil, gone }))
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
	grant, err := credential.ParseGrant(box.grant("postman"))
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
