package lock

import (
	"math"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// documents takes in what the phone hands over, one after the other: each that
// is good is committed at once, before the request is judged, and stays also if
// the request is refused (section 7.10).  It returns what became of each.
func (l *Lock) documents(r message.Request) []credential.Reason {
	var results []credential.Reason
	version := l.state.version
	for _, document := range r.Documents {
		err := l.document(document, r.Chain)
		reason := credential.ReasonNone
		if err != nil {
			reason = reasonOf(err, credential.ReasonState)
		}
		l.observe(Event{Document: true, Operation: r.Operation, Outcome: credential.OutcomeDone, Reason: reason, Err: err})
		results = append(results, reason)
	}
	if l.state.version != version {
		l.again()
	}
	return results
}

// document takes one document in.
func (l *Lock) document(document []byte, chain [][]byte) error {
	kind, err := credential.TypeOf(document)
	if err != nil {
		return err
	}
	var c change
	switch kind {
	case wire.TypePolicy:
		err = l.takePolicy(&c, document)
	case wire.TypeRevocationList:
		err = l.takeList(&c, document, chain)
	case wire.TypeTimeToken:
		return l.takeToken(document, chain)
	default:
		err = &Error{Reason: credential.ReasonObjectType, Detail: "documents: neither policy, revocation list nor time token"}
	}
	if err != nil {
		return err
	}
	return l.commit(c)
}

// takePolicy adds a policy to a change (section 18.3): the owner's, for this
// lock, and newer than the one in force.
func (l *Lock) takePolicy(c *change, document []byte) error {
	u, err := credential.ParsePolicy(document)
	switch {
	case err != nil:
		return err
	case u.Claims.Lock != l.config.ID:
		return &Error{Reason: credential.ReasonTarget, Detail: "policy: it is for lock " + u.Claims.Lock.String()}
	case u.Claims.Version > l.state.version && u.Claims.Version-l.state.version > wire.LimitVersionStep:
		return &Error{Reason: credential.ReasonLimit, Detail: "policy: its version is too far ahead of the one in force"}
	case u.Claims.Version < l.state.version, u.Claims.Version == l.state.version && !l.state.lostPolicy():
		return &Error{Reason: credential.ReasonSuperseded, Detail: "policy: the lock holds this version or a newer one"}
	}
	v := credential.Verifier{Meter: &l.meter}
	p, err := v.Policy(u, l.state.owner.key)
	if err != nil {
		return err
	}
	if _, ok := l.identities[suiteOf(u.Claims.Owner)]; !ok {
		return &Error{Reason: credential.ReasonAlgorithm, Detail: "policy: the lock does not speak the cipher suite of the new owner's key"}
	}
	c.version, c.floor, c.resets = p.Version(), max(p.IssuedAt(), l.made), l.state.resets
	if u.Claims.Reset && c.floor < l.state.floor && c.resets < math.MaxUint16 {
		c.resets++
		own := l.state.owner
		own.reset = c.resets
		c.put(cellOwner, 0, own.value())
	}
	if to := u.Claims.Owner; to != l.state.owner.key {
		l.hand(c, owner{key: to, since: p.Version()}, credential.LogTransferred, credential.Tag(credential.KeyIDOf(to)))
	} else {
		l.state.dropSlots(c, p)
	}
	c.policy = &policy{p, l.state.owner.key}
	c.put(cellPolicy, 0, c.policy.value())
	return nil
}

// hand adds to a change that the lock gets another owner: what the former one
// had is wiped, and the log of the new one begins with the entry that says so.
func (l *Lock) hand(c *change, to owner, outcome credential.LogOutcome, who credential.Tag) {
	if l.state.used() {
		l.state.wipe(c)
	}
	if c.resets <= l.state.resets { // the floor is not reset with it
		c.floor = max(c.floor, l.state.floor)
		c.resets = l.state.resets
		if c.resets < math.MaxUint16 {
			c.resets++
		}
	}
	to.reset = c.resets
	c.put(cellOwner, 0, to.value())
	floor := l.state.raised(c.anchor).floor
	moment := l.moment(floor)
	l.state.enter(c, credential.LogEntry{
		Time: moment.time(floor), Evidence: moment.Evidence,
		Operation: credential.OperationConfigure, Outcome: outcome, Role: credential.RoleOwner, Who: who,
	})
}

// takeList adds a revocation list to a change (section 18.9).
func (l *Lock) takeList(c *change, document []byte, chain [][]byte) error {
	u, err := credential.ParseRevocationList(document)
	if err != nil {
		return err
	}
	if l.state.supersedes(u) {
		return &Error{Reason: credential.ReasonSuperseded, Detail: "revocation list: the lock holds this version or a newer one"}
	}
	n, err := l.verifyList(u, chain)
	if err != nil {
		return err
	}
	n.UnverifiedRevocationList = u
	i := l.placeOf(&n)
	if i < 0 {
		return &Error{Reason: credential.ReasonTableFull, Detail: "revocation list: the lock holds as many lists of others as it can"}
	}
	c.put(cellList, i, n.value())
	return nil
}

// verifyList verifies a list under the scheme's root or the operator's
// certificate that signed it.
func (l *Lock) verifyList(u *credential.UnverifiedRevocationList, chain [][]byte) (list, error) {
	v := credential.Verifier{Roots: l.roots(), Meter: &l.meter, Known: l.state.knows}
	for _, root := range v.Roots {
		if credential.KeyIDOf(root) == u.Signer() {
			v.Roots = []credential.PublicKey{root}
			_, err := v.SchemeList(u)
			return list{by: setOf(root), root: setOf(root), expires: ^credential.Time(0)}, err
		}
	}
	a, err := l.authority(&v, u.Signer(), credential.RightRevoke, u.Claims.IssuedAt, chain)
	if err != nil {
		return list{}, err
	}
	_, err = v.RevocationList(u, a)
	return list{by: setOf(a.Key()), root: setOf(l.rootOf(a)), expires: a.Expires()}, err
}

// authority finds the certificate of a document's signer, among those that the
// lock holds and those that the phone brought.
func (l *Lock) authority(v *credential.Verifier, signer credential.KeyID, right credential.Rights, at credential.Time, chain [][]byte) (*credential.Authority, error) {
	a := l.heldAuthority(v, signer, func(a *credential.Authority) bool {
		return a.Rights().Has(right) && a.Covers(at) == nil && l.state.floor < a.Expires() && l.state.revokedAuthority(a) == nil
	})
	for i := 0; a == nil && i < len(chain); i++ {
		u, err := credential.ParseAuthority(chain[i])
		if err != nil || credential.KeyIDOf(u.Claims.Key) != signer {
			continue
		}
		if a, err = v.Authority(u); err != nil {
			return nil, err
		}
	}
	switch {
	case a == nil:
	case l.state.floor >= a.Expires():
		return nil, &Error{Reason: credential.ReasonAuthorityExpired, Detail: "document: the certificate of its signer ended at " + a.Expires().String()}
	default:
		return a, l.state.revokedAuthority(a)
	}
	return nil, &Error{Reason: credential.ReasonIssuerUnknown, Detail: "document: the lock lacks the certificate of key " + signer.String()}
}

// takeToken takes a signed time in (section 16.3).
func (l *Lock) takeToken(document []byte, chain [][]byte) error {
	u, err := credential.ParseTimeToken(document)
	if err != nil {
		return err
	}
	live := u.Claims.Live
	switch {
	case live && (u.Claims.Nonce != l.tx.nonce || !l.timely()):
		return &Error{Reason: credential.ReasonEvidence, Detail: "time token: it is not over the nonce of this transaction, or came later than a minute after SELECT"}
	case !live && u.Claims.Time < l.state.floor:
		return &Error{Reason: credential.ReasonSuperseded, Detail: "time token: the lock knows that it is later than that"}
	}
	v := credential.Verifier{Roots: l.roots(), Meter: &l.meter, Known: l.state.knows}
	a, err := l.authority(&v, u.Signer(), credential.RightTime, u.Claims.Time, chain)
	if err != nil {
		return err
	}
	if _, err := v.TimeToken(u, a); err != nil {
		return err
	}
	if u.Claims.Time >= l.state.floor+wire.LimitTokenSeconds {
		if err := l.commit(change{anchor: anchor{floor: u.Claims.Time}}); err != nil {
			return err
		}
	}
	l.tx.told = credential.Moment{Evidence: credential.EvidenceStated, Now: u.Claims.Time, Offset: u.Claims.Offset}
	if live {
		l.tx.told.Evidence = credential.EvidenceLive
	}
	return nil
}
