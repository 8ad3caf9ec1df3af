// Package issuer holds the cases for issuers, one file a kind of object.
package issuer

import (
	"crypto"
	"fmt"
	"maps"
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/spec/vectors"
)

// All returns every case for issuers.
func All() []cases.Case {
	all := slices.Concat(authorities(), locks(), operators(), owners(), policies(), lists(), tokens(), delegations(), unentitled(), p256(), underPolicies(), shapes())
	for i := range all {
		all[i].Role = shim.RoleIssuer
		all[i].Needs = []shim.Verb{shim.VerbProvision, shim.VerbIssue}
	}
	return all
}

// kind is a kind of object with its issuer: what the tables of this package vary.
type kind struct {
	area, name string
	appoint    func(t *cases.T)
	key        func(t *cases.T) crypto.Signer
	claims     func(t *cases.T) cases.Wish
	want       func(t *cases.T) []byte // the object of just these claims
	judge      func(t *cases.T, b []byte) error
}

// wish is a negative case: claims of which no good object can be made as they are.
type wish struct {
	number int
	what   string
	shows  []string
	alter  func(t *cases.T, c cases.Wish)
}

// issue has the issuer sign the claims.
func (k kind) issue(t *cases.T, c cases.Wish, want []byte) cases.Outcome {
	return t.Issuer.Issue(k.name, c, want, k.key(t), func(b []byte) error { return k.judge(t, b) })
}

// signs is the positive case of the kind.
func (k kind) signs(shows ...string) cases.Case {
	return cases.Case{
		ID: fmt.Sprintf("ISSUER-%s-001", k.area), Revision: 1, Title: "a good " + k.name + " is signed as it was asked for", Setup: k.appoint,
		Requirements: append(shows, "PST-OBJ-001", "PST-ENC-001", "PST-OBJ-046", "PST-REG-004"),
		Run: func(t *cases.T) {
			t.Expect("the issuer", k.issue(t, k.claims(t), k.want(t)), cases.Signed)
		},
	}
}

// refuses makes the negative cases of a table.
func (k kind) refuses(rows ...wish) []cases.Case {
	var all []cases.Case
	for _, r := range rows {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("ISSUER-%s-%03d", k.area, r.number), Revision: 1, Title: k.name + ": " + r.what, Fault: r.what, Requirements: append(r.shows, "PST-OBJ-046"),
			Setup: k.appoint, Passes: []cases.Outcome{cases.Signed}, Allowed: []cases.Outcome{cases.Refuses, cases.Mended},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				k.appoint(t) // a version that was signed once is not signed again
				c := k.claims(t)
				if !faulty {
					return k.issue(t, c, k.want(t))
				}
				r.alter(t, c)
				return k.issue(t, c, nil)
			},
		})
	}
	return all
}

// sets is a wish that sets one claim.
func sets(number int, what, name string, value any, shows ...string) wish {
	return wish{number, what, shows, func(_ *cases.T, c cases.Wish) { c[name] = value }}
}

// lacks is a wish without one claim.
func lacks(number int, name string, shows ...string) wish {
	return wish{number, name + " is missing", shows, func(_ *cases.T, c cases.Wish) { delete(c, name) }}
}

// later is a wish in which one time is another's, and some seconds more.
func later(number int, what, name, than string, seconds int64, shows ...string) wish {
	return wish{number, what, shows, func(_ *cases.T, c cases.Wish) { c[name] = int64(c[than].(credential.Time)) + seconds }}
}

// entry is a wish whose first entry of the scope is altered.
func entry(number int, what string, alter func(e cases.Wish), shows ...string) wish {
	return wish{number, what, shows, func(_ *cases.T, c cases.Wish) {
		e := maps.Clone(c["entries"].([]cases.Wish)[0])
		alter(e)
		c["entries"] = []cases.Wish{e}
	}}
}

// the parties.
func scheme(t *cases.T) crypto.Signer { return t.World.Key("scheme") }
func post(t *cases.T) crypto.Signer   { return t.World.Key("post") }
func owner(t *cases.T) crypto.Signer  { return t.World.Key("owner") }

func asScheme(t *cases.T) { t.Issuer.Appoint(scheme(t), nil) }
func asPost(t *cases.T)   { t.Issuer.Appoint(post(t), t.World.Post.Authority().Bytes()) }
func asOwner(t *cases.T)  { t.Issuer.Appoint(owner(t), nil) }

// hex returns bytes in the JSON form.
func hex(b []byte) string { return fmt.Sprintf("%x", b) }

// key returns the public key with the name in the JSON form.
func key(t *cases.T, name string) vectors.Key { return world.KeyJSON(t.World.Public(name)) }

// smallOrder is a point of order 4, and offCurve a P-256 coordinate of no point.
func smallOrder() vectors.Key {
	return vectors.Key{Alg: "ed25519", X: make([]byte, 32)}
}

func offCurve() vectors.Key {
	odd := false
	return vectors.Key{Alg: "esp256", X: append(make([]byte, 31), 1), Odd: &odd}
}

// times returns a list of so many.
func times[E any](n int, of func(i int) E) []E {
	var out []E
	for i := range n {
		out = append(out, of(i))
	}
	return out
}
