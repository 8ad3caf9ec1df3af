package holdertest

import (
	"context"
	"fmt"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// Lengths in bytes of short commands, and the bit of a link in a chain.
const (
	maxShortData = 255
	maxShortNe   = 256
	chainBit     = 0x10
	maxFetches   = 2 * wire.LimitResponseBytes // a byte at a time, and as many again
)

// Reply is what the lock answered to one command.
type Reply struct {
	Pairs  []apdu.Pair // what went over the link, GET RESPONSE included
	Data   []byte      // joined
	SW     apdu.Status // the last one; zero where no answer came
	Lost   error       // why no answer came
	Faults []Fault     // what is against the standard
}

// Refused reports whether a status word other than 9000 came.
func (r *Reply) Refused() bool { return r.Lost == nil && r.SW != apdu.StatusOK }

// fault notes what is against a requirement.
func (r *Reply) fault(requirement, format string, args ...any) {
	r.Faults = append(r.Faults, Fault{Requirement: requirement, Text: fmt.Sprintf(format, args...)})
}

// Transceive sends any bytes, and notes what is wrong with the form of the answer.
func (p *Phone) Transceive(ctx context.Context, command []byte) *Reply {
	r := new(Reply)
	r.pair(ctx, p.Link, command)
	return r
}

// Send sends a command as Command, APDUs and Fetch alter it, and joins the answer.
// A command that does not fit the short form is sent as a chain, or with extended
// length fields where Extended says so and the lock announces them.
func (p *Phone) Send(ctx context.Context, c apdu.Command) (*Reply, error) {
	c.Data = p.pass(Data, c.Data)
	if p.Command != nil {
		p.Command(&c)
	}
	apdus, err := p.cut(c)
	if err != nil {
		return nil, err
	}
	if p.APDUs != nil {
		apdus = p.APDUs(apdus)
	}
	r := new(Reply)
	for i, b := range apdus {
		r.Data = nil
		r.pair(ctx, p.Link, b)
		if i < len(apdus)-1 && len(r.Data) > 0 {
			r.fault("PST-APDU-016", "a link of a chain is answered with %d bytes of data", len(r.Data))
		}
		if r.Lost != nil || i < len(apdus)-1 && r.SW != apdu.StatusOK {
			return r, nil
		}
	}
	p.fetch(ctx, r)
	return r, nil
}

// cut returns the APDUs of a command.
func (p *Phone) cut(c apdu.Command) ([][]byte, error) {
	if c.FitsShort() || p.Extended && p.has(wire.CapabilityExtendedLength) {
		b, err := c.Bytes()
		return [][]byte{b}, err
	}
	var apdus [][]byte
	c.Ne = min(c.Ne, maxShortNe)
	for {
		link := c
		if len(c.Data) > maxShortData {
			link.CLA, link.Data, link.Ne = c.CLA|chainBit, c.Data[:maxShortData], 0
		}
		b, err := link.AppendTo(nil, false)
		if err != nil {
			return nil, err
		}
		apdus = append(apdus, b)
		if len(c.Data) <= maxShortData {
			return apdus, nil
		}
		c.Data = c.Data[maxShortData:]
	}
}

// fetch gets the rest of an answer, and counts what was announced.
func (p *Phone) fetch(ctx context.Context, r *Reply) {
	type announced struct{ more, at int }
	var said []announced
	data := r.Data
	for range maxFetches {
		more := r.SW.More()
		if more == 0 || r.Lost != nil {
			break
		}
		said = append(said, announced{more, len(data)})
		get := []byte{0x00, wire.InsGetResponse, 0, 0, byte(more)}
		if p.Fetch != nil {
			if get = p.Fetch(more); get == nil {
				r.Data = data
				return
			}
		}
		r.Data = nil
		r.pair(ctx, p.Link, get)
		data = append(data, r.Data...)
	}
	r.Data = data
	if len(data) > wire.LimitResponseBytes {
		r.fault("PST-APDU-023", "the answer has %d bytes, at most %d are allowed", len(data), wire.LimitResponseBytes)
	}
	for _, s := range said {
		left := len(data) - s.at
		if r.SW == apdu.StatusOK && (s.more < maxShortNe && left != s.more || s.more == maxShortNe && left < maxShortNe) {
			r.fault("PST-APDU-023", "61%02X announces other than the %d bytes that were left", byte(s.more), left)
		}
	}
}

// pair sends one APDU and notes what is wrong with the form of the answer.
func (r *Reply) pair(ctx context.Context, link apdu.Transceiver, command []byte) {
	answer, err := link.Transceive(ctx, command)
	r.Pairs = append(r.Pairs, apdu.Pair{Command: command, Response: answer, Err: err})
	if err != nil {
		r.Lost, r.SW = err, 0
		return
	}
	parsed, err := apdu.ParseResponse(answer)
	if err != nil {
		r.fault("PST-APDU-023", "the answer is no response APDU: %v", err)
		r.SW = 0
		return
	}
	r.Data, r.SW = append(r.Data, parsed.Data...), parsed.SW
	if r.SW != apdu.StatusOK && r.SW.More() == 0 && len(parsed.Data) > 0 {
		r.fault("PST-APDU-023", "%d bytes come with %s", len(parsed.Data), r.SW)
	}
	if c, err := apdu.ParseCommand(command); err == nil && len(parsed.Data) > c.Ne {
		r.fault("PST-APDU-023", "%d bytes come where Le allows %d", len(parsed.Data), c.Ne)
	}
}

// command returns a protected command.
func command(ins, p1 byte, data []byte, ne int) apdu.Command {
	return apdu.Command{CLA: message.Class, INS: ins, P1: p1, Data: data, Ne: ne}
}
