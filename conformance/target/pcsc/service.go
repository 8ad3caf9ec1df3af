package pcsc

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

// socket is where pcscd listens, unless the variable of the environment says
// otherwise.
const (
	socket         = "/run/pcscd/pcscd.comm"
	socketVariable = "PCSCLITE_CSOCK_NAME"
)

// The version of the messages that is offered first.  pcscd takes it, or names
// its own; what this package uses is the same from 4.4 on.
const (
	major = 4
	minor = 4
)

// The commands of pcscd that are used here.
const (
	commandEstablish  = 0x01
	commandConnect    = 0x04
	commandDisconnect = 0x06
	commandTransmit   = 0x09
	commandVersion    = 0x11
	commandReaders    = 0x12
)

// Constants of winscard.h and pcsclite.h.
const (
	scopeSystem    = 2
	shareExclusive = 1
	protocolT1     = 2
	unpowerCard    = 2
	statePresent   = 4

	// maxResponse is the longest response APDU.
	maxResponse = 65536 + 2
	// maxCommand is the longest that pcscd takes.
	maxCommand = 65536 + 4 + 3 + 3 + 2
	// maxReaders is how many readers pcscd knows at the most.
	maxReaders = 16
)

// The bodies of the messages, in the machine's own order of bytes.  pcscd sends
// each back with what it returns.
type (
	versionBody struct {
		Major, Minor int32
		Code         Code
	}
	establishBody struct {
		Scope, Context uint32
		Code           Code
	}
	connectBody struct {
		Context          uint32
		Reader           [128]byte
		Share, Protocols uint32
		Card             int32
		Protocol         uint32
		Code             Code
	}
	disconnectBody struct {
		Card        int32
		Disposition uint32
		Code        Code
	}
	transmitBody struct {
		Card                           int32
		SendProtocol, SendLength       uint32
		CommandLength                  uint32
		ReceiveProtocol, ReceiveLength uint32
		ResponseLength                 uint32
		Code                           Code
	}
	readerBody struct {
		Name          [128]byte
		Events, State uint32
		Sharing       int32
		ATR           [33]byte
		_             [3]byte
		ATRLength     uint32
		Protocol      uint32
	}
)

// Service is a connection to pcscd, for one user at a time.  After an error that
// is no [*Error] it is of no use any more.
type Service struct {
	conn    net.Conn
	context uint32
}

// Dial connects to pcscd.
func Dial(ctx context.Context) (*Service, error) {
	path := os.Getenv(socketVariable)
	if path == "" {
		path = socket
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, errors.Join(&Error{Call: "SCardEstablishContext", Code: NoService}, err)
	}
	s := &Service{conn: conn}
	if err := s.begin(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return s, nil
}

// begin agrees on the version of the messages and asks for a context.
func (s *Service) begin(ctx context.Context) error {
	v := versionBody{Major: major, Minor: minor}
	err := s.call(ctx, commandVersion, &v, nil)
	if err == nil && v.Code == ServiceStopped && v.Major == major && v.Minor > minor {
		v.Code = 0
		err = s.call(ctx, commandVersion, &v, nil)
	}
	switch {
	case err != nil:
		return err
	case v.Code != 0:
		return fmt.Errorf("pcsc: pcscd speaks version %d.%d of its messages, this program %d.%d and later ones of %d", v.Major, v.Minor, major, minor, major)
	}
	e := establishBody{Scope: scopeSystem}
	if err := s.call(ctx, commandEstablish, &e, nil); err != nil {
		return err
	}
	s.context = e.Context
	return check("SCardEstablishContext", e.Code)
}

// Close ends the connection.
func (s *Service) Close() error { return s.conn.Close() }

// call sends a command with its body, and what comes behind that, and reads the
// answer into body.
func (s *Service) call(ctx context.Context, command uint32, body any, behind []byte) error {
	out := binary.NativeEndian.AppendUint32(nil, uint32(binary.Size(body)))
	out = binary.NativeEndian.AppendUint32(out, command)
	out, err := binary.Append(out, binary.NativeEndian, body)
	if err != nil {
		return fmt.Errorf("pcsc: %w", err)
	}
	return s.guarded(ctx, func() error {
		if _, err := s.conn.Write(append(out, behind...)); err != nil {
			return err
		}
		return binary.Read(s.conn, binary.NativeEndian, body)
	})
}

// past interrupts what a connection waits for.
var past = time.Unix(1, 0)

// guarded talks to pcscd as long as ctx lasts.
func (s *Service) guarded(ctx context.Context, talk func() error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("pcsc: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = s.conn.SetDeadline(past) }) // a closed connection waits for nothing
	defer stop()
	err := talk()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("pcsc: %w", ctx.Err())
	case errors.Is(err, io.EOF):
		return fmt.Errorf("pcsc: pcscd ended the connection: %w", io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("pcsc: talking to pcscd: %w", err)
}

// check turns the code that a function returned into an error.
func check(call string, code Code) error {
	if code != 0 {
		return &Error{Call: call, Code: code}
	}
	return nil
}

// Reader is a reader that pcscd knows.
type Reader struct {
	Name    string
	Present bool   // something is in its field
	ATR     []byte // of the card, where it has been switched on
}

// Readers returns the readers, none where none is plugged in.
func (s *Service) Readers(ctx context.Context) ([]Reader, error) {
	var all [maxReaders]readerBody
	err := s.guarded(ctx, func() error {
		head := binary.NativeEndian.AppendUint32(make([]byte, 4), commandReaders) // a body of no bytes
		if _, err := s.conn.Write(head); err != nil {
			return err
		}
		return binary.Read(s.conn, binary.NativeEndian, &all)
	})
	if err != nil {
		return nil, err
	}
	var readers []Reader
	for _, r := range all {
		name, _, _ := bytes.Cut(r.Name[:], []byte{0})
		if len(name) > 0 {
			atr := r.ATR[:min(int(r.ATRLength), len(r.ATR))]
			readers = append(readers, Reader{string(name), r.State&statePresent != 0, bytes.Clone(atr)})
		}
	}
	return readers, nil
}

// connect switches on the card in a reader.
func (s *Service) connect(ctx context.Context, reader string) (card int32, err error) {
	b := connectBody{Context: s.context, Share: shareExclusive, Protocols: protocolT1}
	copy(b.Reader[:len(b.Reader)-1], reader)
	if err := s.call(ctx, commandConnect, &b, nil); err != nil {
		return 0, err
	}
	return b.Card, check("SCardConnect", b.Code)
}

// disconnect switches the field of a card off.  A card that has gone needs
// neither.
func (s *Service) disconnect(ctx context.Context, card int32) error {
	b := disconnectBody{Card: card, Disposition: unpowerCard}
	if err := s.call(ctx, commandDisconnect, &b, nil); err != nil {
		return err
	}
	if b.Code.fieldLost() {
		return nil
	}
	return check("SCardDisconnect", b.Code)
}

// transmit sends one command to a card and returns its response.  Some readers
// report a card that went away during the command as a success without a status
// word.
func (s *Service) transmit(ctx context.Context, card int32, command []byte) ([]byte, error) {
	if len(command) == 0 || len(command) > maxCommand {
		return nil, &Error{Call: "SCardTransmit", Code: InvalidParameter}
	}
	const header = 16 // the length of SCARD_IO_REQUEST, which nobody looks at
	b := transmitBody{
		Card: card, SendProtocol: protocolT1, SendLength: header, CommandLength: uint32(len(command)),
		ReceiveProtocol: protocolT1, ReceiveLength: header, ResponseLength: maxResponse,
	}
	if err := s.call(ctx, commandTransmit, &b, command); err != nil {
		return nil, err
	}
	if err := check("SCardTransmit", b.Code); err != nil {
		return nil, err
	}
	if b.ResponseLength > maxResponse {
		return nil, fmt.Errorf("pcsc: pcscd announces a response of %d bytes", b.ResponseLength)
	}
	response := make([]byte, b.ResponseLength)
	err := s.guarded(ctx, func() error {
		_, err := io.ReadFull(s.conn, response)
		return err
	})
	if err == nil && len(response) < 2 {
		err = fmt.Errorf("pcsc: SCardTransmit: no status word came: %w", ErrFieldLost)
	}
	return response, err
}
