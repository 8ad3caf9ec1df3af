package vpcd

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// What can be wrong with the card at the other end of a [Reader].
var (
	// ErrSilent says that no answer came in time.
	ErrSilent = errors.New("vpcd: the card does not answer")
	// ErrLeft says that the card ended the connection between two messages: so a
	// card leaves the reader, and so one does that stays silent.
	ErrLeft = errors.New("vpcd: the card ended the connection")
	// ErrBroken says that the connection ended in the middle of a message.
	ErrBroken = errors.New("vpcd: the connection broke")
	// ErrUnasked says that the card sent what nobody asked for.
	ErrUnasked = errors.New("vpcd: the card sent a message unasked")
)

// Reader is the reader's end of a connection, for one user at a time.  After an
// error it is of no use any more.
type Reader struct {
	conn     net.Conn
	patience time.Duration // for one answer
	messages chan message  // that came, one at a time
	expected atomic.Int64  // length of the message that is coming; -1 between two
	got      atomic.Int64  // bytes of it
	out      []byte
}

// message is one of the card, or why there is none any more.
type message struct {
	data []byte
	err  error
}

// NewReader returns the reader of a card that has connected, or was connected to.
func NewReader(conn net.Conn, patience time.Duration) *Reader {
	r := &Reader{conn: conn, patience: patience, messages: make(chan message, 1)}
	r.expected.Store(-1)
	go r.receive()
	return r
}

// receive takes the messages off the connection.  It waits with the next until
// the last was asked for, so that a flood fills no memory.
func (r *Reader) receive() {
	defer close(r.messages)
	in := bufio.NewReader(reader{r.conn})
	for {
		m := r.next(in)
		r.messages <- m
		if m.err != nil {
			return
		}
	}
}

// next reads one message.
func (r *Reader) next(in io.Reader) message {
	var head [lengthBytes]byte
	if n, err := io.ReadFull(in, head[:]); err != nil {
		if n > 0 {
			return message{err: fmt.Errorf("%w in the middle of a length", ErrBroken)}
		}
		return message{err: ErrLeft}
	}
	data := make([]byte, binary.BigEndian.Uint16(head[:]))
	r.got.Store(0)
	r.expected.Store(int64(len(data)))
	for n := 0; n < len(data); r.got.Store(int64(n)) {
		more, err := in.Read(data[n:])
		if n += more; err != nil && n < len(data) {
			return message{err: fmt.Errorf("%w after %d of the %d bytes that the card announced", ErrBroken, n, len(data))}
		}
	}
	r.expected.Store(-1)
	return message{data: data}
}

// Power switches the card on or off.
func (r *Reader) Power(ctx context.Context, on bool) error {
	order := byte(orderOff)
	if on {
		order = orderOn
	}
	if err := r.send([]byte{order}); err != nil {
		return err
	}
	_, err := r.ATR(ctx) // the order has no answer: the card has obeyed it when it answers the next
	return err
}

// ATR asks the card for its answer to reset.
func (r *Reader) ATR(ctx context.Context) ([]byte, error) {
	return r.ask(ctx, []byte{orderATR})
}

// Transceive sends a command and returns what the card answers, which can be empty:
// a way to say that it stays silent.  What the protocol has no place for is
// refused: nothing, more than 65535 bytes, and a byte that would be an order.
func (r *Reader) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	if len(command) == 0 || len(command) > maxMessage || len(command) == 1 && command[0] <= orderATR && command[0] != 3 {
		return nil, fmt.Errorf("vpcd: the protocol cannot carry a command of %d bytes, % X", len(command), command[:min(4, len(command))])
	}
	return r.ask(ctx, command)
}

// Close ends the connection.
func (r *Reader) Close() error {
	err := r.conn.Close()
	for range r.messages { // until receive has noticed
	}
	return err
}

// ask sends a message and waits for the answer.
func (r *Reader) ask(ctx context.Context, what []byte) ([]byte, error) {
	if err := r.send(what); err != nil {
		return nil, err
	}
	timer := time.NewTimer(r.patience)
	defer timer.Stop()
	select {
	case m, ok := <-r.messages:
		if !ok {
			return nil, ErrLeft
		}
		return m.data, m.err
	case <-ctx.Done():
		return nil, fmt.Errorf("vpcd: %w", context.Cause(ctx))
	case <-timer.C:
		if expected := r.expected.Load(); expected >= 0 {
			return nil, fmt.Errorf("%w: it announced %d bytes and sent %d of them within %v", ErrSilent, expected, r.got.Load(), r.patience)
		}
		return nil, fmt.Errorf("%w within %v", ErrSilent, r.patience)
	}
}

// send writes one message in one piece, unless the card has said something in
// the meantime.
func (r *Reader) send(what []byte) error {
	select {
	case m, ok := <-r.messages:
		switch {
		case !ok:
			return ErrLeft
		case m.err != nil:
			return m.err
		}
		return fmt.Errorf("%w: %d bytes, % X", ErrUnasked, len(m.data), m.data[:min(16, len(m.data))])
	default:
	}
	r.out = binary.BigEndian.AppendUint16(r.out[:0], uint16(len(what)))
	r.out = append(r.out, what...)
	_ = r.conn.SetWriteDeadline(time.Now().Add(r.patience)) // the write says what is wrong
	if _, err := r.conn.Write(r.out); err != nil {
		return fmt.Errorf("%w: %w", ErrLeft, err)
	}
	return nil
}
