package app

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"slices"
	"strings"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/lock/locktest"
)

// slotted is the Setup of the cases on resumption: the lock keeps a slot for so
// many openings.
func slotted(openings int) func(*cases.T) {
	return func(t *cases.T) {
		t.App.Install(nil)
		o := t.App.Open(func(d *cases.Door) { d.Says(locktest.Response{Outcome: credential.OutcomeOpened, Slot: openings}) })
		t.Expect("the first tap", o, opened...)
		t.App.Sends(whole)
		t.Check(t.App.Door.Requests()[0].Resumable, "the phone asks for no slot, which it must to be tried with one")
	}
}

// resumptions are the cases on what a phone makes of faults after RESUME.
func resumptions() []cases.Case {
	again := func(t *cases.T, set func(*cases.Door)) cases.Outcome {
		slotted(8)(t)
		return t.App.Open(set)
	}
	says := func(b string) func(*cases.T, *cases.Door) {
		return alters(locktest.Plaintext, credentialtest.Replace([]byte(b)))
	}
	return negatives("RESUME", again,
		row{10, "the answer to RESUME is lost", []string{"PST-PHN-020#10", "PST-PHN-004#8", "PST-RES-013#1", "PST-PHN-022#8"}, loses(resume, true), unconfirmed(credential.ReasonLink), []string{resumed}},
		row{11, "the answer to RESUME does not open", []string{"PST-PHN-020#11", "PST-PHN-004#8", "PST-CHAN-004"}, alters(locktest.Sealed, credentialtest.Flip(2)), unconfirmed(credential.ReasonChannel), []string{resumed}},
		row{12, "the answer to RESUME opens and is no response", []string{"PST-PHN-020#12", "PST-PHN-004#8"}, says("\xA0"), unconfirmed(credential.ReasonMalformed), []string{resumed}},
		row{13, "the lock has other keys for a resumption", []string{"PST-CHAN-001", "PST-PHN-020#11"}, func(_ *cases.T, d *cases.Door) {
			otherKeys(d)
		}, unconfirmed(credential.ReasonChannel), []string{resumed}},
		row{14, "a status word answers RESUME, and another the full exchange", []string{"PST-PHN-020#7", "PST-RES-013#1", "PST-RES-013#5", "PST-PHN-022#2", "PST-EDH-034", "PST-REQ-001"}, func(_ *cases.T, d *cases.Door) {
			d.Answer = func(c apdu.Command, r *apdu.Response) {
				if c.INS == resume || c.INS == handshake2 {
					r.Data, r.SW = nil, apdu.StatusRefused
				}
			}
		}, unconfirmed(credential.ReasonStatusWord), []string{fellBack}},
		row{15, "a status word answers RESUME, and the link is lost then", []string{"PST-PHN-020#7", "PST-PHN-004#4", "PST-RES-013#1"}, func(t *cases.T, d *cases.Door) {
			d.Status(resume, apdu.StatusRefused)
			loses(handshake1, true)(t, d)
		}, unconfirmed(credential.ReasonLink), []string{"SELECT RESUME SELECT HANDSHAKE-1"}},
		row{16, "a status word answers RESUME, and an impostor the full exchange", []string{"PST-PHN-020#7", "PST-PHN-010#6"}, func(t *cases.T, d *cases.Door) {
			d.Status(resume, apdu.StatusRefused)
			d.Alter[locktest.Signature2] = credentialtest.Flip(7)
		}, unconfirmed(credential.ReasonPossession), []string{"SELECT RESUME SELECT HANDSHAKE-1"}},
		row{17, "the lock refuses in the resumed channel", []string{"PST-PHN-020#1", "PST-PHN-022#9", "PST-PHN-004#6"}, says("\xA2\x01\x04\x02\x0C"), cases.Refused(credential.ReasonAction), []string{resumed}},
		row{18, "the lock comes with an older version than it has proved", []string{"PST-PHN-007#4"}, func(_ *cases.T, d *cases.Door) {
			d.Alter[locktest.Selection] = nil
			element(0, credentialtest.Uint(0))(nil, d)
		}, cases.Fault(credential.ReasonVersion), []string{onlySelect}},
	)
}

// sends expects a tap that opens by these commands.
func sends(t *cases.T, what, want string, set func(*cases.Door)) {
	t.Expect(what, t.App.Open(set), opened...)
	t.App.Sends(want)
}

// expected expects a tap that comes to this.
func expected(t *cases.T, what string, want cases.Outcome, set func(*cases.Door)) {
	t.Expect(what, t.App.Open(set), want)
}

// slots are the cases on what a phone keeps of a slot.
func slots() []cases.Case {
	return append(secrets(), []cases.Case{{
		ID: "APP-RESUME-030", Revision: 1, Title: "the lock did not hear the request of the last tap", Fault: "the lock, whose answer does not open, has not gone on to the next secret",
		Requirements: []string{"PST-RES-012#5", "PST-RES-012#3"}, Passes: []cases.Outcome{"the next secret"}, Allowed: []cases.Outcome{"the same secret"},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			slotted(8)(t)
			before := t.App.Door.Secret
			t.App.Open(func(d *cases.Door) {
				if faulty {
					d.Alter[locktest.Sealed] = credentialtest.Flip(-1)
				}
			})
			t.App.Sends(resumed)
			next := t.App.Door.Secret
			sends(t, "the next tap", resumed, func(d *cases.Door) {
				if faulty {
					d.Secret = before
				} else {
					d.Secret = next
				}
			})
			if faulty {
				return "the same secret"
			}
			return "the next secret"
		},
	}, {
		ID: "APP-RESUME-001", Revision: 1, Title: "a known lock is opened by RESUME, each time with the next secret and a fresh nonce", Setup: slotted(8),
		Requirements: []string{"PST-RES-012#1", "PST-RES-012#3", "PST-RES-013#2", "PST-PHN-004#2", "PST-PHN-004#6", "PST-CHAN-001"},
		Run: func(t *cases.T) {
			var nonces [][]byte
			for range 3 {
				sends(t, "the tap", resumed, nil)
				nonce := t.App.Door.Steps[1].Command.Data[:8]
				t.Check(!slices.ContainsFunc(nonces, func(n []byte) bool { return bytes.Equal(n, nonce) }), "the nonce %x comes twice", nonce)
				nonces = append(nonces, nonce)
			}
		},
	}, {
		ID: "APP-RESUME-002", Revision: 1, Title: "a slot that is spent is used no more", Setup: slotted(2), Requirements: []string{"PST-RES-013#3", "PST-RES-012#3"},
		Run: func(t *cases.T) {
			sends(t, "the first of two", resumed, nil)
			sends(t, "the second of two", resumed, nil)
			sends(t, "the third", whole, nil)
		},
	}, {
		ID: "APP-RESUME-003", Revision: 1, Title: "a full exchange that opens and keeps no slot ends the former one", Setup: slotted(8), Requirements: []string{"PST-RES-012#2", "PST-RES-013#5", "PST-PHN-004#7", "PST-PHN-022#2"},
		Run: func(t *cases.T) {
			sends(t, "a tap whose RESUME is answered by 6982", fellBack, func(d *cases.Door) { d.Status(resume, apdu.StatusRefused) })
			sends(t, "the next", whole, nil)
		},
	}}...)
}

// secrets are those on the secret after answers of every kind.
func secrets() []cases.Case {
	return []cases.Case{{
		ID: "APP-RESUME-004", Revision: 1, Title: "a refusal in the resumed channel leaves the secret as it is", Setup: slotted(8), Requirements: []string{"PST-RES-012#4"},
		Run: func(t *cases.T) {
			refused := locktest.Response{Outcome: credential.OutcomeRefused, Reason: credential.ReasonHours}
			expected(t, "the refused tap", cases.Refused(credential.ReasonHours), func(d *cases.Door) { d.Says(refused) })
			sends(t, "the next", resumed, nil)
		},
	}, {
		ID: "APP-RESUME-005", Revision: 1, Title: "a lost answer leaves the secret as it is", Setup: slotted(8), Requirements: []string{"PST-RES-012#5"},
		Run: func(t *cases.T) {
			before := t.App.Door.Secret
			expected(t, "the tap whose answer is lost", unconfirmed(credential.ReasonLink), loses2(resume))
			sends(t, "the next", resumed, func(d *cases.Door) { d.Secret = before })
		},
	}, {
		ID: "APP-RESUME-006", Revision: 1, Title: "an answer that does not open leaves the secret as it is", Setup: slotted(8), Requirements: []string{"PST-RES-012#5"},
		Run: func(t *cases.T) {
			before := t.App.Door.Secret
			expected(t, "the tap", unconfirmed(credential.ReasonChannel), func(d *cases.Door) { d.Alter[locktest.Sealed] = credentialtest.Flip(0) })
			sends(t, "the next", resumed, func(d *cases.Door) { d.Secret = before })
		},
	}, {
		ID: "APP-RESUME-007", Revision: 1, Title: "a drive that failed goes on to the next secret", Setup: slotted(8), Requirements: []string{"PST-RES-012#3"},
		Run: func(t *cases.T) {
			stuck := locktest.Response{Outcome: credential.OutcomeFailed, Reason: credential.ReasonDrive}
			expected(t, "the tap", cases.Said(credential.OutcomeFailed, credential.ReasonDrive), func(d *cases.Door) { d.Says(stuck) })
			sends(t, "the next", resumed, nil)
		},
	}, {
		ID: "APP-RESUME-008", Revision: 1, Title: "another lock is not told a resumption id", Setup: slotted(8), Requirements: []string{"PST-RES-012", "PST-RES-013"},
		Run: func(t *cases.T) {
			t.Expect("a tap at another lock", t.App.Open(func(d *cases.Door) {
				d.ID[0] ^= 1
				d.Identities[0] = locktest.Identity{Key: t.World.Key("other lock"), Certificate: certify(t, func(c *credential.LockClaims) {
					c.ID, c.Key = d.ID, t.World.Public("other lock")
				})}
			}), opened...)
			t.App.Sends(whole)
		},
	}, {
		ID: "APP-RESUME-009", Revision: 1, Title: "a lock that no longer announces resumption gets a full exchange", Setup: slotted(8), Requirements: []string{"PST-APDU-006"},
		Run: func(t *cases.T) {
			sends(t, "the tap", whole, func(d *cases.Door) { d.Capabilities &^= locktest.CapabilityResumption })
		},
	}}
}

// loses2 loses the answer to every command with the instruction.
func loses2(ins byte) func(*cases.Door) { return func(d *cases.Door) { loses(ins, true)(nil, d) } }

// labelCommissioning is the exporter label of the proof (section 20.2).
const labelCommissioning = 32770

// memory are the cases on what a phone remembers of locks.
func memory() []cases.Case {
	byValue := func(t *cases.T) bool { return t.App.Door.Steps[1].Command.P1 == 0x01 }
	all := []cases.Case{{
		ID: "APP-MEMORY-001", Revision: 1, Title: "a lock that was met proves itself by its key id", Requirements: []string{"PST-PHN-001", "PST-PHN-012#1"},
		Run: func(t *cases.T) {
			t.Expect("the first tap", t.App.Open(nil), opened...)
			t.Check(byValue(t), "the first tap asks by key id for a certificate that the phone has not")
			t.Expect("the second tap", t.App.Open(nil), opened...)
			if byValue(t) {
				t.Warnf("the second tap asks for the certificate again")
			}
		},
	}, {
		ID: "APP-MEMORY-002", Revision: 1, Title: "a lock with a new key is asked by value, once", Requirements: []string{"PST-PHN-022#4", "PST-PHN-004#11", "PST-PHN-010#3"},
		Run: func(t *cases.T) {
			t.Expect("the first tap", t.App.Open(nil), opened...)
			t.Expect("the tap at the new key", t.App.Open(func(d *cases.Door) {
				d.Identities[0] = locktest.Identity{Key: t.World.Key("new"), Certificate: certify(t, func(c *credential.LockClaims) { c.Key = t.World.Public("new") })}
			}), opened[0], cases.Fault(credential.ReasonLockIdentity))
			t.App.Sends(greeted+" "+whole, greeted, whole)
		},
	}}
	for i, c := range []struct {
		what  string
		fault func(*cases.T, *cases.Door)
		shows []string
	}{
		{"whose proof is false", alters(locktest.Signature2, credentialtest.Flip(9)), []string{"PST-PHN-001"}},
		{"whose first sealed response does not open", alters(locktest.Sealed, credentialtest.Flip(0)), []string{"PST-PHN-001", "PST-PHN-004#21"}},
	} {
		all = append(all, cases.Case{
			ID: id("MEMORY", 10+i), Revision: 1, Title: "of a lock " + c.what + " the phone remembers no version", Fault: "the lock of version 2 is one " + c.what, Requirements: c.shows,
			Passes: []cases.Outcome{cases.Fault(credential.ReasonDowngrade)}, Allowed: opened,
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				t.App.Install(nil)
				t.App.Open(func(d *cases.Door) {
					d.Version = 2
					if faulty {
						c.fault(t, d)
					}
				})
				return t.App.Open(func(d *cases.Door) { d.Version = 1 })
			},
		})
	}
	return append(all, cases.Case{
		ID: "APP-MEMORY-020", Revision: 1, Title: "of a lock whose proof is false the phone keeps no certificate", Fault: "the lock that was met has not proved itself", Requirements: []string{"PST-PHN-001"},
		Passes: []cases.Outcome{"remembered"}, Allowed: []cases.Outcome{"asked by value"},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			t.App.Install(nil)
			t.App.Open(func(d *cases.Door) {
				if faulty {
					d.Alter[locktest.Signature2] = credentialtest.Flip(9)
				}
			})
			t.Expect("the second tap", t.App.Open(nil), opened...)
			if byValue(t) {
				return "asked by value"
			}
			return "remembered"
		},
	})
}

// owners are the cases on an owner who takes a lock.
func owners() []cases.Case {
	take := func(t *cases.T, set func(*cases.Door)) cases.Outcome {
		return t.App.Tap(shim.Tap{Operation: int(credential.OperationConfigure), Setup: t.World.Setup[:], Lock: t.World.Lock[:]}, set)
	}
	done := cases.Said(credential.OutcomeDone, credential.ReasonNone)
	own := func(t *cases.T) { t.App.Own(nil) }
	bad := func(number int, what string, want cases.Outcome, fault func(*cases.T, *cases.Door), sends string, shows ...string) cases.Case {
		return cases.Case{
			ID: id("OWNER", number), Revision: 1, Title: what, Fault: what, Requirements: shows, Setup: own, Passes: []cases.Outcome{done}, Allowed: []cases.Outcome{want},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				own(t)
				o := take(t, func(d *cases.Door) {
					if faulty {
						fault(t, d)
					}
				})
				if faulty {
					t.App.Sends(sends)
					t.Check(t.App.Told.LogKey == nil, "the app has a log key of a lock that did not say that it took it")
				}
				return o
			},
		}
	}
	refused := locktest.Response{Outcome: credential.OutcomeRefused, Reason: credential.ReasonOperationUnknown}
	return []cases.Case{
		bad(10, "commissioning: the lock has another id than the label says", cases.Fault(credential.ReasonLockIdentity), func(_ *cases.T, d *cases.Door) { d.ID[2] ^= 4 }, onlySelect, "PST-COM-005", "PST-PHN-007#5"),
		bad(11, "commissioning: an impostor has the lock's certificate", cases.Fault(credential.ReasonPossession), func(t *cases.T, d *cases.Door) {
			d.Identities[0] = locktest.Identity{Key: t.World.Key("impostor"), Certificate: d.Identities[0].Certificate}
		}, greeted, "PST-COM-005", "PST-PHN-010#6"),
		bad(12, "commissioning: the lock has another lock's certificate", cases.Fault(credential.ReasonLockIdentity), func(t *cases.T, d *cases.Door) {
			d.Identities[0] = locktest.Identity{Key: t.World.Key("lock"), Certificate: certify(t, func(c *credential.LockClaims) { c.ID[1] ^= 1 })}
		}, greeted, "PST-COM-005", "PST-PHN-010#4"),
		bad(13, "commissioning: the lock refuses", cases.Refused(credential.ReasonOperationUnknown), func(_ *cases.T, d *cases.Door) { d.Says(refused) }, whole, "PST-PHN-038"),
		bad(14, "commissioning: 6982 answers the proof", cases.Fault(credential.ReasonStatusWord), func(_ *cases.T, d *cases.Door) { d.Status(handshake2, apdu.StatusRefused) }, whole, "PST-PHN-038", "PST-PHN-022#9"),
		bad(15, "commissioning: the answer to the proof is lost", unconfirmed(credential.ReasonLink), func(t *cases.T, d *cases.Door) { loses(handshake2, true)(t, d) }, whole, "PST-PHN-038", "PST-PHN-022#8"),
		{
			ID: "APP-OWNER-001", Revision: 1, Title: "an owner takes a lock, and has its log key", Setup: own, Requirements: []string{"PST-COM-005", "PST-PHN-038", "PST-REQ-001", "PST-CHAN-001"},
			Run: func(t *cases.T) {
				t.Expect("the tap", take(t, nil), done)
				r := t.App.Door.Requests()[0]
				exported, err := t.App.Door.Export(labelCommissioning, sha256.Size)
				t.OK(err)
				mac := hmac.New(sha256.New, t.World.Setup[:])
				mac.Write(exported)
				proof := mac.Sum(nil)[:16]
				t.Check(r.Operation == credential.OperationConfigure && bytes.Equal(r.Proof, proof), "the request is %v with the proof %x, where %x is right", r.Operation, r.Proof, proof)
				key, err := t.App.Door.LogKey()
				t.OK(err)
				t.Check(bytes.Equal(t.App.Told.LogKey, key[:]), "the app has the log key %x, the lock %x", []byte(t.App.Told.LogKey), key)
			},
		}, {
			ID: "APP-OWNER-002", Revision: 1, Title: "after a lost answer the owner asks the lock whose it is before the proof goes out again", Setup: own, Requirements: []string{"PST-PHN-038"},
			Run: func(t *cases.T) {
				t.Expect("the tap whose answer is lost", take(t, loses2(handshake2)), unconfirmed(credential.ReasonLink))
				take(t, nil)
				r := t.App.Door.Requests()
				t.Check(len(r) > 0 && len(r[0].Proof) == 0, "the next tap begins with a proof")
				t.Check(!strings.Contains(t.App.Door.Sent(), "RESUME"), "a bare key that is none of a lock's resumes")
			},
		},
	}
}
