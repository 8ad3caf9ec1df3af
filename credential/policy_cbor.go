package credential

import (
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

const policyScopeName = policyName + ": scope"

// read decodes the claims set of a policy.
//
//	policy = { 6: iat, 8: cnf, 9: bstr .cbor scope }
func (c *PolicyClaims) read(payload []byte, from origin) error {
	r := read(policyName, payload)
	r.from = from
	r.pairs("claims", 3, 3, ReasonMalformed)
	c.IssuedAt = r.moment(wire.ClaimIat, "iat")
	c.Owner = r.confirmation()
	r.label(wire.ClaimScope, "scope")
	scope := r.bytes("scope")
	if err := r.close(); err != nil {
		return err
	}
	if err := c.readScope(scope); err != nil {
		return err
	}
	return c.check()
}

// readScope decodes the scope of a policy.
//
//	scope = [ lock-id, version, { settings } ]
func (c *PolicyClaims) readScope(data []byte) error {
	r := read(policyScopeName, data)
	r.array("fields", 3, 3, ReasonMalformed)
	c.Lock = LockID(r.sized("lock id", len(c.Lock)))
	c.Version = r.positive("version")
	for range r.pairs("settings", 0, wire.LimitCborItems, ReasonMalformed) {
		c.readSetting(&r)
	}
	return r.close()
}

// readSetting decodes one setting of the registry policy-fields.  No two have
// the same label, since a map has none twice.
func (c *PolicyClaims) readSetting(r *reader) {
	switch label := r.wide("settings"); label {
	case wire.PolicyBlock:
		c.Block = Block(r.from1("block", uint32(allBlocks)))
	case wire.PolicyServices:
		c.Services = make([]Admission, r.array("services", 1, wire.LimitAdmissions, ReasonLimit))
		for i := range c.Services {
			c.Services[i].read(r)
		}
	case wire.PolicyLeast:
		c.Least = r.positive("least")
	case wire.PolicyDenied:
		c.readDenied(r)
	case wire.PolicyCoOwners:
		c.CoOwners = r.keys("co-owners", wire.LimitCoOwners)
	case wire.PolicyNotice:
		c.Notice.read(r)
	case wire.PolicyAnchors:
		c.Anchors = r.keys("anchors", wire.LimitAnchors)
	case wire.PolicyReset:
		if c.Reset = r.boolean("reset"); !c.Reset {
			r.refuse(ReasonMalformed, "reset", "must be true, or be left out")
		}
	default:
		r.refuse(ReasonMalformed, "settings", "%d is none of this version", label)
	}
}

// read decodes what one service may.
//
//	admission = [ service, actions ] / [ service, actions, evidence: 1..3, schedule ]
func (a *Admission) read(r *reader) {
	n := r.array("services: service", 2, 4, ReasonMalformed)
	a.Service = Service(r.number("services: service"))
	a.Actions = Actions(r.number("services: actions"))
	switch n {
	case 3:
		r.refuse(ReasonMalformed, "services: service", "hours and evidence go together")
	case 4:
		a.Evidence = Evidence(r.from1("services: evidence", uint32(EvidenceClock)))
		a.Hours.read(r, "services: hours")
	}
}

// readDenied decodes the tags denied, which stand one after the other in one
// byte string.
func (c *PolicyClaims) readDenied(r *reader) {
	b := r.bytes("denied")
	n := len(b) / len(Tag{})
	switch {
	case len(b)%len(Tag{}) != 0:
		r.refuse(ReasonMalformed, "denied", "must be a multiple of %d bytes, has %d", len(Tag{}), len(b))
		return
	case n == 0 || n > wire.LimitDenied:
		r.refuse(ReasonLimit, "denied", "1 to %d tags are allowed, this has %d", wire.LimitDenied, n)
		return
	}
	for ; len(b) > 0; b = b[len(Tag{}):] {
		c.Denied = append(c.Denied, Tag(b))
	}
}

// keys reads a list of 1 to most public keys.
func (r *reader) keys(field string, most int) []PublicKey {
	keys := make([]PublicKey, r.array(field, 1, most, ReasonLimit))
	for i := range keys {
		keys[i] = r.key(field)
	}
	return keys
}

// append encodes the claims set.
func (c *PolicyClaims) append(b []byte) []byte {
	scope := c.appendScope(make([]byte, 0, 128))
	b = dcbor.AppendMap(b, 3)
	b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ClaimIat), uint64(c.IssuedAt))
	b = appendConfirmation(b, c.Owner)
	return dcbor.AppendBytes(dcbor.AppendInt(b, wire.ClaimScope), scope)
}

// settings are those of a policy, encoded, and how many they are.
type settings struct {
	n int
	b []byte
}

// label begins the next setting.
func (s *settings) label(v int64) []byte {
	s.n++
	return dcbor.AppendInt(s.b, v)
}

// appendScope encodes the scope of a policy.
func (c *PolicyClaims) appendScope(b []byte) []byte {
	b = dcbor.AppendArray(b, 3)
	b = dcbor.AppendBytes(b, c.Lock[:])
	b = dcbor.AppendUint(b, uint64(c.Version))
	head := len(b) // of the settings: one byte, whose count is known at their end
	s := settings{b: append(b, 0)}
	if c.Block != 0 {
		s.b = dcbor.AppendUint(s.label(wire.PolicyBlock), uint64(c.Block))
	}
	if len(c.Services) > 0 {
		s.b = dcbor.AppendArray(s.label(wire.PolicyServices), len(c.Services))
		for i := range c.Services {
			s.b = c.Services[i].append(s.b)
		}
	}
	if c.Least != 0 {
		s.b = dcbor.AppendUint(s.label(wire.PolicyLeast), uint64(c.Least))
	}
	if len(c.Denied) > 0 {
		s.b = dcbor.AppendBytesHead(s.label(wire.PolicyDenied), len(c.Denied)*len(Tag{}))
		for _, t := range c.Denied {
			s.b = append(s.b, t[:]...)
		}
	}
	s.keys(wire.PolicyCoOwners, c.CoOwners)
	if c.Notice != (Notice{}) {
		s.b = c.Notice.append(s.label(wire.PolicyNotice))
	}
	s.keys(wire.PolicyAnchors, c.Anchors)
	if c.Reset {
		s.b = dcbor.AppendBool(s.label(wire.PolicyReset), true)
	}
	dcbor.AppendMap(s.b[:head], s.n)
	return s.b
}

// keys adds a list of keys, where there are any.
func (s *settings) keys(label int64, keys []PublicKey) {
	if len(keys) == 0 {
		return
	}
	s.b = dcbor.AppendArray(s.label(label), len(keys))
	for _, k := range keys {
		s.b = appendKey(s.b, k)
	}
}

// append encodes what one service may.
func (a *Admission) append(b []byte) []byte {
	if len(a.Hours) == 0 {
		b = dcbor.AppendArray(b, 2)
	} else {
		b = dcbor.AppendArray(b, 4)
	}
	b = dcbor.AppendUint(b, uint64(a.Service))
	b = dcbor.AppendUint(b, uint64(a.Actions))
	if len(a.Hours) == 0 {
		return b
	}
	return a.Hours.append(dcbor.AppendUint(b, uint64(a.Evidence)))
}
