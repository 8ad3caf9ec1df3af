package pcsc

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestErrorsNameCallAndCode(t *testing.T) {
	err := &Error{Call: "SCardTransmit", Code: NotTransacted}
	require.EqualError(t, err, "pcsc: SCardTransmit: SCARD_E_NOT_TRANSACTED: the card left the field during a command")
	require.EqualError(t, &Error{Call: "SCardConnect", Code: 0x801000FF}, "pcsc: SCardConnect: code 801000FF")
}

func TestEveryCodeHasItsNameOfPCSC(t *testing.T) {
	for _, c := range []Code{
		InternalError, Cancelled, InvalidHandle, InvalidParameter, NoMemory, InsufficientBuffer, UnknownReader,
		Timeout, SharingViolation, NoSmartcard, ProtoMismatch, NotReady, CommError, NotTransacted,
		ReaderUnavailable, NoService, ServiceStopped, NoReaders, UnsupportedCard, UnresponsiveCard,
		UnpoweredCard, ResetCard, RemovedCard, SecurityViolation,
	} {
		require.True(t, strings.HasPrefix(c.String(), "SCARD_"), c)
	}
}

func TestCodesOfALostField(t *testing.T) {
	for code, lost := range map[Code]bool{
		NotTransacted: true, RemovedCard: true, ResetCard: true, UnpoweredCard: true, NoSmartcard: true,
		CommError: true, ReaderUnavailable: true, UnresponsiveCard: true,
		NoService: false, SharingViolation: false, Timeout: false, NoReaders: false, 0x801000FF: false,
	} {
		err := error(&Error{Call: "SCardTransmit", Code: code})
		if lost {
			require.ErrorIs(t, err, ErrFieldLost)
		} else {
			require.NotErrorIs(t, err, ErrFieldLost)
		}
	}
}
