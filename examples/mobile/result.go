package postern

import (
	"bytes"
	"errors"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/credential/holder/home"
)

// Outcomes of a tap.
const (
	OutcomeDone        = "done"        // the lock did what was asked, which moves nothing
	OutcomeOpened      = "opened"      // the bolt moved
	OutcomeUnconfirmed = "unconfirmed" // the bolt may have moved, or the lock may have done it
	OutcomeRefused     = "refused"     // nothing happened
	OutcomeFailed      = "failed"      // the bolt did not move
)

// Result is what became of a tap.
type Result struct {
	r      holder.Result
	err    error
	change *home.Change // of a box's tap
	found  error        // by a box, beside a good answer
}

func newResult(r holder.Result, err error) *Result { return &Result{r: r, err: err} }

// errNoTap is the error of a Result that came of no tap.
var errNoTap = argument("the Result came of no tap")

// Answered reports whether all of it is the lock's own answer, authenticated by
// its key.  Otherwise nothing that it said about the outcome could be believed,
// and Outcome says what may have happened all the same.
func (r *Result) Answered() bool { return r.fault() == nil }

// fault is what went wrong.  A Result that nobody made is nobody's answer.
func (r *Result) fault() error {
	if r.err == nil && r.r.Lock == (credential.LockID{}) {
		return errNoTap
	}
	return r.err
}

// Outcome is one of the constants Outcome….
func (r *Result) Outcome() string {
	if r.fault() == errNoTap {
		return OutcomeRefused
	}
	return r.r.Outcome.String()
}

// Opened reports whether the bolt moved.
func (r *Result) Opened() bool { return r.r.Outcome == credential.OutcomeOpened && r.Answered() }

// Reason is the rule that was broken, by its name in the registry reasons; "none"
// where none was.
func (r *Result) Reason() string { return r.r.Reason.String() }

// Code is nothing where the lock answered; else the code of what went wrong, as an
// exception would have it.
func (r *Result) Code() string { return codeOf(r.fault()) }

// Detail is what went wrong in English, for the app's developer; nothing where the
// lock answered.  No secret is in it.
func (r *Result) Detail() string {
	if err := r.fault(); err != nil {
		return detailOf(err)
	}
	return ""
}

// Change is what a box's tap decided: the first policy after MoveIn; null where it
// decided nothing.
func (r *Result) Change() *Change {
	if r.change == nil {
		return nil
	}
	return &Change{*r.change}
}

// Found is nothing, or the code of what a box found beside a good answer: behind,
// platform where the new state was not kept, or a log that was altered (altered) or
// fell back (fell-back), for which the lock should be reported.
func (r *Result) Found() string {
	switch {
	case errors.Is(r.found, holder.ErrLogAltered):
		return "altered"
	case errors.Is(r.found, holder.ErrLogFellBack):
		return "fell-back"
	}
	return codeOf(r.found)
}

// FoundDetail is what a box found, in English.
func (r *Result) FoundDetail() string {
	if r.found == nil {
		return ""
	}
	return r.found.Error()
}

// Advice is what the person at the door should do: one of the constants Advice….
func (r *Result) Advice() string { return adviceCode(r.r.Advice) }

// AdviceText is the advice in English.
func (r *Result) AdviceText() string { return r.r.Advice.String() }

// Lock is the id of the lock in hexadecimal; nothing where none has proved to be
// one.
func (r *Result) Lock() string {
	if r.r.Lock == (credential.LockID{}) {
		return ""
	}
	return r.r.Lock.String()
}

// PolicyVersion is the version of the owner's policy that the lock holds.
func (r *Result) PolicyVersion() int64 { return int64(r.r.State.PolicyVersion) }

// Floor is the time that the lock knows it to be at the least, in seconds since
// 1970; 0 where it said nothing.
func (r *Result) Floor() int64 { return int64(r.r.State.Floor) }

// LogSequence is the number of the newest entry of the log, told to the owner
// alone; else 0.
func (r *Result) LogSequence() int64 { return int64(r.r.State.Sequence) }

// Notice is what the owner lets visitors know; null where there is none.
func (r *Result) Notice() *Notice {
	if r.r.Notice.Kind == 0 {
		return nil
	}
	return &Notice{r.r.Notice}
}

// Receipt is the lock's signed statement; null where it gave none.
func (r *Result) Receipt() *Receipt {
	if r.r.Receipt == nil {
		return nil
	}
	return &Receipt{r.r.Receipt}
}

// Documents are what became of the documents that were handed over.
func (r *Result) Documents() *Deliveries { return &Deliveries{r.r.Documents} }

// LogPages are the pages of the log that were taken along, the newest first.
func (r *Result) LogPages() *Blobs { return newBlobs(r.r.LogPages) }

// Pairs is how many commands were sent.
func (r *Result) Pairs() int { return r.r.Cost.Pairs }

// Bytes is how many bytes went over the link, both ways.
func (r *Result) Bytes() int { return r.r.Cost.Bytes }

// Notice is what an owner lets visitors know.
type Notice struct{ n credential.Notice }

// Kind is "away" or "back".
func (n *Notice) Kind() string { return n.n.Kind.String() }

// Instruction is "none", "hold-parcels", "other-place" or "resume".
func (n *Notice) Instruction() string { return n.n.Instruction.String() }

// From is when it begins, in seconds since 1970; 0 leaves it open.
func (n *Notice) From() int64 { return int64(n.n.From) }

// Until is when it ends, in seconds since 1970; 0 leaves it open.
func (n *Notice) Until() int64 { return int64(n.n.Until) }

// Receipt is a lock's signed statement of what it did, which can be shown to others.
type Receipt struct{ r *holder.Receipt }

// Bytes is the receipt itself; null where there is none.
func (r *Receipt) Bytes() []byte {
	if r.r == nil {
		return nil
	}
	return bytes.Clone(r.r.Bytes)
}

// Verified reports whether the lock that was tapped has signed it.
func (r *Receipt) Verified() bool { return r.r != nil && r.r.Verified }

// Broken reports whether it is no good one: the lock should be reported.
func (r *Receipt) Broken() bool { return r.r == nil || r.r.Err != nil }

// Deliveries is a list of what became of documents.
type Deliveries struct{ all []holder.DocumentResult }

// Len returns how many there are.
func (d *Deliveries) Len() int { return len(d.all) }

// At returns the one with the index, from 0; null where there is none.
func (d *Deliveries) At(i int) *Delivery {
	if i < 0 || i >= len(d.all) {
		return nil
	}
	return &Delivery{d.all[i]}
}

// Delivery is what became of one document.
type Delivery struct{ d holder.DocumentResult }

// Document is the document as it was given.
func (d *Delivery) Document() []byte { return bytes.Clone(d.d.Document) }

// Held reports whether the lock holds it, or a newer one: it need not be handed to
// this lock again.
func (d *Delivery) Held() bool {
	return len(d.d.Document) > 0 && (d.d.Reason == credential.ReasonNone || d.d.Reason == credential.ReasonSuperseded)
}

// Reason is why the lock does not take it, by its name in the registry reasons;
// "none" where it does.
func (d *Delivery) Reason() string { return d.d.Reason.String() }
