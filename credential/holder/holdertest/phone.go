package holdertest

import (
	"crypto"
	"errors"
	"io"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/exchangetest"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// What the peers of testers have in common.
type (
	Value  = exchangetest.Value  // name of a value
	Alter  = exchangetest.Alter  // alterations by value
	Values = exchangetest.Values // the values that passed last
	Fault  = exchangetest.Fault  // what is wrong with an answer

	// Channel is the channel with its keys and counters open: to send a sealed
	// message twice or out of order, set Channel.Out.Counter.
	Channel = exchangetest.Channel
	// Request is a request before it is encoded.
	Request = message.Request
	// Response is a response, decoded.
	Response = message.Response
	// Secret is a secret of the line of chapter 15.
	Secret = edhoc.ResumptionSecret
)

// The values that a phone makes, and reads, in the order in which they arise.
const (
	Selection      = exchangetest.Selection
	SelectHash     = exchangetest.SelectHash
	PrivateKey     = exchangetest.X
	GX             = exchangetest.GX
	GY             = exchangetest.GY
	GXY            = exchangetest.GXY
	Message1       = exchangetest.Message1
	Message1Hashed = exchangetest.Message1In
	TH2            = exchangetest.TH2
	PRK            = exchangetest.PRK
	CredR          = exchangetest.CredR
	IDCredR        = exchangetest.IDCredR
	MAC2           = exchangetest.MAC2
	Signed2        = exchangetest.Signed2
	Plain2Hashed   = exchangetest.Plain2In
	TH3            = exchangetest.TH3
	CredI          = exchangetest.CredI
	IDCredI        = exchangetest.IDCredI
	MAC3           = exchangetest.MAC3
	Signed3        = exchangetest.Signed3
	Signature3     = exchangetest.Signature3
	Plaintext3     = exchangetest.Plaintext3
	Plain3Hashed   = exchangetest.Plain3In
	Ciphertext3    = exchangetest.Ciphertext3
	Message3       = exchangetest.Message3
	TH4            = exchangetest.TH4
	PRKOut         = exchangetest.PRKOut
	PRKExporter    = exchangetest.PRKExporter
	ChannelKeys    = exchangetest.ChannelKeys
	ResumeNonce    = exchangetest.ResumeNonce
	ResumeID       = exchangetest.ResumeID
	Plaintext      = exchangetest.Request
	Sealed         = exchangetest.SealedRequest
	Data           = exchangetest.Data
)

// Phone is one phone at one lock.  Link, Rand and Key are mandatory.
type Phone struct {
	Link apdu.Transceiver
	Rand io.Reader     // of ephemeral keys and nonces; a stream from a seed makes every run the same
	Key  crypto.Signer // signs message_3; without a Grant the bare key is the credential
	// Grant is the credential; nil for the bare key.
	Grant []byte
	// Suites is SUITES_I; nil for the suite of Key alone.  The last is selected.
	Suites []int
	// Certificate is the lock's; with it the phone asks by key id.
	Certificate []byte
	// Roots and Makers verify the lock's certificate; without Roots nobody does.
	Roots  []credential.PublicKey
	Makers [][]byte
	// Extended says that extended length fields are used where they save a chain
	// and the lock announces them.
	Extended bool
	// Turned says that the lock is the reader: the SELECT hash is that of binding R.
	Turned bool

	Alter   Alter
	Command func(*apdu.Command)
	APDUs   func([][]byte) [][]byte
	Fetch   func(more int) []byte // GET RESPONSE for the bytes that are announced; nil ends the fetching

	// What came of the steps so far, to read and to change.  Proof stays for the
	// resumed taps after a full one, whose receipts are verified by it.
	Selected *Selected
	Proof    *Proof
	Channel  *Channel

	tap     exchangetest.Tap
	run     *exchangetest.Run
	prefix  []byte // message_3, or nonce and id of RESUME
	carrier byte   // instruction that takes the prefix along, 0 after it was sent
	resumed bool
}

// Values returns the values that passed last, after their alteration.
func (p *Phone) Values() Values { return p.tap.Values }

// pass lets a value pass the alterations.
func (p *Phone) pass(name Value, b []byte) []byte {
	p.tap.Alter = p.Alter
	return p.tap.Pass(name, b)
}

var (
	errStep = errors.New("holdertest: this step comes before its time")
	errRun  = errors.New("holdertest: there has been no full exchange to derive from")
)

// signer returns the phone's key.
func (p *Phone) signer() (suite.Signer, error) { return suite.NewSigner(p.Key) }

// suites returns SUITES_I.
func (p *Phone) suites(s suite.Signer) []int {
	if len(p.Suites) > 0 {
		return p.Suites
	}
	return []int{exchangetest.SuiteOf(s.PublicKey())}
}

// local returns what the phone proves itself with.
func (p *Phone) local(s suite.Signer) exchangetest.Local {
	if p.Grant != nil {
		return exchangetest.Local{IDCred: idCred(wire.HeaderKcwt, p.Grant), Cred: p.Grant, Signer: s}
	}
	set := credential.AppendClaimsSet(nil, s.PublicKey())
	return exchangetest.Local{IDCred: idCred(wire.HeaderKccs, set), Cred: set, Signer: s}
}

// idCred returns a header map of one entry.
func idCred(header uint64, value []byte) []byte {
	return credentialtest.Map{{Key: credentialtest.Uint(header), Value: value}}.Encode()
}

// owner reports whether the phone comes with a bare key.
func (p *Phone) owner() bool { return p.Grant == nil }

// has reports whether the lock announces the capability.
func (p *Phone) has(capability uint64) bool {
	return p.Selected != nil && p.Selected.Capabilities&capability != 0
}

// aid returns the name of the application that the channel is bound to.
func (p *Phone) aid() string {
	if p.Turned {
		return message.ReaderAID
	}
	return message.AID
}

// Export is EDHOC_Exporter of the full exchange, with the SELECT hash as context:
// label 32768 gives the channel's keys, 32769 the first secret, 32770 what the
// proof is made over, 32771 the log key.
func (p *Phone) Export(label uint, length int) ([]byte, error) {
	if p.run == nil {
		return nil, errRun
	}
	return p.run.Export(label, p.tap.Values[SelectHash], length)
}

// SetupProof proves the setup secret in this transaction, for Request.Proof.
// [Phone.Complete] has to come before.
func (p *Phone) SetupProof(secret []byte) ([]byte, error) {
	exported, err := p.Export(wire.LabelCommissioning, suite.HashSize)
	if err != nil {
		return nil, err
	}
	mac, err := suite.Extract(secret, exported)
	if err != nil {
		return nil, err
	}
	return mac[:wire.LimitSetupBytes], nil
}

// LogKey returns the log key that a configure in this transaction agrees on.
func (p *Phone) LogKey() ([32]byte, error) {
	b, err := p.Export(wire.LabelLog, suite.HashSize)
	if err != nil {
		return [32]byte{}, err
	}
	return [32]byte(b), nil
}

// FirstSecret returns RS_0 of this transaction, which the lock keeps where it
// made a slot.  Its method Next goes along the line.
func (p *Phone) FirstSecret() (Secret, error) {
	b, err := p.Export(wire.LabelResumption, suite.HashSize)
	if err != nil {
		return Secret{}, err
	}
	return Secret(b), nil
}
