package vectors

// DecisionParams are a lock as commissioning left it.  The areas chain, time,
// policy and uses share this form.
type DecisionParams struct {
	ID           Hex        `json:"id"`
	Area         Hex        `json:"area,omitzero"`
	Roots        []Hex      `json:"roots"` // scheme roots, each as its COSE_Key
	Authorities  []Hex      `json:"authorities,omitempty"`
	Floor        uint32     `json:"floor"`
	Capabilities uint32     `json:"capabilities"`
	Compartments int        `json:"compartments,omitempty"`
	Owner        PrivateKey `json:"owner"`
}

// PrivateKey is a private key.
type PrivateKey struct {
	Alg     int `json:"alg"`     // -19 Ed25519, -9 P-256
	Private Hex `json:"private"` // seed or scalar, 32 bytes
}

// DecisionTest is what a lock sees in order, and what it decides.
type DecisionTest struct {
	Test
	Objects []Hex          `json:"objects,omitempty"`
	Steps   []DecisionStep `json:"steps"`
}

// DecisionStep is one transaction, or a change of the owner by a reset.
type DecisionStep struct {
	Key        *PrivateKey       `json:"key,omitempty"`        // the holder's
	Credential *int              `json:"credential,omitempty"` // place in Objects
	Nonce      Hex               `json:"nonce,omitzero"`       // where a token with a nonce comes
	Requests   []DecisionRequest `json:"requests,omitempty"`
	// Reset is the key that became the owner's, with Entries and State.
	Reset   *PrivateKey    `json:"reset,omitempty"`
	Entries []Hex          `json:"entries,omitempty"`
	State   *DecisionState `json:"state,omitempty"`
}

// DecisionRequest is one request and what the lock makes of it.
type DecisionRequest struct {
	Seconds int            `json:"seconds,omitempty"` // since SELECT
	Clock   *DecisionClock `json:"clock,omitempty"`
	Charge  *int           `json:"charge,omitempty"` // percent; nil: enough
	Bolt    string         `json:"bolt,omitempty"`   // "stuck" or "unseen"; "": it moves
	Power   string         `json:"power,omitempty"`  // "lost-before" or "lost-after" the commit of the opening; "": it lasts
	Request Hex            `json:"request"`          // plaintext
	Fields  DecisionFields `json:"fields"`
	// Answer is nil where the power is lost.
	Answer  *DecisionAnswer `json:"answer,omitempty"`
	Drives  *int            `json:"drives,omitempty"` // compartment; nil: no bolt
	Entries []Hex           `json:"entries,omitempty"`
	State   DecisionState   `json:"state"`
}

// DecisionClock is what the lock's own clock says.
type DecisionClock struct {
	Time   uint32 `json:"time"`
	Offset int    `json:"offset"` // minutes
}

// DecisionFields are the parts of a request, with objects as places in Objects.
type DecisionFields struct {
	Operation int   `json:"operation"`
	Resource  int   `json:"resource,omitempty"`
	Chain     []int `json:"chain,omitempty"`
	Documents []int `json:"documents,omitempty"`
	Flags     int   `json:"flags,omitempty"`
	Reference Hex   `json:"reference,omitzero"`
	Page      *int  `json:"page,omitempty"`
}

// DecisionAnswer is what the lock answers: Status, Missing, or a decision.
type DecisionAnswer struct {
	Status    Hex      `json:"status,omitzero"`
	Missing   Hex      `json:"missing,omitzero"` // key id
	Outcome   string   `json:"outcome,omitempty"`
	Reason    string   `json:"reason,omitempty"`
	Documents []string `json:"documents,omitempty"` // reasons
	Notice    []uint32 `json:"notice,omitempty"`    // kind, from, until, instruction
	Charge    *int     `json:"charge,omitempty"`    // percent
}

// DecisionState is what stands in lasting memory.
type DecisionState struct {
	Version  uint32 `json:"version"` // of policy
	Floor    uint32 `json:"floor"`
	Sequence uint32 `json:"sequence"` // of the newest log entry
}
