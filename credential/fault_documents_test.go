package credential_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// setting makes a policy with one setting.
func setting(label int64, value cbor) func(*forge) {
	return scoped(policyScope(pair{num(label), value}))
}

// admitting makes a policy that admits one service, by these elements.
func admitting(items ...cbor) func(*forge) { return setting(2, list(list(items...))) }

// noticing makes a policy with a notice of these numbers.
func noticing(n ...int64) func(*forge) { return setting(6, numlist(n...)) }

// admissions are n services that may do everything.
func admissions(n int64) []cbor {
	var out []cbor
	for i := range n {
		out = append(out, list(num(i+1), num(127)))
	}
	return out
}

// coseKey is the COSE_Key of a name, changed by spoil.
func coseKey(name string, spoil ...func([]pair) []pair) cbor {
	pairs := edKey(name).cose()
	for _, s := range spoil {
		pairs = s(pairs)
	}
	return dict(pairs...)
}

// coseKeys are n keys.
func coseKeys(n int) []cbor {
	var out []cbor
	for i := range n {
		out = append(out, coseKey(string(rune('a'+i))))
	}
	return out
}

func TestFaultsOfPolicies(t *testing.T) {
	id := bstr(lockID[:]...)
	falling := slices.Concat(tags(2)[8:], tags(1))
	requireFaults(t, policyKind, []structural{
		{"claims with exp", func(f *forge) { f.claims = set(f.claims, 4, num(expires)) }, malformed, "claims"},
		{"scope of two fields", scoped(list(id, num(1))), malformed, "scope: fields"},
		{"scope of four fields", scoped(list(id, num(1), dict(), num(0))), malformed, "scope: fields"},
		{"lock id of 7 bytes", scoped(list(bstr(lockID[:7]...), num(1), dict())), malformed, "scope: lock id"},
		{"lock id of 9 bytes", scoped(list(bstr(append(lockID[:], 0)...), num(1), dict())), malformed, "scope: lock id"},
		{"version zero", scoped(list(id, num(0), dict())), malformed, "scope: version: must not be zero"},
		{"version of 33 bits", scoped(list(id, num(1<<32), dict())), malformed, "scope: version"},
		{"version negative", scoped(list(id, num(-1), dict())), malformed, "scope: version"},
		{"settings an array", scoped(list(id, num(1), list())), malformed, "scope: settings"},
		{"settings a number", scoped(list(id, num(1), num(0))), malformed, "scope: settings"},
		{"setting zero", setting(0, num(1)), malformed, "scope: settings: 0 is none"},
		{"setting 9", setting(9, num(1)), malformed, "scope: settings: 9 is none"},
		{"a negative setting", setting(-1, num(1)), malformed, "scope: settings"},
		{"a setting with a byte string for label", scoped(policyScope(pair{bstr(1), num(1)})), malformed, "scope: settings"},
		{"settings unsorted", scoped(policyScope(pair{num(3), num(1)}, pair{num(1), num(1)})), malformed, "not in order"},
		{"a setting twice", scoped(policyScope(pair{num(1), num(1)}, pair{num(1), num(2)})), malformed, "twice"},
		{"block zero", setting(1, num(0)), malformed, "scope: block: must not be zero"},
		{"block with an unknown bit", setting(1, num(4)), malformed, "scope: block"},
		{"block of 33 bits", setting(1, num(1<<32|1)), malformed, "scope: block"},
		{"block true", setting(1, yes), malformed, "scope: block"},
		{"least zero", setting(3, num(0)), malformed, "scope: least: must not be zero"},
		{"least of 33 bits", setting(3, num(1<<32)), malformed, "scope: least"},
		{"denied empty", setting(4, bstr()), overLimit, "scope: denied: 1 to 16"},
		{"17 tags denied", setting(4, bstr(tags(17)...)), overLimit, "scope: denied: 1 to 16 tags are allowed, this has 17"},
		{"denied of 7 bytes", setting(4, bstr(tags(1)[1:]...)), malformed, "scope: denied: must be a multiple"},
		{"denied of 9 bytes", setting(4, bstr(append(tags(1), 0)...)), malformed, "scope: denied"},
		{"denied falling", setting(4, bstr(falling...)), malformed, "denied: tags must ascend"},
		{"a tag denied twice", setting(4, bstr(slices.Repeat(tags(1), 2)...)), malformed, "denied: tags must ascend"},
		{"denied an array", setting(4, list(bstr(tags(1)...))), malformed, "scope: denied"},
		{"reset false", setting(8, no), malformed, "scope: reset: must be true"},
		{"reset a number", setting(8, num(1)), malformed, "scope: reset"},
		{"reset null", setting(8, null), malformed, "null"},
	})
}

func TestFaultsOfServicesInPolicies(t *testing.T) {
	hours := func(windows ...cbor) func(*forge) { return admitting(num(1), num(2), num(1), list(windows...)) }
	requireFaults(t, policyKind, []structural{
		{"no service", setting(2, list()), overLimit, "scope: services: 1 to 8"},
		{"nine services", setting(2, list(admissions(9)...)), overLimit, "scope: services"},
		{"services a map", setting(2, dict(pair{num(1), num(1)})), malformed, "scope: services"},
		{"a service without its array", setting(2, list(num(1), num(1))), malformed, "scope: services: service"},
		{"a service of one", admitting(num(1)), malformed, "scope: services: service"},
		{"a service of three", admitting(num(1), num(1), num(1)), malformed, "hours and evidence go together"},
		{"a service of five", admitting(num(1), num(1), num(1), weekdays(), num(1)), malformed, "scope: services: service"},
		{"service zero", admitting(num(0), num(1)), malformed, "services: must ascend from 1"},
		{"service of 33 bits", admitting(num(1<<32), num(1)), malformed, "scope: services: service"},
		{"services falling", setting(2, list(list(num(2), num(1)), list(num(1), num(1)))), malformed, "services: must ascend"},
		{"a service twice", setting(2, list(list(num(1), num(1)), list(num(1), num(2)))), malformed, "services: must ascend"},
		{"no action", admitting(num(1), num(0)), malformed, "services: actions"},
		{"an unknown action", admitting(num(1), num(128)), malformed, "services: actions"},
		{"an action of 33 bits", admitting(num(1), num(1<<32|1)), malformed, "scope: services: actions"},
		{"evidence zero", admitting(num(1), num(1), num(0), weekdays()), malformed, "services: evidence: must not be zero"},
		{"evidence 4", admitting(num(1), num(1), num(4), weekdays()), malformed, "services: evidence"},
		{"evidence a byte string", admitting(num(1), num(1), bstr(1), weekdays()), malformed, "services: evidence"},
		{"no window", hours(), overLimit, "services: hours"},
		{"nine windows", hours(slices.Repeat([]cbor{window(1, 0, 1)}, 9)...), overLimit, "services: hours"},
		{"hours a number", admitting(num(1), num(1), num(1), num(1)), malformed, "services: hours"},
		{"a window of two", hours(list(num(1), num(0))), malformed, "services: hours: window"},
		{"a window of four", hours(numlist(1, 0, 1, 2)), malformed, "services: hours: window"},
		{"no day", hours(window(0, 0, 1)), malformed, "services: hours"},
		{"an eighth day", hours(window(128, 0, 1)), malformed, "services: hours: days"},
		{"from 1440", hours(window(1, 1440, 1440)), malformed, "services: hours"},
		{"from far too late", hours(window(1, 1<<16, 1)), malformed, "services: hours: from"},
		{"until at from", hours(window(1, 60, 60)), malformed, "services: hours"},
		{"until 1441", hours(window(1, 60, 1441)), malformed, "services: hours: until"},
		{"the fault in the last service", setting(2, list(append(admissions(7), list(num(8), num(0)))...)), malformed, "services: actions"},
	})
}

func TestFaultsOfNoticesInPolicies(t *testing.T) {
	requireFaults(t, policyKind, []structural{
		{"notice of four", noticing(1, 0, 0, 0), malformed, "scope: notice"},
		{"notice of six", noticing(1, 0, 0, 0, 1, 0), malformed, "scope: notice"},
		{"notice a map", setting(6, dict()), malformed, "scope: notice"},
		{"notice kind zero", noticing(0, 0, 0, 0, 1), malformed, "notice: kind"},
		{"notice kind 3", noticing(3, 0, 0, 0, 1), malformed, "notice: kind"},
		{"notice until at from", noticing(1, issued, issued, 0, 1), malformed, "notice: until"},
		{"notice until before from", noticing(1, issued, issued-1, 0, 1), malformed, "notice: until"},
		{"notice from of 33 bits", noticing(1, 1<<32, 0, 0, 1), malformed, "notice: from"},
		{"notice until of 33 bits", noticing(1, 0, 1<<32, 0, 1), malformed, "notice: until"},
		{"notice from negative", noticing(1, -1, 0, 0, 1), malformed, "notice: from"},
		{"notice instruction 4", noticing(1, 0, 0, 4, 1), malformed, "notice: instruction"},
		{"notice for no role", noticing(1, 0, 0, 0, 0), malformed, "notice: roles"},
		{"notice for an unknown role", noticing(1, 0, 0, 0, 4), malformed, "notice: roles"},
	})
}

func TestFaultsOfKeysInPolicies(t *testing.T) {
	var faults []structural
	for _, c := range []struct {
		label int64
		name  string
		most  int
	}{{5, "co-owners", 4}, {7, "anchors", 2}} {
		add := func(fault string, value cbor, reason credential.Reason, detail string) {
			faults = append(faults, structural{c.name + " " + fault, setting(c.label, value), reason, c.name + detail})
		}
		pairs := func(change func([]pair) []pair) cbor { return list(coseKey("a", change)) }
		add("empty", list(), overLimit, "")
		add("too many", list(coseKeys(c.most+1)...), overLimit, "")
		add("a key", coseKey("a"), malformed, "")
		add("with a number", list(num(1)), malformed, ": key")
		add("as a cnf", list(dict(pair{num(1), coseKey("a")})), malformed, ": kty")
		add("with a key twice", list(coseKey("a"), coseKey("a")), malformed, ": the key")
		add("with a key id", pairs(func(p []pair) []pair { return set(p, 2, bstr(1)) }), malformed, ": crv")
		add("with an RSA key", pairs(func(p []pair) []pair { return set(p, 1, num(3)) }), algorithm, ": kty")
		add("with X25519", pairs(func(p []pair) []pair { return set(p, -1, num(4)) }), algorithm, ": crv")
		add("with x of 31 bytes", pairs(func(p []pair) []pair { return set(p, -2, bstr(make([]byte, 31)...)) }), malformed, ": x")
		add("with a point of small order", pairs(func(p []pair) []pair { return set(p, -2, bstr(y(0, 0)...)) }), malformed, ": not a point")
		add("with the fault in the last", list(append(coseKeys(c.most-1), dict())...), malformed, ": key")
	}
	faults = append(faults, structural{"co-owners with the owner", setting(5, list(coseKey("a"), coseKey("subject"))), malformed, "co-owners: the owner's own key"})
	requireFaults(t, policyKind, faults)
}

// TestPoliciesAtTheBounds holds that what section 18.1 just allows is read.
func TestPoliciesAtTheBounds(t *testing.T) {
	for name, spoil := range map[string]func(*forge){
		"no setting":                 scoped(policyScope()),
		"the highest version":        scoped(list(bstr(lockID[:]...), num(1<<32-1), dict())),
		"both blocked":               setting(1, num(3)),
		"eight services":             setting(2, list(admissions(8)...)),
		"the highest service":        admitting(num(1<<32-1), num(127)),
		"eight windows":              admitting(num(1), num(1), num(3), list(slices.Repeat([]cbor{window(127, 0, 1440)}, 8)...)),
		"the last minute":            admitting(num(1), num(1), num(1), list(window(1, 1439, 1440))),
		"16 tags":                    setting(4, bstr(tags(16)...)),
		"the tag zero":               setting(4, bstr(make([]byte, 8)...)),
		"four co-owners":             setting(5, list(coseKeys(4)...)),
		"a co-owner of P-256":        setting(5, list(dict(p256Key("odd subject").cose()...))),
		"two anchors":                setting(7, list(coseKeys(2)...)),
		"the owner as an anchor":     setting(7, list(coseKey("subject"))),
		"a co-owner as an anchor":    scoped(policyScope(pair{num(5), list(coseKey("a"))}, pair{num(7), list(coseKey("a"))})),
		"an open notice":             noticing(2, 0, 0, 3, 2),
		"a notice that ends":         noticing(1, 0, 1<<32-1, 0, 1),
		"a notice for a second":      noticing(1, 1, 2, 0, 3),
		"least above the version":    setting(3, num(1<<32-1)),
		"reset":                      setting(8, yes),
		"the owner's own key to be":  func(f *forge) { f.cose = f.key.cose() },
		"given away to a P-256 key":  func(f *forge) { f.cose = p256Key("subject").cose() },
		"a policy of the first hour": func(f *forge) { f.claims = set(f.claims, 6, num(1)) },
	} {
		t.Run(name, func(t *testing.T) {
			f := policyForge(edKey("signer"), edKey("subject"))
			spoil(f)
			_, err := credential.ParsePolicy(f.bytes())
			require.NoError(t, err)
		})
	}
}

// TestLongestPolicy holds that a policy of 768 bytes is read, and that one of
// 769 is neither read nor issued.
func TestLongestPolicy(t *testing.T) {
	key := edKey("signer")
	var services []cbor
	for i := range int64(6) {
		services = append(services, list(num(i+1), num(127), num(3), list(slices.Repeat([]cbor{window(127, 300, 1440)}, 8)...)))
	}
	build := func(from int64) []byte {
		last := append(slices.Repeat([]cbor{window(127, 300, 1440)}, 7), window(127, from, 1440))
		all := append(slices.Clone(services), list(num(1<<16), num(1), num(3), list(last...)))
		f := policyForge(key, key)
		f.scope = list(bstr(lockID[:]...), num(1<<24), dict(pair{num(2), list(all...)}, pair{num(4), bstr(tags(7)...)}))
		return f.bytes()
	}
	require.Len(t, build(255), 768)
	u, err := credential.ParsePolicy(build(255))
	require.NoError(t, err)
	_, err = credential.NewPolicy(u.Claims, key.public)
	require.NoError(t, err)

	_, err = credential.ParsePolicy(build(256))
	requireReason(t, err, overLimit, "policy: 769 bytes, at most 768")
	u.Claims.Services[6].Hours[7].From = 256
	_, err = credential.NewPolicy(u.Claims, key.public)
	requireReason(t, err, overLimit, "policy: has 769 bytes when it is signed, at most 768")
}

func TestFaultsOfRevocationLists(t *testing.T) {
	none := list()
	entry := func(items ...cbor) func(*forge) { return scoped(list(num(1), num(0), list(list(items...)))) }
	tag := bstr(tags(1)...)
	many := func(n int) cbor {
		var out []cbor
		for i := range n {
			out = append(out, denial(i))
		}
		return list(out...)
	}
	requireFaults(t, listKind, []structural{
		{"claims with exp", func(f *forge) { f.claims = set(f.claims, 4, num(expires)) }, malformed, "claims"},
		{"claims with cnf", func(f *forge) { f.cose = edKey("subject").cose() }, malformed, "claims"},
		{"scope of two fields", scoped(list(num(1), num(0))), malformed, "scope: fields"},
		{"scope of four fields", scoped(list(num(1), num(0), none, num(0))), malformed, "scope: fields"},
		{"version zero", scoped(list(num(0), num(0), none)), malformed, "scope: version: must not be zero"},
		{"version of 33 bits", scoped(list(num(1<<32), num(0), none)), malformed, "scope: version"},
		{"version negative", scoped(list(num(-1), num(0), none)), malformed, "scope: version"},
		{"least after iat", scoped(list(num(1), num(issued+1), none)), malformed, "least"},
		{"least of 33 bits", scoped(list(num(1), num(1<<32), none)), malformed, "scope: least"},
		{"least negative", scoped(list(num(1), num(-1), none)), malformed, "scope: least"},
		{"denied a byte string", scoped(list(num(1), num(0), tag)), malformed, "scope: denied"},
		{"denied a map", scoped(list(num(1), num(0), dict())), malformed, "scope: denied"},
		{"25 denied", scoped(list(num(1), num(0), many(25))), overLimit, "scope: denied: 0 to 24"},
		{"an entry without its array", scoped(list(num(1), num(0), list(tag))), malformed, "scope: denied: entry"},
		{"an entry of one", entry(tag), malformed, "scope: denied: entry"},
		{"an entry of three", entry(tag, num(expires), num(0)), malformed, "scope: denied: entry"},
		{"tag of 7 bytes", entry(bstr(tags(1)[1:]...), num(expires)), malformed, "scope: denied: tag: must be 8 bytes, has 7"},
		{"tag of 9 bytes", entry(bstr(append(tags(1), 0)...), num(expires)), malformed, "scope: denied: tag: must be 8 bytes, has 9"},
		{"tag a number", entry(num(1), num(expires)), malformed, "scope: denied: tag"},
		{"exp zero", entry(tag, num(0)), malformed, "scope: denied: exp: must not be zero"},
		{"exp of 33 bits", entry(tag, num(1<<32)), malformed, "scope: denied: exp"},
		{"exp a byte string", entry(tag, bstr(1)), malformed, "scope: denied: exp"},
		{"tags falling", scoped(list(num(1), num(0), list(denial(1), denial(0)))), malformed, "denied: tags must ascend"},
		{"a tag twice", scoped(list(num(1), num(0), list(denial(0), denial(0)))), malformed, "denied: tags must ascend"},
	})
	for name, scope := range map[string]cbor{
		"nothing denied":      list(num(1), num(0), none),
		"everything so far":   list(num(1<<32-1), num(issued), none),
		"24 denied":           list(num(1), num(0), many(24)),
		"one that has ended":  list(num(1), num(0), list(list(bstr(make([]byte, 8)...), num(1)))),
		"one without its end": list(num(1), num(0), list(list(tag, num(1<<32-1)))),
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, parseList(plain(65005, edKey("signer"), scope).bytes()))
		})
	}
}

func TestFaultsOfTimeTokens(t *testing.T) {
	requireFaults(t, tokenKind, []structural{
		{"claims with exp", func(f *forge) { f.claims = set(f.claims, 4, num(expires)) }, malformed, "claims"},
		{"claims with cnf", func(f *forge) { f.cose = edKey("subject").cose() }, malformed, "claims"},
		{"scope of no field", scoped(list()), malformed, "scope: fields"},
		{"scope of three fields", scoped(list(num(0), bstr(nonce[:]...), num(0))), malformed, "scope: fields"},
		{"scope without its array", scoped(num(0)), malformed, "scope: fields"},
		{"offset 841", scoped(list(num(841))), malformed, "scope: offset: 841 minutes"},
		{"offset -841", scoped(list(num(-841))), malformed, "scope: offset: -841 minutes"},
		{"offset that wraps in 16 bits", scoped(list(num(1 << 16))), malformed, "scope: offset"},
		{"offset of 64 bits", scoped(list(head(0, 1<<64-1))), malformed, "scope: offset"},
		{"offset a byte string", scoped(list(bstr())), malformed, "scope: offset"},
		{"nonce of 15 bytes", scoped(list(num(0), bstr(nonce[1:]...))), malformed, "scope: nonce: must be 16 bytes, has 15"},
		{"nonce of 17 bytes", scoped(list(num(0), bstr(append(nonce[:], 0)...))), malformed, "scope: nonce: must be 16 bytes, has 17"},
		{"nonce empty", scoped(list(num(0), bstr())), malformed, "scope: nonce"},
		{"nonce a number", scoped(list(num(0), num(0))), malformed, "scope: nonce"},
	})
	for name, scope := range map[string]cbor{
		"stated":            list(num(0)),
		"the farthest east": list(num(840)),
		"the farthest west": list(num(-840)),
		"a nonce of zeros":  list(num(0), bstr(make([]byte, 16)...)),
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, parseToken(plain(65006, edKey("signer"), scope).bytes()))
		})
	}
}

// spoilEntry makes a receipt with an entry that has another value in one field.
func spoilEntry(field int, value cbor) func(*forge) {
	return scoped(receiptScope(logEntry(put(field, value))))
}

// inEntry are faults that a log entry can have, by its field, wherever it
// stands.
var inEntry = []struct {
	name   string
	field  int
	value  cbor
	detail string
}{
	{"sequence of 33 bits", 0, num(1 << 32), "entry: sequence"},
	{"sequence negative", 0, num(-1), "entry: sequence"},
	{"time of 33 bits", 1, num(1 << 32), "entry: time"},
	{"evidence 4", 2, num(4), "entry: evidence"},
	{"evidence that wraps", 2, num(256), "entry: evidence"},
	{"operation 256", 3, num(256), "entry: operation"},
	{"outcome zero", 4, num(0), "entry: outcome"},
	{"outcome 7", 4, num(7), "entry: outcome"},
	{"outcome that wraps", 4, num(257), "entry: outcome"},
	{"reason 256", 5, num(256), "entry: reason"},
	{"role zero", 6, num(0), "entry: role: is missing"},
	{"role 4", 6, num(4), "entry: role"},
	{"role that wraps", 6, num(259), "entry: role"},
	{"role of a guest with a service", 6, num(2), "entry: service"},
	{"role of an owner with a service", 6, num(1), "entry: service"},
	{"service of 33 bits", 7, num(1 << 32), "entry: service"},
	{"who of 7 bytes", 8, bstr(tags(1)[1:]...), "entry: who: must be 8 bytes or none, has 7"},
	{"who of 9 bytes", 8, bstr(append(tags(1), 0)...), "entry: who"},
	{"who of zeros", 8, bstr(make([]byte, 8)...), "entry: who: is all zero"},
	{"who a number", 8, num(0), "entry: who"},
	{"resource 256", 9, num(256), "entry: resource"},
	{"reference of 7 bytes", 10, bstr(make([]byte, 7)...), "entry: reference"},
	{"reference of zeros", 10, bstr(make([]byte, 8)...), "entry: reference: is all zero"},
	{"reference an array", 10, list(), "entry: reference"},
}

func TestFaultsOfReceipts(t *testing.T) {
	id, tag, head := bstr(lockID[:]...), bstr(tags(1)...), bstr(logHead[:]...)
	faults := []structural{
		{"claims with exp", func(f *forge) { f.claims = set(f.claims, 4, num(expires)) }, malformed, "claims"},
		{"claims with cnf", func(f *forge) { f.cose = edKey("subject").cose() }, malformed, "claims"},
		{"claims with exp in place of iat", func(f *forge) { f.claims = []pair{{num(4), num(expires)}} }, malformed, "iat: label 6"},
		{"scope of four fields", scoped(list(id, num(1), tag, head)), malformed, "scope: fields"},
		{"scope of six fields", scoped(list(id, num(1), tag, head, list(), num(0))), malformed, "scope: fields"},
		{"lock id of 7 bytes", scoped(list(bstr(lockID[:7]...), num(1), tag, head, list())), malformed, "scope: lock id"},
		{"policy version of 33 bits", scoped(list(id, num(1<<32), tag, head, list())), malformed, "scope: policy version"},
		{"a policy without a version", scoped(list(id, num(0), tag, head, list())), malformed, "policy version: is missing"},
		{"policy of 7 bytes", scoped(list(id, num(1), bstr(tags(1)[1:]...), head, list())), malformed, "scope: policy: must be 8 bytes or none"},
		{"policy of zeros", scoped(list(id, num(1), bstr(make([]byte, 8)...), head, list())), malformed, "scope: policy: is all zero"},
		{"head of 31 bytes", scoped(list(id, num(1), tag, bstr(logHead[1:]...), list())), malformed, "scope: head"},
		{"head empty", scoped(list(id, num(1), tag, bstr(), list())), malformed, "scope: head"},
		{"entry a map", scoped(receiptScope(dict())), malformed, "scope: entry"},
		{"entry a byte string", scoped(receiptScope(bstr(logEntry()...))), malformed, "scope: entry"},
		{"entry of one", scoped(receiptScope(list(num(1)))), malformed, "scope: entry: must have 11 fields or none, has 1"},
		{"entry of ten", scoped(receiptScope(list(slices.Repeat([]cbor{num(1)}, 10)...))), malformed, "scope: entry"},
		{"entry of twelve", scoped(receiptScope(list(slices.Repeat([]cbor{num(1)}, 12)...))), malformed, "scope: entry"},
	}
	for _, c := range inEntry {
		faults = append(faults, structural{"entry with " + c.name, spoilEntry(c.field, c.value), malformed, c.detail})
	}
	requireFaults(t, receiptKind, faults)
	tamper := logEntry(put(4, num(6)), put(6, num(0)), put(7, num(0)), put(8, bstr()))
	for name, spoil := range map[string]func(*forge){
		"the earliest floor":  iat(1),
		"no policy":           scoped(list(id, num(0), bstr(), head, list())),
		"the policy is gone":  scoped(list(id, num(1<<32-1), bstr(), head, list())),
		"an empty log":        scoped(list(id, num(0), bstr(), bstr(make([]byte, 32)...), list())),
		"no entry":            scoped(receiptScope(list())),
		"a number hidden":     spoilEntry(0, num(0)),
		"an entry of nobody":  scoped(receiptScope(tamper)),
		"an operation to be":  spoilEntry(3, num(255)),
		"no time":             spoilEntry(1, num(0)),
		"the last reason":     spoilEntry(5, num(255)),
		"the last resource":   spoilEntry(9, num(255)),
		"a reference":         spoilEntry(10, bstr(tags(1)...)),
		"an operator unnamed": spoilEntry(7, num(0)),
	} {
		t.Run(name, func(t *testing.T) {
			f := receiptForge(edKey("signer"), nil)
			spoil(f)
			require.NoError(t, parseReceipt(f.bytes()))
		})
	}
}
