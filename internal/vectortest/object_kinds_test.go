package vectortest

import (
	"errors"
	"strconv"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/spec/vectors"
)

func numberOf[N ~uint32](v N) *uint32 {
	n := uint32(v)
	return &n
}

func (objectReader) authority(data []byte, signer suite.PublicKey) (signedObject, vectors.Claims, error) {
	u, err := credential.ParseAuthority(data)
	if err != nil {
		return nil, vectors.Claims{}, err
	}
	v := credential.Verifier{Roots: []credential.PublicKey{signer}}
	if _, err := v.Authority(u); err != nil {
		return nil, vectors.Claims{}, err
	}
	c := u.Claims
	services := []uint32{}
	for _, s := range c.Services {
		services = append(services, uint32(s))
	}
	return u, vectors.Claims{
		Exp: uint32(c.Expires), Iat: uint32(c.IssuedAt), Cnf: toldKey(c.Key), Services: services, Rights: uint32(c.Rights),
		Longest: numberOf(uint32(c.LongestGrant / time.Second)),
	}, nil
}

func (r objectReader) lockCertificate(data []byte, signer suite.PublicKey) (signedObject, vectors.Claims, error) {
	u, err := credential.ParseLockCertificate(data)
	if err != nil {
		return nil, vectors.Claims{}, err
	}
	maker, err := r.signed.of(signer)
	if err != nil {
		return nil, vectors.Claims{}, err
	}
	var v credential.Verifier
	if _, err := v.LockCertificate(u, maker); err != nil {
		return nil, vectors.Claims{}, err
	}
	c := u.Claims
	return u, vectors.Claims{
		Iat: uint32(c.IssuedAt), Cnf: toldKey(c.Key), Lock: c.ID[:], Profile: numberOf(c.Profile), Level: numberOf(c.Level),
	}, nil
}

func (objectReader) grant(data []byte, signer suite.PublicKey) (signedObject, vectors.Claims, error) {
	u, err := credential.ParseGrant(data)
	if err != nil {
		return nil, vectors.Claims{}, err
	}
	var v credential.Verifier
	// Whether an owner may grant this is judged after the signature, and not here.
	_, err = v.OwnerGrant(u, signer)
	if err != nil && !errors.Is(err, credential.ReasonService) && !errors.Is(err, credential.ReasonDelegation) {
		return nil, vectors.Claims{}, err
	}
	c := u.Claims
	claims := vectors.Claims{Exp: uint32(c.Expires), Nbf: uint32(c.NotBefore), Iat: uint32(c.IssuedAt), Cnf: toldKey(c.Holder)}
	if c.Parent != ([32]byte{}) {
		claims.Parent = c.Parent[:]
	}
	for _, e := range c.Scope {
		claims.Entries = append(claims.Entries, entryOf(e))
	}
	return u, claims, nil
}

func entryOf(e credential.Entry) vectors.Entry {
	entry := vectors.Entry{
		Actions: uint32(e.Actions), Schedule: windowsOf(e.Schedule), Delegation: uint32(e.Delegation), Evidence: uint32(e.Evidence),
		Policy: e.PolicyVersion, Resource: uint32(e.Resource), Service: uint32(e.Service),
	}
	if id, ok := e.Target.Lock(); ok {
		entry.Lock = id[:]
	}
	if area, ok := e.Target.Area(); ok {
		entry.Area = area
	}
	if e.Uses != (credential.Uses{}) {
		entry.Uses = &vectors.Uses{Count: uint32(e.Uses.Count), Starts: uint32(e.Uses.Starts)}
	}
	for _, number := range e.Unknown() {
		entry.Unknown = append(entry.Unknown, strconv.FormatUint(number, 10))
	}
	return entry
}

func windowsOf(s credential.Schedule) []vectors.Window {
	var all []vectors.Window
	for _, w := range s {
		all = append(all, vectors.Window{Days: uint32(w.Days), From: uint32(w.From), Until: uint32(w.Until)})
	}
	return all
}

func (objectReader) policy(data []byte, signer suite.PublicKey) (signedObject, vectors.Claims, error) {
	u, err := credential.ParsePolicy(data)
	if err != nil {
		return nil, vectors.Claims{}, err
	}
	var v credential.Verifier
	if _, err := v.Policy(u, signer); err != nil {
		return nil, vectors.Claims{}, err
	}
	c := u.Claims
	claims := vectors.Claims{
		Iat: uint32(c.IssuedAt), Cnf: toldKey(c.Owner), Lock: c.Lock[:], Version: c.Version, Block: uint32(c.Block),
		CoOwners: toldKeys(c.CoOwners), Anchors: toldKeys(c.Anchors), Reset: c.Reset,
	}
	if c.Least > 0 {
		claims.Least = numberOf(c.Least)
	}
	for _, a := range c.Services {
		claims.Admissions = append(claims.Admissions, vectors.Admission{
			Service: uint32(a.Service), Actions: uint32(a.Actions), Evidence: uint32(a.Evidence), Schedule: windowsOf(a.Hours),
		})
	}
	for _, tag := range c.Denied {
		claims.Denied = append(claims.Denied, tag[:])
	}
	if n := c.Notice; n != (credential.Notice{}) {
		claims.Notice = noticeOf(n)
	}
	return u, claims, nil
}

func toldKeys(keys []credential.PublicKey) []vectors.Key {
	var all []vectors.Key
	for _, k := range keys {
		all = append(all, *toldKey(k))
	}
	return all
}

func noticeOf(n credential.Notice) *vectors.Notice {
	return &vectors.Notice{
		Kind: uint32(n.Kind), From: uint32(n.From), Until: uint32(n.Until), Instruction: uint32(n.Instruction), Roles: uint32(n.Roles),
	}
}

func (objectReader) list(data []byte, signer suite.PublicKey) (signedObject, vectors.Claims, error) {
	u, err := credential.ParseRevocationList(data)
	if err != nil {
		return nil, vectors.Claims{}, err
	}
	v := credential.Verifier{Roots: []credential.PublicKey{signer}}
	if _, err := v.SchemeList(u); err != nil {
		return nil, vectors.Claims{}, err
	}
	c := u.Claims
	denials := []vectors.Denial{}
	for _, d := range c.Denied {
		denials = append(denials, vectors.Denial{Tag: d.Tag[:], Exp: uint32(d.Expires)})
	}
	return u, vectors.Claims{Iat: uint32(c.IssuedAt), Version: c.Version, Least: numberOf(c.Least), Denials: denials}, nil
}

func (r objectReader) token(data []byte, signer suite.PublicKey) (signedObject, vectors.Claims, error) {
	u, err := credential.ParseTimeToken(data)
	if err != nil {
		return nil, vectors.Claims{}, err
	}
	authority, err := r.signed.of(signer)
	if err != nil {
		return nil, vectors.Claims{}, err
	}
	var v credential.Verifier
	if _, err := v.TimeToken(u, authority); err != nil {
		return nil, vectors.Claims{}, err
	}
	c := u.Claims
	offset := int(c.Offset)
	claims := vectors.Claims{Iat: uint32(c.Time), Offset: &offset}
	if c.Live {
		claims.Nonce = c.Nonce[:]
	}
	return u, claims, nil
}

func (r objectReader) receipt(data []byte, signer suite.PublicKey) (signedObject, vectors.Claims, error) {
	u, err := credential.ParseReceipt(data)
	if err != nil {
		return nil, vectors.Claims{}, err
	}
	lock, err := r.signed.lock(signer, u.Claims.Lock)
	if err != nil {
		return nil, vectors.Claims{}, err
	}
	var v credential.Verifier
	if _, err := v.Receipt(u, lock); err != nil {
		return nil, vectors.Claims{}, err
	}
	c := u.Claims
	claims := vectors.Claims{
		Iat: uint32(c.Floor), Lock: c.Lock[:], PolicyVersion: numberOf(c.PolicyVersion), Policy: orEmpty(c.Policy[:]), Head: c.Head[:],
	}
	if c.Entry != nil {
		claims.Entry = logEntryOf(*c.Entry)
	}
	return u, claims, nil
}

func logEntryOf(e credential.LogEntry) *vectors.LogEntry {
	return &vectors.LogEntry{
		Sequence: e.Sequence, Time: uint32(e.Time), Evidence: uint32(e.Evidence), Operation: uint32(e.Operation), Outcome: uint32(e.Outcome),
		Reason: uint32(e.Reason), Role: uint32(e.Role), Service: uint32(e.Service), Who: orEmpty(e.Who[:]), Resource: uint32(e.Resource),
		Reference: orEmpty(e.Reference[:]),
	}
}

// orEmpty returns an empty byte string for one of zeros.
func orEmpty(b []byte) vectors.Hex {
	for _, v := range b {
		if v != 0 {
			return b
		}
	}
	return vectors.Hex{}
}
