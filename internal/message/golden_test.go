package message_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/message"
)

// unhex reads hexadecimal digits with spaces between them.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	require.NoError(t, err)
	return b
}

// form is one kind of message: parse decodes, and returns the value, whether
// something in it was unknown, and how to encode the value again.
type form struct {
	name  string
	parse func([]byte) (value any, unknown bool, encode func() ([]byte, error), err error)
}

var (
	selectionForm = form{"selection", func(b []byte) (any, bool, func() ([]byte, error), error) {
		s, err := message.ParseSelection(b)
		return s, false, func() ([]byte, error) { return s.Encode(), nil }, err
	}}
	requestForm = form{"request", func(b []byte) (any, bool, func() ([]byte, error), error) {
		r, err := message.ParseRequest(b)
		return r, r.Unknown, func() ([]byte, error) { return r.Encode(), nil }, err
	}}
	responseForm = form{"response", func(b []byte) (any, bool, func() ([]byte, error), error) {
		r, err := message.ParseResponse(b)
		return r, r.Unknown, r.Encode, err
	}}
	idCredForm = form{"ID_CRED", func(b []byte) (any, bool, func() ([]byte, error), error) {
		c, err := message.ParseIDCred(b)
		return c, false, func() ([]byte, error) { return c.Encode(), nil }, err
	}}
)

// golden are messages byte by byte, written down from the CDDL of the
// specification and not from the code.
var golden = []struct {
	name  string
	form  form
	bytes string
	value any
}{
	{"answer of a lock with extended length", selectionForm,
		"6F1F 851D 84 01 02 48 1020304050607080 50 000102030405060708090A0B0C0D0E0F",
		message.Selection{
			Version: 1, Capabilities: 2, Lock: credential.LockID{0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80},
			Nonce: message.Nonce{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
		}},
	{"answer of a lock of a later version", selectionForm,
		"6F23 8521 84 1AFFFFFFFF 00 48 0000000000000000 50 00000000000000000000000000000000",
		message.Selection{Version: 0xFFFFFFFF}},
	{"answer with all capabilities", selectionForm,
		"6F23 8521 84 01 1AFFFFFFFF 48 0000000000000000 50 FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
		message.Selection{
			Version: 1, Capabilities: 0xFFFFFFFF,
			Nonce: message.Nonce(bytes.Repeat([]byte{0xFF}, 16)),
		}},

	{"request for the state", requestForm, "A1 01 00", message.Request{Operation: credential.OperationStatus}},
	{"request to open", requestForm, "A1 01 01", message.Request{Operation: credential.OperationOpen}},
	{"request to maintain", requestForm, "A1 01 05", message.Request{Operation: credential.OperationService}},
	{"request with one object in the chain", requestForm, "A2 01 02 03 81 84 40 A0 40 40",
		message.Request{Operation: credential.OperationDeliver, Chain: [][]byte{{0x84, 0x40, 0xA0, 0x40, 0x40}}}},
	{"request with two objects in the chain", requestForm, "A2 01 03 03 82 81 01 80",
		message.Request{Operation: credential.OperationCollect, Chain: [][]byte{{0x81, 0x01}, {0x80}}}},
	{"request that wants a slot", requestForm, "A2 01 01 05 02", message.Request{Operation: credential.OperationOpen, Resumable: true}},
	{"request with a certificate that wants a slot", requestForm, "A3 01 02 03 81 80 05 02",
		message.Request{Operation: credential.OperationDeliver, Chain: [][]byte{{0x80}}, Resumable: true}},

	{"request for a compartment", requestForm, "A2 01 01 02 01", message.Request{Operation: credential.OperationOpen, Resource: 1}},
	{"request for the last compartment", requestForm, "A2 01 01 02 18FF", message.Request{Operation: credential.OperationOpen, Resource: 255}},
	{"request with the longest chain", requestForm, "A2 01 01 03 84 80 81 01 80 80",
		message.Request{Operation: credential.OperationOpen, Chain: [][]byte{{0x80}, {0x81, 0x01}, {0x80}, {0x80}}}},
	{"request with a document", requestForm, "A2 01 01 04 81 82 40 01",
		message.Request{Operation: credential.OperationOpen, Documents: [][]byte{{0x82, 0x40, 0x01}}}},
	{"request with four documents", requestForm, "A2 01 00 04 84 80 80 81 02 80",
		message.Request{Documents: [][]byte{{0x80}, {0x80}, {0x81, 0x02}, {0x80}}}},
	{"request that wants a receipt", requestForm, "A2 01 02 05 01", message.Request{Operation: credential.OperationDeliver, Receipt: true}},
	{"request that takes the log along", requestForm, "A2 01 00 05 04", message.Request{Log: true}},
	{"request with every flag", requestForm, "A2 01 01 05 07",
		message.Request{Operation: credential.OperationOpen, Receipt: true, Resumable: true, Log: true}},
	{"request with a reference", requestForm, "A2 01 02 06 48 0000000000000001",
		message.Request{Operation: credential.OperationDeliver, Reference: credential.Reference{7: 1}}},
	{"request to read the log", requestForm, "A1 01 06", message.Request{Operation: credential.OperationReadLog}},
	{"request for a page of the log", requestForm, "A2 01 06 08 03", message.Request{Operation: credential.OperationReadLog, Page: 3, Paged: true}},
	{"request that names the newest page", requestForm, "A2 01 06 08 00", message.Request{Operation: credential.OperationReadLog, Paged: true}},
	{"request for a sealed page", requestForm, "A3 01 00 05 04 08 01", message.Request{Log: true, Page: 1, Paged: true}},
	{"request to configure", requestForm, "A1 01 07", message.Request{Operation: credential.OperationConfigure}},
	{"request to become the owner", requestForm, "A2 01 07 07 50 00000000000000000000000000000000",
		message.Request{Operation: credential.OperationConfigure, Proof: make([]byte, 16)}},
	{"request with everything, which no lock grants", requestForm,
		"A8 01 01 02 02 03 81 80 04 81 80 05 07 06 48 FFFFFFFFFFFFFFFF 07 50 000102030405060708090A0B0C0D0E0F 08 02", message.Request{
			Operation: credential.OperationOpen, Resource: 2, Chain: [][]byte{{0x80}}, Documents: [][]byte{{0x80}},
			Receipt: true, Resumable: true, Log: true, Reference: credential.Reference(bytes.Repeat([]byte{0xFF}, 8)),
			Proof: []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, Page: 2, Paged: true,
		}},

	{"opened, with a notice", responseForm, "A3 01 01 03 83 00 00 01 06 84 01 00 00 00", message.Response{
		Outcome: credential.OutcomeOpened, State: message.State{Sequence: 1}, Notice: credential.Notice{Kind: credential.NoticeAway}}},
	{"refused, with a notice", responseForm, "A3 01 04 02 1820 06 84 02 1A6B8B7E80 1A6B8B7E81 03", message.Response{
		Outcome: credential.OutcomeRefused, Reason: credential.ReasonBlocked,
		Notice: credential.Notice{Kind: credential.NoticeBack, From: 0x6B8B7E80, Until: 0x6B8B7E81, Instruction: credential.InstructionResume}}},
	{"pending, with a notice that ends", responseForm, "A4 01 02 03 83 00 00 01 05 82 00 00 06 84 01 00 01 02", message.Response{
		Outcome: credential.OutcomePending, State: message.State{Sequence: 1},
		Notice: credential.Notice{Kind: credential.NoticeAway, Until: 1, Instruction: credential.InstructionOtherPlace}}},
	{"opened, with a notice of another version", responseForm, "A3 01 01 03 83 00 00 01 06 84 18FF 02 00 18FF", message.Response{
		Outcome: credential.OutcomeOpened, State: message.State{Sequence: 1}, Notice: credential.Notice{Kind: 255, From: 2, Instruction: 255}}},
	{"opened, with a receipt", responseForm, "A3 01 01 03 83 00 00 01 07 84 40 A0 40 40", message.Response{
		Outcome: credential.OutcomeOpened, State: message.State{Sequence: 1}, Receipt: []byte{0x84, 0x40, 0xA0, 0x40, 0x40}}},
	{"failed, with a receipt", responseForm, "A4 01 05 02 14 03 83 00 00 02 07 80", message.Response{
		Outcome: credential.OutcomeFailed, Reason: credential.ReasonDrive, State: message.State{Sequence: 2}, Receipt: []byte{0x80}}},
	{"done, a document taken", responseForm, "A3 01 00 03 83 01 00 00 09 81 00", message.Response{
		State: message.State{PolicyVersion: 1}, Documents: []credential.Reason{credential.ReasonNone}}},
	{"refused, with what became of four documents", responseForm, "A3 01 04 02 181F 09 84 00 1829 05 18FF", message.Response{
		Outcome: credential.OutcomeRefused, Reason: credential.ReasonDenied,
		Documents: []credential.Reason{credential.ReasonNone, credential.ReasonSuperseded, credential.ReasonSignature, 255}}},
	{"done, with a page of the log", responseForm, "A3 01 00 03 83 00 00 00 0A 590300" + strings.Repeat("5A", 768), message.Response{
		Log: bytes.Repeat([]byte{0x5A}, 768)}},
	{"done, with a sealed page", responseForm, "A3 01 00 03 83 00 00 00 0A 590318" + strings.Repeat("A5", 792), message.Response{
		Log: bytes.Repeat([]byte{0xA5}, 792)}},
	{"opened, with everything", responseForm, "A6 01 01 03 83 07 08 09 06 84 01 00 00 00 07 80 08 1820 09 81 0B", message.Response{
		Outcome: credential.OutcomeOpened, State: message.State{PolicyVersion: 7, Floor: 8, Sequence: 9}, Slot: 32,
		Notice: credential.Notice{Kind: credential.NoticeAway}, Receipt: []byte{0x80},
		Documents: []credential.Reason{credential.ReasonTarget}}},
	{"unconfirmed, with a receipt and a slot", responseForm, "A4 01 03 03 83 00 00 01 07 80 08 01", message.Response{
		Outcome: credential.OutcomeUnconfirmed, State: message.State{Sequence: 1}, Slot: 1, Receipt: []byte{0x80}}},
	{"done, with a receipt", responseForm, "A3 01 00 03 83 00 00 00 07 80", message.Response{Receipt: []byte{0x80}}},

	{"opened, a slot kept", responseForm, "A3 01 01 03 83 00 00 01 08 1820", message.Response{
		Outcome: credential.OutcomeOpened, State: message.State{Sequence: 1}, Slot: 32}},
	{"failed, a slot kept", responseForm, "A4 01 05 02 14 03 83 00 00 02 08 01", message.Response{
		Outcome: credential.OutcomeFailed, Reason: credential.ReasonDrive, State: message.State{Sequence: 2}, Slot: 1}},
	{"done", responseForm, "A2 01 00 03 83 00 00 00", message.Response{Outcome: credential.OutcomeDone}},
	{"opened", responseForm, "A2 01 01 03 83 07 1A6B8B7E80 1903E8", message.Response{
		Outcome: credential.OutcomeOpened, State: message.State{PolicyVersion: 7, Floor: 0x6B8B7E80, Sequence: 1000}}},
	{"pending", responseForm, "A3 01 02 03 83 00 00 01 05 82 182A 1901F4", message.Response{
		Outcome: credential.OutcomePending, State: message.State{Sequence: 1}, Charge: 42, Wait: 500 * time.Millisecond}},
	{"pending, both ends", responseForm, "A3 01 02 03 83 1AFFFFFFFF 1AFFFFFFFF 1AFFFFFFFF 05 82 1864 192710", message.Response{
		Outcome: credential.OutcomePending, State: message.State{PolicyVersion: 0xFFFFFFFF, Floor: 0xFFFFFFFF, Sequence: 0xFFFFFFFF},
		Charge: 100, Wait: 10 * time.Second}},
	{"unconfirmed", responseForm, "A2 01 03 03 83 00 01 02", message.Response{
		Outcome: credential.OutcomeUnconfirmed, State: message.State{Floor: 1, Sequence: 2}}},
	{"refused", responseForm, "A2 01 04 02 0F", message.Response{Outcome: credential.OutcomeRefused, Reason: credential.ReasonExpired}},
	{"refused for a reason of another version", responseForm, "A2 01 04 02 18FF", message.Response{Outcome: credential.OutcomeRefused, Reason: 255}},
	{"failed", responseForm, "A3 01 05 02 14 03 83 00 00 02", message.Response{
		Outcome: credential.OutcomeFailed, Reason: credential.ReasonDrive, State: message.State{Sequence: 2}}},
	{"missing", responseForm, "A1 04 81 48 0102030405060708", message.Response{Missing: []credential.KeyID{{1, 2, 3, 4, 5, 6, 7, 8}}}},
	{"two missing", responseForm, "A1 04 82 48 0102030405060708 48 0000000000000000",
		message.Response{Missing: []credential.KeyID{{1, 2, 3, 4, 5, 6, 7, 8}, {}}}},

	{"lock by key id", idCredForm, "A1 04 48 0102030405060708", message.IDCred{Header: 4, Value: []byte{1, 2, 3, 4, 5, 6, 7, 8}}},
	{"certificate or grant", idCredForm, "A1 0D 84 40 A0 40 40", message.IDCred{Header: 13, Value: []byte{0x84, 0x40, 0xA0, 0x40, 0x40}}},
	{"bare key", idCredForm, "A1 0E A1 08 A1 01 A0", message.IDCred{Header: 14, Value: []byte{0xA1, 0x08, 0xA1, 0x01, 0xA0}}},
}

func TestGoldenBytesDecode(t *testing.T) {
	for _, c := range golden {
		t.Run(c.form.name+"/"+c.name, func(t *testing.T) {
			value, unknown, _, err := c.form.parse(unhex(t, c.bytes))
			require.NoError(t, err)
			require.Equal(t, c.value, value)
			require.False(t, unknown)
		})
	}
}

func TestGoldenValuesEncode(t *testing.T) {
	for _, c := range golden {
		t.Run(c.form.name+"/"+c.name, func(t *testing.T) {
			var b []byte
			var err error
			switch v := c.value.(type) {
			case message.Selection:
				b = v.Encode()
			case message.Request:
				b = v.Encode()
			case message.Response:
				b, err = v.Encode()
			case message.IDCred:
				b = v.Encode()
			}
			require.NoError(t, err)
			require.Equal(t, unhex(t, c.bytes), b)
		})
	}
}

func TestDecodedValuesShareNoMemoryWithTheMessage(t *testing.T) {
	for _, c := range golden {
		t.Run(c.form.name+"/"+c.name, func(t *testing.T) {
			b := unhex(t, c.bytes)
			value, _, _, err := c.form.parse(b)
			require.NoError(t, err)
			for i := range b {
				b[i] ^= 0xFF
			}
			require.Equal(t, c.value, value)
		})
	}
}

func TestSelectCommand(t *testing.T) {
	b, err := message.SelectCommand().Bytes()
	require.NoError(t, err)
	require.Equal(t, unhex(t, "00 A4 04 00 09 F0504F535445524E01 00"), b)
}
