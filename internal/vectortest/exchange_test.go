package vectortest

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

func readExchange(t *testing.T) {
	area[vectors.ExchangeParams, vectors.ExchangeTest]{
		name: "exchange", check: checkExchange, common: (*vectors.ExchangeTest).Common, flips: 3,
		// Nothing follows from the nonce of a try that ended with error 2.
		unread: func(path string, _ []string) bool { return path == "before.select.response" },
	}.run(t)
}

func checkExchange(p vectors.ExchangeParams, test vectors.ExchangeTest) error {
	switch {
	case test.Result == vectors.Valid:
		return checkWholeExchange(p, test)
	case test.Refuser == "lock":
		reason, err := lockRefuses(p, test)
		return errors.Join(err, verdict(test.Test, reason))
	case test.Refuser == "phone":
		return phoneRefuses(p, test)
	}
	return errors.New("no refuser")
}

// checkWholeExchange plays both sides, and computes what lies between.
func checkWholeExchange(p vectors.ExchangeParams, test vectors.ExchangeTest) error {
	if test.Handshake1 == nil || test.Handshake2 == nil || test.Values == nil || test.Refuser != "" {
		return errors.New("a part is missing")
	}
	values, err := valuesOf(p, test)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(values, *test.Values) {
		return fmt.Errorf("values differ: %+v", values)
	}
	if reason, err := lockRefuses(p, test); err != nil || reason != "" {
		return fmt.Errorf("the lock refused it as %s: %w", reason, err)
	}
	if !ours(p, test) {
		return startsAs(p, test)
	}
	phone, err := phoneOf(p, test.PhoneEphemeral)
	if err != nil {
		return err
	}
	r, err := message.ParseRequest(test.Request)
	if err != nil {
		return err
	}
	script := &replay{pairs: pairsOf(test)}
	if err := tapped(phone, script.link(), r.Operation, p.Lock.Setup); err != nil {
		return errors.Join(script.err, err)
	}
	return script.end()
}

// phoneRefuses has the phone refuse the last answer of the test.
func phoneRefuses(p vectors.ExchangeParams, test vectors.ExchangeTest) error {
	if test.Before != nil { // error 2 again
		data, err := responseData(test.Handshake1)
		if err != nil {
			return err
		}
		initiator, message1, err := edhoc.Start(edhoc.InitiatorConfig{Suites: p.Phone.Suites, Rand: bytes.NewReader(test.PhoneEphemeral)})
		if err != nil {
			return err
		}
		if c, err := apdu.ParseCommand(test.Handshake1.Command); err != nil || !bytes.Equal(c.Data, message1) {
			return fmt.Errorf("the phone would send %x", message1)
		}
		_, err = initiator.ReadMessage2(data, nil)
		reason := ""
		if errors.Is(err, edhoc.ErrPeer) {
			reason = "suite"
		}
		return errors.Join(beforeAs(p, test), verdict(test.Test, reason))
	}
	if !ours(p, test) {
		return errors.New("no phone of this implementation")
	}
	phone, err := phoneOf(p, test.PhoneEphemeral)
	if err != nil {
		return err
	}
	request := message.Request{Operation: wire.OperationOpen}
	if test.Request != nil {
		if request, err = message.ParseRequest(test.Request); err != nil {
			return err
		}
	}
	script := &replay{pairs: pairsOf(test)}
	err = tapped(phone, script.link(), request.Operation, p.Lock.Setup)
	return errors.Join(script.end(), verdict(test.Test, phoneReason(err)))
}

// responseData are the data of an answer with 9000.
func responseData(pair *vectors.Pair) ([]byte, error) {
	r, err := apdu.ParseResponse(pair.Response)
	if err == nil && !r.SW.IsOK() {
		err = fmt.Errorf("the answer has %v", r.SW)
	}
	return r.Data, err
}

// suitesI is the phone's list for a lock (section 6.4).
func suitesI(phone, lock []int) []int {
	for i, s := range phone {
		if slices.Contains(lock, s) {
			return phone[:i+1]
		}
	}
	return nil
}

// startsAs composes message_1 with the list and the identifier that the test
// has, where the phone of this implementation never does, and goes on to the
// end.
func startsAs(p vectors.ExchangeParams, test vectors.ExchangeTest) error {
	c, err := apdu.ParseCommand(test.Handshake1.Command)
	if err != nil || len(c.Data) == 0 || c.CLA != message.Class || c.INS != wire.InsHandshake1 || c.P2 != 0 || c.Ne != 256 {
		return fmt.Errorf("HANDSHAKE-1 is no command of the phone: %w", err)
	}
	if byKid := p.Phone.Remembered != nil; byKid != (c.P1 == wire.CertificateFormKid) || c.P1 > wire.CertificateFormValue {
		return fmt.Errorf("P1 is %d", c.P1)
	}
	initiator, message1, err := edhoc.Start(edhoc.InitiatorConfig{
		Suites: suitesI(p.Phone.Suites, p.Lock.Suites), Rand: bytes.NewReader(test.PhoneEphemeral), ConnectionID: c.Data[len(c.Data)-1:],
	})
	if err != nil {
		return err
	}
	if !bytes.Equal(message1, c.Data) {
		return fmt.Errorf("message_1 is %x", message1)
	}
	message2, err := responseData(test.Handshake1)
	if err != nil {
		return err
	}
	signer, err := signerOf(p.Suite, p.Phone.Private)
	if err != nil {
		return err
	}
	next, err := initiator.ReadMessage2(message2, certificateOf(p))
	if err != nil {
		return err
	}
	message3, exporter, err := next.WriteMessage3(edhoc.Local{IDCred: p.Phone.IDCredI, Cred: p.Phone.IDCredI[2:], Signer: signer})
	if err != nil {
		return err
	}
	return errors.Join(beforeAs(p, test), speaksAs(test, message3, exporter), phoneTrusts(p, test))
}

// phoneTrusts holds the phone's checks to a good exchange, as far as they can
// be had apart: it takes the answer to SELECT and the certificate.
func phoneTrusts(p vectors.ExchangeParams, test vectors.ExchangeTest) error {
	p.Phone.Suites = []int{p.Suite}
	phone, err := phoneOf(p, test.PhoneEphemeral)
	if err != nil {
		return err
	}
	refusing := vectors.Pair{Command: test.Handshake1.Command, Response: []byte{0x69, 0x85}}
	script := &replay{pairs: []vectors.Pair{test.Select, refusing}}
	if reason := phoneReason(tapped(phone, script.link(), wire.OperationOpen, nil)); reason != "status-word" {
		return fmt.Errorf("the phone refused SELECT as %s", reason)
	}
	_, err = verifiedCertificate(p)
	return err
}

// speaksAs compares HANDSHAKE-2, and opens the response.
func speaksAs(test vectors.ExchangeTest, message3 []byte, exporter *edhoc.Exporter) error {
	hash, err := hashOf(test.Select)
	if err != nil {
		return err
	}
	channel, err := edhoc.NewChannel(exporter, hash, true)
	if err != nil {
		return err
	}
	sealed, err := channel.Seal(test.Request)
	if err != nil {
		return err
	}
	want := apdu.Command{CLA: message.Class, INS: wire.InsHandshake2, Data: append(message3, sealed...), Ne: 256}
	if c, err := apdu.ParseCommand(test.Handshake2.Command); err != nil || !reflect.DeepEqual(c, want) {
		return fmt.Errorf("HANDSHAKE-2 is %+v", want)
	}
	answer, err := responseData(test.Handshake2)
	if err != nil {
		return err
	}
	plain, err := channel.Open(answer)
	if err != nil || !bytes.Equal(plain, test.Response) {
		return fmt.Errorf("the response is %x: %w", plain, err)
	}
	return nil
}

// beforeAs checks a first try that ended with error 2.
func beforeAs(p vectors.ExchangeParams, test vectors.ExchangeTest) error {
	before := test.Before
	if before == nil {
		return nil
	}
	if _, err := hashOf(before.Select); err != nil {
		return err
	}
	id, err := selectionOf(before.Select)
	if err != nil || !bytes.Equal(id.Lock[:], p.Phone.Chosen) || id.Capabilities&wire.CapabilitySuite2 != 0 || id.Version != uint64(p.Phone.Version) {
		return fmt.Errorf("another lock answered SELECT: %+v: %w", id, err)
	}
	initiator, message1, err := edhoc.Start(edhoc.InitiatorConfig{Suites: p.Phone.Suites[:1], Rand: bytes.NewReader(before.PhoneEphemeral)})
	if err != nil {
		return err
	}
	want := apdu.Command{CLA: message.Class, INS: wire.InsHandshake1, P1: wire.CertificateFormValue, Data: message1, Ne: 256}
	if c, err := apdu.ParseCommand(before.Handshake1.Command); err != nil || !reflect.DeepEqual(c, want) {
		return fmt.Errorf("HANDSHAKE-1 of the first try is %+v", want)
	}
	data, err := responseData(&before.Handshake1)
	if err != nil {
		return err
	}
	_, _, err = edhoc.Accept(message1, edhoc.ResponderConfig{Suites: p.Lock.Suites})
	var fault *edhoc.Error
	if !errors.As(err, &fault) || !bytes.Equal(fault.ErrorMessage(), data) {
		return fmt.Errorf("the lock answers the first try with %w", err)
	}
	_, err = initiator.ReadMessage2(data, nil)
	var peer *edhoc.PeerError
	if !errors.As(err, &peer) {
		return err
	}
	suites, err := edhoc.SelectSuites(p.Phone.Suites, peer.Suites)
	if err != nil || !slices.Equal(suites, suitesI(p.Phone.Suites, p.Lock.Suites)) {
		return fmt.Errorf("the second try has suites %v: %w", suites, err)
	}
	return nil
}
