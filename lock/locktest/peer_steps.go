package locktest

import (
	"bytes"
	"io"
	"slices"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/exchangetest"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// selectApplication answers SELECT.
func (p *Peer) selectApplication(s *Step) ([]byte, apdu.Status) {
	p.Reset()
	if !bytes.Equal(s.Command.Data, []byte(message.AID)) || s.Command.P1 != 0x04 || s.Command.P2 != 0 || s.Command.Ne != maxShortNe {
		s.fault("PST-APDU-007", "SELECT is not the 15 bytes of section 5.3")
	}
	selection := message.Selection{Version: p.Version, Capabilities: p.Capabilities, Lock: p.ID}
	if selection.Version == 0 {
		selection.Version = wire.LimitVersion
	}
	if _, err := io.ReadFull(p.Rand, selection.Nonce[:]); err != nil {
		return nil, apdu.StatusFailure
	}
	data := p.pass(Selection, selection.Encode())
	aid := message.AID
	if p.turned {
		aid = message.ReaderAID
	}
	hash := message.SelectionHash(aid, data)
	p.pass(SelectHash, hash[:])
	p.selected = true
	return data, apdu.StatusOK
}

// handshake1 takes message_1 and gives message_2.
func (p *Peer) handshake1(s *Step) ([]byte, apdu.Status) {
	first, err := exchangetest.ReadMessage1(s.Command.Data)
	if err != nil {
		s.fault("PST-EDH-017", "%v", err)
		return nil, apdu.StatusRefused
	}
	s.Suites = first.Suites
	switch {
	case first.Method != 0:
		s.fault("PST-EDH-017", "METHOD is %d", first.Method)
	case len(first.Rest) > 0:
		s.fault("PST-EDH-017", "%d items stand behind C_I", len(first.Rest))
	case len(first.ConnectionID) != 1 || first.ConnectionID[0]>>5 > 1:
		s.fault("PST-EDH-017", "C_I is %X, no integer from -24 to 23", first.ConnectionID)
	case s.Command.P1 > 1 || s.Command.P2 != 0:
		s.fault("PST-EDH-017", "P1 P2 are %02X%02X", s.Command.P1, s.Command.P2)
	}
	selected := first.Suites[len(first.Suites)-1]
	identity, ok := p.Identities[selected]
	if !ok || slices.IndexFunc(first.Suites, p.speaks) != len(first.Suites)-1 {
		p.selected = false
		return p.pass(Message2, p.wrongSuite()), apdu.StatusOK
	}
	signer, err := suite.NewSigner(identity.Key)
	if err != nil {
		return nil, apdu.StatusFailure
	}
	p.tap.Alter = p.Alter
	run, err := exchangetest.NewRun(&p.tap, selected, p.Rand)
	if err != nil {
		return nil, apdu.StatusFailure
	}
	certificate, err := credential.ParseLockCertificate(identity.Certificate)
	if err != nil {
		return nil, apdu.StatusFailure
	}
	kid := credential.KeyIDOf(certificate.Claims.Key)
	id := message.IDCred{Header: wire.HeaderKid, Value: kid[:]}
	if s.Command.P1 == wire.CertificateFormValue {
		id = message.IDCred{Header: wire.HeaderKcwt, Value: identity.Certificate}
	}
	message2, err := run.WriteMessage2(first, exchangetest.Local{IDCred: id.Encode(), Cred: identity.Certificate, Signer: signer})
	if err != nil {
		s.fault("PST-EDH-017", "G_X: %v", err)
		return nil, apdu.StatusRefused
	}
	p.selected, p.run = false, run
	return message2, apdu.StatusOK
}

// speaks reports whether the lock has the suite.
func (p *Peer) speaks(s int) bool {
	_, ok := p.Identities[s]
	return ok
}

// wrongSuite returns the EDHOC error message with the lock's suites.
func (p *Peer) wrongSuite() []byte {
	suites := []byte{0x02, 0x00}
	if p.speaks(wire.SuiteP256Es256) {
		suites = []byte{0x02, 0x82, 0x00, 0x02}
	}
	return suites
}

// handshake2 takes message_3 with the first request behind it.
func (p *Peer) handshake2(s *Step) ([]byte, apdu.Status) {
	message3, sealed, err := edhoc.SplitMessage3(s.Command.Data)
	if d := s.Command.Data; len(d) > 0 && d[0]>>5 <= 1 { // an integer begins an error message
		s.fault("PST-EDH-031", "it is an EDHOC error message")
	}
	if err != nil {
		s.fault("PST-EDH-034", "%v", err)
		return nil, apdu.StatusRefused
	}
	third, err := p.run.ReadMessage3(message3)
	if err != nil {
		s.fault("PST-EDH-034", "%v", err)
		return nil, apdu.StatusRefused
	}
	s.IDCred = third.IDCred
	if len(third.Rest) > 0 {
		s.fault("PST-EDH-034", "%d items stand behind the signature", len(third.Rest))
	}
	cred, key, err := p.holder(third.IDCred)
	if err != nil {
		s.fault("PST-EDH-013", "ID_CRED_I: %v", err)
		return nil, apdu.StatusRefused
	}
	if exchangetest.SuiteOf(key) != p.run.Suite {
		s.fault("PST-EDH-013", "the credential's key is not one of the selected suite")
	}
	if err := p.run.Verify3(third, cred, key); err != nil {
		s.fault("PST-EDH-034", "Signature_or_MAC_3: %v", err)
	}
	if p.Channel, err = p.run.Channel(p.tap.Values[SelectHash], false); err != nil {
		return nil, apdu.StatusFailure
	}
	return p.request(s, sealed)
}

// holder returns the phone's credential and its key.
func (p *Peer) holder(idCred []byte) (cred []byte, key credential.PublicKey, err error) {
	id, err := message.ParseIDCred(idCred)
	if err != nil {
		return nil, key, err
	}
	if p.bare = id.Header == wire.HeaderKccs; p.bare {
		key, err = credential.ParseClaimsSet(id.Value)
		return id.Value, key, err
	}
	grant, err := credential.ParseGrant(id.Value)
	if err != nil {
		return nil, key, err
	}
	return id.Value, grant.Claims.Holder, nil
}

// resume takes RESUME.
func (p *Peer) resume(s *Step) ([]byte, apdu.Status) {
	if p.Capabilities&wire.CapabilityResumption == 0 {
		s.fault("PST-APDU-006", "RESUME goes to a lock that does not announce it")
	}
	nonce, id, sealed, err := edhoc.SplitResume(s.Command.Data)
	if err != nil {
		s.fault("PST-RES-013", "%v", err)
		return nil, apdu.StatusRefused
	}
	if p.Secret == nil {
		return nil, apdu.StatusRefused
	}
	own, keys, err := exchangetest.Resume(*p.Secret, nonce[:], p.tap.Values[SelectHash])
	if err != nil || !bytes.Equal(own, id[:]) {
		s.fault("PST-RES-012", "the resumption id is not that of the secret")
		return nil, apdu.StatusRefused
	}
	if p.Channel, err = exchangetest.NewChannel(p.pass(ChannelKeys, keys), false); err != nil {
		return nil, apdu.StatusFailure
	}
	p.selected = false
	return p.request(s, sealed)
}

// request opens a request and seals the response.
func (p *Peer) request(s *Step, sealed []byte) ([]byte, apdu.Status) {
	plain, err := p.Channel.In.Open(sealed)
	if err != nil {
		s.fault("PST-CHAN-001", "the request does not open: %v", err)
		return nil, apdu.StatusRefused
	}
	s.Plain = plain
	if s.Request, err = message.ParseRequest(plain); err != nil {
		s.fault("PST-REQ-001", "%v", err)
		return nil, apdu.StatusRefused
	}
	if s.Request.Unknown || !bytes.Equal(s.Request.Encode(), plain) {
		s.fault("PST-REQ-001", "it holds what the registries have not, or what is left out: %X", plain)
	}
	if s.Request.Resumable && p.Capabilities&wire.CapabilityResumption == 0 {
		s.fault("PST-APDU-006", "it asks for a slot, which the lock does not announce")
	}
	r := p.respond(s.Request)
	encoded, err := r.Encode()
	if err != nil {
		panic(err) // Respond says what no response can be: alter its encoding instead
	}
	if p.keep(r) != nil {
		return nil, apdu.StatusFailure
	}
	response, err := p.Channel.Out.Seal(p.pass(Plaintext, encoded))
	if err != nil {
		return nil, apdu.StatusFailure
	}
	return p.pass(Sealed, response), apdu.StatusOK
}

// respond says what is answered.
func (p *Peer) respond(r Request) (out Response) {
	if p.Respond != nil {
		out = p.Respond(r)
	} else if _, opens := r.Operation.Action(); opens {
		out.Outcome = credential.OutcomeOpened
	}
	if len(out.Missing) == 0 && out.Outcome != credential.OutcomeRefused && out.State == (State{}) {
		out.State = p.State
	}
	return out
}

// keep follows the line of secrets as a lock does.
func (p *Peer) keep(r Response) (err error) {
	switch {
	case r.Slot > 0 && p.run != nil:
		var b []byte
		if b, err = p.Export(wire.LabelResumption, suite.HashSize); err == nil {
			p.Secret = (*edhoc.ResumptionSecret)(b)
		}
	case p.run == nil && p.Secret != nil && (r.Outcome == credential.OutcomeOpened || r.Outcome == credential.OutcomeUnconfirmed ||
		r.Outcome == credential.OutcomeFailed && r.Reason == credential.ReasonDrive):
		p.Secret, err = p.Secret.Next()
	}
	return err
}
