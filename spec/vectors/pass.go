package vectors

// PassParams say what is tried.
type PassParams struct {
	Kind string `json:"kind"` // "pass", "pass-link" or "request-link"
}

// PassTest is a test of area pass (chapter 27).
type PassTest struct {
	Test
	Link string `json:"link,omitempty"` // of the kinds of links
	Data Hex    `json:"data,omitzero"`  // kind "pass"; of a valid link
	// Of a valid pass: its objects.
	Chain       []Hex `json:"chain,omitempty"`
	Authorities []Hex `json:"authorities,omitempty"`
	Documents   []Hex `json:"documents,omitempty"`
}
