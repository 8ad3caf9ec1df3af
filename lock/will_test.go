package lock_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/worldtest"
)

// hours are from nine to noon on Mondays, the day of the world.
var hours = credential.Schedule{{Days: 1, From: 9 * 60, Until: 12 * 60}}

// admit returns settings that admit the post alone, to deliver, by hours and
// evidence where there are some.
func admit(e credential.Evidence, h credential.Schedule) func(*credential.PolicyClaims) {
	return func(c *credential.PolicyClaims) {
		c.Services = []credential.Admission{{Service: credential.ServicePost, Actions: credential.ActionDeliver, Evidence: e, Hours: h}}
	}
}

// livePost has the phone fetch live times from the post, at an hour of the day in
// UTC, for a place an hour ahead.
func livePost(t testing.TB, w *worldtest.World, p *holder.Phone, hour credential.Time) *holder.Phone {
	t.Helper()
	p.Live = func(_ context.Context, nonce [16]byte) ([]byte, error) {
		return source(t, w).Live(w.Now-8*3600+hour*3600, 60, nonce)
	}
	return p
}

// TestPolicyDecides has visitors come under every setting.
func TestPolicyDecides(t *testing.T) {
	const opened = credential.ReasonNone
	type visit struct {
		name      string
		phone     func(*worldtest.World) *holder.Phone
		operation credential.Operation
		want      credential.Reason
	}
	owner := func(w *worldtest.World) *holder.Phone { return w.OwnerPhone(t) }
	neighbour := func(w *worldtest.World) *holder.Phone { return w.NeighbourPhone(t) }
	post := func(w *worldtest.World) *holder.Phone { return w.PostmanPhone(t) }
	const open, deliver, collect, status = credential.OperationOpen, credential.OperationDeliver, credential.OperationCollect, credential.OperationStatus
	stated := func(hour credential.Time) func(*worldtest.World) *holder.Phone {
		return func(w *worldtest.World) *holder.Phone {
			return bringing(w.PostmanPhone(t), w.StatedTime(t, w.Now-8*3600+hour*3600))
		}
	}
	live := func(hour credential.Time) func(*worldtest.World) *holder.Phone {
		return func(w *worldtest.World) *holder.Phone { return livePost(t, w, w.PostmanPhone(t), hour) }
	}
	blocked, shut := credential.ReasonBlocked, credential.ReasonNotAdmitted
	for name, c := range map[string]struct {
		settings func(*credential.PolicyClaims)
		visits   []visit
	}{
		"nothing blocked": {asItIs, []visit{{"owner", owner, open, opened}, {"neighbour", neighbour, open, opened}, {"post", post, deliver, opened}}},
		"services blocked": {func(c *credential.PolicyClaims) { c.Block = credential.BlockServices }, []visit{
			{"owner", owner, open, opened}, {"neighbour", neighbour, open, opened}, {"post", post, deliver, blocked}, {"state", post, status, opened}}},
		"guests blocked": {func(c *credential.PolicyClaims) { c.Block = credential.BlockGuests }, []visit{
			{"owner", owner, open, opened}, {"neighbour", neighbour, open, blocked}, {"post", post, deliver, opened}, {"state", neighbour, status, opened}}},
		"everybody blocked": {func(c *credential.PolicyClaims) { c.Block = credential.BlockGuests | credential.BlockServices }, []visit{
			{"owner", owner, open, opened}, {"neighbour", neighbour, open, blocked}, {"post", post, deliver, blocked}}},
		"no service admitted": {func(c *credential.PolicyClaims) { c.Services = nil }, []visit{
			{"post", post, deliver, shut}, {"state", post, status, opened}, {"neighbour", neighbour, open, opened}}},
		"another service admitted": {func(c *credential.PolicyClaims) { c.Services[0].Service = credential.ServiceEnergy }, []visit{
			{"post", post, deliver, shut}}},
		"blocked before not admitted": {func(c *credential.PolicyClaims) { c.Services, c.Block = nil, credential.BlockServices }, []visit{
			{"post", post, deliver, blocked}}},
		"admitted to deliver alone": {admit(0, nil), []visit{{"deliver", post, deliver, opened}, {"collect", post, collect, shut}}},
		"by stated hours": {admit(credential.EvidenceStated, hours), []visit{
			{"without a time", post, deliver, credential.ReasonEvidence},
			{"at eight", stated(7), deliver, credential.ReasonEvidence}, // the grant is of a later time
			{"at nine", stated(8), deliver, opened}, {"at noon", stated(11), deliver, credential.ReasonHours},
			{"state without a time", post, status, opened}}},
		"by live hours": {admit(credential.EvidenceLive, hours), []visit{
			{"stated", stated(9), deliver, credential.ReasonEvidence}, {"at ten", live(9), deliver, opened},
			{"one minute early", func(w *worldtest.World) *holder.Phone {
				p := w.PostmanPhone(t)
				p.Live = func(_ context.Context, nonce [16]byte) ([]byte, error) { return source(t, w).Live(w.Now-60, 60, nonce) }
				return p
			}, deliver, credential.ReasonHours},
			{"at noon", live(11), deliver, credential.ReasonHours}, {"at two", live(13), deliver, credential.ReasonHours}}},
		"live hours, collect": {admit(credential.EvidenceLive, hours), []visit{{"collect", live(9), collect, shut}}},
	} {
		for _, v := range c.visits {
			t.Run(name+"/"+v.name, func(t *testing.T) {
				w := worldtest.New(t)
				w.Hand(t, second(t, w, c.settings))
				r, err := tap(t, w, v.phone(w), v.operation)
				switch {
				case v.want != opened:
					requireRefused(t, v.want, r, err)
					require.Zero(t, w.Bolt.Driven)
				case v.operation == status:
					require.NoError(t, err)
					require.Equal(t, credential.OutcomeDone, r.Outcome)
				default:
					requireOpened(t, r, err)
				}
			})
		}
	}
}

// TestWhoIsDenied withdraws grants by their tag and by their version of policy.
func TestWhoIsDenied(t *testing.T) {
	w := worldtest.New(t)
	versioned := func(v uint32) *holder.Phone {
		return guest(t, w, func(c *credential.GrantClaims) { c.Scope[0].PolicyVersion = v })
	}
	phones := map[string]*holder.Phone{
		"neighbour": w.NeighbourPhone(t), "of version 1": versioned(1), "of version 2": versioned(2), "post": w.PostmanPhone(t),
	}
	operation := func(name string) credential.Operation {
		if name == "post" {
			return credential.OperationDeliver
		}
		return credential.OperationOpen
	}
	for name, c := range map[string]struct {
		settings func(*credential.PolicyClaims)
		denied   []string
	}{
		"a guest's tag":          {func(c *credential.PolicyClaims) { c.Denied = []credential.Tag{tagOf(t, phones["neighbour"])} }, []string{"neighbour"}},
		"a postman's tag":        {func(c *credential.PolicyClaims) { c.Denied = []credential.Tag{tagOf(t, phones["post"])} }, []string{"post"}},
		"version 1 at the least": {func(c *credential.PolicyClaims) { c.Least = 1 }, []string{"neighbour"}},
		"version 2 at the least": {func(c *credential.PolicyClaims) { c.Least = 2 }, []string{"neighbour", "of version 1"}},
		"before a block": {func(c *credential.PolicyClaims) { c.Least, c.Block = 2, credential.BlockGuests },
			[]string{"neighbour", "of version 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			image := worldtest.New(t)
			image.Hand(t, second(t, image, c.settings))
			for who, p := range phones {
				r, err := tap(t, image, p, operation(who))
				s, errOfState := tap(t, image, p, credential.OperationStatus)
				switch {
				case slices.Contains(c.denied, who):
					requireRefused(t, credential.ReasonDenied, r, err)
					requireRefused(t, credential.ReasonDenied, s, errOfState)
				case name == "before a block" && who != "post":
					requireRefused(t, credential.ReasonBlocked, r, err)
				default:
					requireOpened(t, r, err)
					require.Equal(t, credential.OutcomeDone, s.Outcome)
				}
			}
		})
	}
}

// tagOf returns the tag of the phone's grant.
func tagOf(t testing.TB, p *holder.Phone) credential.Tag {
	t.Helper()
	u, err := credential.ParseGrant(p.Grant)
	require.NoError(t, err)
	return u.Tag()
}

// TestWhoIsShownTheNotice has everybody come under a notice to guests, to
// operators, and to both.
func TestWhoIsShownTheNotice(t *testing.T) {
	w := worldtest.New(t)
	denied := guest(t, w, func(c *credential.GrantClaims) { c.Expires++ })
	for name, c := range map[string]struct {
		phone     func(*worldtest.World) *holder.Phone
		operation credential.Operation
		role      credential.NoticeRoles // zero: nobody shows it to him
		reason    credential.Reason
	}{
		"neighbour": {func(w *worldtest.World) *holder.Phone { return w.NeighbourPhone(t) },
			credential.OperationStatus, credential.NoticeGuests, credential.ReasonNone},
		"neighbour who is blocked": {func(w *worldtest.World) *holder.Phone { return w.NeighbourPhone(t) },
			credential.OperationOpen, credential.NoticeGuests, credential.ReasonBlocked},
		"guest who is denied": {func(*worldtest.World) *holder.Phone { return denied },
			credential.OperationOpen, 0, credential.ReasonDenied},
		"postman": {func(w *worldtest.World) *holder.Phone { return w.PostmanPhone(t) },
			credential.OperationDeliver, credential.NoticeOperators, credential.ReasonNone},
		"postman who is not admitted": {func(w *worldtest.World) *holder.Phone { return w.PostmanPhone(t) },
			credential.OperationCollect, 0, credential.ReasonNotAdmitted},
		"owner": {func(w *worldtest.World) *holder.Phone { return w.OwnerPhone(t) }, credential.OperationOpen, 0, credential.ReasonNone},
		"co-owner": {func(w *worldtest.World) *holder.Phone { return w.Phone(t, "co-owner", nil) },
			credential.OperationOpen, 0, credential.ReasonNone},
		"guest of another lock": {func(w *worldtest.World) *holder.Phone { return guest(t, w, elsewhere) },
			credential.OperationOpen, 0, credential.ReasonTarget},
		"guest who wants too much": {func(w *worldtest.World) *holder.Phone { return w.NeighbourPhone(t) },
			credential.OperationService, 0, credential.ReasonAction},
		"guest too early": {func(w *worldtest.World) *holder.Phone {
			return guest(t, w, func(c *credential.GrantClaims) { c.NotBefore = c.IssuedAt + 1 })
		}, credential.OperationOpen, 0, credential.ReasonNotYetValid},
		"operation of a later version": {func(w *worldtest.World) *holder.Phone { return w.NeighbourPhone(t) },
			8, 0, credential.ReasonOperationUnknown},
	} {
		for _, roles := range []credential.NoticeRoles{1, 2, 3} {
			t.Run(name+" to "+roles.String(), func(t *testing.T) {
				w := worldtest.New(t)
				notice := credential.Notice{Kind: credential.NoticeAway, From: 7, Until: w.Now, Instruction: credential.InstructionHoldParcels, Roles: roles}
				w.Hand(t, second(t, w, func(p *credential.PolicyClaims) {
					admit(0, nil)(p)
					p.Notice, p.Block = notice, credential.BlockGuests
					p.Denied = []credential.Tag{tagOf(t, denied)}
					p.CoOwners = []credential.PublicKey{worldtest.Public(t, "co-owner")}
				}))
				r, err := tap(t, w, c.phone(w), c.operation)
				require.NoError(t, err)
				require.Equal(t, c.reason, r.Reason)
				if c.role == 0 || !roles.Has(c.role) {
					require.Equal(t, credential.Notice{}, r.Notice)
					return
				}
				notice.Roles = 0
				require.Equal(t, notice, r.Notice)
			})
		}
	}
}

// TestNoticeThatComesWithTheVisitor is shown to the one who brought it, and is
// over with the next policy.
func TestNoticeThatComesWithTheVisitor(t *testing.T) {
	w := worldtest.New(t)
	away := credential.Notice{Kind: credential.NoticeAway, Instruction: credential.InstructionOtherPlace, Roles: credential.NoticeOperators}
	r, err := tap(t, w, bringing(w.PostmanPhone(t), second(t, w, func(c *credential.PolicyClaims) { c.Notice = away })), credential.OperationDeliver)
	requireOpened(t, r, err)
	require.Equal(t, credential.NoticeAway, r.Notice.Kind)
	w.Hand(t, w.Policy(t, func(c *credential.PolicyClaims) { c.Version = 3 }))
	r, err = tap(t, w, w.PostmanPhone(t), credential.OperationDeliver)
	requireOpened(t, r, err)
	require.Equal(t, credential.Notice{}, r.Notice)
}

// TestBlockFromAfar has a guest leave the policy behind.  A grant that was issued
// after it does not open without it; an older one does, until it has come with
// anybody, and then no more.
func TestBlockFromAfar(t *testing.T) {
	w := worldtest.New(t)
	block := second(t, w, func(c *credential.PolicyClaims) { c.Block = credential.BlockGuests })
	older := w.NeighbourPhone(t)
	newer := guest(t, w, func(c *credential.GrantClaims) { c.Scope[0].PolicyVersion = 2 })
	r, err := tap(t, w, newer, credential.OperationOpen)
	requireRefused(t, credential.ReasonPolicyVersion, r, err)
	r, err = tap(t, w, older, credential.OperationOpen)
	requireOpened(t, r, err)

	r, err = tap(t, w, bringing(newer, block), credential.OperationOpen)
	requireRefused(t, credential.ReasonBlocked, r, err)
	require.Equal(t, []credential.Reason{credential.ReasonNone}, fates(r))
	for _, p := range []*holder.Phone{newer, older} {
		r, err = tap(t, w, bringing(p), credential.OperationOpen)
		requireRefused(t, credential.ReasonBlocked, r, err)
	}
	require.Equal(t, 1, w.Bolt.Driven)
	r, err = tap(t, w, bringing(older, w.Policy(t, func(c *credential.PolicyClaims) { c.Version = 3 })), credential.OperationOpen)
	requireOpened(t, r, err)
}
