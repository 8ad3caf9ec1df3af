package vectortest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/spec/vectors"
)

// tap is the phone's side of a transaction.
type tap struct {
	*device
	bare      bool
	initiator *edhoc.Initiator2
	local     edhoc.Local
	hash      [32]byte
	channel   *edhoc.Channel
}

// step is one transaction.  It returns the reason of its last answer.
func (d *device) step(objects []vectors.Hex, step vectors.DecisionStep) (string, error) {
	if step.Key == nil || step.Credential == nil || *step.Credential >= len(objects) {
		return "", errors.New("no key or credential")
	}
	if err := d.start(); err != nil {
		return "", err
	}
	d.seconds = 0
	t, err := d.begin(*step.Key, objects[*step.Credential], step.Nonce)
	if err != nil {
		return "", err
	}
	reason := ""
	for i, r := range step.Requests {
		if reason, err = t.request(objects, r); err != nil {
			return "", fmt.Errorf("request %d: %w", i, err)
		}
		if r.Power != "" && i != len(step.Requests)-1 {
			return "", errors.New("a request without power")
		}
	}
	if err := d.start(); err != nil {
		return "", err
	}
	return reason, d.compare(step.Requests[len(step.Requests)-1].State)
}

// begin goes from SELECT to message_2.
func (d *device) begin(key vectors.PrivateKey, own, nonce vectors.Hex) (*tap, error) {
	private, err := privateKeyOf(key)
	if err != nil {
		return nil, err
	}
	t := &tap{device: d, bare: len(own) > 0 && own[0]>>5 == 5}
	if t.local.Signer, err = suite.NewSigner(private); err != nil {
		return nil, err
	}
	id := message.IDCred{Header: wire.HeaderKcwt, Value: own}
	if t.bare {
		id.Header = wire.HeaderKccs
	}
	t.local.IDCred, t.local.Cred = id.Encode(), own
	answer, err := t.send(message.SelectCommand())
	if err != nil {
		return nil, err
	}
	selection, err := message.ParseSelection(answer)
	if err != nil {
		return nil, err
	}
	if nonce != nil && !bytes.Equal(selection.Nonce[:], nonce) {
		return nil, fmt.Errorf("the nonce is %x", selection.Nonce)
	}
	t.hash = message.SelectionHash(message.AID, answer)
	cipher, identity := wire.SuiteX25519Ed25519, d.config.Identities[0]
	if key.Alg == wire.AlgEsp256 {
		cipher, identity = wire.SuiteP256Es256, d.config.Identities[len(d.config.Identities)-1]
	}
	initiator, message1, err := edhoc.Start(edhoc.InitiatorConfig{Suites: []int{cipher}, Rand: worldtest.Rand("phone")})
	if err != nil {
		return nil, err
	}
	message2, err := t.send(apdu.Command{CLA: message.Class, INS: wire.InsHandshake1, Data: message1, Ne: 256})
	if err != nil {
		return nil, err
	}
	public, err := credential.NewPublicKey(identity.Key.Public())
	if err != nil {
		return nil, err
	}
	t.initiator, err = initiator.ReadMessage2(message2, func([]byte) (edhoc.Peer, error) {
		return edhoc.Peer{Cred: identity.Certificate, Key: public}, nil
	})
	return t, err
}

// errStatus is an answer with another status word than 9000.
type errStatus apdu.Status

func (e errStatus) Error() string { return apdu.Status(e).String() }

func (t *tap) send(c apdu.Command) ([]byte, error) {
	r, err := apdu.Exchange(context.Background(), apdu.Direct(t.lock), c, apdu.Options{Extended: t.config.ExtendedLength})
	if err == nil && !r.SW.IsOK() {
		err = errStatus(r.SW)
	}
	return r.Data, err
}

// request makes one request and compares all that comes of it.
func (t *tap) request(objects []vectors.Hex, r vectors.DecisionRequest) (string, error) {
	if err := compareFields(objects, r); err != nil {
		return "", err
	}
	if !slices.Contains([]string{"", "stuck", "unseen"}, r.Bolt) || !slices.Contains([]string{"", "lost-before", "lost-after"}, r.Power) {
		return "", errors.New("bolt or power")
	}
	t.seconds, t.clock, t.bolt, t.power, t.charge, t.driven = r.Seconds, r.Clock, r.Bolt, r.Power, 100, nil
	if r.Charge != nil {
		t.charge = *r.Charge
	}
	before := t.sequence()
	if r.Power == "lost-before" {
		t.flash.CutPower(0, untouched)
	}
	plain, err := t.carry(r.Request)
	if r.Power != "" {
		gone := t.flash.Restore()
		if r.Answer != nil || !gone && r.Power == "lost-before" {
			return "", errors.New("the power was not lost")
		}
		if err := t.start(); err != nil {
			return "", err
		}
		return "", errors.Join(t.compareDrive(r.Drives), t.compareEntries(before, r.Entries), t.compare(r.State))
	}
	answer, state, err := t.answer(plain, err)
	if err != nil {
		return "", err
	}
	if r.Answer == nil || !sameAnswer(answer, *r.Answer) {
		return "", fmt.Errorf("answered %+v (%v), not %+v", answer, t.event.Err, r.Answer)
	}
	if state != nil {
		want := r.State
		if !t.bare {
			want.Sequence = 0
		}
		if *state != want {
			return "", fmt.Errorf("told the state %+v, not %+v", *state, want)
		}
	}
	return t.reason(answer), errors.Join(t.compareDrive(r.Drives), t.compareEntries(before, r.Entries), t.compare(r.State))
}

// carry sends a request and returns the plaintext of the answer.
func (t *tap) carry(request []byte) ([]byte, error) {
	command := apdu.Command{CLA: message.Class, INS: wire.InsRequest, Ne: 256}
	if t.channel == nil {
		message3, exporter, err := t.initiator.WriteMessage3(t.local)
		if err != nil {
			return nil, err
		}
		if t.channel, err = edhoc.NewChannel(exporter, t.hash[:], true); err != nil {
			return nil, err
		}
		command.INS, command.Data = wire.InsHandshake2, message3
	}
	sealed, err := t.channel.Seal(request)
	if err != nil {
		return nil, err
	}
	command.Data = append(command.Data, sealed...)
	answer, err := t.send(command)
	if err != nil {
		return nil, err
	}
	return t.channel.Open(answer)
}

// answer reads what came back, and the state in it.
func (t *tap) answer(plain []byte, err error) (a vectors.DecisionAnswer, state *vectors.DecisionState, _ error) {
	var status errStatus
	if errors.As(err, &status) {
		return vectors.DecisionAnswer{Status: binary.BigEndian.AppendUint16(nil, uint16(status))}, nil, nil
	}
	if err != nil {
		return a, nil, err
	}
	r, err := message.ParseResponse(plain)
	if err != nil || r.Unknown {
		return a, nil, fmt.Errorf("response %x: %w", plain, err)
	}
	if len(r.Missing) > 0 {
		return vectors.DecisionAnswer{Missing: r.Missing[0][:]}, nil, nil
	}
	a.Outcome = r.Outcome.String()
	if r.Reason != credential.ReasonNone {
		a.Reason = r.Reason.String()
	}
	for _, d := range r.Documents {
		a.Documents = append(a.Documents, d.String())
	}
	if n := r.Notice; n.Kind != 0 {
		a.Notice = []uint32{uint32(n.Kind), uint32(n.From), uint32(n.Until), uint32(n.Instruction)}
	}
	if r.Outcome == credential.OutcomePending {
		a.Charge = &r.Charge
	}
	if r.Outcome != credential.OutcomeRefused {
		state = &vectors.DecisionState{Version: r.State.PolicyVersion, Floor: uint32(r.State.Floor), Sequence: r.State.Sequence}
	}
	return a, state, nil
}

func sameAnswer(a, b vectors.DecisionAnswer) bool {
	charge := a.Charge == b.Charge || a.Charge != nil && b.Charge != nil && *a.Charge == *b.Charge
	return charge && bytes.Equal(a.Status, b.Status) && bytes.Equal(a.Missing, b.Missing) && a.Outcome == b.Outcome && a.Reason == b.Reason &&
		slices.Equal(a.Documents, b.Documents) && slices.Equal(a.Notice, b.Notice)
}

// reason is that of the answer, "" where it refuses nothing.
func (t *tap) reason(a vectors.DecisionAnswer) string {
	none := credential.ReasonNone.String()
	switch {
	case a.Outcome == "refused":
		return a.Reason
	case a.Outcome == "":
		if r := t.event.Reason.String(); r != none {
			return r
		}
		return ""
	}
	for _, d := range a.Documents {
		if d != none && a.Outcome != "failed" {
			return d
		}
	}
	return ""
}

func (t *tap) compareDrive(want *int) error {
	if (t.driven == nil) != (want == nil) || want != nil && *t.driven != *want {
		return errors.New("another bolt was driven, or none")
	}
	return nil
}

// compareFields holds the parts of a request against its bytes.
func compareFields(objects []vectors.Hex, r vectors.DecisionRequest) error {
	m := message.Request{
		Operation: credential.Operation(r.Fields.Operation), Resource: uint8(r.Fields.Resource),
		Receipt: r.Fields.Flags&wire.FlagReceipt != 0, Resumable: r.Fields.Flags&wire.FlagResumption != 0, Log: r.Fields.Flags&wire.FlagLog != 0,
	}
	if r.Fields.Reference != nil {
		if len(r.Fields.Reference) != len(m.Reference) {
			return errors.New("reference")
		}
		m.Reference = credential.Reference(r.Fields.Reference)
	}
	if r.Fields.Page != nil {
		m.Page, m.Paged = uint8(*r.Fields.Page), true
	}
	for _, list := range []struct {
		places []int
		to     *[][]byte
	}{{r.Fields.Chain, &m.Chain}, {r.Fields.Documents, &m.Documents}} {
		for _, i := range list.places {
			if i >= len(objects) {
				return errors.New("no such object")
			}
			*list.to = append(*list.to, objects[i])
		}
	}
	if !bytes.Equal(m.Encode(), r.Request) {
		return errors.New("the fields are not those of the request")
	}
	return nil
}

// unreadInDecisions tells what may change without notice.
func unreadInDecisions(path string, flags []string) bool {
	switch path {
	case "steps.requests.seconds", "steps.requests.clock.time", "steps.requests.clock.offset", "steps.requests.charge",
		"params.capabilities", "params.compartments", "params.roots", "params.area":
		return true
	}
	return path == "objects" && slices.Contains(flags, "unverified")
}
