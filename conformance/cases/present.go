package cases

import (
	"context"
	"slices"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
)

// Reader is the suite's lock as the reader of a phone (binding R, chapter 21): its
// Door, with the link to the phone.
type Reader struct {
	*Door
	// Gone reports whether the field goes in place of the command, the first of
	// which is number 1.
	Gone func(number int, command []byte) bool

	t *T
}

// maxTurned is the longest command that a phone answers to TURN, with INS and P1
// (PST-RDR-003).
const maxTurned = 1022 + 2

// Transceive hands the phone a command, as it is.
func (r *Reader) Transceive(_ context.Context, command []byte) ([]byte, error) {
	r.t.inTime()
	r.Commands++
	if r.Gone != nil && r.Gone(r.Commands, command) {
		return nil, errGone
	}
	if r.Commands > maxCommands {
		r.t.Failf("the tap does not come to an end: more than %d commands", maxCommands)
	}
	began := time.Now()
	a, err := shim.Call[shim.Answer](r.t.ctx, r.t.device, shim.Command{APDU: command})
	r.t.record(report.Exchange{What: "the lock asks", Command: slices.Clone(command), Response: a.APDU, Silent: a.Silent, Took: time.Since(began).Microseconds()})
	r.t.rig(err)
	if a.Silent {
		return nil, ErrSilent
	}
	return a.APDU, nil
}

// Send hands the phone a command and returns its answer.
func (r *Reader) Send(command apdu.Command) Response {
	b, err := command.Bytes()
	r.t.OK(err)
	answer, err := r.Transceive(r.t.ctx, b)
	if err != nil {
		return Response{Silent: true}
	}
	return parsed(answer)
}

// Read has the suite's lock read the phone until it has no more commands.  What
// it answers against chapter 21 fails the case.
func (r *Reader) Read() {
	if err := r.Meet(r.t.ctx, r); err != nil && r.Gone == nil {
		r.t.Failf("as a card the phone answers against section 21.1: %v", err)
	}
}

// Present holds the app to a lock that reads it, for the operation open of the
// suite's own lock, and returns what the app tells its user.  With is what the lock
// does; nil has it read the phone.
func (a *App) Present(with func(*Reader)) Outcome {
	return a.PresentFor(shim.Present{Operation: int(credential.OperationOpen), Lock: a.t.World.Lock[:]}, with)
}

// PresentFor is Present for what a person chose.
func (a *App) PresentFor(chosen shim.Present, with func(*Reader)) Outcome {
	t := a.t
	r := &Reader{Door: a.door(), t: t}
	a.Door = r.Door
	ask[shim.Nothing](t, chosen)
	if with == nil {
		with = (*Reader).Read
	}
	with(r)
	a.Told = ask[shim.Told](t, shim.Leave{})
	if a.Told.Believed && len(r.Requests()) == 0 {
		t.Failf("the app reports %s as the word of a lock that was asked nothing", told(a.Told))
	}
	for _, s := range r.Steps {
		if n := len(s.Command.Data) + 2; n > maxTurned {
			t.Failf("an answer to TURN has %d bytes, where %d is the most", n, maxTurned)
		}
	}
	if faults := r.Faults(); len(faults) > 0 && !r.Lax {
		t.Failf("the phone sends what is against the standard: %v", faults[0])
	}
	return told(a.Told)
}
