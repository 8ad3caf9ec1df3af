// Package vpcd is both sides of the protocol of vpcd, the virtual reader of the
// project vsmartcard: [Serve] makes a card of any [apdu.Processor], for the real
// PC/SC service of the system or for a [Reader] of this package, and a Reader
// works a card, be it of this package or any simulator that speaks the protocol.
//
// Reader and card are the two ends of a TCP connection.  The reader listens, as
// vpcd does by itself ([Listen]), and the card connects ([Connect]); or the other
// way round, as vpcd does where it is given a host.  Every message, in both
// directions, is a length of 2 bytes, big-endian, and so many bytes.  From the
// reader one byte is an order (00 off, 01 on, 02 reset, 04 tell the ATR) and
// anything else a command APDU.  The card answers the ATR and commands only.
package vpcd

// Orders of the reader.
const (
	orderOff   = 0x00
	orderOn    = 0x01
	orderReset = 0x02
	orderATR   = 0x04
)

const (
	lengthBytes = 2
	maxMessage  = 65535
)
