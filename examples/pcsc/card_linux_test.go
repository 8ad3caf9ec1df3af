//go:build linux && !android && (amd64 || arm64 || loong64 || ppc64le || riscv64)

package pcsc

import (
	"context"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// desk is a PC/SC service in memory, in place of libpcsclite.
type desk struct {
	names   []string
	present map[string]Code // what SCardConnect returns; a reader without one has a card
	looks   int             // SCardConnect was called so often
	arrive  int             // from this look on there is a card in every reader

	commands [][]byte
	answer   func(command []byte) ([]byte, Code)

	disconnected, released int
	listCode               Code
}

func (d *desk) service() *service {
	return &service{context: 7, library: &library{
		releaseContext: func(uintptr) uintptr { d.released++; return 0 },
		listReaders: func(_ uintptr, _, list *byte, length *uintptr) uintptr {
			all := strings.Join(d.names, "\x00") + "\x00\x00"
			*length = uintptr(copy(unsafe.Slice(list, *length), all))
			return uintptr(d.listCode)
		},
		connect: func(_ uintptr, reader string, _, _ uintptr, card, _ *uintptr) uintptr {
			d.looks++
			if code, ok := d.present[reader]; ok && (d.arrive == 0 || d.looks < d.arrive) {
				return uintptr(code)
			}
			*card = 42
			return 0
		},
		disconnect: func(uintptr, uintptr) uintptr { d.disconnected++; return uintptr(RemovedCard) },
		transmit: func(_ uintptr, _ *ioRequest, command *byte, length uintptr, _ *ioRequest, response *byte, room *uintptr) uintptr {
			c := append([]byte(nil), unsafe.Slice(command, length)...)
			d.commands = append(d.commands, c)
			answer, code := d.answer(c)
			*room = uintptr(copy(unsafe.Slice(response, *room), answer))
			return uintptr(code)
		},
	}}
}

// echo answers with the command and 9000.
func echo(command []byte) ([]byte, Code) { return append(command, 0x90, 0x00), 0 }

func TestCommandsReachTheCard(t *testing.T) {
	d := &desk{names: []string{"Desk 0"}, answer: echo}
	c, err := d.service().wait(t.Context(), "")
	require.NoError(t, err)
	require.Equal(t, "Desk 0", c.Reader())
	for _, command := range [][]byte{{1, 2, 3, 4}, {5}} {
		r, err := c.Transceive(t.Context(), command)
		require.NoError(t, err)
		require.Equal(t, append(command, 0x90, 0x00), r)
	}
	require.NoError(t, c.Close())
	require.Equal(t, []int{1, 1}, []int{d.disconnected, d.released})
	require.ErrorIs(t, c.Close(), ErrClosed)
	_, err = c.Transceive(t.Context(), []byte{1})
	require.ErrorIs(t, err, ErrClosed)
	require.Len(t, d.commands, 2)
}

func TestReaderIsChosenByAPartOfItsName(t *testing.T) {
	d := &desk{names: []string{"Desk 0", "Door 0", "Door 1"}, present: map[string]Code{"Door 0": NoSmartcard}}
	c, err := d.service().wait(t.Context(), "Door")
	require.NoError(t, err)
	require.Equal(t, "Door 1", c.Reader())
	require.NoError(t, c.Close())
}

func TestConnectWaitsForACard(t *testing.T) {
	d := &desk{names: []string{"Desk 0"}, present: map[string]Code{"Desk 0": NoSmartcard}, arrive: 3}
	c, err := d.service().wait(t.Context(), "")
	require.NoError(t, err)
	require.Equal(t, 3, d.looks)
	require.NoError(t, c.Close())
}

func TestConnectGivesUpWithTheContext(t *testing.T) {
	for _, names := range [][]string{nil, {"Desk 0"}} {
		d := &desk{names: names, present: map[string]Code{"Desk 0": RemovedCard}}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := d.service().wait(ctx, "")
		require.ErrorIs(t, err, context.Canceled)
	}
}

func TestReaderInUseIsAnError(t *testing.T) {
	d := &desk{names: []string{"Desk 0"}, present: map[string]Code{"Desk 0": SharingViolation}}
	_, err := d.service().wait(t.Context(), "")
	require.ErrorContains(t, err, "another program uses the card")
}

func TestNoReaderIsAnEmptyList(t *testing.T) {
	names, err := (&desk{listCode: NoReaders}).service().readers()
	require.NoError(t, err)
	require.Empty(t, names)
	_, err = (&desk{listCode: ServiceStopped}).service().wait(t.Context(), "")
	require.ErrorContains(t, err, "SCardListReaders: SCARD_E_SERVICE_STOPPED")
}

func TestLostFieldEndsTheLink(t *testing.T) {
	for name, answer := range map[string]func([]byte) ([]byte, Code){
		"not transacted":     func([]byte) ([]byte, Code) { return nil, NotTransacted },
		"removed":            func([]byte) ([]byte, Code) { return nil, RemovedCard },
		"success of nothing": func([]byte) ([]byte, Code) { return nil, 0 },
		"success of a byte":  func([]byte) ([]byte, Code) { return []byte{0x90}, 0 },
	} {
		t.Run(name, func(t *testing.T) {
			d := &desk{names: []string{"Desk 0"}, answer: answer}
			c, err := d.service().wait(t.Context(), "")
			require.NoError(t, err)
			_, err = c.Transceive(t.Context(), []byte{1})
			require.ErrorIs(t, err, ErrFieldLost)
			_, err = c.Transceive(t.Context(), []byte{2})
			require.ErrorIs(t, err, ErrClosed)
			require.Len(t, d.commands, 1)
			require.NoError(t, c.Close())
		})
	}
}

func TestEmptyCommandIsRefused(t *testing.T) {
	d := &desk{names: []string{"Desk 0"}, answer: echo}
	c, err := d.service().wait(t.Context(), "")
	require.NoError(t, err)
	_, err = c.Transceive(t.Context(), nil)
	require.ErrorContains(t, err, "SCARD_E_INVALID_PARAMETER")
	require.NoError(t, c.Close())
}

func TestDoneContextSendsNothing(t *testing.T) {
	d := &desk{names: []string{"Desk 0"}, answer: echo}
	c, err := d.service().wait(t.Context(), "")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Transceive(ctx, []byte{1})
	require.ErrorIs(t, err, context.Canceled)
	_, err = c.Transceive(t.Context(), []byte{2})
	require.NoError(t, err)
	require.NoError(t, c.Close())
	require.Equal(t, [][]byte{{2}}, d.commands)
}

func TestCommandIsGivenUpWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	free := make(chan struct{})
	d := &desk{names: []string{"Desk 0"}, answer: func(c []byte) ([]byte, Code) {
		cancel()
		<-free
		return echo(c)
	}}
	c, err := d.service().wait(t.Context(), "")
	require.NoError(t, err)
	_, err = c.Transceive(ctx, []byte{1})
	require.ErrorIs(t, err, context.Canceled)
	_, err = c.Transceive(t.Context(), []byte{2})
	require.ErrorIs(t, err, ErrClosed)
	require.NoError(t, c.Close()) // does not wait for the command
	close(free)
	require.NoError(t, <-c.closed)
	require.Equal(t, []int{1, 1}, []int{d.disconnected, d.released})
}

// The real library without a service: no pcscd listens where the variable
// points to.
func TestServiceThatDoesNotRunIsAnError(t *testing.T) {
	t.Setenv("PCSCLITE_CSOCK_NAME", t.TempDir()+"/nobody")
	if _, err := load(); err != nil {
		t.Skip(err)
	}
	_, err := Readers()
	require.ErrorContains(t, err, "pcsc: SCardEstablishContext: SCARD_E_NO_SERVICE")
	_, err = Connect(t.Context(), "")
	require.ErrorContains(t, err, "pcscd does not run")
}
