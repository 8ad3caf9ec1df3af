package postern

import (
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
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

// Passing is what a holder passes on to somebody: a part of what the right allows,
// where the right may be passed on.
type Passing struct {
	// To is the public key as [Phone.PublicKey] of the other phone returns it.
	To string
	// Lock is the id of the lock, 16 hexadecimal digits; nothing where Area says for
	// which round.
	Lock string
	// Area is the start of an area code, at most 16 bytes.
	Area []byte
	// Actions is the sum of constants Action….
	Actions int
	// From and Until are seconds since 1970.  From can be 0, which is now.
	From, Until int64
	// Further is how many times it may be passed on again, 0 or 1.
	Further int
	// Uses is how often it may be used, 1 to 255; 0 does not count.
	Uses int
}

// Delegate passes the phone's right on.  It signs, so that Key may ask the person,
// and needs Clock.  The other phone sets what it returns with SetRight.
func (p *Phone) Delegate(passing *Passing) (*Right, error) {
	return guarded(func() (*Right, error) {
		if p == nil || p.key == nil || passing == nil {
			return nil, argument("Delegate: want a Phone that was made with NewPhone, and a Passing")
		}
		p.mu.Lock()
		key, right := p.phone.Key, p.right
		p.mu.Unlock()
		if right == nil {
			return nil, argument("Delegate: the phone has no right to pass on: owners grant")
		}
		now, err := readClock(p.platform.Clock)
		if err != nil {
			return nil, err
		}
		claims, err := passing.claims(now)
		if err != nil {
			return nil, err
		}
		chain := append(slices.Clone(right.parents), right.grant)
		grant, err := holder.Delegate(key, chain, claims)
		if err != nil {
			return nil, err
		}
		return newRight(grant, chain, right.authorities)
	})
}

// claims returns what is to be signed.
func (p *Passing) claims(now credential.Time) (c credential.GrantClaims, err error) {
	if err := c.Holder.UnmarshalText([]byte(p.To)); err != nil {
		return c, &fault{code: CodeArgument, detail: "Passing.To", err: err}
	}
	entry := credential.Entry{Target: credential.AreaTarget(p.Area)}
	switch {
	case p.Lock != "" && len(p.Area) > 0:
		return c, argument("Passing: want Lock or Area, not both")
	case p.Lock != "":
		id, err := parseLock(p.Lock)
		if err != nil {
			return c, err
		}
		entry.Target = credential.LockTarget(id)
	case len(p.Area) == 0:
		return c, argument("Passing: want Lock or Area")
	}
	if p.Actions <= 0 || p.Actions > 1<<16 || p.Further < 0 || p.Further > 1 || p.Uses < 0 || p.Uses > 255 {
		return c, argument("Passing: want Actions, Further of 0 or 1, Uses of 0 to 255")
	}
	entry.Actions, entry.Delegation = credential.Actions(p.Actions), uint8(p.Further)
	if p.Uses > 0 {
		entry.Uses = credential.Uses{Count: uint8(p.Uses), Starts: 3}
	}
	c.IssuedAt, c.Scope = now, []credential.Entry{entry}
	if c.Expires, err = moment(p.Until); err != nil {
		return c, err
	}
	if p.From != 0 {
		c.NotBefore, err = moment(p.From)
	}
	return c, err
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
