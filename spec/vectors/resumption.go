package vectors

// ResumptionParams name the lock of a group.
type ResumptionParams struct {
	LockID Hex `json:"lockId"`
}

// ResumptionTest is a test of area resumption (chapter 15).
type ResumptionTest struct {
	Test
	Refuser string          `json:"refuser,omitempty"` // "lock" or "phone", of an invalid test
	Slots   []Slot          `json:"slots"`             // the lock's
	Phone   *Slot           `json:"phone,omitempty"`
	Taps    []ResumptionTap `json:"taps"`
}

// Slot is a secret, and how many openings it is good for.
type Slot struct {
	Secret Hex `json:"secret"`
	Left   int `json:"left"`
}

// ResumptionTap is one tap with RESUME.
type ResumptionTap struct {
	Select     Pair              `json:"select"`
	Nonce      Hex               `json:"nonce,omitzero"`
	Resume     *Pair             `json:"resume,omitempty"`
	Request    Hex               `json:"request,omitzero"`
	Response   Hex               `json:"response,omitzero"`
	Values     *ResumptionValues `json:"values,omitempty"`
	Slot       *int              `json:"slot,omitempty"` // index in the lock's slots
	Lost       bool              `json:"lost,omitempty"`
	LockAfter  *Slot             `json:"lockAfter,omitempty"`
	PhoneAfter *Slot             `json:"phoneAfter,omitempty"`
}

// ResumptionValues are the values between.
type ResumptionValues struct {
	SelectHash Hex `json:"selectHash"`
	PRK        Hex `json:"prk"`
	ID         Hex `json:"id"`
	ChannelKeys
}
