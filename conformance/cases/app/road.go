package app

import (
	"fmt"
	"slices"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/lock/locktest"
)

// onTheRoad alters the answer to commands with the instruction behind the lock,
// which knows nothing of it.  What the phone sends then does not fit the lock's
// keys, and is no fault of the phone's.
func onTheRoad(ins byte, alter func([]byte) []byte) func(*cases.T, *cases.Door) {
	return func(_ *cases.T, d *cases.Door) {
		d.Lax = true
		d.Answer = func(c apdu.Command, r *apdu.Response) {
			if c.INS == ins && r.SW == apdu.StatusOK {
				r.Data = alter(slices.Clone(r.Data))
			}
		}
	}
}

// roads are the cases on somebody between lock and phone, and on one who heard
// them before.
func roads() []cases.Case {
	// selected alters an element of the answer to SELECT.
	selected := func(i int, to func([]byte) []byte) func([]byte) []byte {
		return func(b []byte) []byte {
			return wrapped(0x85, array(func(items [][]byte) [][]byte {
				items[i] = to(items[i])
				return items
			})(slices.Clone(b[4:])))
		}
	}
	refused := cases.Fault(credential.ReasonStatusWord)
	road := func(number int, what string, alter func([]byte) []byte) row {
		return row{number, "on the way " + what, []string{"PST-CHAN-001", "PST-PHN-021"}, onTheRoad(selects, alter), refused, []string{whole}}
	}
	all := negatives("ROAD", open,
		road(10, "resumption is taken out of the capabilities", selected(1, credentialtest.Replace(credentialtest.Uint(locktest.CapabilitySuite2|locktest.CapabilityLiveTime)))),
		road(11, "all capabilities are taken out", selected(1, credentialtest.Replace(credentialtest.Uint(0)))),
		road(12, "a capability is put in that nobody knows", selected(1, credentialtest.Replace(credentialtest.Uint(1<<31)))),
		road(13, "the version is raised", selected(0, credentialtest.Replace(credentialtest.Uint(9)))),
		road(14, "a bit of the nonce is altered", selected(3, credentialtest.Flip(-1))),
		row{15, "on the way the lock id is altered", []string{"PST-PHN-010#4"}, onTheRoad(selects, selected(2, credentialtest.Flip(-1))), cases.Fault(credential.ReasonLockIdentity), []string{greeted}},
		row{16, "message_2 answers SELECT", []string{"PST-PHN-007#1"}, onTheRoad(selects, credentialtest.Replace(credentialtest.Bytes(make([]byte, 200)))), cases.Fault(credential.ReasonMalformed), []string{onlySelect}},
		row{17, "the answer to SELECT comes again for HANDSHAKE-1", []string{"PST-PHN-010#1", "PST-EDH-023"}, again(handshake1), cases.Fault(credential.ReasonPossession), []string{greeted}},
		row{18, "the answer to SELECT comes again for HANDSHAKE-2", []string{"PST-CHAN-004", "PST-PHN-021"}, again(handshake2), unconfirmed(credential.ReasonChannel), []string{whole}},
		row{19, "the data of message_3 come back as its answer", []string{"PST-CHAN-004", "PST-PHN-021"}, func(_ *cases.T, d *cases.Door) {
			d.Answer = func(c apdu.Command, r *apdu.Response) {
				if c.INS == handshake2 {
					r.Data = c.Data
				}
			}
		}, unconfirmed(credential.ReasonChannel), []string{whole}},
	)
	heard := negatives("ROAD", open,
		row{30, "message_2 of the tap before comes again", []string{"PST-PHN-010#6", "PST-EDH-006"}, before(locktest.Message2), cases.Fault(credential.ReasonPossession), []string{greeted}},
		row{31, "the ephemeral key of the tap before comes again, with its ciphertext", []string{"PST-PHN-010#1"}, before(locktest.GY), cases.Fault(credential.ReasonPossession), []string{greeted}},
		row{32, "the signature of the tap before comes again", []string{"PST-PHN-010#6", "PST-CHAN-001"}, before(locktest.Signature2), cases.Fault(credential.ReasonPossession), []string{greeted}},
		row{33, "the sealed response of the tap before comes again", []string{"PST-CHAN-004", "PST-PHN-021"}, before(locktest.Sealed), unconfirmed(credential.ReasonChannel), []string{whole}},
		row{34, "the channel keys of the tap before are used again", []string{"PST-CHAN-001", "PST-PHN-021"}, func(t *cases.T, d *cases.Door) {
			before(locktest.ChannelKeys)(t, d)
			d.Lax = true
		}, refused, []string{whole}},
	)
	for i := range heard {
		act := heard[i].Act
		heard[i].Act = func(t *cases.T, faulty bool) cases.Outcome {
			t.Expect("the tap before", t.App.Open(nil), opened...)
			return act(t, faulty)
		}
	}
	return append(all, heard...)
}

// again has the answer to SELECT come once more in the place of another one.
func again(ins byte) func(*cases.T, *cases.Door) {
	return func(_ *cases.T, d *cases.Door) {
		d.Answer = func(c apdu.Command, r *apdu.Response) {
			if c.INS == ins {
				r.Data = d.Values()[locktest.Selection]
			}
		}
	}
}

// before puts a value of the tap before into the place of this one's.
func before(v locktest.Value) func(*cases.T, *cases.Door) {
	return func(t *cases.T, d *cases.Door) {
		old := t.App.Door.Values()[v]
		if old == nil {
			t.Brokenf("the tap before had no %s", fmt.Sprint(v))
		}
		d.Alter[v] = credentialtest.Replace(old)
	}
}
