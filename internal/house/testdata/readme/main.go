// Command user lets the three packages of the README meet at one lock: an owner
// takes a box over and admits the post, a carrier grants a round, a postman's phone
// asks, the box opens.  The same postman then comes with the grant for another
// round.
package main

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"log"
	"time"

	"example.com/user/box"
	"example.com/user/door"
	"example.com/user/rounds"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/lock/locktest"
)

func main() {
	now := time.Now()
	rootKey, root := newKey()
	scheme := must(issuer.NewScheme(rootKey))

	// The scheme certifies a carrier and a manufacturer.
	authority := func(key credential.PublicKey, c credential.AuthorityClaims) *credential.Authority {
		c.Key, c.IssuedAt, c.Expires = key, credential.At(now.Add(-time.Hour)), credential.At(now.AddDate(1, 0, 0))
		v := credential.Verifier{Roots: []credential.PublicKey{root}}
		return must(v.Authority(must(credential.ParseAuthority(must(scheme.Certify(c))))))
	}
	carrierKey, carrierPublic := newKey()
	carrier := must(issuer.NewOperator(carrierKey, authority(carrierPublic, credential.AuthorityClaims{
		Rights:       credential.RightIssue | credential.RightTime,
		Services:     []credential.Service{credential.ServicePost},
		LongestGrant: 24 * time.Hour,
	})))
	makerKey, makerPublic := newKey()
	maker := must(issuer.NewMaker(makerKey, authority(makerPublic, credential.AuthorityClaims{Rights: credential.RightLock})))

	// The manufacturer makes a box, which somebody buys.
	id := credential.LockID{1, 2, 3, 4, 5, 6, 7, 8}
	boxKey, boxPublic := newKey()
	self := lock.Identity{Key: boxKey, Certificate: must(maker.Certify(credential.LockClaims{Key: boxPublic, IssuedAt: credential.At(now), ID: id, Profile: 1, Level: 1}))}
	setup := [16]byte{0xC0, 0xFF, 0xEE}
	flash, bolt := locktest.NewFlash(), &locktest.Bolt{Motion: lock.Moved}
	must(0, lock.Format(flash))
	letterBox := must(box.Start(flash, bolt, id, self, root, setup))

	// The owner takes it over, and admits the post.
	ownerKey, _ := newKey()
	owner := must(issuer.NewOwner(ownerKey))
	phone := &holder.Phone{
		Key:    must(holder.NewKey(ownerKey)),
		Roots:  []credential.PublicKey{root},
		Makers: [][]byte{maker.Authority().Bytes()},
		Rand:   rand.Reader,
	}
	link := newTag(letterBox)
	_, result, err := phone.Commission(context.Background(), link, setup)
	must(result, err)
	link.leave()
	phone.Documents = [][]byte{must(owner.Policy(credential.PolicyClaims{
		Lock: id, Version: result.State.PolicyVersion + 1, IssuedAt: credential.At(now),
		Services: []credential.Admission{{Service: credential.ServicePost, Actions: credential.ActionDeliver | credential.ActionCollect}},
	}))}
	link = newTag(letterBox)
	must(phone.Status(context.Background(), link))
	link.leave()

	// The carrier's postman comes by.
	postmanKey, postman := newKey()
	for _, round := range []string{"FR75011-07", "FR75011-08"} {
		phone := &holder.Phone{
			Key:         must(holder.NewKey(postmanKey)),
			Grant:       must(rounds.Today(carrier, postman, round, now)),
			Authorities: [][]byte{carrier.Authority().Bytes()},
			Roots:       []credential.PublicKey{root},
			Makers:      [][]byte{maker.Authority().Bytes()},
			Rand:        rand.Reader,
		}
		tag := newTag(letterBox)
		fmt.Println(door.Deliver(context.Background(), phone, tag))
		tag.leave()
	}
	fmt.Println("bolt driven:", bolt.Driven)
}

// newKey returns a new key and its public half.
func newKey() (crypto.Signer, credential.PublicKey) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	must(public, err)
	return private, must(credential.NewPublicKey(public))
}

// tag is a phone's link to a box that is visited.
type tag struct {
	commands, responses chan []byte
	left                chan struct{}
}

func newTag(l *lock.Lock) tag {
	t := tag{make(chan []byte), make(chan []byte), make(chan struct{})}
	go func() {
		defer close(t.left)
		box.Visit(l, t.commands, func(response []byte) { t.responses <- append([]byte(nil), response...) })
	}()
	return t
}

func (t tag) Transceive(_ context.Context, command []byte) ([]byte, error) {
	t.commands <- command
	return <-t.responses, nil
}

// leave takes the phone away and waits until the box has seen it.
func (t tag) leave() {
	close(t.commands)
	<-t.left
}

// must returns the value of a call that cannot fail here.
func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}
