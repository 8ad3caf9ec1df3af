package vectors

// ExchangeParams are the lock and the phone of a group.
type ExchangeParams struct {
	Suite int           `json:"suite"` // that of the phone's key
	Lock  ExchangeLock  `json:"lock"`
	Phone ExchangePhone `json:"phone"`
}

// ExchangeLock is what a lock is made of.
type ExchangeLock struct {
	ID          Hex   `json:"id"`
	Suites      []int `json:"suites"`
	Private     Hex   `json:"private"`        // of the group's suite
	Certificate Hex   `json:"certificate"`    // over this key
	Owner       Hex   `json:"owner,omitzero"` // COSE_Key of the owner, where a bare key is tried
	Setup       Hex   `json:"setup,omitzero"` // setup secret of a vacant lock
}

// ExchangePhone is what a phone has.
type ExchangePhone struct {
	Suites     []int `json:"suites"` // by preference
	Private    Hex   `json:"private"`
	IDCredI    Hex   `json:"idCredI"`
	Roots      []Hex `json:"roots"`  // COSE_Keys
	Makers     []Hex `json:"makers"` // authority certificates
	Remembered Hex   `json:"remembered,omitzero"`
	Chosen     Hex   `json:"chosen"`
	Version    int   `json:"version"`
}

// ExchangeTest is a test of area exchange (chapter 06).  What comes after a
// refusal is absent.
type ExchangeTest struct {
	Test
	Refuser        string          `json:"refuser,omitempty"` // "lock" or "phone", of an invalid test
	Before         *ExchangeBefore `json:"before,omitempty"`
	Select         Pair            `json:"select"`
	PhoneEphemeral Hex             `json:"phoneEphemeral,omitzero"`
	LockEphemeral  Hex             `json:"lockEphemeral,omitzero"`
	Handshake1     *Pair           `json:"handshake1,omitempty"`
	Handshake2     *Pair           `json:"handshake2,omitempty"`
	Request        Hex             `json:"request,omitzero"`
	Response       Hex             `json:"response,omitzero"`
	Values         *ExchangeValues `json:"values,omitempty"`
}

// Pair is a command, one APDU, and the whole answer with its status word.
type Pair struct {
	Command  Hex `json:"command"`
	Response Hex `json:"response"`
}

// ExchangeBefore is a first try that ended with EDHOC error 2.
type ExchangeBefore struct {
	Select         Pair `json:"select"`
	PhoneEphemeral Hex  `json:"phoneEphemeral"`
	Handshake1     Pair `json:"handshake1"`
}

// ExchangeValues are the values between, by the names of sections 6.5 to 6.7.
type ExchangeValues struct {
	Message1     Hex `json:"message1"`
	HashMessage1 Hex `json:"hashMessage1"`
	GX           Hex `json:"gX"`
	GY           Hex `json:"gY"`
	GXY          Hex `json:"gXY"`

	TH2         Hex `json:"th2"`
	PRK2e       Hex `json:"prk2e"`
	PRK3e2m     Hex `json:"prk3e2m"`
	Context2    Hex `json:"context2"`
	MAC2        Hex `json:"mac2"`
	ToBeSigned2 Hex `json:"toBeSigned2"`
	Signature2  Hex `json:"signature2"`
	Plaintext2  Hex `json:"plaintext2"`
	Keystream2  Hex `json:"keystream2"`
	Message2    Hex `json:"message2"`

	TH3         Hex `json:"th3"`
	PRK4e3m     Hex `json:"prk4e3m"`
	Context3    Hex `json:"context3"`
	MAC3        Hex `json:"mac3"`
	ToBeSigned3 Hex `json:"toBeSigned3"`
	Signature3  Hex `json:"signature3"`
	Plaintext3  Hex `json:"plaintext3"`
	K3          Hex `json:"k3"`
	IV3         Hex `json:"iv3"`
	A3          Hex `json:"a3"`
	Message3    Hex `json:"message3"`
	TH4         Hex `json:"th4"`

	PRKOut      Hex `json:"prkOut"`
	PRKExporter Hex `json:"prkExporter"`
	SelectHash  Hex `json:"selectHash"`
	ChannelKeys
	Resumption    Hex `json:"resumption"`
	Commissioning Hex `json:"commissioning"`
	Log           Hex `json:"log"`
}

// ChannelKeys are the parts of OKM (section 6.7.2).
type ChannelKeys struct {
	OKM         Hex `json:"okm"`
	RequestKey  Hex `json:"requestKey"`
	ResponseKey Hex `json:"responseKey"`
	RequestIV   Hex `json:"requestIv"`
	ResponseIV  Hex `json:"responseIv"`
}
