package lock

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	ct "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// exchange are the cases of sections 6.1 to 6.5, 6.9 and 7.4.
func exchange() []cases.Case {
	return slices.Concat(goodExchanges(), freshKeys(), shares(), suiteLists(), message1s(), message1Orders(), messagesBetween())
}

// goodExchanges are whole taps, in each suite and by each form of the certificate.
func goodExchanges() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		suite int
		kid   bool
	}{{0, false}, {0, true}, {2, false}, {2, true}} {
		form := "by value"
		if c.kid {
			form = "by key id"
		}
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-EDH-%03d", 1+i), Revision: 1, Title: fmt.Sprintf("a whole tap in suite %d, the lock's certificate %s", c.suite, form),
			Requirements: []string{
				"PST-EDH-001", "PST-EDH-004", "PST-EDH-008", "PST-EDH-011", "PST-EDH-019", "PST-EDH-021", "PST-CHAN-001", "PST-CHAN-003", "PST-CHAN-004", "PST-ENC-001", "PST-ROLE-002",
				"PST-REQ-004#1", "PST-REQ-004#3", "PST-REQ-004#5", "PST-DEC-001#8", "PST-DEC-001#17", "PST-DEC-008", "PST-OBJ-010", "PST-OBJ-013",
			},
			When: suiteOf[c.suite], Needs: keys, Setup: cases.Owned,
			Run: func(t *cases.T) {
				p := neighbour(t, c.suite)
				if c.kid {
					p.Certificate = certificate(t, c.suite)
				}
				t.Expect("the guest's tap", t.Tap(p, opens), cases.Opened...)
				if id := p.Values()["PLAINTEXT_2 hashed"]; len(id) > 0 && id[0] != 0 {
					t.Warnf("C_R is %x, where 00 is recommended", id[0])
				}
				t.Expect("a further request", t.Ask(p, status), done)
				t.Expect("another one", t.Ask(p, status), done)
			},
		})
	}
	return all
}

// freshKeys are cases of the ephemeral key.
func freshKeys() []cases.Case {
	var all []cases.Case
	for i, suite := range []int{0, 2} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-EDH-%03d", 10+i), Revision: 1, Title: fmt.Sprintf("the same message_1 again and again in suite %d is met by another key each time", suite),
			Requirements: []string{"PST-EDH-006"}, When: suiteOf[suite], Needs: keys,
			Run: func(t *cases.T) {
				seen := map[string]bool{}
				for i := range 16 {
					p := neighbour(t, suite)
					p.Rand = t.Rand("the same key each time")
					t.Expect("HANDSHAKE-1", t.Shake(p), cases.OK)
					gY := string(p.Values()[holdertest.GY])
					t.Check(!seen[gY], "G_Y %x came twice", gY)
					seen[gY] = true
					if i%4 == 3 {
						t.Lock.Cycle()
					}
				}
			},
		}, cases.Case{
			ID: fmt.Sprintf("LOCK-EDH-%03d", 12+i), Revision: 1, Title: fmt.Sprintf("a whole tap in suite %d is played again", suite), Fault: "HANDSHAKE-1 and HANDSHAKE-2 are those of the tap before, byte by byte",
			Requirements: []string{"PST-EDH-006", "PST-CHAN-001", "PST-DEC-007#2", "PST-DEC-008"}, When: suiteOf[suite], Needs: keys, Setup: cases.Owned,
			Passes: cases.Opened, Allowed: denied, Changes: []string{cases.SeesBolt, cases.SeesLog, cases.SeesMemory, ownerSees},
			Act: func(t *cases.T, faulty bool) cases.Outcome { return played(t, suite, faulty) },
		})
	}
	return all
}

// ownerSees is what Owned has the owner look at where there are no hooks.
const ownerSees = "state that the owner is told"

// played is a tap, and with the fault the same commands again in a field of their
// own.
func played(t *cases.T, suite int, faulty bool) cases.Outcome {
	p := neighbour(t, suite)
	var sent [][]byte
	p.APDUs = func(all [][]byte) [][]byte { sent = append(sent, all...); return all }
	o := t.Tap(p, opens)
	if !faulty {
		return o
	}
	t.Expect("the tap that is recorded", o, cases.Opened...)
	moves := func() string {
		if !t.Lock.Has(shim.VerbBolt) {
			return ""
		}
		return fmt.Sprint(t.Lock.Bolt())
	}
	before := moves()
	t.Lock.Cycle()
	tap{t}.selects()
	var last cases.Response
	for _, b := range sent {
		last = t.Lock.Send("again", b)
		for last.SW.More() > 0 {
			last = tap{t}.sends("", 0x00, fetch, 0, 0, 0)
		}
	}
	t.Check(moves() == before, "the recorded tap moved the bolt")
	return last.Outcome()
}

// shares are values of G_X that no key has.
func shares() []cases.Case {
	make0 := func(what string, gX []byte, rows ...string) spoilt {
		return altered(what, holdertest.GX, ct.Replace(gX), rows...)
	}
	var low, off []spoilt
	for _, x := range holdertest.LowOrder() {
		low = append(low, make0(fmt.Sprintf("G_X is %x, of small order", x), x, "PST-EDH-008#1", "PST-DEC-005#6"))
	}
	for _, x := range holdertest.OffCurve() {
		off = append(off, make0(fmt.Sprintf("G_X is %x, of no point", x), x, "PST-EDH-008#2", "PST-DEC-005#5"))
	}
	off = append(off, make0("G_X has 33 bytes, a compressed point", append([]byte{2}, make([]byte, 32)...), "PST-DEC-005#5"),
		make0("G_X has 65 bytes, an uncompressed point", append([]byte{4}, make([]byte, 64)...), "PST-DEC-005#5"))
	return slices.Concat(beginnings(20, 0, low), beginnings(30, 2, off))
}

// beginnings make a case of each fault of message_1: the lock answers 6982 and
// forgets the transaction.
func beginnings(first, suite int, faults []spoilt) []cases.Case {
	var all []cases.Case
	for i, f := range faults {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-EDH-%03d", first+i), Revision: 1, Title: fmt.Sprintf("suite %d: %s", suite, f.what), Fault: f.what,
			Requirements: unique(append(f.rows, "PST-DEC-001#10", "PST-APDU-034#2")), When: suiteOf[suite], Needs: keys,
			Passes: []cases.Outcome{cases.OK}, Allowed: denied,
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p := t.Phone("owner", nil)
				p.Suites = []int{suite}
				if faulty {
					f.spoil(t, p)
				}
				return ends(t, t.Shake(p))
			},
		})
	}
	return all
}

// suiteLists are lists of suites, for a lock with both and for one with suite 0.
func suiteLists() []cases.Case {
	var all []cases.Case
	id := 50
	for _, two := range []bool{true, false} {
		when := suiteOf[2]
		good, bad := [][]int{{0}, {2}, {9, 0}, {9, 2}, {-1, 0}, {9, -24, 24, 65535, 2}}, [][]int{{0, 2}, {2, 0}, {9}, {0, 9}, {2, 9}, {9, 0, 2}, {1, 3}, {-65536}, {65535}}
		if !two {
			when = "not capability(suite-2)"
			good, bad = [][]int{{0}, {2, 0}, {9, 2, 0}, {-1, 0}}, [][]int{{2}, {0, 2}, {2, 9}, {0, 9}, {9, 0, 2}, {-65536}}
		}
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-EDH-%03d", id), Revision: 1, Title: "lists of suites of which the last is the first that the lock has", When: when, Needs: keys,
			Requirements: []string{"PST-EDH-001", "PST-EDH-028", "PST-DEC-005#3", "PST-DEC-005#4", "PST-DEC-001#8"},
			Run: func(t *cases.T) {
				for _, suites := range append(good, many(32, 0)) {
					p := t.Phone("owner", nil)
					p.Suites = suites
					t.Expect(fmt.Sprintf("SUITES_I %v", suites), t.Shake(p), cases.OK)
				}
			},
		})
		for i, suites := range bad {
			all = append(all, cases.Case{
				ID: fmt.Sprintf("LOCK-EDH-%03d", id+1+i), Revision: 1, Title: fmt.Sprintf("SUITES_I is %v", suites), Fault: "the selected suite is not the first that the lock has", When: when, Needs: keys,
				Requirements: []string{"PST-EDH-028", "PST-DEC-005#4", "PST-DEC-001#9", "PST-EDH-001", "PST-ROLE-002", "PST-ENC-001"},
				Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.OtherSuite},
				Act: func(t *cases.T, faulty bool) cases.Outcome {
					p := t.Phone("owner", nil)
					p.Suites = []int{0}
					if faulty {
						p.Suites = suites
					}
					o := t.Shake(p)
					if faulty {
						tap{t}.ended()
					}
					return o
				},
			})
		}
		id += 20
	}
	return all
}

// many is a list of n suites that nobody has, but for the last.
func many(n, last int) (suites []int) {
	for i := range n - 1 {
		suites = append(suites, 100+i)
	}
	return append(suites, last)
}

// message1s are faults of message_1 that need no keys.
func message1s() []cases.Case {
	const step1, step2, step3, step5 = "PST-DEC-005#1", "PST-DEC-005#2", "PST-DEC-005#3", "PST-DEC-005#5"
	m1 := holdertest.Message1
	item := func(at int, value []byte) func([]byte) []byte { return ct.SetItem(at, value) }
	suites := func(n []int) []byte {
		var items [][]byte
		for _, s := range n {
			items = append(items, ct.Int(int64(s)))
		}
		return ct.Array(items...)
	}
	return beginnings(100, 0, []spoilt{
		altered("METHOD is 2", m1, item(0, ct.Uint(2)), step2),
		altered("METHOD is -1", m1, item(0, ct.Int(-1)), step2),
		altered("METHOD is 256", m1, item(0, ct.Uint(256)), step2),
		altered("METHOD is 2^32", m1, item(0, ct.Uint(1<<32)), step2),
		altered("METHOD is false", m1, item(0, ct.Head(ct.MajorOther, 20)), step1),
		altered("METHOD is null", m1, item(0, null), step1, "PST-ENC-008", "PST-EDH-004"),
		altered("METHOD is not in its shortest form", m1, item(0, ct.LongHead(ct.MajorUint, 0, 1)), step1, "PST-ENC-002#2", "PST-EDH-004"),
		altered("SUITES_I is a byte string", m1, item(1, ct.Bytes([]byte{0})), step1),
		altered("SUITES_I has 33 suites", m1, item(1, suites(many(33, 0))), step3, "PST-ENC-010#2"),
		altered("a suite is 65536", m1, item(1, suites([]int{65536, 0})), step3),
		altered("a suite is -65537", m1, item(1, suites([]int{-65537, 0})), step3),
		altered("the only suite is 65536", m1, item(1, ct.Uint(65536)), step3),
		altered("a suite is a byte string", m1, item(1, ct.Array(ct.Bytes(nil), ct.Uint(0))), step3),
		altered("the selected suite stands in the list twice", m1, item(1, suites([]int{0, 9, 0})), step3),
		altered("SUITES_I has an indefinite length", m1, item(1, []byte{0x9F, 0x09, 0x00, 0xFF}), step1, "PST-ENC-002#1", "PST-EDH-004"),
		altered("SUITES_I nests arrays", m1, item(1, ct.Array(ct.Array(ct.Uint(9)), ct.Uint(0))), step3),
		altered("G_X is a text string", m1, ct.OfItems(func(i [][]byte) [][]byte { i[2][0] += 0x20; return i }), step1, "PST-ENC-008", "PST-EDH-004"),
		altered("G_X is an integer", m1, item(2, ct.Uint(7)), step1),
		altered("G_X is empty", m1, item(2, ct.Bytes(nil)), step5),
		altered("G_X's head is not in its shortest form", m1, ct.OfItems(func(i [][]byte) [][]byte { i[2] = widened(i[2]); return i }), step1, "PST-ENC-002#2", "PST-EDH-004"),
		altered("C_I is an array", m1, item(3, ct.Array()), step1),
		altered("C_I is 24", m1, item(3, ct.Uint(24)), step1),
		altered("C_I is -25", m1, item(3, ct.Int(-25)), step1),
		altered("C_I is an empty byte string", m1, item(3, ct.Bytes(nil)), step5),
		altered("EAD_1 is padding", m1, ct.Extend(0x00), step1, "PST-EDH-004"),
		altered("EAD_1 is a critical item", m1, ct.Extend(0x20), step1, "PST-EDH-004"),
		altered("EAD_1 is an item with a value", m1, ct.Extend(0x01, 0x41, 0x00), step1, "PST-EDH-004"),
		altered("a connection identifier stands before message_1", m1, func(b []byte) []byte { return append([]byte{0xF5}, b...) }, step1),
		altered("message_1 is an array", m1, ct.OfItems(func(i [][]byte) [][]byte { return [][]byte{ct.Array(i...)} }), step1),
		altered("message_1 stands in a byte string", m1, ct.Bytes, step1),
		altered("message_1 lacks its last byte", m1, ct.Cut(1), step1, "PST-ENC-002#5"),
	})
}

// message1Orders have two faults: the answer shows which the lock found first.
func message1Orders() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		what          string
		alter         func([]byte) []byte
		twin, allowed cases.Outcome
		rows          []string
	}{
		{"METHOD is 1, and the suite is one that the lock has not", ct.OfItems(func(i [][]byte) [][]byte { i[0] = ct.Uint(1); return i }), cases.OtherSuite, cases.Denied, []string{"PST-DEC-005#2"}},
		{"C_I is cut off, and the suite is one that the lock has not", ct.Cut(1), cases.OtherSuite, cases.Denied, []string{"PST-DEC-005#1"}},
		{"EAD_1 is there, and the suite is one that the lock has not", ct.Extend(0), cases.OtherSuite, cases.Denied, []string{"PST-DEC-005#1", "PST-EDH-004"}},
		{"a suite is 65536, and the selected one is one that the lock has not", ct.SetItem(1, ct.Array(ct.Uint(65536), ct.Uint(9))), cases.OtherSuite, cases.Denied, []string{"PST-DEC-005#3"}},
	} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-EDH-%03d", 140+i), Revision: 1, Title: c.what, Fault: c.what, Needs: keys,
			Requirements: append(c.rows, "PST-EDH-028", "PST-DEC-001#10"), Passes: []cases.Outcome{c.twin}, Allowed: []cases.Outcome{c.allowed},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p := t.Phone("owner", nil)
				p.Suites = []int{9}
				if faulty {
					p.Alter = holdertest.Alter{holdertest.Message1: c.alter}
				}
				return t.Shake(p)
			},
		})
	}
	for i, c := range []struct {
		what  string
		alter func([]byte) []byte
	}{
		{"G_X has 31 bytes", ct.SetItem(2, ct.Bytes(make([]byte, 31)))}, {"G_X is of small order", ct.SetItem(2, ct.Bytes(make([]byte, 32)))}, {"C_I is a byte string", ct.SetItem(3, ct.Bytes([]byte{1, 2}))},
		{"C_I is a byte string that stands for an integer", ct.SetItem(3, ct.Bytes([]byte{1}))},
	} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-EDH-%03d", 150+i), Revision: 1, Title: "the suite is one that the lock has not, and " + c.what, Fault: "the selected suite is not one of the lock's; with and without it, " + c.what, Needs: keys,
			Requirements: []string{"PST-DEC-005#4", "PST-DEC-005#5", "PST-EDH-028", "PST-DEC-001#9"}, Passes: denied, Allowed: []cases.Outcome{cases.OtherSuite},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p := t.Phone("owner", nil)
				p.Alter = holdertest.Alter{holdertest.Message1: c.alter}
				if faulty {
					p.Suites = []int{9}
				}
				return t.Shake(p)
			},
		})
	}
	return all
}

// Another is what a phone makes of an answer that is none to its message_1.
const another cases.Outcome = "message_2 does not verify"

// messagesBetween have somebody in the middle change message_1, or ask for another
// form of the certificate: the lock's proof must not be good for the phone.
func messagesBetween() []cases.Case {
	var all []cases.Case
	for i, suite := range []int{0, 2} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-EDH-%03d", 160+i), Revision: 1, Title: fmt.Sprintf("suite %d: somebody in the middle changes C_I of message_1", suite), Fault: "the lock is sent another C_I than the phone composed",
			Requirements: []string{"PST-EDH-021", "PST-CHAN-001"}, When: suiteOf[suite], Needs: keys, Passes: []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{another},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p := t.Phone("owner", nil)
				p.Suites = []int{suite}
				_, err := p.Select(t.Context())
				t.OK(err)
				if faulty {
					p.Alter = holdertest.Alter{holdertest.Data: func(b []byte) []byte { return append(bytes.Clone(b[:len(b)-1]), 0x05) }}
				}
				proof, err := p.Handshake1(t.Context())
				t.OK(err)
				switch {
				case proof.Lost != nil:
					return cases.Silence
				case proof.Refused():
					return cases.SW(proof.SW)
				case len(proof.Faults) > 0:
					return another
				}
				return cases.OK
			},
		}, cases.Case{
			ID: fmt.Sprintf("LOCK-EDH-%03d", 164+i), Revision: 1, Title: fmt.Sprintf("suite %d: the certificate is asked for in a form that is none", suite), Fault: "P1 is 02",
			Requirements: []string{"PST-EDH-011", "PST-APDU-033#7"}, When: suiteOf[suite], Needs: keys, Passes: []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.WrongP1P2},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p := t.Phone("owner", nil)
				p.Suites = []int{suite}
				if faulty {
					p.Command = formTwo
				}
				return t.Shake(p)
			},
		})
	}
	return all
}

// formTwo asks for the certificate in a form that is none.
func formTwo(c *apdu.Command) {
	if c.INS == handshake1 {
		c.P1 = 2
	}
}
