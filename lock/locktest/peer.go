package locktest

import (
	"crypto"
	"io"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
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
	Fault  = exchangetest.Fault  // what is wrong with what a phone sent

	// Channel is the channel with its keys and counters open.
	Channel = exchangetest.Channel
	// Request is what a phone asked.
	Request = message.Request
	// Response is what the lock answers, before it is encoded.
	Response = message.Response
	// State is the state in a Response.
	State = message.State
)

// The values that a lock makes, and reads, in the order in which they arise.
const (
	Selection      = exchangetest.Selection
	SelectHash     = exchangetest.SelectHash
	PrivateKey     = exchangetest.X
	GY             = exchangetest.GY
	GXY            = exchangetest.GXY
	Message1Hashed = exchangetest.Message1In
	TH2            = exchangetest.TH2
	PRK            = exchangetest.PRK
	CR             = exchangetest.CR
	CredR          = exchangetest.CredR
	IDCredR        = exchangetest.IDCredR
	MAC2           = exchangetest.MAC2
	Signed2        = exchangetest.Signed2
	Signature2     = exchangetest.Signature2
	Plaintext2     = exchangetest.Plaintext2
	Ciphertext2    = exchangetest.Ciphertext2
	Message2       = exchangetest.Message2
	TH3            = exchangetest.TH3
	Plaintext3     = exchangetest.Plaintext3
	TH4            = exchangetest.TH4
	PRKOut         = exchangetest.PRKOut
	PRKExporter    = exchangetest.PRKExporter
	ChannelKeys    = exchangetest.ChannelKeys
	Plaintext      = exchangetest.Response
	Sealed         = exchangetest.SealedResponse
	Data           = exchangetest.Data
)

// Capabilities of the registry.
const (
	CapabilitySuite2         = wire.CapabilitySuite2
	CapabilityExtendedLength = wire.CapabilityExtendedLength
	CapabilityResumption     = wire.CapabilityResumption
	CapabilityLiveTime       = wire.CapabilityLiveTime
	CapabilityUses           = wire.CapabilityUses
	CapabilityCompartments   = wire.CapabilityCompartments
	CapabilityClock          = wire.CapabilityClock
)

// Peer is a lock for testers of phones: it takes the commands of a phone, says
// what is wrong with them, and answers whatever a hostile or faulty lock could.  It
// judges no right: what it answers to a request, Respond says.  ID, Identities and
// Rand are mandatory; it is an apdu.Processor, and by [Peer.Link] a link.
//
// Each layer can be altered: Alter by the name of a [Value], for which package
// credentialtest makes functions; Answer by the whole answer, Piece by how it is
// given out, APDU by the bytes of each response APDU.  Alterations stay until
// they are taken out.
type Peer struct {
	ID           credential.LockID
	Version      uint64 // in the answer to SELECT; 0 stands for that of the standard
	Capabilities uint64
	// Identities are the lock's by cipher suite.
	Identities map[int]Identity
	Rand       io.Reader
	// State stands in responses, where Respond sets none.
	State State
	// Respond says what is answered to a request.  Without it an operation that
	// opens is opened, and any other done.  What it says must be
	// a response that encodes, or Process panics: alter Plaintext for others.
	Respond func(Request) Response

	Alter  Alter
	Answer func(command apdu.Command, answer *apdu.Response)
	// Piece says how many bytes of the answer that is left are given now, and the
	// status word behind them.  Without it they are as many as Le allows.
	Piece func(ne int, left []byte) (n int, sw apdu.Status)
	// APDU alters a response APDU; nil keeps silent, and Process returns nil.
	APDU func(command, response []byte) []byte

	// What a phone did so far.
	Steps   []*Step
	Channel *Channel
	// Secret is what the next RESUME is expected to have, once a response kept a
	// slot.
	Secret *edhoc.ResumptionSecret

	tap      exchangetest.Tap
	turned   bool
	selected bool

	run    *exchangetest.Run
	bare   bool   // the phone came with a bare key
	joined []byte // data of a chain under way
	rest   []byte // of an answer
	restSW apdu.Status
}

// Identity is a lock's key and its certificate.
type Identity struct {
	Key         crypto.Signer
	Certificate []byte
}

// Step is one command of the phone's, and what was read in it.
type Step struct {
	Command apdu.Command // joined
	Suites  []int        // of HANDSHAKE-1: SUITES_I
	IDCred  []byte       // of HANDSHAKE-2: ID_CRED_I
	Plain   []byte       // plaintext of a request
	Request Request      // decoded
	Faults  []Fault      // what is against the standard
}

// Faults returns what is wrong with all that the phone sent.
func (p *Peer) Faults() (all []Fault) {
	for _, s := range p.Steps {
		all = append(all, s.Faults...)
	}
	return all
}

// Requests returns the requests that were read.
func (p *Peer) Requests() (all []Request) {
	for _, s := range p.Steps {
		if s.Plain != nil {
			all = append(all, s.Request)
		}
	}
	return all
}

// Values returns the values that passed last, after their alteration.
func (p *Peer) Values() Values { return p.tap.Values }

// pass lets a value pass the alterations.
func (p *Peer) pass(name Value, b []byte) []byte {
	p.tap.Alter = p.Alter
	return p.tap.Pass(name, b)
}

// Export is EDHOC_Exporter of the full exchange, with the SELECT hash as context.
func (p *Peer) Export(label uint, length int) ([]byte, error) {
	return p.run.Export(label, p.tap.Values[SelectHash], length)
}

// LogKey returns the log key that a configure in this transaction agrees on.
func (p *Peer) LogKey() ([32]byte, error) {
	b, err := p.Export(wire.LabelLog, suite.HashSize)
	if err != nil {
		return [32]byte{}, err
	}
	return [32]byte(b), nil
}
