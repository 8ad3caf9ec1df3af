package locktest_test

import (
	"context"
	"crypto"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	. "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/lock/locktest"
)

// world is the world of these tests.
var world = issuertest.New("locktest")

// newPeer returns a lock of both suites that an honest phone opens.
func newPeer() *locktest.Peer {
	p := &locktest.Peer{
		ID: world.LockID, Rand: world.Rand("lock"), Identities: map[int]locktest.Identity{},
		Capabilities: locktest.CapabilitySuite2 | locktest.CapabilityResumption | locktest.CapabilityExtendedLength,
		State:        locktest.State{PolicyVersion: 1, Floor: world.Now},
	}
	for _, suite := range []int{0, 2} {
		key, certificate := world.Identity(suite)
		p.Identities[suite] = locktest.Identity{Key: key, Certificate: certificate}
	}
	return p
}

// key returns a key of a suite.
func key(suite int, name string) crypto.Signer {
	if suite == 0 {
		return world.Key(name)
	}
	return world.P256(name)
}

// newPhone returns the reference's phone of a guest.
func newPhone(t *testing.T, suite int) *holder.Phone {
	t.Helper()
	k, err := holder.NewKey(key(suite, "guest"))
	require.NoError(t, err)
	return &holder.Phone{
		Key: k, Grant: world.Guest(key(suite, "guest")), Roots: world.Roots(), Makers: world.Makers(),
		Locks: holder.NewMemory(), Rand: world.Rand("phone"), Expect: world.LockID,
		Wait: func(context.Context, time.Duration) error { return nil },
	}
}

// eachSuite runs a test in both suites.
func eachSuite(t *testing.T, test func(t *testing.T, suite int)) {
	t.Run("suite 0", func(t *testing.T) { test(t, 0) })
	t.Run("suite 2", func(t *testing.T) { test(t, 2) })
}

func TestHonestPhoneOpens(t *testing.T) {
	eachSuite(t, func(t *testing.T, suite int) {
		for _, extended := range []bool{false, true} {
			l, p := newPeer(), newPhone(t, suite)
			p.Extended = extended
			for range 2 { // by value, then by key id
				r, err := p.Open(t.Context(), l.Link(), credential.OperationOpen)
				require.NoError(t, err)
				require.Equal(t, credential.OutcomeOpened, r.Outcome)
			}
			require.Empty(t, l.Faults())
			require.Len(t, l.Requests(), 2)
		}
	})
}

func TestHonestPhoneResumes(t *testing.T) {
	l, p := newPeer(), newPhone(t, 0)
	p.Slots = holder.NewSlots()
	l.Respond = func(r locktest.Request) locktest.Response {
		out := locktest.Response{Outcome: credential.OutcomeOpened}
		if r.Resumable {
			out.Slot = 32
		}
		return out
	}
	for i := range 4 {
		r, err := p.Open(t.Context(), l.Link(), credential.OperationOpen)
		require.NoError(t, err)
		require.Equal(t, credential.OutcomeOpened, r.Outcome)
		require.Equal(t, i == 0, r.Cost.Pairs > 2)
	}
	require.Empty(t, l.Faults())
}

func TestHonestPhoneIsReadByBindingR(t *testing.T) {
	eachSuite(t, func(t *testing.T, suite int) {
		l, p := newPeer(), newPhone(t, suite)
		var got holder.Result
		card := p.Card(t.Context(), holder.Ask{Operation: credential.OperationOpen}, func(r holder.Result, err error) {
			require.NoError(t, err)
			got = r
		})
		require.NoError(t, l.Meet(t.Context(), apdu.Direct(card)))
		require.Equal(t, credential.OutcomeOpened, got.Outcome)
		require.Empty(t, l.Faults())
	})
}

func TestReceiptsAndPages(t *testing.T) {
	entry := func(n uint32) credential.LogEntry {
		return credential.LogEntry{Sequence: n, Time: world.Now, Operation: credential.OperationOpen, Outcome: credential.LogStarted, Role: credential.RoleGuest}
	}
	receiptBy := func(k crypto.Signer) []byte {
		b, err := locktest.Receipt(k, credential.ReceiptClaims{Lock: world.LockID, Floor: world.Now, PolicyVersion: 1})
		require.NoError(t, err)
		return b
	}
	own, _ := world.Identity(0)
	for name, c := range map[string]struct {
		key  crypto.Signer
		good bool
	}{"the lock's key": {own, true}, "another key": {world.Key("another"), false}} {
		l, p := newPeer(), newPhone(t, 0)
		l.Respond = func(r locktest.Request) locktest.Response {
			return locktest.Response{Outcome: credential.OutcomeOpened, Receipt: receiptBy(c.key)}
		}
		r, err := p.Do(t.Context(), l.Link(), holder.Ask{Operation: credential.OperationOpen, Receipt: true})
		require.NoError(t, err)
		require.Equal(t, credential.OutcomeOpened, r.Outcome)
		require.Equal(t, c.good, r.Receipt != nil && r.Receipt.Err == nil, name)
	}
	key := holder.NewLogKey([32]byte{1})
	good := locktest.Page(world.LockID, credential.LogHead{}, entry(1), entry(2))
	require.Equal(t, credential.LogPage{Lock: world.LockID, Entries: []credential.LogEntry{entry(1), entry(2)}}.Encode(), good)
	for name, page := range map[string][]byte{
		"gap": locktest.Page(world.LockID, credential.LogHead{}, entry(1), entry(3)), "order": locktest.Page(world.LockID, credential.LogHead{}, entry(2), entry(1)),
	} {
		_, err := credential.ParseLogPage(page)
		require.Error(t, err, name)
		sealed, err := locktest.SealPage(key.Bytes(), page, [16]byte{})
		require.NoError(t, err)
		opened, err := holder.LogKeys{key}.Open(sealed)
		require.NoError(t, err)
		require.Equal(t, page, opened)
	}
}

// TestForgedObjects takes good objects apart and puts wrong ones together.
func TestForgedObjects(t *testing.T) {
	grant := world.Guest(world.Key("guest"))
	same := OfObject(func(o *Object) { o.Sign(world.Key("owner")) })(grant)
	require.Equal(t, grant, same, "Ed25519 signs the same twice")
	u, err := credential.ParseGrant(OfObject(func(o *Object) {
		o.Claims(func(m *Map) { m.Set(4, Uint(uint64(world.Now+400*issuertest.Day))) })
		o.Sign(world.Key("owner"))
	})(grant))
	require.NoError(t, err)
	require.Equal(t, world.Now+400*issuertest.Day, u.Claims.Expires)
	_, err = (&credential.Verifier{}).OwnerGrant(u, world.Owner.PublicKey())
	require.NoError(t, err)
	for name, alter := range map[string]func(*Object){
		"unknown claim":      func(o *Object) { o.Claims(func(m *Map) { m.Append(Int(1000), Int(1)) }) },
		"claim in long form": func(o *Object) { o.Claims(func(m *Map) { m.Set(4, LongHead(MajorUint, uint64(world.Now), 8)) }) },
		"unprotected header": func(o *Object) { o.Unprotected = Map{{Key: Int(1), Value: Int(1)}}.Encode() },
		"text":               func(o *Object) { o.Payload = Text("claims") },
		"other algorithm":    func(o *Object) { o.Header(func(m *Map) { m.Set(1, Int(-7)) }) },
		"short signature":    func(o *Object) { o.Signature = o.Signature[:63] },
	} {
		_, err := credential.ParseGrant(OfObject(alter)(grant))
		require.Error(t, err, name)
	}
	require.Panics(t, func() { OfMap(func(*Map) {})([]byte{0xFF}) })
}
