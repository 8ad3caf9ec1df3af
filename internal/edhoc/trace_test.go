package edhoc

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/suite"
)

// A trace holds the values of a trace of RFC 9529 by their names.
type trace map[string][]byte

func readTrace(t testing.TB, name string) trace {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	values := trace{}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		require.Len(t, fields, 2, line)
		values[fields[0]] = fromHex(t, fields[1])
	}
	return values
}

// value returns a value, which must be in the trace.
func (v trace) value(t testing.TB, name string) []byte {
	t.Helper()
	b, ok := v[name]
	require.True(t, ok, "%s is not in the trace", name)
	return b
}

// local returns the own side of R or I in the trace.
func (v trace) local(t testing.TB, side string) Local {
	t.Helper()
	private := ed25519.NewKeyFromSeed(v.value(t, "SK_"+side))
	require.Equal(t, v.value(t, "PK_"+side), []byte(private.Public().(ed25519.PublicKey)))
	signer, err := suite.NewSigner(private)
	require.NoError(t, err)
	return Local{IDCred: v.value(t, "ID_CRED_"+side), Cred: v.value(t, "CRED_"+side), Signer: signer}
}

const traceMethod0 = "rfc9529-method0-suite0.txt"

// requireOSCORE checks what the trace derives with EDHOC_Exporter.
func requireOSCORE(t *testing.T, v trace, e *Exporter) {
	t.Helper()
	require.Equal(t, v.value(t, "PRK_exporter"), e.prk[:])
	secret, err := e.Export(0, nil, 16)
	require.NoError(t, err)
	require.Equal(t, v.value(t, "OSCORE_Master_Secret"), secret)
	salt, err := e.Export(1, []byte{}, 8)
	require.NoError(t, err)
	require.Equal(t, v.value(t, "OSCORE_Master_Salt"), salt)
}

func TestTraceInitiator(t *testing.T) {
	v := readTrace(t, traceMethod0)
	i1, message1, err := Start(InitiatorConfig{
		Suites:            []int{0},
		Rand:              bytes.NewReader(v.value(t, "X")),
		ConnectionID:      v.value(t, "C_I"),
		LongConnectionIDs: true,
	})
	require.NoError(t, err)
	require.Equal(t, v.value(t, "message_1"), message1)
	require.Equal(t, v.value(t, "H(message_1)"), peek(&i1.stage).hashMessage1[:])

	i2, err := i1.ReadMessage2(v.value(t, "message_2"), knows(t, v.local(t, "R")))
	require.NoError(t, err)
	require.Equal(t, v.value(t, "PRK_3e2m"), peek(&i2.stage).prk3e2m[:])
	th3 := peek(&i2.stage).th3
	require.Equal(t, v.value(t, "TH_3"), th3[:])

	message3, exporter, err := i2.WriteMessage3(v.local(t, "I"))
	require.NoError(t, err)
	require.Equal(t, v.value(t, "message_3"), message3)
	requireOSCORE(t, v, exporter)
}

func TestTraceResponder(t *testing.T) {
	v := readTrace(t, traceMethod0)
	r1, message2, err := Accept(v.value(t, "message_1"), ResponderConfig{
		Suites:       []int{0},
		Local:        func(int) (Local, error) { return v.local(t, "R"), nil },
		Rand:         bytes.NewReader(v.value(t, "Y")),
		ConnectionID: v.value(t, "C_R"),
	})
	require.NoError(t, err)
	require.Equal(t, v.value(t, "message_2"), message2)

	exporter, err := r1.ReadMessage3(v.value(t, "message_3"), knows(t, v.local(t, "I")))
	require.NoError(t, err)
	requireOSCORE(t, v, exporter)
}

// TestTraceKeySchedule checks every intermediate value that the trace gives.
func TestTraceKeySchedule(t *testing.T) {
	v := readTrace(t, traceMethod0)
	equal := func(name string, got []byte) {
		t.Helper()
		require.Equal(t, v.value(t, name), got, name)
	}
	derived := func(name string) func([]byte, error) {
		return func(got []byte, err error) {
			t.Helper()
			require.NoError(t, err)
			equal(name, got)
		}
	}

	y, err := suite.GenerateDH(suite.X25519, bytes.NewReader(v.value(t, "Y")), nil)
	require.NoError(t, err)
	equal("G_Y", y.Public())
	gXY, err := y.Shared(v.value(t, "G_X"))
	require.NoError(t, err)
	equal("G_XY", gXY)

	th2 := newTH2(y.Public(), sha256.Sum256(v.value(t, "message_1")))
	equal("TH_2", th2[:])
	prk2e, err := newPRK2e(th2, gXY)
	require.NoError(t, err)
	equal("PRK_2e", prk2e[:])
	derived("KEYSTREAM_2")(prk2e.keystream2(th2, len(v.value(t, "PLAINTEXT_2"))))

	prk3e2m := prk2e.prk3e2m()
	equal("PRK_3e2m", prk3e2m[:])
	r, i := v.local(t, "R"), v.local(t, "I")
	mac2, err := prk3e2m.mac2(v.value(t, "C_R"), r.IDCred, th2, r.Cred)
	require.NoError(t, err)
	equal("MAC_2", mac2)
	equal("M_2", SigStructure(r.IDCred, th2[:], r.Cred, mac2))
	derived("Signature_or_MAC_2")(r.Signer.Sign(v.value(t, "M_2")))

	p2, err := parsePlaintext2(v.value(t, "PLAINTEXT_2"))
	require.NoError(t, err)
	equal("C_R", p2.cR)
	equal("ID_CRED_R", p2.idCredR.header)
	equal("Signature_or_MAC_2", p2.signature)
	equal("PLAINTEXT_2", p2.encode())
	derived("CIPHERTEXT_2")(prk2e.crypt2(th2, p2.encode()))

	th3 := th2.th3(p2.encode(), r.Cred)
	equal("TH_3", th3[:])
	derived("K_3")(prk3e2m.k3(th3))
	derived("IV_3")(prk3e2m.iv3(th3))
	equal("A_3", EncStructure(th3[:]))

	prk4e3m := prk3e2m.prk4e3m()
	equal("PRK_4e3m", prk4e3m[:])
	mac3, err := prk4e3m.mac3(i.IDCred, th3, i.Cred)
	require.NoError(t, err)
	equal("MAC_3", mac3)
	equal("M_3", SigStructure(i.IDCred, th3[:], i.Cred, mac3))
	derived("Signature_or_MAC_3")(i.Signer.Sign(v.value(t, "M_3")))

	p3, err := parsePlaintext3(v.value(t, "PLAINTEXT_3"))
	require.NoError(t, err)
	equal("PLAINTEXT_3", p3.encode())
	derived("CIPHERTEXT_3")(prk3e2m.seal3(th3, p3.encode()))
	derived("PLAINTEXT_3")(prk3e2m.open3(th3, v.value(t, "CIPHERTEXT_3")))

	th4 := th3.th4(p3.encode(), i.Cred)
	equal("TH_4", th4[:])
	prkOut, err := prk4e3m.prkOut(th4)
	require.NoError(t, err)
	equal("PRK_out", prkOut[:])
	prkExporter, err := prkOut.prkExporter()
	require.NoError(t, err)
	equal("PRK_exporter", prkExporter[:])
	traceMessage4(t, v, prk4e3m, th4)
}

// traceMessage4 checks message_4 of the trace, which the profile does not use,
// and with it PRK_4e3m and TH_4 once more.
func traceMessage4(t *testing.T, v trace, prk4e3m *prk4e3mKey, th4 th4Hash) {
	k4, err := KDF(prk4e3m[:], 8, keyLength, th4[:])
	require.NoError(t, err)
	require.Equal(t, v.value(t, "K_4"), k4)
	iv4, err := KDF(prk4e3m[:], 9, ivLength, th4[:])
	require.NoError(t, err)
	require.Equal(t, v.value(t, "IV_4"), iv4)
	aead, err := suite.NewCCM([keyLength]byte(k4))
	require.NoError(t, err)
	a4 := dcbor.AppendBytes([]byte(encStructureHead), th4[:])
	require.Equal(t, v.value(t, "A_4"), a4)
	ciphertext4, err := aead.Seal([ivLength]byte(iv4), nil, a4)
	require.NoError(t, err)
	require.Equal(t, v.value(t, "message_4"), dcbor.AppendBytes(nil, ciphertext4))
}

// TestTraceSuite2 checks what the trace of METHOD 3 has in common with METHOD 0:
// all of cipher suite 2 but the signature.
func TestTraceSuite2(t *testing.T) {
	v := readTrace(t, "rfc9529-method3-suite2.txt")
	m1, err := parseMessage1(v.value(t, "message_1"))
	require.NoError(t, err)
	require.Equal(t, &message1{method: 3, suitesI: []int{6, 2}, gX: v.value(t, "G_X"), cI: appendIdentifier(nil, v.value(t, "C_I"))}, m1)
	require.Equal(t, v.value(t, "message_1"), m1.encode())

	x, err := suite.GenerateDH(suite.P256, bytes.NewReader(v.value(t, "X")), nil)
	require.NoError(t, err)
	require.Equal(t, v.value(t, "G_X"), x.Public())
	m2, err := parseMessage2(v.value(t, "message_2"))
	require.NoError(t, err)
	require.Equal(t, v.value(t, "G_Y"), m2.gY)
	require.Equal(t, v.value(t, "CIPHERTEXT_2"), m2.ciphertext2)

	th2 := newTH2(m2.gY, sha256.Sum256(v.value(t, "message_1")))
	require.Equal(t, v.value(t, "TH_2"), th2[:])
	prk2e, err := agree(x, "G_Y", m2.gY, th2)
	require.NoError(t, err)
	require.Equal(t, v.value(t, "PRK_2e"), prk2e[:])
	plaintext2, err := prk2e.crypt2(th2, m2.ciphertext2)
	require.NoError(t, err)
	require.Equal(t, v.value(t, "PLAINTEXT_2"), plaintext2)

	// Its kid is compact, and its signature field holds a MAC of 8 bytes.
	r := newReader(plaintext2)
	require.Equal(t, v.value(t, "C_R"), r.identifier("C_R"))
	require.Equal(t, v.value(t, "ID_CRED_R"), r.idCred("ID_CRED_R").header)
	require.NoError(t, r.err)
	_, err = parsePlaintext2(plaintext2)
	requireFault(t, err, ErrSignature, "Signature_or_MAC_2")
}

// TestRunOfSuite2 pins the bytes of a whole run of METHOD 0 and cipher suite 2.
func TestRunOfSuite2(t *testing.T) {
	v := readTrace(t, "method0-suite2.txt")
	f := newFixture(t, 2, "kid")
	require.Equal(t, v.value(t, "ID_CRED_R"), f.r.IDCred)
	require.Equal(t, v.value(t, "CRED_R"), f.r.Cred)
	require.Equal(t, v.value(t, "ID_CRED_I"), f.i.IDCred)
	require.Equal(t, v.value(t, "CRED_I"), f.i.Cred)

	configI, configR := f.initiator(), f.responder()
	configI.Rand, configR.Rand = bytes.NewReader(v.value(t, "X")), bytes.NewReader(v.value(t, "Y"))
	i1, message1, err := Start(configI)
	require.NoError(t, err)
	require.Equal(t, v.value(t, "message_1"), message1)
	r1, message2, err := Accept(message1, configR)
	require.NoError(t, err)
	require.Equal(t, v.value(t, "message_2"), message2)
	i2, err := i1.ReadMessage2(message2, knows(t, f.r))
	require.NoError(t, err)
	th3 := peek(&i2.stage).th3
	require.Equal(t, v.value(t, "TH_3"), th3[:])
	require.Equal(t, v.value(t, "PRK_3e2m"), peek(&i2.stage).prk3e2m[:])
	message3, exporterI, err := i2.WriteMessage3(f.i)
	require.NoError(t, err)
	require.Equal(t, v.value(t, "message_3"), message3)
	exporterR, err := r1.ReadMessage3(message3, knows(t, f.i))
	require.NoError(t, err)
	for _, e := range []*Exporter{exporterI, exporterR} {
		require.Equal(t, v.value(t, "PRK_exporter"), e.prk[:])
		key, err := e.Export(32768, []byte("ctx"), 58)
		require.NoError(t, err)
		require.Equal(t, v.value(t, "exporter"), key)
	}
}

func TestTraceRefusesLongConnectionIDByDefault(t *testing.T) {
	v := readTrace(t, traceMethod0)
	i1, _, err := Start(InitiatorConfig{
		Suites:       []int{0},
		Rand:         bytes.NewReader(v.value(t, "X")),
		ConnectionID: v.value(t, "C_I"),
	})
	require.NoError(t, err)
	_, err = i1.ReadMessage2(v.value(t, "message_2"), knows(t, v.local(t, "R")))
	requireFault(t, err, ErrConnectionID, "C_R")
}
