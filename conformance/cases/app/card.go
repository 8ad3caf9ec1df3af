package app

import (
	"crypto/sha256"
	"slices"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/lock/locktest"
)

// asCard are the verbs of a case of binding R.
var asCard = []shim.Verb{shim.VerbPresent, shim.VerbCommand, shim.VerbLeave}

// The commands of binding R.
var (
	selectsL = []byte("\x00\xA4\x04\x00\x09\xF0POSTERN\x01\x00")
	selectsR = apdu.Command{INS: selects, P1: 4, Data: []byte("\xF0POSTERN\x81"), Ne: 256}
	turns    = apdu.Command{CLA: 0x80, INS: 0x18, P1: 0x90, Ne: 256}
)

// cards are the cases of chapter 21, for apps that a lock can read.
func cards() []cases.Case {
	all := slices.Concat(readings(), wrongReaders(), wrongLocks(), lostReaders())
	for i := range all {
		all[i].Needs = asCard
	}
	return all
}

// readings are readings as they should be.
func readings() []cases.Case {
	return []cases.Case{{
		ID: id("CARD", 1), Revision: 1, Title: "a lock reads the phone, and is opened by what a phone says by binding L, in a channel of binding R",
		Requirements: []string{"PST-RDR-003", "PST-RDR-003#1", "PST-RDR-003#2", "PST-RDR-013"},
		Run: func(t *cases.T) {
			t.Expect("what the user is told", t.App.Present(nil), opened...)
			t.App.Sends(whole)
		},
	}, {
		ID: id("CARD", 2), Revision: 1, Title: "the tap is over: the phone answers a further TURN with no data",
		Requirements: []string{"PST-RDR-003#2"},
		Run: func(t *cases.T) {
			t.Expect("what the user is told", t.App.Present(func(r *cases.Reader) {
				r.Read()
				answer := r.Send(turns)
				t.Expect("the answer to one TURN more", answer.Outcome(), cases.OK)
				t.Check(len(answer.Data) == 0, "the answer to one TURN more has %d bytes, where none are right", len(answer.Data))
			}), opened...)
		},
	}, {
		ID: id("CARD", 3), Revision: 1, Title: "the lock refuses by binding R, and the user is told as by binding L",
		Requirements: []string{"PST-RDR-003#1"},
		Run: func(t *cases.T) {
			t.Expect("what the user is told", t.App.Present(func(r *cases.Reader) {
				r.Says(locktest.Response{Outcome: credential.OutcomeRefused, Reason: credential.ReasonHours})
				r.Read()
			}), cases.Refused(credential.ReasonHours))
		},
	}, {
		ID: id("CARD", 4), Revision: 1, Title: "the lock asks to wait, and the phone asks again",
		Requirements: []string{"PST-RDR-003#1", "PST-RDR-003#2"},
		Run: func(t *cases.T) {
			asked := 0
			t.Expect("what the user is told", t.App.Present(func(r *cases.Reader) {
				r.Respond = func(locktest.Request) locktest.Response {
					if asked++; asked < 3 {
						return locktest.Response{Outcome: credential.OutcomePending}
					}
					return locktest.Response{Outcome: credential.OutcomeOpened}
				}
				r.Read()
			}), opened...)
			t.App.Sends(further + " REQUEST")
		},
	}, {
		ID: id("CARD", 5), Revision: 1, Title: "a lock that has forgotten its slot: the phone begins again with A4 04 and the AID of binding L",
		Requirements: []string{"PST-RDR-003#1", "PST-RDR-003#3"},
		Run: func(t *cases.T) {
			t.Expect("the first tap", t.App.Present(func(r *cases.Reader) {
				r.Says(locktest.Response{Outcome: credential.OutcomeOpened, Slot: 8})
				r.Read()
			}), opened...)
			t.Expect("the second tap", t.App.Present(func(r *cases.Reader) {
				r.Status(resume, apdu.StatusRefused)
				r.Read()
			}), opened...)
			t.App.Sends(fellBack, whole)
		},
	}}
}

// carding is a negative case of which the lock is told what to do with the fault.
func carding(number int, what string, shows []string, want cases.Outcome, bad func(t *cases.T) cases.Outcome) cases.Case {
	return cases.Case{
		ID: id("CARD", number), Revision: 1, Title: what, Fault: what, Requirements: shows, Passes: opened, Allowed: []cases.Outcome{want},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			if !faulty {
				return t.App.Present(nil)
			}
			return bad(t)
		},
	}
}

// answersTo returns what the phone answers to the last of the commands of a lock that
// reads it.
func answersTo(commands ...apdu.Command) func(*cases.T) cases.Outcome {
	return func(t *cases.T) (last cases.Outcome) {
		t.App.Present(func(r *cases.Reader) {
			for _, c := range commands {
				last = r.Send(c).Outcome()
			}
		})
		return last
	}
}

// named is SELECT by another name.
func named(aid string) apdu.Command {
	c := selectsR
	c.Data = []byte(aid)
	return c
}

// wrongReaders send commands that are none of binding R, or out of order.
func wrongReaders() []cases.Case {
	otherP1, otherP2 := selectsR, selectsR
	otherP1.P1, otherP2.P2 = 0, 0x0C
	refused := func(number int, what string, row string, sw apdu.Status, commands ...apdu.Command) cases.Case {
		return carding(number, what, []string{"PST-RDR-003", row}, cases.SW(sw), answersTo(commands...))
	}
	return []cases.Case{
		refused(10, "TURN comes before SELECT", "PST-RDR-003#4", apdu.StatusOutOfOrder, turns),
		refused(11, "TURN comes after a SELECT of binding L", "PST-RDR-003#4", apdu.StatusOutOfOrder, named("\xF0POSTERN\x01"), turns),
		refused(12, "TURN comes after a SELECT that another one has made void", "PST-RDR-003#4", apdu.StatusOutOfOrder, selectsR, named("\xA0\x00\x00\x00\x03"), turns),
		refused(13, "SELECT is not by name", "PST-RDR-003#6", apdu.StatusWrongP1P2, otherP1),
		refused(14, "SELECT wants no answer", "PST-RDR-003#6", apdu.StatusWrongP1P2, otherP2),
		refused(15, "SELECT names the application of binding L", "PST-RDR-003#6", apdu.StatusNotFound, named("\xF0POSTERN\x01")),
		refused(16, "SELECT names another application", "PST-RDR-003#6", apdu.StatusNotFound, named("\xA0\x00\x00\x00\x03\x10\x10")),
		refused(17, "SELECT names only the beginning of the AID", "PST-RDR-003#6", apdu.StatusNotFound, named("\xF0POSTERN")),
		carding(18, "the person has chosen no lock", []string{"PST-RDR-014"}, cases.SW(apdu.StatusRefused), func(t *cases.T) (last cases.Outcome) {
			t.App.PresentFor(shim.Present{Operation: int(credential.OperationOpen)}, func(r *cases.Reader) { last = r.Send(selectsR).Outcome() })
			return last
		}),
	}
}

// wrongLocks are locks that are not what they say.
func wrongLocks() []cases.Case {
	wrong := func(number int, what string, shows []string, want cases.Outcome, fault func(*cases.Reader)) cases.Case {
		return carding(number, what, shows, want, func(t *cases.T) cases.Outcome {
			return t.App.Present(func(r *cases.Reader) {
				fault(r)
				r.Read()
			})
		})
	}
	bindingL := func(r *cases.Reader) {
		r.Lax = true // what the phone seals does not open with these keys
		r.Alter[locktest.SelectHash] = func([]byte) []byte {
			h := sha256.New()
			h.Write(selectsL)
			h.Write(r.Values()[locktest.Selection])
			h.Write([]byte{0x90, 0x00})
			return h.Sum(nil)
		}
	}
	return []cases.Case{
		wrong(20, "the lock derives its keys by the AID of binding L", []string{"PST-RDR-013"}, cases.Fault(credential.ReasonStatusWord), bindingL),
		wrong(21, "the lock derives its keys by another answer to SELECT", []string{"PST-RDR-013"}, cases.Fault(credential.ReasonStatusWord),
			func(r *cases.Reader) {
				r.Lax = true
				r.Alter[locktest.SelectHash] = credentialtest.Flip(3)
			}),
		wrong(22, "the lock cannot sign with the key of its certificate", []string{"PST-RDR-003", "PST-RDR-003#1"}, cases.Fault(credential.ReasonPossession),
			func(r *cases.Reader) { r.Alter[locktest.Signature2] = credentialtest.Flip(7) }),
		wrong(23, "TURN hands over 6982 in place of message_2", []string{"PST-RDR-003", "PST-RDR-003#1"}, cases.Fault(credential.ReasonStatusWord),
			func(r *cases.Reader) { r.Status(handshake1, apdu.StatusRefused) }),
		wrong(24, "TURN hands over 6F00 in place of the response", []string{"PST-RDR-003", "PST-RDR-003#1"}, cases.Fault(credential.ReasonStatusWord),
			func(r *cases.Reader) { r.Status(handshake2, apdu.StatusFailure) }),
		wrong(25, "TURN hands over a response that does not open", []string{"PST-RDR-003", "PST-RDR-003#1"}, unconfirmed(credential.ReasonChannel),
			func(r *cases.Reader) { r.Alter[locktest.Sealed] = credentialtest.Flip(2) }),
		wrong(26, "the lock that reads the phone is not the one that was chosen", []string{"PST-RDR-003", "PST-RDR-003#1"}, cases.Fault(credential.ReasonLockIdentity),
			func(r *cases.Reader) { r.ID[0] ^= 1 }),
	}
}

// lostReaders go away, or begin anew, in the middle of a tap.
func lostReaders() []cases.Case {
	goes := func(number int, what string, at int, want cases.Outcome) cases.Case {
		return carding(number, what, []string{"PST-RDR-003", "PST-RDR-003#7"}, want, func(t *cases.T) cases.Outcome {
			return t.App.Present(func(r *cases.Reader) {
				r.Gone = func(n int, _ []byte) bool { return n >= at }
				r.Read()
			})
		})
	}
	return []cases.Case{
		goes(30, "the field goes when message_1 was fetched", 3, cases.Fault(credential.ReasonLink)),
		goes(31, "the field goes when message_3 was fetched", 4, unconfirmed(credential.ReasonLink)),
		carding(32, "another SELECT cuts the tap off when message_1 was fetched", []string{"PST-RDR-003", "PST-RDR-003#7"}, cases.Fault(credential.ReasonLink),
			func(t *cases.T) cases.Outcome {
				return t.App.Present(func(r *cases.Reader) {
					r.Gone = func(n int, _ []byte) bool { return n == 3 }
					r.Read()
					r.Send(named("\xA0\x00\x00\x00\x03\x10\x10"))
				})
			}),
	}
}
