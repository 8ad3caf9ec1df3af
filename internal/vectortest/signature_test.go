package vectortest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/spec/vectors"
)

func readSignature(t *testing.T) {
	area[vectors.None, vectors.SignatureTest]{
		name:   "signature",
		check:  checkSignature,
		common: (*vectors.SignatureTest).Common,
		flips:  24,
	}.run(t)
}

// checkSignature takes the key and verifies.
func checkSignature(_ vectors.None, test vectors.SignatureTest) error {
	key, err := keyOf(test.Key)
	if errors.Is(err, errForm) {
		return err
	}
	if err == nil {
		err = suite.Verify(key, test.Message, test.Signature, nil)
	}
	reason := ""
	switch {
	case errors.Is(err, suite.ErrKey):
		reason = "malformed"
	case err != nil:
		reason = "signature"
	}
	return verdict(test.Test, reason)
}

// errForm: a vector is not what README.md says.
var errForm = errors.New("not of this form")

// keyOf takes a public key.
func keyOf(k vectors.Key) (suite.PublicKey, error) {
	switch {
	case k.Alg == "ed25519" && k.Odd == nil:
		return suite.NewEd25519(k.X)
	case k.Alg == "esp256" && k.Odd != nil:
		return suite.NewP256Compressed(k.X, *k.Odd)
	}
	return suite.PublicKey{}, fmt.Errorf("%w: key %+v", errForm, k)
}

// toldKey is the way back.
func toldKey(k suite.PublicKey) *vectors.Key {
	key := &vectors.Key{Alg: k.Algorithm().String(), X: k.X()}
	if k.Algorithm() == suite.AlgESP256 {
		odd := k.YOdd()
		key.Odd = &odd
	}
	return key
}
