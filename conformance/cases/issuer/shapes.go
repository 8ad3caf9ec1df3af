package issuer

import (
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/spec/vectors"
)

// shapes are the cases on claims that have not the shape of the object's: of another
// type, out of every range, or of something else.
func shapes() []cases.Case {
	form, wide := "PST-OBJ-001#7", "PST-OBJ-001#8"
	var all []cases.Case
	for _, k := range []kind{authorityKind(), lockKind(), operatorGrant(), ownerGrant(), policyKind(), listKind(), tokenKind()} {
		all = append(all, k.refuses(
			lacks(70, "iat", form),
			sets(71, "iat is a text", "iat", "now", form),
			sets(72, "iat is negative", "iat", -1, wide),
			sets(73, "iat is 2^53", "iat", int64(1)<<53, wide),
			sets(74, "iat is a list", "iat", []int{1800000000}, form),
			sets(75, "iat is 0", "iat", 0, form),
			sets(76, "there is a claim that no object has", "iss", "00", form),
		)...)
	}
	for _, k := range []kind{authorityKind(), lockKind(), operatorGrant(), ownerGrant(), policyKind()} {
		all = append(all, k.refuses(
			sets(80, "the key is of an algorithm that no registry lists", "cnf", cases.Wish{"alg": "es384", "x": hex(make([]byte, 48))}, form),
			wish{81, "the key has 31 bytes", []string{form}, func(t *cases.T, c cases.Wish) {
				x := key(t, "31 bytes")
				c["cnf"] = vectors.Key{Alg: x.Alg, X: x.X[:31]}
			}},
			wish{82, "the key has 33 bytes", []string{form}, func(t *cases.T, c cases.Wish) {
				x := key(t, "33 bytes")
				c["cnf"] = vectors.Key{Alg: x.Alg, X: append(x.X[:32:32], 0)}
			}},
			sets(83, "the key is a text", "cnf", "ed25519", form),
			wish{84, "a key on P-256 does not say which of its two points it is", []string{form}, func(t *cases.T, c cases.Wish) {
				c["cnf"] = cases.Wish{"alg": "esp256", "x": hex(t.World.Public2("someone").X())}
			}},
		)...)
	}
	return all
}
