package vectortest

import (
	"bytes"
	"crypto/subtle"
	"errors"
	"fmt"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// refused6982 is the lock's answer to nearly everything.
var refused6982 = []byte{0x69, 0x82}

// selectionOf reads the answer to SELECT.
func selectionOf(pair vectors.Pair) (message.Selection, error) {
	r, err := apdu.ParseResponse(pair.Response)
	if err != nil || !r.SW.IsOK() {
		return message.Selection{}, fmt.Errorf("the answer to SELECT is none: %w", err)
	}
	return message.ParseSelection(r.Data)
}

// hashOf is the SELECT hash.
func hashOf(pair vectors.Pair) ([]byte, error) {
	encoded, err := message.SelectCommand().Bytes()
	if err != nil || !bytes.Equal(encoded, pair.Command) {
		return nil, fmt.Errorf("SELECT is %x: %w", encoded, err)
	}
	r, err := apdu.ParseResponse(pair.Response)
	if err != nil || !r.SW.IsOK() {
		return nil, errors.New("the answer to SELECT is none")
	}
	hash := message.SelectionHash(message.AID, r.Data)
	return hash[:], nil
}

// lockRefuses plays the lock.  It returns the reason for which the lock refuses
// a command of the test, "" where it takes all of them, and an error where an
// answer is not the one of the test.
func lockRefuses(p vectors.ExchangeParams, test vectors.ExchangeTest) (string, error) {
	if test.Handshake1 == nil || unclamped(p.Suite, test.LockEphemeral) {
		return "", errors.New("HANDSHAKE-1 or the lock's key is missing")
	}
	if err := selectsAs(p, test); err != nil {
		return "", err
	}
	c, err := apdu.ParseCommand(test.Handshake1.Command)
	if err != nil || c.CLA != message.Class || c.INS != wire.InsHandshake1 || c.P1 > wire.CertificateFormValue || c.P2 != 0 || c.Ne != 256 {
		return "", fmt.Errorf("HANDSHAKE-1 is none: %w", err)
	}
	signer, err := signerOf(p.Suite, p.Lock.Private)
	if err != nil {
		return "", err
	}
	var cR []byte // 0 but in some good exchanges
	if test.Values != nil && len(test.Values.Plaintext2) > 0 {
		cR = test.Values.Plaintext2[:1]
	}
	responder, message2, err := edhoc.Accept(c.Data, edhoc.ResponderConfig{
		Suites: p.Lock.Suites, ConnectionID: cR, Rand: bytes.NewReader(test.LockEphemeral),
		Local: func(s int) (edhoc.Local, error) { return lockLocal(p, signer, s, c.P1) },
	})
	var fault *edhoc.Error
	switch {
	case errors.As(err, &fault) && fault.ErrorMessage() != nil:
		return "suite", answersAs(test.Handshake1, fault.ErrorMessage())
	case errors.Is(err, edhoc.ErrLocal):
		return "", err
	case err != nil:
		return "malformed", refusesAs(test.Handshake1)
	}
	if err := answersAs(test.Handshake1, message2); err != nil {
		return "", err
	}
	if test.Handshake2 == nil {
		return "", nil
	}
	return lockTakes(p, test, responder)
}

// selectsAs holds the answer to SELECT to the lock of the group.
func selectsAs(p vectors.ExchangeParams, test vectors.ExchangeTest) error {
	s, err := selectionOf(test.Select)
	if err != nil {
		return err
	}
	has2 := s.Capabilities&wire.CapabilitySuite2 != 0
	if !bytes.Equal(s.Lock[:], p.Lock.ID) || has2 != (len(p.Lock.Suites) == 2 && p.Lock.Suites[1] == wire.SuiteP256Es256) {
		return fmt.Errorf("the answer to SELECT is of another lock: %+v", s)
	}
	return nil
}

// lockLocal is what the lock proves itself with.
func lockLocal(p vectors.ExchangeParams, signer suite.Signer, s int, form byte) (edhoc.Local, error) {
	cert, err := credential.ParseLockCertificate(p.Lock.Certificate)
	if err != nil {
		return edhoc.Local{}, err
	}
	if s != p.Suite || cert.Claims.Key != signer.PublicKey() || !bytes.Equal(cert.Claims.ID[:], p.Lock.ID) {
		return edhoc.Local{}, errors.New("the lock's certificate is for another key")
	}
	kid := credential.KeyIDOf(signer.PublicKey())
	id := message.IDCred{Header: wire.HeaderKid, Value: kid[:]}
	if form == wire.CertificateFormValue {
		id = message.IDCred{Header: wire.HeaderKcwt, Value: p.Lock.Certificate}
	}
	return edhoc.Local{IDCred: id.Encode(), Cred: p.Lock.Certificate, Signer: signer}, nil
}

// answersAs compares an answer with 9000, refusesAs one of 6982.
func answersAs(pair *vectors.Pair, data []byte) error {
	if want := append(bytes.Clone(data), 0x90, 0x00); !bytes.Equal(want, pair.Response) {
		return fmt.Errorf("the lock answers %x", want)
	}
	return nil
}

func refusesAs(pair *vectors.Pair) error {
	if !bytes.Equal(pair.Response, refused6982) {
		return errors.New("the lock answers 6982")
	}
	return nil
}

// lockTakes carries out HANDSHAKE-2.
func lockTakes(p vectors.ExchangeParams, test vectors.ExchangeTest, responder *edhoc.Responder1) (string, error) {
	c, err := apdu.ParseCommand(test.Handshake2.Command)
	if err != nil || c.CLA != message.Class || c.INS != wire.InsHandshake2 || c.P1 != 0 || c.P2 != 0 || c.Ne != 256 {
		return "", fmt.Errorf("HANDSHAKE-2 is none: %w", err)
	}
	hash, err := hashOf(test.Select)
	if err != nil {
		return "", err
	}
	message3, sealed, err := edhoc.SplitMessage3(c.Data)
	if err != nil {
		return "malformed", refusesAs(test.Handshake2)
	}
	var bare credential.PublicKey
	exporter, err := responder.ReadMessage3(message3, func(idCred []byte) (peer edhoc.Peer, err error) {
		peer, bare, err = holderOf(idCred)
		return peer, err
	})
	if err != nil {
		return reasonIn(err, "possession"), refusesAs(test.Handshake2)
	}
	if !bare.IsZero() && p.Lock.Owner != nil {
		owner, err := publicKey(p.Lock.Owner)
		if err != nil {
			return "", err
		}
		if owner != bare {
			return "owner-unknown", refusesAs(test.Handshake2)
		}
	}
	channel, err := edhoc.NewChannel(exporter, hash, false)
	if err != nil {
		return "", err
	}
	plain, err := channel.Open(sealed)
	if err != nil {
		return "channel", refusesAs(test.Handshake2)
	}
	request, err := message.ParseRequest(plain)
	if err != nil {
		return "malformed", refusesAs(test.Handshake2)
	}
	if !bare.IsZero() && p.Lock.Owner == nil && !proves(p, request, exporter, hash) {
		return "owner-unknown", refusesAs(test.Handshake2)
	}
	answer, err := channel.Seal(test.Response)
	if err != nil || !bytes.Equal(plain, test.Request) {
		return "", fmt.Errorf("the request is %x: %w", plain, err)
	}
	if _, err := message.ParseResponse(test.Response); err != nil {
		return "", err
	}
	return "", answersAs(test.Handshake2, answer)
}

// proves carries out steps 1 and 2 of section 20.3.
func proves(p vectors.ExchangeParams, r message.Request, exporter *edhoc.Exporter, hash []byte) bool {
	proof, err := exporter.SetupProof(hash, p.Lock.Setup)
	return err == nil && r.Operation == credential.OperationConfigure && !r.Unknown && subtle.ConstantTimeCompare(proof, r.Proof) == 1
}

// holderOf finds the phone's key in ID_CRED_I, as steps 4 of section 7.5 says.
func holderOf(idCred []byte) (peer edhoc.Peer, bare credential.PublicKey, err error) {
	id, err := message.ParseIDCred(idCred)
	if err != nil {
		return peer, bare, credential.ReasonMalformed
	}
	switch id.Header {
	case wire.HeaderKcwt:
		u, err := credential.ParseGrant(id.Value)
		if err != nil {
			return peer, bare, err
		}
		return edhoc.Peer{Cred: id.Value, Key: u.Claims.Holder}, bare, nil
	case wire.HeaderKccs:
		key, err := credential.ParseClaimsSet(id.Value)
		return edhoc.Peer{Cred: id.Value, Key: key}, key, err
	}
	return peer, bare, credential.ReasonMalformed
}

// reasonIn names the reason that an error carries.
func reasonIn(err error, otherwise string) string {
	var r credential.Reason
	if errors.As(err, &r) && r != credential.ReasonNone {
		return r.String()
	}
	return otherwise
}
