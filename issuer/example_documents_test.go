package issuer_test

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
)

// An owner admits the post at any time and a parcel carrier on weekdays, and
// tells both that nobody is at home.  Whoever passes by next carries the policy
// to the lock.
func ExampleOwner_Policy() {
	owner, err := issuer.NewOwner(ed25519.NewKeyFromSeed([]byte("the owner's secret, in the phone")))
	if err != nil {
		log.Fatal(err)
	}
	today := credential.At(time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC))
	const day = 24 * 3600
	claims := credential.PolicyClaims{
		Lock: credential.LockID{0xa0, 0x01}, Version: 2, IssuedAt: today,
		Services: []credential.Admission{
			{Service: credential.ServicePost, Actions: credential.ActionDeliver | credential.ActionCollect},
			{Service: credential.ServiceParcel, Actions: credential.ActionDeliver,
				Hours:    credential.Schedule{{Days: credential.Weekdays, From: 8 * 60, Until: 18 * 60}},
				Evidence: credential.EvidenceLive},
		},
		Notice: credential.Notice{
			Kind: credential.NoticeAway, Until: today + 14*day,
			Instruction: credential.InstructionHoldParcels, Roles: credential.NoticeOperators,
		},
	}
	policy, err := owner.Policy(claims)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("policy:", len(policy), "bytes, a parcel", claims.Services[1].Hours)

	// The lock knows the owner's key.
	unverified, err := credential.ParsePolicy(policy)
	if err != nil {
		log.Fatal(err)
	}
	verified, err := new(credential.Verifier).Policy(unverified, owner.PublicKey())
	if err != nil {
		log.Fatal(err)
	}
	notice := verified.Notice().For(credential.RoleOperator)
	fmt.Println("the postman reads:", notice.Kind, "until", notice.Until, "-", notice.Instruction)

	// Nobody gives a lock away by filling in a field.
	claims.Owner, err = credential.NewPublicKey(ed25519.NewKeyFromSeed([]byte("another one's secret, elsewhere!")).Public())
	if err != nil {
		log.Fatal(err)
	}
	_, err = owner.Policy(claims)
	fmt.Println("for another owner:", errors.Is(err, issuer.ErrKey))
	transfer, err := owner.Transfer(claims, claims.Owner)
	fmt.Println("transfer:", len(transfer), "bytes,", err)
	// Output:
	// policy: 183 bytes, a parcel MonTueWedThuFri 08:00-18:00
	// the postman reads: away until 2027-03-15T08:00:00Z - hold-parcels
	// for another owner: true
	// transfer: 183 bytes, <nil>
}

// A postman lost his phone.  The post withdraws the one grant that it held, with
// the key that the grant was signed with.
func ExampleRevoker_Revoke() {
	scheme, err := issuer.NewScheme(ed25519.NewKeyFromSeed([]byte("the scheme's secret, in a module")))
	if err != nil {
		log.Fatal(err)
	}
	postKey := ed25519.NewKeyFromSeed([]byte("the post's secret, in its centre"))
	postPublic, err := credential.NewPublicKey(postKey.Public())
	if err != nil {
		log.Fatal(err)
	}
	today := credential.At(time.Date(2027, 3, 1, 5, 0, 0, 0, time.UTC))
	const hour = 3600
	certificate, err := scheme.Certify(credential.AuthorityClaims{
		Key: postPublic, IssuedAt: today, Expires: today + 90*24*hour,
		Services: []credential.Service{credential.ServicePost},
		Rights:   credential.RightIssue | credential.RightRevoke, LongestGrant: 24 * time.Hour,
	})
	if err != nil {
		log.Fatal(err)
	}
	unverified, err := credential.ParseAuthority(certificate)
	if err != nil {
		log.Fatal(err)
	}
	verifier := credential.Verifier{Roots: []credential.PublicKey{scheme.PublicKey()}}
	authority, err := verifier.Authority(unverified)
	if err != nil {
		log.Fatal(err)
	}

	// The tag of the lost grant stands in the post's own books.
	revoker, err := issuer.NewRevoker(postKey, authority)
	if err != nil {
		log.Fatal(err)
	}
	lost := credential.Tag{0x4f, 0x11}
	data, err := revoker.Revoke(credential.RevocationClaims{
		IssuedAt: today + 3*hour, Version: 1,
		Denied: []credential.Denial{{Tag: lost, Expires: today + 12*hour}},
	})
	if err != nil {
		log.Fatal(err)
	}

	// The lock.
	list, err := credential.ParseRevocationList(data)
	if err != nil {
		log.Fatal(err)
	}
	verified, err := verifier.RevocationList(list, authority)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("list:", len(data), "bytes")
	fmt.Println("the lost grant:", verified.Denies(lost, today))
	fmt.Println("another one:", verified.Denies(credential.Tag{0x4f, 0x12}, today))

	// It has no right to tell the time.
	_, err = issuer.NewTimeSource(postKey, authority)
	fmt.Println(err)
	// Output:
	// list: 116 bytes
	// the lost grant: true
	// another one: false
	// issuer: key cannot be used: the authority certificate gives issue+revoke, not time
}
