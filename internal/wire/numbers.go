// Code generated from spec/registry by gen; DO NOT EDIT.

package wire

// Registry actions.
const (
	ActionOpen      = 1  // Open, as the owner or a guest does (active)
	ActionDeliver   = 2  // Open to deliver (active)
	ActionCollect   = 4  // Open to collect what is to be sent (active)
	ActionReturn    = 8  // Open to take back what was not fetched (active)
	ActionService   = 16 // Open to maintain the box or the lock (active)
	ActionReadLog   = 32 // Read the log in clear (active)
	ActionConfigure = 64 // Hand over the owner's settings (reserved)
)

// ActionName returns the name of v in the registry actions, or "" where it has none.
func ActionName(v int64) string {
	switch v {
	case 1:
		return "open"
	case 2:
		return "deliver"
	case 4:
		return "collect"
	case 8:
		return "return"
	case 16:
		return "service"
	case 32:
		return "read-log"
	case 64:
		return "configure"
	}
	return ""
}

// Registry algorithms.
const (
	AlgEsp256  = -9  // ECDSA with P-256 and SHA-256, fully specified (active)
	AlgEd25519 = -19 // Ed25519, fully specified (active)
)

// AlgName returns the name of v in the registry algorithms, or "" where it has none.
func AlgName(v int64) string {
	switch v {
	case -9:
		return "esp256"
	case -19:
		return "ed25519"
	}
	return ""
}

// Registry block-modes.
const (
	BlockServices = 1 // Operators' staff does not open (active)
	BlockGuests   = 2 // Guests do not open (active)
)

// BlockName returns the name of v in the registry block-modes, or "" where it has none.
func BlockName(v int64) string {
	switch v {
	case 1:
		return "services"
	case 2:
		return "guests"
	}
	return ""
}

// Registry capabilities.
const (
	CapabilitySuite2         = 1  // Cipher suite 2 beside suite 0 (active)
	CapabilityExtendedLength = 2  // Commands and responses with extended length fields (active)
	CapabilityResumption     = 4  // Resumption (active)
	CapabilityLiveTime       = 8  // Live time tokens: the lock measures the seconds since SELECT (active)
	CapabilityUses           = 16 // Counted grants (active)
	CapabilityCompartments   = 32 // More than one door (active)
	CapabilityClock          = 64 // A trusted clock of its own (active)
)

// CapabilityName returns the name of v in the registry capabilities, or "" where it has none.
func CapabilityName(v int64) string {
	switch v {
	case 1:
		return "suite-2"
	case 2:
		return "extended-length"
	case 4:
		return "resumption"
	case 8:
		return "live-time"
	case 16:
		return "uses"
	case 32:
		return "compartments"
	case 64:
		return "clock"
	}
	return ""
}

// Registry certificate-forms.
const (
	CertificateFormKid   = 0 // P1 of HANDSHAKE-1: the lock names its certificate by key id (active)
	CertificateFormValue = 1 // P1 of HANDSHAKE-1: the lock sends its certificate by value (active)
)

// CertificateFormName returns the name of v in the registry certificate-forms, or "" where it has none.
func CertificateFormName(v int64) string {
	switch v {
	case 0:
		return "kid"
	case 1:
		return "value"
	}
	return ""
}

// Registry claims.
const (
	ClaimExp   = 4 // Expiry, seconds since 1970-01-01T00:00:00Z (active)
	ClaimNbf   = 5 // Not before, seconds; present only where it differs from iat (active)
	ClaimIat   = 6 // Time of issue, seconds (active)
	ClaimCnf   = 8 // The key that the object is about, as COSE_Key (active)
	ClaimScope = 9 // Byte string that holds the object's own CBOR (active)
)

// ClaimName returns the name of v in the registry claims, or "" where it has none.
func ClaimName(v int64) string {
	switch v {
	case 4:
		return "exp"
	case 5:
		return "nbf"
	case 6:
		return "iat"
	case 8:
		return "cnf"
	case 9:
		return "scope"
	}
	return ""
}

// Registry conditions.
const (
	ConditionSchedule   = 1 // Weekly hours (active)
	ConditionUses       = 2 // How often the grant may be used (active)
	ConditionDelegation = 3 // How many links a holder may add (active)
	ConditionEvidence   = 4 // Least evidence of time (active)
	ConditionPolicy     = 5 // Least version of policy that the lock must hold (active)
	ConditionResource   = 6 // Compartment (active)
	ConditionService    = 7 // Service in whose name the operator grants; mandatory where its authority holds several (active)
)

// ConditionName returns the name of v in the registry conditions, or "" where it has none.
func ConditionName(v int64) string {
	switch v {
	case 1:
		return "schedule"
	case 2:
		return "uses"
	case 3:
		return "delegation"
	case 4:
		return "evidence"
	case 5:
		return "policy"
	case 6:
		return "resource"
	case 7:
		return "service"
	}
	return ""
}

// Registry evidence.
const (
	EvidenceFloor  = 0 // The lock knows that it is the floor or later (active)
	EvidenceStated = 1 // A signed time, not earlier than the floor, was handed over in this transaction (active)
	EvidenceLive   = 2 // A signed time over the nonce of this transaction, at most 60 seconds after SELECT (active)
	EvidenceClock  = 3 // The lock's own trusted clock (active)
)

// EvidenceName returns the name of v in the registry evidence, or "" where it has none.
func EvidenceName(v int64) string {
	switch v {
	case 0:
		return "floor"
	case 1:
		return "stated"
	case 2:
		return "live"
	case 3:
		return "clock"
	}
	return ""
}

// Registry exporter-labels.
const (
	LabelChannel       = 32768 // Keys and IVs of the channel, 58 bytes (active)
	LabelResumption    = 32769 // First secret of a resumption slot, 32 bytes (active)
	LabelCommissioning = 32770 // What the proof of the setup secret is made over, 32 bytes (active)
	LabelLog           = 32771 // Key under which the log leaves the lock, 32 bytes (active)
)

// LabelName returns the name of v in the registry exporter-labels, or "" where it has none.
func LabelName(v int64) string {
	switch v {
	case 32768:
		return "channel"
	case 32769:
		return "resumption"
	case 32770:
		return "commissioning"
	case 32771:
		return "log"
	}
	return ""
}

// Registry flags.
const (
	FlagReceipt    = 1 // The phone wants a receipt (active)
	FlagResumption = 2 // The phone wants the lock to keep a resumption slot (active)
	FlagLog        = 4 // The phone takes a sealed page of the log along (active)
)

// FlagName returns the name of v in the registry flags, or "" where it has none.
func FlagName(v int64) string {
	switch v {
	case 1:
		return "receipt"
	case 2:
		return "resumption"
	case 4:
		return "log"
	}
	return ""
}

// Registry headers.
const (
	HeaderAlg  = 1  // Signature algorithm (active)
	HeaderKid  = 4  // First 8 bytes of the signer key's COSE Key Thumbprint (RFC 9679) (active)
	HeaderKcwt = 13 // A CWT by value, as ID_CRED (active)
	HeaderKccs = 14 // A CWT claims set by value, as ID_CRED (active)
	HeaderTyp  = 16 // Kind of object, from the registry object-types (active)
)

// HeaderName returns the name of v in the registry headers, or "" where it has none.
func HeaderName(v int64) string {
	switch v {
	case 1:
		return "alg"
	case 4:
		return "kid"
	case 13:
		return "kcwt"
	case 14:
		return "kccs"
	case 16:
		return "typ"
	}
	return ""
}

// Registry instructions.
const (
	InsHandshake1  = 0x10 // Carries EDHOC message_1, answers message_2 (active)
	InsHandshake2  = 0x12 // Carries EDHOC message_3 and the first protected request (active)
	InsRequest     = 0x14 // Carries a further protected request (active)
	InsResume      = 0x16 // Carries a resumption (active)
	InsTurn        = 0x18 // Binding R: hands over the lock's answer, fetches the phone's command (active)
	InsSelect      = 0xA4 // SELECT by DF name (active)
	InsGetResponse = 0xC0 // GET RESPONSE (active)
)

// InsName returns the name of v in the registry instructions, or "" where it has none.
func InsName(v int64) string {
	switch v {
	case 0x10:
		return "handshake-1"
	case 0x12:
		return "handshake-2"
	case 0x14:
		return "request"
	case 0x16:
		return "resume"
	case 0x18:
		return "turn"
	case 0xA4:
		return "select"
	case 0xC0:
		return "get-response"
	}
	return ""
}

// Registry levels.
const (
	LevelNone     = 0 // Nothing was certified; what a black box shows is no more (active)
	LevelTestKeys = 1 // The build that is sold was run with test keys (active)
	LevelHooks    = 2 // As test-keys, and a build of the same sources with hooks was cut at every operation of its memory (active)
)

// LevelName returns the name of v in the registry levels, or "" where it has none.
func LevelName(v int64) string {
	switch v {
	case 0:
		return "none"
	case 1:
		return "test-keys"
	case 2:
		return "hooks"
	}
	return ""
}

// Registry limits.
const (
	LimitVersion           = 1     // Version of the protocol (active)
	LimitKeyIdBytes        = 8     // Length of a key id (active)
	LimitLockIdBytes       = 8     // Length of a lock id (active)
	LimitTagBytes          = 8     // Length of an object's tag (active)
	LimitNonceBytes        = 16    // Length of the nonce in the answer to SELECT (active)
	LimitObjectBytes       = 512   // Longest signed object (active)
	LimitCborDepth         = 8     // Deepest nesting of CBOR arrays and maps, the outermost counted as 1 (active)
	LimitCborItems         = 32    // Most elements of one CBOR array, and most pairs of one CBOR map (active)
	LimitScopeEntries      = 4     // Most entries in a grant's scope (active)
	LimitConditions        = 8     // Most conditions of one entry (active)
	LimitServices          = 8     // Most services of one authority (active)
	LimitAreaBytes         = 16    // Longest area code (active)
	LimitCommandBytes      = 1024  // Longest command data that a lock takes, after joining a chain (active)
	LimitResponseBytes     = 1024  // Longest response data that a lock gives, before splitting (active)
	LimitChain             = 4     // Most objects in the chain of one request (active)
	LimitMissing           = 2     // Most key ids in an answer of the form missing (active)
	LimitAuthorities       = 4     // Authority certificates that a lock remembers at the least (active)
	LimitRequests          = 64    // Most protected requests in one channel (active)
	LimitLogEntries        = 64    // Log entries that a lock keeps at the least (active)
	LimitHeapBytes         = 16384 // Working memory of one transaction (active)
	LimitWaitMilliseconds  = 10000 // Longest time after which a lock may ask to be asked again (active)
	LimitSlots             = 8     // Resumption slots that a lock keeps at the least (active)
	LimitSlotTaps          = 32    // Openings that a resumption slot is good for (active)
	LimitResumptionIdBytes = 8     // Length of the phone's nonce and of the resumption id (active)
	LimitDocuments         = 4     // Most documents in one request (active)
	LimitReferenceBytes    = 8     // Length of a reference (active)
	LimitWindows           = 8     // Most windows of one schedule (active)
	LimitDayMinutes        = 1440  // Minutes of a day, where the last window of a day may end (active)
	LimitOffsetMinutes     = 840   // Greatest offset of a region from UTC, in either direction (active)
	LimitLiveSeconds       = 60    // Seconds after SELECT for which a live time token is good (active)
	LimitUses              = 255   // Most uses that a counted grant may have (active)
	LimitStarts            = 3     // Most starts of one use (active)
	LimitUseRecords        = 32    // Counted grants that a lock keeps account of at the least (active)
	LimitLinks             = 3     // Most grants from the root's to the holder's, both counted (active)
	LimitPolicyBytes       = 768   // Longest policy (active)
	LimitDenied            = 16    // Most grants that a policy denies (active)
	LimitCoOwners          = 4     // Most co-owners of a policy (active)
	LimitAdmissions        = 8     // Most services that a policy admits (active)
	LimitAnchors           = 2     // Most anchors of a policy (active)
	LimitListEntries       = 24    // Most entries of a revocation list (active)
	LimitLists             = 4     // Revocation lists that a lock keeps at the least, besides those of its scheme roots (active)
	LimitRoots             = 4     // Most scheme roots from manufacture, of each of which a lock keeps the revocation list (active)
	LimitVersionStep       = 65536 // Most by which the version of a policy exceeds the one before (active)
	LimitTokenSeconds      = 600   // Least by which a time token has to exceed the floor for a lock to write it down (active)
	LimitLogPages          = 4     // Pages in which the log leaves a lock (active)
	LimitLogPageEntries    = 16    // Most entries of one page of the log (active)
	LimitLogPageBytes      = 768   // Length of a page of the log before it is sealed (active)
	LimitSetupBytes        = 16    // Length of the setup secret, and of its proof (active)
	LimitPassBytes         = 2048  // Longest pass (active)
	LimitPassAuthorities   = 2     // Most authority certificates of a pass (active)
)

// Registry log-labels.
const (
	LogLabelSalt  = 1 // Salt of a sealed page, 16 bytes (active)
	LogLabelPage  = 2 // Key and nonce of a sealed page, 29 bytes (active)
	LogLabelBlind = 3 // Head of the log in the receipt of anybody but an owner, 32 bytes (active)
)

// LogLabelName returns the name of v in the registry log-labels, or "" where it has none.
func LogLabelName(v int64) string {
	switch v {
	case 1:
		return "salt"
	case 2:
		return "page"
	case 3:
		return "blind"
	}
	return ""
}

// Registry log-outcomes.
const (
	LogOutcomeStarted      = 1 // The right was judged good and the bolt was about to be driven (active)
	LogOutcomeFailed       = 2 // The opening that the entry before this one started did not move the bolt (active)
	LogOutcomeCommissioned = 3 // A vacant lock took its first owner (active)
	LogOutcomeTransferred  = 4 // A policy gave the lock to a new owner, and what the former one had was wiped (active)
	LogOutcomeReset        = 5 // The setup secret and the inside button gave the lock to a new owner, and what the former one had was wiped (active)
	LogOutcomeTamper       = 6 // The lock's maker reports that somebody tampered with it (active)
)

// LogOutcomeName returns the name of v in the registry log-outcomes, or "" where it has none.
func LogOutcomeName(v int64) string {
	switch v {
	case 1:
		return "started"
	case 2:
		return "failed"
	case 3:
		return "commissioned"
	case 4:
		return "transferred"
	case 5:
		return "reset"
	case 6:
		return "tamper"
	}
	return ""
}

// Registry notice-instructions.
const (
	NoticeInstructionNone        = 0 // No instruction (active)
	NoticeInstructionHoldParcels = 1 // Keep parcels at the depot (active)
	NoticeInstructionOtherPlace  = 2 // Use the other place that was agreed (active)
	NoticeInstructionResume      = 3 // Deliver as usual again (active)
)

// NoticeInstructionName returns the name of v in the registry notice-instructions, or "" where it has none.
func NoticeInstructionName(v int64) string {
	switch v {
	case 0:
		return "none"
	case 1:
		return "hold-parcels"
	case 2:
		return "other-place"
	case 3:
		return "resume"
	}
	return ""
}

// Registry notice-kinds.
const (
	NoticeAway = 1 // The owner is away (active)
	NoticeBack = 2 // The owner is back (active)
)

// NoticeName returns the name of v in the registry notice-kinds, or "" where it has none.
func NoticeName(v int64) string {
	switch v {
	case 1:
		return "away"
	case 2:
		return "back"
	}
	return ""
}

// Registry object-types.
const (
	TypeAuthority       = 65001 // Authority certificate: a scheme certifies the key of an operator or a manufacturer (active)
	TypeLockCertificate = 65002 // Lock certificate: a manufacturer certifies the key of one lock (active)
	TypeGrant           = 65003 // Grant: an operator or an owner gives a holder rights at one or more targets (active)
	TypePolicy          = 65004 // Policy: the owner's full snapshot of what one lock admits (active)
	TypeRevocationList  = 65005 // Revocation list: what an operator or a scheme no longer stands for (active)
	TypeTimeToken       = 65006 // Time token: a signed time, with or without a lock's nonce (active)
	TypeReceipt         = 65007 // Receipt: a lock's signed statement of what it did (active)
)

// TypeName returns the name of v in the registry object-types, or "" where it has none.
func TypeName(v int64) string {
	switch v {
	case 65001:
		return "authority"
	case 65002:
		return "lock-certificate"
	case 65003:
		return "grant"
	case 65004:
		return "policy"
	case 65005:
		return "revocation-list"
	case 65006:
		return "time-token"
	case 65007:
		return "receipt"
	}
	return ""
}

// Registry operations.
const (
	OperationStatus    = 0 // Report the state; moves nothing (active)
	OperationOpen      = 1 // Open; needs the action open (active)
	OperationDeliver   = 2 // Open to deliver; needs the action deliver (active)
	OperationCollect   = 3 // Open to collect; needs the action collect (active)
	OperationReturn    = 4 // Open to take back; needs the action return (active)
	OperationService   = 5 // Open to maintain; needs the action service (active)
	OperationReadLog   = 6 // Hand out a page of the log in clear; needs the action read-log (active)
	OperationConfigure = 7 // Become the owner of a lock, or agree its log key anew (active)
)

// OperationName returns the name of v in the registry operations, or "" where it has none.
func OperationName(v int64) string {
	switch v {
	case 0:
		return "status"
	case 1:
		return "open"
	case 2:
		return "deliver"
	case 3:
		return "collect"
	case 4:
		return "return"
	case 5:
		return "service"
	case 6:
		return "read-log"
	case 7:
		return "configure"
	}
	return ""
}

// Registry outcomes.
const (
	OutcomeDone        = 0 // The request was carried out; the bolt was not asked for (active)
	OutcomeOpened      = 1 // The bolt moved and the lock saw it move (active)
	OutcomePending     = 2 // The lock still gathers energy: ask again (active)
	OutcomeUnconfirmed = 3 // The bolt was driven and the lock cannot see whether it moved (active)
	OutcomeRefused     = 4 // The lock decided against it: the reason says why (active)
	OutcomeFailed      = 5 // The lock decided for it and could not carry it out (active)
)

// OutcomeName returns the name of v in the registry outcomes, or "" where it has none.
func OutcomeName(v int64) string {
	switch v {
	case 0:
		return "done"
	case 1:
		return "opened"
	case 2:
		return "pending"
	case 3:
		return "unconfirmed"
	case 4:
		return "refused"
	case 5:
		return "failed"
	}
	return ""
}

// Registry pass-fields.
const (
	PassChain       = 1 // Grants from the root's to the holder's (active)
	PassAuthorities = 2 // Authority certificates that go with the chain and the documents (active)
	PassDocuments   = 3 // Documents that the holder's phone hands to the lock (active)
)

// PassName returns the name of v in the registry pass-fields, or "" where it has none.
func PassName(v int64) string {
	switch v {
	case 1:
		return "chain"
	case 2:
		return "authorities"
	case 3:
		return "documents"
	}
	return ""
}

// Registry policy-fields.
const (
	PolicyBlock    = 1 // Who does not open, from the registry block-modes (active)
	PolicyServices = 2 // Services admitted, with their actions and hours (active)
	PolicyLeast    = 3 // Least policy version that an owner's grant must have been issued under (active)
	PolicyDenied   = 4 // Tags of the grants denied (active)
	PolicyCoOwners = 5 // Keys of the co-owners (active)
	PolicyNotice   = 6 // Notice to visitors (active)
	PolicyAnchors  = 7 // Keys that are trusted as a scheme's, at this lock (active)
	PolicyReset    = 8 // The floor falls to the policy's time of issue (active)
)

// PolicyName returns the name of v in the registry policy-fields, or "" where it has none.
func PolicyName(v int64) string {
	switch v {
	case 1:
		return "block"
	case 2:
		return "services"
	case 3:
		return "least"
	case 4:
		return "denied"
	case 5:
		return "co-owners"
	case 6:
		return "notice"
	case 7:
		return "anchors"
	case 8:
		return "reset"
	}
	return ""
}

// Registry profiles.
const (
	ProfileCore         = 1   // The core lock: what every lock does (active)
	ProfileResumption   = 2   // Resumption (active)
	ProfileUses         = 4   // Counted grants (active)
	ProfileLiveTime     = 8   // Live time (active)
	ProfileClock        = 16  // A trusted clock of its own (active)
	ProfileParcelLocker = 32  // More than one door, by binding R as well (active)
	ProfileSuite2       = 64  // Cipher suite 2 (active)
	ProfileBindingR     = 128 // The lock is the reader as well (active)
)

// ProfileName returns the name of v in the registry profiles, or "" where it has none.
func ProfileName(v int64) string {
	switch v {
	case 1:
		return "core"
	case 2:
		return "resumption"
	case 4:
		return "uses"
	case 8:
		return "live-time"
	case 16:
		return "clock"
	case 32:
		return "parcel-locker"
	case 64:
		return "suite-2"
	case 128:
		return "binding-r"
	}
	return ""
}

// Registry reasons.
const (
	ReasonNone             = 0  // No refusal (active)
	ReasonMalformed        = 1  // The bytes break the encoding rules or the rules of the object (active)
	ReasonLimit            = 2  // A size, a count or a depth is over its bound (active)
	ReasonObjectType       = 3  // The object is of another kind than this place takes (active)
	ReasonAlgorithm        = 4  // The algorithm or key type is not one of this version (active)
	ReasonSignature        = 5  // A signature does not verify (active)
	ReasonIssuerUnknown    = 6  // No trusted key has the key id that signed this (active)
	ReasonAuthorityRight   = 7  // The authority lacks the right that this needs (active)
	ReasonAuthorityExpired = 8  // The authority certificate has expired by the lock's time floor, or was not in force when the object was issued (active)
	ReasonGrantTooLong     = 9  // The grant lasts longer than its authority may grant (active)
	ReasonService          = 10 // The grant names no service, or one that its authority does not hold (active)
	ReasonTarget           = 11 // The grant is for other locks (active)
	ReasonAction           = 12 // The grant does not allow this action here (active)
	ReasonConditionUnknown = 13 // The grant has a condition that the lock does not implement (active)
	ReasonNotYetValid      = 14 // The lock cannot prove that the grant's first moment has come (active)
	ReasonExpired          = 15 // The grant has expired by the lock's time floor (active)
	ReasonPolicyVersion    = 16 // The grant needs a newer policy than the lock holds (active)
	ReasonOperationUnknown = 17 // The lock does not implement this operation or this field of the request (active)
	ReasonSequence         = 18 // The command does not fit the state of the transaction (active)
	ReasonState            = 19 // The lock could not read or write its memory (active)
	ReasonDrive            = 20 // The bolt did not move (active)
	ReasonPossession       = 21 // The peer did not prove that it holds the key of its credential (active)
	ReasonChannel          = 22 // A protected message does not open under the channel's key (active)
	ReasonVersion          = 23 // The version of the protocol is unknown (active)
	ReasonSuite            = 24 // The two sides share no cipher suite (active)
	ReasonLockIdentity     = 25 // The lock's certificate is for another lock than the one selected (active)
	ReasonOwnerUnknown     = 26 // The bare key is not one of the lock's owners (active)
	ReasonLink             = 27 // The NFC link failed (active)
	ReasonBusy             = 28 // The lock is still gathering energy after all the tries allowed (active)
	ReasonDowngrade        = 29 // The lock offers an older version than it did before (active)
	ReasonStatusWord       = 30 // The lock answered with a status word that ends the transaction (active)
	ReasonDenied           = 31 // The owner or the operator withdrew the grant (active)
	ReasonBlocked          = 32 // The owner blocked the box (active)
	ReasonHours            = 33 // Outside the hours admitted (active)
	ReasonUsesSpent        = 34 // The grant has no use left (active)
	ReasonEvidence         = 35 // The evidence of time is weaker than the grant asks for (active)
	ReasonResumption       = 36 // No slot of the lock fits the resumption (active)
	ReasonDelegation       = 37 // A link of the chain is not one that its parent allows (active)
	ReasonNotAdmitted      = 38 // The owner does not admit the service, or not for this action (active)
	ReasonResource         = 39 // The grant is for another compartment, or the lock has none of this number (active)
	ReasonTableFull        = 40 // The lock has no room to keep account of one more counted grant or list (active)
	ReasonSuperseded       = 41 // The lock holds this document or a newer one (active)
)

// ReasonName returns the name of v in the registry reasons, or "" where it has none.
func ReasonName(v int64) string {
	switch v {
	case 0:
		return "none"
	case 1:
		return "malformed"
	case 2:
		return "limit"
	case 3:
		return "object-type"
	case 4:
		return "algorithm"
	case 5:
		return "signature"
	case 6:
		return "issuer-unknown"
	case 7:
		return "authority-right"
	case 8:
		return "authority-expired"
	case 9:
		return "grant-too-long"
	case 10:
		return "service"
	case 11:
		return "target"
	case 12:
		return "action"
	case 13:
		return "condition-unknown"
	case 14:
		return "not-yet-valid"
	case 15:
		return "expired"
	case 16:
		return "policy-version"
	case 17:
		return "operation-unknown"
	case 18:
		return "sequence"
	case 19:
		return "state"
	case 20:
		return "drive"
	case 21:
		return "possession"
	case 22:
		return "channel"
	case 23:
		return "version"
	case 24:
		return "suite"
	case 25:
		return "lock-identity"
	case 26:
		return "owner-unknown"
	case 27:
		return "link"
	case 28:
		return "busy"
	case 29:
		return "downgrade"
	case 30:
		return "status-word"
	case 31:
		return "denied"
	case 32:
		return "blocked"
	case 33:
		return "hours"
	case 34:
		return "uses-spent"
	case 35:
		return "evidence"
	case 36:
		return "resumption"
	case 37:
		return "delegation"
	case 38:
		return "not-admitted"
	case 39:
		return "resource"
	case 40:
		return "table-full"
	case 41:
		return "superseded"
	}
	return ""
}

// Registry request-fields.
const (
	RequestOperation = 1 // What is asked, from the registry operations (active)
	RequestResource  = 2 // Compartment (active)
	RequestChain     = 3 // Parents of the grant, and authority certificates that the lock may lack (active)
	RequestDocuments = 4 // Policies, revocation lists and time tokens to hand over (active)
	RequestFlags     = 5 // What the phone wants besides: receipt, resumption, log (active)
	RequestReference = 6 // Tag of 8 bytes, of a parcel for example (active)
	RequestProof     = 7 // Proof of the setup secret (active)
	RequestPage      = 8 // Page of the log, from 0, the newest (active)
)

// RequestName returns the name of v in the registry request-fields, or "" where it has none.
func RequestName(v int64) string {
	switch v {
	case 1:
		return "operation"
	case 2:
		return "resource"
	case 3:
		return "chain"
	case 4:
		return "documents"
	case 5:
		return "flags"
	case 6:
		return "reference"
	case 7:
		return "proof"
	case 8:
		return "page"
	}
	return ""
}

// Registry response-fields.
const (
	ResponseOutcome    = 1  // What became of the request, from the registry outcomes (active)
	ResponseReason     = 2  // Why it was refused or failed, from the registry reasons (active)
	ResponseState      = 3  // Policy version, time floor, sequence number of the newest log entry (active)
	ResponseMissing    = 4  // Key ids of the certificates that the lock lacks (active)
	ResponseCharge     = 5  // Charge in percent and milliseconds after which to ask again (active)
	ResponseNotice     = 6  // The owner's notice (active)
	ResponseReceipt    = 7  // A receipt (active)
	ResponseResumption = 8  // Taps that the slot just kept is good for (active)
	ResponseDocuments  = 9  // What became of each document: a reason, none where the lock holds it now (active)
	ResponseLog        = 10 // A page of the log (active)
)

// ResponseName returns the name of v in the registry response-fields, or "" where it has none.
func ResponseName(v int64) string {
	switch v {
	case 1:
		return "outcome"
	case 2:
		return "reason"
	case 3:
		return "state"
	case 4:
		return "missing"
	case 5:
		return "charge"
	case 6:
		return "notice"
	case 7:
		return "receipt"
	case 8:
		return "resumption"
	case 9:
		return "documents"
	case 10:
		return "log"
	}
	return ""
}

// Registry resumption-labels.
const (
	ResumptionLabelId      = 1 // Resumption id, 8 bytes (active)
	ResumptionLabelChannel = 2 // Keys and nonces of the channel, 58 bytes (active)
	ResumptionLabelNext    = 3 // Secret after the next opening, 32 bytes (active)
)

// ResumptionLabelName returns the name of v in the registry resumption-labels, or "" where it has none.
func ResumptionLabelName(v int64) string {
	switch v {
	case 1:
		return "id"
	case 2:
		return "channel"
	case 3:
		return "next"
	}
	return ""
}

// Registry rights.
const (
	RightIssue  = 1 // May sign grants (active)
	RightRevoke = 2 // May sign revocation lists (active)
	RightTime   = 4 // Its signed times move a lock's time floor (active)
	RightLock   = 8 // May sign lock certificates (active)
)

// RightName returns the name of v in the registry rights, or "" where it has none.
func RightName(v int64) string {
	switch v {
	case 1:
		return "issue"
	case 2:
		return "revoke"
	case 4:
		return "time"
	case 8:
		return "lock"
	}
	return ""
}

// Registry roles.
const (
	RoleOwner    = 1 // The owner, by the bare key (active)
	RoleGuest    = 2 // Somebody whom the owner granted (active)
	RoleOperator = 3 // Staff of an operator; the service is named beside it (active)
)

// RoleName returns the name of v in the registry roles, or "" where it has none.
func RoleName(v int64) string {
	switch v {
	case 1:
		return "owner"
	case 2:
		return "guest"
	case 3:
		return "operator"
	}
	return ""
}

// Registry services.
const (
	ServiceNone        = 0 // No service: the owner or somebody whom the owner admits (active)
	ServicePost        = 1 // The national post (active)
	ServiceParcel      = 2 // A parcel carrier (active)
	ServicePress       = 3 // Newspapers and leaflets (active)
	ServiceEnergy      = 4 // Electricity and gas (active)
	ServiceWater       = 5 // Water (active)
	ServiceTelecom     = 6 // Telecommunications (active)
	ServiceEmergency   = 7 // Fire brigade and other emergency services (active)
	ServiceMaintenance = 8 // Maintenance of boxes and locks (active)
)

// ServiceName returns the name of v in the registry services, or "" where it has none.
func ServiceName(v int64) string {
	switch v {
	case 0:
		return "none"
	case 1:
		return "post"
	case 2:
		return "parcel"
	case 3:
		return "press"
	case 4:
		return "energy"
	case 5:
		return "water"
	case 6:
		return "telecom"
	case 7:
		return "emergency"
	case 8:
		return "maintenance"
	}
	return ""
}

// Registry status-words.
const (
	StatusOk            = 0x9000 // The response data hold the answer (active)
	StatusMoreData      = 0x6100 // The low byte says how many more bytes GET RESPONSE can fetch (00: 256 or more) (active)
	StatusWrongLength   = 0x6700 // The command's length fields or the length of its data are wrong (active)
	StatusChainExpected = 0x6883 // The last command of a chain was expected (active)
	StatusRefused       = 0x6982 // The transaction is over; no reason is given to a phone that has not proved a right (active)
	StatusOutOfOrder    = 0x6985 // The command does not fit the state of the transaction; the transaction is over (active)
	StatusNotFound      = 0x6A82 // No application of this name (active)
	StatusWrongP1P2     = 0x6A86 // P1 or P2 is not one of this command (active)
	StatusInsUnknown    = 0x6D00 // The instruction is unknown (active)
	StatusClaUnknown    = 0x6E00 // The class is unknown (active)
	StatusFailure       = 0x6F00 // The lock could not go on, its memory or its random source failed (active)
)

// StatusName returns the name of v in the registry status-words, or "" where it has none.
func StatusName(v int64) string {
	switch v {
	case 0x9000:
		return "ok"
	case 0x6100:
		return "more-data"
	case 0x6700:
		return "wrong-length"
	case 0x6883:
		return "chain-expected"
	case 0x6982:
		return "refused"
	case 0x6985:
		return "out-of-order"
	case 0x6A82:
		return "not-found"
	case 0x6A86:
		return "wrong-p1-p2"
	case 0x6D00:
		return "ins-unknown"
	case 0x6E00:
		return "cla-unknown"
	case 0x6F00:
		return "failure"
	}
	return ""
}

// Registry suites.
const (
	SuiteX25519Ed25519 = 0 // X25519, EdDSA with Ed25519, AES-CCM-16-64-128, SHA-256 (active)
	SuiteP256Es256     = 2 // P-256, ES256, AES-CCM-16-64-128, SHA-256 (active)
)

// SuiteName returns the name of v in the registry suites, or "" where it has none.
func SuiteName(v int64) string {
	switch v {
	case 0:
		return "x25519-ed25519"
	case 2:
		return "p256-es256"
	}
	return ""
}

// Registry targets.
const (
	TargetLock  = 1 // One lock: its id of 8 bytes (active)
	TargetArea  = 2 // Every lock whose area code starts with these 1 to 16 bytes (active)
	TargetGroup = 3 // A group of locks of one owner (reserved)
)

// TargetName returns the name of v in the registry targets, or "" where it has none.
func TargetName(v int64) string {
	switch v {
	case 1:
		return "lock"
	case 2:
		return "area"
	case 3:
		return "group"
	}
	return ""
}
