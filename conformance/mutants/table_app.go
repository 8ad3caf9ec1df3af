package mutants

import (
	"slices"

	"github.com/postern-lock/postern/conformance/shim"
)

// Files of the reference phone.
const (
	hAsk       = "credential/holder/ask.go"
	hCard      = "credential/holder/card.go"
	hConverse  = "credential/holder/converse.go"
	hDocuments = "credential/holder/documents.go"
	hExchange  = "credential/holder/exchange.go"
	hHandshake = "credential/holder/handshake.go"
	hLive      = "credential/holder/live.go"
	hPages     = "credential/holder/pages.go"
	hReceipt   = "credential/holder/receipt.go"
	hRequest   = "credential/holder/request.go"
	hResume    = "credential/holder/resume.go"
	hSelection = "credential/holder/selection.go"
	hSupply    = "credential/holder/supply.go"
	hTrust     = "credential/holder/trust.go"
	eInitiator = "internal/edhoc/initiator.go"
	eSchedule  = "internal/edhoc/keyschedule.go"
	wRequest   = "internal/message/request.go"
	wParse     = "internal/message/response_parse.go"
	wSelection = "internal/message/selection.go"
	aExchange  = "apdu/exchange.go"
	tApp       = "conformance/target/app.go"
)

// phones are the mutants of apps.
var phones = slices.Concat(phoneForms, phoneExchange, phoneSelection, phoneProof, phoneTap, phoneRequests, phoneDocuments, phoneSlots, phoneReports, phoneCards, phonePasses)

// alike returns mutants of a role that have the faults of those of locks, in code
// that both have.
func alike(role shim.Role, ids ...string) []Mutant {
	var out []Mutant
	for _, m := range ofLocks() {
		if slices.Contains(ids, m.ID) {
			m.ID, m.Role = string(role)+"-"+m.ID, role
			out = append(out, m)
		}
	}
	if len(out) != len(ids) {
		panic("mutants: a lock's mutant that is named for another role is not in the table")
	}
	return out
}

// phoneForms are those of chapters 3 and 4.  A phone meets no policy, and no other
// object that a bound of section 3.3 alone would make bad.
var phoneForms = slices.Concat(
	alike(shim.RoleApp, "takes-indefinite", "takes-long-heads", "takes-keys-out-of-order", "takes-keys-twice", "takes-cut-items", "takes-bytes-behind",
		"takes-text", "takes-tags", "takes-floats", "takes-null", "takes-depth-9", "takes-33-elements", "takes-33-pairs",
		"object-of-five", "header-of-four", "unprotected-header", "alg-not-compared", "typ-not-compared", "numbers-wrap", "wrong-typ-is-malformed", "unknown-alg-is-malformed",
		"unknown-crv-is-malformed", "key-with-more-parameters", "p256-off-the-curve", "ed25519-not-canonical", "ed25519-small-order",
		"signature-unverified", "signature-of-65-bytes", "signature-s-not-reduced", "signature-key-not-canonical", "signature-key-small-order", "signature-with-cofactor",
		"p256-low-s", "p256-unverified", "authority-ends-first", "authority-services-unordered", "authority-services-without-issue", "authority-longest-without-issue",
		"authority-without-rights", "authority-with-unknown-rights", "authority-alg", "authority-unverified"),
	[]Mutant{
		phone("phone-sends-long-operation", "PST-ENC-001", "encodes the operation in two bytes", in(wRequest, `b = dcbor.AppendUint(dcbor.AppendInt(b, wire.RequestOperation), uint64(r.Operation))`, `b = append(dcbor.AppendInt(b, wire.RequestOperation), 0x18, byte(r.Operation))`)),
		phone("payload-with-bytes-behind", "PST-ENC-014", "does not look at what stands behind the claims of an object", in(read, `r := reader{item: dcbor.NewReader(data), what: what}`, `r := reader{item: dcbor.NewReader(mutant.Lenient("trailing", data)), what: what}`), lax),
		phone("payload-in-any-order", "PST-ENC-014", "takes the claims of an object in any order", in(read, `r := reader{item: dcbor.NewReader(data), what: what}`, `r := reader{item: dcbor.NewReader(mutant.Lenient("order", data)), what: what}`), lax),
		phone("certificate-with-more-claims", "PST-OBJ-001#7", "passes over a claim of a lock certificate that it does not know",
			in("credential/lockcert.go", `r.pairs("claims", 3, 3, ReasonMalformed)`, `n := r.pairs("claims", 3, 4, ReasonMalformed)`),
			in("credential/lockcert.go", `c.IssuedAt = r.moment(wire.ClaimIat, "iat")`, "c.IssuedAt = r.moment(wire.ClaimIat, \"iat\")\n\tif n == 4 {\n\t\tr.raw(\"key\")\n\t\tr.raw(\"value\")\n\t}"), lax),
		phone("certificate-of-any-kid", "PST-OBJ-001#5", "tries every manufacturer that it has, whatever kid says",
			in(hTrust, `if err != nil || credential.KeyIDOf(m.Claims.Key) != u.Signer() {`, `if err != nil {`), in(signature, `KeyID(t[:len(id)]) == id && !key.IsZero()`, `!key.IsZero()`)),
		phone("phone-without-p256-objects", "PST-OBJ-023", "verifies no object that is signed with P-256", in(verify, "m.addVerify(pub.alg)\n\t\treturn verifyP256(pub, message, signature)", `return fail(ErrSignature, "ESP256", nil)`)),
		phone("maker-with-more-rights", "PST-OBJ-032", "refuses a manufacturer with a right that a phone does not use", in(authority, `c.Rights&^allRights != 0`, `c.Rights&^RightLock != 0`)),
		phone("maker-of-any-scheme", "PST-OBJ-033#2", "takes the certificate of a manufacturer from a scheme that it does not know", in(signature, "if first == nil {\n\t\tfirst = fault(", "if first == nil && what == authorityName {\n\t\treturn Fingerprint{}, nil\n\t}\n\tif first == nil {\n\t\tfirst = fault(")),
		phone("maker-not-read-whole", "PST-OBJ-033#1", "does not check what a manufacturer's certificate says", in(authority, "if err := r.close(); err != nil {\n\t\treturn err\n\t}\n\treturn c.check()", "return r.close()")),
	})

// phoneExchange are those of chapters 5 and 6.
var phoneExchange = slices.Concat(
	alike(shim.RoleApp, "ead-passed-over", "edhoc-not-deterministic", "ephemeral-repeated", "zero-shared-secret", "share-off-the-curve", "handshake-signature-of-65",
		"channel-without-select-hash", "resumption-without-select-hash", "resumed-without-phone-nonce", "log-key-without-select-hash", "proof-without-select-hash",
		"counter-repeated", "replay-taken", "gap-taken", "tag-ignored"),
	[]Mutant{
		phone("phone-extended-unannounced", "PST-APDU-006", "uses extended length fields that a lock does not announce", in(hExchange, `return x.phone.Extended && x.has(wire.CapabilityExtendedLength)`, `return x.phone.Extended`)),
		phone("slot-unannounced", "PST-APDU-006", "asks a lock for a slot that does not announce resumption", in(hRequest, `&& x.has(wire.CapabilityResumption) && !harmless(r.Operation)`, `&& !harmless(r.Operation)`)),
		phone("resumes-unannounced", "PST-APDU-006", "resumes at a lock that does not announce it", in(hResume, `|| x.tried || !x.has(wire.CapabilityResumption) {`, `|| x.tried {`)),
		phone("live-unannounced", "PST-APDU-006", "gets a token for a lock that does not announce live time", in(hLive, `x.enlivened || x.phone.Live == nil || !x.has(wire.CapabilityLiveTime) {`, `x.enlivened || x.phone.Live == nil {`)),
		phone("select-p2", "PST-APDU-007", "sends SELECT with P2 0C", in(wSelection, `return apdu.Select([]byte(AID))`, "c := apdu.Select([]byte(AID))\n\tc.P2 = 0x0C\n\treturn c")),
		phone("select-le", "PST-APDU-007", "sends SELECT with Le 80", in(wSelection, `return apdu.Select([]byte(AID))`, "c := apdu.Select([]byte(AID))\n\tc.Ne = 128\n\treturn c")),
		phone("commands-without-le", "PST-APDU-030", "sends HANDSHAKE-1 without Le", in(hHandshake, `Data: message1, Ne: shortAnswer}`, `Data: message1}`)),
		phone("links-with-le", "PST-APDU-030", "puts Le into the links of a chain", in(aExchange, `Data: c.Data[:maxShortData]}`, `Data: c.Data[:maxShortData], Ne: maxShortNe}`)),
		phone("rest-not-fetched", "PST-APDU-030", "takes the first piece of an answer for the whole", in(aExchange, "more := r.SW.More()\n\t\tif more == 0 {", "more := r.SW.More()\n\t\tif more != 0 {\n\t\t\treturn Response{Data: data, SW: StatusOK}, nil\n\t\t}\n\t\tif more == 0 {")),
		phone("no-suite-2", "PST-EDH-001", "has no suite 2", in(hExchange, `if x.key.Algorithm() == wire.AlgEsp256 {`, `if false {`)),
		phone("credential-by-kid", "PST-EDH-013", "names its credential by a key id", in(hHandshake, "return edhoc.Local{IDCred: id.Encode()", "kid := credential.KeyIDOf(x.key)\n\treturn edhoc.Local{IDCred: message.IDCred{Header: wire.HeaderKid, Value: kid[:]}.Encode()")),
		phone("connection-id-of-two", "PST-EDH-017", "has a C_I of two bytes", in("internal/edhoc/identifier.go", `return []byte{defaultConnectionID}`, `return []byte{0xAB, 0xCD}`)),
		phone("phone-of-method-3", "PST-EDH-017", "sends METHOD 3", in(message1, `b := dcbor.AppendInt(nil, m.method)`, `b := dcbor.AppendInt(nil, 3)`)),
		phone("suites-in-any-order", "PST-EDH-017", "lists suite 2 before the suite that it selects", in(hHandshake, `Suites: []int{x.suite()}`, `Suites: []int{2 - x.suite(), x.suite()}`)),
		phone("connection-id-1-of-a-phone", "PST-EDH-019", "has the connection identifier 1", in("internal/edhoc/identifier.go", `return []byte{defaultConnectionID}`, `return []byte{1}`)),
		phone("long-c-r", "PST-EDH-023", "takes a C_R of two bytes", in(eInitiator, "if err := checkConnectionID(\"C_R\", p.cR, s.longIDs); err != nil {\n\t\treturn nil, err\n\t}", "")),
		phone("items-behind-plaintext-2", "PST-EDH-023", "passes over what follows the signature in PLAINTEXT_2", in("internal/edhoc/message2.go", "r.endWithoutEAD(\"EAD_2\")", "")),
		phone("items-behind-message-2", "PST-EDH-023", "passes over what follows message_2", in("internal/edhoc/message2.go", "r.end()\n", "")),
		phone("item-behind-message-3", "PST-EDH-034", "puts an EAD item into message_3", in(eInitiator, `encoded := p.encode()`, `encoded := append(p.encode(), 0)`)),
		phone("mac-3-by-label-2", "PST-EDH-034", "computes MAC_3 with the label of MAC_2", in(eSchedule, `return KDF(p[:], labelMAC3,`, `return KDF(p[:], labelMAC2,`)),
		phone("mac-3-without-credential", "PST-EDH-034", "computes MAC_3 without its credential", in(eSchedule, `idCredI, dcbor.AppendBytes(nil, th3[:]), credI)`, `idCredI, dcbor.AppendBytes(nil, th3[:]))`)),
		phone("iv-3-by-label-3", "PST-EDH-034", "derives IV_3 with the label of K_3", in(eSchedule, `return KDF(p[:], labelIV3, ivLength,`, `return KDF(p[:], labelK3, ivLength,`)),
		phone("next-secret-by-label-2", "PST-CHAN-001", "derives the next secret of a slot with another label", in("internal/edhoc/resumption.go", `KDF(s[:], wire.ResumptionLabelNext, hashLength)`, `KDF(s[:], wire.ResumptionLabelChannel, hashLength)`)),
		phone("keys-the-other-way", "PST-CHAN-001", "takes the keys of the other direction", in(channel, "if initiator {\n", "if !initiator {\n")),
		phone("asks-in-a-dead-channel", "PST-CHAN-004", "goes on in a channel in which a response did not open", in(channel, "c.out, c.in = nil, nil\n\t\treturn nil, err", "return nil, err"),
			in(hConverse, "response, err := x.request(ctx, by, r)\n", "response, err := x.request(ctx, by, r)\n\t\tif err != nil && err.Reason == credential.ReasonChannel {\n\t\t\tresponse, err = x.request(ctx, further, r)\n\t\t}\n")),
		phone("edhoc-error-sent", "PST-EDH-031", "tells the lock by an EDHOC error message that its proof is false", in(hHandshake, "if cause != nil {\n\t\treturn nil, message2Fault(", "if cause != nil {\n\t\t_, _ = x.send(ctx, step, apdu.Command{CLA: message.Class, INS: wire.InsHandshake2, Data: []byte{1, 0x60}, Ne: shortAnswer})\n\t\treturn nil, message2Fault(")),
		phone("edhoc-error-unknown", "PST-EDH-032", "takes an EDHOC error message for a message_2 that is wrong", in(hHandshake, `return len(answer) > 0 && answer[0] < 0x40`, `return false`)),
		phone("edhoc-error-read", "PST-EDH-032", "reads the content of an EDHOC error message, whatever its code", in(hHandshake, `return len(answer) > 0 && answer[0] < 0x40`, `return len(answer) > 1 && answer[0] < 0x40 && answer[0] != 0x18`)),
	})

// phoneSelection are those of section 8.3.
var phoneSelection = []Mutant{
	phone("any-template", "PST-PHN-007#1", "does not look at the tags of the answer to SELECT", in(wSelection, `data[0] != tagTemplate || int`, `int`), in(wSelection, `data[2] != tagProprietary || int`, `int`)),
	phone("template-length", "PST-PHN-007#1", "does not compare the length of the template", in(wSelection, `int(data[1]) != len(data)-tagBytes ||`, ``)),
	phone("array-of-five", "PST-PHN-007#2", "passes over a fifth element of the answer to SELECT", in(wSelection, `r.Array(4, 4)`, `n := r.Array(4, 5)`), in(wSelection, "lock, nonce := r.Bytes(), r.Bytes()\n", "lock, nonce := r.Bytes(), r.Bytes()\n\tif n == 5 {\n\t\tr.Raw()\n\t}\n")),
	phone("short-nonce", "PST-PHN-007#2", "takes a nonce of any length", in(wSelection, `|| len(nonce) != len(s.Nonce) {`, `|| len(nonce) == 0 {`)),
	phone("wide-capabilities", "PST-PHN-007#2", "takes capabilities over 32 bits", in(wSelection, `if max(s.Version, s.Capabilities) > math.MaxUint32 {`, `if s.Version > math.MaxUint32 {`)),
	phone("version-0", "PST-PHN-007#3", "takes a lock of version 0", in(wSelection, `if s.Version < wire.LimitVersion {`, `if false {`)),
	phone("downgrade-taken", "PST-PHN-007#4", "takes a lock that is older than it was", in(hSelection, `case s.Version < x.known.Version:`, `case false:`)),
	phone("any-lock", "PST-PHN-007#5", "takes any lock for the one that was chosen", in(hSelection, `case x.phone.Expect != credential.LockID{} && x.phone.Expect != s.Lock:`, `case false:`)),
	phone("suite-not-compared", "PST-PHN-007#6", "does not ask whether the lock has a suite for its key", in(hSelection, `case x.suite() == wire.SuiteP256Es256 && !x.has(wire.CapabilitySuite2):`, `case false:`)),
	phone("unknown-capability", "PST-PHN-008", "refuses a lock with a capability that it does not know", in(wSelection, `if max(s.Version, s.Capabilities) > math.MaxUint32 {`, `if max(s.Version, s.Capabilities) > 0xFFFF {`)),
	phone("newer-version", "PST-PHN-008", "refuses a lock of a newer version", in(wSelection, `if s.Version < wire.LimitVersion {`, `if s.Version != wire.LimitVersion {`)),
}

// phoneProof are those of sections 8.1 and 8.4.
var phoneProof = []Mutant{
	phone("keeps-before-proof", "PST-PHN-001", "keeps a certificate before the lock has proved to have its key", in(hTrust, "return edhoc.Peer{Cred: x.resolved.Bytes()", "if x.phone.Locks != nil {\n\t\t_ = x.phone.Locks.Remember(x.selection.Lock, KnownLock{Version: x.known.Version, Certificates: [][]byte{x.resolved.Bytes()}})\n\t}\n\treturn edhoc.Peer{Cred: x.resolved.Bytes()")),
	phone("version-before-proof", "PST-PHN-001", "raises the highest version seen when a lock is selected", in(hSelection, "switch {\n\tcase s.Version < x.known.Version:", "if x.phone.Locks != nil && s.Version > x.known.Version {\n\t\tx.known.Version = s.Version\n\t\t_ = x.phone.Locks.Remember(s.Lock, x.known)\n\t}\n\tswitch {\n\tcase s.Version < x.known.Version:")),
	phone("version-before-a-response", "PST-PHN-001", "raises the highest version seen before a response has opened", in(hHandshake, `x.proved = x.resolved`, "x.proved = x.resolved\n\tx.remember()")),
	phone("proof-is-malformed", "PST-PHN-010#1", "calls a message_2 that is wrong malformed", in(hHandshake, `return lockFault(credential.ReasonPossession, step, cause)`, `return lockFault(credential.ReasonMalformed, step, cause)`)),
	phone("certificate-unverified", "PST-PHN-010#2", "does not verify the signature of a lock certificate", in(signature, `if v.Known != nil && v.Known(f) {`, `if v.Known != nil && v.Known(f) || what == lockName {`)),
	phone("maker-that-does-not-read", "PST-PHN-010#2", "tells why the certificate of a manufacturer does not read", in(hTrust, "m, err := credential.ParseAuthority(maker)\n", "m, err := credential.ParseAuthority(maker)\n\t\tif err != nil {\n\t\t\treturn nil, err\n\t\t}\n")),
	phone("maker-without-right", "PST-PHN-010#2", "takes a lock certificate of whoever has no right to certify locks", in("credential/verify.go", `if !by.Rights().Has(right) {`, `if false {`)),
	phone("maker-over", "PST-PHN-010#2", "takes a lock certificate from outside the time of its manufacturer's", in("credential/verify.go", `if err := by.Covers(iat); err != nil {`, `if err := by.Covers(iat); err != nil && false {`)),
	phone("kid-not-asked-for", "PST-PHN-010#3", "calls a key id that it did not ask for a false proof", in(hTrust, `lockFault(credential.ReasonLockIdentity, step+": a key id`, `lockFault(credential.ReasonPossession, step+": a key id`)),
	phone("kid-not-compared-with-memory", "PST-PHN-010#3", "does not compare a key id with the certificate that it remembers", in(hTrust, `case credential.KeyIDOf(x.recalled.Key()) != credential.KeyID(id.Value):`, `case false:`)),
	phone("certificate-of-another-lock", "PST-PHN-010#4", "takes the certificate of another lock", in(hTrust, `case c.ID() != x.selection.Lock:`, `case false:`)),
	phone("lock-key-of-another-suite", "PST-PHN-010#5", "takes a lock's key of another suite", in(hTrust, `case c.Key().Algorithm() != x.key.Algorithm():`, `case false:`), in("internal/edhoc/credential.go", `case peer.Key.Algorithm() != cs.signature:`, `case false:`)),
	phone("own-key", "PST-PHN-010#5", "takes its own key for a lock's", in(hTrust, `case c.Key() == x.key:`, `case false:`), in(eInitiator, "if err := notSelf(local.Signer.PublicKey(), s.peer); err != nil {\n\t\treturn nil, nil, err\n\t}", "")),
	phone("proof-unverified", "PST-PHN-010#6", "does not verify Signature_or_MAC_2", in(eInitiator, `if err := peer.verify("Signature_or_MAC_2", toBeSigned, p.signature, s.meter); err != nil {`, `if err := peer.verify("Signature_or_MAC_2", toBeSigned, p.signature, s.meter); err != nil && false {`)),
	phone("proof-before-the-chosen-lock", "PST-COM-005", "proves the setup secret to any lock", in(hSelection, `case x.phone.Expect != credential.LockID{} && x.phone.Expect != s.Lock:`, `case x.configure == nil && x.phone.Expect != credential.LockID{} && x.phone.Expect != s.Lock:`), in(hTrust, `case c.ID() != x.selection.Lock:`, `case c.ID() != x.selection.Lock && x.configure == nil:`)),
	phone("proof-to-an-impostor", "PST-COM-005", "proves the setup secret to a lock that has not proved itself", in(eInitiator, `if err := peer.verify("Signature_or_MAC_2", toBeSigned, p.signature, s.meter); err != nil {`, `if err := peer.verify("Signature_or_MAC_2", toBeSigned, p.signature, s.meter); err != nil && false {`)),
}
