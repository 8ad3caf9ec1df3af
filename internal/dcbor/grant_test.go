package dcbor

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// The layers of a grant with one lock target: what a verifier decodes before it
// checks the signature. They are here to test and to measure with; the real ones
// are in package credential.
type (
	sign1 struct {
		_           struct{} `cbor:",toarray"`
		Protected   []byte
		Unprotected struct{}
		Payload     []byte
		Signature   []byte
	}
	protected struct {
		Alg int64   `cbor:"1,keyasint"`
		Kid [8]byte `cbor:"4,keyasint"`
		Typ uint64  `cbor:"16,keyasint"`
	}
	coseKey struct {
		Kty int64    `cbor:"1,keyasint"`
		Crv int64    `cbor:"-1,keyasint"`
		X   [32]byte `cbor:"-2,keyasint"`
	}
	confirmation struct {
		Key coseKey `cbor:"1,keyasint"`
	}
	claims struct {
		Exp   uint64       `cbor:"4,keyasint"`
		Nbf   uint64       `cbor:"5,keyasint,omitempty"`
		Iat   uint64       `cbor:"6,keyasint"`
		Cnf   confirmation `cbor:"8,keyasint"`
		Scope []byte       `cbor:"9,keyasint"`
	}
	entry struct {
		_       struct{} `cbor:",toarray"`
		Kind    uint64
		Target  []byte
		Actions uint64
	}
)

func sampleGrant(tb testing.TB) []byte {
	tb.Helper()
	encode := func(v any) []byte {
		b, err := Marshal(v)
		require.NoError(tb, err)
		return b
	}
	return encode(sign1{
		Protected: encode(protected{-19, [8]byte{1, 1, 1}, 65003}),
		Payload: encode(claims{
			Exp: 1800000000, Iat: 1799900000,
			Cnf:   confirmation{coseKey{1, 6, [32]byte{2, 2, 2}}},
			Scope: encode([]entry{{Kind: 1, Target: bytes.Repeat([]byte{3}, 8), Actions: 2}}),
		}),
		Signature: bytes.Repeat([]byte{4}, 64),
	})
}

// unmarshalGrant decodes all the layers into Go values.
func unmarshalGrant(grant []byte) error {
	var outer sign1
	if err := Unmarshal(grant, &outer); err != nil {
		return err
	}
	var header protected
	if err := Unmarshal(outer.Protected, &header); err != nil {
		return err
	}
	var payload claims
	if err := Unmarshal(outer.Payload, &payload); err != nil {
		return err
	}
	var scope []entry
	return Unmarshal(payload.Scope, &scope)
}

// readGrant reads all the layers value by value.
func readGrant(grant []byte) error {
	outer := NewReader(grant)
	outer.Array(4, 4)
	header, _, payload, _ := outer.Bytes(), outer.Map(0, 0), outer.Bytes(), outer.Bytes()
	if err := outer.Close(); err != nil {
		return err
	}
	h := NewReader(header)
	for range h.Map(3, 3) {
		if h.Uint() == 4 {
			h.Bytes()
		} else {
			h.Int()
		}
	}
	if err := h.Close(); err != nil {
		return err
	}
	scope, err := readClaims(payload)
	if err != nil {
		return err
	}
	s := NewReader(scope)
	for range s.Array(1, 4) {
		s.Array(3, 4)
		s.Uint()
		s.Bytes()
		s.Uint()
	}
	return s.Close()
}

func readClaims(payload []byte) (scope []byte, err error) {
	p := NewReader(payload)
	for range p.Map(4, 5) {
		switch p.Uint() {
		case 8:
			p.Map(1, 1)
			p.Uint()
			p.Raw()
		case 9:
			scope = p.Bytes()
		default:
			p.Uint()
		}
	}
	return scope, p.Close()
}
