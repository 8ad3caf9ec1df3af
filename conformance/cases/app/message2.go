package app

import (
	"bytes"
	"crypto/ed25519"
	"crypto/elliptic"
	"math/big"
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/lock/locktest"
)

// proof is a fault that the phone finds in message_2: it tells the lock nothing
// further.
func proof(number int, what string, fault func(*cases.T, *cases.Door), shows ...string) row {
	shows = append(shows, "PST-PHN-004#12", "PST-PHN-020#4", "PST-EDH-031")
	return row{number, what, shows, fault, cases.Fault(credential.ReasonPossession), []string{greeted}}
}

// message2 are the cases of sections 6.5 and 8.4 on the form of message_2.
func message2() []cases.Case {
	m2 := func(number int, what string, alter func([]byte) []byte, shows ...string) row {
		return proof(number, what, alters(locktest.Message2, alter), append(shows, "PST-PHN-010#1", "PST-EDH-023")...)
	}
	p2 := func(number int, what string, alter func([]byte) []byte, shows ...string) row {
		return proof(number, what, alters(locktest.Plaintext2, alter), append(shows, "PST-PHN-010#1", "PST-EDH-023")...)
	}
	return negatives("PROOF", open,
		m2(10, "message_2 is empty", credentialtest.Replace(nil)),
		m2(11, "message_2 is an array", func(b []byte) []byte { return credentialtest.Array(b) }),
		m2(12, "message_2 has 32 bytes", credentialtest.Replace(credentialtest.Bytes(bytes.Repeat([]byte{9}, 32)))),
		m2(13, "message_2 has a head that is not the shortest", func(b []byte) []byte {
			c := credentialtest.Content(b)
			return append(credentialtest.LongHead(credentialtest.MajorBytes, uint64(len(c)), 4), c...)
		}, "PST-ENC-002#2", "PST-EDH-004"),
		m2(14, "a second item follows message_2", credentialtest.Extend(0), "PST-ENC-002#6", "PST-EDH-004"),
		m2(15, "message_2 lacks its last byte", credentialtest.Cut(1), "PST-ENC-002#5"),
		m2(16, "message_2 is a text string", func(b []byte) []byte { return credentialtest.Text(string(credentialtest.Content(b))) }, "PST-ENC-008"),
		m2(17, "a bit of G_Y is another on the way", credentialtest.Flip(5)),
		m2(18, "the last bit of CIPHERTEXT_2 is another on the way", credentialtest.Flip(-1)),
		p2(20, "C_R is a byte string of two bytes", credentialtest.SetItem(0, credentialtest.Bytes([]byte{1, 2}))),
		p2(21, "C_R is missing", credentialtest.OfItems(func(i [][]byte) [][]byte { return i[1:] })),
		p2(22, "an EAD item follows the signature", credentialtest.OfItems(func(i [][]byte) [][]byte {
			return append(i, credentialtest.Int(1), credentialtest.Bytes([]byte{1}))
		}), "PST-EDH-004"),
		p2(23, "a critical EAD item follows the signature", credentialtest.OfItems(func(i [][]byte) [][]byte { return append(i, credentialtest.Int(-1)) }), "PST-EDH-004"),
		p2(24, "the signature has 63 bytes", credentialtest.SetItem(2, credentialtest.Bytes(make([]byte, 63))), "PST-EDH-008#3"),
		p2(25, "the signature has 65 bytes", credentialtest.SetItem(2, credentialtest.Bytes(make([]byte, 65))), "PST-EDH-008#3"),
		p2(26, "the signature is missing", credentialtest.OfItems(func(i [][]byte) [][]byte { return i[:2] })),
		p2(27, "ID_CRED_R is an x5t", credentialtest.SetItem(1, []byte{0xA1, 0x18, 0x22, 0x82, 0x2F, 0x41, 1})),
		p2(28, "ID_CRED_R is an empty map", credentialtest.SetItem(1, []byte{0xA0})),
		p2(29, "ID_CRED_R is a key id of 7 bytes", credentialtest.SetItem(1, credentialtest.Bytes(make([]byte, 7)))),
		p2(30, "ID_CRED_R is a claims set without a signature", credentialtest.SetItem(1, []byte{0xA1, 0x0E, 0xA0})),
		p2(31, "the bytes of PLAINTEXT_2 are no CBOR", credentialtest.Replace(bytes.Repeat([]byte{0xFF}, 80))),
		p2(32, "a byte follows the signature in its byte string", credentialtest.OfItems(func(i [][]byte) [][]byte {
			i[2] = credentialtest.Bytes(append(slices.Clone(credentialtest.Content(i[2])), 0))
			return i
		}), "PST-EDH-008#3"),
		proof(33, "C_R is a byte string of two bytes, which the lock signs", alters(locktest.CR, credentialtest.Replace(credentialtest.Bytes([]byte{1, 2}))), "PST-EDH-023", "PST-PHN-010#1"),
		proof(34, "C_R is a byte string that stands for an integer, which the lock signs", alters(locktest.CR, credentialtest.Replace(credentialtest.Bytes([]byte{0}))), "PST-EDH-004", "PST-PHN-010#1"),
		proof(35, "C_R is 24, which the lock signs", alters(locktest.CR, credentialtest.Replace(credentialtest.Int(24))), "PST-EDH-023", "PST-PHN-010#1"),
		proof(42, "G_Y is the zero point, and the lock reckons with the secret of it", zeroSecret(make([]byte, 32)), "PST-EDH-008#1", "PST-PHN-010#1"),
		proof(43, "G_Y is the point of order 2, and the lock reckons with the secret of it", zeroSecret(append([]byte{1}, make([]byte, 31)...)), "PST-EDH-008#1", "PST-PHN-010#1"),
		proof(40, "G_Y is the zero point", alters(locktest.GY, credentialtest.Replace(make([]byte, 32))), "PST-EDH-008#1", "PST-PHN-010#1"),
		proof(41, "G_Y is the point of order 2", alters(locktest.GY, func(b []byte) []byte {
			return append([]byte{1}, make([]byte, len(b)-1)...)
		}), "PST-EDH-008#1", "PST-PHN-010#1"),
	)
}

// zeroSecret has the lock send a G_Y with which the shared secret is zero, or would
// be to who does not look, and derive all keys from that.
func zeroSecret(gY []byte) func(*cases.T, *cases.Door) {
	return func(_ *cases.T, d *cases.Door) {
		d.Alter[locktest.GY] = credentialtest.Replace(gY)
		d.Alter[locktest.GXY] = credentialtest.Replace(make([]byte, 32))
	}
}

// keys are the cases on the proof itself.
func keys() []cases.Case {
	flips := func(number int, v locktest.Value, what string, shows ...string) row {
		return proof(number, what, alters(v, credentialtest.Flip(3)), append(shows, "PST-PHN-010#6")...)
	}
	all := negatives("PROOF", open,
		flips(50, locktest.TH2, "the lock has another TH_2", "PST-CHAN-001"),
		flips(51, locktest.GXY, "the lock has another shared secret", "PST-CHAN-001"),
		flips(52, locktest.PRK, "the lock has another PRK_2e", "PST-CHAN-001"),
		flips(53, locktest.MAC2, "the signature is over another MAC_2", "PST-CHAN-001"),
		flips(54, locktest.Signature2, "a bit of R in the signature is another", "PST-OBJ-019#5"),
		flips(55, locktest.Message1Hashed, "another message_1 came to the lock", "PST-CHAN-001"),
		proof(56, "a bit of S in the signature is another", alters(locktest.Signature2, credentialtest.Flip(40)), "PST-PHN-010#6", "PST-OBJ-019#5"),
		proof(57, "S in the signature is L too great", alters(locktest.Signature2, cases.PlusL), "PST-PHN-010#6", "PST-OBJ-019#2"),
		proof(58, "the signature is all zeros", alters(locktest.Signature2, credentialtest.Replace(make([]byte, 64))), "PST-PHN-010#6", "PST-OBJ-019#5"),
		proof(59, "an impostor signs, who has the lock's certificate", func(t *cases.T, d *cases.Door) {
			d.Identities[0] = locktest.Identity{Key: t.World.Key("impostor"), Certificate: d.Identities[0].Certificate}
		}, "PST-PHN-010#6", "PST-OBJ-013", "PST-PHN-011"),
		proof(60, "the lock's key is the phone's own", func(t *cases.T, d *cases.Door) {
			d.Identities[0] = locktest.Identity{Key: t.World.Key("neighbour"), Certificate: certify(t, func(c *credential.LockClaims) { c.Key = t.World.Public("neighbour") })}
		}, "PST-PHN-010#5"),
		proof(61, "the lock's key is of another suite", func(_ *cases.T, d *cases.Door) { d.Identities[0] = d.Identities[2] }, "PST-PHN-010#5"),
		proof(64, "R of the signature is off by the point of order 2", smallR(append([]byte{0xEC}, append(bytes.Repeat([]byte{0xFF}, 30), 0x7F)...)), "PST-PHN-010#6", "PST-OBJ-019#5"),
		proof(65, "R of the signature is off by a point of order 4", smallR(make([]byte, 32)), "PST-PHN-010#6", "PST-OBJ-019#5"),
		proof(66, "R of the signature is the neutral point in an encoding that is not canonical", smallR(append([]byte{0xEE}, append(bytes.Repeat([]byte{0xFF}, 30), 0x7F)...)), "PST-PHN-010#6", "PST-OBJ-019#5"),
		row{62, "the certificate is another lock's, and so is the key", []string{"PST-PHN-010#4"}, func(t *cases.T, d *cases.Door) {
			d.Identities[0] = locktest.Identity{Key: t.World.Key("other lock"), Certificate: certify(t, func(c *credential.LockClaims) {
				c.ID[0] ^= 1
				c.Key = t.World.Public("other lock")
			})}
		}, cases.Fault(credential.ReasonLockIdentity), []string{greeted}},
		row{63, "a key id comes, where the certificate was asked for", []string{"PST-PHN-010#3", "PST-OBJ-013"}, func(t *cases.T, d *cases.Door) {
			id := credential.KeyIDOf(t.World.Public("lock"))
			d.Alter[locktest.IDCredR] = credentialtest.Replace(append([]byte{0xA1, 0x04}, credentialtest.Bytes(id[:])...))
		}, cases.Fault(credential.ReasonLockIdentity), []string{greeted}},
	)
	return append(all, p256()...)
}

// smallR has the lock sign with an R of small order: see cases.WithR.
func smallR(r []byte) func(*cases.T, *cases.Door) {
	return func(t *cases.T, d *cases.Door) {
		d.Alter[locktest.Signature2] = func([]byte) []byte {
			return cases.WithR(t.World.Key("lock").(ed25519.PrivateKey), r, d.Values()[locktest.Signed2])
		}
	}
}

// order256 is the order of the base point of P-256.
var order256, _ = new(big.Int).SetString("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)

// p256 are those of a phone and a lock with keys on P-256.
func p256() []cases.Case {
	s := func(of func(s *big.Int) *big.Int) func([]byte) []byte {
		return func(b []byte) []byte {
			return append(slices.Clone(b[:32]), of(new(big.Int).SetBytes(b[32:])).FillBytes(make([]byte, 32))...)
		}
	}
	sig := func(number int, what string, alter func([]byte) []byte) row {
		return proof(number, what, alters(locktest.Signature2, alter), "PST-OBJ-021", "PST-OBJ-023", "PST-PHN-010#6")
	}
	all := negatives("PROOF", open,
		sig(70, "with P-256: s is 0", s(func(*big.Int) *big.Int { return new(big.Int) })),
		sig(71, "with P-256: s is the order of the base point", s(func(*big.Int) *big.Int { return order256 })),
		sig(72, "with P-256: r is 0", func(b []byte) []byte { return append(make([]byte, 32), b[32:]...) }),
		sig(73, "with P-256: a bit of s is another", credentialtest.Flip(-1)),
		proof(74, "with P-256: G_Y is not below the field prime", alters(locktest.GY, credentialtest.Replace(bytes.Repeat([]byte{0xFF}, 32))), "PST-EDH-008#2", "PST-PHN-010#1"),
		proof(76, "with P-256: G_Y belongs to no point, and the lock reckons with a secret of zeros", zeroSecret(append(make([]byte, 31), 1)), "PST-EDH-008#2", "PST-PHN-010#1"),
		proof(77, "with P-256: G_Y is the field prime, and the lock reckons with a secret of zeros", zeroSecret(elliptic.P256().Params().P.Bytes()), "PST-EDH-008#2", "PST-PHN-010#1"),
		sig(78, "with P-256: s is all ones", s(func(*big.Int) *big.Int { return new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1)) })),
		sig(79, "with P-256: r is the order of the base point", func(b []byte) []byte { return append(order256.FillBytes(make([]byte, 32)), b[32:]...) }),
		proof(75, "with P-256: G_Y belongs to no point", alters(locktest.GY, credentialtest.Replace(append(make([]byte, 31), 1))), "PST-EDH-008#2", "PST-PHN-010#1"),
	)
	for i := range all {
		all[i].Setup = suite2
	}
	return append(all, cases.Case{
		ID: "APP-PROOF-001", Revision: 1, Title: "with P-256: the lock signs with n - s in the place of s", Requirements: []string{"PST-OBJ-021"}, Setup: suite2,
		Run: func(t *cases.T) {
			t.Expect("the tap", t.App.Open(func(d *cases.Door) {
				d.Alter[locktest.Signature2] = s(func(s *big.Int) *big.Int { return new(big.Int).Sub(order256, s) })
			}), opened...)
		},
	})
}

// suites are the cases on EDHOC error messages.
func suites() []cases.Case {
	bad := func(number int, what string, b ...byte) row {
		return row{
			number, what, []string{"PST-EDH-032", "PST-PHN-020#5", "PST-PHN-022#3", "PST-PHN-004#12", "PST-EDH-017"}, alters(locktest.Message2, credentialtest.Replace(b)),
			cases.Fault(credential.ReasonSuite), []string{greeted},
		}
	}
	again := bad(85, "the lock wants suite 0, which the phone has selected, again and again", 0x02, 0x00)
	again.sends = []string{greeted, greeted + " " + greeted}
	return negatives("PROOF", open,
		bad(80, "EDHOC error 1 with a text", 0x01, 0x62, 'n', 'o'),
		bad(81, "EDHOC error 3", 0x03, 0xF5),
		bad(82, "EDHOC error 0", 0x00),
		bad(83, "EDHOC error 24 with content that is no CBOR", 0x18, 0x18, 0xFF),
		bad(84, "the lock wants suite 2, for which the phone has no key", 0x02, 0x02),
		again,
	)
}
