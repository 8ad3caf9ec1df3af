package vectortest

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// derived is EDHOC_KDF.  The implementation keeps what lies between to itself,
// so the reader computes it once more.
func derived(prk []byte, label uint64, context []byte, length int) []byte {
	info := dcbor.AppendUint(nil, label)
	info = dcbor.AppendUint(dcbor.AppendBytes(info, context), uint64(length))
	okm, err := suite.Expand(prk, length, info)
	if err != nil {
		panic(err) // no key here has another length than 32 bytes
	}
	return okm
}

func hashed(parts ...[]byte) []byte {
	sum := sha256.Sum256(bytes.Join(parts, nil))
	return sum[:]
}

func bstr(b []byte) []byte { return dcbor.AppendBytes(nil, b) }

func divided(okm []byte) vectors.ChannelKeys {
	return vectors.ChannelKeys{OKM: okm, RequestKey: okm[:16], ResponseKey: okm[16:32], RequestIV: okm[32:45], ResponseIV: okm[45:]}
}

// valuesOf computes every value of a good exchange from the two private keys
// and the messages.
func valuesOf(p vectors.ExchangeParams, test vectors.ExchangeTest) (v vectors.ExchangeValues, err error) {
	c, err := apdu.ParseCommand(test.Handshake1.Command)
	if err != nil {
		return v, err
	}
	message2, err := responseData(test.Handshake1)
	if err != nil {
		return v, err
	}
	if err := shareKeys(p, test, &v); err != nil {
		return v, err
	}
	joined, rest, err := dcbor.NextBytes(message2)
	if err != nil || len(rest) > 0 || len(joined) < 32+1+1+66 || !bytes.Equal(joined[:32], v.GY) {
		return v, fmt.Errorf("message_2: %w", err)
	}
	v.Message1, v.HashMessage1, v.Message2 = c.Data, hashed(c.Data), message2
	v.TH2 = hashed(bstr(v.GY), bstr(v.HashMessage1))
	if v.PRK2e, err = suite.Extract(v.TH2, v.GXY); err != nil {
		return v, err
	}
	v.PRK3e2m, v.PRK4e3m = v.PRK2e, v.PRK2e
	v.Keystream2 = derived(v.PRK2e, 0, v.TH2, len(joined)-32)
	v.Plaintext2 = make([]byte, len(joined)-32)
	subtle.XORBytes(v.Plaintext2, joined[32:], v.Keystream2)
	cR, idCredR := v.Plaintext2[:1], []byte(v.Plaintext2[1:len(v.Plaintext2)-66])
	if p.Phone.Remembered != nil {
		idCredR = append([]byte{0xa1, 0x04}, idCredR...)
	}
	v.Signature2 = v.Plaintext2[len(v.Plaintext2)-64:]
	v.Context2 = bytes.Join([][]byte{cR, idCredR, bstr(v.TH2), p.Lock.Certificate}, nil)
	v.MAC2 = derived(v.PRK3e2m, 2, v.Context2, 32)
	v.ToBeSigned2 = signed(idCredR, v.TH2, p.Lock.Certificate, v.MAC2)
	return v, proofValues(p, test, &v)
}

// shareKeys computes the public keys and G_XY.
func shareKeys(p vectors.ExchangeParams, test vectors.ExchangeTest, v *vectors.ExchangeValues) error {
	if unclamped(p.Suite, test.PhoneEphemeral) || unclamped(p.Suite, test.LockEphemeral) {
		return errors.New("an ephemeral key is not clamped")
	}
	curve := suite.X25519
	if p.Suite == wire.SuiteP256Es256 {
		curve = suite.P256
	}
	x, err := suite.GenerateDH(curve, bytes.NewReader(test.PhoneEphemeral), nil)
	if err != nil {
		return err
	}
	y, err := suite.GenerateDH(curve, bytes.NewReader(test.LockEphemeral), nil)
	if err != nil {
		return err
	}
	v.GX, v.GY = x.Public(), y.Public()
	v.GXY, err = x.Shared(v.GY)
	return err
}

// signed is the array that Signature_or_MAC_x signs.
func signed(idCred, th, cred, mac []byte) []byte {
	b := append([]byte{0x84, 0x6a}, "Signature1"...)
	b = dcbor.AppendBytes(b, idCred)
	b = dcbor.AppendBytes(b, append(bstr(th), cred...))
	return dcbor.AppendBytes(b, mac)
}

// proofValues are those of message_3 and behind it.
func proofValues(p vectors.ExchangeParams, test vectors.ExchangeTest, v *vectors.ExchangeValues) error {
	c, err := apdu.ParseCommand(test.Handshake2.Command)
	if err != nil {
		return err
	}
	message3, _, err := edhoc.SplitMessage3(c.Data)
	if err != nil {
		return err
	}
	ciphertext3, _, err := dcbor.NextBytes(message3)
	if err != nil {
		return err
	}
	v.Message3 = message3
	v.TH3 = hashed(bstr(v.TH2), v.Plaintext2, p.Lock.Certificate)
	v.K3, v.IV3 = derived(v.PRK3e2m, 3, v.TH3, 16), derived(v.PRK3e2m, 4, v.TH3, 13)
	v.A3 = append(append([]byte{0x83, 0x68}, "Encrypt0\x40"...), bstr(v.TH3)...)
	ccm, err := suite.NewCCM([suite.CCMKeySize]byte(v.K3))
	if err != nil {
		return err
	}
	if v.Plaintext3, err = ccm.Open([suite.CCMNonceSize]byte(v.IV3), ciphertext3, v.A3); err != nil {
		return err
	}
	idCredI, credI := p.Phone.IDCredI, p.Phone.IDCredI[2:]
	if len(v.Plaintext3) != len(idCredI)+66 {
		return errors.New("PLAINTEXT_3 has another ID_CRED_I")
	}
	v.Signature3 = v.Plaintext3[len(idCredI)+2:]
	v.Context3 = bytes.Join([][]byte{idCredI, bstr(v.TH3), credI}, nil)
	v.MAC3 = derived(v.PRK4e3m, 6, v.Context3, 32)
	v.ToBeSigned3 = signed(idCredI, v.TH3, credI, v.MAC3)
	v.TH4 = hashed(bstr(v.TH3), v.Plaintext3, credI)
	v.PRKOut = derived(v.PRK4e3m, 7, v.TH4, 32)
	v.PRKExporter = derived(v.PRKOut, 10, nil, 32)
	if v.SelectHash, err = hashOf(test.Select); err != nil {
		return err
	}
	v.ChannelKeys = divided(derived(v.PRKExporter, wire.LabelChannel, v.SelectHash, 58))
	v.Resumption = derived(v.PRKExporter, wire.LabelResumption, v.SelectHash, 32)
	v.Commissioning = derived(v.PRKExporter, wire.LabelCommissioning, v.SelectHash, 32)
	v.Log = derived(v.PRKExporter, wire.LabelLog, v.SelectHash, 32)
	return nil
}

// verifiedCertificate is the lock certificate, verified by what the phone has.
func verifiedCertificate(p vectors.ExchangeParams) (*credential.LockCertificate, error) {
	return certified(p.Lock.Certificate, p.Phone.Makers, p.Phone.Roots)
}

// certified verifies a lock certificate.
func certified(certificate []byte, makers, roots []vectors.Hex) (*credential.LockCertificate, error) {
	trusted, err := publicKeys(roots)
	if err != nil {
		return nil, err
	}
	u, err := credential.ParseLockCertificate(certificate)
	if err != nil {
		return nil, err
	}
	v := credential.Verifier{Roots: trusted}
	for _, m := range makers {
		maker, err := credential.ParseAuthority(m)
		if err != nil {
			return nil, err
		}
		a, err := v.Authority(maker)
		if err != nil {
			return nil, err
		}
		if credential.KeyIDOf(a.Key()) == u.Signer() {
			return v.LockCertificate(u, a)
		}
	}
	return nil, errors.New("the lock certificate's manufacturer is missing")
}

// certificateOf resolves ID_CRED_R to the lock certificate.
func certificateOf(p vectors.ExchangeParams) edhoc.Resolver {
	return func([]byte) (edhoc.Peer, error) {
		c, err := verifiedCertificate(p)
		if err != nil {
			return edhoc.Peer{}, err
		}
		return edhoc.Peer{Cred: c.Bytes(), Key: c.Key()}, nil
	}
}
