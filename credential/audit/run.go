package audit

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/postern-lock/postern/credential"
)

// Item is one thing to audit.  Nobody may change its bytes while the audit runs.
type Item struct {
	Source uint32 // whoever brought it, by a number of the caller's
	Kind   Kind   // KindReceipt or KindPage
	Object []byte // a receipt of at most 512 bytes, or a page of 768 bytes in clear
	// Certificates are those of the lock, at most [MaxCertificates], that came with
	// a receipt; with none Config.Certificates is asked.
	Certificates [][]byte
}

// Run audits the items and gives a row for each receipt, each entry of a log and
// each page that is refused.  What no lock can be made responsible for comes first,
// in the order of the items, as soon as it is read; then, when all have been read,
// the rows of one lock after the other, by id, each in the order of the items and
// then the entries by number.  The same items give the same rows.
//
// Items are asked for, and rows given, on the caller's goroutine.  An error of the
// items ends the audit and comes out as it is; so does [ErrLimit].  Rows that were
// given before it hold, and of the rest nothing is said.
func (a *Auditor) Run(items iter.Seq2[Item, error]) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		locks, held := map[credential.LockID]*told{}, 0
		for facts, err := range ordered(a.config.Workers, chunks(items), a.verify) {
			if err != nil {
				yield(Row{}, err)
				return
			}
			for _, f := range facts {
				switch {
				case f.row.Verdict == Refused && !yield(f.row, nil):
					return
				case f.row.Verdict == Refused:
					continue
				}
				of := locks[f.row.Lock]
				if of == nil {
					of = new(told)
					locks[f.row.Lock] = of
				}
				if held += of.add(f); held > a.config.Limit {
					yield(Row{}, fmt.Errorf("%w: more than %d receipts and entries; raise the Limit, or audit in Parts", ErrLimit, a.config.Limit))
					return
				}
			}
		}
		for rows, err := range ordered(a.config.Workers, groups(locks), a.judge) {
			for _, row := range rows {
				if !yield(row, err) {
					return
				}
			}
		}
	}
}

// chunk is how many items a goroutine verifies at once.
const chunk = 64

// locksAtOnce is how many locks a goroutine judges at once.
const locksAtOnce = 8

// numbered is some items, the first of which has the number.
type numbered struct {
	first uint64
	items []Item
}

// chunks cuts a stream.  Before an error comes what was read.
func chunks(items iter.Seq2[Item, error]) iter.Seq2[numbered, error] {
	return func(yield func(numbered, error) bool) {
		some := numbered{first: 1}
		for item, err := range items {
			if err != nil {
				_ = yield(some, nil) && yield(numbered{}, err)
				return
			}
			if some.items = append(some.items, item); len(some.items) == chunk {
				if !yield(some, nil) {
					return
				}
				some = numbered{first: some.first + chunk}
			}
		}
		yield(some, nil)
	}
}

// groups gives the locks by id, and lets go of each.
func groups(locks map[credential.LockID]*told) iter.Seq2[[]*told, error] {
	ids := slices.SortedFunc(maps.Keys(locks), func(x, y credential.LockID) int { return bytes.Compare(x[:], y[:]) })
	return func(yield func([]*told, error) bool) {
		for some := range slices.Chunk(ids, locksAtOnce) {
			var group []*told
			for _, id := range some {
				locks[id].lock = id
				group = append(group, locks[id])
				delete(locks, id)
			}
			if !yield(group, nil) {
				return
			}
		}
	}
}

// fact is what an item says: a row that is refused, or a receipt or a page that
// somebody vouches for or that has to be held against such.
type fact struct {
	row  Row
	page credential.LogPage // of a page; its row has the verdict told until then
}

// verify reads and verifies some items.
func (a *Auditor) verify(some numbered) []fact {
	facts := make([]fact, 0, len(some.items))
	for i, item := range some.items {
		f := fact{row: Row{Kind: item.Kind, Item: some.first + uint64(i), Source: item.Source, Told: 1}}
		if a.read(&f, item) {
			facts = append(facts, f)
		}
	}
	return facts
}

// read reads and verifies an item into its fact.  It reports whether the item is of
// the part that is looked at.
func (a *Auditor) read(f *fact, item Item) bool {
	var found fault
	switch item.Kind {
	case KindReceipt:
		u, err := credential.ParseReceipt(item.Object)
		if err != nil {
			found = fault{WhereItem, err}
			break
		}
		f.row.Lock = u.Claims.Lock
		if !a.looksAt(f.row.Lock) {
			return false
		}
		certificates := item.Certificates
		if len(certificates) == 0 && a.config.Certificates != nil {
			certificates = a.config.Certificates(u.Claims.Lock, u.Signer())
		}
		if found = a.trust.receipt(u, certificates); found.err == nil {
			f.row.Verdict, f.row.Claims = Verified, u.Claims
		}
	case KindPage:
		page, err := credential.ParseLogPage(item.Object)
		if err != nil {
			found = fault{WhereItem, err}
			break
		}
		f.row.Lock = page.Lock
		if !a.looksAt(f.row.Lock) {
			return false
		}
		f.row.Verdict, f.page = Told, page
		if found.err = beginning(page); found.err != nil {
			found.where = WhereLog
		}
	default:
		f.row.Kind = KindNone // an entry is of rows alone
		found = fault{WhereItem, &credential.Error{Reason: credential.ReasonObjectType, Detail: "item: is neither a receipt nor a page"}}
	}
	if found.err != nil {
		f.row.Verdict, f.row.Where, f.row.Reason, f.row.Err = Refused, found.where, reasonOf(found.err), found.err
	}
	return f.row.Lock != credential.LockID{} || a.config.Part == 0
}

// beginning checks that a page says of entry 1, and of no other, that nothing was
// before it.
func beginning(p credential.LogPage) error {
	if len(p.Entries) > 0 && (p.Base == credential.LogHead{}) != (p.Entries[0].Sequence == 1) {
		return &credential.Error{
			Reason: credential.ReasonSequence,
			Detail: fmt.Sprintf("log page: base: is zero before entry 1, and before no other; the first is entry %d", p.Entries[0].Sequence),
		}
	}
	return nil
}

// looksAt reports whether the lock is of the part that is looked at.
func (a *Auditor) looksAt(id credential.LockID) bool {
	return binary.BigEndian.Uint64(id[:])%uint64(a.config.Parts) == uint64(a.config.Part)
}

// reasonOf returns the reason of the error.
func reasonOf(err error) credential.Reason {
	if e, ok := errors.AsType[*credential.Error](err); ok {
		return e.Reason
	}
	return credential.ReasonMalformed
}
