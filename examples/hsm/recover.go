package hsm

import (
	"errors"

	"github.com/miekg/pkcs11"
)

// code returns the CKR value of an error of a module, CKR_OK where it has none.
func code(err error) uint {
	if e, ok := errors.AsType[pkcs11.Error](err); ok {
		return uint(e)
	}
	return pkcs11.CKR_OK
}

// mend does away with what an error has spoilt, and reports whether it is worth
// to ask once more.
func (t *Token) mend(s *session, err error) bool {
	switch code(err) {
	case pkcs11.CKR_OK: // an error of this package: the session is good, or there is none
		return false

	// The token went away, perhaps with all its sessions, or somebody ended the
	// module.  Their numbers can be given out again and be somebody else's by now, so
	// none is closed.
	case pkcs11.CKR_SESSION_HANDLE_INVALID, pkcs11.CKR_SESSION_CLOSED,
		pkcs11.CKR_DEVICE_REMOVED, pkcs11.CKR_TOKEN_NOT_PRESENT, pkcs11.CKR_TOKEN_NOT_RECOGNIZED, pkcs11.CKR_SLOT_ID_INVALID,
		pkcs11.CKR_CRYPTOKI_NOT_INITIALIZED:
		t.lose(s)
		return true

	// The session stands, but somebody logged out, changed the objects or left
	// something half done in it; or the token hiccuped.
	case pkcs11.CKR_USER_NOT_LOGGED_IN, pkcs11.CKR_KEY_HANDLE_INVALID, pkcs11.CKR_OBJECT_HANDLE_INVALID,
		pkcs11.CKR_OPERATION_ACTIVE, pkcs11.CKR_OPERATION_NOT_INITIALIZED, pkcs11.CKR_DEVICE_ERROR, pkcs11.CKR_FUNCTION_FAILED:
		t.drop(s)
		return true
	}
	t.drop(s)
	return false
}

// drop closes the session; the next use opens another.
func (t *Token) drop(s *session) {
	if t.current(s) {
		_ = t.module.CloseSession(s.handle) // what is wrong with it was said already
	}
	*s = session{}
}

// lose forgets where the token was, and with it all sessions of that place.
func (t *Token) lose(s *session) {
	p := <-t.place
	if s.age == t.age.Load() { // else another session saw it first
		p.known = false
		t.age.Add(1)
	}
	t.place <- p
	*s = session{}
}
