package shim

import (
	"context"
	"encoding/json"
)

// Request is one of the request types below.  A Device gets it by value.
type Request interface {
	Verb() Verb
	reply() any // pointer to the zero value of what it returns
}

// Hello is what a shim says of itself.
type Hello struct {
	Protocol int    `json:"protocol"`
	Role     Role   `json:"role"`
	Product  string `json:"product"`
	Version  string `json:"version"`
	Verbs    []Verb `json:"verbs"`
}

// The link to a lock.
type (
	// Power switches the field.
	Power struct {
		On bool `json:"on"`
	}
	// Deselect ends the link and begins it anew; the power stays.
	Deselect struct{}
	// Transceive hands a command to the lock.  It returns an [Answer].
	Transceive struct {
		APDU Hex `json:"apdu"`
	}
	// Meet has a lock of binding R talk to the phone that Ask is.
	Meet struct {
		Ask Ask `json:"-"`
	}
)

// Answer is what a lock answers to a command.
type Answer struct {
	APDU   Hex  `json:"apdu,omitempty"`   // response with its status word; absent where it is silent
	Silent bool `json:"silent,omitempty"` // the lock gave no answer
	// Microseconds is what the lock itself took, where the shim knows.
	Microseconds *int64 `json:"us,omitempty"`
}

// Ask is the suite's end of a conversation that the product leads: in tap and
// meet.  An error means that the link is gone.
type Ask func(ctx context.Context, command []byte) (response []byte, err error)

// Private is a private key: an Ed25519 seed (suite 0) or a P-256 scalar (suite 2).
type Private struct {
	Suite   int `json:"suite"`
	Private Hex `json:"private"`
}

// Identity is a lock's key with its certificate.
type Identity struct {
	Suite       int `json:"suite"`
	Private     Hex `json:"private"`
	Certificate Hex `json:"certificate"`
}

// Provision makes a lock as it leaves its factory (section 2.4).
type Provision struct {
	Lock         Hex        `json:"lock"` // lock id, 8 bytes
	Identities   []Identity `json:"identities"`
	Roots        []Hex      `json:"roots"` // COSE_Keys
	Setup        Hex        `json:"setup"` // 16 bytes
	Area         Hex        `json:"area,omitempty"`
	Authorities  []Hex      `json:"authorities,omitempty"`
	Compartments int        `json:"compartments,omitempty"`
}

// Motion is what the sensor of a bolt will say.
type Motion string

// The motions.
const (
	Moves  Motion = "moves"
	Sticks Motion = "sticks"
	Unseen Motion = "unseen"
)

// Source is what a random source gives.
type Source string

// The sources.
const (
	Good  Source = "good"
	Fails Source = "fails"
	Equal Source = "equal"
)

// Torn is what is left of the operation at which the power goes.
type Torn string

// What is left.
const (
	TornBefore Torn = "before"
	TornHalf   Torn = "half"
	TornAfter  Torn = "after"
)

// The hooks of level 2.
type (
	// Bolt asks how often the bolts were driven.  It returns [Driven].
	Bolt struct{}
	// Drive sets what drives of the bolt come to.
	Drive struct {
		Motion  Motion `json:"motion"`
		Percent int    `json:"percent"` // energy gathered
		Wait    int    `json:"wait"`    // milliseconds after which to ask again
	}
	// Button presses the button inside the box or lets it go.
	Button struct {
		Pressed bool `json:"pressed"`
	}
	// Tamper fires the lock's own sensor.
	Tamper struct{}
	// Clock sets the clock that the lock trusts; without values it knows nothing.
	Clock struct {
		Unix   *uint64 `json:"unix,omitempty"`
		Offset *int    `json:"offset,omitempty"` // minutes
	}
	// Advance lets the lock's oscillator go on.
	Advance struct {
		Milliseconds uint64 `json:"ms"`
	}
	// Random sets what the lock's random source gives.
	Random struct {
		Source Source `json:"source"`
	}
	// Operations counts what was done to the memory.  It returns [Counted].
	Operations struct{}
	// Cut lets the power go at an operation of the memory to come.
	Cut struct {
		After *int `json:"after,omitempty"`
		Torn  Torn `json:"torn,omitempty"`
	}
	// State asks what stands in lasting memory.  It returns [Kept].
	State struct{}
	// Refusal asks why the lock refused last.  It returns [Refused].
	Refusal struct{}
)

type (
	// Driven lists the doors that were driven, by ascending number.
	Driven struct {
		Moves []Move `json:"moves"`
	}
	// Move says how often one door was driven.
	Move struct {
		Resource int `json:"resource"`
		Count    int `json:"count"`
	}
	// Counted are operations of the memory since provision.
	Counted struct {
		Flash uint64 `json:"flash"`
		Cut   bool   `json:"cut"` // the power went by the last cut that was set
	}
	// Kept is what stands in lasting memory.
	Kept struct {
		Vacant   bool   `json:"vacant"`
		Floor    uint64 `json:"floor"`
		Policy   uint64 `json:"policy"`
		Sequence uint64 `json:"sequence"`
	}
	// Refused is the reason of the last refusal.
	Refused struct {
		Reason int `json:"reason"`
	}
	// Nothing is what a verb returns that returns nothing.
	Nothing struct{}
)

// Install makes an app as if it was just installed.  Its verb is provision.
type Install struct {
	Key         Private `json:"key"`
	Grant       Hex     `json:"grant,omitempty"`
	Parents     []Hex   `json:"parents,omitempty"`
	Authorities []Hex   `json:"authorities,omitempty"`
	Documents   []Hex   `json:"documents,omitempty"`
	Roots       []Hex   `json:"roots"`
	Makers      []Hex   `json:"makers"`
}

// Tap holds the phone to the suite's lock, which Ask is.  It returns [Told].
type Tap struct {
	Operation int  `json:"operation"`
	Lock      Hex  `json:"lock,omitempty"`
	Resource  int  `json:"resource,omitempty"`
	Reference Hex  `json:"reference,omitempty"`
	Receipt   bool `json:"receipt,omitempty"`
	Pages     int  `json:"pages,omitempty"`
	Setup     Hex  `json:"setup,omitempty"`

	Ask Ask `json:"-"`
	// Live gives a time token over a nonce of 16 bytes; nil has no network.
	Live Ask `json:"-"`
}

// The phone as a card, which the suite's lock reads (binding R).
type (
	// Present has the phone wait to be read, for what the person chose.
	Present struct {
		Operation int  `json:"operation"`
		Lock      Hex  `json:"lock,omitempty"`
		Resource  int  `json:"resource,omitempty"`
		Reference Hex  `json:"reference,omitempty"`
		Receipt   bool `json:"receipt,omitempty"`
		Pages     int  `json:"pages,omitempty"`
	}
	// Command hands the phone a command of the lock's.  It returns an [Answer].
	Command struct {
		APDU Hex `json:"apdu"`
	}
	// Leave takes the phone out of the lock's field.  It returns [Told].
	Leave struct{}
)

// Told is what an app tells its user.
type Told struct {
	Outcome   int   `json:"outcome"`
	Reason    int   `json:"reason,omitempty"`
	Believed  bool  `json:"believed"`
	Receipt   Hex   `json:"receipt,omitempty"`
	Pages     []Hex `json:"pages,omitempty"`
	Documents []int `json:"documents,omitempty"`
	LogKey    Hex   `json:"logkey,omitempty"`
}

// Passing a right on (chapter 27).
type (
	// AskRight has the app ask for a right.  Its verb is ask, and it returns an
	// [Asked].
	AskRight struct{}
	// TakePass hands the app a pass, as Bytes or as a Link.  Its verb is take, and
	// it returns a [Taken].
	TakePass struct {
		Bytes Hex    `json:"bytes,omitempty"`
		Link  string `json:"link,omitempty"`
	}
)

// Asked is the request with which an app asks for a right, in its two forms.
type Asked struct {
	Bytes Hex    `json:"bytes"`
	Link  string `json:"link"`
}

// Taken is what an app makes of a pass.
type Taken struct {
	Taken  bool `json:"taken"`            // the next tap opens by it
	Reason int  `json:"reason,omitempty"` // why it is refused; 0 where the standard names no reason
}

// Appoint gives an issuer its key and certificate.  Its verb is provision.
type Appoint struct {
	Key         Private `json:"key"`
	Certificate Hex     `json:"certificate,omitempty"`
	Root        Hex     `json:"root,omitempty"` // COSE_Key of the scheme that signed the certificate
	// Parents are the grants of a holder who delegates, the root's first.
	Parents []Hex `json:"parents,omitempty"`
}

// Issue has an issuer sign an object.  It returns [Issued].
type Issue struct {
	Kind   string          `json:"kind"`
	Claims json.RawMessage `json:"claims"`
}

// Issued is the object, or why there is none.
type Issued struct {
	Object  Hex    `json:"object,omitempty"`
	Refused string `json:"refused,omitempty"`
}

// Verb returns the verb of the request.
func (Power) Verb() Verb      { return VerbPower }
func (Deselect) Verb() Verb   { return VerbDeselect }
func (Transceive) Verb() Verb { return VerbTransceive }
func (Meet) Verb() Verb       { return VerbMeet }
func (Provision) Verb() Verb  { return VerbProvision }
func (Bolt) Verb() Verb       { return VerbBolt }
func (Drive) Verb() Verb      { return VerbDrive }
func (Button) Verb() Verb     { return VerbButton }
func (Tamper) Verb() Verb     { return VerbTamper }
func (Clock) Verb() Verb      { return VerbClock }
func (Advance) Verb() Verb    { return VerbAdvance }
func (Random) Verb() Verb     { return VerbRandom }
func (Operations) Verb() Verb { return VerbOperations }
func (Cut) Verb() Verb        { return VerbCut }
func (State) Verb() Verb      { return VerbState }
func (Refusal) Verb() Verb    { return VerbRefusal }
func (Install) Verb() Verb    { return VerbProvision }
func (Tap) Verb() Verb        { return VerbTap }
func (Present) Verb() Verb    { return VerbPresent }
func (Command) Verb() Verb    { return VerbCommand }
func (Leave) Verb() Verb      { return VerbLeave }
func (AskRight) Verb() Verb   { return VerbAsk }
func (TakePass) Verb() Verb   { return VerbTake }
func (Appoint) Verb() Verb    { return VerbProvision }
func (Issue) Verb() Verb      { return VerbIssue }

func (Power) reply() any      { return new(Nothing) }
func (Deselect) reply() any   { return new(Nothing) }
func (Transceive) reply() any { return new(Answer) }
func (Meet) reply() any       { return new(Nothing) }
func (Provision) reply() any  { return new(Nothing) }
func (Bolt) reply() any       { return new(Driven) }
func (Drive) reply() any      { return new(Nothing) }
func (Button) reply() any     { return new(Nothing) }
func (Tamper) reply() any     { return new(Nothing) }
func (Clock) reply() any      { return new(Nothing) }
func (Advance) reply() any    { return new(Nothing) }
func (Random) reply() any     { return new(Nothing) }
func (Operations) reply() any { return new(Counted) }
func (Cut) reply() any        { return new(Nothing) }
func (State) reply() any      { return new(Kept) }
func (Refusal) reply() any    { return new(Refused) }
func (Install) reply() any    { return new(Nothing) }
func (Tap) reply() any        { return new(Told) }
func (Present) reply() any    { return new(Nothing) }
func (Command) reply() any    { return new(Answer) }
func (Leave) reply() any      { return new(Told) }
func (AskRight) reply() any   { return new(Asked) }
func (TakePass) reply() any   { return new(Taken) }
func (Appoint) reply() any    { return new(Nothing) }
func (Issue) reply() any      { return new(Issued) }
