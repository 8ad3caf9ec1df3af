package edhoc

import (
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/suite"
)

// Local is one's own side of the authentication.
type Local struct {
	IDCred []byte       // ID_CRED_x, an encoded COSE header map, also where it holds a kid alone
	Cred   []byte       // CRED_x, one encoded CBOR item
	Signer suite.Signer // the private key to the public key in Cred
}

// Peer is the other side of the authentication, as far as the caller knows it.
type Peer struct {
	Cred []byte          // CRED_x, one encoded CBOR item, the same bytes as the peer has
	Key  suite.PublicKey // the public key in Cred
}

// A Resolver turns ID_CRED_x of the peer into its credential and key. It decides
// whether this run may be with that peer at all: a valid signature shows that
// the peer has the key, not that it may do anything. An error of a Resolver ends
// the run with [ErrCredential], and can be found in it.
//
// A Resolver is called before the signature is checked, with what anybody could
// have written. It must change nothing that lasts. The peer is authenticated
// once the method that called the Resolver returns without an error.
//
// ID_CRED_x is always the map, also where the message holds a compact kid. It is
// deterministic CBOR within the limits of the standard, not empty, and only
// valid during the call.
type Resolver func(idCred []byte) (Peer, error)

// local is a [Local] that has been found usable.
type local struct {
	Local
	idCred idCred
}

// check reports whether l is usable with a cipher suite.
func (l Local) check(cs cipherSuite) (*local, error) {
	id, err := newIDCred(l.IDCred)
	if err != nil {
		return nil, err
	}
	if !isItem(l.Cred) {
		return nil, &Error{Kind: ErrLocal, Field: "Cred", Detail: "not one item of deterministic CBOR"}
	}
	if l.Signer == nil || l.Signer.PublicKey().Algorithm() != cs.signature {
		return nil, &Error{Kind: ErrLocal, Field: "Signer", Detail: "none for the cipher suite"}
	}
	return &local{l, id}, nil
}

// sign makes Signature_or_MAC_x.
func (l *local) sign(toBeSigned []byte, m *suite.Meter) ([]byte, error) {
	signature, err := suite.Sign(l.Signer, toBeSigned, m)
	if err != nil {
		return nil, &Error{Kind: ErrLocal, Field: "Signer", Err: err}
	}
	return signature, nil
}

// peer asks for the peer's credential, and checks that it is usable with the
// cipher suite: "The authentication key algorithm needs to be compatible with
// the method and the selected cipher suite". See RFC 9528, section 3.5.1.
func (resolve Resolver) peer(field string, id idCred, cs cipherSuite) (Peer, error) {
	if resolve == nil {
		return Peer{}, &Error{Kind: ErrLocal, Field: "Resolver", Detail: "none"}
	}
	peer, err := resolve(id.header)
	switch {
	case err != nil:
		return Peer{}, &Error{Kind: ErrCredential, Field: field, Err: err}
	case peer.Key.Algorithm() != cs.signature:
		return Peer{}, &Error{Kind: ErrCredential, Field: field, Detail: "key is not one of the cipher suite"}
	case !isItem(peer.Cred):
		return Peer{}, &Error{Kind: ErrCredential, Field: field, Detail: "CRED_x is not one item of deterministic CBOR"}
	}
	return peer, nil
}

// verify checks Signature_or_MAC_x.
func (p Peer) verify(field string, toBeSigned, signature []byte, m *suite.Meter) error {
	if err := suite.Verify(p.Key, toBeSigned, signature, m); err != nil {
		return &Error{Kind: ErrSignature, Field: field, Err: err}
	}
	return nil
}

// notSelf refuses a peer that has one's own key: whoever reflects messages, or
// joins two runs of one device, must not make it talk to itself. "The property
// that a completed EDHOC session implies that another identity has been active
// is upheld as long as the Initiator does not have its own identity in the set
// of Responder identities". See RFC 9528, section 9.2.
func notSelf(own, peer suite.PublicKey) error {
	if own == peer {
		return &Error{Kind: ErrCredential, Detail: "the peer has this side's own key"}
	}
	return nil
}

// isItem reports whether b is exactly one item. What is hashed, derived and
// signed are sequences of items, so nothing but whole items may go in.
func isItem(b []byte) bool {
	_, rest, err := dcbor.Next(b)
	return err == nil && len(rest) == 0
}

// signature reads Signature_or_MAC_x.
func (r *reader) signature(field string) []byte {
	signature := r.bytes(field)
	if r.err == nil && len(signature) != suite.SignatureSize {
		r.fail(ErrSignature, field, "wrong length", nil)
	}
	return signature
}
