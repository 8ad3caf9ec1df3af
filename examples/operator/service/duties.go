package service

import (
	"bufio"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/issuer/ledger"
)

// Bounds of a stream of duties.
const (
	maxDuties    = 1 << 20          // of one request
	streamLine   = 1 << 10          // bytes of one line
	streamPause  = 20 * time.Second // in which a batch of lines has to come, and to go
	streamsAtAll = 8                // at once
)

// issue has a grant issued for each line of the request, and answers with a line
// for each.  It reads while it writes; what it has not written when the client
// leaves is found by whoever sends the duties again.
func (s *Service) issue(c *call) (any, error) {
	if err := mediaType(c.r, "application/x-ndjson"); err != nil {
		return nil, err
	}
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		return nil, problemBusy.because("%d streams of duties are under way", streamsAtAll)
	}
	a := &answers{w: c.w, control: http.NewResponseController(c.w), pause: s.pause}
	defer func() { c.begun = a.begun }()
	a.keepOpen()
	// HTTP/1 reads the rest of a request before it answers, unless it is told; that it
	// cannot be told is no fault, since HTTP/2 always can.
	_ = a.control.EnableFullDuplex()
	rounds := s.rounds
	rounds.Progress = func(ledger.Progress) { a.flush() }
	for record, err := range rounds.Issue(c.ctx(), a.duties(c.r)) {
		if d, ok := errors.AsType[*ledger.DutyError](err); ok {
			id := api.Of(d.Duty)
			a.refuse(api.Line{ID: &id, Problem: problemOf(d.Err)})
			continue
		}
		if err != nil {
			return nil, a.cut(err)
		}
		a.grant(record)
		if a.err != nil {
			return nil, errGone
		}
	}
	a.write(api.Line{Summary: &a.summary})
	a.flush()
	if a.err != nil {
		return nil, errGone
	}
	return nil, nil
}

// answers is the answer to a stream, line by line.
type answers struct {
	w       http.ResponseWriter
	control *http.ResponseController
	pause   time.Duration
	begun   bool
	summary api.Summary
	err     error // of a client that has gone
	unread  error // what kept the request from being read to its end
}

// keepOpen gives the client time for another batch.  Where the connection has no
// deadlines, in a test for example, there are none to set.
func (a *answers) keepOpen() {
	now := time.Now()
	_ = a.control.SetReadDeadline(now.Add(a.pause))
	_ = a.control.SetWriteDeadline(now.Add(2 * a.pause)) // so that a client that fell silent can be told
}

// flush sends what is written, after each batch.
func (a *answers) flush() {
	if a.begun {
		_ = a.control.Flush()
	}
	a.keepOpen()
}

func (a *answers) write(line api.Line) {
	if !a.begun {
		a.w.Header().Set("Content-Type", "application/x-ndjson")
		a.begun = true
	}
	if a.err == nil {
		a.err = json.NewEncoder(a.w).Encode(line)
	}
}

func (a *answers) grant(r ledger.Record) {
	id, tag := api.Of(r.Duty), api.Of(r.Tag)
	a.write(api.Line{ID: &id, Serial: r.Serial, Tag: &tag, Grant: r.Grant})
	a.summary.Issued++
}

func (a *answers) refuse(line api.Line) {
	a.write(line)
	a.summary.Refused++
}

// cut ends a stream by an error, and returns what it was.  Before the first line it is
// the answer; after that it is the last line, and no summary follows.
func (a *answers) cut(err error) error {
	if a.unread != nil {
		err = a.unread // in HTTP/1 the context ends by that, and hides it
	}
	if a.begun {
		a.write(api.Line{Problem: problemOf(err)})
		a.flush()
	}
	return err
}

// duties reads the lines of a request.  A line that is no duty is answered at once,
// and the others go on.
func (a *answers) duties(r *http.Request) iter.Seq2[ledger.Duty, error] {
	return func(yield func(ledger.Duty, error) bool) {
		lines := bufio.NewScanner(r.Body)
		lines.Buffer(make([]byte, 0, streamLine), streamLine)
		n := 0
		for lines.Scan() {
			if n++; n > maxDuties {
				yield(ledger.Duty{}, problemTooLarge.because("at most %d duties at once", maxDuties))
				return
			}
			var d api.Duty
			if err := decode(lines.Bytes(), &d); err != nil {
				a.refuse(api.Line{Line: n, Problem: problemOf(err)})
				continue
			}
			if !yield(dutyOf(d), nil) {
				return
			}
		}
		if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
			yield(ledger.Duty{}, problemTooLarge.because("line %d has more than %d bytes", n+1, streamLine))
		} else if err != nil {
			a.unread = bodyError(err)
			yield(ledger.Duty{}, a.unread)
		}
	}
}

// dutyOf returns the ledger's duty.
func dutyOf(d api.Duty) ledger.Duty {
	return ledger.Duty{
		ID: d.ID.Value, Holder: d.Holder, NotBefore: d.NotBefore, Expires: d.Expires,
		Scope: []credential.Entry{{
			Target:  credential.AreaTarget(d.Area),
			Actions: credential.Actions(d.Actions),
			Service: credential.Service(d.Service),
		}},
	}
}
