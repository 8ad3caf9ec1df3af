package hsm

import (
	"fmt"

	"github.com/miekg/pkcs11"
)

// Module is what is asked of a PKCS#11 module.  *pkcs11.Ctx is one; a test can
// put itself in between and play a token that hangs or comes and goes.  It is
// called from several goroutines at once.
type Module interface {
	GetSlotList(tokenPresent bool) ([]uint, error)
	GetTokenInfo(slot uint) (pkcs11.TokenInfo, error)

	OpenSession(slot, flags uint) (pkcs11.SessionHandle, error)
	CloseSession(pkcs11.SessionHandle) error
	Login(s pkcs11.SessionHandle, user uint, pin string) error

	GenerateKeyPair(s pkcs11.SessionHandle, m []*pkcs11.Mechanism, public, private []*pkcs11.Attribute) (pkcs11.ObjectHandle, pkcs11.ObjectHandle, error)
	FindObjectsInit(pkcs11.SessionHandle, []*pkcs11.Attribute) error
	FindObjects(s pkcs11.SessionHandle, most int) ([]pkcs11.ObjectHandle, bool, error)
	FindObjectsFinal(pkcs11.SessionHandle) error
	GetAttributeValue(pkcs11.SessionHandle, pkcs11.ObjectHandle, []*pkcs11.Attribute) ([]*pkcs11.Attribute, error)

	SignInit(pkcs11.SessionHandle, []*pkcs11.Mechanism, pkcs11.ObjectHandle) error
	Sign(s pkcs11.SessionHandle, message []byte) ([]byte, error)
}

// Library is a module that was loaded from a shared library.
type Library struct{ *pkcs11.Ctx }

// Load loads the shared library at path, and starts it, however long that takes.  A
// process loads one library once: PKCS#11 has one state for all of its callers.  The
// error is ErrModule.
func Load(path string) (*Library, error) {
	c := pkcs11.New(path)
	if c == nil {
		return nil, fmt.Errorf("%w: %s does not load: is it there, for this processor, and a PKCS#11 module?", ErrModule, path)
	}
	if err := c.Initialize(); err != nil {
		c.Destroy()
		return nil, fmt.Errorf("%w: %s does not start: %w", ErrModule, path, err)
	}
	return &Library{c}, nil
}

// Close ends the library.  Close every Token of it before: a module need not bear that it
// is ended while a call of it hangs.  The code stays loaded for as long as the process
// lives, so that whoever is late, a Token too, has an error of the module and no fault of
// memory.
func (l *Library) Close() error { return l.Finalize() }
