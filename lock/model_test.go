package lock

import (
	"cmp"
	"crypto/ed25519"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// plain is a lock's memory as a person would describe it, without flash, cells
// or places.  Lists have the one that was used longest ago first.
type plain struct {
	Floor       credential.Time
	Sequence    uint32
	Head        credential.LogHead
	Owner       credential.PublicKey
	Policy      uint32
	Log         []credential.LogEntry
	Authorities []credential.Tag
	Grants      []credential.Fingerprint
	Slots       []plainSlot
	Uses        map[credential.Tag]plainUse
	Forgotten   [2]credential.Time
}

type plainSlot struct {
	ID     slotID
	Secret byte
	Left   uint8
}

type plainUse struct {
	Used, Starts uint8
	Expires      credential.Time
	Operator     bool
}

// describe returns the plain memory that a state amounts to.
func describe(s *state) plain {
	m := plain{
		Floor: s.floor, Sequence: s.sequence, Head: s.head(), Owner: s.owner.key, Policy: s.policy.version(),
		Uses: map[credential.Tag]plainUse{}, Forgotten: s.forgotten,
	}
	for _, l := range s.entries(1, s.sequence) {
		m.Log = append(m.Log, l.entry)
	}
	for _, k := range byUse(s.authorities[:], func(k *knownAuthority) uint32 { return k.used }) {
		u, err := credential.ParseAuthority(k.certificate)
		if err == nil {
			m.Authorities = append(m.Authorities, u.Tag())
		}
	}
	for _, k := range byUse(s.grants[:], func(k *knownGrant) uint32 { return k.used }) {
		m.Grants = append(m.Grants, k.fingerprint)
	}
	for _, o := range byUse(s.slots[:], func(o *slot) uint32 { return o.line.used }) {
		if !o.empty() {
			m.Slots = append(m.Slots, plainSlot{o.holder.id, o.line.secret[0], o.line.left})
		}
	}
	for _, u := range s.uses {
		if !u.empty() {
			m.Uses[u.grant] = plainUse{u.used, u.starts, u.expires, u.operator}
		}
	}
	return m
}

// differs names the parts in which two memories differ.
func (m plain) differs(o plain) (parts []string) {
	for name, same := range map[string]bool{
		"floor":       m.Floor == o.Floor,
		"sequence":    m.Sequence == o.Sequence,
		"head":        m.Head == o.Head,
		"owner":       m.Owner == o.Owner,
		"policy":      m.Policy == o.Policy,
		"log":         slices.Equal(m.Log, o.Log),
		"authorities": slices.Equal(m.Authorities, o.Authorities),
		"grants":      slices.Equal(m.Grants, o.Grants),
		"slots":       slices.Equal(m.Slots, o.Slots),
		"uses":        maps.Equal(m.Uses, o.Uses),
		"forgotten":   m.Forgotten == o.Forgotten,
	} {
		if !same {
			parts = append(parts, name)
		}
	}
	return parts
}

// byUse returns what is used in a list, the one used longest ago first.  Places
// of the same use keep their order.
func byUse[T any](list []T, used func(*T) uint32) []T {
	list = slices.DeleteFunc(slices.Clone(list), func(v T) bool { return used(&v) == 0 })
	slices.SortStableFunc(list, func(a, b T) int { return cmp.Compare(used(&a), used(&b)) })
	return list
}

func last[T any](list []T, most int) []T { return list[max(0, len(list)-most):] }

func without[T any](list []T, drop func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), drop)
}

// after is the memory after an entry.
func (m plain) after(e credential.LogEntry) plain {
	m.Sequence++
	e.Sequence = m.Sequence
	m.Head = m.Head.Next(e)
	m.Log = last(append(slices.Clone(m.Log), e), 64)
	return m
}

// began is the memory after another start of a counted grant with two starts a
// use, and whether there can be one.
func (m plain) began(c credential.Count) (plain, bool) {
	u, known := m.Uses[c.Grant]
	m.Uses = maps.Clone(m.Uses)
	switch {
	case known && u.Starts > 0 && u.Starts < c.Uses.Starts:
		u.Starts++
	case known && u.Used >= c.Uses.Count:
		return m, false
	case known:
		u.Used, u.Starts = u.Used+1, 1
	case c.Expires <= m.Forgotten[whose(c.Operator)]:
		return m, false
	default:
		u = plainUse{1, 1, c.Expires, c.Operator}
	}
	if known {
		m.Uses[c.Grant] = u
	}
	return m, known || len(m.Uses) < 32 || slices.ContainsFunc(slices.Collect(maps.Values(m.Uses)), func(o plainUse) bool { return o.Expires <= m.Floor })
}

// actor makes changes of the kinds that taps make, and what they come to.
type actor struct {
	*rand.Rand
	t           *testing.T
	lock        *Lock
	authorities []*credential.Authority
	keys        []ed25519.PrivateKey
}

// step returns a change that is good in the memory, and the memory after it.
func (a *actor) step(m plain) (change, plain) {
	switch a.IntN(40) {
	case 0:
		return a.policy(m, m.Owner)
	case 1:
		next, err := credential.NewPublicKey(a.keys[a.IntN(len(a.keys))].Public())
		require.NoError(a.t, err)
		if next != m.Owner {
			return a.policy(m, next)
		}
	case 2, 3:
		m.Floor += credential.Time(1 + a.IntN(3))
		return change{anchor: anchor{floor: m.Floor}}, m
	case 4, 5, 6:
		return a.confirm(m)
	}
	return a.opening(m)
}

// policy is a new policy, of the owner's or for another one.
func (a *actor) policy(m plain, to credential.PublicKey) (change, plain) {
	key := a.keys[slices.IndexFunc(a.keys, func(k ed25519.PrivateKey) bool {
		p, err := credential.NewPublicKey(k.Public())
		return err == nil && p == m.Owner
	})]
	u, err := credential.NewPolicy(credential.PolicyClaims{Lock: a.lock.config.ID, Version: m.Policy + 1, IssuedAt: m.Floor + 1, Owner: to}, m.Owner)
	require.NoError(a.t, err)
	document, err := u.WithSignature(ed25519.Sign(key, u.ToBeSigned()))
	require.NoError(a.t, err)
	var c change
	require.NoError(a.t, a.lock.takePolicy(&c, document))
	m.Policy, m.Floor = m.Policy+1, m.Floor+1
	if to == m.Owner {
		return c, m
	}
	m.Owner, m.Log, m.Slots, m.Grants, m.Forgotten[owners] = to, nil, nil, nil, 0
	m.Uses = maps.Clone(m.Uses)
	maps.DeleteFunc(m.Uses, func(_ credential.Tag, u plainUse) bool { return !u.Operator })
	return c, m.after(credential.LogEntry{
		Time: m.Floor, Operation: credential.OperationConfigure, Outcome: credential.LogTransferred,
		Role: credential.RoleOwner, Who: credential.Tag(credential.KeyIDOf(to)),
	})
}

// confirm ends a use that was started.
func (a *actor) confirm(m plain) (change, plain) {
	var c change
	for i, u := range a.lock.state.uses {
		if !u.empty() && u.starts > 0 {
			u.starts = 0
			a.lock.state.putUses(&c, []counted{{i, u}})
			m.Uses = maps.Clone(m.Uses)
			m.Uses[u.grant] = plainUse{u.used, 0, u.expires, u.operator}
			break
		}
	}
	return c, m
}

// opening is an entry with some of what openings teach a lock.
func (a *actor) opening(m plain) (change, plain) {
	s, before := a.lock.state, m
	var c change
	if a.IntN(3) == 0 {
		m.Floor += credential.Time(a.IntN(3))
		c.floor = m.Floor
	}
	if a.IntN(3) == 0 {
		count := credential.Count{
			Grant: credential.Tag{byte(a.IntN(60)), 1}, Uses: credential.Uses{Count: 2, Starts: 2}, Operator: a.IntN(2) == 0,
		}
		count.Expires = 1000 + credential.Time(count.Grant[0])*40
		next, good := m.began(count)
		started, err := s.start(m.Floor, []credential.Count{count})
		if good && count.Expires > m.Floor {
			require.NoError(a.t, err)
			s.putUses(&c, started)
			m = a.accounted(next, count, started[0])
		} else if !good {
			require.Error(a.t, err)
		}
	}
	if a.IntN(4) == 0 {
		f := credential.Fingerprint{byte(a.Uint32()), byte(a.Uint32())}
		s.learnGrants(&c, []credential.Fingerprint{f}, s.sequence+1)
		m.Grants = last(append(slices.Clone(m.Grants), f), 8)
	}
	if a.IntN(20) == 0 {
		k := a.authorities[a.IntN(len(a.authorities))]
		if !slices.Contains(m.Authorities, k.Tag()) {
			s.learnAuthority(&c, k, s.sequence+1)
			m.Authorities = a.learnt(before, m, k)
		}
	}
	a.resumption(&c, &m)
	e := credential.LogEntry{
		Time: m.Floor, Operation: credential.Operation(1 + a.IntN(5)), Outcome: credential.LogStarted, Role: credential.Role(1 + a.IntN(3)),
		Who: credential.Tag{byte(a.Uint32())}, Resource: uint8(a.IntN(3)), Reference: credential.Reference{byte(a.IntN(2))},
	}
	s.enter(&c, e)
	return c, m.after(e)
}

// accounted is the memory with the account of a started use, in whose place
// another's may have stood.
func (a *actor) accounted(m plain, c credential.Count, started counted) plain {
	if old := a.lock.state.uses[started.index]; !old.empty() && old.grant != c.Grant {
		require.LessOrEqual(a.t, old.expires, m.Floor, "an account that is worth something gave way")
		delete(m.Uses, old.grant)
		m.Forgotten[whose(old.operator)] = max(m.Forgotten[whose(old.operator)], old.expires)
	}
	m.Uses[c.Grant] = plainUse{started.use.used, started.use.starts, c.Expires, started.use.operator}
	return m
}

// learnt is the list of authorities with another one.
func (a *actor) learnt(before, m plain, k *credential.Authority) []credential.Tag {
	list := slices.Clone(m.Authorities)
	if len(list) == 4 {
		i := slices.IndexFunc(list, func(t credential.Tag) bool {
			return slices.ContainsFunc(a.authorities, func(o *credential.Authority) bool { return o.Tag() == t && o.Expires() <= before.Floor })
		})
		i = max(i, 0)
		list = slices.Delete(list, i, i+1)
	}
	return append(list, k.Tag())
}

// resumption adds a new slot, or a step of one.
func (a *actor) resumption(c *change, m *plain) {
	s := a.lock.state
	switch a.IntN(4) {
	case 0:
		p := plainSlot{slotID{byte(a.IntN(12)), 1}, byte(a.Uint32()), uint8(1 + a.IntN(3))}
		s.keepSlot(c, slotHolder{id: p.ID, fingerprint: credential.Fingerprint{1}, credential: make([]byte, 1+a.IntN(250))}, slotLine{[32]byte{p.Secret}, p.Left, s.sequence + 1})
		m.Slots = last(append(without(m.Slots, func(o plainSlot) bool { return o.ID == p.ID }), p), 8)
	case 1:
		if len(m.Slots) == 0 {
			return
		}
		p := m.Slots[a.IntN(len(m.Slots))]
		p.Secret, p.Left = byte(a.Uint32()), p.Left-1
		line := slotLine{[32]byte{p.Secret}, p.Left, s.sequence + 1}
		c.put(cellSecret, s.slotOf(p.ID), line.value())
		m.Slots = without(m.Slots, func(o plainSlot) bool { return o.ID == p.ID })
		if p.Left > 0 {
			m.Slots = append(m.Slots, p)
		}
	}
}

// newActor returns an actor with a lock that has an owner, on a new flash.
func newActor(t *testing.T, flash *chip) *actor {
	t.Helper()
	a := &actor{Rand: rand.New(rand.NewPCG(2027, 3)), t: t}
	for i := range 3 {
		a.keys = append(a.keys, ed25519.NewKeyFromSeed(append(make([]byte, 31), byte(i))))
	}
	root, err := credential.NewPublicKey(a.keys[0].Public())
	require.NoError(t, err)
	v := credential.Verifier{Roots: []credential.PublicKey{root}}
	for i := range 7 {
		key, err := credential.NewPublicKey(ed25519.NewKeyFromSeed(append(make([]byte, 31), byte(10+i))).Public())
		require.NoError(t, err)
		u, err := credential.NewAuthority(credential.AuthorityClaims{
			Key: key, IssuedAt: 1, Expires: credential.Time(500 + 3000*i), Rights: credential.RightIssue,
			Services: []credential.Service{credential.ServicePost}, LongestGrant: time.Hour,
		}, root)
		require.NoError(t, err)
		b, err := u.WithSignature(ed25519.Sign(a.keys[0], u.ToBeSigned()))
		require.NoError(t, err)
		p, err := credential.ParseAuthority(b)
		require.NoError(t, err)
		authority, err := v.Authority(p)
		require.NoError(t, err)
		a.authorities = append(a.authorities, authority)
	}
	require.NoError(t, Format(flash))
	a.power(flash)
	require.NoError(t, a.lock.commit(change{records: []record{{cell{cellOwner, 0}, (&owner{key: root}).value()}}}))
	return a
}

// power starts the lock's memory from its flash.
func (a *actor) power(flash *chip) {
	a.t.Helper()
	a.lock = &Lock{config: Config{Flash: flash, ID: credential.LockID{1}}, identities: map[int]identity{0: {}}, state: new(state)}
	require.NoError(a.t, a.lock.start())
}

// TestMemoryAgainstAPlainModel carries out random commits with random power cuts
// and losses of power, and holds the lock's memory against a plain one after
// every one.
func TestMemoryAgainstAPlainModel(t *testing.T) {
	commits := 100_000
	if testing.Short() {
		commits = 1_000
	}
	flash := newChip(256, 128)
	a := newActor(t, flash)
	m, cuts := describe(a.lock.state), 0
	tears := ringTears()
	for i := range commits {
		c, next := a.step(m)
		if a.IntN(10) == 0 {
			flash.left, flash.torn = a.IntN(8), tears[a.IntN(len(tears))]
		}
		err := a.lock.commit(c)
		flash.left = -1
		if err == nil {
			m = next
			if a.IntN(8) == 0 {
				a.power(flash)
			}
		} else {
			require.True(t, flash.dark, "commit %d: %v", i, err)
			cuts++
			flash = flash.copyOf()
			a.power(flash)
			if len(next.differs(describe(a.lock.state))) == 0 {
				m = next
			}
		}
		require.Empty(t, m.differs(describe(a.lock.state)), "commit %d: the lock's memory is not the plain one", i)
	}
	t.Logf("%d commits, %d of them cut", commits, cuts)
	require.Greater(t, cuts, commits/50)
}
