package ledger_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/ledger"
)

// five is five o'clock of the day of the examples.
var five = credential.At(time.Date(2027, 3, 1, 5, 0, 0, 0, time.UTC))

// A post issues its day and changes it.  At five o'clock three postmen get a round
// each.  One is ill, so a substitute takes the round, and another round is split in
// two.  Then a phone is lost, and the list that says so waits for the couriers.
func Example() {
	ctx := context.Background()
	operator, revoker := newPost()
	store := ledger.NewMemory() // examples/operator has one on a database
	clock := five               // a service has credential.At(time.Now())
	now := func() credential.Time { return clock }
	rounds := &ledger.Rounds{
		Operator: operator, Store: store, Now: now,
		MinArea: 10, // a code of a round has ten bytes: a slip opens no city
	}

	// The day; a service streams it from the operator's planning.
	today := []ledger.Duty{
		round(1, "phone 1", "FR75011041"), round(2, "phone 2", "FR75011042"), round(3, "phone 3", "FR75011043"),
	}
	for record, err := range rounds.Issue(ctx, ledger.Each(today...)) {
		if bad, ok := errors.AsType[*ledger.DutyError](err); ok {
			fmt.Println("tell the planners:", bad) // the others go on
			continue
		}
		if err != nil {
			log.Fatal(err) // call Issue again: nothing is issued twice
		}
		fmt.Printf("grant %d: %d bytes for the phone %s\n", record.Serial, len(record.Grant), record.Holder)
	}

	// Who has the first round is ill.
	clock += 1800
	substitute := today[0]
	substitute.ID, substitute.Holder = ledger.DutyID{4}, phone("phone 4")
	replaced, err := rounds.Replace(ctx, today[0].ID, substitute)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("substitute: grant", replaced[0].Serial)

	// The second round is too long for one.
	north, err := today[1].Part(ledger.DutyID{5}, today[1].Holder, []byte("FR75011042N"))
	if err != nil {
		log.Fatal(err)
	}
	south, err := today[1].Part(ledger.DutyID{6}, phone("phone 4"), []byte("FR75011042S"))
	if err != nil {
		log.Fatal(err)
	}
	parts, err := rounds.Replace(ctx, today[1].ID, north, south)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("parts: grants", parts[0].Serial, "and", parts[1].Serial)

	// The third phone is lost; its holder takes a spare one.
	clock += 1800
	given, _, err := rounds.Lost(ctx, credential.KeyIDOf(phone("phone 3")), phone("phone 5"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("spare phone: grant", given[0].Serial)

	// What was withdrawn goes to every lock, with whoever passes by.
	publisher := &ledger.Publisher{Revoker: revoker, Store: store, Now: now, Longest: 24 * time.Hour}
	if _, err := publisher.Publish(ctx); err != nil {
		log.Fatal(err)
	}
	load, err := store.Outbox(ctx, []byte("FR75011042"))
	if err != nil {
		log.Fatal(err)
	}
	list, err := credential.ParseRevocationList(load.Lists[0].Bytes)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("list %d denies %d grants\n", list.Claims.Version, len(list.Claims.Denied))
	// Output:
	// grant 1: 161 bytes for the phone 88c73c58c394f1ad
	// grant 2: 161 bytes for the phone 5589af21df2a44b5
	// grant 3: 161 bytes for the phone 1b9d2cb42d6372be
	// substitute: grant 4
	// parts: grants 5 and 6
	// spare phone: grant 7
	// list 1 denies 3 grants
}

// A courier stands in front of a box with a parcel.  His grant is for this box, once,
// for ten minutes; the ledger knows the parcel, and the lock does not.
func ExampleRounds_Parcel() {
	ctx := context.Background()
	operator, _ := newPost()
	rounds := &ledger.Rounds{
		Operator: operator, Store: ledger.NewMemory(), Now: func() credential.Time { return five }, MinArea: 10,
	}
	parcel := ledger.Parcel{
		ID: ledger.DutyID{1}, Holder: phone("a courier's phone"), Lock: credential.LockID{0xa0, 0x01},
		Reference: credential.Reference{0x4f, 0x11, 0x6c}, // drawn at random when the parcel was posted
		Expires:   five + 600, Action: credential.ActionDeliver,
	}
	record, err := rounds.Parcel(ctx, parcel)
	if err != nil {
		log.Fatal(err)
	}
	grant, err := credential.ParseGrant(record.Grant)
	if err != nil {
		log.Fatal(err)
	}
	entry := grant.Claims.Scope[0]
	fmt.Printf("%s, %d use, with %s time, until %s\n", entry.Actions, entry.Uses.Count, entry.Evidence, record.Expires)

	// Whoever shows a receipt later is asked for this grant and this parcel.
	fmt.Println(ledger.Settles(record, nil))

	// The parcel is diverted.
	if err := rounds.Withdraw(ctx, parcel.ID); err != nil {
		log.Fatal(err)
	}
	_, err = rounds.Parcel(ctx, parcel)
	fmt.Println(errors.Is(err, ledger.ErrSuperseded))
	// Output:
	// deliver, 1 use, with live time, until 2027-03-01T05:10:00Z
	// ledger: the receipt does not settle the parcel: there is no receipt, or the grant is for no parcel
	// true
}

// newPost returns the post as operator and revoker, as its scheme certified it.
func newPost() (*issuer.Operator, *issuer.Revoker) {
	scheme, err := issuer.NewScheme(privateKey("the scheme"))
	if err != nil {
		log.Fatal(err)
	}
	certificate, err := scheme.Certify(credential.AuthorityClaims{
		Key: phone("the post"), IssuedAt: five - 3600, Expires: five + 90*24*3600,
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
	authority, err := (&credential.Verifier{Roots: []credential.PublicKey{scheme.PublicKey()}}).Authority(unverified)
	if err != nil {
		log.Fatal(err)
	}
	operator, err := issuer.NewOperator(privateKey("the post"), authority)
	if err != nil {
		log.Fatal(err)
	}
	revoker, err := issuer.NewRevoker(privateKey("the post"), authority)
	if err != nil {
		log.Fatal(err)
	}
	return operator, revoker
}

// privateKey stands for a key in a hardware module.
func privateKey(name string) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(fmt.Appendf(nil, "%-32s", name))
}

// phone stands for a key in somebody's phone, which shows its public half.
func phone(name string) credential.PublicKey {
	key, err := credential.NewPublicKey(privateKey(name).Public())
	if err != nil {
		log.Fatal(err)
	}
	return key
}

// round is a morning's duty.
func round(n byte, holder, area string) ledger.Duty {
	return ledger.Duty{
		ID: ledger.DutyID{n}, Holder: phone(holder), Expires: five + 8*3600,
		Scope: []credential.Entry{{Target: credential.AreaTarget([]byte(area)), Actions: credential.ActionDeliver}},
	}
}
