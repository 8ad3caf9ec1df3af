package apdu

import (
	"fmt"

	"github.com/postern-lock/postern/internal/wire"
)

// Status is a status word, SW1 in the high byte.  See ISO/IEC 7816-4, 5.6.
type Status uint16

// The status words of the standard (spec/registry/status-words.csv).
const (
	StatusOK            Status = wire.StatusOk            // 9000
	StatusMoreData      Status = wire.StatusMoreData      // 61xx
	StatusWrongLength   Status = wire.StatusWrongLength   // 6700
	StatusChainExpected Status = wire.StatusChainExpected // 6883
	StatusRefused       Status = wire.StatusRefused       // 6982
	StatusOutOfOrder    Status = wire.StatusOutOfOrder    // 6985
	StatusNotFound      Status = wire.StatusNotFound      // 6A82
	StatusWrongP1P2     Status = wire.StatusWrongP1P2     // 6A86
	StatusInsUnknown    Status = wire.StatusInsUnknown    // 6D00
	StatusClaUnknown    Status = wire.StatusClaUnknown    // 6E00
	StatusFailure       Status = wire.StatusFailure       // 6F00
)

// statusWrongLe has the number of available bytes in its low byte.
const statusWrongLe Status = 0x6C00

// IsOK tells whether s is 9000.
func (s Status) IsOK() bool { return s == StatusOK }

// Valid tells whether s can be a status word at all: 61xx to 6Fxx or 9xxx.
func (s Status) Valid() bool {
	return s>>12 == 0x9 || s>>12 == 0x6 && s>>8 != 0x60
}

// IsError tells whether s says that the card gave the command up: 64xx to
// 6Fxx, or no status word at all.  Such an answer has no data.
func (s Status) IsError() bool { return !s.Valid() || s >= 0x6400 && s <= 0x6FFF }

// More returns, for 61xx, how many bytes GET RESPONSE can fetch at the least
// (256 for 6100), and 0 for every other status word.
func (s Status) More() int { return s.low(StatusMoreData) }

// Available returns, for 6Cxx, how many bytes are available (256 for 6C00),
// and 0 for every other status word.
func (s Status) Available() int { return s.low(statusWrongLe) }

// low returns the low byte of s, 256 for 00, where its high byte is that of
// class, and 0 otherwise.
func (s Status) low(class Status) int {
	if s&0xFF00 != class {
		return 0
	}
	return shortNe(byte(s))
}

// String returns the four hexadecimal digits and what they mean, such as
// "6982 refused".
func (s Status) String() string { return fmt.Sprintf("%04X %s", uint16(s), s.meaning()) }

func (s Status) meaning() string {
	if n := s.More(); n > 0 {
		if n == maxShortNe {
			return "256 bytes or more to fetch"
		}
		return fmt.Sprintf("%d more to fetch", n)
	}
	if n := s.Available(); n > 0 {
		return fmt.Sprintf("wrong Le, %d available", n)
	}
	if name := wire.StatusName(int64(s)); name != "" {
		return name
	}
	switch {
	case !s.Valid():
		return "not a status word"
	case s>>12 == 0x9:
		return "of the application's own"
	case s < 0x6400:
		return "warning"
	case s < 0x6700:
		return "execution error"
	}
	return "checking error"
}
