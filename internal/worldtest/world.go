// Package worldtest makes a small world for tests and benchmarks: a scheme, a
// national post, a manufacturer, one owner with a neighbour, and the owner's
// lock on a simulated flash with a simulated bolt.  Everything in it derives
// from one seed, so that two worlds are the same to the byte.
package worldtest

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/lock/locktest"
)

// World is everything a test needs.
type World struct {
	Now credential.Time // 2027-03-01T08:00:00Z

	Scheme *issuer.Scheme
	Post   *issuer.Operator
	Maker  *issuer.Maker
	Owner  *issuer.Owner

	LockID credential.LockID
	Area   []byte
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
const Day credential.Time = 86400

// New makes a world.
func New(t testing.TB) *World {
	t.Helper()
	w := &World{
		Now:    credential.At(time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC)),
		LockID: credential.LockID{0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80},
		Area:   []byte("FR75011042"),
		Flash:  locktest.NewFlash(),
		Bolt:   &locktest.Bolt{Motion: lock.Moved},
	}
	var err error
	w.Scheme, err = issuer.NewScheme(Key("scheme"))
	require.NoError(t, err)
	w.Post, err = issuer.NewOperator(Key("post"), w.Authority(t, w.PostClaims()))
	require.NoError(t, err)
	w.Maker, err = issuer.NewMaker(Key("maker"), w.Authority(t, credential.AuthorityClaims{
		Key: Public(t, "maker"), IssuedAt: w.Now - 100*Day, Expires: w.Now + 1000*Day, Rights: credential.RightLock,
	}))
	require.NoError(t, err)
	w.Owner, err = issuer.NewOwner(Key("owner"))
	require.NoError(t, err)

	certificate, err := w.Maker.Certify(credential.LockClaims{
		Key: Public(t, "lock"), IssuedAt: w.Now - 50*Day, ID: w.LockID, Profile: 1, Level: 1,
	})
	require.NoError(t, err)
	w.Config = lock.Config{
		ID: w.LockID, Area: w.Area,
		Identities: []lock.Identity{{Key: Key("lock"), Certificate: certificate}},
		Roots:      []credential.PublicKey{w.Scheme.PublicKey()},
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

// PolicyClaims are the claims of the owner's first policy: the post is admitted
// to deliver and to collect.
func (w *World) PolicyClaims() credential.PolicyClaims {
	return credential.PolicyClaims{
		Lock: w.LockID, Version: 1, IssuedAt: w.Now - 20*Day,
		Services: []credential.Admission{{Service: credential.ServicePost, Actions: credential.ActionDeliver | credential.ActionCollect | credential.ActionReturn}},
	}
}

// Policy has the owner sign the claims of the first policy, altered.
func (w *World) Policy(t testing.TB, alter func(*credential.PolicyClaims)) []byte {
	t.Helper()
	c := w.PolicyClaims()
	alter(&c)
	b, err := w.Owner.Policy(c)
	require.NoError(t, err)
	return b
}

// Transfer has the owner give the lock to the named one, by a policy of the
// version.
func (w *World) Transfer(t testing.TB, to string, version uint32) {
	t.Helper()
	c := w.PolicyClaims()
	c.Version = version
	b, err := w.Owner.Transfer(c, Public(t, to))
	require.NoError(t, err)
	w.Hand(t, b)
}

// RevocationList has the post withdraw the grants with the tags.
func (w *World) RevocationList(t testing.TB, version uint32, denied ...credential.Tag) []byte {
	t.Helper()
	r, err := issuer.NewRevoker(Key("post"), w.Post.Authority())
	require.NoError(t, err)
	c := credential.RevocationClaims{IssuedAt: w.Now, Version: version}
	for _, tag := range denied {
		c.Denied = append(c.Denied, credential.Denial{Tag: tag, Expires: w.Now + Day})
	}
	b, err := r.Revoke(c)
	require.NoError(t, err)
	return b
}

// StatedTime has the post state a time, in a region that is an hour ahead of UTC.
func (w *World) StatedTime(t testing.TB, at credential.Time) []byte {
	t.Helper()
	s, err := issuer.NewTimeSource(Key("post"), w.Post.Authority())
	require.NoError(t, err)
	b, err := s.State(at, 60)
	require.NoError(t, err)
	return b
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

// PostClaims are the claims of the post's certificate.
func (w *World) PostClaims() credential.AuthorityClaims {
	return credential.AuthorityClaims{
		Key:      mustPublic("post"),
		IssuedAt: w.Now - 10*Day, Expires: w.Now + 80*Day,
		Services: []credential.Service{credential.ServicePost},
		Rights:   credential.RightIssue | credential.RightTime | credential.RightRevoke, LongestGrant: 84 * time.Hour,
	}
}

// Authority has the scheme certify the claims.
func (w *World) Authority(t testing.TB, c credential.AuthorityClaims) *credential.Authority {
	t.Helper()
	b, err := w.Scheme.Certify(c)
	require.NoError(t, err)
	u, err := credential.ParseAuthority(b)
	require.NoError(t, err)
	v := credential.Verifier{Roots: []credential.PublicKey{w.Scheme.PublicKey()}}
	a, err := v.Authority(u)
	require.NoError(t, err)
	return a
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
func (w *World) RoundClaims() credential.GrantClaims {
	return credential.GrantClaims{
		Holder: mustPublic("postman"), IssuedAt: w.Now, Expires: w.Now + Day/2,
		Scope: []credential.Entry{{
			Target:  credential.AreaTarget(w.Area),
			Actions: credential.ActionDeliver | credential.ActionCollect,
		}},
	}
}

// GuestClaims are the claims of a grant to the neighbour for the lock.
func (w *World) GuestClaims() credential.GrantClaims {
	return credential.GrantClaims{
		Holder: mustPublic("neighbour"), IssuedAt: w.Now, Expires: w.Now + 30*Day,
		Scope: []credential.Entry{{Target: credential.LockTarget(w.LockID), Actions: credential.ActionOpen}},
	}
}

// Phone returns the phone of the named holder; without a grant it is the
// owner's.
func (w *World) Phone(t testing.TB, name string, grant []byte) *holder.Phone {
	t.Helper()
	key, err := holder.NewKey(Key(name))
	require.NoError(t, err)
	return &holder.Phone{
		Key: key, Grant: grant,
		Authorities: [][]byte{w.Post.Authority().Bytes()},
		Roots:       []credential.PublicKey{w.Scheme.PublicKey()},
		Makers:      [][]byte{w.Maker.Authority().Bytes()},
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

// Key returns the Ed25519 key with the name.
func Key(name string) crypto.Signer {
	seed := sha256.Sum256([]byte("postern test key " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// Public returns the public half of the key with the name.
func Public(t testing.TB, name string) credential.PublicKey {
	t.Helper()
	k, err := credential.NewPublicKey(Key(name).Public())
	require.NoError(t, err)
	return k
}

// mustPublic is Public where there is no test at hand; the keys above cannot
// fail.
func mustPublic(name string) credential.PublicKey {
	k, _ := credential.NewPublicKey(Key(name).Public())
	return k
}

// Rand returns an endless stream of bytes that depends on the label alone.
func Rand(label string) io.Reader { return &stream{label: label} }

type stream struct {
	label   string
	counter uint64
	rest    []byte
}

func (s *stream) Read(p []byte) (int, error) {
	for i := range p {
		if len(s.rest) == 0 {
			sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("postern test stream "+s.label), s.counter))
			s.counter++
			s.rest = sum[:]
		}
		p[i], s.rest = s.rest[0], s.rest[1:]
	}
	return len(p), nil
}
