package holdertest

import (
	"context"
	"io"

	"github.com/postern-lock/postern/internal/exchangetest"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// Resume sends RESUME with a secret of the line, and the first request in it.
func (p *Phone) Resume(ctx context.Context, s Secret, r Request) (*Answer, error) {
	if p.Selected == nil {
		return nil, errStep
	}
	nonce := make([]byte, wire.LimitResumptionIdBytes)
	if _, err := io.ReadFull(p.Rand, nonce); err != nil {
		return nil, err
	}
	nonce = p.pass(ResumeNonce, nonce)
	id, keys, err := exchangetest.Resume(s, nonce, p.tap.Values[SelectHash])
	if err != nil {
		return nil, err
	}
	if p.Channel, err = exchangetest.NewChannel(p.pass(ChannelKeys, keys), true); err != nil {
		return nil, err
	}
	p.prefix, p.carrier, p.resumed = append(nonce, p.pass(ResumeID, id)...), wire.InsResume, true
	return p.request(ctx, wire.InsResume, r)
}

// Pages asks for pages of the log in the channel, sealed or in clear, from the
// newest on, until one has been asked for each or the lock answers otherwise than
// done.
func (p *Phone) Pages(ctx context.Context, pages int, clear bool) ([]*Answer, error) {
	var answers []*Answer
	for i := range pages {
		r := message.Request{Log: true, Page: uint8(i)}
		if clear {
			r = message.Request{Operation: wire.OperationReadLog, Page: uint8(i)}
		}
		a, err := p.Request(ctx, r)
		if err != nil {
			return answers, err
		}
		answers = append(answers, a)
		if len(a.Log) == 0 {
			break
		}
	}
	return answers, nil
}
