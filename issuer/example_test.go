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

// A scheme certifies the national post, which grants a postman one round for
// one day.
func Example() {
	scheme, err := issuer.NewScheme(ed25519.NewKeyFromSeed([]byte("the scheme's secret, in a module")))
	if err != nil {
		log.Fatal(err)
	}
	postKey := ed25519.NewKeyFromSeed([]byte("the post's secret, in its centre"))
	postmanKey := ed25519.NewKeyFromSeed([]byte("the postman's secret, in a phone"))
	today := credential.At(time.Date(2027, 3, 1, 5, 0, 0, 0, time.UTC))
	const day = 24 * 3600

	// The scheme certifies the post.
	postPublic, err := credential.NewPublicKey(postKey.Public())
	if err != nil {
		log.Fatal(err)
	}
	certificate, err := scheme.Certify(credential.AuthorityClaims{
		Key: postPublic, IssuedAt: today, Expires: today + 90*day,
		Services: []credential.Service{credential.ServicePost},
		Rights:   credential.RightIssue | credential.RightTime, LongestGrant: 24 * time.Hour,
	})
	if err != nil {
		log.Fatal(err)
	}

	// The post takes its certificate and grants.
	unverified, err := credential.ParseAuthority(certificate)
	if err != nil {
		log.Fatal(err)
	}
	verifier := credential.Verifier{Roots: []credential.PublicKey{scheme.PublicKey()}}
	authority, err := verifier.Authority(unverified)
	if err != nil {
		log.Fatal(err)
	}
	post, err := issuer.NewOperator(postKey, authority)
	if err != nil {
		log.Fatal(err)
	}
	postman, err := credential.NewPublicKey(postmanKey.Public())
	if err != nil {
		log.Fatal(err)
	}
	round := credential.GrantClaims{
		Holder: postman, IssuedAt: today, Expires: today + day/2,
		Scope: []credential.Entry{{Target: credential.AreaTarget([]byte("FR75011042")), Actions: credential.ActionDeliver}},
	}
	grant, err := post.Grant(round)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("certificate:", len(certificate), "bytes, for", authority.Rights())
	fmt.Println("grant:", len(grant), "bytes, until", round.Expires)

	// It signs nothing that its certificate does not allow.
	round.Expires = today + 2*day
	_, err = post.Grant(round)
	fmt.Println("two days:", err)
	fmt.Println(errors.Is(err, credential.ReasonGrantTooLong))
	// Output:
	// certificate: 155 bytes, for issue+time
	// grant: 161 bytes, until 2027-03-01T17:00:00Z
	// two days: credential: grant-too-long: grant: lasts 48h0m0s, its authority may grant 24h0m0s at most
	// true
}
