package credential_test

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
)

// A lock knows its owner's key.  It reads a neighbour's grant, verifies it, and
// judges what it is good for here.
func Example() {
	ownerKey := ed25519.NewKeyFromSeed([]byte("the owner's secret, in the phone"))
	neighbourKey := ed25519.NewKeyFromSeed([]byte("the neighbour's secret, likewise"))
	today := credential.At(time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC))
	box := credential.LockID{0xa0, 0x01}

	// The owner's phone.
	owner, err := issuer.NewOwner(ownerKey)
	if err != nil {
		log.Fatal(err)
	}
	neighbour, err := credential.NewPublicKey(neighbourKey.Public())
	if err != nil {
		log.Fatal(err)
	}
	data, err := owner.Grant(credential.GrantClaims{
		Holder: neighbour, IssuedAt: today, Expires: today + 7*24*3600,
		Scope: []credential.Entry{{Target: credential.LockTarget(box), Actions: credential.ActionOpen | credential.ActionCollect}},
	})
	if err != nil {
		log.Fatal(err)
	}

	// The lock.
	unverified, err := credential.ParseGrant(data)
	if err != nil {
		log.Fatal(err)
	}
	verifier := new(credential.Verifier)
	grant, err := verifier.OwnerGrant(unverified, owner.PublicKey())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(data), "bytes, until", grant.Expires())

	here := credential.Place{Lock: box, Floor: today}
	_, err = grant.Judge(credential.ActionOpen, here)
	fmt.Println("open:", err)
	_, err = grant.Judge(credential.ActionService, here)
	fmt.Println("service:", err)
	here.Floor = today + 8*24*3600
	_, err = grant.Judge(credential.ActionOpen, here)
	fmt.Println("a week later:", errors.Is(err, credential.ReasonExpired))
	// Output:
	// 159 bytes, until 2027-03-08T08:00:00Z
	// open: <nil>
	// service: credential: action: the grant allows open+collect here, not service
	// a week later: true
}

// A neighbour passes on to her son what she was granted.  His grant names hers
// by its digest, and is good only as far as hers is.
func ExampleVerifier_DelegatedGrant() {
	ownerKey := ed25519.NewKeyFromSeed([]byte("the owner's secret, in the phone"))
	neighbourKey := ed25519.NewKeyFromSeed([]byte("the neighbour's secret, likewise"))
	sonKey := ed25519.NewKeyFromSeed([]byte("her son's secret, in his phone, "))
	today := credential.At(time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC))
	box := credential.LockID{0xa0, 0x01}

	// Somebody's phone builds and signs a grant.
	grant := func(by ed25519.PrivateKey, c credential.GrantClaims) *credential.UnverifiedGrant {
		signer, err := credential.NewPublicKey(by.Public())
		if err != nil {
			log.Fatal(err)
		}
		unsigned, err := credential.NewGrant(c, signer)
		if err != nil {
			log.Fatal(err)
		}
		data, err := unsigned.WithSignature(ed25519.Sign(by, unsigned.ToBeSigned()))
		if err != nil {
			log.Fatal(err)
		}
		u, err := credential.ParseGrant(data)
		if err != nil {
			log.Fatal(err)
		}
		return u
	}
	neighbour, _ := credential.NewPublicKey(neighbourKey.Public())
	son, _ := credential.NewPublicKey(sonKey.Public())
	hers := grant(ownerKey, credential.GrantClaims{
		Holder: neighbour, IssuedAt: today, Expires: today + 7*24*3600,
		Scope: []credential.Entry{{Target: credential.LockTarget(box), Actions: credential.ActionCollect, Delegation: 1}},
	})
	his := grant(neighbourKey, credential.GrantClaims{
		Parent: hers.Digest(), Holder: son, IssuedAt: today + 3600, Expires: today + 2*24*3600,
		Scope: []credential.Entry{{Target: credential.LockTarget(box), Actions: credential.ActionCollect | credential.ActionOpen,
			Uses: credential.Uses{Count: 1, Starts: 3}}},
	})

	// The lock.
	owner, _ := credential.NewPublicKey(ownerKey.Public())
	verifier := new(credential.Verifier)
	parent, err := verifier.OwnerGrant(hers, owner)
	if err != nil {
		log.Fatal(err)
	}
	chain, err := verifier.DelegatedGrant(his, parent)
	if err != nil {
		log.Fatal(err)
	}
	here := credential.Place{Lock: box, Floor: today}
	permission, err := chain.Judge(credential.ActionCollect, here)
	fmt.Println("collect:", err, "- counted:", len(permission.Counted))
	_, err = chain.Judge(credential.ActionOpen, here)
	fmt.Println("open:", err)
	// Output:
	// collect: <nil> - counted: 1
	// open: credential: action: the grant allows collect here, not open
}

// A grant is read before anybody vouches for it.  What its claims say can be
// shown, and must not be relied on.
func ExampleParseGrant() {
	_, err := credential.ParseGrant([]byte{0x84, 0x40, 0xa0, 0x40, 0x40})
	var e *credential.Error
	if errors.As(err, &e) {
		fmt.Println(e.Reason, "-", e.Detail)
	}
	// Output:
	// malformed - grant: signature: must be 64 bytes, has 0
}
