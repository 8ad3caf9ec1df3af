package lock

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// sealed are the cases of sections 19.4 and 19.5.
func sealed() []cases.Case {
	return slices.Concat(sealedPages(), noPages(), receipts(), otherReceipts(), noReceipts())
}

// carries has the phone take a sealed page along, which the key opens.
func (v visit) carries(p *holdertest.Phone, number uint8, key [32]byte) (sealed []byte, page credential.LogPage) {
	a := v.finishes("taking a sealed page along", p, holdertest.Request{Log: true, Page: number})
	v.Check(len(a.Log) == 792, "the sealed page has %d bytes, where 792 are right", len(a.Log))
	plain, err := holder.LogKeys{holder.NewLogKey(key)}.Open(a.Log)
	v.Check(err == nil, "the sealed page does not open under the log key that was agreed")
	digest, nonce := sha256.Sum256(plain), p.Selected.Nonce
	salt := v.expands(key[:], 1, append(digest[:], nonce[:]...), 16)
	v.Check(bytes.Equal(a.Log[:16], salt), "the salt is %x, where %x follows from the page and the nonce", a.Log[:16], salt)
	page, err = credential.ParseLogPage(plain)
	v.Check(err == nil, "the page under the seal does not read: %v", err)
	return a.Log, page
}

// sealedPages are sealed pages as they should be.
func sealedPages() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-SEAL-001", Revision: 1, Title: "a guest carries a page that is the page the owner reads",
		Requirements: []string{"PST-LOG-022#1", "PST-LOG-010", "PST-COM-009#1", "PST-CHAN-001"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			key := v.rekeys(v.owner())
			v.fills(18)
			for k := range uint8(4) {
				_, page := v.carries(v.neighbour(nil), k, key)
				clear := v.page(v.owner(), k)
				t.Check(page.Lock == clear.Lock && page.Base == clear.Base && slices.Equal(page.Entries, clear.Entries), "page %d under the seal differs from the one in clear", k)
			}
		},
	}, {
		ID: "LOCK-SEAL-002", Revision: 1, Title: "the same page is other bytes in every transaction",
		Requirements: []string{"PST-LOG-022#1"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			key, seen := v.rekeys(v.owner()), map[string]bool{}
			for range 4 {
				b, _ := v.carries(v.neighbour(nil), 0, key)
				t.Check(!seen[string(b[:16])] && !seen[string(b[16:])], "the same salt or the same sealed bytes came twice")
				seen[string(b[:16])], seen[string(b[16:])] = true, true
			}
		},
	}, {
		ID: "LOCK-SEAL-003", Revision: 1, Title: "an operator's staff carries a page, and so does the owner",
		Requirements: []string{"PST-LOG-022"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			key := v.rekeys(v.owner())
			v.opens("the postman delivers", v.postman(nil), v.delivers())
			v.carries(v.postman(nil), 0, key)
			v.carries(v.owner(), 0, key)
		},
	}, {
		ID: "LOCK-SEAL-004", Revision: 1, Title: "the log key of the commissioning is the one that pages are sealed under",
		Requirements: []string{"PST-LOG-022#1", "PST-COM-016#3"}, Needs: withKeys,
		Run: func(t *cases.T) {
			v := visit{t}
			key, o := v.configures(v.owner(), t.World.Setup[:])
			t.Expect("commissioning", o, doneWell)
			v.carries(v.owner(), 0, key)
		},
	}, {
		ID: "LOCK-SEAL-005", Revision: 1, Title: "a log key that is agreed anew takes the place of the one before, and leaves no entry",
		Requirements: []string{"PST-COM-009#1", "PST-LOG-022#1", "PST-LOG-006"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			before := v.newest()
			old := v.rekeys(v.owner())
			p := v.owner()
			p.Rand = t.Rand("another exchange")
			key := v.rekeys(p)
			t.Check(key != old, "two exchanges agree the same log key")
			v.carries(v.neighbour(nil), 0, key)
			t.Check(v.newest() == before, "agreeing a log key wrote the entry %+v", v.newest())
		},
	}, {
		ID: "LOCK-SEAL-006", Revision: 1, Title: "after a transfer there is no log key and no sealed page, until the new owner agrees one",
		Requirements: []string{"PST-LOG-022", "PST-COM-009#1", "PST-OWN-034#4"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			v.rekeys(v.owner())
			v.gives(2)
			a := v.finishes("a status that takes a page", v.Phone("heir", nil), holdertest.Request{Log: true})
			t.Check(len(a.Log) == 0, "a page of %d bytes leaves the lock, which has no log key", len(a.Log))
			v.carries(v.Phone("heir", nil), 0, v.rekeys(v.Phone("heir", nil)))
		},
	}}
}

// noPages are visitors who get no page, because their right is none.
func noPages() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		what  string
		alter func(v visit, c *credential.GrantClaims)
		want  credential.Reason
	}{
		{"is over", func(v visit, c *credential.GrantClaims) { c.IssuedAt, c.Expires = v.floor()-5, v.floor() }, credential.ReasonExpired},
		{"is for another lock", func(_ visit, c *credential.GrantClaims) {
			c.Scope[0].Target = credential.LockTarget(credential.LockID{1})
		}, credential.ReasonTarget},
		{"asks for a policy that the lock has not yet", func(_ visit, c *credential.GrantClaims) { c.Scope[0].PolicyVersion = 9 }, credential.ReasonPolicyVersion},
	} {
		all = append(all, oneTap(cases.Case{
			ID: fmt.Sprintf("LOCK-SEAL-%03d", 10+i), Title: "a guest asks for a page by a grant that " + c.what, Fault: "the grant " + c.what,
			Requirements: []string{"PST-LOG-022", "PST-LOG-005"}, Passes: []cases.Outcome{doneWell}, Allowed: []cases.Outcome{cases.Refused(c.want)},
		}, func(v visit, faulty bool) cases.Outcome {
			p := v.neighbour(func(g *credential.GrantClaims) {
				if faulty {
					c.alter(v, g)
				}
			})
			o, a := v.TapFor(p, holdertest.Request{Log: true})
			if faulty && a != nil {
				v.Check(len(a.Log) == 0, "a page of the log goes to a visitor without a right")
			} else if a != nil {
				v.Check(len(a.Log) > 0, "no page of the log, and the lock has a log key")
			}
			return o
		}))
	}
	return append(all, oneTap(cases.Case{
		ID: "LOCK-SEAL-015", Title: "the key of the lock's former log opens no page any more", Fault: "the page is opened by the log key from before",
		Requirements: []string{"PST-LOG-022#1", "PST-COM-009#1"}, Passes: []cases.Outcome{"opens"}, Allowed: []cases.Outcome{"does not open"},
		Changes: []string{cases.SeesMemory},
	}, func(v visit, faulty bool) cases.Outcome {
		key := v.rekeys(v.owner())
		if faulty {
			p := v.owner()
			p.Rand = v.Rand("another exchange")
			v.rekeys(p)
		}
		a := v.finishes("taking a sealed page along", v.neighbour(nil), holdertest.Request{Log: true})
		v.Check(len(a.Log) == 792, "the sealed page has %d bytes, where 792 are right", len(a.Log))
		if _, err := (holder.LogKeys{holder.NewLogKey(key)}).Open(a.Log); err != nil {
			return "does not open"
		}
		return "opens"
	}))
}

// receipt is the receipt in an answer, which the phone has held to its state and
// its signature.
func (v visit) receipt(a *holdertest.Answer) credential.ReceiptClaims {
	r, err := credential.ParseReceipt(a.Receipt)
	v.Check(err == nil, "there is no receipt that reads: %v", err)
	return r.Claims
}

// tells checks a receipt: the policy's version and tag, the head or what stands
// for it, and the entry.
func (v visit) tells(r credential.ReceiptClaims, version uint32, policy credential.Tag, head credential.LogHead, entry *credential.LogEntry) {
	v.Check(r.PolicyVersion == version && r.Policy == policy, "the receipt names policy %d %s, where %d %s is right", r.PolicyVersion, r.Policy, version, policy)
	v.Check(r.Head == head, "the receipt has the head %x, where %x is right", r.Head, head)
	v.Check((r.Entry == nil) == (entry == nil), "the receipt has an entry: %t; one is due: %t", r.Entry != nil, entry != nil)
	v.Check(entry == nil || *r.Entry == *entry, "the receipt has the entry %+v, where %+v is right", r.Entry, entry)
}

// blind is what stands for a head in the receipt of anybody but the owner.
func (v visit) blind(key [32]byte, head credential.LogHead) credential.LogHead {
	return credential.LogHead(v.expands(key[:], 3, head[:], 32))
}

// first is the tag of the set-up's policy.
func (v visit) first() credential.Tag {
	u, err := credential.ParsePolicy(v.Made(v.World.Policy(1, nil)))
	v.OK(err)
	return u.Tag()
}

var asksReceipt = holdertest.Request{Operation: credential.OperationOpen, Receipt: true}

// receipts are receipts as they should be.
func receipts() []cases.Case {
	const all = "PST-LOG-015"
	return []cases.Case{{
		ID: "LOCK-RECEIPT-001", Revision: 1, Title: "an owner's receipt names the policy, the head and the newest entry",
		Requirements: []string{all, all + "#1", all + "#2", all + "#3", all + "#4", all + "#5", "PST-DEC-025#5"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			r := v.receipt(v.opens("the owner opens", v.owner(), asksReceipt))
			page := v.page(v.owner(), 0)
			v.tells(r, 1, v.first(), head(page), &page.Entries[len(page.Entries)-1])
			r = v.receipt(v.finishes("a status", v.owner(), holdertest.Request{Receipt: true}))
			v.tells(r, 1, v.first(), head(page), &page.Entries[len(page.Entries)-1])
		},
	}, {
		ID: "LOCK-RECEIPT-002", Revision: 1, Title: "a guest's receipt hides the number of the entry and the head",
		Requirements: []string{all, all + "#4", all + "#5", all + "#6"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			key := v.rekeys(v.owner())
			r := v.receipt(v.opens("the neighbour opens", v.neighbour(nil), asksReceipt))
			page := v.page(v.owner(), 0)
			e := page.Entries[len(page.Entries)-1]
			e.Sequence = 0
			v.tells(r, 1, v.first(), v.blind(key, head(page)), &e)
		},
	}, {
		ID: "LOCK-RECEIPT-003", Revision: 1, Title: "a guest's receipt of a status has no entry, though the log has one",
		Requirements: []string{all + "#5", all + "#6"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			key := v.rekeys(v.owner())
			v.opens("the neighbour opens", v.neighbour(nil), asksOpen)
			r := v.receipt(v.finishes("a status", v.neighbour(nil), holdertest.Request{Receipt: true}))
			v.tells(r, 1, v.first(), v.blind(key, head(v.page(v.owner(), 0))), nil)
		},
	}, {
		ID: "LOCK-RECEIPT-004", Revision: 1, Title: "a guest's receipt of a status after an opening in the same transaction has the entry",
		Requirements: []string{all + "#5"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			p := v.neighbour(nil)
			v.opens("the neighbour opens", p, asksOpen)
			a, err := p.Request(t.Context(), holdertest.Request{Receipt: true})
			t.OK(err)
			t.Expect("a status after it", t.Answered(a), doneWell)
			t.Check(v.receipt(a).Entry != nil, "the receipt has no entry, and this transaction has driven the bolt")
		},
	}, {
		ID: "LOCK-RECEIPT-005", Revision: 1, Title: "an operator's receipt of a delivery has its reference and its service",
		Requirements: []string{all, all + "#5", "PST-LOG-006#8", "PST-LOG-006#11"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			r := v.delivers()
			r.Receipt, r.Reference = true, credential.Reference{9, 8, 7}
			got := v.receipt(v.opens("the postman delivers", v.postman(nil), r))
			e := v.newest()
			e.Sequence = 0
			t.Check(got.Entry != nil && *got.Entry == e && e.Reference == r.Reference && e.Service == credential.ServicePost, "the receipt has the entry %+v, the log %+v", got.Entry, e)
		},
	}}
}

// otherReceipts are receipts of a lock in another state.
func otherReceipts() []cases.Case {
	const all = "PST-LOG-015"
	return []cases.Case{{
		ID: "LOCK-RECEIPT-006", Revision: 1, Title: "a receipt of the commissioning has no policy, and the first entry",
		Requirements: []string{all + "#2", all + "#3", all + "#4", all + "#5", "PST-COM-016"}, Needs: withKeys,
		Run: func(t *cases.T) {
			v := visit{t}
			p := v.owner()
			_, o := v.configure(p, func(r *holdertest.Request) { r.Proof, r.Receipt = v.Made(p.SetupProof(t.World.Setup[:])), true })
			t.Expect("commissioning", o, doneWell)
			a, err := p.Request(t.Context(), holdertest.Request{Receipt: true})
			t.OK(err)
			t.Expect("a status after it", t.Answered(a), doneWell)
			page := v.page(v.owner(), 0)
			v.tells(v.receipt(a), 0, credential.Tag{}, head(page), &page.Entries[0])
		},
	}, {
		ID: "LOCK-RECEIPT-007", Revision: 1, Title: "without a log key zeros stand for the head in a guest's receipt",
		Requirements: []string{all + "#6"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			v.rekeys(v.owner())
			v.gives(2)
			r := v.delivers()
			r.Operation, r.Receipt = credential.OperationStatus, true
			got := v.receipt(v.finishes("a postman's status", v.postman(nil), r))
			t.Check(got.Head == credential.LogHead{}, "%x stands for the head, where zeros are right", got.Head)
			t.Check(got.PolicyVersion == 2, "the receipt names policy %d, where 2 is right", got.PolicyVersion)
		},
	}, {
		ID: "LOCK-RECEIPT-008", Revision: 1, Title: "a key of suite 2 gets a receipt under the lock's key of suite 2",
		Requirements: []string{all, "PST-PROF-005"}, Needs: withKeys, Setup: cases.Owned, When: "capability(suite-2)",
		Run: func(t *cases.T) {
			v := visit{t}
			r := v.receipt(v.opens("a guest with a key of suite 2", v.second(), asksReceipt))
			t.Check(r.Entry != nil, "the receipt has no entry")
		},
	}, {
		ID: "LOCK-RECEIPT-009", Revision: 1, Title: "a receipt of an opening whose bolt sticks",
		Requirements: []string{all, all + "#5", "PST-DEC-026"}, Needs: []shim.Verb{shim.VerbProvision, shim.VerbDrive}, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			t.Set(shim.Drive{Motion: shim.Sticks, Percent: 100})
			o, a := v.tap(v.neighbour(nil), asksReceipt)
			t.Expect("an opening whose bolt sticks", o, stuck)
			e := v.newest()
			e.Sequence = 0
			got := v.receipt(a).Entry
			t.Check(got != nil && *got == e && e.Outcome == credential.LogFailed, "the receipt has the entry %+v, the log %+v", got, e)
		},
	}, {
		ID: "LOCK-RECEIPT-011", Revision: 1, Title: "a receipt of an opening that nobody saw",
		Requirements: []string{all, all + "#5"}, Needs: []shim.Verb{shim.VerbProvision, shim.VerbDrive}, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			t.Set(shim.Drive{Motion: shim.Unseen, Percent: 100})
			o, a := v.tap(v.neighbour(nil), asksReceipt)
			t.Expect("an opening whose bolt nobody sees", o, "unconfirmed")
			e := v.receipt(a).Entry
			t.Check(e != nil && e.Outcome == credential.LogStarted, "the entry in the receipt is %+v, where that of the opening is right", e)
		},
	}, {
		ID: "LOCK-RECEIPT-010", Revision: 1, Title: "the blinds of one head are the same, and change with the head",
		Requirements: []string{all + "#6"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			look := func() credential.LogHead {
				return v.receipt(v.finishes("a status", v.neighbour(nil), holdertest.Request{Receipt: true})).Head
			}
			first := look()
			t.Check(look() == first, "nothing was written between two receipts, and what stands for the head differs")
			v.opens("the owner opens", v.owner(), asksOpen)
			t.Check(look() != first, "an entry was written between two receipts, and what stands for the head is the same")
		},
	}}
}

// second is the phone of a guest whose key is of suite 2.
func (v visit) second() *holdertest.Phone {
	p := v.Phone("second", v.Made(v.World.Guest(func(c *credential.GrantClaims) { c.Holder = v.World.Public2("second") })))
	p.Key = v.World.Key2("second")
	return p
}

// noReceipts are answers that no receipt goes with, though one was asked for; the
// phone fails a case whose answer has one.
func noReceipts() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		what  string
		alter func(v visit, c *credential.GrantClaims)
		want  credential.Reason
	}{
		{"lacks the action", func(_ visit, c *credential.GrantClaims) { c.Scope[0].Actions = credential.ActionDeliver }, credential.ReasonAction},
		{"is over", func(v visit, c *credential.GrantClaims) { c.IssuedAt, c.Expires = v.floor()-5, v.floor() }, credential.ReasonExpired},
		{"is for another lock", func(_ visit, c *credential.GrantClaims) {
			c.Scope[0].Target = credential.LockTarget(credential.LockID{1})
		}, credential.ReasonTarget},
	} {
		all = append(all, oneTap(cases.Case{
			ID: fmt.Sprintf("LOCK-RECEIPT-%03d", 20+i), Title: "a refused opening has no receipt: the grant " + c.what, Fault: "the grant " + c.what,
			Requirements: []string{"PST-LOG-015"}, Passes: cases.Opened, Allowed: []cases.Outcome{cases.Refused(c.want)},
		}, func(v visit, faulty bool) cases.Outcome {
			return v.Tap(v.neighbour(func(g *credential.GrantClaims) {
				if faulty {
					c.alter(v, g)
				}
			}), asksReceipt)
		}))
	}
	return append(all, oneTap(cases.Case{
		ID: "LOCK-RECEIPT-025", Title: "a pending opening has no receipt, drives nothing and writes nothing", Fault: "the lock lacks the energy to drive",
		Requirements: []string{"PST-LOG-015", "PST-DEC-007#19"}, Needs: []shim.Verb{shim.VerbDrive}, Passes: cases.Opened, Allowed: []cases.Outcome{"pending"},
	}, func(v visit, faulty bool) cases.Outcome {
		v.Set(shim.Drive{Motion: shim.Moves, Percent: 100})
		if faulty {
			v.Set(shim.Drive{Motion: shim.Moves, Percent: 40, Wait: 100})
		}
		return v.Tap(v.neighbour(nil), asksReceipt)
	}))
}
