package postern

import (
	"sync"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/credential/holder/home"
)

// Bits of a set of actions.
const (
	ActionOpen    = int(credential.ActionOpen)
	ActionDeliver = int(credential.ActionDeliver)
	ActionCollect = int(credential.ActionCollect)
	ActionReturn  = int(credential.ActionReturn)
	ActionService = int(credential.ActionService)
	ActionReadLog = int(credential.ActionReadLog)
)

const allActions = ActionOpen | ActionDeliver | ActionCollect | ActionReturn | ActionService | ActionReadLog

// Terms are what somebody may who is granted a right.
type Terms struct {
	mu sync.Mutex
	t  home.Terms
}

// NewTerms are terms for actions, a sum of constants Action…, until a time in
// seconds since 1970.
func NewTerms(actions int, until int64) (*Terms, error) {
	return guarded(func() (*Terms, error) {
		if actions <= 0 || actions&^allActions != 0 {
			return nil, argument("NewTerms: want a sum of constants Action…")
		}
		end, err := moment(until)
		return &Terms{t: home.Terms{Actions: credential.Actions(actions), Until: end}}, err
	})
}

// SetFrom says when the right begins, in seconds since 1970.
func (t *Terms) SetFrom(from int64) error {
	begin, err := moment(from)
	if err != nil {
		return err
	}
	return t.set(true, "", func(t *home.Terms) { t.From = begin })
}

// SetUses says how often it may be used, 1 to 255; 0 does not count.
func (t *Terms) SetUses(count int) error {
	return t.set(count >= 0 && count <= 255, "SetUses: want 0 to 255", func(t *home.Terms) {
		if t.Uses = (credential.Uses{}); count > 0 {
			t.Uses = credential.Uses{Count: uint8(count), Starts: 3}
		}
	})
}

// SetCompartment says which door of a locker, 1 to 255; 0 is every one.
func (t *Terms) SetCompartment(number int) error {
	return t.set(number >= 0 && number <= 255, "SetCompartment: want 0 to 255", func(t *home.Terms) { t.Resource = uint8(number) })
}

// SetFurther says how many times it may be passed on, 0 to 2.
func (t *Terms) SetFurther(times int) error {
	return t.set(times >= 0 && times <= 2, "SetFurther: want 0 to 2", func(t *home.Terms) { t.Delegation = uint8(times) })
}

// SetLive says that the lock must know the time of now, by [Live]: the right ends
// to the minute.  AddHours needs it.
func (t *Terms) SetLive(wanted bool) error {
	return t.set(true, "", func(t *home.Terms) {
		if t.Evidence = credential.EvidenceFloor; wanted {
			t.Evidence = credential.EvidenceLive
		}
	})
}

// SetLease says for how many seconds one pass is good, 60 at the least, where the
// guest's phone gets a new one by and by, by [Box.Renew]; 0 is all the time.
func (t *Terms) SetLease(seconds int64) error {
	return t.set(seconds >= 0 && seconds < 1<<31, "SetLease: want 0 to 2147483647 seconds", func(t *home.Terms) { t.Lease = time.Duration(seconds) * time.Second })
}

// AddHours admits at certain hours of local time, on days of the week: bit 0 is
// Monday, bit 6 Sunday.  From and until are minutes of the day, 0 to 1440.
func (t *Terms) AddHours(days, from, until int) error {
	good := days > 0 && days < 128 && from >= 0 && from < until && until <= 1440
	return t.set(good, "AddHours: want days of 1 to 127, and minutes from < until <= 1440", func(t *home.Terms) {
		t.Schedule = append(t.Schedule[:len(t.Schedule):len(t.Schedule)], credential.Window{
			Days: credential.Days(days), From: uint16(from), Until: uint16(until),
		})
	})
}

func (t *Terms) set(good bool, want string, change func(*home.Terms)) error {
	return attempt(func() error {
		if t == nil || !good {
			return argument("%s", want)
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		change(&t.t)
		return nil
	})
}

// value returns the terms as they are now.
func (t *Terms) value() (home.Terms, error) {
	if t == nil {
		return home.Terms{}, argument("Terms are missing")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.t.Until == 0 {
		return home.Terms{}, argument("the Terms were not made with NewTerms")
	}
	return t.t, nil
}

// Delegate passes a part of the phone's pass on to who asks, by a request link; the
// pass allows it or not.  Lock is the id of one lock, of 16 hexadecimal digits;
// nothing is wherever the pass is good.  A lease means nothing here.  The key
// signs, so that the person may be asked; Clock is needed.
func (p *Phone) Delegate(request, lock string, terms *Terms) (*Pass, error) {
	return guarded(func() (*Pass, error) {
		if p == nil || p.key == nil {
			return nil, argument("Delegate: the Phone was not made with NewPhone")
		}
		p.mu.Lock()
		key, own := p.phone.Key, p.pass
		p.mu.Unlock()
		if own == nil {
			return nil, argument("Delegate: the phone has no pass: an owner grants, by Box")
		}
		claims, err := delegated(own, request, lock, terms)
		if err != nil {
			return nil, err
		}
		if claims.IssuedAt, err = readClock(p.platform.Clock); err != nil {
			return nil, err
		}
		grant, err := holder.Delegate(key, own.pass.Chain, claims)
		if err != nil {
			return nil, err
		}
		passed := own.pass
		passed.Chain = append(passed.Chain[:len(passed.Chain):len(passed.Chain)], grant)
		return newPass(passed)
	})
}

// delegated returns what is signed for another phone.
func delegated(own *Pass, request, lock string, terms *Terms) (c credential.GrantClaims, err error) {
	t, err := terms.value()
	if err != nil {
		return c, err
	}
	if c.Holder, err = parseRequest(request); err != nil {
		return c, err
	}
	entry := credential.Entry{
		Actions: t.Actions, Schedule: t.Schedule, Uses: t.Uses, Delegation: t.Delegation, Evidence: t.Evidence, Resource: t.Resource,
	}
	c.NotBefore, c.Expires = t.From, t.Until
	if lock != "" {
		id, err := parseLock(lock)
		entry.Target = credential.LockTarget(id)
		c.Scope = []credential.Entry{entry}
		return c, err
	}
	for _, e := range own.claims.Scope {
		if both := e.Actions & t.Actions; both != 0 {
			entry.Target, entry.Actions = e.Target, both
			c.Scope = append(c.Scope, entry)
		}
	}
	if len(c.Scope) == 0 {
		return c, argument("Delegate: the pass allows none of the actions")
	}
	return c, nil
}

// moment returns the time of seconds since 1970.
func moment(seconds int64) (credential.Time, error) {
	if seconds <= 0 || seconds > int64(^credential.Time(0)) {
		return 0, argument("time %d: want seconds since 1970, not milliseconds", seconds)
	}
	return credential.Time(seconds), nil
}

// readClock asks the platform for the time.
func readClock(clock Clock) (credential.Time, error) {
	if clock == nil {
		return 0, argument("Platform.Clock is missing")
	}
	seconds, err := clock.Now()
	if err != nil {
		return 0, &fault{code: CodePlatform, detail: "the clock failed", err: err}
	}
	return moment(seconds)
}
