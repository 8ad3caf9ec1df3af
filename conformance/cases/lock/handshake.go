package lock

import (
	"fmt"
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	ct "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
	"github.com/postern-lock/postern/spec"
)

// spoilt is one fault of a guest's tap.
type spoilt struct {
	what  string
	rows  []string // requirements, with their rows
	spoil func(t *cases.T, p *holdertest.Phone)
}

// altered is a fault in one value of the exchange.
func altered(what string, v holdertest.Value, alter func([]byte) []byte, rows ...string) spoilt {
	return spoilt{what, rows, func(_ *cases.T, p *holdertest.Phone) { p.Alter = holdertest.Alter{v: alter} }}
}

// untold is what every refusal before step 12 of section 7.5 shows.
var untold = []string{"PST-DEC-007", "PST-DEC-008", "PST-DEC-035", "PST-ERR-001", "PST-DEC-001#15", "PST-APDU-034#2"}

// refusedTaps make a case of each fault, in one suite: the lock answers 6982 and
// forgets the transaction.
func refusedTaps(area string, first, suite int, faults []spoilt) []cases.Case {
	var all []cases.Case
	for i, f := range faults {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-%s-%03d", area, first+i), Revision: 1, Title: fmt.Sprintf("suite %d: %s", suite, f.what), Fault: f.what,
			Requirements: unique(append(f.rows, untold...)), When: suiteOf[suite], Needs: keys, Setup: cases.Owned,
			Passes: cases.Opened, Allowed: denied,
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p := neighbour(t, suite)
				if faulty {
					f.spoil(t, p)
				}
				return ends(t, t.Tap(p, opens))
			},
		})
	}
	return all
}

// handshakes are the cases of steps 1 to 6 of section 7.5, in both suites.
func handshakes() []cases.Case {
	return slices.Concat(
		refusedTaps("HAND", 1, 0, message3s()), refusedTaps("HAND", 40, 0, credentials()), refusedTaps("HAND", 70, 0, possession()),
		refusedTaps("HAND", 101, 2, message3s()[:9]), refusedTaps("HAND", 140, 2, possession()),
		refusedTaps("HAND", 180, 2, otherSuite(0)), where(suiteOf[2], refusedTaps("HAND", 190, 0, otherSuite(2))), bareKeys(), strangers(), owners256(),
	)
}

// where binds cases to a profile.
func where(when spec.Profile, all []cases.Case) []cases.Case {
	for i := range all {
		all[i].When = when
	}
	return all
}

// message3s are faults of message_3 and PLAINTEXT_3.
func message3s() []spoilt {
	const step1, step2, step3 = "PST-DEC-007#1", "PST-DEC-007#2", "PST-DEC-007#3"
	m3, plain := holdertest.Message3, holdertest.Plaintext3
	more := func(item ...byte) func([]byte) []byte { return ct.Extend(item...) }
	return []spoilt{
		altered("nothing stands behind message_3", holdertest.Sealed, ct.Replace(nil), step1),
		altered("8 bytes stand behind message_3", holdertest.Sealed, func(b []byte) []byte { return b[:8] }, step1),
		altered("the head of message_3 is not in its shortest form", m3, func(b []byte) []byte {
			return slices.Concat(ct.LongHead(ct.MajorBytes, uint64(len(b)-2), 4), ct.Content(b))
		}, step1, "PST-EDH-004", "PST-ENC-002#2"),
		altered("message_3 has an indefinite length", m3, func(b []byte) []byte { return slices.Concat([]byte{0x5F}, b, []byte{0xFF}) }, step1, "PST-EDH-004", "PST-ENC-002#1"),
		altered("CIPHERTEXT_3 has its first bit changed", holdertest.Ciphertext3, ct.Flip(0), step2),
		altered("CIPHERTEXT_3 has its last bit changed, in the tag", holdertest.Ciphertext3, ct.Flip(-1), step2),
		altered("PLAINTEXT_3 holds an EAD item", plain, more(0x01, 0x41, 0x00), step3, "PST-EDH-004"),
		altered("PLAINTEXT_3 holds padding", plain, more(0x00), step3, "PST-EDH-004"),
		altered("the signature in PLAINTEXT_3 has 63 bytes", holdertest.Signature3, ct.Cut(1), step3, "PST-EDH-008#3"),
		altered("the signature in PLAINTEXT_3 has 65 bytes", holdertest.Signature3, more(0), step3, "PST-EDH-008#3"),
		altered("message_3 is a text string", m3, func(b []byte) []byte { b[0] += 0x20; return b }, step1, "PST-ENC-008"),
		altered("message_3 is an array that holds it", m3, func(b []byte) []byte { return ct.Array(b) }, step1),
		altered("message_3 says that it is longer than the data", m3, func(b []byte) []byte {
			return slices.Concat(ct.Head(ct.MajorBytes, 60000), ct.Content(b))
		}, step1, "PST-ENC-002#5"),
		altered("message_3 is empty", m3, ct.Replace(ct.Bytes(nil)), step1),
		altered("CIPHERTEXT_3 is shorter than its tag", holdertest.Ciphertext3, func(b []byte) []byte { return b[:7] }, step2),
		altered("CIPHERTEXT_3 lacks its last byte", holdertest.Ciphertext3, ct.Cut(1), step2),
		altered("CIPHERTEXT_3 has a byte more", holdertest.Ciphertext3, more(0), step2),
		altered("CIPHERTEXT_3 is sealed for another TH_3", holdertest.TH3, ct.Flip(0), step2, "PST-CHAN-001"),
		altered("CIPHERTEXT_3 is sealed for another PLAINTEXT_2", holdertest.Plain2Hashed, ct.Flip(0), step2, "PST-CHAN-001"),
		altered("PLAINTEXT_3 has no signature", plain, ct.OfItems(func(i [][]byte) [][]byte { return i[:1] }), step3),
		altered("PLAINTEXT_3 is empty", plain, ct.Replace(nil), step3),
		altered("PLAINTEXT_3 has no ID_CRED_I", plain, ct.OfItems(func(i [][]byte) [][]byte { return i[1:] }), step3),
		altered("the items of PLAINTEXT_3 change places", plain, ct.OfItems(func(i [][]byte) [][]byte { i[0], i[1] = i[1], i[0]; return i }), step3),
		altered("PLAINTEXT_3 lacks its last byte", plain, ct.Cut(1), step3, "PST-ENC-002#5"),
		altered("the signature's head is not in its shortest form", plain, ct.OfItems(func(i [][]byte) [][]byte { i[1] = widened(i[1]); return i }), step3, "PST-EDH-004", "PST-ENC-002#2"),
		altered("the signature is a text string", plain, ct.OfItems(func(i [][]byte) [][]byte { i[1][0] += 0x20; return i }), step3, "PST-ENC-008"),
		altered("the signature is empty", holdertest.Signature3, ct.Replace(nil), step3, "PST-EDH-008#3"),
		altered("ID_CRED_I's count is not in its shortest form", holdertest.IDCredI, widened, step3, "PST-EDH-004", "PST-ENC-002#2"),
		altered("ID_CRED_I has an indefinite length", holdertest.IDCredI, func(b []byte) []byte { return slices.Concat([]byte{0xBF}, b[1:], []byte{0xFF}) }, step3, "PST-EDH-004", "PST-ENC-002#1"),
	}
}

// header13 puts another value of the label 13 into ID_CRED_I, and other pairs
// beside it.
func header13(alter func([]byte) []byte, more ...ct.Pair) func([]byte) []byte {
	return ct.OfMap(func(m *ct.Map) {
		m.Set(13, alter(m.Get(13)))
		*m = append(*m, more...)
	})
}

// credentials are faults of ID_CRED_I, step 4.
func credentials() []spoilt {
	const step = "PST-DEC-007#4"
	id := holdertest.IDCredI
	same := func(b []byte) []byte { return b }
	return []spoilt{
		altered("ID_CRED_I is empty", id, ct.Replace(ct.Map{}.Encode()), step),
		altered("ID_CRED_I is a key id", id, ct.Replace(ct.Map{{Key: ct.Uint(4), Value: ct.Bytes(make([]byte, 8))}}.Encode()), step),
		altered("the grant stands under the label 14", id, ct.OfMap(func(m *ct.Map) { (*m)[0].Key = ct.Uint(14) }), step),
		altered("the grant stands under the label 33", id, ct.OfMap(func(m *ct.Map) { (*m)[0].Key = ct.Uint(33) }), step),
		altered("the grant stands under the label -13", id, ct.OfMap(func(m *ct.Map) { (*m)[0].Key = ct.Int(-13) }), step),
		altered("the grant stands in a byte string", id, header13(ct.Bytes), step),
		altered("the grant is tagged", id, header13(func(b []byte) []byte { return append([]byte{0xD2}, b...) }), step, "PST-OBJ-001#1", "PST-ENC-008"),
		altered("the grant stands in an array", id, header13(func(b []byte) []byte { return ct.Array(b) }), step),
		altered("a key id stands beside the grant", id, ct.OfMap(func(m *ct.Map) { m.Set(4, ct.Bytes(make([]byte, 8))) }), step),
		altered("a claims set stands beside the grant", id, header13(same, ct.Pair{Key: ct.Uint(14), Value: ct.Map{}.Encode()}), step),
		altered("the grant stands there twice", id, ct.OfMap(func(m *ct.Map) { *m = append(*m, (*m)[0]) }), "PST-DEC-007#3", "PST-ENC-002#4"),
		altered("ID_CRED_I is an array", id, ct.Replace(ct.Array(ct.Uint(13))), step),
		altered("ID_CRED_I is the grant itself", id, ct.OfItems(func(i [][]byte) [][]byte { m, _ := ct.ParseMap(i[0]); return [][]byte{m.Get(13)} }), step),
		spoilt{"the grant is an authority certificate, of the phone's key", []string{step, "PST-OBJ-001#6", "PST-OBJ-008#4"}, func(t *cases.T, p *holdertest.Phone) {
			p.Grant, p.Key = post(t), t.World.Key("post")
		}},
		spoilt{"the grant is the owner's policy", []string{step, "PST-OBJ-001#6", "PST-OBJ-008#4"}, func(t *cases.T, p *holdertest.Phone) {
			p.Grant, p.Key = t.Made(t.World.Policy(2, nil)), t.World.Key("owner")
		}},
		spoilt{"the grant is the lock's own certificate", []string{step, "PST-OBJ-001#6", "PST-OBJ-008#4"}, func(t *cases.T, p *holdertest.Phone) {
			p.Grant, p.Key = certificate(t, 0), t.World.Key("lock")
		}},
	}
}

// certificate is the lock's own, of the suite.
func certificate(t *cases.T, suite int) []byte {
	f, err := t.World.Factory(1)
	t.OK(err)
	i := slices.IndexFunc(f.Identities, func(i shim.Identity) bool { return i.Suite == suite })
	t.Check(i >= 0, "the factory has no certificate of suite %d", suite)
	return f.Identities[i].Certificate
}

// otherSuite is a grant whose key belongs to the other suite than the selected
// one, step 5.
func otherSuite(selected int) []spoilt {
	return []spoilt{{"the key of the grant belongs to the other suite than the selected one", []string{"PST-DEC-007#5"}, func(_ *cases.T, p *holdertest.Phone) {
		p.Suites = []int{selected}
	}}}
}
