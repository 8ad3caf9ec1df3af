package home_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/credential/holder/home"
	"github.com/postern-lock/postern/internal/worldtest"
)

// The owner moves in, admits the post, and lets Anna in for a month.  Her phone,
// of another maker perhaps, sends a link and gets one.
func Example() {
	street := newStreet(new(testing.T))
	ctx, tag, now := context.Background(), street.Link(), street.now // the lock in the field, and the clock of the phone
	owner, phone := street.phoneOf("owner")
	anna, annas := street.phoneOf("anna")

	var kept home.Saved // what the app stores; see Keep
	keep := func(s home.Saved) error { kept = s; return nil }
	box, err := home.New(owner, street.LockID, keep)
	check(err)
	_, result, err := box.MoveIn(ctx, phone, tag, worldtest.Setup, now)
	check(err)
	fmt.Println("moved in:", result.Outcome)
	_, err = box.Admit(now, credential.Admission{Service: credential.ServicePost, Actions: credential.ActionDeliver})
	check(err)

	request := credential.RequestLink(anna.PublicKey()) // on Anna's phone
	guest, err := credential.ParseRequestLink(request)  // on the owner's
	check(err)
	pass, err := box.Grant(now, "Anna", guest, home.Terms{Until: credential.At(now.AddDate(0, 1, 0))})
	check(err)
	link, err := pass.Link()
	check(err)
	fmt.Println(len(request), "characters come,", len(link), "go")

	pass, err = credential.ParsePassLink(link) // on Anna's phone, which brings the owner's policy too
	check(err)
	result, err = annas.With(pass).Open(ctx, tag, credential.OperationOpen)
	check(err)
	fmt.Println("Anna:", result.Outcome)

	_, err = box.Visit(ctx, phone, tag, credential.OperationOpen)
	check(err)
	for _, line := range box.Lines() {
		fmt.Println(line)
	}
	fmt.Println("kept:", kept)
	// Output:
	// moved in: done
	// 75 characters come, 445 go
	// Anna: opened
	// after 2027-01-10 08:00, you, configure: commissioned
	// after 2027-03-01 08:00, Anna, open: started
	// after 2027-03-01 08:00, you, open: started
	// kept: home.Saved
}

// A guest who is withdrawn is out when anybody has brought the policy.
func ExampleBox_Withdraw() {
	street := newStreet(new(testing.T))
	box, _ := street.moveIn(new(testing.T), "owner")
	ctx, now := context.Background(), street.now
	ben, bens := street.phoneOf("ben")
	anna, annas := street.phoneOf("anna")
	old, err := box.Grant(now, "Ben", ben.PublicKey(), home.Terms{Until: credential.At(now.AddDate(0, 1, 0))})
	check(err)
	_, err = box.Withdraw(now, credential.KeyIDOf(ben.PublicKey()))
	check(err)

	open := func(phone *holder.Phone, pass credential.Pass) {
		r, err := phone.With(pass).Open(ctx, street.Link(), credential.OperationOpen)
		check(err)
		fmt.Println(r.Outcome, r.Reason)
	}
	open(bens, old)
	pass, err := box.Grant(now, "Anna", anna.PublicKey(), home.Terms{Until: credential.At(now.AddDate(0, 1, 0))})
	check(err)
	open(annas, pass) // her phone brings the policy
	open(bens, old)
	// Output:
	// opened none
	// opened none
	// refused denied
}

// A phone that was restored from an old backup does not know what it signed since.
func ExampleBox_Heal() {
	street := newStreet(new(testing.T))
	owner, phone := street.phoneOf("owner")
	box, on := street.moveIn(new(testing.T), "owner")
	backup := on.saved
	_, err := box.Block(street.now, credential.BlockGuests)
	check(err)
	_, err = box.Visit(context.Background(), phone, street.Link(), credential.OperationStatus)
	check(err)

	box, err = home.Load(owner, backup, on.keep)
	check(err)
	_, err = box.Visit(context.Background(), phone, street.Link(), credential.OperationStatus)
	fmt.Println(err)
	_, err = box.Notice(street.now, credential.Notice{Kind: credential.NoticeBack, Roles: credential.NoticeGuests})
	fmt.Println(err != nil)
	_, err = box.Heal(street.now) // after its user has looked at Settings and Guests
	check(err)
	fmt.Println("version", box.Version(), "behind:", box.Behind())
	// Output:
	// home: the lock knows newer settings than this phone
	// true
	// version 1026 behind: false
}

// Grants are short, and the app renews them when it runs: a guest who lost favour
// is out within a day even where nobody brings the policy.
func ExampleBox_Renew() {
	street := newStreet(new(testing.T))
	box, _ := street.moveIn(new(testing.T), "owner")
	anna, _ := street.phoneOf("anna")
	terms := home.Terms{Until: credential.At(street.now.AddDate(1, 0, 0)), Lease: 36 * time.Hour}
	_, err := box.Grant(street.now, "Anna", anna.PublicKey(), terms)
	check(err)
	for day := range 4 {
		renewed, err := box.Renew(street.now.AddDate(0, 0, day))
		check(err)
		for _, r := range renewed {
			links, err := r.Pass.Links()
			check(err)
			fmt.Println("day", day, r.Guest.Name, "until", links[0].Claims.Expires)
		}
	}
	// Output:
	// day 1 Anna until 2027-03-03T20:00:00Z
	// day 2 Anna until 2027-03-04T20:00:00Z
	// day 3 Anna until 2027-03-05T20:00:00Z
}

// phoneOf returns the key and the phone of somebody, without any right yet.
func (s *street) phoneOf(name string) (holder.Key, *holder.Phone) {
	p := s.Phone(new(testing.T), name, nil)
	return p.Key, p
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
