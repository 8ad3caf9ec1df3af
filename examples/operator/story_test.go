package main

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/examples/operator/page"
)

// movedIn is an owner whose box is the first one of the street.
func movedIn(o *town) (owner *person, lock string) {
	o.t.Helper()
	owner = o.person()
	b := o.street.Boxes[0]
	came := owner.does("takeOver", map[string]any{"lock": b.ID.String(), "secret": hex.EncodeToString(b.Setup[:]), "name": "Door"})
	require.Equal(o.t, b.ID.String(), came.Lock)
	return owner, came.Lock
}

// box are the values of what is done with a box.
func box(lock string, more ...any) map[string]any {
	v := map[string]any{"lock": lock}
	for i := 0; i+1 < len(more); i += 2 {
		v[more[i].(string)] = more[i+1]
	}
	return v
}

// TestAnOwnersYear is the story that the page tells, without a browser.
func TestAnOwnersYear(t *testing.T) {
	t.Parallel()
	o := newTown(t, t.TempDir(), page.Phone{})
	owner, lock := movedIn(o)
	first := owner.does("state", nil).State.Boxes[0]
	require.Empty(t, first.Underway, "the first policy is in the box")
	require.Equal(t, []string{"post", "parcel"}, first.Services)

	opened := owner.does("open", box(lock))
	require.Equal(t, "opened", opened.Result.Outcome)
	require.Equal(t, "opened", o.postman().Outcome)
	fetched := owner.does("fetch", box(lock))
	require.Positive(t, fetched.Read)
	last := fetched.State.Boxes[0].History[len(fetched.State.Boxes[0].History)-1]
	require.Equal(t, "staff post deliver started", last.Who+" "+last.Service+" "+last.Operation+" "+last.Outcome)

	blocked := owner.does("block", box(lock, "services", true)).State.Boxes[0]
	require.Equal(t, []string{"block"}, blocked.Underway)
	require.True(t, blocked.Posted)
	visit := o.postman()
	require.Equal(t, "refused blocked", visit.Outcome+" "+visit.Reason)
	require.Equal(t, 1, visit.Brought-lists(o), "he brings the block himself")
	told := owner.does("state", nil).State.Boxes[0]
	require.Equal(t, []string{"block"}, told.Underway)
	require.True(t, told.Said, "he says so")
	require.False(t, told.Shown, "and has no receipt to show")
	require.Zero(t, o.postman().Brought, "he is not asked to bring it again")
	owner.does("block", box(lock))
	require.Equal(t, "opened", o.postman().Outcome)
	told = owner.does("state", nil).State.Boxes[0]
	require.False(t, told.Said)
	require.True(t, told.Shown, "his receipt shows it")

	owner.does("notice", box(lock, "kind", "away", "instruction", "hold-parcels"))
	visit = o.postman()
	require.Equal(t, "away hold-parcels", visit.Notice.Kind+" "+visit.Notice.Instruction)

	owner.restart()
	require.Equal(t, "opened", owner.does("open", box(lock)).Result.Outcome)
	require.Empty(t, owner.does("state", nil).State.Boxes[0].Underway)
}

// TestTheOwnersTapShowsTheService what has arrived, so that nobody carries it in vain.
func TestTheOwnersTapShowsTheService(t *testing.T) {
	t.Parallel()
	o := newTown(t, t.TempDir(), page.Phone{})
	owner, lock := movedIn(o)
	for n, operation := range []string{"open", "tap"} {
		owner.does("block", box(lock, "services", true, "guests", n == 1))
		require.Equal(t, 1, o.waiting(), operation)
		require.Equal(t, 1, o.postman().Brought, operation)
		require.Equal(t, 1, o.waiting(), "he only says so")
		require.Empty(t, owner.does(operation, box(lock)).State.Boxes[0].Underway)
		require.Zero(t, o.waiting(), operation)
	}
}

// lists is how many lists a visitor brings beside policies: the post has withdrawn
// nothing.
func lists(*town) int { return 0 }

// TestAGuest is invited, opens, is withdrawn and opens no more.
func TestAGuest(t *testing.T) {
	t.Parallel()
	o := newTown(t, t.TempDir(), page.Phone{})
	owner, lock := movedIn(o)
	guest := o.person()
	request := guest.does("state", nil).State.Request
	came := owner.does("invite", box(lock, "name", "the flat next door", "request", request, "days", 7))
	taken := guest.does("takePass", map[string]any{"pass": o.page + came.Pass.Link}).State.Passes
	require.Len(t, taken, 1)
	open := map[string]any{"id": taken[0].ID}
	require.Equal(t, "opened", guest.does("openPass", open).Result.Outcome)

	after := owner.does("tap", box(lock)).State.Boxes[0]
	last := after.History[len(after.History)-1]
	require.Equal(t, "guest the flat next door open", last.Who+" "+last.Name+" "+last.Operation)
	require.Equal(t, "good", after.Guests[0].Status)

	gone := owner.does("withdraw", box(lock, "guest", after.Guests[0].ID)).State.Boxes[0]
	require.Equal(t, "withdrawn", gone.Guests[0].Status)
	require.Equal(t, []string{"guests"}, gone.Underway)
	require.Equal(t, "opened", guest.does("openPass", open).Result.Outcome, "the lock does not know yet")
	require.Equal(t, "opened", o.postman().Outcome)
	refused := guest.does("openPass", open).Result
	require.Equal(t, "refused denied", refused.Outcome+" "+refused.Reason)

	again := owner.does("renew", box(lock, "guest", after.Guests[0].ID))
	taken = guest.does("takePass", map[string]any{"pass": again.Pass.Link}).State.Passes
	came = guest.does("openPass", map[string]any{"id": taken[len(taken)-1].ID})
	require.Equal(t, "opened", came.Result.Outcome)
	require.Len(t, came.State.Passes, 1, "the new pass takes the place of the old one")
}

// TestDaysPass for everybody: the postman's grant, a guest's right and the lock.
func TestDaysPass(t *testing.T) {
	t.Parallel()
	o := newTown(t, t.TempDir(), page.Phone{})
	owner, lock := movedIn(o)
	guest := o.person()
	request := guest.does("state", nil).State.Request
	came := owner.does("invite", box(lock, "name", "next door", "request", request, "days", 1))
	taken := guest.does("takePass", map[string]any{"pass": came.Pass.Link}).State.Passes[0]
	require.Equal(t, "opened", o.postman().Outcome)
	require.Equal(t, "opened", o.postman().Outcome, "the same duty, the same grant")
	o.post("demo/clock", map[string]int{"hours": 48}, nil)
	require.Equal(t, "over", owner.does("state", nil).State.Boxes[0].Guests[0].Status)
	require.Equal(t, "opened", guest.does("openPass", map[string]any{"id": taken.ID}).Result.Outcome, "a lock without a clock learns the day from visitors")
	require.Equal(t, "opened", o.postman().Outcome, "with a grant of that day")
	refused := guest.does("openPass", map[string]any{"id": taken.ID}).Result
	require.Equal(t, "refused expired", refused.Outcome+" "+refused.Reason)
}
