package message_test

import (
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/message"
)

// faulty are messages with one fault each, and what the error says of it.
var faulty = []struct {
	name  string
	form  form
	bytes string
	says  string
}{
	{"no template", selectionForm, "8401024810203040506070805000000000000000000000000000000000", "6F len 85 len"},
	{"empty", selectionForm, "", "6F len 85 len"},
	{"another template", selectionForm, "62 1F 851D 84 01 02 48 1020304050607080 50 00000000000000000000000000000000", "6F len 85 len"},
	{"another element", selectionForm, "6F1F 841D 84 01 02 48 1020304050607080 50 00000000000000000000000000000000", "6F len 85 len"},
	{"outer length", selectionForm, "6F1E 851D 84 01 02 48 1020304050607080 50 00000000000000000000000000000000", "6F len 85 len"},
	{"inner length", selectionForm, "6F1F 851C 84 01 02 48 1020304050607080 50 00000000000000000000000000000000", "6F len 85 len"},
	{"length of two bytes", selectionForm, "6F811F 851D 84 01 02 48 1020304050607080 50 00000000000000000000000000000000", "6F len 85 len"},
	{"length of 80 and more", selectionForm, "6F80 857E 58 7C" + strings.Repeat("00", 124), "6F len 85 len"},
	{"not an array", selectionForm, "6F03 8501 A0", "not an array"},
	{"nothing in the array", selectionForm, "6F03 8501 80", "number of elements"},
	{"negative version", selectionForm, "6F1F 851D 84 20 02 48 1020304050607080 50 00000000000000000000000000000000", "not an unsigned integer"},
	{"version as bytes", selectionForm, "6F20 851E 84 4101 02 48 1020304050607080 50 00000000000000000000000000000000", "not an unsigned integer"},
	{"three elements", selectionForm, "6F0E 850C 83 01 02 48 1020304050607080", "malformed"},
	{"five elements", selectionForm, "6F20 851E 85 01 02 48 1020304050607080 50 00000000000000000000000000000000 00", "number of elements"},
	{"capabilities over 32 bits", selectionForm, "6F27 8525 84 01 1B0000000100000000 48 1020304050607080 50 00000000000000000000000000000000", "over 32 bits"},
	{"capabilities as bytes", selectionForm, "6F1F 851D 84 01 40 48 1020304050607080 50 00000000000000000000000000000000", "not an unsigned integer"},
	{"lock id of 7 bytes", selectionForm, "6F1E 851C 84 01 02 47 10203040506070 50 00000000000000000000000000000000", "lock id or nonce"},
	{"lock id of 9 bytes", selectionForm, "6F20 851E 84 01 02 49 102030405060708090 50 00000000000000000000000000000000", "lock id or nonce"},
	{"nonce of 15 bytes", selectionForm, "6F1E 851C 84 01 02 48 1020304050607080 4F 000000000000000000000000000000", "lock id or nonce"},
	{"nonce of 17 bytes", selectionForm, "6F20 851E 84 01 02 48 1020304050607080 51 0000000000000000000000000000000000", "lock id or nonce"},
	{"long head", selectionForm, "6F20 851E 84 01 1802 48 1020304050607080 50 00000000000000000000000000000000", "not the shortest"},

	{"nothing in the element", selectionForm, "6F02 8500", "cut off"},

	{"empty", requestForm, "", "cut off"},
	{"not a map", requestForm, "82 01 01", "not a map"},
	{"without operation", requestForm, "A0", "field operation is missing"},
	{"chain alone", requestForm, "A1 03 81 80", "field operation is missing"},
	{"unknown field alone", requestForm, "A1 09 01", "field operation is missing"},
	{"documents alone", requestForm, "A1 04 81 80", "field operation is missing"},
	{"operation as bytes", requestForm, "A1 01 4101", "field operation"},
	{"negative operation", requestForm, "A1 01 20", "field operation"},
	{"long head", requestForm, "A1 01 1801", "not the shortest"},
	{"negative field", requestForm, "A2 01 01 20 01", "not an unsigned integer"},
	{"field as bytes", requestForm, "A2 01 01 4101 01", "not an unsigned integer"},
	{"field twice", requestForm, "A2 01 01 01 02", "twice"},
	{"fields out of order", requestForm, "A2 03 81 80 01 01", "order"},
	{"empty chain", requestForm, "A2 01 01 03 80", "field chain"},
	{"five objects in the chain", requestForm, "A2 01 01 03 85 80 80 80 80 80", "field chain"},
	{"chain not an array", requestForm, "A2 01 01 03 40", "field chain"},
	{"certificate in a byte string", requestForm, "A2 01 01 03 81 4180", "field chain: an object is not an array"},
	{"second object of the chain not an array", requestForm, "A2 01 01 03 82 80 A0", "field chain: an object is not an array"},
	{"text in an unknown field", requestForm, "A2 01 01 09 6161", "text string"},
	{"resource 0", requestForm, "A2 01 01 02 00", "field resource: it is not from 1 to 255"},
	{"resource 256", requestForm, "A2 01 01 02 190100", "field resource: it is not from 1 to 255"},
	{"resource 257 is not 1", requestForm, "A2 01 01 02 190101", "field resource: it is not from 1 to 255"},
	{"resource as bytes", requestForm, "A2 01 01 02 4101", "field resource"},
	{"negative resource", requestForm, "A2 01 01 02 20", "field resource"},
	{"no document", requestForm, "A2 01 01 04 80", "field documents"},
	{"five documents", requestForm, "A2 01 01 04 85 80 80 80 80 80", "field documents"},
	{"documents not an array", requestForm, "A2 01 01 04 A0", "field documents"},
	{"document in a byte string", requestForm, "A2 01 01 04 82 80 4180", "field documents: an object is not an array"},
	{"reference of zeros", requestForm, "A2 01 01 06 48 0000000000000000", "field reference: it is zero; leave it out"},
	{"reference of 7 bytes", requestForm, "A2 01 01 06 47 01020304050607", "field reference: it has 7 bytes, not 8"},
	{"reference of 9 bytes", requestForm, "A2 01 01 06 49 010203040506070809", "field reference: it has 9 bytes, not 8"},
	{"empty reference", requestForm, "A2 01 01 06 40", "field reference: it has 0 bytes, not 8"},
	{"reference as a number", requestForm, "A2 01 01 06 01", "field reference"},
	{"proof of 15 bytes", requestForm, "A2 01 07 07 4F" + strings.Repeat("00", 15), "field proof: it has 15 bytes, not 16"},
	{"proof of 17 bytes", requestForm, "A2 01 07 07 51" + strings.Repeat("00", 17), "field proof: it has 17 bytes, not 16"},
	{"empty proof", requestForm, "A2 01 07 07 40", "field proof: it has 0 bytes, not 16"},
	{"proof as an array", requestForm, "A2 01 07 07 80", "field proof"},
	{"page 4", requestForm, "A2 01 06 08 04", "field page: it is not from 0 to 3"},
	{"page 256 is not page 0", requestForm, "A2 01 06 08 190100", "field page: it is not from 0 to 3"},
	{"page as bytes", requestForm, "A2 01 06 08 4100", "field page"},
	{"negative page", requestForm, "A2 01 06 08 20", "field page"},
	{"no flag", requestForm, "A2 01 01 05 00", "field flags"},
	{"flags as bytes", requestForm, "A2 01 01 05 4102", "field flags"},
	{"33 fields", requestForm, "B821 01 01" + strings.Repeat("00", 64), "too many"},

	{"empty", responseForm, "", "cut off"},
	{"not a map", responseForm, "80", "not a map"},
	{"nothing", responseForm, "A0", "field outcome is missing"},
	{"state alone", responseForm, "A1 03 83 00 00 00", "field outcome is missing"},
	{"unknown field alone", responseForm, "A1 0B 00", "field outcome is missing"},
	{"documents alone", responseForm, "A1 09 81 00", "field outcome is missing"},
	{"outcome as bytes", responseForm, "A2 01 4101 03 83 00 00 00", "field outcome"},
	{"negative outcome", responseForm, "A2 01 20 03 83 00 00 00", "field outcome"},
	{"negative field", responseForm, "A3 01 01 03 83 00 00 00 20 00", "not an unsigned integer"},
	{"opened without state", responseForm, "A1 01 01", "the state goes with"},
	{"failed without state", responseForm, "A2 01 05 02 14", "the state goes with"},
	{"refused with state", responseForm, "A3 01 04 02 0F 03 83 00 00 00", "the state goes with"},
	{"refused without reason", responseForm, "A1 01 04", "a reason goes with"},
	{"failed without reason", responseForm, "A2 01 05 03 83 00 00 00", "a reason goes with"},
	{"opened with reason", responseForm, "A3 01 01 02 0F 03 83 00 00 00", "a reason goes with"},
	{"reason none", responseForm, "A2 01 04 02 00", "field reason"},
	{"reason over 32 bits", responseForm, "A2 01 04 02 1B0000000100000000", "field reason"},
	{"reason as bytes", responseForm, "A2 01 04 02 410F", "field reason"},
	{"state of two", responseForm, "A2 01 01 03 82 00 00", "field state"},
	{"state of four", responseForm, "A2 01 01 03 84 00 00 00 00", "field state"},
	{"state not an array", responseForm, "A2 01 01 03 A0", "field state"},
	{"negative sequence", responseForm, "A2 01 01 03 83 00 00 20", "field state"},
	{"policy version over 32 bits", responseForm, "A2 01 01 03 83 1B0000000100000000 00 00", "field state: a number is over 32 bits"},
	{"floor over 32 bits", responseForm, "A2 01 01 03 83 00 1B0000000100000000 00", "field state: a number is over 32 bits"},
	{"sequence over 32 bits", responseForm, "A2 01 01 03 83 00 00 1B0000000100000000", "field state: a number is over 32 bits"},
	{"pending without charge", responseForm, "A2 01 02 03 83 00 00 00", "a charge goes with pending"},
	{"opened with charge", responseForm, "A3 01 01 03 83 00 00 00 05 82 00 00", "a charge goes with pending"},
	{"charge over 100", responseForm, "A3 01 02 03 83 00 00 00 05 82 1865 00", "field charge"},
	{"wait over ten seconds", responseForm, "A3 01 02 03 83 00 00 00 05 82 00 192711", "field charge"},
	{"charge of one", responseForm, "A3 01 02 03 83 00 00 00 05 81 00", "field charge"},
	{"charge of three", responseForm, "A3 01 02 03 83 00 00 00 05 83 00 00 00", "field charge"},
	{"slot of no taps", responseForm, "A3 01 01 03 83 00 00 00 08 00", "field resumption"},
	{"slot as bytes", responseForm, "A3 01 01 03 83 00 00 00 08 4101", "field resumption"},
	{"slot of 33 taps", responseForm, "A3 01 01 03 83 00 00 00 08 1821", "field resumption"},
	{"slot with done", responseForm, "A3 01 00 03 83 00 00 00 08 01", "a slot goes with what a drive came to"},
	{"slot while pending", responseForm, "A4 01 02 03 83 00 00 00 05 82 00 00 08 01", "a slot goes with what a drive came to"},
	{"slot with a failure before the drive", responseForm, "A4 01 05 02 13 03 83 00 00 00 08 01", "a slot goes with what a drive came to"},
	{"receipt with a failure before the drive", responseForm, "A4 01 05 02 13 03 83 00 00 00 07 80", "a receipt goes with done"},
	{"log with an opening", responseForm, "A3 01 01 03 83 00 00 00 0A 590300" + strings.Repeat("00", 768), "a page of the log goes with done"},
	{"log of 769 bytes", responseForm, "A3 01 00 03 83 00 00 00 0A 590301" + strings.Repeat("00", 769), "field log: a page of the log has 768 bytes, or 792 sealed"},
	{"slot with a refusal", responseForm, "A3 01 04 02 0F 08 01", "a slot goes with what a drive came to"},
	{"missing and slot", responseForm, "A2 04 81 48 0102030405060708 08 01", "stand alone"},
	{"notice of three", responseForm, "A3 01 01 03 83 00 00 00 06 83 01 00 00", "field notice"},
	{"notice of five", responseForm, "A3 01 01 03 83 00 00 00 06 85 01 00 00 00 00", "field notice"},
	{"notice of no kind", responseForm, "A3 01 01 03 83 00 00 00 06 84 00 00 00 00", "field notice: its kind is 0"},
	{"notice of a kind over 32 bits", responseForm, "A3 01 01 03 83 00 00 00 06 84 1B0000000100000000 00 00 00", "field notice: its kind is 0, or a number is over 32 bits"},
	{"notice that begins over 32 bits", responseForm, "A3 01 01 03 83 00 00 00 06 84 01 1B0000000100000000 00 00", "over 32 bits"},
	{"notice that ends over 32 bits", responseForm, "A3 01 01 03 83 00 00 00 06 84 01 00 1B0000000100000000 00", "over 32 bits"},
	{"notice with an instruction over 32 bits", responseForm, "A3 01 01 03 83 00 00 00 06 84 01 00 00 1B0000000100000000", "over 32 bits"},
	{"notice that ends when it begins", responseForm, "A3 01 01 03 83 00 00 00 06 84 01 05 05 00", "field notice: it ends before it begins"},
	{"notice that ends before it begins", responseForm, "A3 01 04 02 0F 06 84 01 05 04 00", "field notice: it ends before it begins"},
	{"notice as bytes", responseForm, "A3 01 01 03 83 00 00 00 06 41 00", "field notice"},
	{"notice with a negative time", responseForm, "A3 01 01 03 83 00 00 00 06 84 01 20 00 00", "field notice"},
	{"missing and notice", responseForm, "A2 04 81 48 0102030405060708 06 84 01 00 00 00", "stand alone"},
	{"receipt in a byte string", responseForm, "A3 01 01 03 83 00 00 00 07 41 80", "field receipt: it is not a signed object"},
	{"receipt with a refusal", responseForm, "A3 01 04 02 0F 07 80", "a receipt goes with done"},
	{"receipt while pending", responseForm, "A4 01 02 03 83 00 00 00 05 82 00 00 07 80", "a receipt goes with done"},
	{"missing and receipt", responseForm, "A2 04 81 48 0102030405060708 07 80", "stand alone"},
	{"no document", responseForm, "A3 01 01 03 83 00 00 00 09 80", "field documents"},
	{"five documents", responseForm, "A3 01 01 03 83 00 00 00 09 85 00 00 00 00 00", "field documents"},
	{"documents not an array", responseForm, "A3 01 01 03 83 00 00 00 09 00", "field documents"},
	{"document's reason as bytes", responseForm, "A3 01 01 03 83 00 00 00 09 82 00 40", "field documents"},
	{"document's reason over 32 bits", responseForm, "A3 01 01 03 83 00 00 00 09 81 1B0000000100000000", "field documents: a reason is over 32 bits"},
	{"missing and documents", responseForm, "A2 04 81 48 0102030405060708 09 81 00", "stand alone"},
	{"empty log", responseForm, "A3 01 00 03 83 00 00 00 0A 40", "field log: a page of the log has 768 bytes, or 792 sealed"},
	{"log of 793 bytes", responseForm, "A3 01 00 03 83 00 00 00 0A 590319" + strings.Repeat("00", 793), "field log: a page of the log has 768 bytes, or 792 sealed"},
	{"log as an array", responseForm, "A3 01 00 03 83 00 00 00 0A 80", "field log"},
	{"log with a refusal", responseForm, "A3 01 04 02 0F 0A 590300" + strings.Repeat("00", 768), "a page of the log goes with done"},
	{"log while pending", responseForm, "A4 01 02 03 83 00 00 00 05 82 00 00 0A 590300" + strings.Repeat("00", 768), "a page of the log goes with done"},
	{"missing and log", responseForm, "A2 04 81 48 0102030405060708 0A 590300" + strings.Repeat("00", 768), "stand alone"},
	{"none missing", responseForm, "A1 04 80", "field missing"},
	{"three missing", responseForm, "A1 04 83 48 0102030405060708 48 0102030405060709 48 010203040506070A", "field missing"},
	{"missing not an array", responseForm, "A1 04 48 0102030405060708", "field missing"},
	{"key id not bytes", responseForm, "A1 04 81 01", "field missing"},
	{"key id of 7 bytes", responseForm, "A1 04 81 47 01020304050607", "field missing: a key id has 8 bytes"},
	{"key id of 9 bytes", responseForm, "A1 04 81 49 010203040506070809", "field missing: a key id has 8 bytes"},
	{"missing and outcome", responseForm, "A2 01 01 04 81 48 0102030405060708", "stand alone"},
	{"missing and state", responseForm, "A2 03 83 00 00 00 04 81 48 0102030405060708", "stand alone"},
	{"missing and reason", responseForm, "A2 02 06 04 81 48 0102030405060708", "stand alone"},
	{"missing and charge", responseForm, "A2 04 81 48 0102030405060708 05 82 00 00", "stand alone"},

	{"empty", idCredForm, "", "cut off"},
	{"not a map", idCredForm, "48 0102030405060708", "not a map"},
	{"no entry", idCredForm, "A0", "0 entries"},
	{"two entries", idCredForm, "A2 04 48 0102030405060708 0D 80", "2 entries"},
	{"kid of 7 bytes", idCredForm, "A1 04 47 01020304050607", "kid: a key id has 8 bytes"},
	{"kid of 9 bytes", idCredForm, "A1 04 49 010203040506070809", "kid: a key id has 8 bytes"},
	{"empty kid", idCredForm, "A1 04 40", "kid: a key id has 8 bytes"},
	{"kid not bytes", idCredForm, "A1 04 01", "field kid"},
	{"certificate in a byte string", idCredForm, "A1 0D 4180", "not a signed object"},
	{"claims set as an array", idCredForm, "A1 0E 80", "not a claims set"},
	{"another header", idCredForm, "A1 05 40", "neither kid, kcwt nor kccs"},
	{"huge header", idCredForm, "A1 1BFFFFFFFFFFFFFFFF 40", "neither kid, kcwt nor kccs"},
	{"negative header", idCredForm, "A1 24 40", "not an unsigned integer"},
}

func TestFaultyMessagesAreRefused(t *testing.T) {
	for _, c := range faulty {
		t.Run(c.form.name+"/"+c.name, func(t *testing.T) {
			value, _, _, err := c.form.parse(unhex(t, c.bytes))
			require.ErrorContains(t, err, c.says)
			require.Zero(t, value, "an error comes with no value")
		})
	}
}

// Section 8.3 looks at the form before the version.
func TestAnOlderVersionIsToldFromAMalformedAnswer(t *testing.T) {
	s, err := message.ParseSelection(unhex(t, "6F1F 851D 84 00 02 48 1020304050607080 50 00000000000000000000000000000000"))
	require.ErrorIs(t, err, message.ErrVersion)
	require.Zero(t, s)
	for name, answer := range map[string]string{
		"version 0, more content":       "6F20 851E 85 00 02 48 1020304050607080 50 00000000000000000000000000000000 00",
		"version 2^32":                  "6F27 8525 84 1B0000000100000000 02 48 1020304050607080 50 00000000000000000000000000000000",
		"version 2, other content":      "6F04 8502 81 02",
		"version 2, more content":       "6F20 851E 85 02 02 48 1020304050607080 50 00000000000000000000000000000000 00",
		"version 2, other capabilities": "6F27 8525 84 02 1B0000000100000000 48 1020304050607080 50 00000000000000000000000000000000",
		"version 2, longer lock id":     "6F20 851E 84 02 02 49 102030405060708090 50 00000000000000000000000000000000",
		"version 2, long answer":        "6F7F 857D 82 02 5879" + strings.Repeat("00", 121),
	} {
		t.Run(name, func(t *testing.T) {
			s, err := message.ParseSelection(unhex(t, answer))
			require.Error(t, err)
			require.NotErrorIs(t, err, message.ErrVersion)
			require.Zero(t, s)
		})
	}
	for _, c := range faulty {
		_, _, _, err := c.form.parse(unhex(t, c.bytes))
		require.NotErrorIs(t, err, message.ErrVersion, c.name)
	}
}

func TestUnknownPartsOfRequests(t *testing.T) {
	for _, c := range []struct {
		name, bytes string
		operation   credential.Operation
	}{
		{"operation 8", "A1 01 08", 8},
		{"operation 255", "A1 01 18FF", 255},
		{"operation 256 is not status", "A1 01 190100", 255},
		{"operation 257 is not open", "A1 01 190101", 255},
		{"operation 2^32+1 is not open", "A1 01 1B0000000100000001", 255},
		{"greatest operation", "A1 01 1BFFFFFFFFFFFFFFFF", 255},
		{"field 9", "A2 01 01 09 00", credential.OperationOpen},
		{"flag 8", "A2 01 01 05 08", credential.OperationOpen},
		{"flag of bit 63", "A2 01 01 05 1B8000000000000000", credential.OperationOpen},
		{"field 0", "A2 00 00 01 01", credential.OperationOpen},
		{"field 256 is not field 0", "A2 01 01 190100 A0", credential.OperationOpen},
		{"greatest field", "A2 01 01 1BFFFFFFFFFFFFFFFF 20", credential.OperationOpen},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := message.ParseRequest(unhex(t, c.bytes))
			require.NoError(t, err)
			require.Equal(t, message.Request{Operation: c.operation, Unknown: true}, r)
		})
	}
}

func TestUnknownPartsOfResponses(t *testing.T) {
	opened := message.Response{Outcome: credential.OutcomeOpened, State: message.State{Floor: 1, Sequence: 2}, Unknown: true}
	strange := message.Response{Outcome: credential.OutcomeUnconfirmed, State: message.State{Floor: 1, Sequence: 2}, Unknown: true}
	for _, c := range []struct {
		name, bytes string
		want        message.Response
	}{
		{"field 11", "A3 01 01 03 83 00 01 02 0B 81 00", opened},
		{"field 0", "A3 00 40 01 01 03 83 00 01 02", opened},
		{"field 257 is not the outcome", "A3 01 01 03 83 00 01 02 190101 04", opened},
		{"greatest field", "A3 01 01 03 83 00 01 02 1BFFFFFFFFFFFFFFFF A0", opened},
		{"field beside missing", "A2 04 81 48 0102030405060708 0B 00", message.Response{
			Missing: []credential.KeyID{{1, 2, 3, 4, 5, 6, 7, 8}}, Unknown: true}},
		{"outcome 6", "A2 01 06 03 83 00 01 02", strange},
		{"outcome 257 is not opened", "A2 01 190101 03 83 00 01 02", strange},
		{"outcome 2^64-1", "A2 01 1BFFFFFFFFFFFFFFFF 03 83 00 01 02", strange},
		{"outcome 6 with a charge", "A3 01 06 03 83 00 01 02 05 82 00 00", strange},
		{"outcome 6 with all that goes with others", "A6 01 06 03 83 00 01 02 06 84 01 00 00 00 07 80 09 81 00 0A 590300" + strings.Repeat("00", 768), strange},
		{"kind of notice 256", "A3 01 04 02 0F 06 84 190100 00 00 00", message.Response{
			Outcome: credential.OutcomeRefused, Reason: credential.ReasonExpired, Notice: credential.Notice{Kind: 255}, Unknown: true}},
		{"instruction 257 is not hold-parcels", "A3 01 04 02 0F 06 84 01 00 00 190101", message.Response{
			Outcome: credential.OutcomeRefused, Reason: credential.ReasonExpired,
			Notice: credential.Notice{Kind: credential.NoticeAway, Instruction: 255}, Unknown: true}},
		{"document's reason 256 is not none", "A3 01 04 02 0F 09 82 190100 00", message.Response{
			Outcome: credential.OutcomeRefused, Reason: credential.ReasonExpired,
			Documents: []credential.Reason{255, credential.ReasonNone}, Unknown: true}},
		{"outcome 6 alone", "A1 01 06", message.Response{Outcome: credential.OutcomeUnconfirmed, Unknown: true}},
		{"outcome 6 with a reason", "A2 01 06 02 0F", message.Response{
			Outcome: credential.OutcomeUnconfirmed, Reason: credential.ReasonExpired, Unknown: true}},
		{"greatest reason", "A2 01 04 02 1AFFFFFFFF", message.Response{Outcome: credential.OutcomeRefused, Reason: 255, Unknown: true}},
		{"reason 256 is not none", "A2 01 04 02 190100", message.Response{Outcome: credential.OutcomeRefused, Reason: 255, Unknown: true}},
		{"reason 271 is not expired", "A2 01 04 02 19010F", message.Response{Outcome: credential.OutcomeRefused, Reason: 255, Unknown: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := message.ParseResponse(unhex(t, c.bytes))
			require.NoError(t, err)
			require.Equal(t, c.want, r)
		})
	}
}

// TestUnknownFlagsLeaveTheKnownOnes: whatever another version adds, this one
// knows what it knows.
func TestUnknownFlagsLeaveTheKnownOnes(t *testing.T) {
	r, err := message.ParseRequest(unhex(t, "A2 01 01 05 0D"))
	require.NoError(t, err)
	require.Equal(t, message.Request{Operation: credential.OperationOpen, Receipt: true, Log: true, Unknown: true}, r)
}

// TestPageAboveZeroNeedsNoOtherWord: whoever asks for a page need not set Paged.
func TestPageAboveZeroNeedsNoOtherWord(t *testing.T) {
	require.Equal(t, unhex(t, "A2 01 06 08 02"), message.Request{Operation: credential.OperationReadLog, Page: 2}.Encode())
	require.Equal(t, unhex(t, "A1 01 06"), message.Request{Operation: credential.OperationReadLog}.Encode())
}

func TestResponsesThatBreakTheFormAreNotEncoded(t *testing.T) {
	kid := credential.KeyID{1}
	for name, r := range map[string]message.Response{
		"refused without reason": {Outcome: credential.OutcomeRefused},
		"failed without reason":  {Outcome: credential.OutcomeFailed},
		"opened with reason":     {Outcome: credential.OutcomeOpened, Reason: credential.ReasonExpired},
		"unknown outcome":        {Outcome: 6},
		"missing and outcome":    {Missing: []credential.KeyID{kid}, Outcome: credential.OutcomeOpened},
		"missing and reason":     {Missing: []credential.KeyID{kid}, Reason: credential.ReasonIssuerUnknown},
		"missing and state":      {Missing: []credential.KeyID{kid}, State: message.State{Sequence: 1}},
		"three missing":          {Missing: []credential.KeyID{kid, kid, kid}},
		"missing and slot":       {Missing: []credential.KeyID{kid}, Slot: 1},
		"missing and notice":     {Missing: []credential.KeyID{kid}, Notice: credential.Notice{Kind: credential.NoticeAway}},
		"missing and receipt":    {Missing: []credential.KeyID{kid}, Receipt: []byte{0x80}},
		"missing and documents":  {Missing: []credential.KeyID{kid}, Documents: []credential.Reason{0}},
		"missing and log":        {Missing: []credential.KeyID{kid}, Log: []byte{0}},
		"refused with receipt":   {Outcome: credential.OutcomeRefused, Reason: credential.ReasonDenied, Receipt: []byte{0x80}},
		"refused with log":       {Outcome: credential.OutcomeRefused, Reason: credential.ReasonDenied, Log: make([]byte, 768)},
		"pending with receipt":   {Outcome: credential.OutcomePending, Receipt: []byte{0x80}},
		"pending with log":       {Outcome: credential.OutcomePending, Log: make([]byte, 768)},
		"five documents":         {Documents: make([]credential.Reason, 5)},
		"log of 1 byte":          {Log: make([]byte, 1)},
		"log of 767 bytes":       {Log: make([]byte, 767)},
		"log of 769 bytes":       {Log: make([]byte, 769)},
		"log of 793 bytes":       {Log: make([]byte, 793)},
		"opened with log":        {Outcome: credential.OutcomeOpened, Log: make([]byte, 792)},
		"unconfirmed with log":   {Outcome: credential.OutcomeUnconfirmed, Log: make([]byte, 792)},
		"stuck with log":         {Outcome: credential.OutcomeFailed, Reason: credential.ReasonDrive, Log: make([]byte, 792)},
		"failed with receipt":    {Outcome: credential.OutcomeFailed, Reason: credential.ReasonState, Receipt: []byte{0x80}},
		"failed with slot":       {Outcome: credential.OutcomeFailed, Reason: credential.ReasonState, Slot: 1},
		"done with slot":         {Slot: 1},
		"pending with slot":      {Outcome: credential.OutcomePending, Slot: 1},
		"refused with slot":      {Outcome: credential.OutcomeRefused, Reason: credential.ReasonDenied, Slot: 1},
		"slot of 33 openings":    {Outcome: credential.OutcomeOpened, Slot: 33},
		"slot below 0":           {Outcome: credential.OutcomeOpened, Slot: -1},
		"notice without kind":    {Notice: credential.Notice{From: 1}},
		"notice with roles":      {Notice: credential.Notice{Kind: credential.NoticeAway, Roles: credential.NoticeGuests}},
		"notice that ends early": {Notice: credential.Notice{Kind: credential.NoticeAway, From: 2, Until: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := r.Encode()
			require.ErrorContains(t, err, "response is malformed")
			require.Nil(t, b)
		})
	}
}

func TestChargeIsBroughtWithinItsBounds(t *testing.T) {
	for _, c := range []struct {
		name       string
		percent    int
		wait       time.Duration
		wantCharge int
		wantWait   time.Duration
	}{
		{"as it is", 42, 7 * time.Millisecond, 42, 7 * time.Millisecond},
		{"rounded up, so that nobody asks too early", 42, 7*time.Millisecond + 1, 42, 8 * time.Millisecond},
		{"below", -1, -time.Hour, 0, 0},
		{"above", 101, time.Hour, 100, 10 * time.Second},
		{"just above", 100, 10*time.Second + 1, 100, 10 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := message.Response{Outcome: credential.OutcomePending, Charge: c.percent, Wait: c.wait}.Encode()
			require.NoError(t, err)
			r, err := message.ParseResponse(b)
			require.NoError(t, err)
			require.Equal(t, c.wantCharge, r.Charge)
			require.Equal(t, c.wantWait, r.Wait)
		})
	}
}

func TestStateOfARefusalIsNotTold(t *testing.T) {
	b, err := message.Response{Outcome: credential.OutcomeRefused, Reason: credential.ReasonTarget, State: message.State{Floor: 1}}.Encode()
	require.NoError(t, err)
	require.Equal(t, unhex(t, "A2 01 04 02 0B"), b)
}

// TestSelectionHash computes the hash from the bytes as they go over the link.
func TestSelectionHash(t *testing.T) {
	const command = "00 A4 04 00 09 F0504F535445524E01 00"
	for _, data := range []string{"", "6F1F 851D 84 01 02 48 1020304050607080 50 000102030405060708090A0B0C0D0E0F"} {
		want := sha256.Sum256(append(unhex(t, command), unhex(t, data+"9000")...))
		require.Equal(t, want, message.SelectionHash(message.AID, unhex(t, data)))
	}
	// The same by another implementation: printf … | xxd -r -p | sha256sum.
	require.Equal(t, unhex(t, "4CE12ACAC108C2807C62ACE382E84869B0A1C34E7139320701D20481F55DFCD7"),
		sliceOf(message.SelectionHash(message.AID, unhex(t, "6F1F851D84010248102030405060708050000102030405060708090A0B0C0D0E0F"))))
}

func sliceOf(hash [32]byte) []byte { return hash[:] }
