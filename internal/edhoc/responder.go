package edhoc

import (
	"crypto/sha256"
	"io"

	"github.com/postern-lock/postern/internal/suite"
)

// ResponderConfig is what a responder, the lock, needs for one run.
type ResponderConfig struct {
	// Suites are the cipher suites supported, in any order.
	Suites []int

	// Local returns the responder's own credential for a cipher suite of Suites.
	// Its error is returned inside an [ErrLocal].
	Local func(suite int) (Local, error)

	// Rand is the source of the ephemeral key. It must be fit for cryptography.
	Rand io.Reader

	// Meter counts the operations with public keys. It may be nil.
	Meter *suite.Meter

	// ConnectionID is C_R, as the byte string that it is. Nil stands for the one
	// byte 00, which is what the standard sends.
	ConnectionID []byte

	// LongConnectionIDs admits every C_I. Without it a C_I must be one byte long
	// and the encoding of an integer in -24..23, as the standard demands.
	LongConnectionIDs bool
}

// Accept processes message_1 and composes message_2. Where the selected cipher
// suite is not the right one the error is [ErrSuite], and what its ErrorMessage
// method returns is the answer to the initiator, who may then begin again.
//
// Other errors: [ErrMalformed], [ErrLimit], [ErrMethod], [ErrConnectionID],
// [ErrKeyShare], [ErrEAD], [ErrLocal].
func Accept(message []byte, config ResponderConfig) (*Responder1, []byte, error) {
	s, err := config.readMessage1(message)
	if err != nil {
		return nil, nil, err
	}
	return s.writeMessage2(&config)
}

// A responder0 has processed message_1 and is about to send message_2.
type responder0 struct {
	suite        cipherSuite
	local        *local
	gX           []byte
	hashMessage1 [hashLength]byte // H(message_1)
}

// readMessage1 processes message_1. It costs no operation with public keys.
//
// See RFC 9528, section 5.2.3.
func (config *ResponderConfig) readMessage1(message []byte) (*responder0, error) {
	if err := checkSuites(config.Suites); err != nil {
		return nil, err
	}

	// "Decode message_1".
	m, err := parseMessage1(message)
	if err != nil {
		return nil, err
	}

	// "Process message_1, in particular verify that the selected cipher suite is
	// supported and that no prior cipher suite as ordered in SUITES_I is
	// supported".
	if m.method != methodSignatures {
		return nil, &Error{Kind: ErrMethod, Field: "METHOD"}
	}
	selected, err := negotiate(m.suitesI, config.Suites)
	if err != nil {
		return nil, err
	}
	cs, _ := cipherSuiteByID(selected)
	if len(m.gX) != keyShareLength {
		return nil, &Error{Kind: ErrKeyShare, Field: "G_X", Detail: "wrong length"}
	}
	r := newReader(m.cI)
	cI := r.identifier("C_I")
	if r.err != nil {
		return nil, r.err
	}
	if err := checkConnectionID("C_I", cI, config.LongConnectionIDs); err != nil {
		return nil, err
	}

	local, err := config.local(selected, cs)
	if err != nil {
		return nil, err
	}
	return &responder0{suite: cs, local: local, gX: m.gX, hashMessage1: sha256.Sum256(message)}, nil
}

// local gets the responder's own credential for the selected cipher suite.
func (config *ResponderConfig) local(selected int, cs cipherSuite) (*local, error) {
	if config.Local == nil {
		return nil, &Error{Kind: ErrLocal, Field: "Local", Detail: "none"}
	}
	own, err := config.Local(selected)
	if err != nil {
		return nil, &Error{Kind: ErrLocal, Field: "Local", Err: err}
	}
	return own.check(cs)
}

// writeMessage2 composes message_2.
//
// See RFC 9528, section 5.3.2.
func (s *responder0) writeMessage2(config *ResponderConfig) (*Responder1, []byte, error) {
	// "Generate an ephemeral ECDH key pair using the curve in the selected cipher
	// suite".
	y, err := newEphemeral(s.suite, config.Rand, config.Meter)
	if err != nil {
		return nil, nil, err
	}
	gY := y.Public()

	// "Choose a connection identifier C_R". "Compute the transcript hash TH_2".
	cR := ownConnectionID(config.ConnectionID)
	th2 := newTH2(gY, s.hashMessage1)
	prk2e, err := agree(y, "G_X", s.gX, th2)
	if err != nil {
		return nil, nil, err
	}

	// "Compute MAC_2". Compute Signature_or_MAC_2.
	prk3e2m := prk2e.prk3e2m()
	toBeSigned, err := prk3e2m.toBeSigned2(cR, s.local.idCred, th2, s.local.Cred)
	if err != nil {
		return nil, nil, err
	}
	signature, err := s.local.sign(toBeSigned, config.Meter)
	if err != nil {
		return nil, nil, err
	}

	// "CIPHERTEXT_2 is calculated with a binary additive stream cipher".
	p := plaintext2{cR: cR, idCredR: s.local.idCred, signature: signature}
	encoded := p.encode()
	ciphertext2, err := prk2e.crypt2(th2, encoded)
	if err != nil {
		return nil, nil, err
	}

	// "Encode message_2".
	m := message2{gY: gY, ciphertext2: ciphertext2}
	message := m.encode()
	if err := checkLength(message, "IDCred"); err != nil {
		return nil, nil, err
	}

	next := new(Responder1)
	next.state.Store(&responder1{
		suite:   s.suite,
		meter:   config.Meter,
		own:     s.local.Signer.PublicKey(),
		prk3e2m: prk3e2m,
		th3:     th2.th3(encoded, s.local.Cred),
	})
	return next, message, nil
}

// A Responder1 has sent message_2 and waits for message_3.
type Responder1 struct{ stage[responder1] }

type responder1 struct {
	suite   cipherSuite
	meter   *suite.Meter
	own     suite.PublicKey // the responder's authentication key
	prk3e2m *prk3e2mKey
	th3     th3Hash
}

// ReadMessage3 processes message_3, authenticates the initiator, whose
// credential it gets from resolve, and returns the exporter of the run. An EDHOC
// error message in its place is [ErrPeer] around a [*PeerError].
//
// Other errors: [ErrMalformed], [ErrLimit], [ErrDecrypt], [ErrEAD],
// [ErrCredential], [ErrSignature], [ErrUsed], [ErrLocal].
//
// See RFC 9528, section 5.4.3.
func (r *Responder1) ReadMessage3(message []byte, resolve Resolver) (*Exporter, error) {
	s, err := r.take()
	if err != nil {
		return nil, err
	}

	// "Decode message_3".
	if isErrorMessage(message) {
		return nil, parseErrorMessage(message)
	}
	m, err := parseMessage3(message)
	if err != nil {
		return nil, err
	}

	// "Decrypt and verify the COSE_Encrypt0".
	encoded, err := s.prk3e2m.open3(s.th3, m.ciphertext3)
	if err != nil {
		return nil, err
	}
	p, err := parsePlaintext3(encoded)
	if err != nil {
		return nil, err
	}

	// "Make ID_CRED_I [...] available to the application". "Obtain the
	// authentication credential (CRED_I) and the authentication key of I from the
	// application".
	peer, err := resolve.peer("ID_CRED_I", p.idCredI, s.suite)
	if err != nil {
		return nil, err
	}
	if err := notSelf(s.own, peer.Key); err != nil {
		return nil, err
	}

	// "Verify Signature_or_MAC_3".
	prk4e3m := s.prk3e2m.prk4e3m()
	toBeSigned, err := prk4e3m.toBeSigned3(p.idCredI, s.th3, peer.Cred)
	if err != nil {
		return nil, err
	}
	if err := peer.verify("Signature_or_MAC_3", toBeSigned, p.signature, s.meter); err != nil {
		return nil, err
	}

	// "After processing message_3, the Responder can compute PRK_out".
	return newExporter(prk4e3m, s.th3.th4(encoded, peer.Cred))
}
