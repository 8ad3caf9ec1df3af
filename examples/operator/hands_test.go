package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/page"
)

// transferOf returns the link by which the owner's first box is given away.
func transferOf(t *testing.T, owner *person) string {
	t.Helper()
	link := owner.does("state", nil).State.Boxes[0].Transfer
	require.NotEmpty(t, link)
	return link
}

// TestABoxIsSold by a transfer that the postman brings.
func TestABoxIsSold(t *testing.T) {
	t.Parallel()
	o := newTown(t, t.TempDir(), page.Phone{})
	seller, lock := movedIn(o)
	buyer := o.person()
	request := buyer.does("state", nil).State.Request
	require.Equal(t, []string{"transfer"}, seller.does("transfer", box(lock, "to", request)).State.Boxes[0].Underway[:1])
	link := transferOf(t, seller)

	early := buyer.tells("accept", map[string]any{"link": link, "name": "New home"})
	require.NotEmpty(t, early.Error, "the box does not know yet")
	require.Equal(t, 1, o.postman().Brought)
	settled := buyer.does("accept", map[string]any{"link": link, "name": "New home"}).State.Boxes
	require.Equal(t, "New home", settled[0].Name)
	require.Empty(t, settled[0].Underway)
	require.Equal(t, []string{"post", "parcel"}, settled[0].Services)
	require.Equal(t, "opened", buyer.does("open", box(lock)).Result.Outcome)
	require.Equal(t, "opened", o.postman().Outcome, "the new owner admits the post")
	require.Positive(t, buyer.does("fetch", box(lock)).Read, "and has the log by it")

	former := seller.tells("open", box(lock))
	require.True(t, former.Error != "" || former.Result.Outcome == "refused", "the former owner is out")
	require.Equal(t, "given", seller.tells("block", box(lock, "services", true)).Input)
}

// TestABackup comes back as it was for the same key, and without rights for another.
func TestABackup(t *testing.T) {
	t.Parallel()
	o := newTown(t, t.TempDir(), page.Phone{})
	owner, lock := movedIn(o)
	guest := o.person()
	owner.does("invite", box(lock, "name", "next door", "request", guest.does("state", nil).State.Request, "days", 31))
	lodger := o.person()
	owner.does("invite", box(lock, "name", "the lodger", "request", lodger.does("state", nil).State.Request, "days", 31))
	backup := map[string]any{"backup": owner.does("backup", nil).Backup}
	require.Equal(t, "known", owner.tells("restore", backup).Input)

	owner.does("block", box(lock, "guests", true)) // which the backup does not know
	moved := owner.does("state", nil).State.Boxes[0].Guests[1].ID
	owner.does("withdraw", box(lock, "guest", moved)) // nor this
	owner.does("tap", box(lock))
	owner.does("forget", box(lock))
	back := owner.does("restore", backup).State.Boxes[0]
	require.Equal(t, "next door", back.Guests[0].Name)
	require.True(t, back.Behind)
	require.Equal(t, "behind", owner.tells("block", box(lock, "services", true)).Input)
	require.Equal(t, "guest", owner.tells("heal", box(lock, "withdrawn", []string{"nobody"})).Input)
	healed := owner.does("heal", box(lock, "withdrawn", []string{moved})).State.Boxes[0]
	require.False(t, healed.Behind)
	require.Equal(t, "new", healed.Guests[0].Status, "the guest needs another pass")
	require.Equal(t, "withdrawn", healed.Guests[1].Status, "the owner said so")
	require.Empty(t, owner.does("tap", box(lock)).State.Boxes[0].Underway)

	b := o.street.Boxes[0]
	heir := o.person() // the phone was lost, and this is the new one
	require.Equal(t, "next door", heir.does("restore", backup).State.Boxes[0].Guests[0].Name)
	secret := map[string]any{"lock": lock, "secret": hex.EncodeToString(b.Setup[:]), "name": "Door"}
	require.NotEmpty(t, heir.tells("takeOver", secret).Error, "without the button the secret is not enough")
	o.post("demo/boxes/"+lock+"/button", nil, nil)
	require.Empty(t, heir.does("takeOver", secret).State.Boxes[0].Underway)
	require.Equal(t, "opened", heir.does("open", box(lock)).Result.Outcome)
	refused := owner.tells("open", box(lock))
	require.True(t, refused.Error != "" || refused.Result.Outcome == "refused")
}

// TestABackupComesBackWholeOrNotAtAll: a box of it that cannot be read is no reason to
// keep half of it.
func TestABackupComesBackWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	o := newTown(t, t.TempDir(), page.Phone{})
	owner, lock := movedIn(o)
	backup := owner.does("backup", nil).Backup
	owner.does("forget", box(lock))
	before := string(owner.kept)
	half := altered(t, backup, func(m map[string]any) {
		m["boxes"] = append(m["boxes"].([]any), map[string]any{"lock": "0000000000000001", "name": "Spoilt", "state": map[string]any{}})
	})
	require.Equal(t, "backup", owner.tells("restore", half).Input)
	require.Equal(t, before, string(owner.kept))
	require.Empty(t, owner.does("state", nil).State.Boxes)
	twice := altered(t, backup, func(m map[string]any) { m["boxes"] = append(m["boxes"].([]any), m["boxes"].([]any)...) })
	require.Len(t, owner.does("restore", twice).State.Boxes, 1)
}

// TestABackupThatForgotAGrantDoesNotStopThePhone: it is a file, which anybody can write.
func TestABackupThatForgotAGrantDoesNotStopThePhone(t *testing.T) {
	t.Parallel()
	o := newTown(t, t.TempDir(), page.Phone{})
	owner, lock := movedIn(o)
	guest := o.person()
	owner.does("invite", box(lock, "name", "next door", "request", guest.does("state", nil).State.Request, "days", 31))
	id := owner.does("state", nil).State.Boxes[0].Guests[0].ID
	spoilt := altered(t, owner.does("backup", nil).Backup, func(m map[string]any) {
		state := m["boxes"].([]any)[0].(map[string]any)["state"].(map[string]any)
		guests := state["guests"].([]any)[0].(map[string]any)
		require.Contains(t, guests, "issued")
		delete(guests, "issued")
	})
	owner.does("forget", box(lock))
	owner.tells("restore", spoilt)
	require.NotPanics(t, func() { owner.tells("pass", box(lock, "guest", id)) })
}

// TestWhoAdmitsNobodyIsNotAskedAnew: with another phone, or where the own box is taken
// over once more, no company is admitted that the owner has shut out.
func TestWhoAdmitsNobodyIsNotAskedAnew(t *testing.T) {
	t.Parallel()
	o := newTown(t, t.TempDir(), page.Phone{})
	owner, lock := movedIn(o)
	require.Empty(t, owner.does("admit", box(lock, "services", []string{})).State.Boxes[0].Services)
	owner.does("tap", box(lock))
	secret := map[string]any{"lock": lock, "secret": hex.EncodeToString(o.street.Boxes[0].Setup[:]), "name": "Door"}
	require.Equal(t, "known", owner.tells("takeOver", secret).Input)
	require.Equal(t, "not-admitted", o.postman().Reason)

	heir := o.person()
	heir.does("restore", map[string]any{"backup": owner.does("backup", nil).Backup})
	o.post("demo/boxes/"+lock+"/button", nil, nil)
	require.Empty(t, heir.does("takeOver", secret).State.Boxes[0].Services)
	require.Equal(t, "not-admitted", o.postman().Reason)
}

// altered returns the values by which a backup is read that somebody has altered.
func altered(t *testing.T, backup string, alter func(map[string]any)) map[string]any {
	t.Helper()
	m := map[string]any{}
	require.NoError(t, json.Unmarshal([]byte(backup), &m))
	alter(m)
	text, err := json.Marshal(m)
	require.NoError(t, err)
	return map[string]any{"backup": string(text)}
}

// TestTheServiceIsAway loses nothing: what was signed is given to it later.
func TestTheServiceIsAway(t *testing.T) {
	t.Parallel()
	o := newTown(t, t.TempDir(), page.Phone{})
	owner, lock := movedIn(o)
	away := errors.New("no network")
	owner.config.HTTP = &http.Client{Transport: broken{away}}
	owner.restart()
	blocked := owner.does("block", box(lock, "services", true)).State.Boxes[0]
	require.False(t, blocked.Posted)
	require.Equal(t, []string{"block"}, blocked.Underway)
	failed := owner.tells("post", box(lock))
	require.True(t, failed.Network)
	require.Empty(t, failed.Service)
	require.NotContains(t, owner.tells("state", nil).Error, "network")

	owner.config.HTTP = http.DefaultClient
	owner.restart()
	require.True(t, owner.does("post", box(lock)).State.Boxes[0].Posted)
	require.Equal(t, "blocked", o.postman().Reason)
}

// broken is a network that is away.
type broken struct{ error }

func (b broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, b.error }

// TestTheServiceSaysNo and tells why.
func TestTheServiceSaysNo(t *testing.T) {
	t.Parallel()
	o := newTown(t, t.TempDir(), page.Phone{})
	owner, lock := movedIn(o)
	owner.config.Service = "http://localhost:" + o.page[strings.LastIndex(o.page, ":")+1:len(o.page)-1]
	owner.config.HTTP = &http.Client{Transport: renamed{}} // it signs for a name that is not the service's
	owner.restart()
	owner.does("block", box(lock, "guests", true))
	failed := owner.tells("post", box(lock))
	require.False(t, failed.Network)
	require.NotEmpty(t, failed.Service)
	require.Contains(t, failed.State.Boxes[0].Underway, "block")
}

// renamed sends requests under another name than the one that was signed.
type renamed struct{}

func (renamed) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Host = strings.Replace(r.URL.Host, "localhost", "127.0.0.1", 1)
	return http.DefaultTransport.RoundTrip(r)
}

// TestTheOwnersPhoneIsPulledAway at every command of moving in.  Where the box may
// be the owner's, the phone keeps it and the next tap finds out; else it is taken
// over again.
func TestTheOwnersPhoneIsPulledAway(t *testing.T) {
	t.Parallel()
	o := newTown(t, t.TempDir(), page.Phone{})
	found := 0
	for after := 1; after < 12; after++ {
		b := o.street.Boxes[after%len(o.street.Boxes)]
		lock := b.ID.String()
		owner := o.person()
		whole := owner.config.Hold
		owner.config.Hold = func(context.Context, credential.LockID) (apdu.Transceiver, func(), error) {
			field, err := b.Approach(after)
			return field, field.Leave, err
		}
		owner.restart()
		secret := map[string]any{"lock": lock, "secret": hex.EncodeToString(b.Setup[:]), "name": "Door"}
		o.post("demo/boxes/"+lock+"/button", nil, nil)
		cut := owner.tells("takeOver", secret)
		owner.config.Hold = whole
		owner.restart()
		if len(cut.State.Boxes) > 0 && owner.tells("tap", box(lock)).Error == "" {
			found++
		} else {
			o.post("demo/boxes/"+lock+"/button", nil, nil)
			owner.does("takeOver", secret)
		}
		require.Equal(t, "opened", owner.does("open", box(lock)).Result.Outcome, "cut after %d", after)
		settled := owner.does("state", nil).State.Boxes[0]
		require.Equal(t, []string{"post", "parcel"}, settled.Services, "cut after %d", after)
		require.Empty(t, settled.Underway, "cut after %d", after)
	}
	require.Positive(t, found, "a tap found out")
}

// TestWhatPeopleGiveWrong is told by a name that the screen has words for.
func TestWhatPeopleGiveWrong(t *testing.T) {
	t.Parallel()
	o := newTown(t, t.TempDir(), page.Phone{})
	owner, lock := movedIn(o)
	other := o.street.Boxes[1]
	secret := hex.EncodeToString(other.Setup[:])
	stranger := o.person().does("state", nil).State.Request
	for _, c := range []struct {
		name, action string
		values       map[string]any
		input        string
	}{
		{"no number", "takeOver", map[string]any{"lock": "12", "secret": secret, "name": "a"}, "lock"},
		{"no secret", "takeOver", map[string]any{"lock": other.ID.String(), "secret": "12", "name": "a"}, "secret"},
		{"no name", "takeOver", map[string]any{"lock": other.ID.String(), "secret": secret, "name": " "}, "name"},
		{"an own box", "takeOver", map[string]any{"lock": lock, "secret": secret, "name": "a"}, "known"},
		{"no code", "invite", box(lock, "name", "a", "request", "hello", "days", 1), "code"},
		{"the own code", "invite", box(lock, "name", "a", "request", owner.does("state", nil).State.Request, "days", 1), "own"},
		{"a guest without a name", "invite", box(lock, "name", "", "request", stranger, "days", 1), "name"},
		{"a guest for no time", "invite", box(lock, "name", "a", "request", stranger, "days", 0), "time"},
		{"a guest for ever", "invite", box(lock, "name", "a", "request", stranger, "days", 60000), "time"},
		{"a long name", "invite", box(lock, "name", strings.Repeat("a", 300), "request", stranger, "days", 1), "guest"},
		{"no guest", "withdraw", box(lock, "guest", "0123456789abcdef"), "guest"},
		{"a guest's id too long", "withdraw", box(lock, "guest", "0123456789abcdef00"), "guest"},
		{"a notice that ends before it begins", "notice", box(lock, "kind", "away", "from", 200, "until", 100), "time"},
		{"no kind of notice", "notice", box(lock, "kind", "asleep"), "notice"},
		{"no pass", "takePass", map[string]any{"pass": "https://example.com/"}, "pass"},
		{"no transfer", "accept", map[string]any{"link": "postern:transfer/AAAA", "name": "a"}, "transfer"},
		{"no backup", "restore", map[string]any{"backup": "{}"}, "backup"},
		{"a backup of nothing", "restore", map[string]any{"backup": `{"format":1,"boxes":[null]}`}, "backup"},
		{"a backup with a pass of nothing", "restore", map[string]any{"backup": `{"format":1,"boxes":[{"lock":"0000000000000001"}],"passes":[{}]}`}, "backup"},
		{"a spoilt backup", "restore", map[string]any{"backup": `{"format":1,"boxes":[{"lock":"0000000000000001","state":{}}]}`}, "backup"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := string(owner.kept)
			came := owner.tells(c.action, c.values)
			require.Equal(t, c.input, came.Input, came.Error)
			require.Equal(t, before, string(owner.kept), "nothing has changed")
		})
	}
}
