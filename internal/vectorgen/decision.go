package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// decider builds the areas chain, time, policy and uses.
type decider struct {
	*builder[vectors.DecisionParams, vectors.DecisionTest, *vectors.DecisionTest]
	lock vectors.DecisionParams // of the group
	own  party                  // its owner
}

// decide begins such an area.
func decide(area string, notes map[string]vectors.Note) *decider {
	if area == "chain" || area == "policy" {
		notes["unverified"] = note("none", "A change in what a lock has no reason to verify goes unnoticed.", "PST-DEC-036")
	}
	return &decider{builder: begin[vectors.DecisionParams, vectors.DecisionTest](area, notes)}
}

// of starts a group with a lock.
func (d *decider) of(comment string, alter ...func(*vectors.DecisionParams)) {
	d.own = partyOf("owner")
	d.lock = vectors.DecisionParams{
		ID: lockID, Roots: []vectors.Hex{partyOf("scheme").cose.data}, Floor: now - 10*oneDay,
		Capabilities: wire.CapabilityExtendedLength | wire.CapabilityResumption | wire.CapabilityLiveTime | wire.CapabilityUses, Owner: d.own.key,
	}
	for _, a := range alter {
		a(&d.lock)
	}
	d.group(comment, d.lock)
}

// What the worlds of these areas have in common.
const (
	oneDay  = 86400
	now     = 1803888000 // 2027-03-01T08:00:00Z, a Monday
	oneHour = 3600
)

var (
	lockID      = draw("decision/lock/id", wire.LimitLockIdBytes)
	otherLockID = draw("decision/other lock/id", wire.LimitLockIdBytes)
	areaCode    = []byte("FR75011042")
)

// script is one test on its way.  It knows what the lock holds only because each
// step says what it leaves.
type script struct {
	lock   vectors.DecisionParams
	own    party
	test   vectors.DecisionTest
	state  vectors.DecisionState
	nonce  []byte // that the next step, or the one under way, is given
	live   bool   // and some token bears it
	reason int64  // of the last answer
	asks   bool   // and it asks for a signer: nothing of the chain is verified
}

func (d *decider) script() *script {
	return &script{lock: d.lock, own: d.own, state: vectors.DecisionState{Floor: d.lock.Floor, Sequence: 1}}
}

// add adds a finished script as a test, invalid where its last answer refuses.
func (d *decider) add(twin int, comment string, flags []string, s *script) int {
	if s.reason == wire.ReasonNone {
		if s.asks && !slices.Contains(flags, "unverified") {
			flags = append(flags, "unverified")
		}
		return d.valid(comment, s.test, flags...)
	}
	return d.invalid(twin, s.reason, comment, s.test, flags...)
}

// place returns where an object stands, which it adds at need.
func (s *script) place(object []byte) int {
	i := slices.IndexFunc(s.test.Objects, func(o vectors.Hex) bool { return bytes.Equal(o, object) })
	if i < 0 {
		i = len(s.test.Objects)
		s.test.Objects = append(s.test.Objects, object)
	}
	return i
}

// visitor is whoever holds the phone.
type visitor struct {
	party
	credential []byte
	role       uint64
	service    uint64
	tag        []byte   // in the log
	digest     []byte   // of the grant
	chain      [][]byte // that goes with every first request
	raises     uint32   // the floor, where the grant proves a time
}

// bare is the visit by an owner's key.
func bare(p party) visitor {
	return visitor{party: p, credential: p.claimsSet(), role: wire.RoleOwner, tag: p.keyID()}
}

// demand is what a request asks for.
type demand struct {
	operation uint64
	resource  int
	chain     [][]byte
	documents []signedObject
	flags     int
	reference []byte
	page      *int
	seconds   int
	clock     *vectors.DecisionClock
	charge    *int
	bolt      string
	power     string
}

// want is what becomes of a request.
type want struct {
	outcome   string
	reason    int64
	status    []byte // in place of an outcome
	missing   []byte // in place of an outcome
	documents []int64
	notice    []uint32
	charge    *int
	version   uint32 // of the policy taken
	floor     uint32 // as a document left it
	keeps     bool   // the floor does not rise by the grant
	evidence  uint64 // of the log entry
	time      uint32 // of the evidence, with evidence above floor
	service   uint64 // of the log entry, where not the visitor's
	before    []item // entry of a transfer, but its sequence number
}

func opened() want { return want{outcome: "opened"} }
func done() want   { return want{outcome: "done"} }
func denies(reason int64) want {
	return want{outcome: "refused", reason: reason}
}

// silent is the answer 6982, for a reason that stays in the lock.
func silent(reason int64) want {
	return want{status: sw(wire.StatusRefused), reason: reason, keeps: true}
}

// lacking is the form missing; reason is what a fault was, or none.
func lacking(keyID []byte, reason int64) want {
	return want{missing: keyID, reason: reason, keeps: true}
}

// tap begins a transaction.
func (s *script) tap(v visitor) *tap {
	if !s.live {
		s.nonce = nil
	}
	key, place := v.key, s.place(v.credential)
	s.test.Steps = append(s.test.Steps, vectors.DecisionStep{Key: &key, Credential: &place, Nonce: s.nonce})
	s.live = false
	return &tap{s, v, len(s.test.Steps) - 1}
}

// tap is a transaction under way.
type tap struct {
	*script
	visitor visitor
	step    int
}

// once is a transaction with one request.
func (s *script) once(v visitor, a demand, w want) *script {
	s.tap(v).ask(a, w)
	return s
}

// drawNonce returns the nonce of the next transaction.  The lock of the
// reference mixes what it draws with its id, its newest sequence number, its
// floor and a counter, as section 7.3 advises; nobody else need know that.
func (s *script) drawNonce() []byte {
	raw := sha256.Sum256([]byte(nonceLabel))
	b := append(raw[:], s.lock.ID...)
	for _, v := range []uint32{s.state.Sequence, s.state.Floor, 1} {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	sum := sha256.Sum256(b)
	s.nonce, s.live = sum[:wire.LimitNonceBytes], true
	return s.nonce
}

// nonceLabel is what the lock's random source gives first, hashed.
const nonceLabel = "decision/nonce"

// ask makes one request.
func (t *tap) ask(a demand, w want) *tap {
	if len(t.test.Steps[t.step].Requests) == 0 && a.chain == nil {
		a.chain = t.visitor.chain
	}
	r := vectors.DecisionRequest{Seconds: a.seconds, Clock: a.clock, Charge: a.charge, Bolt: a.bolt, Power: a.power}
	r.Fields, r.Request = t.fields(a)
	if w.version != 0 {
		t.state.Version = w.version
	}
	if w.floor != 0 {
		t.state.Floor = w.floor
	}
	if w.before != nil {
		r.Entries = append(r.Entries, t.entry(w.before...))
	}
	if t.visitor.raises > t.state.Floor && !w.keeps && a.power != "lost-before" && w.outcome != "pending" {
		t.state.Floor = t.visitor.raises
	}
	driven := a.power == "lost-after" || a.power == "" && (w.outcome == "opened" || w.outcome == "unconfirmed" || w.outcome == "failed")
	if driven {
		r.Drives = &a.resource
		r.Entries = append(r.Entries, t.entry(t.opening(a, w, wire.LogOutcomeStarted, wire.ReasonNone)...))
		if w.outcome == "failed" {
			r.Entries = append(r.Entries, t.entry(t.opening(a, w, wire.LogOutcomeFailed, wire.ReasonDrive)...))
		}
	}
	if a.power == "" {
		r.Answer = decisionAnswer(w)
	}
	r.State = t.state
	t.conclude(w)
	step := &t.test.Steps[t.step]
	step.Requests = append(step.Requests, r)
	return t
}

// conclude keeps the reason by which the test is judged if this was its last
// answer.
func (s *script) conclude(w want) {
	s.reason, s.asks = w.reason, w.missing != nil
	if w.outcome == "failed" {
		s.reason = wire.ReasonNone
	}
	for _, d := range w.documents {
		if s.reason == wire.ReasonNone {
			s.reason = d
		}
	}
}

// decisionAnswer is what the phone hears.
func decisionAnswer(w want) *vectors.DecisionAnswer {
	a := &vectors.DecisionAnswer{Status: w.status, Missing: w.missing, Outcome: w.outcome, Notice: w.notice, Charge: w.charge}
	if w.reason != wire.ReasonNone && w.outcome != "" {
		a.Reason = wire.ReasonName(w.reason)
	}
	for _, d := range w.documents {
		a.Documents = append(a.Documents, wire.ReasonName(d))
	}
	return a
}

// fields returns a request in parts and as its bytes.
func (s *script) fields(a demand) (vectors.DecisionFields, []byte) {
	f := vectors.DecisionFields{Operation: int(a.operation), Resource: a.resource, Flags: a.flags, Reference: a.reference, Page: a.page}
	pairs := []item{uintItem(wire.RequestOperation), uintItem(a.operation)}
	if a.resource != 0 {
		pairs = append(pairs, uintItem(wire.RequestResource), uintItem(uint64(a.resource)))
	}
	var objects []item
	for _, o := range a.chain {
		f.Chain = append(f.Chain, s.place(o))
		objects = append(objects, rawItem(o...))
	}
	if len(objects) > 0 {
		pairs = append(pairs, uintItem(wire.RequestChain), arrayItem(objects...))
	}
	objects = nil
	for _, o := range a.documents {
		f.Documents = append(f.Documents, s.place(o.bytes))
		objects = append(objects, rawItem(o.bytes...))
	}
	if len(objects) > 0 {
		pairs = append(pairs, uintItem(wire.RequestDocuments), arrayItem(objects...))
	}
	if a.flags != 0 {
		pairs = append(pairs, uintItem(wire.RequestFlags), uintItem(uint64(a.flags)))
	}
	if a.reference != nil {
		pairs = append(pairs, uintItem(wire.RequestReference), bytesItem(a.reference))
	}
	if a.page != nil {
		pairs = append(pairs, uintItem(wire.RequestPage), uintItem(uint64(*a.page)))
	}
	return f, mapItem(pairs...).data
}

// opening is the log entry of an opening, but its sequence number.
func (t *tap) opening(a demand, w want, outcome, reason uint64) []item {
	at := t.state.Floor
	if w.evidence != wire.EvidenceFloor {
		at = w.time
	}
	service := t.visitor.service
	if w.service != 0 {
		service = w.service
	}
	return []item{
		uintItem(uint64(at)), uintItem(w.evidence), uintItem(a.operation), uintItem(outcome), uintItem(reason),
		uintItem(t.visitor.role), uintItem(service), bytesItem(t.visitor.tag), uintItem(uint64(a.resource)), bytesItem(a.reference),
	}
}

// ownership is the log entry of a change of owner, but its sequence number.
func ownership(at uint32, evidence, outcome uint64, to party) []item {
	return []item{
		uintItem(uint64(at)), uintItem(evidence), uintItem(wire.OperationConfigure), uintItem(outcome), uintItem(wire.ReasonNone),
		uintItem(wire.RoleOwner), uintItem(wire.ServiceNone), bytesItem(to.keyID()), uintItem(0), bytesItem(nil),
	}
}

// entry is the next log entry.
func (s *script) entry(rest ...item) vectors.Hex {
	s.state.Sequence++
	return arrayItem(append([]item{uintItem(uint64(s.state.Sequence))}, rest...)...).data
}

// reset makes somebody the owner by the setup secret and the button.
func (s *script) reset(to party) *script {
	e := s.entry(ownership(s.state.Floor, wire.EvidenceFloor, wire.LogOutcomeReset, to)...)
	key, state := to.key, s.state
	s.test.Steps = append(s.test.Steps, vectors.DecisionStep{Reset: &key, Entries: []vectors.Hex{e}, State: &state})
	s.own = to
	return s
}

// takes has the owner hand over documents that the lock takes, by a request for
// status.  The script must say what they leave: version and floor, 0 as before.
func (s *script) takes(version, floor uint32, documents ...signedObject) *script {
	return s.once(bare(s.own), demand{documents: documents}, want{
		outcome: "done", documents: make([]int64, len(documents)), version: version, floor: floor,
	})
}

// visit adds a test that ends with one request.
func (d *decider) visit(twin int, comment string, flags []string, s *script, v visitor, a demand, w want) int {
	return d.add(twin, comment, flags, s.once(v, a, w))
}

// do asks for an operation and nothing else.
func do(operation uint64) demand { return demand{operation: operation} }
