package home_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/credential/holder/home"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/issuer"
)

// boxes are Boxes in each of the states that there are, which know Anna and a co-owner
// where they know anybody.
var boxes = map[string]func(*testing.T) *home.Box{
	"fresh": func(t *testing.T) *home.Box { b, _ := newStreet(t).newBox(t, "owner"); return b },
	"heir": func(t *testing.T) *home.Box { // of another key's backup
		_, _, former, _ := settled(t)
		b, err := home.Succeed(key(t, "new phone"), former.saved, new(shelf).keep)
		require.NoError(t, err)
		return b
	},
	"owner":    func(t *testing.T) *home.Box { _, b, _, _ := settled(t); return b },
	"behind":   altered(func(_ *testing.T, _ *street, b *home.Box) error { return told(b, b.Version()+1) }),
	"restored": altered(func(_ *testing.T, _ *street, b *home.Box) error { return b.Restored() }),
	"giving": altered(func(_ *testing.T, s *street, b *home.Box) error {
		_, err := b.Transfer(s.now, public("buyer"))
		return err
	}),
	"given": altered(func(_ *testing.T, s *street, b *home.Box) error {
		_, err := b.Transfer(s.now, public("buyer"))
		return errors.Join(err, told(b, b.Version()))
	}),
	"partner": func(t *testing.T) *home.Box { b, _ := joined(t); return b },
	"ousted": func(t *testing.T) *home.Box {
		b, owner := joined(t)
		change, err := owner.RemoveCoOwner(worldtest.New(t).Now.Time(), public("partner"))
		require.NoError(t, err)
		require.NoError(t, b.Learn(change.Policy))
		return b
	},
}

// altered returns the settled Box after something happened to it.
func altered(by func(*testing.T, *street, *home.Box) error) func(*testing.T) *home.Box {
	return func(t *testing.T) *home.Box {
		s, b, _, _ := settled(t)
		if err := by(t, s, b); err != nil {
			require.ErrorIs(t, err, home.ErrBehind)
		}
		return b
	}
}

// told has a Box hear from its lock that it holds a version.
func told(b *home.Box, version uint32) error {
	return b.Took(holder.Result{Lock: b.Lock(), State: holder.State{PolicyVersion: version, Floor: 1, Sequence: 9}})
}

// joined is a co-owner's Box with a guest of its own, and the owner's.
func joined(t *testing.T) (b, owner *home.Box) {
	s := newStreet(t)
	owner, _ = s.moveIn(t, "owner")
	change, err := owner.AddCoOwner(s.now, "Dana", public("partner"))
	require.NoError(t, err)
	b, _ = s.newBox(t, "partner")
	require.NoError(t, b.Join(public("owner"), change.Policy))
	_, err = b.Grant(s.now, "Anna", public("anna"), s.month())
	require.NoError(t, err)
	return b, owner
}

// answers say what each method answers in each state; a dash is no error.
const answers = `
state            fresh   heir    owner   behind  restored giving  given   partner ousted
block            yours   yours   -       behind  behind   given   given   co      co
notice           yours   yours   -       behind  behind   given   given   co      co
admit            yours   yours   -       behind  behind   given   given   co      co
set              yours   yours   -       behind  behind   given   given   co      co
add-a-co-owner   yours   yours   -       behind  behind   given   given   co      co
remove-a-co-owner yours  -     -       behind  behind   given   given   co      co
grant            yours   yours   -       -       -        given   given   -       co
renew            yours   yours   -       behind  behind   given   given   -       co
withdraw         yours   -       -       behind  behind   given   given   -       co
deny             yours   yours   -       behind  behind   given   given   co      co
transfer         yours   yours   -       behind  behind   given   given   co      co
take-back        given   given   given   given   given    -       given   given   given
reset-the-floor  yours   yours   -       behind  behind   given   given   co      co
heal             yours   yours   -       -       -        given   given   co      co
restored         yours   yours   -       -       -        -       given   -       co
accept           -       -       policy  policy  policy   policy  policy  policy  policy
join             -       -       policy  policy  policy   policy  policy  policy  policy
learn            yours   yours   -       -       -        -       -       -       -
pass             guest   guest   -       -       -        -       -       -       -
name             -       -       -       -       -        -       -       -       -
erase            -       -       -       -       -        -       -       -       -
forget           guest   -       -       -       -        -       -       -       -
take-note        -       -       -       -       -        -       -       -       -
move-in          phone   phone   phone   phone   phone    given   given   co      co
agree            phone   phone   phone   phone   phone    given   given   co      co
`

// TestEveryMethodInEveryState answers as its comment says, with nothing changed where it
// answers with an error, and nothing where the app cannot keep what would change.
func TestEveryMethodInEveryState(t *testing.T) {
	table := strings.Split(strings.TrimSpace(answers), "\n")
	states := strings.Fields(table[0])[1:]
	require.Len(t, states, len(boxes))
	full, s := errors.New("the disk is full"), newStreet(t)
	keys, kept := map[credential.PublicKey]holder.Key{}, map[string]home.Saved{}
	for _, name := range []string{"owner", "new phone", "partner"} {
		keys[public(name)] = key(t, name)
	}
	for state, is := range boxes {
		saved, err := is(t).Saved()
		require.NoError(t, err)
		kept[state] = saved
	}
	for _, row := range table[1:] {
		cells := strings.Fields(row)
		require.Len(t, cells, len(states)+1, row)
		for i, state := range states {
			t.Run(cells[0]+"/"+state, func(t *testing.T) {
				on, before := new(shelf), kept[state]
				b, err := home.Load(keys[keyOf(before)], before, on.keep)
				require.NoError(t, err)
				do, want := methodOf(t, s, cells[0], b), wanted[cells[i+1]]
				if want == nil && cells[0] != "pass" {
					on.fail = full
					require.ErrorIs(t, do(), full)
					requireSame(t, before, b)
					on.fail = nil
				}
				err = do()
				if want != nil {
					require.ErrorIs(t, err, want)
					requireSame(t, before, b)
					return
				}
				require.NoError(t, err)
				_, err = b.Saved()
				require.NoError(t, err)
			})
		}
	}
}

// wanted are the errors that the table names.
var wanted = map[string]error{
	"-": nil, "yours": home.ErrNotYours, "behind": home.ErrBehind, "given": home.ErrGivenAway, "co": home.ErrCoOwner,
	"policy": home.ErrPolicy, "guest": home.ErrGuest, "phone": holder.ErrPhone,
}

// methodOf returns a call of a method, which would be good in the right state.
func methodOf(t *testing.T, s *street, name string, b *home.Box) func() error {
	t.Helper()
	now := s.now
	saved, err := b.Saved()
	require.NoError(t, err)
	own := keyOf(saved)
	switch name {
	case "take-back":
		return func() error { _, err := b.TakeBack(now); return err }
	case "accept":
		c := credential.PolicyClaims{Lock: b.Lock(), Version: 9, IssuedAt: s.Now}
		transfer, err := issuerOf(t, "somebody").Transfer(c, own)
		require.NoError(t, err)
		return func() error { _, err := b.Accept(now, transfer); return err }
	case "join":
		c := credential.PolicyClaims{Lock: b.Lock(), Version: 99, IssuedAt: s.Now, CoOwners: []credential.PublicKey{own}}
		policy, err := issuerOf(t, "somebody").Policy(c)
		require.NoError(t, err)
		return func() error { return b.Join(public("somebody"), policy) }
	case "learn":
		by := map[credential.PublicKey]string{public("owner"): "owner", public("new phone"): "new phone"}[b.Owner()]
		policy, err := issuerOf(t, by).Policy(credential.PolicyClaims{Lock: b.Lock(), Version: 99, IssuedAt: s.Now})
		require.NoError(t, err)
		return func() error { return b.Learn(policy) }
	case "pass":
		return func() error { _, err := b.Pass(id("anna")); return err }
	case "move-in":
		return func() error {
			_, _, err := b.MoveIn(t.Context(), nil, s.Link(), worldtest.Setup, now)
			return err
		}
	case "agree":
		return func() error { _, _, err := b.Agree(t.Context(), nil, s.Link(), now); return err }
	}
	for _, o := range operations {
		if strings.ReplaceAll(o.name, " ", "-") == name {
			return func() error { return o.do(b, now) }
		}
	}
	require.FailNow(t, name)
	return nil
}

// keyOf returns the key that a Box is of, by what is kept of it.
func keyOf(saved home.Saved) credential.PublicKey {
	var of struct{ Key credential.PublicKey }
	_ = json.Unmarshal(saved.State, &of)
	return of.Key
}

// issuerOf returns somebody as an owner who signs what he likes.
func issuerOf(t *testing.T, name string) *issuer.Owner {
	t.Helper()
	o, err := issuer.NewOwner(worldtest.Key(name))
	require.NoError(t, err)
	return o
}
