package cddl_test

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// sample is data of the standard with the name of their rule.
type sample struct {
	rule string
	data []byte
}

// listener is a link that keeps what passes, beside a phone whose random bytes
// it knows: so it can follow the exchange by chapter 6 and open the channel.
type listener struct {
	apdu.Transceiver
	t       testing.TB
	random  bytes.Buffer // of the phone
	cred    []byte       // CRED_R, where the phone knows it
	secret  []byte       // RS_n, where phone and lock share one
	samples []sample

	context             []byte // SELECT hash
	message1, message2  []byte
	okm                 []byte // of the channel
	requests, responses uint64 // counters
	rs0                 []byte // the secret that the last full exchange gives
}

// listen puts a listener beside the phone.
func listen(t testing.TB, w *worldtest.World, p *holder.Phone, known []byte) *listener {
	l := &listener{Transceiver: w.Link(), t: t, cred: known}
	p.Rand = io.TeeReader(p.Rand, &l.random)
	return l
}

// Transceive passes the command on and follows what is said.
func (l *listener) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	command = bytes.Clone(command)
	answer, err := l.Transceiver.Transceive(ctx, command)
	require.NoError(l.t, err)
	c, err := apdu.ParseCommand(command)
	require.NoError(l.t, err)
	data, status := answer[:len(answer)-2], binary.BigEndian.Uint16(answer[len(answer)-2:])
	require.Zero(l.t, c.CLA&0x10, "a chain, which the listener does not join")
	if status == 0x9000 {
		l.hear(c, bytes.Clone(data))
	}
	return answer, nil
}

func (l *listener) add(rule string, data []byte) {
	l.samples = append(l.samples, sample{rule, bytes.Clone(data)})
}

// hear follows one pair.
func (l *listener) hear(c apdu.Command, data []byte) {
	switch c.INS {
	case wire.InsSelect:
		l.add("select-answer", data[4:])
		h := sha256.New()
		h.Write([]byte("\x00\xa4\x04\x00\x09\xf0POSTERN\x01\x00"))
		h.Write(data)
		h.Write([]byte{0x90, 0})
		l.context = h.Sum(nil)
	case wire.InsHandshake1:
		l.message1, l.message2 = bytes.Clone(c.Data), data
		l.add("message_1", c.Data)
		l.add("message_2", data)
	case wire.InsHandshake2:
		item, rest, err := dcbor.Next(c.Data)
		require.NoError(l.t, err)
		l.add("message_3", item)
		l.follow(item)
		l.channel(rest, data)
	case wire.InsResume:
		prk := extract(l.t, bytes.Join([][]byte{c.Data[:8], l.context}, nil), l.secret)
		require.Equal(l.t, l.kdf(prk, wire.ResumptionLabelId, nil, 8), c.Data[8:16], "the resumption id")
		l.begin(l.kdf(prk, wire.ResumptionLabelChannel, nil, 58))
		l.channel(c.Data[16:], data)
	case wire.InsRequest:
		l.channel(c.Data, data)
	default:
		l.t.Fatalf("instruction %02x", c.INS)
	}
}

// channel opens a sealed request and its sealed response.
func (l *listener) channel(request, response []byte) {
	l.add("request", l.open(l.okm[:16], l.okm[32:45], &l.requests, request))
	l.add("response", l.open(l.okm[16:32], l.okm[45:58], &l.responses, response))
}

func (l *listener) begin(okm []byte) { l.okm, l.requests, l.responses = okm, 0, 0 }

// open opens one message of the channel (section 6.7.3).
func (l *listener) open(key, iv []byte, counter *uint64, sealed []byte) []byte {
	nonce := [13]byte(iv)
	for i := range 8 {
		nonce[12-i] ^= byte(*counter >> (8 * i))
	}
	*counter++
	return l.decrypt(key, nonce, nil, sealed)
}

func (l *listener) decrypt(key []byte, nonce [13]byte, additional, sealed []byte) []byte {
	aead, err := suite.NewCCM([16]byte(key))
	require.NoError(l.t, err)
	plain, err := aead.Open(nonce, sealed, additional)
	require.NoError(l.t, err)
	return plain
}

// kdf is EDHOC_KDF (section 6.7.1).
func (l *listener) kdf(prk []byte, label uint64, context []byte, length int) []byte {
	info := dcbor.AppendUint(nil, label)
	info = dcbor.AppendBytes(info, context)
	info = dcbor.AppendUint(info, uint64(length))
	l.add("info", info)
	out, err := suite.Expand(prk, length, info)
	require.NoError(l.t, err)
	return out
}

func extract(t testing.TB, salt, ikm []byte) []byte {
	prk, err := suite.Extract(salt, ikm)
	require.NoError(t, err)
	return prk
}

// agreed finds G_XY: the phone's private key is among its random bytes.
func (l *listener) agreed(gX, gY []byte) []byte {
	random := l.random.Bytes()
	for ; len(random) >= 32; random = random[1:] {
		x, err := ecdh.X25519().NewPrivateKey(random[:32])
		require.NoError(l.t, err)
		if bytes.Equal(x.PublicKey().Bytes(), gX) {
			y, err := ecdh.X25519().NewPublicKey(gY)
			require.NoError(l.t, err)
			gXY, err := x.ECDH(y)
			require.NoError(l.t, err)
			return gXY
		}
	}
	l.t.Fatal("the phone's key is not among its random bytes")
	return nil
}

// bstr encodes a byte string.
func bstr(b []byte) []byte { return dcbor.AppendBytes(nil, b) }

// join joins encodings to a sequence.
func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// transcriptHash takes the hash of a sequence.
func (l *listener) transcriptHash(rule string, parts ...[]byte) []byte {
	l.add(rule, join(parts...))
	sum := sha256.Sum256(join(parts...))
	return sum[:]
}

// sigStructure is what one side signs in the exchange.
func sigStructure(idCred, th, cred, mac []byte) []byte {
	return join([]byte("\x84\x6aSignature1"), bstr(idCred), bstr(join(bstr(th), cred)), bstr(mac))
}

// follow carries sections 6.5 to 6.7 out over what was heard.
func (l *listener) follow(message3 []byte) {
	joined, _, err := dcbor.NextBytes(l.message2)
	require.NoError(l.t, err)
	gX, gY, ciphertext2 := l.message1[len(l.message1)-33:len(l.message1)-1], joined[:32], joined[32:]
	digest := sha256.Sum256(l.message1)
	th2 := l.transcriptHash("TH_2_input", bstr(gY), bstr(digest[:]))
	prk := extract(l.t, th2, l.agreed(gX, gY)) // PRK_2e, PRK_3e2m and PRK_4e3m

	plaintext2 := l.kdf(prk, 0, th2, len(ciphertext2))
	for i := range plaintext2 {
		plaintext2[i] ^= ciphertext2[i]
	}
	l.add("PLAINTEXT_2", plaintext2)
	cR, rest := plaintext2[:1], plaintext2[1:]
	idCredR, _, err := dcbor.Next(rest)
	require.NoError(l.t, err)
	if dcbor.KindOf(idCredR) == dcbor.KindBytes {
		idCredR = join([]byte{0xa1, 4}, idCredR)
	} else {
		l.cred = idCredR[2:]
	}
	l.add("id-cred-r", idCredR)
	l.add("lock-certificate", l.cred)
	context2 := join(cR, idCredR, bstr(th2), l.cred)
	l.add("context_2", context2)
	l.add("Sig_structure_2", sigStructure(idCredR, th2, l.cred, l.kdf(prk, 2, context2, 32)))

	th3 := l.transcriptHash("TH_3_input", bstr(th2), plaintext2, l.cred)
	a3 := join([]byte("\x83\x68Encrypt0\x40"), bstr(th3))
	l.add("Enc_structure_3", a3)
	ciphertext3, _, err := dcbor.NextBytes(message3)
	require.NoError(l.t, err)
	plaintext3 := l.decrypt(l.kdf(prk, 3, th3, 16), [13]byte(l.kdf(prk, 4, th3, 13)), a3, ciphertext3)
	l.add("PLAINTEXT_3", plaintext3)
	idCredI, _, err := dcbor.Next(plaintext3)
	require.NoError(l.t, err)
	credI := idCredI[2:]
	l.add("id-cred-i", idCredI)
	context3 := join(idCredI, bstr(th3), credI)
	l.add("context_3", context3)
	l.add("Sig_structure_3", sigStructure(idCredI, th3, credI, l.kdf(prk, 6, context3, 32)))

	th4 := l.transcriptHash("TH_4_input", bstr(th3), plaintext3, credI)
	exporter := l.kdf(l.kdf(prk, 7, th4, 32), 10, nil, 32)
	l.begin(l.kdf(exporter, wire.LabelChannel, l.context, 58))
	l.rs0 = l.kdf(exporter, wire.LabelResumption, l.context, 32)
}
