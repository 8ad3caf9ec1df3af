package hsm_test

import (
	"crypto"
	"crypto/ed25519"
	"encoding/asn1"
	"slices"
	"sync"

	"github.com/miekg/pkcs11"

	"github.com/postern-lock/postern/examples/hsm"
)

// fake is a token below the C library that hangs, goes and comes back at will.
// It holds one Ed25519 key, "key".
type fake struct {
	mu       sync.Mutex
	here     bool
	ended    bool // by C_Finalize
	slot     uint
	serial   string
	pin      string
	tries    int // log-ins
	next     pkcs11.SessionHandle
	sessions map[pkcs11.SessionHandle]*fakeSession
	loggedIn bool
	fail     map[string][]pkcs11.Error // what the next calls answer
	hang     map[string]chan struct{}  // what calls wait for
	mad      bool                      // signatures are none
	signed   []byte                    // the message that was signed last
	hanging  int
	most     int

	key     ed25519.PrivateKey
	private map[uint][]byte
	public  map[uint][]byte
}

type fakeSession struct {
	found []pkcs11.ObjectHandle
	init  bool
}

const (
	fakePrivate pkcs11.ObjectHandle = iota + 1
	fakePublic
)

func newFake() *fake {
	f := &fake{here: true, slot: 7, serial: "0001", pin: "1234", sessions: map[pkcs11.SessionHandle]*fakeSession{}, fail: map[string][]pkcs11.Error{}, hang: map[string]chan struct{}{}}
	f.key = ed25519.NewKeyFromSeed([]byte("a key that lives in a fake token"))
	point, err := asn1.Marshal([]byte(f.key.Public().(ed25519.PublicKey)))
	if err != nil {
		panic(err)
	}
	value := func(number uint, v any) []byte { return pkcs11.NewAttribute(number, v).Value }
	f.private = map[uint][]byte{
		pkcs11.CKA_CLASS: value(0, pkcs11.CKO_PRIVATE_KEY), pkcs11.CKA_KEY_TYPE: value(0, 0x40),
	}
	for number, v := range map[uint]bool{
		pkcs11.CKA_PRIVATE: true, pkcs11.CKA_SENSITIVE: true, pkcs11.CKA_EXTRACTABLE: false, pkcs11.CKA_SIGN: true,
		pkcs11.CKA_ALWAYS_SENSITIVE: true, pkcs11.CKA_NEVER_EXTRACTABLE: true, pkcs11.CKA_LOCAL: true,
		pkcs11.CKA_DECRYPT: false, pkcs11.CKA_UNWRAP: false, pkcs11.CKA_DERIVE: false,
	} {
		f.private[number] = value(number, v)
	}
	f.public = map[uint][]byte{
		pkcs11.CKA_CLASS: value(0, pkcs11.CKO_PUBLIC_KEY), pkcs11.CKA_EC_PARAMS: []byte("\x06\x03\x2b\x65\x70"), pkcs11.CKA_EC_POINT: point,
	}
	for _, o := range []map[uint][]byte{f.private, f.public} {
		o[pkcs11.CKA_LABEL], o[pkcs11.CKA_ID], o[pkcs11.CKA_TOKEN] = []byte("key"), []byte{1}, []byte{1}
	}
	return f
}

// config opens the fake's token.
func (f *fake) config() hsm.Config {
	return hsm.Config{Label: "fake", PIN: func() (string, error) { return "1234", nil }, Sessions: 2, Patience: patience}
}

// remove pulls the token, and insert puts it back into another slot.
func (f *fake) remove() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.here, f.loggedIn = false, false
	clear(f.sessions)
}

func (f *fake) insert() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.here = true
	f.slot++
	f.next = 0 // numbers of sessions begin anew
}

// failing returns what the call is to fail with.
func (f *fake) failing(call string) error {
	if todo := f.fail[call]; len(todo) > 0 {
		f.fail[call] = todo[1:]
		return todo[0]
	}
	return nil
}

func (f *fake) GetSlotList(bool) ([]uint, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.ended:
		return nil, pkcs11.Error(pkcs11.CKR_CRYPTOKI_NOT_INITIALIZED)
	case !f.here:
		return nil, nil
	}
	return []uint{f.slot}, f.failing("GetSlotList")
}

func (f *fake) GetTokenInfo(slot uint) (pkcs11.TokenInfo, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.here || slot != f.slot {
		return pkcs11.TokenInfo{}, pkcs11.Error(pkcs11.CKR_SLOT_ID_INVALID)
	}
	return pkcs11.TokenInfo{Label: "fake", SerialNumber: f.serial}, nil
}

func (f *fake) OpenSession(slot, _ uint) (pkcs11.SessionHandle, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.ended:
		return 0, pkcs11.Error(pkcs11.CKR_CRYPTOKI_NOT_INITIALIZED)
	case !f.here:
		return 0, pkcs11.Error(pkcs11.CKR_TOKEN_NOT_PRESENT)
	case slot != f.slot:
		return 0, pkcs11.Error(pkcs11.CKR_SLOT_ID_INVALID)
	}
	f.next++
	f.sessions[f.next] = &fakeSession{}
	return f.next, f.failing("OpenSession")
}

func (f *fake) CloseSession(h pkcs11.SessionHandle) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := f.session(h, "CloseSession"); err != nil {
		return err
	}
	delete(f.sessions, h)
	if len(f.sessions) == 0 {
		f.loggedIn = false
	}
	return nil
}

func (f *fake) Login(h pkcs11.SessionHandle, _ uint, pin string) error {
	f.enter("Login")
	defer f.mu.Unlock()
	if _, err := f.session(h, "Login"); err != nil {
		return err
	}
	if f.loggedIn {
		return pkcs11.Error(pkcs11.CKR_USER_ALREADY_LOGGED_IN)
	}
	f.tries++
	if pin != f.pin {
		return pkcs11.Error(pkcs11.CKR_PIN_INCORRECT)
	}
	f.loggedIn = true
	return nil
}

// session returns an open session, or the call's failure.
func (f *fake) session(h pkcs11.SessionHandle, call string) (*fakeSession, error) {
	s, ok := f.sessions[h]
	switch {
	case f.ended:
		return nil, pkcs11.Error(pkcs11.CKR_CRYPTOKI_NOT_INITIALIZED)
	case !f.here:
		return nil, pkcs11.Error(pkcs11.CKR_DEVICE_REMOVED)
	case !ok:
		return nil, pkcs11.Error(pkcs11.CKR_SESSION_HANDLE_INVALID)
	}
	return s, f.failing(call)
}

func (f *fake) GenerateKeyPair(pkcs11.SessionHandle, []*pkcs11.Mechanism, []*pkcs11.Attribute, []*pkcs11.Attribute) (pkcs11.ObjectHandle, pkcs11.ObjectHandle, error) {
	return 0, 0, pkcs11.Error(pkcs11.CKR_FUNCTION_NOT_SUPPORTED)
}

func (f *fake) FindObjectsInit(h pkcs11.SessionHandle, template []*pkcs11.Attribute) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, err := f.session(h, "FindObjectsInit")
	if err != nil {
		return err
	}
	s.found = nil
	for _, o := range []pkcs11.ObjectHandle{fakePrivate, fakePublic} {
		fits := func(a *pkcs11.Attribute) bool { return slices.Equal(f.object(o)[a.Type], a.Value) }
		if !slices.ContainsFunc(template, func(a *pkcs11.Attribute) bool { return !fits(a) }) {
			s.found = append(s.found, o)
		}
	}
	return nil
}

func (f *fake) object(o pkcs11.ObjectHandle) map[uint][]byte {
	if o == fakePrivate {
		return f.private
	}
	return f.public
}

func (f *fake) FindObjects(h pkcs11.SessionHandle, _ int) ([]pkcs11.ObjectHandle, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, err := f.session(h, "FindObjects")
	if err != nil {
		return nil, false, err
	}
	return s.found, false, nil
}

func (f *fake) FindObjectsFinal(h pkcs11.SessionHandle) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, err := f.session(h, "FindObjectsFinal")
	return err
}

func (f *fake) GetAttributeValue(h pkcs11.SessionHandle, o pkcs11.ObjectHandle, ask []*pkcs11.Attribute) ([]*pkcs11.Attribute, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := f.session(h, "GetAttributeValue"); err != nil {
		return nil, err
	}
	var out []*pkcs11.Attribute
	for _, a := range ask {
		out = append(out, &pkcs11.Attribute{Type: a.Type, Value: f.object(o)[a.Type]})
	}
	return out, nil
}

func (f *fake) SignInit(h pkcs11.SessionHandle, _ []*pkcs11.Mechanism, o pkcs11.ObjectHandle) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, err := f.session(h, "SignInit")
	switch {
	case err != nil:
		return err
	case !f.loggedIn:
		return pkcs11.Error(pkcs11.CKR_USER_NOT_LOGGED_IN)
	case o != fakePrivate:
		return pkcs11.Error(pkcs11.CKR_KEY_HANDLE_INVALID)
	}
	s.init = true
	return nil
}

func (f *fake) Sign(h pkcs11.SessionHandle, message []byte) ([]byte, error) {
	f.enter("Sign")
	defer f.mu.Unlock()
	s, err := f.session(h, "Sign")
	if err != nil {
		return nil, err
	}
	if !s.init {
		return nil, pkcs11.Error(pkcs11.CKR_OPERATION_NOT_INITIALIZED)
	}
	s.init = false
	f.signed = slices.Clone(message)
	if f.mad {
		return make([]byte, 64), nil
	}
	return f.key.Sign(nil, message, crypto.Hash(0))
}

// enter takes the lock, after the wait for a call that hangs.
func (f *fake) enter(call string) {
	f.mu.Lock()
	if wait := f.hang[call]; wait != nil {
		f.hanging++
		f.most = max(f.most, f.hanging)
		f.mu.Unlock()
		<-wait
		f.mu.Lock()
		f.hanging--
	}
}

// freeze has such calls hang until the function that it returns is called.
func (f *fake) freeze(call string) (thaw func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	wait := make(chan struct{})
	f.hang[call] = wait
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.hang[call] = nil
		close(wait)
	}
}
