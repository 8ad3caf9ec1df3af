package app

import (
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/lock/locktest"
)

// private returns the bytes of a private key.
var private = world.Private

// inside alters the CBOR within the answer to SELECT.
func inside(alter func([]byte) []byte) func(*cases.T, *cases.Door) {
	return alters(locktest.Selection, func(b []byte) []byte { return wrapped(0x85, alter(slices.Clone(b[4:]))) })
}

// wrapped puts contents of fewer than 126 bytes into the template.
func wrapped(tag byte, b []byte) []byte {
	element := append([]byte{tag, byte(len(b))}, b...)
	return append([]byte{0x6F, byte(len(element))}, element...)
}

// element alters one of the four elements.
func element(i int, to []byte) func(*cases.T, *cases.Door) {
	return inside(array(func(items [][]byte) [][]byte {
		items[i] = to
		return items
	}))
}

// selection are the cases of section 8.3.
func selection() []cases.Case {
	malformed := cases.Fault(credential.ReasonMalformed)
	bad := func(number int, what string, alter func([]byte) []byte, shows ...string) row {
		return row{number, what, append([]string{"PST-PHN-007#1", "PST-PHN-004#5", "PST-PHN-020#4"}, shows...), alters(locktest.Selection, alter), malformed, []string{onlySelect}}
	}
	within := func(number int, what string, fault func(*cases.T, *cases.Door), shows ...string) row {
		return row{number, what, append([]string{"PST-PHN-007#2", "PST-PHN-004#5"}, shows...), fault, malformed, []string{onlySelect}}
	}
	all := negatives("SELECT", open,
		bad(10, "the answer to SELECT is empty", credentialtest.Replace(nil)),
		bad(11, "the answer to SELECT has no template", func(b []byte) []byte { return b[4:] }),
		bad(12, "the template has another tag", func(b []byte) []byte { b[0] = 0x70; return b }),
		bad(13, "the element in the template has another tag", func(b []byte) []byte { return wrapped(0x84, b[4:]) }),
		bad(14, "the element stands in the template twice", func(b []byte) []byte {
			return append([]byte{0x6F, byte(2 * len(b[2:]))}, append(slices.Clone(b[2:]), b[2:]...)...)
		}),
		bad(15, "the template is longer than the answer", func(b []byte) []byte { b[1]++; return b }),
		bad(16, "a byte stands behind the template", credentialtest.Extend(0)),
		bad(17, "the last byte of the answer is missing", credentialtest.Cut(1), "PST-ENC-002#5"),
		within(20, "the element holds a map", inside(credentialtest.Replace([]byte{0xA0})), "PST-PHN-007#1"),
		within(21, "the version is a byte string", element(0, credentialtest.Bytes([]byte{1})), "PST-PHN-007#1"),
		within(22, "the version is negative", element(0, credentialtest.Int(-1)), "PST-PHN-007#1"),
		within(23, "the version is not in its shortest form", element(0, credentialtest.LongHead(credentialtest.MajorUint, 1, 1)), "PST-ENC-002#2"),
		within(24, "the array has an indefinite length", inside(func(b []byte) []byte { b[0] = 0x9F; return append(b, 0xFF) }), "PST-ENC-002#1"),
		within(25, "an item follows the array", inside(credentialtest.Extend(0)), "PST-ENC-002#6"),
		within(26, "the array has three elements", inside(array(func(i [][]byte) [][]byte { return i[:3] }))),
		within(27, "the array has five elements", inside(array(func(i [][]byte) [][]byte { return append(i, credentialtest.Uint(0)) }))),
		within(28, "the lock id has 7 bytes", element(2, credentialtest.Bytes(make([]byte, 7)))),
		within(29, "the lock id is a text string", element(2, credentialtest.Text("lock-id.")), "PST-ENC-008"),
		within(30, "the nonce has 15 bytes", element(3, credentialtest.Bytes(make([]byte, 15)))),
		within(31, "the nonce has 17 bytes", element(3, credentialtest.Bytes(make([]byte, 17)))),
		within(32, "the capabilities are a byte string", element(1, credentialtest.Bytes([]byte{1}))),
		within(33, "the capabilities are 2^32", element(1, credentialtest.Uint(1<<32)), "PST-PHN-008"),
		within(34, "the capabilities are null", element(1, []byte{0xF6}), "PST-ENC-008"),
		row{40, "the lock's version is 0", []string{"PST-PHN-007#3"}, element(0, credentialtest.Uint(0)), cases.Fault(credential.ReasonVersion), []string{onlySelect}},
	)
	chosen := func(t *cases.T, set func(*cases.Door)) cases.Outcome {
		return t.App.Tap(shim.Tap{Operation: 1, Lock: t.World.Lock[:]}, set)
	}
	all = append(all, negatives("SELECT", chosen, row{
		50, "another lock than the chosen one answers", []string{"PST-PHN-007#5"},
		func(_ *cases.T, d *cases.Door) { d.ID[7] ^= 1 }, cases.Fault(credential.ReasonLockIdentity), []string{onlySelect},
	})...)
	return append(all, versions()...)
}

// versions are those of the version, the capabilities and the commands.
func versions() []cases.Case {
	newer := func(t *cases.T, set func(*cases.Door)) cases.Outcome {
		return t.App.Open(func(d *cases.Door) {
			d.Version = 2
			if set != nil {
				set(d)
			}
		})
	}
	all := negatives("SELECT", newer, row{
		60, "the lock is older than it has proved to be", []string{"PST-PHN-007#4"},
		func(_ *cases.T, d *cases.Door) { d.Version = 1 }, cases.Fault(credential.ReasonDowngrade), []string{onlySelect},
	})
	all[0].Setup = func(t *cases.T) { t.Expect("the first tap", newer(t, nil), opened...) }
	p256 := negatives("SELECT", open, row{
		61, "the lock has no suite for the phone's key", []string{"PST-PHN-007#6", "PST-EDH-001", "PST-EDH-013"},
		func(_ *cases.T, d *cases.Door) { d.Capabilities &^= locktest.CapabilitySuite2 }, cases.Fault(credential.ReasonSuite), []string{onlySelect},
	})
	p256[0].Setup = suite2
	return append(append(all, p256...), cases.Case{
		ID: "APP-SELECT-001", Revision: 1, Title: "an opening by a full exchange, each command as the standard says",
		Requirements: []string{
			"PST-APDU-007", "PST-APDU-030", "PST-EDH-001", "PST-EDH-017", "PST-EDH-034", "PST-EDH-013", "PST-CHAN-001", "PST-REQ-001", "PST-ENC-001",
			"PST-PHN-004#1", "PST-PHN-004#3", "PST-PHN-004#9", "PST-PHN-004#18", "PST-PHN-007", "PST-PHN-010", "PST-PHN-020#1", "PST-PHN-021", "PST-REG-004", "PST-EDH-031",
			"PST-ENC-002", "PST-ENC-008", "PST-ENC-014", "PST-OBJ-001", "PST-OBJ-010", "PST-OBJ-013", "PST-OBJ-019", "PST-EDH-004", "PST-EDH-008", "PST-EDH-023",
			"PST-EDH-032", "PST-CHAN-004",
		},
		Run: func(t *cases.T) {
			t.Expect("the tap", t.App.Open(nil), opened...)
			t.App.Sends(whole)
			r := t.App.Door.Requests()[0]
			t.Check(r.Operation == credential.OperationOpen, "the operation is %v, where open was asked", r.Operation)
		},
	}, cases.Case{
		ID: "APP-SELECT-002", Revision: 1, Title: "capabilities that this version does not know, and a newer version",
		Requirements: []string{"PST-PHN-008"},
		Run: func(t *cases.T) {
			t.Expect("a lock of version 7 with all bits set", t.App.Open(func(d *cases.Door) {
				d.Version, d.Capabilities = 7, 1<<32-1
			}), opened...)
		},
	}, cases.Case{
		ID: "APP-SELECT-003", Revision: 1, Title: "a lock that announces nothing",
		Requirements: []string{"PST-APDU-006", "PST-PHN-008"},
		Run: func(t *cases.T) {
			t.Expect("a lock without capabilities", t.App.Open(func(d *cases.Door) { d.Capabilities = 0 }), opened...)
		},
	}, cases.Case{
		ID: "APP-SELECT-004", Revision: 1, Title: "two taps have other ephemeral keys and the connection identifier 0",
		Requirements: []string{"PST-EDH-006", "PST-EDH-019"},
		Run: func(t *cases.T) {
			t.Expect("the first tap", t.App.Open(nil), opened...)
			one := t.App.Door.Steps[1].Command.Data
			t.Expect("the second tap", t.App.Open(nil), opened...)
			two := t.App.Door.Steps[1].Command.Data
			t.Check(!slices.Equal(one, two), "message_1 is the same in two taps: %x", one)
			if one[len(one)-1] != 0 {
				t.Warnf("C_I is %02x, where 0 is recommended", one[len(one)-1])
			}
		},
	}, cases.Case{
		ID: "APP-SELECT-005", Revision: 1, Title: "an opening with a key on P-256", Setup: suite2,
		Requirements: []string{"PST-EDH-001", "PST-OBJ-023", "PST-EDH-013", "PST-EDH-017"},
		Run: func(t *cases.T) {
			t.Expect("the tap", t.App.Open(nil), opened...)
			t.App.Sends(whole)
		},
	})
}
