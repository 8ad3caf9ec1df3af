package locktest

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

const (
	chainBit   = 0x10
	maxShortNe = 256
)

// ErrSilent says that the lock gave no answer.
var ErrSilent = errors.New("locktest: the lock keeps silent")

// Link is the phone's end of a link to the lock.  A lock that keeps silent is
// ErrSilent.
func (p *Peer) Link() apdu.Transceiver { return peerLink{p} }

type peerLink struct{ peer *Peer }

func (l peerLink) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	response := l.peer.Process(command)
	if response == nil {
		return nil, ErrSilent
	}
	return bytes.Clone(response), nil
}

// Reset ends the transaction: the field was lost.
func (p *Peer) Reset() {
	p.selected, p.run, p.Channel = false, nil, nil
	p.joined, p.rest, p.restSW = nil, nil, 0
}

// Process carries out one APDU.  It returns nil where APDU keeps silent.
func (p *Peer) Process(command []byte) []byte {
	data, sw := p.process(command)
	response := append(bytes.Clone(data), byte(sw>>8), byte(sw))
	if p.APDU != nil {
		return p.APDU(command, response)
	}
	return response
}

// process joins chains and gives answers out in pieces.
func (p *Peer) process(command []byte) ([]byte, apdu.Status) {
	c, err := apdu.ParseCommand(command)
	if err != nil {
		p.step(apdu.Command{}).fault("PST-PHN-004", "it is no command: %v", err)
		return nil, apdu.StatusWrongLength
	}
	switch {
	case c.INS == wire.InsGetResponse:
		return p.piece(c.Ne)
	case c.CLA&chainBit != 0:
		if c.Ne != 0 {
			p.step(c).fault("PST-APDU-030", "a link of a chain before its last has an Le")
		}
		p.joined = append(p.joined, c.Data...)
		return nil, apdu.StatusOK
	}
	c.Data = append(p.joined, c.Data...)
	p.joined = nil
	s := p.step(c)
	if apdu.IsExtended(command) && p.Capabilities&wire.CapabilityExtendedLength == 0 {
		s.fault("PST-APDU-006", "it has extended length fields, which the lock does not announce")
	}
	if c.Ne == 0 {
		s.fault("PST-APDU-030", "it has no Le")
	}
	if len(p.rest) > 0 {
		s.fault("PST-APDU-030", "%d bytes of the last answer were not fetched", len(p.rest))
	}
	r := p.handle(s)
	p.rest, p.restSW = r.Data, r.SW
	return p.piece(c.Ne)
}

// piece gives the next bytes of an answer.
func (p *Peer) piece(ne int) ([]byte, apdu.Status) {
	n := min(ne, len(p.rest))
	sw := p.restSW
	if left := len(p.rest) - n; left > 0 {
		sw = apdu.StatusMoreData
		if left < maxShortNe {
			sw |= apdu.Status(left)
		}
	}
	if p.Piece != nil {
		n, sw = p.Piece(ne, bytes.Clone(p.rest))
	}
	data := p.rest[:min(n, len(p.rest))]
	p.rest = p.rest[len(data):]
	return data, sw
}

// step notes a command.
func (p *Peer) step(c apdu.Command) *Step {
	c.Data = bytes.Clone(c.Data)
	s := &Step{Command: c}
	p.Steps = append(p.Steps, s)
	return s
}

// fault notes what is against a requirement.
func (s *Step) fault(requirement, format string, args ...any) {
	s.Faults = append(s.Faults, Fault{Requirement: requirement, Text: fmt.Sprintf(format, args...)})
}

// handle carries out a whole command and alters the answer.
func (p *Peer) handle(s *Step) apdu.Response {
	data, sw := p.dispatch(s)
	r := apdu.Response{Data: data, SW: sw}
	if sw == apdu.StatusOK {
		r.Data = p.pass(Data, data)
	}
	if p.Answer != nil {
		p.Answer(s.Command, &r)
	}
	return r
}

// dispatch carries out a whole command.
func (p *Peer) dispatch(s *Step) ([]byte, apdu.Status) {
	c := s.Command
	switch {
	case c.CLA == 0x00 && c.INS == wire.InsSelect:
		return p.selectApplication(s)
	case c.CLA != message.Class:
		s.fault("PST-PHN-004", "class %02X", c.CLA)
		return nil, apdu.StatusClaUnknown
	case c.INS == wire.InsHandshake1 && p.selected:
		return p.handshake1(s)
	case c.INS == wire.InsHandshake2 && p.run != nil && p.Channel == nil:
		return p.handshake2(s)
	case c.INS == wire.InsResume && p.selected:
		return p.resume(s)
	case c.INS == wire.InsRequest && p.Channel != nil:
		return p.request(s, c.Data)
	}
	s.fault("PST-PHN-004", "INS %02X is out of order", c.INS)
	return nil, apdu.StatusOutOfOrder
}

// Meet reads a phone that is a card, as the lock by binding R: it sends SELECT,
// and TURN until the phone has no more to say.  The error is that of the link, or
// says what the phone answered against chapter 21.  Piece and APDU, which are of
// answers to APDUs, say nothing here; for wrong commands of binding R send them
// yourself.
func (p *Peer) Meet(ctx context.Context, t apdu.Transceiver) error {
	p.Reset()
	p.turned = true
	defer func() { p.turned = false }()
	options := apdu.Options{Extended: p.Capabilities&wire.CapabilityExtendedLength != 0}
	answer, err := apdu.Exchange(ctx, t, apdu.Select([]byte(message.ReaderAID)), options)
	next := message.SelectCommand()
	for range wire.LimitRequests {
		if err != nil || !answer.SW.IsOK() {
			return errors.Join(err, statusError(answer.SW))
		}
		r := p.handle(p.step(next))
		answer, err = apdu.Exchange(ctx, t, apdu.Command{
			CLA: message.Class, INS: wire.InsTurn, P1: byte(r.SW >> 8), P2: byte(r.SW), Data: r.Data, Ne: maxShortNe,
		}, options)
		switch {
		case err != nil || !answer.SW.IsOK():
			continue
		case len(answer.Data) == 0:
			return nil
		case len(answer.Data) == 1:
			return errors.New("locktest: the answer to TURN has one byte")
		}
		next = apdu.Command{CLA: message.Class, INS: answer.Data[0], P1: answer.Data[1], Data: answer.Data[2:], Ne: maxShortNe}
		if next.INS == wire.InsSelect {
			if next.P1 != 0x04 || !bytes.Equal(next.Data, []byte(message.AID)) {
				return fmt.Errorf("locktest: the phone begins again with %X, where A4 04 and the AID of binding L are right", answer.Data)
			}
			next = message.SelectCommand()
		}
	}
	return errors.New("locktest: the phone does not come to an end")
}

// statusError says that a phone answered with a status word.
func statusError(sw apdu.Status) error {
	if sw.IsOK() || sw == 0 {
		return nil
	}
	return fmt.Errorf("locktest: the phone answers %s", sw)
}
