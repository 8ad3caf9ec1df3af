package vectors

// MessageParams says which message the tests of a group hold.
type MessageParams struct {
	Kind   string `json:"kind"`
	Suites []int  `json:"suites,omitempty"` // of kind "message-1": those of the lock
}

// MessageTest is a test of area message.  A valid one has the field that
// belongs to its kind.
type MessageTest struct {
	Test
	Data       Hex         `json:"data"`
	Selection  *Selection  `json:"selection,omitempty"`
	Message1   *Message1   `json:"message1,omitempty"`
	Message2   *Message2   `json:"message2,omitempty"`
	Plaintext2 *Plaintext2 `json:"plaintext2,omitempty"`
	Handshake2 *Handshake2 `json:"handshake2,omitempty"`
	Plaintext3 *Plaintext3 `json:"plaintext3,omitempty"`
	Error      *EDHOCError `json:"error,omitempty"`
	Resume     *Resume     `json:"resume,omitempty"`
	Request    *Request    `json:"request,omitempty"`
	Response   *Response   `json:"response,omitempty"`
	Entry      *LogEntry   `json:"entry,omitempty"`
	Page       *LogPage    `json:"page,omitempty"`
}

// Selection is what a lock answers to SELECT (section 5.3).
type Selection struct {
	Version      uint32 `json:"version"`
	Capabilities uint32 `json:"capabilities"`
	Lock         Hex    `json:"lock"`
	Nonce        Hex    `json:"nonce"`
	Hash         Hex    `json:"hash"` // SELECT hash of binding L
}

// Message1 is message_1 (section 6.4).
type Message1 struct {
	Suites []int `json:"suites"`
	GX     Hex   `json:"gx"`
	CI     int   `json:"ci"`
}

// Message2 is message_2 (section 6.5).
type Message2 struct {
	GY         Hex `json:"gy"`
	Ciphertext Hex `json:"ciphertext"`
}

// Plaintext2 is PLAINTEXT_2 (section 6.5), with Kid or Certificate.
type Plaintext2 struct {
	CR          int `json:"cr"`
	Kid         Hex `json:"kid,omitzero"`
	Certificate Hex `json:"certificate,omitzero"`
	Signature   Hex `json:"signature"`
}

// Handshake2 is what HANDSHAKE-2 carries (section 6.8).
type Handshake2 struct {
	Message3 Hex `json:"message3"`
	Sealed   Hex `json:"sealed"`
}

// Plaintext3 is PLAINTEXT_3 (section 6.6), with Grant or Key.
type Plaintext3 struct {
	Grant     Hex  `json:"grant,omitzero"`
	Key       *Key `json:"key,omitempty"`
	Signature Hex  `json:"signature"`
}

// EDHOCError is an EDHOC error message (section 6.9).
type EDHOCError struct {
	Code   int   `json:"code"`
	Suites []int `json:"suites,omitempty"` // with code 2
}

// Resume is what RESUME carries (section 15.3).
type Resume struct {
	Nonce  Hex `json:"nonce"`
	ID     Hex `json:"id"`
	Sealed Hex `json:"sealed"`
}

// Request is the plaintext of a request (section 6.8).
type Request struct {
	Operation uint32  `json:"operation"`
	Resource  uint32  `json:"resource,omitzero"`
	Chain     []Hex   `json:"chain,omitempty"`
	Documents []Hex   `json:"documents,omitempty"`
	Flags     uint32  `json:"flags,omitzero"`
	Reference Hex     `json:"reference,omitzero"`
	Proof     Hex     `json:"proof,omitzero"`
	Page      *uint32 `json:"page,omitempty"`
	Unknown   bool    `json:"unknown,omitempty"` // it holds what this version does not know
}

// Response is the plaintext of a response (section 6.8): Missing, or the rest.
type Response struct {
	Missing    []Hex    `json:"missing,omitempty"`
	Outcome    *uint32  `json:"outcome,omitempty"`
	Reason     uint32   `json:"reason,omitzero"`
	State      *State   `json:"state,omitempty"`
	Charge     *Charge  `json:"charge,omitempty"`
	Notice     *Notice  `json:"notice,omitempty"`
	Receipt    Hex      `json:"receipt,omitzero"`
	Resumption uint32   `json:"resumption,omitzero"`
	Documents  []uint32 `json:"documents,omitempty"`
	Log        Hex      `json:"log,omitzero"`
}

// State is the lock's, as it tells a phone.
type State struct {
	Policy uint32 `json:"policy"` // version
	Floor  uint32 `json:"floor"`
	Log    uint32 `json:"log"` // sequence number
}

// Charge is how far a lock is with gathering energy.
type Charge struct {
	Percent uint32 `json:"percent"`
	Wait    uint32 `json:"wait"` // milliseconds
}

// LogPage is a page of the log (section 19.3).
type LogPage struct {
	Lock    Hex        `json:"lock"`
	Base    Hex        `json:"base"`
	Entries []LogEntry `json:"entries"`
	Head    Hex        `json:"head"` // after the last entry
}
