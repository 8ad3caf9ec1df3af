// Package vpcd is the card's side of the protocol of vpcd, the virtual reader
// of the project vsmartcard: an [apdu.Processor] becomes a card that the real
// PC/SC service of the system sees in a reader.
//
// The card is the TCP client.  Every message, in both directions, is a length
// of 2 bytes, big-endian, and so many bytes.  From the reader one byte is an
// order (00 off, 01 on, 02 reset, 04 tell the ATR) and anything else a command
// APDU.  The card answers the ATR and commands only.
package vpcd

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/postern-lock/postern/apdu"
)

// Address is where vpcd listens for the card of its first reader.
const Address = "127.0.0.1:35963"

// Orders of the reader.
const (
	orderOff   = 0x00
	orderOn    = 0x01
	orderReset = 0x02
	orderATR   = 0x04
)

const (
	lengthBytes = 2
	maxMessage  = 65535
)

// ATR returns the answer to reset that a PC/SC reader gives for a contactless
// card by ISO/IEC 14443-4 without historical bytes.
func ATR() []byte { return []byte{0x3B, 0x80, 0x80, 0x01, 0x01} }

// ErrTooLong says that a response does not fit a message of vpcd.
var ErrTooLong = errors.New("vpcd: response is longer than 65535 bytes")

// retryInterval is the time between two tries to connect.
const retryInterval = 200 * time.Millisecond

// Connect connects to the reader at address, a host and a port.  While nobody
// listens there it tries again, until ctx is done.  The reader sees a card
// once the connection is served.
func Connect(ctx context.Context, address string) (net.Conn, error) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var d net.Dialer
	var last error
	for {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("vpcd: no reader: %w", errors.Join(ctx.Err(), last))
		case <-timer.C:
		}
		conn, err := d.DialContext(ctx, "tcp", address)
		if err == nil {
			return conn, nil
		}
		last = err
		timer.Reset(retryInterval)
	}
}

// Serve answers the reader at the other end of conn with card, and closes conn
// at the end.  It resets the card when the reader switches it on, off or
// resets it, and when the connection ends.  It returns nil when the reader
// ends the connection between two messages, an error that wraps ctx.Err when
// ctx is done, and the connection's error otherwise.
func Serve(ctx context.Context, conn net.Conn, card apdu.Processor) error {
	defer card.Reset()
	defer conn.Close()
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
			s.card.Reset()
			return nil
		case orderATR:
			return s.send(ATR())
		}
	}
	return s.send(s.card.Process(message))
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
