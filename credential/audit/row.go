package audit

import (
	"github.com/postern-lock/postern/credential"
)

// Kind is what an item or a row is about.
type Kind uint8

// The kinds.
const (
	KindNone    Kind = iota // nothing that an audit knows
	KindReceipt             // a receipt
	KindPage                // a page of a log, in clear
	KindEntry               // an entry of a log; of rows alone
)

// String returns the kind's name in the CSV.
func (k Kind) String() string { return name(k, "none", "receipt", "page", "entry") }

// Verdict is what an audit found about a receipt or an entry.  Its zero value
// is refused.
type Verdict uint8

// The verdicts, the worst first.
const (
	Refused   Verdict = iota // it is none, or nobody who is trusted vouches for it; Where and Reason say why
	Refuted                  // a page tells what a receipt of the lock proves to be otherwise; Other is the other side
	Disputed                 // it does not fit what Other tells, and no signature decides, or the lock signed both
	Duplicate                // Other, which was read before, tells the very same, or of the same opening
	Told                     // an entry that nothing contradicts, and no receipt proves
	Verified                 // the lock signed it, an entry by the head in a receipt, and nothing contradicts it
)

// String returns the verdict's name in the CSV.
func (v Verdict) String() string {
	return name(v, "refused", "refuted", "disputed", "duplicate", "told", "verified")
}

// Wrong reports whether the verdict says that somebody erred or lied.
func (v Verdict) Wrong() bool { return v <= Disputed }

// Where is the place of a fault that made something refused.
type Where uint8

// The places.
const (
	WhereNone        Where = iota // nowhere: it is not refused
	WhereItem                     // in the item itself: it does not decode, or its signature is not good
	WhereCertificate              // in the lock's certificate, or for want of one
	WhereMaker                    // in the standing of the lock's maker
	WhereLog                      // in how the page says that the log begins
)

// String returns the place's name in the CSV, which is empty for none.
func (w Where) String() string { return name(w, "", "item", "certificate", "maker", "log") }

// Fault is what does not fit in what was refuted or disputed.
type Fault uint8

// The faults.
const (
	FaultNone     Fault = iota // it fits
	FaultFork                  // one number of the log has two heads: there are two logs
	FaultSequence              // one head of the log has two numbers
	FaultEntry                 // the receipt tells another entry than the log at the same head
	FaultPolicy                // the policy version is lower than in a receipt before
)

// String returns the fault's name in the CSV, which is empty for none.
func (f Fault) String() string { return name(f, "", "fork", "sequence", "entry", "policy") }

// name returns the name with the number.
func name[N ~uint8](n N, names ...string) string {
	if int(n) < len(names) {
		return names[n]
	}
	return "unknown"
}

// Row is what an audit says of one receipt, one entry of a log, or one page that
// is refused.  An entry that several pages tell has one row, of the first of them.
type Row struct {
	Kind    Kind
	Item    uint64 // number of the item in the stream, from 1
	Source  uint32 // of the item
	Place   uint8  // place of the entry in the page, from 1; 0 for others
	Verdict Verdict
	Where   Where             // of what is refused
	Reason  credential.Reason // of what is refused
	Fault   Fault             // of what is refuted or disputed
	Other   uint64            // number of the item on the other side; 0 for none
	Told    uint32            // how often the entry is told, by pages; 1 for a receipt
	// InLog says of a receipt that its head is one of the log that was read.
	InLog bool
	// Missing is how many entries the log lacks that was read: of an entry those
	// between it and the one before that was read, of an owner's receipt those
	// from there up to its own entry.
	Missing uint32

	Lock credential.LockID // as claimed, where it is refused; zero where it could not be read
	// Claims are those of a receipt that is not refused; of an entry its Entry,
	// and its Head, are set alone.
	Claims credential.ReceiptClaims
	Err    error // of what is refused, with all details; it is not in the CSV
}
