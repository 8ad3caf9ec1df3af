//go:build linux && !android && (amd64 || arm64 || loong64 || ppc64le || riscv64)

package pcsc

import (
	"bytes"
	"errors"
	"fmt"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Constants of winscard.h and pcsclite.h.
const (
	scopeSystem    = 2
	shareExclusive = 1
	protocolT1     = 2
	unpowerCard    = 2

	// maxResponse is the longest response APDU.
	maxResponse = 65536 + 2
	// maxReaders bounds the list of readers' names, in bytes.
	maxReaders = 4096
)

// ioRequest is SCARD_IO_REQUEST.
type ioRequest struct {
	protocol, length uintptr
}

// library holds the functions of libpcsclite.  LONG and DWORD are C's long and
// unsigned long there, as wide as a pointer on the platforms of this file; the
// handles are LONG too.
type library struct {
	establishContext func(scope uintptr, reserved1, reserved2 *byte, context *uintptr) uintptr
	releaseContext   func(context uintptr) uintptr
	listReaders      func(context uintptr, groups, readers *byte, length *uintptr) uintptr
	connect          func(context uintptr, reader string, share, protocols uintptr, card, protocol *uintptr) uintptr
	disconnect       func(card, disposition uintptr) uintptr
	transmit         func(card uintptr, send *ioRequest, command *byte, length uintptr, receive *ioRequest, response *byte, room *uintptr) uintptr
}

// load opens the library.  The system counts how often, and it stays open.
func load() (*library, error) {
	const name = "libpcsclite.so.1"
	handle, err := purego.Dlopen(name, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("pcsc: open %s: %w", name, err)
	}
	var l library
	for symbol, function := range map[string]any{
		"SCardEstablishContext": &l.establishContext,
		"SCardReleaseContext":   &l.releaseContext,
		"SCardListReaders":      &l.listReaders,
		"SCardConnect":          &l.connect,
		"SCardDisconnect":       &l.disconnect,
		"SCardTransmit":         &l.transmit,
	} {
		address, err := purego.Dlsym(handle, symbol)
		if err != nil {
			return nil, fmt.Errorf("pcsc: %s lacks %s: %w", name, symbol, err)
		}
		purego.RegisterFunc(function, address)
	}
	return &l, nil
}

// check turns the value that a function returned into an error.
func check(call string, returned uintptr) error {
	if code := Code(returned); code != 0 {
		return &Error{Call: call, Code: code}
	}
	return nil
}

// service is one connection to pcscd.
type service struct {
	*library
	context uintptr
}

// dial opens the library and a connection to pcscd.
func dial() (*service, error) {
	l, err := load()
	if err != nil {
		return nil, err
	}
	s := &service{library: l}
	if err := check("SCardEstablishContext", l.establishContext(scopeSystem, nil, nil, &s.context)); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *service) close() error {
	return check("SCardReleaseContext", s.releaseContext(s.context))
}

// readers returns the names of the readers, none where none is plugged in.
func (s *service) readers() ([]string, error) {
	list := make([]byte, maxReaders)
	length := uintptr(len(list))
	code := s.listReaders(s.context, nil, &list[0], &length)
	if Code(code) == NoReaders {
		return nil, nil
	}
	if err := check("SCardListReaders", code); err != nil {
		return nil, err
	}
	var names []string
	for name := range bytes.SplitSeq(list[:min(length, maxReaders)], []byte{0}) {
		if len(name) > 0 {
			names = append(names, string(name))
		}
	}
	return names, nil
}

// power connects to the card in a reader.
func (s *service) power(reader string) (card uintptr, err error) {
	var protocol uintptr
	err = check("SCardConnect", s.connect(s.context, reader, shareExclusive, protocolT1, &card, &protocol))
	return card, err
}

// unpower disconnects from the card and switches its field off.  A card that
// has gone needs neither.
func (s *service) unpower(card uintptr) error {
	err := check("SCardDisconnect", s.disconnect(card, unpowerCard))
	if errors.Is(err, ErrFieldLost) {
		return nil
	}
	return err
}

// exchange sends one command to the card and returns the response's length.
// Some readers report a card that went away during the command as a success
// without a status word.
func (s *service) exchange(card uintptr, command, response []byte) (int, error) {
	if len(command) == 0 {
		return 0, &Error{Call: "SCardTransmit", Code: InvalidParameter}
	}
	header := ioRequest{protocol: protocolT1, length: unsafe.Sizeof(ioRequest{})}
	length := uintptr(len(response))
	code := s.transmit(card, &header, &command[0], uintptr(len(command)), nil, &response[0], &length)
	if err := check("SCardTransmit", code); err != nil {
		return 0, err
	}
	if length < 2 || length > uintptr(len(response)) {
		return 0, fmt.Errorf("pcsc: SCardTransmit: no status word came: %w", ErrFieldLost)
	}
	return int(length), nil
}
