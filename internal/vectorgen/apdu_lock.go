package main

import (
	"fmt"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// These tests go to a whole lock and look at its status words alone.

// told is a step of kind "lock".
func told(c apduCommand, status uint16) vectors.APDUStep {
	return vectors.APDUStep{Command: c.short(), Status: sw(status)}
}

// probe is a HANDSHAKE-1 with nonsense in it: a lock that is selected reads it
// and refuses it, any other finds it out of order.
var probe = apduCommand{0x80, wire.InsHandshake1, 0x00, 0x00, []byte{0xff}, 256}

var (
	chosen       = told(selectCommand, wire.StatusOk)
	stillOpen    = told(probe, wire.StatusRefused)
	transactOver = told(probe, wire.StatusOutOfOrder)
)

func (b apduBuilder) lockSelect() {
	b.group("A whole lock: SELECT", vectors.APDUParams{Kind: "lock"})
	twin := b.steps(0, "SELECT", flags("select"), chosen)
	b.steps(0, "SELECT twice", flags("select"), chosen, chosen)
	b.steps(0, "SELECT after the first link of a chain", flags("select", "chain", "dropped"), chosen, told(asLink(probe, []byte{0}), wire.StatusOk), chosen)
	aid := selectCommand.data
	for _, c := range []struct {
		comment string
		aid     []byte
	}{
		{"no AID", nil},
		{"the first byte of the AID", aid[:1]},
		{"the AID but its last byte", aid[:8]},
		{"the AID and one byte more", append(append([]byte{}, aid...), 0)},
		{"the AID with another last byte", append(append([]byte{}, aid[:8]...), 2)},
		{"the AID with another first byte", append([]byte{0xa0}, aid[1:]...)},
		{"the AID of payment", []byte("2PAY.SYS.DDF01")},
		{"the AID of NDEF tags", []byte{0xd2, 0x76, 0x00, 0x00, 0x85, 0x01, 0x01}},
	} {
		s := selectCommand
		s.data = c.aid
		b.steps(twin, c.comment, flags("select"), told(s, wire.StatusNotFound), transactOver)
		b.steps(twin, c.comment+", after a good SELECT", flags("select", "state"), chosen, told(s, wire.StatusNotFound), transactOver)
	}
	for _, p := range []struct{ p1, p2 byte }{{0, 0}, {0, 0x0c}, {2, 0}, {3, 0}, {5, 0}, {8, 0}, {0xff, 0}, {4, 1}, {4, 2}, {4, 4}, {4, 0x0c}, {4, 0xff}} {
		s := selectCommand
		s.p1, s.p2 = p.p1, p.p2
		b.steps(twin, fmt.Sprintf("P1 %02X, P2 %02X", p.p1, p.p2), flags("select", "parameters"), chosen, told(s, wire.StatusWrongP1P2), transactOver)
	}
}

func (b apduBuilder) lockState() {
	b.group("A whole lock: what ends a transaction and what leaves it", vectors.APDUParams{Kind: "lock"})
	twin := b.steps(0, "SELECT", flags("state"), chosen)
	b.steps(twin, "HANDSHAKE-1 that cannot be read", flags("state"), chosen, stillOpen, transactOver)
	data := []byte{0xff}
	for _, ins := range protected {
		c := apduCommand{0x80, ins, 0x00, 0x00, data, 256}
		b.steps(0, fmt.Sprintf("INS %02X before SELECT", ins), flags("state"), told(c, wire.StatusOutOfOrder))
		if ins == wire.InsHandshake2 || ins == wire.InsRequest {
			b.steps(twin, fmt.Sprintf("INS %02X after SELECT", ins), flags("state"), chosen, told(c, wire.StatusOutOfOrder), transactOver)
		}
		p1, p2 := c, c
		p1.p1, p2.p2 = 2, 1
		b.steps(twin, fmt.Sprintf("INS %02X with P1 02", ins), flags("parameters"), chosen, told(p1, wire.StatusWrongP1P2), transactOver)
		b.steps(twin, fmt.Sprintf("INS %02X with P2 01", ins), flags("parameters"), chosen, told(p2, wire.StatusWrongP1P2), transactOver)
		b.steps(0, fmt.Sprintf("INS %02X with P1 02 before SELECT: the parameters are checked first", ins), flags("order", "parameters"), told(p1, wire.StatusWrongP1P2))
		b.steps(twin, fmt.Sprintf("INS %02X in two links with P1 02: named at the last one", ins), flags("parameters", "chain"),
			chosen, told(asLink(p1, data), wire.StatusOk), told(p1, wire.StatusWrongP1P2), transactOver)
	}
	for _, ins := range []byte{wire.InsHandshake2, wire.InsRequest, wire.InsResume} {
		c := apduCommand{0x80, ins, 0x01, 0x00, data, 256}
		b.steps(twin, fmt.Sprintf("INS %02X with P1 01", ins), flags("parameters"), chosen, told(c, wire.StatusWrongP1P2), transactOver)
	}
	b.steps(twin, "an unknown class leaves the transaction", flags("state", "class"),
		chosen, told(apduCommand{cla: 0xff, ins: 0x10, le: 256}, wire.StatusClaUnknown), stillOpen)
	b.steps(twin, "an unknown instruction leaves the transaction", flags("state", "ins"),
		chosen, told(apduCommand{cla: 0x00, ins: 0xb0, le: 256}, wire.StatusInsUnknown), stillOpen)
	b.steps(twin, "TURN leaves the transaction", flags("state", "ins"),
		chosen, told(apduCommand{0x80, wire.InsTurn, 0, 0, data, 256}, wire.StatusInsUnknown), stillOpen)
	b.steps(twin, "a command that is none ends the transaction", flags("state", "length"),
		chosen, vectors.APDUStep{Command: vectors.Hex{0x80, 0x10, 0x00}, Status: sw(wire.StatusWrongLength)}, transactOver)
	b.steps(twin, "a link without data ends the transaction", flags("state", "link"),
		chosen, told(asLink(probe, nil), wire.StatusWrongLength), transactOver)
	b.steps(twin, "a foreign link ends the transaction", flags("state", "foreign"),
		chosen, told(asLink(probe, data), wire.StatusOk), told(apduCommand{0x80, wire.InsRequest, 0, 0, data, 256}, wire.StatusChainExpected), transactOver)
	b.steps(twin, "GET RESPONSE with nothing to fetch ends the transaction", flags("state", "stale"),
		chosen, told(getResponse(256), wire.StatusOutOfOrder), transactOver)
	b.steps(twin, "a good link leaves the transaction", flags("state", "chain"), chosen, told(asLink(probe, data), wire.StatusOk), stillOpen)
}
