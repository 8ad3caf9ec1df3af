package hsm

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/miekg/pkcs11"
)

// Name names a key pair in a token: by CKA_LABEL, by CKA_ID or by both.
type Name struct {
	Label string
	ID    []byte
}

// String returns label and id.
func (n Name) String() string { return fmt.Sprintf("label %q, id %x", n.Label, n.ID) }

// attributes find the private half.
func (n Name) attributes() []*pkcs11.Attribute {
	a := []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_PRIVATE_KEY),
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true),
	}
	if n.Label != "" {
		a = append(a, pkcs11.NewAttribute(pkcs11.CKA_LABEL, n.Label))
	}
	if len(n.ID) > 0 {
		a = append(a, pkcs11.NewAttribute(pkcs11.CKA_ID, n.ID))
	}
	return a
}

// Find returns the one key pair of the name.  It checks that the private half is
// kept in the token and is of use for signatures alone, reads the public half strictly, and has a random message
// signed to see that they belong together.
//
// Errors: ErrKey, those of Key.Sign, or that of the module.
func (t *Token) Find(n Name) (*Key, error) {
	if n.Label == "" && len(n.ID) == 0 {
		return nil, fmt.Errorf("%w: give its label or its id", ErrKey)
	}
	k, err := do(t, "finding a key", func(s *session) (*Key, error) { return t.read(s, n) })
	if err != nil {
		return nil, err
	}
	if err := k.prove(); err != nil {
		return nil, err
	}
	return k, nil
}

// one returns the one object with the attributes.
func (t *Token) one(s *session, a []*pkcs11.Attribute) (pkcs11.ObjectHandle, error) {
	found, err := t.find(s, a)
	switch {
	case err != nil:
		return 0, err
	case len(found) == 0:
		return 0, fmt.Errorf("%w: it is not in the token", ErrKey)
	case len(found) > 1:
		return 0, fmt.Errorf("%w: several keys have that name", ErrKey)
	}
	return found[0], nil
}

// find returns the first two objects with the attributes.
func (t *Token) find(s *session, a []*pkcs11.Attribute) ([]pkcs11.ObjectHandle, error) {
	if err := t.module.FindObjectsInit(s.handle, a); err != nil {
		return nil, err
	}
	found, _, err := t.module.FindObjects(s.handle, 2)
	if end := t.module.FindObjectsFinal(s.handle); err == nil {
		err = end
	}
	return found, err
}

// read reads the key pair of the name.
func (t *Token) read(s *session, n Name) (*Key, error) {
	private, err := t.one(s, n.attributes())
	if err != nil {
		return nil, fmt.Errorf("%v: %w", n, err)
	}
	k := &Key{token: t}
	if err := k.readPrivate(s, private); err != nil {
		return nil, fmt.Errorf("%v: %w", n, err)
	}
	if _, err := t.one(s, k.attributes(pkcs11.CKO_PRIVATE_KEY)); err != nil {
		return nil, fmt.Errorf("%v: by its id alone: %w", n, err)
	}
	public, err := t.one(s, k.attributes(pkcs11.CKO_PUBLIC_KEY))
	if err != nil {
		return nil, fmt.Errorf("%v: public half: %w", n, err)
	}
	a, err := t.module.GetAttributeValue(s.handle, public, []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_EC_PARAMS, nil), pkcs11.NewAttribute(pkcs11.CKA_EC_POINT, nil),
	})
	if err != nil {
		return nil, fmt.Errorf("%v: public half: %w", n, err)
	}
	if len(a) != 2 {
		return nil, fmt.Errorf("%w: %v: public half without its attributes", ErrKey, n)
	}
	k.public, err = publicKey(k.kind, a[0].Value, a[1].Value)
	return k, err
}

// guard is an attribute that a private key must have.
type guard struct {
	name    string
	number  uint
	want    bool
	history bool // says what was, and not what is
}

// guards keep a private key in its token, and to signatures.
var guards = []guard{
	{"CKA_PRIVATE", pkcs11.CKA_PRIVATE, true, false},
	{"CKA_SENSITIVE", pkcs11.CKA_SENSITIVE, true, false},
	{"CKA_EXTRACTABLE", pkcs11.CKA_EXTRACTABLE, false, false},
	{"CKA_SIGN", pkcs11.CKA_SIGN, true, false},
	{"CKA_ALWAYS_SENSITIVE", pkcs11.CKA_ALWAYS_SENSITIVE, true, true},
	{"CKA_NEVER_EXTRACTABLE", pkcs11.CKA_NEVER_EXTRACTABLE, true, true},
	{"CKA_LOCAL", pkcs11.CKA_LOCAL, true, true},
	{"CKA_DECRYPT", pkcs11.CKA_DECRYPT, false, false},
	{"CKA_UNWRAP", pkcs11.CKA_UNWRAP, false, false},
	{"CKA_DERIVE", pkcs11.CKA_DERIVE, false, false},
}

// readPrivate reads id, label and kind, and checks the guards.
func (k *Key) readPrivate(s *session, handle pkcs11.ObjectHandle) error {
	ask := []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_ID, nil), pkcs11.NewAttribute(pkcs11.CKA_LABEL, nil), pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, nil),
	}
	for _, g := range guards {
		ask = append(ask, pkcs11.NewAttribute(g.number, nil))
	}
	a, err := k.token.module.GetAttributeValue(s.handle, handle, ask)
	if err != nil {
		return err
	}
	if len(a) != len(ask) {
		return fmt.Errorf("%w: the token gave %d of %d attributes", ErrKey, len(a), len(ask))
	}
	k.id, k.label = bytes.Clone(a[0].Value), string(a[1].Value)
	if len(k.id) == 0 {
		return fmt.Errorf("%w: it has no CKA_ID", ErrKey)
	}
	if k.kind = kindOf(a[2].Value); k.kind == 0 {
		return fmt.Errorf("%w: CKA_KEY_TYPE is neither Ed25519 nor P-256", ErrKey)
	}
	var wrong []string
	for i, g := range guards {
		is := a[3+i].Value
		if good := len(is) == 1 && (is[0] != 0) == g.want; !good && !(g.history && k.token.config.Restored) {
			wrong = append(wrong, fmt.Sprintf("%s is not %t", g.name, g.want))
		}
	}
	if wrong != nil {
		return fmt.Errorf("%w: %s", ErrKey, strings.Join(wrong, ", "))
	}
	return nil
}

// kindOf reads a CK_KEY_TYPE, an unsigned long of the machine.
func kindOf(value []byte) Kind {
	var n uint64
	switch len(value) {
	case 4:
		n = uint64(binary.NativeEndian.Uint32(value))
	case 8:
		n = binary.NativeEndian.Uint64(value)
	}
	for _, k := range []Kind{Ed25519, P256} {
		if r, _ := k.recipe(); n == uint64(r.keyType) {
			return k
		}
	}
	return 0
}

// possession begins the message that is signed to see a key at work; no object
// of the standard begins so.
const possession = "postern hsm possession\n"

// prove sees that the private half belongs to the public one.
func (k *Key) prove() error {
	message := append([]byte(possession), make([]byte, 32)...)
	_, _ = rand.Read(message[len(possession):]) // it never fails
	var opts crypto.SignerOpts = crypto.Hash(0)
	if k.kind == P256 {
		digest := sha256.Sum256(message)
		message, opts = digest[:], crypto.SHA256
	}
	signature, err := k.Sign(nil, message, opts)
	if err != nil {
		return err
	}
	good := false
	switch public := k.public.(type) {
	case ed25519.PublicKey:
		good = ed25519.Verify(public, message, signature)
	case *ecdsa.PublicKey:
		good = ecdsa.VerifyASN1(public, message, signature)
	}
	if !good {
		return fmt.Errorf("%w: the public half in the token is not that of the private one", ErrKey)
	}
	return nil
}
