package edhoc

// Kind is the rule that a message or a call broke. A Kind is an error itself,
// so that errors.Is(err, edhoc.ErrSignature) tells what happened.
type Kind uint8

// The kinds of error. Every error of the package wraps exactly one of them.
const (
	// ErrMalformed: a message is not deterministic CBOR, or not of the form of
	// its CDDL definition.
	ErrMalformed Kind = iota + 1
	// ErrLimit: a message, a derived key or the number of messages in a channel
	// is beyond its bound.
	ErrLimit
	// ErrMethod: METHOD is not 0.
	ErrMethod
	// ErrSuite: the selected cipher suite is not supported, or one that the
	// initiator prefers to it is. See RFC 9528, section 6.3.
	ErrSuite
	// ErrConnectionID: the peer's connection identifier is not one byte long.
	ErrConnectionID
	// ErrKeyShare: an ephemeral public key has the wrong length, is not on the
	// curve or is of low order.
	ErrKeyShare
	// ErrEAD: there is an EAD item, of whatever label.
	ErrEAD
	// ErrCredential: the caller did not accept ID_CRED_x, the key does not fit
	// the cipher suite, or it is the receiver's own key.
	ErrCredential
	// ErrSignature: Signature_or_MAC_x does not verify: the peer has not shown
	// that it holds the private key of its credential.
	ErrSignature
	// ErrDecrypt: CIPHERTEXT_3 or a message of the channel does not open.
	ErrDecrypt
	// ErrPeer: an EDHOC error message came. The error wraps a [*PeerError].
	ErrPeer
	// ErrUsed: the state has been used already, or was never made.
	ErrUsed
	// ErrClosed: the channel has ended.
	ErrClosed
	// ErrLocal: the fault lies on this side: the configuration, the credential,
	// the signer or the source of randomness.
	ErrLocal
)

var kindText = [...]string{
	ErrMalformed:    "malformed",
	ErrLimit:        "beyond limit",
	ErrMethod:       "method not supported",
	ErrSuite:        "wrong selected cipher suite",
	ErrConnectionID: "connection identifier not admitted",
	ErrKeyShare:     "invalid ephemeral key",
	ErrEAD:          "external authorization data not admitted",
	ErrCredential:   "credential not accepted",
	ErrSignature:    "invalid signature",
	ErrDecrypt:      "decryption failed",
	ErrPeer:         "peer sent an error message",
	ErrUsed:         "state used already",
	ErrClosed:       "channel has ended",
	ErrLocal:        "local fault",
}

// Error returns the name of the kind.
func (k Kind) Error() string {
	if k == 0 || int(k) >= len(kindText) {
		return "unknown kind of error"
	}
	return kindText[k]
}

// Error is the error of every function of the package. It holds no secret and
// no byte of a message.
type Error struct {
	Kind   Kind   // the rule that was broken
	Field  string // the data item, by its name in RFC 9528, or ""
	Detail string // what is wrong with it, or ""
	Err    error  // the cause, or nil

	message []byte // the EDHOC error message to send, or nil
}

// Error names the kind, the field, the detail and the cause.
func (e *Error) Error() string {
	text := "edhoc: " + e.Kind.Error()
	if e.Field != "" {
		text += ": " + e.Field
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap gives the kind, and the cause where there is one.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// ErrorMessage returns the EDHOC error message that the peer is to be sent, or
// nil. Only [ErrSuite] in [Accept] has one: ERR_CODE 2 with SUITES_R. It can go
// to anybody, for it says no more than what the responder supports.
func (e *Error) ErrorMessage() []byte { return e.message }
