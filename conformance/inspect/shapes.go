package inspect

// of returns a shape with only a name.
func called(name string) *shape { return &shape{name: name} }

// row returns the shape of a number of a registry.
func row(name, registry string) *shape { return &shape{name: name, registry: registry} }

// bits returns the shape of a mask of a registry.
func bits(name, registry string) *shape { return &shape{name: name, registry: registry, mask: true} }

// array returns the shape of an array, or of a sequence, by its elements.
func array(name string, items ...*shape) *shape { return &shape{name: name, items: items} }

// list returns the shape of an array of equals.
func list(name string, each *shape) *shape { return &shape{name: name, each: each} }

// signed returns the shape of a signed object with a scope (section 4.3).
func signed(name, kind string, scope *shape) *shape {
	what := kind
	if name != "" && kind != "" {
		what = name + ", " + kind
	} else if kind == "" {
		what = name
	}
	header := &shape{keys: map[int64]*shape{1: row("alg", "algorithms"), 4: called("kid"), 16: row("typ", "object-types")}}
	claims := &shape{keys: map[int64]*shape{
		4: called("exp"), 5: called("nbf"), 6: called("iat"), 8: confirmation, 9: {name: "scope", holds: scope},
	}}
	return array(what, &shape{name: "protected header", holds: header}, called("unprotected header"), &shape{name: "payload", holds: claims}, called("signature"))
}

// The shapes that several others share.
var (
	coseKey      = &shape{name: "COSE_Key", keys: map[int64]*shape{1: called("kty"), -1: called("crv"), -2: called("x"), -3: called("sign of y")}}
	confirmation = &shape{name: "cnf", keys: map[int64]*shape{1: coseKey}}
	lockID       = called("lock id")
	schedule     = list("hours", array("window", called("days"), called("from minute"), called("until minute")))
	conditions   = &shape{name: "conditions", keys: map[int64]*shape{
		1: schedule, 2: array("uses", called("count"), called("starts")), 3: called("delegation"), 4: row("least evidence", "evidence"),
		5: called("least policy version"), 6: called("compartment"), 7: row("service", "services"),
	}}
	notice = array("notice", row("kind", "notice-kinds"), called("from"), called("until"), row("instruction", "notice-instructions"), called("roles"))
	suites = &shape{name: "suites", registry: "suites", each: row("", "suites")}
)

// scopes are the shapes of the scopes, by kind of object (cddl/*.cddl).
var scopes = map[string]*shape{
	"authority":        array("", list("services", row("", "services")), bits("rights", "rights"), called("longest")),
	"lock-certificate": array("", lockID, called("profile"), row("level", "levels")),
	"grant":            list("", array("", row("target", "targets"), called("which"), bits("actions", "actions"), conditions)),
	"policy": array("", lockID, called("version"), &shape{name: "settings", keys: map[int64]*shape{
		1: bits("block", "block-modes"), 2: list("services", array("", row("service", "services"), bits("actions", "actions"), row("least evidence", "evidence"), schedule)),
		3: called("least version of guests' grants"), 4: called("denied"), 5: list("co-owners", coseKey), 6: notice, 7: list("anchors", coseKey), 8: called("reset"),
	}}),
	"revocation-list": array("", called("version"), called("least iat"), list("denied", array("", called("tag"), called("exp")))),
	"time-token":      array("", called("minutes from UTC"), called("nonce")),
	"receipt":         array("", lockID, called("policy version"), called("policy"), called("head of the log"), called("entry")),
}

// anyObject is a signed object of whatever kind.
func anyObject(name string) *shape { return &shape{name: name, object: true} }

// shapes are the messages, by name.
var shapes = map[string]*shape{
	"answer to SELECT": {each: array("", called("version"), bits("capabilities", "capabilities"), lockID, called("nonce"))},
	"message_1":        array("", called("METHOD"), suites, called("G_X"), called("C_I")),
	"error message":    array("", called("ERR_CODE"), suites),
	"object":           {each: anyObject("")},
	"PLAINTEXT_2":      array("", called("C_R"), &shape{name: "ID_CRED_R", keys: map[int64]*shape{4: called("kid"), 13: anyObject("kcwt")}}, called("Signature_or_MAC_2")),
	"PLAINTEXT_3": array("", &shape{name: "ID_CRED_I", keys: map[int64]*shape{13: anyObject("kcwt"), 14: {name: "kccs", keys: map[int64]*shape{8: confirmation}}}},
		called("Signature_or_MAC_3")),
	"request": {each: &shape{keys: map[int64]*shape{
		1: row("operation", "operations"), 2: called("compartment"), 3: list("chain", anyObject("")), 4: list("documents", anyObject("")), 5: bits("flags", "flags"),
		6: called("reference"), 7: called("proof"), 8: called("page"),
	}}},
	"response": {each: &shape{keys: map[int64]*shape{
		1: row("outcome", "outcomes"), 2: row("reason", "reasons"), 3: array("state", called("policy version"), called("floor"), called("newest log entry")),
		4: list("missing", called("key id")), 5: array("charge", called("percent"), called("milliseconds to wait")), 6: notice, 7: anyObject("receipt"),
		8: called("openings of the slot"), 9: list("documents", row("reason", "reasons")), 10: called("log"),
	}}},
}

// Plain decodes a plaintext, which is a request, a response, PLAINTEXT_2 or
// PLAINTEXT_3, or an object.
func Plain(what string, b []byte) Finding {
	if what == "object" {
		if f, err := Object(b); err == nil {
			return f
		}
		f := CBOR(b)
		f.Kind = "no object"
		return f
	}
	f := Finding{Kind: what + ", decrypted"}
	f.cbor(b, 0, shapes[what])
	return f
}
