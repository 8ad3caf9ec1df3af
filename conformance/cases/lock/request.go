package lock

import (
	"fmt"
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
	ct "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// requests are the cases of section 6.8 and of step 9 of section 7.5.
func requests() []cases.Case {
	return slices.Concat(refusedTaps("REQ", 1, 0, encodings()), refusedTaps("REQ", 40, 0, fields()), refusedTaps("REQ", 90, 2, encodings()[:3]), readRequests(), answers(), failures())
}

// inRequest is a fault in the map of the request.
func inRequest(what string, alter func(*ct.Map), rows ...string) spoilt {
	return altered(what, holdertest.Plaintext, ct.OfMap(alter), append(rows, "PST-DEC-007#9")...)
}

// encodings are faults of the request's encoding.
func encodings() []spoilt {
	const step = "PST-DEC-007#9"
	v := holdertest.Plaintext
	one := ct.Uint(1)
	far := func(value []byte) func(*ct.Map) { return func(m *ct.Map) { m.Set(99, value) } }
	return []spoilt{
		altered("the request is an array", v, ct.Replace(ct.Array(one, one)), step),
		altered("a byte stands behind the request", v, ct.Extend(0), step, "PST-ENC-002#6"),
		altered("the request lacks its last byte", v, ct.Cut(1), step, "PST-ENC-002#5"),
		altered("the request is empty", v, ct.Replace(nil), step, "PST-ENC-002#5"),
		altered("the request has an indefinite length", v, func(b []byte) []byte { return slices.Concat([]byte{0xBF}, b[1:], []byte{0xFF}) }, step, "PST-ENC-002#1"),
		altered("the request's count is not in its shortest form", v, widened, step, "PST-ENC-002#2"),
		altered("the request stands in a byte string", v, ct.Bytes, step),
		altered("the request is tagged", v, func(b []byte) []byte { return append([]byte{0xC1}, b...) }, step, "PST-ENC-008"),
		inRequest("the operation is not in its shortest form", func(m *ct.Map) { m.Set(1, ct.LongHead(ct.MajorUint, 1, 1)) }, "PST-ENC-002#2"),
		inRequest("the fields are not in order", func(m *ct.Map) { *m = ct.Map{{Key: ct.Uint(6), Value: ct.Bytes([]byte("12345678"))}, (*m)[0]} }, "PST-ENC-002#3"),
		inRequest("the operation stands there twice", func(m *ct.Map) { *m = append(*m, (*m)[0]) }, "PST-ENC-002#4"),
		inRequest("an unknown field is not in its shortest form", far([]byte{0x1B, 0, 0, 0, 0, 0, 0, 0, 1}), "PST-ENC-002#2"),
		inRequest("an unknown field has an indefinite length", far([]byte{0x9F, 0xFF}), "PST-ENC-002#1"),
		inRequest("an unknown field has a map with a key twice", far(ct.Map{{Key: one, Value: one}, {Key: one, Value: one}}.Encode()), "PST-ENC-002#4"),
		inRequest("an unknown field has a map out of order", far(ct.Map{{Key: ct.Uint(2), Value: one}, {Key: one, Value: one}}.Encode()), "PST-ENC-002#3"),
		inRequest("an unknown field is a text", far(ct.Text("a")), "PST-ENC-008"),
		inRequest("an unknown field is a tagged integer", far([]byte{0xC1, 0x01}), "PST-ENC-008"),
		inRequest("an unknown field is a floating-point number", far(float), "PST-ENC-008"),
		inRequest("an unknown field is null", far(null), "PST-ENC-008"),
		inRequest("an unknown field is undefined", far(undefined), "PST-ENC-008"),
		inRequest("an unknown field is a simple value of one byte", far([]byte{0xE0}), "PST-ENC-008"),
		inRequest("an unknown field is a simple value of two bytes", far([]byte{0xF8, 0xFF}), "PST-ENC-008"),
		inRequest("an unknown field nests arrays so that the request is nine deep", far(nested(8)), "PST-ENC-010#1"),
		inRequest("an unknown field is an array of 33", far(ct.Array(slices.Repeat([][]byte{one}, 33)...)), "PST-ENC-010#2"),
		inRequest("an unknown field is a map of 33", far(ct.Map(numbered(33)).Encode()), "PST-ENC-010#3"),
		inRequest("the request has 33 fields", func(m *ct.Map) { *m = append(*m, numbered(32)...) }, "PST-ENC-010#3"),
		inRequest("an unknown field says that it has 2^64 - 1 bytes", far([]byte{0x5B, 255, 255, 255, 255, 255, 255, 255, 255}), "PST-ENC-002#5"),
		inRequest("an unknown field says that it has 2^32 - 1 elements", far([]byte{0x9A, 255, 255, 255, 255}), "PST-ENC-010#2"),
	}
}

// fields are faults of the request's fields.
func fields() []spoilt {
	set := func(what string, field int64, value []byte, rows ...string) spoilt {
		return inRequest(what, func(m *ct.Map) { m.Set(field, value) }, rows...)
	}
	one := ct.Uint(1)
	short := ct.Array(one)
	return []spoilt{
		inRequest("there is no operation", func(m *ct.Map) { *m = ct.Map{{Key: ct.Uint(2), Value: one}} }),
		inRequest("the request has no field", func(m *ct.Map) { *m = nil }),
		set("the operation is negative", 1, ct.Int(-1)),
		set("the operation is a byte string", 1, ct.Bytes([]byte{1})),
		set("the operation is true", 1, yes),
		set("the operation is an array", 1, short),
		set("a field has a negative number", -1, one),
		inRequest("a field has a byte string for its number", func(m *ct.Map) { m.Append(ct.Bytes([]byte{1}), one) }),
		inRequest("a field has a truth value for its number", func(m *ct.Map) { m.Append(yes, one) }),
		set("the compartment is 0", 2, ct.Uint(0)),
		set("the compartment is 256", 2, ct.Uint(256)),
		set("the compartment is negative", 2, ct.Int(-1)),
		set("the compartment is a byte string", 2, ct.Bytes([]byte{1})),
		set("the chain is empty", 3, ct.Array()),
		set("the chain has five objects", 3, ct.Array(slices.Repeat([][]byte{short}, 5)...), "PST-ENC-010"),
		set("the chain is a map", 3, ct.Map{}.Encode()),
		set("the chain is one object without its array", 3, ct.Bytes([]byte{1})),
		set("an object of the chain is a byte string", 3, ct.Array(ct.Bytes([]byte{1}))),
		set("an object of the chain is an integer", 3, ct.Array(one)),
		set("the documents are empty", 4, ct.Array()),
		set("there are five documents", 4, ct.Array(slices.Repeat([][]byte{short}, 5)...)),
		set("the documents are a byte string", 4, ct.Bytes([]byte{1})),
		set("a document is a byte string", 4, ct.Array(ct.Bytes([]byte{1}))),
		set("a document is a map", 4, ct.Array(ct.Map{}.Encode())),
		set("the flags are 0", 5, ct.Uint(0)),
		set("the flags are negative", 5, ct.Int(-1)),
		set("the flags are a byte string", 5, ct.Bytes([]byte{1})),
		set("the reference has 7 bytes", 6, ct.Bytes([]byte("1234567"))),
		set("the reference has 9 bytes", 6, ct.Bytes([]byte("123456789"))),
		set("the reference is all zero", 6, ct.Bytes(make([]byte, 8))),
		set("the reference is an integer", 6, one),
		set("the proof has 15 bytes", 7, ct.Bytes(make([]byte, 15))),
		set("the proof has 17 bytes", 7, ct.Bytes(make([]byte, 17))),
		set("the proof is an integer", 7, one),
		set("the page is 4", 8, ct.Uint(4)),
		set("the page is negative", 8, ct.Int(-1)),
		set("the page is a byte string", 8, ct.Bytes([]byte{0})),
	}
}

// readRequests are requests that read, though the lock does not do what they ask.
func readRequests() []cases.Case {
	one := ct.Uint(1)
	return []cases.Case{{
		ID: "LOCK-REQ-100", Revision: 1, Title: "fields, flags and operations of a later version are read, and refused in the channel", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-DEC-007#9", "PST-DEC-007#16", "PST-DEC-010", "PST-ENC-002", "PST-ENC-008", "PST-ENC-010", "PST-LIM-001", "PST-REQ-004#4", "PST-ERR-006"},
		Run: func(t *cases.T) {
			p := neighbour(t, 0)
			t.Expect("status", t.Tap(p, status), done)
			for what, alter := range sorted(later()) {
				p.Alter = holdertest.Alter{holdertest.Plaintext: ct.OfMap(alter)}
				t.Expect(what, t.Ask(p, opens), cases.Refused(credential.ReasonOperationUnknown))
			}
			p.Alter = nil
			t.Expect("an opening", t.Ask(p, opens), cases.Opened...)
		},
	}, {
		ID: "LOCK-REQ-101", Revision: 1, Title: "a page 0 is read", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-DEC-007#9", "PST-REQ-004#11"},
		Run: func(t *cases.T) {
			p := t.Phone("owner", nil)
			p.Alter = holdertest.Alter{holdertest.Plaintext: ct.OfMap(func(m *ct.Map) { m.Set(8, ct.Uint(0)) })}
			o, a := t.TapFor(p, holdertest.Request{Operation: credential.OperationReadLog})
			t.Expect("read-log", o, done)
			t.Check(len(a.Log) > 0, "read-log is answered without a page")
		},
	}, {
		ID: "LOCK-REQ-102", Revision: 1, Title: "a compartment and a reference are read", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-DEC-007#9", "PST-LIM-001"}, When: "capability(compartments)",
		Run: func(t *cases.T) {
			p := neighbour(t, 0)
			p.Alter = holdertest.Alter{holdertest.Plaintext: ct.OfMap(func(m *ct.Map) { m.Set(2, one); m.Set(6, ct.Bytes([]byte("\x00234567\x00"))) })}
			t.Expect("the tap", t.Tap(p, opens), cases.Opened...)
		},
	}}
}

// answers are the fields of a decision that other chapters explain.
func answers() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-REQ-120", Revision: 1, Title: "a lock without energy answers pending, and opens when it is asked again", Needs: []shim.Verb{shim.VerbProvision, shim.VerbDrive}, Setup: cases.Owned,
		Requirements: []string{"PST-REQ-004#6", "PST-DEC-010", "PST-DEC-007#19"},
		Run: func(t *cases.T) {
			p := neighbour(t, 0)
			t.Expect("status", t.Tap(p, status), done)
			t.Set(shim.Drive{Motion: shim.Moves, Percent: 40, Wait: 250})
			a, err := p.Request(t.Context(), opens)
			t.OK(err)
			t.Expect("without energy", t.Answered(a), cases.Said(credential.OutcomePending, credential.ReasonNone))
			t.Check(a.Charge == 40 && a.Wait.Milliseconds() == 250, "the charge is %d percent and %v, where 40 and 250ms is right", a.Charge, a.Wait)
			t.Set(shim.Drive{Motion: shim.Moves, Percent: 100})
			t.Expect("with energy", t.Ask(p, opens), cases.Opened...)
		},
	}, {
		ID: "LOCK-REQ-121", Revision: 1, Title: "a notice, a receipt, a slot and reasons of documents stand where they belong", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-REQ-004#7", "PST-REQ-004#8", "PST-REQ-004#9", "PST-REQ-004#10"}, When: "capability(resumption)",
		Run: func(t *cases.T) {
			t.Hand(t.Made(t.World.Policy(2, func(c *credential.PolicyClaims) {
				c.Notice = credential.Notice{Kind: credential.NoticeAway, Instruction: 1, Roles: credential.NoticeGuests}
			})))
			t.Lock.Cycle()
			r := holdertest.Request{Operation: credential.OperationOpen, Receipt: true, Resumable: true, Documents: [][]byte{t.Made(t.World.Policy(2, nil))}}
			o, a := t.TapFor(neighbour(t, 0), r)
			t.Expect("the guest's tap", o, cases.Opened...)
			t.Check(a.Notice.Kind == credential.NoticeAway, "the notice is not there")
			t.Check(a.Slot > 0, "there is no slot")
			t.Check(len(a.Receipt) > 0, "there is no receipt")
			t.Check(a.Documents[0] == credential.ReasonSuperseded, "an old policy: %v", a.Documents[0])
		},
	}}
}

// later are requests of versions to come, at the bounds of chapter 03.
func later() map[string]func(*ct.Map) {
	one := ct.Uint(1)
	far := func(value []byte) func(*ct.Map) { return func(m *ct.Map) { m.Set(99, value) } }
	return map[string]func(*ct.Map){
		"operation 8":                      func(m *ct.Map) { m.Set(1, ct.Uint(8)) },
		"operation 2^64 - 1":               func(m *ct.Map) { m.Set(1, ct.Uint(1<<64-1)) },
		"flag 8":                           func(m *ct.Map) { m.Set(5, ct.Uint(8)) },
		"flags of 64 bits":                 func(m *ct.Map) { m.Set(5, ct.Uint(1<<63)) },
		"field 0":                          func(m *ct.Map) { m.Set(0, one) },
		"field 2^64 - 1":                   func(m *ct.Map) { m.Append(ct.Head(ct.MajorUint, 1<<64-1), one) },
		"a negative integer":               far(ct.Int(-70000)),
		"the least integer of 64 bits":     far(ct.Head(ct.MajorNint, 1<<64-1)),
		"true":                             far(yes),
		"an empty byte string":             far(ct.Bytes(nil)),
		"arrays, eight deep in all":        far(nested(7)),
		"an array of 32":                   far(ct.Array(slices.Repeat([][]byte{one}, 32)...)),
		"a map of 32":                      far(ct.Map(numbered(32)).Encode()),
		"32 fields":                        func(m *ct.Map) { *m = append(*m, numbered(31)...) },
		"a map with keys of several kinds": far(ct.Map{{Key: one, Value: one}, {Key: ct.Int(-1), Value: one}, {Key: ct.Bytes(nil), Value: one}, {Key: yes, Value: one}}.Encode()),
	}
}

// failures are answers that the lock cannot make.
func failures() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		what   string
		source shim.Source
		begin  bool // at HANDSHAKE-1, else at SELECT
		row    string
	}{{"fails at SELECT", shim.Fails, false, ""}, {"fails at HANDSHAKE-1", shim.Fails, true, ""}} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-REQ-%03d", 110+i), Revision: 1, Title: "the random source " + c.what, Fault: "the random source fails",
			Requirements: []string{"PST-DEC-001#24", "PST-ERR-003"}, Needs: []shim.Verb{shim.VerbRandom}, Passes: []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.Failure},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				t.Set(shim.Random{Source: shim.Good})
				p := tap{t}
				if c.begin {
					p.selects()
				}
				if faulty {
					t.Set(shim.Random{Source: c.source})
				}
				var o cases.Outcome
				if c.begin {
					o = p.begins().Outcome()
				} else {
					o = p.sends("", selectBytes...).Outcome()
				}
				t.Set(shim.Random{Source: shim.Good})
				if faulty {
					p.ended()
				}
				return o
			},
		})
	}
	return all
}
