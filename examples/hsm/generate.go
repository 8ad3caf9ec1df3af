package hsm

import (
	"fmt"

	"github.com/miekg/pkcs11"
)

// Generate makes a key pair in the token, for good: the private half can sign, and
// neither be read nor leave.  The name has a label; without an id the label is
// the id as well.  A name that is taken is refused, by label or by id.
//
// After ErrSilent the pair may be there all the same: Find tells.
func (t *Token) Generate(n Name, kind Kind) (*Key, error) {
	r, ok := kind.recipe()
	if !ok || n.Label == "" {
		return nil, fmt.Errorf("%w: want a kind and a label", ErrKey)
	}
	if len(n.ID) == 0 {
		n.ID = []byte(n.Label)
	}
	_, err := do(t, "key generation", func(s *session) (struct{}, error) {
		return struct{}{}, t.generate(s, n, r)
	})
	if err != nil {
		return nil, err
	}
	return t.Find(n)
}

// generate makes the pair.  An attempt that is made again finds what the lost one
// left, and refuses: better a second look than a second key.
func (t *Token) generate(s *session, n Name, r recipe) error {
	for _, taken := range []Name{{Label: n.Label}, {ID: n.ID}} {
		found, err := t.find(s, taken.attributes())
		if err != nil {
			return err
		}
		if len(found) > 0 {
			return fmt.Errorf("%w: %v: the name is taken", ErrKey, taken)
		}
	}
	writer, err := t.module.OpenSession(s.slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	if err != nil {
		return err
	}
	both := func(more ...*pkcs11.Attribute) []*pkcs11.Attribute {
		return append(more,
			pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true),
			pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, r.keyType),
			pkcs11.NewAttribute(pkcs11.CKA_LABEL, n.Label),
			pkcs11.NewAttribute(pkcs11.CKA_ID, n.ID),
			pkcs11.NewAttribute(pkcs11.CKA_MODIFIABLE, false))
	}
	_, _, err = t.module.GenerateKeyPair(writer, []*pkcs11.Mechanism{pkcs11.NewMechanism(r.generate, nil)},
		both(
			pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_PUBLIC_KEY),
			pkcs11.NewAttribute(pkcs11.CKA_VERIFY, true),
			pkcs11.NewAttribute(pkcs11.CKA_EC_PARAMS, []byte(r.params[0]))),
		both(
			pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_PRIVATE_KEY),
			pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, true),
			pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, true),
			pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, false),
			pkcs11.NewAttribute(pkcs11.CKA_SIGN, true),
			pkcs11.NewAttribute(pkcs11.CKA_DECRYPT, false),
			pkcs11.NewAttribute(pkcs11.CKA_UNWRAP, false),
			pkcs11.NewAttribute(pkcs11.CKA_DERIVE, false)))
	if end := t.module.CloseSession(writer); err == nil {
		err = end
	}
	return err
}
