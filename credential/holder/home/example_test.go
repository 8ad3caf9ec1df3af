package home_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/credential/holder/home"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/lock/locktest"
)

// mailbox is what stands before the phones in the examples: a simulated letter box,
// vacant.  In an app, tag is the NFC stack's link to the lock, now the phone's clock, keys
// are in the phone's keystore, and roots and makers come with the app.  LockID
// and Setup stand on the label.
type mailbox struct {
	*issuertest.World
	tag apdu.Transceiver
	now time.Time
}

func newMailbox() mailbox {
	world, flash := issuertest.New("home"), locktest.NewFlash()
	check(lock.Format(flash))
	key, certificate := world.Identity(0)
	l, err := lock.New(lock.Config{
		ID: world.LockID, Identities: []lock.Identity{{Key: key, Certificate: certificate}}, Roots: world.Roots(), Setup: world.Setup,
		Flash: flash, Actuator: &locktest.Bolt{Motion: lock.Moved}, Rand: rand.Reader,
	})
	check(err)
	return mailbox{world, apdu.Direct(l), world.Now.Time()}
}

// phone returns somebody's phone, without any right yet.
func (m mailbox) phone(name string) *holder.Phone {
	key, err := holder.NewKey(m.Key(name))
	check(err)
	return &holder.Phone{Key: key, Roots: m.Roots(), Makers: m.Makers(), Locks: holder.NewMemory(), Rand: rand.Reader}
}

// owned returns the owner's phone, the Box on it, and what is kept of that.
func (m mailbox) owned() (*holder.Phone, *home.Box, *home.Saved) {
	phone, kept := m.phone("owner"), new(home.Saved)
	box, err := home.New(phone.Key, m.LockID, func(s home.Saved) error {
		if s.State != nil { // and so on with History and Vault
			kept.State = s.State
		}
		return nil
	})
	check(err)
	_, _, err = box.MoveIn(context.Background(), phone, m.tag, m.Setup, m.now)
	check(err)
	return phone, box, kept
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// The owner moves in, admits the post, and lets Anna in for a month.  Her phone,
// of another maker perhaps, sends a link and gets one.
func Example() {
	m := newMailbox()
	ctx, tag, now := context.Background(), m.tag, m.now // the lock in the field, and the clock of the phone
	phone, annas := m.phone("owner"), m.phone("anna")

	var kept home.Saved // what the app stores; see Keep
	keep := func(s home.Saved) error { kept = s; return nil }
	box, err := home.New(phone.Key, m.LockID, keep)
	check(err)
	_, result, err := box.MoveIn(ctx, phone, tag, m.Setup, now)
	check(err)
	fmt.Println("moved in:", result.Outcome)
	_, err = box.Admit(now, credential.Admission{Service: credential.ServicePost, Actions: credential.ActionDeliver})
	check(err)

	request := credential.RequestLink(annas.Key.PublicKey()) // on Anna's phone
	guest, err := credential.ParseRequestLink(request)       // on the owner's
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
	m := newMailbox()
	_, box, _ := m.owned()
	now, bens, annas := m.now, m.phone("ben"), m.phone("anna")
	ben, anna := bens.Key.PublicKey(), annas.Key.PublicKey()
	old, err := box.Grant(now, "Ben", ben, home.Terms{Until: credential.At(now.AddDate(0, 1, 0))})
	check(err)
	_, err = box.Withdraw(now, credential.KeyIDOf(ben))
	check(err)

	open := func(phone *holder.Phone, pass credential.Pass) {
		r, err := phone.With(pass).Open(context.Background(), m.tag, credential.OperationOpen)
		check(err)
		fmt.Println(r.Outcome, r.Reason)
	}
	open(bens, old)
	pass, err := box.Grant(now, "Anna", anna, home.Terms{Until: credential.At(now.AddDate(0, 1, 0))})
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
	m := newMailbox()
	phone, box, kept := m.owned()
	backup := *kept
	_, err := box.Block(m.now, credential.BlockGuests)
	check(err)
	_, err = box.Visit(context.Background(), phone, m.tag, credential.OperationStatus)
	check(err)

	box, err = home.Load(phone.Key, backup, func(home.Saved) error { return nil })
	check(err)
	_, err = box.Visit(context.Background(), phone, m.tag, credential.OperationStatus)
	fmt.Println(err)
	_, err = box.Notice(m.now, credential.Notice{Kind: credential.NoticeBack, Roles: credential.NoticeGuests})
	fmt.Println(err != nil)
	_, err = box.Heal(m.now) // after its user has looked at Settings and Guests
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
	m := newMailbox()
	_, box, _ := m.owned()
	anna := m.phone("anna").Key.PublicKey()
	terms := home.Terms{Until: credential.At(m.now.AddDate(1, 0, 0)), Lease: 36 * time.Hour}
	_, err := box.Grant(m.now, "Anna", anna, terms)
	check(err)
	for day := range 4 {
		renewed, err := box.Renew(m.now.AddDate(0, 0, day))
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
