package mutants

import "slices"

// All returns the mutants, those of locks first, and chapter by chapter.
func All() []Mutant {
	return slices.Concat(ofLocks(), phones, signers)
}

// ofLocks returns those of locks.
func ofLocks() []Mutant {
	return slices.Concat(encoding, objects, keysAndSignatures, link, selection, exchange, transactions, decisions, judgement,
		documents, resumption, times, uses, policies, owners, revocation, logs, commissioning, reader, makers, bounds, steps)
}

// Files of the reference.
const (
	card       = "apdu/card.go"
	fChain     = "apdu/chain.go"
	authority  = "credential/authority.go"
	allow      = "credential/allow.go"
	conditions = "credential/conditions.go"
	delegation = "credential/delegation.go"
	grant      = "credential/grant.go"
	judge      = "credential/judge.go"
	object     = "credential/object.go"
	read       = "credential/read.go"
	scan       = "internal/dcbor/scan.go"
	suiteKey   = "internal/suite/key.go"
	edwards    = "internal/suite/edwards.go"
	verify     = "internal/suite/verify.go"
	fields     = "internal/message/fields.go"
	request    = "internal/message/request_parse.go"
	response   = "internal/message/response.go"
)

// lax has a lock forget to compare an object with its own encoding of it, which
// would find a fault that the mutant does not look for.
var lax = in(object, `return fault(ReasonMalformed, "%s: it does not encode to the same bytes", what)`, `return nil`)

// encoding are mutants of chapter 3.
var encoding = []Mutant{
	m("sends-long-outcome", "PST-ENC-001", "encodes the outcome in two bytes where one is enough",
		in(response, `b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ResponseOutcome), uint64(r.Outcome))`,
			`b = append(dcbor.AppendInt(b, wire.ResponseOutcome), 0x18, byte(r.Outcome))`)),
	m("sends-fields-out-of-order", "PST-ENC-001", "puts the state before the outcome",
		in(response, `b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ResponseOutcome), uint64(r.Outcome))`, `if r.withState() && !r.withReason() {
			b = r.appendState(b)
		}
		b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ResponseOutcome), uint64(r.Outcome))`),
		in(response, "if r.withState() {\n\t\tb = r.appendState(b)", "if r.withState() && r.withReason() {\n\t\tb = r.appendState(b)")),
	m("sends-long-version", "PST-ENC-001", "encodes the version in its selection in two bytes",
		in("internal/message/selection.go", `b = dcbor.AppendUint(b, s.Version)`, `b = append(b, 0x18, byte(s.Version))`)),
	m("takes-indefinite", "PST-ENC-002#1", "takes items of indefinite length", lenient("indefinite"), lax),
	m("takes-long-heads", "PST-ENC-002#2", "takes integers, lengths and counts that are not in their shortest form", lenient("long"), lax),
	m("takes-long-heads-in-edhoc", "PST-ENC-002#2", "takes long heads everywhere, in EDHOC messages too",
		in(scan, `if arg < least {`, `if arg < least && size == 8 {`), lax),
	m("takes-keys-out-of-order", "PST-ENC-002#3", "takes map keys in any order", lenient("order"), lax),
	m("takes-keys-twice", "PST-ENC-002#4", "takes a map key twice", lenient("twice"), lax),
	m("takes-cut-items", "PST-ENC-002#5", "reads zeros behind the end of an item that is cut off", lenient("cut"), lax),
	m("takes-bytes-behind", "PST-ENC-002#6", "does not look at what stands behind an item", lenient("trailing"), lax),
	m("takes-text", "PST-ENC-008", "passes over text strings",
		in(scan, "case major == majorText:\n\t\treturn 0, 0, fail(ErrType, \"text string\", start)\n", ""),
		in(scan, "case majorBytes:\n\t\tif arg", "case majorBytes, majorText:\n\t\tif arg")),
	m("takes-tags", "PST-ENC-008", "passes over tags",
		in(scan, "case major == majorTag:\n\t\treturn 0, 0, fail(ErrType, \"tag\", start)\n", ""),
		in(scan, "case majorArray, majorMap:\n\t\tif arg", "case majorTag:\n\t\treturn s.item(depth)\n\tcase majorArray, majorMap:\n\t\tif arg")),
	m("takes-null", "PST-ENC-008", "passes over null", in(scan, "case info == simpleNull:\n\t\treturn fail(ErrType, \"null\", start)", "case info == simpleNull:\n\t\treturn nil")),
	m("takes-undefined", "PST-ENC-008", "passes over undefined",
		in(scan, "case info == simpleUndefined:\n\t\treturn fail(ErrType, \"undefined\", start)", "case info == simpleUndefined:\n\t\treturn nil")),
	m("takes-floats", "PST-ENC-008", "passes over floating-point numbers",
		in(scan, `return fail(ErrType, "floating-point number", start)`, "s.off += 1 << (info - infoOneByte)\n\t\treturn nil")),
	m("takes-depth-9", "PST-ENC-010#1", "takes nine arrays in each other", in(scan, `if depth >= wire.LimitCborDepth {`, `if depth > wire.LimitCborDepth {`)),
	m("takes-33-elements", "PST-ENC-010#2", "takes arrays of more than 32 elements", in(scan, `if arg > wire.LimitCborItems {`, `if arg > wire.LimitCborItems && major == majorMap || arg > 512 {`)),
	m("takes-33-pairs", "PST-ENC-010#3", "takes maps of more than 32 pairs", in(scan, `if arg > wire.LimitCborItems {`, `if arg > wire.LimitCborItems && major == majorArray || arg > 512 {`)),
	m("takes-long-policy", "PST-ENC-010#4", "has no bound for the bytes of a policy",
		in(object, `return wire.LimitPolicyBytes`, `return wire.LimitCommandBytes`)),
	m("takes-long-object", "PST-ENC-010#5", "has no bound for the bytes of an object", in(object, `return wire.LimitObjectBytes`, `return wire.LimitCommandBytes`)),
	m("scope-with-bytes-behind", "PST-ENC-014", "does not look at what stands behind the item in a byte string",
		in(read, `r := reader{item: dcbor.NewReader(data), what: what}`, `if len(what) > 5 && what[len(what)-5:] == "scope" {
			data = mutant.Lenient("trailing", data)
		}
		r := reader{item: dcbor.NewReader(data), what: what}`), lax),
	m("scope-with-long-heads", "PST-ENC-014", "takes long heads in a byte string that holds CBOR",
		in(read, `r := reader{item: dcbor.NewReader(data), what: what}`, `if len(what) > 5 && what[len(what)-5:] == "scope" {
			data = mutant.Lenient("long", data)
		}
		r := reader{item: dcbor.NewReader(data), what: what}`), lax),
}

// lenient has a lock read items with one rule less.
func lenient(rule string) Edit {
	return in("internal/dcbor/reader.go", `return Reader{scanner: scanner{data: data}, err: check(data)}`,
		`data = mutant.Lenient("`+rule+`", data)
		return Reader{scanner: scanner{data: data}, err: check(data)}`)
}
