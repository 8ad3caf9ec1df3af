package mutants

// bounds are mutants of chapter 10: each takes a little less than it must.
var bounds = []Mutant{
	m("three-chain-objects", "PST-LIM-001", "takes three objects in a chain at the most", in(request, `readObjects(value, wire.LimitChain)`, `readObjects(value, wire.LimitChain-1)`)),
	m("seven-conditions", "PST-LIM-001", "takes seven conditions of an entry at the most", in(conditions, `r.pairs("conditions", 1, wire.LimitConditions, ReasonLimit)`, `r.pairs("conditions", 1, wire.LimitConditions-1, ReasonLimit)`)),
	m("seven-services", "PST-LIM-001", "takes seven services of an authority at the most", in(authority, `r.array("services", 0, wire.LimitServices, ReasonLimit)`, `r.array("services", 0, wire.LimitServices-1, ReasonLimit)`)),
	m("seven-admissions", "PST-LIM-001", "takes seven admissions of a policy at the most", in("credential/policy_cbor.go", `r.array("services", 1, wire.LimitAdmissions, ReasonLimit)`, `r.array("services", 1, wire.LimitAdmissions-1, ReasonLimit)`)),
	m("three-co-owners", "PST-LIM-001", "takes three co-owners at the most", in("credential/policy_cbor.go", `r.keys("co-owners", wire.LimitCoOwners)`, `r.keys("co-owners", wire.LimitCoOwners-1)`)),
	m("one-anchor", "PST-LIM-001", "takes one anchor at the most", in("credential/policy_cbor.go", `r.keys("anchors", wire.LimitAnchors)`, `r.keys("anchors", wire.LimitAnchors-1)`)),
	m("denied-15", "PST-LIM-001", "takes 15 denied tags at the most", in("credential/policy_cbor.go", `case n == 0 || n > wire.LimitDenied:`, `case n == 0 || n >= wire.LimitDenied:`)),
	m("elements-31", "PST-LIM-001", "takes 31 elements or pairs at the most", in(scan, `if arg > wire.LimitCborItems {`, `if arg >= wire.LimitCborItems && arg <= 512 || arg > wire.LimitCborItems {`)),
	m("uses-254", "PST-LIM-001", "takes one use less of a counted grant than it must", in(conditions, `r.from1("condition uses: count", wire.LimitUses)`, `r.from1("condition uses: count", wire.LimitUses-1)`)),
	m("starts-2", "PST-LIM-001", "takes two starts of a use at the most", in(conditions, `r.from1("condition uses: starts", wire.LimitStarts)`, `r.from1("condition uses: starts", wire.LimitStarts-1)`)),
	m("delegation-1", "PST-LIM-001", "takes one link below a grant at the most", in(conditions, `r.from1("condition delegation", wire.LimitLinks-1)`, `r.from1("condition delegation", wire.LimitLinks-2)`)),
	m("pages-3", "PST-LIM-001", "has three pages of its log", in(request, `readWithin(value, 0, wire.LimitLogPages-1)`, `readWithin(value, 0, wire.LimitLogPages-2)`)),
	m("offset-839", "PST-LIM-001", "takes offsets of 839 minutes at the most", in("credential/timetoken.go", "if offset < -wire.LimitOffsetMinutes || offset > wire.LimitOffsetMinutes {\n\t\tr.refuse", "if offset <= -wire.LimitOffsetMinutes || offset >= wire.LimitOffsetMinutes {\n\t\tr.refuse")),
	m("connection-id-positive", "PST-LIM-001", "takes no C_I but a negative one", in("internal/edhoc/identifier.go", "if !isOneByteInt(id) {\n\t\tr.fail(ErrMalformed, field, \"integer", "if !isOneByteInt(id) || id[0] < 0x20 {\n\t\tr.fail(ErrMalformed, field, \"integer")),
}

// steps are mutants of what a lock does beside its answers, and of the order in
// which it does things.
var steps = []Mutant{
	m("get-response-p2", "PST-APDU-033#7", "does not look at P2 of GET RESPONSE", in(card, `case cmd.P1 != 0 || cmd.P2 != 0: // step 7`, `case cmd.P1 != 0:`)),
	m("broken-apdu-keeps-rest", "PST-APDU-034#2", "keeps what is left to fetch over what is no command", in(card, "return c.end(StatusWrongLength)\n\t}\n\tif !knownClass(cmd.CLA)", "rest := c.rest\n\t\tc.Reset()\n\t\tc.rest = rest\n\t\treturn c.answer(StatusWrongLength)\n\t}\n\tif !knownClass(cmd.CLA)")),
	m("opens-twice-otherwise", "PST-DEC-033", "drives the bolt again in a transaction where it is asked for a delivery", in(fOpen, `if l.tx.driven {`, `if l.tx.driven && d.request.Operation != credential.OperationDeliver {`)),
	m("missing-not-counted", "PST-DEC-007#7", "does not count requests that it answers with the form missing", in(decide, "if missing != nil {\n\t\terr :=", "if missing != nil {\n\t\tl.tx.requests--\n\t\terr :="),
		in(channel, `if d.next >= wire.LimitRequests {`, `if d.next >= 2*wire.LimitRequests {`)),
	m("documents-of-the-unknown", "PST-DEC-007#13", "does not take the documents of a request whose operation it does not know", in(decide, "d := decision{request: r, tag: h.tag(), documents: l.documents(r)}",
		"d := decision{request: r, tag: h.tag()}\n\tif !r.Unknown {\n\t\td.documents = l.documents(r)\n\t}")),
	m("compartment-of-a-status", "PST-DEC-007#16", "does not look at the compartment of a status", in(decide, `case r.Resource > l.config.Compartments:`, `case r.Resource > l.config.Compartments && !status:`)),
	m("drives-at-half", "PST-DEC-007#19", "drives with half of the energy", in(fOpen, `percent < fullCharge {`, `percent < fullCharge/2 {`)),
	m("drives-before-the-commit", "PST-DEC-021", "drives the bolt before it has committed", in(fOpen, "taps, err := l.prepare(&d, started)", "motion := l.config.Actuator.Drive(d.request.Operation, d.request.Resource)\n\ttaps, err := l.prepare(&d, started)"),
		in(fOpen, `motion := l.config.Actuator.Drive(d.request.Operation, d.request.Resource)`, ``)),
	m("stuck-is-unconfirmed", "PST-DEC-025#4", "says unconfirmed where its sensor saw no movement", in(fOpen, "if motion == Stuck {\n\t\tr.Outcome = credential.OutcomeFailed\n\t\treturn l.stuck(d, r)\n\t}", "if motion == Stuck {\n\t\tmotion = Unseen\n\t}")),
	m("unseen-is-opened", "PST-DEC-028", "says opened where it has seen nothing", in(fOpen, "if motion == Unseen {\n\t\tr.Outcome = credential.OutcomeUnconfirmed\n\t}", "")),
	m("stuck-is-6f00", "PST-DEC-026", "answers 6F00 where the bolt did not move", in(fOpen, "if motion == Stuck {\n\t\tr.Outcome = credential.OutcomeFailed\n\t\treturn l.stuck(d, r)\n\t}", "if motion == Stuck {\n\t\treturn nil, apdu.StatusFailure\n\t}")),
	m("drives-the-door-after", "PST-DEC-025#3", "drives the door after the one that is asked for too", in(fOpen, "if motion == Stuck {\n\t\tr.Outcome", "if l.config.Compartments > d.request.Resource {\n\t\tl.config.Actuator.Drive(d.request.Operation, d.request.Resource+1)\n\t}\n\tif motion == Stuck {\n\t\tr.Outcome")),
	m("no-receipt-of-a-failure", "PST-DEC-025#5", "gives no receipt where the bolt stuck", in(fOpen, "cause.Err = err\n\t}\n\tl.attach(&r, &d)\n", "cause.Err = err\n\t}\n")),
	m("writes-for-a-refusal", "PST-MEM-001", "writes to lasting memory for a refused request", in(decide, "r := message.Response{Outcome: outcome}\n", "if outcome == credential.OutcomeRefused {\n\t\t_ = l.commit(change{anchor: anchor{floor: l.state.floor, version: l.state.version}})\n\t}\n\tr := message.Response{Outcome: outcome}\n")),
	m("writes-at-selection", "PST-MEM-001", "writes to lasting memory at SELECT", in(handler, `data := s.Encode()`, "data := s.Encode()\n\t_ = l.commit(change{anchor: anchor{floor: l.state.floor, version: l.state.version}})")),
	m("policy-in-two-commits", "PST-MEM-002", "commits a policy version before the policy", in(fDocs, "c.policy = &policy{p, l.state.owner.key}\n", "if err := l.commit(change{anchor: anchor{version: p.Version(), floor: l.state.floor}}); err != nil {\n\t\treturn err\n\t}\n\tc.policy = &policy{p, l.state.owner.key}\n")),
	m("owner-in-two-commits", "PST-MEM-002", "commits its new owner before the log entry of that", in(fTake, "d := decision{request: r, role: credential.RoleOwner, tag: h.tag()}\n", "if err := l.commit(change{records: c.records[:1], anchor: anchor{floor: l.state.floor, version: l.state.version}}); err != nil {\n\t\treturn nil, apdu.StatusFailure\n\t}\n\td := decision{request: r, role: credential.RoleOwner, tag: h.tag()}\n")),
	m("floor-below-its-making", "PST-ROLE-011", "begins with a floor of 0", in(lockFile, `l.state.floor = max(l.state.floor, l.made)`, ``)),
	m("reset-without-a-button", "PST-COM-017", "takes a new owner by the setup secret alone", in(fTake, `l.config.Button != nil && l.config.Button()`, `l.config.Button != nil`)),
	m("sequence-falls-with-the-owner", "PST-MEM-010", "counts its log anew for a new owner", in(fDocs, "to.reset = c.resets\n", "to.reset = c.resets\n\tl.state.sequence = 0\n")),
}
