package vectors

// ObjectParams says which kind of object is expected.
type ObjectParams struct {
	Kind string `json:"kind"` // a name of the registry object-types, or "claims-set"
}

// ObjectTest is a test of area object (chapters 04 and 16 to 19).
type ObjectTest struct {
	Test
	Data   Hex     `json:"data"`
	Signer *Key    `json:"signer,omitempty"` // none of a claims set
	Kid    Hex     `json:"kid,omitzero"`     // of a valid object: key id of the signer
	Digest Hex     `json:"digest,omitzero"`  // of a valid object: SHA-256 of Sig_structure
	Claims *Claims `json:"claims,omitempty"` // of a valid object
}

// Claims are those of an object of any kind; README.md says which a kind has.
// What is absent is nil, or zero where the object cannot hold zero.
type Claims struct {
	Exp           uint32      `json:"exp,omitzero"`
	Nbf           uint32      `json:"nbf,omitzero"`
	Iat           uint32      `json:"iat,omitzero"`
	Cnf           *Key        `json:"cnf,omitempty"`
	Services      []uint32    `json:"services,omitzero"` // of an authority
	Rights        uint32      `json:"rights,omitzero"`
	Longest       *uint32     `json:"longest,omitempty"`
	Parent        Hex         `json:"parent,omitzero"`
	Entries       []Entry     `json:"entries,omitempty"`
	Lock          Hex         `json:"lock,omitzero"`
	Profile       *uint32     `json:"profile,omitempty"`
	Level         *uint32     `json:"level,omitempty"`
	Version       uint32      `json:"version,omitzero"`
	Block         uint32      `json:"block,omitzero"`
	Admissions    []Admission `json:"admissions,omitempty"` // of a policy
	Least         *uint32     `json:"least,omitempty"`
	Denied        []Hex       `json:"denied,omitempty"` // tags, of a policy
	Denials       []Denial    `json:"denials,omitzero"` // of a revocation list
	CoOwners      []Key       `json:"coOwners,omitempty"`
	Notice        *Notice     `json:"notice,omitempty"`
	Anchors       []Key       `json:"anchors,omitempty"`
	Reset         bool        `json:"reset,omitempty"`
	Offset        *int        `json:"offset,omitempty"`
	Nonce         Hex         `json:"nonce,omitzero"`
	PolicyVersion *uint32     `json:"policyVersion,omitempty"`
	Policy        Hex         `json:"policy,omitzero"` // tag; empty for none
	Head          Hex         `json:"head,omitzero"`
	Entry         *LogEntry   `json:"entry,omitempty"`
}

// Entry is one of a grant's scope.
type Entry struct {
	Lock       Hex      `json:"lock,omitzero"`
	Area       Hex      `json:"area,omitzero"`
	Actions    uint32   `json:"actions"`
	Schedule   []Window `json:"schedule,omitempty"`
	Uses       *Uses    `json:"uses,omitempty"`
	Delegation uint32   `json:"delegation,omitzero"`
	Evidence   uint32   `json:"evidence,omitzero"`
	Policy     uint32   `json:"policy,omitzero"`
	Resource   uint32   `json:"resource,omitzero"`
	Service    uint32   `json:"service,omitzero"`
	Unknown    []string `json:"unknown,omitempty"` // numbers of conditions, in decimal digits
}

// Window is one of a schedule.
type Window struct {
	Days  uint32 `json:"days"`
	From  uint32 `json:"from"`
	Until uint32 `json:"until"`
}

// Uses is the value of the condition uses.
type Uses struct {
	Count  uint32 `json:"count"`
	Starts uint32 `json:"starts"`
}

// Admission is a service that a policy admits.
type Admission struct {
	Service  uint32   `json:"service"`
	Actions  uint32   `json:"actions"`
	Evidence uint32   `json:"evidence,omitzero"`
	Schedule []Window `json:"schedule,omitempty"`
}

// Denial is an entry of a revocation list.
type Denial struct {
	Tag Hex    `json:"tag"`
	Exp uint32 `json:"exp"`
}

// Notice is what visitors are told.
type Notice struct {
	Kind        uint32 `json:"kind"`
	From        uint32 `json:"from"`
	Until       uint32 `json:"until"`
	Instruction uint32 `json:"instruction"`
	Roles       uint32 `json:"roles,omitzero"` // in a policy alone
}

// LogEntry is an entry of a lock's log.
type LogEntry struct {
	Sequence  uint32 `json:"sequence"`
	Time      uint32 `json:"time"`
	Evidence  uint32 `json:"evidence"`
	Operation uint32 `json:"operation"`
	Outcome   uint32 `json:"outcome"`
	Reason    uint32 `json:"reason"`
	Role      uint32 `json:"role"`
	Service   uint32 `json:"service"`
	Who       Hex    `json:"who"` // empty for none
	Resource  uint32 `json:"resource"`
	Reference Hex    `json:"reference"` // empty for none
}
