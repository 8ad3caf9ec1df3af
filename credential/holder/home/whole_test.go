package home_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/credential/holder/home"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/issuer/issuertest"
)

// moody is a key that signs when it likes to.
type moody struct {
	holder.Key
	left int // signatures until it fails; negative never fails
}

var errFinger = errors.New("no finger on the sensor")

func (m *moody) Sign(message []byte) ([]byte, error) {
	if m.left == 0 {
		return nil, errFinger
	}
	m.left--
	return m.Key.Sign(message)
}

// operations are all methods that change what a Box keeps, on one that knows Anna
// and Ben, a co-owner, and a lock that holds the policy.
var operations = []struct {
	name  string
	signs int // signatures that it makes
	do    func(*home.Box, time.Time) error
}{
	{"block", 1, func(b *home.Box, now time.Time) error { _, err := b.Block(now, credential.BlockGuests); return err }},
	{"notice", 1, func(b *home.Box, now time.Time) error {
		_, err := b.Notice(now, credential.Notice{Kind: credential.NoticeAway, Roles: credential.NoticeGuests})
		return err
	}},
	{"admit", 1, func(b *home.Box, now time.Time) error {
		_, err := b.Admit(now, credential.Admission{Service: credential.ServicePost, Actions: credential.ActionDeliver})
		return err
	}},
	{"set", 1, func(b *home.Box, now time.Time) error { _, err := b.Set(now, func(*home.Settings) {}); return err }},
	{"add a co-owner", 1, func(b *home.Box, now time.Time) error { _, err := b.AddCoOwner(now, "Eve", public("eve")); return err }},
	{"remove a co-owner", 1, func(b *home.Box, now time.Time) error { _, err := b.RemoveCoOwner(now, public("partner")); return err }},
	{"grant", 1, func(b *home.Box, now time.Time) error {
		_, err := b.Grant(now, "Cem", public("cem"), home.Terms{Until: credential.At(now.Add(time.Hour))})
		return err
	}},
	{"renew", 1, func(b *home.Box, now time.Time) error { _, err := b.Renew(now.Add(20 * time.Hour)); return err }},
	{"withdraw", 1, func(b *home.Box, now time.Time) error { _, err := b.Withdraw(now, id("anna")); return err }},
	{"deny", 1, func(b *home.Box, now time.Time) error { _, err := b.Deny(now, credential.Tag{1}, 0); return err }},
	{"transfer", 1, func(b *home.Box, now time.Time) error { _, err := b.Transfer(now, public("buyer")); return err }},
	{"reset the floor", 3, func(b *home.Box, now time.Time) error { _, err := b.ResetFloor(now); return err }},
	{"heal", 3, func(b *home.Box, now time.Time) error { _, err := b.Heal(now); return err }}, // a policy, Anna, Ben
	{"restored", 0, func(b *home.Box, _ time.Time) error { return b.Restored() }},
	{"name", 0, func(b *home.Box, _ time.Time) error { return b.Name(credential.Tag{2}, "Fay") }},
	{"erase", 0, func(b *home.Box, now time.Time) error { return b.Erase(now.Add(time.Hour)) }},
	{"forget", 0, func(b *home.Box, now time.Time) error { return b.Forget(now.AddDate(0, 2, 0), id("anna")) }},
	{"take note", 0, func(b *home.Box, _ time.Time) error {
		return b.Took(holder.Result{Lock: b.Lock(), State: holder.State{PolicyVersion: b.Version(), Floor: 1, Sequence: 9}})
	}},
	{"read what was brought", 0, func(b *home.Box, _ time.Time) error { return b.Brought(make([]byte, 0)) }},
}

func public(name string) credential.PublicKey { return issuertest.Public(worldtest.Key(name)) }
func id(name string) credential.KeyID         { return credential.KeyIDOf(public(name)) }

// settled returns a Box with guests, and its key.
func settled(t *testing.T) (*street, *home.Box, *shelf, *moody) {
	t.Helper()
	s, on, k := newStreet(t), new(shelf), &moody{key(t, "owner"), -1}
	b, err := home.New(k, s.LockID, on.keep)
	require.NoError(t, err)
	_, _, err = b.MoveIn(t.Context(), s.OwnerPhone(t), s.Link(), worldtest.Setup, s.now)
	require.NoError(t, err)
	_, err = b.AddCoOwner(s.now, "Dana", public("partner"))
	require.NoError(t, err)
	_, err = b.Grant(s.now, "Anna", public("anna"), s.month())
	require.NoError(t, err)
	_, err = b.Grant(s.now, "Ben", public("ben"), home.Terms{Until: s.Now + 30*worldtest.Day, Lease: 24 * time.Hour})
	require.NoError(t, err)
	s.visit(t, b, "owner")
	return s, b, on, k
}

func requireSame(t *testing.T, want home.Saved, b *home.Box) {
	t.Helper()
	got, err := b.Saved()
	require.NoError(t, err)
	require.JSONEq(t, string(want.State), string(got.State))
	require.JSONEq(t, string(want.History), string(got.History))
	require.JSONEq(t, string(want.Vault), string(got.Vault))
}

// TestNothingIsHalfChanged has the app's store and the key fail, in each operation
// and at each signature.
func TestNothingIsHalfChanged(t *testing.T) {
	s, b, on, k := settled(t)
	full := errors.New("the disk is full")
	for _, o := range operations {
		t.Run(o.name, func(t *testing.T) {
			before, err := b.Saved()
			require.NoError(t, err)
			pending, version := b.Pending(), b.Version()
			on.fail = full
			err = o.do(b, s.now)
			require.ErrorIs(t, err, home.ErrKeep)
			require.ErrorIs(t, err, full)
			on.fail = nil
			requireSame(t, before, b)
			for n := range o.signs {
				k.left = n
				require.ErrorIs(t, o.do(b, s.now), errFinger, "signature %d", n+1)
				k.left = -1
				requireSame(t, before, b)
			}
			require.Equal(t, pending, b.Pending())
			require.Equal(t, version, b.Version())

			copied, err := home.Load(k, before, new(shelf).keep)
			require.NoError(t, err)
			k.left = o.signs
			err = o.do(copied, s.now)
			k.left = -1
			if o.name == "read what was brought" {
				require.ErrorIs(t, err, holder.ErrLogKey)
				return
			}
			require.NoError(t, err, "with as many signatures as the table says")
		})
	}
}

// TestEverythingIsKept: what a Box that is loaded says is what the one said that
// was kept, after each operation.
func TestEverythingIsKept(t *testing.T) {
	for _, o := range operations {
		t.Run(o.name, func(t *testing.T) {
			s, b, on, k := settled(t)
			_ = o.do(b, s.now)
			requireSame(t, on.saved, b)
			again, err := home.Load(k, on.saved, on.keep)
			require.NoError(t, err)
			requireSame(t, on.saved, again)
			require.Equal(t, b.Pending(), again.Pending())
			require.Equal(t, b.Lines(), again.Lines())
			require.Equal(t, b.Guests(), again.Guests())
			require.Equal(t, b.Settings(), again.Settings())
			require.Equal(t, b.Behind(), again.Behind())
		})
	}
}

// TestWhatIsGivenOutIsNotShared: an app that alters it alters nothing in the Box.
func TestWhatIsGivenOutIsNotShared(t *testing.T) {
	s, b, _, _ := settled(t)
	hours := credential.Schedule{{Days: credential.Weekdays, From: 0, Until: 600}}
	_, err := b.Admit(s.now, credential.Admission{Service: credential.ServicePost, Actions: credential.ActionDeliver, Hours: hours, Evidence: credential.EvidenceStated})
	require.NoError(t, err)
	before, err := b.Saved()
	require.NoError(t, err)
	hours[0].Until = 700
	b.Settings().Services[0].Hours[0].Until = 800
	b.Settings().CoOwners[0] = public("eve")
	b.Guests()[0].Grant[0]++
	b.Guests()[0].Issued[0].Version = 99
	b.Pending()[0][0]++
	pass, err := b.Pass(id("anna"))
	require.NoError(t, err)
	pass.Chain[0][0]++
	pass.Documents[0][0]++
	requireSame(t, before, b)
}

// TestSpoiltStateIsRefused, by an error and never by a panic.
func TestSpoiltStateIsRefused(t *testing.T) {
	_, _, on, k := settled(t)
	good := on.saved
	keep := new(shelf).keep
	load := func(saved home.Saved) error { _, err := home.Load(k, saved, keep); return err }
	require.NoError(t, load(good))
	for n := range len(good.State) {
		require.ErrorIs(t, load(home.Saved{State: good.State[:n]}), home.ErrState)
	}
	for n := 1; n < len(good.History); n++ {
		require.ErrorIs(t, load(home.Saved{State: good.State, History: good.History[:n]}), home.ErrState)
	}
	for n := 1; n < len(good.Vault); n++ {
		err := load(home.Saved{State: good.State, Vault: good.Vault[:n]})
		require.ErrorIs(t, err, home.ErrState)
		require.NotContains(t, err.Error(), string(good.Vault[2:10]))
	}
	changed := func(old, new string) home.Saved {
		require.Contains(t, string(good.State), old)
		return home.Saved{State: []byte(strings.Replace(string(good.State), old, new, 1))}
	}
	text := func(name string) string {
		b, err := json.Marshal(public(name))
		require.NoError(t, err)
		return string(b)
	}
	for name, saved := range map[string]home.Saved{
		"other form":         changed(`"format":1`, `"format":2`),
		"field more":         changed(`"format":1`, `"format":1,"more":1`),
		"something behind":   {State: append([]byte(nil), string(good.State)+"{}"...)},
		"other lock":         changed(`"lock":"1020`, `"lock":"2020`),
		"no lock":            changed(`"lock":"1020304050607080"`, `"lock":"0000000000000000"`),
		"version fell":       changed(`"version":2`, `"version":1`),
		"policy of nonsense": changed(`"policy":"`, `"policy":"AAAA`),
		"denied twice":       changed(`"settings":`, `"denied":[{"tag":"0100000000000000","expires":9},{"tag":"0100000000000000","expires":9}],"settings":`),
		"version to come":    changed(`"held":2`, `"held":3`),
		"given by nothing":   changed(`"settings":`, `"heir":`+text("buyer")+`,"settings":`),
		"guest twice":        changed(`"guests":[`, `"guests":[{"name":"Anna","key":`+text("anna")+`,"terms":{"until":1}},`),
		"grant of another":   changed(`"key":`+text("ben"), `"key":`+text("cem")),
		"lease of a moment":  changed(`"lease":86400000000000`, `"lease":1`),
		"another's policy":   changed(`"owner":`+text("owner"), `"owner":`+text("partner")),
		"guest without name": changed(`"name":"Anna"`, `"name":""`),
		"history of another": {State: good.State, History: []byte(strings.Replace(string(good.History), "1020", "2020", 1))},
		"short log key":      {State: good.State, Vault: []byte(`["AAAA"]`)},
	} {
		t.Run(name, func(t *testing.T) { require.ErrorIs(t, load(saved), home.ErrState) })
	}
	_, err := home.Load(key(t, "somebody"), good, keep)
	require.ErrorIs(t, err, home.ErrKey)
	_, err = home.Load(nil, good, keep)
	require.ErrorIs(t, err, home.ErrKey)
	_, err = home.Load(k, good, nil)
	require.ErrorIs(t, err, home.ErrKeep)
	_, err = home.New(k, credential.LockID{}, keep)
	require.ErrorIs(t, err, home.ErrLock)
	_, err = home.Succeed(k, good, keep)
	require.ErrorIs(t, err, home.ErrKey, "it is the same key")
}

// TestSecretsAndNamesAreNotPrinted, whatever the verb.
func TestSecretsAndNamesAreNotPrinted(t *testing.T) {
	_, _, on, _ := settled(t)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		require.Equal(t, "home.Saved", fmt.Sprintf(verb, on.saved))
	}
	require.NotContains(t, string(on.saved.State), string(on.saved.Vault[2:40]))
	require.NotContains(t, string(on.saved.History), string(on.saved.Vault[2:40]))
}

// TestWhatNobodyMayIsRefused before anything is signed.
func TestWhatNobodyMayIsRefused(t *testing.T) {
	s, b, on, k := settled(t)
	k.left = 0
	kept := on.kept
	grant := func(name string, key credential.PublicKey, terms home.Terms) error {
		_, err := b.Grant(s.now, name, key, terms)
		return err
	}
	require.ErrorIs(t, grant("", public("x"), s.month()), home.ErrGuest)
	require.ErrorIs(t, grant("\xff", public("x"), s.month()), home.ErrGuest)
	require.ErrorIs(t, grant(strings.Repeat("x", 257), public("x"), s.month()), home.ErrGuest)
	require.ErrorIs(t, grant("X", credential.PublicKey{}, s.month()), home.ErrGuest)
	require.ErrorIs(t, grant("X", public("owner"), s.month()), home.ErrGuest)
	require.ErrorIs(t, grant("X", public("x"), home.Terms{}), home.ErrTime)
	require.ErrorIs(t, grant("X", public("x"), home.Terms{Until: s.Now}), home.ErrTime)
	require.ErrorIs(t, grant("X", public("x"), home.Terms{From: s.Now + 9, Until: s.Now + 9}), home.ErrTime)
	require.ErrorIs(t, grant("X", public("x"), home.Terms{Until: s.Now + 9, Lease: time.Hour, Uses: credential.Uses{Count: 1, Starts: 1}}), home.ErrGuest)
	require.ErrorIs(t, grant("X", public("x"), home.Terms{Until: s.Now + 9, Delegation: 3}), credential.ReasonMalformed)
	_, err := b.Withdraw(s.now, id("nobody"))
	require.ErrorIs(t, err, home.ErrGuest)
	_, err = b.RemoveCoOwner(s.now, public("nobody"))
	require.ErrorIs(t, err, home.ErrGuest)
	_, err = b.AddCoOwner(s.now, "I", public("owner"))
	require.ErrorIs(t, err, home.ErrGuest)
	_, err = b.Deny(s.now, credential.Tag{}, 0)
	require.ErrorIs(t, err, home.ErrGuest)
	require.ErrorIs(t, b.Forget(s.now, id("anna")), home.ErrGuest, "the right is good still")
	_, err = b.Set(s.now, func(s *home.Settings) { s.Block = 99 })
	require.ErrorIs(t, err, credential.ReasonMalformed)
	_, err = b.Heal(s.now, id("nobody"))
	require.ErrorIs(t, err, home.ErrGuest)
	for _, o := range operations {
		if o.signs > 0 {
			require.ErrorIs(t, o.do(b, time.Time{}), home.ErrTime, o.name)
		}
	}
	require.Equal(t, kept, on.kept)
}

// TestNothingIsSignedForABoxOfSomebodyElse: one that was not moved into yet.
func TestNothingIsSignedForABoxOfSomebodyElse(t *testing.T) {
	s := newStreet(t)
	b, on := s.newBox(t, "owner")
	for _, o := range operations {
		if o.signs > 0 || o.name == "restored" {
			require.ErrorIs(t, o.do(b, s.now), home.ErrNotYours, o.name)
		}
	}
	require.Zero(t, on.kept)
	require.Empty(t, b.Pending())
}

// TestSizesOfWhatIsKept holds what [home.Saved] states, within a tenth.
func TestSizesOfWhatIsKept(t *testing.T) {
	s, b, on, _ := settled(t)
	before := len(on.saved.State)
	for n := range 40 {
		_, err := b.Grant(s.now, fmt.Sprintf("guest %d", n), public(fmt.Sprintf("guest %d", n)), s.month())
		require.NoError(t, err)
	}
	require.InEpsilon(t, 430, float64(len(on.saved.State)-before)/40, 0.1)
	entries := len(b.Lines())
	before = len(on.saved.History)
	for range 40 {
		s.visit(t, b, "owner")
	}
	require.Equal(t, entries+40, len(b.Lines()))
	require.InEpsilon(t, 175, float64(len(on.saved.History)-before)/40, 0.1)
}

// FuzzLoad feeds what an app may find where it kept a Box.
func FuzzLoad(f *testing.F) {
	s := newStreet(f)
	b, on := s.moveIn(f, "owner")
	_, err := b.Grant(s.now, "Anna", public("anna"), s.month())
	require.NoError(f, err)
	s.visit(f, b, "owner")
	f.Add(on.saved.State, on.saved.History, on.saved.Vault)
	owner := key(f, "owner")
	f.Fuzz(func(t *testing.T, state, history, vault []byte) {
		b, err := home.Load(owner, home.Saved{State: state, History: history, Vault: vault}, func(home.Saved) error { return nil })
		if err != nil {
			return
		}
		b.Lines()
		b.Pending()
		_, _ = b.Block(s.now, credential.BlockGuests)
		_, _ = b.Renew(s.now)
		_ = b.Brought(make([]byte, 792))
		saved, err := b.Saved()
		require.NoError(t, err)
		_, err = home.Load(owner, saved, func(home.Saved) error { return nil })
		require.NoError(t, err, "what a Box writes it reads")
	})
}
