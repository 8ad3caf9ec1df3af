package lock

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	ct "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
	"github.com/postern-lock/postern/issuer"
)

// logs are the cases of sections 19.1 to 19.3.
func logs() []cases.Case {
	return slices.Concat(openingEntries(), moreEntries(), tampering(), pages(), persons(), badPages(), unlogged())
}

// leavesEntry is a case whose event writes so many entries and leaves the newest one as
// it says.
func leavesEntry(number, writes int, title string, requirements []string, event func(v visit) credential.LogEntry) cases.Case {
	return cases.Case{
		ID: fmt.Sprintf("LOCK-LOG-%03d", number), Revision: 1, Title: title, Requirements: requirements, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			before := v.newest().Sequence
			want := event(v)
			got := v.newest()
			t.Check(got.Sequence > before, "no entry was written: the newest is still number %d", before)
			want.Sequence = before + uint32(writes)
			t.Check(got == want, "the log says %+v, where %+v is right", got, want)
		},
	}
}

// floor is the floor after the first policy of the set-up.
func (v visit) floor() credential.Time { return v.World.Now - 20*world.Day }

// started is the entry of an opening.
func (v visit) started(o credential.Operation, role credential.Role, who credential.Tag) credential.LogEntry {
	return credential.LogEntry{Time: v.floor(), Operation: o, Outcome: credential.LogStarted, Role: role, Who: who}
}

// keyID is the key id of a bare key as the log has it.
func (v visit) keyID(name string) credential.Tag {
	return credential.Tag(credential.KeyIDOf(v.World.Public(name)))
}

// openingEntries are events whose entries the log has to tell.
func openingEntries() []cases.Case {
	const all = "PST-LOG-006"
	rows := func(more ...int) []string {
		r := []string{}
		for _, n := range append(more, 1, 4, 7, 9, 12) {
			r = append(r, fmt.Sprintf("%s#%d", all, n))
		}
		return r
	}
	return []cases.Case{
		leavesEntry(1, 1, "an owner opens", rows(2, 3, 5, 6, 10, 11), func(v visit) credential.LogEntry {
			v.opens("the owner opens", v.owner(), asksOpen)
			return v.started(credential.OperationOpen, credential.RoleOwner, v.keyID("owner"))
		}),
		leavesEntry(2, 1, "a guest opens", rows(8), func(v visit) credential.LogEntry {
			v.opens("the neighbour opens", v.neighbour(nil), asksOpen)
			return v.started(credential.OperationOpen, credential.RoleGuest, v.tagged(v.Made(v.World.Guest(nil))))
		}),
		leavesEntry(3, 1, "an operator delivers, and the floor rises by the grant", rows(2, 8), func(v visit) credential.LogEntry {
			v.opens("the postman delivers", v.postman(nil), v.delivers())
			e := v.started(credential.OperationDeliver, credential.RoleOperator, v.tagged(v.Made(v.World.Round(nil))))
			e.Service, e.Time = credential.ServicePost, v.World.Now
			return e
		}),
		leavesEntry(4, 1, "a delivery with a reference", rows(11), func(v visit) credential.LogEntry {
			r := v.delivers()
			r.Reference = credential.Reference{1, 2, 3, 4, 5, 6, 7, 8}
			v.opens("the postman delivers", v.postman(nil), r)
			e := v.started(credential.OperationDeliver, credential.RoleOperator, v.tagged(v.Made(v.World.Round(nil))))
			e.Service, e.Time, e.Reference = credential.ServicePost, v.World.Now, r.Reference
			return e
		}),
		leavesEntry(5, 1, "the holder of a delegated grant opens, and the log names the leaf", rows(), func(v visit) credential.LogEntry {
			parent := v.Made(v.World.Guest(func(c *credential.GrantClaims) { c.Scope[0].Delegation = 1 }))
			leaf := v.delegates("neighbour", parent, "son", nil)
			v.opens("the son opens", v.Phone("son", leaf), holdertest.Request{Operation: credential.OperationOpen, Chain: [][]byte{parent}})
			return v.started(credential.OperationOpen, credential.RoleGuest, v.tagged(leaf))
		}),
		leavesEntry(6, 1, "a guest opens with a stated time", rows(2, 3), func(v visit) credential.LogEntry {
			at := v.World.Now + world.Day
			r := asksOpen
			r.Documents, r.Chain = [][]byte{v.Made(v.clocked().State(at, 60))}, [][]byte{v.World.Post.Authority().Bytes()}
			v.opens("the neighbour opens", v.neighbour(nil), r)
			e := v.started(credential.OperationOpen, credential.RoleGuest, v.tagged(v.Made(v.World.Guest(nil))))
			e.Time, e.Evidence = at, credential.EvidenceStated
			return e
		}),
		leavesEntry(7, 2, "a resumed opening is told as any other", append(rows(), "PST-RES-008#6"), func(v visit) credential.LogEntry {
			v.along(v.keeps(v.neighbour(nil), asksOpen))
			return v.started(credential.OperationOpen, credential.RoleGuest, v.tagged(v.Made(v.World.Guest(nil))))
		}),
	}
}

// clocked is the post as a source of time.
func (v visit) clocked() *issuer.TimeSource {
	s, err := issuer.NewTimeSource(v.World.Key("post"), v.World.Post.Authority())
	v.OK(err)
	return s
}

// moreEntries are events that need a capability or a hook, or make the lock
// somebody else's.
func moreEntries() []cases.Case {
	neighbours := func(v visit) credential.Tag { return v.tagged(v.Made(v.World.Guest(nil))) }
	live := leavesEntry(10, 1, "a guest opens with a live time", []string{"PST-LOG-006#2", "PST-LOG-006#3"}, func(v visit) credential.LogEntry {
		p := v.neighbour(nil)
		v.finishes("a status, to know the nonce", p, asksStatus)
		at := v.World.Now + world.Day
		v.Expect("an opening with a live time", v.Ask(p, holdertest.Request{
			Operation: credential.OperationOpen, Chain: [][]byte{v.World.Post.Authority().Bytes()}, Documents: [][]byte{v.Made(v.clocked().Live(at, 60, p.Selected.Nonce))},
		}), cases.Opened...)
		e := v.started(credential.OperationOpen, credential.RoleGuest, neighbours(v))
		e.Time, e.Evidence = at, credential.EvidenceLive
		return e
	})
	live.When = "capability(live-time)"
	clock := leavesEntry(11, 1, "a guest opens a lock whose clock knows the time", []string{"PST-LOG-006#2", "PST-LOG-006#3"}, func(v visit) credential.LogEntry {
		at, offset := uint64(v.World.Now+world.Day), 60
		v.Set(shim.Clock{Unix: &at, Offset: &offset})
		v.opens("the neighbour opens", v.neighbour(nil), asksOpen)
		e := v.started(credential.OperationOpen, credential.RoleGuest, neighbours(v))
		e.Time, e.Evidence = v.World.Now+world.Day, credential.EvidenceClock
		return e
	})
	clock.When, clock.Needs = "capability(clock)", []shim.Verb{shim.VerbProvision, shim.VerbClock}
	door := leavesEntry(12, 1, "a compartment is opened", []string{"PST-LOG-006#10"}, func(v visit) credential.LogEntry {
		v.opens("the owner opens compartment 1", v.owner(), holdertest.Request{Operation: credential.OperationOpen, Resource: 1})
		e := v.started(credential.OperationOpen, credential.RoleOwner, v.keyID("owner"))
		e.Resource = 1
		return e
	})
	door.When = "capability(compartments)"
	failed := leavesEntry(13, 2, "the bolt does not move", []string{"PST-LOG-006#13", "PST-LOG-006#5", "PST-LOG-006#6", "PST-DEC-025#4", "PST-DEC-026"}, func(v visit) credential.LogEntry {
		v.Set(shim.Drive{Motion: shim.Sticks, Percent: 100})
		o, _ := v.tap(v.neighbour(nil), holdertest.Request{Operation: credential.OperationOpen, Reference: credential.Reference{7}})
		v.Expect("an opening whose bolt sticks", o, stuck)
		e := v.started(credential.OperationOpen, credential.RoleGuest, neighbours(v))
		e.Outcome, e.Reason, e.Reference = credential.LogFailed, credential.ReasonDrive, credential.Reference{7}
		return e
	})
	failed.Needs = []shim.Verb{shim.VerbProvision, shim.VerbDrive}
	return []cases.Case{live, clock, door, failed, {
		ID: "LOCK-LOG-014", Revision: 1, Title: "the first entry of a log is that of the commissioning",
		Requirements: []string{"PST-LOG-006#1", "PST-LOG-006#14", "PST-COM-016#3", "PST-LOG-009"}, Needs: withKeys, Setup: func(t *cases.T) { t.Commission() },
		Run: func(t *cases.T) {
			v := visit{t}
			floor := v.finishes("the owner's status", v.owner(), asksStatus).State.Floor
			page := v.page(v.owner(), 0)
			want := credential.LogEntry{Sequence: 1, Time: floor, Operation: credential.OperationConfigure, Outcome: credential.LogCommissioned, Role: credential.RoleOwner, Who: v.keyID("owner")}
			t.Check(len(page.Entries) == 1 && page.Entries[0] == want, "the log says %+v, where %+v alone is right", page.Entries, want)
			t.Check(page.Base == credential.LogHead{}, "the base of the first page is %x, where zeros are right", page.Base)
		},
	}, {
		ID: "LOCK-LOG-015", Revision: 1, Title: "a transfer empties the log, which goes on with the transfer and the head from before",
		Requirements: []string{"PST-LOG-006#15", "PST-LOG-009", "PST-LOG-010#3", "PST-OWN-034#2", "PST-OWN-034#3", "PST-OWN-034#4"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			v.opens("the neighbour opens", v.neighbour(nil), asksOpen)
			before := v.page(v.owner(), 0)
			v.gives(2)
			after := v.page(v.Phone("heir", nil), 0)
			n := before.Entries[len(before.Entries)-1].Sequence
			want := credential.LogEntry{
				Sequence: n + 1, Time: v.World.Now - 10*world.Day, Operation: credential.OperationConfigure,
				Outcome: credential.LogTransferred, Role: credential.RoleOwner, Who: v.keyID("heir"),
			}
			t.Check(len(after.Entries) == 1 && after.Entries[0] == want, "the log says %+v, where %+v alone is right", after.Entries, want)
			t.Check(after.Base == head(before), "the base is %x, where the head from before, %x, is right", after.Base, head(before))
		},
	}}
}

// head is the head behind the last entry of a page.
func head(p credential.LogPage) credential.LogHead {
	h := p.Base
	for _, e := range p.Entries {
		h = h.Next(e)
	}
	return h
}

// tampering are the lock's own reports.
func tampering() []cases.Case {
	needs := []shim.Verb{shim.VerbProvision, shim.VerbTamper}
	report := credential.LogEntry{Outcome: credential.LogTamper}
	once := leavesEntry(20, 1, "the lock's sensor reports tampering, once", []string{"PST-LOG-006#17", "PST-LOG-007"}, func(v visit) credential.LogEntry {
		v.Lock.Cycle()
		for range 3 {
			v.Set(shim.Tamper{})
		}
		v.Lock.Cycle()
		v.Set(shim.Tamper{}) // and not again, while the newest entry is one
		e := report
		e.Time = v.floor()
		return e
	})
	twice := leavesEntry(21, 2, "the sensor reports again when something else happened, and not in the same field", []string{"PST-LOG-007"}, func(v visit) credential.LogEntry {
		v.Lock.Cycle()
		v.Set(shim.Tamper{})
		o, _ := v.TapFor(v.owner(), asksOpen)
		v.Expect("the owner opens", o, cases.Opened...)
		v.Set(shim.Tamper{})
		return v.started(credential.OperationOpen, credential.RoleOwner, v.keyID("owner"))
	})
	once.Needs, twice.Needs = needs, needs
	return []cases.Case{once, twice, {
		ID: "LOCK-LOG-022", Revision: 1, Title: "the sensor of a vacant lock reports nothing",
		Requirements: []string{"PST-LOG-007", "PST-COM-001"}, Needs: needs,
		Run: func(t *cases.T) {
			v := visit{t}
			t.Set(shim.Tamper{})
			t.Lock.Cycle()
			t.Commission()
			n := v.newest()
			t.Check(n.Sequence == 1 && n.Outcome == credential.LogCommissioned, "the first entry is %+v, where the commissioning is right", n)
		},
	}}
}

// fills writes entries until the log has so many.
func (v visit) fills(n uint32) {
	p := v.owner()
	for at := v.newest().Sequence; at < n; at++ {
		v.opens("the owner opens", p, asksOpen)
	}
}

// pages are pages as they should be.
func pages() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-LOG-030", Revision: 1, Title: "twenty entries stand in two pages, and the other two are empty",
		Requirements: []string{"PST-LOG-010", "PST-LOG-010#1", "PST-LOG-010#2", "PST-LOG-010#3", "PST-LOG-010#4", "PST-LOG-009#1"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			v.fills(20)
			old, newer := v.page(v.owner(), 1), v.page(v.owner(), 0)
			v.counts(old, 1, 4)
			v.counts(newer, 5, 20)
			t.Check(old.Base == credential.LogHead{}, "the base of the first page is %x, where zeros are right", old.Base)
			t.Check(newer.Base == head(old), "the base of page 0 is %x, where the head behind page 1, %x, is right", newer.Base, head(old))
			for k := uint8(2); k < 4; k++ {
				empty := v.page(v.owner(), k)
				t.Check(len(empty.Entries) == 0 && empty.Base == credential.LogHead{}, "page %d holds %d entries and the base %x, where none and zeros are right", k, len(empty.Entries), empty.Base)
			}
			a := v.finishes("a receipt to the owner", v.owner(), holdertest.Request{Receipt: true})
			r, err := credential.ParseReceipt(a.Receipt)
			t.Check(err == nil && r.Claims.Head == head(newer), "the head in the receipt is not that of the pages, %x", head(newer))
		},
	}, {
		ID: "LOCK-LOG-031", Revision: 1, Title: "the newest 64 of 70 entries are kept, in order and bound to each other",
		Requirements: []string{"PST-LOG-003", "PST-LOG-009#1", "PST-LOG-010#2", "PST-PROF-005"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			v.fills(70)
			for k := range uint8(4) {
				last := 70 - 16*uint32(k)
				page := v.page(v.owner(), k)
				v.counts(page, last-15, last)
				if k > 0 {
					t.Check(v.page(v.owner(), k-1).Base == head(page), "the base of page %d is not the head behind page %d", k-1, k)
				}
			}
		},
	}, {
		ID: "LOCK-LOG-032", Revision: 1, Title: "page 0 by name is page 0 without a name, and reading changes nothing",
		Requirements: []string{"PST-LOG-010#2"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			without := v.finishes("reading the log", v.owner(), does(credential.OperationReadLog)).Log
			with := v.finishes("reading page 0", v.owner(), holdertest.Request{Operation: credential.OperationReadLog, Paged: true}).Log
			t.Check(bytes.Equal(with, without), "the two pages differ")
		},
	}, {
		ID: "LOCK-LOG-033", Revision: 1, Title: "a guest who may read the log reads all of it, with its numbers",
		Requirements: []string{"PST-LOG-010#4", "PST-DEC-018#15"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			v.opens("the owner opens", v.owner(), asksOpen)
			p := v.neighbour(func(c *credential.GrantClaims) { c.Scope[0].Actions = credential.ActionReadLog })
			v.counts(v.page(p, 0), 1, 2)
		},
	}}
}

// persons is the case that the log names nobody, whoever came.
func persons() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-LOG-034", Revision: 1, Title: "the log holds no key and no key id of those who came by a grant",
		Requirements: []string{"PST-LOG-005", "PST-LOG-006#9"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			parent := t.Made(t.World.Guest(func(c *credential.GrantClaims) { c.Scope[0].Delegation = 1 }))
			v.opens("the neighbour opens", v.neighbour(nil), asksOpen)
			v.opens("the postman delivers", v.postman(nil), v.delivers())
			v.opens("the son opens", v.Phone("son", v.delegates("neighbour", parent, "son", nil)), holdertest.Request{Operation: credential.OperationOpen, Chain: [][]byte{parent}})
			log := v.finishes("reading the log", v.owner(), does(credential.OperationReadLog)).Log
			for _, name := range []string{"neighbour", "postman", "son"} {
				key, id := t.World.Public(name), credential.KeyIDOf(t.World.Public(name))
				x := key.X()
				t.Check(!bytes.Contains(log, x[:8]) && !bytes.Contains(log, id[:]), "the log holds the key of the %s, or its id", name)
			}
		},
	}}
}

// counts checks the numbers of a page.
func (v visit) counts(p credential.LogPage, first, last uint32) {
	v.Check(len(p.Entries) == int(last-first+1) && p.Entries[0].Sequence == first,
		"a page holds %d entries, the first with the number %v, where %d to %d are right", len(p.Entries), p.Entries[:min(1, len(p.Entries))], first, last)
}

// oneTap is a negative case of one tap at a lock with an owner.
func oneTap(c cases.Case, act func(v visit, faulty bool) cases.Outcome) cases.Case {
	c.Revision, c.Needs = 1, append(withKeys[:1:1], c.Needs...)
	if c.Setup == nil {
		c.Setup = cases.Owned
	}
	c.Act = func(t *cases.T, faulty bool) cases.Outcome { return act(visit{t}, faulty) }
	return c
}

// badPages are requests for pages that there are not, or not for everybody.
func badPages() []cases.Case {
	var all []cases.Case
	unknown := cases.Refused(credential.ReasonOperationUnknown)
	for i, c := range []struct {
		what   string
		base   holdertest.Request
		alter  func(*ct.Map)
		allows cases.Outcome
		cites  []string
	}{
		{"page 4", does(credential.OperationReadLog), func(m *ct.Map) { m.Set(8, ct.Int(4)) }, cases.Denied, []string{"PST-LOG-010#2", "PST-DEC-007#9"}},
		{"page -1", does(credential.OperationReadLog), func(m *ct.Map) { m.Set(8, ct.Int(-1)) }, cases.Denied, []string{"PST-LOG-010#2", "PST-DEC-007#9"}},
		{"sealed page 4", holdertest.Request{Log: true}, func(m *ct.Map) { m.Set(8, ct.Int(4)) }, cases.Denied, []string{"PST-LOG-022", "PST-DEC-007#9"}},
		{"a page for an opening", does(credential.OperationReadLog), func(m *ct.Map) { m.Set(1, ct.Int(1)); m.Set(8, ct.Int(1)) }, unknown, []string{"PST-LOG-010#2", "PST-DEC-007#16"}},
		{"a page for a status without the flag", holdertest.Request{Log: true, Page: 1}, func(m *ct.Map) { m.Delete(5) }, unknown, []string{"PST-LOG-022", "PST-DEC-007#16"}},
		{"a sealed page with an opening", holdertest.Request{Log: true}, func(m *ct.Map) { m.Set(1, ct.Int(1)) }, unknown, []string{"PST-LOG-022", "PST-DEC-007#16"}},
		{"a sealed page with reading the log", holdertest.Request{Log: true}, func(m *ct.Map) { m.Set(1, ct.Int(6)) }, unknown, []string{"PST-LOG-022", "PST-DEC-007#16"}},
		{"a sealed page beside a receipt", holdertest.Request{Log: true}, func(m *ct.Map) { m.Set(5, ct.Int(5)) }, unknown, []string{"PST-LOG-022", "PST-LOG-015", "PST-DEC-007#16"}},
	} {
		all = append(all, oneTap(cases.Case{
			ID: fmt.Sprintf("LOCK-LOG-%03d", 40+i), Title: "the owner asks for " + c.what, Fault: "the request asks for " + c.what, Requirements: c.cites,
			Passes: []cases.Outcome{doneWell}, Allowed: []cases.Outcome{c.allows},
		}, func(v visit, faulty bool) cases.Outcome {
			p := v.owner()
			if faulty {
				p.Alter = holdertest.Alter{holdertest.Plaintext: ct.OfMap(c.alter)}
			}
			return v.Tap(p, c.base)
		}))
	}
	for i, c := range []struct {
		what   string
		alter  func(*credential.GrantClaims)
		reason credential.Reason
	}{
		{"opening alone", func(c *credential.GrantClaims) { c.Scope[0].Actions = credential.ActionOpen }, credential.ReasonAction},
		{"everything but reading the log", func(c *credential.GrantClaims) { c.Scope[0].Actions = 31 }, credential.ReasonAction},
		{"reading the log of another lock", func(c *credential.GrantClaims) { c.Scope[0].Target = credential.LockTarget(credential.LockID{1}) }, credential.ReasonTarget},
	} {
		all = append(all, oneTap(cases.Case{
			ID: fmt.Sprintf("LOCK-LOG-%03d", 50+i), Title: "a guest reads the log by a grant for " + c.what, Fault: "the grant is for " + c.what,
			Requirements: []string{"PST-DEC-018#15", "PST-LOG-005"}, Passes: []cases.Outcome{doneWell}, Allowed: []cases.Outcome{cases.Refused(c.reason)},
		}, func(v visit, faulty bool) cases.Outcome {
			p := v.neighbour(func(g *credential.GrantClaims) {
				if g.Scope[0].Actions = credential.ActionReadLog; faulty {
					c.alter(g)
				}
			})
			return v.Tap(p, does(credential.OperationReadLog))
		}))
	}
	return all
}

// seesLog has the log itself looked at, before and after.
func seesLog(t *cases.T) {
	t.Witness("the log, as the owner reads it", func(t *cases.T) string {
		v, told := visit{t}, ""
		for k := range uint8(4) {
			p := v.page(v.owner(), k)
			told += fmt.Sprintf("%x %v\n", p.Base, p.Entries)
		}
		return told
	})
}

// unlogged are openings that are refused and leave no entry.
func unlogged() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		what   string
		alter  func(w *world.World, c *credential.GrantClaims)
		reason credential.Reason
		full   bool
	}{
		{"lacks the action", func(_ *world.World, c *credential.GrantClaims) { c.Scope[0].Actions = credential.ActionDeliver }, credential.ReasonAction, false},
		{"is over", func(w *world.World, c *credential.GrantClaims) {
			c.IssuedAt, c.Expires = w.Now-40*world.Day, w.Now-30*world.Day
		}, credential.ReasonExpired, false},
		{"is for another lock", func(_ *world.World, c *credential.GrantClaims) {
			c.Scope[0].Target = credential.LockTarget(credential.LockID{1})
		}, credential.ReasonTarget, false},
		{"lacks the action, and the log is full", func(_ *world.World, c *credential.GrantClaims) { c.Scope[0].Actions = credential.ActionDeliver }, credential.ReasonAction, true},
	} {
		requirements := []string{"PST-LOG-006#12", "PST-LOG-009", "PST-LOG-005"}
		if c.full {
			requirements = []string{"PST-LOG-003", "PST-LOG-009#1"}
		}
		all = append(all, oneTap(cases.Case{
			ID: fmt.Sprintf("LOCK-LOG-%03d", 60+i), Title: "an opening that is refused leaves no entry: the grant " + c.what, Fault: "the grant " + c.what,
			Requirements: requirements, Passes: cases.Opened, Allowed: []cases.Outcome{cases.Refused(c.reason)},
			Setup: func(t *cases.T) {
				cases.Owned(t)
				if seesLog(t); c.full {
					visit{t}.fills(66)
				}
			},
		}, func(v visit, faulty bool) cases.Outcome {
			return v.Tap(v.neighbour(func(g *credential.GrantClaims) {
				if faulty {
					c.alter(v.World, g)
				}
			}), asksOpen)
		}))
	}
	return all
}
