// Package worldtest makes a small world for tests and benchmarks: a scheme, a
// national post, a manufacturer, one owner with a neighbour, and the owner's
// lock on a simulated flash with a simulated bolt.  Everything in it derives
// from one seed, so that two worlds are the same to the byte.
package worldtest

import (
	"context"
	"crypto"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/lock/locktest"
)

// World is everything a test needs.
type World struct {
	issuertest.World

	Config lock.Config
	Flash  *locktest.Flash
	Bolt   *locktest.Bolt
	Lock   *lock.Lock
	Events []lock.Event

	Elapsed time.Duration // since the lock has power, by its own oscillator
	Button  bool          // whether the button inside the box is pressed
	LogKey  holder.LogKey // that owner and lock agreed
}

// Setup is the lock's setup secret.
var Setup = [16]byte{'s', 'e', 't', 'u', 'p', ' ', 's', 'e', 'c', 'r', 'e', 't', ' ', '1', '2', '8'}

// Day is one day in seconds.
const Day = issuertest.Day

// New makes a world.
func New(t testing.TB) *World {
	t.Helper()
	w := &World{World: *issuertest.New(seed), Flash: locktest.NewFlash(), Bolt: &locktest.Bolt{Motion: lock.Moved}}
	key, certificate := w.Identity(0)
	w.Config = lock.Config{
		ID: w.LockID, Area: w.Area,
		Identities: []lock.Identity{{Key: key, Certificate: certificate}},
		Roots:      w.Roots(),
		Setup:      Setup,
		Elapsed:    func() time.Duration { return w.Elapsed },
		Button:     func() bool { return w.Button },
		Flash:      w.Flash, Actuator: w.Bolt, Rand: Rand("lock"),
		ExtendedLength: true,
		Observe:        func(e lock.Event) { w.Events = append(w.Events, e) },
	}
	require.NoError(t, lock.Format(w.Flash))
	w.Commission(t)
	w.Hand(t, w.Policy(t, func(*credential.PolicyClaims) {}))
	w.Config.Rand = Rand("lock")
	w.PowerUp(t)
	w.Events, w.Flash.Erases, w.Flash.Programmed, w.Flash.Reads = nil, 0, 0, 0
	return w
}

// Commission makes the owner the owner of the vacant lock.
func (w *World) Commission(t testing.TB) {
	t.Helper()
	w.PowerUp(t)
	key, r, err := w.OwnerPhone(t).Commission(context.Background(), w.Link(), Setup)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	w.LogKey = key
}

// Policy has the owner sign the claims of the first policy, altered.
func (w *World) Policy(t testing.TB, alter func(*credential.PolicyClaims)) []byte {
	t.Helper()
	return w.World.Policy(alter)
}

// Transfer has the owner give the lock to the named one, by a policy of the
// version.
func (w *World) Transfer(t testing.TB, to string, version uint32) {
	t.Helper()
	w.Hand(t, w.World.Transfer(Public(t, to), version))
}

// RevocationList has the post withdraw the grants with the tags.
func (w *World) RevocationList(t testing.TB, version uint32, denied ...credential.Tag) []byte {
	t.Helper()
	return w.World.RevocationList(version, denied...)
}

// StatedTime has the post state a time, in a region that is an hour ahead of UTC.
func (w *World) StatedTime(t testing.TB, at credential.Time) []byte {
	t.Helper()
	return w.World.StatedTime(at)
}

// Openings returns the entries of the log without those of the owner's settings.
func (w *World) Openings() []credential.LogEntry {
	return slices.DeleteFunc(w.Lock.Log(), func(e credential.LogEntry) bool { return e.Operation == credential.OperationConfigure })
}

// Hand has the owner's phone hand documents over.
func (w *World) Hand(t testing.TB, documents ...[]byte) holder.Result {
	t.Helper()
	w.PowerUp(t)
	p := w.OwnerPhone(t)
	p.Documents = documents
	r, err := p.Status(context.Background(), w.Link())
	require.NoError(t, err)
	return r
}

// Authority has the scheme certify the claims.
func (w *World) Authority(t testing.TB, c credential.AuthorityClaims) *credential.Authority {
	t.Helper()
	return w.Certified(c)
}

// PowerUp starts the lock anew from its flash.
func (w *World) PowerUp(t testing.TB) {
	t.Helper()
	l, err := lock.New(w.Config)
	require.NoError(t, err)
	w.Lock = l
}

// Link is the phone's end of a link to the lock.
func (w *World) Link() apdu.Transceiver { return apdu.Direct(w.Lock) }

// RoundClaims are the claims of a grant to the postman for the lock's round
// today.
func (w *World) RoundClaims() credential.GrantClaims { return w.World.RoundClaims(Key("postman")) }

// GuestClaims are the claims of a grant to the neighbour for the lock.
func (w *World) GuestClaims() credential.GrantClaims { return w.World.GuestClaims(Key("neighbour")) }

// Phone returns the phone of the named holder; without a grant it is the
// owner's.
func (w *World) Phone(t testing.TB, name string, grant []byte) *holder.Phone {
	t.Helper()
	key, err := holder.NewKey(Key(name))
	require.NoError(t, err)
	return &holder.Phone{
		Key: key, Grant: grant,
		Authorities: [][]byte{w.Post.Authority().Bytes()},
		Roots:       w.Roots(),
		Makers:      w.Makers(),
		Locks:       holder.NewMemory(),
		Rand:        Rand(name),
		Extended:    true,
	}
}

// OwnerPhone returns the owner's phone.
func (w *World) OwnerPhone(t testing.TB) *holder.Phone { return w.Phone(t, "owner", nil) }

// PostmanPhone returns the postman's phone with today's grant.
func (w *World) PostmanPhone(t testing.TB) *holder.Phone {
	t.Helper()
	g, err := w.Post.Grant(w.RoundClaims())
	require.NoError(t, err)
	return w.Phone(t, "postman", g)
}

// NeighbourPhone returns the neighbour's phone with the owner's grant.
func (w *World) NeighbourPhone(t testing.TB) *holder.Phone {
	t.Helper()
	g, err := w.Owner.Grant(w.GuestClaims())
	require.NoError(t, err)
	return w.Phone(t, "neighbour", g)
}

// LastEvent returns what the lock last told the maker's code.
func (w *World) LastEvent() lock.Event {
	if len(w.Events) == 0 {
		return lock.Event{}
	}
	return w.Events[len(w.Events)-1]
}

// seed is the seed of every world of this package.
const seed issuertest.Seed = ""

// Key returns the Ed25519 key with the name.
func Key(name string) crypto.Signer { return seed.Key(name) }

// Public returns the public half of the key with the name.
func Public(t testing.TB, name string) credential.PublicKey {
	t.Helper()
	return issuertest.Public(Key(name))
}

// Rand returns an endless stream of bytes that depends on the label alone.
func Rand(label string) io.Reader { return seed.Rand(label) }
