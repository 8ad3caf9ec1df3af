package holder

import (
	"context"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// FetchLog takes the whole log along, sealed for the owner: all its pages, the
// newest first.  Whoever may come at all may do so, and learns nothing from it,
// not even how long the log is.
//
// Result.LogPages holds those that came, also with an error.
func (p *Phone) FetchLog(ctx context.Context, t apdu.Transceiver) (Result, error) {
	return p.Do(ctx, t, Ask{LogPages: wire.LimitLogPages})
}

// ReadLog reads the whole log in clear: an owner, or the holder of a grant with
// the action read-log.  See [Phone.FetchLog].
func (p *Phone) ReadLog(ctx context.Context, t apdu.Transceiver) (Result, error) {
	return p.Do(ctx, t, Ask{Operation: credential.OperationReadLog, LogPages: wire.LimitLogPages})
}

// takePages takes the page of the log that came with the answer, and asks for
// the others.  Where something moved, pages that do not come are no fault: what
// was asked for has been answered.
func (x *exchange) takePages(ctx context.Context, answer message.Response) *Error {
	own := harmless(x.asked.Operation) && !(x.asked.Operation == credential.OperationStatus && x.asked.Receipt) // whether the answer had to bring one
	if answer.Outcome == credential.OutcomeRefused || own && len(answer.Log) == 0 {
		return nil
	}
	for x.asked.LogPages > 0 {
		if len(answer.Log) > 0 {
			x.pages = append(x.pages, answer.Log)
		}
		if len(x.pages) == x.asked.LogPages || x.oldest(answer.Log) {
			return nil
		}
		r := message.Request{Operation: credential.OperationStatus, Log: true, Page: uint8(len(x.pages))}
		if x.asked.Operation == credential.OperationReadLog {
			r = message.Request{Operation: credential.OperationReadLog, Resource: x.asked.Resource, Page: r.Page}
		}
		var err *Error
		switch answer, err = x.request(ctx, further, r); {
		case err != nil && own:
			return err
		case err != nil || answer.Outcome != credential.OutcomeDone || len(answer.Log) == 0:
			return nil
		}
	}
	return nil
}

// oldest reports whether a page is seen to be the last that holds anything.
func (x *exchange) oldest(page []byte) bool {
	p, err := credential.ParseLogPage(page)
	return err == nil && len(p.Entries) < wire.LimitLogPageEntries
}
