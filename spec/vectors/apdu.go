package vectors

// APDUParams says what is tested, and in which lock.
type APDUParams struct {
	Kind     string `json:"kind"`     // "command", "link" or "lock"
	Extended bool   `json:"extended"` // whether the lock takes extended length fields
}

// APDUTest is a test of area apdu (chapter 05).  Tests of kind "command" have
// Command, the others Steps.
type APDUTest struct {
	Test
	Command Hex         `json:"command,omitzero"`
	Fields  *APDUFields `json:"fields,omitempty"` // of a valid command
	Steps   []APDUStep  `json:"steps,omitempty"`
}

// APDUFields are the parts of a command.
type APDUFields struct {
	CLA  Hex `json:"cla"`
	INS  Hex `json:"ins"`
	P1   Hex `json:"p1"`
	P2   Hex `json:"p2"`
	Data Hex `json:"data"`
	Ne   int `json:"ne"` // bytes that Le allows
}

// APDUStep is one command of a sequence and what becomes of it.
type APDUStep struct {
	Command Hex `json:"command"`
	// Ne is how many bytes Le of the command allows, where the bytes are a
	// command.  Kind "link" only.
	Ne *int `json:"ne,omitempty"`
	// Carried is what goes on to the application, or nil where nothing does.
	Carried *APDUCarried `json:"carried,omitempty"`
	// Response are the bytes that the lock answers with.  Kind "link" only.
	Response Hex `json:"response,omitzero"`
	// Status is the status word of the answer.  Kind "lock" only.
	Status Hex `json:"status,omitzero"`
	// Ends says that the transaction ends.  Kind "link" only.
	Ends bool `json:"ends,omitempty"`
}

// APDUCarried is a whole logical command, and what the application of the test
// answers to it.
type APDUCarried struct {
	CLA    Hex `json:"cla"`
	INS    Hex `json:"ins"`
	P1     Hex `json:"p1"`
	P2     Hex `json:"p2"`
	Data   Hex `json:"data"`   // joined
	Answer Hex `json:"answer"` // data, then status word
}
