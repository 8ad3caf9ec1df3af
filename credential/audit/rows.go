package audit

import (
	"slices"

	"github.com/postern-lock/postern/credential"
)

// receiptRow makes the row of a receipt that the lock signed.
func (l *log) receiptRow(lock credential.LockID, s *statement) Row {
	row := Row{Kind: KindReceipt, Item: s.item, Source: s.source, Told: 1, Lock: lock, Claims: s.claims, InLog: s.inLog}
	switch {
	case s.duplicate != 0:
		row.Verdict, row.Other = Duplicate, s.duplicate
		return row
	case s.fault != FaultNone:
		row.Verdict, row.Fault, row.Other = Disputed, s.fault, s.other
	case s.head != nil && s.head.verdict.Wrong():
		row.Verdict, row.Fault, row.Other = Disputed, s.head.fault, s.head.other
		if row.Other == row.Item { // the other side is who told the head first
			row.Other = s.head.item
		}
	case s.opening != 0:
		row.Verdict, row.Other = Duplicate, s.opening
	default:
		row.Verdict = Verified
	}
	if s.head != nil && !s.inLog {
		row.Missing = l.missing(s.sequence)
	}
	return row
}

// missing returns how many entries the log lacks that was read, from the last one
// before the number up to the number itself; 0 where none was read before it.
func (l *log) missing(sequence uint32) uint32 {
	at, there := slices.BinarySearch(l.standing, sequence)
	if there || at == 0 {
		return 0
	}
	return sequence - l.standing[at-1]
}

// entryRows makes the rows of the entries.
func (l *log) entryRows(lock credential.LockID) []Row {
	rows := make([]Row, 0, len(l.nodes))
	for i, n := range l.nodes {
		h := l.heads[n.head]
		row := Row{
			Kind: KindEntry, Item: n.item, Source: n.source, Place: n.place, Told: n.told, Lock: lock,
			Verdict: h.verdict, Fault: h.fault, Other: h.other, InLog: true,
			Claims: credential.ReceiptClaims{Lock: lock, Head: n.head, Entry: &l.nodes[i].entry},
		}
		if row.Verdict != Refuted {
			row.Missing = l.missing(n.entry.Sequence - 1)
		}
		rows = append(rows, row)
	}
	return rows
}
