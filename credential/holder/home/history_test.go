package home_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/credential/holder/home"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock/locktest"
)

// TestLinesTellWhichPolicyWasInForce, as far as the owner's own taps do.
func TestLinesTellWhichPolicyWasInForce(t *testing.T) {
	s := newStreet(t)
	b, _ := s.moveIn(t, "owner") // entry 1, and policy 1 with its tap
	pass, err := b.Grant(s.now, "Anna", public("anna"), s.month())
	require.NoError(t, err)
	anna := s.phoneWith(t, "anna", pass)
	s.visit(t, b, "owner")  // entry 2, under 1
	s.requireOpens(t, anna) // entry 3, which no tap of the owner's tells apart
	_, err = b.Block(s.now, credential.BlockServices)
	require.NoError(t, err)
	s.visit(t, b, "owner")  // entry 4, under 2
	s.requireOpens(t, anna) // entry 5, nobody has seen what came since
	r, err := anna.FetchLog(t.Context(), s.Link())
	require.NoError(t, err)
	require.NoError(t, b.Brought(r.LogPages...))
	var told []string
	for _, l := range b.Lines() {
		told = append(told, fmt.Sprintf("%d: %d to %d", l.Entry.Sequence, l.PolicyFrom, l.PolicyTo))
	}
	require.Equal(t, []string{"1: 0 to 1", "2: 1 to 1", "3: 1 to 2", "4: 1 to 2", "5: 2 to 0"}, told)
}

// TestLinesNameEverybodyTheyCan: staff by their service, or by the user's own word.
func TestLinesNameEverybodyTheyCan(t *testing.T) {
	s := newStreet(t)
	b, _ := s.moveIn(t, "owner")
	_, err := b.Admit(s.now, credential.Admission{Service: credential.ServicePost, Actions: credential.ActionDeliver})
	require.NoError(t, err)
	s.visit(t, b, "owner")
	_, err = s.PostmanPhone(t).Open(t.Context(), s.Link(), credential.OperationDeliver)
	require.NoError(t, err)
	s.visit(t, b, "owner")
	lines := b.Lines()
	require.Equal(t, home.WhoStaff, lines[2].Who)
	require.Contains(t, lines[2].String(), "post staff, deliver: started")
	require.NoError(t, b.Name(lines[2].Entry.Who, "the new postman"))
	require.Contains(t, b.Lines()[2].String(), "the new postman, deliver: started")
	require.ErrorIs(t, b.Name(lines[2].Entry.Who, "\xff"), home.ErrGuest)
	require.Equal(t, "who-99", home.Who(99).String())
	require.Equal(t, "the lock", home.WhoLock.String())
}

// TestErasingEndsWhereTheUserSays, and not before.
func TestErasingEndsWhereTheUserSays(t *testing.T) {
	s := newStreet(t)
	b, _ := s.moveIn(t, "owner")
	s.visit(t, b, "owner")
	_, err := b.Block(s.now.Add(24*time.Hour), 0) // by which the floor rises
	require.NoError(t, err)
	s.visit(t, b, "owner")
	s.visit(t, b, "owner")
	before := b.Lines()
	require.NoError(t, b.Erase((s.Now + worldtest.Day/2).Time()))
	require.Equal(t, before[2:], b.Lines())
	story := before[0].Entry
	story.Resource = 7
	lie, err := locktest.SealPage(s.logKey(t, b), locktest.Page(s.LockID, credential.LogHead{}, story, before[1].Entry, before[2].Entry), [16]byte{})
	require.NoError(t, err)
	require.ErrorIs(t, b.Brought(lie), holder.ErrLogAltered, "what binds the erased stays")
	require.NoError(t, b.Erase((s.Now + worldtest.Day/2).Time()), "twice is once")
	require.Equal(t, before[2:], b.Lines())
	require.ErrorIs(t, b.Erase(time.Time{}), home.ErrTime)
}

// TestPhonesOfOneKeyTellEachOther what they sign, and agree.
func TestPhonesOfOneKeyTellEachOther(t *testing.T) {
	s := newStreet(t)
	one, on := s.moveIn(t, "owner")
	two, err := home.Load(key(t, "owner"), on.saved, new(shelf).keep)
	require.NoError(t, err)
	for n, b := range []*home.Box{one, two, one, one, two} {
		change, err := b.Block(s.now, credential.Block(n%3))
		require.NoError(t, err)
		for _, other := range []*home.Box{one, two} {
			require.NoError(t, other.Learn(change.Policy))
			require.Equal(t, credential.Block(n%3), other.Settings().Block)
			require.Equal(t, uint32(n+2), other.Version())
			require.Equal(t, [][]byte{change.Policy}, other.Pending())
		}
	}
	s.visit(t, one, "owner")
	s.visit(t, two, "owner")
	require.Empty(t, append(one.Pending(), two.Pending()...))
	require.False(t, one.Behind() || two.Behind())
}
