package credential

import (
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// ReceiptClaims is what a lock states of what it did (section 19.5).
type ReceiptClaims struct {
	Lock          LockID
	Floor         Time      // iat: the lock's floor; Entry says how late it was
	PolicyVersion uint32    // version of the owner's policy; it stays when the lock gets another owner
	Policy        Tag       // tag of the policy in force; zero where there is none
	Head          LogHead   // head of the log, the entry included
	Entry         *LogEntry // what was done; nil for nothing that the log tells.  Its Sequence is zero for others than the owner.
}

// UnverifiedReceipt is a receipt as parsed: nobody vouches for its claims yet.
type UnverifiedReceipt struct {
	object
	claims ReceiptClaims
	// Claims is a copy to read.  What is changed in it is not verified, and no
	// verified type ever shows it.
	Claims ReceiptClaims
}

// Receipt is a receipt that the lock has signed that it names.  Only a [Verifier]
// makes one; the zero value is of no lock.
type Receipt struct {
	object
	claims      ReceiptClaims
	fingerprint Fingerprint
}

const receiptName = "receipt"

// ParseReceipt decodes a receipt of at most 512 bytes.  It checks everything but
// the signature.
//
// Errors: malformed, limit, object-type, algorithm, by section 4.5.
func ParseReceipt(data []byte) (*UnverifiedReceipt, error) {
	u := new(UnverifiedReceipt)
	payload, err := u.open(receiptName, wire.TypeReceipt, data)
	if err != nil {
		return nil, err
	}
	if err := u.claims.read(payload); err != nil {
		return nil, err
	}
	var again [wire.LimitObjectBytes]byte
	if err := u.same(receiptName, wire.TypeReceipt, u.claims.append(again[:0])); err != nil {
		return nil, err
	}
	u.Claims = u.claims.clone()
	return u, nil
}

// read decodes the claims set of a receipt.
//
//	receipt = { 6: iat, 9: bstr .cbor [ lock-id, policy-version, policy: bstr .size 8 / h'', head: bstr .size 32, entry / [] ] }
func (c *ReceiptClaims) read(payload []byte) error {
	r := read(receiptName, payload)
	r.pairs("claims", 2, 2, ReasonMalformed)
	c.Floor = r.moment(wire.ClaimIat, "iat")
	r.label(wire.ClaimScope, "scope")
	scope := r.bytes("scope")
	if err := r.close(); err != nil {
		return err
	}
	r = read(receiptName+": scope", scope)
	r.array("fields", 5, 5, ReasonMalformed)
	c.Lock = LockID(r.sized("lock id", len(c.Lock)))
	c.PolicyVersion = r.number("policy version")
	r.optional("policy", c.Policy[:])
	c.Head = LogHead(r.sized("head", len(c.Head)))
	switch n := r.array("entry", 0, logEntryFields, ReasonMalformed); n {
	case 0:
	case logEntryFields:
		c.Entry = new(LogEntry)
		c.Entry.read(&r)
	default:
		r.refuse(ReasonMalformed, "entry", "must have %d fields or none, has %d", logEntryFields, n)
	}
	if err := r.close(); err != nil {
		return err
	}
	return c.check()
}

// append encodes the claims set.
func (c *ReceiptClaims) append(b []byte) []byte {
	s := dcbor.AppendArray(make([]byte, 0, 128), 5)
	s = dcbor.AppendBytes(s, c.Lock[:])
	s = dcbor.AppendUint(s, uint64(c.PolicyVersion))
	s = appendOptional(s, c.Policy[:])
	s = dcbor.AppendBytes(s, c.Head[:])
	if c.Entry == nil {
		s = dcbor.AppendArray(s, 0)
	} else {
		s = c.Entry.append(s)
	}
	b = dcbor.AppendMap(b, 2)
	b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ClaimIat), uint64(c.Floor))
	return dcbor.AppendBytes(dcbor.AppendInt(b, wire.ClaimScope), s)
}

// check applies the rules that hold for every receipt.
func (c *ReceiptClaims) check() error {
	switch {
	case c.Floor == 0:
		return fault(ReasonMalformed, "%s: iat: is missing, and every lock has a floor", receiptName)
	case c.PolicyVersion == 0 && c.Policy != Tag{}:
		return fault(ReasonMalformed, "%s: policy version: is missing, and a policy has one", receiptName)
	case c.Entry == nil:
		return nil
	}
	return c.Entry.check(receiptName+": entry", true)
}

// NewReceipt builds the receipt that the lock with the public key signer is to
// sign.  It refuses claims that every receiver would refuse.
func NewReceipt(c ReceiptClaims, signer PublicKey) (Unsigned, error) {
	if err := c.check(); err != nil {
		return Unsigned{}, err
	}
	return newUnsigned(receiptName, wire.TypeReceipt, signer, c.append(make([]byte, 0, 160)))
}

// clone returns a copy that shares nothing with c.
func (c *ReceiptClaims) clone() ReceiptClaims {
	d := *c
	if c.Entry != nil {
		e := *c.Entry
		d.Entry = &e
	}
	return d
}

// Claims returns a copy of everything that the receipt says.
func (r *Receipt) Claims() ReceiptClaims { return r.claims.clone() }

// Fingerprint names the verified signature, for [Verifier.Known].
func (r *Receipt) Fingerprint() Fingerprint { return r.fingerprint }
