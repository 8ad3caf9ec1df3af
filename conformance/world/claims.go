package world

import (
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/spec/vectors"
)

// What stands in a COSE_Key before x, and before the sign of y.
const (
	beforeEd25519 = "\xA3\x01\x01\x20\x06\x21\x58\x20"
	beforeP256    = "\xA4\x01\x02\x20\x01\x21\x58\x20"
	beforeSign    = "\x22"
)

// KeyJSON returns the key in the JSON form of the vectors.
func KeyJSON(k credential.PublicKey) vectors.Key {
	b := COSEKey(k)
	x := b[len(beforeEd25519):][:32]
	if string(b[:len(beforeEd25519)]) == beforeEd25519 {
		return vectors.Key{Alg: "ed25519", X: x}
	}
	odd := b[len(b)-1] == 0xF5
	return vectors.Key{Alg: "esp256", X: x, Odd: &odd}
}

// ParseKeyJSON reads what KeyJSON returns.
func ParseKeyJSON(k vectors.Key) (credential.PublicKey, error) {
	if len(k.X) != 32 {
		return credential.PublicKey{}, fmt.Errorf("world: a key whose x has %d bytes", len(k.X))
	}
	switch {
	case k.Alg == "ed25519" && k.Odd == nil:
		return ParseCOSEKey([]byte(beforeEd25519 + string(k.X)))
	case k.Alg == "esp256" && k.Odd != nil:
		sign := "\xF4"
		if *k.Odd {
			sign = "\xF5"
		}
		return ParseCOSEKey([]byte(beforeP256 + string(k.X) + beforeSign + sign))
	}
	return credential.PublicKey{}, fmt.Errorf("world: a key of alg %q", k.Alg)
}
