package pcsc

import (
	"errors"
	"fmt"
)

var (
	// ErrFieldLost says that the card left the reader's field, or was reset,
	// before it answered: it may have carried the command out.
	ErrFieldLost = errors.New("pcsc: the card left the field")
	// ErrClosed says that the link was closed, or given up when the context of
	// an earlier command ended.
	ErrClosed = errors.New("pcsc: the link is closed")
)

// Code is what a function of PC/SC returns when it fails.
type Code uint32

// Some of the codes of PC/SC.
const (
	InternalError      Code = 0x80100001
	Cancelled          Code = 0x80100002
	InvalidHandle      Code = 0x80100003
	InvalidParameter   Code = 0x80100004
	NoMemory           Code = 0x80100006
	InsufficientBuffer Code = 0x80100008
	UnknownReader      Code = 0x80100009
	Timeout            Code = 0x8010000A
	SharingViolation   Code = 0x8010000B
	NoSmartcard        Code = 0x8010000C
	ProtoMismatch      Code = 0x8010000F
	NotReady           Code = 0x80100010
	CommError          Code = 0x80100013
	NotTransacted      Code = 0x80100016
	ReaderUnavailable  Code = 0x80100017
	NoService          Code = 0x8010001D
	ServiceStopped     Code = 0x8010001E
	NoReaders          Code = 0x8010002E
	UnsupportedCard    Code = 0x80100065
	UnresponsiveCard   Code = 0x80100066
	UnpoweredCard      Code = 0x80100067
	ResetCard          Code = 0x80100068
	RemovedCard        Code = 0x80100069
	SecurityViolation  Code = 0x8010006A
)

// String returns the name that PC/SC has for the code, and what it means here.
func (c Code) String() string {
	switch c {
	case InternalError:
		return "SCARD_F_INTERNAL_ERROR"
	case Cancelled:
		return "SCARD_E_CANCELLED"
	case InvalidHandle:
		return "SCARD_E_INVALID_HANDLE"
	case InvalidParameter:
		return "SCARD_E_INVALID_PARAMETER"
	case NoMemory:
		return "SCARD_E_NO_MEMORY"
	case InsufficientBuffer:
		return "SCARD_E_INSUFFICIENT_BUFFER: the answer is longer than an APDU can be"
	case UnknownReader:
		return "SCARD_E_UNKNOWN_READER"
	case Timeout:
		return "SCARD_E_TIMEOUT"
	case SharingViolation:
		return "SCARD_E_SHARING_VIOLATION: another program uses the card"
	case NoSmartcard:
		return "SCARD_E_NO_SMARTCARD: no card in the field"
	case ProtoMismatch:
		return "SCARD_E_PROTO_MISMATCH: the card does not speak T=1"
	case NotReady:
		return "SCARD_E_NOT_READY"
	case CommError:
		return "SCARD_F_COMM_ERROR"
	case NotTransacted:
		return "SCARD_E_NOT_TRANSACTED: the card left the field during a command"
	case ReaderUnavailable:
		return "SCARD_E_READER_UNAVAILABLE: the reader was unplugged"
	case NoService:
		return "SCARD_E_NO_SERVICE: pcscd does not run"
	case ServiceStopped:
		return "SCARD_E_SERVICE_STOPPED: pcscd has ended"
	case NoReaders:
		return "SCARD_E_NO_READERS_AVAILABLE: no reader is plugged in"
	case UnsupportedCard:
		return "SCARD_W_UNSUPPORTED_CARD"
	case UnresponsiveCard:
		return "SCARD_W_UNRESPONSIVE_CARD"
	case UnpoweredCard:
		return "SCARD_W_UNPOWERED_CARD: the reader's field was switched off"
	case ResetCard:
		return "SCARD_W_RESET_CARD: the card was reset"
	case RemovedCard:
		return "SCARD_W_REMOVED_CARD: the card left the field"
	case SecurityViolation:
		return "SCARD_W_SECURITY_VIOLATION: this user may not use the reader"
	}
	return fmt.Sprintf("code %08X", uint32(c))
}

// fieldLost tells whether the code means that the card is no longer there, or
// is there anew.
func (c Code) fieldLost() bool {
	switch c {
	case NoSmartcard, CommError, NotTransacted, ReaderUnavailable, UnresponsiveCard, UnpoweredCard, ResetCard, RemovedCard:
		return true
	}
	return false
}

// Error is a function of PC/SC that failed.
type Error struct {
	Call string // the function, such as SCardTransmit
	Code Code
}

// Error names the function and the code.
func (e *Error) Error() string { return "pcsc: " + e.Call + ": " + e.Code.String() }

// Is makes errors.Is(err, ErrFieldLost) true where the card has gone.
func (e *Error) Is(target error) bool { return target == ErrFieldLost && e.Code.fieldLost() }
