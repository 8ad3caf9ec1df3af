package exchangetest

import (
	"slices"

	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/suite"
)

// ReadMessage1 decodes message_1.
func ReadMessage1(message1 []byte) (*First, error) {
	items, err := credentialtest.Items(message1)
	if err != nil || len(items) < 4 {
		return nil, malformed(errMessage1, err)
	}
	f := &First{GX: credentialtest.Content(items[2]), ConnectionID: items[3], Rest: items[4:], Raw: message1}
	if f.Method, _, err = dcbor.NextInt(items[0]); err != nil {
		return nil, malformed(errMessage1, err)
	}
	suites := items[1:2]
	if items[1][0]>>5 == credentialtest.MajorArray {
		if suites, err = elements(items[1]); err != nil {
			return nil, malformed(errMessage1, err)
		}
	}
	for _, item := range suites {
		s, _, err := dcbor.NextInt(item)
		if err != nil {
			return nil, malformed(errMessage1, err)
		}
		f.Suites = append(f.Suites, int(s))
	}
	if len(f.Suites) == 0 || f.GX == nil {
		return nil, malformed(errMessage1, nil)
	}
	return f, nil
}

// elements takes an array apart.
func elements(array []byte) (items [][]byte, err error) {
	r := dcbor.NewReader(array)
	for range r.Array(0, len(array)) {
		items = append(items, r.Raw())
	}
	return items, r.Close()
}

// WriteMessage2 composes message_2.
func (r *Run) WriteMessage2(f *First, local Local) ([]byte, error) {
	r.gY = r.Pass(GY, r.own.Public())
	if err := r.agree(f.GX, f.Raw); err != nil {
		return nil, err
	}
	cR := r.Pass(CR, credentialtest.Int(0))
	local.IDCred, local.Cred = r.Pass(IDCredR, local.IDCred), r.Pass(CredR, local.Cred)
	signature, err := r.sign(names{label: labelMAC2, th: r.th2, connection: cR, mac: MAC2, toBeSigned: Signed2}, local)
	if err != nil {
		return nil, err
	}
	plaintext := r.Pass(Plaintext2, slices.Concat(cR, compact(local.IDCred), credentialtest.Bytes(r.Pass(Signature2, signature))))
	ciphertext, err := r.crypt2(plaintext)
	if err != nil {
		return nil, err
	}
	r.third(plaintext, local.Cred)
	return r.Pass(Message2, credentialtest.Bytes(slices.Concat(r.gY, r.Pass(Ciphertext2, ciphertext)))), nil
}

// ReadMessage3 opens message_3.  Nothing of it is verified but that it opens.
func (r *Run) ReadMessage3(message3 []byte) (*Third, error) {
	sealed := credentialtest.Content(message3)
	if sealed == nil {
		return nil, malformed(errMessage3, nil)
	}
	aead, iv, err := r.aead3()
	if err != nil {
		return nil, err
	}
	plaintext, err := aead.Open(iv, sealed, edhoc.EncStructure(r.th3))
	if err != nil {
		return nil, malformed(errMessage3, err)
	}
	items, err := credentialtest.Items(plaintext)
	if err != nil || len(items) < 2 {
		return nil, malformed(errPlaintext3, err)
	}
	t := &Third{IDCred: whole(items[0]), Signature: credentialtest.Content(items[1]), Rest: items[2:], plaintext: plaintext}
	r.Pass(Plaintext3, plaintext)
	return t, nil
}

// Verify3 takes CRED_I into the transcript, completes the run, and says whether
// the key of it signed message_3.
func (r *Run) Verify3(t *Third, credI []byte, key suite.PublicKey) error {
	credI = r.Pass(CredI, credI)
	toBeSigned, err := r.toBeSigned(names{label: labelMAC3, th: r.th3, mac: MAC3, toBeSigned: Signed3}, r.Pass(IDCredI, t.IDCred), credI)
	if err != nil {
		return err
	}
	if err := r.fourth(t.plaintext, credI); err != nil {
		return err
	}
	return suite.Verify(key, toBeSigned, t.Signature, nil)
}
