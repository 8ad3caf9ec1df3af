package mutants

// makers are mutants that a maker in a hurry, or one with something else in mind,
// would write: of what a lock keeps, and of when it keeps it.
var makers = []Mutant{
	m("floor-in-ram", "PST-TIME-009#2", "keeps a floor that rose by a refused grant in RAM alone", in(decide, `if err := l.commit(change{anchor: anchor{floor: d.change.floor}}); err != nil && outcome`, `l.state.floor = max(l.state.floor, d.change.floor)
	if err := error(nil); err != nil && outcome`)),
	m("floor-by-itself", "PST-TIME-009#1", "commits the floor before the entry of the opening", in(fOpen, `l.state.putUses(&d.change, started)`, `l.state.putUses(&d.change, started)
	_ = l.commit(change{anchor: anchor{floor: d.change.floor}})`)),
	m("floor-while-pending", "PST-TIME-009#3", "commits the floor where it waits for energy", in(fOpen, `return l.reply(d, message.Response{Outcome: credential.OutcomePending, Charge: percent, Wait: wait}, nil)`, `_ = l.commit(change{anchor: anchor{floor: d.change.floor}})
		return l.reply(d, message.Response{Outcome: credential.OutcomePending, Charge: percent, Wait: wait}, nil)`)),
	m("floor-by-a-forged-token", "PST-TIME-008", "raises its floor by a token before it has verified it", in(fDocs, `a, err := l.authority(&v, u.Signer(), credential.RightTime, u.Claims.Time, chain)`, `_ = l.commit(change{anchor: anchor{floor: u.Claims.Time}})
	a, err := l.authority(&v, u.Signer(), credential.RightTime, u.Claims.Time, chain)`)),
	m("token-before-its-signature", "PST-TIME-017#6", "uses the time of a token whose signature does not verify", in(fDocs, `if _, err := v.TimeToken(u, a); err != nil {`, `if _, err := v.TimeToken(u, a); err != nil {
		l.tx.told = credential.Moment{Evidence: credential.EvidenceLive, Now: u.Claims.Time, Offset: u.Claims.Offset}`)),
	m("token-of-yesterday-counts", "PST-TIME-012#3", "takes the latest of the times stated in a transaction, not the last", in(fDocs, `l.tx.told = credential.Moment{Evidence: credential.EvidenceStated,`, `if !live && l.tx.told.Now > u.Claims.Time {
		return nil
	}
	l.tx.told = credential.Moment{Evidence: credential.EvidenceStated,`)),
	m("stated-judges-the-end", "PST-TIME-012#3", "takes a stated time for proof that a grant has begun", in(judge, `if p.Moment.proves() >= EvidenceLive {`, `if p.Moment.proves() >= EvidenceStated {`)),
	m("clock-without-offset", "PST-TIME-019", "judges hours by its clock in UTC", in(fMoment, `Evidence: credential.EvidenceClock, Now: now, Offset: offset}`, `Evidence: credential.EvidenceClock, Now: now, Offset: 0 * offset}`)),
	m("oscillator-from-the-field", "PST-TIME-021", "measures from the first SELECT in the field", in(handler, `l.tx.selectedAt = l.config.Elapsed()`, `if l.tx.selectedAt = l.config.Elapsed(); l.config.Elapsed() > 0 {
			l.tx.selectedAt = 1
		}`)),

	m("policy-version-first", "PST-OWN-010#1", "commits the policy version before the policy", in(fDocs, "if err != nil {\n\t\treturn err\n\t}\n\treturn l.commit(c)", "if err != nil {\n\t\treturn err\n\t}\n\tif err := l.commit(change{anchor: anchor{version: c.version}}); err != nil {\n\t\treturn err\n\t}\n\treturn l.commit(c)")),
	m("policy-floor-later", "PST-OWN-010#2", "commits the floor of a policy behind the policy", in(fDocs, "if err != nil {\n\t\treturn err\n\t}\n\treturn l.commit(c)", "if err != nil {\n\t\treturn err\n\t}\n\tfloor := c.floor\n\tif c.resets <= l.state.resets {\n\t\tc.floor = 0\n\t}\n\tif err := l.commit(c); err != nil {\n\t\treturn err\n\t}\n\treturn l.commit(change{anchor: anchor{floor: floor}})")),
	m("slots-outlive-a-policy", "PST-OWN-010#3", "ends the slots that a policy ends until its power goes", in(fSlot, "if !stays {\n\t\t\ts.dropSlot(c, i)", "if !stays {\n\t\t\t*o = slot{}")),
	m("transfer-by-halves", "PST-OWN-010#4", "takes the policy first and its new owner then", in(fDocs, "if err != nil {\n\t\treturn err\n\t}\n\treturn l.commit(c)", "if err != nil {\n\t\treturn err\n\t}\n\tfor i, r := range c.records {\n\t\tif r.cell.kind == cellOwner && c.policy != nil {\n\t\t\tfirst := c\n\t\t\tfirst.records = append(append([]record(nil), c.records[:i]...), c.records[i+1:]...)\n\t\t\tif err := l.commit(first); err != nil {\n\t\t\t\treturn err\n\t\t\t}\n\t\t\treturn l.commit(change{records: []record{r}})\n\t\t}\n\t}\n\treturn l.commit(c)")),
	m("since-of-the-first-owner", "PST-OWN-034#9", "takes no grant of its first owner's that names no version", in(fTake, `outcome, since := credential.LogCommissioned, uint32(0)`, `outcome, since := credential.LogCommissioned, uint32(1)`)),
	m("transfer-keeps-the-lost-time", "PST-OWN-034#7", "keeps the owner's lost time over a transfer", in(fOwner, `if s.forgotten[owners] != 0 {`, `if false {`)),
	m("status-blocked", "PST-OWN-031", "tells no state to whom it blocks", in("credential/policy_judge.go", `case action == 0:`, `case action == 0 && !(operator && c.Block.Has(BlockServices)) && (operator || !c.Block.Has(BlockGuests)):`)),
	m("evidence-before-admission", "PST-OWN-031#7", "asks for the time before it looks for the action of an admission", in("credential/policy_judge.go", `case !a.Actions.Has(action):`, `case len(a.Hours) > 0 && at.Moment.proves() < a.Evidence:
		return fault(ReasonEvidence, "the owner admits the service %s by the hour", s)
	case !a.Actions.Has(action):`)),
	m("hours-before-evidence", "PST-OWN-031#8", "judges the hours of an admission before the evidence", in("credential/policy_judge.go", `case at.Moment.proves() < a.Evidence:`, `case !a.Hours.Admits(at.Moment) && at.Moment.proves() >= EvidenceStated:
		return fault(ReasonHours, "the owner admits the service %s by the hour", s)
	case at.Moment.proves() < a.Evidence:`)),
	m("blocked-before-least", "PST-OWN-031#5", "judges the block before the least version", in("credential/policy_judge.go", `case !operator && permission.PolicyVersion < c.Least:`, `case !operator && c.Block.Has(BlockGuests) && action != 0:
		return fault(ReasonBlocked, "the owner blocked the box")
	case !operator && permission.PolicyVersion < c.Least:`)),
	m("denied-fifteen", "PST-OWN-031#4", "looks at the first fifteen denied tags", in("credential/policy_judge.go", `slices.Contains(p.claims.Denied, tag)`, `slices.Contains(p.claims.Denied[:min(15, len(p.claims.Denied))], tag)`)),
	m("admissions-seven", "PST-OWN-031#7", "looks at the first seven admissions", in("credential/policy_judge.go", `services := p.claims.Services`, `services := p.claims.Services[:min(7, len(p.claims.Services))]`)),
	m("co-owners-three", "PST-OWN-001#5", "knows the first three co-owners", in(fOwner, `return s.policy.CoOwners()`, `return s.policy.CoOwners()[:min(3, len(s.policy.CoOwners()))]`)),
	m("anchors-one", "PST-OWN-014", "trusts the first anchor", in(fOwner, `return s.policy.Anchors()`, `return s.policy.Anchors()[:min(1, len(s.policy.Anchors()))]`)),
	m("notice-by-the-floor", "PST-OWN-032", "shows no notice that is over", in("credential/notice.go", `if !shown {`, `if !shown || n.Until != 0 && n.Until < 1<<31-1 {`)),

	m("list-sixteen", "PST-REV-005#1", "looks at the first sixteen entries of a list", in("credential/revocation.go", `slices.ContainsFunc(c.Denied, func(d Denial) bool { return d.Tag == tag })`, `slices.ContainsFunc(c.Denied[:min(16, len(c.Denied))], func(d Denial) bool { return d.Tag == tag })`)),
	m("list-for-its-holder", "PST-REV-012#7", "keeps the version of a list for its power alone", in(fDocs, `if l.state.supersedes(u) {`, `if l.tx.requests == 1 && len(chain) == 0 && l.state.supersedes(u) {`)),
	m("lists-of-anchors-ignored", "PST-REV-005#2", "does not judge by lists of anchors", in(fLists, `if !l.empty() && l.by == l.root && l.Signer() == a.Signer()`, `if at := i; !l.empty() && at >= wire.LimitLists && l.by == l.root && l.Signer() == a.Signer()`)),
	m("list-gone-before-the-newer", "PST-REV-015#1", "drops the older list of a signer in a commit before that of the newer", in(fDocs, `c.put(cellList, i, n.value())`, `if !l.state.lists[i].empty() {
		var first change
		first.put(cellList, i, nil)
		_ = l.commit(first)
	}
	c.put(cellList, i, n.value())`)),
	m("list-drops-before-outlived", "PST-REV-015#4", "drops nothing for a new list", in(fLists, "\t\tl.outlived,\n", ""), in(fLists, "func(o *list) bool { return !slices.Contains(roots, o.root) },\n", "")),

	m("uses-after-the-drive", "PST-USE-007#6", "writes its account down behind the drive", in(fOpen, "l.state.putUses(&d.change, started)\n", ""), in(fOpen, "if motion == Stuck {\n", "var late change\n\tl.state.putUses(&late, started)\n\t_ = l.commit(late)\n\tif motion == Stuck {\n")),
	m("uses-shared-by-all", "PST-USE-007", "keeps one account for the same entry of all grants", in(fUses, `if !u.empty() && u.grant == c.Grant && u.entry == c.Entry {`, `if !u.empty() && u.entry == c.Entry {`), in(fUses, `if u.grant != c.Grant || u.entry != c.Entry || u.empty() {`, `if u.empty() {`)),
	m("record-outlives-the-parent", "PST-USE-002", "keeps a record until its link ends, though a parent ends before", in(judge, `e.Uses, ends, operator})`, `e.Uses, link.Expires(), operator})`)),
	m("lost-time-of-all", "PST-USE-008", "keeps one lost time for owners and operators", in(fUses, "if operator {\n\t\treturn operators\n\t}\n\treturn owners", "return 0 * len([1]bool{operator})")),

	m("slot-in-ram", "PST-RES-010", "keeps the next secret of a slot in RAM alone", in(fResume, `c.put(cellSecret, l.tx.slot, line.value())`, `_ = line`)),
	m("slot-counts-status", "PST-RES-014#1", "counts a resumed status as an opening", in(fResume, `l.tx.resumed, l.tx.slot = true, found`, `l.tx.resumed, l.tx.slot = true, found
	if line := l.state.slots[found].line; true {
		var c change
		line.left--
		c.put(cellSecret, found, line.value())
		_ = l.commit(c)
	}`)),
	m("slot-by-age", "PST-RES-023#3", "drops the slot that was made longest ago, whatever it was used for since", in(fResume, `line = slotLine{*next, line.left - 1, l.state.sequence + 1}`, `line = slotLine{*next, line.left - 1, line.used}`)),

	m("slot-33", "PST-RES-014#1", "keeps a slot for one opening more than it says", in(fResume, `slotLine{*secret, wire.LimitSlotTaps, l.state.sequence + 1}`, `slotLine{*secret, wire.LimitSlotTaps + 1, l.state.sequence + 1}`)),
	m("resumed-under-a-former-anchor", "PST-RES-008#4", "resumes under an anchor that is one no more", in(fResume, "Roots: l.roots(), Meter: &l.meter,", `Roots: mutant.Keep("roots", l.roots()), Meter: &l.meter,`)),
	m("resumed-keeps-its-place", "PST-RES-008#6", "lets a resumed co-owner open by the tap that ends his place", in(fDocs, `if l.state.version != version {`, `if l.state.version != version && !l.tx.resumed {`)),
	m("resumed-uncounted", "PST-USE-007", "counts no use that is resumed", in(fOpen, `started, err := l.state.start(max(l.state.floor, d.change.floor), l.accounts(d.permission.Counted))`, `if l.tx.resumed {
		d.permission.Counted = nil
	}
	started, err := l.state.start(max(l.state.floor, d.change.floor), l.accounts(d.permission.Counted))`)),
	m("resumed-past-lists", "PST-RES-008#6", "does not ask its lists of a slot", in(decide, `if err := l.state.revoked(h.grant); err != nil {`, `if err := l.state.revoked(h.grant); err != nil && !l.tx.resumed {`)),
	m("resumed-past-its-end", "PST-RES-008#6", "resumes with a grant that has ended", in(decide, `at := l.place(d)`, `at := l.place(d)
	if l.tx.resumed {
		at.Floor = 1
	}`)),
	m("resumed-past-blocks", "PST-RES-008#6", "does not ask its policy of a slot", in(decide, `err = l.state.policy.judged().Judge(h.grant, d.permission, action, at)`, `if err = l.state.policy.judged().Judge(h.grant, d.permission, action, at); l.tx.resumed {
			err = nil
		}`)),

	m("link-alg", "PST-DLG-005#3", "does not compare the alg of a link with the key of its parent's holder", in(signature, `if c.key.Algorithm() != o.alg {`, `if c.key.Algorithm() != o.alg && what != grantName {`)),

	m("log-head-of-this-power", "PST-LOG-009", "forgets the head of its log with its power", in(fLog, `b = b[copy(l.before[:], b):]`, `b = b[len(l.before):]`)),
	m("log-numbers-from-the-transfer", "PST-LOG-009", "forms the head of a transfer without what was before", in(fLog, `l := logged{s.head(), e}`, `l := logged{s.head(), e}
	if e.Outcome == credential.LogTransferred {
		l.before = credential.LogHead{}
	}`)),
	m("tamper-again", "PST-LOG-007", "logs tampering as often as its sensor reports it", in(lockFile, `l.tampered || l.state.owner.vacant() || newest != nil && newest.entry.Outcome == credential.LogTamper {`, `newest == nil && l.state.owner.vacant() {`)),
	m("tamper-behind-tamper", "PST-LOG-007", "logs tampering once in every field", in(lockFile, `|| newest != nil && newest.entry.Outcome == credential.LogTamper {`, `|| newest == nil {`)),
	m("tamper-of-the-vacant", "PST-LOG-007", "logs tampering while it is vacant", in(lockFile, `l.tampered || l.state.owner.vacant() ||`, `l.tampered ||`)),
	m("log-started-is-unknown", "PST-LOG-006#5", "logs an opening that failed as one that was started", in(fOpen, `Outcome:   outcome,`, `Outcome:   min(outcome, credential.LogStarted),`)),
	m("receipt-of-suite-0", "PST-LOG-015", "signs every receipt with its key of suite 0", in(fReceipt, `i, ok := l.identities[l.suite()]`, `i, ok := l.identities[0*l.suite()]`)),
	m("receipt-tag-of-the-first-policy", "PST-LOG-015#3", "names the tag of its policy in the receipts of owners alone", in(fReceipt, `if p := l.state.policy; p != nil {`, `if p := l.state.policy; p != nil && d.role == credential.RoleOwner {`)),

	m("log-stops-when-full", "PST-LOG-003", "overwrites its newest entry where the log is full", in(fLog, `c.put(cellEntry, int(e.Sequence%wire.LimitLogEntries), l.value())`, `at := int(e.Sequence % wire.LimitLogEntries)
	if e.Sequence >= wire.LimitLogEntries {
		at = wire.LimitLogEntries - 1
	}
	c.put(cellEntry, at, l.value())`)),
	m("log-time-before-the-floor", "PST-LOG-006#2", "finds the time of an entry before the floor rose", in(fOpen, `floor := max(l.state.floor, d.change.floor)
	moment := l.moment(floor)
	err`, `floor := l.state.floor
	moment := l.moment(floor)
	err`)),
	m("transfer-time-before-the-floor", "PST-OWN-034#3", "finds the time of a transfer before the floor rose", in(fDocs, `floor := l.state.raised(c.anchor).floor`, `floor := l.state.floor`)),
	m("sealed-page-always-newest", "PST-LOG-022", "seals the newest page whatever is asked for", in(fReceipt, `l.state.owner.logKey.Seal(l.state.page(page, l.config.ID)`, `l.state.owner.logKey.Seal(l.state.page(0*page, l.config.ID)`)),
	m("receipt-of-the-confirmed", "PST-LOG-015", "gives no receipt where it saw nothing move", in(fReceipt, `r.Receipt = l.receipt(d.request, *d)`, `if r.Outcome != credential.OutcomeUnconfirmed {
		r.Receipt = l.receipt(d.request, *d)
	}`)),
	m("window-to-the-end-of-the-day", "PST-TIME-018", "takes no window until midnight", in("credential/schedule.go", `w.From >= w.Until || w.Until > wire.LimitDayMinutes {`, `w.From >= w.Until || w.Until >= wire.LimitDayMinutes {`)),
	m("window-last-alone", "PST-TIME-019#3", "looks at the last window of a schedule alone", in("credential/schedule.go", `for _, w := range s {
		if w.Days&(1<<day) != 0`, `for _, w := range s[max(0, len(s)-1):] {
		if w.Days&(1<<day) != 0`)),
	m("window-first-alone", "PST-TIME-019#1", "looks at the first window of a schedule alone", in("credential/schedule.go", `for _, w := range s {
		if w.Days&(1<<day) != 0`, `for _, w := range s[:min(1, len(s))] {
		if w.Days&(1<<day) != 0`)),
	m("windows-in-order", "PST-TIME-018", "takes no windows that overlap or fall", in("credential/schedule.go", `for _, w := range s {
		if w.Days == 0`, `for i, w := range s {
		if i > 0 && w.From <= s[i-1].From {
			return fault(ReasonMalformed, "%s: windows out of order", what)
		}
		if w.Days == 0`)),
	m("list-entries-expire", "PST-REV-005#1", "lets an entry of a list deny until its exp alone", in(fLists, `if l.Claims.Denies(link.Tag(), link.IssuedAt()) {`, `over := slices.ContainsFunc(l.Claims.Denied, func(d credential.Denial) bool { return d.Tag == link.Tag() && d.Expires <= s.floor })
				if l.Claims.Denies(link.Tag(), link.IssuedAt()) && !over {`)),
	m("schemes-tags-alone", "PST-REV-005#2", "does not judge certificates by the least of a scheme's list", in(fLists, `l.Claims.Denies(a.Tag(), a.IssuedAt()) {`, `l.Claims.Denies(a.Tag(), ^credential.Time(0)) {`)),
	m("policy-for-the-next-field", "PST-OWN-010#1", "judges by a policy when its power has gone and come", in(lockFile, `l.state.policy = c.policy`, `_ = r`)),
	m("slot-of-a-holder", "PST-RES-023#1", "keeps one slot for all grants of a holder", in(fResume, `s := slotHolder{id: slotID(h.grant.Tag()), fingerprint`, `s := slotHolder{id: slotID(credential.KeyIDOf(h.grant.Holder())), fingerprint`)),
	m("slot-untold-where-stuck", "PST-RES-023#4", "does not tell the slot of an opening whose bolt stuck", in(fOpen, `r.Outcome = credential.OutcomeFailed
		return l.stuck(d, r)`, `r.Outcome, r.Slot = credential.OutcomeFailed, 0
		return l.stuck(d, r)`)),
	m("stuck-is-no-use", "PST-USE-007#5", "gives a use back where the bolt stuck", in(fOpen, `r.Outcome = credential.OutcomeFailed
		return l.stuck(d, r)`, `r.Outcome = credential.OutcomeFailed
		var back change
		for i := range started {
			back.put(cellUse, started[i].index, nil)
		}
		_ = l.commit(back)
		return l.stuck(d, r)`)),
	m("token-of-a-refused-request", "PST-TIME-012#3", "forgets the time of a token where the request is refused", in(decide, `r.Documents = d.documents
`, `if r.Documents = d.documents; r.Outcome == credential.OutcomeRefused {
		l.tx.told = credential.Moment{}
	}
`)),
	m("owner-restored-by-an-old-policy", "PST-OWN-034#1", "takes a transfer for the length of its power", in(fDocs, `c.put(cellOwner, 0, to.value())
	floor`, `l.state.owner = to
	floor`)),
}
