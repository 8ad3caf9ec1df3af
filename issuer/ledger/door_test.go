package ledger_test

import (
	"context"
	"crypto"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/issuer/ledger"
	"github.com/postern-lock/postern/lock"
)

// atDoor returns a desk and a lock that trusts its post.
func atDoor(t *testing.T) (*desk, *worldtest.World) {
	w := worldtest.New(t)
	return deskOn(&w.World), w
}

// tap delivers with a grant, and hands documents over.
func tap(t *testing.T, w *worldtest.World, name string, r ledger.Record, documents ...[]byte) holder.Result {
	t.Helper()
	w.PowerUp(t)
	p := w.Phone(t, name, r.Grant)
	p.Documents = documents
	result, err := p.Do(t.Context(), w.Link(), holder.Ask{Operation: credential.OperationDeliver, Receipt: true, Reference: r.Reference})
	require.NoError(t, err)
	return result
}

// here returns the duty of the round in which the world's lock lies.
func (d *desk) here(n int) ledger.Duty {
	duty := d.round(n)
	duty.Scope[0].Target = credential.AreaTarget(d.Area)
	duty.Expires -= credential.Time(n)
	return duty
}

// TestWithdrawnAtTheDoor lets a lock take the list that was published, and refuse the
// postman who was replaced.
func TestWithdrawnAtTheDoor(t *testing.T) {
	d, w := atDoor(t)
	old := d.issue(t, ledger.Each(d.here(0)))[0]
	require.Equal(t, credential.OutcomeOpened, tap(t, w, "postman", old).Outcome)
	d.pass(60)
	substitute := d.here(1)
	substitute.Holder = d.public("substitute")
	records, err := d.Replace(t.Context(), old.Duty, substitute)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, tap(t, w, "postman", old).Outcome, "the list is not there yet")

	_, err = d.Publish(t.Context())
	require.NoError(t, err)
	load, err := d.store().Outbox(t.Context(), d.Area)
	require.NoError(t, err)
	require.Len(t, load.Lists, 1)
	result := tap(t, w, "substitute", records[0], load.Lists[0].Bytes)
	require.Equal(t, credential.OutcomeOpened, result.Outcome)
	require.Equal(t, credential.ReasonNone, result.Documents[0].Reason)
	result = tap(t, w, "postman", old)
	require.Equal(t, credential.OutcomeRefused, result.Outcome)
	require.Equal(t, credential.ReasonDenied, result.Reason)
}

// TestWithdrawnGrantThatIsOver lets a thief bring the newest list himself, to a lock to
// which no later time came: no list ever lets a withdrawn grant open again
// (section 16.7), and none is against an honest one.
func TestWithdrawnGrantThatIsOver(t *testing.T) {
	longest := credential.Time(issuertest.New("").Post.Authority().LongestGrant() / time.Second)
	for name, c := range map[string]struct {
		after func(ledger.Record) credential.Time
		named int
	}{
		"when it is over":                  {func(r ledger.Record) credential.Time { return r.Expires }, 1},
		"when it is as old as the longest": {func(r ledger.Record) credential.Time { return r.IssuedAt + longest }, 1},
		"when it is older":                 {func(r ledger.Record) credential.Time { return r.IssuedAt + longest + 1 }, 0},
		"long after":                       {func(r ledger.Record) credential.Time { return r.IssuedAt + 4*longest }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			d, w := atDoor(t)
			old := d.issue(t, ledger.Each(d.here(0)))[0]
			d.pass(60)
			require.NoError(t, d.Withdraw(t.Context(), old.Duty))
			named, err := d.Publish(t.Context())
			require.NoError(t, err)
			require.Equal(t, credential.ReasonDenied, tap(t, w, "postman", old, named.Bytes).Reason)
			d.pass(c.after(old) - d.now())
			next := d.here(1)
			next.Expires = d.now() + longest
			honest := d.issue(t, ledger.Each(next))[0]
			newer, err := d.Publish(t.Context())
			require.NoError(t, err)
			require.Len(t, d.posted(t).Denied, c.named)
			result := tap(t, w, "postman", old, newer.Bytes)
			require.Equal(t, credential.ReasonNone, result.Documents[0].Reason, "the lock took the list")
			require.Equal(t, credential.ReasonDenied, result.Reason)
			require.Equal(t, credential.OutcomeOpened, tap(t, w, "postman", honest).Outcome)
		})
	}
}

// TestWithdrawnGrantThatIsOverWhereNoRoomIs shows what remains: a list that is full of
// newer withdrawals lets go of a grant that is over, until it is older than the
// longest, or until a time token ends it.
func TestWithdrawnGrantThatIsOverWhereNoRoomIs(t *testing.T) {
	d, w := atDoor(t)
	first := d.here(0)
	first.Expires = d.now() + hour
	old := d.issue(t, ledger.Each(first))[0]
	others := d.issue(t, func(yield func(ledger.Duty, error) bool) {
		for n := range 24 {
			if !yield(d.round(n+1), nil) {
				return
			}
		}
	})
	require.NoError(t, d.Withdraw(t.Context(), old.Duty))
	named, err := d.Publish(t.Context())
	require.NoError(t, err)
	require.Equal(t, credential.ReasonDenied, tap(t, w, "postman", old, named.Bytes).Reason)
	d.pass(2 * hour)
	for _, r := range others {
		require.NoError(t, d.Withdraw(t.Context(), r.Duty))
	}
	full, err := d.Publish(t.Context())
	require.NoError(t, err, "what is over makes no list full")
	require.Equal(t, credential.OutcomeOpened, tap(t, w, "postman", old, full.Bytes).Outcome)

	d.pass(credential.Time(d.Publisher.Longest / time.Second))
	next := d.round(30)
	next.Expires = d.now() + hour
	d.issue(t, ledger.Each(next))
	later, err := d.Publish(t.Context())
	require.NoError(t, err)
	require.Equal(t, credential.ReasonDenied, tap(t, w, "postman", old, later.Bytes).Reason)
}

// TestRaiseAtTheDoor withdraws 30 grants of one round.  Least rises, the bystander is
// issued again, and the lock tells them all apart.
func TestRaiseAtTheDoor(t *testing.T) {
	d, w := atDoor(t)
	var bad []ledger.Record
	for i := range 30 {
		bad = append(bad, d.issue(t, ledger.Each(d.here(i)))...)
		d.pass(1)
		if i == 5 {
			d.issue(t, ledger.Each(d.here(100)))
			r, err := d.Parcel(t.Context(), d.parcel(1))
			require.NoError(t, err)
			require.NotZero(t, r.Serial)
		}
	}
	good := d.issue(t, ledger.Each(d.here(101)))[0]
	d.pass(60)
	for _, r := range bad {
		require.NoError(t, d.Withdraw(t.Context(), r.Duty))
	}
	_, err := d.Publish(t.Context())
	require.ErrorIs(t, err, ledger.ErrFull)

	least, count, err := d.Raise(t.Context())
	require.NoError(t, err)
	require.Equal(t, bad[17].IssuedAt+1, least, "the newest 12 stay named")
	require.Equal(t, 2, count, "the round and the parcel")
	again := d.issue(t, d.Bystanders(t.Context()))
	require.Len(t, again, 1, "not the parcel")
	list, err := d.Publish(t.Context())
	require.NoError(t, err)

	require.Equal(t, credential.OutcomeOpened, tap(t, w, "postman", again[0], list.Bytes).Outcome)
	require.Equal(t, credential.OutcomeOpened, tap(t, w, "postman", good).Outcome)
	for _, r := range append(bad, d.find(t, id(100))) {
		require.Equal(t, credential.ReasonDenied, tap(t, w, "postman", r).Reason)
	}

	// There is room now, and nothing is raised or issued twice.
	least, count, err = d.Raise(t.Context())
	require.NoError(t, err)
	require.Zero(t, least)
	require.Zero(t, count)
	require.Equal(t, again, d.issue(t, d.Bystanders(t.Context())))
	require.NoError(t, d.Withdraw(t.Context(), again[0].Duty))
	require.Empty(t, d.issue(t, d.Bystanders(t.Context())), "what was withdrawn since is left out")
}

// verified returns the lock's receipt as verified.
func verified(t *testing.T, w *worldtest.World, data []byte) *credential.Receipt {
	t.Helper()
	v := credential.Verifier{Roots: w.Roots()}
	_, certificate := w.Identity(0)
	lock, err := credential.ParseLockCertificate(certificate)
	require.NoError(t, err)
	known, err := v.LockCertificate(lock, w.Maker.Authority())
	require.NoError(t, err)
	u, err := credential.ParseReceipt(data)
	require.NoError(t, err)
	receipt, err := v.Receipt(u, known)
	require.NoError(t, err)
	return receipt
}

// courier taps with a parcel's grant and a live time.
func courier(t *testing.T, d *desk, w *worldtest.World, r ledger.Record, ask holder.Ask) (holder.Result, error) {
	t.Helper()
	w.PowerUp(t)
	p := w.Phone(t, "postman", r.Grant)
	p.Live = func(_ context.Context, nonce [16]byte) ([]byte, error) { return d.LiveTime(d.now(), nonce), nil }
	return p.Do(t.Context(), w.Link(), ask)
}

func TestParcelAtTheDoor(t *testing.T) {
	d, w := atDoor(t)
	parcel, err := d.Parcel(t.Context(), d.parcel(1))
	require.NoError(t, err)
	require.Equal(t, d.parcel(1).Reference, parcel.Reference)
	again, err := d.Parcel(t.Context(), d.parcel(1))
	require.NoError(t, err)
	require.Equal(t, parcel, again)

	ask := holder.Ask{Operation: credential.OperationDeliver, Receipt: true, Reference: parcel.Reference}
	w.PowerUp(t)
	result, err := w.Phone(t, "postman", parcel.Grant).Do(t.Context(), w.Link(), ask)
	require.NoError(t, err)
	require.Equal(t, credential.ReasonEvidence, result.Reason, "without a live time")

	result, err = courier(t, d, w, parcel, ask)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, result.Outcome)
	require.NoError(t, ledger.Settles(parcel, verified(t, w, result.Receipt.Bytes)))

	result, err = courier(t, d, w, parcel, ask)
	require.NoError(t, err)
	require.Equal(t, credential.ReasonUsesSpent, result.Reason, "once, and no more")

	// Diverted: a list carries it to the lock.
	diverted, err := d.Parcel(t.Context(), d.parcel(2))
	require.NoError(t, err)
	require.NoError(t, d.Withdraw(t.Context(), diverted.Duty))
	list, err := d.Publish(t.Context())
	require.NoError(t, err)
	w.Hand(t, list.Bytes)
	result, err = courier(t, d, w, diverted, ask)
	require.NoError(t, err)
	require.Equal(t, credential.ReasonDenied, result.Reason)

	// Late: the live time ends it.
	late, err := d.Parcel(t.Context(), d.parcel(3))
	require.NoError(t, err)
	d.pass(600)
	result, err = courier(t, d, w, late, ask)
	require.NoError(t, err)
	require.Equal(t, credential.ReasonExpired, result.Reason)
}

// TestSettlesIsStrict tries a parcel's receipt on other grants, and other receipts on
// the parcel.
func TestSettlesIsStrict(t *testing.T) {
	d, w := atDoor(t)
	offline := d.parcel(1)
	offline.Offline, offline.Starts = true, 3
	parcel, err := d.Parcel(t.Context(), offline)
	require.NoError(t, err)
	open := func(r ledger.Record, ask holder.Ask) *credential.Receipt {
		ask.Receipt = true
		result, err := courier(t, d, w, r, ask)
		require.NoError(t, err)
		return verified(t, w, result.Receipt.Bytes)
	}
	status := open(parcel, holder.Ask{Operation: credential.OperationStatus})
	noReference := open(parcel, holder.Ask{Operation: credential.OperationDeliver})
	offline.ID, offline.Expires = id(2000), offline.Expires+1
	second, err := d.Parcel(t.Context(), offline)
	require.NoError(t, err)
	good := open(second, holder.Ask{Operation: credential.OperationDeliver, Reference: second.Reference})
	round := d.issue(t, ledger.Each(d.here(0)))[0]
	offline.ID, offline.Expires = id(2002), offline.Expires+1
	third, err := d.Parcel(t.Context(), offline)
	require.NoError(t, err)
	w.Bolt.Motion = lock.Stuck
	stuck := open(third, holder.Ask{Operation: credential.OperationDeliver, Reference: third.Reference})
	w.Bolt.Motion = lock.Unseen
	require.NoError(t, ledger.Settles(third, open(third, holder.Ask{Operation: credential.OperationDeliver, Reference: third.Reference})), "the next start, by a lock that sees nothing")
	w.Bolt.Motion = lock.Moved
	byRound := open(round, holder.Ask{Operation: credential.OperationDeliver, Reference: second.Reference})
	collected := open(round, holder.Ask{Operation: credential.OperationCollect, Reference: second.Reference})

	elsewhere := offline
	elsewhere.ID, elsewhere.Lock = id(2001), credential.LockID{9}
	other, err := d.Parcel(t.Context(), elsewhere)
	require.NoError(t, err)

	require.NoError(t, ledger.Settles(second, good))
	for name, c := range map[string]struct {
		record  ledger.Record
		receipt *credential.Receipt
		want    string
	}{
		"no receipt":              {second, nil, "no receipt"},
		"a zero receipt":          {second, new(credential.Receipt), "of lock"},
		"no opening":              {parcel, status, "no opening"},
		"the bolt did not move":   {third, stuck, "did not open"},
		"no reference":            {parcel, noReference, "about the parcel"},
		"another grant's":         {parcel, good, "about the grant"},
		"the round's":             {second, byRound, "about the grant"},
		"another lock's":          {other, good, "of lock"},
		"a round is not a parcel": {round, byRound, "for no parcel"},
		"collected":               {func() ledger.Record { r := round; r.Reference = second.Reference; return r }(), collected, "of lock"},
	} {
		err := ledger.Settles(c.record, c.receipt)
		require.ErrorIs(t, err, ledger.ErrNotSettled, name)
		require.ErrorContains(t, err, c.want, name)
	}
	spoilt := second
	spoilt.Grant = spoilt.Grant[1:]
	require.Error(t, ledger.Settles(spoilt, good))
}

// TestSettlesByEachField has the lock sign what it never would, one field at a time.
func TestSettlesByEachField(t *testing.T) {
	d, w := atDoor(t)
	parcel, err := d.Parcel(t.Context(), d.parcel(1))
	require.NoError(t, err)
	key, _ := w.Identity(0)
	receipt := func(alter func(*credential.LogEntry)) *credential.Receipt {
		e := credential.LogEntry{
			Time: d.now(), Operation: credential.OperationDeliver, Outcome: credential.LogStarted, Role: credential.RoleOperator,
			Service: credential.ServicePost, Who: parcel.Tag, Reference: parcel.Reference,
		}
		alter(&e)
		u, err := credential.NewReceipt(credential.ReceiptClaims{Lock: d.LockID, Floor: d.now(), Entry: &e}, d.public("lock"))
		require.NoError(t, err)
		signature, err := key.Sign(nil, u.ToBeSigned(), crypto.Hash(0))
		require.NoError(t, err)
		data, err := u.WithSignature(signature)
		require.NoError(t, err)
		return verified(t, w, data)
	}
	require.NoError(t, ledger.Settles(parcel, receipt(func(*credential.LogEntry) {})))
	for name, alter := range map[string]func(*credential.LogEntry){
		"a guest":           func(e *credential.LogEntry) { e.Role, e.Service = credential.RoleGuest, 0 },
		"an owner":          func(e *credential.LogEntry) { e.Role, e.Service = credential.RoleOwner, 0 },
		"another grant":     func(e *credential.LogEntry) { e.Who[7]++ },
		"another parcel":    func(e *credential.LogEntry) { e.Reference[7]++ },
		"a failure":         func(e *credential.LogEntry) { e.Outcome = credential.LogFailed },
		"a transfer":        func(e *credential.LogEntry) { e.Outcome = credential.LogTransferred },
		"another operation": func(e *credential.LogEntry) { e.Operation = credential.OperationCollect },
		"a look":            func(e *credential.LogEntry) { e.Operation = credential.OperationStatus },
		"a new operation":   func(e *credential.LogEntry) { e.Operation = 99 },
	} {
		require.ErrorIs(t, ledger.Settles(parcel, receipt(alter)), ledger.ErrNotSettled, name)
	}
}

func TestParcelIsNarrow(t *testing.T) {
	for name, alter := range map[string]func(*ledger.Parcel){
		"no id":                func(p *ledger.Parcel) { p.ID = ledger.DutyID{} },
		"no lock":              func(p *ledger.Parcel) { p.Lock = credential.LockID{} },
		"no reference":         func(p *ledger.Parcel) { p.Reference = credential.Reference{} },
		"no action":            func(p *ledger.Parcel) { p.Action = 0 },
		"another action":       func(p *ledger.Parcel) { p.Action = credential.ActionOpen },
		"two actions":          func(p *ledger.Parcel) { p.Action = credential.ActionDeliver | credential.ActionCollect },
		"longer than an hour":  func(p *ledger.Parcel) { p.Expires += ledger.MaxParcel },
		"over":                 func(p *ledger.Parcel) { p.Expires = 1 },
		"too many starts":      func(p *ledger.Parcel) { p.Starts = 4 },
		"nobody":               func(p *ledger.Parcel) { p.Holder = credential.PublicKey{} },
		"a service of another": func(p *ledger.Parcel) { p.Service = credential.ServiceWater },
	} {
		d := newDesk()
		p := d.parcel(1)
		alter(&p)
		_, err := d.Parcel(t.Context(), p)
		var one *ledger.DutyError
		require.ErrorAs(t, err, &one, name)
		require.Equal(t, p.ID, one.Duty, name)
		require.Empty(t, all(t, d.store()), name)
	}
	d := newDesk()
	r, err := d.Parcel(t.Context(), d.parcel(1))
	require.NoError(t, err)
	back, err := ledger.DutyOf(r)
	require.NoError(t, err)
	require.Equal(t, []credential.Entry{{
		Target: credential.LockTarget(d.LockID), Actions: credential.ActionDeliver,
		Uses: credential.Uses{Count: 1, Starts: 1}, Evidence: credential.EvidenceLive,
	}}, back.Scope)
}
