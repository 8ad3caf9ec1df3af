package examples_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/postern-lock/postern/spec"
)

// one says the name of a number of a registry, many those of a mask's bits.
func one(registry string) func(value) string {
	return func(v value) string {
		for _, r := range rows(registry) {
			if r.Value == v.number {
				return r.Name
			}
		}
		return "not in the registry"
	}
}

func many(registry string) func(value) string {
	return func(v value) string {
		var names []string
		for _, r := range rows(registry) {
			if v.number&r.Value != 0 {
				names = append(names, r.Name)
			}
		}
		return strings.Join(names, ", ")
	}
}

func rows(registry string) []spec.Row {
	all, err := spec.Registry(registry)
	if err != nil {
		panic(err)
	}
	return all
}

func number(v value) string { return fmt.Sprint(v.number) }

func seconds(v value) string { return fmt.Sprintf("%d s", v.number) }

func text(v value) string { return string(v.content) }

// moment says a time, and what 0 means where it stands for none.
func moment(v value) string {
	if v.number == 0 {
		return "open"
	}
	return time.Unix(v.number, 0).UTC().Format(time.RFC3339)
}

// object is the shape of a signed object (section 4.1).
func object(name, signer string, claims map[int64]shape) shape {
	return shape{name: name, items: []shape{
		{name: "protected header", inside: []shape{{name: "header", pairs: map[int64]shape{
			1:  {name: "alg", say: one("algorithms")},
			4:  {name: "kid: key id of " + signer},
			16: {name: "typ", say: one("object-types")},
		}}}},
		{name: "unprotected header"},
		{name: "payload", inside: []shape{{name: "claims", pairs: claims}}},
		{name: "signature of " + signer},
	}}
}

// claims are those of an object for somebody's key; without a name there is no key.
func claims(whose string, scope shape) map[int64]shape {
	return map[int64]shape{
		4: {name: "exp", say: moment},
		5: {name: "nbf", say: moment},
		6: {name: "iat", say: moment},
		8: confirmation(whose),
		9: {name: "scope", inside: []shape{scope}},
	}
}

// confirmation is cnf with a COSE_Key (section 4.2).
func confirmation(whose string) shape {
	return shape{name: "cnf", pairs: map[int64]shape{1: coseKey(whose)}}
}

func coseKey(whose string) shape {
	return shape{name: "COSE_Key", pairs: map[int64]shape{
		1: {name: "kty", say: func(v value) string { return map[int64]string{1: "OKP", 2: "EC2"}[v.number] }},
		-1: {name: "crv", say: func(v value) string {
			return map[int64]string{1: "P-256", 6: "Ed25519"}[v.number]
		}},
		-2: {name: "x: " + whose + "'s public key"},
		-3: {name: "sign of y", say: func(v value) string { return map[int64]string{20: "even", 21: "odd"}[v.number] }},
	}}
}

func authority(name, whose string) shape {
	return object(name, "the scheme", claims(whose, shape{name: "scope", items: []shape{
		{name: "services", items: []shape{{name: "service", say: one("services")}}},
		{name: "rights", say: many("rights")},
		{name: "longest grant", say: seconds},
	}}))
}

func lockCertificate() shape {
	return object("lock certificate", "the manufacturer", claims("the lock", shape{name: "scope", items: []shape{
		{name: "lock id"}, {name: "profile", say: number}, {name: "level", say: number},
	}}))
}

// grant is a grant whose entries have the target named; of a delegated one the
// parent comes first.
func grant(name, signer, whose string, delegated bool) shape {
	entry := shape{name: "entry", items: []shape{
		{name: "target kind", say: one("targets")}, {name: "target", say: target},
		{name: "actions", say: many("actions")}, {name: "conditions", pairs: conditions},
	}}
	scope := []shape{entry}
	if delegated {
		scope = []shape{{name: "parent: digest of the grant above"}, entry}
	}
	return object(name, signer, claims(whose, shape{name: "scope", items: scope}))
}

var conditions = map[int64]shape{
	3: {name: "condition delegation", say: func(v value) string { return fmt.Sprintf("%d more below", v.number) }},
	5: {name: "condition policy", say: func(v value) string { return fmt.Sprintf("version %d or newer", v.number) }},
}

// target says an area code in letters, and of a lock id that it is one.
func target(v value) string {
	for _, b := range v.content {
		if b < ' ' || b > '~' {
			return "lock id"
		}
	}
	return text(v)
}

func policy(name string) shape {
	return object(name, "the owner", claims("the owner", shape{name: "scope", items: []shape{
		{name: "lock id"}, {name: "policy version", say: number},
		{name: "settings", pairs: map[int64]shape{
			1: {name: "block", say: many("block-modes")},
			2: {name: "services", items: []shape{{name: "admission", items: []shape{
				{name: "service", say: one("services")}, {name: "actions", say: many("actions")},
			}}}},
			6: {name: "notice", items: append(notice[:len(notice):len(notice)],
				shape{name: "roles shown it", say: func(v value) string {
					return []string{"none", "guests", "operators' staff", "guests and operators' staff"}[v.number]
				}})},
		}},
	}}))
}

var notice = []shape{
	{name: "kind", say: one("notice-kinds")}, {name: "from", say: moment},
	{name: "until", say: moment}, {name: "instruction", say: one("notice-instructions")},
}

// selected is the content of the answer to SELECT (section 5.3).
var selected = shape{name: "answer to SELECT", items: []shape{
	{name: "version", say: number}, {name: "capabilities", say: many("capabilities")}, {name: "lock id"}, {name: "nonce"},
}}

// message1 is message_1 (section 6.4).
var message1 = []shape{
	{name: "METHOD", say: number},
	{name: "SUITES_I", say: one("suites"), items: []shape{{name: "suite", say: one("suites")}}},
	{name: "G_X"}, {name: "C_I", say: number},
}

// request is the plaintext of a request (section 6.8); chain explains its objects.
func request(chain ...shape) shape {
	return shape{name: "request", pairs: map[int64]shape{
		1: {name: "operation", say: one("operations")},
		3: {name: "chain", items: chain},
		5: {name: "flags", say: many("flags")},
	}}
}

// response is the plaintext of a response (section 6.8).
var response = shape{name: "response", pairs: map[int64]shape{
	1: {name: "outcome", say: one("outcomes")},
	2: {name: "reason", say: one("reasons")},
	3: {name: "state", items: []shape{
		{name: "policy version", say: number}, {name: "floor", say: moment}, {name: "sequence number", say: number},
	}},
	4: {name: "missing", items: []shape{{name: "key id of the signer that the lock lacks"}}},
	6: {name: "notice", items: notice},
	8: {name: "resumption", say: func(v value) string { return fmt.Sprintf("a slot for %d openings", v.number) }},
}}
