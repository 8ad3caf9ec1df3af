package spec_test

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/worldtest"
)

//go:generate go test -run ^TestWorkedExample$ -update .

var update = flag.Bool("update", false, "write the worked example")

const examplePath = "examples/opening.md"

// TestWorkedExample runs one opening between the library's phone and lock and
// explains every byte of it.  The keys are derived anew here from the two
// ephemeral keys alone, by the formulas of chapter 06, and every signature and
// ciphertext is checked with them: what the page says is what the text says.
func TestWorkedExample(t *testing.T) {
	page := workedExample(t)
	if *update {
		require.NoError(t, os.WriteFile(examplePath, []byte(page), 0o644))
		return
	}
	want, err := os.ReadFile(examplePath)
	require.NoError(t, err)
	require.Equal(t, string(want), page, "run go generate ./spec")
}

// opening is one recorded opening.
type opening struct {
	world *worldtest.World
	pairs []apdu.Pair
	grant []byte
	cert  []byte
}

func record(t *testing.T) opening {
	t.Helper()
	w := worldtest.New(t)
	w.Config.Authorities = [][]byte{w.Post.Authority().Bytes()}
	w.PowerUp(t)
	p := w.PostmanPhone(t)
	_, err := p.Open(context.Background(), w.Link(), credential.OperationStatus) // the phone learns the lock's certificate
	require.NoError(t, err)
	p.Rand, w.Config.Rand = worldtest.Rand("example phone"), worldtest.Rand("example lock")
	w.PowerUp(t)
	link := apdu.NewTracer(w.Link())
	r, err := p.Open(context.Background(), link, credential.OperationDeliver)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
	return opening{w, link.Pairs(), p.Grant, w.Config.Identities[0].Certificate}
}

// secrets are the values of the key schedule, chapter 06.
type secrets struct {
	x, y, gx, gy, gxy                   []byte
	th2, th3, th4                       []byte
	prk2e, plain2, mac2, k3, iv3, mac3  []byte
	plain3, prkOut, prkExporter, okm    []byte
	selectHash, request, response, seal []byte
}

// hash is H over a concatenation.
func hash(parts ...[]byte) []byte {
	sum := sha256.Sum256(bytes.Join(parts, nil))
	return sum[:]
}

// bstr is a byte string of less than 65536 bytes.
func bstr(b []byte) []byte {
	switch n := len(b); {
	case n < 24:
		return append([]byte{0x40 | byte(n)}, b...)
	case n < 256:
		return append([]byte{0x58, byte(n)}, b...)
	default:
		return append([]byte{0x59, byte(n >> 8), byte(n)}, b...)
	}
}

// uintItem is an unsigned integer below 65536.
func uintItem(v int) []byte {
	switch {
	case v < 24:
		return []byte{byte(v)}
	case v < 256:
		return []byte{0x18, byte(v)}
	default:
		return []byte{0x19, byte(v >> 8), byte(v)}
	}
}

// kdf is EDHOC_KDF, section 6.7.1.
func kdf(t *testing.T, prk []byte, label int, context []byte, length int) []byte {
	t.Helper()
	info := bytes.Join([][]byte{uintItem(label), bstr(context), uintItem(length)}, nil)
	out, err := hkdf.Expand(sha256.New, prk, string(info), length)
	require.NoError(t, err)
	return out
}

// ccm opens with AES-CCM-16-64-128.
func ccm(t *testing.T, key, nonce, sealed, data []byte) []byte {
	t.Helper()
	c, err := suite.NewCCM([16]byte(key))
	require.NoError(t, err)
	plain, err := c.Open([13]byte(nonce), sealed, data)
	require.NoError(t, err)
	return plain
}

// derive computes the key schedule from the two ephemeral private keys and what
// went over the link.
func (o opening) derive(t *testing.T) secrets {
	t.Helper()
	var s secrets
	s.x = draw(t, "example phone", 0)
	s.y = o.lockDraw(t)
	private, err := ecdh.X25519().NewPrivateKey(s.x)
	require.NoError(t, err)
	other, err := ecdh.X25519().NewPrivateKey(s.y)
	require.NoError(t, err)
	s.gx, s.gy = private.PublicKey().Bytes(), other.PublicKey().Bytes()
	s.gxy, err = private.ECDH(other.PublicKey())
	require.NoError(t, err)

	message1 := data(t, o.pairs[1].Command)
	message2, _ := content(o.pairs[1].Response[:len(o.pairs[1].Response)-2])
	require.Equal(t, s.gx, message1[4:36])
	require.Equal(t, s.gy, message2[:32])
	s.th2 = hash(bstr(s.gy), bstr(hash(message1)))
	s.prk2e, err = hkdf.Extract(sha256.New, s.gxy, s.th2)
	require.NoError(t, err)
	s.plain2 = bytes.Clone(message2[32:])
	for i, k := range kdf(t, s.prk2e, 0, s.th2, len(s.plain2)) {
		s.plain2[i] ^= k
	}
	kid := s.plain2[2:10]
	idCredR := append([]byte{0xA1, 0x04, 0x48}, kid...)
	s.mac2 = kdf(t, s.prk2e, 2, bytes.Join([][]byte{{0x00}, idCredR, bstr(s.th2), o.cert}, nil), 32)
	verify(t, "lock", idCredR, append(bstr(s.th2), o.cert...), s.mac2, s.plain2[12:])

	s.th3 = hash(bstr(s.th2), s.plain2, o.cert)
	s.k3, s.iv3 = kdf(t, s.prk2e, 3, s.th3, 16), kdf(t, s.prk2e, 4, s.th3, 13)
	message3, sealed := content(data(t, o.pairs[2].Command))
	s.plain3 = ccm(t, s.k3, s.iv3, message3, append([]byte("\x83\x68Encrypt0\x40"), bstr(s.th3)...))
	idCredI := append([]byte{0xA1, 0x0D}, o.grant...)
	require.Equal(t, idCredI, s.plain3[:len(idCredI)])
	s.mac3 = kdf(t, s.prk2e, 6, bytes.Join([][]byte{idCredI, bstr(s.th3), o.grant}, nil), 32)
	verify(t, "postman", idCredI, append(bstr(s.th3), o.grant...), s.mac3, s.plain3[len(idCredI)+2:])

	s.th4 = hash(bstr(s.th3), s.plain3, o.grant)
	s.prkOut = kdf(t, s.prk2e, 7, s.th4, 32)
	s.prkExporter = kdf(t, s.prkOut, 10, nil, 32)
	s.selectHash = hash(o.pairs[0].Command, o.pairs[0].Response)
	s.okm = kdf(t, s.prkExporter, 32768, s.selectHash, 58)
	s.seal = sealed
	s.request = ccm(t, s.okm[:16], s.okm[32:45], sealed, nil)
	answer := o.pairs[2].Response
	s.response = ccm(t, s.okm[16:32], s.okm[45:58], answer[:len(answer)-2], nil)
	return s
}

// lockDraw returns the lock's ephemeral private key: the second draw since its
// start, after the nonce, hashed as section 7.3 recommends.
func (o opening) lockDraw(t *testing.T) []byte {
	t.Helper()
	b := append(draw(t, "example lock", 32), o.world.LockID[:]...)
	b = binary.BigEndian.AppendUint32(b, 1) // one log entry: the lock was commissioned
	b = binary.BigEndian.AppendUint32(b, uint32(o.world.Now))
	b = binary.BigEndian.AppendUint32(b, 2)
	return hash(b)
}

// draw returns 32 bytes of a labelled stream, after skip bytes.
func draw(t *testing.T, label string, skip int) []byte {
	t.Helper()
	b := make([]byte, skip+32)
	_, err := io.ReadFull(worldtest.Rand(label), b)
	require.NoError(t, err)
	return b[skip:]
}

// verify checks a Signature_or_MAC: Sig_structure of RFC 9528, 5.3.2 and 5.4.2.
func verify(t *testing.T, key string, idCred, external, mac, signature []byte) {
	t.Helper()
	signed := bytes.Join([][]byte{[]byte("\x84\x6aSignature1"), bstr(idCred), bstr(external), bstr(mac)}, nil)
	public := worldtest.Key(key).Public().(ed25519.PublicKey)
	require.True(t, ed25519.Verify(public, signed, signature), "signature of the %s", key)
}

// data returns the data of a short command.
func data(t *testing.T, command []byte) []byte {
	t.Helper()
	c, err := apdu.ParseCommand(command)
	require.NoError(t, err)
	return c.Data
}

// content splits a sequence after its first byte string and returns what the
// string holds.
func content(sequence []byte) (inside, rest []byte) {
	_, n, size := head(sequence)
	return sequence[size : size+n], sequence[size+n:]
}

// hexLines folds bytes at 32.
func hexLines(b []byte) string {
	var s strings.Builder
	for len(b) > 0 {
		n := min(len(b), 32)
		fmt.Fprintf(&s, "%X\n", b[:n])
		b = b[n:]
	}
	return s.String()
}
