package mutants

// phoneTap are those of sections 8.2 and 8.7.  A phone with one credential has no
// other suite to offer: row 10 of the table is not for it.
var phoneTap = []Mutant{
	phone("selects-twice", "PST-PHN-004#1", "sends SELECT twice", in(hSelection, "data, err := x.send(ctx, step, message.SelectCommand())\n", "data, err := x.send(ctx, step, message.SelectCommand())\n\tif err == nil {\n\t\tdata, err = x.send(ctx, step, message.SelectCommand())\n\t}\n")),
	phone("never-resumes", "PST-PHN-004#2", "does not use the slots that it asks for", in(hResume, `if !ok || slot.Taps <= 0 || !x.trusts(slot) {`, `if true || !ok || !x.trusts(slot) {`)),
	phone("handshake-1-twice", "PST-PHN-004#3", "sends HANDSHAKE-1 twice", in(hHandshake, "message2, err := x.send(ctx, step, command)\n", "message2, err := x.send(ctx, step, command)\n\tif err == nil {\n\t\t_, _ = x.send(ctx, step, command)\n\t}\n")),
	phone("begins-again-for-ever", "PST-PHN-004#4", "begins again as often as the link is lost", in(hAsk, `case err.Reason == credential.ReasonLink && !repeated && !x.tried:`, `case err.Reason == credential.ReasonLink && (!repeated || !x.tried):`)),
	phone("begins-again-after-resume", "PST-PHN-004#4", "begins again where the link is lost after RESUME", in(hAsk, `case err.Reason == credential.ReasonLink && !repeated && !x.tried:`, `case err.Reason == credential.ReasonLink && !repeated:`)),
	phone("selects-again", "PST-PHN-004#5", "selects again where the answer to SELECT is malformed", in(hAsk, `case err.Reason == credential.ReasonLink && !repeated && !x.tried:`, `case (err.Reason == credential.ReasonLink || err.Reason == credential.ReasonMalformed) && !repeated && !x.tried:`)),
	phone("resumed-answer-not-taken", "PST-PHN-004#6", "takes a refusal in a resumed channel for no answer", in(hResume, "case err == nil:\n\t\tx.resumed = true", "case err == nil && response.Outcome == credential.OutcomeRefused:\n\t\tx.handed = false\n\t\treturn message.Response{}, false, x.selectLock(ctx)\n\tcase err == nil:\n\t\tx.resumed = true")),
	phone("no-fall-back", "PST-PHN-004#7", "ends where a status word answers RESUME", in(hResume, `case !refused:`, `case refused || !refused:`)),
	phone("falls-back-after-a-loss", "PST-PHN-004#8", "goes on with a full exchange where the answer to RESUME is lost", in(hResume, `case !refused:`, `case refused && !refused:`)),
	phone("message-3-never", "PST-PHN-004#9", "sends HANDSHAKE-2 twice", in(hRequest, "handed := err == nil || err.sent()\n", "handed := err == nil || err.sent()\n\tif err == nil && x.answers == 0 && x.exporter != nil {\n\t\t_, _ = x.send(ctx, by.step, apdu.Command{CLA: message.Class, INS: by.ins, Data: append(by.prefix, sealed...), Ne: x.expects(r)})\n\t}\n")),
	phone("by-value-for-ever", "PST-PHN-004#11", "asks by value as often as the lock has another key id", in(hAsk, `case errors.Is(err, errOtherCertificate) && !byValue:`, `case errors.Is(err, errOtherCertificate):`), in("credential/holder/exchange.go", `if !x.byValue {`, `if true {`)),
	phone("shakes-again", "PST-PHN-004#12", "begins again where the proof is false", in(hAsk, `case err.Reason == credential.ReasonLink && !repeated && !x.tried:`, `case (err.Reason == credential.ReasonLink || err.Reason == credential.ReasonPossession) && !repeated && !x.tried:`)),
	phone("supplies-for-ever", "PST-PHN-004#13", "sends the same certificate as often as it is asked", in(hSupply, `case x.grant != nil && kid == x.root && slices.Contains(x.certified, kid):`, `case false:`)),
	phone("never-supplies", "PST-PHN-004#13", "does not send the certificate that the lock misses", in(hSupply, `if certificate == nil {`, `if certificate != nil || certificate == nil {`)),
	phone("never-waits", "PST-PHN-004#14", "gives up where the lock gathers energy", in(hConverse, `if waited > patience {`, `if waited >= 0 {`)),
	phone("enlivens-for-ever", "PST-PHN-004#15", "gets a live token as often as the lock wants one", in(hLive, `x.enlivened || x.phone.Live == nil`, `x.phone.Live == nil`)),
	phone("never-enlivens", "PST-PHN-004#15", "never gets a live token", in(hLive, `x.enlivened = true`, "x.enlivened = true\n\tif x.enlivened {\n\t\treturn false\n\t}")),
	phone("ahead-is-the-end", "PST-PHN-004#16", "takes the answer to a request that went ahead for the end", in(hConverse, `case response.Outcome == credential.OutcomePending || !last:`, `case response.Outcome == credential.OutcomePending && !last:`)),
	phone("one-page", "PST-PHN-004#17", "takes the first page of the log and no other", in(hPages, `if len(x.pages) == x.asked.LogPages || x.oldest(answer.Log) {`, `if len(x.pages) >= 1 || x.oldest(answer.Log) {`)),
	phone("pages-after-a-refusal", "PST-PHN-004#17", "asks for pages of the log after a refusal", in(hPages, `if answer.Outcome == credential.OutcomeRefused || own && len(answer.Log) == 0 {`, `if own && len(answer.Log) == 0 {`)),
	phone("asks-for-the-state", "PST-PHN-004#18", "asks for the state after every opening", in(hExchange, "if err == nil {\n\t\terr = x.takePages(ctx, response)", "if err == nil && response.Outcome == credential.OutcomeOpened && x.asked.LogPages == 0 {\n\t\t_, _ = x.request(ctx, further, message.Request{})\n\t}\n\tif err == nil {\n\t\terr = x.takePages(ctx, response)")),
	phone("chain-is-handed", "PST-PHN-004#19", "takes a link lost within a chain for one lost behind it", in(aExchange, `x.sent = x.last`, `x.sent = true`)),
	phone("pages-spoil-the-opening", "PST-PHN-004#20", "forgets the opening where a page of the log does not come", in(hPages, `case err != nil && own:`, `case err != nil:`)),
	phone("repeats-after-a-status-word", "PST-PHN-004#21", "begins again after a status word to HANDSHAKE-2", in(hAsk, `case ctx.Err() != nil || x.handed:`, `case ctx.Err() != nil || x.handed && (err.Reason != credential.ReasonStatusWord || repeated || x.tried):`), in(hAsk, `case err.Reason == credential.ReasonLink && !repeated && !x.tried:`, `case (err.Reason == credential.ReasonLink || err.Reason == credential.ReasonStatusWord) && !repeated && !x.tried:`)),

	phone("selects-without-bound", "PST-PHN-022#1", "begins again as often as a status word answers SELECT", in(hAsk, `case err.Reason == credential.ReasonLink && !repeated && !x.tried:`, `case err.Reason == credential.ReasonStatusWord && (repeated || !x.handed):`)),
	phone("resumes-twice", "PST-PHN-022#2", "sends RESUME again where a status word answers it", in(hResume, "x.risked, x.handed = !harmless(x.latest), false\n\treturn message.Response{}, false, x.selectLock(ctx)", "x.risked, x.handed = !harmless(x.latest), false\n\tif err := x.selectLock(ctx); err != nil {\n\t\treturn message.Response{}, false, err\n\t}\n\tif response, _, err = x.sendResume(ctx, slot); err == nil {\n\t\treturn response, true, nil\n\t}\n\tx.handed = false\n\treturn message.Response{}, false, x.selectLock(ctx)")),
	phone("suites-for-ever", "PST-PHN-022#3", "begins again as often as the lock wants another suite", in(hAsk, `case err.Reason == credential.ReasonLink && !repeated && !x.tried:`, `case err.Reason == credential.ReasonSuite && (repeated || true):`)),
	phone("keys-for-ever", "PST-PHN-022#4", "asks again as often as the lock has another key id", in(hAsk, `case errors.Is(err, errOtherCertificate) && !byValue:`, `case errors.Is(err, errOtherCertificate):`), in("credential/holder/exchange.go", `if !x.byValue {`, `if true {`)),
	phone("certificates-for-ever", "PST-PHN-022#5", "sends the certificate again where the lock misses it again", in(hSupply, `case x.grant != nil && kid == x.root && slices.Contains(x.certified, kid):`, `case false:`)),
	phone("waits-without-bound", "PST-PHN-022#6", "waits as often as the lock says pending", in(hConverse, `for n := 1; n <= wire.LimitRequests; n++ {`, `for n := 1; n <= 10000; n++ {`), in(hConverse, `case response.Outcome == credential.OutcomePending && n < wire.LimitRequests:`, `case response.Outcome == credential.OutcomePending:`), in(channel, `if d.next >= wire.LimitRequests {`, `if false {`)),
	phone("tokens-for-ever", "PST-PHN-022#7", "sends a live token again where it is not enough", in(hLive, `x.enlivened || x.phone.Live == nil`, `x.phone.Live == nil`)),
	phone("opens-again", "PST-PHN-022#8", "asks again where the answer to an opening was lost", in(hAsk, `case ctx.Err() != nil || x.handed:`, `case ctx.Err() != nil:`)),
	phone("asks-after-a-refusal", "PST-PHN-022#9", "asks once more after a refusal", in(hConverse, `case x.enliven(ctx, response):`, "case x.enliven(ctx, response):\n\t\tcase response.Outcome == credential.OutcomeRefused && n == 1:")),
	phone("asks-after-a-failure", "PST-PHN-022#9", "asks once more after a drive that failed", in(hConverse, `case x.enliven(ctx, response):`, "case x.enliven(ctx, response):\n\t\tcase response.Outcome == credential.OutcomeFailed && n == 1:")),
}

// phoneRequests are those of sections 6.8 and 8.5.
var phoneRequests = []Mutant{
	phone("request-with-an-unknown-field", "PST-REQ-001", "puts a field into a request that no registry lists", in(wRequest, "flags, fields := r.flags(), 1\n", "flags, fields := r.flags(), 2\n"), in(wRequest, "\t\tb = dcbor.AppendUint(dcbor.AppendInt(b, wire.RequestPage), uint64(r.Page))\n\t}\n", "\t\tb = dcbor.AppendUint(dcbor.AppendInt(b, wire.RequestPage), uint64(r.Page))\n\t}\n\tb = dcbor.AppendUint(dcbor.AppendInt(b, 99), 0)\n")),
	phone("status-without-operation", "PST-REQ-001", "leaves the operation out of a request for status", in(wRequest, "flags, fields := r.flags(), 1\n", "flags, fields := r.flags(), 0\n"), in(wRequest, `b = dcbor.AppendUint(dcbor.AppendInt(b, wire.RequestOperation), uint64(r.Operation))`, `_ = b`)),
	phone("request-of-compartment-0", "PST-REQ-001", "names the compartment 0 where there is none", in(wRequest, "r.Resource > 0, len(r.Chain) > 0", "true, len(r.Chain) > 0"), in(wRequest, "if r.Resource > 0 {\n", "if true {\n")),
	phone("asks-for-something-else", "PST-REQ-001", "asks to deliver where it is told to open", in(hRequest, `Operation: x.asked.Operation, Resource`, `Operation: max(x.asked.Operation, min(x.asked.Operation+1, 2)), Resource`)),
	phone("unlisted-flag", "PST-REG-004", "sets a flag that the registry does not list", in(wRequest, "var flags uint64\n", "flags := uint64(1 << 20)\n")),
	phone("unlisted-operation", "PST-REG-004", "asks for an operation that the registry does not list", in(wRequest, `uint64(r.Operation))`, `uint64(r.Operation)+100)`)),
	phone("certificate-alone-forgotten", "PST-PHN-029", "answers missing without the certificate", in(hSupply, `x.certified, x.supplied = append(x.certified, kid), append(x.supplied, certificate)`, `x.certified = append(x.certified, kid)`)),
	phone("parents-forgotten", "PST-PHN-029", "sends the certificate without the parents of its grant", in(hConverse, `if chain := slices.Concat(x.parents, x.supplied);`, "parents := x.parents\n\tif len(x.supplied) > 0 {\n\t\tparents = nil\n\t}\n\tif chain := slices.Concat(parents, x.supplied);")),
	phone("certificate-of-anybody", "PST-PHN-030", "sends whatever certificate a lock asks for", in(hSupply, "case !slices.Contains(x.between, kid):\n", "case x.phone.authority(kid, x.rootIssued) != nil && !slices.Contains(x.certified, kid):\n\t\t\tx.certified, x.supplied = append(x.certified, kid), append(x.supplied, x.phone.authority(kid, x.rootIssued))\n\t\tcase !slices.Contains(x.between, kid):\n")),
	phone("all-certificates", "PST-PHN-030", "sends all certificates that it has", in(hSupply, `x.certified, x.supplied = append(x.certified, kid), append(x.supplied, certificate)`, `x.certified, x.supplied = append(x.certified, kid), append(x.supplied, x.phone.Authorities...)`)),
	phone("waits-with-another-compartment", "PST-PHN-031", "asks for no compartment when it asks again", in(hRequest, "if x.configure != nil {\n\t\tr.Proof", "if x.answers > 0 {\n\t\tr.Resource = 0\n\t}\n\tif x.configure != nil {\n\t\tr.Proof")),
	phone("waits-with-another-reference", "PST-PHN-031", "asks without the reference when it asks again", in(hRequest, "if x.configure != nil {\n\t\tr.Proof", "if x.answers > 0 {\n\t\tr.Reference = credential.Reference{}\n\t}\n\tif x.configure != nil {\n\t\tr.Proof")),
	phone("waits-without-receipt", "PST-PHN-031", "asks for no receipt when it asks again", in(hRequest, "if x.configure != nil {\n\t\tr.Proof", "if x.answers > 0 {\n\t\tr.Receipt = false\n\t}\n\tif x.configure != nil {\n\t\tr.Proof")),
	phone("waits-for-ever", "PST-PHN-031", "repeats without a bound", in(hConverse, `for n := 1; n <= wire.LimitRequests; n++ {`, `for n := 1; n <= 10000; n++ {`), in(hConverse, `case response.Outcome == credential.OutcomePending && n < wire.LimitRequests:`, `case response.Outcome == credential.OutcomePending:`), in(channel, `if d.next >= wire.LimitRequests {`, `if false {`)),
	phone("live-token-kept", "PST-PHN-035", "sends the live token of an earlier tap", in(hLive, "token, err := x.phone.Live(ctx, x.selection.Nonce)\n", "token, err := mutant.Keep(func() ([]byte, error) { return x.phone.Live(ctx, x.selection.Nonce) })\n"), in(hLive, `if err != nil || u.Claims.Nonce != x.selection.Nonce {`, `if err != nil {`), in(hLive, `x.enlivened || x.phone.Live == nil ||`, `x.enlivened || x.phone.Live == nil && !mutant.Kept() ||`)),
	phone("live-token-for-another-nonce", "PST-PHN-035", "gets a token over another nonce", in(hLive, `token, err := x.phone.Live(ctx, x.selection.Nonce)`, `token, err := x.phone.Live(ctx, message.Nonce{1})`), in(hLive, `if err != nil || u.Claims.Nonce != x.selection.Nonce {`, `if err != nil {`), in(hLive, "\tx.enlivened = true\n", "\tx.enlivened = true\n\t_ = message.AID\n")),
}

// phoneDocuments are those of the documents, receipts and of the owner.
var phoneDocuments = []Mutant{
	phone("documents-as-given", "PST-PHN-032", "hands documents over in the order in which it was given them", in(hDocuments, `slices.SortStableFunc(handed, func(a, b document) int { return cmp.Compare(a.rank, b.rank) })`, `_ = cmp.Compare(0, 0)`)),
	phone("policy-before-transfer", "PST-PHN-032", "hands policies over from the newest down", in(hDocuments, `rank: rankPolicy + uint64(u.Claims.Version)}`, `rank: rankSchemeList - 1 - uint64(u.Claims.Version)}`)),
	phone("token-before-list", "PST-PHN-032", "hands tokens over before lists", in(hDocuments, `rank: rankToken}, true, nil`, `rank: rankPolicy}, true, nil`)),
	phone("held-by-any-reason", "PST-PHN-036", "takes a document that the lock did not take for held", in(tApp, `if reason == credential.ReasonNone || reason == credential.ReasonSuperseded {`, `if reason <= 255 {`)),
	phone("held-without-an-answer", "PST-PHN-036", "takes a document for held when it was sent", in(tApp, `t := &shim.Told{Outcome: int(r.Outcome), Reason: int(r.Reason), Believed: err == nil}`, "t := &shim.Told{Outcome: int(r.Outcome), Reason: int(r.Reason), Believed: err == nil}\n\tif r.Outcome == credential.OutcomeUnconfirmed {\n\t\tfor _, d := range a.documents {\n\t\t\ta.held[string(r.Lock[:])+string(d)] = true\n\t\t}\n\t}")),
	phone("policy-kept-back", "PST-OWN-028", "hands no policy over", in(hDocuments, `rank: rankPolicy + uint64(u.Claims.Version)}, u.Claims.Lock == x.selection.Lock, nil`, `rank: rankPolicy + uint64(u.Claims.Version)}, false, nil`)),
	phone("policy-for-every-lock", "PST-OWN-028", "hands the policy of another lock over", in(hDocuments, `u.Claims.Lock == x.selection.Lock, nil`, `true, nil`)),
	phone("policy-after-the-opening", "PST-OWN-028", "hands documents over after the request that opens", in(hConverse, "r := x.asks()\n\t\tif x.load(", "r := x.asks()\n\t\tif x.answers == 0 && len(x.left) > 0 && x.grant != nil {\n\t\t\treturn r, false\n\t\t}\n\t\tif x.load("), in(hConverse, "x.left = x.left[len(r.Documents):]", "x.left = x.left[min(len(x.left), len(r.Documents)):]")),
	phone("receipt-unverified", "PST-LOG-017", "takes a receipt without verifying its signature", in(hReceipt, `_, receipt.Err = v.Receipt(u, lock)`, `_, _ = v.Receipt(u, lock)`)),
	phone("receipt-of-a-stranger", "PST-LOG-017", "takes the receipt of another lock", in(hReceipt, `case u.Claims.Lock != x.selection.Lock:`, `case false:`), in("credential/verify_documents.go", `if u.claims.Lock != lock.ID() {`, `if false {`)),
	phone("proof-sent-again", "PST-PHN-038", "sends the proof again where the answer to the first one was lost", in(tApp, `a.doubt = result.Outcome == credential.OutcomeUnconfirmed`, `a.doubt = false`)),
	phone("log-key-of-a-refusal", "PST-PHN-038", "keeps a log key that the lock refused", in(tApp, `if !key.IsZero() && err == nil {`, `if key.IsZero() || err == nil {`)),
}

// phoneSlots are those of section 15.4.  Nothing that a shim is asked for takes a
// manufacturer away from an app that has a slot: row 4 of PST-RES-013 has no mutant.
var phoneSlots = []Mutant{
	phone("slot-of-another-number", "PST-RES-012#1", "takes every slot for one of a single opening", in(hResume, `Taps: min(r.Slot, wire.LimitSlotTaps)`, `Taps: min(r.Slot, 1)`)),
	phone("slot-kept", "PST-RES-012#2", "keeps a slot over an opening that kept none", in(hResume, "_ = x.phone.Slots.Delete(x.slotID())\n\t\treturn", "return")),
	phone("slot-not-stepped", "PST-RES-012#3", "keeps the secret of a slot over an opening", in(hResume, `slot.Secret, slot.Taps = *next, slot.Taps-1`, "_ = next\n\tslot.Taps--")),
	phone("slot-not-counted", "PST-RES-012#3", "does not count the openings of a slot", in(hResume, `slot.Secret, slot.Taps = *next, slot.Taps-1`, `slot.Secret = *next`)),
	phone("slot-stepped-by-opened-alone", "PST-RES-012#3", "keeps the secret where the drive failed", in(hResume, `return r.Reason == credential.ReasonDrive`, `return false`)),
	phone("slot-stepped-by-a-refusal", "PST-RES-012#4", "steps the secret where the lock refused", in(hResume, "case credential.OutcomeOpened, credential.OutcomeUnconfirmed:\n", "case credential.OutcomeOpened, credential.OutcomeUnconfirmed, credential.OutcomeRefused:\n")),
	phone("slot-stepped-unheard", "PST-RES-012#5", "steps the secret where no answer came", in(hResume, "case !refused:\n", "case !refused:\n\t\tx.settle(id, slot, message.Response{Outcome: credential.OutcomeOpened})\n")),
	phone("slot-dropped-unheard", "PST-RES-012#5", "forgets the slot where no answer came", in(hResume, "case !refused:\n", "case !refused:\n\t\t_ = x.phone.Slots.Delete(id)\n")),
	phone("resume-in-every-try", "PST-RES-013#1", "sends RESUME in every try of a tap", in(hResume, `|| x.configure != nil || x.tried || !x.has(`, `|| x.configure != nil || !x.has(`), in(hAsk, `case err.Reason == credential.ReasonLink && !repeated && !x.tried:`, `case err.Reason == credential.ReasonLink && !repeated:`), in(hAsk, `case ctx.Err() != nil || x.handed:`, `case ctx.Err() != nil:`)),
	phone("resume-nonce-constant", "PST-RES-013#2", "uses one nonce for ever", in(hResume, `io.ReadFull(x.phone.Rand, nonce[:])`, `io.ReadFull(mutant.Constant, nonce[:])`)),
	phone("slot-spent", "PST-RES-013#3", "uses a slot that is spent", in(hResume, `if !ok || slot.Taps <= 0 || !x.trusts(slot) {`, `if !ok || !x.trusts(slot) {`)),
	phone("no-full-exchange", "PST-RES-013#5", "ends where a status word answers RESUME", in(hResume, `case !refused:`, `case refused || !refused:`)),
}

// phoneReports are those of section 8.6, and of how a response is read.
var phoneReports = []Mutant{
	phone("unknown-field-refused", "PST-REQ-006#1", "refuses a response with a field that it does not know", in(wParse, "d.response.Unknown = true\n\t\tvalue.Raw()\n\t\treturn nil", `return errors.New("unknown")`)),
	phone("state-not-asked-for", "PST-REQ-006#2", "takes an opening without a state", in(wParse, `case r.withState() != d.has(wire.ResponseState):`, `case false:`)),
	phone("unknown-outcome-is-opened", "PST-REQ-006#3", "takes an outcome that it does not know for opened", in(wParse, `*r = Response{Outcome: credential.OutcomeUnconfirmed, Reason`, `*r = Response{Outcome: credential.OutcomeOpened, Reason`)),
	phone("data-before-an-error-status", "PST-PHN-020#6", "takes an error status with data for no answer", in(aExchange, "r.Data = nil // what stands", "if len(r.Data) > 0 {\n\t\t\treturn Response{}, x.fault(ErrResponse, \"data\", nil)\n\t\t}\n\t\tr.Data = nil // what stands")),
	phone("reason-beside-an-unknown-outcome", "PST-PHN-020#1", "forgets the reason beside an outcome that it does not know", in(wParse, `*r = Response{Outcome: credential.OutcomeUnconfirmed, Reason: r.Reason, State`, `*r = Response{Outcome: credential.OutcomeUnconfirmed, State`)),
	phone("suite-fault-told-as-proof", "PST-PHN-020#5", "tells of an EDHOC error message as of a false proof", in(hHandshake, `return lockFault(credential.ReasonSuite, step, cause)`, `return lockFault(credential.ReasonPossession, step, cause)`)),
	phone("missing-told-as-a-refusal", "PST-PHN-020#3", "tells that the lock asks for a certificate which it has not as a refusal for a delegation", in(hSupply, `return fault(credential.ReasonIssuerUnknown, step+": the lock asks for`, `return fault(credential.ReasonDelegation, step+": the lock asks for`)),
	phone("channel-fault-is-malformed", "PST-PHN-020#11", "calls an answer that does not open malformed", in(hRequest, `fault(credential.ReasonChannel, by.step, cause)`, `fault(credential.ReasonMalformed, by.step, cause)`)),
	phone("malformed-is-channel", "PST-PHN-020#12", "calls an answer that opens and is no response one that does not open", in(hRequest, `fault(credential.ReasonMalformed, by.step, cause)`, `fault(credential.ReasonChannel, by.step, cause)`)),
	phone("loss-within-a-chain-is-told", "PST-PHN-020#8", "tells that nobody knows where the link was lost within the chain of HANDSHAKE-2", in(aExchange, `x.sent = x.last`, `x.sent = true`)),
	phone("selection-fault-is-possession", "PST-PHN-020#4", "calls an answer to SELECT that is malformed a false proof", in(hSelection, `return fault(credential.ReasonMalformed, step, cause)`, `return fault(credential.ReasonPossession, step, cause)`)),
	phone("reason-not-passed-on", "PST-ERR-005", "tells a reason that it does not know as none", in(tApp, `Reason: int(r.Reason), Believed`, `Reason: int(min(r.Reason, 99)), Believed`)),
	phone("busy-is-unconfirmed", "PST-PHN-020#2", "tells of a lock that never gathers enough that nobody knows", in(hExchange, `case x.unsure || x.risked:`, `case x.unsure || x.risked || err.Reason == credential.ReasonBusy:`)),
	phone("risk-forgotten", "PST-PHN-020#7", "tells that nothing happened where a status word answered RESUME", in(hExchange, `case x.unsure || x.risked:`, `case x.unsure:`)),
	phone("loss-is-a-refusal", "PST-PHN-020#10", "tells that nothing happened where the answer was lost", in(hExchange, `case x.unsure || x.risked:`, `case x.risked:`)),
	phone("status-is-unconfirmed", "PST-PHN-020#13", "tells that nobody knows where the answer to a request for status was lost", in(hRequest, `x.unsure = handed && !harmless(r.Operation) && (`, `x.unsure = handed && (`)),
	phone("status-word-is-unconfirmed", "PST-PHN-020#6", "tells that nobody knows where a status word ends the transaction", in(hRequest, `(err == nil || err.Reason != credential.ReasonStatusWord)`, `true`)),
	phone("get-response-is-a-refusal", "PST-PHN-020#9", "takes an error status to GET RESPONSE for a refusal", in(aExchange, `if r.SW.IsError() || len(r.Data) == 0 {`, "if r.SW.IsError() {\n\t\t\treturn r, nil\n\t\t}\n\t\tif len(r.Data) == 0 {")),
	phone("opened-whatever-opens", "PST-PHN-021", "tells of every answer that opens and is no refusal that the lock is open", in(hExchange, `result.Outcome, result.Reason = response.Outcome, response.Reason`, "result.Outcome, result.Reason = response.Outcome, response.Reason\n\t\tif response.Outcome == credential.OutcomeUnconfirmed || response.Outcome == credential.OutcomeFailed {\n\t\t\tresult.Outcome, result.Reason = credential.OutcomeOpened, 0\n\t\t}")),
	phone("way-past-the-checks", "PST-PHN-011", "opens though the lock certificate is signed by nobody whom it trusts", in(signature, `if v.Known != nil && v.Known(f) {`, `if v.Known != nil && v.Known(f) || what == lockName {`)),
}

// phoneCards are those of chapter 21.
var phoneCards = []Mutant{
	phone("card-status-word-forgotten", "PST-RDR-003#1", "takes every answer that TURN brings for a good one", in(hCard, `SW: apdu.Status(c.P1)<<8 | apdu.Status(c.P2)}`, `SW: apdu.StatusOK}`)),
	phone("card-ends-with-6985", "PST-RDR-003#2", "answers 6985 to TURN when it has no further command", in(hCard, `return apdu.Response{SW: apdu.StatusOK} // the tap has ended`, `return apdu.Response{SW: apdu.StatusOutOfOrder}`)),
	phone("card-begins-by-its-own-aid", "PST-RDR-003#3", "begins again with the AID of binding R", in(hCard, `if l.lost || !l.yield(append([]byte{c.INS, c.P1}, c.Data...)) {`, "if c.INS == wire.InsSelect {\n\t\tc.Data = []byte(message.ReaderAID)\n\t}\n\tif l.lost || !l.yield(append([]byte{c.INS, c.P1}, c.Data...)) {")),
	phone("card-turns-unselected", "PST-RDR-003#4", "answers 9000 to TURN before SELECT", in(hCard, `return apdu.Response{SW: apdu.StatusOutOfOrder}`, `return apdu.Response{SW: apdu.StatusOK}`)),
	phone("card-does-not-look-at-p1", "PST-RDR-003#6", "does not look at P1 and P2 of SELECT", in(hCard, `case c.P1 != 0x04 || c.P2 != 0x00:`, `case false:`)),
	phone("card-of-binding-l", "PST-RDR-003#6", "answers to the AID of binding L", in(hCard, `case !bytes.Equal(c.Data, []byte(message.ReaderAID)):`, `case !bytes.Equal(c.Data, []byte(message.ReaderAID)) && !bytes.Equal(c.Data, []byte(message.AID)):`)),
	phone("card-loss-is-a-status-word", "PST-RDR-003#7", "takes a tap that is cut off for one that the lock refused", in(hCard, "if h.link != nil {\n\t\th.link.lost = true\n\t}", ""), in(hCard, "\t\tl.lost = true\n\t\treturn apdu.Response{SW: apdu.StatusFailure}", "\t\treturn apdu.Response{SW: apdu.StatusFailure}")),
	phone("card-keys-of-binding-l", "PST-RDR-013", "derives its keys by the AID of binding L", in(hCard, "return message.ReaderAID\n\t}\n\treturn message.AID", "return message.AID\n\t}\n\treturn message.AID")),
}
