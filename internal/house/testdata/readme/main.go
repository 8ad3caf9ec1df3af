// Command user lets the four packages of the README meet at one lock: its owner
// moves in and admits the post, a carrier grants a round, a postman's phone asks,
// a box opens.  The same postman then comes with the grant for another round, and a
// neighbour with a link.  In the end the owner reads the log that the postman's last
// visit brings home.
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
	"example.com/user/household"
	"example.com/user/rounds"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/credential/holder/home"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/ledger"
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
	var setup [16]byte
	must(rand.Read(setup[:]))
	flash, bolt := locktest.NewFlash(), &locktest.Bolt{Motion: lock.Moved}
	must(0, lock.Format(flash))
	letterBox := must(box.Start(flash, bolt, id, self, root, setup))

	phone := func(key crypto.Signer, grant []byte) *holder.Phone {
		return &holder.Phone{
			Key:         must(holder.NewKey(key)),
			Grant:       grant,
			Authorities: [][]byte{carrier.Authority().Bytes()},
			Roots:       []credential.PublicKey{root},
			Makers:      [][]byte{maker.Authority().Bytes()},
			Rand:        rand.Reader,
		}
	}

	// Its owner moves in, and asks a neighbour who has a phone of another maker.
	ownerKey, _ := newKey()
	kept := func(home.Saved) error { return nil } // an app stores it
	ownersBox := must(home.New(must(holder.NewKey(ownerKey)), id, kept))
	tag := newTag(letterBox)
	must(0, household.Begin(context.Background(), ownersBox, phone(ownerKey, nil), tag, setup, now))
	tag.leave()
	neighbourKey, neighbour := newKey()
	link := must(household.Invite(ownersBox, "Anna", credential.RequestLink(neighbour), now))

	// The carrier's postman comes by.
	postmanKey, postman := newKey()
	evening := now.Add(12 * time.Hour)
	today := ledger.Each(rounds.Today(ledger.DutyID{1}, postman, "FR75011-07", evening), rounds.Today(ledger.DutyID{2}, postman, "FR75011-08", evening))
	grants := make(map[ledger.DutyID][]byte)
	must(0, rounds.Morning(context.Background(), rounds.Office(carrier, ledger.NewMemory()), today, func(r ledger.Record) { grants[r.Duty] = r.Grant }))
	for _, duty := range []ledger.DutyID{{1}, {2}} {
		tag := newTag(letterBox)
		fmt.Println(door.Deliver(context.Background(), phone(postmanKey, grants[duty]), tag))
		tag.leave()
	}

	// The neighbour comes by.
	tag = newTag(letterBox)
	annas := phone(neighbourKey, nil).With(must(credential.ParsePassLink(link)))
	fmt.Println(must(annas.Open(context.Background(), tag, credential.OperationOpen)).Outcome)
	tag.leave()

	// The postman takes the log along.
	tag = newTag(letterBox)
	brought := must(phone(postmanKey, grants[ledger.DutyID{1}]).FetchLog(context.Background(), tag))
	tag.leave()
	for _, line := range must(household.Read(ownersBox, brought.LogPages)) {
		fmt.Println(line.Entry.Operation, line.Entry.Outcome, line.Who, line.Name)
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
