package edhoc

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/internal/dcbor"
)

// The invalid messages of RFC 9529, section 4. They are of METHOD 3, so each
// message_1 is tried as it stands and with METHOD 0 in its place. Where decoding
// finds the fault, both are refused for it. Where it is found later, the message
// of METHOD 3 is refused for its method, and that of METHOD 0 for the fault.

// g is a valid x-coordinate of P-256, from the valid message_1 that most of the
// invalid ones are made of.
const g = "741a13d7ba048fbb615e94386aa3b61bea5b3d8f65f32620b749bee8d278efa9"

var invalidMessage1 = []struct {
	name    string
	message string // M stands for METHOD
	kind    Kind
	field   string
	decoded bool // found only after decoding
}{
	{"4.1.1 surplus array encoding of message", "84 M 02 5820" + g + "0e", ErrMalformed, "METHOD", false},
	{"4.1.2 surplus bstr encoding of connection identifier", "M 02 5820" + g + "410e", ErrMalformed, "C_I", true},
	{"4.1.2, and a suite that nobody has", "M 05 5820" + g + "410e", ErrSuite, "SUITES_I", true},
	{"4.1.3 surplus array encoding of ciphersuite", "M 8102 5820" + g + "0e", ErrMalformed, "SUITES_I", false},
	{"4.1.4 text string encoding of ephemeral key",
		"M 02 7820 20616972207370656564206F66206120756E6C6164656E207377616C6C6F7720 0e", ErrMalformed, "G_X", false},
	{"4.2.1 error in length of ephemeral key", "M 82021818 5820" + g + "0e", ErrSuite, "SUITES_I", true},
	{"4.2.1 in a suite of the profile: short", "M 02 581f" + g[2:] + "0e", ErrKeyShare, "G_X", true},
	{"4.2.1 in a suite of the profile: long", "M 02 5821 00" + g + "0e", ErrKeyShare, "G_X", true},
	{"4.2.2 error in elliptic curve representation",
		"M 02 5820 ffffffff00000001000000000000000000000000ffffffffffffffffffffffff 0e", ErrKeyShare, "G_X", true},
	{"4.2.3 error in elliptic curve point",
		"M 02 5820 a04e73601df544a70ba7ea1e57030f7d4b4e b7f673924e58d54ca77a5e7d4d4a 0e", ErrKeyShare, "G_X", true},
	{"4.2.4 curve point of low order",
		"M 00 5820 edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f 0e", ErrKeyShare, "G_X", true},
	{"4.2.6 error in elliptic curve encoding",
		"M 02 581f d9697725d23a688b12d1c7e0108a08c9f71a85a09c20814976ab21122248fc 0e", ErrKeyShare, "G_X", true},
	{"4.3.1 unnecessary long encoding", "1900M 02 5820" + g + "0e", ErrMalformed, "METHOD", false},
	{"4.3.2 indefinite-length array encoding", "M 9f0602ff 5820" + g + "0e", ErrMalformed, "SUITES_I", false},
}

func message1OfMethod(t testing.TB, message, method string) []byte {
	t.Helper()
	return fromHex(t, strings.ReplaceAll(strings.ReplaceAll(message, "M", method), " ", ""))
}

func acceptAnySuite(t testing.TB, message []byte) ([]byte, error) {
	t.Helper()
	_, message2, err := Accept(message, ResponderConfig{
		Suites: suiteIDs,
		Local:  func(id int) (Local, error) { return identity(t, id, "responder", "kid"), nil },
		Rand:   stream("responder"),
	})
	return message2, err
}

func TestInvalidMessage1OfRFC9529(t *testing.T) {
	for _, tt := range invalidMessage1 {
		t.Run(tt.name, func(t *testing.T) {
			message2, err := acceptAnySuite(t, message1OfMethod(t, tt.message, "00"))
			requireFault(t, err, tt.kind, tt.field)
			require.Nil(t, message2)

			_, err = acceptAnySuite(t, message1OfMethod(t, tt.message, "03"))
			if tt.decoded {
				requireFault(t, err, ErrMethod, "METHOD")
			} else {
				requireFault(t, err, tt.kind, tt.field)
			}
		})
	}
}

func TestValidTwinsOfInvalidMessage1(t *testing.T) {
	for name, message := range map[string]string{
		"suite 2":                  "M 02 5820" + g + "0e",
		"suite 2 after suite 6":    "M 820602 5820" + g + "0e",
		"suite 0, base point":      "M 00 5820 0900000000000000000000000000000000000000000000000000000000000000 0e",
		"leading zero in suite 2":  "M 02 5820 00d9697725d23a688b12d1c7e0108a08c9f71a85a09c20814976ab21122248fc 0e",
		"connection ID of -24":     "M 02 5820" + g + "37",
		"connection ID of 23":      "M 02 5820" + g + "17",
		"suites 5, 6, 7, -24, 0":   "M 850506073700 5820 0900000000000000000000000000000000000000000000000000000000000000 00",
		"greatest and least suite": "M 8319ffff39ffff02 5820" + g + "00",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := acceptAnySuite(t, message1OfMethod(t, message, "00"))
			require.NoError(t, err)
		})
	}
}

func TestInvalidMessage1(t *testing.T) {
	for _, tt := range []struct {
		name, message string
		kind          Kind
		field         string
	}{
		{"empty", "", ErrMalformed, "METHOD"},
		{"too long", strings.Repeat("00", maxMessage+1), ErrLimit, ""},
		{"method is a byte string", "40 02 5820" + g + "0e", ErrMalformed, "METHOD"},
		{"method 1", "01 02 5820" + g + "0e", ErrMethod, "METHOD"},
		{"method -1", "20 02 5820" + g + "0e", ErrMethod, "METHOD"},
		{"method 2^64-1", "1bffffffffffffffff 02 5820" + g + "0e", ErrMalformed, "METHOD"},
		{"no suites", "00 80 5820" + g + "0e", ErrMalformed, "SUITES_I"},
		{"suite twice", "00 820202 5820" + g + "0e", ErrMalformed, "SUITES_I"},
		{"suite is a byte string", "00 4102 5820" + g + "0e", ErrMalformed, "SUITES_I"},
		{"suites with a byte string", "00 824002 5820" + g + "0e", ErrMalformed, "SUITES_I"},
		{"suite in long form", "00 1802 5820" + g + "0e", ErrMalformed, "SUITES_I"},
		{"suites with one in long form", "00 82180602 5820" + g + "0e", ErrMalformed, "SUITES_I"},
		{"suite 65536", "00 821a0001000002 5820" + g + "0e", ErrMalformed, "SUITES_I"},
		{"suite -65537", "00 823a0001000002 5820" + g + "0e", ErrMalformed, "SUITES_I"},
		{"33 suites", "00 9821" + strings.Repeat("06", 33) + "5820" + g + "0e", ErrMalformed, "SUITES_I"},
		{"key is an integer", "00 02 00 0e", ErrMalformed, "G_X"},
		{"key is in pieces", "00 02 5f5820" + g + "ff0e", ErrMalformed, "G_X"},
		{"no key", "00 02 40 0e", ErrKeyShare, "G_X"},
		{"connection ID is missing", "00 02 5820" + g, ErrMalformed, "C_I"},
		{"connection ID is 24", "00 02 5820" + g + "1818", ErrMalformed, "C_I"},
		{"connection ID is -25", "00 02 5820" + g + "3818", ErrMalformed, "C_I"},
		{"connection ID is an array", "00 02 5820" + g + "80", ErrMalformed, "C_I"},
		{"connection ID is empty", "00 02 5820" + g + "40", ErrConnectionID, "C_I"},
		{"connection ID is a byte that is no integer", "00 02 5820" + g + "4118", ErrConnectionID, "C_I"},
		{"connection ID of two bytes", "00 02 5820" + g + "420000", ErrConnectionID, "C_I"},
		{"padding of one byte", "00 02 5820" + g + "0e 00", ErrEAD, "EAD_1"},
		{"padding of two bytes", "00 02 5820" + g + "0e 0040", ErrEAD, "EAD_1"},
		{"padding of three bytes", "00 02 5820" + g + "0e 0041e9", ErrEAD, "EAD_1"},
		{"EAD that is not critical", "00 02 5820" + g + "0e 01", ErrEAD, "EAD_1"},
		{"EAD that is critical", "00 02 5820" + g + "0e 20", ErrEAD, "EAD_1"},
		{"byte string after the end", "00 02 5820" + g + "0e 40", ErrMalformed, "EAD_1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			message2, err := acceptAnySuite(t, message1OfMethod(t, tt.message, ""))
			requireFault(t, err, tt.kind, tt.field)
			require.Nil(t, message2)
		})
	}
}

func TestInvalidMessage2(t *testing.T) {
	f := newFixture(t, 2, "kid")
	x := f.run(t)
	lowOrder := newFixture(t, 0, "kid")
	for _, tt := range []struct {
		name, message string
		kind          Kind
		field         string
	}{
		{"RFC 9529, 4.1.5: wrong number of elements",
			"5820419701d7f00a26c2dc587a36dd752549f33763c893422c8ea0f955a13a4ff5d54b9862a11de42a95d785386a", ErrMalformed, ""},
		{"empty", "", ErrMalformed, "G_Y_CIPHERTEXT_2"},
		{"array around it", "81 5820" + g, ErrMalformed, "G_Y_CIPHERTEXT_2"},
		{"text string", "78 20" + g, ErrMalformed, "G_Y_CIPHERTEXT_2"},
		{"long form", "59 0020" + g, ErrMalformed, "G_Y_CIPHERTEXT_2"},
		{"shorter than a key", "581f" + g[2:], ErrKeyShare, "G_Y"},
		{"no ciphertext", "5820" + g, ErrMalformed, "C_R"},
		{"point not on the curve", "5821 a04e73601df544a70ba7ea1e57030f7d4b4eb7f673924e58d54ca77a5e7d4d4a 00", ErrKeyShare, "G_Y"},
		{"x is not below p", "5821 ffffffff00000001000000000000000000000000ffffffffffffffffffffffff 00", ErrKeyShare, "G_Y"},
		{"too long", "590400" + strings.Repeat("00", maxMessage), ErrLimit, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i2, err := x.initiator1().ReadMessage2(message1OfMethod(t, tt.message, ""), knows(t, f.r))
			requireFault(t, err, tt.kind, tt.field)
			require.Nil(t, i2)
		})
	}
	t.Run("point of low order", func(t *testing.T) {
		message := fromHex(t, "5821edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f00")
		_, err := lowOrder.run(t).initiator1().ReadMessage2(message, knows(t, lowOrder.r))
		requireFault(t, err, ErrKeyShare, "G_Y")
	})
}

// TestInvalidPlaintext2OfRFC9529 encrypts the plaintexts of RFC 9529 as they
// stand. Decoding comes to each fault before it comes to the MAC of METHOD 3.
func TestInvalidPlaintext2OfRFC9529(t *testing.T) {
	forEachSuite(t, func(t *testing.T, f fixture) {
		x := f.run(t)
		for _, tt := range []struct {
			name, plaintext string
			kind            Kind
			field           string
		}{
			{"4.1.6 surplus map encoding of ID_CRED", "27a10442321048fa5efa2ebf920bf3", ErrMalformed, "ID_CRED_R"},
			{"4.1.7 surplus bstr encoding of ID_CRED", "27413248fa5efa2ebf920bf3", ErrMalformed, "ID_CRED_R"},
			{"4.2.5 error in length of MAC", "273244fa5efa2e", ErrSignature, "Signature_or_MAC_2"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				message2 := f.answer(t, x.message1, func([]byte) []byte { return fromHex(t, tt.plaintext) })
				_, err := x.initiator1().ReadMessage2(message2, knows(t, f.r))
				requireFault(t, err, tt.kind, tt.field)
			})
		}
	})
}

// plaintextFaults change a plaintext in one place. Everything else in it stays
// right, the signature included, which covers ID_CRED_x as a map. The plaintexts
// start with ID_CRED_x, without C_R.
var plaintextFaults = []struct {
	name, form string
	edit       func([]byte) []byte
	kind       Kind
	field      string // _x stands for _R or _I, _n for _2 or _3
}{
	{"surplus map encoding of kid", "kid",
		func(b []byte) []byte { return slices.Concat([]byte{0xa1, 0x04}, b) }, ErrMalformed, "ID_CRED_x"},
	{"surplus map encoding of short kid", "kid of one byte, an integer",
		func(b []byte) []byte { return slices.Concat([]byte{0xa1, 0x04, 0x41}, b) }, ErrMalformed, "ID_CRED_x"},
	{"surplus bstr encoding of kid", "kid of one byte, an integer",
		func(b []byte) []byte { return slices.Concat([]byte{0x41}, b) }, ErrMalformed, "ID_CRED_x"},
	{"integer of two bytes for kid", "kid of one byte, no integer",
		func(b []byte) []byte { return slices.Concat([]byte{0x18}, b[1:]) }, ErrMalformed, "ID_CRED_x"},
	{"kid is an integer in a map", "kid of one byte, an integer",
		func(b []byte) []byte { return slices.Concat([]byte{0xa1, 0x04}, b) }, ErrMalformed, "ID_CRED_x"},
	{"ID_CRED is an empty map", "kid of one byte, an integer",
		func(b []byte) []byte { return slices.Concat([]byte{0xa0}, b[1:]) }, ErrMalformed, "ID_CRED_x"},
	{"ID_CRED is an array", "kid of one byte, an integer",
		func(b []byte) []byte { return slices.Concat([]byte{0x81}, b) }, ErrMalformed, "ID_CRED_x"},
	{"keys of ID_CRED are not in order", "kid and x5t", func(b []byte) []byte {
		kid, x5t := b[1:11], b[11:24]
		return slices.Concat(b[:1], x5t, kid, b[24:])
	}, ErrMalformed, "ID_CRED_x"},
	{"kid in long form", "kid",
		func(b []byte) []byte { return slices.Concat([]byte{0x58}, []byte{8}, b[1:]) }, ErrMalformed, "ID_CRED_x"},
	{"signature is short", "kid", func(b []byte) []byte {
		return dcbor.AppendBytes(b[:9:9], b[11:11+63])
	}, ErrSignature, "Signature_or_MAC_n"},
	{"signature is long", "kid", func(b []byte) []byte {
		return dcbor.AppendBytes(b[:9:9], append(b[11:11+64:11+64], 0))
	}, ErrSignature, "Signature_or_MAC_n"},
	{"signature is empty", "kid",
		func(b []byte) []byte { return append(b[:9:9], 0x40) }, ErrSignature, "Signature_or_MAC_n"},
	{"signature is a text string", "kid", func(b []byte) []byte { b[9] = 0x78; return b }, ErrMalformed, "Signature_or_MAC_n"},
	{"signature is missing", "kid", func(b []byte) []byte { return b[:9] }, ErrMalformed, "Signature_or_MAC_n"},
	{"one bit of the signature", "kid", func(b []byte) []byte { b[len(b)-1] ^= 1; return b }, ErrSignature, "Signature_or_MAC_n"},
	{"padding of one byte", "kid", func(b []byte) []byte { return append(b, 0) }, ErrEAD, "EAD_n"},
	{"padding of three bytes", "kid", func(b []byte) []byte { return append(b, 0, 0x41, 0xe9) }, ErrEAD, "EAD_n"},
	{"EAD that is not critical", "kid", func(b []byte) []byte { return append(b, 1, 0x40) }, ErrEAD, "EAD_n"},
	{"EAD that is critical", "kid", func(b []byte) []byte { return append(b, 0x20) }, ErrEAD, "EAD_n"},
	{"byte string after the end", "kid", func(b []byte) []byte { return append(b, 0x40) }, ErrMalformed, "EAD_n"},
	{"empty", "kid", func([]byte) []byte { return nil }, ErrMalformed, "ID_CRED_x"},
}

func TestInvalidPlaintext2(t *testing.T) {
	for _, tt := range plaintextFaults {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t, 0, tt.form)
			x := f.run(t)
			field := strings.NewReplacer("_x", "_R", "_n", "_2").Replace(tt.field)

			valid := f.answer(t, x.message1, unchanged)
			_, err := x.initiator1().ReadMessage2(valid, knows(t, f.r))
			require.NoError(t, err)

			invalid := f.answer(t, x.message1, func(b []byte) []byte {
				return slices.Concat(b[:1], tt.edit(bytes.Clone(b[1:])))
			})
			_, err = x.initiator1().ReadMessage2(invalid, knows(t, f.r))
			requireFault(t, err, tt.kind, field)
		})
	}
}

func TestInvalidPlaintext3(t *testing.T) {
	for _, tt := range plaintextFaults {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t, 0, tt.form)
			x := f.run(t)
			field := strings.NewReplacer("_x", "_I", "_n", "_3").Replace(tt.field)

			valid := f.finish(t, x.i2, unchanged)
			_, err := x.responder1().ReadMessage3(valid, knows(t, f.i))
			require.NoError(t, err)

			invalid := f.finish(t, x.i2, func(b []byte) []byte { return tt.edit(bytes.Clone(b)) })
			_, err = x.responder1().ReadMessage3(invalid, knows(t, f.i))
			requireFault(t, err, tt.kind, field)
		})
	}
}

func TestInvalidConnectionIDInPlaintext2(t *testing.T) {
	f := newFixture(t, 0, "kid")
	x := f.run(t)
	for _, tt := range []struct {
		name, cR string
		kind     Kind
	}{
		{"surplus bstr encoding", "4100", ErrMalformed},
		{"integer of two bytes", "1818", ErrMalformed},
		{"array", "8100", ErrMalformed},
		{"byte string", "4118", ErrConnectionID},
		{"empty byte string", "40", ErrConnectionID},
		{"another integer than was signed", "01", ErrSignature},
	} {
		t.Run(tt.name, func(t *testing.T) {
			message2 := f.answer(t, x.message1, func(b []byte) []byte { return slices.Concat(fromHex(t, tt.cR), b[1:]) })
			_, err := x.initiator1().ReadMessage2(message2, knows(t, f.r))
			field := "C_R"
			if tt.kind == ErrSignature {
				field = "Signature_or_MAC_2"
			}
			requireFault(t, err, tt.kind, field)
		})
	}
}

func TestInvalidMessage3(t *testing.T) {
	f := newFixture(t, 0, "kid")
	x := f.run(t)
	for _, tt := range []struct {
		name    string
		message []byte
		kind    Kind
		field   string
	}{
		{"empty", nil, ErrMalformed, "CIPHERTEXT_3"},
		{"array around it", slices.Concat([]byte{0x81}, x.message3), ErrMalformed, "CIPHERTEXT_3"},
		{"two of them", slices.Concat(x.message3, x.message3), ErrMalformed, ""},
		{"no ciphertext", []byte{0x40}, ErrDecrypt, "CIPHERTEXT_3"},
		{"shorter than a tag", []byte{0x47, 0, 0, 0, 0, 0, 0, 0}, ErrDecrypt, "CIPHERTEXT_3"},
		{"too long", slices.Concat([]byte{0x59, 0x04, 0x00}, make([]byte, maxMessage)), ErrLimit, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			exporter, err := x.responder1().ReadMessage3(tt.message, knows(t, f.i))
			requireFault(t, err, tt.kind, tt.field)
			require.Nil(t, exporter)
		})
	}
}

func TestSplitMessage3(t *testing.T) {
	x := newFixture(t, 0, "kid").run(t)
	for _, rest := range []string{"010203040506070809", "ffffffffffffffffffff"} {
		message3, after, err := SplitMessage3(slices.Concat(x.message3, fromHex(t, rest)))
		require.NoError(t, err)
		require.Equal(t, x.message3, message3)
		require.Equal(t, fromHex(t, rest), after)
		require.Equal(t, len(message3), cap(message3))
	}
	for n := range x.message3 {
		_, _, err := SplitMessage3(x.message3[:n])
		requireFault(t, err, ErrMalformed, "CIPHERTEXT_3")
	}
	for n := range ChannelOverhead + 1 { // no request is so short
		_, _, err := SplitMessage3(append(bytes.Clone(x.message3), make([]byte, n)...))
		requireFault(t, err, ErrMalformed, "")
	}
	_, _, err := SplitMessage3([]byte{0x00, 0x40})
	requireFault(t, err, ErrMalformed, "CIPHERTEXT_3")
	_, _, err = SplitMessage3(make([]byte, maxMessage+1))
	requireFault(t, err, ErrLimit, "")
}
