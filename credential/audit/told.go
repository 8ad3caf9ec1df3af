package audit

import (
	"github.com/postern-lock/postern/credential"
)

// told is what the items tell of one lock.
type told struct {
	lock     credential.LockID
	receipts []receipt
	pages    []page
}

// receipt is a receipt that the lock signed.
type receipt struct {
	item   uint64
	source uint32
	claims credential.ReceiptClaims
}

// page is a part of a log, for which nobody vouches yet.
type page struct {
	item    uint64
	source  uint32
	base    credential.LogHead
	entries []credential.LogEntry
}

// add takes a fact in, and returns how many receipts and entries more there are.
func (t *told) add(f fact) int {
	if f.row.Kind == KindReceipt {
		t.receipts = append(t.receipts, receipt{f.row.Item, f.row.Source, f.row.Claims})
		return 1
	}
	t.pages = append(t.pages, page{f.row.Item, f.row.Source, f.page.Base, f.page.Entries})
	return max(len(f.page.Entries), 1)
}

// judge holds together what is told of each lock, and gives its rows.
func (a *Auditor) judge(group []*told) []Row {
	var rows []Row
	for _, t := range group {
		rows = append(rows, a.judgeLock(t)...)
	}
	return rows
}

// judgeLock holds together what is told of one lock, and gives its rows.
func (a *Auditor) judgeLock(t *told) []Row {
	l := newLog(t)
	statements := l.statements(t, a.config.Blinds)
	l.prove(statements)
	l.holdBases()
	l.decide()
	l.holdPolicies(statements)
	rows := make([]Row, 0, len(t.receipts)+len(l.nodes))
	for _, s := range statements {
		rows = append(rows, l.receiptRow(t.lock, s))
	}
	return append(rows, l.entryRows(t.lock)...)
}

// statement is a receipt held against the log.
type statement struct {
	receipt
	duplicate uint64 // item that told the very same before; 0 for none
	opening   uint64 // item that told of the same opening before; 0 for none
	sequence  uint32 // of the newest entry at the head, from 1; 0 where nobody can tell
	head      *head  // that the receipt proves; nil where nobody can tell
	inLog     bool
	fault     Fault
	other     uint64
}

// opening is what a receipt for others than the owner tells of one opening: a phone can
// ask for several in one transaction, and the time or the policy change between them.
type opening struct {
	blind credential.LogHead
	entry credential.LogEntry
}

// content is what a receipt says, for comparing.
type content struct {
	claims credential.ReceiptClaims // without Entry
	entry  credential.LogEntry      // zero for none, which is no entry
}

// statements looks for the head of each receipt among those of the log, and in
// what stands for these in the receipts of others than the owner.
func (l *log) statements(t *told, blinds func(credential.LockID, credential.LogHead) []credential.LogHead) []*statement {
	var hidden map[credential.LogHead]credential.LogHead
	if blinds != nil && len(t.receipts) > 0 {
		hidden = map[credential.LogHead]credential.LogHead{}
		for _, n := range l.nodes {
			for _, blind := range blinds(t.lock, n.head) {
				if blind != (credential.LogHead{}) { // that is what a lock without a log key says
					hidden[blind] = n.head
				}
			}
		}
	}
	seen, openings := map[content]uint64{}, map[opening]uint64{}
	all := make([]*statement, 0, len(t.receipts))
	for _, r := range t.receipts {
		s := &statement{receipt: r}
		all = append(all, s)
		c := content{claims: r.claims}
		if c.claims.Entry = nil; r.claims.Entry != nil {
			c.entry = *r.claims.Entry
		}
		if s.duplicate = seen[c]; s.duplicate != 0 {
			continue
		}
		seen[c] = r.item
		if o := (opening{r.claims.Head, c.entry}); r.claims.Entry != nil && c.entry.Sequence == 0 && o.blind != (credential.LogHead{}) {
			if s.opening = openings[o]; s.opening == 0 {
				openings[o] = r.item
			}
		}
		at, ok := l.at[r.claims.Head]
		if head, known := hidden[r.claims.Head]; !ok && known {
			at, ok = l.at[head]
		}
		switch {
		case ok:
			l.compare(s, &l.nodes[at])
		case c.entry.Sequence != 0:
			s.sequence = c.entry.Sequence
			s.head = l.bind(r.claims.Head, s.sequence, r.item)
			s.head.tell(c.entry, r.item)
		}
	}
	return all
}

// compare holds a receipt against the entry that the log has at its head.
func (l *log) compare(s *statement, n *node) {
	s.inLog, s.sequence = true, n.entry.Sequence
	if e := s.claims.Entry; e != nil {
		told := *e
		if told.Sequence == 0 {
			told.Sequence = n.entry.Sequence
		}
		if told != n.entry {
			s.fault, s.other = FaultEntry, n.item
			return
		}
	}
	s.head = l.heads[n.head]
}

// tell takes in what a receipt tells of the entry at a head that no page has.
func (h *head) tell(e credential.LogEntry, receipt uint64) {
	switch {
	case h.entry.Sequence == 0:
		h.entry = e
	case h.entry != e && h.fault == FaultNone:
		h.fault, h.other = FaultEntry, receipt
	}
}
