package holder

import (
	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
)

// State is what the lock says of itself once it has verified the holder's
// right.
type State struct {
	PolicyVersion uint32          // version of the owner's policy
	Floor         credential.Time // the lock knows that it is this late or later
	Sequence      uint32          // of the newest log entry, 0 where there is none, and for everybody but the owner by the bare key
}

// Result is the lock's answer, authenticated by the lock's key, or with an
// error what the phone knows without one.
type Result struct {
	Lock    credential.LockID // zero where no lock has proved to be one
	Outcome credential.Outcome
	Reason  credential.Reason // of refused and failed, and that of the error
	State   State             // of every answer but refused
	Notice  credential.Notice // of the owner to visitors, without Roles; its Kind is zero where there is none
	Receipt *Receipt          // nil where the lock gave none

	Documents []DocumentResult // what became of the documents, as far as the lock said
	// LogPages are the pages of the log that were taken along, the newest first:
	// in clear, 768 bytes each, after read-log; else sealed, 792 bytes each.
	// [History] reads them.
	LogPages [][]byte
	inClear  bool // the pages came in clear, in the channel of this tap

	Advice Advice    // for the person at the door
	Cost   apdu.Cost // pairs and bytes on the link, all tries together
}

// Progress tells an app that the lock is still gathering energy.
type Progress struct {
	Percent int // charge, 0 to 99
}
