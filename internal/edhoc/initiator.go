package edhoc

import (
	"crypto/sha256"
	"io"

	"github.com/postern-lock/postern/internal/suite"
)

// InitiatorConfig is what an initiator, the phone, needs for one run.
type InitiatorConfig struct {
	// Suites is SUITES_I: cipher suites in order of preference up to the one
	// selected, which is the last. No suite that is preferred to the selected one
	// may be left out. See [SelectSuites].
	Suites []int

	// Rand is the source of the ephemeral key. It must be fit for cryptography.
	Rand io.Reader

	// Meter counts the operations with public keys. It may be nil.
	Meter *suite.Meter

	// ConnectionID is C_I, as the byte string that it is. Nil stands for the one
	// byte 00, which is what the standard sends.
	ConnectionID []byte

	// LongConnectionIDs admits every C_R. Without it a C_R must be one byte long
	// and the encoding of an integer in -24..23, as the standard demands.
	LongConnectionIDs bool
}

// An Initiator1 has sent message_1 and waits for message_2.
type Initiator1 struct{ stage[initiator1] }

type initiator1 struct {
	suite        cipherSuite
	meter        *suite.Meter
	longIDs      bool
	x            *suite.DHKey     // the ephemeral private key X
	hashMessage1 [hashLength]byte // H(message_1)
}

// Start begins a run: it composes message_1. The error is [ErrLocal].
//
// See RFC 9528, section 5.2.2.
func Start(config InitiatorConfig) (*Initiator1, []byte, error) {
	// "Construct SUITES_I as an array of cipher suites supported by I in order of
	// preference by I [...] and the last being the one selected by I".
	if err := checkSuites(config.Suites); err != nil {
		return nil, nil, err
	}
	cs, _ := cipherSuiteByID(config.Suites[len(config.Suites)-1])

	// "Generate an ephemeral ECDH key pair using the curve in the selected cipher
	// suite".
	x, err := newEphemeral(cs, config.Rand, config.Meter)
	if err != nil {
		return nil, nil, err
	}

	// "Choose a connection identifier C_I". "Encode message_1".
	m := message1{
		method:  methodSignatures,
		suitesI: config.Suites,
		gX:      x.Public(),
		cI:      appendIdentifier(nil, ownConnectionID(config.ConnectionID)),
	}
	message := m.encode()
	if err := checkLength(message, "ConnectionID"); err != nil {
		return nil, nil, err
	}

	next := new(Initiator1)
	next.state.Store(&initiator1{
		suite:        cs,
		meter:        config.Meter,
		longIDs:      config.LongConnectionIDs,
		x:            x,
		hashMessage1: sha256.Sum256(message),
	})
	return next, message, nil
}

// ReadMessage2 processes message_2 and authenticates the responder, whose
// credential it gets from resolve. An EDHOC error message in its place is
// [ErrPeer] around a [*PeerError]; where that has [CodeWrongSuite], a new run
// with other cipher suites may succeed.
//
// Other errors: [ErrMalformed], [ErrLimit], [ErrKeyShare], [ErrEAD],
// [ErrConnectionID], [ErrCredential], [ErrSignature], [ErrUsed], [ErrLocal].
//
// See RFC 9528, section 5.3.3.
func (i *Initiator1) ReadMessage2(message []byte, resolve Resolver) (*Initiator2, error) {
	s, err := i.take()
	if err != nil {
		return nil, err
	}

	// "Decode message_2".
	if isErrorMessage(message) {
		return nil, parseErrorMessage(message)
	}
	m, err := parseMessage2(message)
	if err != nil {
		return nil, err
	}

	// "Decrypt CIPHERTEXT_2".
	th2 := newTH2(m.gY, s.hashMessage1)
	prk2e, err := agree(s.x, "G_Y", m.gY, th2)
	if err != nil {
		return nil, err
	}
	encoded, err := prk2e.crypt2(th2, m.ciphertext2)
	if err != nil {
		return nil, err
	}
	p, err := parsePlaintext2(encoded)
	if err != nil {
		return nil, err
	}
	if err := checkConnectionID("C_R", p.cR, s.longIDs); err != nil {
		return nil, err
	}

	// "Make ID_CRED_R [...] available to the application". "Obtain the
	// authentication credential (CRED_R) and the authentication key of R from the
	// application".
	peer, err := resolve.peer("ID_CRED_R", p.idCredR, s.suite)
	if err != nil {
		return nil, err
	}

	// "Verify Signature_or_MAC_2".
	prk3e2m := prk2e.prk3e2m()
	toBeSigned, err := prk3e2m.toBeSigned2(p.cR, p.idCredR, th2, peer.Cred)
	if err != nil {
		return nil, err
	}
	if err := peer.verify("Signature_or_MAC_2", toBeSigned, p.signature, s.meter); err != nil {
		return nil, err
	}

	next := new(Initiator2)
	next.state.Store(&initiator2{
		suite:   s.suite,
		meter:   s.meter,
		peer:    peer.Key,
		prk3e2m: prk3e2m,
		th3:     th2.th3(encoded, peer.Cred),
	})
	return next, nil
}

// An Initiator2 has authenticated the responder and is about to send message_3.
type Initiator2 struct{ stage[initiator2] }

type initiator2 struct {
	suite   cipherSuite
	meter   *suite.Meter
	peer    suite.PublicKey // the responder's authentication key
	prk3e2m *prk3e2mKey
	th3     th3Hash
}

// WriteMessage3 composes message_3 with the initiator's own credential, and
// returns the exporter of the run. That the responder has the same keys is shown
// by its first message in the [Channel] that opens; nothing that is derived from
// the run should be stored before.
//
// Errors: [ErrCredential] where the responder has the same key as own,
// [ErrUsed], [ErrLocal].
//
// See RFC 9528, section 5.4.2.
func (i *Initiator2) WriteMessage3(own Local) ([]byte, *Exporter, error) {
	s, err := i.take()
	if err != nil {
		return nil, nil, err
	}
	local, err := own.check(s.suite)
	if err != nil {
		return nil, nil, err
	}
	if err := notSelf(local.Signer.PublicKey(), s.peer); err != nil {
		return nil, nil, err
	}

	// "Compute the transcript hash TH_3": done, "in the processing of message_2".
	// "Compute MAC_3". Compute Signature_or_MAC_3.
	prk4e3m := s.prk3e2m.prk4e3m()
	toBeSigned, err := prk4e3m.toBeSigned3(local.idCred, s.th3, local.Cred)
	if err != nil {
		return nil, nil, err
	}
	signature, err := local.sign(toBeSigned, s.meter)
	if err != nil {
		return nil, nil, err
	}

	// "Compute a COSE_Encrypt0 object".
	p := plaintext3{idCredI: local.idCred, signature: signature}
	encoded := p.encode()
	ciphertext3, err := s.prk3e2m.seal3(s.th3, encoded)
	if err != nil {
		return nil, nil, err
	}

	// "Compute the transcript hash TH_4". "Calculate PRK_out".
	exporter, err := newExporter(prk4e3m, s.th3.th4(encoded, local.Cred))
	if err != nil {
		return nil, nil, err
	}

	// "Encode message_3".
	m := message3{ciphertext3: ciphertext3}
	message := m.encode()
	if err := checkLength(message, "IDCred"); err != nil {
		return nil, nil, err
	}
	return message, exporter, nil
}
