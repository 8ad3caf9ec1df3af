package lock

import (
	"bytes"
	"crypto/ecdh"
	"crypto/sha256"
	"io"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/cases"
)

// The commands of section 5.2.
const (
	class      = 0x80
	handshake1 = 0x10
	handshake2 = 0x12
	request    = 0x14
	resume     = 0x16
	turn       = 0x18
	fetch      = 0xC0
	link       = 0x10 // bit of CLA: more follows
)

// aid is the AID of binding L.
var aid = []byte("\xF0POSTERN\x01")

// selectBytes are the 15 bytes that a phone sends.
var selectBytes = append(append([]byte{0x00, 0xA4, 0x04, 0x00, 0x09}, aid...), 0x00)

// tap is what a case says to the lock between two fields.
type tap struct{ *cases.T }

// selects sends SELECT, which must succeed, and returns the answer.
func (t tap) selects() []byte {
	r := t.Lock.Send("", selectBytes)
	t.Expect("SELECT", r.Outcome(), cases.OK)
	return r.Data
}

// sends sends the bytes and returns what came.
func (t tap) sends(what string, command ...byte) cases.Response { return t.Lock.Send(what, command) }

// command sends a short command with Le 00 and returns what came.
func (t tap) command(what string, ins, p1, p2 byte, data []byte) cases.Response {
	return t.with(what, apdu.Command{CLA: class, INS: ins, P1: p1, P2: p2, Data: data, Ne: 256})
}

// with sends a command.
func (t tap) with(what string, c apdu.Command) cases.Response {
	b, err := c.Bytes()
	t.OK(err)
	return t.Lock.Send(what, b)
}

// message1 is a good message_1 for suite 0: METHOD 0, SUITES_I 0, G_X, C_I -24.
// It is the same each time in a case.
func (t tap) message1() []byte { return t.message1With(0x00, 0x00, 0x37) }

// message1With is a message_1 with other values.
func (t tap) message1With(method, suite, connection byte) []byte {
	b := append([]byte{method, suite, 0x58, 0x20}, t.ephemeral()...)
	return append(b, connection)
}

// ephemeral is a public key of X25519.
func (t tap) ephemeral() []byte {
	secret := make([]byte, 32)
	_, err := io.ReadFull(t.Rand("ephemeral key"), secret)
	t.OK(err)
	k, err := ecdh.X25519().NewPrivateKey(secret)
	t.OK(err)
	return k.PublicKey().Bytes()
}

// begins sends a HANDSHAKE-1 that asks for the key id.
func (t tap) begins() cases.Response {
	return t.command("begin an exchange", handshake1, 0, 0, t.message1())
}

// refusal reports whether the lock refused, which it has to do without data.
func (t tap) refusal(r cases.Response) bool {
	t.Check(!r.SW.IsError() || len(r.Data) == 0, "a refusal has no data; %v came with %d bytes", r.SW, len(r.Data))
	return r.SW.IsError()
}

// ended checks that the lock has forgotten the transaction.
func (t tap) ended() {
	r := t.command("has it forgotten the transaction?", handshake1, 0, 0, t.message1())
	t.Expect("the transaction must have ended: HANDSHAKE-1", r.Outcome(), cases.OutOfOrder)
}

// stays checks that the lock still has the transaction that SELECT began.
func (t tap) stays() {
	r := t.begins()
	t.Expect("the transaction must go on: HANDSHAKE-1", r.Outcome(), cases.OK)
	t.message2(r.Data)
}

// message2 checks the form of message_2 as far as it shows: one byte string.
func (t tap) message2(data []byte) {
	good := len(data) > 34 && data[0] == 0x58 && int(data[1]) == len(data)-2 && data[1] >= 24 ||
		len(data) > 255 && data[0] == 0x59 && int(data[1])<<8|int(data[2]) == len(data)-3 && data[1] > 0
	t.Check(good, "message_2 is one CBOR byte string in its shortest form, of 33 bytes or more: %x", data)
}

// bytes returns n bytes that mean nothing.
func (t tap) bytes(n int) []byte {
	b := make([]byte, n)
	_, err := io.ReadFull(t.Rand("bytes"), b)
	t.OK(err)
	return bytes.ReplaceAll(b, []byte{0}, []byte{1})
}

// links cuts data into links of at most n bytes and sends all but the last.
func (t tap) links(ins, p1 byte, data []byte, n int) (rest []byte) {
	for len(data) > n {
		r := t.sends("a link", append([]byte{class | link, ins, p1, 0, byte(n)}, data[:n]...)...)
		t.Expect("a link before the last", r.Outcome(), cases.OK)
		t.Check(len(r.Data) == 0, "a link before the last is answered with %d bytes of data", len(r.Data))
		data = data[n:]
	}
	return data
}

// digest tells a long answer in a few digits.
func digest(b []byte) []byte {
	d := sha256.Sum256(b)
	return d[:8]
}
