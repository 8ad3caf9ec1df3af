package vpcd_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/target/vpcd"
)

// patience of the readers in tests that do not wait for it.
const patience = 10 * time.Second

// joined returns both ends of a TCP connection.
func joined(t *testing.T) (card, reader net.Conn) {
	t.Helper()
	l, err := vpcd.Listen("127.0.0.1:0")
	require.NoError(t, err)
	card, err = vpcd.Connect(t.Context(), l.Address())
	require.NoError(t, err)
	reader, err = l.Accept(t.Context())
	require.NoError(t, err)
	require.NoError(t, l.Close())
	t.Cleanup(func() { _, _ = card.Close(), reader.Close() })
	return card, reader
}

// lamp is a card that knows whether it is on.
type lamp struct {
	echo
	on     bool
	orders []bool
}

func (l *lamp) Power(on bool) {
	l.on = on
	l.orders = append(l.orders, on)
}

func (l *lamp) Process(command []byte) []byte {
	if !l.on {
		return nil
	}
	return l.echo.Process(command)
}

func TestReaderWorksACard(t *testing.T) {
	end, conn := joined(t)
	card := &lamp{}
	done := make(chan error, 1)
	go func() {
		err := vpcd.Serve(t.Context(), end, card)
		_ = end.Close() // a card that fell silent leaves
		done <- err
	}()
	r := vpcd.NewReader(conn, patience)
	atr, err := r.ATR(t.Context())
	require.NoError(t, err)
	require.Equal(t, vpcd.ATR(), atr)
	require.NoError(t, r.Power(t.Context(), true))
	for _, n := range []int{2, 5, 300, 65533} {
		command := bytes.Repeat([]byte{0x42}, n)
		response, err := r.Transceive(t.Context(), command)
		require.NoError(t, err)
		require.Equal(t, append(command, 0x90, 0x00), response)
	}
	require.NoError(t, r.Power(t.Context(), false))
	require.Equal(t, []bool{true, false}, card.orders, "when Power returns the card has obeyed")
	_, err = r.Transceive(t.Context(), []byte{0, 0xA4})
	require.ErrorIs(t, err, vpcd.ErrLeft)
	require.ErrorIs(t, <-done, vpcd.ErrMute)
	require.NoError(t, r.Close())
}

func TestOrdersOfAPoweredCard(t *testing.T) {
	card := &lamp{}
	r := insert(t.Context(), t, card)
	r.send(0x02)
	r.send(0x04)
	r.receive()
	require.NoError(t, r.conn.Close())
	require.NoError(t, <-r.done)
	require.Equal(t, []bool{false, true, false}, card.orders)
}

// TestWhatVPCDCannotCarry refuses commands that would be something else on the way.
func TestWhatVPCDCannotCarry(t *testing.T) {
	end, conn := joined(t)
	go func() { _ = vpcd.Serve(t.Context(), end, &echo{}) }()
	r := vpcd.NewReader(conn, patience)
	for _, command := range [][]byte{nil, {0}, {1}, {2}, {4}, make([]byte, 65536)} {
		_, err := r.Transceive(t.Context(), command)
		require.ErrorContains(t, err, "cannot carry")
	}
	_, err := r.Transceive(t.Context(), []byte{3})
	require.NoError(t, err)
	require.NoError(t, r.Close())
}

// TestHostileCards names what is wrong at the other end.
func TestHostileCards(t *testing.T) {
	for name, c := range map[string]struct {
		play func(conn net.Conn)
		is   error
		says string
	}{
		"says nothing":                     {func(net.Conn) {}, vpcd.ErrSilent, "does not answer within 50ms"},
		"half a length":                    {func(c net.Conn) { write(c, 0xFF) }, vpcd.ErrSilent, "does not answer"},
		"65535 bytes announced, none sent": {func(c net.Conn) { write(c, 0xFF, 0xFF) }, vpcd.ErrSilent, "it announced 65535 bytes and sent 0 of them"},
		"65535 bytes announced, three sent": {
			func(c net.Conn) { write(c, 0xFF, 0xFF, 1, 2, 3) }, vpcd.ErrSilent, "it announced 65535 bytes and sent 3 of them",
		},
		"leaves":                {func(c net.Conn) { _ = c.Close() }, vpcd.ErrLeft, "ended the connection"},
		"closes in a length":    {func(c net.Conn) { write(c, 0); _ = c.Close() }, vpcd.ErrBroken, "in the middle of a length"},
		"closes in the message": {func(c net.Conn) { write(c, 0, 9, 1); _ = c.Close() }, vpcd.ErrBroken, "after 1 of the 9 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			end, conn := joined(t)
			go func() {
				b := make([]byte, 100)
				_, _ = end.Read(b) // the order
				c.play(end)
			}()
			r := vpcd.NewReader(conn, 50*time.Millisecond)
			_, err := r.ATR(t.Context())
			require.ErrorIs(t, err, c.is)
			require.ErrorContains(t, err, c.says)
			require.NoError(t, r.Close())
		})
	}
}

func write(c net.Conn, b ...byte) { _, _ = c.Write(b) }

// TestFlood gives a card no memory that sends and sends, and names it.
func TestFlood(t *testing.T) {
	end, conn := joined(t)
	go func() {
		for {
			if _, err := end.Write([]byte{0, 2, 0x3B, 0x80}); err != nil {
				return
			}
		}
	}()
	r := vpcd.NewReader(conn, patience)
	require.Eventually(t, func() bool {
		_, err := r.ATR(t.Context())
		return errors.Is(err, vpcd.ErrUnasked)
	}, 5*time.Second, time.Millisecond)
	require.NoError(t, r.Close())
}

func TestReaderEndsWithTheContext(t *testing.T) {
	_, conn := joined(t)
	r := vpcd.NewReader(conn, patience)
	ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Millisecond, errors.New("the case is over"))
	defer cancel()
	_, err := r.ATR(ctx)
	require.ErrorContains(t, err, "the case is over")
	require.NoError(t, r.Close())
}

func TestListenerGivesUpWithTheContext(t *testing.T) {
	l, err := vpcd.Listen("127.0.0.1:0")
	require.NoError(t, err)
	_, err = vpcd.Listen(l.Address())
	require.ErrorContains(t, err, "in use")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = l.Accept(ctx)
	require.ErrorContains(t, err, "nobody connected to 127.0.0.1:")
	conn, err := vpcd.Connect(t.Context(), l.Address())
	require.NoError(t, err)
	again, err := l.Accept(t.Context())
	require.NoError(t, err, "it can wait again")
	require.NoError(t, errors.Join(conn.Close(), again.Close(), l.Close()))
}

// FuzzReader meets cards that answer anything.
func FuzzReader(f *testing.F) {
	f.Add([]byte{0, 2, 0x3B, 0x80, 0, 2, 0x90, 0})
	f.Add([]byte{0xFF, 0xFF, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		card, end := net.Pipe()
		go func() { _, _ = card.Write(b); _ = card.Close() }()
		go func() { _, _ = bytes.NewBuffer(nil).ReadFrom(card) }()
		r := vpcd.NewReader(end, time.Second)
		for range 4 {
			if got, err := r.Transceive(t.Context(), []byte{0, 0xA4}); err == nil && !bytes.Contains(b, got) {
				t.Fatalf("% X is nothing that the card sent", got)
			}
		}
		_ = r.Close()
	})
}
