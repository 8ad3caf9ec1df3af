package apdu

import (
	"context"

	"github.com/postern-lock/postern/internal/wire"
)

// maxFetches bounds the GET RESPONSE commands of one exchange, so that a card
// that gives a byte at a time cannot hold the phone.
const maxFetches = 64

// Options says how Exchange may send a command.
type Options struct {
	// Extended allows extended length fields for a command that does not fit
	// the short form.  Without it such a command is sent as a chain, and its
	// answer fetched by GET RESPONSE.
	Extended bool
}

// Exchange sends one logical command and returns its whole answer.
//
// The command goes in the short form where it fits (at most 255 bytes of data,
// Ne at most 256), else extended where opts allows it, else as a chain with
// Ne cut to 256.  61xx is followed by GET RESPONSE until the answer is whole;
// a command answered 6Cxx is sent once more with the length named.  An answer
// to an early command of a chain that is not 9000 ends the exchange and is
// returned.
//
// c.Data is at most 1024 bytes, the whole answer too, fetched in at most 64
// pieces; each piece is no longer than asked for, and none of them empty.  An answer
// with an error status is no error here, and has no data: the caller judges SW.  After 61xx it is
// one, for the card had carried the command out.  The error is an [*Error]: its Kind is ErrLink where t failed or ctx is done, and its Sent
// tells whether the card may have carried the command out.
func Exchange(ctx context.Context, t Transceiver, c Command, opts Options) (Response, error) {
	if err := checkLogical(c); err != nil {
		return Response{}, err
	}
	x := exchange{ctx: ctx, t: t}
	if !c.FitsShort() && !opts.Extended {
		early, done, err := x.chain(&c)
		if done || err != nil {
			return early, err
		}
	}
	x.last = true
	r, err := x.retry(c, !c.FitsShort())
	if err != nil {
		return Response{}, err
	}
	return x.collect(r)
}

// checkLogical tells whether c can be sent at all.
func checkLogical(c Command) error {
	switch {
	case c.CLA&chainBit != 0:
		return &Error{Kind: ErrClass, Field: "CLA"}
	case len(c.Data) > wire.LimitCommandBytes:
		return &Error{Kind: ErrLimit, Field: "data"}
	case c.Ne < 0 || c.Ne > maxExtendedNe:
		return &Error{Kind: ErrLength, Field: "Le"}
	}
	return nil
}

// exchange is one logical command under way.
type exchange struct {
	ctx  context.Context
	t    Transceiver
	last bool // what is sent now is the last command of the chain, or comes after it
	sent bool // that command has been handed over
}

// chain sends all but the last piece of c, and leaves the last in c.  It is
// done where the card wants no more of it.
func (x *exchange) chain(c *Command) (early Response, done bool, err error) {
	c.Ne = min(c.Ne, maxShortNe)
	for len(c.Data) > maxShortData {
		piece := Command{CLA: c.CLA | chainBit, INS: c.INS, P1: c.P1, P2: c.P2, Data: c.Data[:maxShortData]}
		r, err := x.pair(piece, false)
		if err != nil {
			return Response{}, false, err
		}
		if r.SW.More() > 0 {
			return Response{}, false, x.fault(ErrResponse, "chain", nil)
		}
		if r.SW != StatusOK {
			return r, true, nil
		}
		c.Data = c.Data[maxShortData:]
	}
	return Response{}, false, nil
}

// collect fetches what the card holds back.
func (x *exchange) collect(r Response) (Response, error) {
	data := r.Data
	for fetches := 0; ; fetches++ {
		if len(data) > wire.LimitResponseBytes {
			return Response{}, x.fault(ErrLimit, "response", nil)
		}
		more := r.SW.More()
		if more == 0 {
			return Response{Data: data, SW: r.SW}, nil
		}
		if fetches == maxFetches {
			return Response{}, x.fault(ErrLimit, "GET RESPONSE", nil)
		}
		var err error
		r, err = x.retry(Command{INS: insGetResponse, Ne: more}, false)
		if err != nil {
			return Response{}, err
		}
		// 61xx said that the card carried the command out: an error status
		// now is a lost answer, not a refusal.
		if r.SW.IsError() || len(r.Data) == 0 {
			return Response{}, x.fault(ErrResponse, "GET RESPONSE", nil)
		}
		data = append(data, r.Data...)
	}
}

// retry sends c, and once more where the card names the length it wants.
func (x *exchange) retry(c Command, extended bool) (Response, error) {
	r, err := x.pair(c, extended)
	if err != nil || r.SW.Available() == 0 || c.Ne == 0 {
		return r, err
	}
	c.Ne = r.SW.Available()
	return x.pair(c, extended)
}

// pair sends one command and checks the form of its response.
func (x *exchange) pair(c Command, extended bool) (Response, error) {
	if err := x.ctx.Err(); err != nil {
		return Response{}, x.fault(ErrLink, "context", err)
	}
	command, err := c.AppendTo(nil, extended)
	if err != nil {
		return Response{}, err
	}
	x.sent = x.last
	b, err := x.t.Transceive(x.ctx, command)
	if err != nil {
		return Response{}, x.fault(ErrLink, "transceive", err)
	}
	r, err := ParseResponse(b)
	if err != nil {
		return Response{}, x.fault(ErrResponse, "response", err)
	}
	if r.SW.IsError() {
		r.Data = nil // what stands before an error status is passed over (PST-PHN-020)
	}
	if len(r.Data) > c.Ne {
		return Response{}, x.fault(ErrResponse, "data", nil)
	}
	return r, nil
}

func (x *exchange) fault(kind error, field string, cause error) error {
	return &Error{Kind: kind, Field: field, Sent: x.sent, Err: cause}
}
