package mutants

// Files of the lock's decision.
const (
	decide    = "lock/decide.go"
	fVerify   = "lock/verify.go"
	fOpen     = "lock/open.go"
	fDocs     = "lock/documents.go"
	fState    = "lock/state.go"
	fOwner    = "lock/owner.go"
	fReceipt  = "lock/receipt.go"
	fLog      = "lock/log.go"
	fResume   = "lock/resume.go"
	fSlot     = "lock/slot.go"
	fUses     = "lock/uses.go"
	fLists    = "lock/lists.go"
	fMoment   = "lock/moment.go"
	fTake     = "lock/commission.go"
	fIDCred   = "internal/message/idcred.go"
	fMeet     = "lock/reader.go"
	signature = "credential/signature.go"
)

// transactions are mutants of sections 7.1 to 7.4 and of the forms of section 6.8.
var transactions = []Mutant{
	m("missing-with-outcome", "PST-REQ-004#2", "names two key ids where it lacks one", in(decide, `return l.answer(message.Response{Missing: []credential.KeyID{*missing}})`, `return l.answer(message.Response{Missing: []credential.KeyID{*missing, *missing}})`)),
	m("outcome-of-tomorrow", "PST-REQ-004#3", "says an outcome that no registry lists", in(response, `b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ResponseOutcome), uint64(r.Outcome))`, "outcome := uint64(r.Outcome)\n\tif r.Outcome == credential.OutcomeDone {\n\t\toutcome = 6\n\t}\n\tb = dcbor.AppendUint(dcbor.AppendInt(b, wire.ResponseOutcome), outcome)")),
	m("refused-without-reason", "PST-REQ-004#4", "gives no reason", in(response, `r.withReason(), r.withState()`, `false, r.withState()`), in(response, "if r.withReason() {\n\t\tb = dcbor", "if false {\n\t\tb = dcbor")),
	m("done-without-state", "PST-REQ-004#5", "gives no state with done", in(response, `return r.Outcome != credential.OutcomeRefused`, `return r.Outcome != credential.OutcomeRefused && r.Outcome != credential.OutcomeDone`)),
	m("refused-with-state", "PST-REQ-004#5", "gives its state with refused", in(response, `return r.Outcome != credential.OutcomeRefused`, `return true`)),
	m("state-of-before", "PST-REQ-004#5", "gives a policy version of 0 in its state", in(decide, `r.State = message.State{PolicyVersion: l.state.version, Floor: l.state.floor}`, `r.State = message.State{Floor: l.state.floor}`)),
	m("state-without-floor", "PST-REQ-004#5", "gives a floor that it has not in its state", in(decide, `r.State = message.State{PolicyVersion: l.state.version, Floor: l.state.floor}`, `r.State = message.State{PolicyVersion: l.state.version, Floor: l.state.floor + 1}`)),
	m("pending-without-charge", "PST-REQ-004#6", "says nothing of its charge", in(response, `return r.Outcome == credential.OutcomePending`, `return false`)),
	m("pending-for-long", "PST-REQ-004#6", "asks for more than ten seconds of patience", in(response, `wait := min(max(r.Wait, 0), maxWait)`, `wait := maxWait + time.Second`)),
	m("field-unlisted", "PST-REQ-004", "adds a field that no registry lists", in(response, "b := dcbor.AppendMap(make([]byte, 0, 32), fields)", "b := dcbor.AppendMap(make([]byte, 0, 32), fields+1)\n\tdefer func() {\n\t}()"),
		in(response, "b = dcbor.AppendBytes(dcbor.AppendInt(b, wire.ResponseLog), r.Log)\n\t}\n\treturn b, nil", "b = dcbor.AppendBytes(dcbor.AppendInt(b, wire.ResponseLog), r.Log)\n\t}\n\treturn append(b, 0x18, 0x63, 0x00), nil")),
	m("receipt-with-refused", "PST-REQ-004#8", "gives no receipt where one is asked for", in(fReceipt, `r.Receipt = l.receipt(d.request, *d)`, ``)),
	m("slot-not-told", "PST-REQ-004#9", "does not say that it kept a slot", in(fOpen, `r := message.Response{Outcome: credential.OutcomeOpened, Slot: taps}`, "_ = taps\n\tr := message.Response{Outcome: credential.OutcomeOpened}")),
	m("documents-not-told", "PST-REQ-004#10", "does not say what became of the documents of a refused request", in(decide, `r.Documents = d.documents`, "if r.Outcome != credential.OutcomeRefused {\n\t\tr.Documents = d.documents\n\t}")),
	m("decision-with-missing", "PST-REQ-004#1", "names a missing certificate beside its decision", in(response, "if r.withCharge() {\n\t\tb = r.appendCharge(b)",
		"if !r.withCharge() && r.Outcome == credential.OutcomeRefused {\n\t\tb[0]++\n\t\tb = dcbor.AppendBytes(dcbor.AppendArray(dcbor.AppendInt(b, wire.ResponseMissing), 1), make([]byte, 8))\n\t}\n\tif r.withCharge() {\n\t\tb = r.appendCharge(b)")),
	m("notice-forgotten", "PST-REQ-004#7", "gives no notice", in(decide, `r.Notice = p.Notice().For(d.role)`, `_ = p`)),
	m("log-not-given", "PST-REQ-004#11", "gives no page of the log", in(fReceipt, `r.Log = l.state.page(page, l.config.ID).Encode()`, `_ = page`)),
	m("sequence-for-all", "PST-REQ-009", "tells everybody the sequence number", in(decide, `if d.role == credential.RoleOwner {
			r.State.Sequence`, `if true {
			r.State.Sequence`)),
	m("one-authority", "PST-MEM-004", "keeps one authority certificate", in(fState, "return uint64(k.used)\n\t})\n\tk := knownAuthority", "return uint64(k.used)\n\t})\n\ti = 0\n\tk := knownAuthority")),
	m("remembers-the-key-alone", "PST-MEM-006", "takes everything of a key as verified of which it verified something", in(signature, "n := copy(b[:], o.digest[:])\n\tn += copy(b[n:], o.signature[:])\n\tcopy(b[n:], c.thumbprint[:])", "copy(b[:], c.thumbprint[:])")),
	m("remembers-without-the-key", "PST-MEM-006", "remembers what was signed without the key that signed it", in(signature, "n += copy(b[n:], o.signature[:])\n\tcopy(b[n:], c.thumbprint[:])", "_ = n"),
		in(signature, `KeyID(t[:len(id)]) == id && !key.IsZero()`, `!key.IsZero()`)),

	m("deselect-is-nothing", "PST-DEC-001#1", "does not end a transaction where it is deselected", in(lockFile, `l.card.Reset()`, `_ = l`)),
	m("select-keeps-requests", "PST-DEC-001#2", "does not begin anew at a second SELECT", in(handler, "l.tx.stage, l.tx.selection, l.tx.nonce = selected,", "if l.tx.stage > selected {\n\t\treturn data, apdu.StatusOK\n\t}\n\tl.tx.stage, l.tx.selection, l.tx.nonce = selected,"), in(handler, "l.tx = transaction{}\n\tif c.P1", "if c.P1")),
	m("another-aid-keeps", "PST-DEC-001#3", "keeps the transaction where another application is selected",
		in(handler, "l.tx = transaction{}\n\tif c.P1", "if c.P1"), in(handler, `case apdu.StatusClaUnknown, apdu.StatusInsUnknown:`, `case apdu.StatusClaUnknown, apdu.StatusInsUnknown, apdu.StatusNotFound:`)),
	m("select-p2-keeps", "PST-DEC-001#4", "keeps the transaction over a SELECT with another P2",
		in(handler, "l.tx = transaction{}\n\tif c.P1", "if c.P1"), in(handler, `case apdu.StatusClaUnknown, apdu.StatusInsUnknown:`, `case apdu.StatusClaUnknown, apdu.StatusInsUnknown, apdu.StatusWrongP1P2:`)),
	m("unknown-ins-ends", "PST-DEC-001#5", "ends the transaction at an unknown instruction", in(card, "c.rest = nil\n\t\treturn c.answer(StatusInsUnknown)", "return c.end(StatusInsUnknown)")),
	m("unknown-class-ends", "PST-DEC-001#5", "ends the transaction at an unknown class", in(card, `return c.answer(StatusClaUnknown)`, `return c.end(StatusClaUnknown)`)),
	m("length-fault-goes-on", "PST-DEC-001#6", "goes on after 6700", in(card, "c.Reset()\n\treturn c.answer(sw)", "c.chain, c.rest = chain{}, nil\n\treturn c.answer(sw)")),
	m("idle-6982", "PST-DEC-001#7", "answers 6982 to a command out of order", in(handler, "h.refuse(credential.ReasonSequence, nil)\n\treturn nil, apdu.StatusOutOfOrder", "h.refuse(credential.ReasonSequence, nil)\n\treturn nil, apdu.StatusRefused")),
	m("suite-error-keeps", "PST-DEC-001#9", "stays selected after an EDHOC error", in(handshake, "l.tx = transaction{}\n\t\treturn fault.ErrorMessage(), apdu.StatusOK", "return fault.ErrorMessage(), apdu.StatusOK")),
	m("message1-fault-6985", "PST-DEC-001#10", "answers 6A86 to a malformed message_1", in(handshake, "l.refuse(credential.ReasonMalformed, err)\n\t\treturn nil, apdu.StatusRefused\n\t}\n\tl.tx.stage, l.tx.responder", "l.refuse(credential.ReasonMalformed, err)\n\t\treturn nil, apdu.StatusWrongP1P2\n\t}\n\tl.tx.stage, l.tx.responder")),
	m("selected-handshake2-6982", "PST-DEC-001#11", "answers 6982 to HANDSHAKE-2 without HANDSHAKE-1", in(handler, "case c.INS == wire.InsHandshake2 && h.tx.stage == handshake:", "case c.INS == wire.InsHandshake2 && h.tx.stage == selected:\n\t\treturn nil, apdu.StatusRefused\n\tcase c.INS == wire.InsHandshake2 && h.tx.stage == handshake:")),
	m("selected-request-6982", "PST-DEC-001#11", "answers 6982 to REQUEST without a channel", in(handler, "case c.INS == wire.InsHandshake2 && h.tx.stage == handshake:", "case c.INS == wire.InsRequest && h.tx.stage == selected:\n\t\treturn nil, apdu.StatusRefused\n\tcase c.INS == wire.InsHandshake2 && h.tx.stage == handshake:")),
	m("resume-fault-6985", "PST-DEC-001#12", "answers 6985 where no slot is found", in(fResume, "l.refuse(credential.ReasonResumption, nil)\n\t\treturn nil, apdu.StatusRefused", "l.refuse(credential.ReasonResumption, nil)\n\t\treturn nil, apdu.StatusOutOfOrder")),
	m("resume-in-wait-3", "PST-DEC-001#14", "resumes in the middle of a full exchange", in(handler, `case c.INS == wire.InsResume && h.tx.stage == selected:`, `case c.INS == wire.InsResume && h.tx.stage >= selected:`)),
	m("message3-fault-6985", "PST-DEC-001#15", "answers 6985 to a malformed message_3", in(handshake, "l.refuse(reasonOf(err, credential.ReasonPossession), err)\n\t\treturn nil, apdu.StatusRefused\n\t}\n\tif err := l.recognise()", "l.refuse(reasonOf(err, credential.ReasonPossession), err)\n\t\treturn nil, apdu.StatusOutOfOrder\n\t}\n\tif err := l.recognise()")),
	m("unknown-signer-6982", "PST-DEC-001#16", "answers 6982 where the signer is not known", in(decide, `return l.answer(message.Response{Missing: []credential.KeyID{*missing}})`, `return nil, apdu.StatusRefused`)),
	m("idle-after-message-2", "PST-DEC-001#8", "forgets the transaction with message_2", in(handshake, `l.tx.stage, l.tx.responder = handshake, responder`, `l.tx.stage, l.tx.responder = idle, responder`)),
	m("idle-after-a-decision", "PST-DEC-001#17", "forgets the transaction with its first decision", in(handshake, `return l.request(sealed)`, "b, sw := l.request(sealed)\n\tl.tx.stage = idle\n\treturn b, sw")),
	m("idle-after-resume", "PST-DEC-001#13", "forgets the transaction with the decision by a slot", in("lock/resume.go", `l.tx.stage, l.tx.requests = open, 1`, `l.tx.stage, l.tx.requests = idle, 1`)),
	m("handshake1-twice", "PST-DEC-001#18", "takes HANDSHAKE-1 once more", in(handler, `case c.INS == wire.InsHandshake1 && h.tx.stage == selected:`, `case c.INS == wire.InsHandshake1 && (h.tx.stage == selected || h.tx.stage == handshake):`)),
	m("missing-ends", "PST-DEC-001#19", "ends the transaction where it lacks a certificate", in(decide, `return l.answer(message.Response{Missing: []credential.KeyID{*missing}})`, "l.tx.stage = idle\n\t\treturn l.answer(message.Response{Missing: []credential.KeyID{*missing}})")),
	m("one-request", "PST-DEC-001#20", "takes one request of a transaction", in(handler, `case c.INS == wire.InsRequest && h.tx.stage == open:`, `case c.INS == wire.InsRequest && h.tx.stage == open && h.tx.requests < 1:`)),
	m("request-fault-6985", "PST-DEC-001#21", "answers 6985 to a malformed request", in(decide, "l.refuse(credential.ReasonMalformed, err)\n\t\treturn nil, apdu.StatusRefused", "l.refuse(credential.ReasonMalformed, err)\n\t\treturn nil, apdu.StatusOutOfOrder")),
	m("request-fault-keeps", "PST-DEC-001#21", "stays judged after a malformed request", in(decide, "l.refuse(credential.ReasonMalformed, err)\n\t\treturn nil, apdu.StatusRefused", "return l.answer(message.Response{Outcome: credential.OutcomeRefused, Reason: credential.ReasonMalformed})")),
	m("second-opening-6982", "PST-DEC-001#22", "answers 6982 to a second opening", in(fOpen, "l.refuse(credential.ReasonSequence, nil)\n\t\treturn nil, apdu.StatusOutOfOrder", "l.refuse(credential.ReasonSequence, nil)\n\t\treturn nil, apdu.StatusRefused")),
	m("handshake1-in-judged", "PST-DEC-001#23", "takes HANDSHAKE-1 over an open channel", in(handler, `case c.INS == wire.InsHandshake1 && h.tx.stage == selected:`, `case c.INS == wire.InsHandshake1 && (h.tx.stage == selected || h.tx.stage == open):`)),
	m("no-randomness-no-matter", "PST-DEC-001#24", "goes on with zeros where its random source fails", in(handler, "if _, err := io.ReadFull(l.config.Rand, s.Nonce[:]); err != nil {", "if _, err := io.ReadFull(l.config.Rand, s.Nonce[:]); err != nil && false {")),
	m("no-randomness-6982", "PST-DEC-001#24", "answers 6982 where its random source fails", in(handler, "l.refuse(credential.ReasonState, err)\n\t\treturn nil, apdu.StatusFailure\n\t}\n\tdata", "l.refuse(credential.ReasonState, err)\n\t\treturn nil, apdu.StatusRefused\n\t}\n\tdata")),

	m("message1-with-more", "PST-DEC-005#1", "passes over items behind C_I", in(message1, `r.endWithoutEAD("EAD_1")`, `r.rest = nil`)),
	m("any-method", "PST-DEC-005#2", "takes every METHOD for 0", in(responder, `if m.method != methodSignatures {`, `if false {`)),
	m("method-3", "PST-DEC-005#2", "takes METHOD 3 for 0", in(responder, `if m.method != methodSignatures {`, `if m.method != methodSignatures && m.method != 3 {`)),
	m("suites-twice", "PST-DEC-005#3", "takes a suite twice in SUITES_I", in(suites, `r.fail(ErrMalformed, field, "same suite twice", nil)`, ``)),
	m("suites-array-of-one", "PST-DEC-005#3", "takes an array of one suite", in(suites, `if len(list) < 2 {`, `if len(list) < 1 {`)),
	m("suites-of-any-size", "PST-DEC-005#3", "takes the number of a suite of more than 16 bits", in(suites, `if v < -1-math.MaxUint16 || v > math.MaxUint16 {`, `if false {`)),
	m("suite-preferred-before", "PST-DEC-005#4", "takes the selected suite though one before it is its own", in(suites, `if first == len(suitesI)-1 {`, `if first >= 0 && slices.Contains(supported, selected) {`)),
	m("suite-error-6982", "PST-DEC-005#4", "answers 6982 where the selected suite is not its own", in(handshake, `if errors.As(err, &fault) && fault.ErrorMessage() != nil {`, `if errors.As(err, &fault) && fault == nil {`)),
	m("connection-id-bytes", "PST-DEC-005#5", "takes a C_I that is a byte string", in("internal/edhoc/identifier.go", `if !long && !isOneByteInt(id) {`, `if false {`)),
	m("connection-id-integer", "PST-DEC-005#1", "takes a C_I that is an integer of two bytes", in("internal/edhoc/identifier.go", `r.fail(ErrMalformed, field, "integer of more than one byte", nil)`, `return []byte{0}`)),
	m("key-exchange-of-zeros", "PST-DEC-005#6", "goes on where the exchange of keys fails", in(dh, `return nil, fail(ErrDH, "public key is of small order", err)`, `return make([]byte, DHSize), nil`)),
}

// decisions are mutants of section 7.5.
var decisions = []Mutant{
	m("no-request-no-matter", "PST-DEC-007#1", "takes a message_3 without a request behind it", in(message3, `if r.err == nil && len(r.rest) <= ChannelOverhead {`, `if false {`),
		in(handshake, `return l.request(sealed)`, "if len(sealed) == 0 {\n\t\treturn nil, apdu.StatusOK\n\t}\n\treturn l.request(sealed)")),
	m("message3-tag-ignored", "PST-DEC-007#2", "does not look at the tag of CIPHERTEXT_3", in(ccm, `if subtle.ConstantTimeCompare(full[:CCMTagSize], ciphertext[n:]) != 1 {`, `if len(additional) == 0 && subtle.ConstantTimeCompare(full[:CCMTagSize], ciphertext[n:]) != 1 {`)),
	m("plaintext3-with-more", "PST-DEC-007#3", "passes over items behind the signature", in(message3, `r.endWithoutEAD("EAD_3")`, `r.rest = nil`)),
	m("claims-set-with-more", "PST-DEC-007#4", "passes over claims behind the bare key", in("credential/claimsset.go", `r.pairs("claims", 1, 1, ReasonMalformed)`, `n := r.pairs("claims", 1, 2, ReasonMalformed)`),
		in("credential/claimsset.go", "key := r.confirmation()\n", "key := r.confirmation()\n\tif n == 2 {\n\t\tr.raw(\"key\")\n\t\tr.raw(\"value\")\n\t}\n")),
	m("id-cred-with-more", "PST-DEC-007#4", "takes the last one of several entries of ID_CRED_I", in(fIDCred, `if err == nil && entries != 1 {`, `if err == nil && entries < 1 {`)),
	m("key-of-another-suite", "PST-DEC-007#5", "takes a key of another suite than the selected one", in("internal/edhoc/credential.go", `case peer.Key.Algorithm() != cs.signature:`, `case false:`)),
	m("its-own-key", "PST-DEC-007#5", "talks to whoever shows its own key", in("internal/edhoc/credential.go", `if own == peer {`, `if false {`)),
	m("possession-unproved", "PST-DEC-007#6", "does not verify the signature of message_3", in("internal/edhoc/credential.go", `if err := suite.Verify(p.Key, toBeSigned, signature, m); err != nil {`, `if err := suite.Verify(p.Key, toBeSigned, signature, m); err != nil && false {`)),
	m("every-bare-key-an-owner", "PST-DEC-007#6", "takes every bare key for an owner's", in(handshake, `return &Error{Reason: credential.ReasonOwnerUnknown, Detail: "the bare key is not one of the lock's owners'"}`, "h.owner = true\n\t\t\treturn nil")),
	m("requests-without-end", "PST-DEC-007#7", "takes more than 64 requests", in(decide, `if l.tx.requests > wire.LimitRequests {`, `if false {`), in(channel, `if d.next >= wire.LimitRequests {`, `if false {`)),
	m("requests-63", "PST-DEC-007#7", "takes 63 requests", in(decide, `if l.tx.requests > wire.LimitRequests {`, `if l.tx.requests >= wire.LimitRequests {`)),
	m("request-tag-ignored", "PST-DEC-007#8", "does not look at the tag of a request", in(ccm, `if subtle.ConstantTimeCompare(full[:CCMTagSize], ciphertext[n:]) != 1 {`, `if len(additional) > 0 && subtle.ConstantTimeCompare(full[:CCMTagSize], ciphertext[n:]) != 1 {`)),
	m("request-without-operation", "PST-DEC-007#9", "takes a request without an operation for status", in(request, `if err == nil && !named {`, `if false {`)),
	m("request-key-negative", "PST-DEC-007#9", "passes over fields whose key is no unsigned integer", in(fields, "if encoded == nil {\n\t\t\tbreak // the key is no unsigned integer: Close says so\n\t\t}", "if encoded == nil {\n\t\t\treturn nil\n\t\t}")),
	m("chain-of-none", "PST-DEC-007#9", "takes an empty chain and empty documents", in(request, `for range value.Array(1, most) {`, `for range value.Array(0, most) {`)),
	m("chain-of-five", "PST-DEC-007#9", "takes more than four objects of a chain", in(request, `readObjects(value, wire.LimitChain)`, `readObjects(value, 16)`)),
	m("documents-five", "PST-DEC-007#9", "takes more than four documents", in(request, `readObjects(value, wire.LimitDocuments)`, `readObjects(value, 16)`)),
	m("object-no-array", "PST-DEC-007#9", "passes over what is no object in a chain", in(request, `return nil, errors.New("an object is not an array")`, "value.Raw()\n\t\t\tcontinue")),
	m("resource-zero", "PST-DEC-007#9", "takes a compartment 0", in(request, `readWithin(value, 1, math.MaxUint8)`, `readWithin(value, 0, math.MaxUint8)`)),
	m("flags-zero", "PST-DEC-007#9", "takes flags of 0", in(request, `return errors.New("it is 0; leave it out")`, `return nil`)),
	m("reference-zero", "PST-DEC-007#9", "takes a reference of zeros", in(request, `return errors.New("it is zero; leave it out")`, `return nil`)),
	m("page-four", "PST-DEC-007#9", "takes a page beyond the last", in(request, `readWithin(value, 0, wire.LimitLogPages-1)`, `readWithin(value, 0, math.MaxUint8)`)),
	m("reference-short", "PST-DEC-007#9", "takes a reference of any length", in(request, `b, err := readSized(value, len(r.Reference))`, "b, err := value.Bytes(), error(nil)")),
	m("missing-names-the-leaf", "PST-DEC-007#10", "names the signer of the leaf where it lacks that of the root", in(fVerify, "signer := h.top().Signer()\n\t\treturn &signer, err", "signer := h.links[0].Signer()\n\t\treturn &signer, err")),
	m("parents-kept", "PST-DEC-007#10", "keeps parents that an earlier request brought", in(fVerify, `h.links = h.links[:1] // parents that an earlier request brought are not kept`, ``)),
	m("forged-6982", "PST-DEC-007#11", "answers 6982 where a grant bears the owner's key id and another signature", in(fVerify, "l.verifyHeld(&v)\n", "if l.verifyHeld(&v); h.forged != nil {\n\t\t\treturn nil, h.forged\n\t\t}\n")),
	m("links-unverified", "PST-DEC-007#11", "does not verify the links below the root", in(fVerify, `child, err := v.DelegatedGrant(h.links[i], g)`, `child, err := trusting.DelegatedGrant(h.links[i], g)`)),
	m("operators-unlimited", "PST-DEC-007#12", "does not ask whether an operator may grant what it grants", in("credential/verify.go", `if err := by.Allows(u.claims); err != nil {`, `if err := by.Allows(u.claims); err != nil && !by.Rights().Has(RightIssue) {`)),
	m("owners-unlimited", "PST-DEC-007#12", "lets owners grant in a service's name", in("credential/verify.go", `if err := u.claims.OwnerMayGrant(); err != nil {`, `if err := u.claims.OwnerMayGrant(); err != nil && false {`)),
	m("not-its-issuers-right", "PST-DEC-007#12", "lets an authority without the right issue grant", in(allow, `if !a.Rights().Has(RightIssue) {`, `if false {`)),
	m("issued-after-the-authority", "PST-DEC-007#12", "takes grants that were issued after their authority had ended", in(allow, `if iat < a.IssuedAt() || iat > a.Expires() {`, `if iat < a.IssuedAt() {`)),
	m("issued-before-the-authority", "PST-DEC-007#12", "takes grants that were issued before their authority began", in(allow, `if iat < a.IssuedAt() || iat > a.Expires() {`, `if iat > a.Expires() {`)),
	m("longer-than-granted", "PST-DEC-007#12", "takes grants that are longer than their authority may grant", in(allow, `long > a.LongestGrant() {`, `long > a.LongestGrant() && false {`)),
	m("service-of-another", "PST-DEC-007#12", "takes grants in the name of a service that the authority has not", in(allow, `case s != ServiceNone && !slices.Contains(held, s):`, `case false:`)),
	m("service-left-out", "PST-DEC-007#12", "takes grants without a service of an authority with several", in(allow, `case s == ServiceNone && len(held) != 1:`, `case false:`)),
	m("documents-after-the-refusal", "PST-DEC-007#13", "does not take the documents of a request whose grant is not good", in(decide, "d := decision{request: r, tag: h.tag(), documents: l.documents(r)}", "if h.fault != nil {\n\t\tr.Documents = nil\n\t}\n\td := decision{request: r, tag: h.tag(), documents: l.documents(r)}")),
	m("transfer-not-noticed", "PST-DEC-007#14", "goes on with a right whose owner has gone in this transaction", in(fDocs, `if l.state.version != version {`, `if l.state.version < version {`)),
	m("anchor-gone-not-noticed", "PST-DEC-007#14", "goes on with a right under an anchor that a policy took away", in(fVerify, `case h.root == nil || l.stands(h.root):`, `case h.root == nil || h.root.Authority() != nil || l.stands(h.root):`)),
	m("floor-not-from-grants", "PST-DEC-007#15", "does not learn the time from grants", in(decide, `c.floor = h.root.IssuedAt()`, `_ = c`)),
	m("unknown-flags", "PST-DEC-007#16", "passes over flags that it does not know", in(request, `r.Unknown = r.Unknown || flags&^known != 0`, ``)),
	m("unknown-fields", "PST-DEC-007#16", "passes over fields that it does not know", in(request, "r.Unknown = true\n\t\tvalue.Raw()", "value.Raw()")),
	m("unknown-operation", "PST-DEC-007#16", "takes an operation that it does not know for one without an action", in(request, `r.Unknown = r.Unknown || r.Operation > credential.OperationConfigure`, "if r.Operation > credential.OperationConfigure {\n\t\tr.Operation = credential.OperationStatus\n\t}")),
	m("log-with-opening", "PST-DEC-007#16", "takes the flag log with an operation that has none", in(decide, `case r.Log && (!status || r.Receipt), r.Paged && !r.Log && !read, r.Proof != nil:`, `case r.Log && r.Receipt, r.Paged && !r.Log && !read, r.Proof != nil && status:`)),
	m("page-with-opening", "PST-DEC-007#16", "takes a page with an operation that has none", in(decide, `r.Paged && !r.Log && !read, r.Proof != nil:`, `r.Proof != nil && !read:`)),
	m("proof-of-an-owner", "PST-DEC-007#16", "passes over a proof of the owner's", in(decide, `r.Paged && !r.Log && !read, r.Proof != nil:`, `r.Paged && !r.Log && !read:`)),
	m("compartment-too-many", "PST-DEC-007#16", "takes a compartment that it has not for the main door", in(decide, `case r.Resource > l.config.Compartments:`, `case false:`)),
	m("co-owner-configures", "PST-DEC-007#17", "lets a co-owner configure", in(fTake, `if !l.tx.holder.owner {`, `if !l.tx.holder.owner && !l.tx.holder.coOwner {`)),
	m("status-is-opened", "PST-DEC-007#18", "answers status as if it had opened", in(decide, `case credential.OperationStatus, credential.OperationReadLog:`, `case credential.OperationReadLog:`)),
	m("pending-forgotten", "PST-DEC-007#19", "drives without the energy", in(fOpen, `percent < fullCharge {`, `percent < 0 && wait > 0 {`)),
	m("pending-before-uses", "PST-DEC-007#19", "looks at its charge before it looks whether a use is left", in(fOpen, "started, err := l.state.start(max", "if percent, wait := l.config.Actuator.Charge(); percent < fullCharge {\n\t\treturn l.reply(d, message.Response{Outcome: credential.OutcomePending, Charge: percent, Wait: wait}, nil)\n\t}\n\tstarted, err := l.state.start(max")),
	m("opens-without-opening", "PST-DEC-007#20", "says that it opened and does not drive", in(fOpen, `motion := l.config.Actuator.Drive(d.request.Operation, d.request.Resource)`, `motion := Moved`)),
	m("opens-the-main-door", "PST-DEC-007#20", "opens the main door whatever compartment is asked for", in(fOpen, `motion := l.config.Actuator.Drive(d.request.Operation, d.request.Resource)`, `motion := l.config.Actuator.Drive(d.request.Operation, 0)`)),
	m("forged-6982-too", "PST-DEC-008", "answers 6982 where a grant is forged under a key that it holds", in(fVerify, "l.verifyHeld(&v)\n", "if l.verifyHeld(&v); h.forged != nil {\n\t\t\treturn nil, h.forged\n\t\t}\n")),
	m("signature-fault-6985", "PST-DEC-008", "answers 6985 where a signature does not verify", in(decide, "l.refuse(reasonOf(err, credential.ReasonSignature), err)\n\t\treturn nil, apdu.StatusRefused", "l.refuse(reasonOf(err, credential.ReasonSignature), err)\n\t\treturn nil, apdu.StatusOutOfOrder")),
	m("reason-to-strangers", "PST-DEC-035", "tells the reason to whom it has not verified", in(decide, "l.refuse(reasonOf(err, credential.ReasonSignature), err)\n\t\treturn nil, apdu.StatusRefused", "return l.answer(message.Response{Outcome: credential.OutcomeRefused, Reason: reasonOf(err, credential.ReasonSignature)})")),
	m("reason-to-takers", "PST-DEC-035", "tells a stranger who proves nothing that he is refused", in(fTake, "return nil, apdu.StatusRefused\n\t}\n\tlogKey", "return l.answer(message.Response{Outcome: credential.OutcomeRefused, Reason: credential.ReasonOwnerUnknown})\n\t}\n\tlogKey")),
	m("refusal-closes", "PST-DEC-010", "closes the channel after a refusal", in(decide, "return l.answer(r)", "if r.Outcome == credential.OutcomeRefused {\n\t\tdefer func() { l.tx.stage = idle }()\n\t}\n\treturn l.answer(r)")),
	m("judged-once", "PST-DEC-010", "holds a refusal against every further request", in(decide, "if err := l.judge(&d); err != nil {\n\t\treturn l.conclude", "if err := l.judge(&d); err != nil {\n\t\th.fault = err\n\t\treturn l.conclude")),
	m("authority-before-owner", "PST-DEC-015#1", "does not look for a grant's signer among the owners", in(fVerify, `}); i >= 0 {`, `}); i >= 0 && false {`)),
	m("held-authority-ignored", "PST-DEC-015#2", "does not look for a grant's signer among the certificates that it holds", in(fVerify, `a := l.heldAuthority(v, h.top().Signer(), l.serves); a != nil {`, `a := l.heldAuthority(v, h.top().Signer(), l.serves); a != nil && false {`)),
	m("authority-that-reads", "PST-DEC-015#3", "passes over what does not read in a chain", in(fVerify, "u, err := credential.ParseAuthority(object)\n\t\tif err != nil {\n\t\t\treturn nil, err\n\t\t}", "u, err := credential.ParseAuthority(object)\n\t\tif err != nil {\n\t\t\tcontinue\n\t\t}")),
	m("authority-of-the-chain", "PST-DEC-015#3", "takes no certificate from the chain", in(fVerify, "if credential.KeyIDOf(u.Claims.Key) != l.tx.holder.top().Signer() {\n\t\t\tcontinue", "if credential.KeyIDOf(u.Claims.Key) != l.tx.holder.top().Signer() || true {\n\t\t\tcontinue")),
	m("held-authority-that-does-not-serve", "PST-DEC-016", "tries a certificate that it holds though it does not serve the grant", in(fVerify, `return floor < a.Expires() && a.Allows(grant.Claims) == nil && l.state.revokedAuthority(a) == nil`, `return floor > 0`)),
	m("held-authority-denied", "PST-DEC-016", "tries a certificate that it holds though a list denies it", in(fVerify, `return floor < a.Expires() && a.Allows(grant.Claims) == nil && l.state.revokedAuthority(a) == nil`, `return floor < a.Expires() && a.Allows(grant.Claims) == nil`)),
	m("6a82-to-strangers", "PST-ERR-001", "answers an unknown bare key otherwise than a bad signature", in(handshake, "l.refuse(reasonOf(err, credential.ReasonPossession), err)\n\t\treturn nil, apdu.StatusRefused\n\t}\n\tif l.tx.channel", "l.refuse(reasonOf(err, credential.ReasonPossession), err)\n\t\treturn nil, apdu.StatusNotFound\n\t}\n\tif l.tx.channel")),
	m("data-with-6982", "PST-ERR-001", "gives the number of the step with 6982", in(card, "return c.answer(r.SW)\n\t}\n\tc.rest", "if r.SW == StatusRefused {\n\t\t\treturn appendResponse(c.out[:0], []byte{7}, r.SW)\n\t\t}\n\t\treturn c.answer(r.SW)\n\t}\n\tc.rest")),
	m("unsealed-reason", "PST-ERR-006", "tells in a decision a reason that is for itself alone", in(decide, `r.Reason = reasonOf(cause, credential.ReasonState)`, "if r.Reason = reasonOf(cause, credential.ReasonState); r.Outcome == credential.OutcomeRefused {\n\t\t\tr.Reason = credential.ReasonPossession\n\t\t}")),
	m("document-reason-unmarked", "PST-ERR-006", "tells of a document a reason that is not for documents", in(fDocs, `reason = reasonOf(err, credential.ReasonState)`, "if reason = reasonOf(err, credential.ReasonState); reason != credential.ReasonState {\n\t\t\t\treason = credential.ReasonChannel\n\t\t\t}")),
}
