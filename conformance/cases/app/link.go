package app

import (
	"fmt"
	"slices"
	"strings"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/lock/locktest"
)

// id makes the id of a case.
func id(area string, number int) string { return fmt.Sprintf("APP-%s-%03d", area, number) }

// status are the cases on status words.
func status() []cases.Case {
	var rows []row
	for i, sw := range []apdu.Status{0x6982, 0x6985, 0x6700, 0x6A82, 0x6A86, 0x6D00, 0x6E00, 0x6F00, 0x6883, 0x6283, 0x63C0, 0x9001} {
		rows = append(rows, row{
			10 + i, fmt.Sprintf("%04X answers HANDSHAKE-2", uint16(sw)), []string{"PST-PHN-004#21", "PST-PHN-020#6", "PST-PHN-022#9"},
			func(_ *cases.T, d *cases.Door) { d.Status(handshake2, sw) }, cases.Fault(credential.ReasonStatusWord), []string{whole},
		})
	}
	rows = append(rows, row{
		30, "6F00 answers a further request", []string{"PST-PHN-004#21", "PST-PHN-020#6", "PST-PHN-022#9"}, func(_ *cases.T, d *cases.Door) {
			d.Says(locktest.Response{Outcome: credential.OutcomePending})
			d.Status(request, apdu.StatusFailure)
		}, cases.Fault(credential.ReasonStatusWord), []string{further},
	}, row{
		31, "6A82 answers every SELECT", []string{"PST-PHN-004#4", "PST-PHN-020#6", "PST-PHN-022#1"},
		func(_ *cases.T, d *cases.Door) { d.Status(selects, apdu.StatusNotFound) }, cases.Fault(credential.ReasonStatusWord), nil,
	}, row{
		32, "6982 answers every HANDSHAKE-1", []string{"PST-PHN-004#4", "PST-PHN-020#6", "PST-PHN-022#1"},
		func(_ *cases.T, d *cases.Door) { d.Status(handshake1, apdu.StatusRefused) }, cases.Fault(credential.ReasonStatusWord), nil,
	}, with(35, "a byte", selects, 0xA0), with(36, "a byte", handshake1, 0xA0), with(37, "256 bytes", handshake2, make([]byte, 256)...), row{
		33, "an error status comes with a message_2 that is good", []string{"PST-PHN-004#4", "PST-PHN-020#6"}, func(_ *cases.T, d *cases.Door) {
			d.Answer = func(c apdu.Command, r *apdu.Response) {
				if c.INS == handshake1 {
					r.SW = apdu.StatusFailure
				}
			}
		}, cases.Fault(credential.ReasonStatusWord), nil,
	}, row{
		34, "an error status comes with a sealed response that is good", []string{"PST-PHN-004#21", "PST-PHN-020#6", "PST-PHN-021"}, func(_ *cases.T, d *cases.Door) {
			d.Answer = func(c apdu.Command, r *apdu.Response) {
				if c.INS == handshake2 {
					r.SW = apdu.StatusFailure
				}
			}
		}, cases.Fault(credential.ReasonStatusWord), []string{whole},
	})
	return negatives("STATUS", open, rows...)
}

// with is a case on an error status with data, which are passed over.
func with(number int, what string, ins byte, data ...byte) row {
	return row{
		number, fmt.Sprintf("6F00 answers INS %02X, and %s before it", ins, what), []string{"PST-PHN-020#6"}, func(_ *cases.T, d *cases.Door) {
			d.Answer = func(c apdu.Command, r *apdu.Response) {
				if c.INS == ins {
					r.Data, r.SW = data, apdu.StatusFailure
				}
			}
		}, cases.Fault(credential.ReasonStatusWord), nil,
	}
}

// loses loses the answer to every command with the instruction; last tells whether
// to the last link of its chain alone, or to the others.
func loses(ins byte, last bool) func(*cases.T, *cases.Door) {
	return func(_ *cases.T, d *cases.Door) {
		d.Lose = func(_ int, command []byte) bool { return command[1] == ins && (command[0]&0x10 == 0) == last }
	}
}

// links are the cases on a link that is lost.
func links() []cases.Case {
	statusTap := func(t *cases.T, set func(*cases.Door)) cases.Outcome {
		o := t.App.Tap(shim.Tap{Operation: int(credential.OperationStatus)}, set)
		if o == cases.Said(credential.OutcomeDone, credential.ReasonNone) {
			return opened[0]
		}
		return o
	}
	all := slices.Concat(negatives("LINK", open,
		row{10, "the answer to every SELECT is lost", []string{"PST-PHN-020#8", "PST-PHN-004#4", "PST-PHN-022#1"}, loses(selects, true), cases.Fault(credential.ReasonLink), nil},
		row{11, "the answer to every HANDSHAKE-1 is lost", []string{"PST-EDH-006", "PST-APDU-007", "PST-PHN-020#8", "PST-PHN-004#4", "PST-PHN-022#1"}, loses(handshake1, true), cases.Fault(credential.ReasonLink), nil},
		row{12, "the answer to HANDSHAKE-2 is lost", []string{"PST-PHN-020#10", "PST-PHN-004#21", "PST-PHN-022#8"}, loses(handshake2, true), unconfirmed(credential.ReasonLink), []string{whole}},
		row{13, "the answer to a further request is lost", []string{"PST-PHN-020#10", "PST-PHN-004#21", "PST-PHN-022#8"}, func(t *cases.T, d *cases.Door) {
			d.Says(locktest.Response{Outcome: credential.OutcomePending})
			loses(request, true)(t, d)
		}, unconfirmed(credential.ReasonLink), []string{further}},
	), negatives("LINK", statusTap,
		row{20, "the answer to a request for status is lost", []string{"PST-PHN-020#13"}, loses(handshake2, true), cases.Fault(credential.ReasonLink), nil},
	))
	chained := negatives("LINK", open, row{
		21, "the link is lost within the chain of HANDSHAKE-2", []string{"PST-PHN-020#8", "PST-PHN-004#19", "PST-PHN-022#1"}, loses(handshake2, false), cases.Fault(credential.ReasonLink), nil,
	})
	chained[0].Setup = func(t *cases.T) { t.App.Install(long(t)) }
	return append(append(all, chained...), cases.Case{
		ID: "APP-LINK-001", Revision: 1, Title: "the link is lost for a moment before anything was asked: one opening at the most, and the end is told",
		Requirements: []string{"PST-PHN-022#1", "PST-PHN-004#4", "PST-PHN-004#19"},
		Run: func(t *cases.T) {
			for _, ins := range []byte{selects, handshake1} {
				o := t.App.Open(func(d *cases.Door) {
					n := 0
					d.Lose = func(_ int, command []byte) bool {
						if command[1] == ins {
							n++
						}
						return command[1] == ins && n == 1
					}
				})
				t.Expect("the tap", o, opened[0], cases.Fault(credential.ReasonLink))
				t.Check(strings.Count(t.App.Door.Sent(), "HANDSHAKE-2") <= 1, "HANDSHAKE-2 goes out more than once: %s", t.App.Door.Sent())
			}
		},
	})
}

// long gives the app a grant that makes HANDSHAKE-2 a chain.
func long(t *cases.T) func(*shim.Install) {
	return func(i *shim.Install) {
		i.Grant = t.Made(t.World.Guest(func(c *credential.GrantClaims) {
			c.Scope = append(c.Scope, c.Scope[0], c.Scope[0], c.Scope[0])
		}))
	}
}

// pieces are the cases on answers that come in pieces.
func pieces() []cases.Case {
	after := func(ins byte, then func(d *cases.Door, ne int, left []byte) (int, apdu.Status)) func(*cases.T, *cases.Door) {
		return func(_ *cases.T, d *cases.Door) {
			d.Piece = func(ne int, left []byte) (int, apdu.Status) {
				if d.Steps[len(d.Steps)-1].Command.INS != ins {
					return whole1(left)
				}
				return then(d, ne, left)
			}
		}
	}
	broken := func(at int) func(d *cases.Door, ne int, left []byte) (int, apdu.Status) {
		n := 0
		return func(_ *cases.Door, _ int, left []byte) (int, apdu.Status) {
			if n++; n > at {
				return 0, apdu.StatusFailure
			}
			return min(5, len(left)), apdu.StatusMoreData | apdu.Status(max(1, min(255, len(left)-5)))
		}
	}
	return append(negatives("PIECE", open,
		row{10, "an error status answers GET RESPONSE for a sealed response", []string{"PST-PHN-020#9", "PST-APDU-030", "PST-PHN-021"},
			func(t *cases.T, d *cases.Door) { after(handshake2, broken(1))(t, d); d.Lax = true }, unconfirmed(credential.ReasonMalformed), []string{whole}},
		row{11, "there is more for ever, and no byte of it", []string{"PST-PHN-020#12", "PST-APDU-030"}, func(t *cases.T, d *cases.Door) {
			after(handshake2, func(*cases.Door, int, []byte) (int, apdu.Status) { return 0, apdu.StatusMoreData | 5 })(t, d)
			d.Lax = true
		}, unconfirmed(credential.ReasonMalformed), []string{whole}},
	), cases.Case{
		ID: "APP-PIECE-001", Revision: 1, Title: "all answers come in pieces of 60 bytes", Requirements: []string{"PST-APDU-030", "PST-PHN-004#9"},
		Run: func(t *cases.T) {
			o := t.App.Open(func(d *cases.Door) {
				d.Piece = func(ne int, left []byte) (int, apdu.Status) {
					n := min(ne, 60, len(left))
					if rest := len(left) - n; rest > 0 {
						return n, apdu.StatusMoreData | apdu.Status(rest&0xFF*b2i(rest < 256))
					}
					return n, apdu.StatusOK
				}
			})
			t.Expect("the tap", o, opened...)
			t.App.Sends(whole)
		},
	}, cases.Case{
		ID: "APP-PIECE-002", Revision: 1, Title: "HANDSHAKE-2 goes in as many links as it needs", Requirements: []string{"PST-APDU-030", "PST-APDU-006", "PST-EDH-034"},
		Setup: func(t *cases.T) { t.App.Install(long(t)) },
		Run: func(t *cases.T) {
			t.Expect("the tap", t.App.Open(nil), opened...)
			t.Check(t.App.Door.Commands >= 4, "HANDSHAKE-2 with a grant of four entries goes in one command")
		},
	})
}

// whole1 gives an answer as a lock does that has short length fields.
func whole1(left []byte) (int, apdu.Status) {
	n := min(256, len(left))
	if rest := len(left) - n; rest > 0 {
		return n, apdu.StatusMoreData | apdu.Status(rest&0xFF)
	}
	return n, apdu.StatusOK
}

// b2i is 1 for true.
func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
