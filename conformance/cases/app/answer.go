package app

import (
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/lock/locktest"
)

// The fields of a response.
const (
	fieldOutcome   = 1
	fieldReason    = 2
	fieldState     = 3
	fieldMissing   = 4
	fieldCharge    = 5
	fieldNotice    = 6
	fieldReceipt   = 7
	fieldSlot      = 8
	fieldDocuments = 9
	fieldLog       = 10
)

// answers are the cases on the form of a response: sealed, and none by section
// 6.8.
func answers() []cases.Case {
	bad := func(number int, what string, alter func([]byte) []byte, shows ...string) row {
		return row{
			number, "a sealed response: " + what, append(shows, "PST-REQ-006#2", "PST-PHN-020#12", "PST-PHN-004#21", "PST-PHN-021"),
			alters(locktest.Plaintext, alter), unconfirmed(credential.ReasonMalformed), []string{whole},
		}
	}
	text := func(number int, what string, with string, shows ...string) row {
		return bad(number, what, credentialtest.Replace([]byte(with)), shows...)
	}
	return negatives("ANSWER", open,
		text(10, "no bytes at all", ""),
		text(11, "an empty map", "\xA0"),
		text(12, "an array", "\x81\x01"),
		text(13, "the number of opened alone", "\x01"),
		text(14, "a map of indefinite length", "\xBF\x01\x01\x03\x83\x01\x01\x00\xFF", "PST-ENC-002#1"),
		bad(15, "a byte behind the map", credentialtest.Extend(0), "PST-ENC-002#6"),
		bad(16, "the last byte is missing", credentialtest.Cut(1), "PST-ENC-002#5"),
		text(17, "the outcome is not in its shortest form", "\xA2\x01\x18\x01\x03\x83\x01\x01\x00", "PST-ENC-002#2"),
		text(18, "the fields are in another order", "\xA2\x03\x83\x01\x01\x00\x01\x01", "PST-ENC-002#3"),
		text(19, "the outcome occurs twice", "\xA3\x01\x01\x01\x01\x03\x83\x01\x01\x00", "PST-ENC-002#4"),
		text(20, "a field that nobody knows holds a text string", "\xA3\x01\x01\x03\x83\x01\x01\x00\x18\x63\x61a", "PST-ENC-008"),
		text(21, "a field that nobody knows holds a number with a point", "\xA3\x01\x01\x03\x83\x01\x01\x00\x18\x63\xF9\x3C\x00", "PST-ENC-008"),
		text(22, "a field that nobody knows holds a tag", "\xA3\x01\x01\x03\x83\x01\x01\x00\x18\x63\xC1\x00", "PST-ENC-008"),
		text(23, "a field that nobody knows is nested nine deep", "\xA3\x01\x01\x03\x83\x01\x01\x00\x18\x63\x81\x81\x81\x81\x81\x81\x81\x81\x80", "PST-ENC-010#1"),
		bad(24, "a field that nobody knows has an array of 33 elements", field(99, credentialtest.Array(many(33)...)), "PST-ENC-010#2"),
		text(25, "a key is a byte string", "\xA3\x01\x01\x03\x83\x01\x01\x00\x41\x01\x00"),
		text(26, "the outcome is missing", "\xA1\x03\x83\x01\x01\x00"),
		text(27, "the outcome is negative", "\xA2\x01\x20\x03\x83\x01\x01\x00"),
		text(29, "a field that nobody knows holds null", "\xA3\x01\x01\x03\x83\x01\x01\x00\x18\x63\xF6", "PST-ENC-008"),
		text(30, "a field that nobody knows is nested to just nine levels", "\xA3\x01\x01\x03\x83\x01\x01\x00\x18\x63\x81\x81\x81\x81\x81\x81\x81\x80", "PST-ENC-010#1"),
		bad(31, "a field that nobody knows has a map of 33 pairs", field(99, pairs(33)), "PST-ENC-010#3"),
		text(32, "a field that nobody knows holds a byte string in pieces", "\xA3\x01\x01\x03\x83\x01\x01\x00\x18\x63\x5F\x41\x00\xFF", "PST-ENC-002#1"),
		text(33, "a field that nobody knows is undefined", "\xA3\x01\x01\x03\x83\x01\x01\x00\x18\x63\xF7", "PST-ENC-008"),
		text(34, "a field that nobody knows has a head that is reserved", "\xA3\x01\x01\x03\x83\x01\x01\x00\x18\x63\x1C"),
		text(35, "the key of a field is not in its shortest form", "\xA2\x01\x01\x18\x03\x83\x01\x01\x00", "PST-ENC-002#2"),
		text(36, "the response stands in a byte string", "\x48\xA2\x01\x01\x03\x83\x01\x01\x00"),
		text(28, "the outcome is true", "\xA2\x01\xF5\x03\x83\x01\x01\x00"),
	)
}

// field sets a field of the response.
func field(key int64, item []byte) func([]byte) []byte {
	return credentialtest.OfMap(func(m *credentialtest.Map) { m.Set(key, item) })
}

// without takes a field out.
func without(key int64) func([]byte) []byte {
	return credentialtest.OfMap(func(m *credentialtest.Map) { m.Delete(key) })
}

// many returns so many zeros.
func many(n int) [][]byte { return slices.Repeat([][]byte{credentialtest.Uint(0)}, n) }

// pairs returns a map of so many pairs.
func pairs(n int) []byte {
	var m credentialtest.Map
	for i := range n {
		m.Set(int64(i), credentialtest.Uint(0))
	}
	return m.Encode()
}

// fields are the cases on the fields of a response, each wrong in itself or beside
// the others.
func fields() []cases.Case {
	bad := func(number int, what string, alter func([]byte) []byte) row {
		return row{
			number, "a sealed response that is opened, " + what, []string{"PST-REQ-006#2", "PST-PHN-020#12", "PST-PHN-021"},
			alters(locktest.Plaintext, alter), unconfirmed(credential.ReasonMalformed), []string{whole},
		}
	}
	state := func(items ...uint64) []byte {
		var all [][]byte
		for _, n := range items {
			all = append(all, credentialtest.Uint(n))
		}
		return credentialtest.Array(all...)
	}
	set := func(number int, what string, key int64, item []byte) row { return bad(number, what, field(key, item)) }
	all := negatives("ANSWER", open,
		bad(40, "without the state", without(fieldState)),
		set(41, "with a reason", fieldReason, credentialtest.Uint(20)),
		set(42, "with a state of two elements", fieldState, state(1, 1)),
		set(43, "with a state of four elements", fieldState, state(1, 1, 1, 1)),
		set(44, "with a version of 2^32 in the state", fieldState, state(1<<32, 1, 1)),
		set(45, "with the energy that is gathered", fieldCharge, state(50, 100)),
		set(46, "with a key id that is missing", fieldMissing, credentialtest.Array(credentialtest.Bytes(make([]byte, 8)))),
		set(47, "with a receipt that is a byte string", fieldReceipt, credentialtest.Bytes([]byte{1})),
		set(48, "with a slot for no opening", fieldSlot, credentialtest.Uint(0)),
		set(49, "with a slot that is negative", fieldSlot, credentialtest.Int(-1)),
		set(50, "with an empty list of what became of documents", fieldDocuments, credentialtest.Array()),
		set(51, "with five things that became of documents", fieldDocuments, credentialtest.Array(many(5)...)),
		set(52, "with a notice of three elements", fieldNotice, state(1, 0, 0)),
		set(53, "with a notice that ends before it begins", fieldNotice, state(1, 9, 8, 1)),
		set(54, "with a page of the log", fieldLog, credentialtest.Bytes(make([]byte, 792))),
		bad(55, "which says refused without a reason", credentialtest.Replace([]byte("\xA1\x01\x04"))),
		bad(56, "which says refused with a state", credentialtest.Replace([]byte("\xA3\x01\x04\x02\x0C\x03\x83\x01\x01\x00"))),
		bad(57, "which says refused with the reason 0", credentialtest.Replace([]byte("\xA2\x01\x04\x02\x00"))),
		bad(58, "which says failed without a state", credentialtest.Replace([]byte("\xA2\x01\x05\x02\x14"))),
		bad(59, "which says pending without the energy", credentialtest.Replace([]byte("\xA2\x01\x02\x03\x83\x01\x01\x00"))),
		bad(60, "which says pending with 101 percent", credentialtest.Replace([]byte("\xA3\x01\x02\x03\x83\x01\x01\x00\x05\x82\x18\x65\x00"))),
		bad(61, "which says pending with 10001 milliseconds", credentialtest.Replace([]byte("\xA3\x01\x02\x03\x83\x01\x01\x00\x05\x82\x01\x19\x27\x11"))),
		bad(62, "which says missing with no key id", credentialtest.Replace([]byte("\xA1\x04\x80"))),
		bad(63, "which says missing with a key id of 7 bytes", credentialtest.Replace([]byte("\xA1\x04\x81\x47\x01\x01\x01\x01\x01\x01\x01"))),
		bad(64, "which says missing with three key ids", credentialtest.Replace(append([]byte("\xA1\x04"), credentialtest.Array(
			credentialtest.Bytes(make([]byte, 8)), credentialtest.Bytes(make([]byte, 8)), credentialtest.Bytes(make([]byte, 8)))...))),
	)
	return append(all, unknowns()...)
}

// unknowns are the cases on what only a later version says.
func unknowns() []cases.Case {
	status := func(t *cases.T, set func(*cases.Door)) cases.Outcome {
		o := t.App.Tap(shim.Tap{Operation: int(credential.OperationStatus)}, set)
		if o == cases.Said(credential.OutcomeDone, credential.ReasonNone) {
			return opened[0] // a status that is answered is as good as an opening
		}
		return o
	}
	sealed := func(number int, what, bytes string, want cases.Outcome, shows ...string) row {
		return row{number, what, shows, alters(locktest.Plaintext, credentialtest.Replace([]byte(bytes))), want, []string{whole}}
	}
	strange := cases.Said(credential.OutcomeUnconfirmed, credential.ReasonNone)
	return slices.Concat(negatives("ANSWER", open,
		sealed(70, "the outcome is 9, which nobody knows", "\xA2\x01\x09\x03\x83\x01\x01\x00", strange, "PST-REQ-006#3", "PST-PHN-021"),
		sealed(71, "the outcome is 9, with a reason and no state", "\xA2\x01\x09\x02\x0C", cases.Said(credential.OutcomeUnconfirmed, credential.ReasonAction), "PST-REQ-006#3", "PST-PHN-020#1", "PST-PHN-021"),
		sealed(72, "the outcome is 1000 and stands alone", "\xA1\x01\x19\x03\xE8", strange, "PST-REQ-006#3", "PST-PHN-021"),
		sealed(73, "refused for the reason 200, which nobody knows", "\xA2\x01\x04\x02\x18\xC8", cases.Refused(200), "PST-ERR-005", "PST-PHN-020#1"),
		sealed(74, "the lock refuses", "\xA2\x01\x04\x02\x0C", cases.Refused(credential.ReasonAction), "PST-PHN-020#1", "PST-PHN-021", "PST-PHN-022#9"),
		sealed(75, "the drive fails", "\xA3\x01\x05\x02\x14\x03\x83\x01\x01\x00", cases.Said(credential.OutcomeFailed, credential.ReasonDrive), "PST-PHN-020#1", "PST-PHN-021", "PST-PHN-022#9"),
		sealed(76, "no sensor saw the bolt", "\xA2\x01\x03\x03\x83\x01\x01\x00", strange, "PST-PHN-020#1", "PST-PHN-021", "PST-PHN-022#8"),
	), negatives("ANSWER", status,
		row{80, "to a request for status: a sealed map without fields", []string{"PST-PHN-020#13"}, alters(locktest.Plaintext, credentialtest.Replace([]byte("\xA0"))), cases.Fault(credential.ReasonMalformed), []string{whole}},
		row{81, "to a request for status: an answer that does not open", []string{"PST-PHN-020#13", "PST-CHAN-004"}, alters(locktest.Sealed, credentialtest.Flip(0)), cases.Fault(credential.ReasonChannel), []string{whole}},
	), []cases.Case{{
		ID: "APP-ANSWER-001", Revision: 1, Title: "a field that this version does not know is passed over", Requirements: []string{"PST-REQ-006#1", "PST-ENC-010"},
		Run: func(t *cases.T) {
			for _, item := range [][]byte{credentialtest.Uint(1), credentialtest.Bytes(make([]byte, 100)), credentialtest.Array(many(32)...), []byte("\xA1\x20\xF5")} {
				t.Expect("a response with a field 99", t.App.Open(func(d *cases.Door) { d.Alter[locktest.Plaintext] = field(99, item) }), opened...)
			}
			t.Expect("a notice of a later kind", t.App.Open(func(d *cases.Door) {
				d.Alter[locktest.Plaintext] = field(fieldNotice, []byte("\x84\x18\x63\x00\x00\x18\x63"))
			}), opened...)
		},
	}})
}

// channels are the cases on the channel itself.
func channels() []cases.Case {
	bad := func(number int, what string, fault func(*cases.T, *cases.Door), sends string, shows ...string) row {
		return row{number, what, append(shows, "PST-CHAN-004", "PST-PHN-020#11", "PST-PHN-021"), fault, unconfirmed(credential.ReasonChannel), []string{sends}}
	}
	sealed := func(number int, what string, alter func([]byte) []byte, shows ...string) row {
		return bad(number, what, alters(locktest.Sealed, alter), whole, shows...)
	}
	return negatives("CHANNEL", open,
		sealed(10, "a bit of the sealed response is another", credentialtest.Flip(0)),
		sealed(11, "a bit of its tag is another", credentialtest.Flip(-1)),
		sealed(12, "the sealed response lacks its last byte", credentialtest.Cut(1)),
		sealed(13, "a byte follows the sealed response", credentialtest.Extend(0)),
		sealed(14, "the answer is empty", credentialtest.Replace(nil)),
		sealed(15, "the answer has 7 bytes, fewer than a tag", credentialtest.Replace(make([]byte, 7))),
		sealed(16, "the response comes in clear", credentialtest.Replace([]byte("\xA2\x01\x01\x03\x83\x01\x01\x00"))),
		bad(17, "the lock has other keys of the channel", func(_ *cases.T, d *cases.Door) {
			otherKeys(d)
		}, whole, "PST-CHAN-001"),
		bad(18, "the lock sends the phone's own sealed request back", func(_ *cases.T, d *cases.Door) {
			d.Alter[locktest.Sealed] = func([]byte) []byte {
				data := d.Steps[len(d.Steps)-1].Command.Data
				return data[len(data)-len(d.Requests()[0].Encode())-8:]
			}
		}, whole),
		bad(19, "the lock counts one message that it did not send", func(_ *cases.T, d *cases.Door) {
			d.Respond = func(locktest.Request) locktest.Response {
				d.Channel.Out.Counter++
				return locktest.Response{Outcome: credential.OutcomeOpened}
			}
		}, whole),
		bad(20, "the first sealed response comes again for the second request", replays, further),
	)
}

// otherKeys has the lock seal its response with another key.
func otherKeys(d *cases.Door) {
	d.Respond = func(locktest.Request) locktest.Response {
		d.Channel.Out.Key[0] ^= 1
		return locktest.Response{Outcome: credential.OutcomeOpened}
	}
}

// replays has a lock say pending, and then the same bytes again.
func replays(_ *cases.T, d *cases.Door) {
	var kept []byte
	d.Says(locktest.Response{Outcome: credential.OutcomePending, Charge: 10})
	d.Alter[locktest.Sealed] = func(b []byte) []byte {
		if kept == nil {
			kept = slices.Clone(b)
		}
		return kept
	}
}
