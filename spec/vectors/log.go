package vectors

// LogParams say what is tried.
type LogParams struct {
	Kind        string `json:"kind"`                 // "page", "sealed", "reading" or "receipt"
	Lock        Hex    `json:"lock,omitzero"`        // kind "reading": lock id
	Keys        []Hex  `json:"keys,omitempty"`       // kind "reading": log keys of the app
	Certificate Hex    `json:"certificate,omitzero"` // kind "receipt": the lock certificate that the phone has
	Authorities []Hex  `json:"authorities,omitempty"`
	Roots       []Hex  `json:"roots,omitempty"` // COSE_Keys
}

// LogTest is a test of area log (chapter 19).
type LogTest struct {
	Test
	// Kind "page".
	Page    Hex   `json:"page,omitzero"` // kind "sealed" too
	Lock    Hex   `json:"lock,omitzero"`
	Base    Hex   `json:"base,omitzero"`
	Entries []Hex `json:"entries,omitzero"`
	Heads   []Hex `json:"heads,omitzero"` // kind "receipt" too

	// Kind "sealed".
	Keys   []Hex `json:"keys,omitempty"` // kind "receipt" too
	Nonce  Hex   `json:"nonce,omitzero"`
	Salt   Hex   `json:"salt,omitzero"`
	Key    Hex   `json:"key,omitzero"`
	IV     Hex   `json:"iv,omitzero"`
	Sealed Hex   `json:"sealed,omitzero"`

	// Kind "reading".
	Sources []LogSource `json:"sources,omitempty"`
	Runs    []LogRun    `json:"runs,omitzero"`
	Finding string      `json:"finding,omitempty"`

	// Kind "receipt".
	Receipt Hex            `json:"receipt,omitzero"`
	Claims  *ReceiptClaims `json:"claims,omitempty"`
	Owner   *bool          `json:"owner,omitempty"`
	Match   *int           `json:"match,omitempty"` // index in Heads
}

// LogSource is one thing that comes to an owner's app.
type LogSource struct {
	Sealed   Hex  `json:"sealed,omitzero"`
	Clear    Hex  `json:"clear,omitzero"`
	Sequence *int `json:"sequence,omitempty"`
}

// LogRun is a part of the log without a gap.
type LogRun struct {
	Base  Hex `json:"base"`
	First int `json:"first"`
	Last  int `json:"last"`
	Head  Hex `json:"head"` // after the last
}

// ReceiptClaims are what a receipt says.
type ReceiptClaims struct {
	Lock          Hex `json:"lock"`
	Floor         int `json:"floor"`
	PolicyVersion int `json:"policyVersion"`
	Policy        Hex `json:"policy"`
	Head          Hex `json:"head"`
	Entry         Hex `json:"entry"` // as its CBOR array, 80 for none
}
