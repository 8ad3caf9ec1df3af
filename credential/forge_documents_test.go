package credential_test

import (
	"github.com/postern-lock/postern/credential"
)

// policyForge is a policy with a few settings, by which the subject becomes or
// stays the owner.
func policyForge(key, subject *testKey) *forge {
	f := newForge(65004, key, subject)
	f.longest = 768
	f.claims = []pair{{num(6), num(issued)}}
	f.scope = policyScope(
		pair{num(2), list(list(num(1), num(6)), list(num(2), num(2), num(1), weekdays()))},
		pair{num(4), bstr(tags(3)...)},
		pair{num(6), list(num(1), num(issued), num(0), num(1), num(3))},
	)
	return f
}

// policyScope is the scope of a policy for the lock of the tests.
func policyScope(settings ...pair) cbor {
	return list(bstr(lockID[:]...), num(7), dict(settings...))
}

// weekdays is a schedule of one window: Monday to Friday, from 8 to 18 o'clock.
func weekdays() cbor { return list(window(31, 480, 1080)) }

// tags returns n tags, ascending.
func tags(n int) []byte {
	var b []byte
	for i := range n {
		b = append(b, 1, 2, 3, 4, 5, 6, 7, byte(i))
	}
	return b
}

// plain starts an object that is about no key.
func plain(typ int64, key *testKey, scope cbor) *forge {
	f := newForge(typ, key, key)
	f.cose, f.claims, f.scope = nil, []pair{{num(6), num(issued)}}, scope
	return f
}

func listForge(key, _ *testKey) *forge {
	return plain(65005, key, list(num(3), num(issued-1000), list(denial(0), denial(1))))
}

// denial is the entry of a list with the tag that tags makes at i.
func denial(i int) cbor { return list(bstr(tags(i + 1)[8*i:]...), num(expires)) }

func tokenForge(key, _ *testKey) *forge {
	return plain(65006, key, list(num(-120), bstr(nonce[:]...)))
}

// nonce is that of a lock in its answer to SELECT.
var nonce = [16]byte{15: 1}

func receiptForge(key, _ *testKey) *forge {
	return plain(65007, key, receiptScope(logEntry()))
}

// receiptScope is the scope of a receipt with this entry.
func receiptScope(entry cbor) cbor {
	return list(bstr(lockID[:]...), num(7), bstr(tags(1)...), bstr(logHead[:]...), entry)
}

var logHead = credential.LogHead{31: 1}

// logEntry is an entry by hand, with some of its fields in another form.
func logEntry(spoil ...func([]cbor)) cbor {
	fields := []cbor{
		num(9), num(begins), num(2), num(2), num(1), num(0), num(3), num(1), bstr(tags(1)...), num(0), bstr(),
	}
	for _, s := range spoil {
		s(fields)
	}
	return list(fields...)
}

// put puts a value into a field of an entry.
func put(field int, value cbor) func([]cbor) { return func(fields []cbor) { fields[field] = value } }

// entryClaims is what logEntry is.
func entryClaims() credential.LogEntry {
	return credential.LogEntry{
		Sequence: 9, Time: begins, Evidence: credential.EvidenceLive, Operation: credential.OperationDeliver, Outcome: credential.LogStarted,
		Role: credential.RoleOperator, Service: credential.ServicePost, Who: credential.Tag(tags(1)),
	}
}

var (
	policyKind  = kind{"policy", 65004, policyForge, verifyPolicy, parsePolicy}
	listKind    = kind{"revocation list", 65005, listForge, verifyList, parseList}
	tokenKind   = kind{"time token", 65006, tokenForge, verifyToken, parseToken}
	receiptKind = kind{"receipt", 65007, receiptForge, verifyReceipt, parseReceipt}
)

func parsePolicy(b []byte) error  { _, err := credential.ParsePolicy(b); return err }
func parseList(b []byte) error    { _, err := credential.ParseRevocationList(b); return err }
func parseToken(b []byte) error   { _, err := credential.ParseTimeToken(b); return err }
func parseReceipt(b []byte) error { _, err := credential.ParseReceipt(b); return err }

func verifyPolicy(v *credential.Verifier, data []byte, key *testKey) error {
	u, err := credential.ParsePolicy(data)
	if err != nil {
		return err
	}
	_, err = v.Policy(u, key.public)
	return err
}

func verifyList(v *credential.Verifier, data []byte, key *testKey) error {
	u, err := credential.ParseRevocationList(data)
	if err != nil {
		return err
	}
	by, err := certify(key, scoped(rights(2)))
	if err != nil {
		return err
	}
	_, err = v.RevocationList(u, by)
	return err
}

func verifyToken(v *credential.Verifier, data []byte, key *testKey) error {
	u, err := credential.ParseTimeToken(data)
	if err != nil {
		return err
	}
	by, err := certify(key, scoped(rights(4)))
	if err != nil {
		return err
	}
	_, err = v.TimeToken(u, by)
	return err
}

func verifyReceipt(v *credential.Verifier, data []byte, key *testKey) error {
	u, err := credential.ParseReceipt(data)
	if err != nil {
		return err
	}
	lock, err := lockCertificate(key, lockID)
	if err != nil {
		return err
	}
	_, err = v.Receipt(u, lock)
	return err
}

// rights is the scope of an authority with these rights, issue not among them.
func rights(bits int64) cbor { return list(list(), num(bits), num(0)) }

// lockCertificate returns a verified certificate of the lock with the key.
func lockCertificate(key *testKey, id credential.LockID) (*credential.LockCertificate, error) {
	f := lockForge(edKey("maker"), key)
	f.scope = list(bstr(id[:]...), num(1), num(2))
	u, err := credential.ParseLockCertificate(f.bytes())
	if err != nil {
		return nil, err
	}
	maker, err := certify(edKey("maker"), scoped(rights(8)))
	if err != nil {
		return nil, err
	}
	return new(credential.Verifier).LockCertificate(u, maker)
}
