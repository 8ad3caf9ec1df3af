package vectors

// ChannelParams are what the keys of a group follow from, and the keys.
type ChannelParams struct {
	Secret     Hex `json:"secret"`
	Nonce      Hex `json:"nonce"`
	SelectHash Hex `json:"selectHash"`
	ChannelKeys
}

// ChannelTest is a test of area channel (section 6.7).
type ChannelTest struct {
	Test
	Steps []ChannelStep `json:"steps"`
	Then  Hex           `json:"then,omitzero"` // of an invalid test: what opens no more
}

// ChannelStep is one sealed message.
type ChannelStep struct {
	Direction string `json:"direction"` // "request" or "response"
	Counter   *int   `json:"counter,omitempty"`
	Plaintext Hex    `json:"plaintext,omitzero"`
	Sealed    Hex    `json:"sealed"`
}
