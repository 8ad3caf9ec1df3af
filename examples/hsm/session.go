package hsm

import (
	"errors"
	"fmt"

	"github.com/miekg/pkcs11"
)

// session is one session, or the place for one.  Whoever took it is alone with it.
type session struct {
	open    bool
	handle  pkcs11.SessionHandle
	age     int64 // of the token's when it was opened, or was tried to be
	slot    uint
	serial  string
	private map[string]pkcs11.ObjectHandle // private keys by CKA_ID
}

// place is where the token is.
type place struct {
	known   bool
	slot    uint
	serial  string // of the token; it stays when the slot is lost, so that no other token of that label takes its place
	refused error  // what the token said to the PIN
}

// current reports whether the session is open, and not lost with the token.
func (t *Token) current(s *session) bool { return s.open && s.age == t.age.Load() }

// ready opens the session where it is not open, and logs in.
func (t *Token) ready(s *session) error {
	if t.current(s) {
		return nil
	}
	p := <-t.place
	defer func() { t.place <- p }()
	*s = session{age: t.age.Load()} // it was lost with the token, or is not open yet
	if p.refused != nil {
		return p.refused
	}
	if !p.known {
		found, err := t.locate(p.serial)
		if err != nil {
			return err
		}
		p.known, p.slot, p.serial = true, found.slot, found.serial
	}
	handle, err := t.module.OpenSession(p.slot, pkcs11.CKF_SERIAL_SESSION)
	if err != nil {
		return fmt.Errorf("opening a session: %w", err)
	}
	if err := t.login(handle); err != nil {
		if code(err) != pkcs11.CKR_OK && errors.Is(err, ErrPIN) { // the token's own word
			p.refused = err
		}
		_ = t.module.CloseSession(handle) // the log-in's error says more
		return err
	}
	*s = session{open: true, handle: handle, age: s.age, slot: p.slot, serial: p.serial, private: map[string]pkcs11.ObjectHandle{}}
	return nil
}

// login logs in with a PIN that is asked for now.
func (t *Token) login(handle pkcs11.SessionHandle) error {
	pin, err := t.config.PIN()
	if err != nil {
		return fmt.Errorf("%w: none to be had: %w", ErrPIN, err)
	}
	err = t.module.Login(handle, pkcs11.CKU_USER, pin)
	switch code(err) {
	case pkcs11.CKR_USER_ALREADY_LOGGED_IN: // by another session
		return nil
	case pkcs11.CKR_PIN_INCORRECT, pkcs11.CKR_PIN_INVALID, pkcs11.CKR_PIN_LEN_RANGE,
		pkcs11.CKR_PIN_EXPIRED, pkcs11.CKR_PIN_LOCKED, pkcs11.CKR_USER_PIN_NOT_INITIALIZED:
		return fmt.Errorf("%w: %w; it is not tried again", ErrPIN, err)
	}
	if err != nil {
		return fmt.Errorf("log-in: %w", err)
	}
	return nil
}

// locate finds the one token of the configuration, and of the serial number where
// it is known from before.
func (t *Token) locate(serial string) (place, error) {
	slots, err := t.module.GetSlotList(true)
	if err != nil {
		return place{}, fmt.Errorf("listing slots: %w", err)
	}
	if serial == "" {
		serial = t.config.Serial
	}
	var found []place
	for _, slot := range slots {
		info, err := t.module.GetTokenInfo(slot)
		if err != nil {
			continue // it left since, or is another one that does not work
		}
		if (t.config.Label == "" || info.Label == t.config.Label) && (serial == "" || info.SerialNumber == serial) {
			found = append(found, place{slot: slot, serial: info.SerialNumber})
		}
	}
	wanted := fmt.Sprintf("label %q, serial number %q", t.config.Label, serial)
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return place{}, fmt.Errorf("%w: none of the %d that are there has %s", ErrToken, len(slots), wanted)
	}
	return place{}, fmt.Errorf("%w: %d have %s: give the serial number", ErrToken, len(found), wanted)
}
