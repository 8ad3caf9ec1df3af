package target

import (
	"fmt"
	"time"

	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/spec/vectors"
)

// narrow takes numbers of the JSON form into smaller types, and remembers the first
// that does not fit.
type narrow struct{ err error }

func (n *narrow) fault(format string, args ...any) {
	if n.err == nil {
		n.err = fmt.Errorf(format, args...)
	}
}

func (n *narrow) u8(what string, v uint32) uint8 {
	if v > 0xFF {
		n.fault("%s is %d", what, v)
	}
	return uint8(v)
}

func (n *narrow) u16(what string, v uint32) uint16 {
	if v > 0xFFFF {
		n.fault("%s is %d", what, v)
	}
	return uint16(v)
}

func (n *narrow) key(k *vectors.Key) credential.PublicKey {
	if k == nil {
		n.fault("cnf is missing")
		return credential.PublicKey{}
	}
	key, err := world.ParseKeyJSON(*k)
	if err != nil {
		n.fault("%w", err)
	}
	return key
}

func (n *narrow) bytes(what string, to []byte, b vectors.Hex) {
	if copy(to, b) != len(b) || len(b) != len(to) {
		n.fault("%s has %d bytes, not %d", what, len(b), len(to))
	}
}

// only refuses claims of another kind.
func (n *narrow) only(c *vectors.Claims, foreign ...bool) {
	for _, there := range foreign {
		if there {
			n.fault("the claims have what an object of this kind has not")
		}
	}
	if c.PolicyVersion != nil || c.Policy != nil || c.Head != nil || c.Entry != nil {
		n.fault("the claims have what only a receipt has")
	}
}

func authorityClaims(c *vectors.Claims) (credential.AuthorityClaims, error) {
	var n narrow
	out := credential.AuthorityClaims{
		Key: n.key(c.Cnf), IssuedAt: credential.Time(c.Iat), Expires: credential.Time(c.Exp), Rights: credential.Rights(c.Rights),
	}
	for _, s := range c.Services {
		out.Services = append(out.Services, credential.Service(s))
	}
	if c.Longest == nil {
		n.fault("longest is missing")
	} else {
		out.LongestGrant = time.Duration(*c.Longest) * time.Second
	}
	n.only(c, c.Nbf != 0, c.Entries != nil, c.Lock != nil, c.Version != 0)
	return out, n.err
}

func lockClaims(c *vectors.Claims) (credential.LockClaims, error) {
	var n narrow
	out := credential.LockClaims{Key: n.key(c.Cnf), IssuedAt: credential.Time(c.Iat)}
	n.bytes("lock", out.ID[:], c.Lock)
	if c.Profile == nil || c.Level == nil {
		n.fault("profile or level is missing")
	} else {
		out.Profile, out.Level = *c.Profile, *c.Level
	}
	n.only(c, c.Exp != 0, c.Nbf != 0, c.Entries != nil, c.Version != 0)
	return out, n.err
}

func grantClaims(c *vectors.Claims) (credential.GrantClaims, error) {
	var n narrow
	out := credential.GrantClaims{
		Holder: n.key(c.Cnf), IssuedAt: credential.Time(c.Iat), NotBefore: credential.Time(c.Nbf), Expires: credential.Time(c.Exp),
	}
	if c.Parent != nil {
		n.bytes("parent", out.Parent[:], c.Parent)
	}
	for _, e := range c.Entries {
		out.Scope = append(out.Scope, n.entry(e))
	}
	n.only(c, c.Lock != nil, c.Version != 0)
	return out, n.err
}

// entry reads one of a grant's scope.
func (n *narrow) entry(e vectors.Entry) credential.Entry {
	out := credential.Entry{
		Actions: credential.Actions(e.Actions), Delegation: n.u8("delegation", e.Delegation), Evidence: credential.Evidence(n.u8("evidence", e.Evidence)),
		PolicyVersion: e.Policy, Resource: n.u8("resource", e.Resource), Service: credential.Service(e.Service), Schedule: n.schedule(e.Schedule),
	}
	switch {
	case (e.Lock == nil) == (e.Area == nil):
		n.fault("an entry is for a lock or for an area")
	case e.Area != nil:
		out.Target = credential.AreaTarget(e.Area)
	default:
		var id credential.LockID
		n.bytes("lock", id[:], e.Lock)
		out.Target = credential.LockTarget(id)
	}
	if e.Uses != nil {
		out.Uses = credential.Uses{Count: n.u8("count", e.Uses.Count), Starts: n.u8("starts", e.Uses.Starts)}
		if out.Uses == (credential.Uses{}) {
			n.fault("uses of nothing")
		}
	}
	if len(e.Unknown) > 0 {
		n.fault("a condition that no registry lists")
	}
	return out
}

func (n *narrow) schedule(all []vectors.Window) credential.Schedule {
	if all == nil {
		return nil
	}
	out := credential.Schedule{}
	for _, w := range all {
		out = append(out, credential.Window{Days: credential.Days(n.u8("days", w.Days)), From: n.u16("from", w.From), Until: n.u16("until", w.Until)})
	}
	return out
}

func policyClaims(c *vectors.Claims) (credential.PolicyClaims, error) {
	var n narrow
	out := credential.PolicyClaims{
		Version: c.Version, IssuedAt: credential.Time(c.Iat), Owner: n.key(c.Cnf), Block: credential.Block(n.u8("block", c.Block)), Reset: c.Reset,
	}
	n.bytes("lock", out.Lock[:], c.Lock)
	for _, a := range c.Admissions {
		out.Services = append(out.Services, credential.Admission{
			Service: credential.Service(a.Service), Actions: credential.Actions(a.Actions), Evidence: credential.Evidence(n.u8("evidence", a.Evidence)), Hours: n.schedule(a.Schedule),
		})
	}
	if c.Least != nil {
		if out.Least = *c.Least; out.Least == 0 {
			n.fault("least is 0")
		}
	}
	for _, tag := range c.Denied {
		var t credential.Tag
		n.bytes("a tag", t[:], tag)
		out.Denied = append(out.Denied, t)
	}
	for _, k := range c.CoOwners {
		out.CoOwners = append(out.CoOwners, n.key(&k))
	}
	for _, k := range c.Anchors {
		out.Anchors = append(out.Anchors, n.key(&k))
	}
	if c.Notice != nil {
		out.Notice = n.notice(*c.Notice)
	}
	n.only(c, c.Exp != 0, c.Nbf != 0, c.Entries != nil, c.Denials != nil)
	return out, n.err
}

func (n *narrow) notice(v vectors.Notice) credential.Notice {
	if v.Kind == 0 {
		n.fault("a notice of kind 0")
	}
	return credential.Notice{
		Kind: credential.NoticeKind(n.u8("kind", v.Kind)), From: credential.Time(v.From), Until: credential.Time(v.Until),
		Instruction: credential.Instruction(n.u8("instruction", v.Instruction)), Roles: credential.NoticeRoles(n.u8("roles", v.Roles)),
	}
}

func revocationClaims(c *vectors.Claims) (credential.RevocationClaims, error) {
	var n narrow
	out := credential.RevocationClaims{IssuedAt: credential.Time(c.Iat), Version: c.Version}
	if c.Least == nil {
		n.fault("least is missing")
	} else {
		out.Least = credential.Time(*c.Least)
	}
	for _, d := range c.Denials {
		var t credential.Tag
		n.bytes("a tag", t[:], d.Tag)
		out.Denied = append(out.Denied, credential.Denial{Tag: t, Expires: credential.Time(d.Exp)})
	}
	n.only(c, c.Exp != 0, c.Nbf != 0, c.Entries != nil, c.Cnf != nil)
	return out, n.err
}
