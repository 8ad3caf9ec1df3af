package exchangetest

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"

	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// Labels of EDHOC_KDF (RFC 9528, figure 6), and lengths in bytes.
const (
	labelKeystream2, labelMAC2, labelK3, labelIV3   = 0, 2, 3, 4
	labelMAC3, labelPRKOut, labelPRKExporter        = 6, 7, 10
	hashLength, keyLength, ivLength, keyShareLength = sha256.Size, suite.CCMKeySize, suite.CCMNonceSize, 32
)

// Local is one's own side of the authentication.
type Local struct {
	IDCred []byte       // ID_CRED_x, the map
	Cred   []byte       // CRED_x
	Signer suite.Signer // whoever's key it is
}

// Run is one run of EDHOC with METHOD 0, by either side.
type Run struct {
	*Tap
	Suite int // the selected one

	own  *suite.DHKey
	gY   []byte
	th2  []byte
	th3  []byte
	prk  []byte
	prkE []byte // PRK_exporter
}

// SuiteOf returns the cipher suite that a key belongs to.
func SuiteOf(key suite.PublicKey) int {
	if key.Algorithm() == suite.AlgESP256 {
		return wire.SuiteP256Es256
	}
	return wire.SuiteX25519Ed25519
}

// NewRun begins a run in the suite: it makes the ephemeral key.
func NewRun(tap *Tap, selected int, rand io.Reader) (*Run, error) {
	curve := suite.X25519
	if selected == wire.SuiteP256Es256 {
		curve = suite.P256
	}
	secret := make([]byte, keyShareLength)
	if _, err := io.ReadFull(rand, secret); err != nil {
		return nil, err
	}
	own, err := suite.GenerateDH(curve, bytes.NewReader(tap.Pass(X, secret)), nil)
	if err != nil {
		return nil, err
	}
	return &Run{Tap: tap, Suite: selected, own: own}, nil
}

// WriteMessage1 composes message_1 with the suites in the order given.
func (r *Run) WriteMessage1(suites []int) []byte {
	list := credentialtest.Int(int64(suites[0]))
	if len(suites) > 1 {
		items := make([][]byte, 0, len(suites))
		for _, s := range suites {
			items = append(items, credentialtest.Int(int64(s)))
		}
		list = credentialtest.Array(items...)
	}
	gX := credentialtest.Bytes(r.Pass(GX, r.own.Public()))
	return r.Pass(Message1, bytes.Join([][]byte{credentialtest.Int(0), list, gX, credentialtest.Int(0)}, nil))
}

// agree derives TH_2, G_XY and PRK_2e.
func (r *Run) agree(peer, message1 []byte) error {
	hash1 := sha256.Sum256(r.Pass(Message1In, message1))
	th2 := edhoc.TranscriptHash(credentialtest.Bytes(r.gY), credentialtest.Bytes(hash1[:]))
	r.th2 = r.Pass(TH2, th2[:])
	gXY, err := r.own.Shared(peer)
	if err != nil && r.Alter[GXY] == nil {
		return err
	}
	prk, err := suite.Extract(r.th2, r.Pass(GXY, gXY))
	r.prk = r.Pass(PRK, prk)
	return err
}

// crypt2 turns PLAINTEXT_2 into CIPHERTEXT_2 and back.
func (r *Run) crypt2(text []byte) ([]byte, error) {
	keystream, err := edhoc.KDF(r.prk, labelKeystream2, len(text), r.th2)
	if err != nil {
		return nil, err
	}
	out := make([]byte, len(text))
	subtle.XORBytes(out, text, keystream)
	return out, nil
}

// names are what differs between the two sides' authentication.
type names struct {
	label           uint
	mac, toBeSigned Value
	th, connection  []byte // the connection identifier stands in context_2 alone
}

// sign returns Signature_or_MAC_x.
func (r *Run) sign(n names, local Local) ([]byte, error) {
	toBeSigned, err := r.toBeSigned(n, local.IDCred, local.Cred)
	if err != nil {
		return nil, err
	}
	return local.Signer.Sign(toBeSigned)
}

// toBeSigned returns what Signature_or_MAC_x signs.
func (r *Run) toBeSigned(n names, idCred, cred []byte) ([]byte, error) {
	mac, err := edhoc.KDF(r.prk, n.label, hashLength, n.connection, idCred, credentialtest.Bytes(n.th), cred)
	if err != nil {
		return nil, err
	}
	return r.Pass(n.toBeSigned, edhoc.SigStructure(idCred, n.th, cred, r.Pass(n.mac, mac))), nil
}

// compact returns ID_CRED_x as it stands in a plaintext: a key id without its map
// (RFC 9528, section 3.5.3.2).
func compact(idCred []byte) []byte {
	if bytes.HasPrefix(idCred, []byte{0xA1, wire.HeaderKid}) {
		return idCred[2:]
	}
	return idCred
}

// whole returns the map that belongs to what stands in a plaintext.
func whole(compact []byte) []byte {
	if len(compact) > 0 && compact[0]>>5 == credentialtest.MajorBytes {
		return append([]byte{0xA1, wire.HeaderKid}, compact...)
	}
	return compact
}

var (
	errMessage2   = errors.New("message_2 is not one byte string of 33 bytes or more")
	errMessage3   = errors.New("message_3 is not one byte string")
	errPlaintext2 = errors.New("PLAINTEXT_2 is not C_R, ID_CRED_R and a signature")
	errPlaintext3 = errors.New("PLAINTEXT_3 is not ID_CRED_I and a signature")
	errMessage1   = errors.New("message_1 is not METHOD, SUITES_I, G_X and C_I")
)

// third derives TH_3 after PLAINTEXT_2.
func (r *Run) third(plaintext2, credR []byte) {
	th3 := edhoc.TranscriptHash(credentialtest.Bytes(r.th2), r.Pass(Plain2In, plaintext2), credR)
	r.th3 = r.Pass(TH3, th3[:])
}

// fourth derives TH_4 and PRK_exporter after PLAINTEXT_3.
func (r *Run) fourth(plaintext3, credI []byte) error {
	th4 := edhoc.TranscriptHash(credentialtest.Bytes(r.th3), r.Pass(Plain3In, plaintext3), credI)
	prkOut, err := edhoc.KDF(r.prk, labelPRKOut, hashLength, r.Pass(TH4, th4[:]))
	if err != nil {
		return err
	}
	exporter, err := edhoc.KDF(r.Pass(PRKOut, prkOut), labelPRKExporter, hashLength)
	r.prkE = r.Pass(PRKExporter, exporter)
	return err
}

// aead3 returns what CIPHERTEXT_3 is sealed with.
func (r *Run) aead3() (*suite.CCM, [ivLength]byte, error) {
	key, err := edhoc.KDF(r.prk, labelK3, keyLength, r.th3)
	if err != nil {
		return nil, [ivLength]byte{}, err
	}
	iv, err := edhoc.KDF(r.prk, labelIV3, ivLength, r.th3)
	if err != nil {
		return nil, [ivLength]byte{}, err
	}
	aead, err := suite.NewCCM([keyLength]byte(key))
	return aead, [ivLength]byte(iv), err
}

// Export is EDHOC_Exporter, with the SELECT hash as context.
func (r *Run) Export(label uint, selectHash []byte, length int) ([]byte, error) {
	if r == nil || r.prkE == nil {
		return nil, errors.New("exchangetest: the run is not complete")
	}
	return edhoc.KDF(r.prkE, label, length, selectHash)
}

// Channel derives the channel of the run.
func (r *Run) Channel(selectHash []byte, phone bool) (*Channel, error) {
	keys, err := r.Export(wire.LabelChannel, selectHash, keysLength)
	if err != nil {
		return nil, err
	}
	return NewChannel(r.Pass(ChannelKeys, keys), phone)
}

// malformed says which message is not as it should be, and why.
func malformed(what, why error) error {
	if why == nil {
		return what
	}
	return fmt.Errorf("%w: %w", what, why)
}
