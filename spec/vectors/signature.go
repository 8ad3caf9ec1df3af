package vectors

// SignatureTest is a test of area signature (section 4.4).
type SignatureTest struct {
	Test
	Key
	Message   Hex `json:"message"`
	Signature Hex `json:"signature"`
}

// Key is a public key, which in area signature can be none.
type Key struct {
	Alg string `json:"alg"` // "ed25519" or "esp256"
	X   Hex    `json:"x"`
	Odd *bool  `json:"odd,omitempty"` // of P-256: whether y is odd
}
