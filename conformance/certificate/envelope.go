package certificate

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/postern-lock/postern/conformance/strict"
)

// envelope is a DSSE envelope, version 1, with one signature.
type envelope struct {
	Payload     string      `json:"payload"`
	PayloadType string      `json:"payloadType"`
	Signatures  []signature `json:"signatures"`
}

type signature struct {
	KeyID string `json:"keyid"`
	Sig   string `json:"sig"`
}

// encode returns the one form of an envelope: a line without white space.
func (e envelope) encode() ([]byte, error) {
	b, err := json.Marshal(e)
	return append(b, '\n'), err
}

// preAuth is DSSE's PAE: what is signed.
func preAuth(payloadType string, payload []byte) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(payloadType), payloadType, len(payload), payload)
}

var base64Strict = base64.StdEncoding.Strict()

// Sign returns the certificate as a file.
func Sign(s *Statement, key ed25519.PrivateKey) ([]byte, error) {
	payload, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	id, err := KeyID(key.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, err
	}
	return envelope{
		Payload: base64Strict.EncodeToString(payload), PayloadType: PayloadType,
		Signatures: []signature{{id, base64Strict.EncodeToString(ed25519.Sign(key, preAuth(PayloadType, payload)))}},
	}.encode()
}

// Open returns the statement of a certificate that one of the keys signed.
func Open(file []byte, trusted []ed25519.PublicKey) (*Statement, error) {
	var e envelope
	if err := strict.Unmarshal(file, &e); err != nil {
		return nil, refuse(ruleForm, "take the file as it was issued", "the certificate is no envelope: %v", err)
	}
	if same, err := e.encode(); err != nil || !bytes.Equal(same, file) {
		return nil, refuse(ruleForm, "take the file as it was issued", "the envelope is not in its one form, a line of JSON without white space")
	}
	if e.PayloadType != PayloadType {
		return nil, refuse(ruleForm, "take a certificate of a product", "the payload's type is %q, where %q is right", e.PayloadType, PayloadType)
	}
	if len(e.Signatures) != 1 {
		return nil, refuse(ruleForm, "take the file as it was issued", "%d signatures, where one is right", len(e.Signatures))
	}
	payload, err := base64Strict.DecodeString(e.Payload)
	if err != nil || base64Strict.EncodeToString(payload) != e.Payload { // the decoder passes line feeds over
		return nil, refuse(ruleForm, "take the file as it was issued", "the payload is no base64")
	}
	sig, err := base64Strict.DecodeString(e.Signatures[0].Sig)
	if err != nil || len(sig) != ed25519.SignatureSize || base64Strict.EncodeToString(sig) != e.Signatures[0].Sig {
		return nil, refuse(ruleForm, "take the file as it was issued", "the signature is not the base64 of %d bytes", ed25519.SignatureSize)
	}
	key, err := find(trusted, e.Signatures[0].KeyID)
	if err != nil {
		return nil, err
	}
	if !ed25519.Verify(key, preAuth(e.PayloadType, payload), sig) {
		return nil, refuse(ruleTrust, "take the file as it was issued", "the signature is not good: the certificate was altered")
	}
	s := new(Statement)
	if err := strict.Unmarshal(payload, s); err != nil {
		return nil, refuse(ruleForm, "ask its issuer for another", "what was signed is no statement: %v", err)
	}
	switch {
	case s.Type != StatementType:
		return nil, refuse(ruleForm, "ask its issuer for another", "the statement's type is %q, where %q is right", s.Type, StatementType)
	case s.PredicateType != PredicateType:
		return nil, refuse(ruleForm, "take a certificate of a product", "the predicate's type is %q, where %q is right", s.PredicateType, PredicateType)
	case s.Predicate.Issuer.Key != e.Signatures[0].KeyID:
		return nil, refuse(ruleTrust, "ask its issuer for another", "the statement names key %s as its issuer, and key %s signed it", s.Predicate.Issuer.Key, e.Signatures[0].KeyID)
	}
	return s, nil
}

// find returns the trusted key with an id.
func find(trusted []ed25519.PublicKey, id string) (ed25519.PublicKey, error) {
	for _, k := range trusted {
		if own, err := KeyID(k); err == nil && own == id {
			return k, nil
		}
	}
	return nil, refuse(ruleTrust, "ask its issuer for the public key, by a way that you trust", "key %s signed it, which is not one that you trust", id)
}
