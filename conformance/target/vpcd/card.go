package vpcd

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/postern-lock/postern/apdu"
)

// ATR returns the answer to reset that a PC/SC reader gives for a contactless
// card by ISO/IEC 14443-4 without historical bytes.
func ATR() []byte { return []byte{0x3B, 0x80, 0x80, 0x01, 0x01} }

// Powered is a card that tells the orders of the reader apart.  Any other is reset
// at each.
type Powered interface {
	apdu.Processor
	Power(on bool)
}

var (
	// ErrTooLong says that a response does not fit a message of vpcd.
	ErrTooLong = errors.New("vpcd: response is longer than 65535 bytes")
	// ErrMute says that the card stayed silent.
	ErrMute = errors.New("vpcd: the card stays silent")
)

// Serve answers the reader at the other end of conn with card, and closes conn
// at the end.  It resets the card, or switches a [Powered] one, when the reader
// switches it on, off or resets it, and when the connection ends.  A card that
// stays silent, whose response is empty, has to leave the reader, which would wait
// for an answer without end: Serve returns ErrMute then and leaves conn open, so that
// the next one can be made before.  Else it returns nil when the reader ends the
// connection between two messages, an error that wraps ctx.Err when ctx is done,
// and the connection's error otherwise.
func Serve(ctx context.Context, conn net.Conn, card apdu.Processor) (err error) {
	defer order(card, orderOff)
	defer func() {
		if !errors.Is(err, ErrMute) {
			_ = conn.Close() // the reader may have done so
		}
	}()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	s := server{conn: conn, card: card}
	for {
		err := s.step()
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return fmt.Errorf("vpcd: %w", ctx.Err())
		case errors.Is(err, io.EOF):
			return nil
		default:
			return fmt.Errorf("vpcd: %w", err)
		}
	}
}

// server is one connection.
type server struct {
	conn net.Conn
	card apdu.Processor
	in   [lengthBytes + maxMessage]byte
	out  []byte
}

// step takes one message and answers it.  It returns io.EOF where the
// connection ended before the message.
func (s *server) step() error {
	message, err := s.receive()
	if err != nil {
		return err
	}
	if len(message) == 1 {
		switch message[0] {
		case orderOff, orderOn, orderReset:
			order(s.card, message[0])
			return nil
		case orderATR:
			return s.send(ATR())
		}
	}
	response := s.card.Process(message)
	if len(response) == 0 {
		return ErrMute
	}
	return s.send(response)
}

// order has the card do what the reader orders.
func order(card apdu.Processor, what byte) {
	p, ok := card.(Powered)
	if !ok {
		card.Reset()
		return
	}
	if what != orderOn {
		p.Power(false)
	}
	if what != orderOff {
		p.Power(true)
	}
}

// receive reads one message; its bytes are valid until the next call.
func (s *server) receive() ([]byte, error) {
	head := s.in[:lengthBytes]
	if _, err := io.ReadFull(reader{s.conn}, head); err != nil {
		return nil, err
	}
	body := s.in[lengthBytes:][:binary.BigEndian.Uint16(head)]
	if _, err := io.ReadFull(reader{s.conn}, body); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return body, nil
}

// send writes one message in one piece.
func (s *server) send(message []byte) error {
	if len(message) > maxMessage {
		return ErrTooLong
	}
	s.out = binary.BigEndian.AppendUint16(s.out[:0], uint16(len(message)))
	s.out = append(s.out, message...)
	_, err := s.conn.Write(s.out)
	return err
}

// reader asks for quick acknowledgements before every read.  vpcd writes
// length and bytes apart, and its second write waits for the acknowledgement
// of the first: 40 ms with the delayed ones that are usual.  The option does
// not last, so it is set each time.
type reader struct{ conn net.Conn }

func (r reader) Read(p []byte) (int, error) {
	quickAck(r.conn)
	return r.conn.Read(p)
}
