package pcsc

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// desk is a PC/SC service in this process, in place of pcscd.
type desk struct {
	names   []string
	present map[string]Code // what SCardConnect returns; a reader without one has a card
	looks   int             // SCardConnect was called so often
	arrive  int             // from this look on there is a card in every reader
	minor   int32           // version of the messages; 0 is 4
	refuse  Code            // what SCardEstablishContext returns

	commands [][]byte
	answer   func(command []byte) ([]byte, Code)
	announce uint32        // length of every response; 0 is the right one
	hang     chan struct{} // where it is not nil, every command waits for it

	disconnected int
	done         chan struct{} // a connection has ended
}

// open has the programs of this test find the desk.
func (d *desk) open(t *testing.T) *desk {
	t.Helper()
	path := filepath.Join(t.TempDir(), "desk")
	l, err := net.Listen("unix", path)
	require.NoError(t, err)
	t.Setenv(socketVariable, path)
	d.done = make(chan struct{}, 10)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			d.serve(conn)
			_ = conn.Close()
			d.done <- struct{}{}
		}
	}()
	t.Cleanup(func() { _ = l.Close() })
	return d
}

// serve answers one program until something is wrong with its messages.
func (d *desk) serve(conn net.Conn) {
	for {
		var head struct{ Size, Command uint32 }
		if binary.Read(conn, binary.NativeEndian, &head) != nil {
			return
		}
		bodies := map[uint32]any{
			commandVersion: new(versionBody), commandEstablish: new(establishBody), commandConnect: new(connectBody),
			commandDisconnect: new(disconnectBody), commandTransmit: new(transmitBody), commandReaders: &struct{}{},
		}
		body := bodies[head.Command]
		if body == nil || binary.Size(body) != int(head.Size) || head.Size > 0 && binary.Read(conn, binary.NativeEndian, body) != nil {
			return
		}
		reply, behind := d.do(conn, body)
		out, err := binary.Append(nil, binary.NativeEndian, reply)
		if err != nil {
			panic(err)
		}
		if _, err := conn.Write(append(out, behind...)); err != nil {
			return
		}
	}
}

// do carries out a command of the program.
func (d *desk) do(conn net.Conn, body any) (reply any, behind []byte) {
	switch b := body.(type) {
	case *versionBody:
		if v := max(d.minor, minor); b.Minor != v {
			b.Minor, b.Code = v, ServiceStopped
		}
	case *establishBody:
		b.Context, b.Code = 7, d.refuse
	case *connectBody:
		d.looks++
		b.Card = 42
		name, _, _ := bytes.Cut(b.Reader[:], []byte{0})
		if code, ok := d.present[string(name)]; ok && (d.arrive == 0 || d.looks < d.arrive) {
			b.Code = code
		}
	case *disconnectBody:
		d.disconnected++
		b.Code = RemovedCard
	case *transmitBody:
		command := make([]byte, b.CommandLength)
		if _, err := io.ReadFull(conn, command); err != nil {
			return b, nil
		}
		d.commands = append(d.commands, command)
		if d.hang != nil {
			<-d.hang
		}
		var response []byte
		response, b.Code = d.answer(command)
		b.ResponseLength = uint32(len(response))
		if d.announce != 0 {
			b.ResponseLength = d.announce
		}
		if b.Code == 0 {
			behind = response
		}
	default:
		return d.readers(), nil
	}
	return body, behind
}

func (d *desk) readers() *[maxReaders]readerBody {
	var all [maxReaders]readerBody
	for i, name := range d.names {
		copy(all[i].Name[:], name)
		if _, absent := d.present[name]; !absent {
			all[i].State, all[i].ATRLength = statePresent, 2
			copy(all[i].ATR[:], []byte{0x3B, 0x80})
		}
	}
	return &all
}

// echo answers with the command and 9000.
func echo(command []byte) ([]byte, Code) { return append(command, 0x90, 0x00), 0 }

func TestMessagesHaveTheLengthsOfPCSCLite(t *testing.T) {
	for size, body := range map[int]any{12: versionBody{}, 152: connectBody{}, 32: transmitBody{}, 184: readerBody{}} {
		require.Equal(t, size, binary.Size(body), "%T", body)
	}
	require.Equal(t, 12, binary.Size(establishBody{}))
	require.Equal(t, 12, binary.Size(disconnectBody{}))
}

func TestCommandsReachTheCard(t *testing.T) {
	d := (&desk{names: []string{"Desk 0"}, answer: echo}).open(t)
	c, err := Connect(t.Context(), "")
	require.NoError(t, err)
	require.Equal(t, "Desk 0", c.Reader())
	for _, command := range [][]byte{{1, 2, 3, 4}, {5}} {
		r, err := c.Transceive(t.Context(), command)
		require.NoError(t, err)
		require.Equal(t, append(command, 0x90, 0x00), r)
	}
	require.NoError(t, c.Close())
	<-d.done
	require.Equal(t, 1, d.disconnected)
	require.ErrorIs(t, c.Close(), ErrClosed)
	_, err = c.Transceive(t.Context(), []byte{1})
	require.ErrorIs(t, err, ErrClosed)
	require.Len(t, d.commands, 2)
}

func TestFieldGoesAndComes(t *testing.T) {
	d := (&desk{names: []string{"Desk 0"}, answer: echo}).open(t)
	c, err := Connect(t.Context(), "")
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, c.PowerOff(t.Context()))
	}
	_, err = c.Transceive(t.Context(), []byte{1})
	require.ErrorIs(t, err, ErrClosed)
	require.NoError(t, c.PowerOn(t.Context()))
	_, err = c.Transceive(t.Context(), []byte{1})
	require.NoError(t, err)
	require.NoError(t, c.Close())
	<-d.done
	require.Equal(t, []int{2, 2}, []int{d.disconnected, d.looks})
}

func TestReadersAreListed(t *testing.T) {
	(&desk{names: []string{"Desk 0", "Door 0"}, present: map[string]Code{"Door 0": NoSmartcard}}).open(t)
	s, err := Dial(t.Context())
	require.NoError(t, err)
	all, err := s.Readers(t.Context())
	require.NoError(t, err)
	require.Equal(t, []Reader{{"Desk 0", true, []byte{0x3B, 0x80}}, {"Door 0", false, []byte{}}}, all)
	require.NoError(t, s.Close())
}

func TestVersionsOfTheService(t *testing.T) {
	for minor, good := range map[int32]bool{4: true, 5: true, 6: true} {
		(&desk{minor: minor}).open(t)
		s, err := Dial(t.Context())
		require.Equal(t, good, err == nil, "%d: %v", minor, err)
		require.NoError(t, s.Close())
	}
	(&desk{refuse: NoMemory}).open(t)
	_, err := Dial(t.Context())
	require.ErrorContains(t, err, "SCardEstablishContext: SCARD_E_NO_MEMORY")
}

func TestReaderIsChosenByAPartOfItsName(t *testing.T) {
	(&desk{names: []string{"Desk 0", "Door 0", "Door 1"}, present: map[string]Code{"Door 0": NoSmartcard}}).open(t)
	c, err := Connect(t.Context(), "Door")
	require.NoError(t, err)
	require.Equal(t, "Door 1", c.Reader())
	require.NoError(t, c.Close())
}

func TestConnectWaitsForACard(t *testing.T) {
	d := (&desk{names: []string{"Desk 0"}, present: map[string]Code{"Desk 0": NoSmartcard}, arrive: 3}).open(t)
	c, err := Connect(t.Context(), "")
	require.NoError(t, err)
	require.Equal(t, 3, d.looks)
	require.NoError(t, c.Close())
}

func TestConnectGivesUpWithTheContext(t *testing.T) {
	for _, names := range [][]string{nil, {"Desk 0"}} {
		(&desk{names: names, present: map[string]Code{"Desk 0": RemovedCard}}).open(t)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := Connect(ctx, "")
		require.ErrorIs(t, err, context.DeadlineExceeded)
	}
}

func TestReaderInUseIsAnError(t *testing.T) {
	(&desk{names: []string{"Desk 0"}, present: map[string]Code{"Desk 0": SharingViolation}}).open(t)
	_, err := Connect(t.Context(), "")
	require.ErrorContains(t, err, "another program uses the card")
}

func TestLostFieldEndsTheLink(t *testing.T) {
	for name, answer := range map[string]func([]byte) ([]byte, Code){
		"not transacted":     func([]byte) ([]byte, Code) { return nil, NotTransacted },
		"removed":            func([]byte) ([]byte, Code) { return nil, RemovedCard },
		"success of nothing": func([]byte) ([]byte, Code) { return nil, 0 },
		"success of a byte":  func([]byte) ([]byte, Code) { return []byte{0x90}, 0 },
	} {
		t.Run(name, func(t *testing.T) {
			d := (&desk{names: []string{"Desk 0"}, answer: answer}).open(t)
			c, err := Connect(t.Context(), "")
			require.NoError(t, err)
			_, err = c.Transceive(t.Context(), []byte{1})
			require.ErrorIs(t, err, ErrFieldLost)
			_, err = c.Transceive(t.Context(), []byte{2})
			require.ErrorIs(t, err, ErrClosed)
			require.NoError(t, c.Close())
			<-d.done
			require.Len(t, d.commands, 1)
			require.Equal(t, 1, d.disconnected)
		})
	}
}

func TestCommandsThatPCSCDoesNotTake(t *testing.T) {
	(&desk{names: []string{"Desk 0"}, answer: echo}).open(t)
	for _, command := range [][]byte{nil, make([]byte, maxCommand+1)} {
		c, err := Connect(t.Context(), "")
		require.NoError(t, err)
		_, err = c.Transceive(t.Context(), command)
		require.ErrorContains(t, err, "SCARD_E_INVALID_PARAMETER")
		require.NoError(t, c.Close())
	}
}

func TestLiesOfTheService(t *testing.T) {
	(&desk{names: []string{"Desk 0"}, answer: echo, announce: 1 << 31}).open(t)
	c, err := Connect(t.Context(), "")
	require.NoError(t, err)
	_, err = c.Transceive(t.Context(), []byte{1})
	require.ErrorContains(t, err, "announces a response of 2147483648 bytes")
	require.NoError(t, c.Close())
}

func TestServiceThatEndsIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "desk")
	t.Setenv(socketVariable, path)
	l, err := net.Listen("unix", path)
	require.NoError(t, err)
	defer l.Close()
	go func() {
		if conn, err := l.Accept(); err == nil {
			_ = conn.Close()
		}
	}()
	_, err = Dial(t.Context())
	require.ErrorContains(t, err, "pcsc: ")
}

func TestDoneContextSendsNothing(t *testing.T) {
	d := (&desk{names: []string{"Desk 0"}, answer: echo}).open(t)
	c, err := Connect(t.Context(), "")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Transceive(ctx, []byte{1})
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, c.Close())
	<-d.done
	require.Empty(t, d.commands)
}

func TestCommandIsGivenUpWithTheContext(t *testing.T) {
	d := (&desk{names: []string{"Desk 0"}, answer: echo, hang: make(chan struct{})}).open(t)
	c, err := Connect(t.Context(), "")
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = c.Transceive(ctx, []byte{1})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = c.Transceive(t.Context(), []byte{2})
	require.ErrorIs(t, err, ErrClosed)
	require.NoError(t, c.Close()) // does not wait for the command
	close(d.hang)
	<-d.done
	require.Len(t, d.commands, 1)
}

func TestServiceThatDoesNotRunIsAnError(t *testing.T) {
	t.Setenv(socketVariable, filepath.Join(t.TempDir(), "nobody"))
	_, err := Connect(t.Context(), "")
	require.ErrorContains(t, err, "pcsc: SCardEstablishContext: SCARD_E_NO_SERVICE: pcscd does not run")
}
