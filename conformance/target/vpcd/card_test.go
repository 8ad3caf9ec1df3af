package vpcd_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/target/vpcd"
)

// echo is a card that gives the command back, and 9000.
type echo struct {
	resets int
	extra  int // bytes added to every response
}

func (e *echo) Process(command []byte) []byte {
	return append(append(bytes.Clone(command), make([]byte, e.extra)...), 0x90, 0x00)
}

func (e *echo) Reset() { e.resets++ }

// reader is the other end of the connection, as vpcd has it.
type reader struct {
	t    *testing.T
	conn net.Conn
	done chan error // what Serve returned
}

// insert puts the card into a reader, over TCP as with vpcd.
func insert(ctx context.Context, t *testing.T, card apdu.Processor) *reader {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	r := &reader{t: t, done: make(chan error, 1)}
	conn, err := vpcd.Connect(ctx, l.Addr().String())
	require.NoError(t, err)
	go func() { r.done <- vpcd.Serve(ctx, conn, card) }()
	r.conn, err = l.Accept()
	require.NoError(t, err)
	t.Cleanup(func() { r.conn.Close() })
	return r
}

func (r *reader) send(message ...byte) {
	_, err := r.conn.Write(binary.BigEndian.AppendUint16(nil, uint16(len(message))))
	require.NoError(r.t, err)
	_, err = r.conn.Write(message)
	require.NoError(r.t, err)
}

func (r *reader) receive() []byte {
	var length uint16
	require.NoError(r.t, binary.Read(r.conn, binary.BigEndian, &length))
	message := make([]byte, length)
	_, err := io.ReadFull(r.conn, message)
	require.NoError(r.t, err)
	return message
}

func TestCardTellsItsATR(t *testing.T) {
	r := insert(t.Context(), t, &echo{})
	r.send(0x04)
	require.Equal(t, []byte{0x3B, 0x80, 0x80, 0x01, 0x01}, r.receive())
}

func TestCardAnswersCommandsOfEveryLength(t *testing.T) {
	r := insert(t.Context(), t, &echo{})
	for _, n := range []int{0, 2, 4, 255, 256, 65533} {
		command := bytes.Repeat([]byte{0x42}, n)
		r.send(command...)
		require.Equal(t, append(command, 0x90, 0x00), r.receive())
	}
}

func TestByteThatIsNoOrderIsACommand(t *testing.T) {
	r := insert(t.Context(), t, &echo{})
	r.send(0x03)
	require.Equal(t, []byte{0x03, 0x90, 0x00}, r.receive())
}

func TestOrdersResetTheCardAndHaveNoAnswer(t *testing.T) {
	card := &echo{}
	r := insert(t.Context(), t, card)
	r.send(0x01)
	r.send(0x02)
	r.send(0x00)
	r.send(0x04)
	require.Equal(t, vpcd.ATR(), r.receive())
	require.NoError(t, r.conn.Close())
	require.NoError(t, <-r.done)
	require.Equal(t, 4, card.resets) // and one for the end of the connection
}

func TestConnectionCutInAMessageIsAnError(t *testing.T) {
	for _, part := range [][]byte{{0x00}, {0x00, 0x05}, {0x00, 0x05, 0x00, 0xA4}} {
		card := &echo{}
		r := insert(t.Context(), t, card)
		_, err := r.conn.Write(part)
		require.NoError(t, err)
		require.NoError(t, r.conn.Close())
		require.ErrorIs(t, <-r.done, io.ErrUnexpectedEOF)
		require.Equal(t, 1, card.resets)
	}
}

func TestContextTakesTheCardOut(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	card := &echo{}
	r := insert(ctx, t, card)
	r.send(0x04)
	require.Equal(t, vpcd.ATR(), r.receive())
	cancel()
	require.ErrorIs(t, <-r.done, context.Canceled)
	_, err := r.conn.Read(make([]byte, 1))
	require.Error(t, err)
	require.Equal(t, 1, card.resets)
}

func TestResponseThatIsTooLongEndsTheConnection(t *testing.T) {
	r := insert(t.Context(), t, &echo{extra: 65534})
	r.send(0x80, 0x10, 0x00, 0x00)
	require.ErrorIs(t, <-r.done, vpcd.ErrTooLong)
}

func TestConnectWaitsForTheReader(t *testing.T) {
	address := freeAddress(t)
	found := make(chan error, 1)
	go func() {
		conn, err := vpcd.Connect(t.Context(), address)
		if err == nil {
			err = conn.Close()
		}
		found <- err
	}()
	l, err := net.Listen("tcp", address)
	require.NoError(t, err)
	defer l.Close()
	conn, err := l.Accept()
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	require.NoError(t, <-found)
}

func TestConnectGivesUpWithTheContext(t *testing.T) {
	address := freeAddress(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := vpcd.Connect(ctx, address)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// freeAddress returns an address at which nobody listens.
func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().String()
}

// The card does not care what kind of connection it has.
func TestServeOverAPipe(t *testing.T) {
	card, end := net.Pipe()
	done := make(chan error, 1)
	go func() { done <- vpcd.Serve(t.Context(), card, &echo{}) }()
	r := &reader{t: t, conn: end}
	r.send(0x80, 0x10)
	require.Equal(t, []byte{0x80, 0x10, 0x90, 0x00}, r.receive())
	require.NoError(t, end.Close())
	require.NoError(t, <-done)
}

func FuzzServe(f *testing.F) {
	f.Add([]byte{0, 1, 4, 0, 1, 1, 0, 4, 0, 0xA4, 4, 0, 0, 1, 0})
	f.Add([]byte{0xFF, 0xFF, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		card, end := net.Pipe()
		done := make(chan error, 1)
		go func() { done <- vpcd.Serve(t.Context(), card, &echo{}) }()
		go func() {
			// The card closes the connection first where b cannot be answered.
			_, _ = end.Write(b)
			end.Close()
		}()
		_, _ = io.Copy(io.Discard, end)
		<-done
	})
}
