package mutants

import (
	"slices"

	"github.com/postern-lock/postern/conformance/shim"
)

// Files of the reference issuer.
const (
	unsigned = "credential/unsigned.go"
	scope    = "credential/scope_cbor.go"
	policyC  = "credential/policy_check.go"
	policyE  = "credential/policy_cbor.go"
	hPass    = "credential/holder/delegate.go"
	iScheme  = "issuer/scheme.go"
	tIssuer  = "conformance/target/issuer.go"
)

// signers are the mutants of issuers.
var signers = slices.Concat(signerForms, signerGrants, signerRights, signerDocuments)

// signerForms are those of chapter 3 and of section 4.1.
var signerForms = []Mutant{
	signer("signs-long-times", "PST-ENC-001", "encodes the end of a grant in eight bytes", in(grant, `b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ClaimExp), uint64(c.Expires))`, `b = append(dcbor.AppendInt(b, wire.ClaimExp), 0x1B, 0, 0, 0, 0, byte(c.Expires>>24), byte(c.Expires>>16), byte(c.Expires>>8), byte(c.Expires))`)),
	signer("signs-claims-in-another-order", "PST-ENC-001", "puts iat after cnf in a lock certificate", in("credential/lockcert.go", `b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ClaimIat), uint64(c.IssuedAt))
	b = appendConfirmation(b, c.Key)`, `b = appendConfirmation(b, c.Key)
	b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ClaimIat), uint64(c.IssuedAt))`)),
	signer("signs-settings-in-another-order", "PST-ENC-001", "puts the anchors of a policy before its co-owners", in(policyE, `s.keys(wire.PolicyCoOwners, c.CoOwners)`, `s.keys(wire.PolicyAnchors, c.Anchors)`), in(policyE, "s.keys(wire.PolicyAnchors, c.Anchors)\n", "s.keys(wire.PolicyCoOwners, c.CoOwners)\n")),
	signer("signs-a-text", "PST-ENC-001", "writes the area of a grant as text", in(scope, `b = dcbor.AppendBytes(b, []byte(e.Target.other))`, `b = append(append(b, 0x60|byte(len(e.Target.other))), e.Target.other...)`)),
	signer("signs-five-elements", "PST-OBJ-001#1", "puts a fifth element into an object", in(unsigned, `b = dcbor.AppendArray(b, 4)
	b = dcbor.AppendBytes(b, protected)`, `b = dcbor.AppendArray(b, 5)
	b = dcbor.AppendBytes(b, protected)`), in(unsigned, `return dcbor.AppendBytes(b, signature)`, `return append(dcbor.AppendBytes(b, signature), 0)`), lax),
	signer("signs-tagged", "PST-OBJ-001#1", "puts the tag of COSE_Sign1 before an object", in(unsigned, `b = dcbor.AppendArray(b, 4)
	b = dcbor.AppendBytes(b, protected)`, `b = dcbor.AppendArray(append(b, 0xD2), 4)
	b = dcbor.AppendBytes(b, protected)`), lax),
	signer("signs-a-fourth-label", "PST-OBJ-001#2", "puts a fourth label into the protected header", in(unsigned, `b = dcbor.AppendMap(b, 3)`, `b = dcbor.AppendMap(b, 4)`), in(unsigned, `return dcbor.AppendUint(dcbor.AppendInt(b, wire.HeaderTyp), typ)`, `return append(dcbor.AppendUint(dcbor.AppendInt(b, wire.HeaderTyp), typ), 0x18, 99, 0)`), lax),
	signer("signs-an-unprotected-label", "PST-OBJ-001#3", "puts the key id into the unprotected header too", in(unsigned, `b = dcbor.AppendMap(b, 0)`, `b = append(dcbor.AppendMap(b, 1), 4, 0x40)`), lax),
	signer("signs-another-alg", "PST-OBJ-001#4", "names the algorithm EdDSA", in(unsigned, `dcbor.AppendInt(dcbor.AppendInt(b, wire.HeaderAlg), int64(h.alg))`, `dcbor.AppendInt(dcbor.AppendInt(b, wire.HeaderAlg), -8)`)),
	signer("signs-alg-of-ed25519", "PST-OBJ-001#4", "names Ed25519 with a P-256 key too", in(unsigned, `dcbor.AppendInt(dcbor.AppendInt(b, wire.HeaderAlg), int64(h.alg))`, `dcbor.AppendInt(dcbor.AppendInt(b, wire.HeaderAlg), wire.AlgEd25519)`)),
	signer("signs-another-kid", "PST-OBJ-001#5", "names the last eight bytes of the digest of its key", in(unsigned, `dcbor.AppendBytes(dcbor.AppendInt(b, wire.HeaderKid), h.signer[:])`, `dcbor.AppendBytes(dcbor.AppendInt(b, wire.HeaderKid), append(append([]byte{}, h.signer[1:]...), 0))`)),
	signer("signs-another-typ", "PST-OBJ-001#6", "names the next kind of object", in(unsigned, `wire.HeaderTyp), typ)`, `wire.HeaderTyp), typ+1)`), lax),
	signer("signs-a-further-claim", "PST-OBJ-001#7", "puts a claim iss into a grant", in(grant, "if c.NotBefore == 0 {\n\t\tb = dcbor.AppendMap(b, 4)\n\t} else {\n\t\tb = dcbor.AppendMap(b, 5)\n\t}", "n := 5\n\tif c.NotBefore != 0 {\n\t\tn = 6\n\t}\n\tb = append(dcbor.AppendMap(b, n), 1, 0x40)")),
	signer("signs-without-iat", "PST-OBJ-001#7", "leaves iat out of a token", in("credential/timetoken.go", "b = dcbor.AppendMap(b, 2)\n\tb = dcbor.AppendUint(dcbor.AppendInt(b, wire.ClaimIat), uint64(c.Time))", "b = dcbor.AppendMap(b, 1)")),
	signer("signs-wide-versions", "PST-OBJ-001#8", "gives a policy a version over 32 bits", in(policyE, `b = dcbor.AppendUint(b, uint64(c.Version))`, `b = dcbor.AppendUint(b, uint64(c.Version)<<32)`)),
	signer("signs-wide-grants", "PST-OBJ-001#8", "gives a grant an end over 32 bits", in(grant, `uint64(c.Expires))`, `uint64(c.Expires)<<32)`)),
	signer("signs-nothing", "PST-OBJ-046", "puts 64 zeros into the place of a signature", in("issuer/signer.go", `return u.WithSignature(signature)`, `return u.WithSignature(make([]byte, len(signature)))`)),
	signer("signs-the-payload-alone", "PST-OBJ-046", "signs the payload without the header", in("issuer/signer.go", `message := u.ToBeSigned()`, `message := u.ToBeSigned()[40:]`)),
	signer("signs-an-unlisted-action", "PST-REG-004", "signs an action that the registry does not list", in("credential/scope.go", `case e.Actions == 0 || e.Actions&^allActions != 0:`, `case e.Actions == 0:`)),
	signer("signs-an-unlisted-block", "PST-REG-004", "signs a block that the registry does not list", in(policyC, `case c.Block&^allBlocks != 0:`, `case false:`)),
	signer("signs-an-unlisted-right", "PST-REG-004", "signs a right that the registry does not list", in(authority, `case c.Rights == 0 || c.Rights&^allRights != 0:`, `case c.Rights == 0:`)),
	signer("signs-an-unlisted-condition", "PST-REG-004", "signs an evidence that the registry does not list", in(conditions, `case e.Evidence > EvidenceClock:`, `case false:`)),
}

// signerGrants are those of authorities and grants.  No claims have more conditions
// than the registry lists, so that none makes nine: row 7 of PST-OBJ-034 is broken
// with the others of its entry.
var signerGrants = slices.Concat(
	alike(shim.RoleIssuer, "authority-ends-first", "authority-services-unordered", "authority-services-without-issue", "authority-longest-without-issue", "authority-without-rights",
		"authority-with-unknown-rights", "nbf-before-iat", "grant-ends-first", "grant-ends-before-nbf", "grant-without-actions", "grant-with-unknown-actions",
		"starts-over-three", "delegation-over-two", "evidence-over-three"),
	[]Mutant{
		signer("nbf-without-need", "PST-OBJ-034#1", "puts nbf into every grant", in(grant, "if c.NotBefore == 0 {\n\t\tb = dcbor.AppendMap(b, 4)\n\t} else {", "if c.NotBefore == 0 {\n\t\tc.NotBefore = c.IssuedAt\n\t\tb = dcbor.AppendMap(b, 5)\n\t} else {")),
		signer("nbf-equal", "PST-OBJ-034#1", "signs an nbf that equals iat", in(grant, `c.NotBefore <= c.IssuedAt:`, `c.NotBefore < c.IssuedAt:`)),
		signer("conditions-empty", "PST-OBJ-034#6", "writes an empty map where there is no condition", in(scope, `b = dcbor.AppendArray(b, 3+min(conditions, 1))`, `b = dcbor.AppendArray(b, 4+0*conditions)`), in(scope, "if conditions == 0 {\n\t\treturn b\n\t}", "")),
		signer("conditions-by-two", "PST-OBJ-034#7", "writes the keys of conditions as negative numbers", in(conditions, `b = dcbor.AppendUint(dcbor.AppendUint(b, c.number), c.value)`, `b = dcbor.AppendUint(dcbor.AppendInt(b, -int64(c.number)), c.value)`)),
		signer("uses-of-nothing", "PST-OBJ-034#8", "signs a condition of no uses", in(conditions, `(u.Count == 0 || u.Starts == 0`, `(u.Starts == 0`)),
		signer("parent-zeros-written", "PST-OBJ-034#9", "writes 32 zero bytes where a grant has no parent", in(scope, `if c.delegated() {`, `if true {`)),
		signer("owner-in-a-service", "PST-OBJ-034", "has an owner grant in the name of a service", in(allow, `return c.inNoService("an owner")`, `return nil`)),
		signer("owner-below-a-grant", "PST-OBJ-034", "has an owner sign below another grant", in(allow, "if err := c.undelegated(); err != nil {\n\t\treturn err\n\t}\n\treturn c.inNoService(\"an owner\")", "return c.inNoService(\"an owner\")"), in(grant, "if c.delegated() {\n\t\tif err", "if false {\n\t\tif err")),
		signer("key-of-small-order", "PST-OBJ-046", "signs for a key of small order", in(edwards, `if point.MultByCofactor(point).Equal(edwards25519.NewIdentityPoint()) == 1 {`, `if point == nil {`)),
		signer("key-off-the-curve", "PST-OBJ-046", "signs for a P-256 key of no point", in(suiteKey, `return PublicKey{}, fail(ErrKey, "P-256 x-coordinate is not on the curve", nil)`, `return PublicKey{AlgESP256, [CoordinateSize]byte(x), [CoordinateSize]byte(x)}, nil`)),
		signer("five-entries", "PST-OBJ-046", "signs a grant with five entries", in(grant, `n == 0 || n > wire.LimitScopeEntries {`, `n == 0 {`)),
		signer("no-entries", "PST-OBJ-046", "signs a grant without entries", in(grant, `n == 0 || n > wire.LimitScopeEntries {`, `n > wire.LimitScopeEntries {`)),
		signer("area-of-seventeen", "PST-OBJ-046", "signs an area code of 17 bytes", in("credential/scope.go", `(n == 0 || n > wire.LimitAreaBytes):`, `n == 0:`)),
		signer("nine-services", "PST-OBJ-046", "certifies nine services", in(authority, `case len(c.Services) > wire.LimitServices:`, `case false:`)),
	},
	alikeSchedules())

// alikeSchedules are those of section 16.4.
func alikeSchedules() []Mutant {
	return append(alike(shim.RoleIssuer, "window-without-days", "window-backwards", "schedule-of-nine"),
		signer("schedule-of-none", "PST-TIME-018", "signs a schedule without windows", in("credential/schedule.go", `if s != nil && len(s) == 0 || len(s) >`, `if len(s) >`)),
		signer("window-of-an-eighth-day", "PST-TIME-018", "signs a window on an eighth day", in("credential/schedule.go", `w.Days > EveryDay ||`, ``)),
		signer("window-behind-midnight", "PST-TIME-018", "signs a window that ends behind midnight", in("credential/schedule.go", `|| w.Until > wire.LimitDayMinutes {`, `{`)))
}

// signerRights are those of what an issuer may sign.
var signerRights = []Mutant{
	signer("grant-too-long", "PST-OBJ-047", "signs a grant that is longer than its certificate allows", in(allow, `long > a.LongestGrant() {`, `long < 0 {`)),
	signer("grant-outside-the-certificate", "PST-OBJ-047", "signs a grant from outside the time of its certificate", in(allow, "if err := a.Covers(c.IssuedAt); err != nil {\n\t\treturn err\n\t}", "")),
	signer("grant-after-the-certificate", "PST-OBJ-047", "signs a grant when its certificate has ended", in(allow, `iat > a.Expires() {`, `false {`)),
	signer("grant-of-another-service", "PST-OBJ-047", "signs a grant in the name of a service that it has not", in(allow, `case s != ServiceNone && !slices.Contains(held, s):`, `case s > 1000 && !slices.Contains(held, s):`)),
	signer("grant-of-no-service", "PST-OBJ-047", "names no service where it has several", in(allow, `case s == ServiceNone && len(held) != 1:`, `case false:`)),
	signer("grant-without-the-right", "PST-OBJ-047", "signs grants without the right to issue", in(iScheme, `case !authority.Rights().Has(right):`, `case right != credential.RightIssue && !authority.Rights().Has(right):`), in(allow, `if !a.Rights().Has(RightIssue) {`, `if false {`), in(allow, `long > a.LongestGrant() {`, `long > a.LongestGrant() && a.Rights().Has(RightIssue) {`), in(allow, `case s == ServiceNone && len(held) != 1:`, `case s == ServiceNone && len(held) > 1:`)),
	signer("operator-below-a-grant", "PST-OBJ-047", "has an operator sign below another grant", in(allow, "if err := c.undelegated(); err != nil {\n\t\treturn err\n\t}\n\tif !a.Rights()", "if !a.Rights()")),
	signer("list-without-the-right", "PST-OBJ-046", "signs lists without the right to revoke", in(iScheme, `case !authority.Rights().Has(right):`, `case right != credential.RightRevoke && !authority.Rights().Has(right):`)),
	signer("token-without-the-right", "PST-OBJ-046", "signs tokens without the right to tell the time", in(iScheme, `case !authority.Rights().Has(right):`, `case right != credential.RightTime && !authority.Rights().Has(right):`)),
	signer("lock-without-the-right", "PST-OBJ-046", "certifies locks without the right to", in(iScheme, `case !authority.Rights().Has(right):`, `case right != credential.RightLock && !authority.Rights().Has(right):`)),
	signer("outside-the-certificate", "PST-OBJ-046", "signs lists and tokens from outside the time of its certificate", in(iScheme, "if err := c.authority.Covers(iat); err != nil {\n\t\treturn nil, err\n\t}", "")),
	signer("five-links", "PST-DLG-004#1", "signs a fourth link", in(hPass, `case len(links) >= wire.LimitLinks:`, `case false:`), in(hPass, `case above.Delegation < below:`, `case false:`)),
	signer("link-of-a-service", "PST-DLG-004#2", "delegates in the name of a service", in(grant, "if err := c.inNoService(\"a holder\"); err != nil {\n\t\t\treturn Unsigned{}, err\n\t\t}", "")),
	signer("link-too-early", "PST-DLG-004#3", "signs a link that is older than its parent", in(hPass, `claims.IssuedAt < above.IssuedAt {`, `claims.IssuedAt < above.IssuedAt && false {`)),
	signer("link-too-late", "PST-DLG-004#3", "signs a link when its parent has ended", in(hPass, `if claims.Expires > above.Expires ||`, `if`)),
	signer("link-not-allowed", "PST-DLG-004#4", "delegates what its grant does not let it delegate", in(hPass, `case above.Delegation < below:`, `case false:`)),
}

// signerDocuments are those of policies, lists and tokens.
var signerDocuments = slices.Concat(
	alike(shim.RoleIssuer, "block-unknown", "admissions-nine", "denied-seventeen", "co-owners-five", "notice-unknown", "anchors-three", "admissions-unordered",
		"admission-without-actions", "denied-unordered", "keys-twice", "owner-as-co-owner", "notice-backwards", "list-of-25", "list-unordered", "list-least-after-iat"),
	[]Mutant{
		signer("least-0-written", "PST-OWN-001#3", "writes a least of 0", in(policyE, `if c.Least != 0 {`, `if true {`)),
		signer("reset-false-written", "PST-OWN-001#8", "writes a reset that is false", in(policyE, "if c.Reset {\n\t\ts.b = dcbor.AppendBool(s.label(wire.PolicyReset), true)", "if true {\n\t\ts.b = dcbor.AppendBool(s.label(wire.PolicyReset), c.Reset)")),
		signer("admission-without-schedule", "PST-OWN-001#9", "signs an admission with evidence and no schedule", in(policyC, `case (len(a.Hours) > 0) != (a.Evidence != EvidenceFloor):`, `case false:`), in(policyE, "if len(a.Hours) == 0 {\n\t\tb = dcbor.AppendArray(b, 2)\n\t} else {", "if len(a.Hours) == 0 && a.Evidence == 0 {\n\t\tb = dcbor.AppendArray(b, 2)\n\t} else {"), in(policyE, "if len(a.Hours) == 0 {\n\t\treturn b", "if len(a.Hours) == 0 && a.Evidence == 0 {\n\t\treturn b")),
		signer("tags-apart", "PST-OWN-001#12", "leaves a byte between denied tags", in(policyE, `len(c.Denied)*len(Tag{}))`, `len(c.Denied)*(len(Tag{})+1))`), in(policyE, `s.b = append(s.b, t[:]...)`, `s.b = append(append(s.b, t[:]...), 0)`)),
		signer("policy-versions-fall", "PST-OWN-007", "signs a policy of a version that it signed before", in(tIssuer, `if claims.Version != 0 && claims.Version <= i.policies[claims.Lock] {`, `if false {`)),
		signer("policy-versions-repeat", "PST-OWN-007", "signs another policy of the last version", in(tIssuer, `claims.Version <= i.policies[claims.Lock] {`, `claims.Version < i.policies[claims.Lock] {`)),
		signer("grant-under-no-policy", "PST-OWN-026", "names no version of policy in a grant", in(tIssuer, "i.underPolicy(claims.Scope)\n", "")),
		signer("grant-under-the-policy-once", "PST-OWN-026", "names the version of policy in the first entry alone", in(tIssuer, `i.underPolicy(claims.Scope)`, `i.underPolicy(claims.Scope[:min(1, len(claims.Scope))])`)),
		signer("grant-under-any-policy", "PST-OWN-026", "names the version of policy of another lock", in(tIssuer, `max(scope[n].PolicyVersion, i.policies[lock])`, `max(scope[n].PolicyVersion, i.policies[lock], 5*uint32(min(1, len(i.policies))))`)),
		signer("list-versions-fall", "PST-REV-004", "signs a list of a version that it signed before", in(tIssuer, `if claims.Version != 0 && claims.Version <= i.lists {`, `if false {`)),
		signer("list-versions-repeat", "PST-REV-004", "signs another list of the last version", in(tIssuer, `claims.Version <= i.lists {`, `claims.Version < i.lists {`)),
		signer("offset-of-any-size", "PST-TIME-014", "signs an offset of any size", in("credential/timetoken.go", `case c.Offset < -wire.LimitOffsetMinutes || c.Offset > wire.LimitOffsetMinutes:`, `case false:`)),
		signer("offset-of-any-size-west", "PST-TIME-014", "signs an offset of any size to the west", in("credential/timetoken.go", `case c.Offset < -wire.LimitOffsetMinutes || c.Offset > wire.LimitOffsetMinutes:`, `case c.Offset > wire.LimitOffsetMinutes:`)),
		signer("offset-without-sign", "PST-TIME-014", "signs offsets to the west as numbers without a sign", in("credential/timetoken.go", "s = dcbor.AppendInt(dcbor.AppendArray(s, 2), int64(c.Offset))", "s = dcbor.AppendInt(dcbor.AppendArray(s, 2), int64(uint16(c.Offset)))")),
	})
