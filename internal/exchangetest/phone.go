package exchangetest

import (
	"slices"

	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/suite"
)

// Second is message_2, decoded.
type Second struct {
	ConnectionID []byte   // C_R, encoded
	IDCred       []byte   // ID_CRED_R, the map
	Signature    []byte   // Signature_or_MAC_2
	Rest         [][]byte // items behind it, of EAD_2

	plaintext []byte
}

// ReadMessage2 decodes message_2.  Nothing of it is verified.
func (r *Run) ReadMessage2(message2 []byte) (*Second, error) {
	items, err := credentialtest.Items(message2)
	if err != nil || len(items) != 1 || len(credentialtest.Content(items[0])) <= keyShareLength {
		return nil, malformed(errMessage2, err)
	}
	joined := credentialtest.Content(items[0])
	r.gY = r.Pass(GY, joined[:keyShareLength])
	if err := r.agree(r.gY, r.Values[Message1]); err != nil {
		return nil, malformed(errMessage2, err)
	}
	plaintext, err := r.crypt2(joined[keyShareLength:])
	if err != nil {
		return nil, err
	}
	items, err = credentialtest.Items(plaintext)
	if err != nil || len(items) < 3 {
		return nil, malformed(errPlaintext2, err)
	}
	s := &Second{
		ConnectionID: items[0], IDCred: whole(items[1]), Signature: credentialtest.Content(items[2]), Rest: items[3:],
		plaintext: plaintext,
	}
	if len(s.Signature) != suite.SignatureSize {
		return s, malformed(errPlaintext2, nil)
	}
	return s, nil
}

// Verify2 takes CRED_R into the transcript, and says whether the key of it signed
// message_2.
func (r *Run) Verify2(s *Second, credR []byte, key suite.PublicKey) error {
	n := names{label: labelMAC2, th: r.th2, connection: s.ConnectionID, mac: MAC2, toBeSigned: Signed2}
	credR = r.Pass(CredR, credR)
	r.third(s.plaintext, credR)
	toBeSigned, err := r.toBeSigned(n, r.Pass(IDCredR, s.IDCred), credR)
	if err != nil {
		return err
	}
	return suite.Verify(key, toBeSigned, s.Signature, nil)
}

// WriteMessage3 composes message_3.
func (r *Run) WriteMessage3(local Local) ([]byte, error) {
	local.IDCred, local.Cred = r.Pass(IDCredI, local.IDCred), r.Pass(CredI, local.Cred)
	signature, err := r.sign(names{label: labelMAC3, th: r.th3, mac: MAC3, toBeSigned: Signed3}, local)
	if err != nil {
		return nil, err
	}
	plaintext := r.Pass(Plaintext3, slices.Concat(compact(local.IDCred), credentialtest.Bytes(r.Pass(Signature3, signature))))
	aead, iv, err := r.aead3()
	if err != nil {
		return nil, err
	}
	sealed, err := aead.Seal(iv, plaintext, edhoc.EncStructure(r.th3))
	if err != nil {
		return nil, err
	}
	if err := r.fourth(plaintext, local.Cred); err != nil {
		return nil, err
	}
	return r.Pass(Message3, credentialtest.Bytes(r.Pass(Ciphertext3, sealed))), nil
}

// First is message_1, decoded.
type First struct {
	Method       int64
	Suites       []int // SUITES_I, the selected one last
	GX           []byte
	ConnectionID []byte   // C_I, encoded
	Rest         [][]byte // items behind it, of EAD_1
	Raw          []byte
}

// Third is PLAINTEXT_3, decoded.
type Third struct {
	IDCred    []byte // ID_CRED_I, the map
	Signature []byte
	Rest      [][]byte // items behind it, of EAD_3

	plaintext []byte
}
