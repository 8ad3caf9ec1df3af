package shim

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/postern-lock/postern/conformance/strict"
)

// Serve is the shim's end of the lines: it reads requests from r, has the
// device carry them out and writes the answers to w, until r ends, which is no
// error.  A shim in Go is a main function that calls it.
func Serve(ctx context.Context, r io.Reader, w io.Writer, d Device) error {
	s := &server{in: bufio.NewReaderSize(r, MaxLine), out: w, device: d}
	for {
		data, err := s.line()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.serve(ctx, data); err != nil {
			return err
		}
	}
}

type server struct {
	in     *bufio.Reader
	out    io.Writer
	device Device
}

// line reads a line.
func (s *server) line() ([]byte, error) {
	data, err := s.in.ReadSlice('\n')
	switch {
	case errors.Is(err, io.EOF) && len(data) > 0:
		return nil, io.ErrUnexpectedEOF
	case err != nil:
		return nil, err
	}
	return append([]byte(nil), data[:len(data)-1]...), nil
}

// serve answers one request.
func (s *server) serve(ctx context.Context, data []byte) error {
	var head struct {
		ID   uint64 `json:"id"`
		Verb Verb   `json:"verb"`
	}
	if err := strict.Check(data); err != nil {
		return fmt.Errorf("shim: request: %w", err)
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return fmt.Errorf("shim: request: %w", err)
	}
	if head.Verb == "hello" {
		return s.write(head.ID, "ok", s.device.Hello())
	}
	r, err := s.request(head.ID, head.Verb, data)
	switch {
	case errors.Is(err, ErrUnsupported):
		return s.write(head.ID, "unsupported", head.Verb)
	case err != nil:
		return s.write(head.ID, "error", err.Error())
	}
	answer, err := s.device.Do(ctx, r)
	switch {
	case errors.Is(err, ErrUnsupported):
		return s.write(head.ID, "unsupported", head.Verb)
	case err != nil:
		return s.write(head.ID, "error", cut(err.Error()))
	}
	return s.write(head.ID, "ok", answer)
}

// cut keeps a sentence within its bound.
func cut(s string) string {
	if len(s) > maxText {
		return s[:maxText]
	}
	return s
}

// write writes an answer of one member besides the id.
func (s *server) write(id uint64, member string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("shim: %w", err)
	}
	b := fmt.Appendf(nil, `{"id":%d,%q:%s}`+"\n", id, member, body)
	if len(b) > MaxLine {
		return fmt.Errorf("shim: an answer of %d bytes is longer than a line", len(b))
	}
	_, err = s.out.Write(b)
	return err
}

// requests makes a pointer to the zero request of a verb.
var requests = map[Role]map[Verb]func() any{
	RoleLock: {
		VerbPower: zero[Power], VerbDeselect: zero[Deselect], VerbTransceive: zero[Transceive], VerbMeet: zero[Meet], VerbProvision: zero[Provision],
		VerbBolt: zero[Bolt], VerbDrive: zero[Drive], VerbButton: zero[Button], VerbTamper: zero[Tamper], VerbClock: zero[Clock],
		VerbAdvance: zero[Advance], VerbRandom: zero[Random], VerbOperations: zero[Operations], VerbCut: zero[Cut], VerbState: zero[State],
		VerbRefusal: zero[Refusal],
	},
	RoleApp: {
		VerbProvision: zero[Install], VerbTap: zero[Tap], VerbPresent: zero[Present], VerbCommand: zero[Command], VerbLeave: zero[Leave],
		VerbAsk: zero[AskRight], VerbTake: zero[TakePass],
	},
	RoleIssuer: {VerbProvision: zero[Appoint], VerbIssue: zero[Issue]},
}

func zero[R any]() any { return new(R) }

// request reads a request.
func (s *server) request(id uint64, v Verb, data []byte) (Request, error) {
	empty, ok := requests[s.device.Hello().Role][v]
	if !ok || !s.device.Hello().Has(v) {
		return nil, ErrUnsupported
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, err
	}
	delete(members, "id")
	delete(members, "verb")
	body, err := json.Marshal(members)
	if err != nil {
		return nil, err
	}
	p := empty()
	if err := strict.Unmarshal(body, p); err != nil {
		return nil, fmt.Errorf("request %s: %w", v, err)
	}
	return s.value(id, p), nil
}

// value returns what the pointer points to, with its questions.
func (s *server) value(id uint64, p any) Request {
	switch p := p.(type) {
	case *Meet:
		p.Ask = s.ask(id, "transceive")
	case *Tap:
		p.Ask, p.Live = s.ask(id, "transceive"), s.ask(id, "live")
	}
	return reflect.ValueOf(p).Elem().Interface().(Request)
}

// ErrLost says that the link or the network is gone.
var ErrLost = errors.New("shim: the link is gone")

// ask asks a question of the suite.
func (s *server) ask(id uint64, member string) Ask {
	return func(_ context.Context, command []byte) ([]byte, error) {
		if err := s.write(id, member, Hex(command)); err != nil {
			return nil, err
		}
		data, err := s.line()
		if err != nil {
			return nil, err
		}
		var r reply
		if err := strict.Unmarshal(data, &r); err != nil {
			return nil, fmt.Errorf("shim: reply: %w", err)
		}
		switch {
		case r.ID != id:
			return nil, fmt.Errorf("shim: reply to %d, where %d was asked", r.ID, id)
		case r.Lost:
			return nil, ErrLost
		case r.Token != nil:
			return r.Token, nil
		}
		return r.APDU, nil
	}
}
