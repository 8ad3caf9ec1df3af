package vectors

// CBORParams says how many items the tests of a group hold.
type CBORParams struct {
	Form string `json:"form"` // "item" for exactly one, "sequence" for one or more
}

// CBORTest is a test of area cbor (chapter 03).
type CBORTest struct {
	Test
	Data       Hex    `json:"data"`
	Diagnostic string `json:"diagnostic,omitempty"` // of valid data: diagnostic notation
}
